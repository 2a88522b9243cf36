//! The programs below some paths, and which of them only define what others use.

use std::fs;
use std::path::{Path, PathBuf};

use superpose::diagnostic::{FileId, Severity, SourceFile, Sources};
use superpose::syntax;
use superpose::syntax::ast::Item;

use super::failure::Failure;
use super::read;

/// The `.circ` files below the paths, sorted, each once; what is hidden, and `target`, is not entered.
pub fn below(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let unreadable = |path: &Path, error| read::unreadable(&path.display().to_string(), &error);
    let mut found = Vec::new();
    let mut rest: Vec<PathBuf> = Vec::new();
    for path in paths {
        let metadata = fs::metadata(path).map_err(|error| unreadable(path, error))?;
        if metadata.is_dir() {
            rest.push(path.clone());
        } else {
            found.push(path.clone());
        }
    }
    while let Some(directory) = rest.pop() {
        for entry in fs::read_dir(&directory).map_err(|error| unreadable(&directory, error))? {
            let entry = entry.map_err(|error| unreadable(&directory, error))?;
            let (name, path) = (entry.file_name(), entry.path());
            let Ok(kind) = entry.file_type() else { continue };
            let hidden = name.as_encoded_bytes().starts_with(b".");
            // A pipe might never say anything. What is gone, or may not be seen, is said to be so when it is read.
            let is_file = || fs::metadata(&path).map_or(true, |metadata| metadata.is_file());
            // A link to a directory is not followed: it may lead back.
            if kind.is_dir() && !hidden && name != "target" {
                rest.push(path);
            } else if !kind.is_dir()
                && !hidden
                && path.extension().is_some_and(|extension| extension == "circ")
                && is_file()
            {
                found.push(path);
            }
        }
    }
    let mut found: Vec<PathBuf> = found.iter().map(|path| path.strip_prefix(".").unwrap_or(path).to_owned()).collect();
    found.sort();
    found.dedup();
    if found.is_empty() {
        let searched: Vec<String> = paths.iter().map(|path| format!("`{}`", path.display())).collect();
        return Err(Failure::new(format!("there is no .circ file below {}", searched.join(", ")))
            .help("name a program, or a directory with programs: superpose test examples"));
    }
    Ok(found)
}

/// Whether a file only defines sub-circuits and constants: it has no circuit of its own to evaluate.
pub fn is_library(name: &str, bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let sources = Sources { files: vec![SourceFile { name: name.to_owned(), text: text.to_owned() }] };
    let (ast, diagnostics) = syntax::parse(&sources, FileId(0));
    diagnostics.iter().all(|diagnostic| diagnostic.severity != Severity::Error)
        && ast.items.iter().any(|item| matches!(item, Item::SubCircuit(_) | Item::Const { .. }))
        && ast.items.iter().all(|item| {
            matches!(item, Item::Circuit { .. } | Item::Use { .. } | Item::Const { .. } | Item::SubCircuit(_))
        })
}
