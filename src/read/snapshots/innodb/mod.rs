//! `SHOW ENGINE INNODB STATUS`, and the same text where the server's monitor prints it by itself.
//!
//! Its sections become counters of the catalog (history list, checkpoint age, hit rate, what waits),
//! and the latest deadlock an event like those of the error log. Statements are looked at only to
//! step over them; rows under a lock or behind a broken foreign key are data and never read.
//!
//! | file | owns |
//! |---|---|
//! | `find` | where an output stands in a text of any form |
//! | `sections` | its sections, and its lines without quoted statements |
//! | `figures` | lines with numbers, and the names of these |
//! | `waits` | transactions and threads that wait |
//! | `tell` | what an output means, as events |

mod figures;
mod find;
mod sections;
mod tell;
mod waits;

pub use find::outputs;
pub use tell::{Stands, tell};

use super::whole::Whole;
use crate::model::event::{Engine, Sink, Span, SpanDetail, SpanRole};
use crate::model::facts::InputKind;
use crate::read::input::{Cut, Sample};
use crate::read::logs::mask::{Masker, WITHHELD};
use crate::read::logs::mysql::error_log::mask::mask_lines;
use crate::read::logs::segment::{NothingWaits, Reading, Segment};
use crate::read::logs::{ChunkText, FormatMeta, LogFormat, LogReader};
use crate::read::options::ReadOptions;
use crate::time::{StampParser, ZoneTable};
use find::Output;
use memchr::{memchr_iter, memmem};
use std::sync::Arc;

/// The score of a file that holds nothing else: more than an error log's, whose heads look alike.
const SCORE: u8 = 96;
/// The score of a file that holds other things, too: less than that of one with tables.
const AMONG_OTHERS: u8 = 60;
/// How the message of a record begins that holds an output.
const IN_A_LOG: &[u8] = b"INNODB MONITOR OUTPUT";
/// Bytes around one output that a client prints as its frame.
const FRAME_MAX: usize = 400;

/// The output of InnoDB's monitor.
pub struct InnodbStatus;

static META: FormatMeta = FormatMeta {
    name: "innodb-status",
    engine: Engine::Mysql,
    title: "SHOW ENGINE INNODB STATUS of MySQL and MariaDB",
    samples: &[
        "*************************** 1. row ***************************\n  Type: InnoDB\n  Name: \nStatus: \n=====================================\n2026-11-23 03:24:27 140697699415616 INNODB MONITOR OUTPUT\n=====================================\nPer second averages calculated from the last 33 seconds\n------------\nTRANSACTIONS\n------------\nTrx id counter 5267\nHistory list length 12\n----------------------------\nEND OF INNODB MONITOR OUTPUT\n============================\n",
        "Type\tName\tStatus\nInnoDB\t\t\\n=====================================\\n2026-11-23 03:24:28 0x7fcbb43bc6c0 INNODB MONITOR OUTPUT\\n=====================================\\n---\\nLOG\\n---\\nLog sequence number 18122987\\nLast checkpoint at  44878\\n----------------------------\\nEND OF INNODB MONITOR OUTPUT\\n============================\\n\n",
    ],
    apart: None,
    sample_map: None,
};

impl LogFormat for InnodbStatus {
    fn meta(&self) -> &'static FormatMeta {
        &META
    }

    fn kind(&self) -> InputKind {
        InputKind::Catalog
    }

    fn sniff(&self, sample: &Sample, _: &ReadOptions) -> u8 {
        let found = outputs(&sample.head);
        if found.is_empty() {
            return 0;
        }
        let around = around(&sample.head, &found);
        // Where other records stand around it, a server wrote it into its log.
        if around.iter().any(|text| text.split(|b| *b == b'\n').any(begins_record)) {
            return 0;
        }
        // The rules of a box are as long as the output.
        let is_rule = |byte: &&u8| matches!(**byte, b'-' | b'+' | b' ' | b'=');
        let size: usize =
            around.iter().map(|text| text.iter().filter(|byte| !is_rule(byte)).count()).sum();
        if size <= FRAME_MAX.saturating_mul(found.len()) { SCORE } else { AMONG_OTHERS }
    }

    fn open(&self, sample: &Sample, options: &ReadOptions) -> Box<dyn LogReader> {
        const OF_MARIADB: [&[u8]; 2] = [b"MariaDB thread id ", b"Percent of dirty pages(LRU"];
        let is_mariadb = OF_MARIADB.iter().any(|mark| memmem::find(&sample.head, mark).is_some());
        let engine = if is_mariadb { Engine::Mariadb } else { Engine::Mysql };
        Box::new(StatusReader { engine, zones: Arc::clone(&options.zones) })
    }
}

/// Whether a message of the server's error log is an output.
pub fn is_output(message: &[u8]) -> bool {
    message.starts_with(IN_A_LOG)
}

/// What stands before, between and behind outputs.
fn around<'t>(text: &'t [u8], found: &[Output<'_>]) -> Vec<&'t [u8]> {
    let starts = found.iter().map(|output| output.start).chain([text.len()]);
    let ends = [0].into_iter().chain(found.iter().map(|output| output.end));
    ends.zip(starts).map(|(from, to)| text.get(from..to).unwrap_or_default()).collect()
}

/// Whether a line begins with a date, as records of logs do.
fn begins_record(line: &[u8]) -> bool {
    let digits = line.iter().take_while(|b| b.is_ascii_digit()).count();
    match digits {
        4 => line.get(4) == Some(&b'-'),
        6 => line.get(6) == Some(&b' '),
        _ => false,
    }
}

struct StatusReader {
    engine: Engine,
    zones: Arc<ZoneTable>,
}

impl LogReader for StatusReader {
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }

    fn engine(&self) -> Option<Engine> {
        Some(self.engine)
    }

    fn cut(&self) -> Box<dyn Cut + Send> {
        Box::new(Whole)
    }

    fn cuts_anywhere(&self) -> bool {
        false
    }

    fn masker(&self) -> Box<dyn Masker + '_> {
        Box::new(OutputMasker)
    }

    fn parse(&self, chunk: ChunkText<'_>, sink: &mut dyn Sink) -> Segment {
        let mut reading = Reading::default();
        let mut stamps = StampParser::new(&self.zones);
        for output in outputs(chunk.bytes) {
            reading.records += 1;
            if sink.wants_spans() != SpanDetail::Nothing {
                let bytes = chunk.bytes.get(output.start..output.end).unwrap_or_default();
                let role = SpanRole::Record { lines_apart: false };
                sink.span(&Span::at(bytes, output.start, role));
                continue;
            }
            let (offset, line) = chunk.place(output.start, output.line);
            let stands = Stands { offset, line, has_lines: output.has_lines(), time: None };
            if let Some((time, utc_offset_s)) = tell(&output.text, stands, &mut stamps, sink) {
                reading.saw(time, utc_offset_s);
            }
            if !output.is_whole {
                let message = "ends before END OF INNODB MONITOR OUTPUT: read as far as it goes";
                reading.remark(chunk.skipped(output.start, output.line, message));
            }
        }
        reading.lines = memchr_iter(b'\n', chunk.bytes).count() as u64;
        Segment { reading, carry: Box::new(NothingWaits) }
    }
}

/// Outputs without literals and rows.
struct OutputMasker;

impl Masker for OutputMasker {
    fn mask(&mut self, text: &[u8], out: &mut String) {
        // On one line, statements cannot be told from what stands around them.
        if memmem::find(text, b"\\n").is_some() && memchr_iter(b'\n', text).count() <= 1 {
            out.push_str(WITHHELD);
            out.push('\n');
            return;
        }
        mask_lines(text, out);
    }
}
