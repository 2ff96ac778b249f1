//! Statements of Redshift's activity log without literals, behind their heads.

use super::{plain, sql};
use crate::read::logs::mask::{Masker, WITHHELD};
use crate::read::logs::postgres::redshift::Head;
use crate::time::{StampParser, ZoneTable};
use memchr::memchr;

/// Masks statements behind heads.
pub(in crate::read::logs::postgres) struct RedshiftMasker<'z> {
    stamps: StampParser<'z>,
}

impl<'z> RedshiftMasker<'z> {
    /// For a log whose times are of these zones.
    pub fn new(zones: &'z ZoneTable) -> Self {
        RedshiftMasker { stamps: StampParser::new(zones) }
    }
}

impl Masker for RedshiftMasker<'_> {
    fn mask(&mut self, text: &[u8], out: &mut String) {
        let line = text.get(..memchr(b'\n', text).unwrap_or(text.len())).unwrap_or_default();
        match Head::read(line, &mut self.stamps).and_then(|h| text.split_at_checked(h.text_at)) {
            Some((head, statement)) => {
                plain(head, out);
                sql(statement.trim_ascii_end(), out);
            }
            None => out.push_str(WITHHELD),
        }
        out.push('\n');
    }
}
