//! The `network` block: names looked up, values checked, each setting once.
//!
//! Must not know what a construction or a dictionary does: it asks whether there is one so called, and whether a
//! dictionary has vectors enough.

use std::collections::HashMap;

use super::named::features_of;
use crate::compile;
use crate::diagnostic::{Diagnostic, Span};
use crate::elaborate::expand::Expansion;
use crate::elaborate::features::feature_name;
use crate::elaborate::layer_names::LayerNames;
use crate::elaborate::problems::{self, Problems};
use crate::elaborate::resolved::Resolved;
use crate::program::problems::unknown_dictionary;
use crate::program::{Activation, Decoder, Level, MAX_SAMPLES, Mix, Settings, Sides, Store, Width};
use crate::syntax::ast::{Ast, Expr, Item, Name, Setting, WidthSetting};

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

pub(in crate::elaborate) fn settings(main: &Ast) -> impl Iterator<Item = &Setting> {
    let blocks = main.items.iter().filter_map(|item| match item {
        Item::Network { settings, .. } => Some(settings),
        _ => None,
    });
    blocks.take(1).flatten()
}

/// Where the file says that layers add to a stream.
pub(in crate::elaborate) fn residual_setting(main: &Ast) -> Option<Span> {
    settings(main).find_map(|setting| match setting {
        Setting::Stream { span, .. } => Some(*span),
        _ => None,
    })
}

/// A setting of one integer: what it may be, and where it goes.
struct Number {
    word: &'static str,
    least: i64,
    most: i64,
    allowed: &'static str,
    put: fn(&mut Settings, i64),
}

const NUMBERS: &[Number] = &[
    Number {
        word: "optimize",
        least: 0,
        most: 2,
        allowed: "0, 1 or 2",
        put: |settings, level| settings.optimize = Level::of_number(level as u8),
    },
    Number {
        word: "seed",
        least: 0,
        most: i64::MAX,
        allowed: "at least 0",
        put: |settings, seed| settings.seed = seed as u64,
    },
    Number {
        word: "samples",
        least: 1,
        most: MAX_SAMPLES as i64,
        allowed: "between 1 and 2^32 - 1",
        put: |settings, samples| settings.samples = Some(samples as u64),
    },
];

/// A setting of one name out of a few.
struct Choice {
    word: &'static str,
    known: fn() -> Vec<&'static str>,
    unknown: fn(Span, &str, &[&str]) -> Diagnostic,
    put: fn(&mut Settings, &Name, Span),
}

const CHOICES: &[Choice] = &[
    Choice {
        word: "decoder",
        known: || Decoder::ALL.map(Decoder::name).to_vec(),
        unknown: problems::unknown_decoder,
        put: |settings, name, _| settings.decoder = Decoder::ALL.into_iter().find(|known| known.name() == name.text),
    },
    Choice {
        word: "readoff",
        known: || Sides::ALL.map(Sides::name).to_vec(),
        unknown: problems::unknown_sides,
        put: |settings, name, _| settings.readoff = Sides::named(&name.text),
    },
    Choice {
        word: "activation",
        known: || Activation::ALL.map(Activation::name).to_vec(),
        unknown: problems::unknown_activation,
        put: |settings, name, span| {
            settings.activation = Activation::named(&name.text).map(|activation| (activation, span));
        },
    },
    Choice {
        word: "mix",
        known: || Mix::ALL.map(Mix::name).to_vec(),
        unknown: problems::unknown_mix,
        put: |settings, name, span| settings.mix = Mix::named(&name.text).map(|mix| (mix, span)),
    },
];

/// The names that a setting can have; of a setting that names a dictionary, the dictionaries.
pub fn choices(word: &str) -> Vec<&'static str> {
    match word {
        "construction" => compile::construction_names(),
        "store" | "residual" => compile::dictionary_names(),
        _ => CHOICES.iter().find(|row| row.word == word).map_or(Vec::new(), |row| (row.known)()),
    }
}

/// The settings that need no signals and no layers: picks need the seed before there are any.
pub(crate) fn fixed(plan: &Resolved<'_>, main: &Ast, problems: &mut Problems) -> Settings {
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
                let row = NUMBERS.iter().find(|row| row.word == word.text).expect("each number has a row");
                let range = (row.least, row.most);
                if let Some(value) = within(plan, value, range, (row.word, row.allowed), *span, problems) {
                    (row.put)(&mut result, value);
                }
            }
            Setting::Choice { word, name, span } => {
                once.first(&word.text, *span, problems);
                let row = CHOICES.iter().find(|row| row.word == word.text).expect("each choice has a row");
                let known = (row.known)();
                if !known.contains(&name.text.as_str()) {
                    problems.report((row.unknown)(name.span, &name.text, &known));
                }
                (row.put)(&mut result, name, *span);
            }
            Setting::Words { word, words, span } => {
                once.first(&word.text, *span, problems);
                let words: Vec<(String, Span)> = words.iter().map(|name| (name.text.clone(), name.span)).collect();
                match compile::check_construction(&words) {
                    Ok(()) => result.construction = Some(words),
                    Err(problem) => problems.report(*problem),
                }
            }
            Setting::Stream { dimensions, dictionary, span } => {
                once.first(setting.word(), *span, problems);
                let allowed = (setting.word(), "between 1 and 2^16");
                let dimensions = within(plan, dimensions, (1, 1 << 16), allowed, *span, problems);
                result.residual = dimensions.map(|dimensions| dimensions as u32);
                result.directions = dictionary.as_ref().and_then(|name| dictionary_of(name, problems));
            }
            Setting::Correct { span, .. } => result.corrections.push(*span),
            Setting::Store { .. } => {}
        }
    }
    if let (Some((activation, span)), Some(residual)) = (result.activation, residual_setting(main))
        && activation != Activation::Relu
    {
        problems.report(problems::activation_in_a_stream(span, residual));
    }
    result
}

/// Completes the settings with what speaks of layers and features.
pub(crate) fn with_layers(
    fixed: Settings,
    plan: &Resolved<'_>,
    expansion: &Expansion,
    main: &Ast,
    layer_names: &[String],
    problems: &mut Problems,
) -> Settings {
    let mut result = fixed;
    let mut stored: Vec<Option<Span>> = vec![None; plan.n_features as usize];
    let mut layers = LayerNames::new(layer_names);
    if let (Some(dimensions), Some(dictionary)) = (result.residual, &result.directions) {
        let n_signals = plan.n_features as usize + expansion.gates.len();
        let refused = compile::dictionary_refused(dictionary, n_signals, dimensions as usize);
        refused.into_iter().for_each(|problem| problems.report(problem));
    }
    for setting in settings(main) {
        match setting {
            Setting::Width { layer: Some(layer), width, span } => {
                let width = width_of(plan, width, *span, problems);
                let at = layers.find(layer, problems);
                result.layer_widths.extend(at.zip(width));
            }
            Setting::Store { of, dimensions, dictionary, span } => {
                if let Some(residual) = residual_setting(main) {
                    problems.report(problems::store_in_a_stream(*span, residual));
                }
                let allowed = ("store … in", "between 1 and 2^20");
                let dimensions = within(plan, dimensions, (1, 1 << 20), allowed, *span, problems);
                let dictionary = dictionary_of(dictionary, problems);
                let mut features: Vec<u32> = Vec::new();
                for reference in of {
                    let Some(named) = features_of(plan, expansion, reference, problems) else { continue };
                    for feature in named.signals {
                        if let Some(first) = stored[feature as usize] {
                            let name = feature_name(&plan.features, feature);
                            problems.report(problems::stored_twice(reference.span, &name, first));
                            break;
                        }
                        stored[feature as usize] = Some(reference.span);
                        features.push(feature);
                    }
                }
                features.sort_unstable();
                if let (Some(dimensions), Some(dictionary)) = (dimensions, dictionary) {
                    let refused = compile::dictionary_refused(&dictionary, features.len(), dimensions as usize);
                    refused.into_iter().for_each(|problem| problems.report(problem));
                    result.stores.push(Store { features, dimensions: dimensions as u32, dictionary, span: *span });
                }
            }
            _ => {}
        }
    }
    result
}

/// The name of a dictionary, if it is one, and where it stands.
fn dictionary_of(name: &Name, problems: &mut Problems) -> Option<(String, Span)> {
    let known = compile::dictionary_names();
    if known.contains(&name.text.as_str()) {
        return Some((name.text.clone(), name.span));
    }
    problems.report(unknown_dictionary(name.span, &name.text, &known));
    None
}

fn width_of(plan: &Resolved<'_>, width: &WidthSetting, span: Span, problems: &mut Problems) -> Option<Width> {
    match width {
        WidthSetting::Auto => Some(Width::Auto),
        WidthSetting::Neurons(neurons) => {
            let allowed = ("width", "between 1 and 2^20");
            within(plan, neurons, (1, 1 << 20), allowed, span, problems).map(|neurons| Width::Neurons(neurons as u32))
        }
    }
}

/// The value of a setting within `least..=most`.
pub(super) fn within(
    plan: &Resolved<'_>,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::words::{SETTINGS, Shape};

    #[test]
    fn each_word_of_a_known_shape_has_a_row_here() {
        let of_shape = |shape| -> Vec<&str> {
            let words = SETTINGS.iter().filter(|setting| setting.shape == shape);
            words.map(|setting| setting.word.text).collect()
        };
        assert_eq!(of_shape(Shape::Number), NUMBERS.iter().map(|row| row.word).collect::<Vec<_>>());
        assert_eq!(of_shape(Shape::Choice), CHOICES.iter().map(|row| row.word).collect::<Vec<_>>());
    }
}
