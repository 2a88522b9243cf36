//! How far some work has come, and what whoever watches it answers.
//!
//! Work that takes long calls back now and then; neither side knows the other. Must not know what the work is.

/// How far it has come. `total` is 0 where it is not known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// What is being done, for a person.
    pub phase: &'static str,
    pub done: u64,
    pub total: u64,
    /// The share of inputs on which the best network so far is as asked, where one has been judged.
    pub share: Option<f64>,
}

/// What the watcher says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    GoOn,
    /// End soon and well: a fit lets its rates fall, as long as it is told so again. Other work stops.
    Finish(Reason),
    /// End at once, with what there is.
    Stop(Reason),
}

/// Why work is to end before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    Interrupted,
    BudgetSpent,
}

/// Who watches.
pub type Watcher<'a> = &'a mut dyn FnMut(Progress) -> Answer;

impl Progress {
    /// Of work whose end is not known.
    pub fn of(phase: &'static str, done: u64) -> Progress {
        Progress { phase, done, total: 0, share: None }
    }
}

impl Answer {
    /// For work that cannot be finished sooner.
    pub fn go_on(self) -> Result<(), Reason> {
        match self {
            Answer::GoOn => Ok(()),
            Answer::Finish(reason) | Answer::Stop(reason) => Err(reason),
        }
    }
}

/// A watcher that never ends anything.
pub fn unwatched(_: Progress) -> Answer {
    Answer::GoOn
}
