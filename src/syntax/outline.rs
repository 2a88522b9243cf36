//! Cuts a file into statements, heads of blocks and ends of blocks, so that each is parsed on its own.
//!
//! Knows brackets, `;` and the words that open a block, nothing else of the grammar. What is wrong with brackets,
//! strings, comments and characters is found here, and so is nesting that no later pass should recurse into.

use std::ops::Range;

use super::pairs::Place;
use super::problems;
use super::tokens::{Token, TokenKind, tokens};
use crate::diagnostic::{Diagnostic, FileId, Span, suggest};

/// How deep brackets, prefix operators and chains of integer operators may nest.
pub(super) const MAX_NESTING: usize = 256;

pub(super) struct Outline {
    /// Without comments.
    pub tokens: Vec<Token>,
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

struct Block {
    place: Option<Place>,
    /// The token `{`.
    brace: usize,
    word: String,
    is_closed: bool,
}

struct Cutter<'a> {
    text: &'a str,
    file: FileId,
    found: &'a mut Vec<Diagnostic>,
    tokens: Vec<Token>,
    pieces: Vec<Piece>,
    blocks: Vec<Block>,
    /// Where the current piece begins, and whether it is worth parsing.
    start: usize,
    is_sound: bool,
    /// Open parentheses and brackets of the current piece, each with the prefix operators before it.
    brackets: Vec<(usize, usize)>,
    n_prefixes: usize,
    nesting: usize,
    is_too_deep: bool,
}

pub(super) fn outline(text: &str, file: FileId, found: &mut Vec<Diagnostic>) -> Outline {
    let (mut significant, mut comments) = (Vec::new(), Vec::new());
    for token in tokens(text) {
        if token.kind == (TokenKind::BlockComment { closed: false }) {
            found.push(problems::unclosed_comment(Span { file, start: token.start, end: token.start + 2 }));
        }
        if token.is_comment() { comments.push(token) } else { significant.push(token) }
    }
    let is_closed = closed_braces(text, &significant);
    let mut cutter = Cutter {
        text,
        file,
        found,
        tokens: significant,
        pieces: Vec::new(),
        blocks: Vec::new(),
        start: 0,
        is_sound: true,
        brackets: Vec::new(),
        n_prefixes: 0,
        nesting: 0,
        is_too_deep: false,
    };
    for (at, is_closed) in is_closed.into_iter().enumerate() {
        cutter.token(at, is_closed);
        if cutter.blocks.len() > MAX_NESTING {
            let span = cutter.span(at);
            cutter.found.retain(|problem| problem.span.start > span.start || problem.code == "unclosed-comment");
            cutter.found.push(problems::nesting_too_deep(span));
            return Outline { tokens: cutter.tokens, comments, pieces: Vec::new() };
        }
    }
    let end = cutter.tokens.len();
    cutter.end_statement(end, false);
    while let Some(block) = cutter.blocks.pop() {
        cutter.close_unclosed(block, None);
    }
    Outline { tokens: cutter.tokens, comments, pieces: cutter.pieces }
}

/// For each token whether it is a `{` that has its `}`.
fn closed_braces(text: &str, tokens: &[Token]) -> Vec<bool> {
    let (mut open, mut is_closed) = (Vec::new(), vec![false; tokens.len()]);
    for (at, token) in tokens.iter().enumerate() {
        match token.text(text) {
            "{" => open.push(at),
            "}" => {
                if let Some(brace) = open.pop() {
                    is_closed[brace] = true;
                }
            }
            _ => {}
        }
    }
    is_closed
}

impl Cutter<'_> {
    fn span(&self, at: usize) -> Span {
        Span { file: self.file, start: self.tokens[at].start, end: self.tokens[at].end }
    }

    fn word(&self, at: usize) -> &str {
        self.tokens[at].text(self.text)
    }

    fn place(&self) -> Option<Place> {
        self.blocks.last().map_or(Some(Place::File), |block| block.place)
    }

    fn token(&mut self, at: usize, is_closed: bool) {
        let token = self.tokens[at];
        let is_first = at == self.start;
        match token.kind {
            TokenKind::Word => {
                if is_first && is_item_word(token.text(self.text)) {
                    // An item cannot stand in a block: the block before it was meant to end.
                    if self.blocks.last().is_some_and(|block| !block.is_closed)
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
                self.is_sound = false;
                let span = self.span(at);
                self.found.push(problems::unexpected_character(span, token.text(self.text)));
            }
            TokenKind::Mark => self.mark(at, is_closed),
            _ => self.n_prefixes = 0,
        }
    }

    fn mark(&mut self, at: usize, is_closed: bool) {
        let mark = self.tokens[at].text(self.text);
        let is_prefix = matches!(mark, "!" | "-");
        match mark {
            ";" => {
                if at == self.start {
                    let span = self.span(at);
                    if self.place().is_some() {
                        let follows_block =
                            matches!(self.pieces.last(), Some(piece) if matches!(piece.kind, PieceKind::Close { .. }));
                        self.found.push(problems::empty_statement(span, follows_block));
                    }
                    self.start = at + 1;
                } else {
                    self.end_statement(at, true);
                    self.start = at + 1;
                }
            }
            "{" => self.open(at, is_closed),
            "}" => {
                self.end_statement(at, false);
                self.start = at + 1;
                match self.blocks.pop() {
                    Some(block) => self.push_close(block.place, at, self.tokens[at].end),
                    None => {
                        let span = self.span(at);
                        self.found.push(problems::unmatched_bracket(span, "}"));
                    }
                }
            }
            "(" | "[" => {
                self.deepen(at, 1 + self.n_prefixes);
                if !self.is_too_deep {
                    self.brackets.push((at, self.n_prefixes));
                }
            }
            ")" | "]" if !self.is_too_deep => self.close_bracket(at),
            _ if is_prefix && self.n_prefixes + self.nesting >= MAX_NESTING => self.deepen(at, self.n_prefixes + 1),
            _ => {}
        }
        self.n_prefixes = if is_prefix { self.n_prefixes + 1 } else { 0 };
    }

    fn deepen(&mut self, at: usize, by: usize) {
        if self.is_too_deep {
            return;
        }
        if self.nesting + by > MAX_NESTING {
            self.is_too_deep = true;
            self.is_sound = false;
            let span = self.span(at);
            self.found.push(problems::nesting_too_deep(span));
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
            self.pieces.push(Piece { kind, tokens: self.start..end, place, is_sound });
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
        self.is_sound = true;
        self.brackets.clear();
        (self.n_prefixes, self.nesting, self.is_too_deep) = (0, 0, false);
    }

    fn open(&mut self, brace: usize, is_closed: bool) {
        // A block word cannot be a name: what stands before it is a statement that lacks its `;`.
        if let Some(head) = (self.start + 1..brace).find(|&at| block_place(self.word(at)).is_some())
            && block_place(self.word(self.start)).is_none()
        {
            self.end_statement(head, false);
            self.start = head;
        } else if self.start < brace {
            self.check_brackets(brace);
        }
        let word = if self.start < brace { self.word(self.start).to_string() } else { String::new() };
        let mut place = block_place(&word);
        if let Some(outer) = self.blocks.last() {
            if outer.place.is_some() {
                let span = self.span(if self.start < brace { self.start } else { brace });
                let problem = problems::misplaced_block(span, &word, &outer.word, self.span(outer.brace));
                self.found.push(problem);
            }
            place = None;
            self.is_sound = false;
        } else if place.is_none() {
            let meant = suggest(&word, BLOCK_WORDS);
            place = meant.and_then(block_place);
            self.is_sound = false;
            let span = self.span(if self.start < brace { self.start } else { brace });
            self.found.push(problems::unknown_block(span, &word, meant));
        }
        let (tokens, is_sound) = (self.start..brace, self.is_sound);
        self.pieces.push(Piece { kind: PieceKind::Open, tokens, place, is_sound });
        self.blocks.push(Block { place, brace, word, is_closed });
        self.start = brace + 1;
        self.reset();
    }

    fn push_close(&mut self, place: Option<Place>, at: usize, end: u32) {
        self.pieces.push(Piece { kind: PieceKind::Close { end }, tokens: at..at, place, is_sound: true });
    }

    fn close_unclosed(&mut self, block: Block, before: Option<usize>) {
        if block.place.is_some() {
            let next = before.map(|at| (self.span(at), self.word(at).to_string()));
            let problem = problems::unclosed_block(self.span(block.brace), &block.word, next);
            self.found.push(problem);
        }
        let at = before.unwrap_or(self.tokens.len());
        let end = if at == 0 { 0 } else { self.tokens[at - 1].end };
        self.push_close(block.place, at, end);
    }
}

/// The words that open a block.
pub(super) const BLOCK_WORDS: [&str; 5] = ["gate", "layer", "network", "require", "sample"];

/// The words that begin an item; none of them can be a name.
pub(super) const ITEM_WORDS: [&str; 10] =
    ["circuit", "const", "feature", "gate", "layer", "network", "output", "require", "sample", "use"];

pub(super) fn is_item_word(word: &str) -> bool {
    ITEM_WORDS.contains(&word)
}

fn block_place(word: &str) -> Option<Place> {
    Some(match word {
        "gate" => Place::Gate,
        "layer" => Place::Layer,
        "sample" => Place::Sample,
        "network" => Place::Network,
        "require" => Place::Require,
        _ => return None,
    })
}
