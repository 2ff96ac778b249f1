//! Records as spans, for those who want their bytes.

use super::deadlock;
use super::messages::{self, sessions};
use super::record::Record;
use crate::model::event::{Said, Says, Sink, Span, SpanDetail, SpanRole, Who, session_of_pid};

/// Tells a record that stands at `start` of the chunk. The thread is the connection's id; 0 is the
/// server's own.
pub(super) fn tell(
    record: &Record<'_>,
    thread: Option<u64>,
    (text, start): (&[u8], usize),
    detail: SpanDetail,
    sink: &mut dyn Sink,
) {
    let of_deadlock = deadlock::role(&record.message)
        .filter(|_| detail == SpanDetail::Statements)
        .and_then(|_| deadlock::first_statement(&record.message));
    let statement = match detail {
        SpanDetail::Statements => of_deadlock.as_deref().or_else(|| messages::statement(record)),
        SpanDetail::Nothing | SpanDetail::Places => None,
    };
    let session = thread.filter(|thread| *thread > 0).map_or(0, session_of_pid);
    let who = sessions::read(&record.message).map_or(Who::default(), |told| told.who);
    let says = statement
        .map_or(Says::Nothing, |text| Says::Beside(Said { text, cut: false, duration_us: None }));
    let span = Span::at(text, start, SpanRole::Record { lines_apart: false });
    sink.span(&Span { time: record.time, session, who, says, ..span });
}
