//! The `sample` block: which features each clause draws, checked to be disjoint and possible; `each` has the clauses of
//! that word.
//!
//! Must not draw anything: `circuit::inputs::sample` does.

use super::named::{Named, Turn, features_of};
use crate::circuit::inputs::rows::{self, Parsed};
use crate::circuit::{Clause, Distribution, Member, Names, Rows};
use crate::diagnostic::Span;
use crate::elaborate::expand::Expansion;
use crate::elaborate::features::{feature_name, write_feature_names};
use crate::elaborate::files::{RowsFile, RowsFiles};
use crate::elaborate::limits::Limits;
use crate::elaborate::problems::{self, Problems};
use crate::elaborate::resolved::Resolved;
use crate::syntax::ast::{self, Ast, Chance, Count, Decimal, Item, Reference};

/// The distribution of the first file; without a `sample` block nothing.
pub(crate) fn distribution(
    plan: &Resolved<'_>,
    expansion: &Expansion,
    main: &Ast,
    rows: &RowsFiles,
    limits: &Limits,
    problems: &mut Problems,
) -> Distribution {
    let block = main.items.iter().find_map(|item| match item {
        Item::Sample { clauses, .. } => Some(clauses),
        _ => None,
    });
    let Some(clauses) = block else { return Distribution::default() };
    let mut reader = Reader { plan, expansion, limits, problems, drawn: vec![None; plan.n_features as usize] };
    let mut distribution = Distribution::default();
    let mut plant: Option<Span> = None;
    let mut from: Option<Span> = None;
    for (clause, loops) in clauses.iter().zip(&plan.clause_loops) {
        match clause {
            ast::Clause::Choose { count, of, exponent, span } => {
                distribution.clauses.extend(reader.choose(Some(count), of, exponent.as_ref(), *span));
            }
            ast::Clause::OneOf { of, exponent, span } => {
                distribution.clauses.extend(reader.choose(None, of, exponent.as_ref(), *span));
            }
            ast::Clause::Each(each) => distribution.clauses.extend(reader.each(each, loops.as_ref())),
            ast::Clause::Plant { probability, span } => {
                if let Some(first) = plant {
                    reader.problems.report(problems::second_block(*span, "plant", first));
                }
                plant = Some(*span);
                distribution.plant = reader.probability(probability).unwrap_or(0.0);
            }
            ast::Clause::From { path, span } => {
                if let Some(first) = from {
                    reader.problems.report(problems::second_block(*span, "from", first));
                    continue;
                }
                from = Some(*span);
                if let Some(other) = clauses.iter().find(|clause| draws_features(clause)) {
                    reader.problems.report(problems::from_with_clauses(*span, other.span()));
                }
                if let Some(file) = rows.get(&path.text) {
                    distribution.rows = parse_rows(file, plan, reader.problems);
                }
            }
        }
    }
    distribution
}

/// i + 1 to the power −a: what `zipf` makes of place i.
pub(super) fn zipf(place: usize, exponent: f64) -> f64 {
    libm::pow(place as f64 + 1.0, -exponent)
}

/// Whether it says what inputs are made of, as a row does: neither another `from`, nor which of them are planted.
fn draws_features(clause: &ast::Clause) -> bool {
    !matches!(clause, ast::Clause::From { .. } | ast::Clause::Plant { .. })
}

pub(super) struct Reader<'r, 'a> {
    pub plan: &'r Resolved<'a>,
    expansion: &'r Expansion,
    pub limits: &'r Limits,
    pub problems: &'r mut Problems,
    /// Where each feature is drawn.
    pub drawn: Vec<Option<Span>>,
}

impl Reader<'_, '_> {
    /// The features that a reference names, each drawn here for the first time.
    pub fn features(&mut self, reference: &Reference, turn: &Turn) -> Option<Named> {
        let named = self.named(reference, turn)?;
        for &feature in &named.signals {
            if let Some(first) = self.drawn[feature as usize] {
                let name = feature_name(&self.plan.features, feature);
                self.problems.report(problems::overlapping_clauses(reference.span, &name, first));
                return None;
            }
            self.drawn[feature as usize] = Some(reference.span);
        }
        Some(named)
    }

    pub fn named(&mut self, reference: &Reference, turn: &Turn) -> Option<Named> {
        features_of(self.plan, self.expansion, reference, turn, self.problems)
    }

    fn choose(
        &mut self,
        count: Option<&Count>,
        of: &[Reference],
        exponent: Option<&Chance>,
        span: Span,
    ) -> Option<Clause> {
        let mut members: Vec<Member> = Vec::new();
        let mut has_rows = false;
        let mut valid = true;
        for reference in of {
            let Some(named) = self.features(reference, &Turn::default()) else {
                valid = false;
                continue;
            };
            if named.free.len() < 2 {
                members.extend(named.signals.iter().map(|&feature| Member::One(feature)));
                continue;
            }
            // Two dimensions and more are chosen by the first of them.
            has_rows = true;
            let n_rows = named.free[0].1 as usize;
            if named.signals.is_empty() || n_rows == 0 {
                continue;
            }
            for row in named.signals.chunks(named.signals.len() / n_rows) {
                let (first, last) = (row[0], row[row.len() - 1]);
                if (last - first) as usize + 1 != row.len() {
                    self.problems.report(problems::scattered_rows(reference.span));
                    return None;
                }
                members.push(Member::Row(first..last + 1));
            }
        }
        let (first, last) = match count {
            None => (1, 1),
            Some(Count::Exactly(count)) => {
                let count = self.plan.scopes.integer(0, count, self.problems)?;
                (count, count)
            }
            Some(Count::Between(range)) => {
                let first = self.plan.scopes.integer(0, &range.start, self.problems);
                let last = self.plan.scopes.integer(0, &range.end, self.problems);
                let (first, last) = (first?, last?.saturating_sub(!range.inclusive as i64));
                if first > last {
                    self.problems.report(problems::empty_count(range.span));
                    return None;
                }
                (first, last)
            }
        };
        if first < 0 {
            self.problems.report(problems::negative_count(span, first, &[]));
            return None;
        }
        let exponent = match exponent {
            Some(exponent) => Some(self.exponent(exponent)?),
            None => None,
        };
        if !valid {
            return None;
        }
        if last > members.len() as i64 {
            self.problems.report(problems::choose_too_many(span, last, members.len(), has_rows));
            return None;
        }
        let count = first as u32..=last as u32;
        Some(match exponent {
            None => Clause::Choose { members, count },
            Some(exponent) => {
                let weights = (0..members.len()).map(|place| zipf(place, exponent)).collect();
                Clause::Weighted { members, count, weights }
            }
        })
    }

    pub fn probability(&mut self, probability: &Decimal) -> Option<f64> {
        if (0.0..=1.0).contains(&probability.value) {
            return Some(probability.value);
        }
        self.problems.report(problems::bad_probability(probability.span, &probability.text));
        None
    }
}

/// The inputs of a file of rows; problems are reported in its text.
fn parse_rows(file: &RowsFile, plan: &Resolved<'_>, problems: &mut Problems) -> Option<Rows> {
    let mut names = Names::default();
    write_feature_names(&mut names, &plan.features);
    match rows::parse(&file.bytes, &names, names.len()) {
        Ok(Parsed { inputs, warning }) => {
            warning.iter().for_each(|warning| problems.report(warning.diagnostic(file.file)));
            Some(Rows { path: file.name.clone(), bytes: file.bytes.clone(), inputs })
        }
        Err(found) => {
            found.iter().for_each(|problem| problems.report(problem.diagnostic(file.file)));
            None
        }
    }
}
