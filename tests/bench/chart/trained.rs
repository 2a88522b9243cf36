//! Networks that were trained instead: the files that `peers/train_torch.py --csv` writes, a network a row.

use std::path::Path;

/// The names of the columns, which are the head of a file.
const HEAD: &str = "circuit,width,seconds,epsilon,reliability,inputs";

pub struct Trained {
    /// The name of the circuit.
    pub circuit: String,
    pub width: u32,
    /// Of one core.
    pub seconds: f64,
    /// On 99 % of the inputs every read-off is within so much; `None` where it was not measured.
    pub epsilon: Option<f64>,
    pub reliability: f64,
    pub inputs: u64,
}

/// By circuit, and then by width. Without the file there are none.
pub fn read(path: &Path) -> Vec<Trained> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let mut lines = text.lines();
    assert!(lines.next().is_none_or(|head| head == HEAD), "{} begins with {HEAD}", path.display());
    let mut all: Vec<Trained> = lines.map(|line| row(line).unwrap_or_else(|| panic!("a row: {line}"))).collect();
    all.sort_by(|a, b| (&a.circuit, a.width).cmp(&(&b.circuit, b.width)));
    all
}

fn row(line: &str) -> Option<Trained> {
    let [circuit, width, seconds, epsilon, reliability, inputs] =
        line.split(',').collect::<Vec<_>>().try_into().ok()?;
    Some(Trained {
        circuit: circuit.to_string(),
        width: width.parse().ok()?,
        seconds: seconds.parse().ok()?,
        epsilon: if epsilon.is_empty() { None } else { Some(epsilon.parse().ok()?) },
        reliability: reliability.parse().ok()?,
        inputs: inputs.parse().ok()?,
    })
}
