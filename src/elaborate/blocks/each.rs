//! The clauses `each` of a `sample` block: turn by turn of their loops, which features are tossed with which
//! probability, and what they hang on.
//!
//! Probabilities are computed in f64, with powers of `libm`, so that they are the same on every machine. Must not toss
//! anything.

use super::named::Turn;
use super::sample::{Reader, zipf};
use crate::circuit::{Child, Clause};
use crate::diagnostic::Span;
use crate::elaborate::features::feature_name;
use crate::elaborate::integer::{Loops, Turns, count_turns};
use crate::elaborate::problems;
use crate::elaborate::scopes::report_fault;
use crate::syntax::ast::{Arithmetic, Bond, Chance, Decimal, Each, Reference};

/// What the turns of a clause have come to.
#[derive(Default)]
struct Tossed {
    features: Vec<u32>,
    probabilities: Vec<f64>,
    children: Vec<Child>,
    /// A clause each.
    groups: Vec<Clause>,
}

/// What a turn hangs on, its names resolved.
enum Hung {
    /// On one feature, or each on one of its own.
    When(Vec<u32>),
    Correlated(f64),
    Nothing,
}

impl Reader<'_, '_> {
    /// The clauses that one `each` is: of groups that are correlated one a turn, else one; without what is wrong.
    pub(super) fn each(&mut self, each: &Each, loops: Option<&Loops>) -> Vec<Clause> {
        let mut tossed = Tossed::default();
        if each.comprehension.is_none() {
            self.turn(each, &Turn::default(), None, &mut tossed);
        } else if let Some(loops) = loops {
            self.turns(each, loops, &mut tossed);
        }
        let Tossed { features, probabilities, children, mut groups } = tossed;
        if !children.is_empty() {
            groups.push(Clause::When { children });
        }
        match probabilities.first() {
            Some(&first) if probabilities.iter().all(|probability| *probability == first) => {
                groups.push(Clause::Each { features, probability: first });
            }
            Some(_) => groups.push(Clause::Coins { features, probabilities }),
            None => {}
        }
        groups
    }

    fn turns(&mut self, each: &Each, loops: &Loops, tossed: &mut Tossed) {
        let most = self.limits.max_turns;
        // A fault is met again, with an example.
        if count_turns(loops, &mut Vec::new(), most).is_ok_and(|(_, n_steps)| n_steps > most) {
            self.problems.report(problems::too_many_turns(each.span, most));
            return;
        }
        let names: Vec<&str> = loops.bindings.iter().map(|binding| &binding.name[..]).collect();
        let (mut turns, mut env) = (Turns::new(Some(loops)), Vec::new());
        for number in 0.. {
            match turns.next(&mut env) {
                Ok(true) => {}
                Ok(false) => return,
                Err(fault) => {
                    report_fault(fault, &Turn { names: &names, env: &env }.example(), self.problems);
                    return;
                }
            }
            if self.turn(each, &Turn { names: &names, env: &env }, Some(number), tossed).is_none() {
                return;
            }
        }
    }

    /// One turn; `None` when a problem was reported.
    fn turn(&mut self, each: &Each, turn: &Turn, number: Option<usize>, tossed: &mut Tossed) -> Option<()> {
        // A number that is no probability does not hide what is wrong with the features.
        let alone = match &each.chance {
            Chance::Number(decimal) => self.probability(decimal),
            _ => None,
        };
        let hung = match &each.bond {
            Some(Bond::When(reference)) => Hung::When(self.parents(reference, turn)?),
            Some(Bond::Correlated(correlation)) => Hung::Correlated(self.correlation(correlation, each)?),
            None => Hung::Nothing,
        };
        let mut features = Vec::new();
        for reference in &each.of {
            let named = self.features(reference, turn);
            features.extend(named.map_or(Vec::new(), |named| named.signals));
        }
        let mut probabilities = Vec::with_capacity(features.len());
        for (place, &feature) in features.iter().enumerate() {
            let probability = match &each.chance {
                Chance::Number(_) => alone,
                chance => self.chance(chance, feature, turn, number.unwrap_or(place)),
            };
            probabilities.push(probability?);
        }
        let first = *probabilities.first()?;
        match hung {
            Hung::Nothing => {
                tossed.features.extend(features);
                tossed.probabilities.extend(probabilities);
            }
            Hung::Correlated(correlation) => {
                tossed.groups.push(Clause::Correlated { features, probability: first, correlation });
            }
            Hung::When(parents) => {
                if parents.len() != 1 && parents.len() != features.len() {
                    let span = each.of[0].span;
                    self.problems.report(problems::parents_for_children(span, parents.len(), features.len()));
                    return None;
                }
                let of = |place: usize| if parents.len() == 1 { parents[0] } else { parents[place] };
                let children = features.iter().zip(probabilities).enumerate();
                tossed.children.extend(children.map(|(place, (&feature, probability))| Child {
                    feature,
                    parent: of(place),
                    probability,
                }));
            }
        }
        Some(())
    }

    /// What features hang on, each of which is drawn before.
    fn parents(&mut self, reference: &Reference, turn: &Turn) -> Option<Vec<u32>> {
        let named = self.named(reference, turn)?;
        let is_open = |feature: &&u32| self.drawn[**feature as usize].is_none();
        if let Some(&feature) = named.signals.iter().find(is_open) {
            let name = feature_name(&self.plan.features, feature);
            self.problems.report(problems::parent_not_drawn(reference.span, &name));
            return None;
        }
        Some(named.signals)
    }

    /// A number from 0 on below 1.
    fn correlation(&mut self, correlation: &Decimal, each: &Each) -> Option<f64> {
        if !(0.0..1.0).contains(&correlation.value) {
            self.problems.report(problems::bad_correlation(correlation.span, &correlation.text));
            return None;
        }
        if each.comprehension.is_none()
            && let Some(span) = place_in(&each.chance)
        {
            self.problems.report(problems::unlike_correlated(span));
            return None;
        }
        Some(correlation.value)
    }

    /// The probability of a feature.
    fn chance(&mut self, chance: &Chance, feature: u32, turn: &Turn, place: usize) -> Option<f64> {
        let value = self.value(chance, turn, Some(place))?;
        if (0.0..=1.0).contains(&value) {
            return Some(value);
        }
        let name = feature_name(&self.plan.features, feature);
        self.problems.report(problems::probability_out_of_range(chance.span(), &name, value, &turn.example()));
        None
    }

    /// The exponent of `weighted zipf(a)`.
    pub(super) fn exponent(&mut self, chance: &Chance) -> Option<f64> {
        const MOST: f64 = 10.0;
        if let Some(span) = place_in(chance) {
            self.problems.report(problems::bad_exponent(span, None, MOST));
            return None;
        }
        let value = self.value(chance, &Turn::default(), None)?;
        if (0.0..=MOST).contains(&value) {
            return Some(value);
        }
        self.problems.report(problems::bad_exponent(chance.span(), Some(value), MOST));
        None
    }

    /// Nesting is bounded by the parser. `None` when a problem was reported.
    fn value(&mut self, chance: &Chance, turn: &Turn, place: Option<usize>) -> Option<f64> {
        Some(match chance {
            Chance::Number(decimal) => decimal.value,
            Chance::Name(name) => turn.value_of(self.plan, name, self.problems)? as f64,
            Chance::Group { inner, .. } => self.value(inner, turn, place)?,
            Chance::Negate { inner, .. } => -self.value(inner, turn, place)?,
            Chance::Zipf { scale, exponent, .. } => {
                let scale = self.value(scale, turn, place);
                let exponent = self.value(exponent, turn, place);
                scale? * zipf(place.unwrap_or(0), exponent?)
            }
            Chance::Binary { operator, left, right, span } => {
                let (left, right) = (self.value(left, turn, place), self.value(right, turn, place));
                let (left, right) = (left?, right?);
                match operator {
                    Arithmetic::Add => left + right,
                    Arithmetic::Subtract => left - right,
                    Arithmetic::Multiply => left * right,
                    _ if right == 0.0 => {
                        self.problems.report(problems::division_by_zero(*span, &turn.example()));
                        return None;
                    }
                    _ => left / right,
                }
            }
        })
    }
}

/// Where a number depends on the place of its feature.
fn place_in(chance: &Chance) -> Option<Span> {
    match chance {
        Chance::Number(_) | Chance::Name(_) => None,
        Chance::Zipf { span, .. } => Some(*span),
        Chance::Negate { inner, .. } | Chance::Group { inner, .. } => place_in(inner),
        Chance::Binary { left, right, .. } => place_in(left).or_else(|| place_in(right)),
    }
}
