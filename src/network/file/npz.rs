//! A network as an npz file: every tensor of the safetensors file by the same name; `superpose` is the JSON of its
//! metadata, as an array of one string and no dimension.

use super::document::{Document, json};
use super::entry::{Entry, Values};
use super::error::METADATA_KEY;
use super::format::Format;
use crate::network::Network;
use crate::npz::{Archive, Dtype, MAGIC};

pub(super) const NPZ: Format = Format {
    name: "npz",
    summary: "the arrays of a safetensors file by the same names, for numpy.load alone",
    has_batch: false,
    write: |network, _| Ok(write(network)),
    read: None,
    begins_so: |bytes| bytes.starts_with(MAGIC),
};

fn write(network: &Network) -> Vec<u8> {
    let mut archive = Archive::default();
    archive.add_text(METADATA_KEY, &json(&Document::of(network)));
    for (name, entry) in Entry::each_of(network) {
        let dtype = match entry.values {
            Values::F32(_) | Values::Stacked(_) => Dtype::F32,
            Values::Places(_) => Dtype::I32,
            Values::U8(_) => Dtype::U8,
        };
        archive.add(&name, dtype, &entry.shape, &entry.data());
    }
    archive.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::example;

    #[test]
    fn the_same_network_is_the_same_bytes() {
        for network in [example::stacked(), example::stored(), example::residual()] {
            let bytes = write(&network);
            assert_eq!(write(&network), bytes);
            assert!((NPZ.begins_so)(&bytes));
        }
    }
}
