//! Ctrl-C and SIGTERM: whoever listens is asked to stop, otherwise the process ends at once, and no unfinished file
//! stays behind.
//!
//! The second one ends the process even while somebody listens. Must not know what is being computed or written.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
#[cfg(unix)]
use std::sync::{Arc, mpsc};
use std::sync::{Mutex, MutexGuard, PoisonError};
#[cfg(unix)]
use std::thread;

#[cfg(unix)]
use signal_hook::consts::{SIGINT, SIGTERM, SIGXFSZ};
#[cfg(unix)]
use signal_hook::iterator::Signals;
use superpose::text::shown;

/// What a shell reports of a command that Ctrl-C ended: 128 and the number of the signal.
pub const EXIT_CODE: u8 = 130;

/// Whether those who listen shall stop.
static REQUESTED: AtomicBool = AtomicBool::new(false);

static STATE: Mutex<State> = Mutex::new(State { listening: false, unfinished: Vec::new(), finished: Vec::new() });

/// What the handler must know. Whoever holds the lock keeps the process from ending under its hands.
struct State {
    /// Whether somebody will soon look at [`requested`].
    listening: bool,
    /// Files and directories that are being written now.
    unfinished: Vec<PathBuf>,
    /// Files that stand where they belong, whatever comes.
    finished: Vec<PathBuf>,
}

fn state() -> MutexGuard<'static, State> {
    // The state is whole between any two of its changes.
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// To be called once. Where there is no thread or no handler to be had, signals do what they do by default.
#[cfg(unix)]
pub fn install(quiet: bool) {
    // A file that grows beyond `ulimit -f` is then an error of the write, not the end of the process.
    let _ = signal_hook::flag::register(SIGXFSZ, Arc::<AtomicBool>::default());
    let (tell, is_installed) = mpsc::channel();
    let handle = move || {
        // SIGHUP is left as it is: `nohup` has it ignored, and a handler would end what shall outlive its terminal.
        let signals = Signals::new([SIGINT, SIGTERM]);
        let _ = tell.send(());
        if let Ok(mut signals) = signals {
            signals.forever().for_each(|_| interrupted(quiet));
        }
    };
    if thread::Builder::new().spawn(handle).is_ok() {
        let _ = is_installed.recv();
    }
}

/// To be called once. Where there is no handler to be had, Ctrl-C does what it does by default.
#[cfg(not(unix))]
pub fn install(quiet: bool) {
    let _ = ctrlc::set_handler(move || interrupted(quiet));
}

/// In a thread of its own, not in the signal's.
fn interrupted(quiet: bool) {
    let mut state = state();
    if state.listening && !REQUESTED.swap(true, Ordering::Relaxed) {
        if !quiet {
            say("stopping; Ctrl-C again stops at once");
        }
        return;
    }
    for path in state.unfinished.clone() {
        state.discard(&path);
    }
    say(&state.last_words());
    // The lock is kept: no further file is begun.
    std::process::exit(i32::from(EXIT_CODE));
}

fn say(text: &str) {
    // There is nowhere to report that stderr is gone.
    let _ = writeln!(io::stderr(), "{text}");
}

/// Whether there was a signal since somebody began to listen.
pub fn requested() -> bool {
    REQUESTED.load(Ordering::Relaxed)
}

/// From now on the first signal only asks: look at [`requested`] often, until the guard goes.
#[must_use]
pub fn listen() -> Listening {
    state().listening = true;
    REQUESTED.store(false, Ordering::Relaxed);
    Listening
}

pub struct Listening;

impl Drop for Listening {
    fn drop(&mut self) {
        state().listening = false;
    }
}

impl State {
    /// What is true of a process that ends now.
    fn last_words(&self) -> String {
        let last = self.finished.last().map_or(String::new(), |last| shown(&last.display().to_string()));
        match self.finished.len() {
            0 => "error: interrupted".into(),
            1 => format!("error: interrupted, but `{last}` is written"),
            n => format!("error: interrupted, but {n} files are written; the last of them is `{last}`"),
        }
    }

    /// Whether the file was there to be forgotten.
    fn forget(&mut self, path: &Path) -> bool {
        let place = self.unfinished.iter().position(|known| known == path);
        place.map(|place| self.unfinished.swap_remove(place)).is_some()
    }

    /// Removes an unfinished file or directory.
    fn discard(&mut self, path: &Path) {
        if self.forget(path) {
            let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
        }
    }
}

/// A new file that vanishes unless it is finished: also when a signal ends the process.
pub struct Unfinished {
    pub file: File,
    path: PathBuf,
}

impl Unfinished {
    /// A file that is there already is an error, and stays.
    pub fn create(path: &Path) -> io::Result<Unfinished> {
        let mut state = state();
        let file = File::create_new(path)?;
        state.unfinished.push(path.to_owned());
        Ok(Unfinished { file, path: path.to_owned() })
    }

    /// Puts the file in the place of another.
    pub fn finish(self, target: &Path) -> io::Result<()> {
        let mut state = state();
        fs::rename(&self.path, target)?;
        state.forget(&self.path);
        state.finished.push(target.to_owned());
        Ok(())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        state().discard(&self.path);
    }
}

/// A new directory that vanishes with all that is in it unless it is finished: also when a signal ends the process.
pub struct UnfinishedDirectory {
    path: PathBuf,
}

impl UnfinishedDirectory {
    /// What is there already is an error, and stays.
    pub fn create(path: &Path) -> io::Result<UnfinishedDirectory> {
        let mut state = state();
        fs::create_dir(path)?;
        state.unfinished.push(path.to_owned());
        Ok(UnfinishedDirectory { path: path.to_owned() })
    }

    /// Writes a file in it, whole before a signal is looked at; `path` is below it.
    pub fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let _state = state();
        let path = self.path.join(path);
        fs::create_dir_all(path.parent().unwrap_or(&self.path))?;
        fs::write(path, bytes)
    }

    /// Puts the directory where there is none, or an empty one.
    pub fn finish(self, target: &Path) -> io::Result<()> {
        let mut state = state();
        match fs::remove_dir(target) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => fs::rename(&self.path, target)?,
        }
        state.forget(&self.path);
        state.finished.push(target.to_owned());
        Ok(())
    }
}

impl Drop for UnfinishedDirectory {
    fn drop(&mut self) {
        state().discard(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_begun_goes_and_what_is_finished_or_was_there_stays() {
        let directory = tempfile::tempdir().unwrap();
        let (begun, target) = (directory.path().join("begun"), directory.path().join("target"));
        fs::write(&target, "old").unwrap();

        let mut unfinished = Unfinished::create(&begun).unwrap();
        unfinished.file.write_all(b"half").unwrap();
        state().discard(&begun);
        assert!(!begun.exists(), "as Ctrl-C would leave it");
        assert!(unfinished.finish(&target).is_err());
        assert_eq!(fs::read(&target).unwrap(), b"old");

        drop(Unfinished::create(&begun).unwrap());
        assert!(!begun.exists());

        fs::write(&begun, "somebody's").unwrap();
        assert!(Unfinished::create(&begun).is_err());
        state().discard(&begun);
        assert_eq!(fs::read(&begun).unwrap(), b"somebody's");
        fs::remove_file(&begun).unwrap();

        let mut unfinished = Unfinished::create(&begun).unwrap();
        unfinished.file.write_all(b"new").unwrap();
        unfinished.finish(&target).unwrap();
        state().discard(&begun);
        assert_eq!(fs::read(&target).unwrap(), b"new");
    }

    #[test]
    fn the_last_words_are_true() {
        let mut state = State { listening: false, unfinished: vec!["begun".into()], finished: Vec::new() };
        assert_eq!(state.last_words(), "error: interrupted");
        state.finished.push("a.circ".into());
        assert_eq!(state.last_words(), "error: interrupted, but `a.circ` is written");
        state.finished.push("b.circ".into());
        assert_eq!(state.last_words(), "error: interrupted, but 2 files are written; the last of them is `b.circ`");
    }

    #[test]
    fn the_first_request_only_asks_whoever_listens() {
        let listening = listen();
        assert!(!requested());
        interrupted(true);
        assert!(requested());
        drop(listening);
        let _again = listen();
        assert!(!requested(), "who listens anew hears of nothing old");
    }
}
