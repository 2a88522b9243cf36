//! The declared features: where each array's members stand among the signals, and what each is called.

use crate::circuit::Names;
use crate::diagnostic::Span;

/// The features of the file, in order of declaration.
#[derive(Debug, Clone)]
pub(crate) struct Feature {
    pub name: String,
    pub span: Span,
    pub first: u32,
    pub dimensions: Vec<u32>,
}

impl Feature {
    pub fn n_members(&self) -> u32 {
        self.dimensions.iter().product()
    }
}

/// The names of all features, in order, behind those that are there.
pub(crate) fn write_feature_names(names: &mut Names, features: &[Feature]) {
    use std::fmt::Write;
    let mut text = String::new();
    for feature in features {
        let mut indices = vec![0u32; feature.dimensions.len()];
        for _ in 0..feature.n_members() {
            text.clear();
            text.push_str(&feature.name);
            for index in &indices {
                write!(text, "[{index}]").expect("writing to a string");
            }
            names.push(&text);
            for (index, &length) in indices.iter_mut().zip(&feature.dimensions).rev() {
                *index += 1;
                if *index < length {
                    break;
                }
                *index = 0;
            }
        }
    }
}

/// `bit[3][0]`.
pub(crate) fn feature_name(features: &[Feature], feature: u32) -> String {
    let at = features.partition_point(|declared| declared.first + declared.n_members() <= feature);
    let declared = &features[at];
    let mut rest = feature - declared.first;
    let mut indices: Vec<String> = Vec::new();
    for &length in declared.dimensions.iter().rev() {
        indices.push(format!("[{}]", rest % length));
        rest /= length;
    }
    indices.reverse();
    format!("{}{}", declared.name, indices.concat())
}
