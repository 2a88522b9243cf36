//! Coins, each of which decides a feature.
//!
//! - *Of one probability*: one coin a feature, or, below a probability of 1/16, the gaps between the features that are
//!   on, each floor(log(u) / log(1 − p)), u uniform in (0, 1] in steps of 2^-53: the same distribution, in time
//!   proportional to what is on.
//! - *Of several*: first those of 1/16 and more, one coin each; then, from the likely to the rare, those between
//!   2^-(k+1) and 2^-k together: gaps as of the probability 2^-k, and for each feature that these come upon one more
//!   coin, of its own probability times 2^k (thinning). Below 2^-40 all are one such group.
//! - *Correlated*: the common coin, then coins of one probability: √r + (1 − √r) p where it is on, (1 − √r) p where it
//!   is off. Around forced features the common coin has its probability given what they are.
//! - *Where a parent is on*: parent by parent, in the order in which they came on, one coin for each child.
//!
//! A coin that is forced is tossed too, where it stands among others, and not looked at. Must not know what forces it.

use rand::Rng;

use super::Child;
use crate::random::{self, Pcg64};

/// Below this probability the gaps between coins that fall are drawn, not the coins.
const RARE: f64 = 1.0 / 16.0;

/// Coins below 2^-40 are tossed together.
const RAREST: i32 = 40;

/// A coin.
#[derive(Debug, Clone, Copy)]
pub(super) struct Coin {
    probability: f64,
    /// log(1 − p)
    log_miss: f64,
}

impl Coin {
    pub fn new(probability: f64) -> Coin {
        Coin { probability, log_miss: libm::log1p(-probability) }
    }

    /// Tosses `n` coins: the numbers of those that fall, ascending.
    pub fn toss(self, rng: &mut Pcg64, n: usize, mut fell: impl FnMut(&mut Pcg64, usize)) {
        if self.probability >= RARE {
            for number in 0..n {
                if random::coin(rng, self.probability) {
                    fell(rng, number);
                }
            }
        } else if self.probability > 0.0 {
            let mut at = 0;
            loop {
                let high = (rng.next_u32() >> 5) as u64;
                let steps = high << 26 | (rng.next_u32() >> 6) as u64;
                let gap = libm::floor(libm::log((steps + 1) as f64 / (1u64 << 53) as f64) / self.log_miss);
                if gap >= (n - at) as f64 {
                    break;
                }
                at += gap as usize;
                fell(rng, at);
                at += 1;
            }
        }
    }
}

/// Coins of several probabilities.
#[derive(Debug, Clone)]
pub(super) struct Mixed {
    /// Numbers of the coins that are tossed one by one.
    likely: Vec<(u32, f64)>,
    /// From the likely to the rare: a coin that bounds them, then numbers of coins, with their shares of its
    /// probability.
    rare: Vec<(Coin, Vec<(u32, f64)>)>,
}

impl Mixed {
    pub fn new(probabilities: &[f64]) -> Mixed {
        let mut mixed = Mixed { likely: Vec::new(), rare: Vec::new() };
        let mut groups: Vec<Vec<(u32, f64)>> = vec![Vec::new(); RAREST as usize + 1];
        for (number, &probability) in (0..).zip(probabilities) {
            if probability >= RARE {
                mixed.likely.push((number, probability));
            } else if probability > 0.0 {
                // p is in [2^e, 2^(e + 1)), the bound 2^(e + 1) = 2^-k.
                let exponent = (probability.to_bits() >> 52) as i32 - 1023;
                let k = (-exponent - 1).min(RAREST);
                groups[k as usize].push((number, libm::ldexp(probability, k)));
            }
        }
        let groups = (0..).zip(groups).filter(|(_, group)| !group.is_empty());
        mixed.rare = groups.map(|(k, group)| (Coin::new(libm::ldexp(1.0, -k)), group)).collect();
        mixed
    }

    /// The numbers of the coins that fall.
    pub fn toss(&self, rng: &mut Pcg64, mut fell: impl FnMut(usize)) {
        for &(number, probability) in &self.likely {
            if random::coin(rng, probability) {
                fell(number as usize);
            }
        }
        for (bound, group) in &self.rare {
            bound.toss(rng, group.len(), |rng, place| {
                let (number, share) = group[place];
                if random::coin(rng, share) {
                    fell(number as usize);
                }
            });
        }
    }
}

/// Coins that hang together by a common one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Common {
    probability: f64,
    /// What the others are, where the common coin is off and on.
    others: [Coin; 2],
}

impl Common {
    pub fn new(probability: f64, correlation: f64) -> Common {
        let copied = correlation.sqrt();
        let own = (1.0 - copied) * probability;
        Common { probability, others: [Coin::new(own), Coin::new((own + copied).min(1.0))] }
    }

    /// Draws the common coin, given how many of the others are on and off: what the rest of them is to be tossed with.
    pub fn draw(&self, rng: &mut Pcg64, n_on: usize, n_off: usize) -> Coin {
        let is_open = self.probability > 0.0 && self.probability < 1.0;
        let probability = match n_on + n_off {
            0 => self.probability,
            _ if !is_open => self.probability,
            _ => {
                let [rarer, likelier] = self.others.map(|coin| coin.probability);
                let prior = libm::log(self.probability / (1.0 - self.probability));
                let on = n_on as f64 * libm::log(likelier / rarer);
                let off = n_off as f64 * libm::log((1.0 - likelier) / (1.0 - rarer));
                1.0 / (1.0 + libm::exp(-(prior + on + off)))
            }
        };
        self.others[usize::from(random::coin(rng, probability))]
    }
}

/// The coins of children, by parent.
#[derive(Debug, Clone)]
pub(super) struct Children {
    /// Parents, ascending, with the number of a child each; those of one parent ascending.
    by_parent: Vec<(u32, u32)>,
}

impl Children {
    pub fn new(children: &[Child]) -> Children {
        let mut by_parent: Vec<(u32, u32)> =
            (0..).zip(children).map(|(number, child)| (child.parent, number)).collect();
        by_parent.sort_unstable();
        Children { by_parent }
    }

    /// The numbers of the children of a feature.
    pub fn of(&self, parent: u32) -> impl Iterator<Item = u32> + '_ {
        let start = self.by_parent.partition_point(|(of, _)| *of < parent);
        self.by_parent[start..].iter().take_while(move |(of, _)| *of == parent).map(|(_, number)| *number)
    }
}
