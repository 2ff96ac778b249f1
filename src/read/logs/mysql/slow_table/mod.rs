//! Dumps of the tables `mysql.slow_log` and `mysql.general_log`, into which a server writes with
//! `log_output=TABLE`: what RDS has until it is told otherwise.
//!
//! | file | owns |
//! |---|---|
//! | `layout` | in which form a dump is, and of which table |
//! | `columns`, `rows`, `vertical` | columns, rows and fields of every form |
//! | `when` | durations |
//! | `mask` | rows without literals |
//!
//! A row's time is the start of its run, in the zone of the server (or of the session that dumped
//! it). What sessions are known by is that of the general log's file.

mod columns;
mod layout;
mod mask;
mod rows;
mod vertical;
mod when;

use super::believed::Believed;
use super::commands::Command;
use super::ends::Doubt;
use super::general_log::head::Head;
use super::general_log::state::State;
use super::general_log::tell::Record;
use super::user_host::UserHost;
use crate::model::event::{
    Attribute, Engine, Event, Key, Kind, Known, Said, Says, Sink, Span, SpanDetail, SpanRole,
    Statement, Value, Who, session_of_text,
};
use crate::read::input::{Cut, LineCut, Sample};
use crate::read::logs::mask::Masker;
use crate::read::logs::segment::{NothingWaits, Reading, Segment};
use crate::read::logs::walk_cut::{Walk, WalkCut};
use crate::read::logs::{ChunkText, FormatMeta, LogFormat, LogReader};
use crate::read::options::ReadOptions;
use crate::time::{StampParser, Timestamp, ZoneTable};
use columns::{Column, Table};
use layout::Layout;
use mask::RowMasker;
use memchr::{memchr_iter, memmem};
use rows::Row;
use std::borrow::Cow;
use std::sync::Arc;
use when::clock_us;

static META: FormatMeta = FormatMeta {
    name: "mysql-table",
    engine: Engine::Mysql,
    title: "dump of the table mysql.slow_log or mysql.general_log",
    samples: &[
        "start_time\tuser_host\tquery_time\tlock_time\trows_sent\trows_examined\tdb\tlast_insert_id\tinsert_id\tserver_id\tsql_text\tthread_id\n2026-11-23 03:28:16.676991\troot[root] @ localhost [127.0.0.1]\t00:00:00.013994\t00:00:00.000004\t1\t30000\tshop\t0\t0\t1\tselect count(*) from orders where total>50\t53\n",
        "\"2026-11-23 14:43:25.810479\",\"app[app] @ localhost []\",\"00:00:00.001032\",\"00:00:00.000106\",1,2,\"shop\",0,0,1,\"select 'it\\\"s'\\n from t\",9,0\n",
        "*************************** 1. row ***************************\n  event_time: 2026-11-23 14:41:16.771909\n   user_host: root[root] @ localhost []\n   thread_id: 4\n   server_id: 1\ncommand_type: Query\n    argument: select 1\n",
    ],
    sample_map: None,
    apart: None,
};

/// Dumps of the log tables.
pub struct SlowTable;

impl LogFormat for SlowTable {
    fn meta(&self) -> &'static FormatMeta {
        &META
    }

    fn sniff(&self, sample: &Sample, _: &ReadOptions) -> u8 {
        if Layout::of(&sample.head, sample.whole).is_some() { 97 } else { 0 }
    }

    fn open(&self, sample: &Sample, options: &ReadOptions) -> Box<dyn LogReader> {
        let layout = Layout::of(&sample.head, sample.whole);
        let names_affected = memmem::find(&sample.head, b"rows_affected").is_some();
        let has_affected = |layout: &Layout| layout.columns.contains(&Column::RowsAffected);
        let is_mariadb = names_affected || layout.as_ref().is_some_and(has_affected);
        let mut stamps = StampParser::new(&options.zones);
        let second = |line: &[u8]| {
            stamps.parse(start_time(line)?).map(|stamp| stamp.time.0.div_euclid(1_000_000))
        };
        Box::new(TableReader {
            believed: Believed::of_sample(sample, second),
            layout,
            zones: Arc::clone(&options.zones),
            engine: if is_mariadb { Engine::Mariadb } else { Engine::Mysql },
        })
    }
}

/// The stamp of a line that begins with one, in whatever form of a dump.
fn start_time(line: &[u8]) -> Option<&[u8]> {
    let text = line.trim_ascii_start();
    let text = text.strip_prefix(b"start_time: ").or(text.strip_prefix(b"\"")).unwrap_or(text);
    let is_stamp = |text: &&[u8]| text[..4].iter().all(u8::is_ascii_digit) && text[4] == b'-';
    text.get(..19).filter(is_stamp)
}

struct TableReader {
    /// A client may set the time of its statements.
    believed: Believed,
    /// `None` if somebody states the format of what is no dump.
    layout: Option<Layout>,
    zones: Arc<ZoneTable>,
    engine: Engine,
}

impl LogReader for TableReader {
    fn notes(&self) -> Vec<String> {
        let what = match self.layout.as_ref().map(|layout| layout.table) {
            Some(Table::General) => {
                "mysql.general_log: when a statement came in, not how long it took"
            }
            _ => "mysql.slow_log: a run's end is its start_time and its query_time",
        };
        let zone = match self.zones.is_stated() {
            true => "times are of the zone that --tz states",
            false => {
                "times are of the zone of the server or of the session that dumped the table: read as UTC, --tz settles it"
            }
        };
        vec![what.to_owned(), zone.to_owned()]
    }

    fn engine(&self) -> Option<Engine> {
        Some(self.engine)
    }

    fn refusal(&self) -> Option<String> {
        let why = "it is no dump of mysql.slow_log or mysql.general_log: neither the columns' names nor rows of either table stand at its beginning";
        self.layout.is_none().then(|| why.to_owned())
    }

    fn cut(&self) -> Box<dyn Cut + Send> {
        match self.layout.clone() {
            Some(layout) => Box::new(WalkCut::new(Rows { layout, state: State::default() })),
            // Refused: nothing of it is read.
            None => Box::new(LineCut),
        }
    }

    fn cuts_anywhere(&self) -> bool {
        false
    }

    fn masker(&self) -> Box<dyn Masker + '_> {
        Box::new(RowMasker { layout: self.layout.as_ref() })
    }

    fn parse(&self, chunk: ChunkText<'_>, sink: &mut dyn Sink) -> Segment {
        let mut parser = ChunkParser {
            stamps: StampParser::new(&self.zones),
            believed: self.believed,
            state: State::decode(chunk.context),
            reading: Reading::default(),
            spans: sink.wants_spans(),
            chunk,
        };
        if let Some(layout) = &self.layout {
            parser.run(layout, sink);
        }
        Segment { reading: parser.reading, carry: Box::new(NothingWaits) }
    }
}

/// A walk over the rows of a dump; of general_log it knows the sessions.
struct Rows {
    layout: Layout,
    state: State,
}

impl Walk for Rows {
    fn pass(&mut self, text: &[u8]) -> Option<usize> {
        let size = self.layout.form.row_bytes(text, false)?;
        if self.layout.table == Table::General
            && let Some(row) = text.get(..size).and_then(|text| self.layout.row(text))
            && let Some(record) = general_record(&row)
        {
            self.state.meet(&record.head);
            self.state.learn(&record.head, record.argument);
            self.state.leave(&record.head, record.argument);
        }
        Some(size)
    }

    fn context(&self) -> Box<[u8]> {
        match self.layout.table {
            Table::General => self.state.encode(),
            Table::Slow => Box::default(),
        }
    }
}

/// A row of general_log as the record that the log's file would hold.
fn general_record<'r>(row: &'r Row<'_>) -> Option<Record<'r>> {
    let value = |column: Column| row[column.index()].as_deref();
    let thread_id = std::str::from_utf8(value(Column::ThreadId)?).ok()?.parse().ok()?;
    let command = Command::of_name(value(Column::Command)?)?;
    let head = Head { stamp: None, thread_id, command, len: 0 };
    let argument = value(Column::Text).unwrap_or_default();
    Some(Record { head, argument, doubt: Doubt::None, is_cut: false })
}

/// Where a row stands, and when it was written.
#[derive(Clone, Copy)]
struct Place<'a> {
    text: &'a [u8],
    start: usize,
    line: u32,
    /// `None` if it is not believed.
    time: Option<Timestamp>,
    utc_offset_s: i32,
}

struct ChunkParser<'a, 'z> {
    stamps: StampParser<'z>,
    believed: Believed,
    state: State,
    reading: Reading,
    /// Spans are told instead of events.
    spans: SpanDetail,
    chunk: ChunkText<'a>,
}

impl<'a> ChunkParser<'a, '_> {
    fn run(&mut self, layout: &Layout, sink: &mut dyn Sink) {
        let bytes = self.chunk.bytes;
        let (mut start, mut line) = (0, 0u32);
        while let Some(rest) = bytes.get(start..).filter(|rest| !rest.is_empty()) {
            let size = layout.form.row_bytes(rest, true).unwrap_or(rest.len()).max(1);
            let text = rest.get(..size).unwrap_or(rest);
            if text.trim_ascii().is_empty() {
                // Nothing stands there.
            } else if layout.is_header(text) {
                if self.spans != SpanDetail::Nothing {
                    sink.span(&Span::at(text, start, SpanRole::Heading));
                }
            } else if !self.row(layout, text, start, line, sink) {
                let why = "no row of the table: its columns do not fit";
                let size_bytes = self.chunk.source_bytes(start..start + text.len(), line);
                self.reading.skip(self.chunk.skipped(start, line, why), size_bytes, 1);
            }
            line = line.saturating_add(memchr_iter(b'\n', text).count() as u32);
            start += text.len();
        }
        let unended = bytes.last().is_some_and(|last| *last != b'\n');
        self.reading.lines = u64::from(line) + u64::from(unended);
    }

    /// Tells of a row; whether it was understood.
    fn row(
        &mut self,
        layout: &Layout,
        text: &'a [u8],
        start: usize,
        line: u32,
        sink: &mut dyn Sink,
    ) -> bool {
        let Some(row) = layout.row(text) else { return false };
        let stamp = row[Column::Time.index()].as_deref().and_then(|time| self.stamps.parse(time));
        let Some(stamp) = stamp else { return false };
        let (time, utc_offset_s) = (self.believed.only(stamp.time), stamp.offset_s);
        let place = Place { text, start, line, time, utc_offset_s };
        let is_told = match layout.table {
            Table::Slow => self.slow(&row, place, sink),
            Table::General => self.general(&row, place, sink),
        };
        self.reading.records += u64::from(is_told);
        is_told
    }

    fn slow(&mut self, row: &Row<'_>, place: Place<'a>, sink: &mut dyn Sink) -> bool {
        let value = |column: Column| row[column.index()].as_deref();
        let Some(duration_us) = value(Column::QueryTime).and_then(clock_us) else { return false };
        let ended = |started: Timestamp| Timestamp(started.0.saturating_add_unsigned(duration_us));
        let time = place.time.map(ended);
        let place = Place { time, ..place };
        let mut attributes =
            [Attribute { key: Key::Known(Known::LockTime), value: Value::Number(0) }; 4];
        let mut count = 0;
        for (column, known) in [
            (Column::LockTime, Known::LockTime),
            (Column::RowsSent, Known::RowsSent),
            (Column::RowsExamined, Known::RowsExamined),
            (Column::RowsAffected, Known::RowsAffected),
        ] {
            let number = value(column).and_then(|text| match column {
                Column::LockTime => clock_us(text),
                _ => std::str::from_utf8(text).ok()?.parse().ok(),
            });
            if let (Some(number), Some(free)) = (number, attributes.get_mut(count)) {
                *free = Attribute { key: Key::Known(known), value: Value::Number(number) };
                count += 1;
            }
        }
        let raw = value(Column::Text).unwrap_or_default();
        let text = of_hexadecimal(raw);
        let text = match Command::of_name(text.trim_ascii()) {
            Some(command) => command.administrator.as_bytes(),
            None => text.trim_ascii(),
        };
        let user = UserHost::read(value(Column::UserHost).unwrap_or_default());
        let session = value(Column::ThreadId).map_or(0, session_of_text);
        let database = value(Column::Database).filter(|name| !name.is_empty() && *name != b"NULL");
        let who = Who { user: user.user, database, host: user.host, app: None, session };
        let duration_us = Some(duration_us);
        if let Some(time) = time {
            self.reading.saw(time, place.utc_offset_s);
        }
        if self.spans == SpanDetail::Nothing {
            let statement = Statement {
                text: Cow::Borrowed(text),
                duration_us,
                attributes: attributes.get(..count).unwrap_or_default(),
                ..Statement::default()
            };
            self.event(place, who, Kind::Statement(statement), sink);
        } else {
            let says = Says::Ran(Said { text, cut: false, duration_us });
            self.tell_span(place, who, says, sink);
        }
        true
    }

    fn general(&mut self, row: &Row<'_>, place: Place<'a>, sink: &mut dyn Sink) -> bool {
        let Some(record) = general_record(row) else { return false };
        let head = record.head;
        if let Some(time) = place.time {
            self.reading.saw(time, place.utc_offset_s);
        }
        let knock = self.state.meet(&head);
        self.state.learn(&head, record.argument);
        let user = UserHost::read(row[Column::UserHost.index()].as_deref().unwrap_or_default());
        let session = self.state.session(head.thread_id).cloned();
        let known = record.who(session.as_ref());
        let who = Who { user: known.user.or(user.user), host: known.host.or(user.host), ..known };
        if self.spans == SpanDetail::Nothing {
            record.tell(knock, &mut |kind| self.event(place, who, kind, sink));
        } else {
            self.tell_span(place, who, record.says(), sink);
        }
        self.state.leave(&head, record.argument);
        true
    }

    fn event(&self, place: Place<'_>, who: Who<'_>, kind: Kind<'_>, sink: &mut dyn Sink) {
        let (offset, line) = self.chunk.place(place.start, place.line);
        let Place { time, utc_offset_s, .. } = place;
        sink.event(&Event { offset, line, time, utc_offset_s, who, kind });
    }

    fn tell_span(&self, place: Place<'_>, who: Who<'_>, says: Says<'_>, sink: &mut dyn Sink) {
        let says = if self.spans == SpanDetail::Statements { says } else { Says::Nothing };
        let role = SpanRole::Record { lines_apart: false };
        let time = place.time;
        let span = Span::at(place.text, place.start, role);
        sink.span(&Span { time, session: who.session, who, says, ..span });
    }
}

/// A text that the client showed as `0x73656C…`, since the column is a BLOB.
fn of_hexadecimal(text: &[u8]) -> Cow<'_, [u8]> {
    let Some(digits) = text.strip_prefix(b"0x").filter(|digits| digits.len() > 1) else {
        return Cow::Borrowed(text);
    };
    let nibble = |byte: &u8| char::from(*byte).to_digit(16);
    let byte = |pair: &[u8]| match pair {
        [high, low] => u8::try_from(nibble(high)? * 16 + nibble(low)?).ok(),
        _ => None,
    };
    let bytes: Option<Vec<u8>> = digits.chunks(2).map(byte).collect();
    bytes.map_or(Cow::Borrowed(text), Cow::Owned)
}
