//! The first line of AIGER. Must not know what follows it.

/// The counts of the first line: `aag M I L O A`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Header {
    pub max_variable: u64,
    pub inputs: u64,
    pub latches: u64,
    pub outputs: u64,
    pub ands: u64,
    /// Bad states, constraints, justice and fairness, which only model checkers know.
    pub others: u64,
}

impl Header {
    /// Reads what follows the first word; says what is wrong.
    pub fn read(line: &str) -> Result<Header, String> {
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

    pub fn n_signals(&self) -> u64 {
        self.inputs + self.latches + self.outputs + self.ands
    }
}

pub(super) fn not_a_number(word: &str) -> String {
    format!("`{}` is no count", crate::text::shortened(&crate::text::shown(word), 20))
}
