//! The phrasing of what is wrong with integers and arrays.

use super::{Example, for_example};
use crate::diagnostic::{Diagnostic, Span};

pub(crate) fn integer_overflow(span: Span, example: Example<'_>) -> Diagnostic {
    Diagnostic::error(
        "integer-overflow",
        span,
        "integer overflow",
        format!("does not fit into 64 bits{}", for_example(example)),
    )
    .help("compute with smaller ones: integers have 64 bits and a sign")
}

pub(crate) fn division_by_zero(span: Span, example: Example<'_>) -> Diagnostic {
    Diagnostic::error(
        "division-by-zero",
        span,
        "division by zero",
        format!("the right side is 0{}", for_example(example)),
    )
    .help("divide by another number, or leave such turns out: `… for i in 0..8 if i != 0`")
}

pub(crate) fn bad_length(span: Span, name: &str, length: i64) -> Diagnostic {
    Diagnostic::error(
        "bad-length",
        span,
        format!("`{name}` cannot have length {length}"),
        "a length is at least 0 and below 2^32",
    )
    .help(format!("declare it with another length, such as `{name}[8]`"))
}

pub(crate) fn negative_count(span: Span, count: i64, example: Example<'_>) -> Diagnostic {
    Diagnostic::error(
        "negative-count",
        span,
        format!("the count is {count}"),
        format!("a count is at least 0{}", for_example(example)),
    )
    .help("write 0 or more, or leave such turns out: `… for i in 0..8 if i >= 2`")
}

pub(crate) fn index_out_of_range(
    span: Span,
    name: &str,
    index: i64,
    axis: usize,
    length: u32,
    example: Example<'_>,
) -> Diagnostic {
    let of = if axis == 0 { String::new() } else { format!(" in dimension {}", axis + 1) };
    let problem = Diagnostic::error(
        "index-out-of-range",
        span,
        format!("index {index} is out of range: `{name}` has length {length}{of}"),
        format!("index {index}{}", for_example(example)),
    );
    match length {
        0 => problem.help(format!("`{name}` has no members")),
        1 => problem.help("the only index is 0"),
        _ => problem.help(format!("indices run from 0 to {}", length - 1)),
    }
}

pub(crate) fn bad_index(span: Span, name: &str, index: i64, example: Example<'_>) -> Diagnostic {
    Diagnostic::error(
        "bad-index",
        span,
        format!("`{name}` cannot have a member {index}"),
        format!("index {index}{}", for_example(example)),
    )
    .help("indices are at least 0 and below 2^32 - 1")
}

pub(crate) fn missing_member(span: Span, member: &str, declared: Span, example: Example<'_>) -> Diagnostic {
    Diagnostic::error(
        "missing-member",
        span,
        format!("`{member}` is never defined"),
        format!("reads `{member}`{}", for_example(example)),
    )
    .related(declared, "other members are defined here")
    .help(format!("define `{member}`, or leave it out of what is read"))
}

pub(crate) fn wrong_number_of_indices(span: Span, name: &str, rank: usize, given: usize, declared: Span) -> Diagnostic {
    let needs = if rank == 0 { "takes no index".to_string() } else { format!("takes {}", indices(rank)) };
    Diagnostic::error(
        "wrong-number-of-indices",
        span,
        format!("`{name}` {needs}, not {given}"),
        format!("{} given", indices(given)),
    )
    .related(declared, "declared here")
    .help(format!("write `{name}{}`", "[…]".repeat(rank)))
}

fn indices(count: usize) -> String {
    if count == 1 { "1 index".to_string() } else { format!("{count} indices") }
}

pub(crate) fn array_for_signal(span: Span, text: &str) -> Diagnostic {
    Diagnostic::error(
        "array-for-signal",
        span,
        format!("`{text}` is an array where one signal is needed"),
        "names several signals",
    )
    .stands()
    .help(format!("take a member by its index, or combine them: `any({text})`, `all({text})`"))
}

pub(crate) fn slice_as_target(span: Span) -> Diagnostic {
    Diagnostic::error(
        "slice-as-target",
        span,
        "a definition cannot define a slice",
        "one index is needed for each dimension",
    )
    .stands()
    .help("define member by member: `x[i] = … for i in 0..8;`")
}
