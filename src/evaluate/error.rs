//! Why there is no report.

use crate::circuit::inputs::enumerate::TooMany;
use crate::circuit::inputs::sample::NothingToPlant;
use crate::progress::Reason;
use crate::readings::Mismatch;

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Mismatch(#[from] Mismatch),
    #[error(transparent)]
    TooMany(#[from] TooMany),
    #[error(transparent)]
    NothingToPlant(#[from] NothingToPlant),
    #[error("there are no inputs to evaluate")]
    NoInputs,
    #[error(
        "layer `{layer}` is {activation}: only along awake ReLUs is a network affine, and a read-off a sum \
         over features"
    )]
    NotOfRelus { layer: String, activation: &'static str },
    #[error("interrupted")]
    Stopped(Reason),
}
