//! What was written: one node per construct of a `.circ` file, each with its span.
//!
//! Nothing here is resolved: names are text, integers are expressions, a comprehension is one node. The tree must
//! not know what a circuit is; `circuit::elaborate` gives it a meaning.

use crate::diagnostic::{FileId, Span};

/// One parsed file.
#[derive(Debug, Clone, PartialEq)]
pub struct Ast {
    pub file: FileId,
    pub items: Vec<Item>,
    /// In the order of the text. `format` puts them back between the items.
    pub comments: Vec<Comment>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Comment {
    /// Covers the delimiters too: `// …` without the line end, `/* … */`.
    pub span: Span,
    pub text: String,
}

/// An identifier where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Name {
    pub text: String,
    pub span: Span,
}

/// A string literal where it stands; `text` is without quotes and with escapes resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    pub text: String,
    pub span: Span,
}

/// A decimal literal where it stands (`0.25`, `2`, `1e-3`).
#[derive(Debug, Clone, PartialEq)]
pub struct Decimal {
    pub value: f64,
    /// As written, for messages and `format`.
    pub text: String,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// `circuit newsroom;`
    Circuit { name: Name, span: Span },
    /// `use "adders.circ";`
    Use { path: Text, span: Span },
    /// `const TOPICS = 64;`
    Const { name: Name, value: Expr, span: Span },
    /// `feature sport, topic[TOPICS];`
    Feature { declared: Vec<Declared>, span: Span },
    /// `sample { … }`
    Sample { clauses: Vec<Clause>, span: Span },
    /// `gate half_adder(a, b) -> (sum, carry) { … }`
    SubCircuit(SubCircuit),
    /// `layer detect { … }`
    Layer { name: Name, body: Vec<Definition>, span: Span },
    /// `alert = (upset | storm) & !busy;`
    Definition(Definition),
    /// `output alert, s[0..4];`
    Output { signals: Vec<Reference>, span: Span },
    /// `network { … }`
    Network { settings: Vec<Setting>, span: Span },
    /// `require { … }`
    Require { requirements: Vec<Requirement>, span: Span },
    /// `head previous rank 16 tokens 32 { … }`
    Head(AttentionHead),
}

/// A name with the lengths of its dimensions: `bit[20][4]`; no dimensions: a scalar.
#[derive(Debug, Clone, PartialEq)]
pub struct Declared {
    pub name: Name,
    pub dimensions: Vec<Expr>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub struct SubCircuit {
    pub name: Name,
    pub parameters: Vec<Declared>,
    pub results: Vec<Declared>,
    pub body: Vec<Definition>,
    pub span: Span,
}

/// `head previous rank 16 tokens 32 { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct AttentionHead {
    pub name: Name,
    pub rank: Expr,
    pub tokens: Expr,
    pub matches: Vec<Match>,
    pub span: Span,
}

/// `match noun[i] -> verb[i] for i in 0..N;`
#[derive(Debug, Clone, PartialEq)]
pub struct Match {
    /// What a token that is attended to has.
    pub key: Reference,
    /// What the token that attends has.
    pub query: Reference,
    pub comprehension: Option<Comprehension>,
    pub span: Span,
}

/// `upset = sport & breaking;`, `(s[t], c[t]) = half_adder(…) for t in 0..20;`
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// One target, or the targets of a tuple.
    pub targets: Vec<Reference>,
    pub value: Formula,
    pub comprehension: Option<Comprehension>,
    pub span: Span,
}

/// A signal or an array by name: `sport`, `bit[t][0]`, `topic[0..8]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    pub name: Name,
    pub indices: Vec<Index>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Index {
    /// `[i + 1]`
    At(Expr),
    /// `[0..8]`
    Slice(Range),
}

/// `start..end`, or `start..=end` when inclusive.
#[derive(Debug, Clone, PartialEq)]
pub struct Range {
    pub start: Expr,
    pub end: Expr,
    pub inclusive: bool,
    pub span: Span,
}

/// `for i in 0..N, j in i+1..N if i != j`
#[derive(Debug, Clone, PartialEq)]
pub struct Comprehension {
    pub bindings: Vec<Binding>,
    pub guard: Option<Condition>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Binding {
    pub name: Name,
    pub range: Range,
}

/// An expression over signals.
#[derive(Debug, Clone, PartialEq)]
pub enum Formula {
    Signal(Reference),
    Not {
        inner: Box<Formula>,
        span: Span,
    },
    /// `a & b & c`: one n-ary operator as written, at least two operands.
    Chain {
        operator: Operator,
        operands: Vec<Formula>,
        span: Span,
    },
    /// Parentheses keep their own gate.
    Group {
        inner: Box<Formula>,
        span: Span,
    },
    /// A built-in function or a sub-circuit.
    Call(Call),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    And,
    Or,
    Xor,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    pub name: Name,
    /// The first argument of `at_least`, `at_most`, `exactly` and `pick`.
    pub count: Option<Expr>,
    pub arguments: Vec<Argument>,
    pub span: Span,
}

/// One argument: a formula (a bare array name or slice stands for its members), or a comprehension of formulas.
#[derive(Debug, Clone, PartialEq)]
pub struct Argument {
    pub value: Formula,
    pub comprehension: Option<Comprehension>,
    pub span: Span,
}

/// An integer expression over constants and loop variables.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    Integer {
        value: i64,
        span: Span,
    },
    Name(Name),
    Negate {
        inner: Box<Expr>,
        span: Span,
    },
    Binary {
        operator: Arithmetic,
        left: Box<Expr>,
        right: Box<Expr>,
        span: Span,
    },
    /// Kept so that `format` prints what was written.
    Group {
        inner: Box<Expr>,
        span: Span,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// A guard: comparisons of integer expressions.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    Compare { comparison: Comparison, left: Expr, right: Expr, span: Span },
    And { left: Box<Condition>, right: Box<Condition>, span: Span },
    Or { left: Box<Condition>, right: Box<Condition>, span: Span },
    Not { inner: Box<Condition>, span: Span },
    Group { inner: Box<Condition>, span: Span },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

/// A line of a `sample` block.
#[derive(Debug, Clone, PartialEq)]
pub enum Clause {
    /// `choose 2 of topic;`, `choose 0..=3 of x, y;`
    Choose { count: Count, of: Vec<Reference>, span: Span },
    /// `each a, b with 0.1;`
    Each { of: Vec<Reference>, probability: Decimal, span: Span },
    /// `one of addr;`
    OneOf { of: Vec<Reference>, span: Span },
    /// `plant 0.5;`
    Plant { probability: Decimal, span: Span },
    /// `from "rows.csv";`
    From { path: Text, span: Span },
}

#[derive(Debug, Clone, PartialEq)]
pub enum Count {
    Exactly(Expr),
    Between(Range),
}

/// A line of a `network` block.
#[derive(Debug, Clone, PartialEq)]
pub enum Setting {
    /// `width 256;`, `width detect 300;`, `width auto;`
    Width { layer: Option<Name>, width: WidthSetting, span: Span },
    /// `optimize 1;`, `seed 7;`, `samples 10000;`
    Number { word: Name, value: Expr, span: Span },
    /// `decoder linear;`
    Choice { word: Name, name: Name, span: Span },
    /// `construction channels;`, `construction universal density 0.1;`: a name, and what is chosen of it, numbers as
    /// written.
    Words { word: Name, words: Vec<Name>, span: Span },
    /// `store topic in 48 with gaussian;`
    Store { of: Vec<Reference>, dimensions: Expr, dictionary: Name, span: Span },
    /// `residual 256;`, `residual 256 with kerdock;`
    Stream { dimensions: Expr, dictionary: Option<Name>, span: Span },
    /// `correct after detect;`
    Correct { after: Name, span: Span },
}

#[derive(Debug, Clone, PartialEq)]
pub enum WidthSetting {
    Auto,
    Neurons(Expr),
}

#[derive(Debug, Clone, PartialEq)]
pub enum Requirement {
    /// `reliability > 0.9;`, `error(alert) < 0.45;`, `accuracy(0.25) > 0.9;`
    Bound { metric: Metric, comparison: Comparison, bound: Decimal, span: Span },
    /// `proved;`, `proved accuracy(0.4);`
    Proved { metric: Option<Metric>, span: Span },
}

/// `reliability`, `error(alert)`, `accuracy(0.25)`
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    pub name: Name,
    pub of: Option<MetricArgument>,
}

/// What stands behind a metric in brackets.
#[derive(Debug, Clone, PartialEq)]
pub enum MetricArgument {
    Gates(Reference),
    Number(Decimal),
}

impl MetricArgument {
    pub fn span(&self) -> Span {
        match self {
            MetricArgument::Gates(reference) => reference.span,
            MetricArgument::Number(number) => number.span,
        }
    }
}

impl Item {
    pub fn span(&self) -> Span {
        match self {
            Item::Circuit { span, .. }
            | Item::Use { span, .. }
            | Item::Const { span, .. }
            | Item::Feature { span, .. }
            | Item::Sample { span, .. }
            | Item::Layer { span, .. }
            | Item::Output { span, .. }
            | Item::Network { span, .. }
            | Item::Require { span, .. } => *span,
            Item::SubCircuit(sub_circuit) => sub_circuit.span,
            Item::Definition(definition) => definition.span,
            Item::Head(head) => head.span,
        }
    }
}

impl Clause {
    pub fn span(&self) -> Span {
        match self {
            Clause::Choose { span, .. }
            | Clause::Each { span, .. }
            | Clause::OneOf { span, .. }
            | Clause::Plant { span, .. }
            | Clause::From { span, .. } => *span,
        }
    }
}

impl Requirement {
    pub fn span(&self) -> Span {
        match self {
            Requirement::Bound { span, .. } | Requirement::Proved { span, .. } => *span,
        }
    }
}

impl Setting {
    pub fn span(&self) -> Span {
        match self {
            Setting::Width { span, .. }
            | Setting::Number { span, .. }
            | Setting::Choice { span, .. }
            | Setting::Words { span, .. }
            | Setting::Store { span, .. }
            | Setting::Stream { span, .. }
            | Setting::Correct { span, .. } => *span,
        }
    }

    /// What it begins with.
    pub fn word(&self) -> &str {
        match self {
            Setting::Width { .. } => "width",
            Setting::Number { word, .. } | Setting::Choice { word, .. } | Setting::Words { word, .. } => &word.text,
            Setting::Store { .. } => "store",
            Setting::Stream { .. } => "residual",
            Setting::Correct { .. } => "correct",
        }
    }
}

impl Formula {
    pub fn span(&self) -> Span {
        match self {
            Formula::Signal(reference) => reference.span,
            Formula::Not { span, .. } | Formula::Chain { span, .. } | Formula::Group { span, .. } => *span,
            Formula::Call(call) => call.span,
        }
    }
}

impl Expr {
    pub fn span(&self) -> Span {
        match self {
            Expr::Integer { span, .. }
            | Expr::Negate { span, .. }
            | Expr::Binary { span, .. }
            | Expr::Group { span, .. } => *span,
            Expr::Name(name) => name.span,
        }
    }
}

impl Condition {
    pub fn span(&self) -> Span {
        match self {
            Condition::Compare { span, .. }
            | Condition::And { span, .. }
            | Condition::Or { span, .. }
            | Condition::Not { span, .. }
            | Condition::Group { span, .. } => *span,
        }
    }
}
