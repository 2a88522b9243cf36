//! What a construction cannot do, in words: the only file of this folder that phrases diagnostics.

use super::layer::LayerTask;
use crate::circuit::{Circuit, GateId};
use crate::diagnostic::{Diagnostic, Span};

pub fn no_neuron_left(task: &LayerTask, target_idx: usize, n: usize) -> Diagnostic {
    let (name, layer) = (task.name(target_idx), &task.circuit.layers[task.layer_idx].name);
    Diagnostic::error(
        "width-too-small",
        task.span(target_idx),
        format!("no neuron of layer `{layer}` can take `{name}`"),
        format!("each of the {n} neurons already reads one of its operands with another weight"),
    )
    .help(format!("give the layer more neurons: `--width {layer}={}`", 2 * n))
}

/// A gate of more than `most` inputs.
pub fn too_wide_for(construction: &str, task: &LayerTask, target_idx: usize, most: usize) -> Diagnostic {
    let (name, fan_in) = (task.name(target_idx), task.operands(target_idx).len());
    Diagnostic::error(
        "too-wide-for-construction",
        task.span(target_idx),
        format!("`{name}` has {fan_in} inputs; construction `{construction}` reads at most {most}"),
        "too many subsets of inputs to tell apart",
    )
    .help("compile with `--construction channels`, or split the gate")
}

pub fn nothing_corrected(span: Span, construction: &str) -> Diagnostic {
    let headline = format!("construction `{construction}` corrects nothing");
    Diagnostic::error("nothing-corrected", span, headline, "none of its neurons ever bends")
        .stands()
        .help("remove `correct`, or compile with `--construction channels`")
}

/// Of a target that every line over the sum of its operands misses by `nearest` somewhere. Nothing is refused by it: it
/// says why there is no width.
pub fn no_line_near_enough(task: &LayerTask, target_idx: usize, nearest: f64) -> String {
    format!("no line over its operands is nearer to `{}` than {nearest}", task.name(target_idx))
}

/// Of `m` signals in `d` dimensions, of which a linear code would need `n`. Nothing is refused by it either.
pub fn too_few_dimensions(m: usize, d: f64, n: f64) -> String {
    format!("{m} features share {d} dimensions, and a linear code would need {}", libm::ceil(n))
}

/// `read_by`: the read-off that was chosen.
pub fn not_in_random_features(task: &LayerTask, target_idx: usize, read_by: &str, n: usize) -> Diagnostic {
    let (name, layer) = (task.name(target_idx), task.layer_name());
    let help = match read_by {
        "plain" => "choose `conditions`, or compile with `-O1`",
        _ => "no three inputs together show without a bias, nor five: choose `fitted_bias`, or compile with `-O1`",
    };
    Diagnostic::error(
        "not-in-random-features",
        task.span(target_idx),
        format!(
            "what {n} random neurons of layer `{layer}` are expected to do does not tell `{name}`, read by `{read_by}`"
        ),
        "its cases read alike",
    )
    .help(help)
}

/// Of a gate some of whose patterns of signs no neuron has.
pub fn too_few_signs(task: &LayerTask, target_idx: usize, n: usize) -> Diagnostic {
    let (name, layer) = (task.name(target_idx), task.layer_name());
    let n_patterns = 1usize << task.operands(target_idx).len();
    Diagnostic::error(
        "no-common-neuron",
        task.span(target_idx),
        format!("of {n} random neurons none has some of the {n_patterns} patterns of signs that tell `{name}`"),
        "construction `random_features` reads it by all of them",
    )
    .help(format!("give the layer more neurons (`--width {layer}={}`), or compile with `-O1`", 2 * n))
}

pub fn no_common_neuron(task: &LayerTask, target_idx: usize, names: &str, n: usize) -> Diagnostic {
    let (name, layer) = (task.name(target_idx), &task.circuit.layers[task.layer_idx].name);
    Diagnostic::error(
        "no-common-neuron",
        task.span(target_idx),
        format!(
            "of {n} neurons none is wired to what `{name}` must be read from: `{names}` and no other of its inputs"
        ),
        "construction `universal` needs p^k n >= 2 ln m for gates of k inputs",
    )
    .help(format!(
        "give the layer more neurons (`--width {layer}={}`), or compile with `--construction channels` or `-O1`",
        2 * n
    ))
}

/// `why`: what of a target is no addition of two groups.
pub fn no_addition(task: &LayerTask, target_idx: usize, why: &str) -> Diagnostic {
    Diagnostic::error(
        "no-addition",
        task.span(target_idx),
        format!("construction `fourier` adds modulo P, and `{}` is no such sum", task.name(target_idx)),
        why,
    )
    .help(
        "write `out[k] = any(a[i] & b[(k - i) % P] for i in 0..P) for k in 0..P;` alone, with `choose 1 of a;` and \
         `choose 1 of b;`",
    )
}

/// Of more than P/2 turns a frequency is one of fewer.
pub fn frequency_too_high(span: Span, frequency: usize, most: usize) -> Diagnostic {
    let headline = format!("frequency {frequency} is too high for so few numbers");
    Diagnostic::error("frequency-too-high", span, headline, "one of the frequencies")
        .help(format!("write numbers from 1 to {most}"))
}

pub fn too_few_products(task: &LayerTask, n: usize, needed: usize) -> Diagnostic {
    let layer = task.layer_name();
    Diagnostic::error(
        "too-few-products",
        task.span(0),
        format!("layer `{layer}` has {n} neurons for products, and {needed} are needed"),
        "what is added up of them",
    )
    .help(format!("give the layer more neurons: `--width {layer}={needed}`"))
}

/// `why`: what of a target is no sum of tokens.
pub fn no_bigrams(task: &LayerTask, target_idx: usize, why: &str) -> Diagnostic {
    let name = task.name(target_idx);
    Diagnostic::error(
        "no-bigrams",
        task.span(target_idx),
        format!("construction `bigram` says what follows one token, and `{name}` does not"),
        why,
    )
    .help("write gates such as `next[k] = any(token[i] for i in 0..V if i % 3 == k);`, with `choose 1 of token;`")
}

pub fn too_few_coordinates(task: &LayerTask, n: usize, needed: usize) -> Diagnostic {
    let layer = task.layer_name();
    Diagnostic::error(
        "too-few-coordinates",
        task.span(0),
        format!("tokens of layer `{layer}` are of {needed} classes, and it has {n} coordinates"),
        "one of what tells them apart",
    )
    .help(format!("give the layer more of them: `--width {layer}={needed}`"))
}

/// `names`: of the constructions that have such neurons.
pub fn construction_without(span: Span, construction: &str, activation: &str, names: &[&str]) -> Diagnostic {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    Diagnostic::error(
        "construction-without-activation",
        span,
        format!("construction `{construction}` has no {activation} neurons"),
        "what neurons are to do",
    )
    .help(format!("of {activation} neurons there is {}", names.join(", ")))
}

/// `names`: what it may be.
pub fn construction_without_relus(span: Span, construction: &str, names: &[&str]) -> Diagnostic {
    let names: Vec<String> = names.iter().map(|name| format!("`activation {name};`")).collect();
    Diagnostic::error(
        "construction-without-activation",
        span,
        format!("construction `{construction}` has no ReLUs"),
        "what is chosen",
    )
    .help(format!("write {} into the `network` block", names.join(" or ")))
}

pub fn only_relus_are_fitted(span: Span, activation: &str) -> Diagnostic {
    Diagnostic::error(
        "only-relus-are-fitted",
        span,
        format!("{activation} neurons are not fitted"),
        "a fit, the default, trains ReLUs",
    )
    .stands()
    .help("write `optimize 1;` into the `network` block, or compile with `-O1` or `-O0`")
}

/// Features that a construction has its own way for.
pub fn stored_by_construction(span: Span, construction: &str) -> Diagnostic {
    Diagnostic::error(
        "stored-by-construction",
        span,
        format!("construction `{construction}` says itself how features enter"),
        "stored in another way",
    )
    .help("remove `store`")
}

/// No space of the network is read by matrices alone.
pub fn nothing_to_mix(span: Span) -> Diagnostic {
    Diagnostic::error(
        "nothing-to-mix",
        span,
        "the network has no linear space to mix",
        "each feature enters by itself, and between layers stand ReLUs: relu(Q x) is not Q relu(x)",
    )
    .stands()
    .help("store features (`store x in 16 with hadamard;`), add to a stream (`residual 64;`), or remove `mix`")
}

/// `nearest` to `size` dimensions, and above it, there is such a matrix.
pub fn mix_dimensions(span: Span, mix: &str, size: usize, nearest: usize) -> Diagnostic {
    Diagnostic::error(
        "mix-dimensions",
        span,
        format!("there is no `{mix}` of {}", plural(size, "row")),
        "a linear space of the network has so many dimensions",
    )
    .stands()
    .help(format!(
        "give it {nearest}: by `store … in` or `residual`, or by the width of linear neurons; a product has two for \
         each frequency"
    ))
}

/// A circuit without copies.
pub fn nothing_to_share(task: &LayerTask) -> Diagnostic {
    Diagnostic::error(
        "nothing-to-share",
        task.span(0),
        format!(
            "no gate of `{}` is a copy of another: construction `shared_circuits` has nothing to share",
            task.circuit.name
        ),
        "nothing else does the same with other signals",
    )
    .help("write a sub-circuit or a formula for each row, `… for t in 0..N`; or compile with `--construction channels`")
}

/// Where there are fewer codes of `s` of so many `places` than copies.
pub fn too_many_copies(
    task: &LayerTask,
    target_idx: usize,
    n_copies: usize,
    (places, s): (usize, usize),
    n: usize,
) -> Diagnostic {
    let (name, layer) = (task.name(target_idx), task.layer_name());
    let label = match places {
        0 => format!("of the {n} neurons of the layer none is left for them"),
        _ => format!("on {s} of {places} neurons each, some two would share more than one"),
    };
    Diagnostic::error(
        "width-too-small",
        task.span(target_idx),
        format!("layer `{layer}` has no codes for {} of what `{name}` belongs to", counted_copies(n_copies)),
        label,
    )
    .help(format!("give the layer more neurons: `--width {layer}={}`", 2 * n))
}

fn counted_copies(n_copies: usize) -> String {
    if n_copies == 1 { "1 copy".to_string() } else { format!("{n_copies} copies") }
}

/// `why`, and what would do.
pub fn not_for_ping_pong(task: &LayerTask, target_idx: usize, why: &str, help: &str) -> Diagnostic {
    let (name, layer) = (task.name(target_idx), task.layer_name());
    Diagnostic::error(
        "not-for-ping-pong",
        task.span(target_idx),
        format!("`ping_pong` has one of many copies in use at a time: it cannot have `{name}` of layer `{layer}`"),
        why,
    )
    .help(help)
}

pub fn no_room_for_ping_pong(task: &LayerTask, n: usize, needed: usize) -> Diagnostic {
    let layer = task.layer_name();
    Diagnostic::error(
        "width-too-small",
        task.span(0),
        format!("the blocks and indicators of layer `{layer}` are {needed} neurons, and there are {n}"),
        "one of what `ping_pong` has in blocks",
    )
    .help(format!("give the layer more neurons: `--width {layer}={needed}`"))
}

/// `dictionary`: its name, and in which dimensions there is one; `nearest` to `d` there is one with vectors enough.
pub fn dictionary_dimensions(
    span: Span,
    (name, dimensions): (&str, &str),
    d: usize,
    nearest: Option<usize>,
    others: &[&str],
) -> Diagnostic {
    Diagnostic::error(
        "dictionary-dimensions",
        span,
        format!("there is no `{name}` in {}", plural(d, "dimension")),
        format!("its dimensions are {dimensions}"),
    )
    .help(other_dictionary(d, nearest, others))
}

/// `n` vectors of `d` dimensions, where there are `most`.
pub fn dictionary_too_small(
    span: Span,
    name: &str,
    (n, most): (usize, usize),
    d: usize,
    nearest: Option<usize>,
    others: &[&str],
) -> Diagnostic {
    Diagnostic::error(
        "dictionary-too-small",
        span,
        format!("`{name}` has {} of {}", plural(most, "vector"), plural(d, "dimension")),
        format!("{n} are needed"),
    )
    .help(other_dictionary(d, nearest, others))
}

fn other_dictionary(d: usize, nearest: Option<usize>, others: &[&str]) -> String {
    let nearest = nearest.map(|nearest| format!("write {nearest} in place of {d}"));
    let others: Vec<String> = others.iter().map(|name| format!("`{name}`")).collect();
    let others = (!others.is_empty()).then(|| format!("take another dictionary: {}", others.join(", ")));
    nearest.into_iter().chain(others).collect::<Vec<_>>().join(", or ")
}

fn plural(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

/// `is_implied`: nobody gave a level, but a construction was named.
pub fn nothing_is_fitted(level: u8, is_implied: bool) -> Diagnostic {
    let (because, help) = match is_implied {
        true => (", which `--construction` stands for", "leave out `--construction` for a fit, or leave them out"),
        false => ("", "compile with `-O2`, or leave them out"),
    };
    Diagnostic::error(
        "nothing-is-fitted",
        Span::NOWHERE,
        format!(
            "`--target`, `--epsilon`, `--readoff`, `--budget`, `--loss`, `--freeze` and `--from` mean nothing at \
             -O{level}{because}: nothing is fitted"
        ),
        "",
    )
    .help(help)
}

pub fn construction_of_a_fit(name: &str) -> Diagnostic {
    Diagnostic::error(
        "construction-of-a-fit",
        Span::NOWHERE,
        format!("`--construction {name}` means nothing at -O2: a fit has no construction but its own"),
        "",
    )
    .help(format!(
        "to see `{name}`, leave out the level, or type `-O0` for it as published; for a fit, leave out `--construction`"
    ))
}

pub fn from_another_circuit(circuit: &str) -> Diagnostic {
    Diagnostic::error(
        "from-another-circuit",
        Span::NOWHERE,
        format!("the network of `--from` computes another circuit: `{circuit}` with other features, layers or gates"),
        "",
    )
    .help("give a network that was compiled from this program as it stands")
}

/// `seed`: of a network that was fitted.
pub fn from_another_dictionary(seed: Option<u64>) -> Diagnostic {
    let help = match seed {
        Some(seed) => format!("give it the seed of that network, `--seed {seed}`; or leave `--from` out"),
        None => "go on from a network of `-O2`; or leave `--from` out".to_string(),
    };
    Diagnostic::error(
        "from-another-dictionary",
        Span::NOWHERE,
        "features enter the network of `--from` along other directions than this fit's",
        "",
    )
    .help(help)
}

pub fn from_another_width(layer: &str, found: usize, wanted: u32) -> Diagnostic {
    Diagnostic::error(
        "from-another-width",
        Span::NOWHERE,
        format!("layer `{layer}` has {found} neurons in the network of `--from`, and {wanted} are asked for"),
        "",
    )
    .help("leave `--width` out: a fit that goes on keeps the widths that it finds")
}

/// `fits_as_published`: whether nothing but solving for it stands in the way.
pub fn stream_too_large(d: usize, most: usize, fits_as_published: bool) -> Diagnostic {
    let otherwise = if fits_as_published { ", or compile with `-O0`, which solves for nothing" } else { "" };
    Diagnostic::error(
        "stream-too-large",
        Span::NOWHERE,
        format!("a stream of {d} dimensions is too large for this circuit"),
        "",
    )
    .help(format!("write `residual {most};`, or less{otherwise}"))
}

/// `fits_as_published`: whether nothing but solving for it stands in the way.
pub fn head_too_large(head: &str, d: usize, most: usize, fits_as_published: bool) -> Diagnostic {
    let otherwise = if fits_as_published { ", or compile with `-O0`, which solves for nothing" } else { "" };
    Diagnostic::error(
        "head-too-large",
        Span::NOWHERE,
        format!("head `{head}` reads {d} dimensions, which are too many"),
        "",
    )
    .help(format!("store features in {most} dimensions, or less{otherwise}"))
}

pub fn auto_unresolved(layer: &str) -> Diagnostic {
    Diagnostic::error(
        "width-auto-unresolved",
        Span::NOWHERE,
        format!("the width of layer `{layer}` is `auto`, which is for a search over compilations to settle"),
        "",
    )
    .help("call `superpose::search::build`, or give a number: `--width 256`")
}

/// `fits_as_published`: a construction as published could have as many.
pub fn width_too_large(layer: &str, n: usize, n_below: usize, most: usize, fits_as_published: bool) -> Diagnostic {
    let or = if fits_as_published { ", or compile with `-O0`" } else { "" };
    Diagnostic::error(
        "width-too-large",
        Span::NOWHERE,
        format!("layer `{layer}` would have {n} neurons over {n_below} inputs"),
        "",
    )
    .help(format!("give the layer at most {most} neurons: `--width {layer}={most}`{or}"))
}

pub fn parity_too_wide(circuit: &Circuit, gate: GateId, most: u32) -> Diagnostic {
    let (name, fan_in) = (circuit.name(circuit.gate_signal(gate)), circuit.operands(gate).len());
    Diagnostic::error(
        "parity-too-wide",
        circuit.gates[gate.0 as usize].span,
        format!("`{name}` is the parity of {fan_in} inputs; one layer takes at most {most}"),
        "one bend of the staircase for each input",
    )
    .help("make it a tree: parities of parts, and the parity of those")
}

pub fn too_wide_to_solve(circuit: &Circuit, gate: GateId, most: u32) -> Diagnostic {
    let (name, fan_in) = (circuit.name(circuit.gate_signal(gate)), circuit.operands(gate).len());
    Diagnostic::error(
        "too-wide-to-solve",
        circuit.gates[gate.0 as usize].span,
        format!("`{name}` has {fan_in} inputs; `-O1` solves for gates of at most {most}"),
        "every input that is drawn looks at all of them",
    )
    .help("compile with `-O0`, or make it a tree: gates over parts, and a gate over those")
}
