//! A program after its names are resolved: bodies of definitions over numbered arrays, integers compiled.
//!
//! `resolve` makes it once per file, `count` measures it, `expand` runs it once per loop turn and call. Nothing here
//! is expanded: a comprehension is one node. Must not know how gates are stored.

use super::integer::{Int, Loops};
use crate::circuit::Kind;
use crate::diagnostic::Span;

/// The top level of a file, or a sub-circuit.
#[derive(Debug, Default)]
pub(crate) struct Body {
    /// The name of the sub-circuit; empty at the top level.
    pub name: String,
    pub span: Span,
    pub arrays: Vec<Array>,
    /// Slots of the parameters, in order.
    pub parameters: Vec<usize>,
    /// Slots of the results, in order: ascending.
    pub results: Vec<usize>,
    pub definitions: Vec<Definition>,
}

impl Body {
    /// Which of the results has this slot.
    pub fn result_of(&self, slot: usize) -> usize {
        self.results.binary_search(&slot).expect("a result's slot is among the results")
    }
}

/// A name of a body: a scalar is an array of rank 0.
#[derive(Debug)]
pub(crate) struct Array {
    pub name: String,
    /// Where it was declared, or first defined.
    pub span: Span,
    pub role: Role,
    pub rank: usize,
    /// Something about its definitions is wrong and was reported: what is missing from it is no further error.
    pub tainted: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Role {
    /// Features from signal `first` on, in index order.
    Feature {
        first: u32,
        dimensions: Vec<u32>,
    },
    Parameter {
        dimensions: Vec<u32>,
    },
    Result {
        dimensions: Vec<u32>,
    },
    /// Defined element by element.
    Gates,
}

/// `(s[t], c[t]) = half_adder(…) for t in 0..20;`
#[derive(Debug)]
pub(crate) struct Definition {
    pub targets: Vec<Target>,
    pub value: Formula,
    pub loops: Option<Loops>,
    /// The index of its `layer` block; `None`: the compiler schedules it.
    pub block: Option<u32>,
    pub span: Span,
}

#[derive(Debug)]
pub(crate) struct Target {
    pub slot: usize,
    pub indices: Vec<Int>,
    pub span: Span,
}

#[derive(Debug)]
pub(crate) enum Formula {
    Read(Read),
    /// Inversion on the edge.
    Not(Box<Formula>),
    Gate(Box<Application>),
    Call(Box<Call>),
    Pick(Box<Pick>),
    /// A problem that was reported.
    Invalid,
}

/// A signal, or (when not `single`) the members of an array or a slice.
#[derive(Debug)]
pub(crate) struct Read {
    pub slot: usize,
    pub indices: Vec<Index>,
    /// Whether it names one signal.
    pub single: bool,
    pub span: Span,
}

#[derive(Debug)]
pub(crate) enum Index {
    At(Int),
    /// Half open.
    Slice(Int, Int),
}

/// An operator or a built-in function.
#[derive(Debug)]
pub(crate) struct Application {
    pub function: Function,
    /// `k` of the counting functions.
    pub count: Option<Int>,
    pub arguments: Vec<Argument>,
    pub span: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    All,
    Any,
    Parity,
    Nand,
    Nor,
    Xnor,
    Majority,
    AtLeast,
    AtMost,
    Exactly,
    Mux,
}

impl Function {
    pub fn named(name: &str) -> Option<Function> {
        Some(match name {
            "all" => Function::All,
            "any" => Function::Any,
            "parity" => Function::Parity,
            "nand" => Function::Nand,
            "nor" => Function::Nor,
            "xnor" => Function::Xnor,
            "majority" => Function::Majority,
            "at_least" => Function::AtLeast,
            "at_most" => Function::AtMost,
            "exactly" => Function::Exactly,
            "mux" => Function::Mux,
            _ => return None,
        })
    }

    pub fn kind(self, count: u32) -> Kind {
        match self {
            Function::All => Kind::And,
            Function::Any => Kind::Or,
            Function::Parity => Kind::Xor,
            Function::Nand => Kind::Nand,
            Function::Nor => Kind::Nor,
            Function::Xnor => Kind::Xnor,
            Function::Majority => Kind::Majority,
            Function::AtLeast => Kind::AtLeast(count),
            Function::AtMost => Kind::AtMost(count),
            Function::Exactly => Kind::Exactly(count),
            Function::Mux => Kind::Mux,
        }
    }
}

/// A sub-circuit, by its index among the bodies.
#[derive(Debug)]
pub(crate) struct Call {
    pub callee: usize,
    pub arguments: Vec<Argument>,
    pub span: Span,
}

/// `pick(k, array)`: the array's members are all those of `from`.
#[derive(Debug)]
pub(crate) struct Pick {
    pub count: Int,
    pub from: Argument,
    pub span: Span,
}

#[derive(Debug)]
pub(crate) struct Argument {
    pub value: Formula,
    pub loops: Option<Loops>,
    pub span: Span,
}

/// `match noun[i] -> verb[i] for i in 0..N;`: one signal each.
#[derive(Debug)]
pub(crate) struct Match {
    pub key: Read,
    pub query: Read,
    pub loops: Option<Loops>,
    pub span: Span,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::words::FUNCTIONS;

    #[test]
    fn every_function_of_the_language_is_one_here_but_pick() {
        for function in FUNCTIONS {
            assert_eq!(Function::named(function.name).is_none(), function.name == "pick", "{}", function.name);
        }
    }
}
