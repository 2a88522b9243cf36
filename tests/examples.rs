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
