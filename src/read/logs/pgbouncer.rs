//! PgBouncer's log, of every generation.
//!
//! A pooler's clients are not the server's sessions, and its averages are not the server's queries:
//! a log of PgBouncer beside one of PostgreSQL is another view of the same work. So its inputs are a
//! server of their own, named in the label, and nothing is added up.
//!
//! Client lines (`C-…`) tell logins, ends and refusals; server lines (`S-…`) are the pooler's own
//! connections and tell nothing about clients. Stats lines are read by the names of their units,
//! since every generation has others.

mod spans;

use super::text::without_port;
use crate::model::event::{
    Engine, Event, Kind, Level, LogMessage, PoolStats, Refusal, SessionStep, Sink, SpanDetail,
    Topic, Who,
};
use crate::read::input::{Cut, LineCut, Sample};
use crate::read::logs::mask::Masker;
use crate::read::logs::segment::{NothingWaits, Reading, Segment};
use crate::read::logs::{ChunkText, FormatMeta, LogFormat, LogReader};
use crate::read::options::ReadOptions;
use crate::time::{StampParser, Timestamp, ZoneTable};
use memchr::{memchr, memmem};
use spans::{LineMasker, span_of};
use std::borrow::Cow;
use std::sync::Arc;

static META: FormatMeta = FormatMeta {
    name: "pgbouncer",
    engine: Engine::Postgres,
    title: "PgBouncer log",
    samples: &[
        "2026-11-23 10:00:00.101 CET [4321] LOG stats: 12 xacts/s, 34 queries/s, in 560 B/s, out 780 B/s, xact 1200 us, query 340 us, wait 5 us\n2026-11-23 10:00:01.000 CET [4321] LOG C-0x55d0c0ffee00: shop/app@10.0.0.7:51034 login attempt: db=shop user=app tls=no\n",
        "2018-09-11 05:28:39.211 12345 LOG Stats: 0 req/s, in 0 b/s, out 0 b/s,query 0 us\n2018-09-11 05:28:40.000 12345 LOG C-0x1f3e: shop/app@unix:6432 closing because: client close request (age=2)\n",
    ],
    sample_map: None,
    apart: Some("pgbouncer"),
};

/// Lines of the sample that are looked at.
const SAMPLE_LINES: usize = 200;

/// PgBouncer's log.
pub struct PgBouncer;

impl LogFormat for PgBouncer {
    fn meta(&self) -> &'static FormatMeta {
        &META
    }

    fn sniff(&self, sample: &Sample, options: &ReadOptions) -> u8 {
        let mut stamps = StampParser::new(&options.zones);
        let (mut fit, mut sure, mut seen) = (0u32, false, 0u32);
        let lines = sample.head.split(|b| *b == b'\n').take(SAMPLE_LINES);
        for line in lines.map(<[u8]>::trim_ascii).filter(|line| !line.is_empty()) {
            seen += 1;
            let Some(line) = Line::read(line, &mut stamps) else { continue };
            fit += 1;
            sure |= Peer::read(line.message).is_some()
                || stats(line.message).is_some()
                || line.message.starts_with(b"process up: PgBouncer")
                || line.message.starts_with(b"kernel file descriptor limit");
        }
        // PostgreSQL writes a colon behind its level, so hardly any of its lines fits.
        if sure && fit * 2 > seen { 96 } else { 0 }
    }

    fn open(&self, _: &Sample, options: &ReadOptions) -> Box<dyn LogReader> {
        Box::new(PgBouncerReader { zones: Arc::clone(&options.zones) })
    }
}

struct PgBouncerReader {
    zones: Arc<ZoneTable>,
}

impl LogReader for PgBouncerReader {
    fn notes(&self) -> Vec<String> {
        vec!["a pooler's view: its clients and averages are added to no server's".to_owned()]
    }

    fn cut(&self) -> Box<dyn Cut + Send> {
        Box::new(LineCut)
    }

    fn masker(&self) -> Box<dyn Masker + '_> {
        Box::new(LineMasker::new(&self.zones))
    }

    fn parse(&self, chunk: ChunkText<'_>, sink: &mut dyn Sink) -> Segment {
        let mut stamps = StampParser::new(&self.zones);
        let mut reading = Reading::default();
        let spans = sink.wants_spans();
        let (mut start, mut number) = (0, 0u32);
        while start < chunk.bytes.len() {
            let rest = &chunk.bytes[start..];
            let bytes = memchr(b'\n', rest).unwrap_or(rest.len());
            let text = rest[..bytes].trim_ascii_end();
            if let Some(line) = Line::read(text, &mut stamps) {
                reading.records += 1;
                let outer = chunk.outer(start, number);
                let (time, utc_offset_s) = match line.time {
                    Some((time, offset_s)) => (Some(time), offset_s),
                    None => (outer.time, outer.utc_offset_s),
                };
                if let Some(time) = time {
                    reading.saw(time, utc_offset_s);
                }
                let (offset, line_in_chunk) = chunk.place(start, number);
                let mut tell = |who: Who<'_>, kind: Kind<'_>| {
                    sink.event(&Event {
                        offset,
                        line: line_in_chunk,
                        time,
                        utc_offset_s,
                        who,
                        kind,
                    });
                };
                match spans {
                    SpanDetail::Nothing => tell_of(&line, &mut tell),
                    _ => sink.span(&span_of(&line, time, (text, start))),
                }
            } else if !text.is_empty() {
                let size_bytes = chunk.source_bytes(start..start + bytes + 1, number);
                let why = "no line of PgBouncer: no level behind a time and a process id";
                reading.skip(chunk.skipped(start, number, why), size_bytes, 0);
            }
            start += bytes + 1;
            number = number.saturating_add(1);
        }
        reading.lines = u64::from(number);
        Segment { reading, carry: Box::new(NothingWaits) }
    }
}

/// A line behind its head.
struct Line<'a> {
    time: Option<(Timestamp, i32)>,
    level: Option<Level>,
    message: &'a [u8],
}

impl<'a> Line<'a> {
    /// `TIME [PID] LEVEL message`; before 1.9 `TIME PID LEVEL message`; under syslog the level may
    /// come first.
    fn read(line: &'a [u8], stamps: &mut StampParser<'_>) -> Option<Line<'a>> {
        let (time, rest) = match stamps.parse(line) {
            Some(stamp) => {
                let rest = line.get(stamp.len..)?.trim_ascii_start();
                (Some((stamp.time, stamp.offset_s)), behind_pid(rest)?)
            }
            None => (None, line),
        };
        let (level, message) = level(rest)?;
        Some(Line { time, level, message })
    }
}

/// What follows `[4321] ` or `4321 `.
fn behind_pid(text: &[u8]) -> Option<&[u8]> {
    let (inner, close) = match text.strip_prefix(b"[") {
        Some(inner) => (inner, &b"] "[..]),
        None => (text, &b" "[..]),
    };
    let digits = inner.iter().take_while(|b| b.is_ascii_digit()).count();
    (digits > 0).then(|| inner[digits..].strip_prefix(close))?
}

/// The level and what follows; levels below news are `None`.
fn level(text: &[u8]) -> Option<(Option<Level>, &[u8])> {
    const LEVELS: [(&[u8], Option<Level>); 6] = [
        (b"LOG ", Some(Level::Log)),
        (b"WARNING ", Some(Level::Warning)),
        (b"ERROR ", Some(Level::Error)),
        (b"FATAL ", Some(Level::Fatal)),
        (b"DEBUG ", None),
        (b"NOISE ", None),
    ];
    LEVELS.iter().find_map(|(word, level)| Some((*level, text.strip_prefix(*word)?)))
}

/// Who a line is about, and what it says of them.
struct Peer<'a> {
    is_client: bool,
    /// `C-0x55d0`
    id: &'a [u8],
    who: Who<'a>,
    says: &'a [u8],
}

impl<'a> Peer<'a> {
    /// `C-0x55d0: shop/app@10.0.0.7:51034 message`.
    fn read(message: &'a [u8]) -> Option<Peer<'a>> {
        let is_client = match message.first()? {
            b'C' => true,
            b'S' => false,
            _ => return None,
        };
        let rest = message.get(1..)?.strip_prefix(b"-")?;
        let colon = memmem::find(&rest[..rest.len().min(40)], b": ")?;
        let id = &message[..2 + colon];
        let rest = &rest[colon + 2..];
        // Names may hold blanks; an address holds none.
        let slash = memchr(b'/', rest)?;
        let at = slash + memchr(b'@', &rest[slash..])?;
        let end = at + memchr(b' ', &rest[at..]).unwrap_or(rest.len() - at);
        let known =
            |name: &'a [u8]| (!name.is_empty() && !name.starts_with(b"(no")).then_some(name);
        let host = without_port(&rest[at + 1..end]);
        let host = host.strip_prefix(b"[").and_then(|h| h.strip_suffix(b"]")).unwrap_or(host);
        let who = Who {
            user: known(&rest[slash + 1..at]),
            database: known(&rest[..slash]),
            host: known(host),
            ..Who::default()
        };
        Some(Peer { is_client, id, who, says: rest[end..].trim_ascii_start() })
    }
}

/// Tells what a line means.
fn tell_of(line: &Line<'_>, tell: &mut dyn FnMut(Who<'_>, Kind<'_>)) {
    if let Some(stats) = stats(line.message) {
        return tell(Who::default(), Kind::Pool(stats));
    }
    let Some(peer) = Peer::read(line.message) else {
        return tell_message(line.level, Who::default(), line.message, tell);
    };
    if !peer.is_client {
        // The pooler's own connections come and go; only what goes wrong is news.
        let level = line.level.filter(|level| *level > Level::Log);
        return tell_message(level, peer.who, peer.says, tell);
    }
    let says = peer.says;
    if says.starts_with(b"login attempt: ") {
        let encrypted = memmem::find(says, b" tls=")
            .is_some_and(|at| !says[at + b" tls=".len()..].starts_with(b"no"));
        tell(peer.who, Kind::Session(SessionStep::Received { open_now: None }));
        tell(peer.who, Kind::Session(SessionStep::Authorized { encrypted }));
        return;
    }
    let reason = says.strip_prefix(b"closing because: ");
    if let Some(refusal) = refusal(reason.unwrap_or(says)) {
        // Told twice: as the pooler's error, and as why it closes.
        if reason.is_some() {
            tell(peer.who, Kind::Session(SessionStep::Refused(refusal)));
        } else {
            tell_message(line.level, peer.who, says, tell);
        }
        return;
    }
    if let Some(reason) = reason {
        let duration_us = memmem::rfind(reason, b"(age=").and_then(|at| seconds(&reason[at + 5..]));
        return tell(peer.who, Kind::Session(SessionStep::Ended { duration_us }));
    }
    tell_message(line.level, peer.who, says, tell);
}

/// A message that is more than news of the pooler's ordinary work.
fn tell_message(
    level: Option<Level>,
    who: Who<'_>,
    text: &[u8],
    tell: &mut dyn FnMut(Who<'_>, Kind<'_>),
) {
    const NEWS: [(&[u8], Topic); 5] = [
        (b"process up: ", Topic::Start),
        (b"got SIGINT", Topic::Stop),
        (b"got SIGTERM", Topic::Stop),
        (b"got SIGHUP", Topic::Reload),
        (b"taking connection from reserve_pool", Topic::Other),
    ];
    let news = NEWS.iter().find(|(start, _)| text.starts_with(start)).map(|(_, topic)| *topic);
    let level = match (level, news) {
        (Some(Level::Log), None) | (None, _) => return,
        // A pool that needs its reserve is too small for the moment.
        (Some(Level::Log), Some(Topic::Other)) => Level::Warning,
        (Some(level), _) => level,
    };
    tell(
        who,
        Kind::Message(LogMessage {
            level,
            code: Cow::Borrowed(b""),
            text: Cow::Borrowed(text),
            topic: news.unwrap_or(Topic::Other),
            statement: None,
            cancelled: None,
            lost_us: None,
        }),
    );
}

/// Why a client was refused or sent away before it was served.
fn refusal(reason: &[u8]) -> Option<Refusal> {
    const REASONS: [(&[u8], Refusal); 17] = [
        (b"no more connections allowed", Refusal::TooMany),
        (b"query_wait_timeout", Refusal::TooMany),
        (b"client_login_timeout", Refusal::TooMany),
        (b"server_login_retry", Refusal::NotReady),
        (b"server login has been failing", Refusal::NotReady),
        (b"server login failed", Refusal::NotReady),
        (b"database does not allow connections", Refusal::UnknownDatabase),
        (b"no such database", Refusal::UnknownDatabase),
        (b"database removed", Refusal::UnknownDatabase),
        (b"no such user", Refusal::UnknownUser),
        (b"bouncer config error", Refusal::UnknownUser),
        (b"password authentication failed", Refusal::Authentication),
        (b"SASL authentication failed", Refusal::Authentication),
        (b"auth failed", Refusal::Authentication),
        (b"login failed", Refusal::Authentication),
        (b"login rejected", Refusal::NotAllowed),
        (b"not allowed", Refusal::NotAllowed),
    ];
    let reason = reason.strip_prefix(b"pooler error: ").unwrap_or(reason);
    REASONS.iter().find(|(start, _)| reason.starts_with(start)).map(|(_, why)| *why)
}

/// `12` or `12s)`, as microseconds.
fn seconds(text: &[u8]) -> Option<u64> {
    let digits = text.iter().take(12).take_while(|b| b.is_ascii_digit()).count();
    let seconds: u64 = std::str::from_utf8(&text[..digits]).ok()?.parse().ok()?;
    seconds.checked_mul(1_000_000)
}

/// A stats line, by the names of its units: `12 xacts/s`, `34 queries/s`, `req/s`, `in 560 B/s`,
/// `out 780 b/s`, `xact 1200 us`, `query 340 us`, `wait 5 us` or `wait time 5 us`.
fn stats(message: &[u8]) -> Option<PoolStats> {
    let rest = message.strip_prefix(b"stats: ").or_else(|| message.strip_prefix(b"Stats: "))?;
    let mut stats = PoolStats::default();
    let mut is_one = false;
    for part in rest.split(|b| *b == b',').map(<[u8]>::trim_ascii) {
        let at = part.iter().position(u8::is_ascii_digit)?;
        let digits = part[at..].iter().take(19).take_while(|b| b.is_ascii_digit()).count();
        let number: u64 = std::str::from_utf8(&part[at..at + digits]).ok()?.parse().ok()?;
        let (name, unit) = (part[..at].trim_ascii(), part[at + digits..].trim_ascii());
        match (name, unit) {
            (b"", b"xacts/s") => stats.transactions_per_s = Some(number),
            (b"", b"queries/s" | b"req/s") => stats.queries_per_s = Some(number),
            (b"in", _) => stats.in_bytes_per_s = number,
            (b"out", _) => stats.out_bytes_per_s = number,
            (b"xact", _) => stats.transaction_us = Some(number),
            (b"query", _) => (stats.query_us, is_one) = (number, true),
            (b"wait" | b"wait time", _) => stats.wait_us = Some(number),
            // Parses and binds of later generations, and whatever comes next.
            _ => {}
        }
    }
    is_one.then_some(stats)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_stats_of_every_generation() {
        let stats_of = |line: &str| stats(line.as_bytes()).expect(line);
        let old = stats_of("Stats: 5 req/s, in 6 b/s, out 7 b/s,query 8 us");
        assert_eq!((old.queries_per_s, old.in_bytes_per_s, old.query_us), (Some(5), 6, 8));
        assert_eq!((old.transactions_per_s, old.wait_us), (None, None));
        let wait = "stats: 1 xacts/s, 2 queries/s, in 3 B/s, out 4 B/s, xact 5 us, query 6 us, wait time 7 us";
        let new = stats_of(wait);
        assert_eq!((new.transaction_us, new.wait_us), (Some(5), Some(7)));
        assert_eq!(stats_of(&wait.replace("wait time", "wait")), new);
        let parses = "stats: 1 xacts/s, 2 queries/s, 9 client parses/s, 9 server parses/s, 9 binds/s, in 3 B/s, out 4 B/s, xact 5 us, query 6 us, wait 7 us";
        assert_eq!(stats_of(parses), new);
        assert_eq!(stats(b"stats: none"), None);
        assert_eq!(stats(b"stats: 1 xacts/s"), None);
    }

    #[test]
    fn reads_who_a_line_is_about() {
        for (message, expected) in [
            (
                "C-0x55d0: shop/app@10.0.0.7:51034 closing",
                Some((true, "shop", "app", "10.0.0.7", "closing")),
            ),
            (
                "S-0x1: shop/app@unix(123):6432 new",
                Some((false, "shop", "app", "unix(123)", "new")),
            ),
            (
                "C-0x1: my shop/web app@[::1]:77 x y",
                Some((true, "my shop", "web app", "::1", "x y")),
            ),
            ("Checking", None),
        ] {
            let peer = Peer::read(message.as_bytes());
            let text =
                |name: Option<&[u8]>| String::from_utf8_lossy(name.unwrap_or(b"-")).into_owned();
            let told = peer.map(|p| {
                (
                    p.is_client,
                    text(p.who.database),
                    text(p.who.user),
                    text(p.who.host),
                    text(Some(p.says)),
                )
            });
            let expected = expected
                .map(|(c, d, u, h, s)| (c, d.to_owned(), u.to_owned(), h.to_owned(), s.to_owned()));
            assert_eq!(told, expected, "{message}");
        }
        let nobody = Peer::read(b"C-0x1: (nodb)/(nouser)@10.0.0.7:5 closing").expect("a peer");
        assert_eq!((nobody.who.user, nobody.who.database), (None, None));
    }
}
