//! Input that nobody means: however deep, large or binary it is, a command ends soon with a few clear errors.
//!
//! Each case is a name, an input that is made here, and what must be said about it. Memory is bounded by the shell's
//! `ulimit`, where there is one; time only by the patience of who waits for the tests.

mod common;

use std::fs;

use assert_cmd::Command;
use common::binary::{BINARY, Place, Ran, ran};

/// More lines than this would not be read by anybody: the renderer shows 50 of a kind.
const MAX_LINES: usize = 1500;

/// What a command may take, in KiB of address space: threads reserve much that they never touch.
const MAX_MEMORY: u64 = 3 << 20;

/// The command on a file that holds `text`, with bounded memory.
fn run(command: &str, text: &(impl AsRef<[u8]> + ?Sized)) -> Ran {
    let place = Place::empty();
    place.write("t.circ", text);
    if !cfg!(target_os = "linux") {
        return place.run(&[command, "t.circ"]);
    }
    let bounded = format!("ulimit -v {MAX_MEMORY}; exec \"$0\" \"$@\"");
    let arguments = ["-c", &bounded, BINARY, command, "t.circ"];
    ran(Command::new("sh").current_dir(place.folder()).env_remove("CI").args(arguments))
}

/// Checks a file that holds `text`: it must be refused with these kinds of errors, in any number; the syntax finds no
/// others.
#[track_caller]
fn refuses(name: &str, text: impl AsRef<[u8]>, codes: &[&str]) {
    for command in ["check", "fmt"] {
        let Ran { code, stderr: said, .. } = run(command, &text);
        let shown: String = said.chars().take(2000).collect();
        assert!(!said.contains("panicked"), "{name}: {shown}");
        // Syntax alone is of interest to the formatter.
        let is_formatted = command == "fmt" && code == 0;
        assert!(is_formatted || code == 1, "{name}: {code}, {shown}");
        assert!(said.lines().count() <= MAX_LINES, "{name}: {} lines", said.lines().count());
        let heads = said.lines().filter_map(|line| line.split_once(" error[")?.1.split_once(']'));
        let mut found: Vec<&str> = heads.map(|(code, _)| code).collect();
        found.sort_unstable();
        found.dedup();
        // What is elaborated nevertheless may have problems of its own.
        let is_told = match command {
            "fmt" => found.iter().all(|code| codes.contains(code)),
            _ => codes.iter().all(|code| found.contains(code)),
        };
        assert!(is_told, "{name}: {command} says {found:?}, {shown}");
    }
}

/// A megabyte of it, in front of and behind something.
fn filled(before: &str, unit: &str, behind: &str) -> String {
    format!("{before}{}{behind}", unit.repeat((1 << 20) / unit.len()))
}

#[test]
fn brackets_and_prefixes_without_end_are_one_error() {
    for unit in ["(", "[", "{", "(!", "[(", "(a & "] {
        refuses(unit, filled("", unit, ""), &["nesting-too-deep"]);
        refuses(unit, filled("x = ", unit, ";"), &["nesting-too-deep"]);
    }
    refuses("not", filled("x = ", "!", "a;"), &["nesting-too-deep"]);
    refuses("minus", filled("const A = ", "-", "1;"), &["nesting-too-deep"]);
    refuses("sum", filled("const A = 1", " + 1", ";"), &["nesting-too-deep"]);
    refuses("guard", filled("x = a for i in 0..2 if ", "(", ";"), &["nesting-too-deep"]);
}

#[test]
fn problems_without_end_are_given_up() {
    let cases = [
        ("}", "unmatched-bracket"),
        (";", "empty-statement"),
        (") ;", "unmatched-bracket"),
        ("(;", "unclosed-bracket"),
        ("(];", "mismatched-bracket"),
        ("a;", "unexpected-token"),
        ("x=a&&b;", "double-operator"),
        ("\"\n", "unclosed-text"),
        ("∧ ", "unexpected-character"),
        ("layer a {\n", "unclosed-block"),
        ("what {}", "unknown-block"),
        ("use \"\";", "empty-path"),
    ];
    for (unit, code) in cases {
        let mut codes = [code, "too-many-problems"];
        codes.sort_unstable();
        refuses(unit, filled("", unit, ""), &codes);
    }
    // All in one statement.
    refuses("guard", filled("x = a for i in 0..2 if ", "i && ", "i;"), &["integer-for-condition", "too-many-problems"]);
    let numbers = filled("x = any(", "a[99999999999999999999], ", "a);");
    refuses("numbers", numbers, &["integer-too-large", "too-many-problems"]);
    // A statement is repaired a hundred times only.
    refuses("semicolons", filled("", "x = a\n", ""), &["missing-semicolon"]);
}

#[test]
fn one_thing_without_end_is_one_error() {
    refuses("word", filled("", "a", ""), &["unexpected-token"]);
    refuses("words", filled("", "a ", ""), &["unexpected-token"]);
    refuses("quotes", filled("", "\"", "\""), &["unclosed-text"]);
    refuses("text", filled("use \"", "a", ""), &["unclosed-text"]);
    refuses("comment", filled("", "/* ", ""), &["unclosed-comment"]);
    refuses("digits", filled("const A = ", "9", ";"), &["integer-too-large"]);
    refuses("probability", filled("sample { plant 0.", "3", "; }"), &["no-gate"]);
    refuses("foreign", filled("", "\0", ""), &["unexpected-character"]);
    refuses("spaces", filled("", " ", ""), &["no-gate"]);
    refuses("nothing", "", &["no-gate"]);
}

#[test]
fn binary_files_are_no_text() {
    let noise: Vec<u8> = (0..1 << 20).map(|at: u32| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    refuses_bytes("noise", &noise);
    refuses_bytes("itself", &fs::read(BINARY).unwrap()[..1 << 20]);
    refuses_bytes("half a character", "feature a; x = !a; // …".as_bytes().split_last().unwrap().1);
}

/// The formatter says so without a code.
#[track_caller]
fn refuses_bytes(name: &str, bytes: &[u8]) {
    for (command, wanted) in [("check", "error[not-utf8]"), ("fmt", "not UTF-8")] {
        let Ran { code, stderr: said, .. } = run(command, bytes);
        assert_eq!(code, 1, "{name}: {said}");
        assert!(said.contains(wanted) && said.lines().count() < 20, "{name}: {said}");
    }
}

#[test]
fn files_beyond_a_limit_are_refused_before_they_take_memory() {
    refuses("bytes", " ".repeat((1 << 26) + 1), &["file-too-large"]);
    refuses("comments", "//\n".repeat((1 << 20) + 1), &["too-many-statements"]);
    refuses("statements", "x=!a;".repeat((1 << 20) + 1), &["too-many-statements"]);
    refuses("operands", format!("x = a{};", "&a".repeat(1 << 22)), &["statement-too-long"]);
}

#[test]
fn what_stands_before_a_hopeless_statement_is_checked() {
    let deep = "(".repeat(1000);
    refuses("before", format!("feature a; x = a b; y = {deep}a;"), &["nesting-too-deep", "unexpected-token"]);
    refuses("behind", format!("y = {deep}a; x = a b;"), &["nesting-too-deep", "unexpected-token"]);
    let long = "&a".repeat(1 << 22);
    refuses(
        "behind",
        format!("y = a{long}; x = a b; layer l {{ z = a; }}"),
        &["statement-too-long", "unexpected-token"],
    );
}
