//! `superpose show`: what a circuit is made of, the bounds that its layers meet, and how much stored features overlap.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Serialize;
use superpose::circuit::{Case, WrittenGate};
use superpose::compile::{INTERFERENCE_EXPLANATIONS, Stored, dictionary_summaries, interference};
use superpose::program::{self, Facts};
use superpose::text::{counted, grouped, shown, table, wrapped};

use crate::cli::bounds::{self, neurons, spread};
use crate::cli::failure::{Failure, Outcome};
use crate::cli::session::Session;
use crate::cli::{load, output};

/// Describe a circuit: features, gates, layers, fan-in, influence, bounds on the width, overlaps of stored features.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The circuit; `-` is stdin.
    #[arg(value_name = "FILE")]
    file: String,
    /// As JSON; `wiring` has every gate with its operands.
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  superpose show newsroom.circ
  superpose show newsroom.circ --json";

pub fn run(args: &Args, session: &Session) -> Result<Outcome, Failure> {
    let Some(program) = load::program(&args.file, session)? else { return Ok(Outcome::Wrong) };
    let (facts, stored) = (program::facts(&program), interference(&program));
    if args.json {
        let circuit = &program.circuit;
        let cases = (0..circuit.layers.len()).flat_map(|layer_idx| circuit.cases(layer_idx));
        let wiring = circuit.written_gates().zip(cases).map(|(gate, case)| Wired { gate, case }).collect();
        let json = serde_json::to_string_pretty(&Json { facts: &facts, stored: &stored, wiring });
        let json = json.map_err(|error| Failure::new(error.to_string()))?;
        output::print(json + "\n")?;
    } else {
        output::print(to_text(&facts, &stored, session.terminal.color, session.terminal.width()))?;
    }
    Ok(Outcome::Fine)
}

#[derive(Serialize)]
struct Json<'a> {
    #[serde(flatten)]
    facts: &'a Facts,
    /// The features of each `store`, and how much they overlap.
    stored: &'a [Stored],
    /// Every gate with its operands, layer by layer.
    wiring: Vec<Wired<'a>>,
}

#[derive(Serialize)]
struct Wired<'a> {
    #[serde(flatten)]
    gate: WrittenGate<'a>,
    /// Which channels it is computed on, by the influence of what it reads.
    case: Case,
}

fn to_text(facts: &Facts, stored: &[Stored], color: bool, width: usize) -> String {
    let (bold, end) = if color { ("\u{1b}[1m", "\u{1b}[0m") } else { ("", "") };
    let mut text = String::new();
    let heading = |text: &mut String, title: &str| {
        let _ = writeln!(text, "\n{bold}{title}{end}");
    };
    let _ = writeln!(
        text,
        "{bold}{}: {} over {} in {}{end}",
        shown(&facts.name),
        counted(facts.gates, "gate"),
        counted(facts.features, "feature"),
        counted(facts.layers.len() as u64, "layer"),
    );
    let _ = writeln!(text, "  outputs       {}", grouped(facts.outputs));
    let _ = writeln!(text, "  features on   {:.2} expected", facts.active_features);
    if facts.gates > 0 {
        let _ = writeln!(text, "  gates         {}", kinds(&facts.kinds));
        of_layers(&mut text, facts, [bold, end], width);
    }
    if !facts.heads.is_empty() {
        heading(&mut text, "heads");
        of_heads(&mut text, facts, width);
    }
    if !stored.is_empty() {
        heading(&mut text, if stored[0].of == "signals" { "signals of the stream" } else { "stored features" });
        of_stored(&mut text, stored, width);
    }
    text
}

fn of_layers(text: &mut String, facts: &Facts, [bold, end]: [&str; 2], width: usize) {
    let _ = writeln!(text, "\n{bold}layers{end}");
    let header = ["layer", "gates", "carried", "complements", "fan-in", "influence", "inputs", "width"];
    let rows = facts.layers.iter().map(|layer| {
        vec![
            layer.name.clone(),
            grouped(layer.gates),
            grouped(layer.carried),
            grouped(layer.complemented),
            spread(layer.fan_in),
            spread(layer.influence),
            grouped(layer.inputs_read),
            layer.width.map_or("-".into(), |neurons| grouped(neurons.into())),
        ]
    });
    for line in table(&header, rows, 1, width) {
        let _ = writeln!(text, "{line}");
    }
    if facts.layers.len() > 1 {
        for layer in &facts.layers {
            let _ = writeln!(text, "  {:<12}  {}", layer.name, kinds(&layer.kinds));
        }
    }

    let _ = writeln!(text, "\n{bold}channels (gates by the influence of what they read){end}");
    let rows = facts.layers.iter().map(|layer| {
        let cases = [layer.cases.output, layer.cases.mixed, layer.cases.input].map(grouped);
        [layer.name.clone(), format!("{:.1}", layer.most_low)].into_iter().chain(cases).collect()
    });
    for line in table(&["layer", "low up to", "output", "mixed", "input"], rows, 1, width) {
        let _ = writeln!(text, "{line}");
    }

    let _ = writeln!(text, "\n{bold}{}{end}", bounds::HEADING);
    text.push_str(&bounds::to_text(facts, width));
}

fn of_heads(text: &mut String, facts: &Facts, width: usize) {
    let header = ["head", "matches", "rank", "of", "tokens", "score rms"];
    let rows = facts.heads.iter().map(|head| {
        let sizes = [head.matches, head.rank.into(), head.dimensions.into(), head.tokens.into()].map(grouped);
        let expected = head.score_error_expected.map_or("-".into(), neurons);
        [head.name.clone()].into_iter().chain(sizes).chain([expected]).collect()
    });
    for line in table(&header, rows, 1, width) {
        let _ = writeln!(text, "{line}");
    }
    let explanation = "how far scores are off at -O0, by sqrt(on^2 matches / (rank of)), `on` features of a token on";
    let _ = writeln!(text, "\n{}", wrapped("  score rms   ", explanation, width));
}

fn of_stored(text: &mut String, stored: &[Stored], width: usize) {
    let header = ["dictionary", stored[0].of, "dimensions", "coherence", "rms", "Welch"];
    let overlap = |figure: Option<f64>| figure.map_or("-".into(), |figure| format!("{figure:.4}"));
    let rows = stored.iter().map(|group| {
        let figures = [group.coherence, group.rms, Some(group.welch)].map(overlap);
        let counts = [group.vectors, group.dimensions].map(grouped);
        [group.dictionary.to_string()].into_iter().chain(counts).chain(figures).collect()
    });
    for line in table(&header, rows, 1, width) {
        let _ = writeln!(text, "{line}");
    }
    text.push('\n');
    let used =
        dictionary_summaries().into_iter().filter(|(name, _)| stored.iter().any(|group| group.dictionary == *name));
    for (name, explanation) in used.chain(INTERFERENCE_EXPLANATIONS) {
        let _ = writeln!(text, "{}", wrapped(&format!("  {name:<12}"), explanation, width));
    }
    if stored.iter().any(|group| group.coherence.is_none()) {
        let _ = writeln!(text, "{}", wrapped("  -           ", "not measured: too many pairs", width));
    }
}

fn kinds(kinds: &BTreeMap<&'static str, u64>) -> String {
    kinds.iter().map(|(kind, n)| format!("{} {kind}", grouped(*n))).collect::<Vec<_>>().join(", ")
}
