//! Lists of numbers, as the axes of a sweep are typed: `64,96`, `64..1024`, `1..=8`, or some of each.
//!
//! Must not know what the numbers are of.

use std::collections::BTreeSet;

/// More values of one axis are a slip of the hand.
const MOST: usize = 100_000;

/// Numbers in the order in which they are typed, each once. `A..B` doubles from A and includes B; `A..=B` counts.
pub fn parse(text: &str) -> Result<Vec<i64>, String> {
    let (mut values, mut seen) = (Vec::new(), BTreeSet::new());
    for part in text.split(',') {
        let found = match part.split_once("..") {
            Some((from, to)) => match to.strip_prefix('=') {
                Some(to) => counted(number(from)?, number(to)?)?,
                None => doubled(number(from)?, number(to)?)?,
            },
            None => vec![number(part)?],
        };
        values.extend(found.into_iter().filter(|&value| seen.insert(value)));
        if values.len() > MOST {
            return Err(format!("these are more than {MOST} values"));
        }
    }
    Ok(values)
}

/// The same of what is counted from `least`.
pub fn parse_from(least: i64, most: i64, text: &str) -> Result<Vec<i64>, String> {
    let values = parse(text)?;
    match values.iter().find(|value| !(least..=most).contains(value)) {
        Some(value) => Err(format!("{value} is not between {least} and {most}")),
        None => Ok(values),
    }
}

fn number(text: &str) -> Result<i64, String> {
    let text = text.trim();
    text.parse().map_err(|_| match text {
        "" => "a number is missing, as in `64,128`, `64..1024` or `1..=8`".to_string(),
        _ => format!("`{text}` is no whole number"),
    })
}

fn doubled(from: i64, to: i64) -> Result<Vec<i64>, String> {
    if from < 1 || to < from {
        return Err(format!("`{from}..{to}` doubles from at least 1 upwards; to count, type `{from}..={to}`"));
    }
    let doubles = std::iter::successors(Some(from), |value| value.checked_mul(2));
    let mut values: Vec<i64> = doubles.take_while(|&value| value < to).collect();
    values.push(to);
    Ok(values)
}

fn counted(from: i64, to: i64) -> Result<Vec<i64>, String> {
    match to.checked_sub(from) {
        Some(steps) if steps < 0 => Err(format!("`{from}..={to}` has no value")),
        Some(steps) if steps < MOST as i64 => Ok((from..=to).collect()),
        _ => Err(format!("`{from}..={to}` has more than {MOST} values")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_doubles_and_includes_its_end() {
        assert_eq!(parse("64..1024"), Ok(vec![64, 128, 256, 512, 1024]));
        assert_eq!(parse("64..1000"), Ok(vec![64, 128, 256, 512, 1000]));
        assert_eq!(parse("64..64"), Ok(vec![64]));
        assert_eq!(parse(&format!("1..{}", i64::MAX)).unwrap().len(), 64);
    }

    #[test]
    fn a_list_is_taken_as_it_is_and_nothing_twice() {
        assert_eq!(parse("96,64,96, 1..=3,2"), Ok(vec![96, 64, 1, 2, 3]));
        assert_eq!(parse("-2..=1"), Ok(vec![-2, -1, 0, 1]));
    }

    #[test]
    fn what_is_no_list_is_refused_in_words() {
        for bad in ["", ",", "64,", "..", "64..", "a", "3..1", "0..8", "5..=4", "1..=99999999", "9999999999999999999"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        assert!(parse("0..8").unwrap_err().contains("`0..=8`"));
        assert!(parse_from(1, 9, "10").is_err() && parse_from(1, 9, "1..=9").is_ok());
        assert!(parse(&format!("{}..={}", i64::MIN, i64::MAX)).is_err());
    }
}
