//! The report as a person reads it in a terminal: a summary, a table of layers, the worst gates, a histogram.
//!
//! Returns text; must not know whether it goes to a terminal, nor how wide that is.

use std::fmt::Write;

use super::accuracy::{LEADING, Quantile};
use super::histogram::{Histogram, N_BINS, bin_of};
use super::report::{GateReport, Planted, Report};
use super::without_relu::WithoutRelu;
use crate::network::FACTOR_TOLERANCE;
use crate::readings::{Confidence, Share};
use crate::text::{counted, grouped, number, share, short, shortened, shown, table, wrapped};

/// How to lay the report out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    pub color: bool,
    /// Columns of the terminal.
    pub width: usize,
    /// How many of the worst gates are named.
    pub worst: usize,
    /// A table of every gate.
    pub gates: bool,
}

impl Default for Style {
    fn default() -> Style {
        Style { color: false, width: 80, worst: 8, gates: false }
    }
}

impl Report {
    /// The report as text, ending in a newline.
    pub fn to_text(&self, style: &Style) -> String {
        let mut text = String::new();
        summary(&mut text, self, style);
        layers(&mut text, self, style);
        if style.gates {
            gate_table(&mut text, "gates", self.gates.iter(), self, style);
        } else {
            worst_gates(&mut text, self, style);
        }
        classes(&mut text, self, style);
        histogram(&mut text, &self.histogram, self.gates.iter().map(|gate| gate.threshold), style);
        requirements(&mut text, self, style);
        notes(&mut text, self, style);
        text
    }
}

/// How many gates that were never seen on a side are named.
const N_NAMED: usize = 10;

enum Ink {
    Heading,
    Faint,
    Good,
    Bad,
}

fn paint(text: &str, ink: Ink, style: &Style) -> String {
    if !style.color || text.is_empty() {
        return text.to_owned();
    }
    let code = match ink {
        Ink::Heading => "1",
        Ink::Faint => "2",
        Ink::Good => "32",
        Ink::Bad => "31",
    };
    format!("\u{1b}[{code}m{text}\u{1b}[0m")
}

fn heading(text: &mut String, title: &str, style: &Style) {
    let _ = writeln!(text, "\n{}", paint(title, Ink::Heading, style));
}

fn summary(text: &mut String, report: &Report, style: &Style) {
    let n_gates: usize = report.layers.iter().map(|layer| layer.gates).sum();
    let title = format!(
        "{}: {} over {} in {}",
        shown(&report.circuit),
        counted(n_gates as u64, "gate"),
        counted(report.features as u64, "feature"),
        counted(report.layers.len() as u64, "layer"),
    );
    for missed in report.missed() {
        let _ = writeln!(text, "{}", paint(&missed.missed_line(), Ink::Bad, style));
    }
    let _ = writeln!(text, "{}", paint(&title, Ink::Heading, style));
    let mut line = |label: &str, value: String, remark: &str| {
        let padded = paint(&format!("{label:<13} "), Ink::Faint, style);
        let line = format!("  {padded}{value:<10}  {}", paint(remark, Ink::Faint, style));
        // Colour that paints nothing would keep trailing blanks.
        let _ = writeln!(text, "{}", if remark.is_empty() { format!("  {padded}{value}") } else { line });
    };
    line("compiled", format!("-O{}, {}, seed {}", report.opt_level, report.construction, report.seed), "");
    if let Some(fit) = &report.fit {
        let sides = report.readoff.replace('_', "-");
        line("fitted", format!("{sides}, {} inputs, {}", grouped(fit.inputs), fit.ending()), "");
    }
    let n_neurons: usize = report.widths.iter().sum();
    let widths: Vec<String> = report.widths.iter().map(|&width| grouped(width as u64)).collect();
    let widths = if widths.len() > 8 { format!("{} in all", grouped(n_neurons as u64)) } else { widths.join(" + ") };
    let by_rule = if report.width_by_rule { "   (by the rule of thumb)" } else { "" };
    line("neurons", format!("{widths}{by_rule}"), "");
    if let Some(dimensions) = report.stream {
        line("stream", grouped(dimensions as u64), "dimensions, which layers add to; gates are read off it");
    }
    line("gates/neuron", format!("{:.2}", n_gates as f64 / n_neurons.max(1) as f64), "");
    line("parameters", grouped(report.parameters), "nonzero");
    let inputs =
        if report.exhaustive { "all of them, once each".into() } else { format!("drawn, seed {}", report.eval_seed) };
    line("inputs", grouped(report.samples), &inputs);
    if let Some(usual) = &report.usual_inputs {
        line("", "".into(), usual);
    }
    let interval = |[low, high]: [f64; 2]| match report.exhaustive {
        true => String::new(),
        false => format!("[{low:.4}, {high:.4}] at 95 %; "),
    };
    let reliability = interval(report.reliability_interval);
    line("reliability", share(report.reliability), &format!("{reliability}every gate of every layer"));
    for quantile in report.epsilon.iter().filter(|quantile| quantile.share == LEADING) {
        let remark = "no read-off is farther off on 99 % of the inputs";
        line("ε at 99 %", number(f64::from(quantile.epsilon)), remark);
    }
    for accuracy in report.accuracy.iter().filter(|accuracy| accuracy.is_asked) {
        let remark = interval(accuracy.share.interval(Confidence::Usual)) + "every read-off";
        line(&format!("within {}", accuracy.epsilon), share(accuracy.share.value()), &remark);
    }
    if let Some(goal) = &report.goal {
        let held = if goal.holds == Some(true) { "met" } else { "missed" };
        line("goal", held.into(), &goal.text);
    }
    line("outputs", share(report.output_reliability), "every output right");
    if report.planted.gates > 0 {
        let Planted { gates, readoffs, wrong, .. } = report.planted;
        let right = share((readoffs - wrong) as f64 / readoffs.max(1) as f64);
        line("rare gates", right, &format!("right on inputs of their own, {} in all", counted(gates, "gate")));
    }
    line("bending", bending(report), "of the neurons that matter, by layer");
    if let Some(without_relu) = &report.without_relu {
        line("without ReLU", share(without_relu.reliability), &what_is_left(report, without_relu));
    }
}

/// The shares of all layers, or their range.
fn bending(report: &Report) -> String {
    let shares: Vec<f64> = report.layers.iter().filter_map(|layer| layer.bending).collect();
    let (least, greatest) = shares.iter().fold((1.0f64, 0.0f64), |(low, high), &b| (low.min(b), high.max(b)));
    match &report.layers[..] {
        _ if shares.is_empty() => "-".into(),
        layers if layers.len() > 3 && least < greatest => format!("{} to {}", share(least), share(greatest)),
        layers if layers.len() > 3 => format!("{} each", share(least)),
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
        (true, true) => format!("nothing is lost: a linear code, {told}"),
        (true, false) => format!("as often right, but farther off: {told}"),
        (false, _) => format!("read affinely as well as can be; {told}"),
    }
}

fn layers(text: &mut String, report: &Report, style: &Style) {
    heading(text, "layers", style);
    let header = ["layer", "neurons", "gates", "per neuron", "carried", "reliability", "error max", "error rms"];
    let rows = report.layers.iter().map(|layer| {
        vec![
            layer.name.clone(),
            grouped(layer.width as u64),
            grouped(layer.gates as u64),
            format!("{:.2}", layer.gates as f64 / layer.width.max(1) as f64),
            grouped(layer.carried as u64),
            share(layer.reliability),
            layer.error_max.map_or("-".into(), |error| number(f64::from(error))),
            layer.error_rms.map_or("-".into(), number),
        ]
    });
    lay_out(text, &header, rows, 1, style);
}

fn worst_gates(text: &mut String, report: &Report, style: &Style) {
    let mut order: Vec<&GateReport> = report.gates.iter().collect();
    // Most often wrong first, then by the largest error; the sort keeps the order of definition among equals.
    order.sort_by(|a, b| b.wrong.cmp(&a.wrong).then(b.error_max.total_cmp(&a.error_max)));
    order.truncate(style.worst);
    let n_wrong = report.gates.iter().filter(|gate| gate.wrong > 0).count();
    let title = match n_wrong {
        0 => "worst gates (none is ever read wrong)".to_owned(),
        _ => format!(
            "worst gates ({} of {} ever read wrong)",
            grouped(n_wrong as u64),
            grouped(report.gates.len() as u64)
        ),
    };
    gate_table(text, &title, order.into_iter(), report, style);
}

fn gate_table<'a>(
    text: &mut String,
    title: &str,
    gates: impl Iterator<Item = &'a GateReport>,
    report: &Report,
    style: &Style,
) {
    heading(text, title, style);
    let mut header = vec!["gate", "kind", "layer", "wrong", "missed", "false on", "error max", "margin"];
    // In 80 columns a name that can be told from others is worth more.
    let with_threshold = style.width >= 92;
    if with_threshold {
        header.push("threshold");
    }
    let with_basis = style.width >= 101 && report.gates.iter().any(|gate| gate.measured != report.gates[0].measured);
    if with_basis {
        header.push("inputs");
    }
    let taken = 66 + if with_threshold { 11 } else { 0 } + if with_basis { 9 } else { 0 };
    let name_width = style.width.saturating_sub(taken).clamp(12, 60);
    let rows = gates.map(|gate| {
        let optional = |value: Option<f64>| value.map_or("-".into(), number);
        let mut row = vec![
            shortened(&gate.name, name_width),
            gate.kind.to_owned(),
            shortened(&report.layers[gate.layer as usize].name, 8),
            grouped(gate.wrong),
            optional(gate.false_negative),
            optional(gate.false_positive),
            number(f64::from(gate.error_max)),
            optional(gate.margin.map(f64::from)),
        ];
        if with_threshold {
            row.push(number(f64::from(gate.threshold)));
        }
        if with_basis {
            row.push(gate.measured.name().to_owned());
        }
        row
    });
    lay_out(text, &header, rows, 3, style);
}

fn classes(text: &mut String, report: &Report, style: &Style) {
    heading(text, "errors by operands on", style);
    let header = ["operands on", "read-offs", "read wrong", "error max", "error rms"];
    let rows = [("none", report.classes.none), ("some", report.classes.some), ("all", report.classes.all)];
    let rows = rows.into_iter().map(|(name, class)| {
        vec![
            name.to_owned(),
            grouped(class.readoffs),
            grouped(class.wrong),
            class.error_max.map_or("-".into(), |error| number(f64::from(error))),
            class.error_rms.map_or("-".into(), number),
        ]
    });
    lay_out(text, &header, rows, 1, style);
}

/// A table with its header faint.
fn lay_out(text: &mut String, header: &[&str], rows: impl Iterator<Item = Vec<String>>, n_left: usize, style: &Style) {
    for (line_idx, line) in table(header, rows, n_left, style.width).into_iter().enumerate() {
        let _ = writeln!(text, "{}", if line_idx == 0 { paint(&line, Ink::Faint, style) } else { line });
    }
}

/// Off beside on, on a scale by the logarithm, so that a single read-off still shows; a line through every bin that a
/// threshold lies in.
fn histogram(text: &mut String, histogram: &Histogram, thresholds: impl Iterator<Item = f32>, style: &Style) {
    heading(text, "read-offs (by the logarithm of their count; ▒ wrong; ┄ thresholds)", style);
    let mut lines = [false; N_BINS];
    thresholds.for_each(|threshold| lines[bin_of(threshold)] = true);
    let has_threshold = |bin_idx: usize| lines[bin_idx];
    let has_readoffs = |bin_idx: usize| histogram.off[bin_idx] + histogram.on[bin_idx] > 0;
    let shown = |bin_idx: &usize| has_readoffs(*bin_idx) || has_threshold(*bin_idx);
    let (Some(first), Some(last)) = ((0..N_BINS).find(shown), (0..N_BINS).rev().find(shown)) else { return };
    let label = |bin_idx: usize| match bin_idx {
        0 => "below".to_owned(),
        bin if bin == N_BINS - 1 => "above".to_owned(),
        bin => format!("{:.1}", Histogram::centre(bin)),
    };
    let bar_width = (style.width.saturating_sub(10 + 2 * 10) / 2).clamp(8, 32);
    let most = histogram.off.iter().chain(&histogram.on).copied().max().unwrap_or(0);
    let off_head = format!("{:<1$}", "should be 0", bar_width + 10);
    let _ = writeln!(text, "{}", paint(&format!("  {:>6}  {off_head}should be 1", "reads"), Ink::Faint, style));
    for bin_idx in first..=last {
        let rest = if has_threshold(bin_idx) { "┄" } else { " " };
        let cell = |count: u64, n_wrong: u64| {
            let drawn = bar(count, most, bar_width);
            let n_cells = drawn.chars().count();
            let n_bad = cells_of_wrong(n_cells, count, n_wrong);
            let bad = paint(&"▒".repeat(n_bad), Ink::Bad, style);
            let good = paint(&drawn.chars().skip(n_bad).collect::<String>(), Ink::Good, style);
            let rest = rest.repeat(bar_width - n_cells);
            let rest = if has_threshold(bin_idx) { paint(&rest, Ink::Faint, style) } else { rest };
            format!("{:>8} {bad}{good}{rest} ", if count == 0 { String::new() } else { short(count) })
        };
        let off = cell(histogram.off[bin_idx], histogram.off_wrong[bin_idx]);
        let on = cell(histogram.on[bin_idx], histogram.on_wrong[bin_idx]);
        let line = format!("  {:>6} {off}{on}", label(bin_idx));
        let _ = writeln!(text, "{}", line.trim_end());
    }
}

/// How many cells of a bar stand for the wrong ones among so many read-offs: their share, but one where there are any,
/// and not all where there are others as well. A single cell cannot show both.
fn cells_of_wrong(n_cells: usize, count: u64, n_wrong: u64) -> usize {
    if n_wrong == 0 {
        0
    } else if n_wrong == count || n_cells == 1 {
        n_cells
    } else {
        let share = n_wrong as f64 / count as f64;
        (libm::round(share * n_cells as f64) as usize).clamp(1, n_cells - 1)
    }
}

/// Eighths of a character; nothing for 0, at least an eighth for 1.
fn bar(count: u64, most: u64, width: usize) -> String {
    if count == 0 {
        return String::new();
    }
    let logarithm = |count: u64| libm::log2(1.0 + count as f64);
    let eighths = (logarithm(count) / logarithm(most) * (8 * width) as f64) as usize;
    let eighths = eighths.clamp(1, 8 * width);
    let mut bar = "█".repeat(eighths / 8);
    if !eighths.is_multiple_of(8) {
        bar.push(['▏', '▎', '▍', '▌', '▋', '▊', '▉'][eighths % 8 - 1]);
    }
    bar
}

fn requirements(text: &mut String, report: &Report, style: &Style) {
    if report.requirements.is_empty() {
        return;
    }
    heading(text, "requirements", style);
    let has_unknown = report.requirements.iter().any(|requirement| requirement.holds.is_none());
    let mark_width = if has_unknown { 7 } else { 6 };
    let width = report.requirements.iter().map(|requirement| requirement.text.chars().count()).max().unwrap_or(0);
    for requirement in &report.requirements {
        let (mark, ink) = match requirement.holds {
            Some(true) => ("holds", Ink::Good),
            Some(false) => ("missed", Ink::Bad),
            None => ("unknown", Ink::Bad),
        };
        let mark = paint(&format!("{mark:<mark_width$}"), ink, style);
        let _ = writeln!(text, "  {mark}  {:<width$}  {}", requirement.text, requirement.found());
    }
}

fn notes(text: &mut String, report: &Report, style: &Style) {
    let mut notes = Vec::new();
    if report.width_by_rule {
        notes.push("no width was asked for: a rule of thumb chose it from each layer's gates (--width sets it)".into());
    }
    notes.extend(never_seen(report, "on"));
    notes.extend(never_seen(report, "off"));
    let changed = report.layers.iter().filter(|layer| layer.factor_error > FACTOR_TOLERANCE);
    let changed: Vec<&str> = changed.map(|layer| layer.name.as_str()).collect();
    if !changed.is_empty() {
        let (names, error) = (changed.join(", "), number(f64::from(report.factor_error)));
        notes.push(format!(
            "the weights were changed: W differs from compute times decompress by up to {error} of the greatest weight \
             of its layer ({names}); all figures are of W (--strict refuses it)"
        ));
    }
    if notes.is_empty() {
        return;
    }
    heading(text, "notes", style);
    for note in notes {
        let _ = writeln!(text, "{}", wrapped("  -", &note, style.width));
    }
}

/// What is said of gates that no input shows on, or off.
fn never_seen(report: &Report, side: &str) -> Option<String> {
    let unknown: Vec<&str> =
        report.planted.unknown.iter().filter(|unknown| unknown.1 == side).map(|unknown| &unknown.0[..]).collect();
    if unknown.is_empty() {
        return None;
    }
    let mut names = unknown.iter().take(N_NAMED).copied().collect::<Vec<_>>().join(", ");
    if unknown.len() > N_NAMED {
        names.push_str(", …");
    }
    let (count, verb) = (counted(unknown.len() as u64, "gate"), if unknown.len() == 1 { "was" } else { "were" });
    Some(format!("{count} {verb} never {side}, so nothing is known of how well {side} is read: {names}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::statistics::{BlockTruth, GateStatistics};

    const RED: &str = "\u{1b}[31m";
    const GREEN: &str = "\u{1b}[32m";

    /// The line of a coloured histogram for one gate, off on `n_low` inputs that read `low` and on 64 − `n_low` that
    /// read `high`.
    fn line_of(threshold: f32, (low, n_low): (f32, usize), high: f32, label: &str) -> String {
        let readoffs = std::array::from_fn(|input_idx| if input_idx < n_low { low } else { high });
        let truth = BlockTruth { valid: u64::MAX, stored: 0, some: 0, all: 0 };
        let mut counted = Histogram::default();
        GateStatistics::default().add(&readoffs, truth, threshold, &mut counted, &mut [0.0; 64]);
        let mut text = String::new();
        histogram(&mut text, &counted, [threshold].into_iter(), &Style { color: true, ..Style::default() });
        let line = text.lines().find(|line| line.trim_start().starts_with(label));
        line.unwrap_or_else(|| panic!("no line of {label} in {text}")).to_owned()
    }

    #[test]
    fn a_read_off_is_red_by_the_threshold_of_its_own_gate() {
        let right = line_of(0.8, (0.0, 32), 0.7, "0.7");
        assert!(right.contains(GREEN) && !right.contains(RED), "{right:?}");
        let wrong = line_of(0.3, (0.0, 32), 0.4, "0.4");
        assert!(wrong.contains(RED) && !wrong.contains(GREEN), "{wrong:?}");
        // Both in one bin.
        let mixed = line_of(0.4, (0.38, 48), 0.42, "0.4");
        assert!(mixed.contains(RED) && mixed.contains(GREEN), "{mixed:?}");
        assert!(mixed.contains('▒') && mixed.contains('█') && !right.contains('▒'), "{mixed:?}");
        // The line goes through the bin of the threshold, here the last, where no read-off needs to be.
        assert!(mixed.contains('┄') && !right.contains('┄') && line_of(0.8, (0.0, 32), 0.7, "0.8").contains('┄'));
    }

    #[test]
    fn a_bar_shows_a_single_wrong_read_off_and_a_single_right_one() {
        assert_eq!(cells_of_wrong(8, 1000, 0), 0);
        assert_eq!(cells_of_wrong(8, 1000, 1), 1);
        assert_eq!(cells_of_wrong(8, 1000, 250), 2);
        assert_eq!(cells_of_wrong(8, 1000, 999), 7);
        assert_eq!(cells_of_wrong(8, 1000, 1000), 8);
        assert_eq!(cells_of_wrong(1, 1000, 1), 1);
        assert_eq!(cells_of_wrong(0, 0, 0), 0);
    }

    #[test]
    fn a_single_read_off_still_shows() {
        assert_eq!(bar(1, 1 << 40, 21), "▌");
        assert_eq!(bar(1 << 40, 1 << 40, 3), "███");
        assert_eq!(bar(0, 7, 3), "");
    }
}
