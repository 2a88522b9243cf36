//! npz files, which `numpy.load` reads without pickle: an archive with an array in each member.
//!
//! The archive is left to the `zip` crate; the head of an array is that of
//! <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>, version 1.0. The same arrays are the same
//! bytes: nothing in an archive tells when it was made. Must not know what an array holds.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// What every archive begins with.
pub const MAGIC: &[u8] = b"PK\x03\x04";

/// Where the values of an array begin: at a multiple of this.
const ALIGNMENT: usize = 64;

/// What the values of an array are, lowest byte first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dtype {
    F32,
    I32,
    U8,
}

/// Arrays in memory.
pub struct Archive(ZipWriter<Cursor<Vec<u8>>>);

impl Default for Archive {
    fn default() -> Archive {
        Archive(ZipWriter::new(Cursor::new(Vec::new())))
    }
}

impl Archive {
    /// Adds an array, row by row. Panics if there is one of this name.
    pub fn add(&mut self, name: &str, dtype: Dtype, shape: &[usize], values: &[u8]) {
        let dtype = match dtype {
            Dtype::F32 => "<f4",
            Dtype::I32 => "<i4",
            Dtype::U8 => "|u1",
        };
        self.add_member(name, &head(dtype, shape), values);
    }

    /// Adds an array of one string and no dimension.
    pub fn add_text(&mut self, name: &str, text: &str) {
        let letters: Vec<u8> = text.chars().flat_map(|letter| u32::from(letter).to_le_bytes()).collect();
        self.add_member(name, &head(&format!("<U{}", letters.len() / 4), &[]), &letters);
    }

    pub fn finish(self) -> Vec<u8> {
        self.0.finish().expect("memory takes what it is given").into_inner()
    }

    fn add_member(&mut self, name: &str, head: &[u8], values: &[u8]) {
        const LARGE: usize = 1 << 31;
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .last_modified_time(DateTime::default())
            .large_file(values.len() >= LARGE);
        self.0.start_file(format!("{name}.npy"), options).expect("names are distinct and short");
        self.0.write_all(head).and_then(|()| self.0.write_all(values)).expect("memory takes what it is given");
    }
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
}
