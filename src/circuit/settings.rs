//! The `network`, `require` and `output` statements: names looked up, values checked, each setting once.
//!
//! Must not know what a construction does: it knows the names alone.

use std::collections::{HashMap, HashSet};

use super::elaborate::{Expansion, Plan, named_signals};
use super::problems::{self, Problems};
use super::{Bound, Decoder, Dictionary, GateId, Limits, Metric, Requirement, Settings, Store, Width, distribution};
use crate::diagnostic::{Sources, Span, suggest};
use crate::syntax::ast::{self, Ast, Comparison, Expr, Item, Setting, WidthSetting};

/// The constructions that a `network` block and `--construction` may name.
pub const CONSTRUCTIONS: [&str; 2] = ["channels", "universal"];

/// Inputs that `samples` and `--samples` may ask for.
pub const MAX_SAMPLES: u64 = u32::MAX as u64;

const DICTIONARIES: [&str; 2] = ["gaussian", "rademacher"];
const DECODERS: [&str; 2] = ["linear", "transpose"];
const METRICS: [&str; 3] = ["reliability", "output_reliability", "error"];

/// Unknown layers for which a name that was meant is looked for: it takes a pass over all layers.
const MAX_SUGGESTIONS: usize = 10;

/// Each setting of the block, once: where it was met first, by what messages call it.
#[derive(Default)]
struct Once {
    seen: HashMap<String, Span>,
}

impl Once {
    fn first(&mut self, what: &str, span: Span, problems: &mut Problems) {
        match self.seen.get(what) {
            Some(&first) => problems.report(problems::duplicate_setting(span, what, first)),
            None => {
                self.seen.insert(what.to_string(), span);
            }
        }
    }
}

fn settings(main: &Ast) -> impl Iterator<Item = &Setting> {
    let blocks = main.items.iter().filter_map(|item| match item {
        Item::Network { settings, .. } => Some(settings),
        _ => None,
    });
    blocks.take(1).flatten()
}

/// The settings that need no signals and no layers: picks need the seed before there are any.
pub(crate) fn fixed(plan: &Plan<'_>, main: &Ast, problems: &mut Problems) -> Settings {
    let mut result = Settings::default();
    let mut once = Once::default();
    for setting in settings(main) {
        match setting {
            Setting::Width { layer: None, width, span } => {
                once.first(setting.word(), *span, problems);
                result.width = width_of(plan, width, *span, problems);
            }
            Setting::Width { layer: Some(layer), span, .. } => {
                once.first(&format!("{} {}", setting.word(), layer.text), *span, problems);
            }
            Setting::Number { word, value, span } => {
                once.first(&word.text, *span, problems);
                let mut number = |range, allowed| within(plan, value, range, (&word.text, allowed), *span, problems);
                match word.text.as_str() {
                    "optimize" => result.optimize = number((0, 2), "0, 1 or 2").map(|level| level as u8),
                    "seed" => result.seed = number((0, i64::MAX), "at least 0").unwrap_or(0) as u64,
                    _ => {
                        let samples = number((1, MAX_SAMPLES as i64), "between 1 and 2^32 - 1");
                        result.samples = samples.map(|samples| samples as u64);
                    }
                }
            }
            Setting::Choice { word, name, span } => {
                once.first(&word.text, *span, problems);
                if word.text == "construction" {
                    if !CONSTRUCTIONS.contains(&name.text.as_str()) {
                        problems.report(problems::unknown_construction(name.span, &name.text, &CONSTRUCTIONS));
                    }
                    result.construction = Some((name.text.clone(), name.span));
                    continue;
                }
                result.decoder = match name.text.as_str() {
                    "linear" => Some(Decoder::Linear),
                    "transpose" => Some(Decoder::Transpose),
                    other => {
                        problems.report(problems::unknown_decoder(name.span, other, &DECODERS));
                        None
                    }
                };
            }
            Setting::Store { .. } => {}
        }
    }
    result
}

/// Completes the settings with what speaks of layers and features.
pub(crate) fn with_layers(
    fixed: Settings,
    plan: &Plan<'_>,
    expansion: &Expansion,
    main: &Ast,
    layer_names: &[String],
    problems: &mut Problems,
) -> Settings {
    let mut result = fixed;
    let mut stored: Vec<Option<Span>> = vec![None; plan.n_features as usize];
    let layers: HashMap<&str, u32> = layer_names.iter().map(String::as_str).zip(0..).collect();
    let mut n_unknown = 0;
    for setting in settings(main) {
        match setting {
            Setting::Width { layer: Some(layer), width, span } => {
                let width = width_of(plan, width, *span, problems);
                let Some(&at) = layers.get(layer.text.as_str()) else {
                    n_unknown += 1;
                    let names = layer_names.iter().map(String::as_str);
                    let meant = (n_unknown <= MAX_SUGGESTIONS).then(|| suggest(&layer.text, names)).flatten();
                    problems.report(problems::unknown_layer(layer.span, &layer.text, layer_names, meant));
                    continue;
                };
                if let Some(width) = width {
                    result.layer_widths.push((at, width));
                }
            }
            Setting::Store { of, dimensions, dictionary, span } => {
                let allowed = ("store … in", "between 1 and 2^20");
                let dimensions = within(plan, dimensions, (1, 1 << 20), allowed, *span, problems);
                let dictionary = match dictionary.text.as_str() {
                    "gaussian" => Some(Dictionary::Gaussian),
                    "rademacher" => Some(Dictionary::Rademacher),
                    other => {
                        problems.report(problems::unknown_dictionary(dictionary.span, other, &DICTIONARIES));
                        None
                    }
                };
                let mut features: Vec<u32> = Vec::new();
                for reference in of {
                    let Some(named) = distribution::features_of(plan, expansion, reference, problems) else { continue };
                    for feature in named.signals {
                        if let Some(first) = stored[feature as usize] {
                            let name = distribution::feature_name(plan, feature);
                            problems.report(problems::stored_twice(reference.span, &name, first));
                            break;
                        }
                        stored[feature as usize] = Some(reference.span);
                        features.push(feature);
                    }
                }
                features.sort_unstable();
                if let (Some(dimensions), Some(dictionary)) = (dimensions, dictionary) {
                    let dimensions = dimensions as u32;
                    result.stores.push(Store { features, dimensions, dictionary, span: *span });
                }
            }
            _ => {}
        }
    }
    result
}

fn width_of(plan: &Plan<'_>, width: &WidthSetting, span: Span, problems: &mut Problems) -> Option<Width> {
    match width {
        WidthSetting::Auto => Some(Width::Auto),
        WidthSetting::Neurons(neurons) => {
            let allowed = ("width", "between 1 and 2^20");
            within(plan, neurons, (1, 1 << 20), allowed, span, problems).map(|neurons| Width::Neurons(neurons as u32))
        }
    }
}

/// The value of a setting within `least..=most`.
fn within(
    plan: &Plan<'_>,
    expr: &Expr,
    (least, most): (i64, i64),
    (what, allowed): (&str, &str),
    span: Span,
    problems: &mut Problems,
) -> Option<i64> {
    let value = plan.scopes.integer(0, expr, problems)?;
    if (least..=most).contains(&value) {
        return Some(value);
    }
    problems.report(problems::bad_setting(span, what, value, allowed));
    None
}

/// The gates, as made, that the `output` statements name; `None` when there is no such statement.
pub(crate) fn outputs(
    plan: &Plan<'_>,
    expansion: &Expansion,
    main: &Ast,
    limits: &Limits,
    problems: &mut Problems,
) -> Option<Vec<u32>> {
    let mut gates: Option<Vec<u32>> = None;
    let mut enough = 1 << 16;
    let mut n_named = 0;
    let mut named_whole: HashSet<&str> = HashSet::new();
    for item in &main.items {
        let Item::Output { signals, .. } = item else { continue };
        let gates = gates.get_or_insert_default();
        for reference in signals {
            if named_whole.contains(reference.name.text.as_str()) && reference.indices.is_empty() {
                continue;
            }
            let Some(named) = named_signals(plan, expansion, reference, problems) else { continue };
            if named.is_feature {
                problems.report(problems::output_feature(reference.span, &reference.name.text));
                continue;
            }
            if reference.indices.is_empty() {
                named_whole.insert(&reference.name.text);
            }
            n_named += named.signals.len() as u64;
            if n_named > limits.max_operands {
                problems.report(problems::too_many_operands(reference.span, limits.max_operands));
                return Some(std::mem::take(gates));
            }
            gates.extend(named.signals.iter().map(|signal| signal - expansion.n_features));
            if gates.len() > enough {
                // The same array may be named again and again.
                gates.sort_unstable();
                gates.dedup();
                enough = (2 * gates.len()).max(1 << 16);
            }
        }
    }
    gates
}

/// The lines of `require`, their gates as made.
pub(crate) fn requirements(
    plan: &Plan<'_>,
    expansion: &Expansion,
    main: &Ast,
    sources: &Sources,
    limits: &Limits,
    problems: &mut Problems,
) -> Vec<Requirement> {
    let blocks = main.items.iter().filter_map(|item| match item {
        Item::Require { requirements, .. } => Some(requirements),
        _ => None,
    });
    let mut result = Vec::new();
    let mut n_named = 0;
    for requirement in blocks.flatten() {
        let metric = metric(plan, expansion, requirement, problems);
        let comparison = match requirement.comparison {
            Comparison::Less => Some((Bound::Less, "<")),
            Comparison::LessEqual => Some((Bound::LessEqual, "<=")),
            Comparison::Greater => Some((Bound::Greater, ">")),
            Comparison::GreaterEqual => Some((Bound::GreaterEqual, ">=")),
            Comparison::Equal | Comparison::NotEqual => {
                problems.report(problems::bad_comparison(requirement.span));
                None
            }
        };
        if let (Some(Metric::Error(Some(gates))), Some(of)) = (&metric, &requirement.of) {
            n_named += gates.len() as u64;
            // Each line keeps the gates that it names, and may name the same array as the line before.
            if n_named > limits.max_operands {
                problems.report(problems::too_many_operands(of.span, limits.max_operands));
                break;
            }
        }
        let (Some(metric), Some((comparison, sign))) = (metric, comparison) else { continue };
        let of = requirement.of.as_ref().map_or(String::new(), |of| format!("({})", canonical(sources, of.span)));
        let text = format!("{}{of} {sign} {}", requirement.metric.text, requirement.bound.text);
        result.push(Requirement { metric, comparison, bound: requirement.bound.value, text, span: requirement.span });
    }
    result
}

fn metric(
    plan: &Plan<'_>,
    expansion: &Expansion,
    requirement: &ast::Requirement,
    problems: &mut Problems,
) -> Option<Metric> {
    let name = &requirement.metric;
    let metric = match name.text.as_str() {
        "reliability" => Metric::Reliability,
        "output_reliability" => Metric::OutputReliability,
        "error" => {
            let Some(of) = &requirement.of else { return Some(Metric::Error(None)) };
            let named = named_signals(plan, expansion, of, problems)?;
            if named.is_feature {
                problems.report(problems::feature_for_gate(of.span, &of.name.text));
                return None;
            }
            let gates = named.signals.iter().map(|signal| GateId(signal - expansion.n_features));
            return Some(Metric::Error(Some(gates.collect())));
        }
        other => {
            problems.report(problems::unknown_metric(name.span, other, &METRICS));
            return None;
        }
    };
    if let Some(of) = &requirement.of {
        problems.report(problems::metric_of_nothing(of.span, &name.text));
        return None;
    }
    Some(metric)
}

/// The source text without white space.
fn canonical(sources: &Sources, span: Span) -> String {
    let text = sources.files.get(span.file.0 as usize).map_or("", |file| file.text.as_str());
    text.get(span.start as usize..span.end as usize).unwrap_or("").split_whitespace().collect()
}

impl Requirement {
    /// Its gates, from their number as made to their place.
    pub(crate) fn moved(mut self, places: &[u32]) -> Requirement {
        if let Metric::Error(Some(gates)) = &mut self.metric {
            gates.iter_mut().for_each(|gate| gate.0 = places[gate.0 as usize]);
            gates.sort_unstable();
        }
        self
    }
}
