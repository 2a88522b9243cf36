//! The text of a source file as words and signs: without comments, without what stands in quotes, without tests.
//!
//! Must not know what the words mean.

/// A word (`crate`, `circuit`, `r#type`), `::`, or any other sign by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub text: String,
    pub line: usize,
}

impl Token {
    pub fn is_word(&self) -> bool {
        self.text.starts_with(|letter: char| letter.is_alphabetic() || letter == '_')
    }
}

/// The words and signs of a file. What `#[cfg(test)]` stands before is left out.
pub fn tokens(text: &str) -> Vec<Token> {
    without_tests(all_tokens(text))
}

fn all_tokens(text: &str) -> Vec<Token> {
    let letters: Vec<char> = text.chars().collect();
    let starts = |at: usize, what: &str| what.chars().enumerate().all(|(i, c)| letters.get(at + i) == Some(&c));
    let is_in_word = |at: usize| letters.get(at).is_some_and(|letter| letter.is_alphanumeric() || *letter == '_');
    let mut tokens = Vec::new();
    let (mut at, mut line) = (0, 1);
    while at < letters.len() {
        let start = at;
        if starts(at, "//") {
            while at < letters.len() && letters[at] != '\n' {
                at += 1;
            }
        } else if starts(at, "/*") {
            let mut depth = 0;
            loop {
                match () {
                    _ if starts(at, "/*") => (depth, at) = (depth + 1, at + 2),
                    _ if starts(at, "*/") => (depth, at) = (depth - 1, at + 2),
                    _ => at += 1,
                }
                if depth == 0 || at >= letters.len() {
                    break;
                }
            }
        } else if let Some(end) = end_of_quote(&letters, at) {
            at = end;
            tokens.push(Token { text: "\"\"".into(), line });
        } else if is_in_word(at) {
            while is_in_word(at) {
                at += 1;
            }
            tokens.push(Token { text: letters[start..at].iter().collect(), line });
        } else if starts(at, "::") {
            at += 2;
            tokens.push(Token { text: "::".into(), line });
        } else {
            at += 1;
            if !letters[start].is_whitespace() {
                tokens.push(Token { text: letters[start].to_string(), line });
            }
        }
        line += letters[start..at].iter().filter(|letter| **letter == '\n').count();
    }
    tokens
}

/// Where the text, byte text, raw text or character ends that begins here; `None` where none does.
fn end_of_quote(letters: &[char], at: usize) -> Option<usize> {
    let mut quote = at;
    if at > 0 && (letters[at - 1].is_alphanumeric() || letters[at - 1] == '_') {
        return None;
    }
    if letters[quote] == 'b' {
        quote += 1;
    }
    let is_raw = letters.get(quote) == Some(&'r');
    if is_raw {
        let n_marks = letters[quote + 1..].iter().take_while(|letter| **letter == '#').count();
        quote += 1 + n_marks;
        if letters.get(quote) != Some(&'"') {
            return None;
        }
        let closing: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', n_marks)).collect();
        let length = letters[quote + 1..].windows(closing.len()).position(|window| window == closing);
        return length.map(|length| quote + 1 + length + closing.len());
    }
    match letters.get(quote) {
        Some('"') => {
            let mut end = quote + 1;
            while letters.get(end).is_some_and(|letter| *letter != '"') {
                end += if letters[end] == '\\' { 2 } else { 1 };
            }
            Some(end + 1)
        }
        // A lifetime has no second quote.
        Some('\'') if letters.get(quote + 1) == Some(&'\\') => {
            let end = letters[quote + 3..].iter().position(|letter| *letter == '\'')?;
            Some(quote + 3 + end + 1)
        }
        Some('\'') if letters.get(quote + 2) == Some(&'\'') => Some(quote + 3),
        _ => None,
    }
}

fn without_tests(tokens: Vec<Token>) -> Vec<Token> {
    let mark = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut kept = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let is_test = mark.iter().enumerate().all(|(i, text)| tokens.get(at + i).is_some_and(|t| t.text == *text));
        if is_test {
            at = end_of_item(&tokens, at + mark.len());
        } else {
            kept.push(tokens[at].clone());
            at += 1;
        }
    }
    kept
}

/// Behind the `;` or the `}` that ends the item.
fn end_of_item(tokens: &[Token], from: usize) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate().skip(from) {
        match token.text.as_str() {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth -= 1,
            _ => {}
        }
        if depth == 0 && (token.text == ";" || token.text == "}") {
            return at + 1;
        }
    }
    tokens.len()
}

#[test]
fn comments_quotes_and_tests_are_left_out() {
    let text = r##"
        /* crate::a /* nested */ */ use crate::b; // crate::c
        const TEXT: &str = "crate::d \" '"; const RAW: &str = r#"crate::"e""#; const C: [char; 2] = ['"', '\''];
        fn f<'a>(x: &'a str) -> &'a str { x }
        #[cfg(test)]
        mod tests { fn g() { crate::f() } }
        #[cfg(test)] pub mod by_hand;
        struct Last;"##;
    let found: Vec<String> = tokens(text).into_iter().map(|token| token.text).collect();
    let found = found.join(" ");
    assert_eq!(
        found,
        "use crate :: b ; const TEXT : & str = \"\" ; const RAW : & str = \"\" ; const C : [ char ; 2 ] = [ \"\" , \"\" ] \
         ; fn f < ' a > ( x : & ' a str ) - > & ' a str { x } struct Last ;"
    );
}
