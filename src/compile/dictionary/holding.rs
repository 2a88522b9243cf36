//! Whether a dictionary has as many vectors as are asked for, and what else there is to ask for.

use super::row::Dictionary;
use super::table::{DICTIONARIES, named, names};
use crate::compile::problems;
use crate::diagnostic::{Diagnostic, Span};
use crate::program::problems::unknown_dictionary;

/// Dimensions that are looked through for vectors enough.
const MOST_DIMENSIONS: usize = 1 << 20;

/// What is wrong with asking for `n` vectors of `d` dimensions, of the dictionary that is named there.
pub fn refused((name, span): &(String, Span), n: usize, d: usize) -> Option<Diagnostic> {
    let Some(dictionary) = named(name) else { return Some(unknown_dictionary(*span, name, &names())) };
    let most = dictionary.most_vectors(d);
    if most >= n && most > 0 {
        return None;
    }
    let others = DICTIONARIES.iter().filter(|other| other.most_vectors(d) >= n.max(1)).map(|other| other.name());
    let (nearest, others) = (nearest(dictionary, n, d), others.collect::<Vec<_>>());
    Some(match most {
        0 => problems::dictionary_dimensions(*span, (name, dictionary.dimensions()), d, nearest, &others),
        _ => problems::dictionary_too_small(*span, name, (n, most), d, nearest, &others),
    })
}

/// The dimensions nearest to `d` of which there are `n` vectors.
fn nearest(dictionary: &dyn Dictionary, n: usize, d: usize) -> Option<usize> {
    let around = (1..MOST_DIMENSIONS).flat_map(|step| [d.checked_sub(step), Some(d + step)]).flatten();
    around.filter(|&d| d <= MOST_DIMENSIONS).find(|&d| dictionary.most_vectors(d) >= n.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_dimensions_that_hold_all_are_named() {
        let found = |name: &str, n, d| nearest(named(name).unwrap(), n, d);
        assert_eq!(found("kerdock", 10, 60), Some(64));
        assert_eq!(found("kerdock", 10, 100), Some(64));
        assert_eq!(found("kerdock", 3000, 60), Some(256));
        assert_eq!(found("hadamard", 100, 64), Some(104));
        assert_eq!(found("hadamard", 10, 91), Some(88));
        assert_eq!(found("hadamard", 1_000_000, 64), Some(1_000_000));
        assert_eq!(found("hadamard", 2_000_000, 64), None);
        assert_eq!(found("s_hot", 10, 6), Some(9));
    }

    #[test]
    fn what_a_dictionary_has_it_draws_as_unit_vectors() {
        for dictionary in DICTIONARIES {
            for (n, d) in [(0, 4), (1, 1), (1, 4), (4, 4), (7, 5), (12, 12), (30, 16), (144, 16), (20, 300)] {
                let name = (dictionary.name().to_string(), Span::NOWHERE);
                if refused(&name, n, d).is_some() {
                    continue;
                }
                let draw = || dictionary.draw(n, d, &mut crate::random::stream(&[3]));
                let vectors = draw();
                assert_eq!(vectors.dim(), (n, d), "{name:?}");
                assert_eq!(vectors, draw(), "{name:?} twice");
                for vector in vectors.rows() {
                    let square: f64 = vector.iter().map(|&value| f64::from(value) * f64::from(value)).sum();
                    assert!((square - 1.0).abs() < 1e-5, "{name:?}: {square}");
                }
            }
        }
    }
}
