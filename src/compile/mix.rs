//! `mix hadamard;`, `mix conference;`: which linear spaces of a network are turned into another basis, once it is made.
//!
//! What features enter as, store by store or group by group; a stream; linear neurons. Must not know weights.

use super::compilation::Compilation;
use super::problems;
use crate::diagnostic::Diagnostic;
use crate::network::{Mixture, Weighing};
use crate::program::{Activation, Mix};

/// None where nothing is to be mixed.
///
/// # Errors
/// Where there is no linear space, or no such basis of one.
pub fn mixtures(compilation: &Compilation) -> Result<Vec<Mixture>, Box<Diagnostic>> {
    let settings = &compilation.program.settings;
    let Some((mix, span)) = settings.mix else { return Ok(Vec::new()) };
    let by = match mix {
        Mix::Hadamard => Weighing::Hadamard,
        Mix::Conference => Weighing::Conference,
    };
    let mixture = |layer, first: usize, size: usize| Mixture { by, layer, first: first as u32, size: size as u32 };
    let entering = match (&compilation.stream, &compilation.embedding) {
        (Some(_), Some(embedding)) => vec![mixture(None, 0, embedding.dictionary.embedding.n_rows())],
        (None, Some(embedding)) => embedding.spaces.iter().map(|at| mixture(None, at.start, at.len())).collect(),
        _ => Vec::new(),
    };
    let is_linear = settings.activation.is_some_and(|(activation, _)| activation == Activation::Linear);
    let widths = compilation.plan.widths.iter().enumerate().filter(|_| is_linear);
    let mixtures: Vec<Mixture> =
        entering.into_iter().chain(widths.map(|(layer_idx, &n)| mixture(Some(layer_idx as u32), 0, n))).collect();
    if mixtures.is_empty() {
        return Err(Box::new(problems::nothing_to_mix(span)));
    }
    match mixtures.iter().map(|mixture| mixture.size as usize).find(|&size| !by.exists(size)) {
        Some(size) => {
            let nearest = (size + 1..).find(|&more| by.exists(more)).expect("there are more and more");
            Err(Box::new(problems::mix_dimensions(span, mix.name(), size, nearest)))
        }
        None => Ok(mixtures),
    }
}
