//! Room for a construction: widths with which every layer can be wired.
//!
//! Must not know what read-offs are solved for.

use super::compilation::Compilation;
use super::construct::{Site, join, unshared_width};
use super::error::Error;
use crate::diagnostic::Diagnostic;
use crate::network::Layer;
use crate::program::Level;

/// Beyond so many times a neuron for each bend there is no room to be found.
const SPARE: usize = 8;

/// The widths of the plan, doubled layer by layer until each can be wired. `None` if that leads nowhere.
pub fn widths(compilation: &Compilation) -> Option<Vec<usize>> {
    let Compilation { plan, tasks, stream, embedding, .. } = compilation;
    let mut below: Vec<Layer> = Vec::with_capacity(tasks.len());
    for (task, &planned) in tasks.iter().zip(&plan.widths) {
        let most = planned.max(SPARE * unshared_width(task));
        let mut n = planned;
        let layer = loop {
            let (stream, embedding) = (stream.as_ref(), embedding.as_ref());
            let site = Site { task, n, below: &below, stream, embedding, is_frequent: &[] };
            let wiring = match plan.level {
                Level::Published => plan.construction.published(task),
                Level::Solved | Level::Fitted => {
                    let ladder = plan.construction.ladder(task, n);
                    ladder.rungs.into_iter().nth(ladder.first)?
                }
            };
            let code = wiring.wire(&site, &mut compilation.wiring_stream(task));
            let is_missed = |can_be_solved: bool| plan.level == Level::Published || !can_be_solved;
            if code.missing.iter().all(|missing| !is_missed(missing.can_be_solved)) {
                break join(&site, code);
            }
            n *= 2;
            if n > most {
                return None;
            }
        };
        below.push(compilation.placed(task, layer));
    }
    Some(below.iter().map(Layer::width).collect())
}

/// Says which widths do, once for each gate that has no room.
pub fn explained(compilation: &Compilation, problems: Vec<Diagnostic>) -> Error {
    let Some(widths) = widths(compilation) else { return Error::TooNarrow(problems) };
    let layers = compilation.circuit.layers.iter().zip(&widths).zip(&compilation.plan.widths);
    let wider = layers.filter(|((_, n), planned)| n > planned);
    let options: Vec<String> = wider.map(|((layer, n), _)| format!("--width {}={n}", layer.name)).collect();
    let help = match &options[..] {
        [option] => format!("give the layer more neurons: `{option}`"),
        _ => format!("give the layers more neurons: `{}`", options.join(" ")),
    };
    let mut explained: Vec<Diagnostic> = Vec::new();
    for problem in problems {
        if explained.iter().all(|known| (known.span, &known.headline) != (problem.span, &problem.headline)) {
            explained.push(if options.is_empty() { problem } else { problem.help(&help[..]) });
        }
    }
    Error::TooNarrow(explained)
}
