//! Circuit to network, open widths settled: the search that `width auto` asks for.
//!
//! The inputs of the search come from a stream of their own, so that no later evaluation has seen them.

use super::prove::{Proved, until_proved};
use super::trial::{Trial, judged};
use super::wider::{self, Layers, Wider};
use crate::compile::{self, Asked, Beyond, Error, LayerTask, Options, layer_tasks};
use crate::diagnostic::{Diagnostic, Span};
use crate::network::{Network, Stopped};
use crate::program::{Level, Program, Width};
use crate::progress::Watcher;
use crate::readings::{Confidence, surely_holds};

/// A network, and the trials that led to its widths (none where all widths were given).
#[derive(Debug, Clone)]
pub struct Built {
    pub network: Network,
    pub trials: Vec<Trial>,
    /// Widths with which the goal was met, where it is missed with those that were given.
    pub would_do: Option<Vec<usize>>,
    /// How the network stands with what is to be proved, where something is.
    pub proved: Option<Proved>,
}

/// Widths are tried in steps of 2^(1/8) around the rule of thumb.
const STEPS_PER_OCTAVE: i32 = 8;

/// Inputs on which the fit of one trial may train, unless the caller says.
const MOST_INPUTS_OF_A_TRIAL: u64 = 2_000_000;

/// Compiles. Layers whose width is `auto` first share one factor to their rules of thumb, the smallest (to 2^(1/8))
/// with which `require` holds; then each is narrowed by itself, from below, as far as it still does. A search that is
/// ended early gives the best network that it has found.
///
/// # Errors
/// Whatever [`compile::compile`] reports; `auto` without a `require` to meet, or with one that no width meets.
pub fn build(program: &Program, options: &Options, watcher: Watcher) -> Result<Built, Error> {
    let asked = Asked::of(program, options).map_err(Error::Refused)?;
    // Below -O2 nothing can be learnt from what a proof finds.
    let claims = if asked.level == Level::Fitted { &program.claims[..] } else { &[] };
    if !asked.widths.contains(&Some(Width::Auto)) {
        let built = fixed(program, options, &asked, watcher)?;
        return match claims.is_empty() {
            true => Ok(built),
            false => {
                let (network, proved) = until_proved(program, options, built.network, watcher)?;
                Ok(Built { network, proved: Some(proved), ..built })
            }
        };
    }
    if program.requirements.is_empty() && program.claims.is_empty() {
        return Err(Error::Refused(vec![nothing_to_meet()]));
    }
    let tasks = layer_tasks(&program.circuit);
    let mut search = Search { program, options, asked, tasks, watcher, trials: Vec::new(), best: None };
    let ended = search.run();
    match (ended, search.best) {
        (Ok(()) | Err(Error::Stopped(_)), Some((_, network, proved))) => {
            Ok(Built { network, trials: search.trials, would_do: None, proved })
        }
        (Err(error), _) => Err(error),
        (Ok(()), None) => {
            let last = search.trials.last().expect("a search tries at least once");
            Err(Error::Refused(vec![not_met(program, last)]))
        }
    }
}

/// No width is `auto`: what is asked for, or wider where nobody asks and the goal is missed.
fn fixed(program: &Program, options: &Options, asked: &Asked, watcher: Watcher) -> Result<Built, Error> {
    let built = |network| Built { network, trials: Vec::new(), would_do: None, proved: None };
    let is_open = asked.widths.contains(&None) && options.fit.from.is_none();
    let mut options = options.clone();
    if is_open && options.beyond != Beyond::Nothing && options.fit.target.is_none() && asked.level == Level::Fitted {
        // More neurons help sooner than more inputs.
        options.fit.budget = options.fit.budget.or(Some(MOST_INPUTS_OF_A_TRIAL));
    }
    let options = &options;
    let network = compile::compile(program, options, watcher)?;
    let layers = match options.beyond {
        Beyond::Wider | Beyond::Told if is_open => Layers::Open,
        Beyond::Told => Layers::All,
        Beyond::Wider | Beyond::Nothing => return Ok(built(network)),
    };
    let is_done = network.header.fit.is_none_or(|fit| matches!(fit.stopped, Stopped::TargetMet | Stopped::Interrupted));
    if is_done || options.fit.is_study() {
        return Ok(built(network));
    }
    let mut trials = Vec::new();
    let mut search = || {
        let report = judged(program, options, &network, watcher)?;
        if report.is_as_asked() {
            return Ok((0.0, Wider::Nothing));
        }
        trials.push(Trial::of(&network, &report));
        let found = wider::wider(program, options, asked, layers, &network, &mut trials, watcher)?;
        Ok::<_, Error>((wider::nearness(&report), found))
    };
    let searched = search();
    let widths = |network: &Network| network.layers.iter().map(|layer| layer.width()).collect();
    let (network, would_do) = match (searched, layers) {
        (Ok((_, Wider::Reached(found))), Layers::Open) => (found, None),
        (Ok((_, Wider::Reached(found))), Layers::All) => (network, Some(widths(&found))),
        (Ok((nearness, Wider::Nearer(nearer, found))), Layers::Open) if nearer > nearness => (found, None),
        // What cannot be tried leaves what there is.
        _ => (network, None),
    };
    Ok(Built { network, trials, would_do, proved: None })
}

struct Search<'a> {
    program: &'a Program,
    options: &'a Options,
    asked: Asked,
    tasks: Vec<LayerTask<'a>>,
    watcher: Watcher<'a>,
    trials: Vec<Trial>,
    /// The fewest neurons with which `require` holds.
    best: Option<(Vec<usize>, Network, Option<Proved>)>,
}

impl Search<'_> {
    /// One factor for all, then each layer by itself.
    fn run(&mut self) -> Result<(), Error> {
        self.narrow_together()?;
        let is_auto = |layer_idx: &usize| self.asked.widths[*layer_idx] == Some(Width::Auto);
        let open: Vec<usize> = (0..self.tasks.len()).filter(is_auto).collect();
        if open.len() > 1 {
            open.into_iter().try_for_each(|layer_idx| self.narrow(layer_idx))?;
        }
        Ok(())
    }

    /// Octaves until the answer turns, then halves between.
    fn narrow_together(&mut self) -> Result<(), Error> {
        let octave = if self.holds(self.widths(0))? { -STEPS_PER_OCTAVE } else { STEPS_PER_OCTAVE };
        let mut step = octave;
        while self.widths(step) != self.widths(step - octave) && self.holds(self.widths(step))? == (octave < 0) {
            step += octave;
        }
        let (mut low, mut high) = if octave < 0 { (step, step - octave) } else { (step - octave, step) };
        while high - low > 1 && self.best.is_some() {
            let middle = low + (high - low) / 2;
            if self.holds(self.widths(middle))? { high = middle } else { low = middle }
        }
        Ok(())
    }

    /// The same for one layer, below the width that it has.
    fn narrow(&mut self, layer_idx: usize) -> Result<(), Error> {
        let Some((widths, ..)) = self.best.clone() else { return Ok(()) };
        let at = |step: i32| {
            let mut narrower = widths.clone();
            narrower[layer_idx] = scaled(widths[layer_idx], step).max(1);
            narrower
        };
        let mut step = -STEPS_PER_OCTAVE;
        while at(step) != at(step + STEPS_PER_OCTAVE) && self.holds(at(step))? {
            step -= STEPS_PER_OCTAVE;
        }
        let (mut low, mut high) = (step, step + STEPS_PER_OCTAVE);
        while high - low > 1 && at(low) != at(high) {
            let middle = low + (high - low) / 2;
            if self.holds(at(middle))? { high = middle } else { low = middle }
        }
        Ok(())
    }

    /// By layer, from 1 neuron to as many as are worth trying.
    fn widths(&self, step: i32) -> Vec<usize> {
        let width = |task: &LayerTask| {
            let rule = self.asked.rule_of_thumb(task);
            match self.asked.widths[task.layer_idx] {
                Some(Width::Neurons(n)) => n as usize,
                Some(Width::Auto) => scaled(rule, step).clamp(1, self.asked.most_neurons(task).max(1)),
                None => rule,
            }
        };
        self.tasks.iter().map(width).collect()
    }

    fn holds(&mut self, widths: Vec<usize>) -> Result<bool, Error> {
        if let Some(trial) = self.trials.iter().find(|trial| trial.widths == widths) {
            return Ok(trial.holds);
        }
        let mut options = self.options.at_widths(&self.program.circuit, &widths);
        if self.asked.level == Level::Fitted {
            options.fit.budget = options.fit.budget.or(Some(MOST_INPUTS_OF_A_TRIAL));
        }
        let network = match compile::compile(self.program, &options, self.watcher) {
            Ok(network) => network,
            // Too narrow to be wired at all.
            Err(Error::TooNarrow(_)) => {
                self.trials.push(Trial::too_narrow(widths));
                return Ok(false);
            }
            Err(error) => return Err(error),
        };
        let report = judged(self.program, &options, &network, self.watcher)?;
        let mut requirements = self.program.requirements.iter();
        let mut holds = requirements.all(|requirement| surely_holds(&report, requirement, Confidence::Usual));
        let (mut network, mut proved) = (network, None);
        if holds && !self.program.claims.is_empty() {
            let (further, found) = until_proved(self.program, &options, network, self.watcher)?;
            (network, holds, proved) = (further, found.is_proved(), Some(found));
        }
        self.trials.push(Trial { holds, ..Trial::of(&network, &report) });
        let n_neurons = |widths: &[usize]| widths.iter().sum::<usize>();
        if holds && self.best.as_ref().is_none_or(|best| n_neurons(&widths) < n_neurons(&best.0)) {
            self.best = Some((widths, network, proved));
        }
        Ok(holds)
    }
}

/// `step` steps wider than `n`, or narrower.
fn scaled(n: usize, step: i32) -> usize {
    libm::round(n as f64 * libm::exp2(f64::from(step) / f64::from(STEPS_PER_OCTAVE))) as usize
}

fn nothing_to_meet() -> Diagnostic {
    Diagnostic::error("nothing-to-meet", Span::NOWHERE, "`width auto` has no `require` to meet", "")
        .help("say what the network must achieve: `require { reliability > 0.99; }`, or give a number of neurons")
}

fn not_met(program: &Program, last: &Trial) -> Diagnostic {
    let layers = program.circuit.layers.iter().zip(&last.widths);
    let room = compile::stream_room(program.circuit.n_features(), layers.map(|(layer, &n)| (n, layer.gates.len())));
    let widths: Vec<String> = last.widths.iter().map(ToString::to_string).collect();
    Diagnostic::error(
        "require-not-met",
        Span::NOWHERE,
        format!(
            "no width meets `require`: at {} neurons the reliability is {:.4}",
            widths.join(" + "),
            last.reliability
        ),
        "",
    )
    .help(match program.settings.residual {
        Some(d) if (d as usize) < room => {
            "give the stream more dimensions: `residual` of at least one for each feature \
                                          and neuron; or lower what `require` asks for"
        }
        _ => "lower what `require` asks for, or give a number of neurons: `--width 256`",
    })
}

#[cfg(test)]
mod tests {
    use crate::evaluate::{self, evaluate};
    use std::collections::BTreeMap;

    use super::*;
    use crate::elaborate::{Limits, load};
    use crate::progress::unwatched;
    use crate::readings::Share;

    fn program(text: &str) -> Program {
        let mut files = BTreeMap::from([("a.circ".to_string(), text.as_bytes().to_vec())]);
        load("a.circ", &mut files, &Limits::default()).program.expect("a program without errors")
    }

    fn solved() -> Options {
        Options { level: Some(Level::Solved), ..Options::default() }
    }

    const PAIRS: &str = "feature x[40]; sample { choose 3 of x; plant 0.5; } g[i] = all(pick(2, x)) for i in 0..300;";

    #[test]
    fn auto_finds_the_smallest_width_that_meets_what_is_required() {
        let program = program(&format!("{PAIRS} network {{ width auto; }} require {{ reliability > 0.98; }}"));
        let built = build(&program, &solved(), &mut unwatched).unwrap();
        let n = built.network.layers[0].width();
        assert!(built.trials.len() > 2);
        assert!(built.trials.iter().any(|trial| trial.holds && trial.widths == [n]));
        assert!(
            built.trials.iter().filter(|trial| trial.widths[0] < n).all(|trial| !trial.holds),
            "{:?}",
            built.trials
        );
    }

    /// With as many neurons as gates, which is where the search for it once ended, no wiring has what a pair needs.
    #[test]
    fn universal_is_as_wide_as_it_needs_and_auto_searches_that_far() {
        let ten_of_many = "feature x[1000]; sample { choose 3 of x; plant 0.5; } \
            g[i] = x[2*i] & x[2*i+1] for i in 0..10; require { reliability > 0.9; }";
        let program = program(ten_of_many);
        for (level, least_by_rule) in [(Level::Published, 0.5), (Level::Solved, 0.95)] {
            let options = Options { level: Some(level), construction: Some("universal".into()), ..Options::default() };
            let by_rule = build(&program, &options, &mut unwatched).unwrap().network;
            let report = evaluate(&program, &by_rule, &evaluate::Sampling::default(), &mut unwatched).unwrap();
            assert!(report.reliability > least_by_rule, "{level:?}: {}", report.reliability);
            let auto = Options { width: Some(Width::Auto), ..options };
            let found = build(&program, &auto, &mut unwatched).unwrap();
            let n = found.network.layers[0].width();
            assert!(found.trials.iter().any(|trial| trial.holds && trial.widths == [n]));
        }
    }

    #[test]
    fn auto_holds_outputs_to_the_lower_end_of_their_interval() {
        let program =
            program(&format!("{PAIRS} output g; network {{ width auto; }} require {{ output_reliability > 0.98; }}"));
        let built = build(&program, &solved(), &mut unwatched).unwrap();
        for trial in &built.trials {
            // All gates are outputs, so that a trial says how reliable these are.
            let share = Share { n: libm::round(trial.reliability * 10_000.0) as u64, of: 10_000 };
            assert_eq!(trial.holds, share.is_surely_above(0.98, Confidence::Usual), "{trial:?}");
        }
        assert!(built.trials.iter().any(|trial| trial.holds) && built.trials.iter().any(|trial| !trial.holds));
    }

    #[test]
    fn auto_says_what_is_missing_or_out_of_reach() {
        let open = program(&format!("{PAIRS} network {{ width auto; }}"));
        assert_eq!(build(&open, &solved(), &mut unwatched).unwrap_err().problems()[0].code, "nothing-to-meet");
        let impossible =
            program(&format!("{PAIRS} network {{ width auto; }} require {{ error(g) < 0.1; reliability < 0.01; }}"));
        assert_eq!(build(&impossible, &solved(), &mut unwatched).unwrap_err().problems()[0].code, "require-not-met");
    }
}
