//! Lines of a stderr log without literals: the prefix stays, the message goes through the mask.

use super::part;
use crate::read::logs::mask::{Masker, WITHHELD};
use crate::read::logs::postgres::prefix::PrefixReader;
use crate::read::logs::postgres::stderr::text_of;
use memchr::memchr;

/// Masks lines with a prefix.
pub(in crate::read::logs::postgres) struct StderrMasker<'f> {
    heads: PrefixReader<'f>,
}

impl<'f> StderrMasker<'f> {
    /// For lines of which this knows the prefix.
    pub fn new(heads: PrefixReader<'f>) -> Self {
        StderrMasker { heads }
    }
}

impl Masker for StderrMasker<'_> {
    fn mask(&mut self, text: &[u8], out: &mut String) {
        let end = memchr(b'\n', text).unwrap_or(text.len());
        let line = text.get(..end).unwrap_or_default();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let Some(head) = self.heads.head(line) else {
            out.push_str(WITHHELD);
            out.push('\n');
            return;
        };
        let (prefix, body) = text.split_at(head.message_at.min(text.len()));
        out.push_str(&String::from_utf8_lossy(prefix));
        let body = body.trim_ascii_end();
        let more = body.split(|b| *b == b'\n').skip(1);
        let tabbed = more.clone().all(|line| matches!(line.first(), None | Some(b'\t' | b'\r')));
        let mut masked = String::with_capacity(body.len());
        part(head.severity, &text_of(body, tabbed), &mut masked);
        for (at, line) in masked.split('\n').enumerate() {
            if at > 0 {
                out.push_str("\n\t");
            }
            out.push_str(line);
        }
        out.push('\n');
    }
}
