//! Words and signs of other languages, once, and what is written here instead, with the operands that stand there.
//!
//! Must not know where in a statement they stand: `slips` finds them between signals, `elaborate` where they are
//! called.

/// Words and signs that mean the same, in small letters.
struct Row {
    words: &'static [&'static str],
    means: Means,
}

#[derive(Clone, Copy)]
enum Means {
    /// A function of this language.
    Function(&'static str),
    /// A function, and the operator that says the same of signals that stand beside it.
    Operator(&'static str, &'static str),
    /// The opposite of a function.
    Opposite(&'static str),
    /// One signal, with this before it.
    Signal(&'static str),
    /// All are on, or none is.
    Equivalence,
    /// If the first is on, so is the second.
    Implication,
    /// A gate of no operands.
    Constant(&'static str),
}

const ROWS: &[Row] = &[
    Row { words: &["and", "every", "min", "*"], means: Means::Operator("all", "&") },
    Row { words: &["or", "some", "max"], means: Means::Operator("any", "|") },
    Row { words: &["xor", "eor", "exor", "neq", "!=", "!=="], means: Means::Operator("parity", "^") },
    Row { words: &["odd"], means: Means::Function("parity") },
    Row { words: &["xnor", "nxor", "even"], means: Means::Function("xnor") },
    Row { words: &["iff", "eq", "equiv", "==", "===", "<->", "<=>"], means: Means::Equivalence },
    Row { words: &["nand"], means: Means::Function("nand") },
    Row { words: &["nor", "none"], means: Means::Function("nor") },
    Row { words: &["maj"], means: Means::Function("majority") },
    Row { words: &["minority"], means: Means::Opposite("majority") },
    Row { words: &["ite"], means: Means::Function("mux") },
    Row { words: &["not", "inv", "~", "'"], means: Means::Signal("!") },
    Row { words: &["buf"], means: Means::Signal("") },
    Row { words: &["implies", "->", "=>"], means: Means::Implication },
    Row { words: &["true"], means: Means::Constant("all") },
    Row { words: &["false"], means: Means::Constant("any") },
];

/// Words that begin a statement, and the item that they mean.
const ITEMS: &[(&[&str], &str)] = &[
    (&["constant", "let", "define", "parameter", "param", "int"], "const"),
    (&["input", "inputs", "features", "signal", "signals", "var", "wire", "bool"], "feature"),
    (&["outputs", "return", "export"], "output"),
    (&["import", "include", "from"], "use"),
    (&["fn", "def", "function", "module", "sub"], "gate"),
];

fn means(word: &str) -> Option<Means> {
    // Libraries of gates say how many operands there are: `and2`.
    let word = word.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let is_it = |row: &&Row| row.words.iter().any(|other| other.eq_ignore_ascii_case(word));
    ROWS.iter().find(is_it).map(|row| row.means)
}

/// The words that a call may have for a name.
pub(crate) fn words() -> impl Iterator<Item = &'static str> {
    ROWS.iter().flat_map(|row| row.words).copied().filter(|word| word.starts_with(|c: char| c.is_ascii_lowercase()))
}

/// What to write for `word(arguments)`.
pub(crate) fn call(word: &str, arguments: &[&str]) -> Option<String> {
    Some(match (means(word)?, arguments) {
        (Means::Function(name) | Means::Operator(name, _), _) => format!("{name}({})", arguments.join(", ")),
        (Means::Opposite(name), _) => format!("!{name}({})", arguments.join(", ")),
        (Means::Signal(before), [signal]) => format!("{before}{}", closed(signal)),
        (Means::Signal(before), _) => format!("{before}a"),
        (Means::Equivalence, [_, _]) => format!("xnor({})", arguments.join(", ")),
        (Means::Equivalence, _) => format!("any(all({0}), nor({0}))", arguments.join(", ")),
        (Means::Implication, [if_on, then]) => format!("any(!{}, {then})", closed(if_on)),
        (Means::Implication, _) => "any(!a, b)".to_string(),
        (Means::Constant(name), _) => format!("{name}()"),
    })
}

/// What to write for a word or sign between two signals; where these are not known, or are formulas that an operator
/// would tear apart, the operator alone.
pub(super) fn between(word: &str, sides: Option<(&str, &str)>) -> Option<String> {
    let (left, right) = sides.unwrap_or(("a", "b"));
    let are_closed = sides.is_some_and(|(left, right)| is_closed(left) && is_closed(right));
    Some(match means(word)? {
        Means::Operator(_, operator) if are_closed => format!("{left} {operator} {right}"),
        Means::Operator(_, operator) => operator.to_string(),
        Means::Implication => format!("!{} | {right}", closed(left)),
        Means::Signal("!") if are_closed => format!("{left} & !{right}"),
        Means::Signal("!") => "& !".to_string(),
        Means::Signal(_) => return None,
        Means::Constant(_) => return None,
        // What binds as `&` does must not take more than stands beside it.
        Means::Function(_) | Means::Opposite(_) if !are_closed => return call(word, &["a", "b"]),
        _ => return call(word, &[left, right]),
    })
}

/// What to write for a word or sign before its signal, or `'` behind it.
pub(super) fn before(word: &str, signal: Option<&str>) -> Option<String> {
    match means(word)? {
        Means::Signal(sign) => Some(format!("{sign}{}", closed(signal.unwrap_or_default()))),
        _ => None,
    }
}

/// What to type for a sign between two signals that stands for no one gate.
pub(super) fn sign(sign: &str, sides: Option<(&str, &str)>) -> Option<String> {
    let write = |word: &str| between(word, sides).unwrap_or_default();
    let are_closed = sides.filter(|(left, right)| is_closed(left) && is_closed(right));
    Some(match (sign, are_closed) {
        ("+", _) => format!("write `{}` for or, `{}` for exclusive or", write("or"), write("xor")),
        ("-", Some((left, right))) => format!("write `{left} & !{right}` for and-not"),
        ("-", None) => "write `& !` for and-not".to_string(),
        ("<" | "<=" | ">" | ">=", _) => "write `at_least(k, …)`, `at_most(k, …)` or `exactly(k, …)`".to_string(),
        ("%", _) => "a comment begins with `//`".to_string(),
        _ => return None,
    })
}

/// The word of this language for one that begins a statement.
pub(super) fn item(word: &str) -> Option<&'static str> {
    ITEMS.iter().find(|(words, _)| words.contains(&word)).map(|(_, item)| *item)
}

/// How a constant is written where a signal stands.
pub(crate) fn constant(text: &str) -> Option<&'static str> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" => Some("a signal that is always on is `all()`"),
        "0" | "false" => Some("a signal that is always off is `any()`"),
        _ => None,
    }
}

/// Whether a formula is one operand: a signal, a call or a group, perhaps inverted.
fn is_closed(formula: &str) -> bool {
    let mut depth = 0u32;
    formula.chars().all(|letter| {
        match letter {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ => return depth > 0 || letter.is_ascii_alphanumeric() || matches!(letter, '_' | '!' | '…'),
        }
        true
    })
}

/// The formula, in parentheses where an operator before it would tear it apart.
fn closed(formula: &str) -> String {
    if is_closed(formula) { formula.to_string() } else { format!("({formula})") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_of_another_language_is_written_with_its_own_arguments() {
        let call = |word, arguments: &[&str]| call(word, arguments).unwrap();
        assert_eq!(call("AND", &["x[0]", "b"]), "all(x[0], b)");
        assert_eq!(call("nxor", &["a", "b"]), "xnor(a, b)");
        assert_eq!(call("minority", &["x"]), "!majority(x)");
        assert_eq!(call("not", &["a | b"]), "!(a | b)");
        assert_eq!(call("implies", &["a", "b | c"]), "any(!a, b | c)");
        assert_eq!(call("eq", &["a", "b", "c"]), "any(all(a, b, c), nor(a, b, c))");
        assert_eq!(call("nand3", &["a", "b", "c"]), "nand(a, b, c)");
    }

    #[test]
    fn what_stands_between_signals_is_never_torn_apart() {
        let between = |word, left, right| between(word, Some((left, right))).unwrap();
        assert_eq!(between("and", "a", "!x[i + 1]"), "a & !x[i + 1]");
        assert_eq!(between("and", "a | b", "c"), "&");
        assert_eq!(between("->", "a & b", "c"), "!(a & b) | c");
        assert_eq!(between("==", "a & b", "c"), "xnor(a & b, c)");
        assert_eq!(between("nand", "a | b", "c"), "nand(a, b)");
    }

    #[test]
    fn no_word_of_this_language_but_those_that_are_no_operators_is_foreign() {
        let known = |word: &str| super::super::words::function(word).is_some();
        let shared: Vec<&str> = words().filter(|word| known(word)).collect();
        assert_eq!(shared, ["xnor", "nand", "nor"]);
    }
}
