//! `Network::to_bytes`: the same bytes for the same network, always.

use std::borrow::Cow;
use std::collections::HashMap;

use safetensors::tensor::{Dtype, View};
use serde::{Deserialize, Serialize};

use crate::network::Network;
use crate::network::file::document::{Document, json};
use crate::network::file::entry::{Entry, Values};
use crate::network::file::error::{FORMAT, METADATA_KEY};

/// Longer metadata go to the tensor `metadata`: the format caps headers at 100 MB.
const LONGEST_METADATA_IN_HEADER: usize = 16 << 20;

/// What stands in the header instead, when the document is in a tensor.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Pointer {
    pub(super) format: u32,
    pub(super) in_tensor: String,
}

impl Network {
    /// The network as a safetensors file: see the table at the head of this folder.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.to_bytes_with(LONGEST_METADATA_IN_HEADER)
    }

    pub(super) fn to_bytes_with(&self, longest_metadata: usize) -> Vec<u8> {
        let document = json(&Document::of(self));
        let mut entries = Entry::each_of(self);
        let metadata = if document.len() <= longest_metadata {
            document.clone()
        } else {
            entries.push(("metadata".into(), Entry::bytes(document.as_bytes())));
            json(&Pointer { format: FORMAT, in_tensor: "metadata".into() })
        };
        // The crate orders tensors by type and name, and a map of one entry has one order: so the bytes are fixed.
        let metadata = HashMap::from([(METADATA_KEY.to_string(), metadata)]);
        safetensors::serialize(entries, Some(metadata)).expect("long metadata went to a tensor, so the header is short")
    }
}

impl View for Entry<'_> {
    fn dtype(&self) -> Dtype {
        match self.values {
            Values::F32(_) | Values::Stacked(_) => Dtype::F32,
            Values::Places(_) => Dtype::I32,
            Values::U8(_) => Dtype::U8,
        }
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        self.data()
    }

    fn data_len(&self) -> usize {
        self.n_bytes()
    }
}
