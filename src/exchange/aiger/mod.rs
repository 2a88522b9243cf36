//! AIGER: circuits of two-input ANDs and inverters, in ASCII and in bytes, without latches.
//!
//! Literals are numbers: twice a variable, and one more where it is negated; 0 is off, 1 on. The bytes are read as the
//! ASCII form that says the same. Source: A. Biere, "The AIGER And-Inverter Graph (AIG) Format", 2007; A. Biere,
//! K. Heljanko, S. Wieringa, "AIGER 1.9 and beyond", 2011.

mod ands;
mod binary;
mod read;
mod write;

pub use binary::Broken;
pub(super) use binary::ascii;
pub(super) use read::read;
pub(super) use write::{to_ascii, to_binary};

/// The counts of the first line: `aag M I L O A`.
#[derive(Debug, Clone, Copy)]
struct Header {
    max_variable: u64,
    inputs: u64,
    latches: u64,
    outputs: u64,
    ands: u64,
    /// Bad states, constraints, justice and fairness, which only model checkers know.
    others: u64,
}

impl Header {
    /// Reads what follows the first word; says what is wrong.
    fn read(line: &str) -> Result<Header, String> {
        let words: Vec<&str> = line.split_ascii_whitespace().skip(1).collect();
        if !(5..=9).contains(&words.len()) {
            return Err(format!("has {} numbers, and not the 5 of M I L O A", words.len()));
        }
        let mut counts = [0_u64; 9];
        for (count, word) in counts.iter_mut().zip(&words) {
            let digits = word.bytes().all(|byte| byte.is_ascii_digit()) && word.len() <= 18;
            *count = if digits { word.parse().map_err(|_| "is no number")? } else { return Err(not_a_number(word)) };
        }
        let [max_variable, inputs, latches, outputs, ands, others @ ..] = counts;
        Ok(Header { max_variable, inputs, latches, outputs, ands, others: others.iter().sum() })
    }

    fn n_signals(&self) -> u64 {
        self.inputs + self.latches + self.outputs + self.ands
    }
}

fn not_a_number(word: &str) -> String {
    format!("`{}` is no count", crate::text::shortened(&crate::text::shown(word), 20))
}
