//! Branch and bound: every input of a support on which a read-off of the first layer is above a cut.
//!
//! A node has some features on and some slots open. A read-off is Σ R relu(z) over neurons; z is what is on, and what
//! the open slots add. Its bound is a sum over slots, so that the best completion of the bound is each slot's own best:
//!
//! - a neuron that cannot bend any more is a line, or nothing;
//! - R < 0: relu(z) ≥ σ z, σ = 1 if z > 0 at the mean completion, else 0;
//! - R > 0: Jensen, relu(c + Σ d_j) ≤ Σ λ_j relu(c + d_j / λ_j) for any λ that add up to 1, c the mean completion, d_j
//!   what slot j differs from its mean by, λ_j in proportion to how much it does so; or the chord over all that z can
//!   be, where that is nearer.
//!
//! With one slot open the bound is the read-off. With two, pairs that cannot be above the cut are told by eight bits of
//! each option (`codes`). Branches go by falling gain, each with what stands behind it alone, so that every set of
//! options comes once. Must not know what a gate is.

use std::cell::OnceCell;

use super::codes::{Codes, Pairs};
use super::first::{First, Slots};
use crate::circuit::inputs::support::{Open, Rest, Support};
use crate::kernels::{self, Bends};

/// What a search asks of whoever looks at its finds.
pub enum Next {
    GoOn,
    /// From now on only what is above this.
    Above(f64),
    Stop,
}

/// How a search came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Nothing is left.
    Complete,
    /// Whoever looks has seen enough.
    Stopped,
    /// No nodes are left.
    OutOfNodes,
}

/// One question: where is Σ read · relu(z) + bias above the cut?
pub struct Question<'a> {
    pub first: &'a First,
    pub support: &'a Support,
    /// By neuron.
    pub read: &'a [f64],
    pub bias: f64,
    /// How far values can be off, and how far bounds.
    slack: f64,
    slack_of_bounds: f64,
    precision: Precision,
    codes: OnceCell<Option<Codes>>,
}

/// How options are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// In f32 where nothing can overflow, which is twice as fast; what that cannot exclude is looked at again.
    Coarse,
    /// In f64, for whoever looks for inputs that hardly differ.
    Fine,
}

impl<'a> Question<'a> {
    pub fn new(
        first: &'a First,
        support: &'a Support,
        read: &'a [f64],
        bias: f64,
        precision: Precision,
    ) -> Question<'a> {
        let slack = first.slack(read, bias);
        let n_slots = support.groups.iter().map(|group| group.most).sum::<u32>().max(1);
        let of_a_gain = first.slack_f32(read, n_slots).filter(|_| precision == Precision::Coarse);
        let (slack_of_bounds, precision) = match of_a_gain {
            // Of every slot that is open.
            Some(of_a_gain) => (slack + f64::from(n_slots) * of_a_gain, Precision::Coarse),
            None => (slack, Precision::Fine),
        };
        Question { first, support, read, bias, slack, slack_of_bounds, precision, codes: OnceCell::new() }
    }

    /// What each option comes to: see [`kernels::bent_sums`].
    fn sums(&self, bends: Bends<f64>, options: &[u32], out: &mut Vec<f64>) {
        out.clear();
        match self.precision {
            Precision::Fine => {
                out.resize(options.len(), 0.0);
                kernels::bent_sums(bends, self.first.by_option.view(), options, out);
            }
            Precision::Coarse => {
                let narrow = |values: &[f64]| -> Vec<f32> { values.iter().map(|&value| value as f32).collect() };
                let [linear, base, scale, weight] = [bends.linear, bends.base, bends.scale, bends.weight].map(narrow);
                let bends = Bends { linear: &linear, base: &base, scale: &scale, weight: &weight };
                let mut sums = vec![0.0; options.len()];
                kernels::bent_sums(bends, self.first.by_option_f32.view(), options, &mut sums);
                out.extend(sums.into_iter().map(f64::from));
            }
        }
    }
}

/// A search, and what it may still spend.
pub struct Search<'a> {
    question: &'a Question<'a>,
    cut: f64,
    pub n_nodes: u64,
    most_nodes: u64,
    /// Neurons that were looked at since somebody was asked whether to stop.
    work: usize,
    should_stop: &'a dyn Fn() -> bool,
    /// Options that are on.
    chosen: Vec<u32>,
    input: Vec<u32>,
    lines: Lines,
    /// Pairs of options that were looked at.
    n_pairs: usize,
}

/// By neuron, what a bound is made of; reused from node to node.
#[derive(Default)]
struct Lines {
    centre: Vec<f64>,
    spread: Vec<f64>,
    linear: Vec<f64>,
    bent: Vec<f64>,
    base: Vec<f64>,
    scale: Vec<f64>,
    weight: Vec<f64>,
}

/// An open group within a node: what its options gain over an empty slot, falling.
struct Ranked<'n> {
    slots: &'n Slots,
    most: u32,
    least: u32,
    rows_count: bool,
    /// (gain, option)
    options: Vec<(f64, u32)>,
}

/// A group that is open, and how its members differ.
#[derive(Clone)]
struct Group<'n> {
    slots: &'n Slots,
    open: Open,
}

impl Group<'_> {
    /// Whether there are too few options to be filled.
    fn is_short(&self) -> bool {
        self.open.options.len() < self.open.least as usize
    }
}

type Look<'a> = &'a mut dyn FnMut(f64, &[u32]) -> Next;

impl<'a> Search<'a> {
    pub fn new(question: &'a Question<'a>, most_nodes: u64, should_stop: &'a dyn Fn() -> bool) -> Search<'a> {
        let lines = Lines::default();
        let (chosen, input) = (Vec::new(), Vec::new());
        Search { question, cut: 0.0, n_nodes: 0, most_nodes, work: 0, should_stop, chosen, input, lines, n_pairs: 0 }
    }

    /// Hands every input of `rest` to `look` on which the read-off is above `cut`, or so near that nobody can tell;
    /// input and read-off.
    pub fn run(&mut self, rest: &Rest, cut: f64, look: Look) -> (End, f64) {
        self.cut = cut;
        let Question { first, support, .. } = self.question;
        let mut z = first.base.clone();
        for &feature in rest.on.iter().filter(|feature| !support.is_always_on(**feature)) {
            add(&mut z, first.by_feature.row(feature as usize).to_slice().expect("rows are contiguous"));
        }
        let rows: Vec<Option<Slots>> = rest
            .open
            .iter()
            .map(|open| open.rows_count.then(|| Slots::of_row(&open.options, &first.by_option)))
            .collect();
        let groups: Vec<Group> = rest
            .open
            .iter()
            .zip(&rows)
            .map(|(open, row)| {
                let group = support.options[open.options[0] as usize].group;
                Group { slots: row.as_ref().unwrap_or(&first.groups[group as usize]), open: open.clone() }
            })
            .collect();
        self.chosen.clear();
        let end = self.descend(&z, groups, &rest.on, look);
        (end, self.cut)
    }

    fn descend(&mut self, z: &[f64], mut groups: Vec<Group>, on: &[u32], look: Look) -> End {
        if groups.iter().any(Group::is_short) {
            return End::Complete;
        }
        groups.retain(|group| !group.open.options.is_empty());
        for Group { open, .. } in &mut groups {
            open.most = open.most.min(open.options.len() as u32);
        }
        if self.n_nodes >= self.most_nodes {
            return End::OutOfNodes;
        }
        self.n_nodes += 1;
        let n_options: usize = groups.iter().map(|group| group.open.options.len()).sum();
        if self.is_stopped(n_options * z.len()) {
            return End::Stopped;
        }
        let n_slots: u32 = groups.iter().map(|group| group.open.most).sum();
        match n_slots {
            0 => self.leaf(self.value(z), on, look),
            1 => self.last_slot(z, &groups, on, look),
            _ => self.branch(z, groups, n_slots, on, look),
        }
    }

    /// Whether the search has been told to end, after so much more work.
    fn is_stopped(&mut self, work: usize) -> bool {
        self.work += work;
        if self.work <= AT_ONCE {
            return false;
        }
        self.work = 0;
        (self.should_stop)()
    }

    /// The read-off itself.
    fn value(&self, z: &[f64]) -> f64 {
        let Question { read, bias, .. } = self.question;
        bias + z.iter().zip(*read).map(|(z, read)| read * z.max(0.0)).sum::<f64>()
    }

    /// Hands on what is above the cut and can be an input.
    fn leaf(&mut self, value: f64, on: &[u32], look: Look) -> End {
        let Question { support, slack, .. } = self.question;
        if value + slack <= self.cut {
            return End::Complete;
        }
        self.input.clear();
        self.input.extend_from_slice(on);
        for &option in &self.chosen {
            self.input.extend_from_slice(&support.options[option as usize].features);
        }
        self.input.sort_unstable();
        if !support.has(&self.input) {
            return End::Complete;
        }
        match look(value, &self.input) {
            Next::GoOn => {}
            Next::Above(cut) => self.cut = cut,
            Next::Stop => return End::Stopped,
        }
        End::Complete
    }

    /// One slot is open: what each option makes of the read-off is exact.
    fn last_slot(&mut self, z: &[f64], groups: &[Group], on: &[u32], look: Look) -> End {
        let question = self.question;
        let Some(Group { open, .. }) = groups.iter().find(|group| group.open.most == 1) else { return End::Complete };
        let n = z.len();
        let (zeros, ones) = (vec![0.0; n], vec![1.0; n]);
        let bends = Bends { linear: &zeros, base: z, scale: &ones, weight: question.read };
        let mut options = open.options.clone();
        let mut values = Vec::new();
        question.sums(bends, &options, &mut values);
        if question.precision == Precision::Coarse {
            // What is no number is not excluded.
            let is_excluded = |value: f64| question.bias + value + question.slack_of_bounds <= self.cut;
            let left = options.iter().zip(&values).filter(|(_, value)| !is_excluded(**value));
            options = left.map(|(&option, _)| option).collect();
            values.resize(options.len(), 0.0);
            kernels::bent_sums(bends, question.first.by_option.view(), &options, &mut values);
        }
        for (&option, value) in options.iter().zip(values) {
            let counts = open.rows_count || question.support.options[option as usize].is_single;
            if open.least > 0 && !counts || question.bias + value + question.slack <= self.cut {
                continue;
            }
            self.chosen.push(option);
            let end = self.leaf(question.bias + value, on, look);
            self.chosen.pop();
            if end != End::Complete {
                return end;
            }
        }
        match open.least {
            0 => self.leaf(self.value(z), on, look),
            _ => End::Complete,
        }
    }

    fn branch(&mut self, z: &[f64], groups: Vec<Group>, n_slots: u32, on: &[u32], look: Look) -> End {
        let question = self.question;
        let (mut total, mut ranked) = self.bound(z, &groups);
        let bests: Vec<f64> = ranked.iter().map(Ranked::best).collect();
        total += bests.iter().sum::<f64>();
        if total + question.slack_of_bounds <= self.cut {
            return End::Complete;
        }
        // The group whose slots promise most.
        let by_promise = |&a: &usize, &b: &usize| bests[a].total_cmp(&bests[b]).then(b.cmp(&a));
        let Some(at) = (0..ranked.len()).max_by(by_promise) else { return End::Complete };
        let here = ranked.swap_remove(at);
        let mut other_bests = bests.clone();
        other_bests.swap_remove(at);
        let others_of = |total: f64, cut: f64| -> Vec<Group> {
            let kept = ranked
                .iter()
                .zip(&other_bests)
                .map(|(other, best)| other.kept(total - best, cut - question.slack_of_bounds));
            kept.collect()
        };
        let without = total - bests[at];
        let ids: Vec<u32> = here.options.iter().map(|(_, option)| *option).collect();
        let mut pairs = None;
        for (idx, &(gain, option)) in here.options.iter().enumerate() {
            let choice = &question.support.options[option as usize];
            let upper = without + gain + here.best_behind(idx + 1, here.most - 1, here.least.saturating_sub(1));
            if upper + question.slack_of_bounds <= self.cut {
                break;
            }
            let counts = here.rows_count || choice.is_single;
            let least = here.least - u32::from(counts && here.least > 0);
            let most = here.most - 1;
            if least > most {
                continue;
            }
            let mut groups = others_of(upper, self.cut);
            if most > 0 {
                let beside = without + gain + here.best_behind(idx + 1, most - 1, least.saturating_sub(1));
                let is_left = |(gain, _): &(f64, u32)| beside + gain + question.slack_of_bounds > self.cut;
                let behind = idx + 1..idx + 1 + here.options[idx + 1..].partition_point(is_left);
                let options = ids[behind].to_vec();
                groups.push(Group {
                    slots: here.slots,
                    open: Open { options, least, most, rows_count: here.rows_count },
                });
            }
            let work = groups.iter().map(|group| group.open.options.len()).sum::<usize>() * z.len();
            if let (true, [Group { open, .. }]) = (n_slots == 2, &mut groups[..]) {
                self.n_pairs += open.options.len();
                if let Some(pairs) = self.pairs(&mut pairs, z) {
                    let cut = self.cut - question.bias - 2.0 * question.slack;
                    open.options = pairs.above(cut, option, &open.options).collect();
                }
            }
            if let Some(Group { open, .. }) = groups.last_mut().filter(|_| most > 0) {
                let member = |option: u32| question.support.options[option as usize].member;
                open.options.retain(|&other| member(other) != member(option));
                open.options.sort_unstable();
            }
            if groups.iter().any(Group::is_short) {
                self.n_nodes += 1;
                if self.is_stopped(work / PAIRS_AT_ONCE) {
                    return End::Stopped;
                }
                continue;
            }
            let mut below = z.to_vec();
            let row = question.first.by_option.row(option as usize);
            below.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
            self.chosen.push(option);
            let end = self.descend(&below, groups, on, look);
            self.chosen.pop();
            if end != End::Complete {
                return end;
            }
        }
        if here.least == 0 && without + question.slack_of_bounds > self.cut {
            let groups = others_of(without, self.cut);
            return self.descend(z, groups, on, look);
        }
        End::Complete
    }

    /// What eight bits tell of pairs on top of `z`, once there have been enough of them.
    fn pairs<'p>(&self, here: &'p mut Option<Pairs<'a>>, z: &[f64]) -> Option<&'p mut Pairs<'a>> {
        let question = self.question;
        if self.n_pairs > PAIRS_OF_AN_OPTION * question.support.options.len() && here.is_none() {
            let codes = question.codes.get_or_init(|| Codes::new(question.first, question.read));
            *here = codes.as_ref().map(|codes| codes.pairs(z));
        }
        here.as_mut()
    }

    /// What the bound comes to where every open slot is empty, and what options gain over that.
    fn bound<'n>(&mut self, z: &[f64], groups: &[Group<'n>]) -> (f64, Vec<Ranked<'n>>) {
        let question = self.question;
        let Question { read, bias, .. } = question;
        let n = z.len();
        let lines = &mut self.lines;
        lines.reset(n);
        lines.centre.copy_from_slice(z);
        // The variance of what is open, for a moment in `base`.
        for Group { slots, open } in groups {
            let k = f64::from(open.most);
            for neuron in 0..n {
                lines.centre[neuron] += k * slots.mean[neuron];
                lines.spread[neuron] += k * slots.deviation[neuron];
                lines.base[neuron] += k * slots.deviation[neuron] * slots.deviation[neuron];
            }
        }
        let (mut lows, mut highs) = (z.to_vec(), z.to_vec());
        for Group { slots, open } in groups {
            let (low, high) = slots.span(open.most);
            add(&mut lows, low.as_slice().expect("rows are contiguous"));
            add(&mut highs, high.as_slice().expect("rows are contiguous"));
        }
        let mut total = *bias;
        for neuron in 0..n {
            let (low, high, read) = (lows[neuron], highs[neuron], read[neuron]);
            if high <= 0.0 || read == 0.0 {
                continue;
            }
            let centre = lines.centre[neuron];
            if low >= 0.0 {
                lines.linear[neuron] = read;
            } else if read < 0.0 {
                lines.linear[neuron] = if centre > 0.0 { read } else { 0.0 };
            } else {
                // How high chord and Jensen are on average, were sums Gaussian: E relu ~ (m + √(m² + 2/π s²)) / 2.
                let slope = high / (high - low);
                let spread = lines.spread[neuron];
                let chord = slope * (centre - low);
                let jensen = 0.5 * (centre + (centre * centre + std::f64::consts::FRAC_2_PI * spread * spread).sqrt());
                if chord < jensen {
                    lines.linear[neuron] = read * slope;
                    total -= read * slope * low;
                } else {
                    lines.bent[neuron] = read;
                }
            }
            total += lines.linear[neuron] * z[neuron];
        }
        let n_slots: f64 = groups.iter().map(|group| f64::from(group.open.most)).sum();
        let mut ranked = Vec::with_capacity(groups.len());
        for Group { slots, open } in groups {
            let mut empty = 0.0;
            for neuron in 0..n {
                let bent = lines.bent[neuron];
                if bent == 0.0 {
                    (lines.base[neuron], lines.scale[neuron], lines.weight[neuron]) = (0.0, 0.0, 0.0);
                    continue;
                }
                // A little of the whole for slots that hardly differ.
                let spread = lines.spread[neuron];
                let share = match spread > 0.0 {
                    true => (slots.deviation[neuron] + LEAST_SHARE * spread / n_slots) / (spread * (1.0 + LEAST_SHARE)),
                    false => 1.0 / n_slots,
                };
                let scale = 1.0 / share;
                lines.scale[neuron] = scale;
                lines.base[neuron] = lines.centre[neuron] - scale * slots.mean[neuron];
                lines.weight[neuron] = share * bent;
                empty += share * bent * lines.base[neuron].max(0.0);
            }
            let mut gains = Vec::new();
            let bends = Bends { linear: &lines.linear, base: &lines.base, scale: &lines.scale, weight: &lines.weight };
            question.sums(bends, &open.options, &mut gains);
            let mut options: Vec<(f64, u32)> =
                gains.into_iter().map(|gain| gain - empty).zip(open.options.iter().copied()).collect();
            options.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            total += f64::from(open.most) * empty;
            let Open { least, most, rows_count, .. } = *open;
            ranked.push(Ranked { slots, most, least, rows_count, options });
        }
        (total, ranked)
    }
}

/// Neurons of options between two questions whether to stop: some hundredths of a second.
const AT_ONCE: usize = 1 << 25;

/// All options are coded in the time that it takes to look at so many pairs for each. Tests have few.
const PAIRS_OF_AN_OPTION: usize = if cfg!(test) { 0 } else { 8 };

/// Pairs that are looked at in eight bits in the time of one.
const PAIRS_AT_ONCE: usize = 8;

/// Of the whole spread, what all slots together have at least.
const LEAST_SHARE: f64 = 0.01;

impl<'n> Ranked<'n> {
    /// The most that its slots can gain together.
    fn best(&self) -> f64 {
        self.best_behind(0, self.most, self.least)
    }

    /// The most that so many slots gain with options from `start` on, `least` of them filled.
    fn best_behind(&self, start: usize, most: u32, least: u32) -> f64 {
        let options = self.options[start.min(self.options.len())..].iter().take(most as usize).enumerate();
        options.take_while(|(idx, (gain, _))| *idx < least as usize || *gain > 0.0).map(|(_, (gain, _))| gain).sum()
    }

    /// The options with which `without`, the best of all else, is still above the cut.
    fn kept(&self, without: f64, cut: f64) -> Group<'n> {
        let beside = without + self.best_behind(0, self.most - 1, self.least.saturating_sub(1));
        let kept = self.options.iter().filter(|(gain, _)| beside + gain > cut).map(|(_, option)| *option);
        let mut options: Vec<u32> = kept.collect();
        options.sort_unstable();
        let Ranked { slots, most, least, rows_count, .. } = *self;
        Group { slots, open: Open { options, least, most, rows_count } }
    }
}

impl Lines {
    fn reset(&mut self, n: usize) {
        let Lines { centre, spread, linear, bent, base, scale, weight } = self;
        for of in [centre, spread, linear, bent, base, scale, weight] {
            of.clear();
            of.resize(n, 0.0);
        }
    }
}

fn add(sums: &mut [f64], row: &[f64]) {
    sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
}
