//! Which file says a name that another defines, and which files do so in a circle.
//!
//! A `mod` line and a `pub use` are signposts: a name is followed through them to the file that defines it. Where a file
//! itself uses what it shows to others, that counts.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::code::Token;
use crate::modules::{Found, ModuleId, Modules};

/// A name, said in one file.
pub struct Mention {
    /// The file that says it, below `src`.
    pub file: String,
    pub line: usize,
    pub path: String,
    /// The file that defines it; `None` where a module as such is named, which says nothing yet.
    pub defined_in: Option<String>,
    /// Every file that the path leads through, re-exports included.
    pub through: BTreeSet<String>,
    /// A signpost for others.
    pub is_public: bool,
}

/// Everything of this crate that its files say, and every `use` line that leads nowhere.
pub fn mentions(modules: &Modules) -> (Vec<Mention>, Vec<String>) {
    let (mut found, mut lost) = (Vec::new(), Vec::new());
    for (id, module) in modules.all.iter().enumerate() {
        for used in &module.uses {
            match mention(modules, id, &used.path, used.line, used.is_public) {
                Some(mention) => found.push(mention),
                None if ["crate", "super", "self", "superpose"].contains(&used.path[0].as_str()) => {
                    lost.push(format!("{}:{}: {}", module.file, used.line, used.path.join("::")));
                }
                None => {}
            }
        }
        for (path, line) in paths(&module.code) {
            let is_said = path.len() > 1 || modules.comes_unsaid(id, &path[0]);
            found.extend(is_said.then(|| mention(modules, id, &path, line, false)).flatten());
        }
    }
    (found, lost)
}

fn mention(modules: &Modules, id: ModuleId, path: &[String], line: usize, is_public: bool) -> Option<Mention> {
    let mut passed = BTreeSet::new();
    let target = modules.resolve(id, path, &mut passed)?;
    let file_of = |module: ModuleId| modules.all[module].file.clone();
    Some(Mention {
        file: file_of(id),
        line,
        path: path.join("::"),
        defined_in: match target {
            Found::Item(module) => Some(file_of(module)),
            Found::Module(_) => None,
        },
        through: passed.into_iter().map(file_of).collect(),
        is_public,
    })
}

/// Paths in code, with their lines; a single word only where it may be a name that a line at the top brings: a type or
/// a constant, or a function that is called.
fn paths(code: &[Token]) -> Vec<(Vec<String>, usize)> {
    let text = |at: usize| code.get(at).map_or("", |token| token.text.as_str());
    let mut paths = Vec::new();
    let mut at = 0;
    while at < code.len() {
        let first = at;
        at += 1;
        if !code[first].is_word() {
            continue;
        }
        let mut path = vec![code[first].text.clone()];
        while text(at) == "::" && code.get(at + 1).is_some_and(Token::is_word) {
            path.push(code[at + 1].text.clone());
            at += 2;
        }
        let before = if first == 0 { "" } else { text(first - 1) };
        let is_name = path[0].starts_with(char::is_uppercase) || (text(at) == "(" && before != "fn");
        // A method, a field or a label, a macro.
        let is_other = before == "." || before == "::" || text(at) == "!" || (path.len() == 1 && text(at) == ":");
        if (path.len() > 1 || is_name) && !is_other {
            paths.push((path, code[first].line));
        }
    }
    paths
}

/// By file, the files whose names it says, each with some of those names.
pub type Graph = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

pub fn graph(mentions: &[Mention]) -> Graph {
    let mut graph = Graph::new();
    for mention in mentions.iter().filter(|mention| !mention.is_public) {
        let Some(target) = &mention.defined_in else { continue };
        if *target != mention.file {
            let targets = graph.entry(mention.file.clone()).or_default();
            targets.entry(target.clone()).or_default().insert(mention.path.clone());
        }
    }
    graph
}

/// The shortest circle through each file that is on one, each circle once; with the names that tie it.
pub fn circles(graph: &Graph) -> Vec<String> {
    let mut shown = BTreeMap::new();
    for start in graph.keys() {
        if let Some(circle) = shortest_circle(graph, start) {
            let files: BTreeSet<&String> = circle.iter().copied().collect();
            let ties = circle.iter().zip(circle.iter().cycle().skip(1)).map(|(from, to)| {
                let names: Vec<&str> = graph[*from][*to].iter().map(String::as_str).collect();
                format!("  {from} says {} of {to}", names.join(", "))
            });
            shown.entry(files).or_insert_with(|| ties.collect::<Vec<_>>().join("\n"));
        }
    }
    shown.into_values().collect()
}

/// From `start` back to it.
fn shortest_circle<'g>(graph: &'g Graph, start: &'g String) -> Option<Vec<&'g String>> {
    let mut came_from: BTreeMap<&String, &String> = BTreeMap::new();
    let mut waiting = VecDeque::from([start]);
    while let Some(file) = waiting.pop_front() {
        for next in graph.get(file).into_iter().flat_map(BTreeMap::keys) {
            if next == start {
                let mut circle = vec![file];
                while let Some(&before) = came_from.get(circle[circle.len() - 1]) {
                    circle.push(before);
                }
                circle.reverse();
                return Some(circle);
            }
            if !came_from.contains_key(next) {
                came_from.insert(next, file);
                waiting.push_back(next);
            }
        }
    }
    None
}

#[test]
fn a_circle_is_told_with_the_names_that_tie_it() {
    let edges = [("a", "b", "b::x"), ("b", "c", "c::y"), ("c", "a", "super::z"), ("c", "d", "d::w")];
    let mut graph = Graph::new();
    for (from, to, name) in edges {
        graph.entry(from.into()).or_default().entry(to.into()).or_default().insert(name.into());
    }
    assert_eq!(circles(&graph), ["  a says b::x of b\n  b says c::y of c\n  c says super::z of a"]);
}
