//! A bar on stderr for whatever takes over a second, when someone is watching.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::terminal::Terminal;

/// Before this, work shows nothing.
const PATIENCE: Duration = Duration::from_secs(1);

/// Progress through phases; each phase has its own bar, which vanishes at its end.
pub struct Progress {
    enabled: bool,
    started: Instant,
    phase: &'static str,
    bar: Option<ProgressBar>,
}

impl Progress {
    pub fn new(terminal: &Terminal) -> Progress {
        let enabled = !terminal.quiet && std::io::stderr().is_terminal();
        Progress { enabled, started: Instant::now(), phase: "", bar: None }
    }

    /// Shows how far `phase` is, how long it may still take, and the reliability so far where it is known.
    pub fn show(&mut self, phase: &'static str, done: u64, total: u64, reliability: Option<f64>) {
        if !self.enabled || self.started.elapsed() < PATIENCE {
            return;
        }
        if phase != self.phase {
            self.clear();
            self.phase = phase;
        }
        let bar = self.bar.get_or_insert_with(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            let template = "{msg:>12} {bar:30} {human_pos}/{human_len}, {eta} left";
            bar.set_style(ProgressStyle::with_template(template).expect("the template is well-formed"));
            bar
        });
        bar.set_message(match reliability {
            Some(reliability) => format!("{phase}, reliability {reliability:.4} so far"),
            None => phase.to_string(),
        });
        bar.set_length(total);
        bar.set_position(done);
    }

    fn clear(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}
