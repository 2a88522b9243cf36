//! Options that may have several values: what commands over many networks share.
//!
//! Must not know what is made of them.

use superpose::compile::{check_construction, constructions_of};
use superpose::program::{Activation, construction_spelled, construction_words};

use super::failure::Failure;
use super::values;

/// The values of one axis.
#[derive(Debug, Clone)]
pub struct Values<T>(pub Vec<T>);

/// Neurons of a layer.
pub fn parse_widths(text: &str) -> Result<Values<u32>, String> {
    let values = values::parse_from(1, u32::MAX.into(), text)?;
    Ok(Values(values.into_iter().map(|value| value as u32).collect()))
}

/// Each once, in the order in which they are typed.
pub fn distinct<T: PartialEq + Clone>(typed: &[T]) -> Vec<T> {
    let mut distinct: Vec<T> = Vec::new();
    for value in typed {
        if !distinct.contains(value) {
            distinct.push(value.clone());
        }
    }
    distinct
}

/// Constructions as they are typed, each once; `all` is all that take neurons of this kind.
pub fn constructions(typed: &[String], activation: Activation) -> Result<Vec<String>, Failure> {
    let mut constructions: Vec<String> = Vec::new();
    for typed in typed {
        let words = construction_words(typed);
        constructions.extend(match typed.as_str() {
            "all" => constructions_of(activation).into_iter().map(str::to_owned).collect(),
            _ if words.is_empty() => Vec::new(),
            _ => match check_construction(&words) {
                Ok(()) => vec![construction_spelled(&words)],
                Err(problem) => {
                    let help = problem.help.map_or(String::new(), |help| help + "; ");
                    return Err(Failure::new(problem.headline).help(help + "`all` is all of them"));
                }
            },
        });
    }
    Ok(distinct(&constructions))
}
