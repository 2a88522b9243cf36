//! Read-offs by what they read: a few rows, finer about ½ than elsewhere, of roughly how many there are.
//!
//! What is right and far from any threshold moves from build to build, and is shown so roughly that it stays where it
//! is; what is wrong always shows. The counts themselves are in the JSON.

use super::page::{Ink, Page};
use crate::evaluate::histogram::{Histogram, N_BINS, bin_of};

/// The first and the last bin of each row: 0 and 1 in the middle of one, and symmetric about ½.
const ROWS: [(usize, usize); 11] =
    [(0, 0), (1, 3), (4, 6), (7, 8), (9, 9), (10, 10), (11, 11), (12, 13), (14, 16), (17, 19), (20, 20)];

/// The rows of 0 and of 1.
const OF_0: usize = 2;
const OF_1: usize = 8;

/// A right read-off beyond 0 or 1 shows if it is one in so many of its side.
const TAIL: u64 = 10_000;

const LABEL_WIDTH: usize = 14;
const COUNT_WIDTH: usize = 8;

/// Off beside on, on a scale by the logarithm, so that a single read-off still shows; a line through every row that a
/// threshold lies in.
pub fn histogram(page: &mut Page, histogram: &Histogram, thresholds: impl Iterator<Item = f32>) {
    let mut has_threshold = [false; ROWS.len()];
    thresholds.for_each(|threshold| has_threshold[row_of(bin_of(threshold))] = true);
    let off = Side::of(&histogram.off, &histogram.off_wrong, |row| row < OF_0);
    let on = Side::of(&histogram.on, &histogram.on_wrong, |row| row > OF_1);
    let is_shown = |&row: &usize| off.counts[row] + on.counts[row] > 0 || has_threshold[row];
    let (Some(first), Some(last)) = ((0..ROWS.len()).find(is_shown), (0..ROWS.len()).rev().find(is_shown)) else {
        return;
    };
    page.heading("read-offs (about so many, bars by the logarithm; ▒ wrong; ┄ thresholds)");
    let bar_width = (page.style.width.saturating_sub(LABEL_WIDTH + 4 + 2 * (COUNT_WIDTH + 2)) / 2).clamp(8, 32);
    let off_head = format!("{:<1$}", "should be 0", bar_width + COUNT_WIDTH + 2);
    let header = page.paint(&format!("  {:>LABEL_WIDTH$}  {off_head}should be 1", "reads"), Ink::Faint);
    page.line(&header);
    let most = off.counts.iter().chain(&on.counts).copied().max().unwrap_or(0);
    for (row, &has_threshold) in has_threshold.iter().enumerate().take(last + 1).skip(first) {
        let cell = |side: &Side| {
            let (rough, n_wrong) = (side.counts[row], side.wrong[row]);
            let drawn = bar(rough, most, bar_width);
            let n_cells = drawn.chars().count();
            let n_bad = cells_of_wrong(n_cells, side.exact[row], n_wrong);
            let bad = page.paint(&"▒".repeat(n_bad), Ink::Bad);
            let good = page.paint(&drawn.chars().skip(n_bad).collect::<String>(), Ink::Good);
            let (rest, ink) = if has_threshold { ("┄", Ink::Faint) } else { (" ", Ink::Plain) };
            let rest = page.paint(&rest.repeat(bar_width - n_cells), ink);
            let count = if rough == 0 { String::new() } else { told(rough) };
            format!("{count:>COUNT_WIDTH$} {bad}{good}{rest} ")
        };
        let line = format!("  {:>LABEL_WIDTH$} {}{}", label(row), cell(&off), cell(&on));
        page.line(line.trim_end());
    }
}

/// What should be 0, or 1, by row.
struct Side {
    exact: [u64; ROWS.len()],
    wrong: [u64; ROWS.len()],
    /// Roughly so many; 0 in a tail with next to none.
    counts: [u64; ROWS.len()],
}

impl Side {
    fn of(counts: &[u64; N_BINS], wrong: &[u64; N_BINS], is_tail: impl Fn(usize) -> bool) -> Side {
        let by_row = |bins: &[u64; N_BINS]| ROWS.map(|(first, last)| bins[first..=last].iter().sum::<u64>());
        let (exact, wrong) = (by_row(counts), by_row(wrong));
        let all: u64 = exact.iter().sum();
        let is_nothing = |row: usize| is_tail(row) && wrong[row] == 0 && exact[row].saturating_mul(TAIL) < all;
        let counts = std::array::from_fn(|row| if is_nothing(row) { 0 } else { rough(exact[row]) });
        Side { exact, wrong, counts }
    }
}

fn row_of(bin: usize) -> usize {
    ROWS.iter().position(|&(_, last)| bin <= last).unwrap_or(ROWS.len() - 1)
}

fn label(row: usize) -> String {
    let (first, last) = ROWS[row];
    let (low, high) = (Histogram::centre(first) - 0.05, Histogram::centre(last) + 0.05);
    match row {
        0 => format!("below {high:.2}"),
        row if row == ROWS.len() - 1 => format!("above {low:.2}"),
        _ => format!("{low:.2} to {high:.2}"),
    }
}

/// The nearest of 1, 2, 5, 10, 20, 50, … by its logarithm: within a factor of 1.6.
fn rough(n: u64) -> u64 {
    let mut decade = 1u64;
    while n / 10 >= decade {
        decade *= 10;
    }
    let digit = n as f64 / decade as f64;
    match digit * digit {
        square if square < 0.5 => 0,
        square if square < 2.0 => decade,
        square if square < 10.0 => 2 * decade,
        square if square < 50.0 => 5 * decade,
        _ => decade.saturating_mul(10),
    }
}

/// `200`, `5000`, `20k`, `10M`: of what [`rough`] gives.
fn told(n: u64) -> String {
    match n {
        0..10_000 => n.to_string(),
        10_000..1_000_000 => format!("{}k", n / 1000),
        1_000_000..1_000_000_000 => format!("{}M", n / 1_000_000),
        _ => format!("{}G", n / 1_000_000_000),
    }
}

/// How many cells of a bar stand for the wrong ones among so many read-offs: their share, in quarters of the bar, but
/// one where there are any, and not all where there are others as well. A single cell cannot show both.
fn cells_of_wrong(n_cells: usize, count: u64, n_wrong: u64) -> usize {
    if n_wrong == 0 {
        0
    } else if n_wrong == count || n_cells == 1 {
        n_cells
    } else {
        let quarters = libm::round(4.0 * n_wrong as f64 / count as f64);
        (libm::round(quarters / 4.0 * n_cells as f64) as usize).clamp(1, n_cells - 1)
    }
}

/// Halves of a character; nothing for 0, at least a half for 1.
fn bar(count: u64, most: u64, width: usize) -> String {
    if count == 0 {
        return String::new();
    }
    let logarithm = |count: u64| libm::log2(1.0 + count as f64);
    let halves = libm::round(logarithm(count) / logarithm(most) * (2 * width) as f64) as usize;
    let halves = halves.clamp(1, 2 * width);
    "█".repeat(halves / 2) + if halves.is_multiple_of(2) { "" } else { "▌" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::statistics::{BlockTruth, GateStatistics};
    use crate::evaluate::text::page::Style;

    const RED: &str = "\u{1b}[31m";
    const GREEN: &str = "\u{1b}[32m";

    fn drawn(counted: &Histogram, threshold: f32, color: bool) -> String {
        let style = Style { color, ..Style::default() };
        let mut page = Page::new(&style);
        histogram(&mut page, counted, [threshold].into_iter());
        page.finish()
    }

    /// The line of a coloured histogram for one gate, off on `n_low` inputs that read `low` and on 64 − `n_low` that
    /// read `high`.
    fn line_of(threshold: f32, (low, n_low): (f32, usize), high: f32, label: &str) -> String {
        let readoffs = std::array::from_fn(|input_idx| if input_idx < n_low { low } else { high });
        let truth = BlockTruth { valid: u64::MAX, stored: 0, some: 0, all: 0 };
        let mut counted = Histogram::default();
        GateStatistics::default().add(&readoffs, truth, threshold, &mut counted, &mut [0.0; 64]);
        let text = drawn(&counted, threshold, true);
        let line = text.lines().find(|line| line.trim_start().starts_with(label));
        line.unwrap_or_else(|| panic!("no line of {label} in {text}")).to_owned()
    }

    #[test]
    fn a_read_off_is_red_by_the_threshold_of_its_own_gate() {
        let right = line_of(0.9, (0.0, 32), 0.7, "0.65");
        assert!(right.contains(GREEN) && !right.contains(RED), "{right:?}");
        let wrong = line_of(0.3, (0.0, 32), 0.4, "0.35");
        assert!(wrong.contains(RED) && !wrong.contains(GREEN), "{wrong:?}");
        // Both in one bin.
        let mixed = line_of(0.4, (0.38, 48), 0.42, "0.35");
        assert!(mixed.contains(RED) && mixed.contains(GREEN), "{mixed:?}");
        assert!(mixed.contains('▒') && mixed.contains('█') && !right.contains('▒'), "{mixed:?}");
        // The line goes through the row of the threshold, here the last, where no read-off needs to be.
        assert!(mixed.contains('┄') && !right.contains('┄') && line_of(0.9, (0.0, 32), 0.7, "0.85").contains('┄'));
    }

    #[test]
    fn rows_are_as_wide_as_they_say_and_mirror_each_other() {
        assert_eq!([row_of(bin_of(-0.1)), row_of(bin_of(0.1))], [OF_0; 2]);
        assert_eq!([row_of(bin_of(0.9)), row_of(bin_of(1.1))], [OF_1; 2]);
        for (row, &(first, last)) in ROWS.iter().enumerate() {
            let (other_first, other_last) = ROWS[ROWS.len() - 1 - row];
            assert_eq!((first, last), (N_BINS - 1 - other_last, N_BINS - 1 - other_first));
            assert!((first..=last).all(|bin| row_of(bin) == row));
        }
        assert_eq!(
            (label(0), label(1), label(5)),
            ("below -0.45".into(), "-0.45 to -0.15".into(), "0.45 to 0.55".into())
        );
    }

    #[test]
    fn what_is_right_and_far_from_a_threshold_moves_nothing_when_it_moves_a_little() {
        let mut counted = Histogram::default();
        counted.off[5] = 1_000_000;
        counted.on[15] = 9_000;
        counted.on[17] = 40;
        let before = drawn(&counted, 0.5, false);
        counted.off[0] += 20;
        counted.off[5] += 30_000;
        counted.on[14] += 400;
        counted.on[17] -= 3;
        assert_eq!(drawn(&counted, 0.5, false), before);
        // What is wrong shows wherever it is.
        counted.off[20] = 1;
        counted.off_wrong[20] = 1;
        assert!(drawn(&counted, 0.5, false).lines().any(|line| line.contains("above 1.45") && line.contains('▒')));
        assert!(before.lines().count() <= 2 + ROWS.len() + 1);
    }

    #[test]
    fn a_bar_shows_a_single_wrong_read_off_and_a_single_right_one() {
        assert_eq!(cells_of_wrong(8, 1000, 0), 0);
        assert_eq!(cells_of_wrong(8, 1000, 1), 1);
        assert_eq!(cells_of_wrong(8, 1000, 250), 2);
        assert_eq!(cells_of_wrong(8, 1000, 240), 2);
        assert_eq!(cells_of_wrong(8, 1000, 999), 7);
        assert_eq!(cells_of_wrong(8, 1000, 1000), 8);
        assert_eq!(cells_of_wrong(1, 1000, 1), 1);
        assert_eq!(cells_of_wrong(0, 0, 0), 0);
    }

    #[test]
    fn a_single_read_off_still_shows() {
        assert_eq!(bar(1, 1 << 40, 21), "▌");
        assert_eq!(bar(1 << 40, 1 << 40, 3), "███");
        assert_eq!(bar(0, 7, 3), "");
    }

    #[test]
    fn counts_are_rounded_by_their_logarithm() {
        let roughly = [0, 1, 2, 3, 4, 7, 8, 14, 15, 31, 32, 70, 71, 10_400_000].map(rough);
        assert_eq!(roughly, [0, 1, 2, 2, 5, 5, 10, 10, 20, 20, 50, 50, 100, 10_000_000]);
        assert_eq!([5000, 20_000, 10_000_000].map(told), ["5000", "20k", "10M"]);
    }
}
