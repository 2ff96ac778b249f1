//! Documents of the log without literals: each as a line of the log, which the formats of lines read.

use super::array::push_line;
use super::reader::answer;
use crate::lang::mongo::shell::{self, End};
use crate::read::logs::mask::{Masker, WITHHELD};
use crate::read::logs::mongodb::log_text::{LineMasker, Years};
use crate::time::ZoneTable;

/// Masks documents, and the lines of answers of `getLog`; one per worker.
pub(super) struct DocumentMasker<'z> {
    lines: LineMasker<'z>,
}

impl<'z> DocumentMasker<'z> {
    /// For lines whose stamps are of these years.
    pub fn new(years: Option<Years>, zones: &'z ZoneTable) -> Self {
        DocumentMasker { lines: LineMasker::new(years, zones) }
    }
}

impl Masker for DocumentMasker<'_> {
    fn mask(&mut self, text: &[u8], out: &mut String) {
        let mut line = Vec::new();
        match text.first() {
            Some(b'"' | b'\'' | b'`') => push_line(text, &mut line),
            Some(b'{') if answer(text, false).is_none() => {
                if shell::to_ejson(text, &mut line).end != End::Closed {
                    return out.push_str(&format!("{WITHHELD}\n"));
                }
            }
            // What stands around the lines of an answer.
            _ => return,
        }
        self.lines.mask(&line, out);
    }
}
