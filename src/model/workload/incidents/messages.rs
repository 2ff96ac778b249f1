//! Errors, warnings and news of the server, by masked message.

use super::occurrences::Occurrences;
use crate::lang::id::QueryId;
use crate::lang::literals::mask_message;
use crate::model::event::{Level, Topic};
use crate::model::workload::capped::{Capped, Member};
use crate::model::workload::examples::Place;
use crate::model::workload::stats::smaller;
use crate::time::Timestamp;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use xxhash_rust::xxh3::xxh3_64;

/// Distinct messages kept.
const MAX_GROUPS: usize = 1000;
/// Longest message kept, in bytes.
const MAX_MESSAGE_BYTES: usize = 300;

/// Longest code kept, in bytes: MongoDB's are names.
const MAX_CODE_BYTES: usize = 40;

/// Messages with one masked text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MessageGroup {
    /// How grave.
    pub level: Level,
    /// SQLSTATE or the engine's code; empty when not logged.
    pub code: Box<str>,
    /// The message without its literals.
    pub message: Box<str>,
    /// What it is about.
    pub topic: Topic,
    /// How many.
    pub count: u64,
    /// First time.
    pub first: Option<Timestamp>,
    /// Last time.
    pub last: Option<Timestamp>,
    /// The earliest occurrence's place and the class of its statement, when logged.
    pub example: (Option<Timestamp>, Place, Option<QueryId>),
}

impl Member for MessageGroup {
    type Rest = Folded;

    fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.first = smaller(self.first, other.first);
        self.last = self.last.max(other.last);
        self.example = self.example.min(other.example);
    }

    fn fold(self, rest: &mut Folded) {
        match self.level.is_error() {
            true => rest.errors += self.count,
            false => rest.others += self.count,
        }
    }
}

/// Messages that are in no group, because there were too many different ones.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Folded {
    /// Errors.
    pub errors: u64,
    /// Warnings and news.
    pub others: u64,
}

/// A message as it is added.
pub(in crate::model) struct MessageRecord<'a> {
    pub level: Level,
    pub code: &'a [u8],
    pub text: &'a [u8],
    /// The engine's codes may be SQLSTATEs.
    pub is_sql: bool,
    pub topic: Topic,
    pub time: Option<Timestamp>,
    pub place: Place,
    pub statement: Option<QueryId>,
}

/// Errors, warnings and news of one server.
#[derive(Clone, Debug, Default)]
pub struct Messages {
    /// Error records of every level from ERROR up.
    pub errors: Occurrences,
    /// How many messages of each level.
    pub levels: BTreeMap<Level, u64>,
    /// Errors by the first two characters of their SQLSTATE.
    pub classes: BTreeMap<[u8; 2], u64>,
    /// When there were messages about something.
    pub topics: BTreeMap<Topic, Occurrences>,
    groups: Capped<MessageGroup, MAX_GROUPS>,
}

impl Messages {
    pub(in crate::model) fn add(&mut self, message: &MessageRecord<'_>, scratch: &mut String) {
        *self.levels.entry(message.level).or_default() += 1;
        if message.level.is_error() {
            self.errors.add(message.time, 0, message.place);
            // A code of five characters is an SQLSTATE, any other one is an engine's own.
            if let [a @ (b'0'..=b'9' | b'A'..=b'Z'), b @ (b'0'..=b'9' | b'A'..=b'Z'), _, _, _] =
                message.code
                && message.is_sql
            {
                *self.classes.entry([*a, *b]).or_default() += 1;
            }
        }
        if message.topic != Topic::Other {
            self.topics.entry(message.topic).or_default().add(message.time, 0, message.place);
        }
        scratch.clear();
        mask_message(&message.text[..message.text.len().min(4 * MAX_MESSAGE_BYTES)], scratch);
        let text = &scratch[..scratch.floor_char_boundary(MAX_MESSAGE_BYTES)];
        let code = String::from_utf8_lossy(&message.code[..message.code.len().min(MAX_CODE_BYTES)]);
        let key = xxh3_64(format!("{}\0{code}\0{text}", message.level.word()).as_bytes());
        let group = MessageGroup {
            level: message.level,
            code: code.into(),
            message: text.into(),
            topic: message.topic,
            count: 1,
            first: message.time,
            last: message.time,
            example: (message.time, message.place, message.statement),
        };
        self.groups.add(key, group);
    }

    pub(in crate::model) fn merge(&mut self, other: Messages) {
        self.errors.merge(&other.errors);
        for (level, count) in other.levels {
            *self.levels.entry(level).or_default() += count;
        }
        for (class, count) in other.classes {
            *self.classes.entry(class).or_default() += count;
        }
        for (topic, occurrences) in other.topics {
            self.topics.entry(topic).or_default().merge(&occurrences);
        }
        self.groups.merge(other.groups, |rest, theirs| {
            rest.errors += theirs.errors;
            rest.others += theirs.others;
        });
    }

    /// Messages by text, most frequent first.
    pub fn groups(&self) -> Vec<&MessageGroup> {
        let mut groups: Vec<_> = self.groups.values().collect();
        groups.sort_by_key(|g| (Reverse(g.count), Reverse(g.level), &g.code, &g.message));
        groups
    }

    /// Messages that are in no group.
    pub fn folded(&self) -> Folded {
        self.groups.rest
    }

    /// How often there was something about a topic.
    pub fn about(&self, topic: Topic) -> u64 {
        self.topics.get(&topic).map_or(0, |occurrences| occurrences.count)
    }

    pub(in crate::model) fn each_place_mut(&mut self) -> impl Iterator<Item = &mut Place> {
        let all = self.topics.values_mut().chain([&mut self.errors]);
        let groups = self.groups.values_mut().map(|group| &mut group.example.1);
        groups.chain(all.filter_map(|o| o.largest.place_mut()))
    }
}
