//! Characters that nobody sees, by their code points.
//!
//! Must not know what a language does with them.

/// Whether a character leaves no mark: controls, blanks beyond ASCII, joiners, marks of direction.
pub fn is_invisible(character: char) -> bool {
    let is_format = matches!(
        character,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e01ef}'
    );
    is_format || character.is_control() || character.is_whitespace() && character != ' '
}

/// The first few of its characters, as `U+200B (zero-width space)`.
pub fn code_points(text: &str) -> String {
    const MOST_SHOWN: usize = 3;
    let mut points: Vec<String> = Vec::new();
    for character in text.chars().take(MOST_SHOWN + 1) {
        points.push(match called(character) {
            Some(name) => format!("U+{:04X} ({name})", character as u32),
            None => format!("U+{:04X}", character as u32),
        });
    }
    points.dedup();
    if points.len() > MOST_SHOWN {
        points[MOST_SHOWN] = "…".to_string();
    }
    points.join(", ")
}

fn called(character: char) -> Option<&'static str> {
    Some(match character {
        '\u{a0}' => "no-break space",
        '\u{ad}' => "soft hyphen",
        '\u{200b}' => "zero-width space",
        '\u{200c}' => "zero-width non-joiner",
        '\u{200d}' => "zero-width joiner",
        '\u{2028}' => "line separator",
        '\u{202f}' => "narrow no-break space",
        '\u{2060}' => "word joiner",
        '\u{3000}' => "ideographic space",
        '\u{feff}' => "byte order mark",
        _ if character.is_control() => "control character",
        _ => return None,
    })
}

/// The text, each of its invisible characters as `<U+200B>`.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match is_invisible(character) {
            true => shown.push_str(&format!("<U+{:04X}>", character as u32)),
            false => shown.push(character),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_named() {
        assert_eq!(code_points("\u{200b}\u{200b}\u{a0}"), "U+200B (zero-width space), U+00A0 (no-break space)");
        assert_eq!(code_points("\u{7}"), "U+0007 (control character)");
        assert_eq!(code_points(&"\u{2066}\u{2067}".repeat(9)), "U+2066, U+2067, U+2066, …");
        assert_eq!(visible("ha\u{feff}ir é"), "ha<U+FEFF>ir é");
    }
}
