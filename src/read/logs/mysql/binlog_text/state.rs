//! What the events before a place say about those behind it: the default database, which mysqlbinlog
//! writes only where it changes, whose transaction it is, and how far the clock of whoever ran
//! mysqlbinlog was from UTC. The cut gathers it and hands it on with each chunk.

use super::super::ends::Credit;
use super::super::general_log::head::LocalStamp;
use super::body::Body;
use super::head::{Head, Kind};
use crate::time::{StampParser, Timestamp, ZoneTable};

/// Bytes of a database's name that are kept.
const NAME_MAX: usize = 512;
/// Offsets of clocks are multiples of this, in seconds.
const QUARTER_S: i64 = 900;
/// No clock is further from UTC, in seconds.
const OFFSET_MAX_S: i64 = 14 * 3600;

/// What the events before a place say.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub(super) struct State {
    /// How far a literal's end may be looked for.
    pub credit: Credit,
    /// Seconds that the clock was east of UTC, once an event showed it.
    pub utc_offset_s: Option<i32>,
    /// The thread that runs the transaction.
    pub thread_id: Option<u64>,
    /// The default database; empty if not known.
    pub database: Vec<u8>,
}

impl State {
    /// Notes what an event says; `body` of a statement.
    pub fn learn(&mut self, head: &Head<'_>, body: Option<&Body<'_>>) {
        match head.kind() {
            Kind::Statement => self.thread_id = head.number(b"thread_id="),
            Kind::Transaction => self.thread_id = head.number(b"thread_id="),
            Kind::Commit => self.thread_id = None,
            Kind::Annotation | Kind::Other => {}
        }
        let Some(body) = body else { return };
        if let Some(database) = &body.database {
            self.database.clear();
            self.database.extend_from_slice(
                database.get(..database.len().min(NAME_MAX)).unwrap_or_default(),
            );
        }
        if let Some(offset_s) = body.started.and_then(|started| offset(&head.stamp, started)) {
            self.utc_offset_s = Some(offset_s);
        }
    }

    /// As bytes, for [`State::decode`].
    pub fn encode(&self) -> Box<[u8]> {
        let offset_s = self.utc_offset_s.unwrap_or(i32::MIN);
        let thread_id = self.thread_id.unwrap_or(u64::MAX);
        let mut out = Vec::new();
        out.extend_from_slice(&self.credit.0.to_le_bytes());
        out.extend_from_slice(&thread_id.to_le_bytes());
        out.extend_from_slice(&offset_s.to_le_bytes());
        out.extend_from_slice(&self.database);
        out.into_boxed_slice()
    }

    /// From bytes of [`State::encode`]; what nobody wrote says nothing.
    pub fn decode(bytes: &[u8]) -> State {
        let read = || {
            let (credit, rest) = bytes.split_first_chunk()?;
            let (thread_id, rest) = rest.split_first_chunk()?;
            let (offset_s, database) = rest.split_first_chunk()?;
            let thread_id = u64::from_le_bytes(*thread_id);
            let offset_s = i32::from_le_bytes(*offset_s);
            Some(State {
                credit: Credit(u64::from_le_bytes(*credit)),
                utc_offset_s: (offset_s != i32::MIN).then_some(offset_s),
                thread_id: (thread_id != u64::MAX).then_some(thread_id),
                database: database.to_vec(),
            })
        };
        read().unwrap_or_default()
    }
}

/// A stamp as a clock that is no zone's own shows it.
fn as_utc(stamp: &LocalStamp) -> Option<i64> {
    let zones = ZoneTable::default();
    StampParser::new(&zones).parse(stamp).map(|stamp| stamp.time.0.div_euclid(1_000_000))
}

/// How far east of UTC a clock is that shows `stamp` at a time.
fn offset(stamp: &LocalStamp, time: Timestamp) -> Option<i32> {
    let apart_s = as_utc(stamp)? - time.0.div_euclid(1_000_000);
    let is_zone = apart_s % QUARTER_S == 0 && apart_s.abs() <= OFFSET_MAX_S;
    i32::try_from(apart_s).ok().filter(|_| is_zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_clock_and_hands_on_what_it_knows() {
        let head = |kind: &str| format!("#261123 13:43:25 server id 1  end_log_pos 5 \t{kind}\n");
        let mut state = State::default();
        let text = head("Query\tthread_id=9\texec_time=0");
        let body = Body::read(b"use shop/*!*/;\nSET TIMESTAMP=1795437805.5/*!*/;\nBEGIN\n/*!*/;\n");
        state.learn(&Head::read(text.as_bytes()).expect("a head"), Some(&body));
        assert_eq!((state.utc_offset_s, state.thread_id), (Some(3600), Some(9)));
        assert_eq!(state.database, b"shop");
        assert_eq!(State::decode(&state.encode()), state);
        state.learn(&Head::read(head("Xid = 3").as_bytes()).expect("a head"), None);
        assert_eq!(state.thread_id, None);
        assert_eq!(State::decode(&state.encode()), state);
        assert_eq!(State::decode(b"short"), State::default());
    }
}
