//! The `network` block: names looked up, values checked, each setting once.
//!
//! Must not know what a construction does: it knows the table of names alone.

use std::collections::HashMap;

use super::named::features_of;
use crate::compile;
use crate::diagnostic::{Span, suggest};
use crate::elaborate::expand::Expansion;
use crate::elaborate::features::feature_name;
use crate::elaborate::problems::{self, Problems};
use crate::elaborate::resolved::Resolved;
use crate::program::problems::{unknown_construction, unknown_layer};
use crate::program::{Decoder, Dictionary, Level, MAX_SAMPLES, Settings, Store, Width};
use crate::syntax::ast::{Ast, Expr, Item, Setting, WidthSetting};

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
pub(crate) fn fixed(plan: &Resolved<'_>, main: &Ast, problems: &mut Problems) -> Settings {
    let mut result = Settings::default();
    let mut once = Once::default();
    for setting in settings(main) {
        match setting {
            Setting::Width { layer: None, width, span } => {
                once.first("width", *span, problems);
                result.width = width_of(plan, width, *span, problems);
            }
            Setting::Width { layer: Some(layer), span, .. } => {
                once.first(&format!("width {}", layer.text), *span, problems);
            }
            Setting::Construction { name, span } => {
                once.first("construction", *span, problems);
                let known = compile::construction_names();
                if !known.contains(&name.text.as_str()) {
                    problems.report(unknown_construction(name.span, &name.text, &known));
                }
                result.construction = Some((name.text.clone(), name.span));
            }
            Setting::Optimize { level, span } => {
                once.first("optimize", *span, problems);
                let level = within(plan, level, (0, 2), ("optimize", "0, 1 or 2"), *span, problems);
                result.optimize = level.and_then(|level| Level::of_number(level as u8));
            }
            Setting::Seed { seed, span } => {
                once.first("seed", *span, problems);
                let seed = within(plan, seed, (0, i64::MAX), ("seed", "at least 0"), *span, problems);
                result.seed = seed.unwrap_or(0) as u64;
            }
            Setting::Samples { samples, span } => {
                once.first("samples", *span, problems);
                let allowed = ("samples", "between 1 and 2^32 - 1");
                let samples = within(plan, samples, (1, MAX_SAMPLES as i64), allowed, *span, problems);
                result.samples = samples.map(|samples| samples as u64);
            }
            Setting::Decoder { name, span } => {
                once.first("decoder", *span, problems);
                result.decoder = Decoder::ALL.into_iter().find(|decoder| decoder.name() == name.text);
                if result.decoder.is_none() {
                    let known = Decoder::ALL.map(Decoder::name);
                    problems.report(problems::unknown_decoder(name.span, &name.text, &known));
                }
            }
            Setting::Store { .. } => {}
        }
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
                    problems.report(unknown_layer(
                        layer.span,
                        &layer.text,
                        layer_names.iter().map(String::as_str),
                        meant,
                    ));
                    continue;
                };
                if let Some(width) = width {
                    result.layer_widths.push((at, width));
                }
            }
            Setting::Store { of, dimensions, dictionary, span } => {
                let allowed = ("store … in", "between 1 and 2^20");
                let dimensions = within(plan, dimensions, (1, 1 << 20), allowed, *span, problems);
                let found = Dictionary::ALL.into_iter().find(|known| known.name() == dictionary.text);
                if found.is_none() {
                    let known = Dictionary::ALL.map(Dictionary::name);
                    problems.report(problems::unknown_dictionary(dictionary.span, &dictionary.text, &known));
                }
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
                if let (Some(dimensions), Some(dictionary)) = (dimensions, found) {
                    let dimensions = dimensions as u32;
                    result.stores.push(Store { features, dimensions, dictionary, span: *span });
                }
            }
            _ => {}
        }
    }
    result
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
fn within(
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
