//! What to try where a network falls short.
//!
//! Must not know what is said of why.

use super::failures::Failures;
use crate::evaluate::parts::GateReport;
use crate::evaluate::report::Report;
use crate::evaluate::requirement::{Asks, RequirementReport};
use crate::network::Stopped;
use crate::program::{Goal, Sides};
use crate::text::precise;

/// Something to try.
#[derive(Debug, Clone, PartialEq)]
pub struct Try {
    /// Options, or a line of the circuit, as typed.
    pub typed: String,
    /// What it does.
    pub effect: String,
}

/// With fewer inputs right than this on both sides, one side alone will hardly do.
const NEARLY_RELIABLE: f64 = 0.9;

/// More layers than this are not named one by one.
const MOST_LAYERS: usize = 8;

/// What a construction is called where nobody names one.
const USUAL_CONSTRUCTION: &str = "channels";

/// What to try, as it comes together.
pub struct Tries<'a> {
    report: &'a Report,
    missed: &'a [&'a RequirementReport],
    tries: Vec<Try>,
}

impl Tries<'_> {
    pub fn of(report: &Report, missed: &[&RequirementReport]) -> Vec<Try> {
        Tries { report, missed, tries: Vec::new() }.all()
    }

    fn all(mut self) -> Vec<Try> {
        // What is unknown of a gate no weights can help.
        if self.missed.iter().all(|line| line.holds.is_none() && !line.is_claim()) {
            self.add("sample { … }", "let it draw inputs that show the gate on, and off; or give rows: `from`");
            return self.tries;
        }
        self.found_widths();
        self.higher_level();
        self.sides();
        // More neurons help sooner than more inputs.
        self.wider();
        self.longer();
        self.fewer_sides();
        self.for_chance();
        self.search();
        self.less();
        self.tries
    }

    fn add(&mut self, typed: impl Into<String>, effect: impl Into<String>) {
        self.tries.push(Try { typed: typed.into(), effect: effect.into() });
    }

    /// An ε that some missed line names.
    fn epsilon(&self) -> Option<f64> {
        self.missed.iter().find_map(|line| line.asks.epsilon)
    }

    fn is_goal_missed(&self) -> bool {
        self.report.goal.as_ref().is_some_and(|goal| goal.holds != Some(true))
    }

    fn is_fitted(&self) -> bool {
        self.report.opt_level >= 2
    }

    fn found_widths(&mut self) {
        if let Some(widths) = &self.report.would_do {
            let typed = self.typed_widths(|layer_idx| widths[layer_idx]);
            self.add(typed, "found while compiling: these widths meet it");
        }
    }

    fn higher_level(&mut self) {
        let Report { opt_level, construction, .. } = self.report;
        match opt_level {
            2.. => {}
            // Other neurons are not fitted, but solved for.
            0 if !self.report.has_relus => self.add("-O1", "the same neurons, read as well as they can be"),
            _ if !self.report.has_relus => {}
            _ if construction == USUAL_CONSTRUCTION => {
                self.add("-O2", "fits every weight to these inputs: far fewer neurons do");
            }
            _ => self.add("-O2", format!("fits every weight; leave out `--construction {construction}`")),
        }
    }

    /// Where read-offs were never held near the truth.
    fn sides(&mut self) {
        if self.is_fitted() && self.report.readoff == Sides::One.name() && self.epsilon().is_some() {
            self.add("--readoff two-sided", "one-sided read-offs run away from 0 and 1, however good they are");
        }
    }

    fn longer(&mut self) {
        let Some(fit) = self.report.fit.filter(|fit| fit.inputs > 0) else { return };
        if matches!(fit.stopped, Stopped::BudgetSpent | Stopped::Interrupted) {
            // With a budget, no layer becomes wider by itself.
            let widths = match self.report.width_by_rule {
                true => self.typed_widths(|layer_idx| self.report.widths[layer_idx]) + " ",
                false => String::new(),
            };
            let budget = format!("{widths}--budget {}", typed_number(2 * fit.inputs));
            self.add(budget, "twice as many inputs: the fit had not converged");
        }
    }

    fn wider(&mut self) {
        if self.report.would_do.is_some() {
            return;
        }
        let report = self.report;
        let blamed = self.missed.iter().find_map(|line| {
            let gates: Vec<&GateReport> = report.gates.iter().collect();
            Failures::of(&gates, line.asks.epsilon).lowest_to_blame()
        });
        // Where neurons share the dimensions of a stream, more of them have to share.
        let room = self.room(&report.widths);
        if report.opt_level > 0 && report.stream.is_some_and(|d| d < room) {
            let typed = format!("network {{ residual {room}; }}");
            self.add(typed, "a dimension of the stream for every feature and neuron");
            return;
        }
        // Fewer coordinates than neurons are the narrowest place.
        let is_stored = report.stored_in.is_some() && blamed.unwrap_or(0) == 0;
        let is_squeezed = report.stored_in.is_some_and(|n| n < report.widths[0]);
        if is_stored && is_squeezed {
            self.store();
        }
        let is_wider = |layer_idx: usize| blamed.is_none_or(|blamed| blamed == layer_idx);
        let of_layer = |(layer_idx, &n): (usize, &usize)| if is_wider(layer_idx) { 2 * n } else { n };
        let widths: Vec<usize> = report.widths.iter().enumerate().map(of_layer).collect();
        let (typed, whose) = match blamed {
            _ if report.layers.len() == 1 => (format!("--width {}", widths[0]), ""),
            Some(layer_idx) => {
                (self.typed_width(layer_idx, widths[layer_idx]), " of the lowest layer that fails often")
            }
            None => (self.typed_widths(|layer_idx| widths[layer_idx]), ""),
        };
        let room_then = self.room(&widths);
        let with_room = match report.stream {
            Some(d) if (room..room_then).contains(&d) => format!(", with `residual {room_then};`"),
            _ => String::new(),
        };
        self.add(typed, format!("twice the neurons{whose}{with_room}"));
        if is_stored && !is_squeezed {
            self.store();
        }
    }

    /// Dimensions of a stream with one for every feature and everything that layers of these widths write.
    fn room(&self, widths: &[usize]) -> usize {
        let written = self.report.layers.iter().zip(widths).map(|(layer, &n)| n.min(layer.gates));
        self.report.features + written.sum::<usize>()
    }

    fn store(&mut self) {
        self.add("store … in N", "a larger N, in `network`: what is lost on the way in, no layer brings back");
    }

    fn search(&mut self) {
        let is_required = self.report.requirements.iter().any(|line| line.holds != Some(true));
        let has_room = self.report.stream.is_none_or(|d| d >= self.room(&self.report.widths));
        if is_required && has_room && self.report.would_do.is_none() {
            self.add("--width auto", "searches for the least widths that meet `require`; takes longer");
        }
    }

    /// Where nobody asks for read-offs near the truth, and sides are nearly right as they are.
    fn fewer_sides(&mut self) {
        let requires_nearness = self.report.requirements.iter().any(|line| line.asks.epsilon.is_some());
        let is_two_sided = self.is_fitted() && self.report.readoff == Sides::Two.name();
        if is_two_sided && !requires_nearness && self.report.reliability > NEARLY_RELIABLE {
            let is_named = self.report.goal.as_ref().is_some_and(|goal| goal.asks.epsilon != Some(Goal::EPSILON));
            let without = if self.is_goal_missed() && is_named { ", without --epsilon" } else { "" };
            let effect = format!("if a threshold is all that reads them{without}: denser, not near 0 and 1");
            self.add("--readoff one-sided", effect);
        }
    }

    /// A fit that met its goal on other inputs has none to spare.
    fn for_chance(&mut self) {
        let Some(fit) = self.report.fit else { return };
        let line = self.missed.iter().find_map(|line| Some((line.asks.share?, line.asks.epsilon)));
        let (Stopped::TargetMet, Some((share, epsilon))) = (fit.stopped, line) else { return };
        let target = precise(1.0 - (1.0 - share) / 2.0);
        let is_two_sided = self.report.readoff == Sides::Two.name();
        let near = epsilon.filter(|_| is_two_sided).map_or(String::new(), |epsilon| format!("--epsilon {epsilon} "));
        self.add(format!("{near}--target {target}"), "fits until half as many inputs fail");
    }

    /// What this network reaches already.
    fn less(&mut self) {
        let reached = self.missed.iter().find_map(|line| self.report.reached(&line.asks).zip(line.asks.share));
        let Some((epsilon, share)) = reached else { return };
        let effect = "asks for no more than this network does";
        match self.is_goal_missed() {
            true => self.add(format!("--epsilon {epsilon}"), effect),
            false => self.add(format!("require {{ accuracy({epsilon}) > {share}; }}"), effect),
        }
    }

    /// As typed; in one number where that says all.
    fn typed_widths(&self, n: impl Fn(usize) -> usize) -> String {
        let layers = &self.report.layers;
        let is_one = (1..layers.len()).all(|layer_idx| n(layer_idx) == n(0));
        if is_one || layers.len() > MOST_LAYERS {
            let most = (0..layers.len()).map(n).max().unwrap_or(1);
            return format!("--width {most}");
        }
        let each = (0..layers.len()).map(|layer_idx| self.typed_width(layer_idx, n(layer_idx)));
        each.collect::<Vec<_>>().join(" ")
    }

    fn typed_width(&self, layer_idx: usize, n: usize) -> String {
        format!("--width {}={n}", self.report.layers[layer_idx].name)
    }
}

impl Report {
    /// An ε of two places that the same share of the inputs meets, if there is one below ½.
    fn reached(&self, asks: &Asks) -> Option<f64> {
        let reached = asks.reached.filter(|_| asks.epsilon.is_some())?;
        let hundredths = libm::floor(100.0 * f64::from(reached)) + 1.0;
        let is_beyond = (hundredths / 100.0) as f32 > reached;
        let epsilon = (if is_beyond { hundredths } else { hundredths + 1.0 }) / 100.0;
        (epsilon < 0.5).then_some(epsilon)
    }
}

/// As `--budget` takes it, in two places.
fn typed_number(n: u64) -> String {
    let mut place = 1;
    while n / place >= 100 {
        place *= 10;
    }
    let rounded = (n + place / 2) / place * place;
    match rounded {
        0..1_000_000 => precise(rounded as f64 / 1e3) + "k",
        _ => precise(rounded as f64 / 1e6) + "M",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_typed_in_two_places() {
        let typed = [200_192, 2_469_134, 997_000, 12_000, 19_997_696].map(typed_number);
        assert_eq!(typed, ["200k", "2.5M", "1M", "12k", "20M"]);
    }
}
