//! Positions, places and names, as editors have them and as `ide` has them.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use lsp_types::{CompletionItemKind, Position, PositionEncodingKind, Range, SymbolKind, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use superpose::ide::{Kind, What};

/// What a column counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    /// What every editor has.
    Utf16,
}

impl Encoding {
    /// The first of those that an editor offers which is one of bytes, and else what all have.
    pub fn of(offered: Option<&[PositionEncodingKind]>) -> Encoding {
        let has_bytes = offered.is_some_and(|all| all.contains(&PositionEncodingKind::UTF8));
        if has_bytes { Encoding::Utf8 } else { Encoding::Utf16 }
    }

    pub fn kind(self) -> PositionEncodingKind {
        match self {
            Encoding::Utf8 => PositionEncodingKind::UTF8,
            Encoding::Utf16 => PositionEncodingKind::UTF16,
        }
    }

    fn columns(self, text: &str) -> u32 {
        match self {
            Encoding::Utf8 => text.len() as u32,
            Encoding::Utf16 => text.encode_utf16().count() as u32,
        }
    }

    /// Where a byte of a text is; the end for one behind it.
    pub fn position(self, text: &str, offset: u32) -> Position {
        let mut offset = (offset as usize).min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let before = &text[..offset];
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.bytes().filter(|&byte| byte == b'\n').count();
        Position { line: line as u32, character: self.columns(&before[start..]) }
    }

    pub fn range(self, text: &str, start: u32, end: u32) -> Range {
        Range { start: self.position(text, start), end: self.position(text, end) }
    }

    /// The byte at a position; the end of the line, or of the text, for one behind it.
    pub fn offset(self, text: &str, position: Position) -> u32 {
        let mut start = 0;
        for _ in 0..position.line {
            match text[start..].find('\n') {
                Some(newline) => start += newline + 1,
                None => return text.len() as u32,
            }
        }
        let line = text[start..].split('\n').next().unwrap_or_default();
        let mut column = 0;
        for (at, letter) in line.char_indices() {
            if column >= position.character {
                return (start + at) as u32;
            }
            column += match self {
                Encoding::Utf8 => letter.len_utf8() as u32,
                Encoding::Utf16 => letter.len_utf16() as u32,
            };
        }
        (start + line.len()) as u32
    }
}

/// What stands as it is in the path of a URI.
const OF_PATHS: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The path of a file, or the whole name of what is none.
pub fn name_of(uri: &Uri) -> String {
    let text = uri.as_str();
    let Some(rest) = text.strip_prefix("file://") else { return text.to_owned() };
    let path = rest.find('/').map_or("", |host| &rest[host..]);
    let path = percent_decode_str(path).decode_utf8_lossy().into_owned();
    // `/C:/x`
    let has_drive = path.len() > 2 && path.as_bytes()[2] == b':' && path.as_bytes()[1].is_ascii_alphabetic();
    if has_drive { path[1..].to_owned() } else { path }
}

/// The same backwards.
pub fn uri_of(name: &str) -> Option<Uri> {
    let path = name.replace('\\', "/");
    let is_path = path.starts_with('/') || path.as_bytes().get(1) == Some(&b':');
    let text = match is_path {
        true => {
            format!("file://{}{}", if path.starts_with('/') { "" } else { "/" }, utf8_percent_encode(&path, OF_PATHS))
        }
        false => name.to_owned(),
    };
    Uri::from_str(&text).ok()
}

pub fn symbol_kind(kind: Kind) -> SymbolKind {
    match kind {
        Kind::Constant => SymbolKind::CONSTANT,
        Kind::Feature => SymbolKind::FIELD,
        Kind::Gate | Kind::Result => SymbolKind::VARIABLE,
        Kind::SubCircuit => SymbolKind::FUNCTION,
        Kind::Parameter | Kind::Variable => SymbolKind::VARIABLE,
        Kind::Layer => SymbolKind::NAMESPACE,
        Kind::Head => SymbolKind::OBJECT,
    }
}

pub fn completion_kind(what: What) -> CompletionItemKind {
    match what {
        What::Word => CompletionItemKind::KEYWORD,
        What::Function | What::Name(Kind::SubCircuit) => CompletionItemKind::FUNCTION,
        What::Choice => CompletionItemKind::ENUM_MEMBER,
        What::Name(Kind::Constant) => CompletionItemKind::CONSTANT,
        What::Name(Kind::Feature) => CompletionItemKind::FIELD,
        What::Name(Kind::Layer) => CompletionItemKind::MODULE,
        What::Name(_) => CompletionItemKind::VARIABLE,
    }
}

/// More circuits than this are not looked through for a name.
const MOST_FILES: usize = 2000;

/// The circuits below a folder, but for hidden and built ones.
pub fn circuits_below(folder: &Path) -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(folder) else { continue };
        for path in entries.flatten().map(|entry| entry.path()) {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let is_left_out = name.starts_with('.') || ["target", "node_modules"].contains(&name.as_str());
            match path.symlink_metadata() {
                Ok(data) if data.is_dir() && !is_left_out => folders.push(path),
                Ok(data) if data.is_file() && name.ends_with(".circ") => found.push(path),
                _ => {}
            }
            if found.len() >= MOST_FILES {
                return found;
            }
        }
    }
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_what_the_editor_counts() {
        let text = "a\nε𝜀 = b;\n";
        for (encoding, column) in [(Encoding::Utf8, 6), (Encoding::Utf16, 3)] {
            let position = Position { line: 1, character: column };
            assert_eq!(encoding.position(text, 8), position);
            assert_eq!(encoding.offset(text, position), 8);
            for offset in (0..=text.len()).filter(|&offset| text.is_char_boundary(offset)) {
                assert_eq!(encoding.offset(text, encoding.position(text, offset as u32)), offset as u32);
            }
            assert_eq!(encoding.offset(text, Position { line: 1, character: 99 }), 13);
            assert_eq!(encoding.offset(text, Position { line: 9, character: 0 }), text.len() as u32);
        }
    }

    #[test]
    fn a_path_is_the_same_when_it_comes_back() {
        for name in ["/a/b.circ", "/a b/ε#?.circ", "C:/x/y.circ", "untitled:Untitled-1"] {
            assert_eq!(name_of(&uri_of(name).unwrap()), name, "{:?}", uri_of(name));
        }
    }
}
