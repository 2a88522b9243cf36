//! Every name of a program: where it is given a meaning, and where it is used.
//!
//! Works on what was written, also where some of it is wrong: what has no meaning is in no symbol. Must not know what
//! a name comes to: numbers and gates are the program's.

use std::collections::HashMap;

use crate::diagnostic::{FileId, Span};
use crate::elaborate::Loaded;
use crate::syntax::ast::{
    Argument, Ast, Call, Clause, Comprehension, Condition, Count, Declared, Definition, Expr, Formula,
    Index as MemberIndex, Item, MetricArgument, Name, Range, Reference, Requirement, Setting, SubCircuit, WidthSetting,
};

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Constant,
    Feature,
    Gate,
    SubCircuit,
    /// Of a sub-circuit.
    Parameter,
    Result,
    Layer,
    Head,
    /// Of a comprehension.
    Variable,
}

/// A name with one meaning, in all files of a program.
#[derive(Debug, Clone, PartialEq)]
pub struct Symbol {
    pub name: String,
    pub kind: Kind,
    /// Where it is declared or defined: the members of an array may be defined one by one.
    pub definitions: Vec<Span>,
    /// Where it stands besides.
    pub uses: Vec<Span>,
    /// Where it can be named: all of a file that sees it, a sub-circuit, or what a comprehension spans.
    pub scope: Span,
}

/// The symbols of a program.
#[derive(Debug, Default)]
pub struct Index {
    pub symbols: Vec<Symbol>,
    /// Every place of every symbol, in the order of the files and of their text.
    places: Vec<(Span, usize)>,
    /// By file: its constants and sub-circuits, and those of the files that it uses.
    shared: Vec<HashMap<String, usize>>,
}

impl Index {
    pub fn of(loaded: &Loaded) -> Index {
        let mut index = Index::default();
        let own: Vec<HashMap<String, usize>> = loaded.asts.iter().map(|ast| index.declared(ast)).collect();
        for (file, uses) in loaded.uses.iter().enumerate() {
            let mut seen = own[file].clone();
            for (used, _) in uses {
                for (name, &symbol) in &own[*used] {
                    seen.entry(name.clone()).or_insert(symbol);
                }
            }
            index.shared.push(seen);
        }
        for (file, ast) in loaded.asts.iter().enumerate() {
            let shared = index.shared[file].clone();
            File {
                index: &mut index,
                shared: &shared,
                signals: HashMap::new(),
                layers: HashMap::new(),
                loops: Vec::new(),
            }
            .read(ast);
        }
        for (idx, symbol) in index.symbols.iter().enumerate() {
            index.places.extend(symbol.definitions.iter().chain(&symbol.uses).map(|&span| (span, idx)));
        }
        index.places.sort_unstable();
        index
    }

    /// The symbol at a byte of a file, or just behind it, and its place there.
    pub fn at(&self, file: FileId, offset: u32) -> Option<(&Symbol, Span)> {
        let behind = self.places.partition_point(|(span, _)| (span.file, span.start) <= (file, offset));
        let (span, symbol) = *self.places[..behind].last()?;
        (span.file == file && offset <= span.end).then(|| (&self.symbols[symbol], span))
    }

    /// The symbols that can be named at a byte of a file.
    pub fn seen_from(&self, file: FileId, offset: u32) -> impl Iterator<Item = &Symbol> {
        let used = self.shared.get(file.0 as usize).into_iter().flat_map(HashMap::values);
        let used: Vec<usize> = used.copied().collect();
        self.symbols.iter().enumerate().filter_map(move |(idx, symbol)| {
            let Span { file: of, start, end } = symbol.scope;
            (used.contains(&idx) || of == file && (start..=end).contains(&offset)).then_some(symbol)
        })
    }

    fn add(&mut self, name: &Name, kind: Kind, scope: Span) -> usize {
        let (definitions, uses) = (vec![name.span], Vec::new());
        self.symbols.push(Symbol { name: name.text.clone(), kind, definitions, uses, scope });
        self.symbols.len() - 1
    }

    /// The constants and sub-circuits that a file declares.
    fn declared(&mut self, ast: &Ast) -> HashMap<String, usize> {
        let mut found = HashMap::new();
        for item in &ast.items {
            let (name, kind) = match item {
                Item::Const { name, .. } => (name, Kind::Constant),
                Item::SubCircuit(circuit) => (&circuit.name, Kind::SubCircuit),
                _ => continue,
            };
            match found.get(&name.text) {
                Some(&first) => self.define(first, name.span),
                None => {
                    found.insert(name.text.clone(), self.add(name, kind, whole(ast.file)));
                }
            }
        }
        found
    }

    fn define(&mut self, symbol: usize, span: Span) {
        self.symbols[symbol].definitions.push(span);
    }
}

fn whole(file: FileId) -> Span {
    Span { file, start: 0, end: u32::MAX }
}

/// A file while its names are looked up.
struct File<'i> {
    index: &'i mut Index,
    shared: &'i HashMap<String, usize>,
    /// Features and gates, or within a sub-circuit its parameters, results and gates.
    signals: HashMap<String, usize>,
    layers: HashMap<String, usize>,
    /// Loop variables, the innermost last.
    loops: Vec<(String, usize)>,
}

impl File<'_> {
    fn read(mut self, ast: &Ast) {
        let scope = whole(ast.file);
        for item in &ast.items {
            match item {
                Item::Feature { declared, .. } => {
                    declared.iter().for_each(|declared| self.signal(&declared.name, Kind::Feature, scope));
                }
                Item::Definition(definition) => self.targets(definition, scope),
                Item::Layer { name, body, .. } => {
                    let symbol = self.index.add(name, Kind::Layer, scope);
                    self.layers.entry(name.text.clone()).or_insert(symbol);
                    body.iter().for_each(|definition| self.targets(definition, scope));
                }
                Item::Head(head) => {
                    self.index.add(&head.name, Kind::Head, scope);
                }
                _ => {}
            }
        }
        ast.items.iter().for_each(|item| self.item(item));
    }

    /// A signal, or another definition of one.
    fn signal(&mut self, name: &Name, kind: Kind, scope: Span) {
        match self.signals.get(&name.text) {
            Some(&known) => self.index.define(known, name.span),
            None => {
                let symbol = self.index.add(name, kind, scope);
                self.signals.insert(name.text.clone(), symbol);
            }
        }
    }

    fn targets(&mut self, definition: &Definition, scope: Span) {
        definition.targets.iter().for_each(|target| self.signal(&target.name, Kind::Gate, scope));
    }

    fn used(&mut self, symbol: Option<usize>, name: &Name) {
        if let Some(symbol) = symbol {
            self.index.symbols[symbol].uses.push(name.span);
        }
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Circuit { .. } | Item::Use { .. } => {}
            Item::Const { value, .. } => self.expr(value),
            Item::Feature { declared, .. } => self.dimensions(declared),
            Item::Sample { clauses, .. } => clauses.iter().for_each(|clause| self.clause(clause)),
            Item::SubCircuit(circuit) => self.sub_circuit(circuit),
            Item::Layer { body, .. } => body.iter().for_each(|definition| self.definition(definition)),
            Item::Definition(definition) => self.definition(definition),
            Item::Output { signals, .. } => signals.iter().for_each(|signal| self.reference(signal)),
            Item::Network { settings, .. } => settings.iter().for_each(|setting| self.setting(setting)),
            Item::Require { requirements, .. } => {
                requirements.iter().for_each(|requirement| self.requirement(requirement));
            }
            Item::Head(head) => {
                self.expr(&head.rank);
                self.expr(&head.tokens);
                for matched in &head.matches {
                    self.within(matched.comprehension.as_ref(), matched.span, |file| {
                        file.reference(&matched.key);
                        file.reference(&matched.query);
                    });
                }
            }
        }
    }

    fn dimensions(&mut self, declared: &[Declared]) {
        declared.iter().flat_map(|declared| &declared.dimensions).for_each(|length| self.expr(length));
    }

    fn sub_circuit(&mut self, circuit: &SubCircuit) {
        let outside = std::mem::take(&mut self.signals);
        for (declared, kind) in [(&circuit.parameters, Kind::Parameter), (&circuit.results, Kind::Result)] {
            declared.iter().for_each(|declared| self.signal(&declared.name, kind, circuit.span));
            self.dimensions(declared);
        }
        circuit.body.iter().for_each(|definition| self.targets(definition, circuit.span));
        circuit.body.iter().for_each(|definition| self.definition(definition));
        self.signals = outside;
    }

    fn definition(&mut self, definition: &Definition) {
        self.within(definition.comprehension.as_ref(), definition.span, |file| {
            definition.targets.iter().for_each(|target| file.indices(target));
            file.formula(&definition.value);
        });
    }

    /// What a comprehension binds can be named in what stands before it, and in its own later ranges and guard.
    fn within(&mut self, comprehension: Option<&Comprehension>, span: Span, inner: impl FnOnce(&mut Self)) {
        let n_outside = self.loops.len();
        if let Some(comprehension) = comprehension {
            for binding in &comprehension.bindings {
                self.range(&binding.range);
                let symbol = self.index.add(&binding.name, Kind::Variable, span);
                self.loops.push((binding.name.text.clone(), symbol));
            }
            comprehension.guard.iter().for_each(|guard| self.condition(guard));
        }
        inner(self);
        self.loops.truncate(n_outside);
    }

    fn formula(&mut self, formula: &Formula) {
        match formula {
            Formula::Signal(reference) => self.reference(reference),
            Formula::Not { inner, .. } | Formula::Group { inner, .. } => self.formula(inner),
            Formula::Chain { operands, .. } => operands.iter().for_each(|operand| self.formula(operand)),
            Formula::Call(Call { name, count, arguments, .. }) => {
                self.used(self.shared.get(&name.text).copied(), name);
                count.iter().for_each(|count| self.expr(count));
                for Argument { value, comprehension, span } in arguments {
                    self.within(comprehension.as_ref(), *span, |file| file.formula(value));
                }
            }
        }
    }

    fn reference(&mut self, reference: &Reference) {
        self.used(self.signals.get(&reference.name.text).copied(), &reference.name);
        self.indices(reference);
    }

    fn indices(&mut self, reference: &Reference) {
        for index in &reference.indices {
            match index {
                MemberIndex::At(expr) => self.expr(expr),
                MemberIndex::Slice(range) => self.range(range),
            }
        }
    }

    fn range(&mut self, range: &Range) {
        self.expr(&range.start);
        self.expr(&range.end);
    }

    fn expr(&mut self, expr: &Expr) {
        match expr {
            Expr::Integer { .. } => {}
            Expr::Name(name) => {
                let variable = self.loops.iter().rev().find(|(known, _)| *known == name.text);
                let symbol = variable.map(|(_, symbol)| symbol).or_else(|| self.shared.get(&name.text));
                self.used(symbol.copied(), name);
            }
            Expr::Negate { inner, .. } | Expr::Group { inner, .. } => self.expr(inner),
            Expr::Binary { left, right, .. } => {
                self.expr(left);
                self.expr(right);
            }
        }
    }

    fn condition(&mut self, condition: &Condition) {
        match condition {
            Condition::Compare { left, right, .. } => {
                self.expr(left);
                self.expr(right);
            }
            Condition::And { left, right, .. } | Condition::Or { left, right, .. } => {
                self.condition(left);
                self.condition(right);
            }
            Condition::Not { inner, .. } | Condition::Group { inner, .. } => self.condition(inner),
        }
    }

    fn clause(&mut self, clause: &Clause) {
        match clause {
            Clause::Choose { count, of, .. } => {
                match count {
                    Count::Exactly(expr) => self.expr(expr),
                    Count::Between(range) => self.range(range),
                }
                of.iter().for_each(|reference| self.reference(reference));
            }
            Clause::Each { of, .. } | Clause::OneOf { of, .. } => {
                of.iter().for_each(|reference| self.reference(reference));
            }
            Clause::Plant { .. } | Clause::From { .. } => {}
        }
    }

    fn setting(&mut self, setting: &Setting) {
        match setting {
            Setting::Width { layer, width, .. } => {
                if let Some(layer) = layer {
                    self.used(self.layers.get(&layer.text).copied(), layer);
                }
                if let WidthSetting::Neurons(expr) = width {
                    self.expr(expr);
                }
            }
            Setting::Number { value, .. } => self.expr(value),
            Setting::Choice { .. } | Setting::Words { .. } => {}
            Setting::Store { of, dimensions, .. } => {
                of.iter().for_each(|reference| self.reference(reference));
                self.expr(dimensions);
            }
            Setting::Stream { dimensions, .. } => self.expr(dimensions),
            Setting::Correct { after, .. } => self.used(self.layers.get(&after.text).copied(), after),
        }
    }

    fn requirement(&mut self, requirement: &Requirement) {
        let metric = match requirement {
            Requirement::Bound { metric, .. } => Some(metric),
            Requirement::Proved { metric, .. } => metric.as_ref(),
        };
        if let Some(MetricArgument::Gates(reference)) = metric.and_then(|metric| metric.of.as_ref()) {
            self.reference(reference);
        }
    }
}
