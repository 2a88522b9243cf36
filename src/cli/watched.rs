//! Work that takes long: a bar shows how far it is, and a signal asks it to end.
//!
//! Must not know what the work is.

use superpose::progress::{Answer, Reason, Watcher};

use super::interrupt;
use super::progress::Bar;
use super::terminal::Terminal;

/// Does the work. A watcher of it answers what `otherwise` says, unless there was a signal.
pub fn watched<T>(terminal: &Terminal, otherwise: impl Fn() -> Answer, work: impl FnOnce(Watcher) -> T) -> T {
    let mut bar = Bar::new(terminal);
    let _listening = interrupt::listen();
    work(&mut |progress| {
        bar.show(progress);
        if interrupt::requested() { Answer::Stop(Reason::Interrupted) } else { otherwise() }
    })
}
