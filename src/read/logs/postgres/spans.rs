//! Spans of PostgreSQL's records, whatever carried them: what a complete record says of a statement,
//! for those who want its bytes and not its events.

use super::messages::{self, Message, Subject, translated};
use super::prefix::Severity;
use super::record::Record;
use super::sessions::How;
use crate::model::event::{Said, Says, Sink, Span, SpanDetail, SpanRole, Who};
use crate::read::plans::captured;
use crate::time::Timestamp;

/// Where a record or a line of one stands.
#[derive(Clone, Copy)]
pub(super) struct Stretch<'a> {
    /// Its bytes.
    pub text: &'a [u8],
    /// Where they begin in the chunk's text.
    pub start: usize,
    /// `%c`
    pub session_id: Option<&'a [u8]>,
}

/// Tells of a record.
pub(super) fn record(
    mut record: Record<'_>,
    stretch: Stretch<'_>,
    how: How,
    detail: SpanDetail,
    sink: &mut dyn Sink,
) {
    if how.translated && detail == SpanDetail::Statements {
        translated::into_english(&mut record.message);
    }
    let record = &record;
    let mut tell = |says: Says<'_>| {
        sink.span(&Span {
            time: record.time,
            session: record.session,
            session_id: stretch.session_id,
            who: record.who(),
            says,
            ..Span::at(
                stretch.text,
                stretch.start,
                SpanRole::Record { lines_apart: how.lines_apart },
            )
        });
    };
    if detail != SpanDetail::Statements {
        return tell(Says::Nothing);
    }
    let said = |text, duration_us| Said { text, cut: record.is_cut, duration_us };
    let own = record.statement.as_deref().map(|text| Said { text, cut: false, duration_us: None });
    tell(match messages::classify(record) {
        Message::Timed { duration_us, text, .. } => Says::Ran(said(text, Some(duration_us))),
        Message::Phase { duration_us, text, .. } => Says::Beside(said(text, Some(duration_us))),
        Message::Statement { text, .. } => Says::Began(said(text, None)),
        Message::Bare(duration_us) => Says::Duration(duration_us),
        Message::Plan { duration_us, document } => match captured::read(document) {
            Some(plan) => return tell(Says::Beside(said(&plan.query, Some(duration_us)))),
            None => Says::Nothing,
        },
        Message::Failure(_) => own.map_or(Says::Settled, Says::Ran),
        Message::About(Subject::Received | Subject::Ended) => Says::Settled,
        Message::About(_) | Message::Other => own.map_or(Says::Nothing, Says::Beside),
    });
}

/// A line that belongs to an earlier record of its session.
pub(super) struct AttachedLine<'a> {
    pub severity: Severity,
    pub message: &'a [u8],
    pub time: Option<Timestamp>,
    pub session: u64,
    pub who: Who<'a>,
}

/// Tells of such a line.
pub(super) fn attached(line: &AttachedLine<'_>, stretch: Stretch<'_>, sink: &mut dyn Sink) {
    let said = Said { text: line.message, cut: false, duration_us: None };
    sink.span(&Span {
        time: line.time,
        session: line.session,
        session_id: stretch.session_id,
        who: line.who,
        says: match line.severity {
            Severity::Statement => Says::Beside(said),
            _ => Says::Nothing,
        },
        ..Span::at(stretch.text, stretch.start, SpanRole::Attached)
    });
}
