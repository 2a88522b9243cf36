//! VNN-LIB read back: which inputs and outputs satisfy a question. Must not know who wrote it.

/// A bound on an element.
#[derive(Debug, Clone, PartialEq)]
struct Bound {
    /// `X` or `Y`.
    tensor: char,
    idx: usize,
    is_most: bool,
    bound: f64,
}

/// Each must be satisfied by one bound of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Question(Vec<Vec<Bound>>);

impl Question {
    /// Of either version: `X_3` and `X[0,3]` are the same.
    pub fn read(text: &str) -> Question {
        let lines = text.lines().filter(|line| line.starts_with("(assert"));
        Question(lines.map(|line| bounds(&line.replace("[0,", "_").replace(']', ""))).collect())
    }

    pub fn is_satisfied(&self, x: &[f64], y: &[f64]) -> bool {
        let holds = |bound: &Bound| {
            let value = if bound.tensor == 'X' { x[bound.idx] } else { y[bound.idx] };
            if bound.is_most { value <= bound.bound } else { value >= bound.bound }
        };
        self.0.iter().all(|any| any.iter().any(holds))
    }
}

fn bounds(line: &str) -> Vec<Bound> {
    let words: Vec<&str> = line.split(['(', ')', ' ']).filter(|word| !word.is_empty()).collect();
    let comparisons = words.windows(3).filter(|words| ["<=", ">="].contains(&words[0]));
    let bounds = comparisons.map(|words| {
        let (tensor, idx) = words[1].split_once('_').unwrap();
        Bound {
            tensor: tensor.parse().unwrap(),
            idx: idx.parse().unwrap(),
            is_most: words[0] == "<=",
            bound: words[2].parse().unwrap(),
        }
    });
    bounds.collect()
}
