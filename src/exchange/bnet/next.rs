//! Names of next states, the same both ways.

/// What the next state of a component is called.
pub(super) fn next_of(component: &str) -> String {
    let (base, indices) = component.split_at(component.find('[').unwrap_or(component.len()));
    format!("{base}_next{indices}")
}
