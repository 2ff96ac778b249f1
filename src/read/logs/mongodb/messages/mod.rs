//! Log lines that are no slow operation: connections, logins, elections, index builds, trouble.
//!
//! In: one line of a structured log (MongoDB 4.4 and later: an id and attributes) or of a text log
//! (before: the whole text). Out: its events. Both are told from one table: what a line means is
//! looked up by its id, and a text line gets the id and the attributes that the same message has in
//! a structured log (`template`), so that a server's log tells the same before and after an
//! upgrade. Each topic has its file with its rows; what stands in none of them is told if the
//! server itself calls it a warning or an error (`trouble`).

mod auth;
mod client;
mod connections;
mod indexes;
mod replication;
mod said;
mod startup;
mod storage;
mod template;
mod trouble;

pub(super) use trouble::cancelled_by;

use crate::model::event::{Event, Kind, Level, LogMessage, Sink, Topic, Who, session_of_text};
use crate::time::Timestamp;
use said::Said;
use std::borrow::Cow;
use std::sync::LazyLock;

/// A line of a log, whichever form it has.
pub struct Line<'a> {
    /// Byte offset of the record in the source.
    pub offset: u64,
    /// Line, counted from the start of its chunk.
    pub line_in_chunk: u32,
    /// When it was written.
    pub time: Option<Timestamp>,
    /// Seconds east of UTC of the clock that wrote it.
    pub utc_offset_s: i32,
    /// What the message is, whatever its words; text logs have none.
    pub id: Option<u32>,
    /// `I`, `W`, `E`, `F` or `D`; `I` where the log is older than severities.
    pub severity: u8,
    /// Which thread wrote it: `conn12`, `initandlisten`; without brackets.
    pub context: &'a [u8],
    /// The message; in text logs all behind the context.
    pub message: Cow<'a, [u8]>,
    /// The object of the message's attributes with its brackets, as Extended JSON.
    pub attr: Option<&'a [u8]>,
}

impl Line<'_> {
    /// What the line means, as an event.
    fn event<'e>(&self, who: Who<'e>, kind: Kind<'e>) -> Event<'e> {
        Event {
            offset: self.offset,
            line: self.line_in_chunk,
            time: self.time,
            utc_offset_s: self.utc_offset_s,
            who: Who { session: self.session(), ..who },
            kind,
        }
    }

    /// The session that the line is of; 0 where it is the server's own.
    fn session(&self) -> u64 {
        if self.context.starts_with(b"conn") { session_of_text(self.context) } else { 0 }
    }

    /// How grave the server says it is.
    fn level(&self) -> Level {
        match self.severity {
            b'W' => Level::Warning,
            b'E' => Level::Error,
            b'F' => Level::Panic,
            _ => Level::Log,
        }
    }
}

/// Tells the sink what a line of a known message means.
type Tell = fn(&Line<'_>, &Said<'_>, &mut dyn Sink);

/// What a known message means.
#[derive(Clone, Copy)]
enum Means {
    /// More than a message.
    Events(Tell),
    /// News of the server, in these words, behind them these attributes.
    News(Topic, &'static str, &'static [&'static str]),
}

/// A known message.
struct Row {
    id: u32,
    /// How text logs said it: literal text with the names of attributes in braces. The first that
    /// fits counts.
    texts: &'static [&'static str],
    means: Means,
}

/// The topics, in the order in which their texts are tried.
static TOPICS: [&[Row]; 6] =
    [connections::ROWS, auth::ROWS, replication::ROWS, indexes::ROWS, storage::ROWS, startup::ROWS];

/// All rows by id.
static BY_ID: LazyLock<Vec<(u32, &'static Row)>> = LazyLock::new(|| {
    let mut rows: Vec<_> = TOPICS.iter().copied().flatten().map(|row| (row.id, row)).collect();
    rows.sort_by_key(|(id, _)| *id);
    rows
});

fn known(id: u32) -> Option<&'static Row> {
    let at = BY_ID.binary_search_by_key(&id, |(id, _)| *id).ok()?;
    BY_ID.get(at).map(|(_, row)| *row)
}

/// Whether a line with this id may tell anything though the server does not call it a warning or an
/// error. Lines of severity `W`, `E` and `F` always may.
pub fn may_matter(id: u32) -> bool {
    known(id).is_some()
}

/// Tells the sink what a line means; whether it meant anything.
pub fn tell(line: &Line<'_>, sink: &mut dyn Sink) -> bool {
    let found = match line.id {
        Some(id) => known(id).map(|row| (row, Said::of_attributes(line))),
        None => template::find(&TOPICS, &line.message),
    };
    let Some((row, said)) = found else { return trouble::tell(line, sink) };
    match row.means {
        Means::Events(tell) => tell(line, &said, sink),
        Means::News(topic, words, shown) => {
            let news = News { id: row.id, topic, text: said.sentence(words, shown) };
            news.tell(line, &said, Who::default(), sink);
        }
    }
    true
}

/// A message to tell of.
struct News<'a> {
    id: u32,
    topic: Topic,
    text: Cow<'a, [u8]>,
}

/// The attributes of messages whose `error` is none.
const NO_FAILURE: Said<'static> = Said::Attributes(b"");

impl News<'_> {
    /// Tells of it, with the code of the error that it is about, or else its own.
    fn tell(self, line: &Line<'_>, said: &Said<'_>, who: Who<'_>, sink: &mut dyn Sink) {
        let failure = said.failure();
        let own_code = self.id.to_string();
        let name = failure.as_ref().and_then(|failure| failure.name.as_deref());
        let message = LogMessage {
            level: line.level(),
            code: Cow::Borrowed(name.unwrap_or(own_code.as_bytes())),
            text: self.text,
            topic: self.topic,
            statement: None,
            // The slow operation that it is about says so, and has its class.
            cancelled: None,
            lost_us: None,
        };
        sink.event(&line.event(who, Kind::Message(message)));
    }
}

#[cfg(test)]
mod tests;
