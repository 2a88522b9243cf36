//! The canonical form of a file: one statement a line, blocks indented, comments kept, blank lines kept as one.
//!
//! Works on tokens, so that nothing written can be lost: the canonical form has the same tokens, and therefore the
//! same tree. How a line is broken depends on its tokens alone, never on how it was broken before: that makes the
//! form a fixed point. Comments at the ends of consecutive lines are aligned.

use super::ast::Ast;
use super::tokens::{Token, TokenKind, tokens};
use super::words::{self, Place};

/// Lines are broken where they would be longer, if they can be.
const MAX_WIDTH: usize = 100;
const INDENT: usize = 2;
/// The further lines of a statement are indented by so much more.
const CONTINUATION: usize = 4;
/// Comments are not aligned behind lines that are longer than this.
const MAX_ALIGNED: usize = 60;

/// The canonical form of `text`, of which `ast` is the tree. A text with errors has no canonical form: format only
/// what was parsed without one.
pub fn format(ast: &Ast, text: &str) -> String {
    // The tree has every comment that must come out again, and in the same order.
    debug_assert_eq!(ast.comments.len(), tokens(text).filter(Token::is_comment).count());
    let tokens: Vec<Token> = tokens(text).collect();
    let mut layout = Layout::default();
    let mut statement: Vec<Token> = Vec::new();
    let mut end_of_last = 0;
    for (at, token) in tokens.iter().enumerate() {
        let gap = &text[end_of_last..token.start as usize];
        let n_newlines = gap.bytes().filter(|byte| *byte == b'\n').count();
        end_of_last = token.end as usize;
        if statement.is_empty() {
            layout.has_gap |= n_newlines > 1 && at > 0;
            if token.is_comment() {
                // A comment behind code stays with it; one before code on the same line is part of the statement.
                let is_trailing = n_newlines == 0 && layout.can_trail();
                let next = tokens.get(at + 1).map(|next| (next, &text[end_of_last..next.start as usize]));
                let leads = next.is_some_and(|(next, gap)| !gap.contains('\n') && next.text(text) != "}");
                let is_block = token.kind != TokenKind::LineComment;
                if is_trailing {
                    layout.trail(&comment_text(token, text));
                    continue;
                }
                if !(is_block && leads) {
                    layout.line(comment_text(token, text), true);
                    continue;
                }
            }
        }
        match token.text(text) {
            ";" => {
                statement.push(*token);
                layout.statement(&statement, text);
                statement.clear();
            }
            "{" => {
                let first = statement.iter().find(|token| !token.is_comment()).map(|token| token.text(text));
                let block = first.and_then(words::block).map(|block| block.place);
                statement.push(*token);
                layout.statement(&statement, text);
                statement.clear();
                layout.depth += 1;
                layout.has_gap = false;
                layout.block = block;
            }
            "}" => {
                if !statement.is_empty() {
                    layout.statement(&statement, text);
                    statement.clear();
                }
                layout.close();
            }
            _ => statement.push(*token),
        }
    }
    if !statement.is_empty() {
        layout.statement(&statement, text);
    }
    layout.finish()
}

/// Without the white space at the ends of its lines.
fn comment_text(token: &Token, text: &str) -> String {
    token.text(text).lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// A line of the result, or the several lines of one comment.
struct Line {
    indent: usize,
    text: String,
    comment: Option<String>,
    is_comment: bool,
    has_gap_before: bool,
}

#[derive(Default)]
struct Layout {
    lines: Vec<Line>,
    depth: usize,
    /// Which block is open, if any.
    block: Option<Place>,
    has_gap: bool,
}

impl Layout {
    fn line(&mut self, text: String, is_comment: bool) {
        let has_gap_before = self.take_gap();
        let indent = self.depth * INDENT;
        self.lines.push(Line { indent, text, comment: None, is_comment, has_gap_before });
    }

    /// Whether an empty line comes next: none does at the start of the file or of a block.
    fn take_gap(&mut self) -> bool {
        let is_start = self.lines.last().is_none_or(|line| !line.is_comment && line.text.ends_with('{'));
        std::mem::take(&mut self.has_gap) && !is_start
    }

    /// Whether a comment on the same line belongs to what stands before it.
    fn can_trail(&self) -> bool {
        self.lines.last().is_some_and(|line| !line.is_comment)
    }

    fn trail(&mut self, comment: &str) {
        if let Some(line) = self.lines.last_mut() {
            match &mut line.comment {
                Some(before) => {
                    before.push(' ');
                    before.push_str(comment);
                }
                None => line.comment = Some(comment.to_string()),
            }
        }
    }

    fn close(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        self.has_gap = false;
        match self.lines.last_mut() {
            Some(line) if line.text.ends_with('{') && line.comment.is_none() && !line.is_comment => {
                line.text.push('}');
            }
            _ => self.line("}".to_string(), false),
        }
        self.block = None;
    }

    /// A statement with its `;`, or the head of a block with its `{`.
    fn statement(&mut self, statement: &[Token], text: &str) {
        let line_tokens = spaced(statement, text, self.block);
        let mut has_gap_before = self.take_gap();
        for (place, line) in broken(&line_tokens, self.depth * INDENT).into_iter().enumerate() {
            let indent = self.depth * INDENT + if place == 0 { 0 } else { CONTINUATION };
            self.lines.push(Line { indent, text: line, comment: None, is_comment: false, has_gap_before });
            has_gap_before = false;
        }
    }

    fn finish(self) -> String {
        let mut result = String::new();
        let mut column = 0;
        for (at, line) in self.lines.iter().enumerate() {
            if line.has_gap_before {
                result.push('\n');
            }
            result.push_str(&" ".repeat(line.indent));
            result.push_str(&line.text);
            if let Some(comment) = &line.comment {
                let is_first = at == 0 || line.has_gap_before || !is_aligned(&self.lines[at - 1]);
                if is_first || !is_aligned(line) {
                    let rest = &self.lines[at..];
                    let run = rest
                        .iter()
                        .enumerate()
                        .take_while(|(k, line)| is_aligned(line) && (*k == 0 || !line.has_gap_before));
                    column = run.map(|(_, line)| width(line)).max().unwrap_or_else(|| width(line)) + 2;
                }
                result.push_str(&" ".repeat(column.saturating_sub(width(line)).max(2)));
                result.push_str(comment);
            }
            result.push('\n');
        }
        result
    }
}

fn width(line: &Line) -> usize {
    line.indent + line.text.chars().count()
}

fn is_aligned(line: &Line) -> bool {
    line.comment.is_some() && width(line) <= MAX_ALIGNED
}

/// A token as it will stand in a line.
struct LineToken {
    text: String,
    has_space_before: bool,
    /// A line may be broken before it, and how deep in brackets it stands.
    break_before: Option<usize>,
    /// A line must be broken before it.
    starts_line: bool,
    is_line_comment: bool,
}

/// What decides the spaces around a token.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Spacing {
    Operand,
    Keyword,
    Open,
    Close,
    Comma,
    Prefix,
    /// `..`, and `+ - * / %` where expressions are compact.
    Tight,
    Operator,
    End,
    Comment,
}

fn spaced(statement: &[Token], text: &str, block: Option<Place>) -> Vec<LineToken> {
    let mut line_tokens: Vec<LineToken> = Vec::with_capacity(statement.len());
    // The spacing of the token before, and of the token before that is no comment.
    let (mut last, mut last_code, mut start_of_last, mut end_of_last) = (None, None, 0, 0);
    let mut brackets: Vec<&str> = Vec::new();
    // How many brackets were open at the `in` of the current range.
    let mut range_depth = None;
    for token in statement {
        let written = token.text(text);
        let is_compact = range_depth.is_some() || brackets.contains(&"[");
        let spacing = match (token.kind, written) {
            (TokenKind::LineComment | TokenKind::BlockComment { .. }, _) => Spacing::Comment,
            (TokenKind::Word, word) if is_keyword(word, last_code.is_none(), block) => Spacing::Keyword,
            (_, "(" | "[") => Spacing::Open,
            (_, ")" | "]") => Spacing::Close,
            (_, ",") => Spacing::Comma,
            (_, ";") => Spacing::End,
            (_, "!") => Spacing::Prefix,
            (_, "-") if !matches!(last_code, Some(Spacing::Operand | Spacing::Close)) => Spacing::Prefix,
            (_, ".." | "..=") => Spacing::Tight,
            (_, "+" | "-" | "*" | "/" | "%") if is_compact => Spacing::Tight,
            (TokenKind::Mark, _) => Spacing::Operator,
            _ => Spacing::Operand,
        };
        let ends_range = matches!(spacing, Spacing::Comma | Spacing::Close) && range_depth == Some(brackets.len());
        if spacing == Spacing::Keyword {
            range_depth = (written == "in" && block != Some(Place::Network)).then_some(brackets.len());
        } else if ends_range {
            range_depth = None;
        }
        let is_function = block == Some(Place::Sample) && words::is_of_shares(&text[start_of_last..end_of_last]);
        let has_space_before = match (last, spacing) {
            (None, _) => false,
            (Some(Spacing::Comment), Spacing::End | Spacing::Comma) => false,
            (Some(Spacing::Comment), _) | (_, Spacing::Comment) => true,
            (_, Spacing::End | Spacing::Comma | Spacing::Close | Spacing::Tight) => false,
            (Some(Spacing::Open | Spacing::Prefix | Spacing::Tight), _) => false,
            // `f(`, `a[i]`; but `choose (N) of` and `width detect (N)`, where nothing is called.
            (Some(Spacing::Operand | Spacing::Close), Spacing::Open) => {
                written == "(" && begins_with_keyword(block) && !is_function
            }
            // A name that is a word of the block elsewhere.
            (Some(Spacing::Keyword), Spacing::Open) => written == "(",
            _ => true,
        };
        let can_break = match spacing {
            Spacing::Operator => matches!(written, "&" | "|" | "^" | "&&" | "||"),
            Spacing::Keyword => matches!(written, "for" | "if" | "with" | "when" | "correlated" | "weighted"),
            Spacing::Comment | Spacing::End | Spacing::Comma | Spacing::Close => false,
            _ => last == Some(Spacing::Comma),
        };
        let is_own_line = last.is_some() && text[end_of_last..token.start as usize].contains('\n');
        let after_line_comment = line_tokens.last().is_some_and(|before| before.is_line_comment);
        line_tokens.push(LineToken {
            text: if spacing == Spacing::Comment { comment_text(token, text) } else { written.to_string() },
            has_space_before,
            break_before: (can_break && last.is_some()).then_some(brackets.len()),
            starts_line: after_line_comment || spacing == Spacing::Comment && is_own_line,
            is_line_comment: token.kind == TokenKind::LineComment,
        });
        match spacing {
            Spacing::Open => brackets.push(written),
            Spacing::Close => drop(brackets.pop()),
            _ => {}
        }
        last = Some(spacing);
        if spacing != Spacing::Comment {
            last_code = last;
        }
        (start_of_last, end_of_last) = (token.start as usize, token.end as usize);
    }
    line_tokens
}

/// Words after which an operand begins.
fn is_keyword(word: &str, is_first: bool, block: Option<Place>) -> bool {
    words::is_reserved(word) || begins_with_keyword(block) && is_first != words::is_joint(word)
}

/// Whether the statements of the block begin with a word that is no name.
fn begins_with_keyword(block: Option<Place>) -> bool {
    matches!(block, Some(Place::Sample | Place::Network | Place::Attention))
}

/// Joins tokens to lines of at most [`MAX_WIDTH`] characters where that is possible, breaking where the nesting is
/// least, and there as late as possible.
fn broken(tokens: &[LineToken], indent: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut start = 0;
    while start < tokens.len() {
        let first_indent = if lines.is_empty() { indent } else { indent + CONTINUATION };
        let (mut width, mut best, mut end) = (first_indent, None, tokens.len());
        for (at, token) in tokens.iter().enumerate().skip(start) {
            if at > start && token.starts_line {
                end = at;
                break;
            }
            if at > start
                && let Some(depth) = token.break_before
                && best.is_none_or(|(least, _)| depth <= least)
            {
                best = Some((depth, at));
            }
            width += token.text.chars().count() + usize::from(at > start && token.has_space_before);
            if width > MAX_WIDTH
                && let Some((_, at)) = best
            {
                end = at;
                break;
            }
        }
        let mut line = String::new();
        for (at, token) in tokens[start..end].iter().enumerate() {
            if at > 0 && token.has_space_before {
                line.push(' ');
            }
            line.push_str(&token.text);
        }
        lines.push(line);
        start = end;
    }
    lines
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::parse;
    use super::*;
    use crate::diagnostic::{FileId, SourceFile, Sources};

    fn parsed(text: &str) -> (Ast, usize) {
        let files = vec![SourceFile { name: "test.circ".to_string(), text: text.to_string() }];
        let (ast, found) = parse(&Sources { files }, FileId(0));
        (ast, found.len())
    }

    fn formatted(text: &str) -> String {
        let (ast, n_problems) = parsed(text);
        assert_eq!(n_problems, 0, "{text}");
        format(&ast, text)
    }

    /// The tree without its positions.
    fn shape(ast: &Ast) -> String {
        let text =
            format!("{:?} {:?}", ast.items, ast.comments.iter().map(|comment| &comment.text).collect::<Vec<_>>());
        let mut parts = text.split("Span {");
        let first = parts.next().unwrap_or("").to_string();
        parts.fold(first, |shape, part| shape + part.split_once('}').map_or("", |(_, rest)| rest))
    }

    fn check(text: &str) {
        let once = formatted(text);
        assert_eq!(shape(&parsed(&once).0), shape(&parsed(text).0), "{text}\n---\n{once}");
        assert_eq!(formatted(&once), once, "a second time changes the form of\n{text}");
    }

    const MESSY: &str = r#"
// a file
circuit   newsroom ;


const N=64 ; const M = N*2-(-1) ;
feature sport,politics ;// two
feature topic [ N ];      // an array
sample{ // the contract
choose 2 of topic;   // two
   choose 0 ..= 3 of a , b; each a,b with .2;

   /* last */ }
gate half_adder( a,b )->( sum,carry ){
  sum=a^b; /* odd
     one */ carry = a&b ; }
layer empty { }
layer l {

  // first
  pair[i][j]=topic[ i ]&topic[(j - 1)%N] for i in 0..N , j in i + 1 .. N - 1 if i!=j&&i+j< -N || !( i==0 );
  (s[t],c[t]) = half_adder(bit[t][0], // why
     bit[t][2]) for t in 0..20 ;
  x = a
    // own line
    & b /* in line */ & !c;
  very_long_name_of_a_gate = at_least(2, some_long_name_of_a_signal, another_long_name_of_a_signal, topic[i] for i in 0..N - 1 if i % 2 == 0, one_more_signal);
  long_sum = aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa & bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb | cccccccccccccccccccccccccc & ddddddddddddddd;

}
network { width detect 2*N; width (N); store topic in N - 1 with gaussian; residual  (N)*2 with  s_hot; }
require { error( alert )<0.45 ; accuracy( 0.25)>0.9;reliability>=1e-3; }
head  copy rank 2*N tokens 16{match topic[ i ]->a  for i in 0..N; /* last */ match b->topic [0]; }
// the end
"#;

    #[test]
    fn the_canonical_form_keeps_everything_but_the_spaces() {
        let text = MESSY.replace(" .2", " 0.2");
        check(&text);
        insta::assert_snapshot!(formatted(&text));
    }

    #[test]
    fn clauses_keep_their_functions_and_names_that_are_words_elsewhere() {
        let text = "sample{each x [ i ] with  zipf (0.5,1)*( 2+-i )/N when when[i] for i in 0 .. N-1;\
                    choose(N)of weighted weighted  zipf( 1.0 );each zipf,correlated[2] with zipf correlated .5;}";
        let text = text.replace(" .5", " 0.5");
        check(&text);
        let expected = "sample {\n  each x[i] with zipf(0.5, 1) * (2 + -i) / N when when[i] for i in 0..N-1;\n  \
                        choose (N) of weighted weighted zipf(1.0);\n  \
                        each zipf, correlated[2] with zipf correlated 0.5;\n}\n";
        assert_eq!(formatted(&text), expected);
    }

    #[test]
    fn line_ends_of_other_systems_become_line_feeds() {
        assert_eq!(formatted("x = a; // b  \r\n\r\n/* c \r\n d */\r\ny = b;"), "x = a;  // b\n\n/* c\n d */\ny = b;\n");
        assert_eq!(formatted(""), "");
    }

    const PIECES: [&str; 48] = [
        "a",
        "b",
        "topic",
        "i",
        "2",
        "0.5",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ";",
        "=",
        "&",
        "|",
        "^",
        "!",
        "->",
        "..",
        "..=",
        "+",
        "-",
        "*",
        "%",
        "==",
        "<",
        "&&",
        "||",
        " ",
        "\n",
        "\n\n",
        "// c\n",
        "/* d */",
        "\"e\"",
        "for i in 0..3",
        "layer l {",
        "sample {",
        "choose 1 of a;",
        "each a with zipf(1, 2)",
        "when b",
        "correlated 0.5",
        "weighted zipf(1)",
        "at_least(",
        "feature",
        "gate g(a) -> b {",
        "\u{e9}",
    ];

    /// Formulas, targets and comprehensions, with spaces and comments between the tokens.
    fn statement() -> impl Strategy<Value = String> {
        let space =
            prop::sample::select(vec!["", " ", "\n", "\n\n", " /* c */ ", " // d\n", "\n// e\n", "/* f\n g */"]);
        let leaf = prop::sample::select(vec!["a", "b[i-1]", "c[0..N][ -2]", "any()", "!a", "f(a, b for j in 0..i)"]);
        let formula = leaf.prop_map(str::to_string).prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                (inner.clone(), prop::sample::select(vec!["&", "|", "^"]), inner.clone())
                    .prop_map(|(a, o, b)| format!("{a} {o} {b}")),
                inner.clone().prop_map(|a| format!("!({a})")),
                (inner.clone(), inner)
                    .prop_map(|(a, b)| format!("at_least(N - 1, {a}, {b} for i in 0 .. N-1 if i != 2)")),
            ]
        });
        let target = prop::sample::select(vec!["x", "y[i][i+1]", "(s[i], c)"]);
        let tail = prop::sample::select(vec!["", " for i in 0..(N), j in i*2..=3 if !(i == -j) || i < 2"]);
        (target, formula, tail, prop::collection::vec(space, 200)).prop_map(|(target, formula, tail, spaces)| {
            let text = format!("{target} = {formula}{tail};");
            let spaced = tokens(&text).zip(spaces).map(|(token, space)| {
                let is_word = token.kind == TokenKind::Word || token.kind == TokenKind::Number;
                format!("{}{}{space}", if is_word { " " } else { "" }, token.text(&text))
            });
            spaced.collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_form_is_a_fixed_point_with_the_same_tree(statements in prop::collection::vec(statement(), 1..4)) {
            check(&format!("{}\nlayer l {{ // c\n{} }}", statements.concat(), statements.concat()));
        }

        #[test]
        fn no_text_makes_the_parser_or_the_formatter_panic(pieces in prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..60)) {
            let text = pieces.join(" ");
            let (ast, n_problems) = parsed(&text);
            if n_problems == 0 {
                check(&text);
            }
            format(&ast, &text);
            parsed(&pieces.concat());
        }

        #[test]
        fn no_characters_make_the_parser_panic(text in "\\PC{0,80}|[ -~\n\t\r\u{0}]{0,120}") {
            parsed(&text);
        }

        #[test]
        fn a_damaged_program_is_no_danger(at in 0..MESSY.len(), n_removed in 0usize..40, put in prop::sample::select(PIECES.to_vec())) {
            let end = (at + n_removed).min(MESSY.len());
            let (ast, _) = parsed(&format!("{}{put}{}", &MESSY[..at], &MESSY[end..]));
            drop(ast);
        }
    }
}
