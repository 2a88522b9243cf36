//! The manifest of a dataset: what its files hold, what their axes are called, and which of them are complete.
//!
//! It is there before the first file, and written anew behind each: what it lists is whole. Must not know how rows are
//! made.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use superpose::evaluate::dataset::{Dataset, Part, Tensor};
use superpose::network::Network;

/// The layout of the directory. One of another layout is refused.
const FORMAT: u32 = 1;

/// Its name in the directory.
pub const NAME: &str = "manifest.json";

#[derive(Debug, Clone)]
pub struct Manifest {
    pub circuit: String,
    /// The circuit's files, the asked-for one first.
    pub sources: Vec<Source>,
    pub network: NetworkFile,
    pub rows: u64,
    pub rows_per_shard: u64,
    /// Of the inputs, as in `eval --eval-seed`.
    pub seed: u64,
    pub file_format: &'static str,
    /// By name.
    pub tensors: BTreeMap<String, Axes>,
    /// What the columns are called, by axis.
    pub axes: BTreeMap<String, Vec<String>>,
    /// Of the read-offs as written, by axis.
    pub thresholds: BTreeMap<String, Vec<f32>>,
    /// The files that are complete, in order.
    pub shards: Vec<Shard>,
    /// Whether these are all.
    pub complete: bool,
}

#[derive(Debug, Clone, Serialize)]
pub struct Source {
    pub name: String,
    pub text: String,
}

/// The weights, beside the shards.
#[derive(Debug, Clone, Serialize)]
pub struct NetworkFile {
    pub file: String,
    pub sha256: String,
}

/// Of a tensor.
#[derive(Debug, Clone, Serialize)]
pub struct Axes {
    pub dtype: &'static str,
    /// Of all shards together.
    pub shape: [u64; 2],
    pub axes: [String; 2],
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shard {
    pub file: String,
    /// The first of its rows, and the one behind its last.
    pub rows: [u64; 2],
    pub sha256: String,
}

impl Manifest {
    /// Of a dataset without a shard.
    pub fn of(
        dataset: &Dataset,
        network: &Network,
        network_file: NetworkFile,
        rows: u64,
        rows_per_shard: u64,
        seed: u64,
        file_format: &'static str,
    ) -> Manifest {
        let sources = network.sources.iter().map(|(name, text)| Source { name: name.clone(), text: text.clone() });
        let mut manifest = Manifest {
            circuit: network.header.circuit.clone(),
            sources: sources.collect(),
            network: network_file,
            rows,
            rows_per_shard,
            seed,
            file_format,
            tensors: BTreeMap::new(),
            axes: BTreeMap::new(),
            thresholds: BTreeMap::new(),
            shards: Vec::new(),
            complete: false,
        };
        for tensor in &dataset.tensors {
            manifest.add(tensor, dataset);
        }
        manifest
    }

    fn add(&mut self, tensor: &Tensor, dataset: &Dataset) {
        let layer = tensor.layer_idx;
        let axis = match tensor.part {
            Part::Features => "features".to_owned(),
            Part::Entering | Part::Stream => "stream".to_owned(),
            Part::Activations => format!("layers.{layer}.neurons"),
            Part::Readoffs | Part::Labels => format!("layers.{layer}.signals"),
        };
        let dtype = if tensor.part.size() == 1 { "u8" } else { "f32" };
        let shape = [self.rows, tensor.indices.len() as u64];
        self.tensors.insert(tensor.name.clone(), Axes { dtype, shape, axes: ["rows".into(), axis.clone()] });
        if matches!(tensor.part, Part::Readoffs | Part::Labels) {
            self.thresholds.entry(axis.clone()).or_insert_with(|| dataset.thresholds(tensor));
        }
        self.axes.entry(axis).or_insert_with(|| dataset.names(tensor));
    }

    /// What a shard is called.
    pub fn file_of(&self, shard_idx: u64) -> String {
        format!("shard-{shard_idx:05}.{}", self.file_format)
    }

    /// As JSON with a field a line, ending in a newline.
    pub fn to_json(&self) -> String {
        let fields = self.fields().map(|(name, value)| format!("  \"{name}\": {value}"));
        format!("{{\n{}\n}}\n", fields.join(",\n"))
    }

    fn fields(&self) -> [(&'static str, String); 14] {
        [
            ("format", json(&FORMAT)),
            ("superpose", json(&env!("CARGO_PKG_VERSION"))),
            ("circuit", json(&self.circuit)),
            ("sources", json(&self.sources)),
            ("network", json(&self.network)),
            ("rows", json(&self.rows)),
            ("rows_per_shard", json(&self.rows_per_shard)),
            ("seed", json(&self.seed)),
            ("file_format", json(&self.file_format)),
            ("tensors", json(&self.tensors)),
            ("axes", json(&self.axes)),
            ("thresholds", json(&self.thresholds)),
            (SHARDS, json(&self.shards)),
            (COMPLETE, json(&self.complete)),
        ]
    }

    /// The shards that another manifest, the text of a file, has of this very dataset.
    ///
    /// # Errors
    /// What in it says that it is of another one, in words.
    pub fn shards_in(&self, text: &str) -> Result<Vec<Shard>, String> {
        let damaged = |error: serde_json::Error| format!("is damaged: {error}");
        let theirs: Value = serde_json::from_str(text).map_err(damaged)?;
        for (name, ours) in self.fields().iter().filter(|(name, _)| ![SHARDS, COMPLETE].contains(name)) {
            let theirs = theirs.get(name).unwrap_or(&Value::Null);
            // Through text, as theirs went.
            if *theirs != serde_json::from_str::<Value>(ours).map_err(damaged)? {
                let is_short = theirs.is_number() || theirs.as_str().is_some_and(|text| text.len() < 40);
                return Err(match is_short {
                    true => format!("has {theirs} for `{name}`, and {ours} is asked for"),
                    false => format!("has another `{name}`"),
                });
            }
        }
        serde_json::from_value(theirs.get(SHARDS).cloned().unwrap_or_default()).map_err(damaged)
    }
}

/// The fields that change as it grows.
const SHARDS: &str = "shards";
const COMPLETE: &str = "complete";

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("strings, numbers, lists and maps by name are always JSON")
}
