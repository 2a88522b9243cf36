//! Results to stdout, files to their place whole or not at all.

use std::fs::{self, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::failure::Failure;
use super::interrupt::Unfinished;

/// Prints a result. A reader that has gone away is no error.
pub fn print(text: impl AsRef<[u8]>) -> Result<(), Failure> {
    stream(|stdout| stdout.write_all(text.as_ref()))
}

/// Prints a result that is never there as a whole; ends early, and well, where the reader has gone away.
pub fn stream(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
    let mut stdout = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    match write(&mut stdout).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::new(format!("cannot write to stdout: {error}")))
        }
        _ => Ok(()),
    }
}

const STDOUT: [&str; 4] = ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];

/// Whether a path is stdout, by any of its names.
pub fn is_stdout(path: &Path) -> bool {
    STDOUT.iter().any(|name| path.as_os_str() == *name)
}

/// Writes a file: to a sibling, then renamed over it, so that an existing file is never left half-written.
///
/// A symbolic link stays one, an existing file keeps its mode; stdout by any of its names goes on where it is, and what
/// is no regular file (a pipe, a device) is written directly.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    if is_stdout(path) {
        return print(bytes);
    }
    write_file(path, bytes).map_err(|error| {
        let message = format!("cannot write `{}`: {}", path.display(), reason(&error));
        match (error.kind(), path.parent()) {
            (ErrorKind::NotFound, Some(parent)) if !parent.as_os_str().is_empty() => {
                Failure::new(message).help(format!("create the directory first: mkdir -p {}", parent.display()))
            }
            (ErrorKind::IsADirectory, _) => {
                Failure::new(message).help(format!("name a file in it, such as {}", path.join("result").display()))
            }
            _ => Failure::new(message),
        }
    })
}

fn write_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let existing = fs::metadata(path).ok();
    let is_special = existing.as_ref().is_some_and(|metadata| !metadata.is_file() && !metadata.is_dir());
    if is_special {
        return match OpenOptions::new().write(true).open(path)?.write_all(bytes) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            result => result,
        };
    }
    if existing.as_ref().is_some_and(|metadata| metadata.is_dir()) {
        return Err(ErrorKind::IsADirectory.into());
    }
    if existing.as_ref().is_some_and(|metadata| metadata.permissions().readonly()) {
        return Err(ErrorKind::PermissionDenied.into());
    }
    let target = behind_links(path)?;
    if target.file_name().is_none() {
        return Err(ErrorKind::IsADirectory.into());
    }
    let mut unfinished = beside(&target, Unfinished::create)?;
    if let Some(metadata) = &existing {
        unfinished.file.set_permissions(metadata.permissions())?;
    }
    unfinished.file.write_all(bytes)?;
    unfinished.file.sync_all()?;
    unfinished.finish(&target)
}

/// What `create` makes beside another file or directory, by the first name that is free: a process that was killed may
/// have left the others, and in a container each has the same number.
pub fn beside<T>(target: &Path, create: impl Fn(&Path) -> io::Result<T>) -> io::Result<T> {
    let mut attempt = 0;
    loop {
        match create(&sibling(target, attempt)) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists && attempt < u16::MAX => attempt += 1,
            created => return created,
        }
    }
}

/// A name for what is not finished yet: short, however long the target's name is.
fn sibling(target: &Path, attempt: u16) -> PathBuf {
    target.with_file_name(format!(".superpose.{}.{attempt}.tmp", std::process::id()))
}

/// Removes the files in a folder that a process which was killed did not finish there, and nothing else. What cannot be
/// removed is in no one's way.
pub fn clear_unfinished(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_file && entry.file_name().to_str().is_some_and(is_sibling) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Whether [`sibling`] gives such names.
fn is_sibling(name: &str) -> bool {
    let inner = name.strip_prefix(".superpose.").and_then(|name| name.strip_suffix(".tmp"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    inner
        .and_then(|inner| inner.split_once('.'))
        .is_some_and(|(process, attempt)| is_number(process) && is_number(attempt))
}

/// The file that a chain of symbolic links ends at, whether it exists or not.
fn behind_links(path: &Path) -> io::Result<PathBuf> {
    const MOST_LINKS: usize = 40;
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        match fs::read_link(&path) {
            Ok(link) => path = path.parent().unwrap_or(Path::new("")).join(link),
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("too many symbolic links"))
}

/// An I/O error in words, without the system's number.
pub fn reason(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "no such file or directory".into(),
        ErrorKind::PermissionDenied => "permission denied".into(),
        ErrorKind::IsADirectory => "it is a directory".into(),
        ErrorKind::NotADirectory => "a part of the path is no directory".into(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_leaves_no_sibling() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("net.safetensors");
        write(&path, b"one").unwrap();
        write(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_a_killed_process_of_the_same_number_left_is_in_no_ones_way() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("net.safetensors");
        let left = [0, 1].map(|attempt| sibling(&path, attempt));
        left.iter().for_each(|left| fs::write(left, "half").unwrap());
        write(&path, b"one").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"one");
        // It might be another machine's that writes to the same folder.
        assert!(left.iter().all(|left| fs::read(left).unwrap() == b"half"));
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 3);
    }

    #[test]
    fn what_was_not_finished_goes_and_what_is_called_otherwise_stays() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        let left = sibling(&path("net.safetensors"), 2);
        let others = [".superpose.7.tmp", ".superpose.7.1.tmp.bak", ".superpose.x.1.tmp", "superpose.7.1.tmp", "mine"];
        fs::write(&left, "half").unwrap();
        others.iter().for_each(|name| fs::write(path(name), "mine").unwrap());
        fs::create_dir(path(".superpose.7.1.tmp")).unwrap();
        clear_unfinished(directory.path());
        assert!(!left.exists() && path(".superpose.7.1.tmp").is_dir());
        assert!(others.iter().all(|name| fs::read(path(name)).unwrap() == b"mine"));
    }

    #[test]
    fn a_name_may_be_as_long_as_names_can_be() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("n".repeat(250));
        write(&path, b"one").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"one");
    }

    #[cfg(unix)]
    #[test]
    fn links_and_modes_are_kept() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let directory = tempfile::tempdir().unwrap();
        let (real, link) = (directory.path().join("real"), directory.path().join("link"));
        fs::write(&real, "old").unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
        symlink("real", &link).unwrap();
        write(&link, b"new").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&real).unwrap(), b"new");
        assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
    }

    #[test]
    fn a_missing_directory_is_named() {
        let failure = write(Path::new("/no/such/place/net"), b"").unwrap_err();
        assert!(failure.help.unwrap().contains("mkdir -p /no/such/place"));
    }
}
