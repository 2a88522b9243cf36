//! Messages of protocol buffers, written field by field in the order in which they are given.
//!
//! The wire format is the one that <https://protobuf.dev/programming-guides/encoding> describes, as far as it is
//! needed: numbers as variable-length integers, and whatever has a length. Must not know what a message says.

/// A message as its bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Message(Vec<u8>);

/// How a field is written: what stands behind its tag.
const VARINT: u64 = 0;
const LENGTH: u64 = 2;

impl Message {
    pub fn new() -> Message {
        Message::default()
    }

    /// An integer that is not negative.
    pub fn number(mut self, field: u32, number: u64) -> Message {
        self.varint(u64::from(field) << 3 | VARINT);
        self.varint(number);
        self
    }

    pub fn bytes(mut self, field: u32, bytes: &[u8]) -> Message {
        self.varint(u64::from(field) << 3 | LENGTH);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
        self
    }

    pub fn text(self, field: u32, text: &str) -> Message {
        self.bytes(field, text.as_bytes())
    }

    pub fn message(self, field: u32, message: Message) -> Message {
        self.bytes(field, &message.0)
    }

    /// A field that is given once for each item.
    pub fn each<T>(self, items: &[T], write: impl Fn(Message, &T) -> Message) -> Message {
        items.iter().fold(self, write)
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// Seven bits a byte, the lowest first; all but the last byte have their highest bit set.
    fn varint(&mut self, mut number: u64) {
        while number > 0x7f {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_stand_as_the_specification_shows_them() {
        // Its own examples: field 1 is 150, field 2 is "testing", field 3 is a message.
        let inner = Message::new().number(1, 150);
        assert_eq!(inner.clone().into_bytes(), [0x08, 0x96, 0x01]);
        assert_eq!(Message::new().text(2, "testing").into_bytes()[..3], [0x12, 0x07, b't']);
        assert_eq!(Message::new().message(3, inner).into_bytes(), [0x1a, 0x03, 0x08, 0x96, 0x01]);
    }

    #[test]
    fn every_number_is_as_long_as_it_needs() {
        for bits in 0..64 {
            let length = Message::new().number(1, 1 << bits).into_bytes().len();
            assert_eq!(length, 2 + bits / 7, "2^{bits}");
        }
    }
}
