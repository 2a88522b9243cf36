//! The metadata, as JSON: all that the tensors do not say. Every format has them under the key `superpose`.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::error::FORMAT;
use crate::network::{Activation, Head, Header, Network, SignalName};

/// The metadata.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Document {
    pub(super) format: u32,
    #[serde(flatten)]
    pub(super) header: Header,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) dictionary: Option<DictionaryDocument>,
    pub(super) layers: Vec<LayerDocument>,
    /// In the order of `heads.{h}`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) heads: Vec<HeadDocument>,
    /// Names of the circuit's files, in the order of `sources.{i}`.
    pub(super) sources: Vec<String>,
    /// The name of the file in `rows`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rows: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct DictionaryDocument {
    pub(super) kind: String,
    pub(super) decoder: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct LayerDocument {
    pub(super) name: String,
    pub(super) n_gates: usize,
    pub(super) signals: Vec<String>,
    /// What its neurons do, where they are no ReLUs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) activation: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct HeadDocument {
    pub(super) name: String,
    pub(super) tokens: u32,
    /// Names of features: [key, query].
    pub(super) matches: Vec<[String; 2]>,
}

impl Document {
    pub(super) fn of(network: &Network) -> Document {
        Document {
            format: FORMAT,
            header: network.header.clone(),
            dictionary: network.dictionary.as_ref().map(|dictionary| DictionaryDocument {
                kind: dictionary.kind.clone(),
                decoder: dictionary.decoder.clone(),
            }),
            layers: network
                .layers
                .iter()
                .map(|layer| LayerDocument {
                    name: layer.name.clone(),
                    n_gates: layer.n_gates(),
                    signals: layer.readoff.signals.iter().map(marked_name).collect(),
                    activation: layer.block.activation().map(|activation| activation.name().to_owned()),
                })
                .collect(),
            heads: network.heads.iter().map(|head| HeadDocument::of(head, &network.header.features)).collect(),
            sources: network.sources.iter().map(|(name, _)| name.clone()).collect(),
            rows: network.rows.as_ref().map(|(name, _)| name.clone()),
        }
    }
}

impl LayerDocument {
    /// `None`: ReLUs.
    ///
    /// # Errors
    /// A name that no activation has.
    pub(super) fn activation(&self) -> Result<Option<Activation>, String> {
        let Some(name) = &self.activation else { return Ok(None) };
        let unknown = || format!("the neurons of layer `{}` are `{name}`, which is nothing known", self.name);
        Activation::named(name).map(Some).ok_or_else(unknown)
    }
}

impl HeadDocument {
    fn of(head: &Head, features: &[String]) -> HeadDocument {
        let named = |&(key, query): &(u32, u32)| [key, query].map(|feature| features[feature as usize].clone());
        HeadDocument { name: head.name.clone(), tokens: head.tokens, matches: head.matches.iter().map(named).collect() }
    }

    /// (key, query), by feature.
    ///
    /// # Errors
    /// A name that no feature has.
    pub(super) fn matches(&self, features: &[String]) -> Result<Vec<(u32, u32)>, String> {
        let places: HashMap<&str, u32> = features.iter().map(String::as_str).zip(0..).collect();
        let place = |name: &String| places.get(name.as_str()).copied().ok_or_else(|| name.clone());
        self.matches.iter().map(|[key, query]| Ok((place(key)?, place(query)?))).collect()
    }
}

pub(super) fn json(document: &impl Serialize) -> String {
    serde_json::to_string(document).expect("strings, numbers and lists are always JSON")
}

/// A name, marked where the stored value is the complement.
fn marked_name(signal: &SignalName) -> String {
    if signal.complemented { format!("!{}", signal.name) } else { signal.name.clone() }
}

/// The other way round.
pub(super) fn signal_name(marked: String) -> SignalName {
    match marked.strip_prefix('!') {
        Some(name) => SignalName { name: name.into(), complemented: true },
        None => SignalName { name: marked, complemented: false },
    }
}
