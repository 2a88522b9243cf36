//! What draws work in. Must not know what is drawn.

/// Memory that draws reuse.
#[derive(Debug, Clone, Default)]
pub(super) struct Scratch {
    /// Members that are chosen, and such as are decided before, ascending.
    pub drawn: Vec<u32>,
    pub excluded: Vec<u32>,
    /// None is set between draws.
    pub bits: Vec<u64>,
}
