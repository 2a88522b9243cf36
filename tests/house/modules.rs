//! The modules of the crate and of its binary, and where a name that one of them says is defined.
//!
//! Follows `use`, `pub use`, `self`, `super`, `crate`, renamings and globs. Must not know which module may know which.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::code::{Token, tokens};

/// The index of a module in [`Modules::all`].
pub type ModuleId = usize;

pub struct Modules {
    pub all: Vec<Module>,
}

/// A file, or a `mod name { … }` within one.
pub struct Module {
    pub parent: Option<ModuleId>,
    /// The file that it stands in, below `src`.
    pub file: String,
    /// `mod` lines.
    children: BTreeMap<String, ModuleId>,
    /// What is defined here: functions, types, constants, macros.
    items: BTreeSet<String>,
    /// `use` lines, a leaf of the tree each.
    pub uses: Vec<Use>,
    /// Everything else that is said, `use` lines apart.
    pub code: Vec<Token>,
}

/// One leaf of a `use` tree.
#[derive(Debug, Clone)]
pub struct Use {
    pub path: Vec<String>,
    /// What it is called here; `*` brings everything.
    name: String,
    /// `pub use` and the like: a signpost for others.
    pub is_public: bool,
    pub line: usize,
}

/// Where a path leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    Module(ModuleId),
    /// An item of this module.
    Item(ModuleId),
}

const ITEM_WORDS: [&str; 8] = ["fn", "struct", "enum", "trait", "type", "const", "static", "union"];

impl Modules {
    /// All modules below `lib.rs` and `main.rs`, tests left out.
    pub fn read(src: &Path) -> Modules {
        let mut modules = Modules { all: Vec::new() };
        for root in ["lib.rs", "main.rs"] {
            modules.read_file(src, root, "", None);
        }
        modules
    }

    /// `folder`: where the files of its own modules are.
    fn read_file(&mut self, src: &Path, file: &str, folder: &str, parent: Option<ModuleId>) -> ModuleId {
        let text = std::fs::read_to_string(src.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        self.add(src, tokens(&text), file, folder, parent)
    }

    fn add(&mut self, src: &Path, tokens: Vec<Token>, file: &str, folder: &str, parent: Option<ModuleId>) -> ModuleId {
        let id = self.all.len();
        self.all.push(Module {
            parent,
            file: file.to_string(),
            children: BTreeMap::new(),
            items: BTreeSet::new(),
            uses: Vec::new(),
            code: Vec::new(),
        });
        let (mut at, mut depth, mut is_public) = (0, 0, false);
        // An item that a macro of the file makes stands in the macro's braces, and in those of one of its rules.
        let mut macro_end = 0;
        while at < tokens.len() {
            let text = tokens[at].text.as_str();
            match text {
                "{" | "(" | "[" => depth += 1,
                "}" | ")" | "]" => depth -= 1,
                _ => {}
            }
            let next = tokens.get(at + 1).map_or("", |token| token.text.as_str());
            match text {
                "pub" => {
                    is_public = true;
                    // `pub(super) use` names no path.
                    if next == "(" {
                        at += 1 + tokens[at + 1..].iter().position(|token| token.text == ")").unwrap_or(0);
                    }
                    at += 1;
                    continue;
                }
                // Not the `use<…>` of a return type.
                "use" if next != "<" => {
                    let mut end = at + 1;
                    let line = tokens[at].line;
                    use_tree(&tokens, &mut end, &[], line, is_public && depth == 0, &mut self.all[id].uses);
                    (at, is_public) = (end, false);
                    continue;
                }
                "mod" if depth == 0 => {
                    let name = next.to_string();
                    let child = if tokens[at + 2].text == ";" {
                        let below = format!("{folder}{name}");
                        let beside = format!("{below}.rs");
                        let path = if src.join(&beside).exists() { beside } else { format!("{below}/mod.rs") };
                        at += 3;
                        self.read_file(src, &path, &format!("{below}/"), Some(id))
                    } else {
                        let end = at + 2 + closing(&tokens[at + 2..]);
                        let inner = tokens[at + 3..end].to_vec();
                        at = end + 1;
                        self.add(src, inner, file, &format!("{folder}{name}/"), Some(id))
                    };
                    self.all[id].children.insert(name, child);
                    is_public = false;
                    continue;
                }
                // It derives an enum from the grammar.
                "pest_derive" => drop(self.all[id].items.insert("Rule".into())),
                "macro_rules" if depth == 0 => {
                    self.all[id].items.insert(tokens[at + 2].text.clone());
                    macro_end = at + 3 + closing(&tokens[at + 3..]);
                }
                word if ITEM_WORDS.contains(&word) && (depth == 0 || depth == 2 && at < macro_end) => {
                    self.all[id].items.insert(next.to_string());
                }
                _ => {}
            }
            is_public = false;
            self.all[id].code.push(tokens[at].clone());
            at += 1;
        }
        id
    }

    /// Where a path leads that module `from` says; `None` out of the crate, or to a name of a narrower scope. `passed`
    /// is told every module on the way.
    pub fn resolve(&self, from: ModuleId, path: &[String], passed: &mut BTreeSet<ModuleId>) -> Option<Found> {
        self.resolve_within(from, path, passed, &Cell::new(200))
    }

    fn resolve_within(
        &self,
        from: ModuleId,
        path: &[String],
        passed: &mut BTreeSet<ModuleId>,
        steps_left: &Cell<u32>,
    ) -> Option<Found> {
        // Globs may lead in a circle.
        steps_left.set(steps_left.get().checked_sub(1)?);
        let (first, rest) = path.split_first()?;
        let mut here = match first.as_str() {
            "crate" => Found::Module(self.root_of(from)),
            "super" => Found::Module(self.all[from].parent?),
            "self" => Found::Module(from),
            // The binary names the library from outside.
            "superpose" if self.root_of(from) != 0 => Found::Module(0),
            name => self.lookup(from, name, rest.is_empty(), passed, steps_left)?,
        };
        for (name, left) in rest.iter().zip((0..rest.len()).rev()) {
            let Found::Module(module) = here else { break };
            passed.insert(module);
            here = match name.as_str() {
                "super" => Found::Module(self.all[module].parent?),
                "self" => here,
                name => self.lookup(module, name, left == 0, passed, steps_left)?,
            };
        }
        let (Found::Module(last) | Found::Item(last)) = here;
        passed.insert(last);
        Some(here)
    }

    fn root_of(&self, mut module: ModuleId) -> ModuleId {
        while let Some(parent) = self.all[module].parent {
            module = parent;
        }
        module
    }

    /// A name as module `at` has it. A module and an item may share one: the module is what leads further, the item
    /// what is meant at the end of a path.
    fn lookup(
        &self,
        at: ModuleId,
        name: &str,
        is_end: bool,
        passed: &mut BTreeSet<ModuleId>,
        steps_left: &Cell<u32>,
    ) -> Option<Found> {
        let module = &self.all[at];
        let mut found = Vec::new();
        found.extend(module.children.get(name).map(|&child| Found::Module(child)));
        found.extend(module.items.contains(name).then_some(Found::Item(at)));
        let is_this = |used: &&Use| used.name == name && (used.path.len() > 1 || used.path[0] != name);
        for used in module.uses.iter().filter(is_this) {
            let target = self.resolve_within(at, &used.path, passed, steps_left);
            // What is shown of another crate is as good as defined here.
            found.extend(target.or(used.is_public.then_some(Found::Item(at))));
        }
        if found.is_empty() {
            for glob in module.uses.iter().filter(|used| used.name == "*") {
                let target = self.resolve_within(at, &glob.path, &mut BTreeSet::new(), steps_left);
                if let Some(Found::Module(target)) = target
                    && target != at
                {
                    found.extend(self.lookup(target, name, is_end, passed, steps_left));
                }
            }
        }
        let wanted = |found: &&Found| matches!(found, Found::Item(_)) == is_end;
        found.iter().find(wanted).or(found.first()).copied()
    }

    /// Whether a name comes to a module by a `pub use` of its own, or by a glob: no line of it says whether it is used.
    pub fn comes_unsaid(&self, module: ModuleId, name: &str) -> bool {
        let module = &self.all[module];
        let is_own = module.items.contains(name) || module.children.contains_key(name);
        let is_said = module.uses.iter().any(|used| used.name == name && !used.is_public);
        !is_own && !is_said
    }
}

/// Where the bracket closes that the first token opens.
fn closing(tokens: &[Token]) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate() {
        match token.text.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    tokens.len()
}

/// Reads a `use` tree from `at` on, to behind its end.
fn use_tree(tokens: &[Token], at: &mut usize, before: &[String], line: usize, is_public: bool, uses: &mut Vec<Use>) {
    let mut path = before.to_vec();
    loop {
        let text = tokens.get(*at).map_or(";", |token| token.text.as_str());
        *at += 1;
        match text {
            "::" => {}
            "{" => {
                while tokens.get(*at).is_some_and(|token| token.text != "}") {
                    use_tree(tokens, at, &path, line, is_public, uses);
                }
                // Behind `}`, and what ends this tree.
                *at += 1;
                if tokens.get(*at).is_some_and(|token| token.text == "," || token.text == ";") {
                    *at += 1;
                }
                return;
            }
            "*" => uses.push(Use { path: path.clone(), name: "*".into(), is_public, line }),
            "as" => {
                let name = tokens[*at].text.clone();
                *at += 1;
                if let Some(last) = uses.last_mut() {
                    last.name = name;
                }
            }
            "," | ";" => return,
            "}" => {
                *at -= 1;
                return;
            }
            word => {
                if word != "self" || path.is_empty() {
                    path.push(word.to_string());
                }
                let ends = tokens.get(*at).is_none_or(|token| token.text != "::");
                if ends {
                    let name = path.last().cloned().unwrap_or_default();
                    uses.push(Use { path: path.clone(), name, is_public, line });
                }
            }
        }
    }
}

#[test]
fn use_trees_are_read_leaf_by_leaf() {
    let text = "use a::{self, b::{c as d, *}, e}; use crate::f; use super::super::g::*;";
    let tokens = tokens(text);
    let (mut at, mut uses) = (0, Vec::new());
    while at < tokens.len() {
        at += 1;
        use_tree(&tokens, &mut at, &[], 1, false, &mut uses);
    }
    let found: Vec<String> = uses.iter().map(|used| format!("{} = {}", used.name, used.path.join("::"))).collect();
    assert_eq!(found, ["a = a", "d = a::b::c", "* = a::b", "e = a::e", "f = crate::f", "* = super::super::g"]);
}
