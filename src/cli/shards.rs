//! The file formats of a dataset: some tensors, with an input a row, as bytes. A format is a row of the table.
//!
//! The same tensors give the same bytes. Must not know what the tensors hold, nor where the bytes go.

use std::borrow::Cow;
use std::io::Cursor;

use ndarray::ArrayView2;
use ndarray_npy::{NpzWriter, WriteNpzError};
use safetensors::tensor::{Dtype, View};
use superpose::evaluate::dataset::{Tensor, Values};

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
    let entries = tensors.iter().zip(values).map(|(tensor, values)| {
        let n_columns = tensor.indices.len();
        (&tensor.name, Entry { shape: [n_values(values) / n_columns, n_columns], values })
    });
    safetensors::serialize(entries, None).map_err(|error| cannot_write(&error))
}

fn npz(tensors: &[Tensor], values: &[Values]) -> Result<Vec<u8>, Failure> {
    let mut writer = NpzWriter::new(Cursor::new(Vec::new()));
    for (tensor, values) in tensors.iter().zip(values) {
        let shape = (n_values(values) / tensor.indices.len(), tensor.indices.len());
        let added = match values {
            Values::U8(values) => writer.add_array(&tensor.name, &view(shape, values)),
            Values::F32(values) => writer.add_array(&tensor.name, &view(shape, values)),
        };
        added.map_err(|error| cannot_write(&error))?;
    }
    let written = writer.finish().map_err(|error: WriteNpzError| cannot_write(&error))?;
    Ok(written.into_inner())
}

fn view<T>(shape: (usize, usize), values: &[T]) -> ArrayView2<'_, T> {
    ArrayView2::from_shape(shape, values).expect("rows by columns")
}

fn cannot_write(error: &dyn std::error::Error) -> Failure {
    Failure::new(format!("these tensors fit no file: {error}")).help("give fewer rows to a file: --shard ROWS")
}

fn n_values(values: &Values) -> usize {
    match values {
        Values::U8(values) => values.len(),
        Values::F32(values) => values.len(),
    }
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
            Values::F32(values) => 4 * values.len(),
        }
    }
}
