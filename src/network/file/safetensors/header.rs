//! The frame of a safetensors file: eight bytes of length, a JSON header, and data that its tensors tile exactly.
//!
//! Knows the format (<https://github.com/huggingface/safetensors>), nothing of networks. Every offset has been checked
//! when `Tensors::new` returns, so that what follows cannot reach outside the data.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};

use crate::network::file::error::FileError;

/// As in the reference implementation.
const LONGEST_HEADER: u64 = 100_000_000;

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
            let element = match entry.dtype.as_str() {
                "F32" | "U32" => 4,
                "U8" => 1,
                found => {
                    let (tensor, found) = (tensor.clone(), found.to_string());
                    return Err(FileError::Type { tensor, found, wanted: "F32, U32 or U8" });
                }
            };
            let wanted = entry
                .shape
                .iter()
                .try_fold(element, |product: usize, &size| product.checked_mul(size))
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

    /// Shape and bytes of a tensor, each tensor once.
    fn take(&mut self, name: &str, dtype: &'static str, rank: usize) -> Result<(Vec<usize>, &'a [u8]), FileError> {
        let tensor = || name.to_string();
        let entry = self.entries.remove(name).ok_or_else(|| FileError::Missing { tensor: tensor() })?;
        if entry.dtype != dtype {
            return Err(FileError::Type { tensor: tensor(), found: entry.dtype, wanted: dtype });
        }
        if entry.shape.len() != rank {
            return Err(FileError::Rank { tensor: tensor(), found: entry.shape.len(), wanted: rank });
        }
        Ok((entry.shape, &self.data[entry.data_offsets.0..entry.data_offsets.1]))
    }

    pub fn take_bytes(&mut self, name: &str) -> Result<&'a [u8], FileError> {
        Ok(self.take(name, "U8", 1)?.1)
    }

    pub fn take_u32(&mut self, name: &str) -> Result<Vec<u32>, FileError> {
        let (_, bytes) = self.take(name, "U32", 1)?;
        Ok(words(bytes).map(u32::from_le_bytes).collect())
    }

    /// Row-major values and shape.
    pub fn take_f32(&mut self, name: &str, rank: usize) -> Result<(Vec<usize>, Vec<f32>), FileError> {
        let (shape, bytes) = self.take(name, "F32", rank)?;
        Ok((shape, words(bytes).map(f32::from_le_bytes).collect()))
    }

    /// The first tensor that nobody has taken.
    pub fn left_over(self) -> Option<String> {
        self.entries.into_keys().next()
    }
}

fn words(bytes: &[u8]) -> impl ExactSizeIterator<Item = [u8; 4]> {
    bytes.chunks_exact(4).map(|word| [word[0], word[1], word[2], word[3]])
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
