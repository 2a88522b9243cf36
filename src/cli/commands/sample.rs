//! `superpose sample`: inputs of a circuit, and the truth of every signal.

use std::io::{self, IsTerminal, Write};

use serde::Serialize;
use superpose::circuit::{Circuit, Signal};
use superpose::evaluate::{Drawn, Draws, Sampling};
use superpose::program::MAX_SAMPLES;
use superpose::progress::Progress;

use crate::cli::evaluated::say_why;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::progress::Bar;
use crate::cli::session::Session;
use crate::cli::{load, output};

/// Draw inputs of a circuit, with the truth of every feature and gate.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// A circuit, or a network, which carries its circuit; `-` is stdin.
    #[arg(value_name = "FILE")]
    file: String,
    /// Inputs to draw.
    #[arg(short = 'n', long, value_name = "N", default_value_t = 1000)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=MAX_SAMPLES))]
    samples: u64,
    /// Of the inputs: those of one seed are the ones that `eval --eval-seed` draws.
    #[arg(long, visible_alias = "eval-seed", value_name = "S", default_value_t = 0)]
    seed: u64,
    /// A header of names, then a line of 0 and 1 for each input: every feature, then every gate. What is printed
    /// anyway.
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    /// A JSON object a line for each input: the names of the features and of the gates that are on.
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  superpose sample newsroom.circ -n 100000 > newsroom.csv
  superpose sample newsroom.safetensors --json > newsroom.jsonl

In pandas: pandas.read_csv(\"newsroom.csv\"), or with --json
pandas.read_json(\"newsroom.jsonl\", lines=True)";

pub fn run(args: &Args, session: &Session) -> Result<Outcome, Failure> {
    let Some(subject) = load::subject(&args.file, session)? else { return Ok(Outcome::Wrong) };
    let circuit = &subject.program().circuit;
    let Args { samples, seed, .. } = *args;
    let mut draws = match Draws::new(circuit, &Sampling { samples, seed, ..Sampling::default() }) {
        Ok(draws) => draws,
        Err(error) => return say_why(&error, session).map(|()| Outcome::Wrong),
    };
    // Nobody listens to Ctrl-C here: it ends the program even while the reader of a pipe sleeps.
    let mut bar = (!io::stdout().is_terminal()).then(|| Bar::new(&session.terminal));
    let mut n_written = 0;
    output::stream(|stdout| {
        if !args.json {
            write_header(circuit, stdout)?;
        }
        while let Some(drawn) = draws.next_block() {
            match args.json {
                true => write_objects(circuit, &drawn, stdout)?,
                false => write_rows(circuit, &drawn, stdout)?,
            }
            n_written += drawn.n_inputs() as u64;
            if let Some(bar) = &mut bar {
                bar.show(Progress { total: samples, ..Progress::of("drawing", n_written) });
            }
        }
        Ok(())
    })?;
    Ok(Outcome::Fine)
}

fn signals(circuit: &Circuit) -> impl Iterator<Item = Signal> {
    (0..circuit.n_signals() as u32).map(Signal)
}

fn write_header(circuit: &Circuit, out: &mut dyn Write) -> io::Result<()> {
    for signal in signals(circuit) {
        let comma = if signal.0 > 0 { "," } else { "" };
        write!(out, "{comma}{}", cell(circuit.name(signal)))?;
    }
    writeln!(out)
}

/// A cell of CSV (RFC 4180): in quotes where something in it would end it.
fn cell(text: &str) -> String {
    match text.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    }
}

fn write_rows(circuit: &Circuit, drawn: &Drawn, out: &mut dyn Write) -> io::Result<()> {
    let mut lines = vec![b','; 2 * circuit.n_signals() * drawn.n_inputs()];
    for signal in signals(circuit) {
        let word = drawn.word(signal);
        for (input_idx, line) in lines.chunks_exact_mut(2 * circuit.n_signals()).enumerate() {
            line[2 * signal.0 as usize] = b'0' + (word >> input_idx & 1) as u8;
        }
    }
    lines.chunks_exact_mut(2 * circuit.n_signals()).for_each(|line| line[2 * circuit.n_signals() - 1] = b'\n');
    out.write_all(&lines)
}

/// What is on.
#[derive(Serialize)]
struct On<'a> {
    features_on: Vec<&'a str>,
    gates_on: Vec<&'a str>,
}

fn write_objects(circuit: &Circuit, drawn: &Drawn, out: &mut dyn Write) -> io::Result<()> {
    let gates = signals(circuit).skip(circuit.n_features());
    let words: Vec<(&str, u64)> = gates.map(|gate| (circuit.name(gate), drawn.word(gate))).collect();
    for input_idx in 0..drawn.n_inputs() {
        let is_on = |&&(_, word): &&(&str, u64)| word >> input_idx & 1 == 1;
        let on = On {
            features_on: drawn.active(input_idx).iter().map(|&feature| circuit.name(Signal(feature))).collect(),
            gates_on: words.iter().filter(is_on).map(|(name, _)| *name).collect(),
        };
        serde_json::to_writer(&mut *out, &on)?;
        writeln!(out)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_a_comma_is_one_cell() {
        assert_eq!(cell("x[3]"), "x[3]");
        assert_eq!(cell("a, \"b\""), "\"a, \"\"b\"\"\"");
    }
}
