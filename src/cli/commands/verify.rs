//! `superpose verify`: a network over all inputs, proved right or refuted.

use std::path::{Path, PathBuf};
use std::time::Instant;

use superpose::compile::Beyond;
use superpose::network::file::format_of;
use superpose::progress::{Answer, Reason, Watcher};
use superpose::text::{counted, grouped};
use superpose::verify::{self, Proof, Request, Status};

use crate::cli::failure::{Failure, Outcome};
use crate::cli::options::{Budget, CompileOptions};
use crate::cli::session::Session;
use crate::cli::watched::watched;
use crate::cli::{asked, digest, load, output, read};

/// Prove that a network is right on every input, or find one on which it is wrong.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
#[command(mut_arg("epsilon", |argument| own(argument).help(EPSILON)))]
#[command(mut_arg("budget", |argument| own(argument).value_name("SECONDS|NODES").help(BUDGET)))]
pub struct Args {
    /// A network, which carries its circuit, or a circuit, compiled in memory; `-` is stdin.
    #[arg(value_name = "FILE")]
    file: String,
    /// Of this gate, or of all of this array, alone; can be given again.
    #[arg(long, value_name = "NAME")]
    gate: Vec<String>,
    /// Find the worst case of every gate; `--json` has them all.
    #[arg(long)]
    worst: bool,
    /// Count the inputs that fail.
    #[arg(long)]
    count: bool,
    /// Over every input with at most so many features on, instead of those that `sample` has.
    #[arg(long, value_name = "N")]
    support: Option<u32>,
    /// Write what was proved to a file that others can check: worst cases, and the inputs that have them.
    #[arg(long, value_name = "PATH")]
    certificate: Option<PathBuf>,
    /// As JSON.
    #[arg(long)]
    json: bool,
    // Last: what follows would stand below its heading.
    #[command(flatten)]
    options: CompileOptions,
}

/// Two options of a compilation mean something to a proof as well, and the second of them nothing else here.
const EPSILON: &str =
    "Prove that every read-off is strictly within this of 0 or 1, whichever is true, instead of its threshold";
const BUDGET: &str = "Prove no longer than this: `30s`, `5m`, or a number of nodes (`2M`)";

fn own(argument: clap::Arg) -> clap::Arg {
    argument.help_heading(None)
}

const EXAMPLES: &str = "\
Examples:
  superpose verify newsroom.safetensors --epsilon 0.45 --gate alert
  superpose verify newsroom.circ --width 96 --seed 3 --worst
  superpose verify newsroom.safetensors --support 3 --budget 5m
  superpose verify newsroom.safetensors --certificate certificate.json";

pub fn run(args: &Args, session: &Session) -> Result<Outcome, Failure> {
    let Some((name, bytes)) = read::circuit_or_network(&args.file, session)? else { return Ok(Outcome::Wrong) };
    let certificate = match &args.certificate {
        Some(path) => Some((path, sha256_of_network(&name, &bytes, path)?)),
        None => None,
    };
    let subject = load::subject_of(name, bytes, session);
    if subject.as_ref().is_some_and(|subject| !asked::has_gates(subject.program(), "verify", &args.file, session)) {
        return Ok(Outcome::Wrong);
    }
    // Whoever waits for a fit hears of a wrong name first.
    let gates = match &subject {
        Some(subject) => asked::gates(&args.gate, &subject.program().circuit, &args.file)?,
        None => None,
    };
    let options = &args.options;
    let compiled = asked::network_to(subject, options, &["--budget"], Beyond::Nothing, &args.file, session)?;
    let Some((network, program)) = compiled else { return Ok(Outcome::Wrong) };
    let circuit = &program.circuit;
    let nodes = match options.budget {
        Some(Budget::Inputs(nodes)) => Some(nodes),
        _ => None,
    };
    let Args { count, support, .. } = *args;
    let epsilon = options.epsilon;
    let worst = args.worst || certificate.is_some();
    let request = Request { epsilon, gates, worst, count, support, nodes, near: None, until_refuted: false };
    let started = Instant::now();
    let by_the_clock = || match options.budget {
        Some(Budget::Time(budget)) if started.elapsed() >= budget => Answer::Stop(Reason::BudgetSpent),
        _ => Answer::GoOn,
    };
    let verify = |watcher: Watcher| verify::verify(circuit, &network, &request, watcher);
    let proof = match watched(&session.terminal, by_the_clock, verify) {
        Ok(proof) => proof,
        Err(verify::Error::Interrupted) => return Err(Failure::interrupted()),
        Err(error) => {
            let help = match error {
                verify::Error::Mismatch(_) => Some(load::COMPILE_AGAIN),
                _ => None,
            };
            session.terminal.error(&error.to_string(), help);
            return Ok(Outcome::Wrong);
        }
    };
    let seconds = started.elapsed().as_secs_f64();
    output::print(if args.json { proof.to_json(circuit, seconds) } else { proof.to_text(circuit, seconds) })?;
    if let Some((path, sha256)) = certificate {
        match verify::certificate(circuit, &network, &request, &proof, &sha256) {
            Ok(text) => write_certificate(path, &text, &proof, session)?,
            Err(uncertified) => {
                session.terminal.error(&format!("no certificate was written: {uncertified}"), uncertified.help());
                return Ok(Outcome::Wrong);
            }
        }
    }
    Ok(if proof.status == Status::Proved { Outcome::Fine } else { Outcome::Wrong })
}

fn write_certificate(path: &Path, text: &str, proof: &Proof, session: &Session) -> Result<(), Failure> {
    output::write(path, text.as_bytes())?;
    let (n_gates, n_bytes) = (counted(proof.gates.len() as u64, "gate"), grouped(text.len() as u64));
    session.terminal.note(&format!("a certificate of {n_gates}; {n_bytes} bytes to {}", path.display()));
    Ok(())
}

/// The SHA-256 of the bytes of a network's file, in hexadecimal: what a certificate knows it by.
fn sha256_of_network(name: &str, bytes: &[u8], path: &Path) -> Result<String, Failure> {
    if path.as_os_str() == "-" {
        let failure = Failure::new("the report goes to stdout, and so would the certificate");
        return Err(failure.help("name a file: --certificate certificate.json"));
    }
    if format_of(name, bytes).is_none() {
        let failure = Failure::new(format!("`{name}` is a circuit, and a certificate is of a network's file"));
        return Err(failure.help(format!(
            "make one first: superpose compile {name} -o net.safetensors, and then: \
             superpose verify net.safetensors --certificate {}",
            path.display()
        )));
    }
    Ok(digest::sha256(bytes))
}
