//! The phrasing of everything that can be wrong with the meaning of a program.
//!
//! The phases know facts and spans; this file alone knows the words. One function per code; a code never changes.

use std::collections::HashSet;

use crate::diagnostic::{Diagnostic, Span};

/// Problems as they are found: one per code and place, however many loop turns or calls run into it.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    pub list: Vec<Diagnostic>,
    seen: HashSet<(&'static str, Span)>,
}

impl Problems {
    pub fn report(&mut self, problem: Diagnostic) {
        if self.seen.insert((problem.code, problem.span)) {
            self.list.push(problem);
        }
    }

    pub fn has_errors(&self) -> bool {
        self.list.iter().any(Diagnostic::is_error)
    }
}

/// `1 layer`, `2 layers`.
fn plural(count: u64, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

fn did_you_mean(problem: Diagnostic, suggestion: Option<&str>) -> Diagnostic {
    match suggestion {
        Some(name) => problem.help(format!("did you mean `{name}`?")),
        None => problem,
    }
}

/// The loop values of an example: ` for i = 3, j = 9`, or nothing outside loops.
pub(crate) type Example<'a> = &'a [(String, i64)];

fn for_example(example: Example<'_>) -> String {
    if example.is_empty() {
        return String::new();
    }
    let values: Vec<String> = example.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    format!(" for {}", values.join(", "))
}

// Files.

pub(crate) fn unreadable_file(span: Span, path: &str, reason: &str) -> Diagnostic {
    Diagnostic::error("unreadable-file", span, format!("cannot read `{path}`"), reason)
}

pub(crate) fn unreadable_use(span: Span, path: &str, reason: &str) -> Diagnostic {
    Diagnostic::error("unreadable-use", span, format!("cannot read `{path}`"), reason)
        .help("the path is relative to the file that uses it")
}

pub(crate) fn not_utf8(span: Span, path: &str, offset: usize) -> Diagnostic {
    Diagnostic::error(
        "not-utf8",
        span,
        format!("`{path}` is not text"),
        format!("the byte at offset {offset} is not valid UTF-8"),
    )
}

pub(crate) fn circular_use(span: Span, path: &[String]) -> Diagnostic {
    Diagnostic::error(
        "circular-use",
        span,
        format!("`{}` uses itself", path[0]),
        format!("closes the circle {}", path.join(" -> ")),
    )
    .help("move what both files need to a third one")
}

pub(crate) fn too_many_files(span: Span, limit: usize) -> Diagnostic {
    Diagnostic::error("too-many-files", span, format!("more than {limit} files are used"), "the last one that fits")
}

pub(crate) fn ambiguous_use(span: Span, name: &str, first: Span) -> Diagnostic {
    Diagnostic::error(
        "ambiguous-use",
        span,
        format!("two used files define `{name}`"),
        format!("brings a second `{name}`"),
    )
    .related(first, "first brought here")
    .help("rename one of them, or define it in this file")
}

// Names.

pub(crate) fn defined_twice(span: Span, name: &str, first: Span) -> Diagnostic {
    Diagnostic::error("defined-twice", span, format!("`{name}` is defined twice"), "defined again here")
        .related(first, "first defined here")
}

pub(crate) fn defined_twice_in_loop(span: Span, name: &str, first: Span) -> Diagnostic {
    let problem = Diagnostic::error(
        "defined-twice",
        span,
        format!("`{name}` is defined twice"),
        format!("defines `{name}` again"),
    );
    if first == span {
        return problem.help("every turn of the loop must define another member");
    }
    problem.related(first, "first defined here")
}

pub(crate) fn unknown_name(span: Span, name: &str, suggestion: Option<&str>) -> Diagnostic {
    let problem =
        Diagnostic::error("unknown-name", span, format!("unknown name `{name}`"), "no feature or gate has this name");
    did_you_mean(problem, suggestion)
}

pub(crate) fn unknown_constant(span: Span, name: &str, suggestion: Option<&str>) -> Diagnostic {
    let problem = Diagnostic::error(
        "unknown-constant",
        span,
        format!("unknown constant `{name}`"),
        "no constant or loop variable has this name",
    );
    did_you_mean(problem, suggestion)
}

pub(crate) fn integer_for_signal(span: Span, name: &str) -> Diagnostic {
    Diagnostic::error("integer-for-signal", span, format!("`{name}` is an integer"), "a signal is needed here")
        .help("constants and loop variables stand in indices, counts and ranges")
}

pub(crate) fn signal_for_integer(span: Span, name: &str) -> Diagnostic {
    Diagnostic::error("signal-for-integer", span, format!("`{name}` is a signal"), "an integer is needed here")
        .help("indices, counts and ranges are over constants and loop variables")
}

pub(crate) fn unknown_function(span: Span, name: &str, suggestion: Option<&str>) -> Diagnostic {
    let problem = Diagnostic::error(
        "unknown-function",
        span,
        format!("unknown function `{name}`"),
        "no built-in function or sub-circuit has this name",
    );
    did_you_mean(problem, suggestion)
}

pub(crate) fn reserved_function(span: Span, name: &str) -> Diagnostic {
    Diagnostic::error(
        "reserved-function",
        span,
        format!("`{name}` is a built-in function"),
        "a sub-circuit needs another name",
    )
}

pub(crate) fn circular_constant(span: Span, path: &[String]) -> Diagnostic {
    Diagnostic::error("circular-constant", span, format!("constant `{}` depends on itself", path[0]), path.join(" -> "))
}

pub(crate) fn circular_call(span: Span, path: &[String]) -> Diagnostic {
    Diagnostic::error(
        "circular-call",
        span,
        format!("sub-circuit `{}` calls itself", path[0]),
        format!("closes the circle {}", path.join(" -> ")),
    )
    .help("sub-circuits expand in place, so that a circle would never end")
}

pub(crate) fn too_deep_calls(span: Span, limit: u32) -> Diagnostic {
    Diagnostic::error(
        "too-deep-calls",
        span,
        format!("sub-circuits are nested more than {limit} deep"),
        "this call is one too deep",
    )
}

// Integers.

pub(crate) fn integer_overflow(span: Span, example: Example<'_>) -> Diagnostic {
    Diagnostic::error(
        "integer-overflow",
        span,
        "integer overflow",
        format!("does not fit into 64 bits{}", for_example(example)),
    )
}

pub(crate) fn division_by_zero(span: Span, example: Example<'_>) -> Diagnostic {
    Diagnostic::error(
        "division-by-zero",
        span,
        "division by zero",
        format!("the right side is 0{}", for_example(example)),
    )
}

pub(crate) fn bad_length(span: Span, name: &str, length: i64) -> Diagnostic {
    Diagnostic::error(
        "bad-length",
        span,
        format!("`{name}` cannot have length {length}"),
        "a length is at least 0 and below 2^32",
    )
}

pub(crate) fn negative_count(span: Span, count: i64, example: Example<'_>) -> Diagnostic {
    Diagnostic::error(
        "negative-count",
        span,
        format!("the count is {count}"),
        format!("a count is at least 0{}", for_example(example)),
    )
}

// Arrays.

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
    .help(format!("take a member by its index, or combine them: `any({text})`, `all({text})`"))
}

pub(crate) fn slice_as_target(span: Span) -> Diagnostic {
    Diagnostic::error(
        "slice-as-target",
        span,
        "a definition cannot define a slice",
        "one index is needed for each dimension",
    )
    .help("define member by member: `x[i] = … for i in 0..8;`")
}

// Definitions.

pub(crate) fn tuple_arity(span: Span, name: &str, n_results: usize, n_targets: usize) -> Diagnostic {
    let fits = if n_targets == 1 { "1 target stands".to_string() } else { format!("{n_targets} targets stand") };
    let targets: Vec<String> =
        (0..n_results).map(|result| ((b'a' + (result % 26) as u8) as char).to_string()).collect();
    let problem = Diagnostic::error(
        "tuple-arity",
        span,
        format!("`{name}` gives {}", plural(n_results as u64, "signal")),
        format!("{fits} on the left"),
    );
    if n_results == 1 {
        return problem.help(format!("write `a = {name}(…);`"));
    }
    problem.help(format!("write `({}) = {name}(…);`", targets.join(", ")))
}

pub(crate) fn tuple_without_call(span: Span, n_targets: usize) -> Diagnostic {
    Diagnostic::error(
        "tuple-without-call",
        span,
        format!("{n_targets} targets for one value"),
        "only a sub-circuit gives several signals",
    )
    .help("write one definition for each target")
}

pub(crate) fn several_results(span: Span, name: &str, n_results: usize) -> Diagnostic {
    Diagnostic::error(
        "several-results",
        span,
        format!("`{name}` gives {} where one is needed", plural(n_results as u64, "signal")),
        "cannot stand inside an expression",
    )
    .help(format!("name the results first: `(a, b) = {name}(…);`"))
}

pub(crate) fn wrong_number_of_arguments(
    span: Span,
    name: &str,
    needed: usize,
    given: usize,
    declared: Option<Span>,
) -> Diagnostic {
    let problem = Diagnostic::error(
        "wrong-number-of-arguments",
        span,
        format!("`{name}` takes {}, not {given}", plural(needed as u64, "argument")),
        format!("{} given", plural(given as u64, "argument")),
    );
    match declared {
        Some(declared) => problem.related(declared, "declared here"),
        None => problem,
    }
}

pub(crate) fn wrong_number_of_members(
    span: Span,
    parameter: &str,
    needed: usize,
    given: usize,
    declared: Span,
    example: Example<'_>,
) -> Diagnostic {
    Diagnostic::error(
        "wrong-number-of-members",
        span,
        format!("parameter `{parameter}` has {}, not {given}", plural(needed as u64, "member")),
        format!("{}{}", plural(given as u64, "signal"), for_example(example)),
    )
    .related(declared, "declared here")
}

pub(crate) fn missing_count(span: Span, name: &str) -> Diagnostic {
    Diagnostic::error("missing-count", span, format!("`{name}` needs a count"), "the first argument is a number")
        .help(format!("write `{name}(2, …)`"))
}

pub(crate) fn undefined_result(span: Span, circuit: &str, member: &str) -> Diagnostic {
    Diagnostic::error(
        "undefined-result",
        span,
        format!("sub-circuit `{circuit}` never defines its result `{member}`"),
        "declared here",
    )
    .help(format!("add `{member} = …;` to its body"))
}

pub(crate) fn empty_result(span: Span, name: &str) -> Diagnostic {
    Diagnostic::error("empty-result", span, format!("result `{name}` has no members"), "a result has at least one")
}

pub(crate) fn pick_too_many(span: Span, count: i64, available: u64, example: Example<'_>) -> Diagnostic {
    Diagnostic::error(
        "pick-too-many",
        span,
        format!("cannot pick {count} of {}", plural(available, "member")),
        format!("distinct members run out{}", for_example(example)),
    )
}

pub(crate) fn cycle(span: Span, path: &[String], places: &[Span]) -> Diagnostic {
    let shown: Vec<&str> = if path.len() > 24 {
        let (front, back) = (&path[..12], &path[path.len() - 11..]);
        front.iter().map(String::as_str).chain(["…"]).chain(back.iter().map(String::as_str)).collect()
    } else {
        path.iter().map(String::as_str).collect()
    };
    let problem = Diagnostic::error(
        "cycle",
        span,
        format!("`{}` depends on itself", path[0]),
        format!("in a circle: {}", shown.join(" -> ")),
    );
    places
        .iter()
        .filter(|place| **place != span)
        .take(4)
        .fold(problem, |problem, place| problem.related(*place, "part of the circle"))
}

// Layers.

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

pub(crate) fn too_many_levels(span: Span, name: &str, limit: u32) -> Diagnostic {
    Diagnostic::error(
        "too-many-levels",
        span,
        format!("the circuit is more than {limit} layers deep"),
        format!("`{name}` is the first gate beyond"),
    )
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

// Limits.

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
}

pub(crate) fn too_many_operands(span: Span, limit: u64) -> Diagnostic {
    Diagnostic::error("too-many-operands", span, format!("more than {limit} operands"), "one gate too many here")
}

pub(crate) fn too_many_members(span: Span, name: &str, limit: u64) -> Diagnostic {
    Diagnostic::error(
        "too-many-members",
        span,
        format!("`{name}` has too many members"),
        format!("more than {limit} members together"),
    )
}

pub(crate) fn too_many_features(span: Span, limit: u64) -> Diagnostic {
    Diagnostic::error("too-many-features", span, format!("more than {limit} features"), "one array too many here")
}

pub(crate) fn too_long_names(span: Span, limit: u64) -> Diagnostic {
    Diagnostic::error(
        "too-long-names",
        span,
        format!("the names of all gates together have more than {limit} bytes"),
        "this definition makes too many long names",
    )
}

pub(crate) fn no_gate(span: Span) -> Diagnostic {
    Diagnostic::error("no-gate", span, "the file defines no gate", "there is nothing to compile")
        .help("define one, such as `both = a & b;`")
}

// Blocks.

pub(crate) fn second_block(span: Span, what: &str, first: Span) -> Diagnostic {
    Diagnostic::error("second-block", span, format!("a second `{what}`"), "one is enough")
        .related(first, "the first one")
}

pub(crate) fn output_feature(span: Span, name: &str) -> Diagnostic {
    Diagnostic::error("output-feature", span, format!("output `{name}` is a feature"), "an output is a gate")
        .help(format!("a gate that copies it can be one: `seen = {name};`"))
}

pub(crate) fn not_a_feature(span: Span, name: &str) -> Diagnostic {
    Diagnostic::error("not-a-feature", span, format!("`{name}` is a gate"), "a feature is needed here")
}

pub(crate) fn feature_for_gate(span: Span, name: &str) -> Diagnostic {
    Diagnostic::error("feature-for-gate", span, format!("`{name}` is a feature"), "only gates have errors")
}

// Sample.

pub(crate) fn overlapping_clauses(span: Span, name: &str, first: Span) -> Diagnostic {
    Diagnostic::error("overlapping-clauses", span, format!("feature `{name}` is drawn twice"), "drawn again here")
        .related(first, "first drawn here")
        .help("the clauses of `sample` cover disjoint features")
}

pub(crate) fn choose_too_many(span: Span, count: i64, available: usize, rows: bool) -> Diagnostic {
    let noun = if rows { "row" } else { "member" };
    let problem = Diagnostic::error(
        "choose-too-many",
        span,
        format!("cannot choose {count} of {}", plural(available as u64, noun)),
        format!("{} here", plural(available as u64, noun)),
    );
    if rows { problem.help("an array of rank two or more is chosen by row") } else { problem }
}

pub(crate) fn empty_count(span: Span) -> Diagnostic {
    Diagnostic::error("empty-count", span, "the range of counts is empty", "no count lies in it")
        .help("`0..=3` is 0, 1, 2 or 3")
}

pub(crate) fn scattered_rows(span: Span) -> Diagnostic {
    Diagnostic::error(
        "scattered-rows",
        span,
        "the members of a row do not stand side by side",
        "an index after a slice picks them apart",
    )
}

pub(crate) fn bad_probability(span: Span, text: &str) -> Diagnostic {
    Diagnostic::error(
        "bad-probability",
        span,
        format!("`{text}` is no probability"),
        "a probability lies between 0 and 1",
    )
}

pub(crate) fn nothing_to_plant(span: Span) -> Diagnostic {
    Diagnostic::error(
        "nothing-to-plant",
        span,
        "no first-level gate can be planted",
        "the clauses never have the operands of any together",
    )
    .help("let a clause choose as many features as a gate needs on, or remove `plant`")
}

pub(crate) fn from_with_clauses(span: Span, other: Span) -> Diagnostic {
    Diagnostic::error(
        "from-with-clauses",
        span,
        "rows of a file and further clauses",
        "`from` stands alone in a `sample` block",
    )
    .related(other, "another clause")
}

pub(crate) fn unreadable_rows(span: Span, path: &str, reason: &str) -> Diagnostic {
    Diagnostic::error("unreadable-rows", span, format!("cannot read `{path}`"), reason)
        .help("the path is relative to the file that names it")
}

// Network and require.

pub(crate) fn unknown_construction(span: Span, name: &str, known: &[&str], suggestion: Option<&str>) -> Diagnostic {
    choice("unknown-construction", span, "construction", name, known, suggestion)
}

pub(crate) fn unknown_dictionary(span: Span, name: &str, known: &[&str], suggestion: Option<&str>) -> Diagnostic {
    choice("unknown-dictionary", span, "dictionary", name, known, suggestion)
}

pub(crate) fn unknown_decoder(span: Span, name: &str, known: &[&str], suggestion: Option<&str>) -> Diagnostic {
    choice("unknown-decoder", span, "decoder", name, known, suggestion)
}

pub(crate) fn unknown_metric(span: Span, name: &str, known: &[&str], suggestion: Option<&str>) -> Diagnostic {
    choice("unknown-metric", span, "metric", name, known, suggestion)
}

fn choice(
    code: &'static str,
    span: Span,
    what: &str,
    name: &str,
    known: &[&str],
    suggestion: Option<&str>,
) -> Diagnostic {
    let known: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    let problem = Diagnostic::error(code, span, format!("unknown {what} `{name}`"), format!("no {what} has this name"));
    match suggestion {
        Some(suggestion) => problem.help(format!("did you mean `{suggestion}`? There are {}", known.join(", "))),
        None => problem.help(format!("there are {}", known.join(", "))),
    }
}

pub(crate) fn metric_of_nothing(span: Span, name: &str) -> Diagnostic {
    Diagnostic::error("metric-argument", span, format!("`{name}` is of the whole network"), "takes no gate")
        .help(format!("write `{name}`, or `error(…)`"))
}

pub(crate) fn bad_comparison(span: Span) -> Diagnostic {
    Diagnostic::error(
        "bad-comparison",
        span,
        "a requirement is a bound",
        "an estimate is never exactly equal to a number",
    )
    .help("use `<`, `<=`, `>` or `>=`")
}

pub(crate) fn bad_setting(span: Span, what: &str, value: i64, allowed: &str) -> Diagnostic {
    Diagnostic::error("bad-setting", span, format!("`{what}` cannot be {value}"), format!("it is {allowed}"))
}

pub(crate) fn duplicate_setting(span: Span, what: &str, first: Span) -> Diagnostic {
    Diagnostic::error("duplicate-setting", span, format!("`{what}` is set twice"), "set again here")
        .related(first, "first set here")
}

pub(crate) fn unknown_layer(span: Span, name: &str, suggestion: Option<&str>) -> Diagnostic {
    let problem = Diagnostic::error("unknown-layer", span, format!("unknown layer `{name}`"), "no layer has this name");
    did_you_mean(problem, suggestion)
}

pub(crate) fn stored_twice(span: Span, name: &str, first: Span) -> Diagnostic {
    Diagnostic::error("stored-twice", span, format!("feature `{name}` is stored twice"), "stored again here")
        .related(first, "first stored here")
}

// Warnings.

pub(crate) fn unread_feature(span: Span, name: &str, n_unread: u64, n_members: u64, example: &str) -> Diagnostic {
    if n_members == 1 {
        return Diagnostic::warning("unread-feature", span, format!("no gate reads feature `{name}`"), "never read");
    }
    if n_unread == n_members {
        return Diagnostic::warning(
            "unread-feature",
            span,
            format!("no gate reads a member of `{name}`"),
            format!("none of its {n_members} members is read"),
        );
    }
    Diagnostic::warning(
        "unread-feature",
        span,
        format!("no gate reads {n_unread} of the {n_members} members of `{name}`"),
        format!("such as `{example}`"),
    )
}

pub(crate) fn unread_gate(span: Span, name: &str, n_unread: u64, n_made: u64) -> Diagnostic {
    let headline = if n_made <= 1 {
        format!("nothing reads gate `{name}`, and it is no output")
    } else {
        format!("nothing reads {n_unread} of the {n_made} gates of this definition, and they are no outputs")
    };
    let label = if n_made <= 1 { "never read".to_string() } else { format!("such as `{name}`") };
    Diagnostic::warning("unread-gate", span, headline, label).help(format!("read it, or name it: `output {name};`"))
}

pub(crate) fn constant_gate(span: Span, name: &str, value: bool, n_constant: u64, reason: &str) -> Diagnostic {
    let value = if value { "on" } else { "off" };
    let headline = if n_constant <= 1 {
        format!("gate `{name}` is always {value}")
    } else {
        format!("{n_constant} gates of this definition are constant")
    };
    let label =
        if n_constant <= 1 { reason.to_string() } else { format!("such as `{name}`, always {value}: {reason}") };
    Diagnostic::warning("constant-gate", span, headline, label)
}
