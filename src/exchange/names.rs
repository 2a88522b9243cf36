//! What the signals of a netlist are called in the language: as they are, where that is a name, and otherwise by a name
//! that is made.
//!
//! `x[0]`, `x[1]`, … are the members of an array: of inputs where none is missing; of gates always, which may have
//! gaps.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::netlist::{Named, Netlist};
use crate::diagnostic::Span;
use crate::syntax::words;

/// All names of an imported circuit.
pub(super) struct Names {
    /// Of the circuit and of the sub-circuit.
    pub circuit: String,
    /// By signal, inside the sub-circuit.
    pub signals: Vec<String>,
    /// Features, and what the sub-circuit takes.
    pub parameters: Vec<Declared>,
    /// What it gives, and what that is called outside, in the same order.
    pub results: Vec<Declared>,
    pub targets: Vec<String>,
    /// Outputs that are copies of inputs, of other outputs, or of what is on when they are off.
    pub copies: Vec<Copy>,
    /// The outputs outside, each array once.
    pub outputs: Vec<String>,
    /// Names that were made, and what they stand for.
    pub renamed: Vec<(String, String)>,
}

pub(super) struct Declared {
    pub name: String,
    pub dimensions: Vec<u32>,
    pub span: Span,
}

pub(super) struct Copy {
    /// Inside the sub-circuit.
    pub name: String,
    /// Its index among those of the netlist.
    pub output: usize,
}

/// `x[3][1]`: a name of the language, and indices.
fn split(text: &str) -> Option<(&str, Vec<u32>)> {
    let (base, rest) = text.split_at(text.find('[').unwrap_or(text.len()));
    let mut indices = Vec::new();
    let mut rest = rest;
    while let Some(inner) = rest.strip_prefix('[') {
        let (index, behind) = inner.split_once(']')?;
        let is_canonical = index == "0" || !index.starts_with('0');
        if !is_canonical || index.len() > MAX_DIGITS || !index.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        indices.push(index.parse().ok()?);
        rest = behind;
    }
    (rest.is_empty() && is_name(base)).then_some((base, indices))
}

/// Longer indices are no arrays' that anybody fills.
const MAX_DIGITS: usize = 7;

fn is_name(text: &str) -> bool {
    let begins = text.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_');
    begins && text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_') && !words::is_reserved(text)
}

/// The nearest thing to a name: other characters become `_`.
fn stem_of(text: &str) -> String {
    let parts = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    let stem = parts.join("_");
    if stem.is_empty() || stem.starts_with(|letter: char| letter.is_ascii_digit()) {
        return format!("n{stem}");
    }
    if words::is_reserved(&stem) { stem + "_" } else { stem }
}

/// The names of one kind (inputs, outputs, inner signals) by what stands before their indices.
#[derive(Default)]
struct Family {
    members: usize,
    ranks: HashSet<usize>,
    lengths: Vec<u32>,
    is_doubled: bool,
}

impl Family {
    fn is_scalar(&self) -> bool {
        self.ranks.contains(&0)
    }

    /// Whether each name is another member of one array, or the only scalar.
    fn is_one(&self) -> bool {
        self.ranks.len() == 1 && !self.is_doubled && (!self.is_scalar() || self.members == 1)
    }

    fn is_complete(&self) -> bool {
        let volume = self.lengths.iter().try_fold(1_u64, |volume, &length| volume.checked_mul(length.into()));
        self.is_one() && volume == Some(self.members as u64)
    }
}

fn families<'a>(names: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, Family> {
    let mut families: BTreeMap<&str, Family> = BTreeMap::new();
    let mut seen = HashSet::new();
    for name in names {
        let Some((base, indices)) = split(name) else { continue };
        let family = families.entry(base).or_default();
        family.members += 1;
        family.is_doubled |= !seen.insert(name);
        family.ranks.insert(indices.len());
        family.lengths.resize(family.lengths.len().max(indices.len()), 0);
        for (length, index) in family.lengths.iter_mut().zip(indices) {
            *length = (*length).max(index + 1);
        }
    }
    families
}

/// Names that stand already, and how often a stem was tried.
#[derive(Default)]
struct Taken {
    names: HashSet<String>,
    tries: HashMap<String, u32>,
}

impl Taken {
    /// A name that nothing has, as near to the text as there is.
    fn make(&mut self, text: &str) -> String {
        let stem = stem_of(text);
        let n_tries = self.tries.entry(stem.clone()).or_insert(0);
        loop {
            *n_tries += 1;
            let name = if *n_tries == 1 { stem.clone() } else { format!("{stem}_{n_tries}") };
            if self.names.insert(name.clone()) {
                return name;
            }
        }
    }
}

impl Names {
    pub fn of(netlist: &Netlist, model: &str) -> Names {
        let circuit = stem_of(model);
        let circuit = if words::function(&circuit).is_some() || circuit == "pick" { circuit + "_" } else { circuit };
        let renamed = if circuit == model { Vec::new() } else { vec![(circuit.clone(), model.to_owned())] };
        let n_signals = netlist.signals.len();
        // An output's node is called as the output.
        let mut claimed: Vec<Option<usize>> = vec![None; n_signals];
        let mut is_node = vec![false; n_signals];
        netlist.nodes.iter().for_each(|node| is_node[node.signal] = true);
        for (index, output) in netlist.outputs.iter().enumerate() {
            if is_node[output.signal] && !output.negated {
                claimed[output.signal].get_or_insert(index);
            }
        }
        let inner: Vec<usize> =
            netlist.nodes.iter().map(|node| node.signal).filter(|&signal| claimed[signal].is_none()).collect();
        let text = |signal: &usize| netlist.signals[*signal].text.as_str();
        let mut taken = Taken::default();
        let mut inputs = families(netlist.inputs.iter().map(text));
        inputs.retain(|_, family| family.is_complete());
        taken.names.extend(inputs.keys().map(|base| base.to_string()));
        let mut outputs = families(netlist.outputs.iter().map(|output| output.name.text.as_str()));
        outputs.retain(|base, family| family.is_one() && !taken.names.contains(*base));
        taken.names.extend(outputs.keys().map(|base| base.to_string()));
        let mut within = families(inner.iter().map(text));
        within.retain(|base, family| family.is_one() && !taken.names.contains(*base));
        taken.names.extend(within.keys().map(|base| base.to_string()));

        let mut names = Names {
            circuit,
            signals: vec![String::new(); n_signals],
            parameters: Vec::new(),
            results: Vec::new(),
            targets: Vec::new(),
            copies: Vec::new(),
            outputs: Vec::new(),
            renamed,
        };
        names.name_inputs(netlist, &inputs, &mut taken);
        names.name_outputs(netlist, &outputs, &claimed, &mut taken);
        for signal in inner {
            let named = &netlist.signals[signal];
            let is_kept = split(&named.text).is_some_and(|(base, _)| within.contains_key(base));
            names.signals[signal] = if is_kept { named.text.clone() } else { names.made(named, &mut taken) };
        }
        names
    }

    /// A name that is made, and noted if it is another one.
    fn made(&mut self, named: &Named, taken: &mut Taken) -> String {
        let made = taken.make(&named.text);
        if made != named.text && !named.is_made {
            self.renamed.push((made.clone(), named.text.clone()));
        }
        made
    }

    fn name_inputs(&mut self, netlist: &Netlist, families: &BTreeMap<&str, Family>, taken: &mut Taken) {
        let mut declared = HashSet::new();
        for &signal in &netlist.inputs {
            let named = &netlist.signals[signal];
            let kept = split(&named.text).and_then(|(base, _)| families.get_key_value(base));
            let (name, base, dimensions) = match kept {
                Some((base, family)) => (named.text.clone(), base.to_string(), family.lengths.clone()),
                None => {
                    let made = self.made(named, taken);
                    (made.clone(), made, Vec::new())
                }
            };
            self.signals[signal] = name;
            if declared.insert(base.clone()) {
                self.parameters.push(Declared { name: base, dimensions, span: named.span });
            }
        }
    }

    fn name_outputs(
        &mut self,
        netlist: &Netlist,
        families: &BTreeMap<&str, Family>,
        claimed: &[Option<usize>],
        taken: &mut Taken,
    ) {
        let (mut declared, mut shown) = (HashSet::new(), HashSet::new());
        for (index, output) in netlist.outputs.iter().enumerate() {
            let named = &output.name;
            let kept = split(&named.text).and_then(|(base, _)| families.get_key_value(base));
            // Inside, outside, what is declared inside, and what is put out.
            let (name, target, dimensions, shown_as) = match kept {
                Some((base, family)) if family.is_complete() => {
                    (named.text.clone(), base.to_string(), family.lengths.clone(), base.to_string())
                }
                // An array with gaps can be gates', but no result.
                Some((base, _)) => (taken.make(&named.text), named.text.clone(), Vec::new(), base.to_string()),
                None => {
                    // An input that is put out.
                    let is_taken = !named.is_made && taken.names.contains(&named.text);
                    let text = if is_taken { format!("{}_out", named.text) } else { named.text.clone() };
                    let made = taken.make(&text);
                    if made != named.text && !named.is_made {
                        self.renamed.push((made.clone(), named.text.clone()));
                    }
                    (made.clone(), made.clone(), Vec::new(), made)
                }
            };
            if declared.insert(target.clone()) {
                let result = if dimensions.is_empty() { name.clone() } else { target.clone() };
                self.results.push(Declared { name: result, dimensions, span: named.span });
                self.targets.push(target);
            }
            if shown.insert(shown_as.clone()) {
                self.outputs.push(shown_as);
            }
            match claimed[output.signal] {
                Some(claimant) if claimant == index => self.signals[output.signal] = name,
                _ => self.copies.push(Copy { name, output: index }),
            }
        }
    }
}
