//! The inputs of a circuit's distribution, in blocks of 64 that each have a random stream of their own.
//!
//! Input k of a (seed, purpose) depends on nothing but seed, purpose and k, so that blocks can be drawn in any order
//! and on any thread. An input takes from its block's stream: if the distribution plants, one coin, and if it falls,
//! the number of a gate among those that fit; then the clauses, as `clauses` says, or the number of a row.
//!
//! *Planting.* "First-level" gates are those of layer 0. One fits if some draw of the clauses (or some row of the file)
//! has its positive operands on and its negated ones off; to draw again until one fits is to draw uniformly among
//! those that fit, which are listed once. With rows from a file, a planted input is uniform among the rows that have
//! the gate's operands so.

use super::Inputs;
use super::clauses::{Clauses, Counts, Forced};
use super::scratch::Scratch;
use crate::circuit::{Circuit, GateId};
use crate::lists::Lists;
use crate::random::{self, Pcg64};

/// `plant` asks for a first-level gate, and there is none whose operands the clauses allow together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no first-level gate fits the clauses of `sample`, so there is nothing to plant")]
pub struct NothingToPlant;

/// What is worked out once for all draws from a circuit's distribution.
#[derive(Debug, Clone)]
pub struct Sampler<'a> {
    plant: f64,
    draws: Draws<'a>,
}

#[derive(Debug, Clone)]
enum Draws<'a> {
    Clauses { clauses: Clauses<'a>, planted: Lists<Forced> },
    Rows { rows: &'a Inputs, planted: Lists<(u32, bool)>, rows_by_gate: RowsByGate },
}

impl<'a> Sampler<'a> {
    /// Takes time proportional to features, rows and the operands of first-level gates.
    pub fn new(circuit: &'a Circuit) -> Result<Sampler<'a>, NothingToPlant> {
        let distribution = &circuit.distribution;
        let plant = distribution.plant;
        let first_level =
            if plant > 0.0 { circuit.layers.first().map_or(0..0, |layer| layer.gates.clone()) } else { 0..0 };
        let operands =
            |gate: u32| circuit.operands(GateId(gate)).iter().map(|operand| (operand.signal().0, !operand.negated()));
        let draws = match &distribution.rows {
            None => {
                let clauses = Clauses::new(&distribution.clauses, circuit.n_features());
                let mut planted = Lists::default();
                let mut forced = Vec::new();
                for gate in first_level {
                    if clauses.arrange(operands(gate), &mut forced) {
                        planted.push(&forced);
                    }
                }
                Draws::Clauses { clauses, planted }
            }
            Some(rows) => {
                let mut rows_by_gate = RowsByGate::new(&rows.inputs, circuit.n_features());
                let mut planted = Lists::default();
                for gate in first_level {
                    let decided: Vec<(u32, bool)> = operands(gate).collect();
                    let candidates = rows_by_gate.candidates(&decided);
                    if candidates.iter().any(|&row| has(rows.inputs.get(row as usize), &decided)) {
                        planted.push(&decided);
                    }
                }
                if plant == 0.0 {
                    rows_by_gate = RowsByGate::default();
                }
                Draws::Rows { rows: &rows.inputs, planted, rows_by_gate }
            }
        };
        let sampler = Sampler { plant, draws };
        if plant > 0.0 && sampler.n_plantable() == 0 { Err(NothingToPlant) } else { Ok(sampler) }
    }

    /// How many first-level gates can be planted; 0 without `plant`.
    pub fn n_plantable(&self) -> usize {
        match &self.draws {
            Draws::Clauses { planted, .. } => planted.n_lists(),
            Draws::Rows { planted, .. } => planted.n_lists(),
        }
    }

    /// Inputs `64 * block_idx ..` of the stream of (seed, purpose): 64 of them.
    pub fn block(&self, seed: u64, purpose: &str, block_idx: u64) -> Inputs {
        let mut inputs = Inputs::default();
        self.extend(seed, purpose, block_idx, 64, &mut inputs);
        inputs
    }

    /// Adds the first `n` inputs of a block, at most 64.
    pub fn extend(&self, seed: u64, purpose: &str, block_idx: u64, n: usize, inputs: &mut Inputs) {
        let mut rng = random::stream(&[seed, random::key_of(purpose), block_idx]);
        let mut scratch = Scratch::default();
        for _ in 0..n.min(64) {
            let start = inputs.active.len();
            self.one(&mut rng, &mut scratch, &mut inputs.active);
            inputs.active[start..].sort_unstable();
            inputs.starts.push(inputs.active.len() as u32);
        }
    }

    /// Appends the active features of one input, in no particular order.
    fn one(&self, rng: &mut Pcg64, scratch: &mut Scratch, active: &mut Vec<u32>) {
        let planted = self.plant > 0.0 && random::coin(rng, self.plant);
        match &self.draws {
            Draws::Clauses { clauses, planted: gates } => {
                let forced = if planted { any(gates, rng) } else { &[] };
                clauses.complete(rng, forced, Counts::Uniform, scratch, active);
            }
            Draws::Rows { rows, planted: gates, rows_by_gate } => {
                let row = if planted {
                    let decided = any(gates, rng);
                    rows_by_gate.draw(rng, rows, decided)
                } else {
                    random::below(rng, rows.len() as u32)
                };
                active.extend(rows.get(row as usize));
            }
        }
    }
}

/// Whether an input, ascending, has these features on and off.
pub(super) fn has(input: &[u32], decided: &[(u32, bool)]) -> bool {
    decided.iter().all(|&(feature, on)| input.binary_search(&feature).is_ok() == on)
}

/// One of the lists, all equally likely.
fn any<'a, T: Copy>(lists: &'a Lists<T>, rng: &mut Pcg64) -> &'a [T] {
    lists.get(random::below(rng, lists.n_lists() as u32) as usize)
}

/// Which rows have a feature on.
#[derive(Debug, Clone, Default)]
struct RowsByGate {
    /// By feature, where its rows start; one feature more, which all rows have.
    starts: Vec<usize>,
    rows: Vec<u32>,
}

impl RowsByGate {
    /// Tries of a random candidate, before all are looked through.
    const TRIES: usize = 64;

    fn new(inputs: &Inputs, n_features: usize) -> RowsByGate {
        let mut starts = vec![0; n_features + 2];
        for &feature in &inputs.active {
            starts[feature as usize + 2] += 1;
        }
        for feature in 1..starts.len() {
            starts[feature] += starts[feature - 1];
        }
        let mut rows = vec![0; inputs.active.len()];
        for row in 0..inputs.len() {
            for &feature in inputs.get(row) {
                let place = &mut starts[feature as usize + 1];
                rows[*place] = row as u32;
                *place += 1;
            }
        }
        rows.extend(0..inputs.len() as u32);
        starts[n_features + 1] = rows.len();
        RowsByGate { starts, rows }
    }

    /// The rows of the rarest feature that must be on; all rows if none must.
    fn candidates(&self, decided: &[(u32, bool)]) -> &[u32] {
        let n_features = self.starts.len() - 2;
        let on = decided.iter().filter(|(_, on)| *on).map(|(feature, _)| *feature as usize);
        let lists = on.chain([n_features]).map(|feature| &self.rows[self.starts[feature]..self.starts[feature + 1]]);
        lists.min_by_key(|rows| rows.len()).unwrap_or_default()
    }

    /// One of the rows that have these features on and off, all equally likely. There is at least one.
    fn draw(&self, rng: &mut Pcg64, inputs: &Inputs, decided: &[(u32, bool)]) -> u32 {
        let fits = |&row: &u32| has(inputs.get(row as usize), decided);
        let candidates = self.candidates(decided);
        for _ in 0..Self::TRIES {
            let index = random::below(rng, candidates.len() as u32) as usize;
            if fits(&candidates[index]) {
                return candidates[index];
            }
        }
        let fitting: Vec<u32> = candidates.iter().copied().filter(fits).collect();
        fitting[random::below(rng, fitting.len() as u32) as usize]
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::circuit::by_hand::{self, choose, off, on};
    use crate::circuit::{Clause, Distribution, Kind, Literal, Member, Rows};

    const N: usize = 40_000;

    /// The first `n` inputs from block `first_block` of the stream of (seed, purpose).
    pub fn draw(
        circuit: &Circuit,
        seed: u64,
        purpose: &str,
        first_block: u64,
        n: usize,
    ) -> Result<Inputs, NothingToPlant> {
        let sampler = Sampler::new(circuit)?;
        let mut inputs = Inputs::default();
        for block in 0..n.div_ceil(64) {
            sampler.extend(seed, purpose, first_block + block as u64, n - 64 * block, &mut inputs);
        }
        Ok(inputs)
    }

    fn inputs(circuit: &Circuit) -> Inputs {
        draw(circuit, 7, "test", 0, N).unwrap()
    }

    /// The share of inputs that `holds` of.
    fn share(inputs: &Inputs, holds: impl Fn(&[u32]) -> bool) -> f64 {
        (0..inputs.len()).filter(|&i| holds(inputs.get(i))).count() as f64 / inputs.len() as f64
    }

    fn assert_near(share: f64, expected: f64) {
        // Five standard deviations.
        let tolerance = 5.0 * (expected * (1.0 - expected) / N as f64).sqrt() + 1e-9;
        assert!((share - expected).abs() < tolerance, "{share}, expected {expected}");
    }

    fn clauses(n_features: u32, clauses: Vec<Clause>) -> Circuit {
        by_hand::circuit(n_features, &[], Distribution { clauses, plant: 0.0, rows: None })
    }

    fn planted(n_features: u32, plant: f64, clauses: Vec<Clause>, gates: Vec<Vec<Literal>>) -> Circuit {
        let gates = gates.into_iter().map(|operands| (Kind::And, operands)).collect();
        by_hand::circuit(n_features, &[gates], Distribution { clauses, plant, rows: None })
    }

    #[test]
    fn a_block_depends_on_its_key_alone() {
        let circuit = by_hand::ring_of_pairs(50);
        let sampler = Sampler::new(&circuit).unwrap();
        let long = draw(&circuit, 3, "eval", 0, 200).unwrap();
        for block in [2, 0, 1] {
            let drawn = sampler.block(3, "eval", block);
            assert!((0..64).all(|i| drawn.get(i) == long.get(64 * block as usize + i)));
            assert_ne!(drawn, sampler.block(4, "eval", block));
            assert_ne!(drawn, sampler.block(3, "fit", block));
        }
        assert_eq!((long.len(), draw(&circuit, 3, "eval", 1, 5).unwrap().get(4)), (200, long.get(68)));
    }

    #[test]
    fn draws_are_fixed_for_ever() {
        let rows = Clause::Choose { members: vec![Member::Row(30..34), Member::Row(34..38)], count: 1..=1 };
        let rare = Clause::Each { features: (38..100).collect(), probability: 0.02 };
        let circuit = planted(100, 0.5, vec![choose(0..30, 2..=4), rows, rare], vec![vec![on(1), on(2)], vec![on(31)]]);
        let drawn = Sampler::new(&circuit).unwrap().block(0, "eval", 0);
        let lines: Vec<String> = (0..8).map(|i| format!("{:?}", drawn.get(i))).collect();
        insta::assert_snapshot!(lines.join("\n"));
    }

    #[test]
    fn chosen_members_are_distinct_and_equally_likely() {
        for (n, count) in [(10, 3..=3), (10, 0..=4), (40, 20..=20), (40, 30..=40)] {
            let inputs = inputs(&clauses(n, vec![choose(0..n, count.clone())]));
            let mean = (count.start() + count.end()) as f64 / 2.0;
            for feature in 0..n {
                assert_near(share(&inputs, |input| input.contains(&feature)), mean / n as f64);
            }
            for k in 0..=n {
                let expected = if count.contains(&k) { 1.0 / count.clone().count() as f64 } else { 0.0 };
                assert_near(share(&inputs, |input| input.len() as u32 == k), expected);
            }
            assert!((0..inputs.len()).all(|i| inputs.get(i).is_sorted_by(|a, b| a < b)), "ascending and distinct");
        }
    }

    #[test]
    fn coins_are_independent_and_features_in_no_clause_are_off() {
        for probability in [0.0, 0.01, 0.06, 0.2, 1.0] {
            let inputs = inputs(&clauses(20, vec![Clause::Each { features: (3..18).collect(), probability }]));
            for feature in 0..20 {
                let expected = if (3..18).contains(&feature) { probability } else { 0.0 };
                assert_near(share(&inputs, |input| input.contains(&feature)), expected);
            }
            assert_near(share(&inputs, |input| input.contains(&3) && input.contains(&4)), probability * probability);
            assert_near(share(&inputs, |input| input.is_empty()), (1.0 - probability).powi(15));
        }
    }

    #[test]
    fn members_of_a_chosen_row_are_fair_coins() {
        let members = vec![Member::Row(0..40), Member::Row(40..80), Member::One(80), Member::One(81)];
        let inputs = inputs(&clauses(82, vec![Clause::Choose { members, count: 1..=1 }]));
        for feature in 0..82 {
            let expected = if feature < 80 { 0.125 } else { 0.25 };
            assert_near(share(&inputs, |input| input.contains(&feature)), expected);
        }
        assert_eq!(share(&inputs, |input| input.iter().any(|&f| f < 40) && input.iter().any(|&f| f >= 40)), 0.0);
    }

    #[test]
    fn planting_turns_a_gate_on_and_keeps_every_count() {
        let circuit = planted(
            30,
            0.5,
            vec![choose(0..10, 2..=2), choose(10..20, 1..=3)],
            vec![vec![on(0), on(1), on(10)], vec![on(2), off(3), off(11), off(25)]],
        );
        let inputs = inputs(&circuit);
        let in_first = |input: &[u32]| input.iter().filter(|&&f| f < 10).count();
        assert_eq!(share(&inputs, |input| in_first(input) == 2 && (1..=3).contains(&(input.len() - 2))), 1.0);
        let first = |input: &[u32]| input.contains(&0) && input.contains(&1) && input.contains(&10);
        // Planted in a quarter; by chance in half of 1/45 of 1/5, and never beside the other gate.
        assert_near(share(&inputs, first), 0.25 + 0.5 / 225.0);
        assert!(share(&inputs, |input| input.contains(&2) && !input.contains(&3) && !input.contains(&11)) > 0.25);
    }

    #[test]
    fn a_planted_row_has_the_operands_of_the_gate() {
        let members = (0..10).map(|row| Member::Row(4 * row..4 * row + 4)).collect();
        let clause = Clause::Choose { members, count: 1..=1 };
        let inputs = inputs(&planted(40, 1.0, vec![clause], vec![vec![on(20), off(22)]]));
        assert_eq!(share(&inputs, |input| input.contains(&20) && !input.contains(&22)), 1.0);
        assert_near(share(&inputs, |input| input.contains(&21)), 0.5);
        assert_eq!(share(&inputs, |input| input.iter().all(|f| (20..24).contains(f))), 1.0);
    }

    #[test]
    fn gates_that_cannot_fit_are_never_planted() {
        let never = Clause::Each { features: vec![10], probability: 0.0 };
        let clauses = vec![choose(0..10, 2..=2), never];
        let misfits = vec![
            vec![on(0), on(1), on(2)], // more than the count
            vec![on(3), off(3)],       // a contradiction
            vec![on(10)],              // never on
            vec![on(11)],              // in no clause
            (0..9).map(off).collect(), // leaves too few
        ];
        let mut gates = misfits.clone();
        gates.push(vec![on(4), on(5)]);
        let circuit = planted(12, 1.0, clauses.clone(), gates);
        assert_eq!(Sampler::new(&circuit).unwrap().n_plantable(), 1);
        assert_eq!(share(&inputs(&circuit), |input| input == [4, 5]), 1.0);
        assert_eq!(draw(&planted(12, 0.1, clauses.clone(), misfits.clone()), 0, "", 0, 1), Err(NothingToPlant));
        assert!(draw(&planted(12, 0.0, clauses, misfits), 0, "", 0, 1).is_ok());
    }

    #[test]
    fn rows_are_drawn_uniformly_and_planting_picks_among_those_that_fit() {
        let mut rows = Inputs::default();
        for row in [&[0, 1][..], &[0, 1, 2], &[2], &[], &[2]] {
            rows.push(row.iter().copied());
        }
        let rows = Rows { path: "rows.csv".into(), bytes: Vec::new(), inputs: rows };
        let gates =
            vec![(Kind::And, vec![on(0), on(1)]), (Kind::And, vec![on(0), off(1)]), (Kind::Nor, vec![off(0), off(3)])];
        let distribution = Distribution { clauses: Vec::new(), plant: 0.0, rows: Some(rows) };
        let mut circuit = by_hand::circuit(4, &[gates], distribution);
        assert_near(share(&inputs(&circuit), |input| input.is_empty()), 0.2);
        circuit.distribution.plant = 1.0;
        assert_eq!(Sampler::new(&circuit).unwrap().n_plantable(), 2);
        assert_near(share(&inputs(&circuit), |input| input == [0, 1, 2]), 0.25);
        assert_near(share(&inputs(&circuit), |input| input == [2]), 1.0 / 3.0);
    }
}
