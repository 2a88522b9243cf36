//! Which file says a name that another defines, and which files do so in a circle.
//!
//! A `mod` line and a `pub use` are signposts: a name is followed through them to the file that defines it. Where a
//! file itself uses what it shows to others, that counts.

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

/// Everything of this crate that its files say, and every path of it that leads nowhere.
pub fn mentions(modules: &Modules) -> (Vec<Mention>, Vec<String>) {
    let (mut found, mut lost) = (Vec::new(), Vec::new());
    for (id, module) in modules.all.iter().enumerate() {
        let used = module.uses.iter().map(|used| (used.path.clone(), used.line, used.is_public));
        let said = paths(&module.code).into_iter().map(|(path, line)| (path, line, false));
        let said = said.filter(|(path, ..)| path.len() > 1 || modules.comes_unsaid(id, &path[0]));
        for (path, line, is_public) in used.chain(said) {
            match mention(modules, id, &path, line, is_public) {
                Some(mention) => found.push(mention),
                None if path.len() > 1 && ["crate", "super", "superpose"].contains(&path[0].as_str()) => {
                    lost.push(format!("{}:{line}: {}", module.file, path.join("::")));
                }
                None => {}
            }
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

/// Names that are shown of a tie.
const MOST_NAMED: usize = 8;

/// The shortest circle through each file that is on one, each circle once; with the names that tie it.
pub fn circles(graph: &Graph) -> Vec<String> {
    let mut shown = BTreeMap::new();
    for start in graph.keys() {
        if let Some(circle) = shortest_circle(graph, start) {
            let files: BTreeSet<&String> = circle.iter().copied().collect();
            let ties = circle.iter().zip(circle.iter().cycle().skip(1)).map(|(from, to)| {
                let names: Vec<&str> = graph[*from][*to].iter().map(String::as_str).take(MOST_NAMED).collect();
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

#[test]
fn a_name_is_followed_to_the_file_that_defines_it() {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        ("lib.rs", "pub mod a; pub mod b;"),
        ("main.rs", "use superpose::a::{self, Noun as Thing}; fn main() { a::verb(); superpose::b::late(); }"),
        // A signpost, a use of what it shows, a child that is called.
        (
            "a/mod.rs",
            "mod noun; mod verbs; pub use noun::Noun; pub use verbs::*; fn own(noun: Noun) { verbs::verb(); }",
        ),
        ("a/noun.rs", "pub struct Noun; #[cfg(test)] mod tests { use crate::b::late; }"),
        ("a/verbs.rs", "use super::*; pub fn verb() { let noun = Noun; noun.late(); format!(\"crate::b\") }"),
        ("b.rs", "use crate::a; pub fn late() { a::verb(); /* crate::main */ } mod inner { use super::late; }"),
    ];
    for (name, text) in files {
        std::fs::create_dir_all(folder.path().join(name).parent().unwrap()).unwrap();
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let (mentions, lost) = mentions(&Modules::read(folder.path()));
    assert_eq!(lost, [] as [String; 0]);
    let mut edges = Vec::new();
    for (from, targets) in graph(&mentions) {
        edges.extend(
            targets.into_iter().map(|(to, names)| format!("{from} -> {to}: {}", Vec::from_iter(names).join(", "))),
        );
    }
    assert_eq!(
        edges,
        [
            "a/mod.rs -> a/noun.rs: Noun",
            "a/mod.rs -> a/verbs.rs: verbs::verb",
            "a/verbs.rs -> a/noun.rs: Noun",
            "b.rs -> a/verbs.rs: a::verb",
            "main.rs -> a/noun.rs: superpose::a::Noun",
            "main.rs -> a/verbs.rs: a::verb",
            "main.rs -> b.rs: superpose::b::late",
        ]
    );
}
