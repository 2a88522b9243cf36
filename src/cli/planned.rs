//! A plan as text. Every figure says whether it is an inequality's or measured.
//!
//! Must not know how a plan is made.

use std::fmt::Write;

use superpose::program::Facts;
use superpose::search::plan::{Best, Measured, Plan};
use superpose::text::{counted, grouped, number, precise, share, shown, table, wrapped};

use super::bounds::{self, neurons, spread};

/// What was typed, for commands that go on from there.
pub struct Typed<'a> {
    pub file: &'a str,
    /// Of the goal: ` --target 0.99`, or nothing.
    pub options: &'a str,
    /// Which constructions and levels: ` --construction linear`, or nothing.
    pub making: &'a str,
    /// Of each fit.
    pub budget: Option<u64>,
}

pub fn to_text(plan: &Plan, facts: &Facts, typed: &Typed, color: bool, width: usize) -> String {
    let (bold, end) = if color { ("\u{1b}[1m", "\u{1b}[0m") } else { ("", "") };
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{bold}{}: {} over {} in {}{end}",
        shown(&plan.circuit),
        counted(plan.gates as u64, "gate"),
        counted(plan.features as u64, "feature"),
        counted(plan.layers.len() as u64, "layer"),
    );
    for goal in &plan.goal {
        let _ = writeln!(text, "  goal          {goal}");
    }
    let (epsilon, misses) = (precise(plan.epsilon), precise(plan.misses));
    let _ = writeln!(text, "  tolerated     errors below ε = {epsilon}, more on a share δ = {misses} of the inputs");
    let mut section = |title: &str, body: String| {
        let _ = write!(text, "\n{bold}{title}{end}\n{body}");
    };
    section(&format!("layers (s measured on {} inputs)", grouped(plan.layers[0].samples)), layers(plan, width));
    section(bounds::HEADING, bounds::to_text(facts, width) + &stored(plan, width));
    if plan.layers.len() > 1 {
        section("neurons of each layer, by inequality (every constant taken as 1)", by_layer(plan, width));
    }
    section("neurons of every layer that meet the goal", by_construction(plan, width));
    if !plan.pairs.is_empty() {
        let title = format!("pairs of features that universal AND can read, with s p = {}", plan.pairs_load);
        section(&title, pairs(plan, width));
    }
    section("what to make of it", verdict(plan, typed, width));
    text
}

fn lines(lines: Vec<String>) -> String {
    lines.into_iter().map(|line| line + "\n").collect()
}

fn layers(plan: &Plan, width: usize) -> String {
    let header = ["layer", "inputs m", "on s", "gates m'", "carried", "fan-in", "bends"];
    let rows = plan.layers.iter().map(|layer| {
        vec![
            layer.name.clone(),
            grouped(layer.inputs as u64),
            format!("{:.2}", layer.active),
            grouped(layer.gates),
            grouped(layer.carried),
            spread(layer.fan_in),
            grouped(layer.unshared as u64),
        ]
    });
    let bends = "neurons of a layer in which none is shared, so that superposition has nothing to do";
    lines(table(&header, rows, 1, width)) + "\n" + &wrapped("  bends       ", bends, width) + "\n"
}

/// Of features that come in superposed.
fn stored(plan: &Plan, width: usize) -> String {
    let Some((layer, floor)) = plan.layers.iter().find_map(|layer| Some((layer, layer.stored_floor?))) else {
        return String::new();
    };
    let explanation = format!(
        "{} for {}: of features stored in d dimensions a layer of n neurons computes about as many gates as it has \
         parameters, m' <= n d (overview of Vaintrob, Mendel & Hänni 2024)",
        counted(floor.ceil() as u64, "neuron"),
        layer.name
    );
    wrapped("  stored      ", &explanation, width) + "\n"
}

fn by_layer(plan: &Plan, width: usize) -> String {
    let names = plan.constructions.iter().map(|of| &of.construction[..]);
    let header: Vec<&str> = ["layer"].into_iter().chain(names).collect();
    let rows = plan.layers.iter().enumerate().map(|(layer_idx, layer)| {
        let cells = plan.constructions.iter().map(|of| of.by_inequality[layer_idx].width.map_or("-".into(), neurons));
        [layer.name.clone()].into_iter().chain(cells).collect()
    });
    lines(table(&header, rows, 1, width))
}

/// A row for each construction, a column for each level.
fn by_construction(plan: &Plan, width: usize) -> String {
    let mut levels: Vec<u8> = plan.constructions.iter().flat_map(|of| &of.measured).map(|of| of.opt_level).collect();
    levels.extend(plan.fitted.iter().map(|fitted| fitted.measured.opt_level));
    levels.sort_unstable();
    levels.dedup();
    let heads: Vec<String> = levels.iter().map(|level| format!("-O{level} measured")).collect();
    let header: Vec<&str> = ["construction", "by inequality"].into_iter().chain(heads.iter().map(|h| &h[..])).collect();
    let row = |name: &str, inequality: Option<f64>, measured: &[&Measured]| {
        let at = |level: &u8| measured.iter().find(|of| of.opt_level == *level).map_or("-".into(), |of| cell(of));
        let inequality = inequality.map_or("-".into(), neurons);
        [name.to_owned(), inequality].into_iter().chain(levels.iter().map(at)).collect::<Vec<String>>()
    };
    let wired = plan.constructions.iter();
    let mut rows: Vec<Vec<String>> =
        wired.map(|of| row(&of.construction, of.inequality, &of.measured.iter().collect::<Vec<_>>())).collect();
    rows.extend(plan.fitted.iter().map(|fitted| row("fitted", None, &[&fitted.measured])));
    let mut text = lines(table(&header, rows.into_iter(), 1, width));
    text.push('\n');
    let mut say = |head: &str, words: &str| {
        let _ = writeln!(text, "{}", wrapped(&format!("  {head:<15}"), words, width));
    };
    for of in &plan.constructions {
        say(&of.construction, &format!("{} ({})", of.formula, of.source));
    }
    if let Some(correction) = &plan.correction {
        say("corrections", &format!("{} ({})", correction.formula, correction.source));
    }
    if let Some(budget) = plan.fitted.as_ref().and_then(|fitted| fitted.budget) {
        say("fitted", &format!("nothing is published; each fit on {} inputs at most", grouped(budget)));
    }
    say("by inequality", "of the layer that needs most, every constant taken as 1: no promise");
    say(
        "measured",
        "the fewest neurons of every layer, of those that were tried, that meet the goal; `--width` tries others",
    );
    if text_has(plan, |of| of.width.is_none() && of.refused.is_none()) {
        say("> N (share)", "not by N neurons; the share of inputs that came nearest to the goal");
    }
    if text_has(plan, |of| of.unfinished) {
        say("?", "the budget was spent before it was measured");
    }
    for (name, why) in refused(plan) {
        say("- or cannot", &format!("{name}: {why}"));
    }
    text
}

fn all_measured(plan: &Plan) -> impl Iterator<Item = &Measured> {
    plan.constructions.iter().flat_map(|of| &of.measured).chain(plan.fitted.iter().map(|fitted| &fitted.measured))
}

fn text_has(plan: &Plan, is_so: impl Fn(&Measured) -> bool) -> bool {
    all_measured(plan).any(is_so)
}

fn cell(of: &Measured) -> String {
    match (of.width, of.widest()) {
        _ if of.refused.is_some() => "cannot".into(),
        (Some(width), _) if of.unfinished => format!("{} ?", grouped(width.into())),
        (Some(width), _) => grouped(width.into()),
        (None, _) if of.unfinished => "?".into(),
        (None, Some(widest)) => {
            let nearest = of.nearest().and_then(|tried| tried.value).map_or("-".into(), share);
            format!("> {} ({nearest})", grouped(widest.into()))
        }
        (None, None) => "-".into(),
    }
}

/// By construction, why its inequality tells no width, and why it cannot be made.
fn refused(plan: &Plan) -> Vec<(&str, &str)> {
    let mut reasons = Vec::new();
    for of in &plan.constructions {
        let published = of.by_inequality.iter().find_map(|needed| needed.reason.as_deref());
        let made = of.measured.iter().find_map(|measured| measured.refused.as_deref());
        reasons.extend(published.map(|why| (&of.construction[..], why)));
        reasons.extend(made.filter(|_| made != published).map(|why| (&of.construction[..], why)));
    }
    reasons
}

fn pairs(plan: &Plan, width: usize) -> String {
    let header = ["neurons", "p", "p² n", "share by formula", "share measured", "±"];
    let rows = plan.pairs.iter().map(|pairs| {
        vec![
            grouped(pairs.width.into()),
            number(pairs.density),
            number(pairs.common),
            share(pairs.expected),
            share(pairs.measured),
            format!("{:.4}", pairs.error),
        ]
    });
    let n_pairs = plan.features as u64 * (plan.features as u64 - 1) / 2;
    let by_formula = format!("of {} pairs: 1 - exp(-p² n), those that share a neuron", grouped(n_pairs));
    let all =
        format!("an inequality: p² n = 2 ln m, with which all of them do, is at {} neurons", neurons(plan.pairs_all));
    let mut text = lines(table(&header, rows, 1, width)) + "\n";
    for (head, words) in [
        ("by formula", by_formula),
        ("measured", "of wirings that are drawn, with its standard error".to_owned()),
        ("all pairs", all),
    ] {
        let _ = writeln!(text, "{}", wrapped(&format!("  {head:<15}"), &words, width));
    }
    text
}

fn verdict(plan: &Plan, typed: &Typed, width: usize) -> String {
    let mut text = String::new();
    let mut say = |words: String| {
        let _ = writeln!(text, "{}", wrapped(" ", &words, width));
    };
    let best = plan.best();
    let Some(first) = best.first() else {
        let widest = all_measured(plan).filter_map(Measured::widest).max();
        let nearest = all_measured(plan)
            .filter_map(Measured::nearest)
            .max_by(|a, b| f64::total_cmp(&a.value.unwrap_or(0.0), &b.value.unwrap_or(0.0)));
        match (widest, nearest) {
            (Some(widest), Some(nearest)) => {
                say(format!(
                    "Measured, nothing meets the goal by {}; the nearest has {} at {}. Wider ones:",
                    counted(widest.into(), "neuron"),
                    share(nearest.value.unwrap_or(0.0)),
                    counted(nearest.width.into(), "neuron"),
                ));
                let further = u64::from(widest) * 8;
                let _ = writeln!(
                    text,
                    "  superpose plan {}{}{} --width {widest}..{further}",
                    typed.file, typed.making, typed.options
                );
            }
            _ => say("Nothing was measured.".into()),
        }
        return text;
    };
    say(format!("Measured, {} is the narrowest that meets the goal: {}.", named(first), per_layer(plan, first)));
    let closed = best.iter().find(|best| best.construction.is_some());
    let other = closed.filter(|closed| *closed != first);
    if let Some(closed) = other {
        say(format!("Of what is not fitted, {} is: {}.", named(closed), per_layer(plan, closed)));
    }
    for best in [Some(first), other].into_iter().flatten() {
        let _ = writeln!(text, "  {}", command(best, plan, typed));
    }
    text
}

fn named(best: &Best) -> String {
    match best.construction {
        Some(construction) => format!("`{construction}` at -O{}", best.opt_level),
        None => format!("a fit (-O{})", best.opt_level),
    }
}

fn per_layer(plan: &Plan, best: &Best) -> String {
    let neurons = counted(best.width.into(), "neuron");
    if plan.layers.len() > 1 { format!("{neurons} a layer") } else { neurons }
}

/// The network that was measured, as `eval` makes it.
fn command(best: &Best, plan: &Plan, typed: &Typed) -> String {
    let (file, seed, n) = (typed.file, plan.seed, best.width);
    match best.construction {
        Some(construction) => {
            let construction =
                if construction.contains(' ') { format!("'{construction}'") } else { construction.into() };
            format!(
                "superpose eval {file} --construction {construction} --width {n} -O{} --seed {seed}",
                best.opt_level
            )
        }
        None => {
            let budget = typed.budget.map_or(String::new(), |budget| format!(" --budget {budget}"));
            format!("superpose eval {file} --width {n} -O{}{}{budget} --seed {seed}", best.opt_level, typed.options)
        }
    }
}
