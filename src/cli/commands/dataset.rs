//! `superpose dataset`: inputs, activations, read-offs and labels, as files for those who train on them.

use std::fs;
use std::path::{Path, PathBuf};

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use superpose::evaluate::dataset::{Dataset, Part, Wanted};
use superpose::export::File;
use superpose::network::Network;
use superpose::network::file::{FORMATS as NETWORK_FORMATS, Written, format_of};
use superpose::program::MAX_SAMPLES;
use superpose::progress::{Answer, Watcher};
use superpose::text::{counted, grouped, shown};

use crate::cli::digest::sha256;
use crate::cli::evaluated::say_why;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::manifest::{self, Manifest, NetworkFile, Shard};
use crate::cli::options::CompileOptions;
use crate::cli::output;
use crate::cli::session::Session;
use crate::cli::shards::{FORMATS, ShardFormat};
use crate::cli::watched::watched;
use crate::cli::{asked, directory, load, read};

/// Write inputs, activations, read-offs and labels of a network as files to train on.
///
/// Each file holds some rows, an input a row: `features` (u8), and for each layer `layers.L.activations` (f32),
/// `layers.L.readoffs` (f32) and `layers.L.labels` (u8), of signals as written; of a residual network `input.stream`
/// and `layers.L.stream` (f32) as well. `manifest.json` says what every column is called; the network lies beside it.
/// Typed again after it was interrupted, it goes on behind what is complete.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// A circuit, compiled in memory, or a network, which carries its circuit; `-` is stdin.
    #[arg(value_name = "FILE")]
    file: String,
    /// Where it goes: a directory that is new or empty, or holds a part of this very dataset.
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// Inputs to draw, a row each.
    #[arg(short = 'n', long, value_name = "N", default_value_t = 10_000)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=MAX_SAMPLES))]
    samples: u64,
    /// Of the inputs that are drawn: those of `eval` and `sample` with the same seed.
    #[arg(long, value_name = "S", default_value_t = 0)]
    eval_seed: u64,
    /// How rows are kept.
    #[arg(long, value_name = "FORMAT", default_value = FORMATS[0].name, value_parser = format_parser())]
    format: &'static ShardFormat,
    /// These tensors alone [default: all].
    #[arg(long, value_name = "TENSOR,...", value_delimiter = ',', value_parser = part_parser())]
    only: Vec<Part>,
    /// Of these layers alone, by name or number.
    #[arg(long, value_name = "LAYER,...", value_delimiter = ',')]
    layers: Vec<String>,
    /// Read-offs and labels of these gates, or arrays of gates, alone.
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    signals: Vec<String>,
    /// Rows to a file [default: a power of two that makes files of up to 64 MiB].
    #[arg(long, value_name = "ROWS", value_parser = clap::value_parser!(u64).range(1..=MAX_SAMPLES))]
    shard: Option<u64>,
    #[command(flatten)]
    options: CompileOptions,
}

const EXAMPLES: &str = "\
Examples:
  superpose dataset news.safetensors -n 100000 -o news
  superpose dataset newsroom.circ -n 1000 --only activations,labels -o news
  superpose dataset newsroom.circ -n 1000 --signals alert,upset -o news

In PyTorch: safetensors.torch.load_file(\"news/shard-00000.safetensors\")";

fn format_parser() -> impl TypedValueParser<Value = &'static ShardFormat> {
    let names = FORMATS.iter().map(|format| PossibleValue::new(format.name).help(format.summary));
    let named = |name: String| FORMATS.iter().find(|format| format.name == name);
    PossibleValuesParser::new(names).map(move |name| named(name).expect("a possible value names one"))
}

fn part_parser() -> impl TypedValueParser<Value = Part> {
    let named = |name: String| Part::ALL.into_iter().find(|part| part.name() == name);
    PossibleValuesParser::new(Part::ALL.map(Part::name))
        .map(move |name| named(name).expect("a possible value names one"))
}

pub fn run(args: &Args, session: &Session) -> Result<Outcome, Failure> {
    if args.output.as_os_str() == "-" {
        return Err(Failure::new("a directory is written, which stdout cannot take").help("name it: -o DIR"));
    }
    // Whoever waits for a fit hears of it first.
    let begun = begun(&args.output)?;
    let Some((name, bytes)) = read::circuit_or_network(&args.file, session)? else { return Ok(Outcome::Wrong) };
    let file = format_of(&name, &bytes).map(|format| (format, bytes.clone()));
    if file.is_some() && args.options.given(&["--epsilon"]) == Some("--seed") {
        let failure = Failure::new("`--seed` is of codes and fits, and this network is compiled already");
        return Err(failure.help("of the inputs that are drawn it is: --eval-seed S"));
    }
    let subject = load::subject_of(name, bytes, session);
    if subject
        .as_ref()
        .is_some_and(|subject| !asked::has_gates(subject.program(), "write a dataset of", &args.file, session))
    {
        return Ok(Outcome::Wrong);
    }
    let Some((network, program)) = asked::network(subject, &args.options, &args.file, session)? else {
        return Ok(Outcome::Wrong);
    };
    let (format, bytes) = match file {
        Some(file) => file,
        None => {
            let format = &NETWORK_FORMATS[0];
            let written = (format.write)(&network, &Written::default());
            (format, written.map_err(|error| Failure::new(error.to_string()))?)
        }
    };
    if args.only.contains(&Part::Stream) && !network.is_residual() {
        let failure = Failure::new("the network has no stream: each of its layers reads the one below");
        return Err(failure.help("leave `stream` out of --only; `network { residual 256; }` makes one"));
    }
    let network_file = File { path: format!("network.{}", format.name), bytes };
    let circuit = &program.circuit;
    let wanted = Wanted {
        rows: args.samples,
        seed: args.eval_seed,
        parts: if args.only.is_empty() { Part::ALL.to_vec() } else { args.only.clone() },
        layers: asked::layers(&args.layers, circuit)?,
        gates: asked::gates(&args.signals, circuit, &args.file)?,
    };
    let dataset = match Dataset::new(circuit, &network, &wanted) {
        Ok(dataset) => dataset,
        Err(error) => return say_why(&error, session).map(|()| Outcome::Wrong),
    };
    if dataset.tensors.is_empty() {
        let failure = Failure::new("there is nothing to write: none of these layers reads off any of these signals");
        return Err(failure.help("leave out --layers, or --signals"));
    }
    let manifest = manifest(args, &dataset, &network, &network_file);
    let mut folder = Folder { path: &args.output, manifest };
    let is_begun = begun.is_some();
    match begun {
        None => {
            let manifest = File { path: manifest::NAME.into(), bytes: folder.manifest.to_json().into_bytes() };
            directory::write(&args.output, &[manifest, network_file])?;
        }
        Some(text) => {
            folder.take_up(&text, &network_file, args)?;
            output::clear_unfinished(&args.output);
        }
    }
    let n_before = folder.manifest.shards.len() as u64;
    let wrote = watched(&session.terminal, || Answer::GoOn, |watcher| folder.fill(&dataset, args.format, watcher));
    let (n_shards, place) = (folder.n_shards(), shown(&args.output.display().to_string()));
    if let Err(failure) = wrote {
        let n_complete = grouped(folder.manifest.shards.len() as u64);
        session.terminal.note(&format!("{n_complete} of {n_shards} files are complete; the same command goes on"));
        return Err(failure);
    }
    let before = if is_begun { format!(", {n_before} of them from before") } else { String::new() };
    session.terminal.note(&format!(
        "{}: {} of {} in {}{before}; {place}",
        shown(&circuit.name),
        counted(args.samples, "row"),
        counted(dataset.tensors.len() as u64, "tensor"),
        counted(n_shards, "file"),
    ));
    Ok(Outcome::Fine)
}

/// What a shard may take where nobody says how many rows it has.
const SHARD_BYTES: usize = 64 << 20;

fn manifest(args: &Args, dataset: &Dataset, network: &Network, file: &File) -> Manifest {
    let fitting = (SHARD_BYTES / dataset.bytes_per_row().max(1)).clamp(64, 1 << 16) as u64;
    let rows_per_shard = args.shard.unwrap_or(1 << fitting.ilog2());
    let network_file = NetworkFile { file: file.path.clone(), sha256: sha256(&file.bytes) };
    Manifest::of(dataset, network, network_file, args.samples, rows_per_shard, args.eval_seed, args.format.name)
}

/// The manifest of a dataset that is there, or begun; `None` where there is place for one.
fn begun(path: &Path) -> Result<Option<String>, Failure> {
    match fs::read_to_string(path.join(manifest::NAME)) {
        Ok(text) => Ok(Some(text)),
        Err(_) => directory::place(path).map(|_| None),
    }
}

/// Where a dataset is written.
struct Folder<'a> {
    path: &'a Path,
    manifest: Manifest,
}

impl Folder<'_> {
    fn n_shards(&self) -> u64 {
        self.manifest.rows.div_ceil(self.manifest.rows_per_shard)
    }

    fn shard(&self, shard_idx: u64) -> Shard {
        let (rows, step) = (self.manifest.rows, self.manifest.rows_per_shard);
        let rows = [shard_idx * step, rows.min((shard_idx + 1) * step)];
        Shard { file: self.manifest.file_of(shard_idx), rows, sha256: String::new() }
    }

    /// Goes on with what is there: of what its manifest, `text`, lists, the files that are as it says.
    fn take_up(&mut self, text: &str, network_file: &File, args: &Args) -> Result<(), Failure> {
        let place = shown(&self.path.display().to_string());
        let listed = self.manifest.shards_in(text).map_err(|difference| {
            let failure = Failure::new(format!("`{place}` holds another dataset: its manifest {difference}"));
            let own = format!("superpose dataset {} …", self.path.join(&network_file.path).display());
            failure.help(match difference.ends_with("another `network`") && args.options.budget.is_some() {
                true => format!("a budget of time makes another network each time; to go on with its own: {own}"),
                false => format!("name a new directory, or remove this one first: rm -r {place}"),
            })
        })?;
        let is_as_said = |shard: &Shard| {
            // Names are our own: none in a manifest leads anywhere else.
            let is_ours = (0..self.n_shards()).any(|shard_idx| {
                let ours = self.shard(shard_idx);
                (&ours.file, ours.rows) == (&shard.file, shard.rows)
            });
            is_ours && fs::read(self.path.join(&shard.file)).is_ok_and(|bytes| sha256(&bytes) == shard.sha256)
        };
        self.manifest.shards = listed.into_iter().filter(is_as_said).collect();
        let is_there = fs::read(self.path.join(&network_file.path)).is_ok_and(|bytes| bytes == network_file.bytes);
        if is_there { Ok(()) } else { self.write(&network_file.path, &network_file.bytes) }
    }

    /// Writes every shard that is not there.
    fn fill(&mut self, dataset: &Dataset, format: &ShardFormat, watcher: Watcher) -> Result<(), Failure> {
        for shard_idx in 0..self.n_shards() {
            let mut shard = self.shard(shard_idx);
            if self.manifest.shards.iter().any(|there| there.file == shard.file) {
                continue;
            }
            // It can only be stopped.
            let values = dataset.rows(shard.rows[0]..shard.rows[1], watcher).map_err(|_| Failure::interrupted())?;
            let bytes = (format.write)(&dataset.tensors, &values)?;
            drop(values);
            self.write(&shard.file, &bytes)?;
            shard.sha256 = sha256(&bytes);
            self.manifest.shards.push(shard);
            self.manifest.shards.sort_unstable_by_key(|shard| shard.rows);
            self.manifest.complete = self.manifest.shards.len() as u64 == self.n_shards();
            self.write(manifest::NAME, self.manifest.to_json().as_bytes())?;
        }
        // All may have been there, and the last manifest not.
        self.manifest.complete = true;
        self.write(manifest::NAME, self.manifest.to_json().as_bytes())
    }

    /// Writes a file whole, and nothing outside.
    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        let path = self.path.join(name);
        if path.is_symlink() {
            let failure = Failure::new(format!("`{}` is a link, and a dataset lies in one place", path.display()));
            return Err(failure.help(format!("remove it: rm {}", path.display())));
        }
        output::write(&path, bytes)
    }
}
