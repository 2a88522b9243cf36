//! Every example is a test: it is in canonical form, means what its listing says, and gives the report that lies
//! beside it.

mod common;

use common::binary::{command_in, ran};
use common::{example_programs, examples, parsed, root, shown, text_of};
use superpose::syntax;

#[test]
fn examples_are_in_canonical_form() {
    for name in examples() {
        let text = text_of(&format!("examples/{name}"));
        let (ast, problems, sources) = parsed(&name, &text);
        assert!(problems.is_empty(), "{}", shown(&problems, &sources));
        assert_eq!(syntax::format(&ast, &text), text, "{name}: superpose fmt --write examples/{name}");
    }
}

#[test]
fn examples_mean_what_their_listings_say() {
    const MOST_LINES: usize = 120;
    for (name, program) in example_programs() {
        let listing = program.circuit.listing();
        let mut shown: Vec<&str> = listing.lines().take(MOST_LINES).collect();
        let left = format!("… and {} lines", listing.lines().count() - shown.len());
        if left != "… and 0 lines" {
            shown.push(&left);
        }
        insta::assert_snapshot!(name.trim_end_matches(".circ").replace('/', "_"), shown.join("\n"));
    }
}

#[test]
fn examples_give_the_reports_beside_them() {
    // As where nobody looks: a new report is no news, but a fault.
    ran(command_in(root()).env("CI", "true").args(["test", "examples"])).ends(0);
}

/// What a report says behind a label, word by word.
fn words<'a>(report: &'a str, label: &str) -> Vec<&'a str> {
    let line = report.lines().find_map(|line| line.trim_start().strip_prefix(label));
    line.unwrap_or_else(|| panic!("no {label:?} in {report}")).split_whitespace().collect()
}

/// The network of every example computes: with its ReLUs left out, and each gate read as well as an affine reader of
/// what is left can, it is no longer what it was fitted to be.
#[test]
fn the_networks_of_the_examples_lose_what_was_asked_without_their_relus() {
    // Read through thresholds, for which a linear code of these widths is nearly enough; closed forms; heads alone.
    const OTHERS: [&str; 15] = [
        "all_pairs",
        "attention",
        "clock",
        "corrected",
        "letters",
        "lookup",
        "modular",
        "ping_pong",
        "random_features",
        "random_pairs",
        "readback",
        "regimes",
        "rules",
        "stacked",
        "zero_layer",
    ];
    for example in examples() {
        let name = example.trim_end_matches(".circ");
        let path = format!("examples/snapshots/{name}.snap");
        if name.contains('/') || OTHERS.contains(&name) {
            continue;
        }
        let report = text_of(&path);
        assert_eq!(words(&report, "fitted ")[0], "two-sided,", "{name}");
        let number = |text: &str| text.parse::<f64>().unwrap();
        let with = [words(&report, "reliability ")[0], words(&report, "ε at 99 % ")[0]].map(number);
        let without = words(&report, "without ReLU ");
        let without = [without[0], without[without.len() - 1]].map(number);
        // Within this on 99 % of the inputs, or less.
        let epsilon = report.split("accuracy(").nth(1).map(|rest| number(rest.split(')').next().unwrap()));
        let loses_nearness = epsilon.is_some_and(|epsilon| with[1] <= epsilon && epsilon < without[1]);
        let loses_gates = without[0] < with[0] - 0.05;
        assert!(loses_nearness || loses_gates, "{name}: {with:?}, without ReLUs {without:?}");
    }
}
