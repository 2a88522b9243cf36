//! A bar on stderr for whatever takes over a second, when someone is watching.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use superpose::progress::Progress;

use super::terminal::Terminal;

/// Before this, work shows nothing.
const PATIENCE: Duration = Duration::from_secs(1);

/// Shows the progress through phases; each phase has its own bar, which vanishes at its end.
pub struct Bar {
    enabled: bool,
    started: Instant,
    phase: &'static str,
    bar: Option<ProgressBar>,
}

impl Bar {
    pub fn new(terminal: &Terminal) -> Bar {
        let enabled = !terminal.quiet && std::io::stderr().is_terminal();
        Bar { enabled, started: Instant::now(), phase: "", bar: None }
    }

    /// Shows how far the phase is, how long it may still take, and how good a fit is so far, where it is known.
    pub fn show(&mut self, progress: Progress) {
        let Progress { phase, done, total, share } = progress;
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
        bar.set_message(match share {
            Some(share) => format!("{phase}, as asked on {share:.4} of inputs so far"),
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

impl Drop for Bar {
    fn drop(&mut self) {
        self.clear();
    }
}
