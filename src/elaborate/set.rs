//! Constants that whoever loads a program gives other values, as `--set` does.
//!
//! Must not know what a constant is used for.

use super::problems::{self, Problems};
use crate::diagnostic::{Span, suggest};
use crate::syntax::ast::{Ast, Expr, Item};

/// The file as if it said these values; each name is one that it defines itself.
pub(crate) fn set(ast: &mut Ast, values: &[(String, i64)], problems: &mut Problems) {
    for (wanted, number) in values {
        let mut is_there = false;
        for item in &mut ast.items {
            if let Item::Const { name, value, .. } = item
                && name.text == *wanted
            {
                *value = Expr::Integer { value: *number, span: name.span };
                is_there = true;
            }
        }
        if !is_there {
            let known = ast.items.iter().filter_map(|item| match item {
                Item::Const { name, .. } => Some(name.text.as_str()),
                _ => None,
            });
            problems.report(problems::unknown_constant(Span::NOWHERE, wanted, suggest(wanted, known)));
        }
    }
}
