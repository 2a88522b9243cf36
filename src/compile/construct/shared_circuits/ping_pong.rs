//! One copy at a time, exactly: the ping-pong construction (A. Gibson 2026, "Ping pong computation in superposition").
//!
//! n / d blocks of d neurons, one for each neuron of the small circuit, and (n / d)² copies, each an ordered pair (i,
//! j) of blocks. What copy (i, j) computes is in block i in the layers of even number and in block j in the others. All
//! blocks but the right one are held at 0 by a large bias, which goes away with the indicator of j, or of i. There the
//! input has both indicators; here it has none, and they are what the lowest layer makes of the features of the copies
//! (i, ·) and (·, j): whether any is on.
//!
//! Everything that is read is v, in the block, and the two indicators: v + x_i + x_j − 2 is v for the copy in use and 0
//! at most for every other. Nearer to both sides is ½ v + ½ x of the other block − ¼, with as little of the block's own
//! indicator as floats can tell. Neurons are over such read-offs of the layer below: W = C·D. Differences between
//! copies that share a block are differences of indicators.
//!
//! Must not know activations.

use super::copies::Copies;
use super::plan::{Family, families};
use super::wired::{Wired, once};
use crate::circuit::{Circuit, Member, Signal};
use crate::compile::construct::code::{Code, Missing};
use crate::compile::construct::construction::Wiring;
use crate::compile::construct::site::Site;
use crate::compile::construct::staircase::{DeadZone, gathered};
use crate::compile::layer::LayerTask;
use crate::compile::problems;
use crate::diagnostic::Diagnostic;
use crate::random::Pcg64;

/// A target is read as `value` · v + `away` · x of the block where its copy is in the next layer + `home` · x of the
/// one where it is in this + `offset`.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    value: f64,
    away: f64,
    home: f64,
    offset: f64,
}

impl Reading {
    pub const PUBLISHED: Reading = Reading { value: 1.0, away: 1.0, home: 1.0, offset: -2.0 };
    /// Within ¼ + 3/64. With less of `home`, what is read of the layer below is multiplied by more, and its rounding.
    pub const NEAREST: Reading = Reading { value: 0.5, away: 0.5, home: 3.0 / 32.0, offset: -0.25 - 3.0 / 64.0 };
}

pub struct PingPong {
    pub reading: Reading,
}

/// So many copies at least: fewer are no square.
const FEWEST: usize = 3;

/// Copies as pairs of blocks.
#[derive(Debug, Clone, Copy)]
struct Grid {
    n_copies: usize,
    n_columns: usize,
}

impl Grid {
    fn of(n_copies: usize) -> Grid {
        let n_columns = (1..).find(|side| side * side >= n_copies).expect("some square is as large");
        Grid { n_copies, n_columns }
    }

    /// Blocks of the layer's own, and of the other kind.
    fn n_blocks(self, layer_idx: usize) -> [usize; 2] {
        let n = [self.n_copies.div_ceil(self.n_columns), self.n_columns];
        [n[layer_idx % 2], n[(layer_idx + 1) % 2]]
    }

    /// Where a copy is in this layer, and in the next.
    fn blocks(self, layer_idx: usize, copy: usize) -> [usize; 2] {
        let pair = [copy / self.n_columns, copy % self.n_columns];
        [pair[layer_idx % 2], pair[(layer_idx + 1) % 2]]
    }

    /// The copy that is in block `home` in this layer, and in block `away` in the next; one of the two must be 0.
    fn copy(self, layer_idx: usize, [home, away]: [usize; 2]) -> usize {
        let pair = if layer_idx.is_multiple_of(2) { [home, away] } else { [away, home] };
        pair[0] * self.n_columns + pair[1]
    }
}

/// Neurons that a layer takes: a block's for each, and two for each indicator.
pub fn width(layer_idx: usize, families: &[Family]) -> usize {
    let of = |family: &Family| {
        let [home, away] = Grid::of(family.n_copies).n_blocks(layer_idx);
        family.blocks.len() * home + 2 * (home + away)
    };
    families.iter().map(of).sum()
}

impl Wiring for PingPong {
    fn wire(&self, site: &Site, _: &mut Pcg64) -> Code {
        let (task, n) = (site.task, site.n);
        let copies = Copies::of(task.circuit);
        let families = families(task, &copies, DeadZone::AtRest);
        let missing = |problem, would_fit_wider| Missing { problem, would_fit_wider, can_be_solved: false };
        let mut wired = Wired::new(task, n);
        if let Some(problem) = refused(site, &copies, &families) {
            wired.missing.push(missing(problem, false));
        } else if width(task.layer_idx, &families) > n {
            let problem = problems::no_room_for_ping_pong(task, n, width(task.layer_idx, &families));
            wired.missing.push(missing(problem, true));
        } else {
            let offset = Court { task, copies: &copies, grid: Grid::of(families[0].n_copies), reading: self.reading }
                .wire(&families[0], &mut wired);
            let mut code = wired.into_code();
            code.readoff_bias.fill(offset);
            return code;
        }
        wired.into_code()
    }
}

/// Why there is no ping-pong.
fn refused(site: &Site, copies: &Copies, families: &[Family]) -> Option<Diagnostic> {
    let task = site.task;
    let because = |target_idx, why: &str, help: &str| Some(problems::not_for_ping_pong(task, target_idx, why, help));
    const OTHERWISE: &str = "compile with `--construction shared_circuits`";
    if site.stream.is_some() {
        let why = "in a stream all that was ever written stays, and no block is held at 0";
        return because(0, why, "leave `residual` out, or compile with `--construction shared_circuits`");
    }
    if !copies.any() {
        return Some(problems::nothing_to_share(task));
    }
    let part = |signal| copies.of_signal(signal);
    let family = part(task.targets[0]).family;
    let n_copies = copies.n_copies[family];
    for (target_idx, &target) in task.targets.iter().enumerate() {
        let is_own = |signal: &Signal| (part(*signal).family, part(*signal).copy) == (family, part(target).copy);
        if !is_own(&target) || n_copies < FEWEST {
            return because(target_idx, "not every gate is a part of one of three copies of one circuit", OTHERWISE);
        }
        if !task.operands(target_idx).iter().all(is_own) {
            return because(target_idx, "it reads what other copies read too", OTHERWISE);
        }
    }
    // A constant has no neuron to be read from.
    let has_all = |family: &Family| family.n_copies == n_copies && family.blocks.iter().all(|b| b.len() == n_copies);
    let n_targets: usize = families.iter().map(|family| targets(family).len()).sum();
    if families.len() != 1 || !has_all(&families[0]) || n_targets != task.targets.len() {
        return because(0, "not every copy has all gates of the layer, or some are constant", OTHERWISE);
    }
    if !is_one_at_a_time(task.circuit, copies, family) {
        let why = "`sample` may have two copies in use";
        return because(0, why, "let one row of features be chosen at most: `choose 1 of …`, or `one of …`");
    }
    None
}

fn targets(family: &Family) -> Vec<usize> {
    let mut targets: Vec<usize> = family.blocks.iter().flatten().map(|bend| bend.target_idx).collect();
    targets.sort_unstable();
    targets.dedup();
    targets
}

/// Whether no input has features on of two copies.
fn is_one_at_a_time(circuit: &Circuit, copies: &Copies, family: usize) -> bool {
    let copies_of = |features: &mut dyn Iterator<Item = u32>| {
        let parts = features.map(|feature| copies.of_signal(Signal(feature)));
        let mut found: Vec<usize> = parts.filter(|part| part.family == family).map(|part| part.copy).collect();
        found.sort_unstable();
        found.dedup();
        found.len()
    };
    if let Some(rows) = &circuit.distribution.rows {
        return rows.inputs.iter().all(|active| copies_of(&mut active.iter().copied()) <= 1);
    }
    let of_member = |member: &Member| match member {
        Member::One(feature) => copies_of(&mut [*feature].into_iter()),
        Member::Row(row) => copies_of(&mut row.clone()),
    };
    // How many copies each clause may have features of at a time.
    let mut at_a_time = 0;
    for clause in &circuit.distribution.clauses {
        at_a_time += match clause.chosen() {
            Some((members, count)) => *count.end() as usize * members.iter().map(of_member).max().unwrap_or(0),
            None => {
                let coins = clause.coins().map(|(feature, _)| feature);
                copies_of(&mut coins.chain(clause.children().iter().map(|child| child.feature)))
            }
        };
    }
    at_a_time <= 1
}

/// A combination of signals below.
type Sum = Vec<(u32, f64)>;

/// Where it is played: one layer.
struct Court<'a> {
    task: &'a LayerTask<'a>,
    copies: &'a Copies,
    grid: Grid,
    reading: Reading,
}

impl Court<'_> {
    /// The neurons and the read-offs; what is added to each of these.
    fn wire(&self, family: &Family, wired: &mut Wired) -> f32 {
        let layer_idx = self.task.layer_idx;
        let n_blocks = self.grid.n_blocks(layer_idx);
        let Reading { value, away, home, offset } = self.reading;
        for block in &family.blocks {
            let first = wired.bias.len();
            for place in 0..n_blocks[0] {
                let here: Vec<_> =
                    block.iter().filter(|bend| self.grid.blocks(layer_idx, bend.copy)[0] == place).collect();
                let terms = here.iter().flat_map(|bend| &bend.weights);
                let terms = terms.map(|&(signal, weight)| (self.task.column(signal), f64::from(weight)));
                let (weights, bias) = match layer_idx {
                    0 => (terms.collect(), 0.0),
                    _ => self.held(terms.collect(), here.len(), place),
                };
                push(wired, weights, bias - f64::from(block[0].at));
            }
            for bend in block {
                let neuron = first + self.grid.blocks(layer_idx, bend.copy)[0];
                wired.rows[bend.target_idx].push((neuron as u32, bend.rise * value as f32));
            }
        }
        // By kind of block, the first neuron and the slope of its indicators.
        let indicators = [0, 1].map(|kind| {
            let first = wired.bias.len();
            let full = self.full(n_blocks[kind]);
            for block in 0..n_blocks[kind] {
                let sum = self.sum(kind, block);
                push(wired, sum.clone(), -full / 2.0);
                push(wired, sum, -full);
            }
            (first, 2.0 / full)
        });
        for &target_idx in &targets(family) {
            let blocks = self.grid.blocks(layer_idx, self.copies.of_signal(self.task.targets[target_idx]).copy);
            for (kind, share) in [home, away].into_iter().enumerate() {
                let (first, slope) = indicators[kind];
                let neuron = (first + 2 * blocks[kind]) as u32;
                let weight = (share * slope) as f32;
                wired.rows[target_idx].extend([(neuron, weight), (neuron + 1, -weight)]);
            }
        }
        offset as f32
    }

    /// Weights over read-offs below that come to these terms where the copy in use is in block `place`, and to less
    /// than nothing where it is not; and what is to be added.
    ///
    /// All `n_here` copies of the block together read `value` times the terms (every other one's value is 0) and
    /// indicators: `away` of this block for each copy, `home` of the block that the copy in use comes from once.
    fn held(&self, terms: Sum, n_here: usize, place: usize) -> (Sum, f64) {
        let Reading { value, away, home, offset } = self.reading;
        // Of one copy; all have the same.
        let n_here = n_here as f64;
        let (sum, size) = terms.iter().fold((0.0, 0.0), |(sum, size), term| (sum + term.1, size + term.1.abs()));
        let (sum, size) = (sum / n_here, size / n_here);
        let beside = sum / value * (n_here * (away + offset) + home);
        // More than anything that could be there.
        let full = self.full(self.grid.n_blocks(self.task.layer_idx)[0]);
        let hold = (size * (1.0 + (n_here * away + home) / value) + 1.0) / full;
        let terms = terms.into_iter().map(|(column, weight)| (column, weight / value));
        let held = self.sum(0, place).into_iter().map(|(column, weight)| (column, hold * weight));
        (terms.chain(held).collect(), -beside - hold * full)
    }

    /// A sum that is 0 at most where the copy in use is not in this block of its kind (0: of this layer, 1: of the
    /// next), and [`Court::full`] at least where it is.
    fn sum(&self, kind: usize, block: usize) -> Sum {
        let (task, layer_idx) = (self.task, self.task.layer_idx);
        let Some(below) = layer_idx.checked_sub(1) else {
            // A feature belongs to the copy that has it to itself.
            let is_there = |signal: &Signal| {
                let part = self.copies.of_signal(*signal);
                part.family == self.family() && self.grid.blocks(layer_idx, part.copy)[kind] == block
            };
            return task.below.iter().filter(|signal| is_there(signal)).map(|&s| (task.column(s), 1.0)).collect();
        };
        // Copies that differ in this block alone, of which one signal each is read: all that differs are indicators,
        // and, where it is the block that they were in below, the value. Blocks of this layer are those that the layer
        // below calls away.
        let n = self.grid.n_blocks(layer_idx)[kind];
        let unit = if kind == 0 { self.reading.away } else { self.reading.home };
        let role = self.copies.of_signal(task.below[0]).role;
        let column = |block: usize| {
            let pair = if kind == 0 { [0, block] } else { [block, 0] };
            let copy = self.grid.copy(below, pair);
            let is_it = |signal: &&Signal| {
                let part = self.copies.of_signal(**signal);
                (part.copy, part.role) == (copy, role)
            };
            task.column(*task.below.iter().find(is_it).expect("every copy has every role"))
        };
        let others = (0..n).map(|other| (column(other), -1.0 / (unit * n as f64)));
        [(column(block), 1.0 / unit)].into_iter().chain(others).collect()
    }

    /// What an indicator's sum has where its block is the one in use, of `n`.
    fn full(&self, n: usize) -> f64 {
        if self.task.layer_idx == 0 { 1.0 } else { 1.0 - 1.0 / n as f64 }
    }

    fn family(&self) -> usize {
        self.copies.of_signal(self.task.targets[0]).family
    }
}

fn push(wired: &mut Wired, weights: Sum, bias: f64) {
    let weights = gathered(weights).into_iter().map(|(column, weight)| (column, weight as f32));
    wired.compute.push(once(weights.collect()));
    wired.bias.push(bias as f32);
}
