//! The settings of the fit, all chosen from the circuit: a user tunes nothing.
//!
//! Found by trial on one-layer circuits of random pairs (n = 64 … 250, inputs direct and stored), stacks of adders and
//! three levels of random gates. Rates fall with √n, because a read-off sums over n neurons.

use crate::network::{Freeze, Loss};
use crate::program::Sides;

/// Inputs of a group: one word of truth.
pub const GROUP: usize = 64;

/// Groups of a step; all see the same weights.
pub const GROUPS: usize = 4;

/// Share of a round over which rates fall to 0.
const TAIL: f64 = 0.4;

/// Steps over which rates fall when a fit is told to end early, for each step before: 3 to 7.
pub const FINISH: f64 = 3.0 / 7.0;

/// Share of a round over which rates rise from 0: mean squares begin empty.
const WARM_UP: f64 = 0.005;

/// Share of the first round that each layer has before the next joins.
const STAGE: f64 = 0.05;

/// Weight of an inner layer's read-offs in what flows down: all that stands above sees through them.
pub const INNER_WEIGHT: f32 = 2.0;

/// Size of the first weights of a feature, and the bias of a neuron, by the number of neurons. Nearly all neurons are
/// awake at the start.
pub fn start(n: usize, is_stored: bool) -> (f32, f32) {
    if is_stored || n < 200 { (0.08, 0.2) } else { (0.15, 0.3) }
}

/// Bias of the neurons of a higher layer at the start, the noise on the identity that wires it to the neurons below,
/// and the size of its weights over signals.
pub const UPPER_BIAS: f32 = 0.1;
pub const UPPER_NOISE: f32 = 0.3;
pub const UPPER_WEIGHT: f32 = 0.5;

/// Size of the weights of a feature in an affine start.
pub const AFFINE_SCALE: f32 = 0.27;

/// Bias of the neurons of an affine start, where so many features are on in a typical input: in standard deviations of
/// what comes in. Sums of few signs have shorter tails than those of stored features.
pub fn affine_bias(n_active: f32, is_stored: bool) -> f32 {
    let deviations = if is_stored { 2.5 } else { 2.0 };
    deviations * AFFINE_SCALE * n_active.sqrt()
}

/// Size of the weights of a feature in a start from a code, and what is taken of the read-offs that are solved for, by
/// their distance from ½: noise adds to both sides.
pub const CODE_SCALE: f32 = 0.5;
pub const CODE_SHARE: f32 = 0.8;

/// Weight of a read-off that should be off with two operands on or more, in a start from a code: the class is rare, and
/// its noise is what is learnt last. All XORs of 100 features on 512 neurons: after 400 k inputs 3 and 5 are equal,
/// after 100 k both 1 and 10 are worse.
pub const HARD_WEIGHT: f32 = 5.0;

/// Share of parities, and neurons, from which a layer starts from a code. By trial: from 300 neurons on it is better or
/// as good after a million inputs; 1000 XORs of 100 features on 200 neurons, and small circuits, are worse for it.
pub const MOSTLY_PARITIES: f32 = 0.5;
pub const FEWEST_CODED: usize = 300;

/// Share of either kind of drill at most, for layers of `n` neurons. The wider a network, the more it learns from each
/// gate that is on; narrow ones forget what typical inputs look like.
pub fn most_drills(n: usize, sides: Sides) -> f64 {
    if sides == Sides::Two && n >= 200 { 0.35 } else { 0.2 }
}

/// Decay of the running mean squares, and of the mean of h.
pub const DECAY: f32 = 0.99;
pub const CENTRE_DECAY: f32 = 0.98;

/// Share of the mean of h about which the read-offs of a layer are moved, where so many of its gates are parities.
/// Found by trial: with half of it 5000 pairs on 125 neurons are within 0.45 of the truth on 0.905 of the inputs after
/// 800 k, without on 0.807. All of it is as good or better at 64 neurons, and worse from 200 on. Layers of nothing but
/// parities are better off without.
pub fn centring(share_of_parities: f32) -> f32 {
    0.5 * (1.0 - share_of_parities)
}

/// How far a step goes, in units of each gradient's root mean square.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    pub readoff: f32,
    pub offset: f32,
    /// Columns of features that enter one coordinate each.
    pub columns: f32,
    /// W, or C, over neurons, signals or stored coordinates.
    pub dense: f32,
    /// W_out, where neurons share the coordinates of a stream that they write to.
    pub writes: f32,
    pub bias: f32,
}

impl Rates {
    /// For a layer of `n` neurons, at full height. `is_stored`: it reads features that are stored in superposition.
    pub fn of_layer(n: usize, is_stored: bool) -> Rates {
        let rate = 0.007 / (n.max(16) as f32).sqrt();
        Rates {
            readoff: rate,
            offset: 3.0 * rate,
            // A feature comes by once in many inputs, a coordinate or a neuron in every one.
            columns: 42.0 * rate,
            dense: if is_stored { 8.0 * rate } else { 2.5 * rate },
            writes: 8.0 * rate,
            bias: 1.5 * rate,
        }
    }

    /// For a layer of `n` neurons from an affine start, which is nearly right.
    pub fn of_affine(n: usize) -> Rates {
        let rate = 0.001 / (n.max(16) as f32).sqrt();
        Rates {
            readoff: rate,
            offset: 3.0 * rate,
            columns: 15.0 * rate,
            dense: 6.0 * rate,
            writes: 0.0,
            bias: 1.5 * rate,
        }
    }

    /// For a layer that starts from a code, right in the mean. By trial at 384, 512 and 1000 neurons.
    pub fn of_code() -> Rates {
        let rate = 3.5e-4;
        Rates {
            readoff: rate,
            offset: 3.0 * rate,
            columns: 21.0 * rate,
            dense: 1.25 * rate,
            writes: 0.0,
            bias: 0.75 * rate,
        }
    }

    pub fn scaled(self, factor: f32) -> Rates {
        Rates {
            readoff: factor * self.readoff,
            offset: factor * self.offset,
            columns: factor * self.columns,
            dense: factor * self.dense,
            writes: factor * self.writes,
            bias: factor * self.bias,
        }
    }

    /// With that of the neurons left as it is.
    pub fn frozen(self, freeze: Freeze) -> Rates {
        match freeze {
            Freeze::None => self,
            Freeze::First => Rates { columns: 0.0, dense: 0.0, bias: 0.0, ..self },
            Freeze::Weights => Rates { columns: 0.0, dense: 0.0, ..self },
        }
    }
}

/// Inputs of the first round from an affine start.
pub fn first_affine_round(n_targets: usize) -> u64 {
    (2 * n_targets as u64).clamp(10_000, 50_000)
}

/// Whether an affine start is solved for sooner than a first round is trained: its Gram matrix and the inverse take
/// m n² + n³ multiply-adds, a training input about 1000 n.
pub fn is_quickly_affine(n_features: usize, n: usize, n_targets: usize) -> bool {
    ((n_features + n) * n) as u64 <= 1000 * first_round(n_targets, 1)
}

/// Whether the read-offs of a layer are solved for sooner than a first round is trained: several products of m or n
/// rows with n² weights, and 64 inputs a target; a training input takes about 1000 n.
pub fn is_quickly_solved(n: usize, n_targets: usize) -> bool {
    (8 * (n_targets + n) * n) as u64 <= 1000 * first_round(n_targets, 1)
}

/// Rates of a fit that is to learn a few hard inputs and forget nothing, and the inputs of a round of it.
pub const RATE_OF_HARD: f32 = 0.15;
pub const HARD_ROUND: u64 = 100_000;

/// Steps that such rounds are apart in the stream of inputs: more than any fit takes.
pub const STEPS_OF_ROUND: u64 = 1 << 32;

/// The height of all rates after a share `done` of a round.
pub fn height(done: f64) -> f32 {
    let fall = if done > 1.0 - TAIL { (1.0 - done) / TAIL } else { 1.0 };
    (fall * (done / WARM_UP).min(1.0)) as f32
}

/// The layers that take part after a share `done` of the first round, from below.
pub fn n_staged(done: f64, n_layers: usize) -> usize {
    ((done / STAGE) as usize + 1).min(n_layers)
}

/// How much longer each round is than the one before.
pub const GROWTH: u64 = 3;

/// Rates of a fit that begins again, in turn: shorter steps find their way where longer ones did not, and the other way
/// round.
pub const RATES_ANEW: [f32; 3] = [0.5, 1.0, 2.0];

/// And how much longer its first round is.
pub const LONGER_ANEW: u64 = 9;

/// How much longer the first round is from a code: it begins with what other starts have learnt by then.
pub const LONGER_CODED: u64 = 2;

/// Inputs of the first round.
pub fn first_round(n_targets: usize, n_layers: usize) -> u64 {
    (40 * n_targets as u64).clamp(25_000, 200_000) * n_layers.min(3) as u64
}

/// What a read-off may lack of its value, where only its side counts: those that are off should stay below, those that
/// are on above 1 − this.
pub const ONE_SIDED_MARGIN: f32 = 0.1;

/// So far below the ε that is asked for a margin may lie: what is beyond a margin has a gradient, and little should.
const LOWEST_MARGIN: f32 = 0.15;

/// But this share of ε it must not pass, or the fit would have no reason to get there; nor the last, beyond which on
/// and off hardly differ.
const SHARE_OF_EPSILON: f32 = 0.85;
const WIDEST_MARGIN: f32 = 0.4;

/// What a read-off of a layer of `n` neurons may be away from its value, on both sides. Found by trial: the more
/// signals come in and are read off for each pair of neurons, the wider; twice as wide for parities, since
/// x ^ y = x + y − 2 xy doubles the error of an AND.
pub fn margin(epsilon: f32, n: usize, n_below: usize, n_targets: usize, has_parities: bool) -> f32 {
    let crowd = (n_below as f32 * n_targets as f32) / (n as f32 * n as f32);
    let by_crowd = (0.1 + 0.03 * libm::log2f(crowd.max(0.1))) * if has_parities { 2.0 } else { 1.0 };
    by_crowd.max(epsilon - LOWEST_MARGIN).min(SHARE_OF_EPSILON * epsilon).min(WIDEST_MARGIN)
}

/// dL/dy of a read-off. `two_sided`: it must not pass its value by more than the margin either.
pub fn slope(loss: Loss, reading: f32, is_on: bool, margin: f32, two_sided: bool) -> f32 {
    let error = if is_on { reading - 1.0 } else { reading };
    match loss {
        // Without the power as a factor: steps are in units of the gradient.
        Loss::L2 => error,
        Loss::L3 => error.abs() * error,
        Loss::L4 => error * error * error,
        Loss::L6 => error * error * error * error * error,
        Loss::Margin => {
            // Towards the other value, and away from it.
            let (towards, beyond) = if is_on { (-error, error) } else { (error, -error) };
            let sign = if is_on { -1.0 } else { 1.0 };
            if towards > margin {
                sign * (towards - margin)
            } else if two_sided && beyond > margin {
                -sign * (beyond - margin)
            } else {
                0.0
            }
        }
    }
}

/// Readings between which a read-off that is off has no slope.
pub fn quiet(loss: Loss, margin: f32, two_sided: bool) -> (f32, f32) {
    match loss {
        Loss::Margin if two_sided => (-margin, margin),
        Loss::Margin => (f32::NEG_INFINITY, margin),
        Loss::L2 | Loss::L3 | Loss::L4 | Loss::L6 => (f32::INFINITY, f32::NEG_INFINITY),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_margin_that_is_kept_has_no_slope() {
        let slope = |reading, is_on, two_sided| slope(Loss::Margin, reading, is_on, 0.1, two_sided);
        assert_eq!(slope(0.95, true, true), 0.0);
        assert_eq!(slope(3.0, true, false), 0.0);
        assert_eq!(slope(-3.0, false, false), 0.0);
        assert!(slope(0.5, true, false) < 0.0 && slope(0.5, false, false) > 0.0);
        assert!(slope(3.0, true, true) > 0.0 && slope(-3.0, false, true) < 0.0);
        assert!((slope(0.5, true, false) + 0.4).abs() < 1e-6);
    }

    /// The margins that were best by trial: 5000 pairs of 1000 features, all pairs of 100, all parities of two of them.
    #[test]
    fn margins_are_those_found_by_trial() {
        let pairs = [(1000, 0.16), (500, 0.22), (250, 0.25), (125, 0.35), (64, 0.4)];
        let pairs = pairs.map(|(n, best)| (n, 1000, 5000, false, best));
        let all = [(64, 0.3), (128, 0.25), (256, 0.15), (512, 0.1)].map(|(n, best)| (n, 100, 4950, false, best));
        let parities = [(512, 0.3), (384, 0.33)].map(|(n, best)| (n, 100, 4950, true, best));
        for (n, n_below, n_targets, has_parities, best) in pairs.into_iter().chain(all).chain(parities) {
            // An ε at which the layer alone decides, as far as it can.
            let margin = margin((best / SHARE_OF_EPSILON).clamp(0.25, 0.48), n, n_below, n_targets, has_parities);
            assert!((margin - best).abs() <= 0.05, "{n} neurons: {margin}, not {best}");
        }
    }

    #[test]
    fn a_margin_lies_within_what_is_asked_for() {
        for epsilon in [0.01, 0.1, 0.25, 0.45, 0.5] {
            for n in [1, 40, 250, 2000] {
                let margin = margin(epsilon, n, 1000, 5000, n == 250);
                assert!(margin < epsilon && margin >= epsilon - LOWEST_MARGIN - 1e-6, "{epsilon}, {n}: {margin}");
            }
        }
    }

    #[test]
    fn rates_rise_stand_and_fall() {
        assert_eq!(height(0.0), 0.0);
        assert_eq!(height(0.3), 1.0);
        assert!(height(0.9) < height(0.7) && height(1.0) == 0.0);
        assert_eq!((n_staged(0.0, 3), n_staged(0.07, 3), n_staged(0.9, 3)), (1, 2, 3));
    }
}
