//! Cuts a file into statements, heads of blocks and ends of blocks, so that each is parsed on its own.
//!
//! Knows brackets, `;` and the words that open a block, nothing else of the grammar. What is wrong with brackets,
//! strings, comments and characters is found here, and so is nesting that no later pass should recurse into. Works in
//! rounds, so that neither the tokens of a long file nor the problems of a hopeless one are ever held at once.

use std::ops::Range;

use super::foreign;
use super::limits::{MAX_NESTING, MAX_STATEMENT, MAX_STATEMENTS};
use super::problems;
use super::tokens::{Token, TokenKind, Tokens, tokens};
use super::words::{self, Place, is_item_word};
use crate::diagnostic::{Diagnostic, FileId, MAX_PROBLEMS, Span, suggest};

/// The pieces of one round: enough to keep all cores busy.
const PIECES_A_ROUND: usize = 1 << 14;

/// What one round has cut.
#[derive(Default)]
pub(super) struct Outline {
    /// Without comments.
    pub tokens: Vec<Token>,
    /// Those of the rounds before as well.
    pub comments: Vec<Token>,
    pub pieces: Vec<Piece>,
}

pub(super) struct Piece {
    pub kind: PieceKind,
    /// Indices into [`Outline::tokens`], without the `;`, `{` or `}` that ends the piece; never empty but for an end.
    pub tokens: Range<usize>,
    /// Where the piece stands; `None`: in something that is no block of the language.
    pub place: Option<Place>,
    /// False when a problem of it has been reported already: it is not parsed.
    pub is_sound: bool,
    /// Whether names have letters beyond ASCII, which has been reported: it is parsed for its other problems alone.
    pub has_letters: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum PieceKind {
    Statement {
        has_semicolon: bool,
    },
    /// The head of a block; its body follows, up to the matching `Close`.
    Open,
    /// `end`: the byte behind the block.
    Close {
        end: u32,
    },
}

/// A `{` whose `}` has not come yet.
struct OpenBrace {
    place: Option<Place>,
    /// Where its head begins.
    start: u32,
    /// The token `{`.
    brace: Span,
    word: String,
}

/// Cuts a file, round by round.
pub(super) struct Cutter<'a> {
    text: &'a str,
    file: FileId,
    rest: Tokens<'a>,
    pub outline: Outline,
    /// What is wrong with what has been cut.
    pub found: Vec<Diagnostic>,
    blocks: Vec<OpenBrace>,
    /// The braces that are never closed; looked for when that first matters.
    unclosed: Option<Vec<u32>>,
    /// Where the last token ends that belongs to a finished piece.
    last_end: u32,
    follows_block: bool,
    n_pieces: usize,
    /// True when the file is too long to be worth a tree.
    pub has_given_up: bool,
    /// Where the current piece begins, and whether it is worth parsing.
    start: usize,
    is_sound: bool,
    has_letters: bool,
    /// Open parentheses and brackets of the current piece, each with the prefix operators before it.
    brackets: Vec<(usize, usize)>,
    n_prefixes: usize,
    nesting: usize,
    /// Too deep or too long: its tokens are not even kept.
    is_hopeless: bool,
}

/// The braces `{` that have no `}`, by their position, in order.
fn unclosed_braces(text: &str) -> Vec<u32> {
    let mut open = Vec::new();
    for token in tokens(text) {
        match token.text(text) {
            "{" => open.push(token.start),
            "}" => drop(open.pop()),
            _ => {}
        }
        // The cutter comes no deeper: it leaves a block that has no end only with a problem.
        if open.len() > MAX_NESTING + MAX_PROBLEMS {
            break;
        }
    }
    open
}

impl<'a> Cutter<'a> {
    pub fn new(text: &'a str, file: FileId) -> Cutter<'a> {
        Cutter {
            text,
            file,
            rest: tokens(text),
            outline: Outline::default(),
            found: Vec::new(),
            blocks: Vec::new(),
            unclosed: None,
            last_end: 0,
            follows_block: false,
            n_pieces: 0,
            has_given_up: false,
            start: 0,
            is_sound: true,
            has_letters: false,
            brackets: Vec::new(),
            n_prefixes: 0,
            nesting: 0,
            is_hopeless: false,
        }
    }

    /// Cuts the next pieces, in place of those of the round before; false when these are the last.
    pub fn cut_round(&mut self) -> bool {
        self.outline.pieces.clear();
        self.outline.tokens.clear();
        self.start = 0;
        while let Some(token) = self.rest.next() {
            if self.n_pieces + self.outline.comments.len() >= MAX_STATEMENTS {
                let span = Span { file: self.file, start: token.start, end: token.end };
                self.found.push(problems::too_many_statements(span, MAX_STATEMENTS));
                self.has_given_up = true;
                return false;
            }
            if token.is_comment() {
                if token.kind == (TokenKind::BlockComment { closed: false }) {
                    let span = Span { file: self.file, start: token.start, end: token.start + 2 };
                    self.found.push(problems::unclosed_comment(span));
                }
                if token.kind == TokenKind::ForeignComment {
                    let length = if token.text(self.text).starts_with("--") { 2 } else { 1 };
                    let span = Span { file: self.file, start: token.start, end: token.start + length };
                    self.found.push(problems::foreign_comment(span, &token.text(self.text)[..length as usize]));
                }
                self.outline.comments.push(token);
                if self.found.len() > MAX_PROBLEMS {
                    return false;
                }
                continue;
            }
            let at = self.outline.tokens.len();
            self.outline.tokens.push(token);
            self.token(at);
            if self.found.len() > MAX_PROBLEMS {
                return false;
            }
            if self.blocks.len() > MAX_NESTING {
                // What the blocks around are not is of no interest then.
                let (outermost, span) = (self.blocks[0].start, self.span(at));
                self.found.retain(|problem| problem.span.start < outermost);
                self.found.push(problems::nesting_too_deep(span, MAX_NESTING));
                return false;
            }
            if self.start > at {
                self.last_end = token.end;
                if self.outline.pieces.len() >= PIECES_A_ROUND {
                    return true;
                }
            } else if self.is_hopeless && self.start < at {
                self.outline.tokens.pop();
            } else if at - self.start == MAX_STATEMENT {
                self.is_sound = false;
                self.is_hopeless = true;
                self.found.push(problems::statement_too_long(self.span(self.start), MAX_STATEMENT));
            }
        }
        self.end_statement(self.outline.tokens.len(), false);
        while let Some(block) = self.blocks.pop() {
            self.close_unclosed(block, None);
        }
        false
    }

    fn span(&self, at: usize) -> Span {
        Span { file: self.file, start: self.outline.tokens[at].start, end: self.outline.tokens[at].end }
    }

    fn word(&self, at: usize) -> &str {
        self.outline.tokens[at].text(self.text)
    }

    fn place(&self) -> Option<Place> {
        self.blocks.last().map_or(Some(Place::File), |block| block.place)
    }

    fn token(&mut self, at: usize) {
        let token = self.outline.tokens[at];
        let is_first = at == self.start;
        match token.kind {
            TokenKind::Word => {
                if is_first && is_item_word(token.text(self.text)) {
                    // An item cannot stand in a block: the block before it was meant to end.
                    if self.is_in_unclosed_block()
                        && let Some(block) = self.blocks.pop()
                    {
                        self.close_unclosed(block, Some(at));
                    }
                }
                self.n_prefixes = 0;
            }
            TokenKind::Text { closed: false } => {
                self.is_sound = false;
                let span = self.span(at);
                self.found.push(problems::unclosed_text(span));
            }
            TokenKind::Foreign => {
                match token.text(self.text).chars().all(char::is_alphabetic) {
                    true => self.has_letters = true,
                    false => self.is_sound = false,
                }
                let span = self.span(at);
                self.found.push(problems::unexpected_character(span, token.text(self.text)));
            }
            TokenKind::Mark => self.mark(at),
            _ => self.n_prefixes = 0,
        }
    }

    fn mark(&mut self, at: usize) {
        let mark = self.outline.tokens[at].text(self.text);
        let is_prefix = matches!(mark, "!" | "-");
        match mark {
            ";" => {
                if at == self.start {
                    let span = self.span(at);
                    if self.place().is_some() && !self.follows_no_block() {
                        self.found.push(problems::empty_statement(span, self.follows_block));
                    }
                } else {
                    self.end_statement(at, true);
                }
                self.start = at + 1;
            }
            "{" => self.open(at),
            "}" => {
                self.end_statement(at, false);
                self.start = at + 1;
                match self.blocks.pop() {
                    Some(block) => self.push_close(block.place, at, self.outline.tokens[at].end),
                    None => {
                        let span = self.span(at);
                        self.found.push(problems::unmatched_bracket(span, "}"));
                    }
                }
            }
            "(" | "[" => {
                self.deepen(at, 1 + self.n_prefixes);
                if !self.is_hopeless {
                    self.brackets.push((at, self.n_prefixes));
                }
            }
            ")" | "]" if !self.is_hopeless => self.close_bracket(at),
            _ if is_prefix && self.n_prefixes + self.nesting >= MAX_NESTING => self.deepen(at, self.n_prefixes + 1),
            _ => {}
        }
        self.n_prefixes = if is_prefix { self.n_prefixes + 1 } else { 0 };
    }

    fn deepen(&mut self, at: usize, by: usize) {
        if self.is_hopeless {
            return;
        }
        if self.nesting + by > MAX_NESTING {
            self.is_hopeless = true;
            self.is_sound = false;
            let span = self.span(at);
            self.found.push(problems::nesting_too_deep(span, MAX_NESTING));
        } else {
            self.nesting += by;
        }
    }

    fn close_bracket(&mut self, at: usize) {
        let closing = self.word(at).to_string();
        let wanted = if closing == ")" { "(" } else { "[" };
        match self.brackets.pop() {
            Some((opening, n_prefixes)) => {
                self.nesting -= 1 + n_prefixes;
                if self.word(opening) != wanted && self.is_sound {
                    self.is_sound = false;
                    let (opening_span, closing_span) = (self.span(opening), self.span(at));
                    let problem =
                        problems::mismatched_bracket(opening_span, self.word(opening), closing_span, &closing);
                    self.found.push(problem);
                }
            }
            None if self.is_sound => {
                self.is_sound = false;
                let span = self.span(at);
                self.found.push(problems::unmatched_bracket(span, &closing));
            }
            None => {}
        }
    }

    /// Ends the current piece before token `end`, as a statement if it has any token.
    fn end_statement(&mut self, end: usize, has_semicolon: bool) {
        if self.start < end {
            self.check_brackets(end);
            let (place, is_sound) = (self.place(), self.is_sound);
            let kind = PieceKind::Statement { has_semicolon };
            self.push(Piece { kind, tokens: self.start..end, place, is_sound, has_letters: self.has_letters });
        }
        self.reset();
    }

    fn check_brackets(&mut self, end: usize) {
        if let (Some(&(opening, _)), true) = (self.brackets.last(), self.is_sound) {
            self.is_sound = false;
            let span = self.span(opening);
            let end = self.span(end - 1).end;
            let problem = problems::unclosed_bracket(span, self.word(opening), Span { start: end, end, ..span });
            self.found.push(problem);
        }
    }

    fn reset(&mut self) {
        (self.is_sound, self.has_letters) = (true, false);
        self.brackets.clear();
        (self.n_prefixes, self.nesting, self.is_hopeless) = (0, 0, false);
    }

    fn open(&mut self, brace: usize) {
        // A block word cannot be a name: what stands before it is a statement that lacks its `;`.
        if let Some(head) = (self.start + 1..brace).find(|&at| self.begins_block(at))
            && !self.begins_block(self.start)
        {
            self.end_statement(head, false);
            self.start = head;
        } else if self.start < brace {
            self.check_brackets(brace);
        }
        let word = if self.start < brace { self.word(self.start).to_string() } else { String::new() };
        let mut place = words::block(&word).map(|block| block.place);
        if let Some(outer) = self.blocks.last() {
            if outer.place.is_some() {
                let span = self.span(if self.start < brace { self.start } else { brace });
                let problem = problems::misplaced_block(span, &word, &outer.word, outer.brace);
                self.found.push(problem);
            }
            place = None;
            self.is_sound = false;
        } else if place.is_none() {
            let known = words::BLOCKS.iter().map(|block| block.word.text);
            let meant =
                foreign::item(&word).filter(|word| words::block(word).is_some()).or_else(|| suggest(&word, known));
            place = meant.and_then(words::block).map(|block| block.place);
            self.is_sound = false;
            let problem = match foreign::item(&word).filter(|_| meant.is_none()).unwrap_or(&word) {
                item if is_item_word(item) => problems::item_in_braces(self.span(brace), item),
                _ => problems::unknown_block(self.span(self.start), &word, meant),
            };
            self.found.push(problem);
        }
        let (tokens, is_sound, has_letters) = (self.start..brace, self.is_sound, self.has_letters);
        let start = self.outline.tokens[self.start].start;
        self.push(Piece { kind: PieceKind::Open, tokens, place, is_sound, has_letters });
        self.blocks.push(OpenBrace { place, start, brace: self.span(brace), word });
        self.start = brace + 1;
        self.reset();
    }

    /// Whether a block may begin with the token, though its word may be a name: two names never stand side by side.
    fn begins_block(&self, at: usize) -> bool {
        let is_name = |at: usize| {
            let token = self.outline.tokens.get(at);
            token.is_some_and(|token| token.kind == TokenKind::Word && !words::is_reserved(token.text(self.text)))
        };
        words::block(self.word(at)).is_some_and(|block| block.is_reserved || is_name(at + 1))
    }

    fn push(&mut self, piece: Piece) {
        self.follows_block = matches!(piece.kind, PieceKind::Close { .. });
        self.outline.pieces.push(piece);
        self.n_pieces += 1;
    }

    /// Whether the piece before is the end of something that is no block, as in `output { x };`.
    fn follows_no_block(&self) -> bool {
        let is_no_block = |piece: &Piece| matches!(piece.kind, PieceKind::Close { .. }) && piece.place.is_none();
        self.outline.pieces.last().is_some_and(is_no_block)
    }

    fn push_close(&mut self, place: Option<Place>, at: usize, end: u32) {
        self.push(Piece { kind: PieceKind::Close { end }, tokens: at..at, place, is_sound: true, has_letters: false });
    }

    fn is_in_unclosed_block(&mut self) -> bool {
        let Some(block) = self.blocks.last() else { return false };
        let unclosed = self.unclosed.get_or_insert_with(|| unclosed_braces(self.text));
        unclosed.binary_search(&block.brace.start).is_ok()
    }

    fn close_unclosed(&mut self, block: OpenBrace, before: Option<usize>) {
        if block.place.is_some() {
            let next = before.map(|at| (self.span(at), self.word(at).to_string()));
            let problem = problems::unclosed_block(block.brace, &block.word, next);
            self.found.push(problem);
        }
        let at = before.unwrap_or(self.outline.tokens.len());
        let end = if at == 0 { self.last_end } else { self.outline.tokens[at - 1].end };
        self.push_close(block.place, at, end);
    }
}
