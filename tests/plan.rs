//! `plan` from outside: what it prints, what others read, and that its commands do what it says.

mod common;

use common::binary::Place;
use serde_json::Value;

/// Two layers, of pairs and of XORs of some, in which every construction has something to say.
const SMALL: &str = "circuit small;

feature x[20];

sample {
  choose 3 of x;
  plant 0.5;
}

layer pairs {
  near[i] = x[i] & x[i+1] for i in 0..19;
  far[i] = x[i] & x[i+10] for i in 0..10;
}

layer odd {
  odd[i] = near[i] ^ far[i] for i in 0..10;
}

network {
  seed 3;
}

require {
  reliability > 0.95;
}
";

fn small() -> Place {
    let place = Place::empty();
    place.write("small.circ", SMALL);
    place
}

fn json(place: &Place, arguments: &[&str]) -> Value {
    let ran = place.run(&[&["plan", "small.circ", "--json"], arguments].concat()).ends(0);
    assert_eq!(ran.stderr, "");
    serde_json::from_str(&ran.stdout).unwrap()
}

#[test]
fn a_plan_of_a_small_circuit_is_as_shown() {
    let place = small();
    let plan = place.run(&["plan", "small.circ", "--budget", "100k"]).ends(0);
    assert_eq!(plan.stderr, "");
    insta::assert_snapshot!(plan.stdout);
    let again = place.run(&["plan", "small.circ", "--budget", "100k", "--threads", "1"]).ends(0);
    assert_eq!(again.stdout, plan.stdout, "other threads, other words");
    // Each command that it ends with makes a network that meets the goal.
    let commands: Vec<&str> = plan.stdout.lines().filter_map(|line| line.strip_prefix("  superpose ")).collect();
    assert!(!commands.is_empty(), "{}", plan.stdout);
    for command in commands {
        place.run(&command.split(' ').collect::<Vec<_>>()).ends(0);
    }
}

#[test]
fn the_json_has_every_network_that_was_tried() {
    let place = small();
    let plan = json(&place, &["-O", "0,1", "--construction", "linear,channels size 2", "--width", "8..64"]);
    assert_eq!([&plan["circuit"], &plan["features"], &plan["gates"]], [&Value::from("small"), &20.into(), &39.into()]);
    assert_eq!(plan["goal"], serde_json::json!(["reliability > 0.95"]));
    assert_eq!((plan["epsilon"].as_f64(), plan["fitted"].is_null()), (Some(0.5), true));
    let layer = &plan["layers"][0];
    // Two of a gate's in half of the inputs, and three in all of them.
    assert_eq!((layer["inputs"].as_u64(), layer["active"].as_f64()), (Some(20), Some(3.0)));
    let constructions = plan["constructions"].as_array().unwrap();
    assert_eq!(constructions.len(), 2);
    for of in constructions {
        assert!(of["formula"].is_string() && of["source"].is_string());
        assert_eq!(of["by_inequality"].as_array().unwrap().len(), 2);
        for (measured, level) in of["measured"].as_array().unwrap().iter().zip(0..) {
            assert_eq!(measured["opt_level"], level);
            let tried = measured["tried"].as_array().unwrap();
            let meets = |tried: &&Value| tried["holds"] == true;
            assert_eq!(measured["width"], tried.iter().find(meets).map_or(Value::Null, |tried| tried["width"].clone()));
            assert!(tried.iter().all(|tried| [8, 16, 32, 64].map(Value::from).contains(&tried["width"])), "{measured}");
        }
    }
    // No line tells an XOR.
    assert!(constructions[0]["inequality"].is_null() && constructions[1]["inequality"].is_number());
    let reason = constructions[0]["by_inequality"][1]["reason"].as_str().unwrap();
    assert_eq!(reason, "no line over its operands is nearer to `odd[0]` than 0.5");
    let pairs = plan["pairs"].as_array().unwrap();
    assert_eq!(pairs.iter().map(|pairs| pairs["width"].as_u64().unwrap()).collect::<Vec<_>>(), [8, 16, 32, 64]);
    for pairs in pairs {
        let [p, n] = ["density", "width"].map(|field| pairs[field].as_f64().unwrap());
        assert!((p * 3.0 - plan["pairs_load"].as_f64().unwrap()).abs() < 1e-9);
        assert!((pairs["expected"].as_f64().unwrap() - (1.0 - (-p * p * n).exp())).abs() < 1e-12);
    }
}

/// Tried are widths of the list alone; the narrowest of them that does is what `eval` says of each.
#[test]
fn what_is_found_is_what_eval_finds() {
    let place = small();
    let plan = json(&place, &["-O", "1", "--construction", "naive", "--width", "20..=60"]);
    let found = plan["constructions"][0]["measured"][0]["width"].as_u64().unwrap();
    for (width, code) in [(found - 1, 1), (found, 0)] {
        let width = width.to_string();
        place.run(&["eval", "small.circ", "--construction", "naive", "-O1", "--width", &width]).ends(code);
    }
}

#[test]
fn what_cannot_be_planned_is_refused_in_words() {
    let place = small();
    place.write("bad.circ", "feature a; g = a & b;");
    place.run(&["plan", "bad.circ"]).ends(1);
    let heads = "feature a[4]; sample { choose 1 of a; } head h rank 2 tokens 4 { match a[0] -> a[1]; }
        network { store a in 4 with hadamard; }";
    place.write("heads.circ", heads);
    let ran = place.run(&["plan", "heads.circ"]).ends(1);
    assert!(ran.stderr.contains("defines no gate, and there is nothing to plan"), "{}", ran.stderr);
    let said = |arguments: &[&str]| place.run(&[&["plan", "small.circ"], arguments].concat()).ends(2).stderr;
    assert!(said(&["--construction", "chanels"]).contains("did you mean `channels`"));
    assert!(said(&["--width", "0"]).contains("not between 1"));
    assert!(said(&["--readoff", "one-sided", "--epsilon", "0.3"]).contains("means nothing"));
    assert!(said(&["-O", "3"]).contains("0..=2"));
    // What a construction cannot do is no error: it is said beside the others.
    let wide = "feature x[16]; sample { choose 2 of x; plant 0.5; } g = any(x); h = x[0] & x[1];";
    place.write("wide.circ", wide);
    let plan = place.run(&["plan", "wide.circ", "-O", "0", "--construction", "universal,naive"]).ends(0).stdout;
    let line = plan.lines().find(|line| line.trim_start().starts_with("universal ")).unwrap();
    assert!(line.contains("cannot") && plan.contains("`g` has 16 inputs"), "{plan}");
}

/// Addition modulo 7 by neurons that multiply, of which one construction knows, and no fit.
#[test]
fn neurons_that_multiply_are_planned_too() {
    let place = Place::empty();
    let adds = "const P = 7; feature a[P], b[P]; sample { choose 1 of a; choose 1 of b; }
        out[k] = any(a[i] & b[(k - i) % P] for i in 0..P) for k in 0..P; network { activation bilinear; }";
    place.write("adds.circ", adds);
    let plan = place.run(&["plan", "adds.circ", "--json"]).ends(0).stdout;
    let plan: Value = serde_json::from_str(&plan).unwrap();
    let [fourier] = &plan["constructions"].as_array().unwrap()[..] else { panic!("{plan}") };
    assert_eq!((&fourier["construction"], &plan["layers"][0]["unshared"]), (&"fourier".into(), &49.into()));
    let solved = &fourier["measured"].as_array().unwrap()[1];
    let width = solved["width"].as_u64().expect("some width does at -O1").to_string();
    let ran = place.run(&["eval", "adds.circ", "-O1", "--width", &width, "--json"]).ends(0);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert!(report["accuracy"]["0.45"].as_f64().unwrap() > 0.999, "{report}");
    assert!(plan["fitted"]["refused"].as_str().unwrap().contains("not fitted"), "{plan}");
}

#[test]
fn what_nothing_meets_says_how_to_go_on() {
    let place = small();
    let plan = place.run(&["plan", "small.circ", "-O", "1", "--construction", "universal", "--width", "4"]).ends(0);
    assert!(plan.stdout.contains("Measured, nothing meets the goal by 4 neurons"), "{}", plan.stdout);
    assert!(
        plan.stdout.ends_with("superpose plan small.circ --construction universal -O 1 --width 4..32\n"),
        "{}",
        plan.stdout
    );
}
