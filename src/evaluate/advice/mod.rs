//! Why a network falls short of what was asked of it, and what to try, the most promising first.
//!
//! Told from the report alone; must not know how a network is compiled, nor how advice is laid out.

mod failures;
mod tries;
mod why;

pub use tries::Try;

use super::report::Report;
use super::requirement::RequirementReport;
use tries::Tries;

/// What to know of a network that is not as asked.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Advice {
    /// Sentences.
    pub why: Vec<String>,
    /// The most promising first.
    pub tries: Vec<Try>,
}

/// More than this are not tried one after the other.
const MOST_TRIES: usize = 4;

impl Report {
    /// Nothing where all is as asked, or where less was asked for than there is.
    pub fn advice(&self) -> Advice {
        let missed: Vec<&RequirementReport> = self.missed().filter(|line| line.asks.is_for_better).collect();
        if missed.is_empty() {
            return Advice::default();
        }
        let mut tries = Tries::of(self, &missed);
        tries.truncate(MOST_TRIES);
        Advice { why: self.why(&missed), tries }
    }
}
