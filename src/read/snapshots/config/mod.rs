//! Settings files of servers and poolers, read like logs whose only record is the whole file.
//!
//! Each format is a file of its own that finds names and values in a text ([`Content`]); here they
//! become settings of the catalog, whose source is the kind of file, so that what the server itself
//! says stands above them. Values of secrets are dropped here, for all formats.
//!
//! | file | owns |
//! |---|---|
//! | `postgresql` | `postgresql.conf`, `postgresql.auto.conf` and parts of them |
//! | `mysql` | option files: `my.cnf`, `mysqld.cnf`, `50-server.cnf` |
//! | `mongod` | `mongod.conf` in YAML and in the old form |
//! | `pgbouncer` | `pgbouncer.ini` |
//! | `ini` | sections, names and values of the formats that have them |

mod ini;
pub mod mongod;
pub mod mysql;
pub mod pgbouncer;
pub mod postgresql;

use super::secret::is_secret;
use super::whole::{Whole, parse_whole, tell_catalog};
use crate::model::catalog::{Catalog, Origin, Pool, PoolName, Setting, Told, add_state};
use crate::model::event::{Engine, Sink};
use crate::model::workload::examples::Place;
use crate::read::input::Cut;
use crate::read::logs::mask::{Masker, WITHHELD};
use crate::read::logs::segment::Segment;
use crate::read::logs::{ChunkText, LogReader};
use crate::read::plans::file::text_of;

/// The longest value that is kept, in bytes: no setting that is judged has a longer one.
const VALUE_MAX_BYTES: usize = 1024;

/// Where a line stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct At {
    /// Its first byte in the text.
    start: usize,
    /// Its number in the text, from 0.
    line: u32,
}

/// What a settings file says.
#[derive(Default, Debug)]
struct Content {
    /// Names, as the server knows them, and values without quotes; of equal names the last holds.
    settings: Vec<(At, String, String)>,
    /// Pools of a pooler.
    pools: Vec<(At, PoolName, Pool)>,
    /// Lines that are none of the format.
    unread: Vec<(At, &'static str)>,
    /// Other files that it includes.
    includes: Vec<String>,
}

/// The lines of a text without their ends.
fn lines(text: &str) -> impl Iterator<Item = (At, &str)> {
    let mut start = 0;
    (0u32..).zip(text.split_inclusive('\n')).map(move |(line, text)| {
        let at = At { start, line };
        start += text.len();
        (at, text.trim_end_matches(['\n', '\r']))
    })
}

/// A reader of one settings file.
struct ConfigReader {
    engine: Engine,
    /// The kind of file, as [`Setting::source`] has it.
    source: &'static str,
    notes: Vec<String>,
    read: fn(&str) -> Content,
}

impl ConfigReader {
    /// One for the text of which `sample` is the beginning.
    fn open(
        engine: Engine,
        source: &'static str,
        read: fn(&str) -> Content,
        sample: &[u8],
    ) -> Box<dyn LogReader> {
        let included = read(&String::from_utf8_lossy(sample)).includes;
        let notes = match included.as_slice() {
            [] => Vec::new(),
            files => vec![format!(
                "it includes {}: settings there are known where these are given, too",
                files.join(", ")
            )],
        };
        Box::new(ConfigReader { engine, source, notes, read })
    }

    fn catalog(&self, content: Content, chunk: &ChunkText<'_>) -> Catalog {
        let origin = |at: At| {
            let (offset, line_in_chunk) = chunk.place(at.start, at.line);
            Origin { taken: None, place: Place { source: 0, offset, line_in_chunk } }
        };
        let mut catalog = Catalog::default();
        for (at, name, value) in content.settings {
            if value.len() > VALUE_MAX_BYTES || is_secret(&name, &value) {
                continue;
            }
            let setting =
                Setting { value: value.into(), unit: None, source: Some(self.source.into()) };
            catalog.settings.insert(name.into(), Told::new(setting, origin(at)));
        }
        for (at, name, pool) in content.pools {
            add_state(&mut catalog.pools, name, Told::new(pool, origin(at)));
        }
        catalog
    }
}

impl LogReader for ConfigReader {
    fn notes(&self) -> Vec<String> {
        self.notes.clone()
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
        Box::new(WithheldMasker)
    }

    fn parse(&self, chunk: ChunkText<'_>, sink: &mut dyn Sink) -> Segment {
        parse_whole(&chunk, sink, |reading, sink| {
            reading.records = 1;
            let text = text_of(chunk.bytes);
            let mut content = (self.read)(&text);
            for (at, why) in std::mem::take(&mut content.unread) {
                let size =
                    text.get(at.start..).and_then(|rest| rest.lines().next()).map_or(0, str::len);
                reading.skip(chunk.skipped(at.start, at.line, why), size, 1);
            }
            let catalog = self.catalog(content, &chunk);
            if !catalog.is_empty() {
                tell_catalog(&catalog, chunk.place(0, 0), sink);
            }
        })
    }
}

/// A settings file is no record of a log: nobody needs it in a slice, and any line may hold a secret.
pub(super) struct WithheldMasker;

impl Masker for WithheldMasker {
    fn mask(&mut self, _: &[u8], out: &mut String) {
        out.push_str(WITHHELD);
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names and values, for the tests of formats.
    pub(super) fn settings(content: &Content) -> Vec<(&str, &str)> {
        content.settings.iter().map(|(_, name, value)| (&**name, &**value)).collect()
    }

    #[test]
    fn no_text_makes_a_format_panic() {
        let texts = [
            "[",
            "[]",
            "=",
            "a='",
            "a=''",
            "a=\"",
            "!include",
            "%include",
            "a: \"",
            "\u{fe}=é",
            ":\n  :",
        ];
        for text in texts {
            for read in [postgresql::read, mysql::read, mongod::read, pgbouncer::read] {
                let content = read(text);
                assert!(content.settings.len() <= 2, "{text}");
            }
        }
    }
}
