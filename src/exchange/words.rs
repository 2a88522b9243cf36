//! Lines and words of a text, with their places. Must not know what they mean.

use crate::diagnostic::{FileId, Span};

/// A piece of a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word<'a> {
    pub text: &'a str,
    pub span: Span,
}

impl<'a> Word<'a> {
    pub fn new(text: &'a str, start: usize, file: FileId) -> Word<'a> {
        Word { text, span: Span { file, start: start as u32, end: (start + text.len()) as u32 } }
    }

    /// Its bytes `start..end`.
    pub fn part(&self, start: usize, end: usize) -> Word<'a> {
        Word::new(&self.text[start..end], self.span.start as usize + start, self.span.file)
    }

    /// Without white space at its ends.
    pub fn trim(&self) -> Word<'a> {
        let start = self.text.len() - self.text.trim_start().len();
        self.part(start, start + self.text.trim().len())
    }

    /// The pieces between white space.
    pub fn words(&self) -> impl Iterator<Item = Word<'a>> + use<'a> {
        let whole = *self;
        whole.text.split_ascii_whitespace().map(move |word| {
            let start = word.as_ptr() as usize - whole.text.as_ptr() as usize;
            whole.part(start, start + word.len())
        })
    }

    /// The pieces between commas, without white space at their ends.
    pub fn listed(&self) -> impl Iterator<Item = Word<'a>> + use<'a> {
        let whole = *self;
        whole.text.split(',').map(move |piece| {
            let start = piece.as_ptr() as usize - whole.text.as_ptr() as usize;
            whole.part(start, start + piece.len()).trim()
        })
    }
}

/// The lines of a text, without their ends and without what follows the mark of a comment.
pub(super) fn lines(text: &str, comment: Option<char>, file: FileId) -> impl Iterator<Item = Word<'_>> {
    text.split('\n').map(move |line| {
        let start = line.as_ptr() as usize - text.as_ptr() as usize;
        let code = comment.and_then(|mark| line.split(mark).next()).unwrap_or(line);
        Word::new(code.trim_end_matches('\r'), start, file)
    })
}
