//! What one record of a slow log leaves unsaid because an earlier one said it: the default database,
//! written only when it changes, and the time, which old servers write once a second.

use super::super::banner::line_at;
use super::record::Record;

/// A time takes no more.
const TIME_BYTES: usize = 40;

/// What holds until a record says otherwise.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub(super) struct Sticky {
    /// The default database; empty: none known.
    pub database: Vec<u8>,
    /// What stands behind `# Time: `; empty: none yet.
    pub time: Vec<u8>,
}

impl Sticky {
    /// Takes what a record says.
    pub fn pass(&mut self, record: &Record, text: &[u8]) {
        if let Some(database) = &record.database {
            set(&mut self.database, unquoted(&text[database.clone()]));
        }
        let header = text.get(record.start..).unwrap_or_default();
        if let Some(rest) = header.strip_prefix(b"# Time: ") {
            let (time, _) = line_at(rest, 0);
            // Old servers may join the next line to it.
            let end = memchr::memchr(b'#', time).unwrap_or(time.len());
            set(&mut self.time, &time[..end.min(TIME_BYTES)]);
        }
    }

    /// For [`crate::read::input::Cut::taken`].
    pub fn encode(&self) -> Box<[u8]> {
        [&self.time[..], b"\n", &self.database].concat().into_boxed_slice()
    }

    /// The same from the context of a chunk.
    pub fn decode(context: &[u8]) -> Self {
        match context.iter().position(|b| *b == b'\n') {
            Some(end) => {
                Sticky { time: context[..end].to_vec(), database: context[end + 1..].to_vec() }
            }
            None => Sticky::default(),
        }
    }
}

/// Reuses what is there: the same database comes again and again.
fn set(into: &mut Vec<u8>, value: &[u8]) {
    if into != value {
        into.clear();
        into.extend_from_slice(value);
    }
}

/// A name without its backticks.
fn unquoted(name: &[u8]) -> &[u8] {
    let name = name.trim_ascii();
    name.strip_prefix(b"`").and_then(|name| name.strip_suffix(b"`")).unwrap_or(name)
}
