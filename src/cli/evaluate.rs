//! `superpose eval`: how well a network computes its circuit.

use superpose::circuit::inputs::rows;
use superpose::circuit::{Circuit, Distribution, Rows};
use superpose::diagnostic::{FileId, SourceFile, Sources};
use superpose::evaluate::{self, DEFAULT_SAMPLES, Error, Report, Sampling, Style};
use superpose::network::Network;
use superpose::program::{Program, Settings};
use superpose::progress::{Answer, Progress, Reason};

use super::arguments::Eval;
use super::load::Subject;
use super::progress::Bar;
use super::{Failure, Outcome, Session, compile, interrupt, load, output};

pub fn evaluate(command: &Eval, session: &Session) -> Result<Outcome, Failure> {
    let Some(subject) = load::subject(&command.file, session)? else { return Ok(Outcome::Wrong) };
    let (network, mut program) = match subject {
        Subject::Network(network, program) => {
            if let Some(option) = command.options.given() {
                return Err(Failure::new(format!("`{option}` has no meaning for a network that is compiled already"))
                    .help(format!(
                        "leave it out, or compile again: superpose compile FILE {option} … -o {}",
                        command.file
                    )));
            }
            (*network, *program)
        }
        Subject::Program(program) => match compile::compiled(&program, &command.options, session)? {
            Some(network) => (network, *program),
            None => return Ok(Outcome::Wrong),
        },
    };
    if let Some(inputs) = &command.inputs {
        // What the network was compiled for stays; only what it is evaluated on changes.
        match read_rows(inputs, &program.circuit, session)? {
            // Of all that `sample` says, nothing holds for these: they are taken as they are, and nothing is planted.
            Some(rows) => program.circuit.distribution = Distribution { rows: Some(rows), ..Distribution::default() },
            None => return Ok(Outcome::Wrong),
        }
    }
    let sampling = Sampling {
        samples: command.samples.unwrap_or_else(|| samples(&program.settings)),
        exhaustive: command.exhaustive,
        seed: command.eval_seed,
    };
    let Some(report) = report(&program, &network, &sampling, session)? else { return Ok(Outcome::Wrong) };
    let terminal = &session.terminal;
    output::print(if command.json {
        report.to_json(command.gates)
    } else {
        let style = Style { color: terminal.color, width: terminal.width(), gates: command.gates, ..Style::default() };
        report.to_text(&style)
    })?;
    Ok(if report.holds() { Outcome::Fine } else { Outcome::Wrong })
}

/// Inputs to draw when the command line does not say.
pub fn samples(settings: &Settings) -> u64 {
    settings.samples.unwrap_or(DEFAULT_SAMPLES)
}

/// Evaluates with a progress bar; `None` after its problem has been shown.
pub fn report(
    program: &Program,
    network: &Network,
    sampling: &Sampling,
    session: &Session,
) -> Result<Option<Report>, Failure> {
    let mut bar = Bar::new(&session.terminal);
    let mut watcher = |progress: Progress| {
        bar.show(progress);
        if interrupt::requested() { Answer::Stop(Reason::Interrupted) } else { Answer::GoOn }
    };
    let listening = interrupt::listen();
    let result = evaluate::evaluate(program, network, sampling, &mut watcher);
    drop(listening);
    drop(bar);
    match result {
        Ok(report) => Ok(Some(report)),
        Err(Error::Stopped(_)) => Err(Failure::interrupted()),
        Err(error) => {
            let help = match error {
                Error::TooMany(_) => Some("leave --exhaustive out to draw --samples instead"),
                Error::Mismatch(_) => Some(load::COMPILE_AGAIN),
                Error::NothingToPlant(_) => {
                    Some("let a clause of `sample` choose what a gate needs on, or drop `plant`")
                }
                Error::NoInputs => Some("give rows to draw from: --inputs rows.csv"),
                Error::Stopped(_) => None,
            };
            session.terminal.error(&error.to_string(), help);
            Ok(None)
        }
    }
}

fn read_rows(argument: &str, circuit: &Circuit, session: &Session) -> Result<Option<Rows>, Failure> {
    let (path, bytes) = load::read_argument(argument)?;
    match rows::parse(&bytes, &circuit.names, circuit.n_features()) {
        Ok(inputs) => Ok(Some(Rows { path, bytes, inputs })),
        Err(problems) => {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let sources = Sources { files: vec![SourceFile { name: path, text }] };
            let diagnostics: Vec<_> = problems.iter().map(|problem| problem.diagnostic(FileId(0))).collect();
            session.terminal.diagnostics(&diagnostics, &sources);
            Ok(None)
        }
    }
}
