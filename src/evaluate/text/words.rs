//! What the words of a report mean, a line each.
//!
//! Must not know where they stand.

/// By label, or header of a column; in the order in which they are explained.
pub const WORDS: &[(&str, &str)] = &[
    ("read-off", "what is read of a gate, or of what is carried, above its layer"),
    ("bending", "share of neurons awake on some inputs, asleep on over 1 %"),
    ("without ReLU", "all ReLUs left out, each read-off refitted to what is left"),
    ("rare gates", "on, or off, too seldom in plain inputs to be judged by them"),
    ("carried", "signals passed on for layers above; they count in no figure"),
    ("wrong", "inputs on which a gate is on the wrong side of its threshold"),
    ("missed", "of the inputs on which a gate is on, the share read as off"),
    ("false on", "of the inputs on which it is off, the share read as on"),
    ("error max", "the farthest that a read-off is from the truth, 0 or 1"),
    ("error rms", "the root of the mean square of the same"),
    ("margin", "lowest read-off when on, less the highest when off"),
    ("threshold", "a read-off above it is on"),
    ("on", "stored features that a token has on, on average"),
    ("score rms", "the root of the mean square of score less matches, over keys"),
    ("by formula", "sqrt(on of keys · on of queries · matches / (rank · of)): noise at -O0"),
    ("spread", "root mean square of right keys' scores less their mean"),
    ("operands on", "of what a gate reads, how much is on"),
];
