//! The phrasing of what is wrong with layers, and of limits that a circuit passes.

use crate::diagnostic::{Diagnostic, Span};
use crate::text::plural;

pub(crate) fn too_deep_for_layer(span: Span, name: &str, layer: &str, depth: u32) -> Diagnostic {
    Diagnostic::error(
        "too-deep-for-layer",
        span,
        format!("`{name}` needs {depth} layers"),
        format!("a definition in `layer {layer}` is one gate deep"),
    )
    .help("give its inner gates names in earlier layers, or move it out of the block to have it scheduled")
}

pub(crate) fn same_layer(span: Span, name: &str, layer: &str, defined: Span) -> Diagnostic {
    Diagnostic::error(
        "reads-same-layer",
        span,
        format!("`{name}` is in the same layer"),
        format!("`layer {layer}` reads features and earlier layers"),
    )
    .related(defined, "defined here")
    .help("move one of the two to another layer, or out of the block")
}

pub(crate) fn later_layer(span: Span, name: &str, layer: &str, later: &str, defined: Span) -> Diagnostic {
    Diagnostic::error(
        "reads-later-layer",
        span,
        format!("`{name}` is in the later layer `{later}`"),
        format!("`layer {layer}` reads features and earlier layers"),
    )
    .related(defined, "defined here")
    .help(format!("move this definition to a layer behind `{later}`, or `{name}` to one before `{layer}`"))
}

pub(crate) fn scheduled_in_layer(span: Span, name: &str, layer: &str, defined: Span) -> Diagnostic {
    Diagnostic::error(
        "reads-scheduled",
        span,
        format!("`{name}` is defined outside the layers"),
        format!("`layer {layer}` reads features and earlier layers"),
    )
    .related(defined, "scheduled after the last layer block")
    .help(format!("define `{name}` in an earlier layer"))
}

pub(crate) fn reserved_layer(span: Span, name: &str, level: usize) -> Diagnostic {
    Diagnostic::error(
        "reserved-layer",
        span,
        format!("layer {level} cannot be called `{name}`"),
        "names the compiler's own layer at another place",
    )
    .help("the compiler calls the layers that it schedules `level0`, `level1`, …")
}

/// A block of the file has the name of a layer that corrects another.
pub(crate) fn layer_of_a_correction(span: Span, name: &str, correction: Span) -> Diagnostic {
    let label = "names the compiler's own layer";
    Diagnostic::error("reserved-layer", span, format!("no layer of the file can be called `{name}`"), label)
        .related(correction, "the layer that this asks for is called so")
        .help("give it another name")
}

pub(crate) fn nothing_to_correct(span: Span, name: &str) -> Diagnostic {
    let headline = format!("no layer stands above `{name}`");
    Diagnostic::error("nothing-to-correct", span, headline, "what it reads off is read by nobody")
        .stands()
        .help("remove it: a correction is for the layers above")
}

pub(crate) fn correct_in_a_stream(span: Span, residual: Span) -> Diagnostic {
    Diagnostic::error(
        "correct-in-a-stream",
        span,
        "errors are corrected in a residual network",
        "layers add to the stream: what is wrong in it stays there",
    )
    .stands()
    .related(residual, "the stream")
    .help("remove `correct`, or `residual`")
}

pub(crate) fn too_many_levels(span: Span, name: &str, limit: u32) -> Diagnostic {
    Diagnostic::error(
        "too-many-levels",
        span,
        format!("the circuit is more than {limit} layers deep"),
        format!("`{name}` is the first gate beyond"),
    )
    .help("one gate over many signals is shallower than a chain: `all(x)`, `any(x)`, `parity(x)`")
}

pub(crate) fn too_many_carried(span: Span, count: u64, limit: u64) -> Diagnostic {
    Diagnostic::error(
        "too-many-carried",
        span,
        format!("{count} signals must be carried from layer to layer, at most {limit} can"),
        "defines the deepest gate",
    )
    .help("every signal that is read more than one layer later is carried by all layers between")
}

pub(crate) fn too_many_gates(span: Span, count: u64, limit: u64) -> Diagnostic {
    Diagnostic::error(
        "too-many-gates",
        span,
        format!("more than {limit} gates"),
        match count {
            u64::MAX => "too many to count here".to_string(),
            // Counting stops when the limit is passed.
            _ => format!("at least {} here", plural(count, "gate")),
        },
    )
    .help("`--max-gates` raises the limit")
}

pub(crate) fn too_many_turns(span: Span, limit: u64) -> Diagnostic {
    Diagnostic::error("too-many-turns", span, format!("more than {limit} loop turns"), "the loops run too often here")
        .help("narrow the ranges, or count from one loop's variable: `j in i + 1..N`")
}

pub(crate) fn too_many_operands(span: Span, limit: u64) -> Diagnostic {
    Diagnostic::error("too-many-operands", span, format!("more than {limit} operands"), "one gate too many here")
        .help("write fewer gates, or let them share parts: a gate over parts, and gates over that")
}

pub(crate) fn too_many_members(span: Span, name: &str, limit: u64) -> Diagnostic {
    Diagnostic::error(
        "too-many-members",
        span,
        format!("`{name}` has too many members"),
        format!("more than {limit} members together"),
    )
    .help("write shorter lengths")
}

pub(crate) fn too_many_features(span: Span, limit: u64) -> Diagnostic {
    Diagnostic::error("too-many-features", span, format!("more than {limit} features"), "one array too many here")
        .help("write shorter lengths")
}

pub(crate) fn too_long_names(span: Span, limit: u64) -> Diagnostic {
    Diagnostic::error(
        "too-long-names",
        span,
        format!("the names of all gates together have more than {limit} bytes"),
        "this definition makes too many long names",
    )
    .help("choose shorter names for gates, for sub-circuits and for what these define")
}

pub(crate) fn nothing_to_require(span: Span) -> Diagnostic {
    Diagnostic::error("nothing-to-require", span, "the file defines no gate", "every line of `require` is of gates")
        .help("remove it: `superpose eval` says how well heads attend")
}

pub(crate) fn no_gate(span: Span) -> Diagnostic {
    Diagnostic::error("no-gate", span, "the file defines no gate", "there is nothing to compile")
        .help("define one, such as `both = a & b;`")
}
