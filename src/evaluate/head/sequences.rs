//! Sequences of tokens with a match planted, and the scores of their keys.
//!
//! Chunk c of a head's sequences depends on seed, head and c alone: position t of its 64 sequences is block c·T + t of
//! the head's tokens. Must not know what is made of the scores.

use ndarray::Array2;

use super::attention::Sums;
use crate::circuit::Signal;
use crate::circuit::inputs::plant::Planter;
use crate::circuit::inputs::sample::Sampler;
use crate::evaluate::error::Error;
use crate::linear;
use crate::lists::Lists;
use crate::network::{self, Network};
use crate::program::{Head, Program};
use crate::random;

/// Sequences that one task draws and scores.
pub const CHUNK: u64 = 64;

/// A head whose scores can be told of any tokens.
pub struct Sequences<'a> {
    head: &'a Head,
    sampler: Sampler<'a>,
    planter: Planter<'a>,
    seed: u64,
    purpose: String,
    /// Matches that a key and a query can have.
    plantable: Vec<(u32, u32)>,
    /// By query feature, the key features that it matches.
    keys_of: Lists<u32>,
    /// By feature, where it stands among the stored ones.
    places: Vec<Option<u32>>,
    /// W_K φ and W_Q φ of stored features: [features, rank].
    keys: Array2<f64>,
    queries: Array2<f64>,
}

/// Memory that chunks reuse, of one thread.
pub struct Desk<'a> {
    planter: Planter<'a>,
    /// By feature, how many matches a token has with the query for having it on.
    counts: Vec<u32>,
    attention: Vec<f64>,
}

impl<'a> Sequences<'a> {
    pub fn new(
        program: &'a Program,
        head: &'a Head,
        network: &Network,
        weights: &network::Head,
        seed: u64,
    ) -> Result<Sequences<'a>, Error> {
        let circuit = &program.circuit;
        let stored = program.settings.stored_features(circuit.n_features());
        let mut places = vec![None; circuit.n_features()];
        stored.iter().zip(0..).for_each(|(&feature, place)| places[feature as usize] = Some(place));
        let dictionary = network.dictionary.as_ref().expect("a network with a head has been checked");
        let first = circuit.n_features() - stored.len();
        let coordinates = first.min(network.n_inputs())..network.n_inputs();
        let vectors = dictionary.vectors(coordinates.clone(), &stored);
        let seen = |factor: &Array2<f32>| {
            let factor = factor.slice(ndarray::s![.., coordinates.clone()]).t().mapv(f64::from);
            linear::product(&vectors, &factor.as_standard_layout().into_owned())
        };
        let planter = Planter::new(circuit);
        let mut trial = planter.clone();
        let rng = &mut random::stream(&[0]);
        let mut can_be_on = vec![None; circuit.n_features()];
        let mut is_shown = |feature: u32| {
            let wanted = [(Signal(feature), true)];
            *can_be_on[feature as usize].get_or_insert_with(|| trial.draw(rng, &wanted, &mut Vec::new()))
        };
        let plantable = head.matches.iter().copied().filter(|&(key, query)| is_shown(key) && is_shown(query)).collect();
        let mut by_query = vec![Vec::new(); circuit.n_features()];
        head.matches.iter().for_each(|&(key, query)| by_query[query as usize].push(key));
        let mut keys_of = Lists::default();
        by_query.iter().for_each(|keys| keys_of.push(keys));
        Ok(Sequences {
            head,
            sampler: Sampler::new(circuit)?,
            planter,
            seed,
            purpose: format!("eval: head {}", head.name),
            plantable,
            keys_of,
            places,
            keys: seen(&weights.keys),
            queries: seen(&weights.queries),
        })
    }

    /// Whether there is a match that tokens can have.
    pub fn can_be_planted(&self) -> bool {
        !self.plantable.is_empty()
    }

    pub fn desk(&self) -> Desk<'a> {
        Desk { planter: self.planter.clone(), counts: vec![0; self.places.len()], attention: Vec::new() }
    }

    /// The first `n` sequences of a chunk.
    pub fn scored(&self, chunk: u64, n: usize, desk: &mut Desk) -> Sums {
        let n_tokens = u64::from(self.head.tokens);
        let blocks: Vec<_> =
            (0..n_tokens).map(|t| self.sampler.block(self.seed, &self.purpose, chunk * n_tokens + t)).collect();
        let rng = &mut random::stream(&[self.seed, random::key_of(&self.purpose), u64::MAX, chunk]);
        let mut sums = Sums::default();
        let (mut key, mut query) = (Vec::new(), Vec::new());
        for sequence in 0..n.min(CHUNK as usize) {
            let (key_feature, query_feature) = self.plantable[random::below(rng, self.plantable.len() as u32) as usize];
            let place = random::below(rng, self.head.tokens - 1) as usize;
            let can_have = desk.planter.draw(rng, &[(Signal(key_feature), true)], &mut key)
                && desk.planter.draw(rng, &[(Signal(query_feature), true)], &mut query);
            debug_assert!(can_have, "what was drawn once can be drawn again");
            let last = blocks.len() - 1;
            let token = |t: usize| match t {
                t if t == last => &query[..],
                t if t == place => &key[..],
                t => blocks[t].get(sequence),
            };
            self.add(&mut sums, (0..blocks.len()).map(token), &query, desk);
        }
        sums
    }

    /// One sequence: the tokens that are asked, and the one that asks.
    fn add<'t>(&self, sums: &mut Sums, keys: impl Iterator<Item = &'t [u32]>, query: &[u32], desk: &mut Desk) {
        let matched = || query.iter().flat_map(|&feature| self.keys_of.get(feature as usize)).copied();
        let of_query = self.sum(&self.queries, query, &mut sums.on_queries);
        matched().for_each(|feature| desk.counts[feature as usize] += 1);
        let (mut scores, mut matches) = (Vec::new(), Vec::new());
        for key in keys {
            let of_key = self.sum(&self.keys, key, &mut sums.on_keys);
            scores.push(of_key.iter().zip(&of_query).map(|(a, b)| a * b).sum::<f64>());
            matches.push(key.iter().map(|&feature| desk.counts[feature as usize]).sum());
        }
        matched().for_each(|feature| desk.counts[feature as usize] = 0);
        sums.add_sequence(&scores, &matches, &mut desk.attention);
    }

    /// W x of a token; counts its stored features.
    fn sum(&self, vectors: &Array2<f64>, token: &[u32], n_on: &mut u64) -> Vec<f64> {
        let mut sum = vec![0.0; vectors.ncols()];
        for place in token.iter().filter_map(|&feature| self.places[feature as usize]) {
            *n_on += 1;
            sum.iter_mut().zip(vectors.row(place as usize)).for_each(|(sum, value)| *sum += value);
        }
        sum
    }
}
