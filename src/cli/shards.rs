//! The file formats of a dataset: some tensors, with an input a row, as bytes. A format is a row of the table.
//!
//! The same tensors give the same bytes. Must not know what the tensors hold, nor where the bytes go.

use std::borrow::Cow;

use safetensors::tensor::{Dtype, View};
use superpose::evaluate::dataset::{Tensor, Values};
use superpose::npz;

use super::failure::Failure;

#[derive(Debug)]
pub struct ShardFormat {
    /// Also the extension of its files.
    pub name: &'static str,
    pub summary: &'static str,
    pub write: Write,
}

/// Tensors, and the values of each.
type Write = fn(&[Tensor], &[Values]) -> Result<Vec<u8>, Failure>;

/// The first is what a dataset is written as when nobody says.
pub const FORMATS: &[ShardFormat] = &[
    ShardFormat { name: "safetensors", summary: "for PyTorch, JAX and NumPy, read without a copy", write: safetensors },
    ShardFormat { name: "npz", summary: "for `numpy.load`, uncompressed", write: npz },
];

fn safetensors(tensors: &[Tensor], values: &[Values]) -> Result<Vec<u8>, Failure> {
    safetensors::serialize(entries(tensors, values), None).map_err(|error| {
        Failure::new(format!("these tensors fit no file: {error}")).help("give fewer rows to a file: --shard ROWS")
    })
}

fn npz(tensors: &[Tensor], values: &[Values]) -> Result<Vec<u8>, Failure> {
    let mut archive = npz::Archive::default();
    for (name, entry) in entries(tensors, values) {
        let dtype = match entry.values {
            Values::U8(_) => npz::Dtype::U8,
            Values::F32(_) => npz::Dtype::F32,
        };
        archive.add(name, dtype, &entry.shape, &entry.data());
    }
    Ok(archive.finish())
}

fn entries<'a>(tensors: &'a [Tensor], values: &'a [Values]) -> impl Iterator<Item = (&'a String, Entry<'a>)> {
    tensors.iter().zip(values).map(|(tensor, values)| {
        let (n_values, n_columns) = (values.count(), tensor.indices.len());
        (&tensor.name, Entry { shape: [n_values / n_columns, n_columns], values })
    })
}

/// Values with their shape; turned into bytes one tensor at a time.
struct Entry<'a> {
    shape: [usize; 2],
    values: &'a Values,
}

impl View for Entry<'_> {
    fn dtype(&self) -> Dtype {
        match self.values {
            Values::U8(_) => Dtype::U8,
            Values::F32(_) => Dtype::F32,
        }
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        match self.values {
            Values::U8(values) => Cow::Borrowed(values),
            Values::F32(values) => Cow::Owned(values.iter().flat_map(|value| value.to_le_bytes()).collect()),
        }
    }

    fn data_len(&self) -> usize {
        match self.values {
            Values::U8(values) => values.len(),
            Values::F32(values) => size_of_val(&values[..]),
        }
    }
}
