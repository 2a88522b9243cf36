//! `superpose report`: a page that needs nothing else, says the same every time, and computes what the network does.
//!
//! Where a browser is (`SUPERPOSE_CHROMIUM`, or one of the usual names) its pages are opened in it, without a window;
//! else that is said, and left out.

mod common;

use std::path::Path;
use std::process::{Command, Stdio};

use common::binary::{PAIRS, Place};
use common::{compiled, program};
use serde_json::Value;
use superpose::circuit::inputs::sample::Sampler;
use superpose::circuit::{Circuit, Signal};
use superpose::compile::Options;
use superpose::evaluate::explain::trace;
use superpose::network::Network;
use superpose::network::file::{FORMATS, Written};
use superpose::program::Level;

/// The bytes of a network's file.
fn safetensors(network: &Network) -> Vec<u8> {
    let format = FORMATS.iter().find(|format| format.name == "safetensors").unwrap();
    (format.write)(network, &Written::default()).unwrap()
}

fn at(level: Level) -> Options {
    Options { level: Some(level), ..Options::default() }
}

/// What a page carries.
fn data(page: &str) -> Value {
    let behind = page.split_once(r#"<script type="application/json" id="data">"#).unwrap().1;
    serde_json::from_str(behind.split_once("</script>").unwrap().0).unwrap()
}

#[test]
fn a_page_is_one_file_and_the_same_on_any_number_of_threads() {
    let place = Place::with_pairs();
    let report = |threads: &str, file: &str| {
        let ran = place.run(&["report", "pairs.circ", "--threads", threads, "-o", file]).ends(0);
        assert!(ran.stdout.is_empty() && ran.stderr.contains(&format!("pairs: a page of 0.1 MB in {file}")), "{ran:?}");
        place.read(file)
    };
    let page = report("1", "one.html");
    assert_eq!(page, report("2", "two.html"));
    assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
    assert_eq!(page, place.run(&["report", "pairs.circ", "-o", "-"]).ends(0).stdout);
    place.run(&["compile", "pairs.circ", "-o", "net.safetensors"]).ends(0);
    let again = place.run(&["report", "net.safetensors", "-o", "-"]).ends(0).stdout;
    assert_eq!(data(&page)["layers"], data(&again)["layers"], "a network is the one that its circuit is compiled to");
    // Nothing else is left in the folder.
    let mut files: Vec<_> = std::fs::read_dir(place.folder()).unwrap().map(|file| file.unwrap().file_name()).collect();
    files.sort();
    assert_eq!(files, ["net.safetensors", "one.html", "pairs.circ", "two.html"]);
}

#[test]
fn the_figures_are_those_of_eval_and_of_the_linear_code_of_the_same_width() {
    let place = Place::with_pairs();
    let circuit = PAIRS.replace("width 64", "width 4");
    place.write("pairs.circ", &circuit);
    let page = data(&place.run(&["report", "pairs.circ", "-O1", "-o", "-"]).ends(0).stdout);
    for (figures, construction) in [(&page["figures"], "channels"), (&page["baseline"], "linear")] {
        let arguments = ["eval", "pairs.circ", "-O1", "--construction", construction, "--json"];
        let eval: Value = serde_json::from_str(&place.run(&arguments).stdout).unwrap();
        for field in ["reliability", "epsilon", "accuracy", "widths", "histogram", "layers", "construction"] {
            assert_eq!(figures["report"][field], eval[field], "{construction}: {field}");
        }
        // A single layer is as far off as all of them.
        assert_eq!(figures["epsilon"][0], eval["epsilon"]["0.99"], "{construction}");
    }
}

/// Numbers as a page carries them.
fn floats(text: &Value) -> Vec<f32> {
    let digit = |byte| match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let digits: Vec<u32> =
        text.as_str().unwrap().bytes().filter(|&byte| byte != b'=').map(digit).map(u32::from).collect();
    let three = |four: &[u32]| {
        let bits = four.iter().fold(0, |bits, digit| bits << 6 | digit) << (6 * (4 - four.len()));
        bits.to_be_bytes()[1..four.len()].to_vec()
    };
    let bytes: Vec<u8> = digits.chunks(4).flat_map(three).collect();
    bytes.chunks(4).map(|four| f32::from_le_bytes(four.try_into().unwrap())).collect()
}

#[test]
fn the_response_of_the_linear_code_is_what_it_reads_with_the_operands_of_one_gate_on() {
    let text = "feature x[6]; a = x[0] & !x[1]; b = nor(x[2], x[3]); c = a & b; d = !a | x[5];
        sample { choose 1..=3 of x; } network { width 5; }";
    let own_input = |gate: &Value| match gate.as_str().unwrap() {
        "a" => vec![0],
        "b" => vec![2, 3],
        "c" => vec![0, 2, 3],
        _ => vec![5],
    };
    let program = program(text);
    let linear = compiled(&program, &Options { construction: Some("linear".into()), ..at(Level::Solved) });
    let place = Place::empty();
    place.write("gates.circ", text);
    let page = data(&place.run(&["report", "gates.circ", "-O1", "-o", "-"]).ends(0).stdout);
    let response = &page["baseline_response"];
    assert_eq!(response["gates"], serde_json::json!([0, 1, 2, 3]));
    let [readings, thresholds] = ["readings", "thresholds"].map(|field| floats(&response[field]));
    for (row, gate) in page["gates"]["names"].as_array().unwrap().iter().enumerate() {
        let traced = trace(&program.circuit, &linear, &own_input(gate)).unwrap();
        let gates = traced.layers.iter().flat_map(|layer| &layer.gates);
        for (column, read) in gates.enumerate() {
            assert_near(readings[4 * row + column].into(), read.reading.into(), &format!("{gate} on, {}", read.name));
            assert_near(thresholds[column].into(), read.threshold.into(), &read.name);
        }
    }
}

#[test]
fn the_input_that_breaks_a_gate_breaks_it() {
    let place = Place::empty();
    place.write("pairs.circ", &PAIRS.replace("width 64", "width 3"));
    place.run(&["compile", "pairs.circ", "-O0", "-o", "net.safetensors"]).ends(0);
    let page = data(&place.run(&["report", "net.safetensors", "-o", "-"]).ends(0).stdout);
    let eval = place.run(&["eval", "net.safetensors", "--json", "--gates"]).stdout;
    let eval: Value = serde_json::from_str(&eval).unwrap();
    let gates = &page["gates"];
    let index = |value: &Value| value.as_u64().unwrap() as usize;
    let mut n_broken = 0;
    for (gate, name) in gates["names"].as_array().unwrap().iter().enumerate() {
        let is_broken = gates["worst_wrong"][gate] == 1;
        assert_eq!(is_broken, index(&eval["gates"][gate]["wrong"]) > 0, "{name}");
        let on: Vec<&str> = (index(&gates["worst_starts"][gate])..index(&gates["worst_starts"][gate + 1]))
            .map(|at| page["features"][index(&gates["worst_on"][at])].as_str().unwrap())
            .collect();
        let traced = place.run(&["trace", "net.safetensors", "--json", "--on", &on.join(",")]).ends(0).stdout;
        let traced: Value = serde_json::from_str(&traced).unwrap();
        let read = &traced["layers"][0]["gates"][gate];
        assert_eq!((&read["name"], &read["right"]), (name, &Value::Bool(!is_broken)), "{on:?}");
        assert_eq!(read["truth"], gates["worst_truth"][gate]);
        n_broken += usize::from(is_broken);
    }
    assert!(n_broken > 0, "three neurons are too few");
}

#[test]
fn nothing_but_a_page_is_written_over() {
    let place = Place::with_pairs();
    place.write("notes.html", "my own notes");
    for file in ["pairs.circ", "notes.html"] {
        let ran = place.run(&["report", "pairs.circ", "-o", file]).ends(2);
        assert!(ran.stderr.contains(&format!("`{file}` is there already, and is no page")), "{}", ran.stderr);
        assert!(ran.stderr.contains("help: "), "{}", ran.stderr);
    }
    assert_eq!((place.read("pairs.circ"), place.read("notes.html")), (PAIRS.to_string(), "my own notes".to_string()));
    place.write("empty.html", "");
    for _ in 0..2 {
        place.run(&["report", "pairs.circ", "-O1", "-o", "empty.html"]).ends(0);
    }
    let ran = place.run(&["report", "pairs.circ", "-o", "gone/page.html"]).ends(2);
    assert!(ran.stderr.contains("mkdir -p gone"), "{}", ran.stderr);
}

#[test]
fn what_a_file_says_never_becomes_markup() {
    let hostile = "</script><script>alert(1)</script><img src=x onerror=alert(1)>";
    let program = program(PAIRS);
    let mut network = compiled(&program, &at(Level::Solved));
    network.header.construction = hostile.into();
    let place = Place::empty();
    place.write("net.safetensors", &safetensors(&network));
    let page = place.run(&["report", "net.safetensors", "-o", "-"]).ends(0).stdout;
    assert_eq!(data(&page)["figures"]["report"]["construction"], hostile);
    assert!(!page.contains(hostile) && !page.contains("<img"));
    assert_eq!((page.matches("<script").count(), page.matches("</script").count()), (2, 2));
}

#[test]
fn heads_are_left_out_and_said_to_be() {
    let place = Place::empty();
    let head =
        "head h rank 8 tokens 4 { match x[i] -> x[19 - i] for i in 0..20; } network { store x in 16 with gaussian; }";
    let features = "feature x[20]; sample { choose 1..=2 of x; }";
    place.write("heads.circ", &format!("{features} {head}"));
    let ran = place.run(&["report", "heads.circ", "-o", "heads.html"]).ends(1);
    assert!(ran.stderr.contains("defines no gate"), "{}", ran.stderr);
    assert!(!place.path("heads.html").exists());
    place.write("both.circ", &format!("{features} g = x[0] & x[1]; {head}"));
    let ran = place.run(&["report", "both.circ", "-O1", "-o", "both.html"]).ends(0);
    assert!(ran.stderr.contains("1 head left out"), "{}", ran.stderr);
    assert_eq!(data(&place.read("both.html"))["heads"], serde_json::json!(["h"]));
}

#[test]
fn five_thousand_gates_on_250_neurons_weigh_less_than_ten_megabytes() {
    let place = Place::empty();
    let circuit = common::text_of("examples/random_pairs.circ");
    place.write("random_pairs.circ", &circuit);
    let ran = place.run(&["report", "random_pairs.circ", "-O1", "--samples", "640", "-o", "page.html"]).ends(0);
    let page = place.read("page.html");
    let layer = &data(&page)["layers"][0];
    assert_eq!((&layer["width"], &layer["n_gates"]), (&250.into(), &5000.into()), "{}", ran.stderr);
    assert!(layer["readoff"]["indptr"].is_null(), "5000 × 250 numbers travel as they are");
    assert!(page.len() < 10_000_000, "{} bytes", page.len());
}

/// A browser that runs without a window.
fn browser() -> Option<String> {
    let named = std::env::var("SUPERPOSE_CHROMIUM").ok();
    let usual = ["chromium", "chromium-browser", "google-chrome"].map(String::from);
    let runs = |name: &String| {
        let version = Command::new(name).arg("--version").stdin(Stdio::null()).output();
        version.is_ok_and(|output| output.status.success())
    };
    let found = named.into_iter().chain(usual).find(runs);
    if found.is_none() {
        println!("skipped: pages are opened in no browser, for want of Chromium");
    }
    found
}

/// The document that a page becomes, with its script run, opened at this fragment; and what went to the console.
fn opened(browser: &str, page: &Path, fragment: &str, profile: &Path) -> (String, Vec<String>) {
    let output = Command::new(browser)
        .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"])
        .args(["--window-size=390,844", "--virtual-time-budget=20000", "--enable-logging=stderr", "--v=0"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg("--dump-dom")
        .arg(format!("file://{}#{fragment}", page.display()))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    let console = said.lines().filter(|line| line.contains("CONSOLE")).map(String::from).collect();
    (String::from_utf8(output.stdout).unwrap(), console)
}

/// Networks of every kind: a name, and a network with its circuit.
fn subjects() -> Vec<(&'static str, Circuit, Network)> {
    let small = "sample { choose 1..=3 of x; }";
    let layers =
        "calm = nor(x[0], x[1]); two = at_least(2, x[0..5]); odd = parity(x[0..4]); pick = mux(x[4], x[5], x[6]);
        late = calm & two ^ odd; last = late | !pick & x[7];";
    let sums = "feature a[7], b[7]; sample { choose 1 of a; choose 1 of b; }
        layer add { out[k] = any(a[i] & b[(k - i) % 7] for i in 0..7) for k in 0..7; }";
    let of = |name, text: String, level| {
        let program = program(&text);
        let network = compiled(&program, &at(level));
        (name, program.circuit, network)
    };
    vec![
        of("relu", format!("feature x[12]; {small} {layers} network {{ width 9; }}"), Level::Solved),
        of("relu as published", format!("feature x[12]; {small} {layers} network {{ width 30; }}"), Level::Published),
        of("fitted", PAIRS.replace("width 64", "width 6"), Level::Fitted),
        of("a single gate", "feature a, b; g = a & b;".into(), Level::Solved),
        of("stream", format!("feature x[12]; {small} {layers} network {{ residual 40; width 12; }}"), Level::Solved),
        of(
            "stored",
            format!("feature x[12]; {small} {layers} network {{ store x in 10 with gaussian; width 12; }}"),
            Level::Solved,
        ),
        of(
            "bilinear",
            format!("{sums} network {{ activation bilinear; construction fourier frequencies 1 2; mix hadamard; }}"),
            Level::Solved,
        ),
        of(
            "quadratic",
            format!("{sums} network {{ activation quadratic; construction fourier frequencies 1 2; }}"),
            Level::Solved,
        ),
        of(
            "linear",
            "feature t[24]; sample { choose 1 of t; }
             layer model { next[k] = any(t[i] for i in 0..24 if (5 * i + 3) % 4 == k) for k in 0..4; }
             network { activation linear; construction bigram; mix hadamard; }"
                .into(),
            Level::Solved,
        ),
    ]
}

/// Relative to the size of what is read, as far as that is beyond 1.
fn assert_near(a: f64, b: f64, what: &str) {
    assert!((a - b).abs() <= 1e-5 * a.abs().max(1.0), "{what}: {a} and {b}");
}

#[test]
fn in_a_browser_the_calculator_computes_what_eval_does_and_the_console_is_empty() {
    let Some(browser) = browser() else { return };
    let place = Place::empty();
    for (name, circuit, network) in subjects() {
        place.write("net.safetensors", &safetensors(&network));
        place.run(&["report", "net.safetensors", "--samples", "500", "-o", "page.html"]).ends(0);
        let block = Sampler::new(&circuit).unwrap().block(0, "report", 0);
        // The one with most on, which is where most is added up.
        let on = block.iter().max_by_key(|on| on.len()).unwrap().to_vec();
        let names: Vec<&str> = on.iter().map(|&feature| circuit.name(Signal(feature))).collect();
        let fragment = format!("check={}", names.join(","));
        let (document, console) = opened(&browser, &place.path("page.html"), &fragment, &place.path("profile"));
        assert!(console.is_empty(), "{name}: {console:?}");
        // Every figure is there, and said to be of something.
        assert!(document.contains("data-drawn="), "{name}: it is not drawn to its end");
        // And whoever presses every button and points at every picture has done no harm.
        assert!(document.contains("data-touched="), "{name}: {console:?}");
        let n_figures = if network.layers[0].width() == 1 { 9 } else { 10 };
        assert_eq!(document.matches("<figure").count(), n_figures, "{name}: of one neuron there is no code");
        let found = document.split_once(r#"<pre id="check">"#).unwrap().1.split_once("</pre>").unwrap().0;
        let found: Value = serde_json::from_str(found).unwrap();
        let expected = trace(&circuit, &network, &on).unwrap();
        for (layer_idx, layer) in expected.layers.iter().enumerate() {
            let found = &found[layer_idx];
            assert_eq!(found["name"], layer.name, "{name}");
            let neurons: Vec<f64> =
                found["neurons"].as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect();
            let awake = neurons.iter().filter(|value| **value != 0.0).count();
            assert_eq!((neurons.len(), awake), (layer.width, layer.awake), "{name}: neurons of {}", layer.name);
            assert_eq!(found["gates"].as_array().unwrap().len(), layer.gates.len());
            for (gate_idx, gate) in layer.gates.iter().enumerate() {
                let found = &found["gates"][gate_idx];
                let what = format!("{name}: {} on {names:?}", gate.name);
                assert_eq!(
                    (&found["name"], &found["truth"]),
                    (&Value::from(&*gate.name), &gate.truth.into()),
                    "{what}"
                );
                assert_eq!(found["right"], gate.right, "{what}");
                assert_near(found["reading"].as_f64().unwrap(), gate.reading.into(), &what);
                assert_near(found["threshold"].as_f64().unwrap(), gate.threshold.into(), &what);
            }
        }
    }
}
