//! `Network::from_bytes`: bytes that anyone may have tampered with become a network or one clear error.

use ndarray::{Array2, s};

use super::header::Tensors;
use super::write::Pointer;
use crate::network::file::document::{Document, HeadDocument, LayerDocument, signal_name};
use crate::network::file::entry::is_of_unembedding;
use crate::network::file::error::{FORMAT, FileError, METADATA_KEY};
use crate::network::head::name_in_head;
use crate::network::matrix::{Matrix, SparseMatrix};
use crate::network::tensor::{Sizes, Slot};
use crate::network::tensors::{DICTIONARY, DIRECTION, EMBEDDING, KEYS, QUERIES, UNEMBEDDING, name_in_layer};
use crate::network::{Block, Factors, Head, InputDictionary, Layer, Network, NetworkError, Readoff, Written};

impl Network {
    /// Reads what [`Network::to_bytes`] wrote. The shapes, the sparse structure and the numbers of what it returns
    /// have been validated ([`Network::check_shapes`]); that `W = C·D` has not: [`Network::check`] does that.
    pub fn from_bytes(bytes: &[u8]) -> Result<Network, FileError> {
        let mut tensors = Tensors::new(bytes)?;
        let document = read_document(&mut tensors)?;
        let n_features = document.header.features.len();

        let mut unembedding = match tensors.contains(UNEMBEDDING) {
            true => Some(Unembedding { matrix: take_dense(&mut tensors, UNEMBEDDING)?, n_taken: 0 }),
            false => None,
        };
        let name = if unembedding.is_some() { EMBEDDING } else { DICTIONARY };
        let dictionary = match document.dictionary {
            None => None,
            Some(dictionary) => Some(InputDictionary {
                embedding: take_matrix(&mut tensors, name, n_features)?,
                kind: dictionary.kind,
                decoder: dictionary.decoder,
            }),
        };
        let mut layers: Vec<Layer> = Vec::new();
        let decoder = unembedding.as_mut().map(|unembedding| unembedding.take(n_features)).transpose()?;
        for (layer_idx, layer) in document.layers.into_iter().enumerate() {
            let n_signals_below = match &unembedding {
                Some(unembedding) => unembedding.n_taken,
                None => layers.last().map_or(n_features, Layer::n_signals),
            };
            layers.push(take_layer(&mut tensors, layer_idx, layer, n_signals_below, unembedding.as_mut())?);
        }
        if let Some(unembedding) = unembedding {
            unembedding.end()?;
            layers.iter_mut().take(1).for_each(|lowest| lowest.factors.decompress = decoder.clone());
        }
        let mut heads = Vec::new();
        for (head_idx, head) in document.heads.into_iter().enumerate() {
            heads.push(take_head(&mut tensors, head_idx, head, &document.header.features)?);
        }
        let mut sources = Vec::new();
        for (source_idx, name) in document.sources.into_iter().enumerate() {
            sources.push((name, take_text(&mut tensors, format!("sources.{source_idx}"))?));
        }
        let rows = match document.rows {
            None => None,
            Some(name) => Some((name, tensors.take_bytes("rows")?.to_vec())),
        };
        if let Some(tensor) = tensors.left_over() {
            return Err(FileError::Unexpected { tensor });
        }
        let network = Network { header: document.header, dictionary, layers, heads, sources, rows };
        network.check_shapes()?;
        Ok(network)
    }
}

fn read_document(tensors: &mut Tensors) -> Result<Document, FileError> {
    let entry = tensors.metadata.remove(METADATA_KEY).ok_or(FileError::NotSuperpose)?;
    let damaged = |error: serde_json::Error| FileError::Metadata { reason: error.to_string() };

    // The layout first: metadata of another layout may differ in anything else.
    #[derive(serde::Deserialize)]
    struct Format {
        format: u32,
    }
    let Format { format } = serde_json::from_str(&entry).map_err(damaged)?;
    if format != FORMAT {
        return Err(FileError::Format { found: format });
    }
    match serde_json::from_str::<Pointer>(&entry) {
        Ok(pointer) => serde_json::from_slice(tensors.take_bytes(&pointer.in_tensor)?).map_err(damaged),
        Err(_) => serde_json::from_str(&entry).map_err(damaged),
    }
}

fn take_layer(
    tensors: &mut Tensors,
    layer_idx: usize,
    document: LayerDocument,
    n_signals_below: usize,
    mut unembedding: Option<&mut Unembedding>,
) -> Result<Layer, FileError> {
    let none = || Matrix::Dense(Array2::zeros((0, 0)));
    let direction = name_in_layer(layer_idx, DIRECTION);
    let is_factored = tensors.contains(&direction) || tensors.contains(&format!("{direction}.indptr"));
    let activation = document.activation().map_err(|reason| FileError::Metadata { reason })?;
    let mut layer = Layer {
        name: document.name,
        block: if unembedding.is_some() { Block::empty_residual() } else { Block::empty(activation) },
        factors: Factors {
            compute: none(),
            decompress: None,
            written: (unembedding.is_some() && is_factored).then(Written::empty),
        },
        readoff: Readoff {
            matrix: none(),
            bias: Vec::new(),
            threshold: Vec::new(),
            signals: document.signals.into_iter().map(signal_name).collect(),
            n_gates: document.n_gates,
        },
    };
    let n_signals = layer.n_signals();
    let n_maps = layer.block.n_maps();
    let mut sizes = Sizes { n_below: 0, n_signals_below, width: 0, n_maps, n_above: 0, n_signals };
    let mut is_first = true;
    layer.each_slot(&mut |name, shape, slot| {
        let (name, n_columns) = (name_in_layer(layer_idx, name), shape(&sizes).1);
        match slot {
            Slot::Dense(dense) => {
                *dense = take_dense(tensors, &name)?;
                // The block's own weights come first, and say what is a fitting size for the rest.
                if std::mem::take(&mut is_first) {
                    (sizes.width, sizes.n_below) = (dense.nrows() / n_maps, dense.ncols());
                    sizes.n_above = sizes.width;
                }
            }
            Slot::Vector(vector) => *vector = take_vector(tensors, &name)?,
            Slot::Matrix(matrix) => {
                *matrix = match unembedding.as_mut().filter(|_| is_of_unembedding(&name)) {
                    Some(unembedding) => unembedding.take(n_signals)?,
                    None => take_matrix(tensors, &name, n_columns)?,
                }
            }
            Slot::Optional(matrix) if unembedding.is_none() => {
                if tensors.contains(&name) || tensors.contains(&format!("{name}.indptr")) {
                    *matrix = Some(take_matrix(tensors, &name, n_columns)?);
                }
            }
            Slot::Optional(_) => {}
        }
        Ok::<(), FileError>(())
    })?;
    Ok(layer)
}

fn take_head(
    tensors: &mut Tensors,
    head_idx: usize,
    document: HeadDocument,
    features: &[String],
) -> Result<Head, FileError> {
    let unknown = |name: String| FileError::Metadata {
        reason: format!("head `{}` matches `{name}`, which is no feature", document.name),
    };
    let matches = document.matches(features).map_err(unknown)?;
    let queries = take_dense(tensors, &name_in_head(head_idx, QUERIES))?;
    let keys = take_dense(tensors, &name_in_head(head_idx, KEYS))?;
    Ok(Head { name: document.name, tokens: document.tokens, matches, queries, keys })
}

/// W_U of a residual network, of which every layer takes the rows of its gates.
struct Unembedding {
    matrix: Array2<f32>,
    n_taken: usize,
}

impl Unembedding {
    /// The next rows.
    fn take(&mut self, n_rows: usize) -> Result<Matrix, FileError> {
        let rows = self.n_taken..self.n_taken.saturating_add(n_rows);
        if rows.end > self.matrix.nrows() {
            return Err(self.misfit(rows.end));
        }
        self.n_taken = rows.end;
        Ok(Matrix::Dense(self.matrix.slice(s![rows, ..]).to_owned()))
    }

    /// No row is left.
    fn end(&self) -> Result<(), FileError> {
        if self.n_taken == self.matrix.nrows() { Ok(()) } else { Err(self.misfit(self.n_taken)) }
    }

    fn misfit(&self, n_rows: usize) -> FileError {
        let (found, wanted) = (self.matrix.dim(), (n_rows, self.matrix.ncols()));
        FileError::Network(NetworkError::Shape { tensor: UNEMBEDDING.into(), found, wanted })
    }
}

fn take_vector(tensors: &mut Tensors, name: &str) -> Result<Vec<f32>, FileError> {
    Ok(tensors.take_numbers(name, 1)?.1)
}

fn take_dense(tensors: &mut Tensors, name: &str) -> Result<Array2<f32>, FileError> {
    let (shape, values) = tensors.take_numbers(name, 2)?;
    // One size may be huge where the other is 0.
    Array2::from_shape_vec((shape[0], shape[1]), values).map_err(|_| FileError::Overflow { tensor: name.into() })
}

/// A matrix in either form. A dense one says its own shape; `n_columns` is what a sparse one must have.
fn take_matrix(tensors: &mut Tensors, name: &str, n_columns: usize) -> Result<Matrix, FileError> {
    let part = |part: &str| format!("{name}.{part}");
    if tensors.contains(name) || !tensors.contains(&part("indptr")) {
        return Ok(Matrix::Dense(take_dense(tensors, name)?));
    }
    let indptr = tensors.take_places(&part("indptr"))?;
    let indices = tensors.take_places(&part("indices"))?;
    let values = take_vector(tensors, &part("values"))?;
    Ok(Matrix::Sparse(SparseMatrix { n_rows: indptr.len().saturating_sub(1), n_columns, indptr, indices, values }))
}

fn take_text(tensors: &mut Tensors, name: String) -> Result<String, FileError> {
    match std::str::from_utf8(tensors.take_bytes(&name)?) {
        Ok(text) => Ok(text.into()),
        Err(_) => Err(FileError::Text { tensor: name }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::network::{Activation, example};

    #[test]
    fn what_was_written_is_read_back() {
        for network in [
            example::stacked(),
            example::stored(),
            example::residual(),
            example::attending(),
            example::attending_alone(),
            example::polynomial(Activation::Linear),
            example::polynomial(Activation::Bilinear),
            example::polynomial(Activation::Quadratic),
        ] {
            let bytes = network.to_bytes();
            assert_eq!(Network::from_bytes(&bytes), Ok(network.clone()));
            assert_eq!(network.to_bytes(), bytes);
        }
    }

    #[test]
    fn the_reference_implementation_reads_it_too() {
        let network = example::stored();
        let bytes = network.to_bytes();
        let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
        let weight = tensors.tensor("layers.0.weight").unwrap();
        assert_eq!(weight.shape(), [5, 3]);
        assert_eq!(weight.data()[..4], network.layers[0].block.weight()[[0, 0]].to_le_bytes());
        let mut names = tensors.names();
        names.sort_unstable();
        insta::assert_snapshot!(names.join("\n"));
    }

    #[test]
    fn metadata_read_well() {
        let bytes = example::stacked().to_bytes();
        let tensors = Tensors::new(&bytes).unwrap();
        let metadata: Value = serde_json::from_str(&tensors.metadata[METADATA_KEY]).unwrap();
        insta::assert_snapshot!(serde_json::to_string_pretty(&metadata).unwrap());
    }

    #[test]
    fn long_metadata_move_to_a_tensor() {
        let network = example::stacked();
        let bytes = network.to_bytes_with(100);
        assert!(Tensors::new(&bytes).unwrap().contains("metadata"));
        assert_eq!(Network::from_bytes(&bytes), Ok(network));
    }

    /// A file taken apart: its header, and the data.
    fn open(bytes: &[u8]) -> (Value, Vec<u8>) {
        let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        (serde_json::from_slice(&bytes[8..8 + length]).unwrap(), bytes[8 + length..].to_vec())
    }

    fn close(header: &Value, data: &[u8]) -> Vec<u8> {
        frame(&serde_json::to_string(header).unwrap(), data)
    }

    fn frame(header: &str, data: &[u8]) -> Vec<u8> {
        [&(header.len() as u64).to_le_bytes(), header.as_bytes(), data].concat()
    }

    /// The message for `stacked` with a changed header or data.
    fn refused(change: impl FnOnce(&mut Value, &mut Vec<u8>)) -> String {
        let (mut header, mut data) = open(&example::stacked().to_bytes());
        change(&mut header, &mut data);
        Network::from_bytes(&close(&header, &data)).expect_err("the change breaks the file").to_string()
    }

    fn refused_metadata(change: impl FnOnce(&mut Value)) -> String {
        refused(|header, _| {
            let entry = &mut header["__metadata__"][METADATA_KEY];
            let mut document: Value = serde_json::from_str(entry.as_str().unwrap()).unwrap();
            change(&mut document);
            *entry = json!(document.to_string());
        })
    }

    /// Overwrites the first element of a tensor.
    fn poke(header: &Value, data: &mut [u8], tensor: &str, bytes: &[u8]) {
        let start = header[tensor]["data_offsets"][0].as_u64().unwrap() as usize;
        data[start..start + bytes.len()].copy_from_slice(bytes);
    }

    fn rename(header: &mut Value, from: &str, to: &str) {
        let entry = header.as_object_mut().unwrap().remove(from).unwrap();
        header[to] = entry;
    }

    #[test]
    fn each_malformed_file_has_its_own_message() {
        let whole = example::stacked().to_bytes();
        let raw = |bytes: &[u8]| Network::from_bytes(bytes).expect_err("no network").to_string();
        let max = usize::MAX;
        let messages = [
            ("empty", raw(b"")),
            ("seven bytes", raw(&whole[..7])),
            ("huge header", raw(&[&u64::MAX.to_le_bytes()[..], &whole[8..]].concat())),
            ("short header", raw(&whole[..100])),
            ("short data", raw(&whole[..whole.len() - 1])),
            ("long data", raw(&[&whole[..], b"!"].concat())),
            ("no JSON", raw(&frame("{\"a\": ", b""))),
            ("no UTF-8", raw(&[&2u64.to_le_bytes()[..], b"\xff\xff"].concat())),
            ("a list", raw(&frame("[]", b""))),
            ("nested JSON", raw(&frame(&"[".repeat(100_000), b""))),
            ("an empty object", raw(&frame("{}", b""))),
            (
                "twice",
                raw(&frame(
                    r#"{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#,
                    b"",
                )),
            ),
            ("metadata twice", raw(&frame(r#"{"__metadata__":{},"__metadata__":{}}"#, b""))),
            ("metadata no text", raw(&frame(r#"{"__metadata__":{"superpose":1}}"#, b""))),
            ("someone else's", raw(&frame(r#"{"__metadata__":{"format":"pt"}}"#, b""))),
            ("negative size", refused(|header, _| header["layers.0.bias"]["shape"] = json!([-5]))),
            ("unknown type", refused(|header, _| header["layers.0.bias"]["dtype"] = json!("F8_E4M3"))),
            ("wrong type", refused(|header, _| header["layers.0.bias"]["dtype"] = json!("U32"))),
            ("numbers for places", refused(|header, _| header["layers.0.compute.indptr"]["dtype"] = json!("F32"))),
            ("wrong rank", refused(|header, _| header["layers.0.weight"]["shape"] = json!([30]))),
            ("overflow", refused(|header, _| header["layers.0.weight"]["shape"] = json!([max, max]))),
            (
                "huge by zero",
                refused(|header, _| {
                    header["layers.0.weight"]["shape"] = json!([max / 4, 0]);
                    header["layers.0.weight"]["data_offsets"] = json!([0, 0]);
                }),
            ),
            ("wrong size", refused(|header, _| header["layers.0.weight"]["shape"] = json!([5, 7]))),
            ("backwards", refused(|header, _| header["layers.0.bias"]["data_offsets"] = json!([20, 0]))),
            ("overlap", refused(|header, _| header["layers.0.bias"]["data_offsets"] = json!([4, 24]))),
            (
                "offsets at the end of the address space",
                refused(|header, _| {
                    header["z"] = json!({"dtype": "U8", "shape": [max], "data_offsets": [0, max]});
                }),
            ),
            (
                "gap",
                refused(|header, data| {
                    header["z"] =
                        json!({"dtype": "U8", "shape": [1], "data_offsets": [data.len() + 1, data.len() + 2]});
                    data.extend([0, 0]);
                }),
            ),
            ("missing", refused(|header, _| rename(header, "layers.1.bias", "layers.1.bios"))),
            ("missing factor", refused(|header, _| rename(header, "layers.1.compute", "compute"))),
            (
                "unexpected",
                refused(|header, _| {
                    header["layers.2.weight"] = json!({"dtype": "F32", "shape": [0, 0], "data_offsets": [0, 0]});
                }),
            ),
            ("unknown field", refused(|header, _| header["layers.0.bias"]["more"] = json!(1))),
            ("not finite", refused(|header, data| poke(header, data, "layers.1.weight", &f32::NAN.to_le_bytes()))),
            ("row pointers", refused(|header, data| poke(header, data, "layers.0.compute.indptr", &[9]))),
            ("column indices", refused(|header, data| poke(header, data, "layers.0.compute.indices", &[6]))),
            ("a negative place", refused(|header, data| poke(header, data, "layers.0.compute.indices", &[0xff; 4]))),
            ("text", refused(|header, data| poke(header, data, "sources.0", &[0xff]))),
            ("metadata no JSON", refused(|header, _| header["__metadata__"]["superpose"] = json!("{"))),
            (
                "nested metadata",
                refused(|header, _| {
                    header["__metadata__"]["superpose"] =
                        json!(format!("{{\"format\":1,\"x\":{}", "[".repeat(100_000)));
                }),
            ),
            (
                "metadata in a missing tensor",
                refused(|header, _| {
                    header["__metadata__"]["superpose"] = json!(r#"{"format":1,"in_tensor":"gone"}"#);
                }),
            ),
            ("a later layout", refused_metadata(|document| document["format"] = json!(2))),
            (
                "metadata lack",
                refused_metadata(|document| {
                    document.as_object_mut().unwrap().remove("seed");
                }),
            ),
            ("no layer", refused_metadata(|document| document["layers"] = json!([]))),
            ("too few features", refused_metadata(|document| document["features"] = json!(["a"]))),
            ("too few names", refused_metadata(|document| document["layers"][1]["signals"] = json!(["a"]))),
            ("too many gates", refused_metadata(|document| document["layers"][1]["n_gates"] = json!(3))),
            ("marked twice", refused_metadata(|document| document["layers"][1]["signals"][1] = json!("!!a"))),
        ];
        let table: Vec<String> = messages.iter().map(|(case, message)| format!("{case}: {message}")).collect();
        insta::assert_snapshot!(table.join("\n"));
    }

    /// A file with every tensor of one type turned to another, element by element.
    fn retyped<const N: usize>(bytes: &[u8], from: &str, to: &str, turn: impl Fn([u8; 4]) -> [u8; N]) -> Vec<u8> {
        let (mut header, data) = open(bytes);
        let mut names: Vec<String> = header.as_object().unwrap().keys().cloned().collect();
        names.retain(|name| name != "__metadata__");
        let place =
            |header: &Value, name: &str, end: usize| header[name]["data_offsets"][end].as_u64().unwrap() as usize;
        names.sort_by_key(|name| place(&header, name, 1));
        let mut turned = Vec::new();
        for name in names {
            let (start, old) = (turned.len(), &data[place(&header, &name, 0)..place(&header, &name, 1)]);
            match header[&name]["dtype"] == from {
                true => old.as_chunks().0.iter().for_each(|element| turned.extend(turn(*element))),
                false => turned.extend(old),
            }
            if header[&name]["dtype"] == from {
                header[&name]["dtype"] = json!(to);
            }
            header[&name]["data_offsets"] = json!([start, turned.len()]);
        }
        close(&header, &turned)
    }

    #[test]
    fn numbers_of_any_precision_are_read() {
        let bytes = example::stacked().to_bytes();
        let float = f32::from_le_bytes;
        let doubled = retyped(&bytes, "F32", "F64", |word| f64::from(float(word)).to_le_bytes());
        assert_eq!(Network::from_bytes(&doubled), Ok(example::stacked()));
        let halved = retyped(&bytes, "F32", "F16", |word| half::f16::from_f32(float(word)).to_le_bytes());
        let halved = Network::from_bytes(&halved).unwrap();
        let brain = retyped(&bytes, "F32", "BF16", |word| half::bf16::from_f32(float(word)).to_le_bytes());
        let brain = Network::from_bytes(&brain).unwrap();
        for (layer_idx, layer) in example::stacked().layers.iter().enumerate() {
            let weight = layer.block.weight();
            let rounded = weight.mapv(|value| half::f16::from_f32(value).to_f32());
            assert_eq!(halved.layers[layer_idx].block.weight(), rounded);
            assert_eq!(
                brain.layers[layer_idx].block.weight(),
                weight.mapv(|value| half::bf16::from_f32(value).to_f32())
            );
        }
        let huge = retyped(&bytes, "F32", "F64", |_| 1e300f64.to_le_bytes());
        assert!(Network::from_bytes(&huge).unwrap_err().to_string().contains("not finite"));
    }

    #[test]
    fn places_are_written_as_torch_knows_them_and_read_in_any_type() {
        let bytes = example::stacked().to_bytes();
        let (header, _) = open(&bytes);
        assert_eq!(header["layers.0.compute.indices"]["dtype"], "I32");
        assert_eq!(header["layers.0.compute.indptr"]["dtype"], "I32");
        let long = retyped(&bytes, "I32", "I64", |word| i64::from(i32::from_le_bytes(word)).to_le_bytes());
        let old = retyped(&bytes, "I32", "U32", |word| word);
        assert_eq!(Network::from_bytes(&long), Ok(example::stacked()));
        assert_eq!(Network::from_bytes(&old), Ok(example::stacked()));
    }

    #[test]
    fn no_truncation_is_accepted() {
        let whole = example::stored().to_bytes();
        for length in 0..whole.len() {
            assert!(Network::from_bytes(&whole[..length]).is_err(), "{length} of {} bytes", whole.len());
        }
    }

    #[test]
    fn a_decoder_that_is_not_one_row_a_signal_is_refused() {
        let refused = |change: &dyn Fn(&mut Value)| {
            let (mut header, data) = open(&example::residual().to_bytes());
            change(&mut header);
            Network::from_bytes(&close(&header, &data)).expect_err("the change breaks the file").to_string()
        };
        let messages = [
            refused(&|header| header["W_U"]["shape"] = json!([9, 4])),
            refused(&|header| header["W_U"]["shape"] = json!([18, 2])),
            refused(&|header| header["W_U"]["shape"] = json!([36])),
            refused(&|header| rename(header, "W_U", "W_V")),
            refused(&|header| rename(header, "W_E", "input.dictionary")),
            refused(&|header| rename(header, "layers.1.W_out", "layers.1.weight")),
        ];
        insta::assert_snapshot!(messages.join("\n"));
    }

    #[test]
    fn neurons_that_are_not_as_the_metadata_say_are_refused() {
        let refused = |change: &dyn Fn(&mut Value, &mut Value)| {
            let (mut header, data) = open(&example::polynomial(Activation::Bilinear).to_bytes());
            let entry = header["__metadata__"][METADATA_KEY].take();
            let mut document: Value = serde_json::from_str(entry.as_str().unwrap()).unwrap();
            change(&mut header, &mut document);
            header["__metadata__"][METADATA_KEY] = json!(document.to_string());
            Network::from_bytes(&close(&header, &data)).map(|_| ()).expect_err("the change breaks the file").to_string()
        };
        let messages = [
            refused(&|_, document| document["layers"][0]["activation"] = json!("cubic")),
            refused(&|_, document| document["layers"][0]["activation"] = json!(2)),
            // As many ReLUs, or squares, as there were maps.
            refused(&|_, document| drop(document["layers"][0].as_object_mut().unwrap().remove("activation"))),
            refused(&|_, document| document["layers"][0]["activation"] = json!("quadratic")),
            // An odd number of maps.
            refused(&|header, _| {
                header["layers.0.weight"]["shape"] = json!([15, 2]);
                header["layers.0.bias"]["shape"] = json!([10]);
            }),
            refused(&|header, _| header["layers.0.weight"]["shape"] = json!([6, 5])),
        ];
        insta::assert_snapshot!(messages.join("\n"));
        let fingerprints = Activation::ALL.map(|activation| {
            let mut network = example::polynomial(Activation::Quadratic);
            for layer in &mut network.layers {
                let Block::Polynomial(block) = &mut layer.block else { unreachable!("the example has no ReLUs") };
                block.activation = activation;
            }
            network.fingerprint()
        });
        assert!(fingerprints[0] != fingerprints[1] && fingerprints[1] != fingerprints[2], "the same numbers");
    }

    #[test]
    fn a_head_that_is_not_as_the_metadata_say_is_refused() {
        let refused = |change: &dyn Fn(&mut Value)| {
            let (mut header, data) = open(&example::attending_alone().to_bytes());
            change(&mut header);
            Network::from_bytes(&close(&header, &data)).expect_err("the change breaks the file").to_string()
        };
        let in_metadata = |change: &dyn Fn(&mut Value)| {
            refused(&|header| {
                let entry = &mut header["__metadata__"][METADATA_KEY];
                let mut document: Value = serde_json::from_str(entry.as_str().unwrap()).unwrap();
                change(&mut document);
                *entry = json!(document.to_string());
            })
        };
        let messages = [
            refused(&|header| rename(header, "heads.0.W_Q", "heads.1.W_Q")),
            refused(&|header| header["heads.0.W_K"]["shape"] = json!([3, 2])),
            refused(&|header| header["heads.0.W_K"]["shape"] = json!([6])),
            in_metadata(&|document| document["heads"][0]["matches"][0][0] = json!("gone")),
            in_metadata(&|document| document["heads"] = json!([])),
            in_metadata(&|document| drop(document["heads"][0].as_object_mut().unwrap().remove("tokens"))),
        ];
        insta::assert_snapshot!(messages.join("\n"));
    }

    #[test]
    fn no_flipped_bit_panics() {
        let whole = [
            example::stacked(),
            example::residual(),
            example::attending_alone(),
            example::polynomial(Activation::Bilinear),
        ]
        .map(|network| network.to_bytes());
        whole.iter().for_each(|whole| no_flipped_bit_of(whole));
    }

    fn no_flipped_bit_of(whole: &[u8]) {
        for bit in 0..8 * whole.len() {
            let mut flipped = whole.to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            if let Ok(network) = Network::from_bytes(&flipped) {
                // A flipped name or mantissa is still a network.
                let _ = network.check();
            }
        }
    }
}
