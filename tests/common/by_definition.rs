//! A second evaluator, one input and one gate at a time, in f64, by the definitions alone: what is true by the kind of
//! each gate, what is read by h = relu(W h + b) and r = R h + r₀ from the tensors of the network, or by
//! x + W_out relu(W_in x + b) + b_out and r = R x + r₀ where layers add to a stream.
//!
//! Too simple to be wrong, too slow for anything else. Must not use the forward pass, the truth in words of 64, nor the
//! figures of the library.

use ndarray::Array2;
use superpose::circuit::{Circuit, GateId, Inputs, Signal};
use superpose::network::Network;
use superpose::network::tensor::Tensor;

/// The stored value of every signal on one input, features first.
pub fn truth(circuit: &Circuit, active: &[u32]) -> Vec<bool> {
    let mut stored: Vec<bool> = (0..circuit.n_features).map(|feature| active.contains(&feature)).collect();
    for (gate, gate_idx) in circuit.gates.iter().zip(0..) {
        let operands = circuit.operands(GateId(gate_idx)).iter();
        let values = operands.map(|operand| stored[operand.signal().0 as usize] != operand.negated());
        let written = gate.kind.value(values);
        stored.push(written != gate.complemented);
    }
    stored
}

/// The tensors of a network by their names in its file, each as a plain matrix of f64.
pub struct Tensors(Vec<(String, Array2<f64>)>);

impl Tensors {
    pub fn of(network: &Network) -> Tensors {
        let plain = |tensor: Tensor| match tensor {
            Tensor::Dense(dense) => dense.mapv(f64::from),
            Tensor::Matrix(matrix) => matrix.to_dense().mapv(f64::from),
            Tensor::Vector(vector) => Array2::from_shape_fn((vector.len(), 1), |(row, _)| f64::from(vector[row])),
        };
        Tensors(network.tensors().into_iter().map(|(name, tensor)| (name, plain(tensor))).collect())
    }

    pub fn get(&self, name: &str) -> Option<&Array2<f64>> {
        self.0.iter().find(|tensor| tensor.0 == name).map(|tensor| &tensor.1)
    }

    #[track_caller]
    pub fn of_layer(&self, layer_idx: usize, name: &str) -> &Array2<f64> {
        let name = format!("layers.{layer_idx}.{name}");
        self.get(&name).unwrap_or_else(|| panic!("there is no `{name}`"))
    }

    /// What every signal of every layer is read as, on one input.
    pub fn readings(&self, n_features: usize, n_layers: usize, active: &[u32]) -> Vec<Vec<f64>> {
        self.layers(n_features, n_layers, active).into_iter().map(|layer| layer.1).collect()
    }

    /// By layer: W h + b of every neuron, and what every signal is read as.
    pub fn layers(&self, n_features: usize, n_layers: usize, active: &[u32]) -> Vec<(Vec<f64>, Vec<f64>)> {
        let mut below = self.entering(n_features, active);
        let of_layer = |layer_idx| {
            let (z, above) = self.one_layer(layer_idx, &below);
            below = above;
            let read =
                plus(times(self.of_layer(layer_idx, "readoff"), &below), self.of_layer(layer_idx, "readoff_bias"));
            (z, read)
        };
        (0..n_layers).map(of_layer).collect()
    }

    /// The stream below all layers, and above each.
    pub fn streams(&self, n_features: usize, n_layers: usize, active: &[u32]) -> Vec<Vec<f64>> {
        let mut streams = vec![self.entering(n_features, active)];
        (0..n_layers).for_each(|layer_idx| streams.push(self.one_layer(layer_idx, &streams[layer_idx]).1));
        streams
    }

    /// What layer 0 reads.
    fn entering(&self, n_features: usize, active: &[u32]) -> Vec<f64> {
        let mut x = vec![0.0; n_features];
        active.iter().for_each(|&feature| x[feature as usize] = 1.0);
        match self.get("input.dictionary").or(self.get("W_E")) {
            Some(dictionary) => times(dictionary, &x),
            None => x,
        }
    }

    /// W h + b, and what the layer hands up.
    fn one_layer(&self, layer_idx: usize, below: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let of_block = |name| self.of_layer(layer_idx, name);
        let reads = if self.is_residual() { "W_in" } else { "weight" };
        let z = plus(times(of_block(reads), below), of_block("bias"));
        let h: Vec<f64> = z.iter().map(|neuron| neuron.max(0.0)).collect();
        if !self.is_residual() {
            return (z, h);
        }
        let mut above = plus(times(of_block("W_out"), &h), of_block("b_out"));
        above.iter_mut().zip(below).for_each(|(value, below)| *value += below);
        (z, above)
    }

    pub fn is_residual(&self) -> bool {
        self.get("W_E").is_some()
    }

    /// What each neuron adds to each read-off: [signals, neurons].
    pub fn neuron_readoff(&self, layer_idx: usize) -> Array2<f64> {
        let readoff = self.of_layer(layer_idx, "readoff");
        if self.is_residual() { readoff.dot(self.of_layer(layer_idx, "W_out")) } else { readoff.clone() }
    }
}

fn times(matrix: &Array2<f64>, vector: &[f64]) -> Vec<f64> {
    matrix.rows().into_iter().map(|row| row.iter().zip(vector).map(|(a, b)| a * b).sum()).collect()
}

fn plus(mut vector: Vec<f64>, column: &Array2<f64>) -> Vec<f64> {
    vector.iter_mut().zip(column).for_each(|(value, more)| *value += more);
    vector
}

/// What a report says, counted here.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Figures {
    pub n_inputs: u64,
    /// Inputs with every gate of every layer right, with every output right.
    pub n_right: u64,
    pub n_outputs_right: u64,
    /// By layer.
    pub n_layer_right: Vec<u64>,
    pub gates: Vec<GateFigures>,
    /// By input: the worst error of any gate, and of any output.
    pub errors: Vec<[f64; 2]>,
    /// By layer and neuron.
    pub neurons: Vec<Vec<NeuronFigures>>,
    /// Read-offs so near their thresholds that rounding may decide.
    pub n_close: u64,
}

/// Of the gate as written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GateFigures {
    pub n_on: u64,
    pub n_wrong: u64,
    pub error_max: f64,
    /// Sums of squares, on inputs on which it is off, and on.
    pub squares: [f64; 2],
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct NeuronFigures {
    pub n_awake: u64,
    /// Inputs on which rounding may decide whether it is.
    pub n_close: u64,
    /// How far it moves any read-off, at most.
    pub moves: f64,
}

/// Nearer to a threshold, or to an ε, than this is close.
pub const ROUNDING: f64 = 1e-3;

/// Goes through inputs one by one.
pub fn figures<'i>(circuit: &Circuit, network: &Network, inputs: impl IntoIterator<Item = &'i [u32]>) -> Figures {
    let tensors = Tensors::of(network);
    let n_layers = circuit.layers.len();
    let gates = vec![GateFigures::default(); circuit.n_gates()];
    let mut figures = Figures { gates, n_layer_right: vec![0; n_layers], ..Figures::default() };
    let neuron_readoffs: Vec<_> = (0..n_layers).map(|layer_idx| tensors.neuron_readoff(layer_idx)).collect();
    for active in inputs {
        let stored = truth(circuit, active);
        let layers = tensors.layers(circuit.n_features(), n_layers, active);
        figures.neurons.resize(n_layers, Vec::new());
        for (layer_idx, (neurons, (z, _))) in figures.neurons.iter_mut().zip(&layers).enumerate() {
            let readoff = &neuron_readoffs[layer_idx];
            neurons.resize(z.len(), NeuronFigures::default());
            for ((neuron, z), column) in neurons.iter_mut().zip(z).zip(readoff.columns()) {
                neuron.n_awake += u64::from(*z > 0.0);
                neuron.n_close += u64::from(z.abs() < 0.01 * ROUNDING);
                neuron.moves = column.iter().fold(neuron.moves, |moves, weight| moves.max(z.max(0.0) * weight.abs()));
            }
        }
        let readings: Vec<Vec<f64>> = layers.into_iter().map(|layer| layer.1).collect();
        let (mut is_right, mut outputs_right) = (true, true);
        let mut errors = [0.0f64; 2];
        for (layer_idx, layer) in circuit.layers.iter().enumerate() {
            let thresholds = tensors.of_layer(layer_idx, "threshold");
            let mut layer_right = true;
            for (gate_idx, place) in layer.gates.clone().zip(0..) {
                let signal = circuit.gate_signal(GateId(gate_idx));
                let (reading, threshold) = (readings[layer_idx][place], thresholds[[place, 0]]);
                let is_on = stored[signal.0 as usize];
                let error = (reading - f64::from(u8::from(is_on))).abs();
                let is_wrong = (reading > threshold) != is_on;
                let gate = &mut figures.gates[gate_idx as usize];
                let is_written_on = is_on != circuit.is_complemented(signal);
                gate.n_on += u64::from(is_written_on);
                gate.n_wrong += u64::from(is_wrong);
                gate.error_max = gate.error_max.max(error);
                errors[0] = errors[0].max(error);
                if circuit.outputs.contains(&signal) {
                    errors[1] = errors[1].max(error);
                }
                gate.squares[usize::from(is_written_on)] += error * error;
                figures.n_close += u64::from((reading - threshold).abs() < ROUNDING);
                layer_right &= !is_wrong;
                outputs_right &= !(is_wrong && circuit.outputs.contains(&signal));
            }
            figures.n_layer_right[layer_idx] += u64::from(layer_right);
            is_right &= layer_right;
        }
        figures.n_inputs += 1;
        figures.errors.push(errors);
        figures.n_right += u64::from(is_right);
        figures.n_outputs_right += u64::from(outputs_right);
    }
    figures
}

/// Every distinct input of a circuit.
pub fn distinct_inputs(circuit: &Circuit) -> Inputs {
    let mut all = Inputs::default();
    let distinct = superpose::circuit::inputs::enumerate::distinct_inputs(circuit).expect("few inputs");
    distinct.blocks().for_each(|block| block.iter().for_each(|input| all.push(input.iter().copied())));
    all
}

/// Signals that a layer reads: those that the layer below reads off, or the features.
pub fn below(circuit: &Circuit, layer_idx: usize) -> Vec<Signal> {
    match layer_idx.checked_sub(1) {
        Some(below) => circuit.layer_signals(below).collect(),
        None => (0..circuit.n_features).map(Signal).collect(),
    }
}
