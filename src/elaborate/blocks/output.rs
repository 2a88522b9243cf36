//! The `output` statements: gates by name, each once.

use std::collections::HashSet;

use super::named::named_signals;
use crate::elaborate::expand::Expansion;
use crate::elaborate::limits::Limits;
use crate::elaborate::problems::{self, Problems};
use crate::elaborate::resolved::Resolved;
use crate::syntax::ast::{Ast, Item};

/// The gates, as made, that the `output` statements name; `None` when there is no such statement.
pub(crate) fn outputs(
    plan: &Resolved<'_>,
    expansion: &Expansion,
    main: &Ast,
    limits: &Limits,
    problems: &mut Problems,
) -> Option<Vec<u32>> {
    let mut gates: Option<Vec<u32>> = None;
    let mut enough = 1 << 16;
    let mut n_named = 0;
    let mut named_whole: HashSet<&str> = HashSet::new();
    for item in &main.items {
        let Item::Output { signals, .. } = item else { continue };
        let gates = gates.get_or_insert_default();
        for reference in signals {
            if named_whole.contains(reference.name.text.as_str()) && reference.indices.is_empty() {
                continue;
            }
            let Some(named) = named_signals(plan, expansion, reference, problems) else { continue };
            if named.is_feature {
                problems.report(problems::output_feature(reference.span, &reference.name.text));
                continue;
            }
            if reference.indices.is_empty() {
                named_whole.insert(&reference.name.text);
            }
            n_named += named.signals.len() as u64;
            if n_named > limits.max_operands {
                problems.report(problems::too_many_operands(reference.span, limits.max_operands));
                return Some(std::mem::take(gates));
            }
            gates.extend(named.signals.iter().map(|signal| signal - expansion.n_features));
            if gates.len() > enough {
                // The same array may be named again and again.
                gates.sort_unstable();
                gates.dedup();
                enough = (2 * gates.len()).max(1 << 16);
            }
        }
    }
    gates
}
