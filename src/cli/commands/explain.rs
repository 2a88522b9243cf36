//! `superpose explain`: why a gate is read as it is.

use superpose::circuit::{Circuit, GateId};
use superpose::evaluate::explain;
use superpose::text::shown;

use crate::cli::evaluated::say_why;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::options::CompileOptions;
use crate::cli::session::Session;
use crate::cli::{asked, load, output};

/// Say why a gate is read as it is: what each neuron adds, what drives it, and which signals interfere.
///
/// Without --on, which signals interfere on average: how far each lies along the gate's direction, and how often it is
/// on.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// A circuit, compiled in memory, or a network, which carries its circuit; `-` is stdin.
    #[arg(value_name = "FILE")]
    file: String,
    /// Of this gate.
    #[arg(long, value_name = "NAME")]
    gate: String,
    /// With these features on, and no other; `--on ''` for none.
    #[arg(long, value_name = "FEATURE,...", value_delimiter = ',')]
    on: Option<Vec<String>>,
    /// As JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    options: CompileOptions,
}

const EXAMPLES: &str = "\
Examples:
  superpose explain newsroom.circ --gate alert --on sport,breaking
  superpose explain newsroom.safetensors --gate upset";

pub fn run(args: &Args, session: &Session) -> Result<Outcome, Failure> {
    let subject = load::subject(&args.file, session)?;
    if subject.as_ref().is_some_and(|subject| !asked::has_gates(subject.program(), "explain", &args.file, session)) {
        return Ok(Outcome::Wrong);
    }
    // Whoever waits for a fit hears of a wrong name first.
    if let Some(subject) = &subject {
        let circuit = &subject.program().circuit;
        one_gate(args, circuit)?;
        args.on.iter().try_for_each(|on| asked::features(on, circuit).map(|_| ()))?;
    }
    let Some((network, program)) = asked::network(subject, &args.options, &args.file, session)? else {
        return Ok(Outcome::Wrong);
    };
    let circuit = &program.circuit;
    let gate = one_gate(args, circuit)?;
    let width = session.terminal.width();
    let text = match &args.on {
        Some(on) => {
            let on = asked::features(on, circuit)?;
            let explained = explain::explain(circuit, &network, gate, &on);
            explained.map(|found| if args.json { found.to_json() } else { found.to_text(width) })
        }
        None => {
            let expected = explain::expect(circuit, &network, gate);
            expected.map(|found| if args.json { found.to_json() } else { found.to_text(width) })
        }
    };
    match text {
        Ok(text) => output::print(text).map(|()| Outcome::Fine),
        Err(error) => say_why(&error, session).map(|()| Outcome::Wrong),
    }
}

/// The gate that is named.
fn one_gate(args: &Args, circuit: &Circuit) -> Result<GateId, Failure> {
    let gates = asked::gates(std::slice::from_ref(&args.gate), circuit, &args.file)?.unwrap_or_default();
    match gates[..] {
        [gate] => Ok(gate),
        _ => {
            let first = gates.first().map_or("", |gate| circuit.name(circuit.gate_signal(*gate)));
            let failure = Failure::new(format!("`{}` is an array of {} gates", shown(&args.gate), gates.len()));
            Err(failure.help(format!("name one of them: --gate '{first}'")))
        }
    }
}
