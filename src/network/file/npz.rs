//! A network as an npz file, which `numpy.load` reads without pickle: an archive with an array in each member.
//!
//! Every tensor of the safetensors file is there by the same name; `superpose` is the JSON of its metadata, as an array
//! of one string and no dimension. The archive is left to the `zip` crate; the head of an array is that of
//! <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>, version 1.0.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::document::{Document, json};
use super::entry::{Entry, Values};
use super::error::METADATA_KEY;
use super::format::Format;
use crate::network::Network;

pub(super) const NPZ: Format = Format {
    name: "npz",
    summary: "the arrays of a safetensors file by the same names, for numpy.load alone",
    has_batch: false,
    write: |network, _| Ok(write(network)),
    read: None,
    begins_so: |bytes| bytes.starts_with(b"PK\x03\x04"),
};

/// Where the values of an array begin: at a multiple of this.
const ALIGNMENT: usize = 64;

fn write(network: &Network) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let document = json(&Document::of(network));
    let letters: Vec<u8> = document.chars().flat_map(|letter| u32::from(letter).to_le_bytes()).collect();
    add(&mut archive, METADATA_KEY, &head(&format!("<U{}", letters.len() / 4), &[]), &letters);
    for (name, entry) in Entry::each_of(network) {
        let dtype = match entry.values {
            Values::F32(_) => "<f4",
            Values::Places(_) => "<i4",
            Values::U8(_) => "|u1",
        };
        add(&mut archive, &name, &head(dtype, &entry.shape), &entry.data());
    }
    archive.finish().expect("memory takes what it is given").into_inner()
}

/// Adds an array. Nothing in an archive tells when it was made.
fn add(archive: &mut ZipWriter<Cursor<Vec<u8>>>, name: &str, head: &[u8], values: &[u8]) {
    const LARGE: usize = 1 << 31;
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default())
        .large_file(values.len() >= LARGE);
    archive.start_file(format!("{name}.npy"), options).expect("names are distinct and short");
    archive.write_all(head).and_then(|()| archive.write_all(values)).expect("memory takes what it is given");
}

/// What stands before the values of an array.
fn head(dtype: &str, shape: &[usize]) -> Vec<u8> {
    // A tuple of one has a comma behind it, and so may any other.
    let shape: String = shape.iter().map(|size| format!("{size}, ")).collect();
    let described = format!("{{'descr': '{dtype}', 'fortran_order': False, 'shape': ({}), }}", shape.trim_end());
    // What goes before it, and the line's end behind it.
    let padded = (10 + described.len() + 1).next_multiple_of(ALIGNMENT) - 11;
    let length = u16::try_from(padded + 1).expect("two dimensions have few digits");
    [b"\x93NUMPY\x01\x00", &length.to_le_bytes()[..], format!("{described:padded$}\n").as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::example;

    #[test]
    fn the_head_of_an_array_is_as_numpy_writes_it() {
        let text = |head: Vec<u8>| String::from_utf8_lossy(&head[10..]).trim_end().to_owned();
        assert_eq!(text(head("<f4", &[3, 2])), "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2,), }");
        assert_eq!(text(head("|u1", &[7])), "{'descr': '|u1', 'fortran_order': False, 'shape': (7,), }");
        assert_eq!(text(head("<U5", &[])), "{'descr': '<U5', 'fortran_order': False, 'shape': (), }");
        for size in [1, 10, 100, 1 << 40] {
            let head = head("<f4", &[size; 2]);
            assert_eq!((head.len() % ALIGNMENT, head.last()), (0, Some(&b'\n')));
            assert_eq!(usize::from(u16::from_le_bytes([head[8], head[9]])), head.len() - 10);
        }
    }

    #[test]
    fn the_same_network_is_the_same_bytes() {
        for network in [example::stacked(), example::stored()] {
            let bytes = write(&network);
            assert_eq!(write(&network), bytes);
            assert!((NPZ.begins_so)(&bytes));
        }
    }
}
