//! A line chart: a line a series, with bars of intervals, bands over seeds, a legend and notes.

use super::choice::Choice;
use super::page::{Anchor, FAINT_INK, Mark, Page, RULE, SHADE, width_of};
use super::problem::Problem;
use super::scale::{HALF, Scale};
use super::series::{Dot, Series, dots, series};
use super::words;
use crate::text::{counted, shortened};

const WIDTH: f64 = 800.0;
/// Left, top, right and bottom of the plot.
const PLOT: (f64, f64, f64, f64) = (82.0, 78.0, 776.0, 428.0);

/// Told apart by whoever is colour-blind too, on white, in this order: after Okabe and Ito, darker where they are pale.
const COLORS: [&str; 8] = ["#0067a5", "#c04a00", "#00795c", "#7b3f98", "#8a6d00", "#b0326b", "#4b4b4b", "#2a8fc4"];

/// More lines than this nobody tells apart.
const MOST_SERIES: usize = 40;

/// Columns of the legend, and how far apart its lines are.
const COLUMNS: usize = 2;
const LINE: f64 = 22.0;

pub fn draw(choice: &Choice) -> Result<String, Problem> {
    let all = series(choice, &[|drawn| drawn.x]);
    if all.len() > MOST_SERIES {
        let problem = Problem::new(format!("these are {} lines, which nobody tells apart", all.len()));
        return Err(problem.help("give fewer files, or draw two axes: --phase reliability"));
    }
    let (x_name, y_name) = (choice.name(choice.x), choice.name(choice.y));
    let dots: Vec<Vec<Dot>> = all.iter().map(|one| self::dots(&one.rows)).collect();
    let xs: Vec<f64> = choice.rows.iter().map(|drawn| drawn.x).collect();
    let ys: Vec<f64> = choice.rows.iter().map(|drawn| drawn.value).collect();
    let plot = Plot { x: Scale::over(&xs), y: Scale::of_column(y_name, &ys, samples(choice)) };

    let mut page = Page::new(WIDTH);
    let heading = match choice.title {
        Some(title) => title.to_owned(),
        None => format!("{}{} against {}", words::circuits(choice), words::axis(y_name), words::axis(x_name)),
    };
    page.heading((PLOT.0, 30.0), &shortened(&heading, 76));
    page.text((PLOT.0, 52.0), Anchor::Start, 13, FAINT_INK, &shortened(&words::common(choice), 96));
    let is_epsilon = y_name.starts_with("epsilon");
    if is_epsilon {
        plot.shade(&mut page);
    }
    plot.frame(&mut page, x_name, y_name);
    for (one, dots) in all.iter().zip(&dots) {
        plot.band(&mut page, one, dots);
    }
    for (one, dots) in all.iter().zip(&dots) {
        plot.line(&mut page, one, dots);
    }

    let mut bottom = PLOT.3 + 76.0;
    for (idx, one) in all.iter().enumerate() {
        let x = PLOT.0 + (WIDTH - PLOT.0) / COLUMNS as f64 * (idx % COLUMNS) as f64;
        let y = bottom + LINE * (idx / COLUMNS) as f64;
        page.stroke(&format!("M{x:.1} {y:.1}h28"), color(one), &dashes(one));
        page.mark((x + 14.0, y), mark(one));
        page.label((x + 38.0, y + 4.5), Anchor::Start, &shortened(&one.label, 44));
    }
    bottom += LINE * all.len().div_ceil(COLUMNS) as f64 + 10.0;
    for note in notes(choice, &plot, &dots, is_epsilon) {
        page.text((PLOT.0, bottom), Anchor::Start, 12, FAINT_INK, &note);
        bottom += 17.0;
    }
    Ok(page.finish(bottom, &heading))
}

/// What the signs mean that are in the picture.
fn notes(choice: &Choice, plot: &Plot, dots: &[Vec<Dot>], is_epsilon: bool) -> Vec<String> {
    let mut notes = Vec::new();
    let all = || dots.iter().flatten();
    let bars = all().any(|dot| dot.interval.is_some());
    let arrows = all().any(|dot| plot.y.is_bound(dot.median));
    notes.extend(match (bars, arrows) {
        (true, true) => {
            Some("bars: 95 %; arrows: no error seen, so that only the lower end of the bar is known".into())
        }
        (true, false) => Some("bars: 95 %".into()),
        (false, true) => Some("arrows: no error seen in so many inputs".into()),
        (false, false) => None,
    });
    if all().any(|dot| dot.n_values > 1) {
        notes.push("lines through several networks are their medians, between the least and the greatest".into());
    }
    if is_epsilon && all().any(|dot| dot.median > HALF) {
        notes.push(
            "above ½ an ε says nothing: any network shrunk towards ½ has ½; drawn in the shade however far off".into(),
        );
    }
    if choice.n_left_out > 0 {
        notes.push(format!("{} without figures left out", counted(choice.n_left_out as u64, "row")));
    }
    notes
}

/// What every row draws at least; many, where no row says.
fn samples(choice: &Choice) -> f64 {
    let column = choice.table.find("samples");
    let of_row = |text: &str| text.parse::<f64>().ok().filter(|samples| samples.is_finite());
    let all = choice.rows.iter().filter_map(|drawn| of_row(drawn.row.text(column)));
    all.reduce(f64::max).unwrap_or(10_000.0)
}

struct Plot {
    x: Scale,
    y: Scale,
}

impl Plot {
    fn at(&self, x: f64, y: f64) -> (f64, f64) {
        let (left, top, right, bottom) = PLOT;
        (left + self.x.place(x) * (right - left), bottom - self.y.place(y) * (bottom - top))
    }

    /// Above ½.
    fn shade(&self, page: &mut Page) {
        let (left, top, right, _) = PLOT;
        let y = self.at(0.0, HALF).1;
        page.area(&format!("M{left} {top}H{right}V{y:.1}H{left}z"), SHADE, "");
    }

    /// Rules, ticks and names of both axes. Labels that would touch the one before are left out.
    fn frame(&self, page: &mut Page, x_name: &str, y_name: &str) {
        let (left, top, right, bottom) = PLOT;
        let mut free = f64::INFINITY;
        for (value, text) in &self.y.ticks {
            let y = self.at(0.0, *value).1;
            page.stroke(&format!("M{left} {y:.1}H{right}"), RULE, "");
            if y + 7.0 < free {
                page.label((left - 8.0, y + 4.5), Anchor::End, text);
                free = y - 7.0;
            }
        }
        let mut free = f64::NEG_INFINITY;
        for (value, text) in &self.x.ticks {
            let x = self.at(*value, 0.0).0;
            page.stroke(&format!("M{x:.1} {top}V{bottom}"), RULE, "");
            let half = width_of(text, 13) / 2.0;
            if x - half > free {
                page.label((x, bottom + 20.0), Anchor::Middle, text);
                free = x + half + 6.0;
            }
        }
        page.axes(PLOT);
        let name = |column: &str, scale: &Scale| words::axis(column) + scale.remark();
        page.label(((left + right) / 2.0, bottom + 44.0), Anchor::Middle, &name(x_name, &self.x));
        page.upwards((left - 60.0, (top + bottom) / 2.0), &name(y_name, &self.y));
    }

    /// From the least to the greatest of several networks.
    fn band(&self, page: &mut Page, one: &Series, dots: &[Dot]) {
        if dots.iter().all(|dot| dot.n_values == 1) {
            return;
        }
        let place = |(x, y): (f64, f64)| format!("{x:.1} {y:.1}");
        let above = dots.iter().map(|dot| place(self.at(dot.x, dot.greatest)));
        let below = dots.iter().rev().map(|dot| place(self.at(dot.x, dot.least)));
        let outline: Vec<String> = above.chain(below).collect();
        page.area(&format!("M{}z", outline.join("L")), color(one), r#" fill-opacity=".16""#);
    }

    fn line(&self, page: &mut Page, one: &Series, dots: &[Dot]) {
        let place = |dot: &Dot| {
            let (x, y) = self.at(dot.x, dot.median);
            format!("{x:.1} {y:.1}")
        };
        if dots.len() > 1 {
            let places: Vec<String> = dots.iter().map(place).collect();
            page.stroke(&format!("M{}", places.join("L")), color(one), &dashes(one));
        }
        for dot in dots {
            let (x, y) = self.at(dot.x, dot.median);
            let told = format!("{}: {} at {}", one.label, dot.median, dot.x);
            page.told(&told, |page| {
                if let Some([low, high]) = dot.interval {
                    let [low, high] = [low, high].map(|end| self.at(dot.x, end).1);
                    page.stroke(&format!("M{x:.1} {low:.1}V{high:.1}"), color(one), r#" stroke-opacity=".55""#);
                }
                if self.y.is_bound(dot.median) {
                    let (tip, wing) = (y - 15.0, y - 11.0);
                    let head = format!("M{:.1} {wing:.1}L{x:.1} {tip:.1}L{:.1} {wing:.1}", x - 3.5, x + 3.5);
                    page.stroke(&format!("M{x:.1} {y:.1}V{tip:.1}{head}"), color(one), r#" stroke-width="1.5""#);
                }
                page.mark((x, y), mark(one));
            });
        }
    }
}

fn color(one: &Series) -> &'static str {
    COLORS[one.hue % COLORS.len()]
}

fn mark(one: &Series) -> Mark {
    Mark { shape: one.hue, color: color(one), is_hollow: one.is_published }
}

/// As published: dashed.
fn dashes(one: &Series) -> String {
    let dashes = if one.is_published { r#" stroke-dasharray="5 4""# } else { "" };
    format!(r#" stroke-width="2"{dashes}"#)
}
