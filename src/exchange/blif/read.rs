//! Lines to nodes. A statement goes on behind `\` at the end of a line; `#` begins a comment.

use crate::diagnostic::{FileId, Span};
use crate::exchange::netlist::{Read, Wires};
use crate::exchange::problems;
use crate::exchange::value::Value;
use crate::exchange::words::{Word, lines};
use crate::text::plural;

pub(in crate::exchange) fn read(text: &str, file: FileId) -> Read {
    let mut reader = Reader { wires: Wires::new(file), model: None, cover: None };
    for statement in statements(text, file) {
        if reader.wires.is_given_up() || !reader.statement(&statement) {
            break;
        }
    }
    reader.close();
    reader.wires.finish()
}

/// Lines that `\` does not join, each as its words.
fn statements(text: &str, file: FileId) -> impl Iterator<Item = Vec<Word<'_>>> {
    let mut lines = lines(text, Some('#'), file);
    std::iter::from_fn(move || {
        let mut words = Vec::new();
        let mut line = lines.next()?;
        while let Some(joined) = line.text.trim_end().strip_suffix('\\') {
            words.extend(line.part(0, joined.len()).words());
            match lines.next() {
                Some(next) => line = next,
                None => return Some(words),
            }
        }
        words.extend(line.words());
        Some(words)
    })
}

struct Reader<'a> {
    wires: Wires,
    model: Option<Span>,
    cover: Option<Cover<'a>>,
}

/// A `.names` whose rows follow.
struct Cover<'a> {
    head: Span,
    inputs: Vec<usize>,
    target: Word<'a>,
    output: usize,
    rows: Vec<Word<'a>>,
    /// Whether rows say where it is on, and the one that says so first.
    is_on: Option<(bool, Span)>,
}

/// What says how fast, how large or how a circuit is drawn, and not what it computes.
const OF_NO_CONCERN: &[&str] = &[
    ".area",
    ".attr",
    ".cname",
    ".default_input_arrival",
    ".default_input_drive",
    ".default_max_input_load",
    ".default_output_load",
    ".default_output_required",
    ".delay",
    ".input_arrival",
    ".input_drive",
    ".max_input_load",
    ".output_load",
    ".output_required",
    ".param",
    ".search_path",
    ".wire",
    ".wire_load_slope",
];

const COMB: &str = "cut the circuit at its state, so that what is stored is an input and what is stored next an \
                    output: abc -c \"read x.blif; comb; write_blif y.blif\"";

impl<'a> Reader<'a> {
    /// Whether more is to be read.
    fn statement(&mut self, words: &[Word<'a>]) -> bool {
        let Some(first) = words.first() else { return true };
        if !first.text.starts_with('.') {
            self.row(words);
            return true;
        }
        self.close();
        let span = first.span.to(words[words.len() - 1].span);
        let rest = &words[1..];
        match first.text {
            ".model" => return self.model(first, rest),
            ".inputs" => rest.iter().for_each(|word| self.wires.input(word.text, word.span)),
            ".outputs" => rest.iter().for_each(|word| self.wires.output(word.text, word.span)),
            ".names" => self.open(span, rest),
            ".conn" | ".barbuf" => self.wire(span, rest),
            ".end" => return false,
            ".exdc" => {
                self.wires.found.push(problems::ignored(
                    first.span,
                    ".exdc",
                    "what it does not care for is as the covers say",
                ));
                return false;
            }
            ".latch" | ".mlatch" => self.refuse(first, rest, "is a latch, and a circuit here has no state", COMB),
            ".clock" => self.refuse(first, &[], "is of a circuit with state", COMB),
            ".subckt" => self.refuse(
                first,
                rest,
                "is another model",
                "put all into one model first: abc -c \"read x.blif; strash; write_blif y.blif\"",
            ),
            ".gate" => self.refuse(
                first,
                rest,
                "is a cell of a library",
                "write the cells as covers first: abc -c \"read_library cells.genlib; read x.blif; unmap; \
                 write_blif y.blif\"",
            ),
            word if OF_NO_CONCERN.contains(&word) => {}
            word => self.wires.found.push(problems::malformed(
                first.span,
                format!("`{word}` is no statement of BLIF"),
                "not known",
                "a model has `.model`, `.inputs`, `.outputs`, `.names` with rows below it, and `.end`",
            )),
        }
        true
    }

    fn refuse(&mut self, word: &Word, rest: &[Word], label: &str, help: &str) {
        let of = if matches!(word.text, ".subckt" | ".gate") { rest.first() } else { rest.get(1) };
        let of = of.map_or(String::new(), |name| format!(" `{}`", crate::text::shown(name.text)));
        self.wires.found.push(problems::not_flat(word.span, format!("`{}`{of}", word.text), label, help));
    }

    fn model(&mut self, word: &Word, rest: &[Word]) -> bool {
        if self.model.is_some() {
            self.wires.found.push(problems::not_flat(
                word.span,
                "a second `.model`",
                "one is a circuit, several are its parts",
                "put all into one model first: abc -c \"read x.blif; strash; write_blif y.blif\"",
            ));
            return false;
        }
        self.model = Some(word.span);
        self.wires.netlist.name = rest.first().map(|name| name.text.to_owned());
        true
    }

    fn open(&mut self, head: Span, words: &[Word<'a>]) {
        let Some((target, inputs)) = words.split_last() else {
            self.wires.found.push(problems::malformed(
                head,
                "`.names` without a name",
                "what does it define?",
                "write `.names a b y`: what is read, then what is defined",
            ));
            return;
        };
        let inputs = inputs.iter().map(|word| self.wires.signal(word.text, word.span)).collect();
        let output = self.wires.signal(target.text, target.span);
        self.cover = Some(Cover { head, inputs, target: *target, output, rows: Vec::new(), is_on: None });
    }

    /// One signal under another name.
    fn wire(&mut self, span: Span, words: &[Word]) {
        let [from, to] = words else {
            self.wires.found.push(problems::malformed(
                span,
                "a connection has two ends",
                "not two names",
                "write `.conn from to`",
            ));
            return;
        };
        let from = self.wires.signal(from.text, from.span);
        let signal = self.wires.signal(to.text, to.span);
        self.wires.node(signal, to.span, Value::Signal(from), span);
    }

    fn row(&mut self, words: &[Word<'a>]) {
        let span = words[0].span.to(words[words.len() - 1].span);
        let wrong = |headline: String, label: &str| {
            problems::malformed(
                span,
                headline,
                label,
                "a row has `0`, `1` or `-` for each input of its `.names`, a space, and `1` or `0`",
            )
        };
        let Some(cover) = &mut self.cover else {
            self.wires.found.push(wrong("a row without `.names`".into(), "belongs to nothing"));
            return;
        };
        let n_inputs = cover.inputs.len();
        let (plane, value) = match words {
            [value] if n_inputs == 0 => (value.part(0, 0), value),
            [plane, value] if n_inputs > 0 => (*plane, value),
            _ => {
                let found = plural(words.len() as u64, "word");
                self.wires.found.push(wrong(format!("a row of {found}"), "not a row of its `.names`"));
                return;
            }
        };
        if plane.text.len() != n_inputs || !plane.text.bytes().all(|byte| matches!(byte, b'0' | b'1' | b'-')) {
            let n_inputs = plural(n_inputs as u64, "input");
            self.wires.found.push(wrong(format!("no row of {n_inputs}"), "not as many of `0`, `1` and `-`"));
            return;
        }
        let is_on = match value.text {
            "1" => true,
            "0" => false,
            _ => {
                self.wires.found.push(wrong("a row that ends in neither `1` nor `0`".into(), "on or off?"));
                return;
            }
        };
        let (known, first) = *cover.is_on.get_or_insert((is_on, span));
        if known != is_on {
            self.wires
                .found
                .push(wrong("rows for both on and off".into(), "the first says the other").related(first, "said here"));
            return;
        }
        cover.rows.push(plane);
    }

    /// What the rows of the last `.names` say.
    fn close(&mut self) {
        let Some(cover) = self.cover.take() else { return };
        let is_on = cover.is_on.is_none_or(|(is_on, _)| is_on);
        let rows = cover.rows.iter().filter_map(|row| literals_of(row.text, &cover.inputs));
        let value = Value::cover(rows.collect(), is_on);
        self.wires.node(cover.output, cover.target.span, value, cover.head);
    }
}

/// The literals of a row; `None` if it asks for a signal that is both on and off.
fn literals_of(row: &str, inputs: &[usize]) -> Option<Vec<Value>> {
    let mut literals: Vec<(usize, bool)> = inputs
        .iter()
        .zip(row.bytes())
        .filter(|(_, byte)| *byte != b'-')
        .map(|(&input, byte)| (input, byte == b'0'))
        .collect();
    let mut sorted = literals.clone();
    sorted.sort_unstable();
    sorted.dedup();
    if sorted.windows(2).any(|pair| pair[0].0 == pair[1].0) {
        return None;
    }
    if sorted.len() < literals.len() {
        literals = sorted;
    }
    Some(literals.into_iter().map(|(input, negated)| Value::literal(input, negated)).collect())
}
