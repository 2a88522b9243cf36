//! Construction `fourier`: addition modulo P by angles, out = Σ_f cos(2π f (a + b − k)/P).
//!
//! As networks learn it (Nanda, Chan, Lieberum, Smith, Steinhardt 2023, "Progress measures for grokking via mechanistic
//! interpretability"; Chughtai, Chan, Nanda 2023, "A toy model of universality"): members of a group enter as the
//! cosines and sines of a few frequencies, the layer multiplies those of one with those of the other, and sums of
//! products are the cosine and sine of the sum, of which each k reads the one that is 1 there. Products are exact where
//! neurons are bilinear, one each; where they are quadratic, xy = ¼ (x + y)² − ¼ (x − y)² takes two.
//!
//! `addition` finds what adds in a circuit, `frequencies` which to take. Must not know any sampled input.

mod addition;
mod frequencies;

use std::sync::Arc;

use ndarray::Array2;

use self::addition::Addition;
use super::code::{Code, Missing};
use super::construction::{Chosen, Construction, Correcting, Ladder, Needs, Solution, Wiring, Word};
use super::line::Line;
use super::regime::{Inequality, Regime};
use super::site::Site;
use crate::compile::dictionary::Embedding;
use crate::compile::layer::LayerTask;
use crate::compile::problems;
use crate::diagnostic::{Diagnostic, Span};
use crate::network::matrix::Matrix;
use crate::network::{self, Block, InputDictionary, Polynomial};
use crate::program::problems::{construction_option, construction_value};
use crate::program::{Activation, Decoder, Level};
use crate::random::Pcg64;

/// The row of the table.
#[derive(Debug, Clone)]
pub struct Fourier {
    /// As they are asked for; else those that there is room for.
    frequencies: Vec<usize>,
    /// Where the last of them is asked for.
    asked: Option<Span>,
    activation: Activation,
}

pub const FOURIER: Fourier = Fourier { frequencies: Vec::new(), asked: None, activation: Activation::Bilinear };

const NAME: &str = "fourier";
const FREQUENCIES: &str = "frequencies";
const ALLOWED: &str = "whole numbers of turns, each another, from 1 to 1048576";

/// Products of a frequency: cos cos, sin sin, sin cos, cos sin, of one group and the other.
const N_PRODUCTS: usize = 4;

impl Construction for Fourier {
    fn name(&self) -> &'static str {
        NAME
    }

    fn summary(&self) -> &'static str {
        "addition modulo P by cosines and sines of a few frequencies, which neurons multiply"
    }

    fn with(&self, options: &[Word]) -> Chosen {
        let Some(((word, span), values)) = options.split_first() else { return Ok(Arc::new(FOURIER)) };
        if word != FREQUENCIES {
            return Err(Box::new(construction_option(*span, NAME, word, &[FREQUENCIES])));
        }
        if values.is_empty() {
            return Err(Box::new(construction_value(*span, word, None, ALLOWED, "1 3")));
        }
        let mut frequencies: Vec<usize> = Vec::new();
        for (value, span) in values {
            match value.parse() {
                Ok(frequency) if (1..=1 << 20).contains(&frequency) && !frequencies.contains(&frequency) => {
                    frequencies.push(frequency);
                }
                _ => return Err(Box::new(construction_value(*span, word, Some(value), ALLOWED, "1 3"))),
            }
        }
        let asked = values.last().map(|value| value.1);
        Ok(Arc::new(Fourier { frequencies, asked, ..FOURIER }))
    }

    fn spelling(&self) -> String {
        let numbers: String = self.frequencies.iter().map(|frequency| format!(" {frequency}")).collect();
        if numbers.is_empty() { NAME.to_string() } else { format!("{NAME} {FREQUENCIES}{numbers}") }
    }

    fn activations(&self) -> &'static [Activation] {
        &[Activation::Bilinear, Activation::Quadratic]
    }

    fn over(&self, activation: Activation) -> Arc<dyn Construction> {
        Arc::new(Fourier { activation, ..self.clone() })
    }

    fn correcting(&self) -> Correcting {
        Correcting::Never
    }

    /// Of as many frequencies as are asked for, or else log2 P.
    fn rule_of_thumb(&self, layer: &LayerTask) -> usize {
        let modulus = layer.targets.len().max(3);
        let n = match self.frequencies.len() {
            0 => (modulus.next_power_of_two().trailing_zeros() as usize).min(frequencies::most(modulus)),
            n => n,
        };
        n * self.n_neurons()
    }

    fn most_neurons(&self, layer: &LayerTask) -> usize {
        frequencies::most(layer.targets.len().max(3)) * self.n_neurons()
    }

    fn inequality(&self) -> Inequality {
        Inequality {
            formula: "those of one frequency, a neuron or two a product: the right sum is then the largest",
            source: "Nanda and others 2023; Chughtai, Chan, Nanda 2023",
        }
    }

    fn needs(&self, _: &LayerTask, _: &Regime) -> Needs {
        Ok(self.n_neurons() as f64)
    }

    fn published(&self, _: &LayerTask) -> Box<dyn Wiring> {
        Box::new(Angles { fourier: self.clone(), level: Level::Published })
    }

    fn ladder(&self, _: &LayerTask, _: usize) -> Ladder {
        Ladder::only(Angles { fourier: self.clone(), level: Level::Solved })
    }

    fn solution(&self) -> Solution {
        Solution::Constants
    }

    fn inverts(&self, _: Level) -> bool {
        false
    }

    fn refused(&self, layer: &LayerTask, n: usize) -> Option<Diagnostic> {
        let addition = match Addition::of(layer) {
            Ok(addition) => addition,
            Err(problem) => return Some(*problem),
        };
        let most = frequencies::most(addition.modulus);
        if let (Some(&frequency), Some(span)) = (self.frequencies.iter().find(|&&f| f > most), self.asked) {
            return Some(problems::frequency_too_high(span, frequency, most));
        }
        let needed = self.n_neurons() * self.frequencies.len().max(1);
        (n < needed).then(|| problems::too_few_products(layer, n, needed))
    }

    /// Cosines and sines of each frequency, of one group and then of the other; each reads its members back by itself.
    fn embedding(&self, layer: &LayerTask, n: usize, level: Level) -> Option<Embedding> {
        let addition = Addition::of(layer).ok()?;
        let frequencies = self.chosen(&addition, n, level);
        let n_own = 2 * frequencies.len();
        let mut vectors = Array2::<f32>::zeros((2 * n_own, layer.circuit.n_features()));
        for (group_idx, group) in addition.groups.iter().enumerate() {
            for &(feature, number) in group {
                for (frequency_idx, frequency) in frequencies.iter().enumerate() {
                    let angle = frequencies::angle(frequency * number % addition.modulus, addition.modulus);
                    let row = group_idx * n_own + 2 * frequency_idx;
                    vectors[[row, feature as usize]] = libm::cos(angle) as f32;
                    vectors[[row + 1, feature as usize]] = libm::sin(angle) as f32;
                }
            }
        }
        // Rows are orthogonal, each of length √(P/2).
        let decoder = vectors.t().mapv(|value| value * 2.0 / addition.modulus as f32).as_standard_layout().into_owned();
        let dictionary = InputDictionary {
            embedding: Matrix::Dense(vectors),
            kind: NAME.to_string(),
            decoder: Decoder::Linear.name().to_string(),
        };
        let spaces = vec![0..n_own, n_own..2 * n_own];
        Some(Embedding { dictionary, spaces, decoder: Matrix::Dense(decoder) })
    }
}

impl Fourier {
    /// Of a frequency.
    fn n_neurons(&self) -> usize {
        match self.activation {
            Activation::Quadratic => 2 * N_PRODUCTS,
            _ => N_PRODUCTS,
        }
    }

    /// Those that are asked for; or else, of as many as there is room for, the lowest, or the best above level 0.
    fn chosen(&self, addition: &Addition, n: usize, level: Level) -> Vec<usize> {
        if !self.frequencies.is_empty() {
            return self.frequencies.clone();
        }
        let n = (n / self.n_neurons()).clamp(1, frequencies::most(addition.modulus));
        match level {
            Level::Published => (1..=n).collect(),
            Level::Solved | Level::Fitted => frequencies::best(n, &frequencies::cosines(addition.modulus)),
        }
    }
}

/// The layer, and its read-offs at a level.
struct Angles {
    fourier: Fourier,
    level: Level,
}

impl Wiring for Angles {
    fn wire(&self, site: &Site, _: &mut Pcg64) -> Code {
        let (task, n) = (site.task, site.n);
        let (Ok(addition), Some(embedding)) = (Addition::of(task), site.embedding) else {
            let problem = problems::no_addition(task, 0, "its features enter some other way");
            let missing = Missing { problem, would_fit_wider: false, can_be_solved: false };
            return Code { missing: vec![missing], ..Code::empty() };
        };
        let frequencies = self.fourier.chosen(&addition, n, self.level);
        let n_own = 2 * frequencies.len();
        let is_bilinear = self.fourier.activation == Activation::Bilinear;
        let n_rows = if is_bilinear { 2 * n } else { n };
        let mut weight = Array2::<f32>::zeros((n_rows, 2 * n_own));
        let mut readoff = Array2::<f32>::zeros((task.targets.len(), n));
        let line = self.line(&addition, &frequencies);
        let slope = line.slope / frequencies.len() as f64;
        for (frequency_idx, frequency) in frequencies.iter().enumerate() {
            let (cosine, sine) = (2 * frequency_idx, 2 * frequency_idx + 1);
            // (of one, of the other, whether the product is part of the sine of the sum, sign).
            let products = [
                (cosine, cosine, false, 1.0),
                (sine, sine, false, -1.0),
                (sine, cosine, true, 1.0),
                (cosine, sine, true, 1.0),
            ];
            for (product_idx, (one, other, is_sine, sign)) in products.into_iter().enumerate() {
                let product = N_PRODUCTS * frequency_idx + product_idx;
                let neurons: Vec<(usize, f64)> = match is_bilinear {
                    true => {
                        weight[[product, one]] = 1.0;
                        weight[[n + product, n_own + other]] = 1.0;
                        vec![(product, 1.0)]
                    }
                    false => [(2 * product, 1.0), (2 * product + 1, -1.0)]
                        .map(|(neuron, sign)| {
                            weight[[neuron, one]] = 1.0;
                            weight[[neuron, n_own + other]] = sign;
                            (neuron, f64::from(sign) / 4.0)
                        })
                        .to_vec(),
                };
                for (target_idx, number) in addition.sums.iter().enumerate() {
                    let angle = frequencies::angle(frequency * number % addition.modulus, addition.modulus);
                    let part = if is_sine { libm::sin(angle) } else { libm::cos(angle) };
                    for &(neuron, share) in &neurons {
                        readoff[[target_idx, neuron]] = (slope * sign * share * part) as f32;
                    }
                }
            }
        }
        let vectors = Matrix::Dense(embedding.dictionary.embedding.to_dense());
        let compute = Matrix::Dense(Matrix::Dense(weight.clone()).product(&vectors));
        let activation = if is_bilinear { network::Activation::Bilinear } else { network::Activation::Quadratic };
        let bias = vec![0.0; n_rows];
        Code {
            compute,
            block: Some(Block::Polynomial(Polynomial { activation, weight, bias })),
            readoff: Matrix::Dense(readoff),
            readoff_bias: vec![line.offset as f32; task.targets.len()],
            ..Code::empty()
        }
    }
}

impl Angles {
    /// Of the mean cosine: as it is, or above level 0 the line that is nearest to 0 and 1, with ½ in the middle between
    /// a right sum and the highest wrong one.
    fn line(&self, addition: &Addition, frequencies: &[usize]) -> Line {
        match self.level {
            Level::Published => Line { slope: 1.0, offset: 0.0 },
            Level::Solved | Level::Fitted => {
                let wrong = frequencies::wrong(frequencies, &frequencies::cosines(addition.modulus));
                Line::nearest(Some(wrong), Some([1.0, 1.0]))
            }
        }
    }
}

#[cfg(test)]
mod tests;
