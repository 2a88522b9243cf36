//! Which targets an input looks at besides those that read one of its active signals.
//!
//! Such a target should be off; the noise at rest may push it over its margin all the same. A few are drawn for each
//! group of inputs, every second one among those that were caught lately, and their number follows from how much of
//! the trouble is theirs.

use crate::random::{self, Pcg64};

/// Others at the start.
const FIRST: usize = 4;

/// At most this share of a layer's targets, or [`FEW`].
const MOST: f64 = 0.25;
const FEW: usize = 32;

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
    misses_of_others: f64,
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
            misses_of_others: 0.0,
        }
    }

    pub fn draw(&self, rng: &mut Pcg64, drawn: &mut Vec<u32>) {
        drawn.clear();
        if self.n == self.n_targets {
            drawn.extend(0..self.n_targets as u32);
            return;
        }
        drawn.extend((0..self.n).map(|idx| match self.caught.len() as u32 {
            n_caught @ 1.. if idx % 2 == 1 => self.caught[random::below(rng, n_caught) as usize],
            _ => random::below(rng, self.n_targets as u32),
        }));
    }

    /// Learns from one group: how many targets missed their margin that read something active, and which did that do
    /// not.
    pub fn learn(&mut self, n_of_readers: usize, of_others: &[u32]) {
        self.misses_of_readers += n_of_readers as f64;
        self.misses_of_others += of_others.len() as f64;
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
        let most = ((MOST * self.n_targets as f64) as usize).max(FEW).min(self.n_targets);
        let estimate = self.misses_of_others * self.n_targets as f64 / self.n.max(1) as f64;
        if estimate > 0.5 * self.misses_of_readers {
            self.n = (2 * self.n).min(most);
        } else if estimate < 0.1 * self.misses_of_readers {
            self.n = (self.n / 2).max(1);
        }
        (self.misses_of_readers, self.misses_of_others) = (0.0, 0.0);
    }
}
