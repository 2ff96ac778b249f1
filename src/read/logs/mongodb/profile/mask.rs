//! Documents without literals: whatever carries them, one line of Extended JSON each, which the
//! format of that text reads.

use super::document;
use crate::lang::mongo::{bson, shell};
use crate::read::logs::mask::{Masker, WITHHELD};
use crate::read::logs::mongodb::mask::mask_operation;

/// Masks documents of a text.
pub(super) struct TextMasker;

impl Masker for TextMasker {
    fn mask(&mut self, text: &[u8], out: &mut String) {
        let (mut ejson, mut modern) = (Vec::new(), Vec::new());
        let read = shell::to_ejson(text, &mut ejson);
        let whole = Some(&ejson[..]).filter(|_| read.end == shell::End::Closed);
        match whole.and_then(|ejson| document::read(ejson, &mut modern)) {
            Some((document, _)) => mask_operation(document, out),
            None => out.push_str(WITHHELD),
        }
        out.push('\n');
    }
}

/// Masks documents of BSON, and leaves out what stands around them.
pub(super) struct BsonMasker;

impl Masker for BsonMasker {
    fn mask(&mut self, text: &[u8], out: &mut String) {
        let (mut ejson, mut modern) = (Vec::new(), Vec::new());
        if bson::to_ejson(text, &mut ejson).is_err() {
            return;
        }
        if let Some((document, _)) = document::read(&ejson, &mut modern) {
            mask_operation(document, out);
            out.push('\n');
        }
    }
}
