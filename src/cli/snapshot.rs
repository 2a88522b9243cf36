//! Snapshot files in insta's format, so that `cargo insta review` works on them too.
//!
//! `snapshots/NAME.snap` is a header between two lines of dashes, then the contents; a result that differs waits
//! beside it as `NAME.snap.new`.

use std::path::{Path, PathBuf};

use similar::{ChangeTag, TextDiff};
use superpose::text::shown;

/// Where the snapshot of a program lies: `dir/x.circ` has `dir/snapshots/x.snap`.
pub fn path_of(program: &Path) -> PathBuf {
    let name = program.file_stem().unwrap_or_default();
    program.with_file_name("snapshots").join(name).with_added_extension("snap")
}

/// Where a result waits for review.
pub fn pending(snapshot: &Path) -> PathBuf {
    snapshot.with_extension("snap.new")
}

/// A snapshot file with these contents, of the program with this file name.
pub fn to_text(program: &Path, contents: &str) -> String {
    let name = program.file_name().unwrap_or_default().to_string_lossy();
    // JSON strings are YAML strings.
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let (source, expression) = (quoted(&name), quoted(&format!("superpose test {name}")));
    format!("---\nsource: {source}\nexpression: {expression}\n---\n{}\n", contents.trim_end())
}

/// The contents of a snapshot file; the whole text if it has no header. Line ends are normalised, as insta does.
pub fn contents(file: &str) -> String {
    let file = file.replace("\r\n", "\n");
    let body = match file.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n")) {
        Some((_, body)) => body,
        None => &file,
    };
    body.trim_end().to_owned()
}

/// What changed, with three lines around; removed lines in red, new ones in green.
pub fn difference(old: &str, new: &str, color: bool) -> String {
    let diff = TextDiff::from_lines(old, new);
    let mut text = String::new();
    for (group_idx, group) in diff.grouped_ops(3).iter().enumerate() {
        if group_idx > 0 {
            text.push_str("    …\n");
        }
        for change in group.iter().flat_map(|operation| diff.iter_changes(operation)) {
            let (sign, code) = match change.tag() {
                ChangeTag::Delete => ("-", "\u{1b}[31m"),
                ChangeTag::Insert => ("+", "\u{1b}[32m"),
                ChangeTag::Equal => (" ", ""),
            };
            let (start, end) = if color && !code.is_empty() { (code, "\u{1b}[0m") } else { ("", "") };
            let line = format!("{sign} {}", shown(change.value().trim_end_matches('\n')));
            text.push_str(&format!("    {start}{}{end}\n", line.trim_end()));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_lies_beside_its_program() {
        assert_eq!(path_of(Path::new("a/b.c.circ")), Path::new("a/snapshots/b.c.snap"));
        assert_eq!(pending(Path::new("a/snapshots/b.c.snap")), Path::new("a/snapshots/b.c.snap.new"));
    }

    #[test]
    fn what_is_written_is_read_back() {
        let text = to_text(Path::new("a/odd \"name\".circ"), "one\n---\ntwo\n");
        assert!(text.starts_with("---\nsource: \"odd \\\"name\\\".circ\"\n"), "{text}");
        assert_eq!(contents(&text), "one\n---\ntwo");
        assert_eq!(contents(&text.replace('\n', "\r\n")), "one\n---\ntwo");
    }

    #[test]
    fn a_difference_shows_both_lines() {
        let shown = difference("a\nb\nc\n", "a\nB\nc\n", false);
        assert_eq!(shown, "      a\n    - b\n    + B\n      c\n");
    }
}
