//! Documents without literals: whatever carries them, one line of Extended JSON each, which the
//! format of that text reads.

use super::document::is_profile;
use crate::lang::mongo::{bson, shell};
use crate::read::logs::mask::{Masker, WITHHELD};
use crate::read::logs::mongodb::mask::mask_operation;

/// Masks documents of a text.
pub(super) struct TextMasker;

impl Masker for TextMasker {
    fn mask(&mut self, text: &[u8], out: &mut String) {
        let mut ejson = Vec::new();
        let read = shell::to_ejson(text, &mut ejson);
        if read.end == shell::End::Closed && is_profile(&ejson) {
            mask_operation(&ejson, out);
        } else {
            out.push_str(WITHHELD);
        }
        out.push('\n');
    }
}

/// Masks documents of BSON, and leaves out what stands around them.
pub(super) struct BsonMasker;

impl Masker for BsonMasker {
    fn mask(&mut self, text: &[u8], out: &mut String) {
        let mut ejson = Vec::new();
        if bson::to_ejson(text, &mut ejson).is_ok() && is_profile(&ejson) {
            mask_operation(&ejson, out);
            out.push('\n');
        }
    }
}
