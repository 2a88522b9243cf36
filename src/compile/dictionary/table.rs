//! The dictionaries, a row each: whatever lists them reads this.

use super::gaussian::GAUSSIAN;
use super::hadamard::HADAMARD;
use super::kerdock::KERDOCK;
use super::rademacher::RADEMACHER;
use super::row::Dictionary;
use super::s_hot::S_HOT;

pub const DICTIONARIES: &[&dyn Dictionary] = &[&GAUSSIAN, &RADEMACHER, &HADAMARD, &KERDOCK, &S_HOT];

pub fn names() -> Vec<&'static str> {
    DICTIONARIES.iter().map(|dictionary| dictionary.name()).collect()
}

/// By dictionary, its name and what it is in a few words.
pub fn summaries() -> Vec<(&'static str, &'static str)> {
    DICTIONARIES.iter().map(|dictionary| (dictionary.name(), dictionary.summary())).collect()
}

/// `None`: no dictionary has this name.
pub fn named(name: &str) -> Option<&'static dyn Dictionary> {
    DICTIONARIES.iter().copied().find(|dictionary| dictionary.name() == name)
}
