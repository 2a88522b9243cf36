//! How near to the truth read-offs are, against neurons: `cargo bench --bench epsilon` prints the table, of ANDs and of
//! XORs, and draws `examples/epsilon.svg`.
//!
//! ε at 99 %: on 99 % of 10 000 fresh inputs no read-off is farther from its value. Two circuits, each at every level
//! and as a linear code; the points of networks that were trained instead come from `peers/trained_epsilon.csv`, which
//! `peers/train_torch.py` writes.

mod chart;
#[path = "../common/mod.rs"]
mod common;

use std::time::Instant;

use chart::trained::{self, Trained};
use chart::{Axis, Mark, Page, Panel, Point, Style};
use common::{examples_folder, loaded_below, report, root, samples, sound};
use superpose::compile::{Options, Request, compile};
use superpose::evaluate::{DEFAULT_SAMPLES, Report};
use superpose::program::{Level, Program, Sides, Width};
use superpose::progress::unwatched;

const TITLE: &str = "How near read-offs are to the truth";
const MEASURED: &str = "on 99 % of 10 000 fresh inputs every read-off is within ε of 0 or 1, whichever is true";
const NOTES: [&str; 3] = [
    "whoever reads through thresholds sees none of this: a network above ½ can be right on every input",
    "above ½: any network shrunk towards ½ has ½; drawn in the shade however far off",
    "a fit is replaced by the linear code of its width, or by -O1, where that is nearer",
];

/// Inputs of every fit.
const FIT: u64 = 400_000;

/// Widths, and the ε that a fit is asked for there: about as near as it can get.
const WIDTHS: [u32; 6] = [64, 128, 256, 512, 1024, 2048];
const ANDS: [f64; 6] = [0.48, 0.45, 0.4, 0.33, 0.24, 0.15];
const XORS: [f64; 6] = [0.48, 0.48, 0.48, 0.48, 0.4, 0.25];

const CURVES: [Curve; 4] = [
    Curve {
        level: Level::Published,
        construction: None,
        name: "-O0, as published",
        style: Style { mark: Mark::Square, color: chart::GRAY },
    },
    Curve {
        level: Level::Solved,
        construction: None,
        name: "-O1, solved in closed form",
        style: Style { mark: Mark::Circle, color: chart::BLUE },
    },
    Curve {
        level: Level::Solved,
        construction: Some("linear"),
        name: "linear code: no neuron computes",
        style: Style { mark: Mark::Ring, color: chart::PURPLE },
    },
    Curve {
        level: Level::Fitted,
        construction: None,
        name: "-O2, two-sided, on 400 000 inputs",
        style: Style { mark: Mark::Triangle, color: chart::ORANGE },
    },
];

const TRAINED: &str = "PyTorch, a minute of one core";
const TRAINED_STYLE: Style = Style { mark: Mark::Diamond, color: chart::GREEN };

struct Curve {
    level: Level,
    construction: Option<&'static str>,
    name: &'static str,
    style: Style,
}

/// A circuit, and where it is drawn.
struct Row {
    program: Program,
    /// By width, what a fit is asked for.
    asked: [f64; 6],
    panel: Panel<'static>,
    /// How near an affine read-off of the features themselves comes.
    affine: (f64, &'static str),
}

const NEURONS: Axis = Axis {
    name: "neurons (each step doubles)",
    ticks: &[64.0, 128.0, 256.0, 512.0, 1024.0, 2048.0],
    place: |neurons| (neurons / 48.0).log2() / 6.0,
};

/// What is above ½ tells nothing more by how much.
const EPSILON: Axis = Axis {
    name: "ε at 99 % of the inputs",
    ticks: &[0.0, 0.1, 0.2, 0.3, 0.4, 0.5],
    place: |epsilon| epsilon.min(0.54) / 0.6,
};

fn main() {
    let (top, bottom) = (108.0, 438.0);
    let panel =
        |left, heading| Panel { plot: (left, top, left + 420.0, bottom), across: &NEURONS, up: &EPSILON, heading };
    let rows = [
        Row {
            program: common::example("random_pairs.circ"),
            asked: ANDS,
            panel: panel(84.0, "5000 ANDs of random pairs of 1000 features, four on"),
            affine: (0.25, "¼: an affine read-off of the features"),
        },
        Row {
            program: sound(loaded_below(&root().join("tests/bench"), "all_xors.circ")),
            asked: XORS,
            panel: panel(592.0, "all 4950 XORs of 100 features, three on"),
            affine: (0.5, "½: an affine read-off of the features"),
        },
    ];

    let left = rows[0].panel.plot.0;
    let mut page = Page::new((1040.0, 622.0), "How near read-offs are, against neurons", left, TITLE, MEASURED);
    let trained = trained::read(&root().join("tests/bench/peers/trained_epsilon.csv"));
    for row in &rows {
        draw(&mut page, row, &trained);
    }
    let mut legend: Vec<(String, Style)> = CURVES.iter().map(|curve| (curve.name.to_string(), curve.style)).collect();
    if !trained.is_empty() {
        legend.push((TRAINED.to_string(), TRAINED_STYLE));
    }
    page.legend((left, bottom + 80.0), 3, 310.0, &legend);
    page.notes((left, bottom + 138.0), &NOTES);
    page.write(&examples_folder().join("epsilon.svg"));
}

/// Measures all networks of a circuit and draws them into its panel.
fn draw(page: &mut Page, row: &Row, trained: &[Trained]) {
    let (panel, name) = (&row.panel, &row.program.circuit.name);
    println!("{}; {MEASURED}", panel.heading);
    println!(
        "{:>8}  {:>7}  {:>7}  {:>7}  {:>11}  {:>8}  {:>9}",
        "level", "neurons", "ε 99 %", "ε 50 %", "reliability", "compiled", "made by"
    );
    panel.shade_above(page, 0.5, "&gt; ½: nothing");
    panel.frame(page);
    let (affine, what) = row.affine;
    panel.rule_up(page, affine, what);
    for curve in &CURVES {
        let measured =
            WIDTHS.iter().zip(row.asked).map(|(&width, epsilon)| measure(&row.program, curve, width, epsilon));
        let points: Vec<Point> = measured.collect();
        panel.curve(page, &points, curve.style);
    }

    let mut points = Vec::new();
    for network in trained.iter().filter(|network| network.circuit == *name) {
        let epsilon = network.epsilon.expect("ε was measured");
        println!(
            "{:>8}  {:>7}  {epsilon:>7.3}  {:>7}  {:>11.4}  {:>6.1} s  {:>9}",
            "trained", network.width, "", network.reliability, network.seconds, "PyTorch"
        );
        points.push(Point { x: f64::from(network.width), y: epsilon, ..Point::default() });
    }
    panel.curve(page, &points, TRAINED_STYLE);
    println!();
}

/// Compiles and evaluates a network.
fn measure(program: &Program, curve: &Curve, width: u32, epsilon: f64) -> Point {
    let fit = match curve.level {
        Level::Fitted => Request {
            sides: Some(Sides::Two),
            epsilon: Some(epsilon),
            target: Some(1.0),
            budget: Some(FIT),
            ..Request::default()
        },
        _ => Request::default(),
    };
    let options = Options {
        level: Some(curve.level),
        width: Some(Width::Neurons(width)),
        construction: curve.construction.map(String::from),
        fit,
        ..Options::default()
    };
    let start = Instant::now();
    let network = compile(program, &options, &mut unwatched).expect("the circuit compiles at every width");
    let seconds = start.elapsed().as_secs_f64();
    let report = report(program, &network, &samples(DEFAULT_SAMPLES));
    println!(
        "{:>8}  {width:>7}  {:>7.3}  {:>7.3}  {:>11.4}  {seconds:>6.1} s  {:>9}",
        format!("-O{}", curve.level.number()),
        epsilon_at(&report, 0.99),
        epsilon_at(&report, 0.5),
        report.reliability,
        report.construction,
    );
    Point { x: f64::from(width), y: epsilon_at(&report, 0.99), ..Point::default() }
}

/// For this share of the inputs, one that every report tells.
fn epsilon_at(report: &Report, share: f64) -> f64 {
    let quantile = report.epsilon.iter().find(|quantile| quantile.share == share);
    f64::from(quantile.expect("a share of the report").epsilon)
}
