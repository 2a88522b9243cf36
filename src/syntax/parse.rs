//! Text to tree: the outline cuts, each statement is parsed on its own (on all cores), the results are put together.
//!
//! One bad statement hides no other: it is explained (`slips`) and left out of the tree. Goes in rounds, and stops
//! after one that leaves more problems than anybody reads; a round depends on the text alone, and so does what is
//! found.

use std::borrow::Cow;
use std::ops::Range;

use rayon::prelude::*;

use super::ast::{Ast, AttentionHead, Comment, Item, SubCircuit};
use super::limits::MAX_BYTES;
use super::outline::{Cutter, Outline, Piece, PieceKind};
use super::pairs::{self, Head, Statement};
use super::refused::Refused;
use super::tokens::{Token, TokenKind};
use super::words::Place;
use super::{problems, slips};
use crate::diagnostic::{Diagnostic, FileId, MAX_PROBLEMS, Sources, Span};

/// So many missing `;` are looked for in one statement.
const MAX_REPAIRS: usize = 100;

/// Statements that one task parses: enough to drown the cost of a task.
const STATEMENTS_A_TASK: usize = 512;

/// What is wrong with a file that has so many bytes, whatever they are.
pub fn too_large(file: FileId, n_bytes: u64) -> Option<Diagnostic> {
    let start = Span { file, start: 0, end: 0 };
    (n_bytes > MAX_BYTES).then(|| problems::file_too_large(start, n_bytes, MAX_BYTES))
}

/// Reads a file. The tree holds everything that could be read; there is an error for everything that could not.
pub fn parse(sources: &Sources, file: FileId) -> (Ast, Vec<Diagnostic>) {
    let text = sources.files[file.0 as usize].text.as_str();
    let mut found = Vec::new();
    if let Some(problem) = too_large(file, text.len() as u64) {
        return (Ast { file, items: Vec::new(), comments: Vec::new() }, vec![problem]);
    }
    let mut cutter = Cutter::new(text, file);
    let mut tree = Tree::default();
    loop {
        let is_more = cutter.cut_round();
        found.append(&mut cutter.found);
        let round = Round { text, file, outline: &cutter.outline };
        let parsed = cutter.outline.pieces.par_chunks(STATEMENTS_A_TASK).map(|pieces| round.parse_pieces(pieces));
        let parsed: Vec<Vec<Parsed>> = parsed.collect();
        round.assemble(parsed.into_iter().flatten().collect(), &mut tree, &mut found);
        if !is_more || found.len() > MAX_PROBLEMS {
            break;
        }
    }
    found.sort_by_key(|problem| (problem.span.start, problem.span.end));
    if found.len() > MAX_PROBLEMS {
        let next = found[MAX_PROBLEMS].span;
        found.truncate(MAX_PROBLEMS);
        found.push(problems::too_many_problems(next));
    }
    if cutter.has_given_up {
        return (Ast { file, items: Vec::new(), comments: Vec::new() }, found);
    }
    let comments = cutter.outline.comments.iter().map(|token| comment(token, text, file)).collect();
    (Ast { file, items: tree.items, comments }, found)
}

fn comment(token: &Token, text: &str, file: FileId) -> Comment {
    let span = Span { file, start: token.start, end: token.end };
    let written = token.text(text);
    // A carriage return before the line end belongs to the line end.
    let is_line = token.kind == TokenKind::LineComment;
    let text = if is_line { written.trim_end_matches('\r') } else { written }.to_string();
    Comment { span: Span { end: span.start + text.len() as u32, ..span }, text }
}

/// What became of a piece.
#[derive(Default)]
struct Parsed {
    head: Option<Head>,
    /// More than one where a `;` is missing.
    statements: Vec<Statement>,
    problems: Vec<Diagnostic>,
}

/// What the cutter has cut in a round, with the text that it is cut from.
struct Round<'a> {
    text: &'a str,
    file: FileId,
    outline: &'a Outline,
}

/// What the rounds have built.
#[derive(Default)]
struct Tree {
    items: Vec<Item>,
    /// More than one only where blocks are nested, which is an error: their content is dropped.
    open: Vec<OpenBlock>,
}

/// A block whose end has not come yet.
struct OpenBlock {
    head: Option<Head>,
    start: u32,
    statements: Vec<Statement>,
}

impl Round<'_> {
    /// One task; nothing is parsed behind the piece with one problem too many.
    fn parse_pieces(&self, pieces: &[Piece]) -> Vec<Parsed> {
        let mut n_problems = 0;
        let parsed = pieces.iter().map(|piece| {
            let is_enough = n_problems > MAX_PROBLEMS;
            let parsed = if is_enough { Parsed::default() } else { self.parse_piece(piece) };
            n_problems += parsed.problems.len();
            parsed
        });
        parsed.collect()
    }

    fn parse_piece(&self, piece: &Piece) -> Parsed {
        let mut parsed = Parsed::default();
        let (Some(place), true) = (piece.place, piece.is_sound) else { return parsed };
        match piece.kind {
            PieceKind::Statement { has_semicolon } => {
                self.parse_statements(place, piece.tokens.clone(), has_semicolon, &mut parsed);
            }
            PieceKind::Open => {
                let (text, base) = self.slice(piece.tokens.clone());
                match pairs::head(&text, self.file, base, &mut parsed.problems) {
                    Ok(head) => parsed.head = Some(head),
                    Err(failure) => {
                        let statement = Refused::new(self.text, self.file, self.outline, piece.tokens.clone());
                        parsed.problems.push(slips::explain_head(&statement, &failure));
                    }
                }
            }
            PieceKind::Close { .. } => {}
        }
        if piece.has_letters {
            // Its names are not those that are written.
            (parsed.head, parsed.statements) = (None, Vec::new());
        }
        parsed
    }

    /// The text of some tokens with blanks for comments and `_` for letters beyond ASCII, and where it begins.
    fn slice(&self, tokens: Range<usize>) -> (Cow<'_, str>, u32) {
        let start = self.outline.tokens[tokens.start].start;
        let end = self.outline.tokens[tokens.end - 1].end;
        let text = &self.text[start as usize..end as usize];
        let comments = &self.outline.comments;
        let first = comments.partition_point(|comment| comment.start < start);
        let comments = comments[first..].iter().take_while(|comment| comment.start < end);
        let tokens: &[Token] = if text.is_ascii() { &[] } else { &self.outline.tokens[tokens] };
        let letters = tokens.iter().filter(|token| token.kind == TokenKind::Foreign);
        let mut covered = comments.map(|comment| (comment, b' ')).chain(letters.map(|token| (token, b'_'))).peekable();
        if covered.peek().is_none() {
            return (Cow::Borrowed(text), start);
        }
        let mut bytes = text.as_bytes().to_vec();
        for (token, byte) in covered {
            bytes[(token.start - start) as usize..(token.end - start) as usize].fill(byte);
        }
        (Cow::Owned(String::from_utf8(bytes).expect("tokens are whole characters")), start)
    }

    /// Parses one statement; where a `;` is missing between two lines, says so and parses both.
    fn parse_statements(&self, place: Place, mut tokens: Range<usize>, has_semicolon: bool, parsed: &mut Parsed) {
        for _ in 0..MAX_REPAIRS {
            let (text, base) = self.slice(tokens.clone());
            let failure = match pairs::statement(place, &text, self.file, base, &mut parsed.problems) {
                Ok(statement) => {
                    // Almost always the only one: the four places that a push makes would be most of the memory that
                    // a long file takes.
                    parsed.statements.reserve_exact(1);
                    parsed.statements.push(statement);
                    if !has_semicolon {
                        parsed.problems.push(problems::missing_semicolon(self.behind(tokens.end - 1)));
                    }
                    return;
                }
                Err(failure) => failure,
            };
            let statement = Refused::new(self.text, self.file, self.outline, tokens.clone());
            if let Some(problem) = slips::explain_operator(&statement, place, &failure) {
                parsed.problems.push(problem);
                return;
            }
            let next = statement.possible_ends(&failure).into_iter().find_map(|next| {
                let (text, base) = self.slice(tokens.start..next);
                let mut found = Vec::new();
                let first = pairs::statement(place, &text, self.file, base, &mut found).ok()?;
                parsed.problems.append(&mut found);
                Some((next, first))
            });
            let Some((next, first)) = next else {
                parsed.problems.push(slips::explain(&statement, place, &failure));
                return;
            };
            parsed.statements.push(first);
            parsed.problems.push(problems::missing_semicolon(self.behind(next - 1)));
            tokens.start = next;
        }
    }

    /// The last character of a token: where a `;` is missing behind it.
    fn behind(&self, token: usize) -> Span {
        let end = self.outline.tokens[token].end;
        Span { file: self.file, start: end, end }
    }

    fn assemble(&self, parsed: Vec<Parsed>, tree: &mut Tree, found: &mut Vec<Diagnostic>) {
        let Tree { items, open } = tree;
        for (piece, mut parsed) in self.outline.pieces.iter().zip(parsed) {
            found.append(&mut parsed.problems);
            match piece.kind {
                PieceKind::Statement { .. } => match open.last_mut() {
                    Some(block) => block.statements.append(&mut parsed.statements),
                    None => items.extend(parsed.statements.into_iter().filter_map(|statement| match statement {
                        Statement::Item(item) => Some(item),
                        _ => None,
                    })),
                },
                PieceKind::Open => {
                    let start = self.outline.tokens.get(piece.tokens.start).map_or(0, |token| token.start);
                    open.push(OpenBlock { head: parsed.head, start, statements: Vec::new() });
                }
                PieceKind::Close { end } => {
                    if let Some(block) = open.pop() {
                        let span = Span { file: self.file, start: block.start, end };
                        items.extend(block.head.map(|head| block_item(head, block.statements, span)));
                    }
                }
            }
        }
    }
}

fn block_item(head: Head, statements: Vec<Statement>, span: Span) -> Item {
    let statements = statements.into_iter();
    let definition = |statement| match statement {
        Statement::Definition(definition) => Some(definition),
        _ => None,
    };
    match head {
        Head::Gate { name, parameters, results } => {
            let body = statements.filter_map(definition).collect();
            Item::SubCircuit(SubCircuit { name, parameters, results, body, span })
        }
        Head::Layer { name } => Item::Layer { name, body: statements.filter_map(definition).collect(), span },
        Head::Sample => {
            let clauses = statements.filter_map(|statement| match statement {
                Statement::Clause(clause) => Some(clause),
                _ => None,
            });
            Item::Sample { clauses: clauses.collect(), span }
        }
        Head::Network => {
            let settings = statements.filter_map(|statement| match statement {
                Statement::Setting(setting) => Some(setting),
                _ => None,
            });
            Item::Network { settings: settings.collect(), span }
        }
        Head::Require => {
            let requirements = statements.filter_map(|statement| match statement {
                Statement::Requirement(requirement) => Some(requirement),
                _ => None,
            });
            Item::Require { requirements: requirements.collect(), span }
        }
        Head::Attention { name, rank, tokens } => {
            let matches = statements.filter_map(|statement| match statement {
                Statement::Match(matched) => Some(matched),
                _ => None,
            });
            Item::Head(AttentionHead { name, rank, tokens, matches: matches.collect(), span })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::ast::{Formula, Setting};
    use super::*;
    use crate::diagnostic::SourceFile;

    fn parsed(text: &str) -> (Ast, Vec<Diagnostic>) {
        let files = vec![SourceFile { name: "test.circ".to_string(), text: text.to_string() }];
        parse(&Sources { files }, FileId(0))
    }

    fn codes(text: &str) -> Vec<&'static str> {
        parsed(text).1.iter().map(|problem| problem.code).collect()
    }

    #[test]
    fn the_whole_language_is_read_without_a_problem() {
        let text = r#"
            circuit newsroom; const TOPICS = 64; use "adders.circ";
            feature sport, politics; feature topic[TOPICS]; feature bit[20][4];
            sample { choose 2 of topic; choose 0..=3 of sport, politics; each sport with 0.2; one of topic; plant 0.5; from "rows.csv"; }
            gate half_adder(a, b[2]) -> (sum, carry[2]) { sum = a ^ b[0]; carry[0] = a & b[1]; }
            gate same(a) -> b { b = a; }
            layer detect {
              upset = sport & !politics | at_least(2, sport, politics, topic[0..8], topic[i] for i in 0..N if i % 2 == 0);
              pair[i][j] = topic[i] & topic[j] for i in 0..TOPICS, j in i+1..=TOPICS-1 if i != j && (i + 1) * 2 < j || !(i == 3);
              (s[t], c[t]) = half_adder(bit[t][0], bit[t][2]) for t in 0..20;
              some = any(); all = all(topic); one = pick(3, topic); x = mux(a, (b), !c);
            }
            output upset, pair, s[0..4];
            network {
              width 256; width detect 300; width auto; width detect auto; width N - 1; construction channels;
              optimize 1; seed 7; samples 100; store topic in 48 with gaussian; decoder linear;
            }
            require { reliability > 0.9; error(pair[0]) < 1e-3; error <= 0.5; accuracy(0.25) > 0.9; }
            head copy rank N / 2 tokens (16) { match topic[i] -> bit[i][0] for i in 0..4 if i != 2; match sport -> sport; }
        "#;
        let (ast, found) = parsed(text);
        assert_eq!(found, []);
        let kinds: Vec<&str> =
            ast.items.iter().map(|item| text[item.span().start as usize..].split(' ').next().unwrap_or("")).collect();
        assert_eq!(
            kinds,
            [
                "circuit", "const", "use", "feature", "feature", "feature", "sample", "gate", "gate", "layer",
                "output", "network", "require", "head"
            ]
        );
        assert!(pairs::is_file(text), "one rule describes the file as well");
    }

    #[test]
    fn each_setting_says_its_word() {
        let written = [
            "width 2",
            "width a 2",
            "construction b",
            "optimize N",
            "seed 7",
            "samples 1",
            "decoder c",
            "residual 8",
            "residual N with f",
        ];
        let (ast, found) = parsed(&format!("network {{ {}; store d in 2 with e; }}", written.join("; ")));
        assert_eq!(found, []);
        let [Item::Network { settings, .. }] = &ast.items[..] else { panic!("one block") };
        let words: Vec<&str> = settings.iter().map(Setting::word).collect();
        assert_eq!(
            words,
            [
                "width",
                "width",
                "construction",
                "optimize",
                "seed",
                "samples",
                "decoder",
                "residual",
                "residual",
                "store"
            ]
        );
    }

    #[test]
    fn operators_bind_as_documented() {
        let (ast, found) = parsed("x = a | b & c & !d ^ e | (f | g);");
        assert_eq!(found, []);
        let [Item::Definition(definition)] = &ast.items[..] else { panic!("one definition") };
        assert_eq!(shape(&definition.value), "or(a, xor(and(b, c, not d), e), (or(f, g)))");
    }

    fn shape(formula: &Formula) -> String {
        match formula {
            Formula::Signal(reference) => reference.name.text.clone(),
            Formula::Not { inner, .. } => format!("not {}", shape(inner)),
            Formula::Group { inner, .. } => format!("({})", shape(inner)),
            Formula::Call(call) => format!("{}()", call.name.text),
            Formula::Chain { operator, operands, .. } => {
                let operands: Vec<String> = operands.iter().map(shape).collect();
                format!("{}({})", format!("{operator:?}").to_lowercase(), operands.join(", "))
            }
        }
    }

    #[test]
    fn depth_is_one_clear_error_at_once() {
        for (open, close) in [("(", ")"), ("!", ""), ("[", "]"), ("{", "}"), ("(!", ")")] {
            let deep = format!("x = {}a{};", open.repeat(20_000), close.repeat(20_000));
            assert_eq!(codes(&deep), ["nesting-too-deep"], "{open}");
            assert_eq!(codes(&format!("x = {}a", open.repeat(20_000))), ["nesting-too-deep"], "{open} unclosed");
        }
        let guard = format!("x = a for i in 0..3 if {}i == 1{};", "(".repeat(20_000), ")".repeat(20_000));
        assert_eq!(codes(&guard), ["nesting-too-deep"]);
        assert_eq!(codes(&format!("const N = 1{};", " + 1".repeat(20_000))), ["nesting-too-deep"]);
        let chains = (0..200).fold("1".to_string(), |inner, _| format!("({inner}{})", " + 1".repeat(200)));
        assert_eq!(codes(&format!("const N = {chains};")), ["nesting-too-deep"], "chains in chains");
        assert_eq!(codes(&format!("x = a for i in 0..3 if {chains} == 1;")), ["nesting-too-deep"]);
        let brackets = format!("{}i == 1{}", "(".repeat(256), ")".repeat(256));
        assert_eq!(codes(&format!("x = a for i in 0..3 if {brackets};")), [] as [&str; 0]);
        assert_eq!(codes(&format!("x = {}a{};", "(".repeat(256), ")".repeat(256))), [] as [&str; 0]);
        let long_guard = format!("x = a for i in 0..3 if i == 1{};", " && i == 1".repeat(20_000));
        assert_eq!(codes(&long_guard), [] as [&str; 0]);
    }

    #[test]
    fn a_bracket_of_a_guard_is_read_once_however_deep() {
        // Two readings a level, as a condition and as an integer, would be minutes here.
        let (mut condition, mut integer) = ("i".to_string() + &" + 0".repeat(200) + " == 1", "i".to_string());
        for _ in 0..250 {
            condition = format!("({condition}{})", " && i + 1 == 2".repeat(400));
            integer = format!("({integer} + i)");
        }
        let text = format!("x = a for i in 0..3 if {condition}; y = a for i in 0..3 if {integer} == 1;");
        assert_eq!(codes(&text), [] as [&str; 0]);
    }

    #[test]
    fn a_bracket_of_a_guard_is_a_condition_or_an_integer() {
        let guard = |guard: &str| codes(&format!("x = a for i in 0..3 if {guard};"));
        for good in ["(i) == 1", "((i == 1))", "!(i == 1) && (i + 1) * -(2) < (3)", "(i == 1 || (i) > 2)"] {
            assert_eq!(guard(good), [] as [&str; 0], "{good}");
        }
        for bad in ["i", "(i)", "!i", "i == 1 && i", "-(i)", "((i) + 1)"] {
            assert_eq!(guard(bad), ["integer-for-condition"], "{bad}");
        }
        for bad in ["(i == 1) == 1", "(i == 1) + 1 == 2", "-(i == 1) == 1", "1 < (2 < 3)"] {
            assert_eq!(guard(bad), ["condition-for-integer"], "{bad}");
        }
    }

    #[test]
    fn a_bad_statement_hides_no_other() {
        let (ast, found) =
            parsed("feature a;\nx = a & ;\ny = a\nz = !a;\nlayer l {\n  u = a &&\n a;\n  v = a\n}\nw = );");
        let codes: Vec<&str> = found.iter().map(|problem| problem.code).collect();
        assert_eq!(
            codes,
            ["unexpected-token", "missing-semicolon", "double-operator", "missing-semicolon", "unmatched-bracket"]
        );
        assert_eq!(ast.items.len(), 4);
    }
}
