//! A statement that the grammar refuses, as its tokens: where the grammar gave up, and what stands around a place.
//!
//! Must not know what was meant.

use std::ops::Range;

use super::outline::Outline;
use super::pairs::Failure;
use super::tokens::{Token, TokenKind};
use super::words::is_item_word;
use crate::diagnostic::{FileId, Span};

/// Longer parts of a statement are not repeated in a help.
const LONGEST_REPEATED: usize = 40;

/// A statement, or the head of a block, that the grammar refuses.
pub(super) struct Refused<'a> {
    text: &'a str,
    file: FileId,
    outline: &'a Outline,
    tokens: Range<usize>,
}

impl<'a> Refused<'a> {
    pub fn new(text: &'a str, file: FileId, outline: &'a Outline, tokens: Range<usize>) -> Refused<'a> {
        Refused { text, file, outline, tokens }
    }

    /// Its first token.
    pub fn first(&self) -> usize {
        self.tokens.start
    }

    pub fn token(&self, at: usize) -> Option<Token> {
        self.tokens.contains(&at).then(|| self.outline.tokens[at])
    }

    pub fn word(&self, at: usize) -> &'a str {
        self.token(at).map_or("", |token| token.text(self.text))
    }

    pub fn span(&self, token: Token) -> Span {
        Span { file: self.file, start: token.start, end: token.end }
    }

    pub fn kind(&self, at: usize) -> Option<TokenKind> {
        self.token(at).map(|token| token.kind)
    }

    /// Behind its last token.
    pub fn end(&self) -> Span {
        let end = self.outline.tokens[self.tokens.end - 1].end;
        Span { file: self.file, start: end, end }
    }

    /// The token at which the grammar gave up; the end of the statement if it wanted more.
    pub fn culprit(&self, failure: &Failure) -> usize {
        let at = self.byte_of(failure);
        let tokens = &self.outline.tokens[self.tokens.clone()];
        self.tokens.start + tokens.partition_point(|token| token.end <= at)
    }

    /// Where in the file the grammar gave up.
    pub fn byte_of(&self, failure: &Failure) -> u32 {
        self.outline.tokens[self.tokens.start].start + failure.at as u32
    }

    pub fn is_first_of_line(&self, at: usize) -> bool {
        let (Some(before), Some(token)) = (self.token(at.wrapping_sub(1)), self.token(at)) else { return false };
        self.text[before.end as usize..token.start as usize].contains('\n')
    }

    /// Whether nothing stands between a token and the one before.
    pub fn is_attached(&self, at: usize) -> bool {
        let (Some(before), Some(token)) = (self.token(at.wrapping_sub(1)), self.token(at)) else { return false };
        before.end == token.start
    }

    /// The tokens before which a `;` may be missing, likeliest first.
    pub fn possible_ends(&self, failure: &Failure) -> Vec<usize> {
        let culprit = self.culprit(failure);
        let mut ends = Vec::new();
        if culprit > self.tokens.start && culprit < self.tokens.end {
            let begins_statement = matches!(self.word(culprit + 1), "=" | "[") || is_item_word(self.word(culprit));
            let is_word = self.kind(culprit) == Some(TokenKind::Word);
            if self.is_first_of_line(culprit) || is_word && begins_statement {
                ends.push(culprit);
            }
        }
        // `a = b` before a line `(c, d) = …` reads as a call: the failure comes later in the line.
        let start_of_line = (self.tokens.start + 1..=culprit.min(self.tokens.end - 1)).rev().find(|&at| {
            self.is_first_of_line(at) && matches!(self.kind(at), Some(TokenKind::Word))
                || self.is_first_of_line(at) && self.word(at) == "("
        });
        ends.extend(start_of_line.filter(|at| !ends.contains(at)));
        ends
    }

    /// Some of its tokens as they are written; none where that would be long.
    pub fn written(&self, tokens: Range<usize>) -> Option<&'a str> {
        if tokens.is_empty() {
            return None;
        }
        let (start, end) = (self.token(tokens.start)?.start, self.token(tokens.end - 1)?.end);
        let text = &self.text[start as usize..end as usize];
        let is_plain = !text.contains('\n') && !text.contains("//") && !text.contains("/*");
        Some(text).filter(|text| is_plain && text.chars().count() <= LONGEST_REPEATED)
    }

    /// All from a token on.
    pub fn rest(&self, at: usize) -> Option<&'a str> {
        self.written(at..self.tokens.end)
    }

    /// Where the part that a token stands in begins, between commas and within brackets or behind `=`.
    pub fn part_start(&self, at: usize) -> usize {
        let mut depth = 0;
        for before in (self.tokens.start..at).rev() {
            match self.word(before) {
                ")" | "]" => depth += 1,
                "(" | "[" if depth > 0 => depth -= 1,
                "(" | "[" => return before + 1,
                "," | "=" if depth == 0 => return before + 1,
                _ => {}
            }
        }
        self.tokens.start
    }

    /// Where the part that a token stands in ends, at the latest before a word or mark that `ends` it.
    pub fn part_end(&self, at: usize, ends: &[&str]) -> usize {
        let mut depth = 0;
        for behind in at..self.tokens.end {
            match self.word(behind) {
                "(" | "[" => depth += 1,
                ")" | "]" if depth > 0 => depth -= 1,
                ")" | "]" => return behind,
                "," | "for" if depth == 0 => return behind,
                word if depth == 0 && ends.contains(&word) => return behind,
                _ => {}
            }
        }
        self.tokens.end
    }

    /// What stands on both sides of a token, in its part of the statement.
    pub fn sides(&self, at: usize) -> Option<(&'a str, &'a str)> {
        let left = self.written(self.part_start(at)..at)?;
        Some((left, self.written(at + 1..self.part_end(at + 1, &[]))?))
    }

    /// The arguments of the call whose first begins at a token.
    pub fn arguments(&self, first: usize) -> Option<Vec<&'a str>> {
        let mut arguments = Vec::new();
        let mut start = first;
        loop {
            let end = self.part_end(start, &[]);
            arguments.push(self.written(start..end)?);
            if self.word(end) != "," {
                return Some(arguments);
            }
            start = end + 1;
        }
    }

    /// The signal, call or group that begins at a token.
    pub fn operand_from(&self, at: usize) -> Option<&'a str> {
        let mut end = at;
        while self.word(end) == "!" {
            end += 1;
        }
        if self.kind(end) == Some(TokenKind::Word) {
            end += 1;
        }
        while matches!(self.word(end), "(" | "[") {
            end = self.part_end(end + 1, &[]) + 1;
            while self.word(end - 1) == "," {
                end = self.part_end(end, &[]) + 1;
            }
        }
        self.written(at..end)
    }

    /// The signal, call or group that ends before a token.
    pub fn operand_before(&self, at: usize) -> Option<&'a str> {
        let mut start = at;
        loop {
            let bracket = start.checked_sub(1)?;
            if !matches!(self.word(bracket), ")" | "]") {
                break;
            }
            start = self.part_start(bracket) - 1;
            while matches!(self.word(start), "," | "=") {
                start = self.part_start(start) - 1;
            }
        }
        if self.kind(start - 1) == Some(TokenKind::Word) {
            start -= 1;
        }
        self.written(start..at)
    }
}
