//! A page of text: headings, labelled lines, tables, and at the foot what its words mean.
//!
//! Must not know what is reported, nor whether the page goes to a terminal.

use std::fmt::Write;

use super::words::WORDS;
use crate::text::{table, wrapped};

/// How to lay the report out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    pub color: bool,
    /// Columns of the terminal.
    pub width: usize,
    /// How many of the worst gates are named.
    pub worst: usize,
    /// A table of every gate.
    pub gates: bool,
}

impl Default for Style {
    fn default() -> Style {
        Style { color: false, width: 80, worst: 8, gates: false }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    Plain,
    Heading,
    Faint,
    Good,
    Bad,
}

/// Columns of a label.
const LABEL_WIDTH: usize = 13;

/// Columns of a value that a remark stands behind.
const VALUE_WIDTH: usize = 10;

/// So long an item at most has its words beside it.
const MOST_BESIDE: usize = 28;

pub struct Page<'a> {
    pub style: &'a Style,
    text: String,
    /// Labels and headers so far.
    said: Vec<String>,
}

impl<'a> Page<'a> {
    pub fn new(style: &'a Style) -> Page<'a> {
        Page { style, text: String::new(), said: Vec::new() }
    }

    pub fn paint(&self, text: &str, ink: Ink) -> String {
        let code = match ink {
            Ink::Plain => return text.to_owned(),
            Ink::Heading => "1",
            Ink::Faint => "2",
            Ink::Good => "32",
            Ink::Bad => "31",
        };
        let is_bare = !self.style.color || text.is_empty();
        if is_bare { text.to_owned() } else { format!("\u{1b}[{code}m{text}\u{1b}[0m") }
    }

    /// Has a word explained at the foot, if it is one of those.
    pub fn say(&mut self, word: &str) {
        self.said.push(word.to_owned());
    }

    pub fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// The first line.
    pub fn title(&mut self, title: &str) {
        let title = self.paint(title, Ink::Heading);
        self.line(&title);
    }

    pub fn heading(&mut self, heading: &str) {
        let heading = self.paint(heading, Ink::Heading);
        let _ = writeln!(self.text, "\n{heading}");
    }

    /// A label, what there is to it, and a remark.
    pub fn labelled(&mut self, label: &str, value: &str, remark: &str) {
        self.say(label);
        self.verdict((label, Ink::Faint), value, remark);
    }

    /// The same, with a label of that colour that needs no word.
    pub fn verdict(&mut self, (label, ink): (&str, Ink), value: &str, remark: &str) {
        let padded = self.paint(&format!("{label:<LABEL_WIDTH$} "), ink);
        let taken = [value.chars().count().max(VALUE_WIDTH), remark.chars().count()].iter().sum::<usize>();
        let remark_painted = self.paint(remark, Ink::Faint);
        // Colour that paints nothing would keep trailing blanks.
        if remark.is_empty() {
            self.line(&format!("  {padded}{value}"));
        } else if 2 + LABEL_WIDTH + 1 + taken + 2 <= self.style.width.max(2 * LABEL_WIDTH) {
            self.line(&format!("  {padded}{value:<VALUE_WIDTH$}  {remark_painted}"));
        } else {
            self.line(&format!("  {padded}{value}"));
            self.line(&format!("  {:<LABEL_WIDTH$} {remark_painted}", ""));
        }
    }

    /// A sentence of a list.
    pub fn point(&mut self, sentence: &str) {
        let lines = wrapped("  -", sentence, self.style.width);
        self.line(&lines);
    }

    /// Items, each with words that say what it is: beside it, or below where it is long.
    pub fn items(&mut self, items: &[(&str, &str)]) {
        let lengths = items.iter().map(|(item, _)| item.chars().count());
        let beside = lengths.filter(|&length| length <= MOST_BESIDE).max().unwrap_or(0);
        for (item, words) in items {
            let is_long = item.chars().count() > beside;
            if is_long {
                self.line(&format!("  {item}"));
            }
            let head = if is_long { "" } else { item };
            let lines = wrapped(&format!("  {head:<beside$} "), words, self.style.width);
            self.line(&lines);
        }
    }

    /// A table with its header faint; `n_left` columns stand left.
    pub fn table(&mut self, header: &[&str], rows: impl Iterator<Item = Vec<String>>, n_left: usize) {
        self.said.extend(header.iter().map(|&head| head.to_owned()));
        for (line_idx, line) in table(header, rows, n_left, self.style.width).into_iter().enumerate() {
            let ink = if line_idx == 0 { Ink::Faint } else { Ink::Plain };
            let line = self.paint(&line, ink);
            self.line(&line);
        }
    }

    /// The text, ending in a newline; at its foot what was said and needs a word.
    pub fn finish(mut self) -> String {
        let said = std::mem::take(&mut self.said);
        let words = WORDS.iter().filter(|(word, _)| said.iter().any(|said| said == word));
        let lines: Vec<String> = words
            .map(|(word, meaning)| wrapped(&format!("  {word:<LABEL_WIDTH$}"), meaning, self.style.width))
            .collect();
        if !lines.is_empty() {
            self.heading("words");
        }
        for line in lines.iter().flat_map(|lines| lines.lines()) {
            let line = self.paint(line, Ink::Faint);
            self.line(&line);
        }
        self.text
    }
}
