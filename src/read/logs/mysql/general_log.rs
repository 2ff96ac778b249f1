//! The general query log of MySQL and MariaDB: every command that clients sent, when it came in, and
//! nothing of how long it took.
//!
//! A record is a head and an argument, which may take more lines; a Query's ends where the next head
//! stands in none of its literals. Who a session is and which second a line belongs to is known from
//! earlier records only: the cut reads them in order and hands that on with each chunk.

mod connect;
pub(super) mod head;
mod mask;
pub(super) mod state;
pub(super) mod tell;
mod walk;

use super::banner::{Banner, begins_banner, is_rest_of_banner};
use super::ends::Doubt;
use crate::model::event::{Engine, Event, Kind, Says, Sink, Span, SpanDetail, SpanRole, Who};
use crate::read::input::{Cut, Sample};
use crate::read::logs::mask::Masker;
use crate::read::logs::segment::{NothingWaits, Reading, Segment};
use crate::read::logs::walk_cut::WalkCut;
use crate::read::logs::{ChunkText, FormatMeta, LogFormat, LogReader};
use crate::read::options::ReadOptions;
use crate::time::{StampParser, Timestamp, ZoneTable};
use head::{Head, LocalStamp, Stamp};
use mask::RecordMasker;
use memchr::{memchr, memchr_iter};
use state::State;
use std::borrow::Cow;
use std::sync::Arc;
use tell::Record;
use walk::{Piece, piece};

static META: FormatMeta = FormatMeta {
    name: "mysql-general",
    engine: Engine::Mysql,
    title: "MySQL and MariaDB general query log",
    samples: &[
        "mariadbd, Version: 10.11.19-MariaDB-log (Debian 12). started with:\nTcp port: 3306  Unix socket: /run/mysqld/mysqld.sock\nTime\t\t    Id Command\tArgument\n261123  2:56:30\t     3 Connect\troot@localhost on  using TCP/IP\n\t\t     3 Query\tselect version()\n\t\t     3 Quit\t\n",
        "2026-11-23T03:05:15.848371Z\t    8 Query\tselect * from orders where id = 5\n2026-11-23T03:05:15.900000Z\t    8 Quit\t\n",
    ],
    sample_map: None,
    apart: None,
};

/// Lines of the sample that are looked at.
const SAMPLE_LINES: usize = 400;

/// The general query log.
pub struct GeneralLog;

impl LogFormat for GeneralLog {
    fn meta(&self) -> &'static FormatMeta {
        &META
    }

    fn sniff(&self, sample: &Sample, _: &ReadOptions) -> u8 {
        let lines = sample.head.split_inclusive(|b| *b == b'\n').take(SAMPLE_LINES);
        let lines = lines.filter(|line| !line.trim_ascii().is_empty());
        let begins = |line: &&[u8]| Head::read(line).is_some() || begins_banner(line);
        let begins_well = lines.clone().next().is_some_and(|line| begins(&line));
        let (heads, all) = lines.fold((0, 0), |(heads, all), line| {
            (heads + usize::from(Head::read(line).is_some()), all + 1)
        });
        // Statements that other logs hold may have such lines in their literals.
        match (heads, begins_well) {
            (0, _) => 0,
            (1, true) => 80,
            (_, true) => 97,
            (2.., false) if heads * 4 > all => 60,
            _ => 0,
        }
    }

    fn open(&self, sample: &Sample, options: &ReadOptions) -> Box<dyn LogReader> {
        let pieces = std::iter::once(&sample.head).chain(&sample.more);
        let lines = || pieces.clone().flat_map(|text| text.split_inclusive(|b| *b == b'\n'));
        let mut banners = lines().filter(|line| begins_banner(line)).filter_map(Banner::read);
        let is_mariadb = banners.any(|banner| banner.engine == Engine::Mariadb);
        let is_local =
            lines().filter_map(Head::read).any(|head| matches!(head.stamp, Some(Stamp::Local(_))));
        Box::new(GeneralReader {
            zones: Arc::clone(&options.zones),
            engine: if is_mariadb { Engine::Mariadb } else { Engine::Mysql },
            has_local_times: is_local,
        })
    }
}

struct GeneralReader {
    zones: Arc<ZoneTable>,
    engine: Engine,
    /// Times are of the server's zone, which the log does not name.
    has_local_times: bool,
}

impl LogReader for GeneralReader {
    fn notes(&self) -> Vec<String> {
        let mut notes = vec![
            "a general log says when a statement came in, not how long it took; what failed stands in it, too".to_owned(),
        ];
        if self.has_local_times && !self.zones.is_stated() {
            notes.push(
                "times are of the server's zone, which the log does not name: read as UTC, --tz settles it".to_owned(),
            );
        }
        notes
    }

    fn engine(&self) -> Option<Engine> {
        Some(self.engine)
    }

    fn cut(&self) -> Box<dyn Cut + Send> {
        Box::new(WalkCut::new(State::default()))
    }

    fn cuts_anywhere(&self) -> bool {
        false
    }

    fn masker(&self) -> Box<dyn Masker + '_> {
        Box::new(RecordMasker)
    }

    fn parse(&self, chunk: ChunkText<'_>, sink: &mut dyn Sink) -> Segment {
        let mut stamps = StampParser::new(&self.zones);
        let state = State::decode(chunk.context);
        let clock = state.stamp.and_then(|stamp| read_local(&stamp, &mut stamps));
        let mut parser = ChunkParser {
            stamps,
            state,
            clock,
            reading: Reading::default(),
            chunk,
            spans: sink.wants_spans(),
        };
        parser.run(sink);
        Segment { reading: parser.reading, carry: Box::new(NothingWaits) }
    }
}

struct ChunkParser<'a, 'z> {
    stamps: StampParser<'z>,
    state: State,
    /// The last time of the server's zone.
    clock: Option<(Timestamp, i32)>,
    reading: Reading,
    chunk: ChunkText<'a>,
    /// Spans are told instead of events.
    spans: SpanDetail,
}

impl<'a> ChunkParser<'a, '_> {
    fn run(&mut self, sink: &mut dyn Sink) {
        let bytes = self.chunk.bytes;
        let (mut at, mut line) = (0, 0u32);
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let Some((piece, size)) = piece(rest, true, &self.state) else { break };
            let (text, _) = rest.split_at(size.min(rest.len()));
            match piece {
                Piece::Record(head, doubt) => {
                    let is_cut = self.chunk.is_forced && at + size == bytes.len();
                    let argument = text.get(head.len..).unwrap_or_default();
                    let record = Record { head, argument, doubt, is_cut };
                    self.record(&record, text, (at, line), sink);
                    self.state.credit.pay(size, doubt);
                }
                Piece::Banner(banner) => self.banner(&banner, text, (at, line), sink),
                Piece::Unknown => self.lines_of_none(text, (at, line)),
            }
            line = line.saturating_add(memchr_iter(b'\n', text).count() as u32);
            at += size;
        }
        let unended = bytes.last().is_some_and(|last| *last != b'\n');
        self.reading.lines = u64::from(line) + u64::from(unended);
    }

    fn record(
        &mut self,
        record: &Record<'a>,
        text: &'a [u8],
        (at, line): (usize, u32),
        sink: &mut dyn Sink,
    ) {
        let head = &record.head;
        let outer = self.chunk.outer(at, line);
        let time = match head.stamp {
            None => self.clock,
            Some(Stamp::Iso(stamp)) => self.stamps.parse(stamp).map(|s| (s.time, s.offset_s)),
            Some(Stamp::Local(stamp)) => {
                self.clock = read_local(&stamp, &mut self.stamps);
                self.clock
            }
        };
        let time = time.or_else(|| Some((outer.time?, outer.utc_offset_s)));
        self.reading.records += 1;
        if let Some((time, offset_s)) = time {
            self.reading.saw(time, offset_s);
        }
        let text = match head.has_statement() {
            true => text,
            false => {
                let first = memchr(b'\n', text).map_or(text.len(), |end| end + 1);
                let (own, others) = text.split_at(first);
                self.lines_of_none(others, (at + first, line.saturating_add(1)));
                own
            }
        };
        let why = match record.doubt {
            Doubt::None => None,
            Doubt::Unterminated => Some(
                "a literal or comment that does not end: the statement was ended at the next record",
            ),
            Doubt::HoldsHeads => {
                Some("a literal or comment that holds lines like records: they were left in it")
            }
        };
        if let Some(why) = why {
            self.reading.remark(self.chunk.skipped(at, line, why));
        }
        let knock = self.state.meet(head);
        self.state.learn(head, record.argument);
        let who = record.who(self.state.session(head.thread_id));
        if self.spans == SpanDetail::Nothing {
            let (offset, line) = self.chunk.place(at, line);
            record.tell(knock, &mut |kind| {
                let utc_offset_s = time.map_or(0, |(_, offset_s)| offset_s);
                let time = time.map(|(time, _)| time);
                sink.event(&Event { offset, line, time, utc_offset_s, who, kind });
            });
        } else {
            let says = match self.spans {
                SpanDetail::Statements => record.says(),
                SpanDetail::Places | SpanDetail::Nothing => Says::Nothing,
            };
            let role = SpanRole::Record { lines_apart: false };
            let time = time.map(|(time, _)| time);
            let span = Span::at(text, at, role);
            sink.span(&Span { time, session: who.session, who, says, ..span });
        }
        self.state.leave(head, record.argument);
    }

    /// The server opened the file.
    fn banner(
        &mut self,
        banner: &Banner<'_>,
        text: &'a [u8],
        (at, line): (usize, u32),
        sink: &mut dyn Sink,
    ) {
        let (own, others) = text.split_at(banner.len.min(text.len()));
        self.lines_of_none(others, (at + own.len(), line.saturating_add(banner.lines)));
        if self.spans != SpanDetail::Nothing {
            return sink.span(&Span::at(own, at, SpanRole::Heading));
        }
        let (offset, line) = self.chunk.place(at, line);
        let kind = Kind::Version(Cow::Borrowed(banner.version));
        let who = Who::default();
        sink.event(&Event { offset, line, time: None, utc_offset_s: 0, who, kind });
    }

    /// Lines that belong to no record.
    fn lines_of_none(&mut self, text: &[u8], (mut at, mut line): (usize, u32)) {
        for text in text.split_inclusive(|b| *b == b'\n') {
            if !text.trim_ascii().is_empty() && !is_rest_of_banner(text) {
                let why = "no record of a general log: no time, session and command";
                let size_bytes = self.chunk.source_bytes(at..at + text.len(), line);
                self.reading.skip(self.chunk.skipped(at, line, why), size_bytes, 0);
            }
            at += text.len();
            line = line.saturating_add(1);
        }
    }
}

fn read_local(stamp: &LocalStamp, stamps: &mut StampParser<'_>) -> Option<(Timestamp, i32)> {
    stamps.parse(stamp).map(|stamp| (stamp.time, stamp.offset_s))
}
