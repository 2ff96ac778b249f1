//! Files of an application's source and configuration, for what they say of databases: which client
//! libraries, which engines, which settings of pools. Connection strings are looked at and never kept.
//!
//! `kinds` tells which file a text is and finds libraries (`libraries` names them), `pools` finds
//! settings and engines in any of them.

mod kinds;
mod libraries;
mod pools;

use super::config::WithheldMasker;
use super::whole::{Whole, parse_whole, tell_catalog};
use crate::model::catalog::{Application, Catalog, Library, Origin, Told};
use crate::model::event::{Engine, Sink};
use crate::model::facts::InputKind;
use crate::model::workload::examples::Place;
use crate::read::input::{Cut, Sample};
use crate::read::logs::application::APART;
use crate::read::logs::mask::Masker;
use crate::read::logs::segment::Segment;
use crate::read::logs::{ChunkText, FormatMeta, LogFormat, LogReader};
use crate::read::options::ReadOptions;
use crate::read::plans::file::text_of;
use memchr::memchr_iter;

static META: FormatMeta = FormatMeta {
    name: "application-files",
    engine: Engine::Postgres,
    title: "Dependencies and configuration of an application: package.json, pom.xml, .env, application.yml",
    samples: &[
        "{\"name\":\"shop\",\"dependencies\":{\"pg\":\"^8.11.0\"}}\n",
        "DATABASE_URL=postgres://app@db1/shop\nDB_POOL_SIZE=20\n",
    ],
    apart: Some(APART),
    sample_map: None,
};

/// The score of a file whose kind is plain.
const SCORE: u8 = 60;
/// The score of a file that only holds settings: less than that of any log.
const SETTINGS_SCORE: u8 = 34;

/// Files of an application.
pub struct ApplicationFile;

impl LogFormat for ApplicationFile {
    fn meta(&self) -> &'static FormatMeta {
        &META
    }

    fn kind(&self) -> InputKind {
        InputKind::Catalog
    }

    fn sniff(&self, sample: &Sample, _: &ReadOptions) -> u8 {
        let text = String::from_utf8_lossy(&sample.head);
        if !sample.whole {
            return 0;
        }
        match kinds::kind_of(&text) {
            Some(_) => SCORE,
            None if has_settings(&text) => SETTINGS_SCORE,
            None => 0,
        }
    }

    fn open(&self, sample: &Sample, _: &ReadOptions) -> Box<dyn LogReader> {
        let text = String::from_utf8_lossy(&sample.head);
        let told = said(&text);
        let engine = told.libraries.iter().find_map(|(_, _, library)| library.engine);
        let kind = kinds::kind_of(&text).map(|(kind, _)| kind.name);
        Box::new(Reader { engine, kind })
    }
}

/// Whether a text is a list of names and values, and some of them are about a database.
fn has_settings(text: &str) -> bool {
    // Servers have settings files of their own.
    const OF_SERVERS: [&str; 3] = ["[pgbouncer]", "[mysqld", "[mariadb"];
    if OF_SERVERS.iter().any(|section| text.contains(section)) {
        return false;
    }
    let (mut pairs, mut others) = (0, 0);
    for line in text.lines().map(str::trim) {
        match line {
            "" | "---" => {}
            line if line.starts_with(['#', ';', '[', '!', '-']) => {}
            line if is_pair(line) => pairs += 1,
            _ => others += 1,
        }
    }
    pairs > others && (!pools::engines(text).is_empty() || !pools::settings(text).is_empty())
}

/// `name=value`, `name: value`, `name:`, also behind `export`; `host:5432:…` of `.pgpass`.
fn is_pair(line: &str) -> bool {
    let line = line.strip_prefix("export ").unwrap_or(line);
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '"' | '*');
    let end = line.find(|c| !is_name(c)).unwrap_or(line.len());
    let behind = line.get(end..).unwrap_or_default().trim_start();
    end > 0 && behind.starts_with(['=', ':'])
}

/// What a text says: libraries and settings, each with where it stands.
#[derive(Default)]
struct Said<'t> {
    libraries: Vec<(usize, &'static str, Library)>,
    settings: Vec<pools::Setting<'t>>,
}

fn said(text: &str) -> Said<'_> {
    let named = kinds::kind_of(text).map(|(_, named)| named).unwrap_or_default();
    let named = named.into_iter().map(|one| {
        let version = one.version.map(Into::into);
        (one.start, one.name, Library { engine: one.engine, version })
    });
    let engines = pools::engines(text).into_iter().map(|(start, what, engine)| {
        (start, what, Library { engine: Some(engine), version: None })
    });
    Said { libraries: named.chain(engines).collect(), settings: pools::settings(text) }
}

struct Reader {
    engine: Option<Engine>,
    kind: Option<&'static str>,
}

impl LogReader for Reader {
    fn notes(&self) -> Vec<String> {
        let what = self.kind.unwrap_or("settings");
        vec![format!("{what} of an application: client libraries and settings of pools are read")]
    }

    fn engine(&self) -> Option<Engine> {
        self.engine
    }

    fn cut(&self) -> Box<dyn Cut + Send> {
        Box::new(Whole)
    }

    fn cuts_anywhere(&self) -> bool {
        false
    }

    fn masker(&self) -> Box<dyn Masker + '_> {
        Box::new(WithheldMasker)
    }

    fn parse(&self, chunk: ChunkText<'_>, sink: &mut dyn Sink) -> Segment {
        parse_whole(&chunk, sink, |reading, sink| {
            reading.records = 1;
            let text = text_of(chunk.bytes);
            let ends: Vec<usize> = memchr_iter(b'\n', text.as_bytes()).collect();
            let origin = |start: usize| {
                let line = ends.partition_point(|end| *end < start) as u32;
                let (offset, line_in_chunk) = chunk.place(start, line);
                Origin { taken: None, place: Place { source: 0, offset, line_in_chunk } }
            };
            let said = said(&text);
            let mut application = Application::default();
            for (start, name, library) in said.libraries {
                application.libraries.insert(name.into(), Told::new(library, origin(start)));
            }
            for (start, name, value) in said.settings {
                let told = Told::new(value.into(), origin(start));
                application.pool_settings.insert(name.into(), told);
            }
            let mut catalog = Catalog::default();
            catalog.application.merge(application);
            if !catalog.is_empty() {
                tell_catalog(&catalog, chunk.place(0, 0), sink);
            }
        })
    }
}
