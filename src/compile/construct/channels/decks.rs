//! Which neurons a bend may draw: a deck for each height and case, apart for frequent targets.
//!
//! Must not know what is wired to a neuron.

use std::collections::BTreeMap;

use super::bends::{Bends, Place, superposed_width};
use crate::random::{self, Pcg64};

/// How a bend draws its neurons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dealing {
    /// Each draw is independent, as published.
    Independent,
    /// From a shuffled deck that is used up before any neuron is drawn again: even loads, and no sharing at all where
    /// there are neurons enough.
    Deck,
    /// From such a deck, and then exchanged between bends until signals overlap little: see `overlap`.
    Exchanged,
}

/// Neurons by the place of the bends that they serve. Those of frequent targets get one each; the rest is shared out
/// in proportion to what each place needs, which for few bends is one each and for many much less, so that XORs among
/// a thousand ANDs do not starve.
pub fn decks(bends: &Bends, n: usize, dealing: Dealing) -> BTreeMap<Place, Deck> {
    let n_bends_at = bends.by_place();
    let (frequent, rare): (Vec<_>, Vec<_>) = n_bends_at.into_iter().partition(|entry| entry.0.is_frequent);
    let n_rare = n - frequent.iter().map(|entry| entry.1).sum::<usize>().min(n);
    let is_ample = rare.iter().map(|entry| entry.1).sum::<usize>() <= n_rare;
    let need = |&(_, n_bends): &(Place, usize)| if is_ample { n_bends } else { superposed_width(n_bends) };
    let needs: Vec<usize> = rare.iter().map(need).collect();
    let sizes = shares(n_rare, &needs).into_iter().chain(frequent.iter().map(|entry| entry.1));
    let places = rare.iter().chain(&frequent).map(|entry| entry.0);
    let mut first = 0;
    let deck = |(place, size): (_, usize)| {
        let cards = (first..(first + size).min(n)).map(|neuron| neuron as u32).collect();
        first += size;
        (place, Deck::new(cards, dealing))
    };
    places.zip(sizes).map(deck).collect()
}

/// Parts of `n` in proportion to `needs`, at least one each while there are any.
fn shares(n: usize, needs: &[usize]) -> Vec<usize> {
    let total: usize = needs.iter().sum();
    let (mut first, mut seen) = (0, 0);
    let share = |(idx, need): (usize, &usize)| {
        seen += need;
        // Borders are rounded rather than parts, so that nothing is lost.
        let border = (n as u128 * seen as u128 / total as u128) as usize;
        let most = n.saturating_sub(needs.len() - 1 - idx);
        let end = border.max(first + 1).min(most).max(first);
        let share = end - first;
        first = end;
        share
    };
    needs.iter().enumerate().map(share).collect()
}

/// Some neurons, as cards.
pub struct Deck {
    cards: Vec<u32>,
    n_dealt: usize,
    dealing: Dealing,
}

impl Deck {
    pub fn new(cards: Vec<u32>, dealing: Dealing) -> Deck {
        Deck { cards, n_dealt: 0, dealing }
    }

    pub fn cards(&self) -> &[u32] {
        &self.cards
    }

    /// Fills `hand` with up to `size` distinct random neurons that are acceptable.
    pub fn deal(&mut self, size: usize, acceptable: impl Fn(u32) -> bool, hand: &mut Vec<u32>, rng: &mut Pcg64) {
        hand.clear();
        let mut is_fresh = self.dealing == Dealing::Independent || self.n_dealt == 0;
        if self.dealing == Dealing::Independent {
            self.n_dealt = 0;
        }
        let mut place = self.n_dealt;
        while hand.len() < size {
            if place == self.cards.len() {
                if is_fresh {
                    return;
                }
                (is_fresh, place, self.n_dealt) = (true, 0, 0);
                continue;
            }
            let drawn = place + random::below(rng, (self.cards.len() - place) as u32) as usize;
            self.cards.swap(place, drawn);
            let neuron = self.cards[place];
            if !hand.contains(&neuron) && acceptable(neuron) {
                hand.push(neuron);
                self.cards.swap(place, self.n_dealt);
                self.n_dealt += 1;
            }
            place += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_lose_nothing_and_leave_nobody_out() {
        assert_eq!(shares(512, &[503, 62]).iter().sum::<usize>(), 512);
        assert_eq!(shares(10, &[1000, 1, 1]), [8, 1, 1]);
        assert_eq!(shares(2, &[5, 5, 5]), [0, 1, 1]);
    }
}
