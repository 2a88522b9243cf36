//! Which targets an input looks at besides those that read one of its active signals.
//!
//! Such a target should be off; the noise at rest may push it over its margin all the same. A few are drawn for each
//! group of inputs, every second one among those that were caught lately; from how much of the trouble is theirs
//! follows whether there will be more of them, up to all, or fewer.

use crate::random::{self, Pcg64};

/// Others at the start.
const FIRST: usize = 4;

/// Steps between two looks at the number.
const PERIOD: u32 = 64;

/// Targets remembered as caught.
const MEMORY: usize = 1024;

pub struct Others {
    n_targets: usize,
    n: usize,
    caught: Vec<u32>,
    oldest: usize,
    n_steps: u32,
    misses_of_readers: f64,
    misses_of_blind: f64,
}

impl Others {
    pub fn new(n_targets: usize) -> Others {
        Others {
            n_targets,
            n: FIRST.min(n_targets),
            caught: Vec::new(),
            oldest: 0,
            n_steps: 0,
            misses_of_readers: 0.0,
            misses_of_blind: 0.0,
        }
    }

    /// All of them from the start, for whoever has them right already and is not to unlearn it.
    pub fn all(n_targets: usize) -> Others {
        Others { n: n_targets, ..Others::new(n_targets) }
    }

    /// Adds those of one group to `drawn`, and says how many of them were drawn blindly: these come first.
    pub fn draw(&self, rng: &mut Pcg64, drawn: &mut Vec<u32>) -> usize {
        drawn.clear();
        if self.n == self.n_targets {
            drawn.extend(0..self.n_targets as u32);
            return self.n;
        }
        let n_caught = if self.caught.is_empty() { 0 } else { self.n / 2 };
        let n_blind = self.n - n_caught;
        drawn.extend((0..n_blind).map(|_| random::below(rng, self.n_targets as u32)));
        drawn.extend((0..n_caught).map(|_| self.caught[random::below(rng, self.caught.len() as u32) as usize]));
        n_blind
    }

    /// Learns from one group: how many targets missed their margin that read something active, how many that did not
    /// and were drawn blindly, and which did not in all.
    pub fn learn(&mut self, n_of_readers: usize, n_of_blind: usize, of_others: &[u32]) {
        self.misses_of_readers += n_of_readers as f64;
        self.misses_of_blind += n_of_blind as f64;
        for &target in of_others {
            if self.caught.len() < MEMORY {
                self.caught.push(target);
            } else {
                self.caught[self.oldest] = target;
                self.oldest = (self.oldest + 1) % MEMORY;
            }
        }
    }

    /// To be called after every step.
    pub fn adapt(&mut self) {
        self.n_steps += 1;
        if !self.n_steps.is_multiple_of(PERIOD) {
            return;
        }
        let n_blind = if self.n == self.n_targets { self.n } else { self.n.div_ceil(2) };
        let estimate = self.misses_of_blind * self.n_targets as f64 / n_blind.max(1) as f64;
        if estimate > 0.5 * self.misses_of_readers {
            self.n = (2 * self.n).min(self.n_targets);
        } else if estimate < 0.1 * self.misses_of_readers {
            self.n = (self.n / 2).max(1);
        }
        (self.misses_of_readers, self.misses_of_blind) = (0.0, 0.0);
    }
}
