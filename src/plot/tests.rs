use super::*;

const HEADER: &str = "circuit,M,construction,opt_level,width,seed,features,gates,samples,reliability,reliability_low,\
                      reliability_high,epsilon@0.99,sweep,reason\n";

/// Two constructions at two widths, two seeds of one, a fit, and a point that could not be compiled.
fn rows() -> String {
    let rows = "\
pairs,100,channels,0,64,1,100,500,10000,0.2,0.19,0.21,1.4,ab,
pairs,100,channels,0,128,1,100,500,10000,0.7,0.69,0.71,0.9,ab,
pairs,100,channels,1,64,1,100,500,10000,0.6,0.59,0.61,0.9,ab,
pairs,100,channels,1,64,2,100,500,10000,0.8,0.79,0.81,0.8,ab,
pairs,100,channels,1,128,1,100,500,10000,0.99,0.988,0.992,0.48,ab,
pairs,100,channels,1,128,2,100,500,10000,1,0.9996,1,0.4,ab,
pairs,100,naive,1,64,1,100,500,10000,,,,,ab,\"width-too-small: layer `only` is too narrow, by far\"
pairs,100,fitted,2,64,1,100,500,10000,0.999,0.998,0.9995,0.47,ab,
pairs,100,fitted,2,128,1,100,500,10000,1,0.9996,1,0.3,ab,
";
    format!("{HEADER}{rows}")
}

fn wanted(x: &str, y: &str, phase: Option<&str>) -> Wanted {
    Wanted { x: x.into(), y: y.into(), phase: phase.map(String::from), title: None }
}

fn drawn(text: &str, wanted: &Wanted) -> Result<String, String> {
    draw(&[("results.csv".into(), text.into())], wanted).map_err(|problem| problem.to_string())
}

/// How often something stands in a picture.
fn count(svg: &str, what: &str) -> usize {
    svg.matches(what).count()
}

#[test]
fn a_picture_of_reliability_is_the_same_bytes_each_time() {
    let svg = drawn(&rows(), &wanted("width", "reliability", None)).unwrap();
    assert_eq!(drawn(&rows(), &wanted("width", "reliability", None)).unwrap(), svg);
    insta::assert_snapshot!(svg);
}

#[test]
fn a_phase_diagram_has_a_cell_for_each_pair_of_values() {
    let more = rows() + &rows().replace(",100,channels", ",200,channels").replace(",100,500,", ",200,900,");
    let svg = drawn(&more, &wanted("width", "features", Some("reliability"))).unwrap();
    // Of -O0, -O1 and the fit at two widths, of 100 and of 200 features.
    assert_eq!(count(&svg, "<g><title>"), 3 * 2 * 2);
    insta::assert_snapshot!(svg);
}

#[test]
fn files_that_were_joined_are_one_table_whatever_their_columns() {
    let rows = rows();
    let once = drawn(&rows, &wanted("width", "reliability", None)).unwrap();
    let (head, tail) = rows.split_at(rows.find("pairs,100,naive").unwrap());
    assert_eq!(drawn(&format!("{head}{HEADER}{tail}"), &wanted("width", "reliability", None)).unwrap(), once);
    let other = "circuit,reliability,width,construction\npairs,0.5,256,linear\n";
    let svg = drawn(&format!("{rows}{other}"), &wanted("width", "reliability", None)).unwrap();
    assert!(svg.contains("<title>linear: 0.5 at 256</title>"), "{svg}");
}

#[test]
fn a_circuit_that_is_called_as_the_column_is_a_row() {
    let svg =
        drawn("circuit,construction,width,reliability\ncircuit,linear,64,0.5\n", &wanted("width", "reliability", None));
    assert!(svg.unwrap().contains("<title>linear: 0.5 at 64</title>"));
}

#[test]
fn what_moves_along_an_axis_tells_no_lines_apart_and_what_does_not_does() {
    let two = rows() + &rows().replace("pairs,100", "pairs,200").replace(",100,500,", ",200,900,");
    // By width, each number of features is a line; by features, each width is.
    let by_width = drawn(&two, &wanted("width", "reliability", None)).unwrap();
    assert!(by_width.contains(">-O1 channels, M 100<") && by_width.contains(">-O1 channels, M 200<"));
    for x in ["M", "features", "m", "gates"] {
        let svg = drawn(&two, &wanted(x, "reliability", None)).unwrap();
        assert!(svg.contains(">-O1 channels, width 64<") && !svg.contains("M 100<"), "{x}");
    }
}

#[test]
fn a_file_without_constructions_is_a_line_by_its_name() {
    let trained = "circuit,width,seconds,epsilon,reliability,inputs\npairs,64,22,,0.7166,500096\n";
    let files = [("results.csv".to_string(), rows()), ("peers/trained.csv".to_string(), trained.to_string())];
    let svg = draw(&files, &wanted("width", "reliability", None)).unwrap();
    assert!(svg.contains(">trained<"), "{svg}");
}

#[test]
fn an_epsilon_is_drawn_below_a_half_and_what_is_above_in_the_shade() {
    let svg = drawn(&rows(), &wanted("width", "epsilon", None)).unwrap();
    assert!(svg.contains("ε at 99 % of the inputs") && svg.contains("above ½"), "{svg}");
}

#[test]
fn what_is_wrong_with_a_file_is_said_with_its_place() {
    let said = |text: &str, x: &str| drawn(text, &wanted(x, "reliability", None)).unwrap_err();
    assert_eq!(said("", "width"), "results.csv:1:1: there is no header, which names the columns");
    assert_eq!(said("width,width\n", "width"), "results.csv:1:7: a second column `width`");
    let cell = "width,reliability\n64,0.5\n128,most\n";
    assert_eq!(said(cell, "width"), "results.csv:3:5: `most` is no number");
    assert_eq!(said("width,reliability\n64,1e300\n", "width"), "results.csv:2:4: `1e300` is too large to be drawn");
    assert_eq!(said("width,reliability\n64,NaN\n", "width"), "results.csv:2:4: `NaN` is no number");
    assert_eq!(said("width,reliability\n64\n", "width"), "results.csv:2:1: the line has 1 cells, and its header has 2");
    assert_eq!(
        said("width,reliability\n64,\"0.5\n", "width"),
        "results.csv:2:4: a quote is opened and not closed on its line"
    );
    assert_eq!(said("width,reliability\n64,\n", "width"), "no row has a number in each of `width` and `reliability`");
    let problem = draw(&[("r.csv".into(), rows())], &wanted("widht", "reliability", None)).unwrap_err();
    assert_eq!(problem.help.as_deref(), Some("did you mean `width`?"));
    let many: String = (0..50).map(|idx| format!("c{idx},64,0.5\n")).collect();
    assert!(said(&format!("construction,width,reliability\n{many}"), "width").contains("50 lines"));
}

#[test]
fn nothing_in_a_table_is_markup() {
    let evil = "circuit,construction,width,reliability\n<script>&,\"\u{1b}\"\"><b\",64,0.5\n";
    for phase in [None, Some("reliability")] {
        let svg = drawn(evil, &wanted("width", "reliability", phase)).unwrap();
        assert!(!svg.contains("<script") && !svg.contains("<b") && !svg.contains('\u{1b}'), "{svg}");
        assert!(svg.contains("&lt;script&gt;&amp;"), "{svg}");
    }
}

#[test]
fn every_number_of_a_picture_is_one() {
    for numbers in ["0,0", "-1e15,1e15", "1e-300,1", "1,1\n1,1", "5,0.5\n6,0.5\n7,0.5"] {
        let text = format!("width,parameters\n{numbers}\n");
        for (y, phase) in [("parameters", None), ("width", Some("parameters")), ("parameters", Some("width"))] {
            let svg = drawn(&text, &wanted("width", y, phase)).unwrap();
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{numbers}: {svg}");
        }
    }
}
