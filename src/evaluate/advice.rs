//! Why a network falls short of what was asked of it, and what to try, the most promising first.
//!
//! Told from the report alone; must not know how a network is compiled, nor how advice is laid out.

use std::collections::BTreeMap;

use super::report::{Asks, ClassReport, GateReport, Of, Report, RequirementReport, Value};
use crate::circuit::GateId;
use crate::network::{FACTOR_TOLERANCE, Stopped};
use crate::program::{Goal, Scope, Sides, Status};
use crate::readings::Measured;
use crate::text::{counted, grouped, number, precise, share, shortened};

/// What to know of a network that is not as asked.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Advice {
    /// Sentences.
    pub why: Vec<String>,
    /// The most promising first.
    pub tries: Vec<Try>,
}

/// Something to try.
#[derive(Debug, Clone, PartialEq)]
pub struct Try {
    /// Options, or a line of the circuit, as typed.
    pub typed: String,
    /// What it does.
    pub effect: String,
}

/// More than this are not tried one after the other.
const MOST_TRIES: usize = 4;

/// What has this share of all failures is named.
const NAMED_FROM: f64 = 0.5;

/// The lowest layer with this share of all failures is the one to widen: what is wrong below is wrong above.
const BLAMED_FROM: f64 = 1.0 / 3.0;

/// With fewer inputs right than this on both sides, one side alone will hardly do.
const NEARLY_RELIABLE: f64 = 0.9;

/// More layers than this are not named one by one.
const MOST_LAYERS: usize = 8;

/// A name in a sentence is no longer than this.
const NAME_WIDTH: usize = 32;

/// What a construction is called where nobody names one.
const USUAL_CONSTRUCTION: &str = "channels";

impl Report {
    /// Nothing where all is as asked, or where less was asked for than there is.
    pub fn advice(&self) -> Advice {
        let missed: Vec<&RequirementReport> = self.missed().filter(|line| line.asks.is_for_better).collect();
        if missed.is_empty() {
            return Advice::default();
        }
        let mut tries = Tries { report: self, missed: &missed, tries: Vec::new() }.all();
        tries.truncate(MOST_TRIES);
        Advice { why: self.why(&missed), tries }
    }

    fn why(&self, missed: &[&RequirementReport]) -> Vec<String> {
        let mut why = Vec::new();
        if self.factor_error > FACTOR_TOLERANCE {
            why.push("somebody has changed the weights since they were compiled".into());
        }
        for line in missed {
            let said = match (line.value, line.holds) {
                (Some(Value::Status(Status::Refuted)), _) => Some(format!(
                    "some input that `sample` can draw fails `{}`: `superpose verify` names it",
                    line.text
                )),
                (Some(Value::Status(_)), _) => {
                    Some(format!("nobody knows whether `{}` holds: the search for a proof came to no end", line.text))
                }
                (_, None) => Some(format!("`{}` speaks of a gate that was never seen on, or never off", line.text)),
                (_, Some(_)) if self.is_met_but_for_rare(line) => Some(self.why_rare()),
                (_, Some(_)) => self.why_short(&line.asks),
            };
            // Two lines may ask the same of the same gates.
            why.extend(said.filter(|said| !why.contains(said)));
        }
        let is_near = |line: &&&RequirementReport| self.lacks_only_nearness(&line.asks);
        if let Some(line) = missed.iter().find(is_near) {
            let scope = line.asks.scope();
            let whose = if scope == Scope::Outputs { "output" } else { "gate" };
            why.push(format!(
                "every {whose} is on its side of its threshold on {} of the inputs: it is nearness that is missing",
                share(self.share_right(scope).value())
            ));
        }
        why.push(self.how_it_ended());
        why
    }

    /// Whether plain inputs meet a goal, and gates that these hardly show do not.
    fn is_met_but_for_rare(&self, line: &RequirementReport) -> bool {
        matches!((line.value, line.asks.share), (Some(Value::Figure(value)), Some(bound)) if value > bound)
    }

    fn why_rare(&self) -> String {
        let (n, of) = (grouped(self.planted.wrong), counted(self.planted.readoffs, "read-off"));
        format!("plain inputs meet the goal; on inputs of their own, rare gates are wrong in {n} of {of}")
    }

    /// Whether gates are on the right sides as often as they are to be near.
    fn lacks_only_nearness(&self, asks: &Asks) -> bool {
        let is_right = |share: f64| self.share_right(asks.scope()).value() > share;
        asks.epsilon.is_some() && matches!(asks.of, Of::Scope(_)) && asks.share.is_some_and(is_right)
    }

    /// Which gates fail, and what most of the failures have in common.
    fn why_short(&self, asks: &Asks) -> Option<String> {
        let gates = self.gates_of(&asks.of);
        let failures = Failures::of(&gates, asks.epsilon);
        let n_failing = gates.iter().filter(|gate| is_failing(gate, asks.epsilon)).count() as u64;
        if n_failing == 0 {
            return None;
        }
        let whose = if asks.scope() == Scope::Outputs { "output" } else { "gate" };
        let of = format!("{} of {}", grouped(n_failing), counted(gates.len() as u64, whose));
        let verb = if n_failing == 1 { "is" } else { "are" };
        let common = self.in_common(&failures, &gates);
        let common = if common.is_empty() { String::new() } else { format!(": {}", common.join(", ")) };
        Some(match asks.epsilon {
            None => format!("{of} {verb} read wrong at some time{common}"),
            Some(epsilon) => {
                let farthest = gates.iter().max_by(|a, b| a.error_max.total_cmp(&b.error_max))?;
                let (name, error) = (shortened(&farthest.name, NAME_WIDTH), number(f64::from(farthest.error_max)));
                format!("{of} {verb} {epsilon} off or more at some time{common}; `{name}` is the farthest, {error}")
            }
        })
    }

    /// What most failures share that not all gates do.
    fn in_common(&self, failures: &Failures, gates: &[&GateReport]) -> Vec<String> {
        let is_told = |n: u64| n > 0 && n as f64 >= NAMED_FROM * failures.all as f64;
        let percent = |n: u64| format!("{:.0} %", libm::floor(100.0 * n as f64 / failures.all as f64));
        let mut told = Vec::new();
        let most = failures.by_layer.iter().max_by_key(|(_, n)| **n);
        if let Some((&layer, &n)) = most.filter(|(_, n)| is_told(**n) && self.layers.len() > 1) {
            told.push(format!("{} in layer {}", percent(n), self.layers[layer as usize].name));
        }
        let has_kinds = gates.iter().any(|gate| gate.kind != gates[0].kind);
        let most = failures.by_kind.iter().max_by_key(|(_, n)| **n);
        if let Some((kind, &n)) = most.filter(|(_, n)| is_told(**n) && has_kinds) {
            told.push(format!("{} of kind {kind}", percent(n)));
        }
        let classes = ["no operand", "some operands", "all operands"].iter().zip(failures.by_class);
        if let Some((class, n)) = classes.max_by_key(|(_, n)| *n).filter(|(_, n)| is_told(*n)) {
            told.push(format!("{} with {class} on", percent(n)));
        }
        told
    }

    fn gates_of(&self, of: &Of) -> Vec<&GateReport> {
        let named = |gates: &[GateId]| gates.iter().map(|gate| &self.gates[gate.0 as usize]).collect();
        match of {
            Of::Scope(Scope::Gates) => self.gates.iter().collect(),
            Of::Scope(Scope::Outputs) => named(&self.outputs),
            Of::Gates(gates) => named(gates),
        }
    }

    fn how_it_ended(&self) -> String {
        let Some(fit) = &self.fit else {
            return match self.opt_level {
                0 => "-O0 is the construction as published: nothing was solved for, nothing fitted".into(),
                _ => "-O1 solves for read-offs alone: no neuron was fitted".into(),
            };
        };
        let inputs = counted(fit.inputs, "input");
        let ended = match fit.stopped {
            _ if fit.inputs == 0 => "nothing was fitted: what -O1 solves for met the goal of a fit".into(),
            Stopped::Converged => format!("the fit converged, on {inputs}: at these widths more would bring little"),
            Stopped::BudgetSpent => format!("the fit had spent its budget of {inputs} before it converged"),
            Stopped::Interrupted => format!("the fit was interrupted after {inputs}"),
            Stopped::TargetMet => format!("the fit, on {inputs}, met its own goal, which these fresh inputs do not"),
        };
        let is_better = fit.is_closed_form && fit.inputs > 0;
        ended + if is_better { "; what -O1 solves for was better" } else { "" }
    }
}

impl Asks {
    fn scope(&self) -> Scope {
        match self.of {
            Of::Scope(scope) => scope,
            Of::Gates(_) => Scope::Gates,
        }
    }
}

/// Whether a gate ever fails: read wrong, or else so far off.
fn is_failing(gate: &GateReport, epsilon: Option<f64>) -> bool {
    epsilon.map_or(gate.wrong > 0, |epsilon| !is_within(gate.error_max, epsilon))
}

fn is_within(error: f32, epsilon: f64) -> bool {
    error < epsilon as f32
}

/// Failures, counted apart: plain inputs on which a gate is read wrong, or else gates that are ever so far off.
struct Failures {
    all: u64,
    by_layer: BTreeMap<u32, u64>,
    by_kind: BTreeMap<&'static str, u64>,
    /// With none, some and all of the operands on.
    by_class: [u64; 3],
}

impl Failures {
    fn of(gates: &[&GateReport], epsilon: Option<f64>) -> Failures {
        let mut failures = Failures { all: 0, by_layer: BTreeMap::new(), by_kind: BTreeMap::new(), by_class: [0; 3] };
        for gate in gates {
            let classes = [gate.classes.none, gate.classes.some, gate.classes.all];
            let (n, by_class) = match epsilon {
                None => (gate.plain_wrong.iter().sum(), gate.plain_wrong),
                Some(epsilon) => {
                    let is_failing = u64::from(is_failing(gate, Some(epsilon)));
                    (is_failing, classes.map(|class| u64::from(is_off(&class, epsilon))))
                }
            };
            failures.all += n;
            *failures.by_layer.entry(gate.layer).or_default() += n;
            *failures.by_kind.entry(gate.kind).or_default() += n;
            failures.by_class.iter_mut().zip(by_class).for_each(|(sum, n)| *sum += n);
        }
        failures
    }

    fn lowest_to_blame(&self) -> Option<usize> {
        let is_blamed = |n: u64| n > 0 && n as f64 >= BLAMED_FROM * self.all as f64;
        self.by_layer.iter().find(|(_, n)| is_blamed(**n)).map(|(&layer, _)| layer as usize)
    }
}

fn is_off(class: &ClassReport, epsilon: f64) -> bool {
    class.error_max.is_some_and(|error| !is_within(error, epsilon))
}

/// What to try, as it comes together.
struct Tries<'a> {
    report: &'a Report,
    missed: &'a [&'a RequirementReport],
    tries: Vec<Try>,
}

impl Tries<'_> {
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
        let room = self.room(&report.widths);
        if report.opt_level > 0 && report.stream.is_some_and(|d| d < room) {
            let typed = format!("network {{ residual {room}; }}");
            self.add(typed, "a dimension of the stream for every feature and neuron");
        }
        // Fewer coordinates than neurons are the narrowest place.
        let is_stored = report.stored_in.is_some() && blamed.unwrap_or(0) == 0;
        let is_squeezed = report.stored_in.is_some_and(|n| n < report.widths[0]);
        if is_stored && is_squeezed {
            self.store();
        }
        let doubled = |layer_idx: usize| 2 * report.widths[layer_idx];
        let is_wider = |layer_idx: usize| blamed.is_none_or(|blamed| blamed == layer_idx) || report.layers.len() == 1;
        let widths: Vec<usize> = (0..report.widths.len())
            .map(|layer_idx| if is_wider(layer_idx) { doubled(layer_idx) } else { report.widths[layer_idx] })
            .collect();
        let room_then = self.room(&widths);
        let with_room = match report.stream {
            Some(d) if (room..room_then).contains(&d) => format!(", with `residual {room_then};`"),
            _ => String::new(),
        };
        match blamed {
            _ if report.layers.len() == 1 => {
                self.add(format!("--width {}", doubled(0)), format!("twice the neurons{with_room}"));
            }
            Some(layer_idx) => {
                let (name, n) = (&report.layers[layer_idx].name, doubled(layer_idx));
                let whose = if layer_idx == 0 { "layer that fails often" } else { "of the layers that fail often" };
                let effect = format!("twice the neurons of the lowest {whose}{with_room}");
                self.add(format!("--width {name}={n}"), effect);
            }
            None => {
                let typed = self.typed_widths(doubled);
                self.add(typed, format!("twice the neurons{with_room}"));
            }
        }
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
        if is_required && self.report.would_do.is_none() {
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
        let each =
            layers.iter().enumerate().map(|(layer_idx, layer)| format!("--width {}={}", layer.name, n(layer_idx)));
        each.collect::<Vec<_>>().join(" ")
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
