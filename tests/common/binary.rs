//! The program from outside: run with arguments, in a folder, and what came of it. Must not know the library.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use tempfile::TempDir;

/// Small, and easy at this width.
pub const PAIRS: &str = "circuit pairs;

feature x[8];

sample {
  choose 2 of x;
  plant 0.5;
}

layer both {
  p[i] = x[i] & x[i+1] for i in 0..7;
}

network {
  width 64;
  samples 1000;
}

require {
  reliability > 0.5;
}
";

pub const BINARY: &str = env!("CARGO_BIN_EXE_superpose");

/// How a run ended, and what it said.
#[derive(Debug)]
pub struct Ran {
    /// -1 where a signal ended it.
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// Must have ended so.
    #[track_caller]
    pub fn ends(self, code: i32) -> Ran {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }
}

/// The program, to be run in a folder; as if nobody had set `CI`.
pub fn command_in(folder: &Path) -> Command {
    let mut command = Command::new(BINARY);
    command.current_dir(folder).env_remove("CI");
    command
}

/// Runs it to its end.
pub fn ran(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap_or(-1), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// A folder of its own, which goes when it is dropped.
pub struct Place(TempDir);

impl Place {
    pub fn empty() -> Place {
        Place(tempfile::tempdir().unwrap())
    }

    /// With `pairs.circ`.
    pub fn with_pairs() -> Place {
        let place = Place::empty();
        place.write("pairs.circ", PAIRS);
        place
    }

    pub fn folder(&self) -> &Path {
        self.0.path()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, text: &(impl AsRef<[u8]> + ?Sized)) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), text).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, "")
    }

    pub fn run_with(&self, arguments: &[&str], stdin: &str) -> Ran {
        ran(command_in(self.folder()).args(arguments).write_stdin(stdin.to_owned()))
    }
}
