//! What the rules of the grammar are called in a message, and in which order they are told.
//!
//! Must not know what a statement means, nor where the grammar gave up.

use super::super::words;
use super::grammar::Rule;

/// In an order that reads well, without what goes without saying.
pub(super) fn tidied(mut expected: Vec<&'static str>) -> Vec<&'static str> {
    // What can be negated is a signal or, among integers, a comparison.
    let is_signal = expected.contains(&"`!`") && !expected.contains(&"an integer");
    if is_signal || expected.contains(&"a signal") {
        expected.retain(|words| !matches!(*words, "a name" | "a signal"));
        expected.insert(0, "a signal");
    }
    if expected.contains(&"an operator") {
        // What could go on inside the operand is of no interest behind it.
        expected.retain(|words| !matches!(*words, "`(`" | "`[`"));
    }
    let rank = |words: &str| match words {
        "a signal" | "a name" | "an integer" | "a number" | "a comparison" | "a text in quotes" | "an operator" => 0,
        "an integer operator" | "`,`" => 2,
        "the end of the statement" => 3,
        _ => 1,
    };
    expected.sort_by_key(|words| rank(words));
    expected
}

/// What a rule is called in a message. Rules of several alternatives name each.
pub(super) fn of_rule(rule: Rule) -> Vec<&'static str> {
    let called: &[&str] = match rule {
        Rule::file | Rule::EOI => &["the end of the statement"],
        Rule::definition | Rule::tuple | Rule::requirement | Rule::bound | Rule::metric => &["a name"],
        Rule::name | Rule::declared | Rule::layer_name | Rule::binding | Rule::results => &["a name"],
        Rule::operand | Rule::reference | Rule::counted | Rule::counted_name => &["a signal"],
        Rule::argument | Rule::group => &["a signal", "`!`", "`(`"],
        Rule::integer | Rule::integer_group | Rule::count | Rule::range | Rule::width_value => &["an integer"],
        Rule::compare | Rule::condition_group => &["a comparison"],
        Rule::decimal | Rule::chance | Rule::chance_group => &["a number"],
        Rule::text => &["a text in quotes"],
        Rule::arguments | Rule::open_parenthesis => &["`(`"],
        Rule::close_parenthesis => &["`)`"],
        Rule::index | Rule::dimension | Rule::open_bracket => &["`[`"],
        Rule::close_bracket => &["`]`"],
        Rule::open_brace => &["`{`"],
        Rule::close_brace => &["`}`"],
        Rule::comma => &["`,`"],
        Rule::semicolon => &["`;`"],
        Rule::equals => &["`=`"],
        Rule::arrow => &["`->`"],
        Rule::dots => &["`..`"],
        Rule::not => &["`!`"],
        Rule::operator => &["an operator"],
        Rule::both => &["`&&`"],
        Rule::either => &["`||`"],
        Rule::comparison => &["a comparison"],
        Rule::arithmetic | Rule::minus => &["an integer operator"],
        Rule::scaling => &["an operator"],
        Rule::zipf | Rule::power => &["`zipf`"],
        // A word, or what is silent or begins with a word: pest never names that.
        _ => return format!("{rule:?}").strip_prefix("kw_").and_then(words::shown).into_iter().collect(),
    };
    called.to_vec()
}
