//! What a reader needs first: whether the network is as asked, how good it is, how large, and what it was made of and
//! held against.
//!
//! Must not know of single gates.

use super::page::{Ink, Page};
use crate::evaluate::accuracy::{LEADING, Quantile};
use crate::evaluate::groups::Top1;
use crate::evaluate::parts::Planted;
use crate::evaluate::report::Report;
use crate::evaluate::requirement::RequirementReport;
use crate::evaluate::without_relu::WithoutRelu;
use crate::readings::{Confidence, Share};
use crate::text::{counted, grouped, number, share, shown};

/// More layers than this have no figure each.
const MOST_WIDTHS: usize = 8;
const MOST_SHARES: usize = 3;

pub fn summary(page: &mut Page, report: &Report) {
    let n_heads = report.heads.len() as u64;
    let (gates, heads) = (counted(n_gates(report) as u64, "gate"), counted(n_heads, "head"));
    let made_of = match (report.has_gates(), n_heads) {
        (true, 0) => gates,
        (true, _) => format!("{gates} and {heads}"),
        (false, _) => heads,
    };
    let features = counted(report.features as u64, "feature");
    let layers = counted(report.layers.len() as u64, "layer");
    let layers = if report.has_gates() { format!(" in {layers}") } else { String::new() };
    page.title(&format!("{}: {made_of} over {features}{layers}", shown(&report.circuit)));
    verdicts(page, report);
    if report.has_gates() {
        figures(page, report);
        size(page, report);
    }
    provenance(page, report);
}

fn n_gates(report: &Report) -> usize {
    report.layers.iter().map(|layer| layer.gates).sum()
}

/// What was asked for, and what came of it: first what is missed.
fn verdicts(page: &mut Page, report: &Report) {
    let is_missed = |line: &&RequirementReport| line.holds != Some(true);
    let lines = || report.requirements.iter();
    let width = lines().chain(&report.goal).map(|line| line.text.chars().count()).max().unwrap_or(0);
    let mut verdict = |line: &RequirementReport, [holds, missed]: [&str; 2]| {
        let (mark, ink) = match line.holds {
            Some(true) => (holds, Ink::Good),
            Some(false) => (missed, Ink::Bad),
            None => ("unknown", Ink::Bad),
        };
        page.verdict((mark, ink), &format!("{:<width$}  {}", line.text, line.found()), "");
    };
    lines().filter(is_missed).for_each(|line| verdict(line, ["holds", "missed"]));
    report.goal.iter().for_each(|line| verdict(line, ["goal met", "goal missed"]));
    lines().filter(|line| !is_missed(line)).for_each(|line| verdict(line, ["holds", "missed"]));
}

fn figures(page: &mut Page, report: &Report) {
    page.say("read-off");
    let interval = |[low, high]: [f64; 2]| match report.exhaustive {
        true => String::new(),
        false => format!("[{low:.4}, {high:.4}] at 95 %; "),
    };
    let remark = interval(report.reliability_interval) + "every gate of every layer";
    page.labelled("reliability", &share(report.reliability), &remark);
    // Where it is the same, it says nothing.
    if report.output_reliability != report.reliability {
        page.labelled("outputs", &share(report.output_reliability), "every output right");
    }
    for quantile in report.epsilon.iter().filter(|quantile| quantile.share == LEADING) {
        let remark = "no read-off is farther off on 99 % of the inputs";
        page.labelled("ε at 99 %", &number(f64::from(quantile.epsilon)), remark);
    }
    for accuracy in report.accuracy.iter().filter(|accuracy| accuracy.is_asked) {
        let remark = interval(accuracy.share.interval(Confidence::Usual)) + "every read-off";
        page.labelled(&format!("within {}", accuracy.epsilon), &share(accuracy.share.value()), &remark);
    }
    // Of ReLUs, where it is as the thresholds have it, it says nothing.
    let says_more = |top1: &&Top1| !report.has_relus || top1.share != report.reliability;
    for Top1 { group, share: first, interval: of, .. } in report.top1.iter().filter(says_more) {
        let remark = format!("{}the highest of {} is on", interval(*of), shown(group));
        page.labelled("top1", &share(*first), &remark);
    }
    if report.planted.gates > 0 {
        let Planted { gates, readoffs, wrong, .. } = report.planted;
        let right = share((readoffs - wrong) as f64 / readoffs.max(1) as f64);
        let remark = format!("right on inputs of their own, {} in all", counted(gates, "gate"));
        page.labelled("rare gates", &right, &remark);
    }
    page.labelled("bending", &bending(report), "of the neurons that matter, by layer");
    if let Some(without_relu) = &report.without_relu {
        page.labelled("without ReLU", &share(without_relu.reliability), &what_is_left(report, without_relu));
    }
}

/// How many neurons it takes.
fn size(page: &mut Page, report: &Report) {
    let n_neurons: usize = report.widths.iter().sum();
    let widths: Vec<String> = report.widths.iter().map(|&width| grouped(width as u64)).collect();
    let is_many = widths.len() > MOST_WIDTHS;
    let widths = if is_many { format!("{} in all", grouped(n_neurons as u64)) } else { widths.join(" + ") };
    let per_neuron = n_gates(report) as f64 / n_neurons.max(1) as f64;
    let by_rule = if report.width_by_rule { ", by rule of thumb if not given" } else { "" };
    page.labelled("neurons", &widths, &format!("{per_neuron:.2} gates a neuron{by_rule}"));
    if let Some(dimensions) = report.stream {
        let remark = "dimensions that layers add to and gates are read off";
        page.labelled("stream", &grouped(dimensions as u64), remark);
    }
}

fn provenance(page: &mut Page, report: &Report) {
    page.labelled("parameters", &grouped(report.parameters), "nonzero");
    let construction = if report.has_gates() { format!(", {}", report.construction) } else { String::new() };
    let compiled = format!("-O{}{construction}, seed {}", report.opt_level, report.seed);
    page.labelled("compiled", &compiled, "");
    if let Some(fit) = &report.fit {
        let sides = report.readoff.replace('_', "-");
        page.labelled("fitted", &format!("{sides}, {} inputs, {}", grouped(fit.inputs), fit.ending()), "");
        if !fit.study.is_none() {
            page.labelled("", &fit.study.spelling(), "for study");
        }
    }
    let drawn = format!("drawn, seed {}", report.eval_seed);
    match report.heads.first().filter(|_| !report.has_gates()) {
        Some(head) => page.labelled("sequences", &grouped(head.sequences), &drawn),
        None if report.exhaustive => page.labelled("inputs", &grouped(report.samples), "all of them, once each"),
        None => page.labelled("inputs", &grouped(report.samples), &drawn),
    }
    if let Some(usual) = &report.usual_inputs {
        page.labelled("", "", usual);
    }
}

/// The shares of all layers, or their range.
fn bending(report: &Report) -> String {
    let shares: Vec<f64> = report.layers.iter().filter_map(|layer| layer.bending).collect();
    let (least, greatest) = shares.iter().fold((1.0f64, 0.0f64), |(low, high), &b| (low.min(b), high.max(b)));
    match &report.layers[..] {
        _ if shares.is_empty() => "-".into(),
        layers if layers.len() > MOST_SHARES && least < greatest => format!("{} to {}", share(least), share(greatest)),
        layers if layers.len() > MOST_SHARES => format!("{} each", share(least)),
        layers => layers.iter().map(|layer| layer.bending.map_or("-".into(), share)).collect::<Vec<_>>().join(" + "),
    }
}

/// What a network is worth without its ReLUs, beside what it is worth with them.
fn what_is_left(report: &Report, without_relu: &WithoutRelu) -> String {
    let epsilon = |quantiles: &[Quantile]| quantiles.iter().find(|row| row.share == LEADING).map(|row| row.epsilon);
    let (with, without) = (epsilon(&report.epsilon), epsilon(&without_relu.epsilon));
    let told = without.map_or(String::new(), |epsilon| format!("ε at 99 % {}", number(f64::from(epsilon))));
    let samples = without_relu.samples;
    let n_right = libm::round(without_relu.reliability * samples as f64) as u64;
    let is_as_right = Share { n: n_right, of: samples }.interval(Confidence::Usual)[1] >= report.reliability;
    let is_as_near = with >= without;
    match (is_as_right, is_as_near) {
        (true, true) => format!("a linear code does as well, {told}"),
        (true, false) => format!("as often right, but farther off: {told}"),
        (false, _) => format!("read affinely as well as can be; {told}"),
    }
}
