//! Masking whole records in the format they were written in, for people who hand on a piece of a
//! log. What a statement or a message may keep is decided in `lang::literals`; each format only
//! knows where they stand.

use crate::lang::literals::mask_message;

/// Stands for what is withheld.
pub const WITHHELD: &str = "…";

/// Takes the literals out of the records of one source; one per worker, made by
/// [`super::LogReader::masker`].
pub trait Masker {
    /// Appends a record, or a line that belongs to one, without the literals in it: in the same
    /// format, whole lines, a line end behind it. What cannot be understood is withheld.
    fn mask(&mut self, text: &[u8], out: &mut String);
}

/// For formats whose parts nobody tells apart: everything is a message.
pub(super) struct MessageMasker;

impl Masker for MessageMasker {
    fn mask(&mut self, text: &[u8], out: &mut String) {
        let lines = text.split(|b| *b == b'\n').map(|line| line.trim_ascii_end());
        for line in lines.filter(|line| !line.is_empty()) {
            mask_message(line, out);
            out.push('\n');
        }
    }
}

/// Appends a JSON string.
pub(super) fn push_json_string(text: &str, out: &mut String) {
    // A text can always be written as JSON.
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}
