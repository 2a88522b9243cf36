//! Random numbers that are the same on every machine: keyed Pcg64 streams, and draws defined here to the last bit.
//!
//! A stream is named by a key of words (seed, purpose, index), so that what is drawn never depends on the order of
//! work or the number of threads. All draws consume `u32`s. Floor 0: knows nothing of what is drawn.

use rand::Rng;
pub use rand_pcg::Pcg64;

/// The generator of the key. Equal keys give equal streams; keys that differ anywhere give unrelated ones.
pub fn stream(key: &[u64]) -> Pcg64 {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64 ^ key.len() as u64;
    for word in key {
        state = split_mix(state ^ word);
    }
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        split_mix(state) as u128
    };
    Pcg64::new(next() << 64 | next(), next() << 64 | next())
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): a bijection that spreads every bit.
fn split_mix(mut word: u64) -> u64 {
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// A key word from text: FNV-1a, 64 bits.
pub fn key_of(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ byte as u64).wrapping_mul(0x0000_0100_0000_01b3))
}

/// Uniform in `0..n`, without bias (Lemire 2019): the high word of `u32 * n`, redrawn while the low word is small.
pub fn below(rng: &mut Pcg64, n: u32) -> u32 {
    assert!(n > 0, "a draw from nothing");
    let mut product = rng.next_u32() as u64 * n as u64;
    if (product as u32) < n {
        let least = n.wrapping_neg() % n;
        while (product as u32) < least {
            product = rng.next_u32() as u64 * n as u64;
        }
    }
    (product >> 32) as u32
}

/// Uniform in `0..n`, of 64 bits: two `u32`s, the high one first; otherwise as [`below`].
pub fn below_wide(rng: &mut Pcg64, n: u64) -> u64 {
    assert!(n > 0, "a draw from nothing");
    let mut draw = || (u64::from(rng.next_u32()) << 32 | u64::from(rng.next_u32())) as u128 * n as u128;
    let mut product = draw();
    if (product as u64) < n {
        let least = n.wrapping_neg() % n;
        while (product as u64) < least {
            product = draw();
        }
    }
    (product >> 64) as u64
}

/// Uniform in [0, 1), a multiple of 2^-32.
pub fn uniform(rng: &mut Pcg64) -> f64 {
    rng.next_u32() as f64 * (1.0 / 4_294_967_296.0)
}

/// True with `probability`.
pub fn coin(rng: &mut Pcg64, probability: f64) -> bool {
    uniform(rng) < probability
}

/// A standard Gaussian, by Marsaglia's polar method over `libm`.
pub fn gaussian(rng: &mut Pcg64) -> f64 {
    loop {
        let x = 2.0 * uniform(rng) - 1.0;
        let y = 2.0 * uniform(rng) - 1.0;
        let square = x * x + y * y;
        if square > 0.0 && square < 1.0 {
            return x * libm::sqrt(-2.0 * libm::log(square) / square);
        }
    }
}

/// `k` distinct numbers of `0..n`, ascending: Floyd's algorithm. For j in n-k..n: draw t in 0..=j; take t, or j if t
/// was taken before.
pub fn distinct(rng: &mut Pcg64, k: u32, n: u32) -> Vec<u32> {
    assert!(k <= n, "{k} distinct numbers below {n}");
    let mut taken: Vec<u32> = Vec::with_capacity(k as usize);
    for j in n - k..n {
        let t = below(rng, j + 1);
        match taken.binary_search(&t) {
            // j is larger than everything taken so far.
            Ok(_) => taken.push(j),
            Err(place) => taken.insert(place, t),
        }
    }
    taken
}

/// A uniform permutation in place (Fisher and Yates, from the back).
pub fn shuffle<T>(rng: &mut Pcg64, items: &mut [T]) {
    for last in (1..items.len()).rev() {
        items.swap(last, below(rng, last as u32 + 1) as usize);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_fixed_for_ever() {
        let mut rng = stream(&[7, key_of("eval"), 0]);
        let drawn: Vec<u32> = (0..4).map(|_| rng.next_u32()).collect();
        insta::assert_debug_snapshot!(drawn);
    }

    #[test]
    fn distinct_numbers_are_uniform() {
        let mut counts = [0u32; 10];
        let mut rng = stream(&[1]);
        for _ in 0..10_000 {
            for number in distinct(&mut rng, 3, 10) {
                counts[number as usize] += 1;
            }
        }
        assert!(counts.iter().all(|&count| (2_800..3_200).contains(&count)), "{counts:?}");
    }

    #[test]
    fn wide_numbers_are_uniform() {
        let mut rng = stream(&[3]);
        // Three quarters of what 64 bits hold: many are drawn again.
        let n = 3 << 62;
        let n_low = (0..40_000).filter(|_| below_wide(&mut rng, n) < 1 << 62).count();
        assert!((12_900..13_800).contains(&n_low), "{n_low}");
        assert!((0..1000).all(|_| below_wide(&mut rng, 7) < 7));
    }

    #[test]
    fn gaussians_have_unit_variance() {
        let mut rng = stream(&[2]);
        let drawn: Vec<f64> = (0..100_000).map(|_| gaussian(&mut rng)).collect();
        let mean = drawn.iter().sum::<f64>() / 1e5;
        let variance = drawn.iter().map(|x| x * x).sum::<f64>() / 1e5 - mean * mean;
        assert!(mean.abs() < 0.02 && (variance - 1.0).abs() < 0.02, "{mean} {variance}");
    }
}
