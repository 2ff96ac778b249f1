//! Logs of applications, for what they say of their pools of connections: nothing else of them is
//! read.
//!
//! A pool in an application is no session of the server, so such inputs are a server of their own,
//! named in the label. A record (from one stamp to the next) that tells of a timeout counts once,
//! however many lines of its stack repeat it; where no line has a stamp, each is a record.

mod forms;
mod stamp;

use crate::model::event::{Engine, Event, Kind, PoolStep, Sink, Span, SpanDetail, SpanRole, Who};
use crate::read::input::{Cut, LineCut, Sample, last_start};
use crate::read::logs::mask::{Masker, WITHHELD};
use crate::read::logs::segment::{NothingWaits, Reading, Segment};
use crate::read::logs::{ChunkText, FormatMeta, LogFormat, LogReader};
use crate::read::options::ReadOptions;
use crate::time::{StampParser, Timestamp, ZoneTable};
use memchr::{memchr, memmem};
use std::sync::Arc;

/// The name of the format.
pub const NAME: &str = "application-log";

static META: FormatMeta = FormatMeta {
    name: NAME,
    engine: Engine::Postgres,
    title: "Log of an application, for what it says of its connection pool",
    samples: &[
        "2026-11-23 10:00:00.101 DEBUG 1 --- [housekeeper] com.zaxxer.hikari.pool.HikariPool : HikariPool-1 - Pool stats (total=10, active=9, idle=1, waiting=0)\n",
        "{\"level\":30,\"time\":1795428000000,\"msg\":\"served\"}\n{\"level\":30,\"time\":1795428001000,\"msg\":\"Pool: 20 Idle: 3 Waiting: 5\"}\n",
    ],
    apart: Some(APART),
    sample_map: None,
};

/// What stands behind the label of the server.
pub const APART: &str = "application";

/// The score of a text with such lines: less than that of any log of a server, which may quote one.
const SCORE: u8 = 40;

/// Logs of applications.
pub struct ApplicationLog;

impl LogFormat for ApplicationLog {
    fn meta(&self) -> &'static FormatMeta {
        &META
    }

    fn sniff(&self, sample: &Sample, _: &ReadOptions) -> u8 {
        if lines_of(sample).any(|line| forms::news(line).is_some()) { SCORE } else { 0 }
    }

    fn open(&self, sample: &Sample, options: &ReadOptions) -> Box<dyn LogReader> {
        let mut stamps = StampParser::new(&options.zones);
        let has_stamps = lines_of(sample).any(|line| stamp::of(line, &mut stamps).is_some());
        let engine = engine(sample);
        Box::new(Reader { zones: Arc::clone(&options.zones), has_stamps, engine })
    }
}

fn lines_of(sample: &Sample) -> impl Iterator<Item = &[u8]> {
    let parts = std::iter::once(&sample.head).chain(&sample.more);
    parts.flat_map(|part| part.split(|byte| *byte == b'\n'))
}

/// The engine that the application seems to use, by what its log names.
fn engine(sample: &Sample) -> Engine {
    const NAMES: [(&[u8], Engine); 4] = [
        (b"postgres", Engine::Postgres),
        (b"mariadb", Engine::Mariadb),
        (b"mysql", Engine::Mysql),
        (b"mongo", Engine::Mongodb),
    ];
    let named = NAMES
        .iter()
        .filter_map(|(name, engine)| Some((memmem::find(&sample.head, name)?, *engine)));
    named.min().map_or(Engine::Postgres, |(_, engine)| engine)
}

struct Reader {
    zones: Arc<ZoneTable>,
    /// Records begin with a stamp.
    has_stamps: bool,
    engine: Engine,
}

impl LogReader for Reader {
    fn notes(&self) -> Vec<String> {
        vec!["an application's view: only lines about its connection pool are read".to_owned()]
    }

    fn engine(&self) -> Option<Engine> {
        Some(self.engine)
    }

    fn cut(&self) -> Box<dyn Cut + Send> {
        match self.has_stamps {
            true => Box::new(RecordCut(Arc::clone(&self.zones))),
            false => Box::new(LineCut),
        }
    }

    fn masker(&self) -> Box<dyn Masker + '_> {
        Box::new(PoolMasker(StampParser::new(&self.zones)))
    }

    fn parse(&self, chunk: ChunkText<'_>, sink: &mut dyn Sink) -> Segment {
        let mut stamps = StampParser::new(&self.zones);
        let mut reading = Reading::default();
        let spans = sink.wants_spans() != SpanDetail::Nothing;
        let (mut start, mut number) = (0, 0u32);
        let mut record = Record::default();
        while let Some(rest) = chunk.bytes.get(start..).filter(|rest| !rest.is_empty()) {
            let end = memchr(b'\n', rest).unwrap_or(rest.len());
            let line = rest.get(..end).unwrap_or_default().trim_ascii_end();
            let (at, line_number) = (start, number);
            start += end + 1;
            number = number.saturating_add(1);
            if let Some(time) = stamp::of(line, &mut stamps) {
                record = Record { time, timed_out: false };
            } else if !self.has_stamps {
                record = Record::default();
            }
            let repeats = |step| matches!(step, PoolStep::TimedOut { .. }) && record.timed_out;
            let Some(news) = forms::news(line).filter(|news| !repeats(news.step)) else {
                reading.leave_to_others(end + 1, u32::from(!line.is_empty()));
                continue;
            };
            record.timed_out |= matches!(news.step, PoolStep::TimedOut { .. });
            reading.records += 1;
            let outer = chunk.outer(at, line_number);
            let (time, utc_offset_s) = match record.time {
                Some((time, offset_s)) => (Some(time), offset_s),
                None => (outer.time, outer.utc_offset_s),
            };
            if let Some(time) = time {
                reading.saw(time, utc_offset_s);
            }
            if spans {
                let role = SpanRole::Record { lines_apart: false };
                sink.span(&Span { time, ..Span::at(line, at, role) });
                continue;
            }
            let (offset, line) = chunk.place(at, line_number);
            let kind = Kind::ApplicationPool(news);
            sink.event(&Event { offset, line, time, utc_offset_s, who: Who::default(), kind });
        }
        reading.lines = u64::from(number);
        Segment { reading, carry: Box::new(NothingWaits) }
    }
}

/// Leaves of a line its stamp and what it says of the pool.
struct PoolMasker<'z>(StampParser<'z>);

impl Masker for PoolMasker<'_> {
    fn mask(&mut self, text: &[u8], out: &mut String) {
        for line in text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            if let Some(Some((time, _))) = stamp::of(line, &mut self.0) {
                out.push_str(&time.rfc3339());
                out.push(' ');
            }
            match forms::part(line) {
                Some(part) => out.push_str(&String::from_utf8_lossy(part)),
                None => out.push_str(WITHHELD),
            }
            out.push('\n');
        }
    }
}

/// The record that a line belongs to.
#[derive(Default)]
struct Record {
    time: Option<(Timestamp, i32)>,
    timed_out: bool,
}

/// Cuts before lines with a stamp.
struct RecordCut(Arc<ZoneTable>);

impl Cut for RecordCut {
    fn cut(&mut self, buf: &[u8], scanned: usize, eof: bool) -> Option<usize> {
        let mut stamps = StampParser::new(&self.0);
        last_start(buf, scanned, eof, |line| stamp::of(line, &mut stamps).is_some())
    }
}
