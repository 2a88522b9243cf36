//! Programs and networks that something has happened to: whatever it is, there is an answer, and never a panic.
//!
//! Every example, and a network of each, is changed here and there by words of the language, by bytes, or by numbers
//! that no weight should be. A few hundred of each in every run; ten thousand of each by
//! `cargo test --release --test mutated -- --ignored`.

mod common;

use std::collections::BTreeMap;

use common::{examples, text_of};
use superpose::compile::{Options, compile};
use superpose::diagnostic::render;
use superpose::elaborate::{Limits, load};
use superpose::evaluate::{Sampling, evaluate};
use superpose::network::Network;
use superpose::program::{Level, Program, Width};
use superpose::progress::unwatched;
use superpose::random::{self, Pcg64, below, key_of};
use superpose::readings::belongs;

const FEW: u64 = 300;
const MANY: u64 = 10_000;

#[test]
fn a_changed_program_is_refused_or_run() {
    try_programs(FEW);
}

#[test]
#[ignore = "minutes"]
fn ten_thousand_changed_programs_are_refused_or_run() {
    try_programs(MANY);
}

#[test]
fn a_changed_network_is_refused_or_run() {
    try_networks(FEW);
}

#[test]
#[ignore = "minutes"]
fn ten_thousand_changed_networks_are_refused_or_run() {
    try_networks(MANY);
}

/// The fuzzer's dictionary has every word of the language; these are numbers beside it, and a space that nobody sees.
const MORE_WORDS: [&str; 7] = ["(", "]", "0", "-1", "64", "18446744073709551616", "\u{200b}"];

fn words() -> Vec<String> {
    let dictionary = text_of("grammar/circ.dict");
    let quoted = dictionary.lines().filter_map(|line| line.strip_prefix('"')?.strip_suffix('"'));
    quoted.map(|word| word.replace("\\\"", "\"")).chain(MORE_WORDS.map(String::from)).collect()
}

/// A number below `n`.
fn one_of(rng: &mut Pcg64, n: usize) -> usize {
    below(rng, n as u32) as usize
}

fn try_programs(n_tried: u64) {
    let (texts, dictionary) = (texts(), words());
    let limits =
        Limits { max_gates: 3_000, max_turns: 3_000, max_operands: 3_000, max_features: 3_000, ..Limits::default() };
    let mut n_loaded = 0;
    for index in 0..n_tried {
        let mut rng = random::stream(&[key_of("changed programs"), index]);
        let text = changed_text(&texts, &dictionary, &mut rng);
        let files = [("a.circ", text.as_str()), ("adders.circ", ADDERS), ("animals.csv", "hair,milk\n1,1\n")];
        let mut files: BTreeMap<String, Vec<u8>> =
            files.map(|(name, text)| (name.to_string(), text.as_bytes().to_vec())).into();
        let loaded = load("a.circ", &mut files, &limits);
        let has_error = loaded.diagnostics.iter().any(|problem| problem.is_error());
        assert_eq!(loaded.program.is_none(), has_error, "no program exactly when there is an error: {text}");
        let _ = render(&loaded.diagnostics, &loaded.sources, true, 80);
        if let Some(program) = &loaded.program {
            n_loaded += 1;
            run_small(program);
        }
    }
    assert!(n_loaded > n_tried / 50, "{n_loaded} of {n_tried} are still programs: too few are run");
}

/// A few changes to one of the texts.
fn changed_text(texts: &[String], dictionary: &[String], rng: &mut Pcg64) -> String {
    let mut words = split(&texts[one_of(rng, texts.len())]);
    for _ in 0..1 + one_of(rng, 4) {
        let at = one_of(rng, words.len());
        let other = one_of(rng, words.len());
        match one_of(rng, 6) {
            0 => drop(words.remove(at)),
            1 => words[at] = dictionary[one_of(rng, dictionary.len())].clone(),
            2 => words.insert(at, dictionary[one_of(rng, dictionary.len())].clone()),
            3 => words.swap(at, other),
            4 => words[at] = words[other].clone(),
            _ => words.truncate(at.max(1)),
        }
        if words.is_empty() {
            words.push(String::new());
        }
    }
    words.concat()
}

/// Runs of letters and digits, and each other character for itself.
fn split(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut is_word = false;
    for c in text.chars() {
        let continues = c.is_alphanumeric() || c == '_';
        match words.last_mut() {
            Some(word) if continues && is_word => word.push(c),
            _ => words.push(c.to_string()),
        }
        is_word = continues;
    }
    words
}

/// Examples and their parts; whole files are seldom programs after a change.
fn texts() -> Vec<String> {
    let examples = examples().into_iter().map(|name| text_of(&format!("examples/{name}")));
    examples.chain(SMALL.map(String::from)).collect()
}

/// What examples may `use`.
const ADDERS: &str = "gate half_adder(p, q) -> (sum, carry) { sum = p ^ q; carry = p & q; }";

const SMALL: [&str; 7] = [
    "feature x[8], y; sample { choose 2 of x; each y with 0.5; plant 0.5; } g[i] = x[i] & !x[(i + 1) % 8] for i in 0..8;\n\
     h = any(g) ^ y; output h;",
    "const N = 3; feature w[N][2]; sample { choose 0..=1 of w; } gate f(p, q) -> (s, c) { s = p ^ q; c = p & q; }\n\
     layer one { (s[k], c[k]) = f(w[k][0], w[k][1]) for k in 0..N; } t = at_least(2, s) | majority(c);",
    "feature a, b, c; sample { one of a, b, c; } m = mux(a, b, c); n = exactly(1, a, b, c); o = nand(a, b) ^ nor(b, c);\n\
     require { reliability > 0.9; accuracy(0.4) > 0.9; error(m) < 0.4; } network { width 16; seed 3; }",
    "feature x[6]; sample { each x with 0.2; } p = parity(pick(3, x)); q[i] = all(x[0..i]) for i in 1..6 if i != 3;",
    "feature f[30]; sample { choose 3 of f; plant 1; } g[i] = f[i] & f[29 - i] for i in 0..15; network { store f in 12 with gaussian; }",
    "feature x[9]; sample { choose 2 of x; } head h rank 2 tokens 4 { match x[i] -> x[i + 1] for i in 0..8; }\n\
     network { store x in 6 with gaussian; }",
    "feature x[9]; layer a { b[i] = x[i] & x[i + 1] for i in 0..8; } layer c { d = b[0] ^ x[8]; } network { residual 40; }",
];

/// A network of few neurons on few inputs. It may be refused, and need not be right.
fn run_small(program: &Program) {
    let options = Options { level: Some(Level::Published), width: Some(Width::Neurons(16)), ..Options::default() };
    if let Ok(network) = compile(program, &options, &mut unwatched) {
        network.check().expect("the weights are the product of their factors");
        run(program, &network);
    }
}

fn run(program: &Program, network: &Network) {
    let sampling = Sampling { samples: 64, ..Sampling::default() };
    if let Ok(report) = evaluate(program, network, &sampling, &mut unwatched) {
        let _ = report.to_text(&Default::default());
        let _ = report.to_json(true);
    }
}

fn try_networks(n_tried: u64) {
    let made: Vec<(Program, Vec<u8>)> = SMALL.iter().map(|text| made(text)).collect();
    let mut n_read = 0;
    for index in 0..n_tried {
        let mut rng = random::stream(&[key_of("changed networks"), index]);
        let (program, bytes) = &made[one_of(&mut rng, made.len())];
        let bytes = changed_bytes(bytes, &mut rng);
        let Ok(network) = Network::from_bytes(&bytes) else { continue };
        n_read += 1;
        let _ = network.check();
        let written = network.to_bytes();
        // Numbers that are none are not equal to themselves.
        let again = Network::from_bytes(&written).expect("what was read is written as a valid file");
        assert_eq!(again.to_bytes(), written);
        if belongs(&program.circuit, &network).is_ok() {
            run(program, &network);
        }
    }
    assert!(n_read > n_tried / 20, "{n_read} of {n_tried} are still networks: too few are run");
}

fn made(text: &str) -> (Program, Vec<u8>) {
    let program = common::program(text);
    let options = Options { level: Some(Level::Published), width: Some(Width::Neurons(16)), ..Options::default() };
    let network = compile(&program, &options, &mut unwatched).expect("a small circuit compiles");
    (program, network.to_bytes())
}

/// Numbers that no weight should be.
const NUMBERS: [f32; 8] = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN_POSITIVE, 1e-45, -0.0, 1e30];

fn changed_bytes(bytes: &[u8], rng: &mut Pcg64) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let header = 8 + u64::from_le_bytes(bytes[..8].try_into().expect("eight bytes")) as usize;
    for _ in 0..1 + one_of(rng, 3) {
        let byte = one_of(rng, 256) as u8;
        let n_bytes = bytes.len();
        match one_of(rng, 8) {
            // A digit of a shape or an offset, or any character of the header.
            0 => {
                let digits: Vec<usize> = (8..header.min(n_bytes)).filter(|&at| bytes[at].is_ascii_digit()).collect();
                if !digits.is_empty() {
                    bytes[digits[one_of(rng, digits.len())]] = b'0' + one_of(rng, 10) as u8;
                }
            }
            1 if header <= n_bytes && header > 8 => bytes[8 + one_of(rng, header - 8)] = byte,
            2 => bytes.truncate(one_of(rng, n_bytes.max(1))),
            3 => bytes.extend(std::iter::repeat_n(byte, 1 + one_of(rng, 63))),
            4 if n_bytes > 0 => bytes[one_of(rng, n_bytes.min(8))] = byte,
            // A weight.
            _ if n_bytes >= header + 4 => {
                let at = header + 4 * one_of(rng, (n_bytes - header) / 4);
                bytes[at..at + 4].copy_from_slice(&NUMBERS[one_of(rng, NUMBERS.len())].to_le_bytes());
            }
            _ => {}
        }
    }
    bytes
}
