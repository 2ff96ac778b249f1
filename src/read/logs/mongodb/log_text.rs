//! The text logs of MongoDB 2.2 to 4.2, of mongod and mongos.
//!
//! A record is a line: a head, and a message that tells of a slow operation or of anything else.
//! Operations are brought to the `attr` object that later versions log and read from there. What a
//! line is, is decided line by line: a file goes on in another form where its server was upgraded or
//! downgraded, up to the structured lines of 4.4.
//!
//! | file | owns |
//! |---|---|
//! | `head`, `clock` | what stands before a message; stamps that show no year |
//! | `slow`, `counters` | the line of a slow operation, taken apart |
//! | `attr` | the same as an `attr` object |
//! | `lines` | lines as events or spans |
//! | `mask` | lines without literals |

mod attr;
mod clock;
mod counters;
mod head;
mod lines;
mod mask;
mod slow;

use super::walk::walk;
use crate::model::event::{Engine, Sink};
use crate::read::input::{Cut, LineCut, Sample};
use crate::read::logs::mask::Masker;
use crate::read::logs::segment::Segment;
use crate::read::logs::{ChunkText, FormatMeta, LogFormat, LogReader};
use crate::read::options::ReadOptions;
use crate::time::ZoneTable;
pub(super) use clock::Years;
use head::{Head, Heads};
pub(super) use lines::{Place, TextLines};
pub(super) use mask::LineMasker;
use slow::Slow;
use std::sync::Arc;

static META: FormatMeta = FormatMeta {
    name: "mongodb-text",
    engine: Engine::Mongodb,
    title: "MongoDB text log (2.2 to 4.2)",
    samples: &[
        "Mon Aug  5 20:21:43 [conn2] command admin.$cmd command: { writebacklisten: 1 } ntoreturn:1 keyUpdates:0 locks(micros) W:901227 reslen:112 903ms\n",
        "Thu Oct  9 15:20:20.457 [conn4] query shop.orders query: { query: { status: \"new\" }, orderby: { created: -1.0 } } ntoreturn:0 ntoskip:0 nscanned:100000 scanAndOrder:1 keyUpdates:0 locks(micros) r:129773 nreturned:1 reslen:68 129ms\n",
        "2014-05-31T19:38:41.414+0000 [conn1] query shop.orders query: { status: \"new\" } planSummary: COLLSCAN ntoreturn:0 ntoskip:0 nscanned:100000 nscannedObjects:100000 keyUpdates:0 numYields:0 locks(micros) r:129773 nreturned:12 reslen:812 129ms\n",
        "2016-08-14T14:36:30.641-0500 I COMMAND  [conn3] command shop.orders command: find { find: \"orders\", filter: { status: \"new\" } } planSummary: COLLSCAN keysExamined:0 docsExamined:100000 cursorExhausted:1 keyUpdates:0 writeConflicts:0 numYields:781 nreturned:12 reslen:812 locks:{ Global: { acquireCount: { r: 1564 } } } protocol:op_query 129ms\n",
        "2020-03-12T00:00:01.935+0000 I  NETWORK  [listener] connection accepted from 10.0.0.7:51034 #12 (3 connections now open)\n2020-03-12T00:00:02.012+0000 I  CONTROL  [initandlisten] db version v4.2.11\n",
    ],
    apart: None,
    sample_map: None,
};

/// Lines of the sample that are looked at.
const SAMPLE_LINES: usize = 500;

/// The text log.
pub struct LogText;

impl LogFormat for LogText {
    fn meta(&self) -> &'static FormatMeta {
        &META
    }

    fn sniff(&self, sample: &Sample, options: &ReadOptions) -> u8 {
        let mut heads = Heads::new(years_of(sample), &options.zones);
        let (mut fit, mut sure, mut structured, mut seen) = (0u32, false, 0u32, 0u32);
        for line in lines_of(&sample.head).take(SAMPLE_LINES) {
            seen += 1;
            structured += u32::from(is_structured(line));
            let Some(head) = heads.read(line) else { continue };
            fit += 1;
            sure |= is_mongods(&head);
        }
        match sure && (fit + structured) * 2 > seen {
            true if fit >= structured => 97,
            // Theirs is the format, unless its first lines hide that.
            true => 60,
            false => 0,
        }
    }

    fn open(&self, sample: &Sample, options: &ReadOptions) -> Box<dyn LogReader> {
        let is_mixed = lines_of(&sample.head).any(is_structured);
        let years = years_of(sample);
        Box::new(TextReader { zones: Arc::clone(&options.zones), years, is_mixed })
    }
}

/// The lines of a text that are not blank.
fn lines_of(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end).filter(|line| !line.is_empty())
}

/// Whether a line is one of a structured log.
fn is_structured(line: &[u8]) -> bool {
    line.starts_with(b"{\"t\":")
}

/// The years of a file's stamps, where they show none.
pub(super) fn years_of(sample: &Sample) -> Option<Years> {
    let texts = std::iter::once(&sample.head).chain(&sample.more);
    Years::find(texts.flat_map(|text| lines_of(text)))
}

/// Whether no other program writes such a line.
fn is_mongods(head: &Head<'_>) -> bool {
    const THREADS: [&[u8]; 8] = [
        b"initandlisten",
        b"main",
        b"mongosMain",
        b"signalProcessingThread",
        b"listener",
        b"TTLMonitor",
        b"LockPinger",
        b"Balancer",
    ];
    let number = head.context.strip_prefix(b"conn").unwrap_or_default();
    let is_connection = !number.is_empty() && number.iter().all(u8::is_ascii_digit);
    let is_known = is_connection || THREADS.contains(&head.context);
    let is_slow = || Slow::read(head.message, &mut Vec::new()).is_some();
    match head.time {
        Some(_) => is_known || head.severity != 0 && !head.context.is_empty() || is_slow(),
        None => is_connection || is_slow(),
    }
}

struct TextReader {
    zones: Arc<ZoneTable>,
    /// Of stamps that show none.
    years: Option<Years>,
    /// The sample has structured lines, too.
    is_mixed: bool,
}

impl LogReader for TextReader {
    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if let Some(years) = self.years {
            let zone = if self.zones.is_stated() { "" } else { "; in UTC (--tz settles it)" };
            notes.push(format!("times show no year and no zone: read as {years}{zone}"));
        }
        if self.is_mixed {
            notes.push("its structured lines are read as such".to_owned());
        }
        notes
    }

    fn cut(&self) -> Box<dyn Cut + Send> {
        Box::new(LineCut)
    }

    fn masker(&self) -> Box<dyn Masker + '_> {
        Box::new(LineMasker::new(self.years, &self.zones))
    }

    fn parse(&self, chunk: ChunkText<'_>, sink: &mut dyn Sink) -> Segment {
        walk(chunk, self.years, &self.zones, sink)
    }
}
