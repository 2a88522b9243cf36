//! The least of some widths that does, where whatever does with fewer neurons does with more.
//!
//! Must not know what is tried.

/// Widths in steps of √2, from 1 neuron on, ascending; the last is `most`.
pub fn ladder(most: u32) -> Vec<u32> {
    let rungs = (0..64).map(|half_octave| libm::round(libm::exp2(f64::from(half_octave) / 2.0)));
    let mut widths: Vec<u32> = rungs.take_while(|&rung| rung < f64::from(most)).map(|rung| rung as u32).collect();
    widths.push(most.max(1));
    widths.dedup();
    widths
}

/// Upwards so many times as wide: of what is far too narrow each octave would cost half of the next.
const UP: u64 = 4;

/// Downwards: so narrow, whatever does not takes as long as what does.
const DOWN: u64 = 2;

/// The place of the least width that `does`; `None`: none does. `widths` ascend. From the first one of at least `guess`
/// neurons on, each width that is tried is up to four times as wide as the last (or the next there is), or half as
/// wide, until the answer turns; then the middle of what is left.
///
/// # Errors
/// Those of `does`.
pub fn least<E>(widths: &[u32], guess: u32, mut does: impl FnMut(u32) -> Result<bool, E>) -> Result<Option<usize>, E> {
    let Some(last) = widths.len().checked_sub(1) else { return Ok(None) };
    let mut at = widths.iter().position(|&width| width >= guess).unwrap_or(last);
    // Below `low` none does, `high` does.
    let (mut low, mut high) = (0, None);
    if does(widths[at])? {
        high = Some(at);
        while at > low {
            let half = widths[..at].iter().rposition(|&width| u64::from(width) * DOWN <= u64::from(widths[at]));
            at = half.unwrap_or(0).max(low);
            if does(widths[at])? {
                high = Some(at);
            } else {
                low = at + 1;
            }
        }
    } else {
        low = at + 1;
        while high.is_none() && at < last {
            let within = widths.iter().rposition(|&width| u64::from(width) <= UP * u64::from(widths[at]));
            at = within.unwrap_or(at).max(at + 1);
            if does(widths[at])? {
                high = Some(at);
            } else {
                low = at + 1;
            }
        }
    }
    let Some(mut high) = high else { return Ok(None) };
    while low < high {
        let middle = low.midpoint(high);
        if does(widths[middle])? { high = middle } else { low = middle + 1 }
    }
    Ok(Some(high))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    #[test]
    fn a_ladder_ends_where_it_is_told_to() {
        assert_eq!(ladder(100), [1, 2, 3, 4, 6, 8, 11, 16, 23, 32, 45, 64, 91, 100]);
        assert_eq!((ladder(1), ladder(0), ladder(64).last()), (vec![1], vec![1], Some(&64)));
    }

    #[test]
    fn the_least_width_is_found_from_any_guess_without_trying_one_twice() {
        for widths in [ladder(1000), vec![7], (400..=600).collect(), vec![3, 5, 900]] {
            for guess in [1, 30, 64, 5000] {
                for least_that_does in (0..=1001).step_by(7) {
                    let mut tried: Vec<u32> = Vec::new();
                    let found = least(&widths, guess, |width| {
                        assert!(!tried.contains(&width), "{width} again of {widths:?}");
                        tried.push(width);
                        Ok::<_, Infallible>(width >= least_that_does)
                    });
                    let wanted = widths.iter().position(|&width| width >= least_that_does);
                    assert_eq!(found, Ok(wanted), "{widths:?}, {guess}, {least_that_does}: {tried:?}");
                    assert!(tried.len() <= 20, "{tried:?}");
                }
            }
        }
    }
}
