//! How large a program may become.

/// How large a program may become. What is beyond is one clear error, counted before anything is expanded.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    pub max_gates: u64,
    /// Turns of all comprehensions together.
    pub max_turns: u64,
    /// Operands of all gates together.
    pub max_operands: u64,
    pub max_features: u64,
    /// How deep calls of sub-circuits may nest.
    pub max_nesting: u32,
    /// Layers.
    pub max_levels: u32,
    /// Signals that layers carry, together.
    pub max_carried: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            max_gates: 10_000_000,
            max_turns: 100_000_000,
            max_operands: 100_000_000,
            max_features: 10_000_000,
            max_nesting: 256,
            max_levels: 10_000,
            max_carried: 20_000_000,
        }
    }
}
