//! Influence: how many gates of a layer read an input, and the three cases of Adler and Shavit 2024 ("On the complexity
//! of neural computation in superposition") that follow from it.
//!
//! An input is of low influence if at most m'^{1/4} of the layer's m' gates read it. A gate of such inputs alone
//! chooses neurons of its own (an *output* channel), one of other inputs alone is read where the codes of its inputs
//! meet (*input* channels), and one of both chooses inside the codes of the inputs of high influence. Worked out from
//! abstracts, not read in the paper. Must not know what a network makes of it.

use serde::Serialize;

use super::{Circuit, GateId, Signal};

/// Which channels a gate is computed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Case {
    /// All of its inputs are of low influence.
    Output,
    /// Some of them are.
    Mixed,
    /// None of them is.
    Input,
}

/// How many gates fall into each case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Cases {
    pub output: u64,
    pub mixed: u64,
    pub input: u64,
}

impl FromIterator<Case> for Cases {
    fn from_iter<I: IntoIterator<Item = Case>>(cases: I) -> Cases {
        let mut counts = Cases::default();
        for case in cases {
            *match case {
                Case::Output => &mut counts.output,
                Case::Mixed => &mut counts.mixed,
                Case::Input => &mut counts.input,
            } += 1;
        }
        counts
    }
}

/// The influence of what a layer's gates read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Influence {
    /// Signals that any gate reads, ascending, and how many do. A gate that reads one twice is one reader.
    readers: Vec<(Signal, u32)>,
    n_gates: u32,
}

impl Influence {
    pub fn of(circuit: &Circuit, layer_idx: usize) -> Influence {
        let gates = circuit.layers[layer_idx].gates.clone();
        let n_gates = gates.len() as u32;
        let mut read: Vec<Signal> = gates.flat_map(|gate| circuit.signals_read(GateId(gate))).collect();
        read.sort_unstable();
        let readers = read.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as u32)).collect();
        Influence { readers, n_gates }
    }

    /// By signal that any gate reads.
    pub fn counts(&self) -> impl Iterator<Item = u32> + '_ {
        self.readers.iter().map(|entry| entry.1)
    }

    /// Whether more than m'^{1/4} gates read the signal.
    pub fn is_high(&self, signal: Signal) -> bool {
        let place = self.readers.binary_search_by_key(&signal, |entry| entry.0);
        place.is_ok_and(|place| u128::from(self.readers[place].1).pow(4) > u128::from(self.n_gates))
    }

    /// The case of a gate that reads these. One that reads nothing has nothing but its own channel.
    pub fn case(&self, signals: &[Signal]) -> Case {
        let n_high = signals.iter().filter(|&&signal| self.is_high(signal)).count();
        match n_high {
            0 => Case::Output,
            n if n == signals.len() => Case::Input,
            _ => Case::Mixed,
        }
    }
}

impl Circuit {
    /// By gate of a layer.
    pub fn cases(&self, layer_idx: usize) -> Vec<Case> {
        let influence = Influence::of(self, layer_idx);
        let gates = self.layers[layer_idx].gates.clone();
        gates.map(|gate| influence.case(&self.signals_read(GateId(gate)))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::{Distribution, Kind, Literal, by_hand};

    fn on(signal: u32) -> Literal {
        Literal::new(Signal(signal), false)
    }

    /// Sixteen gates: two readers are few, three are many.
    fn circuit() -> Circuit {
        let pair = |a, b| (Kind::And, vec![on(a), on(b)]);
        let mut gates: Vec<_> = (0..10).map(|i| pair(2 * i + 10, 2 * i + 11)).collect();
        // Features 0 and 1 have three and four readers, feature 2 has two; a repeated operand counts once.
        gates.extend([pair(0, 1), pair(0, 2), pair(0, 30), pair(1, 2)]);
        gates.extend([(Kind::And, vec![on(1), on(31), on(31)]), pair(1, 32)]);
        by_hand::circuit(33, &[gates], Distribution::default())
    }

    #[test]
    fn a_gate_is_routed_by_how_many_gates_read_what_it_reads() {
        let circuit = circuit();
        assert_eq!(circuit.n_gates(), 16);
        let cases = circuit.cases(0);
        assert!(cases[..10].iter().all(|&case| case == Case::Output));
        assert_eq!(cases[10..], [Case::Input, Case::Mixed, Case::Mixed, Case::Mixed, Case::Mixed, Case::Mixed]);
        assert_eq!(cases.into_iter().collect::<Cases>(), Cases { output: 10, mixed: 5, input: 1 });
    }

    #[test]
    fn the_fourth_root_itself_is_low() {
        let influence = Influence::of(&circuit(), 0);
        assert_eq!([0, 1, 2, 31, 3].map(|signal| influence.is_high(Signal(signal))), [true, true, false, false, false]);
        assert_eq!(influence.counts().max(), Some(4));
    }
}
