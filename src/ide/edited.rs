//! Files of which some have other texts.

use std::collections::BTreeMap;
use std::io;

use crate::elaborate::Loader;

pub struct Edited<'l> {
    pub loader: &'l mut dyn Loader,
    /// By the name of a file.
    pub texts: &'l BTreeMap<String, String>,
}

impl Loader for Edited<'_> {
    fn read(&mut self, path: &str) -> io::Result<Vec<u8>> {
        match self.texts.get(path) {
            Some(text) => Ok(text.clone().into_bytes()),
            None => self.loader.read(path),
        }
    }

    fn read_rows(&mut self, path: &str) -> io::Result<Vec<u8>> {
        self.loader.read_rows(path)
    }
}
