//! Numbers, words and tables as a person reads them, the same in every report and message.
//!
//! Must not know what is counted, nor colours.

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, Width, presets};

/// `1 layer`, `2 layers`: in messages, digits as they are.
pub fn plural(count: u64, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// `1 gate`, `2 140 gates`.
pub fn counted(n: u64, noun: &str) -> String {
    format!("{} {noun}{}", grouped(n), if n == 1 { "" } else { "s" })
}

/// Thousands apart: `12 345`; four digits stay together.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    if digits.len() < 5 {
        return digits;
    }
    let mut text = String::new();
    for (digit_idx, digit) in digits.chars().enumerate() {
        if digit_idx > 0 && (digits.len() - digit_idx).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

/// `999`, `12.3k`, `4.5M`.
pub fn short(n: u64) -> String {
    match n {
        0..10_000 => n.to_string(),
        10_000..1_000_000 => format!("{:.1}k", n as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1}M", n as f64 / 1e6),
        _ => format!("{:.1}G", n as f64 / 1e9),
    }
}

/// A share with four places; never rounded to 1 unless it is 1.
pub fn share(value: f64) -> String {
    let text = format!("{value:.4}");
    if text == "1.0000" && value < 1.0 { "0.9999".into() } else { text }
}

/// Three significant places or so.
pub fn number(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 {
        "0".into()
    } else if !(0.0005..10_000.0).contains(&size) {
        format!("{value:.1e}")
    } else if size < 0.1 {
        format!("{value:.4}")
    } else {
        format!("{value:.3}")
    }
}

/// Six places, without the zeros at the end: close to a bound, a rounder figure could seem to contradict the verdict.
pub fn precise(value: f64) -> String {
    let text = format!("{value:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The ends of a name that is longer than `width`.
pub fn shortened(name: &str, width: usize) -> String {
    let length = name.chars().count();
    if length <= width {
        return name.to_owned();
    }
    let head: String = name.chars().take(width / 2).collect();
    let tail: String = name.chars().skip(length - (width - 1 - width / 2)).collect();
    format!("{head}…{tail}")
}

/// The lines of a table, the header first, in at most `width` columns. `n_left` columns stand left, the others right.
/// What is too wide is broken between words; of what stands left also within them.
pub fn table(header: &[&str], rows: impl Iterator<Item = Vec<String>>, n_left: usize, width: usize) -> Vec<String> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width.min(u16::MAX.into()) as u16);
    table.set_header(header.iter().copied());
    let mut longest_cells = vec![0; header.len()];
    for row in rows {
        for (longest, cell) in longest_cells.iter_mut().zip(&row).skip(n_left) {
            *longest = longest_word(cell).max(*longest);
        }
        table.add_row(row);
    }
    for column in table.column_iter_mut().skip(n_left) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let wanted: usize = table.column_max_content_widths().iter().map(|&content| usize::from(content) + PADDING).sum();
    if wanted > width {
        for (column_idx, (column, head)) in table.column_iter_mut().zip(header).enumerate() {
            let least = longest_word(head).max(longest_cells[column_idx]) + PADDING;
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(least as u16)));
        }
    }
    table.to_string().lines().map(|line| format!(" {}", line.trim_end())).collect()
}

/// Blanks around the content of a column.
const PADDING: usize = 2;

fn longest_word(text: &str) -> usize {
    text.split(' ').map(|word| word.chars().count()).max().unwrap_or(0)
}

/// Of what comes from outside so many characters are shown.
const MOST_SHOWN: usize = 600;

/// What comes from outside (a path, a name, a cell of a table) as a terminal may have it: without what would steer it,
/// and no longer than anybody reads.
pub fn shown(text: &str) -> String {
    shortened(text, MOST_SHOWN).chars().map(|letter| if steers(letter) { '\u{fffd}' } else { letter }).collect()
}

/// Control characters, and marks that turn the direction of writing or break lines.
pub fn steers(letter: char) -> bool {
    let turns = ['\u{61c}', '\u{200e}', '\u{200f}'].contains(&letter)
        || ('\u{2028}'..='\u{202e}').contains(&letter)
        || ('\u{2066}'..='\u{2069}').contains(&letter);
    letter.is_control() || turns
}

/// Words behind a head, in lines of at most `width`, under one another.
pub fn wrapped(head: &str, words: &str, width: usize) -> String {
    let indent = head.chars().count();
    let mut text = String::new();
    let mut line = head.to_owned();
    for word in words.split(' ') {
        if line.chars().count() + 1 + word.chars().count() > width {
            text.push_str(&line);
            text.push('\n');
            line = " ".repeat(indent);
        }
        line.push(' ');
        line.push_str(word);
    }
    text + &line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_below_one_never_reads_as_one() {
        assert_eq!(share(0.99999), "0.9999");
        assert_eq!(share(1.0), "1.0000");
    }

    #[test]
    fn long_names_keep_both_ends() {
        assert_eq!(shortened("adder[17].carry.2", 9), "adde…ry.2");
        assert_eq!(shortened("short", 9), "short");
    }

    #[test]
    fn a_table_that_is_too_wide_is_broken_between_words() {
        let rows = || [vec!["level10".to_string(), "1234.567".into(), "2".into()]].into_iter();
        let lines = |width: usize| table(&["layer", "reliability", "per neuron"], rows(), 1, width);
        assert_eq!(lines(40)[0], "  layer    reliability  per neuron");
        assert_eq!(lines(32)[..2], ["  layer    reliability     per", "                        neuron"]);
        // A name gives way first, and no figure is ever torn apart.
        let narrow = lines(30).join("\n");
        assert!(narrow.contains("reliability") && narrow.contains("1234.567") && narrow.contains("neuron"), "{narrow}");
    }

    #[test]
    fn what_comes_from_outside_steers_no_terminal() {
        assert_eq!(shown("\u{1b}[31mred\n\u{9b}x\u{202e}"), "\u{fffd}[31mred\u{fffd}\u{fffd}x\u{fffd}");
        assert_eq!(shown("é…"), "é…");
        assert_eq!(shown(&"x".repeat(1 << 20)).chars().count(), MOST_SHOWN);
    }

    #[test]
    fn words_stand_under_one_another() {
        assert_eq!(wrapped("  -", "one two three", 11), "  - one two\n    three");
    }
}
