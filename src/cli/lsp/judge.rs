//! Compiles and evaluates what was saved, beside the answers, so that a hover can tell how far off a gate is read.
//!
//! One program at a time, the last one that was asked for; whatever is under way for another is given up.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use superpose::compile::{Options, Request};
use superpose::evaluate::{Sampling, evaluate};
use superpose::ide::Errors;
use superpose::program::Program;
use superpose::progress::{Answer, Progress, Reason};
use superpose::search::build;

/// A fit that takes longer is no help while somebody writes.
const FIT: u64 = 300_000;

const SAMPLES: u64 = 2000;

/// Larger circuits are evaluated by hand.
const MOST_GATES: usize = 20_000;

#[derive(Debug, Clone, Default)]
pub struct Judge {
    /// How often something was asked: whoever works for an older question stops.
    asked: Arc<AtomicU64>,
    /// By file.
    found: Arc<Mutex<HashMap<String, Arc<Errors>>>>,
}

impl Judge {
    pub fn errors(&self, file: &str) -> Option<Arc<Errors>> {
        self.found().get(file).cloned()
    }

    fn found(&self) -> MutexGuard<'_, HashMap<String, Arc<Errors>>> {
        // A map is whole between any two of its changes.
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets what is known of a file, which is another now.
    pub fn forget(&self, file: &str) {
        self.found().remove(file);
    }

    pub fn ask(&self, file: String, program: Program) {
        if program.circuit.n_gates() == 0 || program.circuit.n_gates() > MOST_GATES {
            return;
        }
        let turn = self.asked.fetch_add(1, Ordering::Relaxed) + 1;
        let judge = self.clone();
        let work = move || {
            let answer = judge.judged(&program, turn);
            if let Some(errors) = answer.filter(|_| judge.is_last(turn)) {
                judge.found().insert(file, Arc::new(errors));
            }
        };
        // Without a thread to be had there are no figures.
        let _ = thread::Builder::new().spawn(work);
    }

    fn is_last(&self, turn: u64) -> bool {
        self.asked.load(Ordering::Relaxed) == turn
    }

    fn judged(&self, program: &Program, turn: u64) -> Option<Errors> {
        let mut watcher =
            |_: Progress| if self.is_last(turn) { Answer::GoOn } else { Answer::Stop(Reason::Interrupted) };
        let fit = Request { budget: Some(FIT), ..Request::default() };
        let network = build(program, &Options { fit, ..Options::default() }, &mut watcher).ok()?.network;
        let sampling = Sampling { samples: SAMPLES, ..Sampling::default() };
        let report = evaluate(program, &network, &sampling, &mut watcher).ok()?;
        let by_gate = report.gates.into_iter().map(|gate| (gate.name, gate.error_max)).collect();
        let widths: Vec<String> = report.widths.iter().map(usize::to_string).collect();
        let told = format!("{SAMPLES} inputs, {} neurons at -O{}", widths.join(" + "), report.opt_level);
        Some(Errors { by_gate, told })
    }
}
