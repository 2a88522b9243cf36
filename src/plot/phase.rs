//! A phase diagram: over two axes, a colour for every value, a panel a series.

use super::choice::{Choice, Drawn};
use super::page::{Anchor, FAINT_INK, Page, SHADE, width_of};
use super::problem::Problem;
use super::scale::{HALF, Scale, is_share};
use super::series::{Series, median, series};
use super::words;
use crate::text::shortened;

const WIDTH: f64 = 800.0;
const LEFT: f64 = 82.0;
const TOP: f64 = 84.0;
const RIGHT: f64 = 776.0;

/// Panels beside each other, and room between two.
const ACROSS: usize = 3;
const GAP: (f64, f64) = (22.0, 62.0);

/// More values of an axis leave no room for a cell.
const MOST_VALUES: usize = 100;
const MOST_PANELS: usize = 24;

/// Cividis, which reads the same whatever colours an eye can see: from dark to light.
const SHADES: [[u8; 3]; 10] = [
    [0, 34, 78],
    [18, 53, 112],
    [59, 73, 108],
    [87, 93, 109],
    [112, 113, 115],
    [138, 134, 120],
    [165, 156, 116],
    [195, 179, 105],
    [225, 204, 85],
    [254, 232, 56],
];

/// The cells of a panel.
struct Grid {
    xs: Vec<f64>,
    ys: Vec<f64>,
}

pub fn draw(choice: &Choice) -> Result<String, Problem> {
    let Some(value) = choice.phase else { return Err(Problem::new("there is no column to colour by")) };
    let (x_name, y_name, value_name) = (choice.name(choice.x), choice.name(choice.y), choice.name(value));
    let all = series(choice, &[|drawn| drawn.x, |drawn| drawn.y]);
    let grid = Grid { xs: distinct(choice, |drawn| drawn.x), ys: distinct(choice, |drawn| drawn.y) };
    for (values, name) in [(&grid.xs, x_name), (&grid.ys, y_name)] {
        if values.len() > MOST_VALUES {
            let n = values.len();
            let problem =
                Problem::new(format!("`{name}` has {n} values, and a phase diagram has room for {MOST_VALUES}"));
            return Err(problem.help("draw lines instead: leave --phase out"));
        }
    }
    if all.len() > MOST_PANELS {
        let problem = Problem::new(format!("these are {} panels, and a page has room for {MOST_PANELS}", all.len()));
        return Err(problem.help("give fewer files"));
    }
    let values: Vec<f64> = choice.rows.iter().map(|drawn| drawn.value).collect();
    let colors = Colors::of(value_name, &values);

    let mut page = Page::new(WIDTH);
    let heading = match choice.title {
        Some(title) => title.to_owned(),
        None => {
            let circuit = words::circuits(choice);
            format!("{circuit}{} over {} and {}", words::axis(value_name), words::axis(x_name), words::axis(y_name))
        }
    };
    page.heading((LEFT, 30.0), &shortened(&heading, 76));
    page.text((LEFT, 52.0), Anchor::Start, 13, FAINT_INK, &shortened(&words::common(choice), 96));

    let n_across = all.len().min(ACROSS);
    let wide = (RIGHT - LEFT - GAP.0 * (n_across - 1) as f64) / n_across as f64;
    let high = (wide * 0.62).max(grid.ys.len() as f64 * 12.0).max(90.0);
    for (idx, one) in all.iter().enumerate() {
        let left = LEFT + (wide + GAP.0) * (idx % ACROSS) as f64;
        let top = TOP + 10.0 + (high + GAP.1) * (idx / ACROSS) as f64;
        if all.len() > 1 {
            page.label((left, top - 8.0), Anchor::Start, &shortened(&one.label, (wide / 8.0) as usize));
        }
        panel(&mut page, one, &grid, &colors, (left, top, wide, high), idx % ACROSS == 0);
    }
    let n_down = all.len().div_ceil(ACROSS);
    let bottom = TOP + 10.0 + (high + GAP.1) * n_down as f64 - GAP.1;
    page.label(((LEFT + RIGHT) / 2.0, bottom + 42.0), Anchor::Middle, &words::axis(x_name));
    page.upwards((LEFT - 60.0, (TOP + bottom) / 2.0), &words::axis(y_name));
    colors.key(&mut page, bottom + 66.0, &words::axis(value_name));
    Ok(page.finish(bottom + 122.0, &heading))
}

/// Ascending.
fn distinct(choice: &Choice, of: impl Fn(&Drawn) -> f64) -> Vec<f64> {
    let mut values: Vec<f64> = choice.rows.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values.dedup();
    values
}

/// Cells without a row are blank; small values are at the left and below.
fn panel(
    page: &mut Page,
    one: &Series,
    grid: &Grid,
    colors: &Colors,
    (left, top, wide, high): (f64, f64, f64, f64),
    is_first: bool,
) {
    let (cell_wide, cell_high) = (wide / grid.xs.len() as f64, high / grid.ys.len() as f64);
    page.area(&format!("M{left:.1} {top:.1}h{wide:.1}v{high:.1}h-{wide:.1}z"), SHADE, "");
    for (x_idx, &x) in grid.xs.iter().enumerate() {
        for (y_idx, &y) in grid.ys.iter().enumerate() {
            let mut rows: Vec<&Drawn> = one.rows.iter().copied().filter(|row| row.x == x && row.y == y).collect();
            if rows.is_empty() {
                continue;
            }
            rows.sort_by(|a, b| a.value.total_cmp(&b.value));
            let value = median(&rows);
            let at = (left + cell_wide * x_idx as f64, top + high - cell_high * (y_idx + 1) as f64);
            let told = format!("{}: {value} at {x}, {y}", one.label);
            page.told(&told, |page| {
                let color = colors.of_value(value);
                let outline = format!("M{:.1} {:.1}h{cell_wide:.1}v{cell_high:.1}h-{cell_wide:.1}z", at.0, at.1);
                page.area(&outline, &hex(color), "");
                let text = words::cell(value, colors.is_share);
                if width_of(&text, 11) < cell_wide - 4.0 && cell_high >= 14.0 {
                    let middle = (at.0 + cell_wide / 2.0, at.1 + cell_high / 2.0 + 4.0);
                    page.text(middle, Anchor::Middle, 11, ink_on(color), &text);
                }
            });
        }
    }
    let mut free = f64::NEG_INFINITY;
    for (idx, &x) in grid.xs.iter().enumerate() {
        let (text, middle) = (words::tick(x), left + cell_wide * (idx as f64 + 0.5));
        let half = width_of(&text, 13) / 2.0;
        if middle - half > free {
            page.label((middle, top + high + 18.0), Anchor::Middle, &text);
            free = middle + half + 5.0;
        }
    }
    let mut free = f64::INFINITY;
    for (idx, &y) in grid.ys.iter().enumerate().filter(|_| is_first) {
        let middle = top + high - cell_high * (idx as f64 + 0.5);
        if middle + 7.0 < free {
            page.label((left - 8.0, middle + 4.5), Anchor::End, &words::tick(y));
            free = middle - 7.0;
        }
    }
}

/// Which colour a value has.
struct Colors {
    scale: Scale,
    is_share: bool,
    /// Less is better: the lightest colour is the least value's.
    is_turned: bool,
    /// From, to.
    ends: (f64, f64),
}

impl Colors {
    fn of(column: &str, values: &[f64]) -> Colors {
        let is_turned = column.starts_with("epsilon");
        let is_share = is_share(column);
        let ends = match (is_share, is_turned) {
            (true, _) => (0.0, 1.0),
            (_, true) => (0.0, HALF),
            _ => values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), &v| (a.min(v), b.max(v))),
        };
        let scale = Scale::over(&[ends.0, ends.1]);
        Colors { scale, is_share, is_turned, ends }
    }

    fn of_value(&self, value: f64) -> [u8; 3] {
        let (from, to) = (self.scale.place(self.ends.0), self.scale.place(self.ends.1));
        let range = to - from;
        let share = if range > 0.0 { ((self.scale.place(value) - from) / range).clamp(0.0, 1.0) } else { 1.0 };
        shade(if self.is_turned { 1.0 - share } else { share })
    }

    /// The colours, from the least value to the greatest.
    fn key(&self, page: &mut Page, top: f64, name: &str) {
        const STEPS: usize = 50;
        const WIDE: f64 = 300.0;
        let (from, to) = self.ends;
        for step in 0..STEPS {
            let share = (step as f64 + 0.5) / STEPS as f64;
            let color = hex(shade(if self.is_turned { 1.0 - share } else { share }));
            let x = LEFT + WIDE * step as f64 / STEPS as f64;
            page.area(&format!("M{x:.1} {top:.1}h{:.1}v14h-{:.1}z", WIDE / 50.0 + 0.4, WIDE / 50.0 + 0.4), &color, "");
        }
        page.label((LEFT, top + 31.0), Anchor::Start, &words::tick(from));
        let end = if self.is_turned { format!("{} and more", words::tick(to)) } else { words::tick(to) };
        page.label((LEFT + WIDE, top + 31.0), Anchor::End, &end);
        page.label((LEFT + WIDE + 16.0, top + 11.5), Anchor::Start, name);
    }
}

fn shade(share: f64) -> [u8; 3] {
    let place = share.clamp(0.0, 1.0) * (SHADES.len() - 1) as f64;
    let below = (place as usize).min(SHADES.len() - 2);
    let part = place - below as f64;
    std::array::from_fn(|channel| {
        let [low, high] = [SHADES[below][channel], SHADES[below + 1][channel]].map(f64::from);
        (low + part * (high - low)).round() as u8
    })
}

fn hex([red, green, blue]: [u8; 3]) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// What can be read on a colour.
fn ink_on([red, green, blue]: [u8; 3]) -> &'static str {
    let light = 0.299 * f64::from(red) + 0.587 * f64::from(green) + 0.114 * f64::from(blue);
    if light > 140.0 { "#000000" } else { "#ffffff" }
}
