//! Any bytes given as a circuit of another tool are a circuit or a list of diagnostics, within moderate time and memory.
//!
//! The first byte chooses the format. What is read must import to a text of the language that loads as the same
//! circuit, and what is written of it must be read again.

#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use superpose::diagnostic::{self, FileId};
use superpose::elaborate::{Limits, Loaded, load};
use superpose::exchange::{self, FORMATS};

fn loaded(name: &str, bytes: Vec<u8>) -> Loaded {
    // Small, so that many files are tried.
    let limits =
        Limits { max_gates: 3_000, max_turns: 3_000, max_operands: 30_000, max_features: 3_000, ..Limits::default() };
    load(name, &mut BTreeMap::from([(name.to_string(), bytes)]), &limits)
}

fuzz_target!(|bytes: &[u8]| {
    let Some((first, bytes)) = bytes.split_first() else { return };
    let format = &FORMATS[usize::from(*first) % FORMATS.len()];
    let name = format!("a.{}", format.name);
    let loaded_ = loaded(&name, bytes.to_vec());
    let has_error = loaded_.diagnostics.iter().any(|problem| problem.is_error());
    assert_eq!(loaded_.program.is_none(), has_error, "no circuit exactly when there is an error");
    let _ = diagnostic::render(&loaded_.diagnostics, &loaded_.sources, false, 80);
    let Some(program) = loaded_.program else { return };
    let text = exchange::to_circ(format, &loaded_.sources, FileId(0)).expect("what is read can be shown");
    let imported = loaded("a.circ", text.into_bytes()).program.expect("what is imported loads");
    assert_eq!(imported.circuit.gates.len(), program.circuit.gates.len());
    for format in FORMATS {
        if let Some(Ok(bytes)) = format.write.map(|write| write(&program.circuit)) {
            let name = format!("b.{}", format.name);
            let again = load(&name, &mut BTreeMap::from([(name.clone(), bytes)]), &Limits::default());
            assert!(again.program.is_some(), "what is written is read");
        }
    }
});
