//! Codes of low overlap: neurons exchanged between bends, so that signals share fewer of them.
//!
//! A gate is read wrong where its neurons are lit by accident: by one of its operands and a signal that shares several
//! of them. How many neurons two signals share is their *overlap*. From a dealing of even loads, two bends exchange a
//! neuron each wherever that lowers the sum of squared overlaps: loads stay as they are, and neither the sum nor the
//! largest overlap ever grows. Bends that read the same signal come to share neurons, and the code has fewer weights.
//! On another task such exchanges bring random codes from 1.67 times the loss of a trained network to 1.12 (da Silva
//! and Heimersheim 2026). There as many weights are kept (every signal on as many neurons as its bends drew, which is
//! called biregular); here that was worth nothing. Must not know activations.

use std::collections::BTreeMap;

use super::bends::Bend;
use crate::random::{self, Pcg64};

/// Exchanges that are tried: so many for each neuron of each hand, and so many in all.
const TRIES_EACH: usize = 8;
const MOST_TRIES: usize = 1 << 17;

/// Signals whose overlaps are still held: 64 MB.
const MOST_SIGNALS: usize = 1 << 12;

/// Exchanges neurons between the hands of bends, all of one place. Leaves them as they are where signals are too many.
pub fn lower(bends: &[&Bend], hands: &mut [&mut Vec<u32>], rng: &mut Pcg64) {
    let slots: Vec<(usize, usize)> =
        hands.iter().enumerate().flat_map(|(bend, hand)| (0..hand.len()).map(move |slot| (bend, slot))).collect();
    let Some(mut overlaps) = Overlaps::of(bends, hands) else { return };
    for turn in 0..(TRIES_EACH * slots.len()).min(MOST_TRIES) {
        let (g, from) = slots[random::below(rng, slots.len() as u32) as usize];
        // Every other time to a neuron that one of its signals enters already.
        let (h, to) = match turn % 2 {
            0 => slots[random::below(rng, slots.len() as u32) as usize],
            _ => overlaps.beside(g, hands, rng),
        };
        let (k, l) = (hands[g][from], hands[h][to]);
        let is_possible = k != l && !hands[g].contains(&l) && !hands[h].contains(&k);
        if is_possible && overlaps.exchange(g, k, h, l) {
            (hands[g][from], hands[h][to]) = (l, k);
        }
    }
}

/// One of them at random.
fn any<T: Copy>(items: &[T], rng: &mut Pcg64) -> T {
    items[random::below(rng, items.len() as u32) as usize]
}

/// Who is wired where.
struct Overlaps {
    /// By bend: (signal, weight). Signals are numbered from 0.
    weights: Vec<Vec<(usize, f32)>>,
    /// By signal, those with any neuron.
    bends_of: Vec<Vec<usize>>,
    /// By neuron.
    bends_on: Vec<Vec<usize>>,
    place_of: BTreeMap<u32, usize>,
    /// By neuron: (signal, weight, how many bends bring it).
    members: Vec<Vec<(usize, f32, u32)>>,
    n_signals: usize,
    /// How many neurons two signals share: [greater, lesser].
    shared: Vec<u32>,
    /// No two may share more.
    most: u32,
}

impl Overlaps {
    /// `None` where there are too many signals.
    fn of(bends: &[&Bend], hands: &[&mut Vec<u32>]) -> Option<Overlaps> {
        let (mut number_of, mut place_of) = (BTreeMap::new(), BTreeMap::new());
        for (bend, hand) in bends.iter().zip(hands) {
            for &(column, _) in &bend.weights {
                let next = number_of.len();
                number_of.entry(column).or_insert(next);
            }
            for &neuron in hand.iter() {
                let next = place_of.len();
                place_of.entry(neuron).or_insert(next);
            }
        }
        let n_signals = number_of.len();
        if n_signals > MOST_SIGNALS {
            return None;
        }
        let number = |&(column, weight): &(u32, f32)| (number_of[&column], weight);
        let weights: Vec<Vec<_>> = bends.iter().map(|bend| bend.weights.iter().map(number).collect()).collect();
        let mut bends_of = vec![Vec::new(); n_signals];
        for (bend, weights) in weights.iter().enumerate() {
            if !hands[bend].is_empty() {
                weights.iter().for_each(|&(signal, _): &(usize, f32)| bends_of[signal].push(bend));
            }
        }
        let bends_on = vec![Vec::new(); place_of.len()];
        let members = vec![Vec::new(); place_of.len()];
        let shared = vec![0; n_signals * n_signals];
        let mut overlaps =
            Overlaps { weights, bends_of, bends_on, place_of, members, n_signals, shared, most: u32::MAX };
        for (bend, hand) in hands.iter().enumerate() {
            for neuron in hand.iter() {
                let place = overlaps.place_of[neuron];
                overlaps.bends_on[place].push(bend);
                overlaps.put(bend, place);
            }
        }
        overlaps.most = overlaps.shared.iter().copied().max().unwrap_or(0);
        Some(overlaps)
    }

    /// A bend and which of its neurons: one that a signal of bend `g` enters.
    fn beside(&self, g: usize, hands: &[&mut Vec<u32>], rng: &mut Pcg64) -> (usize, usize) {
        let (signal, _) = any(&self.weights[g], rng);
        let l = any(hands[any(&self.bends_of[signal], rng)], rng);
        let h = any(&self.bends_on[self.place_of[&l]], rng);
        (h, hands[h].iter().position(|&neuron| neuron == l).expect("it is on that neuron"))
    }

    /// Bend `g` leaves neuron `k` to `h`, which leaves `l` to it: if that lowers the sum of squares; whether it did.
    fn exchange(&mut self, g: usize, k: u32, h: usize, l: u32) -> bool {
        let (k, l) = (self.place_of[&k], self.place_of[&l]);
        let gain = self.take(g, k) + self.take(h, l);
        if self.admits(g, l) && self.admits(h, k) {
            let (price_g, price_h) = (self.put(g, l), self.put(h, k));
            if price_g.zip(price_h).is_some_and(|(g, h)| g + h < gain) {
                self.replace(k, g, h);
                self.replace(l, h, g);
                return true;
            }
            self.take(g, l);
            self.take(h, k);
        }
        self.put(g, k);
        self.put(h, l);
        false
    }

    fn replace(&mut self, neuron: usize, leaves: usize, comes: usize) {
        self.bends_on[neuron].iter_mut().filter(|bend| **bend == leaves).for_each(|bend| *bend = comes);
    }

    /// Adds to what two signals share, and returns what that is then.
    fn share(&mut self, a: usize, b: usize, more: i32) -> u32 {
        let shared = &mut self.shared[a.max(b) * self.n_signals + a.min(b)];
        *shared = shared.wrapping_add_signed(more);
        *shared
    }

    /// A signal enters a neuron with one weight only.
    fn admits(&self, bend: usize, neuron: usize) -> bool {
        let agrees = |&(signal, weight): &(usize, f32)| {
            self.members[neuron].iter().all(|member| member.0 != signal || member.1 == weight)
        };
        self.weights[bend].iter().all(agrees)
    }

    /// Wires a bend to a neuron; what that adds to the sum of squares. `None`: two signals then share too many.
    fn put(&mut self, bend: usize, neuron: usize) -> Option<i64> {
        let mut members = std::mem::take(&mut self.members[neuron]);
        let (mut price, mut largest) = (0, 0);
        for term in 0..self.weights[bend].len() {
            let (signal, weight) = self.weights[bend][term];
            if let Some(member) = members.iter_mut().find(|member| member.0 == signal) {
                member.2 += 1;
                continue;
            }
            for &(other, ..) in &members {
                let shared = self.share(signal, other, 1);
                price += 2 * i64::from(shared) - 1;
                largest = largest.max(shared);
            }
            members.push((signal, weight, 1));
        }
        self.members[neuron] = members;
        (largest <= self.most).then_some(price)
    }

    /// Unwires a bend that is wired to the neuron; what that takes from the sum.
    fn take(&mut self, bend: usize, neuron: usize) -> i64 {
        let mut members = std::mem::take(&mut self.members[neuron]);
        let mut gain = 0;
        for term in 0..self.weights[bend].len() {
            let signal = self.weights[bend][term].0;
            let place = members.iter().position(|member| member.0 == signal).expect("it is wired");
            members[place].2 -= 1;
            if members[place].2 == 0 {
                members.swap_remove(place);
                for &(other, ..) in &members {
                    gain += 2 * i64::from(self.share(signal, other, -1)) + 1;
                }
            }
        }
        self.members[neuron] = members;
        gain
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::{Case, Distribution, Kind, Literal, Signal, by_hand};
    use crate::compile::construct::channels::bends::{Bends, Routing};
    use crate::compile::construct::channels::decks::{Dealing, decks};
    use crate::compile::construct::{DeadZone, Site};
    use crate::compile::layer::LayerTask;

    const N_FEATURES: usize = 60;
    const N_NEURONS: usize = 80;
    const SIZE: usize = 4;

    /// 200 random pairs on four neurons each: bends and hands.
    fn dealt(dealing: Dealing, seed: u64) -> (Vec<Bend>, Vec<Vec<u32>>) {
        let mut rng = random::stream(&[seed]);
        let pair = |_| {
            let literals = random::distinct(&mut rng, 2, N_FEATURES as u32);
            (Kind::And, literals.into_iter().map(|feature| Literal::new(Signal(feature), false)).collect())
        };
        let circuit = by_hand::circuit(N_FEATURES as u32, &[(0..200).map(pair).collect()], Distribution::default());
        let task = LayerTask::new(&circuit, 0);
        let bends = Bends::of(&Site::lowest(&task, N_NEURONS), DeadZone::AtRest, Routing::Output);
        let mut decks = decks(&bends, N_NEURONS, dealing);
        let bends: Vec<Bend> = bends.by_target.into_iter().flatten().collect();
        let deal = |bend: &Bend| {
            let mut hand = Vec::new();
            decks.get_mut(&bend.place).expect("it was made").deal(SIZE, |_| true, &mut hand, &mut rng);
            hand
        };
        let hands = bends.iter().map(deal).collect();
        assert!(bends.iter().all(|bend| bend.place.case == Case::Output));
        (bends, hands)
    }

    /// By neuron, how many hands it is in.
    fn loads(hands: &[Vec<u32>]) -> Vec<usize> {
        let mut loads = vec![0; N_NEURONS];
        hands.iter().flatten().for_each(|&neuron| loads[neuron as usize] += 1);
        loads
    }

    /// The largest overlap of two signals, the mean, and the mean square.
    fn overlaps(bends: &[Bend], hands: &[Vec<u32>]) -> (u32, f64, f64) {
        let mut wired = [[false; N_NEURONS]; N_FEATURES];
        for (bend, hand) in bends.iter().zip(hands) {
            let cells = bend.weights.iter().flat_map(|entry| hand.iter().map(move |&neuron| (entry.0, neuron)));
            cells.for_each(|(column, neuron)| wired[column as usize][neuron as usize] = true);
        }
        let (mut most, mut sum, mut squares, mut n) = (0, 0.0, 0.0, 0.0);
        for a in 0..N_FEATURES {
            for b in 0..a {
                let shared = (0..N_NEURONS).filter(|&neuron| wired[a][neuron] && wired[b][neuron]).count() as u32;
                most = most.max(shared);
                sum += f64::from(shared);
                squares += f64::from(shared * shared);
                n += 1.0;
            }
        }
        (most, sum / n, squares / n)
    }

    fn lowered(dealing: Dealing, seed: u64) -> (Vec<Bend>, Vec<Vec<u32>>) {
        let (bends, mut hands) = dealt(dealing, seed);
        lower(&bends.iter().collect::<Vec<_>>(), &mut hands.iter_mut().collect::<Vec<_>>(), &mut random::stream(&[9]));
        (bends, hands)
    }

    #[test]
    fn exchanges_keep_loads_and_hands_and_lower_overlaps() {
        for seed in 0..4 {
            let (bends, before) = dealt(Dealing::Deck, seed);
            let (_, after) = lowered(Dealing::Deck, seed);
            assert_eq!(loads(&before), [200 * SIZE / N_NEURONS; N_NEURONS], "a deck deals even loads");
            assert_eq!(loads(&after), loads(&before));
            for hand in &after {
                let mut distinct = hand.clone();
                distinct.sort_unstable();
                distinct.dedup();
                assert_eq!(distinct.len(), SIZE);
            }
            let (most, mean, squares) = overlaps(&bends, &before);
            let (fewest, lower, smaller) = overlaps(&bends, &after);
            assert!(fewest <= most, "the largest: {most} to {fewest}");
            assert!(lower < 0.95 * mean && smaller < 0.8 * squares, "{mean} to {lower}, {squares} to {smaller}");
        }
    }

    /// A uniform draw wires a signal of `k` bends to n (1 − (1 − c/n)^k) neurons in the mean; two signals without a
    /// gate in common share the product of their densities, n times.
    #[test]
    fn uniform_draws_overlap_as_expected() {
        let (mut found, mut expected) = (0.0, 0.0);
        for seed in 0..16 {
            let (bends, hands) = dealt(Dealing::Independent, seed);
            let n_of = |column: u32| bends.iter().filter(|bend| bend.weights.iter().any(|e| e.0 == column)).count();
            let density = |column: u32| 1.0 - (1.0 - SIZE as f64 / N_NEURONS as f64).powi(n_of(column) as i32);
            let code = |column: u32| -> std::collections::BTreeSet<u32> {
                let own = bends.iter().zip(&hands).filter(|(bend, _)| bend.weights.iter().any(|e| e.0 == column));
                own.flat_map(|(_, hand)| hand.iter().copied()).collect()
            };
            for (a, b) in (0..N_FEATURES as u32 / 2).map(|i| (2 * i, 2 * i + 1)) {
                let has = |bend: &Bend, column| bend.weights.iter().any(|entry| entry.0 == column);
                if bends.iter().all(|bend| !(has(bend, a) && has(bend, b))) {
                    found += code(a).intersection(&code(b)).count() as f64;
                    expected += N_NEURONS as f64 * density(a) * density(b);
                }
            }
        }
        assert!((found / expected - 1.0).abs() < 0.05, "{found} shared, {expected} expected");
    }
}
