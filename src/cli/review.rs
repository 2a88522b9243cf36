//! Results beside their snapshots: read, taken as they are, or left for `cargo insta review`.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::failure::Failure;
use super::terminal::Terminal;
use super::{output, read, snapshot};

/// What the snapshot at a path holds; `None` if there is none yet.
pub fn recorded(snapshot: &Path) -> Result<Option<String>, Failure> {
    match fs::read_to_string(snapshot) {
        Ok(file) => Ok(Some(snapshot::contents(&file))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(read::unreadable(&snapshot.display().to_string(), &error)),
    }
}

/// Makes a result the snapshot.
pub fn accept(program: &Path, snapshot: &Path, contents: &str) -> Result<(), Failure> {
    let directory = snapshot.parent().unwrap_or(Path::new(""));
    fs::create_dir_all(directory).map_err(|error| {
        Failure::new(format!("cannot create `{}`: {}", directory.display(), output::reason(&error)))
    })?;
    output::write(snapshot, snapshot::to_text(program, contents).as_bytes())
}

/// Leaves a result beside its snapshot. In CI nothing is left; insta does the same.
pub fn leave(program: &Path, snapshot: &Path, contents: &str, terminal: &Terminal) {
    if std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false" && value != "0") {
        return;
    }
    let pending = snapshot::pending(snapshot);
    let directory = snapshot.parent().unwrap_or(Path::new(""));
    let text = snapshot::to_text(program, contents);
    let left = fs::create_dir_all(directory).is_ok() && output::write(&pending, text.as_bytes()).is_ok();
    if !left {
        terminal.note(&format!("note: cannot leave {} for review", pending.display()));
    }
}

/// Takes away what an earlier run left beside a snapshot.
pub fn clear(snapshot: &Path) {
    let _ = fs::remove_file(snapshot::pending(snapshot));
}
