//! Claims over all inputs, `require { proved; }`, and fits that go on until they hold, `compile --prove`.

mod common;

use common::binary::Place;
use serde_json::Value;

const PAIRS: &str = "feature x[40]; sample { choose 3 of x; plant 0.5; }\n\
                     g[i] = all(pick(2, x)) for i in 0..120; network { readoff one_sided; width 24; }\n";

fn required(place: &Place, file: &str, options: &[&str]) -> (i32, Vec<(String, Value, Value)>) {
    let ran = place.run(&[&["eval", file, "--json"], options].concat());
    let report: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
    let line = |line: &Value| (line["text"].as_str().unwrap().into(), line["value"].clone(), line["holds"].clone());
    (ran.code, report["requirements"].as_array().unwrap().iter().map(line).collect())
}

#[test]
fn a_fit_goes_on_until_what_is_claimed_is_proved() {
    let place = Place::empty();
    place.write("plain.circ", &format!("{PAIRS} require {{ reliability > 0.99; }}"));
    place.write("claims.circ", &format!("{PAIRS} require {{ proved; reliability > 0.99; }}"));

    // Fitted as usual, it is reliable, and wrong on inputs that are seldom drawn.
    let made = place.run(&["compile", "plain.circ", "-o", "plain.safetensors"]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    assert_eq!(place.run(&["verify", "plain.safetensors"]).code, 1);

    let lines = |value: &str, holds: Value| {
        let reliable = ("reliability > 0.99".to_string(), 1.0.into(), true.into());
        vec![reliable, ("proved".to_string(), value.into(), holds)]
    };
    assert_eq!(required(&place, "claims.circ", &[]), (0, lines("proved", true.into())));

    let made = place.run(&["compile", "plain.circ", "--prove", "-o", "proved.safetensors"]);
    assert!(
        made.code == 0 && made.stderr.contains("of proving") && made.stderr.contains("target met"),
        "{}",
        made.stderr
    );
    assert_eq!(place.run(&["verify", "proved.safetensors"]).code, 0);
    let again = place.run(&["compile", "claims.circ", "--threads", "1", "-o", "claims.safetensors"]);
    assert_eq!(again.code, 0, "{}", again.stderr);
    let weights = |file: &str| {
        let network = place.run(&["eval", file, "--json"]);
        serde_json::from_str::<Value>(&network.stdout).unwrap()["fingerprint"].clone()
    };
    assert_eq!(weights("proved.safetensors"), weights("claims.safetensors"), "whoever asks, on any number of threads");
}

#[test]
fn what_cannot_be_proved_is_written_and_said() {
    let place = Place::empty();
    place.write("narrow.circ", &PAIRS.replace("width 24", "width 6"));
    let made = place.run(&["compile", "narrow.circ", "--prove", "--budget", "300k", "-o", "net.safetensors"]);
    assert!(made.code == 1 && made.stderr.contains("missed: proved, refuted"), "{}", made.stderr);
    let proof = place.run(&["verify", "net.safetensors", "--json"]);
    assert_eq!((proof.code, proof.stdout.contains("\"refuted\"")), (1, true), "{}", proof.stdout);

    // Below -O2 nothing is fitted, and the claim is held against what there is.
    place.write("solved.circ", &format!("{PAIRS} require {{ proved accuracy(0.4); proved output_reliability; }}"));
    let of = |text: &str, value: &str, holds: bool| (text.to_string(), Value::from(value), Value::from(holds));
    let (code, lines) = required(&place, "solved.circ", &["-O1"]);
    let claimed = vec![of("proved accuracy(0.4)", "refuted", false), of("proved output_reliability", "refuted", false)];
    assert_eq!((code, lines), (1, claimed));
    let (code, lines) = required(&place, "solved.circ", &["-O1", "--width", "120"]);
    let claimed = vec![of("proved accuracy(0.4)", "proved", true), of("proved output_reliability", "proved", true)];
    assert_eq!((code, lines), (0, claimed));
}

#[test]
fn the_smallest_width_that_can_be_proved_is_found() {
    let place = Place::empty();
    place.write("pairs.circ", &PAIRS.replace("width 24", "width auto"));
    let made = place.run(&["compile", "pairs.circ", "--prove", "--budget", "400k", "-o", "net.safetensors"]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    assert_eq!(place.run(&["verify", "net.safetensors"]).code, 0);
    let tried = |verdict: &str| made.stderr.lines().filter(|line| line.ends_with(verdict)).count();
    assert!(tried("meets its goal") > 0 && tried("misses its goal") > 0, "{}", made.stderr);
}
