//! Draws diagnostics: FILE:LINE:COL, code and headline, the lines concerned with pointers, and the help, by miette.
//!
//! miette is shown excerpts, never whole files: it looks lines up by scanning, and prints lines in full. Work is
//! linear in the texts and in what is printed, however long the lines are and however many the problems.

use std::collections::BTreeMap;
use std::fmt;

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan,
    SpanContents,
};

use super::{Diagnostic, FileId, Severity, SourceFile, Sources, Span};
use crate::text::{shown, steers};

/// Of each kind so many are drawn; the rest are counted.
const MAX_OF_A_KIND: usize = 50;

/// Longer lines are not shown in full.
const LONGEST_LINE: usize = 160;

/// Of longer lines a window is shown, so many characters before and behind the start of a label.
const BEFORE_LABEL: usize = 30;
const BEHIND_LABEL: usize = 60;

/// The diagnostics as text, sorted by position, each followed by an empty line; empty when there are none.
///
/// `color`: with ANSI colours. `width`: of the terminal, for the help; headlines and source lines are never broken.
pub fn render(diagnostics: &[Diagnostic], sources: &Sources, color: bool, width: usize) -> String {
    let lines: Vec<LineStarts> = sources.files.iter().map(LineStarts::of).collect();
    let mut sorted: Vec<&Diagnostic> = diagnostics.iter().collect();
    sorted.sort_by_key(|diagnostic| (diagnostic.span, diagnostic.code));
    let theme = if color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(width.max(20))
        .with_links(false)
        .with_context_lines(0)
        .without_primary_span_start()
        .without_syntax_highlighting();
    let mut text = String::new();
    let mut n_of_kind: BTreeMap<&str, (usize, Severity)> = BTreeMap::new();
    for diagnostic in sorted {
        let (count, _) = n_of_kind.entry(diagnostic.code).or_insert((0, diagnostic.severity));
        *count += 1;
        if *count <= MAX_OF_A_KIND {
            write_diagnostic(&mut text, diagnostic, sources, &lines, &handler, color);
        }
    }
    for (code, (count, severity)) in n_of_kind {
        if count > MAX_OF_A_KIND {
            let noun = if severity == Severity::Error { "errors" } else { "warnings" };
            text.push_str(&format!("… and {} more {noun} of the kind {code}\n\n", count - MAX_OF_A_KIND));
        }
    }
    text
}

/// `FILE:LINE:COL` of the start of a span; line and column count from 1, the column in characters.
pub fn position(span: Span, sources: &Sources) -> String {
    match sources.files.get(span.file.0 as usize) {
        Some(file) => LineStarts::of(file).position(file, span),
        None => String::new(),
    }
}

fn write_diagnostic(
    text: &mut String,
    diagnostic: &Diagnostic,
    sources: &Sources,
    lines: &[LineStarts],
    handler: &GraphicalReportHandler,
    color: bool,
) {
    let (word, paint) = match diagnostic.severity {
        Severity::Error => ("error", "\u{1b}[1;31m"),
        Severity::Warning => ("warning", "\u{1b}[1;33m"),
    };
    let (paint, bold, plain) = if color { (paint, "\u{1b}[1m", "\u{1b}[0m") } else { ("", "", "") };
    let main_file = diagnostic.span.file;
    if let Some(file) = sources.files.get(main_file.0 as usize) {
        text.push_str(&lines[main_file.0 as usize].position(file, diagnostic.span));
        text.push_str(": ");
    }
    let (code, headline) = (diagnostic.code, shown(&diagnostic.headline));
    text.push_str(&format!("{paint}{word}[{code}]{plain}: {bold}{headline}{plain}\n"));

    let mut labels: Vec<(Span, &str)> = vec![(diagnostic.span, &diagnostic.label)];
    labels.extend(diagnostic.related.iter().map(|(span, text)| (*span, text.as_str())));
    let mut files: Vec<FileId> = Vec::new();
    for (span, _) in &labels {
        if !files.contains(&span.file) && (span.file.0 as usize) < sources.files.len() {
            files.push(span.file);
        }
    }
    for (place, &file) in files.iter().enumerate() {
        let of_file: Vec<(Span, &str)> = labels.iter().filter(|(span, _)| span.file == file).copied().collect();
        let source = &sources.files[file.0 as usize];
        let lines = &lines[file.0 as usize];
        // The head of the whole names the first file.
        let name = (place > 0).then(|| lines.position(source, of_file[0].0));
        let is_last = place + 1 == files.len();
        let help = diagnostic.help.as_deref().filter(|_| is_last).map(shown);
        write_report(text, handler, &Report::new(source, lines, &of_file, name, help, diagnostic.severity));
    }
    if files.is_empty()
        && let Some(help) = &diagnostic.help
    {
        text.push_str(&format!("  help: {}\n", shown(help)));
    }
    text.push('\n');
}

fn write_report(text: &mut String, handler: &GraphicalReportHandler, report: &Report) {
    let mut drawn = String::new();
    if handler.render_report(&mut drawn, report).is_ok() {
        // miette's first line is the headline, which stands above already.
        let body = drawn.split_once('\n').map_or("", |(_, body)| body);
        for line in body.lines() {
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
}

/// Where the lines of a file begin.
struct LineStarts(Vec<u32>);

impl LineStarts {
    fn of(file: &SourceFile) -> LineStarts {
        let newlines = file.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        LineStarts(std::iter::once(0).chain(newlines.map(|(at, _)| at as u32 + 1)).collect())
    }

    /// The line, counted from 0, that holds the byte `offset`.
    fn line(&self, offset: usize) -> usize {
        self.0.partition_point(|&start| start as usize <= offset) - 1
    }

    /// Start and end of a line, without its line end.
    fn bounds(&self, text: &str, line: usize) -> (usize, usize) {
        let start = self.0[line] as usize;
        let end = self.0.get(line + 1).map_or(text.len(), |&next| next as usize - 1);
        let end = if end > start && text.as_bytes()[end - 1] == b'\r' { end - 1 } else { end };
        (start, end)
    }

    fn position(&self, file: &SourceFile, span: Span) -> String {
        let offset = boundary(&file.text, span.start as usize);
        let line = self.line(offset);
        let before = &file.text[self.0[line] as usize..offset];
        format!("{}:{}:{}", shown(&file.name), line + 1, before.trim_start_matches('\u{feff}').chars().count() + 1)
    }
}

/// The nearest offset at or before `offset` that is inside the text and between two characters.
fn boundary(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// What miette draws: excerpts of one file and the labels on them.
#[derive(Debug)]
struct Report {
    excerpts: Vec<Excerpt>,
    labels: Vec<LabeledSpan>,
    name: Option<String>,
    help: Option<String>,
    severity: Severity,
}

/// Consecutive lines, each possibly a window of the line in the file, and each ending with a line feed.
#[derive(Debug)]
struct Excerpt {
    first_line: usize,
    n_lines: usize,
    text: String,
    /// Where the excerpt begins in the text of all excerpts, whose positions miette sees.
    offset: usize,
}

impl Report {
    fn new(
        file: &SourceFile,
        lines: &LineStarts,
        labels: &[(Span, &str)],
        name: Option<String>,
        help: Option<String>,
        severity: Severity,
    ) -> Report {
        let mut by_line: BTreeMap<usize, Vec<(Span, &str)>> = BTreeMap::new();
        for &(span, label) in labels {
            by_line.entry(lines.line(boundary(&file.text, span.start as usize))).or_default().push((span, label));
        }
        let mut report = Report { excerpts: Vec::new(), labels: Vec::new(), name, help, severity };
        let mut offset = 0;
        let mut last_line = None;
        for (line, labels) in by_line {
            let window = Window::new(&file.text, lines.bounds(&file.text, line), &labels);
            // The first label is the culprit, wherever it stands.
            for (span, label) in labels {
                let spanned = window.source_span(span, offset);
                report.labels.push(LabeledSpan::new_with_span(Some(shown(label)), spanned));
            }
            if last_line.is_some_and(|last| last + 1 == line)
                && let Some(excerpt) = report.excerpts.last_mut()
            {
                excerpt.text.push_str(&window.text);
                excerpt.n_lines += 1;
            } else {
                report.excerpts.push(Excerpt { first_line: line, n_lines: 1, text: window.text.clone(), offset });
            }
            offset += window.text.len();
            last_line = Some(line);
        }
        report
    }
}

/// The part of a line that is shown, without control characters.
struct Window {
    text: String,
    /// For each byte of the line that is shown and begins a character: where it stands in the file and in `text`.
    places: Vec<(usize, usize)>,
}

impl Window {
    fn new(text: &str, (line_start, line_end): (usize, usize), labels: &[(Span, &str)]) -> Window {
        let first_label =
            labels.iter().map(|(span, _)| boundary(text, span.start as usize)).min().unwrap_or(line_start);
        let focus = first_label.clamp(line_start, line_end);
        let fits = text[line_start..line_end].chars().nth(LONGEST_LINE).is_none();
        let before = text[line_start..focus].char_indices().rev();
        let start =
            before.take(if fits { usize::MAX } else { BEFORE_LABEL }).last().map_or(focus, |(at, _)| line_start + at);
        let behind = text[focus..line_end].char_indices();
        let end =
            behind.map(|(at, _)| focus + at).nth(if fits { usize::MAX } else { BEHIND_LABEL }).unwrap_or(line_end);

        let mut window = Window { text: String::new(), places: Vec::new() };
        if start > line_start {
            window.text.push('…');
        }
        for (at, character) in text[start..end].char_indices() {
            window.places.push((start + at, window.text.len()));
            match character {
                '\t' => window.text.push('\t'),
                '\u{feff}' => {}
                _ if steers(character) => window.text.push('\u{fffd}'),
                _ => window.text.push(character),
            }
        }
        window.places.push((end, window.text.len()));
        if end < line_end {
            window.text.push('…');
        }
        window.text.push('\n');
        window
    }

    /// The conversion from a range of the file, (start, end), to miette's (offset, length) in the text of all
    /// excerpts, of which this window begins at `offset`. A range that goes on behind the window ends with it.
    fn source_span(&self, span: Span, offset: usize) -> SourceSpan {
        let place = |at: u32| {
            let next = self.places.partition_point(|(in_file, _)| *in_file < at as usize);
            self.places[next.min(self.places.len() - 1)].1
        };
        let (start, end) = (place(span.start), place(span.end.max(span.start)));
        SourceSpan::new((offset + start).into(), end - start)
    }
}

impl SourceCode for Report {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        _lines_before: usize,
        _lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let end = span.offset() + span.len();
        let holds = |excerpt: &&Excerpt| {
            span.offset() >= excerpt.offset
                && span.offset() < excerpt.offset + excerpt.text.len()
                && end <= excerpt.offset + excerpt.text.len()
        };
        let excerpt = self.excerpts.iter().find(holds).ok_or(MietteError::OutOfBounds)?;
        let (data, covered) = (excerpt.text.as_bytes(), (excerpt.offset, excerpt.text.len()).into());
        Ok(match &self.name {
            Some(name) => Box::new(MietteSpanContents::new_named(
                name.clone(),
                data,
                covered,
                excerpt.first_line,
                0,
                excerpt.n_lines,
            )),
            None => Box::new(MietteSpanContents::new(data, covered, excerpt.first_line, 0, excerpt.n_lines)),
        })
    }
}

impl fmt::Display for Report {
    /// Empty: the headline stands above the drawing.
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Report {}

impl miette::Diagnostic for Report {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(text: &str) -> Sources {
        Sources { files: vec![SourceFile { name: "test.circ".to_string(), text: text.to_string() }] }
    }

    fn span(start: usize, end: usize) -> Span {
        Span { file: FileId(0), start: start as u32, end: end as u32 }
    }

    #[test]
    fn a_problem_is_drawn_with_its_lines_and_its_help() {
        let mut sources = sources("feature a;\nx = a;\n\n\n\tx = !a; // é\n");
        sources.files.push(SourceFile { name: "used.circ".to_string(), text: "\nconst N = 1;".to_string() });
        let other = Span { file: FileId(1), start: 7, end: 8 };
        let problem = Diagnostic::error("defined-twice", span(21, 22), "`x` is defined twice", "defined again")
            .related(span(11, 12), "first defined here")
            .related(other, "and a constant")
            .help("choose another name");
        insta::assert_snapshot!(render(&[problem], &sources, false, 80));
    }

    #[test]
    fn a_label_behind_the_last_character_is_drawn() {
        let problem = Diagnostic::error("missing-semicolon", span(5, 5), "a statement has no `;`", "expected `;` here");
        insta::assert_snapshot!(render(&[problem], &sources("x = a"), false, 80));
    }

    #[test]
    fn spans_become_offset_and_length() {
        let text = "αβ = \u{1}a;";
        let window = Window::new(text, (0, text.len()), &[]);
        assert_eq!(window.source_span(span(4, 5), 0), SourceSpan::new(4.into(), 1));
        assert_eq!(window.source_span(span(2, 4), 10), SourceSpan::new(12.into(), 2));
        let behind_control = window.source_span(span(8, 9), 0);
        assert_eq!(&window.text[behind_control.offset()..][..behind_control.len()], "a");
        assert_eq!(window.source_span(span(0, 500), 0), SourceSpan::new(0.into(), window.text.len() - 1));
    }

    #[test]
    fn long_lines_are_clipped_around_the_label() {
        let text = format!("{}HERE{}", "a & ".repeat(250_000), " & é".repeat(250_000));
        let start = text.find("HERE").unwrap_or(0);
        let problem = Diagnostic::error("unknown-name", span(start, start + 4), "nothing is called `HERE`", "unknown");
        let drawn = render(&[problem], &sources(&text), false, 80);
        assert!(drawn.len() < 1000, "{drawn}");
        assert!(
            drawn.contains("…& a") && drawn.contains("HERE & é") && drawn.contains("test.circ:1:1000001"),
            "{drawn}"
        );
    }

    #[test]
    fn nothing_from_outside_reaches_the_terminal_raw_or_without_end() {
        let evil = "\u{1b}]0;x\u{7}".repeat(100_000);
        let mut sources = sources("a \u{202e}\u{9b}\nb\n");
        sources.files.push(SourceFile { name: evil.clone(), text: "a".into() });
        for file in [FileId(0), FileId(1), FileId(2)] {
            let problem = Diagnostic::error("bad-x", Span { file, ..span(0, 1) }, evil.clone(), evil.clone())
                .related(Span { file: FileId(1), ..span(0, 1) }, evil.clone())
                .help(evil.clone());
            let drawn = render(&[problem], &sources, false, 80);
            let steering: Vec<char> = drawn.chars().filter(|&letter| letter != '\n' && steers(letter)).collect();
            assert!(steering.is_empty(), "{drawn}");
            assert!(drawn.len() < 50_000, "{} bytes", drawn.len());
        }
    }

    #[test]
    fn of_many_problems_the_first_are_drawn_and_the_rest_counted() {
        let text = "x\n".repeat(100_000);
        let problems: Vec<Diagnostic> = (0..100_000)
            .rev()
            .map(|line| Diagnostic::error("bad-x", span(2 * line, 2 * line + 1), "bad", "x"))
            .collect();
        let drawn = render(&problems, &sources(&text), false, 80);
        assert!(drawn.starts_with("test.circ:1:1: error[bad-x]: bad\n"));
        assert!(drawn.ends_with("… and 99950 more errors of the kind bad-x\n\n"));
        assert_eq!(drawn.matches("error[bad-x]").count(), 50);
    }

    #[test]
    fn any_span_is_drawn() {
        let texts = ["", "\n", "a", "a\r\nb", "ééé\n\n", "\u{feff}a\n\tb", "\u{1b}[31m"];
        for text in texts {
            for start in 0..text.len() + 3 {
                for end in [start, start + 1, start + 40] {
                    let problem = Diagnostic::error("code", span(start, end), "headline", "label")
                        .related(span(end, start), "other")
                        .help("help");
                    let drawn = render(&[problem], &sources(text), false, 80);
                    assert!(drawn.contains("label") && drawn.contains("other"), "{text:?} {start} {end}: {drawn}");
                    assert!(!drawn.contains('\u{1b}'));
                }
            }
        }
    }
}
