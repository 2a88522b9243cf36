//! Construction `shared_circuits`: many copies of one small circuit, few of them in use, on neurons that they share.
//!
//! Linsefors & Bushnaq ("Circuits in Superposition 2", 2025, section Construction; "Rotations in Superposition", 2025):
//! of T small circuits with d neurons a layer, neuron i of each lies in block i of the large layer, on S of its P
//! places, any two circuits on one place together at most. What circuit t has computed is the mean over its places,
//! less what the others put there in the mean: U_t = e_t / S − c (1 − e_t), with c = p / S (S − p), where p = S (T S /
//! P − 1) / (T − 1) is how often two circuits meet; so W = Σ_t w_t ⊗ |e_t><U_t|, here C = Σ_t w_t ⊗ e_t and R made of
//! all U_t. Codes are dealt out anew in each layer. Which gates are copies of each other is found in the circuit
//! (`copies`); a gate that is no copy has neurons of its own. Neurons bend where ramps do (`staircase`), so that copies
//! which are not in use stay at 0 as long as they hear little of the others.
//!
//! Errors: with z circuits in use, each of the z − 1 others adds χ = 1/P − 1/(S T) to the mean square of what a circuit
//! is read with; and what T circuits that are not in use hear, z χ each, comes back in the next layer as z T χ².
//!
//! `-O1` takes codes of a better packing and tries several S. `ping_pong` is another wiring, for one copy at a time.
//! Must not know activations: everything here follows from the circuit and the stream.

mod copies;
mod options;
mod ping_pong;
mod plan;
#[cfg(test)]
mod tests;
mod wired;

use std::sync::Arc;

use super::channels::unshared_width;
use super::code::{Code, Missing};
use super::construction::{Chosen, Construction, Ladder, Needs, Solution, Wiring, Word};
use super::regime::{Inequality, Regime};
use super::site::Site;
use super::staircase::DeadZone;
use crate::compile::dictionary::{n_progressions, packing, progressions};
use crate::compile::layer::LayerTask;
use crate::compile::problems;
use crate::program::Level;
use crate::random::{self, Pcg64};
use copies::Copies;
use options::Options;
use ping_pong::{PingPong, Reading};
use plan::{Family, Share, families, fewest_places, shares};
use wired::Wired;

/// The row of the table.
#[derive(Debug)]
pub struct SharedCircuits {
    options: Options,
}

pub const SHARED_CIRCUITS: SharedCircuits = SharedCircuits { options: Options::NONE };

/// S as published.
const REDUNDANCY: usize = 6;

/// What `-O1` tries for S.
const REDUNDANCIES: [usize; 9] = [1, 2, 3, 4, 6, 8, 12, 16, 24];

/// Twice as many neurons as would leave none shared are the most that is worth trying.
const SPARE: usize = 2;

impl Construction for SharedCircuits {
    fn name(&self) -> &'static str {
        "shared_circuits"
    }

    fn summary(&self) -> &'static str {
        "copies of one sub-circuit on sparse codes, any two on one neuron together"
    }

    fn with(&self, options: &[Word]) -> Chosen {
        Ok(Arc::new(SharedCircuits { options: options::chosen(self.name(), options)? }))
    }

    fn spelling(&self) -> String {
        self.options.spelled(self.name())
    }

    /// In each block the fewest places in which so many copies have codes as published, and no more than one for each.
    fn rule_of_thumb(&self, layer: &LayerTask) -> usize {
        let copies = Copies::of(layer.circuit);
        let families = families(layer, &copies, DeadZone::AtRest);
        if self.options.ping_pong {
            return ping_pong::width(layer.layer_idx, &families).max(1);
        }
        let s = self.options.redundancy.unwrap_or(REDUNDANCY);
        let places = |family: &Family| family.blocks.len() * fewest_places(family.n_copies, s);
        families.iter().map(places).sum::<usize>().max(1)
    }

    fn most_neurons(&self, layer: &LayerTask) -> usize {
        SPARE * unshared_width(layer).max(self.rule_of_thumb(layer))
    }

    fn inequality(&self) -> Inequality {
        match self.options.ping_pong {
            true => Inequality { formula: "d ceil(sqrt T) for T copies of d neurons", source: "Gibson 2026" },
            false => Inequality {
                formula: "d P, with P (P - 1) = T S (S - 1) and P <= T, for T copies of d neurons on S = 6 places of \
                          P, any two on one together at most",
                source: "Linsefors & Bushnaq 2025",
            },
        }
    }

    /// How much noise that leaves depends on how many copies are in use, which the inequality does not ask.
    fn needs(&self, layer: &LayerTask, _: &Regime) -> Needs {
        let copies = Copies::of(layer.circuit);
        if !copies.any() {
            return Err(problems::nothing_to_share(layer).headline);
        }
        let families = families(layer, &copies, DeadZone::AtRest);
        let s = self.options.redundancy.unwrap_or(REDUNDANCY) as f64;
        let blocks = |family: &Family| {
            let n_copies = family.n_copies as f64;
            let places = match self.options.ping_pong {
                true => libm::ceil(libm::sqrt(n_copies)),
                false => (0.5 + libm::sqrt(0.25 + n_copies * s * (s - 1.0))).min(n_copies),
            };
            family.blocks.len() as f64 * places
        };
        Ok(families.iter().map(blocks).sum())
    }

    fn published(&self, _: &LayerTask) -> Box<dyn Wiring> {
        if self.options.ping_pong {
            return Box::new(PingPong { reading: Reading::PUBLISHED });
        }
        let s = self.options.redundancy;
        Box::new(Choices {
            s: s.unwrap_or(REDUNDANCY),
            or_less: s.is_none(),
            codes: Codes::Progressions,
            dead_zone: DeadZone::AtRest,
        })
    }

    fn ladder(&self, _: &LayerTask, _: usize) -> Ladder {
        if self.options.ping_pong {
            return Ladder::only(PingPong { reading: Reading::NEAREST });
        }
        let of = |s, or_less| Choices { s, or_less, codes: Codes::Packing, dead_zone: DeadZone::AtRest };
        match self.options.redundancy {
            Some(s) => Ladder::only(of(s, false)),
            None => {
                let rungs = REDUNDANCIES.map(|s| Box::new(of(s, true)) as Box<dyn Wiring>);
                Ladder { rungs: rungs.into(), first: REDUNDANCIES.len() / 2 }
            }
        }
    }

    /// The next layer of a ping-pong counts on the read-offs of its own.
    fn solution(&self) -> Solution {
        if self.options.ping_pong { Solution::Constants } else { Solution::Filters }
    }

    fn inverts(&self, level: Level) -> bool {
        level > Level::Published && !self.options.ping_pong
    }
}

/// The free choices of the construction.
#[derive(Debug, Clone, Copy)]
struct Choices {
    s: usize,
    /// Whether S may be less where there are not so many codes.
    or_less: bool,
    codes: Codes,
    dead_zone: DeadZone,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Codes {
    /// As published.
    Progressions,
    Packing,
}

impl Codes {
    /// Sets of S places for so many copies; fewer if there are no more.
    fn sets(self, Share { places, s }: Share, n_copies: usize) -> Vec<Vec<u32>> {
        match self {
            Codes::Packing => packing(places, s, n_copies),
            Codes::Progressions if n_progressions(places, s) < n_copies => Vec::new(),
            Codes::Progressions => progressions(places, s, n_copies),
        }
    }
}

impl Wiring for Choices {
    fn wire(&self, site: &Site, rng: &mut Pcg64) -> Code {
        let (task, n) = (site.task, site.n);
        let copies = Copies::of(task.circuit);
        let mut wired = Wired::new(task, n);
        if !copies.any() {
            let problem = problems::nothing_to_share(task);
            wired.missing.push(Missing { problem, would_fit_wider: false, can_be_solved: false });
        }
        let families = families(task, &copies, self.dead_zone);
        for (family, share) in families.iter().zip(shares(&families, n, self.s)) {
            let (share, mut sets) = self.codes(family, share);
            let n_left = n.saturating_sub(wired.bias.len());
            if sets.len() < family.n_copies || family.blocks.len() * share.places > n_left {
                let target_idx = family.blocks[0][0].target_idx;
                let places = if sets.is_empty() { share.places } else { 0 };
                let problem = problems::too_many_copies(task, target_idx, family.n_copies, (places, share.s), n);
                wired.missing.push(Missing { problem, would_fit_wider: true, can_be_solved: false });
                continue;
            }
            random::shuffle(rng, &mut sets);
            wired.add(family, share, &sets);
        }
        wired.into_code()
    }

    /// Deaf to more noise.
    fn variation(&self) -> Option<Box<dyn Wiring>> {
        Some(Box::new(Choices { dead_zone: DeadZone::Always, ..*self }))
    }
}

impl Choices {
    /// Codes of the copies of a family, with the largest S there are enough of.
    fn codes(&self, family: &Family, share: Share) -> (Share, Vec<Vec<u32>>) {
        let most = share.s.min(share.places.max(1));
        let least = if self.or_less { 1 } else { share.s };
        for s in (least..=most).rev() {
            let sets = self.codes.sets(Share { s, ..share }, family.n_copies);
            if sets.len() == family.n_copies {
                return (Share { s, ..share }, sets);
            }
        }
        (Share { s: least, ..share }, Vec::new())
    }
}
