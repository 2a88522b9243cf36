//! The bytes of AIGER as its ASCII form. Must not know what a netlist is.

use std::fmt::Write;

use super::header::Header;
use crate::exchange::netlist::MAX_SIGNALS;

/// What is wrong with bytes, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    pub offset: usize,
    pub fact: String,
}

fn broken(offset: usize, fact: impl Into<String>) -> Broken {
    Broken { offset, fact: fact.into() }
}

/// What is not read yet.
struct Rest<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Rest<'a> {
    /// A line, without its end.
    fn line(&mut self) -> Result<&'a str, Broken> {
        let rest = &self.bytes[self.at..];
        let end = rest.iter().position(|&byte| byte == b'\n').ok_or_else(|| broken(self.at, "the line has no end"))?;
        let line = std::str::from_utf8(&rest[..end]).map_err(|_| broken(self.at, "the line is no text"))?;
        self.at += end + 1;
        Ok(line)
    }

    /// A number in groups of seven bits, the lowest first.
    fn number(&mut self) -> Result<u64, Broken> {
        let start = self.at;
        let mut number = 0;
        for shift in (0..35).step_by(7) {
            let byte = *self.bytes.get(self.at).ok_or_else(|| broken(self.at, "the file ends within the ANDs"))?;
            self.at += 1;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(broken(start, "a number of more than five bytes"))
    }
}

/// The same circuit in ASCII; of what is ASCII already, or no AIGER, nothing.
///
/// # Errors
/// What is no circuit, or too large a one.
pub fn ascii(bytes: &[u8]) -> Result<Option<String>, Broken> {
    if !bytes.starts_with(b"aig ") {
        return Ok(None);
    }
    let mut rest = Rest { bytes, at: 0 };
    let header = Header::read(rest.line()?).map_err(|fact| broken(0, format!("the first line {fact}")))?;
    let Header { max_variable, inputs, latches, outputs, ands, .. } = header;
    if header.n_signals() > MAX_SIGNALS as u64 {
        return Err(broken(
            0,
            format!("inputs, latches, outputs and ANDs are {}, and {MAX_SIGNALS} are the limit", header.n_signals()),
        ));
    }
    if max_variable != inputs + latches + ands {
        return Err(broken(0, "the first line counts M variables, and not as many inputs, latches and ANDs"));
    }
    let mut text = String::new();
    let line = std::str::from_utf8(&bytes[4..rest.at]).expect("it was read as text");
    let _ = write!(text, "aag {line}");
    if header.others > 0 {
        // Refused by the first line, whatever follows.
        return Ok(Some(text));
    }
    (1..=inputs).for_each(|variable| text.push_str(&format!("{}\n", 2 * variable)));
    for latch in 0..latches {
        let _ = writeln!(text, "{} {}", 2 * (inputs + latch + 1), rest.line()?);
    }
    for _ in 0..outputs {
        let _ = writeln!(text, "{}", rest.line()?);
    }
    for and in 0..ands {
        let start = rest.at;
        let target = 2 * (inputs + latches + and + 1);
        let first = target.checked_sub(rest.number()?).filter(|&first| first < target);
        let first = first.ok_or_else(|| broken(start, format!("the AND {target} reads what is not below it")))?;
        let second = first.checked_sub(rest.number()?);
        let second = second.ok_or_else(|| broken(start, format!("the AND {target} has a negative operand")))?;
        let _ = writeln!(text, "{target} {first} {second}");
    }
    text.push_str(&String::from_utf8_lossy(&bytes[rest.at..]));
    Ok(Some(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_the_ascii_that_says_the_same() {
        let half_adder = b"aig 5 2 0 2 3\n10\n6\n\x02\x02\x03\x02\x01\x02i0 x\n";
        let text = "aag 5 2 0 2 3\n2\n4\n10\n6\n6 4 2\n8 5 3\n10 9 7\ni0 x\n";
        assert_eq!(ascii(half_adder).unwrap().unwrap(), text);
        assert_eq!(ascii(text.as_bytes()).unwrap(), None);
    }

    #[test]
    fn what_is_cut_short_or_lies_is_named_by_its_byte() {
        let check = |bytes: &[u8], offset: usize| assert_eq!(ascii(bytes).unwrap_err().offset, offset, "{bytes:?}");
        check(b"aig 5 2 0 2 3\n10\n6\n\x02\x02\x03", 22);
        check(b"aig 3 2 0 0 1\n\x00\x00", 14);
        check(b"aig 3 2 0 0 1\n\x01\x07", 14);
        check(b"aig 3 2 0 0 1\n\xff\xff\xff\xff\xff\xff", 14);
        check(b"aig 4 2 0 0 1\n\x01\x01", 0);
        check(b"aig 1152921504606 1152921504606 0 0 0\n", 0);
        check(b"aig 3 2", 0);
    }
}
