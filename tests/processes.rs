//! The command line in a hostile place: endless input, limits on files and threads, signals, pipes.

mod common;

use std::fs;
use std::io::{Read, Write};
use std::process::{Command, Stdio};

use common::binary::{BINARY, PAIRS, Place, Ran, command_in, ran};
use serde_json::Value;

#[test]
fn endless_devices_and_endless_lists_end_soon() {
    let place = Place::with_pairs();
    if std::path::Path::new("/dev/zero").exists() {
        let ran = place.run(&["check", "/dev/zero"]).ends(2);
        assert!(ran.stderr.contains("more than 512 MiB"), "{}", ran.stderr);
    }
    let outputs = vec!["y"; 2000].join(", ");
    place.write("outputs.circ", &format!("feature x[2]; y[i] = x[0] & x[1] for i in 0..100000; output {outputs};"));
    place.run(&["check", "outputs.circ"]).ends(0);
    let outputs = vec!["y[0..100000]"; 2000].join(", ");
    place.write("slices.circ", &format!("feature x[2]; y[i] = x[0] & x[1] for i in 0..100000; output {outputs};"));
    let ran = place.run(&["check", "slices.circ"]).ends(1);
    assert!(ran.stderr.contains("too-many-operands"), "{}", ran.stderr);
    place.write("fine.circ", "feature x[2]; y = x[0] & x[1];");
    place.run(&["check", "fine.circ", "--threads", "18446744073709551615"]).ends(2);
}

#[test]
fn settings_columns_and_requirements_beyond_all_measure_end_soon() {
    let place = Place::with_pairs();
    let widths: String = (0..50_000).map(|idx| format!("width l{idx} 5;")).collect();
    place.write("widths.circ", &format!("feature x[2]; y = x[0] & x[1]; network {{ {widths} }}"));
    let ran = place.run(&["check", "widths.circ"]).ends(1);
    assert!(ran.stderr.contains("unknown-layer"), "{}", ran.stderr);

    let columns: Vec<String> = (0..100_000).map(|idx| format!("z{idx}")).collect();
    place.write("rows.csv", &columns.join(","));
    let ran = place.run(&["eval", "pairs.circ", "--inputs", "rows.csv"]).ends(1);
    assert!(ran.stderr.contains("rows-unknown-feature"), "{}", ran.stderr);

    let lines = "error(y) < 1;".repeat(2000);
    place.write("lines.circ", &format!("feature x[2]; y[i] = x[0] & x[1] for i in 0..100000; require {{ {lines} }}"));
    let ran = place.run(&["check", "lines.circ"]).ends(1);
    assert!(ran.stderr.contains("too-many-operands"), "{}", ran.stderr);

    place.write("wide.circ", "feature x[100000]; y = any(x);");
    let ran = place.run(&["eval", "wide.circ"]).ends(1);
    assert!(ran.stderr.contains("too-wide-to-solve"), "{}", ran.stderr);

    place.run(&["eval", "pairs.circ", "--samples", "4294967296"]).ends(2);
    place.run(&["check", "pairs.circ", "--max-gates", "100000001"]).ends(2);
}

#[test]
fn names_beyond_all_measure_are_checked() {
    let place = Place::with_pairs();
    let listed =
        |form: &dyn Fn(usize) -> String, between: &str| (0..100_000).map(form).collect::<Vec<_>>().join(between);
    let layers = listed(&|idx| format!("layer l{idx} {{ }}"), " ");
    let parameters = listed(&|idx| format!("p{idx}"), ", ");
    let results = listed(&|idx| format!("r{idx}"), ", ");
    let bodies = listed(&|idx| format!("r{idx} = !p;"), " ");
    let loops = listed(&|idx| format!("i{idx} in 0..1"), ", ");
    // With time for each pair of them, whoever waits would wait for minutes.
    for (text, code) in [
        (format!("feature a; {layers} y = !a;"), 1),
        (format!("feature a; gate g({parameters}) -> (q) {{ q = !p0; }} y = !a;"), 0),
        (format!("feature a; gate g(p) -> ({results}) {{ {bodies} }} y = !a;"), 0),
        (format!("feature a; y = !a for {loops};"), 0),
    ] {
        place.write("names.circ", &text);
        place.run(&["check", "names.circ"]).ends(code);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_below_dev_is_a_file() {
    let place = Place::with_pairs();
    let Ok(shared) = tempfile::tempdir_in("/dev/shm") else { return };
    let target = shared.path().join("net.safetensors");
    let compile = ["compile", "pairs.circ", "-O1", "-o", target.to_str().unwrap()];
    place.run(&compile).ends(0);
    let bytes = fs::read(&target).unwrap();
    fs::write(&target, [&bytes[..], b"more"].concat()).unwrap();
    place.run(&compile).ends(0);
    assert!(fs::read(&target).unwrap() == bytes);
    place.run(&["compile", "pairs.circ", "-O1", "-o", "/dev/null"]).ends(0);
}

/// As after `ulimit`, in a shell.
#[cfg(target_os = "linux")]
fn limited(place: &Place, limits: &str, arguments: &[&str]) -> Ran {
    let script = format!("{limits}; exec \"$0\" \"$@\"");
    ran(assert_cmd::Command::new("sh").current_dir(place.folder()).args(["-c", &script, BINARY]).args(arguments))
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_may_not_grow_so_large_is_an_error_and_leaves_nothing() {
    let place = Place::with_pairs();
    // In blocks of 512 bytes, or of 1024.
    let ran = limited(&place, "ulimit -f 2", &["compile", "pairs.circ", "-O1", "-o", "net.safetensors"]).ends(2);
    assert!(ran.stderr.contains("cannot write `net.safetensors`"), "{}", ran.stderr);
    let names: Vec<_> = fs::read_dir(place.folder()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["pairs.circ"]);
}

#[cfg(target_os = "linux")]
#[test]
fn where_there_is_no_thread_to_be_had_one_does() {
    let place = Place::with_pairs();
    // Who may do everything has no limit. It is called so by bash, and otherwise by dash.
    let as_nobody = "[ $(id -u) != 0 ] || set -- setpriv --reuid 65534 --regid 65534 --clear-groups \"$@\"";
    let script = format!("{as_nobody}; ulimit -u 1 2>/dev/null || ulimit -p 1; exec \"$@\"");
    let arguments = ["-c", &script, "sh", BINARY, "eval", "-", "-O1", "--width", "20"];
    let ran = ran(assert_cmd::Command::new("sh").current_dir("/").args(arguments).write_stdin(PAIRS)).ends(0);
    assert_eq!(ran.stdout, place.run(&["eval", "pairs.circ", "-O1", "--width", "20"]).ends(0).stdout);
}

/// While it waits for a file, its threads can be counted.
#[cfg(target_os = "linux")]
#[test]
fn there_are_no_more_threads_than_cores() {
    let place = Place::with_pairs();
    assert!(Command::new("mkfifo").arg(place.path("x.circ")).status().unwrap().success());
    let check = ["check", "x.circ", "--threads", "1024"];
    let mut child = Command::new(BINARY).current_dir(place.folder()).args(check).stdout(Stdio::null()).spawn().unwrap();
    // Opened when the other end is.
    let mut pipe = fs::OpenOptions::new().write(true).open(place.path("x.circ")).unwrap();
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    pipe.write_all(PAIRS.as_bytes()).unwrap();
    drop(pipe);
    assert!(child.wait().unwrap().success());
    let n_threads = status.lines().find_map(|line| line.strip_prefix("Threads:")).unwrap().trim();
    let n_cores = std::thread::available_parallelism().unwrap().get();
    // And the main one, and the one that hears signals.
    assert!(n_threads.parse::<usize>().unwrap() <= n_cores + 2, "{n_threads} threads on {n_cores} cores");
}

#[test]
fn what_is_too_large_is_refused_before_it_is_read() {
    let place = Place::with_pairs();
    let sparse = |name: &str, size: u64| fs::File::create(place.path(name)).unwrap().set_len(size).unwrap();
    sparse("huge.circ", 1 << 40);
    for command in ["check", "fmt", "show", "eval", "test"] {
        let ran = place.run(&[command, "huge.circ"]).ends(1);
        assert!(
            ran.stderr.contains("huge.circ:1:1: error[file-too-large]: the file has 1099511627776 bytes"),
            "{ran:?}"
        );
    }
    place.write("user.circ", "use \"huge.circ\"; feature a, b; c = a & b;");
    let ran = place.run(&["check", "user.circ"]).ends(1);
    assert!(ran.stderr.contains("it has 1099511627776 bytes, and 67108864 are the limit"), "{}", ran.stderr);
    sparse("huge.csv", 1 << 40);
    place.write("rows.circ", "feature a, b; sample { from \"huge.csv\"; } c = a & b;");
    let ran = place.run(&["check", "rows.circ"]).ends(1);
    assert!(ran.stderr.contains("it has 1099511627776 bytes, and 4294967295 are the limit"), "{}", ran.stderr);
    let ran = place.run(&["eval", "pairs.circ", "--inputs", "huge.csv"]).ends(2);
    assert!(ran.stderr.contains("it has 1099511627776 bytes"), "{}", ran.stderr);
    let ran = place.run(&["compile", "pairs.circ", "-O0", "--width", "10000000", "-o", "net.safetensors"]).ends(1);
    assert!(ran.stderr.contains("would have 10000000 neurons"), "{}", ran.stderr);
}

#[cfg(unix)]
#[test]
fn nothing_from_outside_steers_the_terminal() {
    let place = Place::with_pairs();
    let evil = "\u{1b}]0;title\u{7}\u{202e}.circ";
    place.write(evil, PAIRS);
    place.write(&format!("bad{evil}"), "feature a; x = a & b;");
    place.write("rows.csv", "x[0],\u{1b}[31mred\n1,\u{1b}[31m2\n");
    let runs: [&[&str]; 7] = [
        &["check", evil],
        &["check", &format!("bad{evil}")],
        &["check", &format!("gone{evil}")],
        &["compile", evil, "-O0", "-o", &format!("no{evil}/net")],
        &["compile", evil, "-O0", "-o", &format!("net{evil}")],
        &["test", evil],
        &["eval", "pairs.circ", "--inputs", "rows.csv"],
    ];
    for arguments in runs {
        let ran = place.run(arguments);
        let said = ran.stdout + &ran.stderr;
        assert!(!said.is_empty() && !said.chars().any(|c| c != '\n' && superpose::text::steers(c)), "{said:?}");
    }
    // A circuit without a name is called after its file.
    place.write(evil, "feature a, b; x = a & b;");
    assert!(!place.run(&["show", evil]).ends(0).stdout.contains('\u{1b}'));
    assert!(!place.run(&["eval", evil, "-O1"]).ends(0).stdout.contains('\u{1b}'));
    let long = format!("feature a; x = a & {};", "b".repeat(1 << 20));
    place.write("long.circ", &long);
    assert!(place.run(&["check", "long.circ"]).ends(1).stderr.len() < 5000);
}

#[cfg(unix)]
#[test]
fn a_pipe_is_no_program_to_be_tested() {
    let place = Place::with_pairs();
    place.write("pairs.circ", &PAIRS.replace("width 64", "width 64; optimize 1"));
    assert!(Command::new("mkfifo").arg(place.path("x.circ")).status().unwrap().success());
    let mut test = command_in(place.folder());
    let ran = ran(test.args(["test", "--accept"]).timeout(std::time::Duration::from_secs(60))).ends(0);
    assert!(ran.stdout.ends_with("1 accepted\n"), "{}", ran.stdout);
}

/// A file is written, and then something else is waited for.
#[cfg(unix)]
#[test]
fn a_signal_behind_a_written_file_says_that_it_is_written() {
    let place = Place::with_pairs();
    place.write("loose.circ", &PAIRS.replace("choose 2 of", "choose   2 of"));
    assert!(Command::new("mkfifo").arg(place.path("x.circ")).status().unwrap().success());
    let mut child = Command::new(BINARY)
        .current_dir(place.folder())
        .args(["fmt", "--write", "loose.circ", "x.circ"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while place.read("loose.circ") != PAIRS {
        assert!(child.try_wait().unwrap().is_none(), "it waits for the pipe");
    }
    let kill = format!("kill -TERM {}", child.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert!(said.contains("error: interrupted, but `loose.circ` is written"), "{said}");
}

#[cfg(unix)]
#[test]
fn a_signal_leaves_files_as_they_were() {
    let place = Place::with_pairs();
    place.write("net.safetensors", "old");
    let search = "feature x[300]; sample { choose 3 of x; plant 0.5; } g[i] = all(pick(2, x)) for i in 0..3000;
network { width auto; }
require { reliability > 0.9999; }";
    place.write("search.circ", search);
    for signal in ["INT", "TERM"] {
        let ran = interrupted(&place, &["compile", "search.circ", "-o", "net.safetensors"], signal).ends(130);
        assert!(ran.stderr.contains("error: interrupted"), "{}", ran.stderr);
        let ran = interrupted(&place, &["plan", "search.circ"], signal).ends(130);
        assert!(ran.stderr.contains("error: interrupted"), "{}", ran.stderr);
        assert_eq!(place.read("net.safetensors"), "old");
        let mut names: Vec<_> = fs::read_dir(place.folder()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["net.safetensors", "pairs.circ", "search.circ"]);
    }
}

/// As if a signal came after a while; Ctrl-C is `INT`.
#[cfg(unix)]
fn interrupted(place: &Place, arguments: &[&str], signal: &str) -> Ran {
    let mut child = Command::new(BINARY)
        .current_dir(place.folder())
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(std::time::Duration::from_millis(500));
    let kill = format!("kill -{signal} {}", child.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    Ran { code: child.wait().unwrap().code().unwrap(), stdout: String::new(), stderr }
}

#[cfg(unix)]
#[test]
fn a_signal_ends_a_fit_and_keeps_the_best_network_so_far() {
    let place = Place::with_pairs();
    let endless = "feature x[300]; sample { choose 3 of x; plant 0.5; } g[i] = all(pick(2, x)) for i in 0..3000;";
    place.write("endless.circ", endless);
    let compile = ["compile", "endless.circ", "-O2", "--width", "40", "--target", "1", "-o", "net.safetensors"];
    for signal in ["INT", "TERM"] {
        let ran = interrupted(&place, &compile, signal).ends(0);
        assert!(ran.stderr.contains("stopping") && ran.stderr.contains("(interrupted)"), "{}", ran.stderr);
        let report = place.run(&["eval", "net.safetensors", "--samples", "100", "--json"]).ends(0).stdout;
        let report: Value = serde_json::from_str(&report).unwrap();
        assert_eq!((&report["opt_level"], &report["fit"]["stopped"]), (&2.into(), &"interrupted".into()));
        fs::remove_file(place.path("net.safetensors")).unwrap();
    }

    // But what a fit had by then is never taken for the result of a test.
    place.write("endless.circ", &format!("{endless} network {{ width 40; }} require {{ reliability >= 1; }}"));
    interrupted(&place, &["test", "endless.circ", "--accept"], "INT").ends(130);
    assert!(!place.path("snapshots").exists());
}

#[test]
fn a_fit_says_on_stderr_and_in_json_why_it_ended() {
    let place = Place::with_pairs();
    let ran = place.run(&["compile", "pairs.circ", "-o", "net.safetensors"]).ends(0);
    assert!(ran.stderr.contains("64 neurons, channels as at -O1; "), "{}", ran.stderr);
    let report = |arguments: &[&str]| -> Value {
        let arguments = [&["eval", "pairs.circ", "--json"], arguments].concat();
        serde_json::from_str(&place.run(&arguments).stdout).unwrap()
    };
    assert_eq!(report(&[])["fit"]["stopped"], "target-met");
    assert_eq!(report(&["-O2", "--target", "1", "--width", "3", "--budget", "5k"])["fit"]["stopped"], "budget-spent");
    assert_eq!(report(&["--from", "net.safetensors"])["fit"]["inputs"], 0);
    assert!(report(&["-O1"]).get("fit").is_none());
    let many = "feature x[40]; sample { choose 3 of x; plant 0.5; } g[i] = all(pick(2, x)) for i in 0..200;";
    place.write("many.circ", many);
    let ran = place
        .run(&["compile", "many.circ", "--width", "40", "--readoff", "one-sided", "-o", "many.safetensors"])
        .ends(0);
    assert!(ran.stderr.contains("40 neurons, fitted on ") && ran.stderr.contains("(target met)"), "{}", ran.stderr);
    let ran = place.run(&["eval", "pairs.circ", "--from", "pairs.circ"]).ends(2);
    assert!(ran.stderr.contains("pairs.circ"), "{}", ran.stderr);
}

#[test]
fn a_time_to_spend_changes_nothing_of_a_fit_that_ends_before() {
    let place = Place::with_pairs();
    let bytes = |more: &[&str]| {
        place.run(&[&["compile", "pairs.circ", "-o", "net.safetensors"], more].concat()).ends(0);
        fs::read(place.path("net.safetensors")).unwrap()
    };
    assert!(bytes(&["--budget", "10m"]) == bytes(&[]));
    let endless = "feature x[300]; sample { choose 3 of x; plant 0.5; } g[i] = all(pick(2, x)) for i in 0..3000;";
    place.write("endless.circ", endless);
    let run = ["eval", "endless.circ", "--width", "40", "--target", "1", "--budget", "0.3s", "--samples", "100"];
    let ran = place.run(&run).ends(0);
    assert!(ran.stdout.contains("inputs, budget spent\n"), "{}", ran.stdout);
}
