//! The key of `examples/taxonomy.circ` says of every animal in its file what zoology says.

mod common;

use common::{example, text_of};
use std::fmt::Write;
use superpose::circuit::truth::Truth;

#[test]
fn the_key_puts_every_animal_where_it_belongs() {
    let circuit = example("taxonomy.circ").circuit;
    let inputs = &circuit.distribution.rows.as_ref().expect("it draws rows").inputs;

    let text = text_of("examples/animals.csv");
    let rows = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    let animals: Vec<&str> = rows.map(|row| row.split_once("# ").expect("an animal has a name").1).collect();
    assert_eq!(animals.len(), inputs.len());
    assert!(animals.len() >= 60);

    let mut members: Vec<Vec<&str>> = vec![Vec::new(); circuit.outputs.len()];
    let mut truth = Truth::new(&circuit);
    for (block_idx, names) in animals.chunks(64).enumerate() {
        let first = 64 * block_idx;
        truth.evaluate(&circuit, inputs, first..first + names.len());
        for (members, &output) in members.iter_mut().zip(&circuit.outputs) {
            let written = truth.word(output) ^ (circuit.is_complemented(output) as u64).wrapping_neg();
            members.extend(names.iter().enumerate().filter(|(bit, _)| written >> bit & 1 == 1).map(|(_, name)| name));
        }
    }
    let mut shown = String::new();
    for (members, &output) in members.iter().zip(&circuit.outputs) {
        writeln!(shown, "{}: {}", circuit.name(output), members.join(", ")).unwrap();
    }
    insta::assert_snapshot!(shown);
}
