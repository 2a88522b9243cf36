//! Reliability against neurons, level by level and for a linear code: `cargo bench --bench frontier` prints the table
//! and draws `examples/frontier.svg`.
//!
//! Every network is of `examples/random_pairs.circ` and is held against 10 000 fresh inputs. The points of a network
//! that was trained instead come from `peers/trained.csv`, which `peers/train_torch.py` writes.

mod chart;
#[path = "../common/mod.rs"]
mod common;

use std::time::Instant;

use chart::{Axis, Mark, Page, Panel, Point, Style, trained};
use common::{report, root, samples};
use superpose::compile::{Options, Request, compile};
use superpose::evaluate::DEFAULT_SAMPLES;
use superpose::program::{Level, Program, Sides, Width, facts};
use superpose::progress::unwatched;

const CIRCUIT: &str = "random_pairs.circ";
const TITLE: &str = "5000 ANDs of random pairs of 1000 features";
const INPUTS: &str =
    "four features on, two of them always a gate's; share of 10 000 fresh inputs with every gate right";
const NOTES: [&str; 3] = [
    "right: on its side of a threshold, however far",
    "bars: 95 %; arrows: no error seen, so that only the lower end of the bar is known",
    "dotted: neurons that counting asks of a layer whose m′ gates are compressed again; a last layer, as here, can go below",
];

/// Inputs of every fit.
const FIT: u64 = 4_000_000;

const CURVES: [Curve; 4] = [
    Curve {
        level: Level::Published,
        construction: None,
        widths: &[512, 1024, 2048, 4096, 8192],
        name: "-O0, as published",
        style: Style { mark: Mark::Square, color: chart::GRAY },
    },
    Curve {
        level: Level::Solved,
        construction: None,
        widths: &[256, 354, 500, 707, 1000, 1414, 2000],
        name: "-O1, solved in closed form",
        style: Style { mark: Mark::Circle, color: chart::BLUE },
    },
    Curve {
        level: Level::Solved,
        construction: Some("linear"),
        widths: &[64, 90, 125, 177, 250, 354, 500],
        name: "linear code: no neuron computes",
        style: Style { mark: Mark::Ring, color: chart::PURPLE },
    },
    Curve {
        level: Level::Fitted,
        construction: None,
        widths: &[40, 64, 90, 125, 177, 250, 354, 500],
        name: "-O2, one-sided, on 4M inputs",
        style: Style { mark: Mark::Triangle, color: chart::ORANGE },
    },
];

const TRAINED: &str = "PyTorch, so many seconds of one core";
const TRAINED_STYLE: Style = Style { mark: Mark::Diamond, color: chart::GREEN };

struct Curve {
    level: Level,
    construction: Option<&'static str>,
    widths: &'static [u32],
    name: &'static str,
    style: Style,
}

const WIDTHS: Axis = Axis {
    name: "neurons (each step doubles)",
    ticks: &[32.0, 64.0, 128.0, 256.0, 512.0, 1024.0, 2048.0, 4096.0, 8192.0],
    place: |width| (width / 32.0).log2() / 8.0,
};

/// By the number of nines: -log10(1 - r).
const RELIABILITY: Axis = Axis {
    name: "reliability (each nine one step)",
    ticks: &[0.0, 0.5, 0.9, 0.99, 0.999, 0.9999],
    place: |reliability| -(1.0 - reliability.min(LIMIT)).log10() / 4.15,
};

/// What 10 000 inputs can tell from 1.
const LIMIT: f64 = 1.0 - 1.0 / DEFAULT_SAMPLES as f64;

const PLOT: (f64, f64, f64, f64) = (88.0, 76.0, 852.0, 424.0);

fn main() {
    let program = common::example(CIRCUIT);
    println!("{TITLE}, {INPUTS}");
    println!(
        "{:>7}  {:>7}  {:>12}  {:>11}  {:>16}  {:>8}",
        "level", "neurons", "gates/neuron", "reliability", "at 95 %", "compiled"
    );

    let (left, _, _, bottom) = PLOT;
    let mut page = Page::new((880.0, 632.0), &format!("Reliability against neurons: {TITLE}"), left, TITLE, INPUTS);
    let panel = Panel { plot: PLOT, across: &WIDTHS, up: &RELIABILITY, heading: "" };
    panel.frame(&mut page);
    let counted = facts(&program).layers[0].bounds.counting_floor;
    panel.rule_across(&mut page, counted, &format!("√(m′ log₂ m′) = {counted:.0}"));

    let mut legend = Vec::new();
    for curve in &CURVES {
        let (points, longest) = measure(&program, curve);
        panel.curve(&mut page, &points, curve.style);
        legend.push((format!("{}, within {:.0} s", curve.name, longest.ceil()), curve.style));
    }
    let trained = trained();
    if !trained.is_empty() {
        panel.points(&mut page, &trained, TRAINED_STYLE);
        legend.push((TRAINED.to_string(), TRAINED_STYLE));
    }
    page.legend((left, bottom + 76.0), 2, 360.0, &legend);
    page.notes((left, bottom + 154.0), &NOTES);
    page.write(&root().join("examples/frontier.svg"));
}

/// Compiles and evaluates one network a width; and the seconds that the longest took to compile.
fn measure(program: &Program, curve: &Curve) -> (Vec<Point>, f64) {
    let mut longest = 0.0f64;
    let fit = match curve.level {
        Level::Fitted => {
            Request { sides: Some(Sides::One), target: Some(1.0), budget: Some(FIT), ..Request::default() }
        }
        _ => Request::default(),
    };
    let mut measure_width = |&width: &u32| {
        let options = Options {
            level: Some(curve.level),
            width: Some(Width::Neurons(width)),
            construction: curve.construction.map(String::from),
            fit: fit.clone(),
            ..Options::default()
        };
        let start = Instant::now();
        let network = compile(program, &options, &mut unwatched).expect("pairs compile");
        let seconds = start.elapsed().as_secs_f64();
        longest = longest.max(seconds);
        let report = report(program, &network, &samples(DEFAULT_SAMPLES));
        let [low, high] = report.reliability_interval;
        let level = format!("-O{}", curve.level.number());
        println!(
            "{:>7}  {width:>7}  {:>12.2}  {:>11.4}  [{low:.4}, {high:.4}]  {seconds:>6.1} s",
            curve.construction.unwrap_or(&level),
            program.circuit.n_gates() as f64 / f64::from(width),
            report.reliability,
        );
        Point {
            x: f64::from(width),
            y: report.reliability,
            interval: Some(report.reliability_interval),
            is_bound: report.reliability > LIMIT,
            ..Point::default()
        }
    };
    let points = curve.widths.iter().map(&mut measure_width).collect();
    (points, longest)
}

fn trained() -> Vec<Point> {
    let rows = trained::read(&root().join("tests/bench/peers/trained.csv"));
    let point = |row: &trained::Trained| {
        println!(
            "{:>7}  {:>7}  {:>12}  {:>11.4}  {:>16}  {:>6.1} s",
            "trained", row.width, "", row.reliability, "", row.seconds
        );
        Point {
            x: f64::from(row.width),
            y: row.reliability,
            label: format!("{:.0} s", row.seconds),
            ..Point::default()
        }
    };
    rows.iter().map(point).collect()
}
