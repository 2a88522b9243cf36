//! What signals are called. Must not know what a signal is.

/// Names by signal, in one string.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Names {
    text: String,
    ends: Vec<u32>,
}

impl Names {
    pub fn push(&mut self, name: &str) {
        self.text.push_str(name);
        self.ends.push(self.text.len() as u32);
    }
    pub fn get(&self, index: usize) -> &str {
        let start = if index == 0 { 0 } else { self.ends[index - 1] as usize };
        &self.text[start..self.ends[index] as usize]
    }
    /// Of all names together.
    pub fn n_bytes(&self) -> usize {
        self.text.len()
    }
    pub fn len(&self) -> usize {
        self.ends.len()
    }
    /// Keeps the first `n`.
    pub fn truncate(&mut self, n: usize) {
        self.ends.truncate(n);
        self.text.truncate(self.ends.last().map_or(0, |&end| end as usize));
    }
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }
}
