//! PgBouncer's lines for those who want their bytes: as spans, and without the literals in them.

use super::{Line, Peer, stats};
use crate::lang::literals::mask_message;
use crate::model::event::{Span, SpanRole, Who, session_of_id};
use crate::read::logs::mask::{Masker, WITHHELD};
use crate::time::{StampParser, Timestamp, ZoneTable};

/// A line as a span.
pub(super) fn span_of<'a>(
    line: &Line<'a>,
    time: Option<Timestamp>,
    (text, start): (&'a [u8], usize),
) -> Span<'a> {
    let peer = Peer::read(line.message);
    Span {
        time,
        session: peer.as_ref().map_or(0, |peer| session_of_id(peer.id)),
        session_id: peer.as_ref().map(|peer| peer.id),
        who: peer.map_or(Who::default(), |peer| peer.who),
        ..Span::at(text, start, SpanRole::Record { lines_apart: false })
    }
}

/// Masks lines: what is known of the peer stays, and so do averages.
pub(super) struct LineMasker<'z> {
    stamps: StampParser<'z>,
}

impl<'z> LineMasker<'z> {
    /// For a log whose times are of these zones.
    pub fn new(zones: &'z ZoneTable) -> Self {
        LineMasker { stamps: StampParser::new(zones) }
    }
}

impl Masker for LineMasker<'_> {
    fn mask(&mut self, text: &[u8], out: &mut String) {
        let Some(line) = Line::read(text, &mut self.stamps) else {
            return out.push_str(&format!("{WITHHELD}\n"));
        };
        let says = match stats(line.message) {
            Some(_) => &[],
            None => Peer::read(line.message).map_or(line.message, |peer| peer.says),
        };
        let head = text.get(..text.len() - says.len()).unwrap_or_default();
        out.push_str(&String::from_utf8_lossy(head));
        mask_message(says, out);
        out.push('\n');
    }
}
