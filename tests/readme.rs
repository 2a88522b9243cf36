//! The README says nothing that the program does not: its circuits load, its report and figures are the examples'.

mod common;

use common::binary::{Place, command_in, ran};
use common::{blocks, examples_folder, files_below, loaded, root, shown, text_of};

/// What `superpose test` holds of an example.
fn report(example: &str) -> String {
    text_of(&format!("examples/snapshots/{example}.snap"))
}

#[test]
fn every_circuit_loads_without_a_warning() {
    let blocks = blocks(&text_of("README.md"), "circ");
    assert!(!blocks.is_empty());
    for block in blocks {
        let loaded = loaded(&[("README.circ", &block)]);
        assert!(loaded.diagnostics.is_empty(), "{}", shown(&loaded.diagnostics, &loaded.sources));
    }
}

#[test]
fn the_fragment_stands_in_the_newsroom() {
    let newsroom = text_of("examples/newsroom.circ");
    for fragment in blocks(&text_of("README.md"), "circ fragment") {
        for line in fragment.lines().filter(|line| !line.is_empty()) {
            let code = |line: &str| line.split("//").next().unwrap().trim_end().to_string();
            assert!(newsroom.lines().any(|other| code(other) == code(line)), "not in newsroom.circ: {line}");
        }
    }
}

#[test]
fn the_report_shown_is_the_newsrooms() {
    let shown = blocks(&text_of("README.md"), "text").remove(0);
    assert!(
        report("newsroom").contains(&shown),
        "README shows\n{shown}\nbut the newsroom reports\n{}",
        report("newsroom")
    );
}

/// The commands of the `console` blocks, one after the other in a folder with the examples: what they say, on stdout and
/// then on stderr, is what stands below them.
#[test]
fn commands_say_what_is_shown_below_them() {
    let place = Place::empty();
    for extension in ["blif", "bnet", "circ", "csv"] {
        for name in files_below(&examples_folder(), extension) {
            place.write(&format!("examples/{name}"), &text_of(&format!("examples/{name}")));
        }
    }
    let mut wrong = Vec::new();
    for block in blocks(&text_of("README.md"), "console") {
        for command in format!("\n{block}").split("\n$ superpose ").skip(1) {
            let (arguments, shown) = command.split_once('\n').unwrap_or((command, ""));
            let ran = place.run(&arguments.split(' ').map(|argument| argument.trim_matches('\'')).collect::<Vec<_>>());
            let said = ran.stdout + &ran.stderr;
            if said.trim_end() != shown.trim_end() {
                wrong.push(format!("superpose {arguments}\nsays\n{said}\nbut README\n{shown}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Words of a command; what stands in quotes is one.
fn words(command: &str) -> Vec<String> {
    let parts = command.split('\'').enumerate();
    let words = parts.flat_map(|(idx, part)| match idx % 2 {
        0 => part.split_whitespace().map(String::from).collect(),
        _ => vec![part.to_owned()],
    });
    words.skip(1).collect()
}

/// The commands of the blocks that end in pictures: sweeps, and what draws them.
fn drawn() -> Vec<String> {
    let blocks = blocks(&text_of("README.md"), "text");
    let drawn = blocks.iter().filter(|block| block.lines().any(|line| line.starts_with("superpose plot ")));
    drawn.flat_map(|block| block.lines().map(String::from)).collect()
}

/// Where what a command is said to make is kept.
fn kept(name: &str) -> String {
    let folders = ["examples/pictures", "examples/finite_size"];
    let folder = folders.iter().find(|folder| root().join(folder).join(name).exists());
    format!("{}/{name}", folder.unwrap_or_else(|| panic!("{name} is kept nowhere")))
}

#[test]
fn pictures_are_what_plot_draws_of_the_tables_beside_them() {
    let mut n_pictures = 0;
    for command in drawn().iter().filter(|command| command.starts_with("superpose plot ")) {
        let words = words(command);
        let place = Place::empty();
        for table in words.iter().filter(|word| word.ends_with(".csv")) {
            place.write(table, &text_of(&if table.contains('/') { table.clone() } else { kept(table) }));
        }
        place.run(&words.iter().map(String::as_str).collect::<Vec<_>>()).ends(0);
        let picture = words.iter().find(|word| word.ends_with(".svg")).unwrap();
        assert!(place.read(picture) == text_of(&kept(picture)), "{command} draws another picture");
        n_pictures += 1;
    }
    assert_eq!(n_pictures, 7);
}

/// Makes the tables anew that are kept in a folder.
fn sweeps_make_the_tables_of(folder: &str) {
    let place = Place::empty();
    for circuit in ["examples/random_pairs.circ", "examples/rules.circ", "examples/random_features.circ"] {
        place.write(circuit, &text_of(circuit));
    }
    place.write("tests/bench/all_xors.circ", &text_of("tests/bench/all_xors.circ"));
    let mut tables: Vec<(String, String)> = Vec::new();
    for command in drawn().iter().filter(|command| command.starts_with("superpose sweep ")) {
        let (sweep, table) = command.split_once(" > ").or(command.split_once(" >> ")).unwrap_or((command, ""));
        let words = words(sweep);
        let table = if table.is_empty() { words.last().unwrap().clone() } else { table.to_owned() };
        if !kept(&table).starts_with(folder) {
            continue;
        }
        let ran = place.run(&words.iter().map(String::as_str).collect::<Vec<_>>());
        let rows = if words.last().unwrap() == "-" { ran.stdout } else { place.read(&table) };
        match tables.iter_mut().find(|(known, _)| *known == table) {
            Some((_, text)) => *text += &rows,
            None => tables.push((table, rows)),
        }
    }
    // What tells sweeps apart tells versions apart too.
    let without_mark = |text: &str| -> Vec<Vec<String>> {
        let cells = |line: &str| -> Vec<String> {
            superpose::csv::cells(line).unwrap().into_iter().map(|cell| cell.text.into_owned()).collect()
        };
        let mut at = 0;
        let of_line = |line: &str| {
            let mut cells = cells(line);
            at = cells.iter().position(|name| name == "sweep").unwrap_or(at);
            cells.remove(at);
            cells
        };
        text.lines().map(of_line).collect()
    };
    assert!(!tables.is_empty());
    for (table, rows) in tables {
        assert_eq!(without_mark(&rows), without_mark(&text_of(&kept(&table))), "{table}");
    }
}

#[test]
#[ignore = "takes minutes: cargo test --release --test readme -- --ignored"]
fn the_tables_behind_the_pictures_are_what_sweeps_make() {
    sweeps_make_the_tables_of("examples/pictures");
}

#[test]
#[ignore = "takes an hour: cargo test --release --test readme -- --ignored"]
fn the_tables_at_real_sizes_are_what_sweeps_make() {
    sweeps_make_the_tables_of("examples/finite_size");
}

/// What a column of the table of levels adds to the arguments of a row.
const COLUMNS: [&[&str]; 4] = [&["--construction", "linear"], &["-O0"], &["-O1"], &["-O2"]];
const FIT: usize = 3;

/// A row of it.
struct Row {
    /// Of `superpose eval`, but for the column's.
    arguments: Vec<String>,
    gates: String,
    neurons: String,
    /// By column: reliability, and ε at 99 % of the inputs.
    figures: [String; COLUMNS.len()],
}

fn rows() -> Vec<Row> {
    let readme = text_of("README.md");
    let rows =
        readme.lines().filter(|line| line.starts_with("| `examples/") || line.starts_with("| `tests/")).map(|row| {
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            let arguments = cells[1].split('`').nth(1).unwrap().split(' ').map(str::to_owned).collect();
            let [gates, neurons] = [2, 3].map(|column| cells[column].to_owned());
            let figures = std::array::from_fn(|column| cells[column + 4].to_owned());
            Row { arguments, gates, neurons, figures }
        });
    let rows: Vec<Row> = rows.collect();
    assert!(rows.len() >= 12);
    rows
}

/// Runs `superpose eval` with these arguments.
fn eval(arguments: &[&str]) -> Result<serde_json::Value, String> {
    let ran = ran(command_in(root()).args(["eval", "--json", "--quiet"]).args(arguments));
    serde_json::from_str(&ran.stdout).map_err(|_| ran.stderr)
}

fn reliability(report: &serde_json::Value) -> String {
    format!("{:.4}", report["reliability"].as_f64().unwrap())
}

/// What of a row a run shows otherwise.
fn differences(row: &Row, column: usize) -> Option<String> {
    let mut arguments: Vec<&str> = row.arguments.iter().map(String::as_str).collect();
    if column != FIT {
        let of_fits = ["--target", "--epsilon", "--readoff", "--budget"];
        while let Some(at) = arguments.iter().position(|argument| of_fits.contains(argument)) {
            arguments.drain(at..at + 2);
        }
    }
    arguments.extend(COLUMNS[column]);
    let shown = [&row.gates, &row.neurons, &row.figures[column]].map(String::as_str).join(", ");
    let found = match eval(&arguments) {
        Ok(report) => {
            let gates: u64 = report["layers"].as_array().unwrap().iter().map(|l| l["gates"].as_u64().unwrap()).sum();
            let widths: Vec<String> = report["widths"].as_array().unwrap().iter().map(ToString::to_string).collect();
            let epsilon = report["epsilon"]["0.99"].as_f64().unwrap();
            format!("{gates}, {}, {}, {epsilon:.3}", widths.join(" + "), reliability(&report))
        }
        Err(problem) if problem.contains("error[width-too-small]") => {
            format!("{}, {}, too narrow", row.gates, row.neurons)
        }
        Err(problem) => problem,
    };
    (shown != found).then(|| format!("superpose eval {}: {found}, but README says {shown}", arguments.join(" ")))
}

#[test]
fn the_table_shows_what_the_levels_without_a_fit_give() {
    let wrong: Vec<String> = rows()
        .iter()
        // The others wait for `--ignored`: they take longer than all other tests.
        .filter(|row| row.arguments.len() == 1)
        .flat_map(|row| (0..FIT).filter_map(|column| differences(row, column)))
        .collect();
    assert_eq!(wrong, [] as [String; 0]);
}

#[test]
fn the_table_shows_the_fits_of_the_reports_beside_the_examples() {
    let mut n_checked = 0;
    for row in rows() {
        let [name] = &row.arguments[..] else { continue };
        let name = name.strip_prefix("examples/").and_then(|rest| rest.strip_suffix(".circ")).unwrap();
        let report = report(name);
        let figure = |label: &str| {
            let line = report.lines().find_map(|line| line.trim_start().strip_prefix(label)).unwrap();
            line.split_whitespace().next().unwrap().to_owned()
        };
        let (shown, found) = (&row.figures[FIT], [figure("reliability "), figure("ε at 99 % ")].join(", "));
        assert_eq!(shown, &found, "{name}: README says the first, the report the second");
        n_checked += 1;
    }
    assert!(n_checked >= 4);
}

#[test]
#[ignore = "takes minutes: cargo test --release --test readme -- --ignored"]
fn every_figure_of_the_table_is_what_a_run_shows() {
    let wrong: Vec<String> =
        rows().iter().flat_map(|row| (0..=FIT).filter_map(|column| differences(row, column))).collect();
    assert_eq!(wrong, [] as [String; 0]);
}

/// Each column of those tables says what it adds.
#[test]
#[ignore = "takes minutes: cargo test --release --test readme -- --ignored"]
fn every_figure_of_the_tables_of_constructions_is_what_a_run_shows() {
    let readme = text_of("README.md");
    let cells = |line: &str| line.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let code = |cell: &str| cell.split('`').nth(1).unwrap_or_default().to_owned();
    // Each row, and the head that it stands below.
    let mut head = Vec::new();
    let mut rows: Vec<[Vec<String>; 2]> = Vec::new();
    for line in readme.lines() {
        match line {
            _ if line.starts_with("| arguments | `-O") => head = cells(line),
            _ if line.starts_with("| `--width ") => rows.push([head.clone(), cells(line)]),
            _ => {}
        }
    }
    assert!(rows.len() >= 20);
    let mut wrong = Vec::new();
    for [head, row] in &rows {
        for (added, shown) in head.iter().zip(row).skip(2).filter(|(added, _)| !added.is_empty()) {
            let typed = format!("{} {}", code(&row[1]), code(added));
            // What stands in quotes is one argument.
            let mut arguments: Vec<&str> = Vec::new();
            for (place, part) in typed.split('\'').enumerate() {
                if place % 2 == 1 { arguments.push(part) } else { arguments.extend(part.split_whitespace()) }
            }
            let report = eval(&arguments).unwrap();
            let found = format!("{}, {:.3}", reliability(&report), report["epsilon"]["0.99"].as_f64().unwrap());
            if *shown != found {
                wrong.push(format!("superpose eval {typed}: {found}, but README says {shown}"));
            }
        }
    }
    assert_eq!(wrong, [] as [String; 0]);
}

/// A row of a sweep at real sizes.
struct AtRealSize {
    construction: String,
    level: String,
    width: String,
    /// Reliability, and ε at 99 % of the inputs; or why there is no network.
    figures: Result<[f64; 2], String>,
}

const AT_REAL_SIZES: [&str; 3] = ["random_pairs", "rules", "random_features"];

fn at_real_sizes(name: &str) -> Vec<AtRealSize> {
    let csv = text_of(&format!("examples/finite_size/{name}.csv"));
    let mut rows = csv.lines().map(|line| superpose::csv::cells(line).unwrap());
    let header: Vec<String> = rows.next().unwrap().into_iter().map(|cell| cell.text.into_owned()).collect();
    let place = |column: &str| header.iter().position(|name| name == column).unwrap();
    let columns = ["construction", "opt_level", "width", "reliability", "epsilon@0.99", "reason"].map(place);
    let of_row = |row: Vec<superpose::csv::Cell>| {
        let [construction, level, width, right, epsilon, reason] =
            columns.map(|column| row[column].text.clone().into_owned());
        let figures = match right.parse() {
            Ok(right) => Ok([right, epsilon.parse().unwrap()]),
            Err(_) => Err(reason.split(':').next().unwrap().to_owned()),
        };
        AtRealSize { construction, level, width, figures }
    };
    rows.map(of_row).collect()
}

/// The tables of constructions at real sizes are those of the sweeps beside the examples.
#[test]
fn the_tables_at_real_sizes_are_the_rows_of_their_sweeps() {
    let readme = text_of("README.md");
    for name in AT_REAL_SIZES {
        let mut lines: Vec<(String, Vec<String>)> = Vec::new();
        for row in at_real_sizes(name) {
            let label = match &row.construction[..] {
                "fitted" => "`-O2`".to_owned(),
                construction => format!("`-O{}` {construction}", row.level),
            };
            let cell = match row.figures {
                Ok([right, epsilon]) => format!("{right:.4}, {epsilon:.3}"),
                Err(reason) => reason,
            };
            match lines.last_mut() {
                Some((last, cells)) if *last == label => cells.push(cell),
                _ => lines.push((label, vec![cell])),
            }
        }
        assert_eq!(lines.len(), 11, "{name}");
        let table: Vec<String> =
            lines.iter().map(|(label, cells)| format!("| {label} | {} |", cells.join(" | "))).collect();
        let head = format!("| {name} | 250 | 500 | 1000 | 2000 | 4000 |\n|---|---|---|---|---|---|\n");
        assert!(readme.contains(&(head + &table.join("\n"))), "{}", table.join("\n"));
    }
}

/// A line of the linear code leans from ½ where it can do no better, so far that a threshold serves.
const LEAN: f64 = 1.0 / 2048.0;

#[test]
fn at_real_sizes_solving_is_nowhere_worse_than_what_is_published() {
    let mut n_compared = 0;
    for name in AT_REAL_SIZES {
        let rows = at_real_sizes(name);
        let of_level = |level: &'static str| rows.iter().filter(move |row| row.level == level);
        for published in of_level("0") {
            let of_same =
                |row: &&AtRealSize| (&row.construction, &row.width) == (&published.construction, &published.width);
            let solved = of_level("1").find(of_same).unwrap();
            let (Ok([right, epsilon]), Ok([solved_right, solved_epsilon])) = (&published.figures, &solved.figures)
            else {
                assert!(solved.figures.is_ok(), "{name}: {} {}", solved.construction, solved.width);
                continue;
            };
            let leans = solved.construction == "linear" && *epsilon >= 0.5;
            let is_as_good = solved_right >= right && *solved_epsilon <= epsilon + if leans { LEAN } else { 0.0 };
            let figures = format!("{solved_right}, {solved_epsilon} for {right}, {epsilon}");
            assert!(is_as_good, "{name}: {} {}: {figures}", solved.construction, solved.width);
            n_compared += 1;
        }
    }
    assert!(n_compared >= 70, "{n_compared}");
}

/// The worst error of each layer, and the share of inputs on which all is right.
#[test]
fn the_table_of_stacks_is_what_a_run_shows() {
    let readme = text_of("README.md");
    let rows: Vec<&str> = readme.lines().skip_while(|line| !line.starts_with("| arguments | `pairs`")).collect();
    let rows = rows[2..].iter().take_while(|line| line.starts_with('|'));
    let mut n_rows = 0;
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let arguments: Vec<&str> = cells[0].trim_matches('`').split_whitespace().collect();
        let report = eval(&arguments).unwrap();
        let layers = report["layers"].as_array().unwrap();
        let figures = ["pairs", "triples", "fours"].map(|name| {
            let layer = layers.iter().find(|layer| layer["name"] == name).unwrap();
            format!("{:.3}", layer["error_max"].as_f64().unwrap())
        });
        assert_eq!(cells[1..4], figures, "{row}");
        assert_eq!(cells[4], reliability(&report), "{row}");
        n_rows += 1;
    }
    assert_eq!(n_rows, 5);
}

#[test]
#[ignore = "takes minutes: cargo test --release --test readme -- --ignored"]
fn every_figure_of_the_fit_is_what_a_run_shows() {
    let readme = text_of("README.md");
    let narrow = ["examples/random_pairs.circ", "-O2", "--width", "125", "--budget", "2M"];
    let wide = ["examples/random_pairs.circ", "-O2", "--width", "250", "--budget", "800k"];
    let said = [
        (&narrow, &[][..], "is right on {} of the inputs"),
        (&narrow, &["--freeze", "first"][..], "with `--freeze first` on {}."),
        (&wide, &["--loss", "l2"], "by squares `examples/random_pairs.circ` has {}, by margins"),
        (&wide, &[], "by margins {}."),
    ];
    let wrong: Vec<String> = said
        .into_iter()
        .map(|(arguments, more, sentence)| {
            let report = eval(&[&arguments[..], more].concat()).unwrap();
            sentence.replace("{}", &reliability(&report))
        })
        .filter(|sentence| !readme.contains(sentence))
        .collect();
    assert_eq!(wrong, [] as [String; 0], "what a run shows");

    let histogram = |more: &[&str]| eval(&[&narrow[..], more].concat()).unwrap()["histogram"].clone();
    let (random, trained) = (histogram(&["--freeze", "first"]), histogram(&[]));
    let count = |bins: &serde_json::Value, from: usize, to: usize| {
        let counts = bins.as_array().unwrap()[from..to].iter().map(|count| count.as_u64().unwrap());
        Some(counts.sum::<u64>()).filter(|&sum| sum > 0).map_or(String::new(), |sum| sum.to_string())
    };
    // Bins are a tenth wide around -0.5, -0.4, …: from 0.1 to 0.9 each has a line.
    let lines = (0..11).map(|line| match line {
        0 => ("below".to_owned(), 0, 6),
        10 => ("above".to_owned(), 15, 21),
        _ => (format!("0.{line}"), line + 5, line + 6),
    });
    let found = lines.map(|(reads, from, to)| {
        let columns = [&random["off"], &random["on"], &trained["off"], &trained["on"]];
        reads + &columns.map(|bins| count(bins, from, to)).concat()
    });
    let table = blocks(&readme, "text").into_iter().find(|block| block.contains("random first layer")).unwrap();
    let shown = table.lines().skip(2).map(|line| line.split_whitespace().collect::<String>());
    assert_eq!(shown.collect::<Vec<_>>(), found.collect::<Vec<_>>());
}
