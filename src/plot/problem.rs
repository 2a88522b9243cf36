//! Why there is no picture.

/// What is wrong, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file, and a line and a column of it, from 1, in characters.
    pub place: Option<(String, usize, usize)>,
    pub message: String,
    pub help: Option<String>,
}

impl Problem {
    pub fn new(message: impl Into<String>) -> Problem {
        Problem { place: None, message: message.into(), help: None }
    }

    pub fn at(file: &str, line: usize, column: usize, message: impl Into<String>) -> Problem {
        Problem { place: Some((file.to_owned(), line, column)), ..Problem::new(message) }
    }

    pub fn help(self, help: impl Into<String>) -> Problem {
        Problem { help: Some(help.into()), ..self }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match &self.place {
            Some((file, line, column)) => write!(f, "{file}:{line}:{column}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}
