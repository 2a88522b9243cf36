//! Construction `channels`: every gate draws a few neurons of its own choice and is read as their mean.
//!
//! Targeted superpositional AND (Vaintrob, Mendel, Hänni 2024, "Toward a mathematical framework for computation in
//! superposition") and the channels of Adler and Shavit 2024 ("On the complexity of neural computation in
//! superposition"): column i of C is the union over the gates that read i; b = −1; the read-off is the mean over the
//! gate's own neurons. Which these are follows from influence (`circuit::Case`): a gate of inputs of low influence
//! draws c random neurons (output channels); one of high influence is read where the random codes of its inputs meet
//! (input channels); one of both draws c inside the code of those of high influence. Each case has a block of neurons
//! of its own. Gates other than AND are sums of ramps, each bend with neurons of its own; bends at equal heights share
//! a block, so that what fires on a single signal does not drown what waits for two.
//!
//! `-O0` routes by influence, wherever bends must share neurons and every block has room. `-O1` deals output channels
//! from a deck, and tries beside it routing, which is worth much where every input is of high influence (all pairs) and
//! costs where none stands out (random pairs), and codes of low overlap. README has the figures.
//!
//! Must not know activations: everything here follows from the circuit and the stream.

mod bends;
mod codes;
mod columns;
mod decks;
mod options;
mod overlap;

pub use bends::{fewest_or_superposed, unshared_width};
pub use decks::{Dealing, Deck};

use std::collections::BTreeMap;
use std::sync::Arc;

use self::bends::{Bend, Bends, Place, Routing};
use self::codes::{Codes, Density};
use self::columns::Columns;
use self::decks::decks;
use self::options::Options;
use super::code::{Code, Missing};
use super::construction::{self, Chosen, Construction, Ladder, Needs, Word};
use super::regime::{Inequality, Regime};
use super::site::Site;
use super::staircase::{DeadZone, gathered};
use crate::bounds;
use crate::circuit::Case;
use crate::compile::layer::LayerTask;
use crate::compile::problems;
use crate::network::matrix::{Matrix, SparseMatrix};
use crate::random::{self, Pcg64};

/// The row of the table, and what is chosen of it.
#[derive(Debug)]
pub struct Channels(Options);

pub const CHANNELS: Channels = Channels(Options::NONE);

/// Channel sizes that `-O1` tries.
const SIZES: [usize; 10] = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32];

/// So few bends are not superposed when nobody says, nor where that would save less than this factor.
const FEW: usize = 128;
const SAVED: usize = 4;

/// Twice as many neurons as would leave none shared are the most that is worth trying: more would change nothing.
const SPARE: usize = 2;

impl Construction for Channels {
    fn name(&self) -> &'static str {
        "channels"
    }

    fn summary(&self) -> &'static str {
        "each gate on a few random neurons of its own choice"
    }

    fn with(&self, words: &[Word]) -> Chosen {
        Ok(Arc::new(Channels(options::chosen(self.name(), words)?)))
    }

    fn spelling(&self) -> String {
        self.0.spelled(self.name())
    }

    /// For the bends of each height √m' log2 m' (see [`superposed_width`]); where that saves little, one for each.
    fn rule_of_thumb(&self, layer: &LayerTask) -> usize {
        let (superposed, unshared) = (fewest_or_superposed(layer), unshared_width(layer).max(1));
        if unshared <= FEW.max(SAVED * superposed) { unshared } else { superposed }
    }

    fn most_neurons(&self, layer: &LayerTask) -> usize {
        SPARE * unshared_width(layer)
    }

    fn inequality(&self) -> Inequality {
        Inequality { formula: "sqrt(m') log2 m'", source: "Adler & Shavit 2024" }
    }

    fn needs(&self, layer: &LayerTask, _: &Regime) -> Needs {
        Ok(bounds::adler_shavit(layer.targets.len() as f64))
    }

    /// Channels of one neuron that no other target shares.
    fn may_be_exact(&self) -> bool {
        true
    }

    /// c = ⌈log2 m'⌉ for m' targets, independent draws, routed by influence.
    fn published(&self, layer: &LayerTask) -> Box<dyn construction::Wiring> {
        let published = libm::ceil(libm::log2(layer.targets.len().max(2) as f64)) as usize;
        let size = self.0.size.unwrap_or(published);
        let routing = self.0.routing.unwrap_or(Routing::ByInfluence);
        Box::new(Choices { size, dead_zone: DeadZone::AtRest, dealing: Dealing::Independent, routing })
    }

    fn ladder(&self, layer: &LayerTask, n: usize) -> Ladder {
        let ladder = self.rungs(n, Dealing::Deck, self.0.routing.unwrap_or(Routing::Output));
        let first = if unshared_width(layer) <= n { 0 } else { ladder.first };
        Ladder { first, ..ladder }
    }

    /// Routed by influence where that makes a difference, and with codes of low overlap at the best size.
    fn other_ladders(&self, layer: &LayerTask, n: usize, best: usize) -> Vec<Ladder> {
        let routing = self.0.routing;
        let is_routed = layer.circuit.cases(layer.layer_idx).iter().any(|&case| case != Case::Output);
        let routed = (routing.is_none() && is_routed).then(|| self.rungs(n, Dealing::Deck, Routing::ByInfluence));
        let mut exchanged = self.rungs(n, Dealing::Exchanged, routing.unwrap_or(Routing::Output)).rungs;
        let exchanged = Ladder { rungs: vec![exchanged.swap_remove(best)], first: 0 };
        routed.into_iter().chain([exchanged]).collect()
    }
}

impl Channels {
    /// By channel size: the one that was chosen, or all.
    fn rungs(&self, n: usize, dealing: Dealing, routing: Routing) -> Ladder {
        let choices = |size| Choices { size, dead_zone: DeadZone::AtRest, dealing, routing };
        let sizes = self.0.size.map_or(SIZES.to_vec(), |size| vec![size]);
        let sizes = sizes.into_iter().filter(|&size| size <= n || self.0.size.is_some());
        let rungs: Vec<Box<dyn construction::Wiring>> = sizes.map(|size| Box::new(choices(size)) as Box<_>).collect();
        let first = (rungs.len() / 2).min(rungs.len() - 1);
        Ladder { rungs, first }
    }
}

/// The free choices of the construction.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Choices {
    /// c: neurons that each bend draws.
    size: usize,
    dead_zone: DeadZone,
    dealing: Dealing,
    routing: Routing,
}

impl Choices {
    fn density(&self) -> Density {
        match self.dealing {
            Dealing::Independent => Density::Published,
            Dealing::Deck | Dealing::Exchanged => Density::OfSize(self.size),
        }
    }
}

impl construction::Wiring for Choices {
    /// Where three blocks are too many, so that some bend is left without a neuron, nothing is routed.
    fn wire(&self, site: &Site, rng: &mut Pcg64) -> Code {
        let code = wire(site, *self, &mut rng.clone());
        match self.routing {
            Routing::ByInfluence if !code.missing.is_empty() => {
                wire(site, Choices { routing: Routing::Output, ..*self }, rng)
            }
            Routing::ByInfluence | Routing::Output => code,
        }
    }

    /// Deaf to more noise.
    fn variation(&self) -> Option<Box<dyn construction::Wiring>> {
        Some(Box::new(Choices { dead_zone: DeadZone::Always, ..*self }))
    }
}

fn wire(site: &Site, choices: Choices, rng: &mut Pcg64) -> Code {
    let (task, n) = (site.task, site.n);
    let bends = Bends::of(site, choices.dead_zone, choices.routing);
    let mut decks = decks(&bends, n, choices.dealing);
    let codes = Codes::draw(task, &bends, &decks, choices.density(), rng);
    let mut columns = Columns::new(task.below.len());
    let mut missing = Vec::new();
    let mut hands: Vec<Vec<Vec<u32>>> = bends.by_target.iter().map(|bends| vec![Vec::new(); bends.len()]).collect();
    let mut order: Vec<usize> = (0..bends.by_target.len()).collect();
    if choices.dealing != Dealing::Independent {
        // Neighbours in the file often share an operand: dealt one after the other they would take the whole deck.
        random::shuffle(rng, &mut order);
    }
    for target_idx in order {
        for (bend, hand) in bends.by_target[target_idx].iter().zip(&mut hands[target_idx]) {
            let size = if bend.place.is_frequent { 1 } else { choices.size };
            let deck = decks.get_mut(&bend.place).expect("every place has its deck");
            let admits = |neuron| columns.admits(neuron, &bend.weights);
            match bend.place.case {
                Case::Output => deck.deal(size, admits, hand, rng),
                case => {
                    *hand = codes.meet(bend);
                    hand.retain(|&neuron| admits(neuron));
                    if case == Case::Mixed {
                        random::shuffle(rng, hand);
                        hand.truncate(size);
                    }
                    if hand.is_empty() {
                        // Codes that do not meet: their gate gives them a neuron in common.
                        deck.deal(1, admits, hand, rng);
                    }
                }
            }
            hand.iter().for_each(|&neuron| columns.join(neuron, &bend.weights));
            if hand.is_empty() {
                let problem = problems::no_neuron_left(task, target_idx, n);
                missing.push(Missing { problem, would_fit_wider: true, can_be_solved: false });
            }
        }
    }
    if choices.dealing == Dealing::Exchanged {
        exchange(&bends, &mut hands, rng);
        columns = Columns::new(task.below.len());
        for (bend, hand) in bends.iter().zip(hands.iter().flatten()) {
            hand.iter().for_each(|&neuron| columns.join(neuron, &bend.weights));
        }
    }
    let mut readoff = SparseMatrix::with_columns(n);
    for (bends, hands) in bends.by_target.iter().zip(&hands) {
        let of_bend = |(bend, hand): (&Bend, &Vec<u32>)| {
            let share = bend.gain / hand.len() as f32;
            hand.iter().map(move |&neuron| (neuron, share)).collect::<Vec<_>>()
        };
        readoff.push_row(gathered(bends.iter().zip(hands).flat_map(of_bend).collect()));
    }
    Code {
        compute: Matrix::Sparse(columns.into_compute(n)),
        bias: vec![-1.0; n],
        block: None,
        readoff: Matrix::Sparse(readoff),
        readoff_bias: vec![0.0; task.targets.len()],
        missing,
    }
}

/// Lowers the overlap of output channels, place by place.
fn exchange(bends: &Bends, hands: &mut [Vec<Vec<u32>>], rng: &mut Pcg64) {
    let mut by_place: BTreeMap<Place, (Vec<&Bend>, Vec<&mut Vec<u32>>)> = BTreeMap::new();
    let dealt = bends.iter().zip(hands.iter_mut().flatten());
    for (bend, hand) in dealt.filter(|entry| entry.0.place.case == Case::Output) {
        let (bends, hands) = by_place.entry(bend.place).or_default();
        bends.push(bend);
        hands.push(hand);
    }
    by_place.into_values().for_each(|(bends, mut hands)| overlap::lower(&bends, &mut hands, rng));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::{Distribution, Kind, Literal, Signal, by_hand};

    fn pairs(n_features: u32) -> crate::circuit::Circuit {
        let pair = |i, j| (Kind::And, [i, j].map(|feature| Literal::new(Signal(feature), false)).to_vec());
        let gates = (0..n_features).flat_map(|i| (i + 1..n_features).map(move |j| pair(i, j))).collect();
        by_hand::circuit(n_features, &[gates], Distribution::default())
    }

    fn sparse(matrix: &Matrix) -> &SparseMatrix {
        let Matrix::Sparse(sparse) = matrix else { panic!("channels are sparse") };
        sparse
    }

    #[test]
    fn every_gate_is_the_mean_of_its_own_neurons_which_read_all_its_operands() {
        let circuit = pairs(20);
        let task = LayerTask::new(&circuit, 0);
        for dealing in [Dealing::Independent, Dealing::Deck] {
            let choices = Choices { size: 3, dead_zone: DeadZone::AtRest, dealing, routing: Routing::Output };
            let code = wire(&Site::lowest(&task, 40), choices, &mut random::stream(&[1]));
            assert!(code.missing.is_empty());
            for target_idx in 0..task.targets.len() {
                let (neurons, weights) = sparse(&code.readoff).row(target_idx);
                assert_eq!(neurons.len(), 3);
                assert!(weights.iter().all(|&weight| weight == 1.0 / 3.0));
                for &neuron in neurons {
                    let (columns, _) = sparse(&code.compute).row(neuron as usize);
                    assert!(task.operands(target_idx).iter().all(|&signal| columns.contains(&task.column(signal))));
                }
            }
        }
    }

    #[test]
    fn with_neurons_enough_a_deck_shares_none() {
        let circuit = pairs(8);
        let task = LayerTask::new(&circuit, 0);
        let choices =
            Choices { size: 2, dead_zone: DeadZone::AtRest, dealing: Dealing::Deck, routing: Routing::Output };
        let code = wire(&Site::lowest(&task, 2 * unshared_width(&task)), choices, &mut random::stream(&[1]));
        let loads = (0..code.compute.n_rows()).map(|neuron| sparse(&code.compute).row(neuron).0.len());
        assert!(loads.into_iter().all(|load| load == 2));
    }

    /// A hub that many gates read, pairs of hubs, and pairs of features that few read.
    fn hubs() -> crate::circuit::Circuit {
        let pair = |(i, j)| (Kind::And, [i, j].map(|feature| Literal::new(Signal(feature), false)).to_vec());
        let of_hubs = (0..8).flat_map(|i| (i + 1..8).map(move |j| (i, j)));
        let mixed = (0..8).flat_map(|i| (0..20).map(move |j| (i, 8 + 20 * i + j)));
        let apart = (0..80).map(|i| (8 + i, 8 + 80 + i));
        let gates = of_hubs.chain(mixed).chain(apart).map(pair).collect();
        by_hand::circuit(168, &[gates], Distribution::default())
    }

    #[test]
    fn cases_share_no_neuron_and_every_gate_reads_all_its_operands() {
        let circuit = hubs();
        let task = LayerTask::new(&circuit, 0);
        let cases = circuit.cases(0);
        for dealing in [Dealing::Independent, Dealing::Deck] {
            let routing = Routing::ByInfluence;
            let choices = Choices { size: 4, dead_zone: DeadZone::AtRest, dealing, routing };
            let code = wire(&Site::lowest(&task, 120), choices, &mut random::stream(&[1]));
            assert!(code.missing.is_empty());
            let mut case_of = [None; 120];
            for (target_idx, &case) in cases.iter().enumerate() {
                let (neurons, _) = sparse(&code.readoff).row(target_idx);
                assert!(!neurons.is_empty());
                for &neuron in neurons {
                    assert_eq!(*case_of[neuron as usize].get_or_insert(case), case);
                    let (columns, _) = sparse(&code.compute).row(neuron as usize);
                    assert!(task.operands(target_idx).iter().all(|&signal| columns.contains(&task.column(signal))));
                }
            }
            let n_of = |case| case_of.iter().filter(|&&of| of == Some(case)).count();
            assert!([Case::Output, Case::Mixed, Case::Input].into_iter().all(|case| n_of(case) > 0), "{case_of:?}");
        }
    }

    /// All pairs of 20 features are of high influence: only `unrouted` lets each draw neurons of its own.
    #[test]
    fn what_is_chosen_is_wired_and_spelled() {
        let circuit = pairs(20);
        let task = LayerTask::new(&circuit, 0);
        let chosen = |words: &str| {
            let words = words.split(' ').map(|word| (word.to_string(), crate::diagnostic::Span::NOWHERE));
            CHANNELS.with(&words.collect::<Vec<_>>())
        };
        let loads = |words: &str| -> Vec<usize> {
            let construction = chosen(words).unwrap();
            assert_eq!(construction.spelling(), format!("channels {words}"));
            let code = construction.published(&task).wire(&Site::lowest(&task, 150), &mut random::stream(&[1]));
            (0..190).map(|target_idx| sparse(&code.readoff).row(target_idx).0.len()).collect()
        };
        assert_eq!(loads("unrouted"), [8; 190], "⌈log2 190⌉");
        assert_eq!(loads("size 3 unrouted"), [3; 190]);
        assert_ne!(loads("by_influence"), [8; 190]);
        for wrong in ["3", "size", "size 0", "size 1.5", "size 3 size 3", "unrouted by_influence"] {
            assert!(chosen(wrong).is_err(), "{wrong}");
        }
    }

    /// Codes of density m'^{-1/4} meet in n m'^{-1/2} neurons in the mean.
    #[test]
    fn codes_of_high_influence_meet_as_often_as_published() {
        let circuit = pairs(20);
        let task = LayerTask::new(&circuit, 0);
        assert!(circuit.cases(0).iter().all(|&case| case == Case::Input));
        let (n, mut met) = (150, 0);
        for seed in 0..16 {
            let published = CHANNELS.published(&task);
            let code = published.wire(&Site::lowest(&task, n), &mut random::stream(&[seed]));
            met += (0..190).map(|target_idx| sparse(&code.readoff).row(target_idx).0.len()).sum::<usize>();
        }
        let (mean, expected) = (met as f64 / (16.0 * 190.0), n as f64 / libm::sqrt(190.0));
        assert!((mean / expected - 1.0).abs() < 0.1, "{mean} neurons, {expected} expected");
    }
}
