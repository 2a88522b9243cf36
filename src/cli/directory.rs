//! Whole directories to their place, or not at all.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use superpose::export::File;

use super::failure::Failure;
use super::interrupt::UnfinishedDirectory;
use super::output::{beside, reason};

/// Where a directory goes: there is none yet, or an empty one. A symbolic link to a directory stays one.
pub fn place(path: &Path) -> Result<PathBuf, Failure> {
    let shown = path.display();
    let target = match fs::symlink_metadata(path) {
        Ok(_) => fs::canonicalize(path).map_err(|error| failed(path, &error))?,
        Err(_) => path.to_owned(),
    };
    match fs::read_dir(&target).map(|mut entries| entries.next().is_some()) {
        Ok(true) => Err(Failure::new(format!("`{shown}` is not empty, and nothing in it is overwritten"))
            .help(format!("name a new directory, or remove this one first: rm -r {shown}"))),
        Err(error) if error.kind() == ErrorKind::NotADirectory => {
            Err(Failure::new(format!("`{shown}` is a file, and a directory is written")).help("name a new directory"))
        }
        Err(error) if error.kind() != ErrorKind::NotFound => Err(failed(path, &error)),
        Ok(false) | Err(_) => Ok(target),
    }
}

/// Writes files into a directory at its [`place`]: into a sibling, then renamed, so that there is never a part of them.
pub fn write(path: &Path, files: &[File]) -> Result<(), Failure> {
    write_files(&place(path)?, files).map_err(|error| match (error.kind(), path.parent()) {
        (ErrorKind::NotFound, Some(parent)) if !parent.as_os_str().is_empty() => {
            failed(path, &error).help(format!("create the directory around it first: mkdir -p {}", parent.display()))
        }
        _ => failed(path, &error),
    })
}

fn failed(path: &Path, error: &io::Error) -> Failure {
    Failure::new(format!("cannot write `{}`: {}", path.display(), reason(error)))
}

fn write_files(target: &Path, files: &[File]) -> io::Result<()> {
    if target.file_name().is_none() {
        return Err(ErrorKind::InvalidInput.into());
    }
    let unfinished = beside(target, UnfinishedDirectory::create)?;
    files.iter().try_for_each(|File { path, bytes }| unfinished.write(path, bytes))?;
    unfinished.finish(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> Vec<File> {
        ["a.csv", "deep/er/b"].map(|path| File { path: path.into(), bytes: path.as_bytes().to_vec() }).to_vec()
    }

    #[test]
    fn a_directory_is_written_whole_and_leaves_no_sibling() {
        let place = tempfile::tempdir().unwrap();
        let (new, empty) = (place.path().join("new"), place.path().join("empty"));
        fs::create_dir(&empty).unwrap();
        for target in [&new, &empty] {
            write(target, &files()).unwrap();
            assert_eq!(fs::read(target.join("deep/er/b")).unwrap(), b"deep/er/b");
        }
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 2);
    }

    #[test]
    fn what_is_there_stays() {
        let place = tempfile::tempdir().unwrap();
        fs::write(place.path().join("mine"), "mine").unwrap();
        let failure = write(place.path(), &files()).unwrap_err();
        assert!(failure.message.contains("is not empty") && failure.help.unwrap().contains("rm -r"));
        let failure = write(&place.path().join("mine"), &files()).unwrap_err();
        assert!(failure.message.contains("is a file"), "{}", failure.message);
        let failure = write(&place.path().join("no/such"), &files()).unwrap_err();
        assert!(failure.help.unwrap().contains("mkdir -p"));
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_part_of_it_that_cannot_be_written_leaves_nothing() {
        let place = tempfile::tempdir().unwrap();
        let torn = ["a", "a/b"].map(|path| File { path: path.into(), bytes: Vec::new() });
        assert!(write(&place.path().join("out"), &torn).is_err());
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    }
}
