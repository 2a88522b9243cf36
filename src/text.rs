//! Numbers, words and tables as a person reads them, the same in every report and message.
//!
//! Must not know what is counted, nor colours.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

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
pub fn table(header: &[&str], rows: impl Iterator<Item = Vec<String>>, n_left: usize, width: usize) -> Vec<String> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width.min(u16::MAX.into()) as u16);
    table.set_header(header.iter().copied());
    for row in rows {
        table.add_row(row);
    }
    for column in table.column_iter_mut().skip(n_left) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.to_string().lines().map(|line| format!(" {}", line.trim_end())).collect()
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
    fn words_stand_under_one_another() {
        assert_eq!(wrapped("  -", "one two three", 11), "  - one two\n    three");
    }
}
