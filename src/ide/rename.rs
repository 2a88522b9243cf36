//! All places of a name, in every program that knows it, and the same programs with another name there.
//!
//! Must not know where programs lie.

use std::collections::{BTreeMap, BTreeSet};

use super::edited::Edited;
use super::index::{Kind, Symbol};
use super::view::View;
use crate::elaborate::Loader;
use crate::syntax::spot::is_name;

/// By file, the bytes at which a name stands.
pub type Places = BTreeMap<String, BTreeSet<(u32, u32)>>;

/// What the same name is in every program: the file that gives it its meaning, and where.
type Origin = (String, u32, Kind);

fn origin(view: &View, symbol: &Symbol) -> Option<Origin> {
    let first = symbol.definitions.first()?;
    let file = view.loaded.sources.files.get(first.file.0 as usize)?;
    Some((file.name.clone(), first.start, symbol.kind))
}

fn places_in(view: &View, symbol: &Symbol, into: &mut Places) {
    for span in symbol.definitions.iter().chain(&symbol.uses) {
        if let Some(file) = view.loaded.sources.files.get(span.file.0 as usize) {
            into.entry(file.name.clone()).or_default().insert((span.start, span.end));
        }
    }
}

fn of_origin<'v>(view: &'v View, wanted: &Origin) -> Option<&'v Symbol> {
    view.index.symbols.iter().find(|symbol| origin(view, symbol).as_ref() == Some(wanted))
}

/// Where a symbol of a view stands, in it and in others.
pub fn places<'v>(view: &View, symbol: &Symbol, others: impl IntoIterator<Item = &'v View>) -> Places {
    let mut found = Places::new();
    places_in(view, symbol, &mut found);
    let Some(wanted) = origin(view, symbol) else { return found };
    for other in others {
        if let Some(same) = of_origin(other, &wanted) {
            places_in(other, same, &mut found);
        }
    }
    found
}

/// The places at which another name is to be written.
///
/// # Errors
/// Where programs would not be the same ones with it, in words.
pub fn rename(
    view: &View,
    symbol: &Symbol,
    name: &str,
    others: &[View],
    loader: &mut dyn Loader,
) -> Result<Places, String> {
    if !is_name(name) {
        return Err(format!(
            "`{}` is no name: letters a to z, digits and `_`, and no word of the language",
            crate::text::shown(name)
        ));
    }
    let before = places(view, symbol, others);
    let all = || [view].into_iter().chain(others);
    // What stands in a file of another tool has the name that was made of its own there.
    let is_written = |(file, places): (&String, &BTreeSet<(u32, u32)>)| {
        let source = all().flat_map(|view| &view.loaded.sources.files).find(|source| source.name == *file);
        let text = source.map_or("", |source| source.text.as_str());
        places.iter().all(|&(start, end)| text.get(start as usize..end as usize) == Some(&symbol.name))
    };
    if !before.iter().all(is_written) {
        return Err(format!("`{}` is a name of a file of another tool: change it there", symbol.name));
    }
    let mut texts = BTreeMap::new();
    for (file, spans) in &before {
        let source = all().flat_map(|view| &view.loaded.sources.files).find(|source| source.name == *file);
        let mut text = source.map_or(String::new(), |source| source.text.clone());
        for &(start, end) in spans.iter().rev() {
            text.replace_range(start as usize..end as usize, name);
        }
        texts.insert(file.clone(), text);
    }
    for view in all() {
        let files = &view.loaded.sources.files;
        if !files.iter().any(|file| before.contains_key(&file.name)) {
            continue;
        }
        let after = View::of(&files[0].name, &mut Edited { loader: &mut *loader, texts: &texts });
        let taken = || format!("`{name}` means something else here: choose another name");
        if after.n_problems() != view.n_problems() {
            return Err(taken());
        }
        if shape(&after) != shape(view) {
            return Err(taken());
        }
    }
    Ok(before)
}

/// How often each name stands, in the order in which they do.
fn shape(view: &View) -> Vec<(Kind, usize, usize)> {
    view.index.symbols.iter().map(|symbol| (symbol.kind, symbol.definitions.len(), symbol.uses.len())).collect()
}
