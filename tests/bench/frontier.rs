//! Reliability against neurons, level by level: `cargo bench --bench frontier` prints the table and draws
//! `examples/frontier.svg`.
//!
//! Every network is of `examples/random_pairs.circ` and is held against 10 000 fresh inputs. The points of a network
//! that was trained instead come from `peers/trained.csv`, which `peers/train_torch.py` writes.

#[path = "../common/mod.rs"]
mod common;

use std::fmt::Write;
use std::path::Path;
use std::time::Instant;

use common::{report, samples};
use superpose::compile;
use superpose::evaluate::DEFAULT_SAMPLES;
use superpose::program::{Level, Program, Width, facts};
use superpose::progress::unwatched;

const CIRCUIT: &str = "random_pairs.circ";
const TITLE: &str = "5000 ANDs of random pairs of 1000 features";
const INPUTS: &str =
    "four features on, two of them always a gate's; share of 10 000 fresh inputs with every gate right";
const NOTES: [&str; 2] = [
    "bars: 95 %; arrows: no error seen, so that only the lower end of the bar is known",
    "dotted: neurons that counting asks of a layer whose m′ gates are compressed again; a last layer, as here, can go below",
];

/// Inputs of every fit.
const FIT: u64 = 4_000_000;

const CURVES: [Curve; 3] = [
    Curve {
        level: Level::Published,
        widths: &[512, 1024, 2048, 4096, 8192],
        name: "-O0, as published",
        mark: Mark::Square,
        color: "#6b6b6b",
    },
    Curve {
        level: Level::Solved,
        widths: &[256, 354, 500, 707, 1000, 1414, 2000],
        name: "-O1, solved in closed form",
        mark: Mark::Circle,
        color: "#0067a5",
    },
    Curve {
        level: Level::Fitted,
        widths: &[40, 64, 90, 125, 177, 250, 354, 500],
        name: "-O2, fitted on 4M inputs",
        mark: Mark::Triangle,
        color: "#c04a00",
    },
];

const TRAINED: &str = "trained with PyTorch, for so many seconds of one core";
const TRAINED_COLOR: &str = "#00795c";

struct Curve {
    level: Level,
    widths: &'static [u32],
    name: &'static str,
    mark: Mark,
    color: &'static str,
}

#[derive(Clone, Copy)]
enum Mark {
    Square,
    Circle,
    Triangle,
    Diamond,
}

struct Point {
    width: u32,
    reliability: f64,
    /// 95 %, where it was counted here.
    interval: Option<[f64; 2]>,
    /// To compile, by the clock; to train, of one core.
    seconds: f64,
}

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = common::example(CIRCUIT);

    println!("{TITLE}, {INPUTS}");
    println!(
        "{:>7}  {:>7}  {:>12}  {:>11}  {:>16}  {:>8}",
        "level", "neurons", "gates/neuron", "reliability", "at 95 %", "compiled"
    );
    let curves: Vec<Vec<Point>> = CURVES.iter().map(|curve| measure(&program, curve)).collect();
    let trained = read_trained(&root.join("tests/bench/peers/trained.csv"));
    for point in &trained {
        let n_gates = program.circuit.n_gates() as f64 / f64::from(point.width);
        println!(
            "{:>7}  {:>7}  {n_gates:>12.2}  {:>11.4}  {:>16}  {:>6.1} s",
            "trained", point.width, point.reliability, "", point.seconds
        );
    }

    let counted = facts(&program).layers[0].bounds.counting_floor;
    let path = root.join("examples/frontier.svg");
    std::fs::write(&path, draw(&curves, &trained, counted)).expect("the examples can be written");
    println!("drawn: {}", path.strip_prefix(root).unwrap_or(&path).display());
}

/// Compiles and evaluates one network a width.
fn measure(program: &Program, curve: &Curve) -> Vec<Point> {
    let measure_width = |&width: &u32| {
        let options = compile::Options {
            level: Some(curve.level),
            width: Some(Width::Neurons(width)),
            fit: match curve.level {
                Level::Fitted => {
                    compile::Request { target: Some(1.0), budget: Some(FIT), ..compile::Request::default() }
                }
                _ => compile::Request::default(),
            },
            ..compile::Options::default()
        };
        let start = Instant::now();
        let network = compile::compile(program, &options, &mut unwatched).expect("pairs compile");
        let seconds = start.elapsed().as_secs_f64();
        let report = report(program, &network, &samples(DEFAULT_SAMPLES));
        let [low, high] = report.reliability_interval;
        println!(
            "{:>7}  {width:>7}  {:>12.2}  {:>11.4}  [{low:.4}, {high:.4}]  {seconds:>6.1} s",
            format!("-O{}", curve.level.number()),
            program.circuit.n_gates() as f64 / f64::from(width),
            report.reliability,
        );
        Point { width, reliability: report.reliability, interval: Some(report.reliability_interval), seconds }
    };
    curve.widths.iter().map(measure_width).collect()
}

/// Lines of width, seconds of processor, reliability, ..., below a head. Without the file there are no points.
fn read_trained(path: &Path) -> Vec<Point> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let read_line = |line: &str| {
        let mut cells = line.split(',');
        let width = cells.next()?.parse().ok()?;
        let seconds = cells.next()?.parse().ok()?;
        Some(Point { width, reliability: cells.next()?.parse().ok()?, interval: None, seconds })
    };
    let mut points: Vec<Point> = text.lines().skip(1).filter_map(read_line).collect();
    points.sort_by_key(|point| point.width);
    points
}

const SIZE: (f64, f64) = (880.0, 590.0);
/// Left, top, right, bottom of the plot, in pixels.
const PLOT: (f64, f64, f64, f64) = (88.0, 76.0, 852.0, 424.0);
const WIDTHS: (f64, f64) = (32.0, 8192.0);
/// What 10 000 inputs can tell from 1.
const LIMIT: f64 = 1.0 - 1.0 / DEFAULT_SAMPLES as f64;
const TICKS: [f64; 6] = [0.0, 0.5, 0.9, 0.99, 0.999, 0.9999];

fn x_of(width: f64) -> f64 {
    let share = (width / WIDTHS.0).log2() / (WIDTHS.1 / WIDTHS.0).log2();
    PLOT.0 + share * (PLOT.2 - PLOT.0)
}

/// By the number of nines: -log10(1 - r).
fn y_of(reliability: f64) -> f64 {
    let nines = -(1.0 - reliability.min(LIMIT)).log10();
    PLOT.3 - nines / 4.15 * (PLOT.3 - PLOT.1)
}

fn draw(curves: &[Vec<Point>], trained: &[Point], counted: f64) -> String {
    let mut svg = String::new();
    let (left, top, right, bottom) = PLOT;
    let mut line = |text: std::fmt::Arguments| writeln!(svg, "{text}").expect("a string takes any text");
    line(format_args!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" role="img" font-family="system-ui, sans-serif" font-size="14" fill="#1c1c1c">"##,
        SIZE.0, SIZE.1
    ));
    line(format_args!("<title>Reliability against neurons: {TITLE}</title>"));
    line(format_args!(r##"<rect width="100%" height="100%" rx="8" fill="#f5f4f0"/>"##));
    line(format_args!(r#"<text x="{left}" y="32" font-size="19" font-weight="600">{TITLE}</text>"#));
    line(format_args!(r##"<text x="{left}" y="55" fill="#555">{INPUTS}</text>"##));

    for tick in TICKS {
        let y = y_of(tick);
        line(format_args!(r##"<path d="M{left} {y:.1}H{right}" stroke="#d6d3ca"/>"##));
        line(format_args!(r#"<text x="{}" y="{:.1}" text-anchor="end">{tick}</text>"#, left - 10.0, y + 5.0));
    }
    let mut width = WIDTHS.0;
    while width <= WIDTHS.1 {
        let x = x_of(width);
        line(format_args!(r##"<path d="M{x:.1} {top}V{bottom}" stroke="#e4e1d8"/>"##));
        line(format_args!(r#"<text x="{x:.1}" y="{}" text-anchor="middle">{width}</text>"#, bottom + 22.0));
        width *= 2.0;
    }
    line(format_args!(r##"<path d="M{left} {top}V{bottom}H{right}" fill="none" stroke="#1c1c1c"/>"##));
    line(format_args!(
        r#"<text x="{}" y="{}" text-anchor="middle">neurons (each step doubles)</text>"#,
        (left + right) / 2.0,
        bottom + 46.0
    ));
    line(format_args!(
        r#"<text transform="translate(26 {}) rotate(-90)" text-anchor="middle">reliability (each nine one step)</text>"#,
        (top + bottom) / 2.0
    ));

    let x = x_of(counted);
    line(format_args!(r##"<path d="M{x:.1} {top}V{bottom}" stroke="#1c1c1c" stroke-dasharray="2 4"/>"##));
    line(format_args!(
        r#"<text x="{:.1}" y="{}" text-anchor="end" font-style="italic">√(m′ log₂ m′) = {counted:.0}</text>"#,
        x - 7.0,
        top + 14.0
    ));

    for (curve, points) in CURVES.iter().zip(curves) {
        let path: Vec<String> = points.iter().map(|point| place(point, " ")).collect();
        line(format_args!(r#"<path d="M{}" fill="none" stroke="{}" stroke-width="2"/>"#, path.join("L"), curve.color));
        for point in points {
            line(format_args!("{}", drawn(point, curve.mark, curve.color)));
        }
    }
    for point in trained {
        line(format_args!("{}", drawn(point, Mark::Diamond, TRAINED_COLOR)));
        line(format_args!(
            r#"<text x="{:.1}" y="{:.1}" text-anchor="end" font-size="12" fill="{TRAINED_COLOR}">{:.0} s</text>"#,
            x_of(f64::from(point.width)) - 10.0,
            y_of(point.reliability) + 4.0,
            point.seconds
        ));
    }

    // The legend, below the plot in two columns.
    let mut entries = Vec::new();
    for (curve, points) in CURVES.iter().zip(curves) {
        let longest = points.iter().map(|point| point.seconds).fold(0.0, f64::max);
        entries.push((format!("{}, within {:.0} s", curve.name, longest.ceil()), curve.mark, curve.color));
    }
    if !trained.is_empty() {
        entries.push((TRAINED.to_string(), Mark::Diamond, TRAINED_COLOR));
    }
    for (idx, (name, mark, color)) in entries.iter().enumerate() {
        let (x, y) = (left + 8.0 + 300.0 * (idx % 2) as f64, bottom + 76.0 + 24.0 * (idx / 2) as f64);
        line(format_args!("{}", marked(x, y, *mark, color)));
        line(format_args!(r#"<text x="{}" y="{}">{name}</text>"#, x + 14.0, y + 5.0));
    }
    for (idx, note) in NOTES.iter().enumerate() {
        let y = bottom + 130.0 + 17.0 * idx as f64;
        line(format_args!(r##"<text x="{left}" y="{y}" font-size="12" fill="#555">{note}</text>"##));
    }
    line(format_args!("</svg>"));
    svg
}

fn place(point: &Point, between: &str) -> String {
    format!("{:.1}{between}{:.1}", x_of(f64::from(point.width)), y_of(point.reliability))
}

/// The mark of a point, the bar of its interval, and an arrow where no error was seen.
fn drawn(point: &Point, mark: Mark, color: &str) -> String {
    let (x, y) = (x_of(f64::from(point.width)), y_of(point.reliability));
    let mut text = format!("<!-- {} neurons: {} -->", point.width, point.reliability);
    if point.reliability > LIMIT {
        let tip = y - 19.0;
        let head = format!("M{:.1} {:.1}L{x:.1} {tip:.1}L{:.1} {:.1}", x - 4.0, tip + 5.0, x + 4.0, tip + 5.0);
        text +=
            &format!(r#"<path d="M{x:.1} {y:.1}V{tip:.1}{head}" fill="none" stroke="{color}" stroke-width="1.5"/>"#);
    }
    if let Some([low, high]) = point.interval {
        text +=
            &format!(r#"<path d="M{x:.1} {:.1}V{:.1}" stroke="{color}" stroke-opacity=".6"/>"#, y_of(low), y_of(high));
    }
    text + &marked(x, y, mark, color)
}

fn marked(x: f64, y: f64, mark: Mark, color: &str) -> String {
    match mark {
        Mark::Circle => format!(r#"<circle cx="{x:.1}" cy="{y:.1}" r="5" fill="{color}"/>"#),
        Mark::Square => format!(r#"<path d="M{:.1} {:.1}h9v9h-9z" fill="{color}"/>"#, x - 4.5, y - 4.5),
        Mark::Triangle => format!(r#"<path d="M{:.1} {:.1}h12l-6 -11z" fill="{color}"/>"#, x - 6.0, y + 5.0),
        Mark::Diamond => format!(r#"<path d="M{x:.1} {:.1}l6 7l-6 7l-6 -7z" fill="{color}"/>"#, y - 7.0),
    }
}
