//! What somebody may study of a fit, rather than ask it for a good network: another loss, weights that stay random.
//!
//! Named here because a network says how it was fitted; what it means to the fit is the fit's.

use serde::{Deserialize, Serialize};

/// How a fit differs from what it would do by itself.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Study {
    #[serde(default)]
    pub loss: Loss,
    /// What a read-off that should be 1 weighs in the loss, where one that should be 0 weighs 1.
    #[serde(default = "one")]
    pub weight_on: f32,
    #[serde(default)]
    pub freeze: Freeze,
}

fn one() -> f32 {
    1.0
}

impl Default for Study {
    fn default() -> Study {
        Study { loss: Loss::default(), weight_on: 1.0, freeze: Freeze::default() }
    }
}

impl Study {
    /// Whether the fit does what it does by itself.
    pub fn is_none(&self) -> bool {
        *self == Study::default()
    }

    /// What differs, as it is typed.
    pub fn spelling(&self) -> String {
        let usual = Study::default();
        let differing = [
            (self.freeze != usual.freeze).then(|| format!("--freeze {}", self.freeze.name())),
            (self.loss != usual.loss).then(|| format!("--loss {}", self.loss.name())),
            (self.weight_on != usual.weight_on).then(|| format!("--weight-on {}", self.weight_on)),
        ];
        differing.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

/// What the read-offs are pulled towards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Loss {
    /// Squared hinge beyond a margin.
    #[default]
    Margin,
    /// Squared error: it gives rare gates up.
    L2,
    /// The third power of the error's size.
    L3,
    /// The fourth power of the error.
    L4,
    /// The sixth.
    L6,
}

impl Loss {
    pub const ALL: [Loss; 5] = [Loss::Margin, Loss::L2, Loss::L3, Loss::L4, Loss::L6];

    pub fn name(self) -> &'static str {
        match self {
            Loss::Margin => "margin",
            Loss::L2 => "l2",
            Loss::L3 => "l3",
            Loss::L4 => "l4",
            Loss::L6 => "l6",
        }
    }

    /// In a few words.
    pub fn summary(self) -> &'static str {
        match self {
            Loss::Margin => "squared hinge beyond a margin",
            Loss::L2 => "squared error",
            Loss::L3 => "third power of the error's size",
            Loss::L4 => "fourth power of the error",
            Loss::L6 => "sixth power of the error",
        }
    }
}

/// What stays as the fit found it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Freeze {
    #[default]
    None,
    /// Weights and biases of the first layer.
    First,
    /// Weights of the first layer; its biases are learnt.
    Weights,
}

impl Freeze {
    pub const ALL: [Freeze; 3] = [Freeze::None, Freeze::First, Freeze::Weights];

    pub fn name(self) -> &'static str {
        match self {
            Freeze::None => "none",
            Freeze::First => "first",
            Freeze::Weights => "weights",
        }
    }

    /// In a few words.
    pub fn summary(self) -> &'static str {
        match self {
            Freeze::None => "nothing",
            Freeze::First => "weights and biases of the first layer",
            Freeze::Weights => "weights of the first layer, not its biases",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_written_as_it_is_typed() {
        for loss in Loss::ALL {
            assert_eq!(serde_json::to_string(&loss).unwrap(), format!("\"{}\"", loss.name()));
        }
        for freeze in Freeze::ALL {
            assert_eq!(serde_json::to_string(&freeze).unwrap(), format!("\"{}\"", freeze.name()));
        }
        let usual = serde_json::from_str::<Study>("{}").unwrap();
        assert!(usual.is_none() && usual.spelling().is_empty());
        let study = Study { loss: Loss::L3, weight_on: 2.5, freeze: Freeze::Weights };
        assert_eq!(study.spelling(), "--freeze weights --loss l3 --weight-on 2.5");
        assert_eq!(serde_json::from_str::<Study>(&serde_json::to_string(&study).unwrap()).unwrap(), study);
    }
}
