//! `correct after LAYER;`: a layer without gates is put behind the layer, which carries all that is needed above it.
//!
//! Circuit to circuit, before there is one: levels above move up, and scheduling carries across. Must not know how a
//! signal is corrected.

use std::collections::BTreeMap;

use super::blocks::{residual_setting, settings};
use super::layer_names::LayerNames;
use super::problems::{self, Problems};
use crate::circuit::Layer;
use crate::diagnostic::Span;
use crate::syntax::ast::{Ast, Setting};

/// Behind the name of the layer that is corrected.
const SUFFIX: &str = "_corrected";

/// The levels that are corrected, ascending.
pub(crate) struct Corrections(Vec<u32>);

impl Corrections {
    /// What the `network` block asks for; `names`: of all layers, `blocks`: of those that the file names.
    pub fn asked(main: &Ast, names: &[String], blocks: &[(String, Span)], problems: &mut Problems) -> Corrections {
        let mut layers = LayerNames::new(names);
        let residual = residual_setting(main);
        let mut asked: BTreeMap<u32, Span> = BTreeMap::new();
        for setting in settings(main) {
            let Setting::Correct { after, span } = setting else { continue };
            if let Some(residual) = residual {
                problems.report(problems::correct_in_a_stream(*span, residual));
                continue;
            }
            let Some(level) = layers.find(after, problems) else { continue };
            let corrected = corrected(&after.text);
            // No layer that is scheduled is called so: it is one of the file.
            let block = blocks.iter().find(|block| layers.has(&corrected) && block.0 == corrected);
            if let Some(&first) = asked.get(&level) {
                problems.report(problems::duplicate_setting(*span, &format!("correct after {}", after.text), first));
            } else if level as usize + 1 == layers.len() {
                problems.report(problems::nothing_to_correct(after.span, &after.text));
            } else if let Some((_, block)) = block {
                problems.report(problems::layer_of_a_correction(*block, &corrected, *span));
            } else {
                asked.insert(level, *span);
            }
        }
        Corrections(asked.into_keys().collect())
    }

    /// The level of every gate, once there are layers that correct.
    pub fn shifted(&self, mut levels: Vec<u32>) -> Vec<u32> {
        levels.iter_mut().for_each(|level| *level += self.0.partition_point(|corrected| corrected < level) as u32);
        levels
    }

    /// The names of all layers, once there are layers that correct.
    pub fn named(&self, names: Vec<String>) -> Vec<String> {
        let mut all = Vec::with_capacity(names.len() + self.0.len());
        for (level, name) in (0..).zip(names) {
            let behind = self.0.binary_search(&level).is_ok().then(|| corrected(&name));
            all.push(name);
            all.extend(behind);
        }
        all
    }

    /// Says of the layers that correct that they do.
    pub fn mark(&self, layers: &mut [Layer]) {
        for (n_before, &level) in self.0.iter().enumerate() {
            layers[level as usize + n_before + 1].corrects = true;
        }
    }
}

/// What the layer behind is called.
fn corrected(layer: &str) -> String {
    format!("{layer}{SUFFIX}")
}
