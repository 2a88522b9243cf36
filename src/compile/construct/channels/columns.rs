//! The columns of C while they grow.

use crate::network::matrix::SparseMatrix;

/// By signal, (neuron, weight) ascending.
pub struct Columns {
    neurons_of: Vec<Vec<(u32, f32)>>,
}

impl Columns {
    pub fn new(n_signals: usize) -> Columns {
        Columns { neurons_of: vec![Vec::new(); n_signals] }
    }

    /// Whether the neuron can take the weights: a signal enters a neuron with one weight only.
    pub fn admits(&self, neuron: u32, weights: &[(u32, f32)]) -> bool {
        weights.iter().all(|&(column, weight)| {
            let neurons = &self.neurons_of[column as usize];
            neurons.binary_search_by_key(&neuron, |entry| entry.0).map_or(true, |place| neurons[place].1 == weight)
        })
    }

    pub fn join(&mut self, neuron: u32, weights: &[(u32, f32)]) {
        for &(column, weight) in weights {
            let neurons = &mut self.neurons_of[column as usize];
            if let Err(place) = neurons.binary_search_by_key(&neuron, |entry| entry.0) {
                neurons.insert(place, (neuron, weight));
            }
        }
    }

    /// C: [n, signals].
    pub fn into_compute(self, n: usize) -> SparseMatrix {
        let mut rows: Vec<Vec<(u32, f32)>> = vec![Vec::new(); n];
        for (column, neurons) in self.neurons_of.iter().enumerate() {
            for &(neuron, weight) in neurons {
                rows[neuron as usize].push((column as u32, weight));
            }
        }
        let mut compute = SparseMatrix::with_columns(self.neurons_of.len());
        for row in rows {
            compute.push_row(row);
        }
        compute
    }
}
