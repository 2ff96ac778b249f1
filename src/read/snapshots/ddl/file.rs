//! Files of schema dumps and migrations, read like logs whose records are statements.
//!
//! What a statement changes is found where its chunk is read; in which order they stand, and so what
//! the schema is at the end, is known when all chunks are joined: then one event tells the catalog.

use super::change::Change;
use super::draft::Draft;
use super::guess::{Framing, Guess, guess};
use super::pasted::{last_line, pasted};
use super::splitter::{STATEMENT_MAX_BYTES, Splitter, What};
use super::statement::{Unread, read_statement};
use crate::lang::sql::lexer::Dialect;
use crate::model::catalog::Origin;
use crate::model::event::{Engine, Sink, Span, SpanDetail, SpanRole};
use crate::model::facts::InputKind;
use crate::model::workload::examples::Place;
use crate::read::input::{Cut, Sample, Taken};
use crate::read::logs::segment::{Carry, Reading, Segment};
use crate::read::logs::{ChunkText, FormatMeta, LogFormat, LogReader};
use crate::read::options::ReadOptions;
use crate::read::snapshots::whole::tell_catalog;
use memchr::{memchr_iter, memmem};
use std::any::Any;
use std::ops::Range;

/// Schema dumps.
pub struct DdlFile;

static META: FormatMeta = FormatMeta {
    name: "ddl",
    engine: Engine::Postgres,
    title: "Schema dumps and migrations: pg_dump, mysqldump, SQLite's .schema, SHOW CREATE TABLE",
    samples: &[
        "--\n-- PostgreSQL database dump\n--\n\n\\restrict b2a7\n\nSET statement_timeout = 0;\n\
         SELECT pg_catalog.set_config('search_path', '', false);\n\n\
         CREATE TABLE public.orders (\n    id bigint NOT NULL,\n    note text\n);\n\n\n\
         ALTER TABLE ONLY public.orders\n    ADD CONSTRAINT orders_pkey PRIMARY KEY (id);\n",
        "/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump 10.19  Distrib 10.11.19-MariaDB\n\
         --\n-- Host: localhost    Database: shop\n\
         /*!40101 SET NAMES utf8mb4 */;\nDROP TABLE IF EXISTS `orders`;\n\
         CREATE TABLE `orders` (\n  `id` int(11) NOT NULL AUTO_INCREMENT,\n  PRIMARY KEY (`id`)\n\
         ) ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4;\n",
        "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n\
         CREATE TABLE orders(id INTEGER PRIMARY KEY, note TEXT UNIQUE);\nCOMMIT;\n",
        "CREATE TABLE IF NOT EXISTS orders (id serial PRIMARY KEY, note text);\n\
         CREATE INDEX ON orders (note);\n",
        "*************************** 1. row ***************************\n       \
         Table: orders\nCreate Table: CREATE TABLE `orders` (\n  `id` int NOT NULL,\n  \
         PRIMARY KEY (`id`)\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4\n1 row in set (0.00 sec)\n",
    ],
    apart: None,
    sample_map: None,
};

impl LogFormat for DdlFile {
    fn meta(&self) -> &'static FormatMeta {
        &META
    }

    fn kind(&self) -> InputKind {
        InputKind::Ddl
    }

    fn sniff(&self, sample: &Sample, _: &ReadOptions) -> u8 {
        guess(&sample.head, sample.whole).score
    }

    fn open(&self, sample: &Sample, _: &ReadOptions) -> Box<dyn LogReader> {
        Box::new(DdlReader { guess: guess(&sample.head, sample.whole) })
    }
}

struct DdlReader {
    guess: Guess,
}

impl LogReader for DdlReader {
    fn notes(&self) -> Vec<String> {
        let dialect = match self.guess.dialect {
            Dialect::Postgres => "PostgreSQL",
            Dialect::Mysql => "MySQL",
            Dialect::Sqlite => "SQLite",
        };
        vec![format!("statements in the dialect of {dialect}")]
    }

    fn engine(&self) -> Option<Engine> {
        Some(self.guess.engine)
    }

    fn cut(&self) -> Box<dyn Cut + Send> {
        match self.guess.framing {
            Framing::Plain => Box::new(StatementCut(Splitter::new(self.guess.dialect))),
            Framing::Pasted => Box::new(FrameCut),
        }
    }

    fn cuts_anywhere(&self) -> bool {
        false
    }

    fn parse(&self, chunk: ChunkText<'_>, sink: &mut dyn Sink) -> Segment {
        let mut read = ChunkRead {
            chunk,
            dialect: self.guess.dialect,
            behind: 0,
            line: 0,
            reading: Reading::default(),
            changes: Vec::new(),
            sink,
        };
        match self.guess.framing {
            Framing::Plain => read.plain(),
            Framing::Pasted => {
                for one in pasted(chunk.bytes) {
                    read.statement(&one.text, one.start..one.start + one.text.len());
                }
            }
        }
        let ChunkRead { mut reading, changes, .. } = read;
        reading.lines = memchr_iter(b'\n', chunk.bytes).count() as u64;
        let dialect = self.guess.dialect;
        Segment { reading, carry: Box::new(Changes { dialect, all: changes }) }
    }
}

/// One chunk while it is read.
struct ChunkRead<'a, 'b> {
    chunk: ChunkText<'a>,
    dialect: Dialect,
    /// Lines are counted up to here.
    behind: usize,
    line: u32,
    reading: Reading,
    changes: Vec<(Change, Origin)>,
    sink: &'b mut dyn Sink,
}

impl ChunkRead<'_, '_> {
    fn plain(&mut self) {
        let text = self.chunk.bytes;
        let mut splitter = Splitter::at(self.dialect, self.chunk.context);
        let mut at = 0;
        while let Some(piece) = splitter.step(text, at, true) {
            at = piece.next;
            let bytes = text.get(piece.text.clone()).unwrap_or_default();
            match piece.what {
                What::Statement => self.statement(bytes, piece.text),
                What::Open => self.unread(piece.text, "it is cut off inside a literal or comment"),
                What::TooLong => {
                    let megabytes = STATEMENT_MAX_BYTES / 1024 / 1024;
                    let range = piece.text.start..piece.text.start;
                    self.unread(range, &format!("it is longer than {megabytes} MB"));
                }
                What::Comment => self.comment(bytes, piece.text.start),
                What::Passed | What::Data => {}
            }
        }
    }

    fn origin(&mut self, start: usize) -> Origin {
        let between = self.chunk.bytes.get(self.behind..start).unwrap_or_default();
        self.line = self.line.saturating_add(memchr_iter(b'\n', between).count() as u32);
        self.behind = start;
        let (offset, line_in_chunk) = self.chunk.place(start, self.line);
        Origin { taken: None, place: Place { source: 0, offset, line_in_chunk } }
    }

    fn statement(&mut self, bytes: &[u8], range: Range<usize>) {
        let text = String::from_utf8_lossy(bytes);
        match read_statement(&text, self.dialect) {
            Ok(changes) if changes.is_empty() => {}
            Ok(changes) => {
                self.reading.records += 1;
                let origin = self.origin(range.start);
                self.changes.extend(changes.into_iter().map(|change| (change, origin)));
                if self.sink.wants_spans() != SpanDetail::Nothing {
                    let bytes = self.chunk.bytes.get(range.clone()).unwrap_or_default();
                    let role = SpanRole::Record { lines_apart: false };
                    self.sink.span(&Span::at(bytes, range.start, role));
                }
            }
            Err(Unread(why)) => self.unread(range, &why),
        }
    }

    fn unread(&mut self, range: Range<usize>, why: &str) {
        let Origin { place, .. } = self.origin(range.start);
        let message = format!("a statement cannot be read: {why}");
        let skipped = crate::read::logs::segment::Skipped {
            offset: place.offset,
            line_in_chunk: place.line_in_chunk,
            message: message.into(),
        };
        self.reading.skip(skipped, range.len(), 1);
    }

    /// mysqldump names the database in a comment where no statement does.
    fn comment(&mut self, comment: &[u8], start: usize) {
        let is_head = self.dialect == Dialect::Mysql && comment.starts_with(b"-- Host: ");
        let Some(at) = memmem::find(comment, b"Database: ").filter(|_| is_head) else { return };
        let name = comment.get(at + b"Database: ".len()..).unwrap_or_default().trim_ascii();
        if !name.is_empty() && !name.contains(&b' ') {
            let name = String::from_utf8_lossy(name).into();
            let origin = self.origin(start);
            self.changes.push((Change::UseSchema(Some(name)), origin));
        }
    }
}

/// What the statements of some chunks change, in their order.
struct Changes {
    dialect: Dialect,
    all: Vec<(Change, Origin)>,
}

impl Carry for Changes {
    fn join(mut self: Box<Self>, next: Box<dyn Carry>, _: &mut dyn Sink) -> Box<dyn Carry> {
        if let Ok(next) = next.into_any().downcast::<Changes>() {
            self.all.extend(next.all);
        }
        self
    }

    fn begin_source(&mut self, _: &mut dyn Sink) {}

    fn finish(self: Box<Self>, sink: &mut dyn Sink) {
        let mut draft = Draft::new(self.dialect);
        for (change, origin) in self.all {
            draft.apply(change, origin);
        }
        let catalog = draft.finish();
        let first = catalog.tables.values().find_map(|table| table.definition.as_ref());
        let place = first.map(|told| told.origin.place);
        if !catalog.is_empty() {
            let place = place.map_or((0, 0), |place| (place.offset, place.line_in_chunk));
            tell_catalog(&catalog, place, sink);
        }
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

/// Cuts behind statements, and inside of data.
struct StatementCut(Splitter);

impl Cut for StatementCut {
    fn cut(&mut self, buf: &[u8], _: usize, eof: bool) -> Option<usize> {
        if eof {
            return None;
        }
        let mut at = 0;
        while let Some(piece) = self.0.step(buf, at, false) {
            at = piece.next;
        }
        Some(at).filter(|at| *at > 0)
    }

    fn taken(&mut self) -> Taken {
        self.0.told().into()
    }
}

/// Cuts before the last statement in a frame.
struct FrameCut;

impl Cut for FrameCut {
    fn cut(&mut self, buf: &[u8], _: usize, eof: bool) -> Option<usize> {
        last_line(buf).filter(|at| *at > 0 && !eof)
    }
}
