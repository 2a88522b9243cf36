//! A Python interpreter to hold what is written against the libraries that read it: `SUPERPOSE_PYTHON`, or `python3`.

use std::process::Command;

/// The variable that names one.
pub const NAMED: &str = "SUPERPOSE_PYTHON";

/// The interpreter, if it can import all of these.
pub fn python_with(modules: &str) -> Option<String> {
    let interpreter = std::env::var(NAMED).unwrap_or_else(|_| "python3".into());
    let imported = Command::new(&interpreter).args(["-c", &format!("import {modules}")]).output();
    imported.is_ok_and(|output| output.status.success()).then_some(interpreter)
}
