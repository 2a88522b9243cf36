//! The phrasing of what is wrong with attention heads.

use crate::diagnostic::{Diagnostic, Span};

pub(crate) fn empty_head(span: Span, name: &str) -> Diagnostic {
    Diagnostic::error("empty-head", span, format!("head `{name}` matches nothing"), "no pair of features")
        .help("say which key a query looks for: `match noun[i] -> verb[i] for i in 0..8;`")
}

pub(crate) fn head_without_stream(span: Span, name: &str) -> Diagnostic {
    Diagnostic::error("head-without-stream", span, format!("head `{name}` has no stream"), "no feature is stored").help(
        "store the features that it matches, `network { store noun, verb in 48 with gaussian; }`, or give the \
               network a stream: `network { residual 64; }`",
    )
}

pub(crate) fn rank_too_large(span: Span, rank: i64, dimensions: u32) -> Diagnostic {
    let headline = format!("rank {rank} of a stream of {dimensions} dimensions");
    Diagnostic::error("rank-too-large", span, headline, "more directions than there are")
        .help(format!("write a rank of at most {dimensions}, or give the stream more dimensions"))
}

pub(crate) fn not_stored(span: Span, feature: &str, array: &str) -> Diagnostic {
    let label = "it has a coordinate of its own, outside of what the head reads";
    Diagnostic::error("not-stored", span, format!("feature `{feature}` is not stored"), label)
        .help(format!("store it with the others: `store {array} in 48 with gaussian;`"))
}

pub(crate) fn duplicate_match(span: Span, key: &str, query: &str, first: Span) -> Diagnostic {
    let headline = format!("`{key} -> {query}` is matched twice");
    let problem = Diagnostic::error("duplicate-match", span, headline, "matched again here");
    let problem = if first == span { problem } else { problem.related(first, "first matched here") };
    problem.help("match it once: a match counts 1")
}

pub(crate) fn too_many_matches(span: Span, limit: u64) -> Diagnostic {
    Diagnostic::error("too-many-matches", span, format!("a head of more than {limit} matches"), "one too many here")
        .help("write shorter ranges, or several heads")
}

pub(crate) fn match_never_on(span: Span, feature: &str) -> Diagnostic {
    Diagnostic::error("match-never-on", span, format!("no token ever has `{feature}`"), "it can match nothing")
        .help(format!("let a clause of `sample` draw it: `each {feature} with 0.1;`"))
}
