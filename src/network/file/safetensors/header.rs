//! The frame of a safetensors file: eight bytes of length, a JSON header, and data that its tensors tile exactly.
//!
//! Knows the format (<https://github.com/huggingface/safetensors>), nothing of networks. Every offset has been checked
//! when `Tensors::new` returns, so that what follows cannot reach outside the data.

use std::collections::BTreeMap;
use std::fmt;

use half::{bf16, f16};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};

use crate::network::file::error::FileError;

/// As in the reference implementation.
const LONGEST_HEADER: u64 = 100_000_000;

/// Bytes of an element, by its type.
const TYPES: [(&str, usize); 8] =
    [("U8", 1), ("F16", 2), ("BF16", 2), ("F32", 4), ("F64", 8), ("I32", 4), ("U32", 4), ("I64", 8)];
/// Of these some are numbers, and some are places in a matrix.
const NUMBERS: &str = "F32, F16, BF16 or F64";
const PLACES: &str = "I32, I64 or U32";

/// The tensors of a file that nobody has taken yet.
pub struct Tensors<'a> {
    pub metadata: BTreeMap<String, String>,
    entries: BTreeMap<String, Entry>,
    data: &'a [u8],
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: (usize, usize),
}

impl<'a> Tensors<'a> {
    /// Reads the header and validates that tensors of the sizes announced tile the data.
    pub fn new(bytes: &'a [u8]) -> Result<Tensors<'a>, FileError> {
        let (length, rest) = bytes.split_first_chunk::<8>().ok_or(FileError::NoHeader)?;
        let length = u64::from_le_bytes(*length);
        if length > LONGEST_HEADER {
            return Err(FileError::HeaderTooLong { length, limit: LONGEST_HEADER });
        }
        let (header, data) = rest
            .split_at_checked(length as usize)
            .ok_or(FileError::HeaderTruncated { length, available: rest.len() })?;
        let header: JsonHeader =
            serde_json::from_slice(header).map_err(|error| FileError::HeaderJson { reason: error.to_string() })?;
        if let Some(tensor) = header.duplicate {
            return Err(FileError::Duplicate { tensor });
        }
        let tensors = Tensors { metadata: header.metadata, entries: header.entries, data };
        tensors.check_sizes()?;
        tensors.check_tiling()?;
        Ok(tensors)
    }

    fn check_sizes(&self) -> Result<(), FileError> {
        for (tensor, entry) in &self.entries {
            let Some((_, element)) = TYPES.iter().find(|(dtype, _)| *dtype == entry.dtype) else {
                let (tensor, found) = (tensor.clone(), entry.dtype.clone());
                return Err(FileError::Type { tensor, found, wanted: "F32, F16, BF16, F64, I32, I64, U32 or U8" });
            };
            let wanted = entry
                .shape
                .iter()
                .try_fold(*element, |product: usize, &size| product.checked_mul(size))
                .ok_or_else(|| FileError::Overflow { tensor: tensor.clone() })?;
            let (start, end) = entry.data_offsets;
            let found = end.saturating_sub(start);
            if found != wanted {
                return Err(FileError::Size { tensor: tensor.clone(), found, wanted });
            }
        }
        Ok(())
    }

    fn check_tiling(&self) -> Result<(), FileError> {
        let mut by_offset: Vec<_> = self.entries.iter().map(|(name, entry)| (entry.data_offsets, name)).collect();
        by_offset.sort();
        let mut wanted = 0;
        for ((start, end), name) in by_offset {
            // An end before its start is left only for a tensor without elements.
            if start != wanted || end < start {
                return Err(FileError::Offsets { tensor: name.clone(), start, end, wanted });
            }
            wanted = end;
        }
        let found = self.data.len();
        match found.checked_sub(wanted) {
            Some(0) => Ok(()),
            Some(excess) => Err(FileError::TrailingBytes { excess }),
            None => Err(FileError::Truncated { wanted, found }),
        }
    }

    pub fn contains(&self, name: &str) -> bool {
        self.entries.contains_key(name)
    }

    /// Header and bytes of a tensor, each tensor once.
    fn take(&mut self, name: &str, rank: usize) -> Result<(Entry, &'a [u8]), FileError> {
        let tensor = || name.to_string();
        let entry = self.entries.remove(name).ok_or_else(|| FileError::Missing { tensor: tensor() })?;
        if entry.shape.len() != rank {
            return Err(FileError::Rank { tensor: tensor(), found: entry.shape.len(), wanted: rank });
        }
        let bytes = &self.data[entry.data_offsets.0..entry.data_offsets.1];
        Ok((entry, bytes))
    }

    pub fn take_bytes(&mut self, name: &str) -> Result<&'a [u8], FileError> {
        let (entry, bytes) = self.take(name, 1)?;
        if entry.dtype == "U8" { Ok(bytes) } else { Err(entry.misfit(name, "U8")) }
    }

    /// Places in a matrix. What is none, negative or too large, comes out as one that lies outside of every matrix.
    pub fn take_places(&mut self, name: &str) -> Result<Vec<u32>, FileError> {
        let (entry, bytes) = self.take(name, 1)?;
        let none = u32::MAX;
        match entry.dtype.as_str() {
            "U32" => Ok(elements(bytes, u32::from_le_bytes)),
            "I32" => Ok(elements(bytes, |word| i32::from_le_bytes(word).try_into().unwrap_or(none))),
            "I64" => Ok(elements(bytes, |word| i64::from_le_bytes(word).try_into().unwrap_or(none))),
            _ => Err(entry.misfit(name, PLACES)),
        }
    }

    /// Row-major values, rounded to `f32`, and their shape.
    pub fn take_numbers(&mut self, name: &str, rank: usize) -> Result<(Vec<usize>, Vec<f32>), FileError> {
        let (entry, bytes) = self.take(name, rank)?;
        let values = match entry.dtype.as_str() {
            "F32" => elements(bytes, f32::from_le_bytes),
            "F16" => elements(bytes, |word| f16::from_le_bytes(word).to_f32()),
            "BF16" => elements(bytes, |word| bf16::from_le_bytes(word).to_f32()),
            "F64" => elements(bytes, |word| f64::from_le_bytes(word) as f32),
            _ => return Err(entry.misfit(name, NUMBERS)),
        };
        Ok((entry.shape, values))
    }

    /// The first tensor that nobody has taken.
    pub fn left_over(self) -> Option<String> {
        self.entries.into_keys().next()
    }
}

impl Entry {
    fn misfit(self, name: &str, wanted: &'static str) -> FileError {
        FileError::Type { tensor: name.to_string(), found: self.dtype, wanted }
    }
}

/// Elements of `N` bytes each.
fn elements<T, const N: usize>(bytes: &[u8], element: impl Fn([u8; N]) -> T) -> Vec<T> {
    bytes.as_chunks().0.iter().map(|bytes| element(*bytes)).collect()
}

/// The header as JSON, with the first name that stands there twice.
#[derive(Default)]
struct JsonHeader {
    metadata: BTreeMap<String, String>,
    entries: BTreeMap<String, Entry>,
    duplicate: Option<String>,
}

impl<'de> Deserialize<'de> for JsonHeader {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<JsonHeader, D::Error> {
        struct HeaderVisitor;

        impl<'de> Visitor<'de> for HeaderVisitor {
            type Value = JsonHeader;

            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("an object of tensors")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<JsonHeader, M::Error> {
                let mut header = JsonHeader::default();
                let mut has_metadata = false;
                while let Some(name) = map.next_key::<String>()? {
                    let is_new = if name == "__metadata__" {
                        header.metadata = map.next_value()?;
                        !std::mem::replace(&mut has_metadata, true)
                    } else {
                        header.entries.insert(name.clone(), map.next_value()?).is_none()
                    };
                    if !is_new && header.duplicate.is_none() {
                        header.duplicate = Some(name);
                    }
                }
                Ok(header)
            }
        }

        deserializer.deserialize_map(HeaderVisitor)
    }
}
