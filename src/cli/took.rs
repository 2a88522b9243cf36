//! How long something took, as a person reads it.

use std::time::Duration;

/// `0.42 s`, `37.1 s`, `12 min 8 s`.
pub fn words(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    match duration.as_secs() {
        0..10 => format!("{seconds:.2} s"),
        10..120 => format!("{seconds:.1} s"),
        whole => format!("{} min {} s", whole / 60, whole % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longer_is_told_less_exactly() {
        let told = [420, 37_120, 728_000].map(|milliseconds| words(Duration::from_millis(milliseconds)));
        assert_eq!(told, ["0.42 s", "37.1 s", "12 min 8 s"]);
    }
}
