//! The phrasing of what is wrong in the blocks: outputs, `sample`, `network` and `require`.

use super::{Example, for_example};
use crate::diagnostic::{Diagnostic, Span};
use crate::program::Takes;
use crate::program::problems::choice;
use crate::text::plural;

pub(crate) fn second_block(span: Span, what: &str, first: Span) -> Diagnostic {
    Diagnostic::error("second-block", span, format!("a second `{what}`"), "one is enough")
        .related(first, "the first one")
        .help("join the two, or remove one")
}

pub(crate) fn output_feature(span: Span, name: &str) -> Diagnostic {
    Diagnostic::error("output-feature", span, format!("output `{name}` is a feature"), "an output is a gate")
        .stands()
        .help(format!("a gate that copies it can be one: `seen = {name};`"))
}

pub(crate) fn not_a_feature(span: Span, name: &str) -> Diagnostic {
    Diagnostic::error("not-a-feature", span, format!("`{name}` is a gate"), "a feature is needed here")
        .help("name features: what gates are follows from them")
}

pub(crate) fn feature_for_gate(span: Span, name: &str) -> Diagnostic {
    Diagnostic::error("feature-for-gate", span, format!("`{name}` is a feature"), "only gates have errors")
        .help("name a gate, or write `error` alone for the worst of all")
}

pub(crate) fn overlapping_clauses(span: Span, name: &str, first: Span) -> Diagnostic {
    Diagnostic::error("overlapping-clauses", span, format!("feature `{name}` is drawn twice"), "drawn again here")
        .stands()
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
    problem.help(match rows {
        true => format!("choose at most {available}: an array of rank two or more is chosen by row"),
        false => format!("choose at most {available}"),
    })
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
    .help("declare the array so that slices come last, as in `cube[1][0..2][0..3]`")
}

pub(crate) fn bad_probability(span: Span, text: &str) -> Diagnostic {
    Diagnostic::error(
        "bad-probability",
        span,
        format!("`{text}` is no probability"),
        "a probability lies between 0 and 1",
    )
    .stands()
    .help("write a decimal such as `0.25`")
}

pub(crate) fn probability_out_of_range(span: Span, feature: &str, value: f64, example: Example<'_>) -> Diagnostic {
    Diagnostic::error(
        "probability-out-of-range",
        span,
        format!("the probability of `{feature}` is {value}{}", for_example(example)),
        "a probability lies between 0 and 1",
    )
    .help("scale it, or leave such turns out: `zipf(p, a)` is p (i + 1)^-a for i from 0 on, `/` divides exactly")
}

/// `value`: where it is one number.
pub(crate) fn bad_exponent(span: Span, value: Option<f64>, most: f64) -> Diagnostic {
    let headline = match value {
        Some(value) => format!("an exponent cannot be {value}"),
        None => "an exponent is one number for all members".into(),
    };
    Diagnostic::error("bad-exponent", span, headline, format!("a number from 0 to {most} is needed here"))
        .help("write `zipf(1.0)`: the i-th member, from 0 on, then has the weight 1 / (i + 1)")
}

pub(crate) fn bad_correlation(span: Span, text: &str) -> Diagnostic {
    let help = match text.parse() {
        Ok(1.0) => "what is always alike is one feature: name it once, or lower the correlation",
        _ => "write a decimal such as `0.25`; 0 is that of independent coins",
    };
    Diagnostic::error("bad-correlation", span, format!("`{text}` is no correlation of coins"), "from 0 on, and below 1")
        .stands()
        .help(help)
}

pub(crate) fn unlike_correlated(span: Span) -> Diagnostic {
    Diagnostic::error(
        "unlike-correlated",
        span,
        "correlated features of several probabilities",
        "another probability for each feature",
    )
    .help("write one for all, or a group a turn: `each x[i] with zipf(0.5, 1.0) correlated 0.5 for i in 0..8`")
}

pub(crate) fn parent_not_drawn(span: Span, name: &str) -> Diagnostic {
    Diagnostic::error(
        "parent-not-drawn",
        span,
        format!("`{name}` is not drawn before"),
        "nothing above says when it is on",
    )
    .help(format!("put the clause that draws `{name}` above this one"))
}

pub(crate) fn parents_for_children(span: Span, n_parents: usize, n_children: usize) -> Diagnostic {
    let (parents, children) = (plural(n_parents as u64, "feature"), plural(n_children as u64, "feature"));
    Diagnostic::error(
        "parents-for-children",
        span,
        format!("{children}, and {parents} behind `when`"),
        "which of them is on with which is open",
    )
    .help("behind `when` stands one feature, or one for each: `each a[i][0..4] with 0.3 when b[i] for i in 0..8`")
}

pub(crate) fn from_with_clauses(span: Span, other: Span) -> Diagnostic {
    Diagnostic::error(
        "from-with-clauses",
        span,
        "rows of a file and further clauses",
        "beside `from` only `plant` can stand",
    )
    .related(other, "another clause")
    .help("remove `from`, or all other clauses but `plant`")
}

pub(crate) fn store_in_a_stream(span: Span, residual: Span) -> Diagnostic {
    Diagnostic::error(
        "store-in-a-stream",
        span,
        "features are stored in a residual network",
        "every feature has a direction in its stream already",
    )
    .related(residual, "the stream")
    .help("remove `store`, or `residual`")
}

pub(crate) fn unknown_decoder(span: Span, name: &str, known: &[&str]) -> Diagnostic {
    choice("unknown-decoder", span, "decoder", name, known)
}

pub(crate) fn unknown_sides(span: Span, name: &str, known: &[&str]) -> Diagnostic {
    choice("unknown-readoff", span, "kind of read-off", name, known)
}

pub(crate) fn unknown_activation(span: Span, name: &str, known: &[&str]) -> Diagnostic {
    choice("unknown-activation", span, "activation", name, known)
}

pub(crate) fn unknown_mix(span: Span, name: &str, known: &[&str]) -> Diagnostic {
    choice("unknown-mix", span, "basis to mix by", name, known)
}

pub(crate) fn activation_in_a_stream(span: Span, residual: Span) -> Diagnostic {
    Diagnostic::error(
        "activation-in-a-stream",
        span,
        "what adds to a stream are ReLUs",
        "of other neurons there is a layer on the inputs alone",
    )
    .related(residual, "the stream")
    .help("remove `activation`, or `residual`")
}

pub(crate) fn unknown_metric(span: Span, name: &str, known: &[&str]) -> Diagnostic {
    if name == "proved" {
        return Diagnostic::error(
            "unknown-metric",
            span,
            "`proved` is no figure",
            "it holds of every input, or does not",
        )
        .help("write `proved;`, or `proved accuracy(0.4);`");
    }
    choice("unknown-metric", span, "metric", name, known)
}

/// What is no share of the inputs is not proved of all.
pub(crate) fn unprovable_metric(span: Span, name: &str) -> Diagnostic {
    Diagnostic::error("unprovable-metric", span, format!("`{name}` cannot be proved"), "it is no share of the inputs")
        .help("write `proved accuracy(0.4);`: every |read-off − truth| is then below 0.4, whatever the input")
}

/// What stands behind `name` in brackets, or does not, is nothing that it takes.
pub(crate) fn metric_argument(span: Span, name: &str, takes: Takes) -> Diagnostic {
    let (headline, label, help) = match takes {
        Takes::Nothing => {
            ("is of the whole network", "takes nothing in brackets", format!("write `{name}` alone, or `error(…)`"))
        }
        Takes::Gates => {
            ("is of gates", "no gate", format!("name a gate, or write `{name}` alone for the worst of all"))
        }
        Takes::Epsilon => (
            "needs an ε",
            "how near to the truth must read-offs be?",
            format!("write a number, as in `{name}(0.25)`: every |read-off − truth| is less"),
        ),
    };
    Diagnostic::error("metric-argument", span, format!("`{name}` {headline}"), label).help(help)
}

pub(crate) fn bad_epsilon(span: Span, text: &str) -> Diagnostic {
    Diagnostic::error("bad-epsilon", span, format!("`{text}` is no ε"), "an ε is above 0, and at most 0.5")
        .stands()
        .help("write a decimal such as `0.25`: beyond 0.5 a read-off may lie nearer to what is false")
}

/// `is_met`: whatever comes out.
pub(crate) fn bound_out_of_range(
    span: Span,
    metric: &str,
    bound: &str,
    [least, greatest]: [f64; 2],
    is_met: bool,
) -> Diagnostic {
    let some = if is_met { "every" } else { "no" };
    let headline = format!("{some} `{metric}` meets this bound");
    let range = match greatest.is_finite() {
        true => format!("it is a share, from {least} to {greatest}"),
        false => format!("it is never below {least}"),
    };
    let percent = bound.parse().ok().filter(|percent: &f64| greatest == 1.0 && (1.0..=100.0).contains(percent));
    let help = match percent {
        Some(percent) if percent > 1.0 => format!("for {percent} %, write `{}`", percent / 100.0),
        _ if greatest.is_finite() => "write a bound that can be met and missed, such as `> 0.99`".into(),
        _ => "write a bound that can be met and missed, such as `< 0.45`".into(),
    };
    Diagnostic::error("bound-out-of-range", span, headline, range).stands().help(help)
}

pub(crate) fn bad_comparison(span: Span) -> Diagnostic {
    Diagnostic::error(
        "bad-comparison",
        span,
        "a requirement is a bound",
        "an estimate is never exactly equal to a number",
    )
    .stands()
    .help("use `<`, `<=`, `>` or `>=`")
}

pub(crate) fn bad_setting(span: Span, what: &str, value: i64, allowed: &str) -> Diagnostic {
    Diagnostic::error("bad-setting", span, format!("`{what}` cannot be {value}"), "out of range")
        .stands()
        .help(format!("write a number that is {allowed}"))
}

pub(crate) fn duplicate_setting(span: Span, what: &str, first: Span) -> Diagnostic {
    Diagnostic::error("duplicate-setting", span, format!("`{what}` is set twice"), "set again here")
        .stands()
        .related(first, "first set here")
        .help("remove one of the two")
}

pub(crate) fn stored_twice(span: Span, name: &str, first: Span) -> Diagnostic {
    Diagnostic::error("stored-twice", span, format!("feature `{name}` is stored twice"), "stored again here")
        .related(first, "first stored here")
        .help("name it in one `store` only")
}
