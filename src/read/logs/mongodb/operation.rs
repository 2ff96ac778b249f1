//! One operation, as the `attr` object of a slow operation's log line, a document of the profiler,
//! or a legacy line brought to that form tells it. Members may come in any order.
//!
//! Owns [`Operation`]. Which statement it ran and whether that counts is left to `statement` and
//! `apart`.

mod nested;

use super::number::{count, scaled};
use crate::model::event::{Attribute, Key, Known, Unit, Value as Worth};
use crate::read::logs::json::{End, Members, Str, Value};
use crate::read::logs::text::without_port;
use nested::{Figure, nested};
use std::borrow::Cow;

/// An operation's facts as logged.
#[derive(Default, Debug)]
pub(super) struct Operation<'a> {
    /// `type` of a log line, `op` of a profiler document: `command`, `update`, `getmore` …
    pub kind: &'a [u8],
    /// The namespace: `shop.orders`, `shop.$cmd`.
    pub namespace: Cow<'a, [u8]>,
    /// The command document, or its text where the server only kept that.
    pub command: Option<Value<'a>>,
    /// The command that opened the cursor, of a `getMore`.
    pub originating: Option<&'a [u8]>,
    /// Run time in microseconds.
    pub duration_us: Option<u64>,
    /// When it ended, of a profiler document.
    pub ended: Option<Value<'a>>,
    /// The application's name.
    pub app: Option<Cow<'a, [u8]>>,
    /// Who ran it, without the database that knows the user.
    pub user: Option<Cow<'a, [u8]>>,
    /// The client's address, without the port.
    pub client: Option<Cow<'a, [u8]>>,
    /// How it failed.
    pub failure: Option<Failure<'a>>,
    /// The object that it was read from, where that holds the plan of the run.
    pub planned: Option<&'a [u8]>,
    /// What else it says.
    pub attributes: Vec<Attribute<'a>>,
}

/// How an operation failed, as far as the record says.
#[derive(Clone, Default, Debug)]
pub(super) struct Failure<'a> {
    /// The error's name: `MaxTimeMSExpired`.
    pub name: &'a [u8],
    /// Its number.
    pub code: &'a [u8],
    /// Its words, which may hold literals.
    pub message: Cow<'a, [u8]>,
}

/// Attributes kept of one operation: servers write about forty.
const MAX_ATTRIBUTES: usize = 96;

impl<'a> Operation<'a> {
    /// Reads the object that begins a text; what stood in the operation before is gone. How the
    /// object ends, and the bytes it takes.
    pub fn read(&mut self, text: &'a [u8]) -> (End, usize) {
        let attributes = std::mem::take(&mut self.attributes);
        *self = Operation { attributes, ..Operation::default() };
        self.attributes.clear();
        let Some(mut members) = Members::of(text) else { return (End::Broken, 0) };
        while let Some((key, _)) = members.key() {
            let Some(value) = members.value() else { break };
            self.set(key, value);
        }
        if let (Some(_), Some(duration_us)) = (self.originating, self.duration_us) {
            self.push(Known::LaterBatchTime, Worth::Number(duration_us));
        }
        let (end, bytes) = (members.end(), members.read_bytes());
        self.planned = self.planned.and_then(|_| text.get(..bytes));
        (end, bytes)
    }

    /// The names of log lines and of profiler documents do not overlap.
    fn set(&mut self, key: &'a [u8], value: Value<'a>) {
        match (key, value) {
            (b"type" | b"op", Value::String(text)) => self.kind = text.raw(),
            (b"ns", Value::String(text)) => self.namespace = text.text(),
            (b"command", Value::Object(_) | Value::String(_)) => self.command = Some(value),
            (b"originatingCommand", Value::Object(raw)) => self.originating = Some(raw),
            (b"durationMillis" | b"millis", value) => self.duration_us = scaled(value, 3),
            (b"ts", value) => self.ended = Some(value),
            (b"appName", Value::String(text)) => self.app = said(text),
            (b"user", Value::String(text)) => self.user = said(text).map(without_database),
            (b"remote" | b"client", Value::String(text)) => {
                self.client = said(text).map(|from| match from {
                    Cow::Borrowed(from) => Cow::Borrowed(without_port(from)),
                    Cow::Owned(from) => Cow::Owned(without_port(&from).to_vec()),
                });
            }
            (b"ok", value) if count(value) == Some(0) => {
                self.failure.get_or_insert_default();
            }
            (b"errName", Value::String(text)) => {
                self.failure.get_or_insert_default().name = text.raw();
                self.push(Known::ErrorName, Worth::Text(text.raw()));
            }
            (b"errCode", value) => {
                if let Some(digits) = digits(value) {
                    self.failure.get_or_insert_default().code = digits;
                    self.push(Known::ErrorCode, Worth::Text(digits));
                }
            }
            (b"errMsg" | b"exception", Value::String(text)) => {
                self.failure.get_or_insert_default().message = text.text();
            }
            (b"execStats", Value::Object(raw)) => self.planned = Some(raw),
            // Literals, or said elsewhere.
            (b"ok" | b"errInfo" | b"replanReason" | b"execStats" | b"allUsers", _) => {}
            (_, Value::Object(raw)) if count(value).is_none() => {
                nested(key, raw, &mut |figure| self.figure(figure));
            }
            _ => self.plain(key, value),
        }
    }

    /// A member that is an attribute by itself.
    fn plain(&mut self, key: &'a [u8], value: Value<'a>) {
        if key == b"cpuNanos" {
            let cpu = count(value).map(|nanos| Worth::Number(nanos / 1000));
            return cpu.into_iter().for_each(|cpu| self.push(Known::CpuTime, cpu));
        }
        let Some((known, power)) = known(key) else { return self.other(key, value) };
        // 8.0 says the hash twice, by its old name and by its new one.
        let is_said = |attribute: &Attribute<'_>| attribute.key == Key::Known(known);
        if known == Known::QueryHash && self.attributes.iter().any(is_said) {
            return;
        }
        let worth = match (known.unit(), value) {
            (Unit::Flag, Value::Word(word)) => Some(Worth::Flag(word == b"true")),
            (Unit::Text, Value::String(text)) => Some(Worth::Text(text.raw())),
            (Unit::Flag | Unit::Text, _) => None,
            (_, value) => scaled(value, power).map(Worth::Number),
        };
        if let Some(worth) = worth {
            self.push(known, worth);
        }
    }

    fn other(&mut self, key: &'a [u8], value: Value<'a>) {
        let figure = if key.ends_with(b"Spills") {
            Some(Known::Spills)
        } else if key.ends_with(b"SpilledBytes") {
            Some(Known::SpilledBytes)
        } else {
            None
        };
        match (figure, value) {
            (Some(known), value) => {
                if let Some(number) = count(value) {
                    self.figure(Figure { known, number });
                }
            }
            (None, Value::Word(b"true" | b"false")) => {
                let yes = value == Value::Word(b"true");
                self.push_key(Key::Other(key), Worth::Flag(yes));
            }
            (None, value @ Value::Word(_)) if !is_noise(key) => {
                if let Some(millionths) = scaled(value, 6) {
                    self.push_key(Key::Other(key), Worth::Number(millionths));
                }
            }
            _ => {}
        }
    }

    /// Adds to a number that may have several sources.
    fn figure(&mut self, figure: Figure) {
        let known = Key::Known(figure.known);
        let had = self.attributes.iter_mut().find(|attribute| attribute.key == known);
        match had.map(|attribute| &mut attribute.value) {
            Some(Worth::Number(sum)) => *sum = sum.saturating_add(figure.number),
            _ => self.push(figure.known, Worth::Number(figure.number)),
        }
    }

    fn push(&mut self, known: Known, value: Worth<'a>) {
        self.push_key(Key::Known(known), value);
    }

    fn push_key(&mut self, key: Key<'a>, value: Worth<'a>) {
        if self.attributes.len() < MAX_ATTRIBUTES {
            self.attributes.push(Attribute { key, value });
        }
    }
}

/// A number as it is written, without what canonical Extended JSON puts around it.
fn digits(value: Value<'_>) -> Option<&[u8]> {
    match value {
        Value::Word(word) => Some(word),
        Value::Object(raw) => match Members::of(raw)?.next()?.value {
            Value::String(text) => Some(text.raw()),
            _ => None,
        },
        _ => None,
    }
}

/// A text that is not empty.
fn said(text: Str<'_>) -> Option<Cow<'_, [u8]>> {
    Some(text.text()).filter(|text| !text.is_empty())
}

/// `app@admin` is `app`, known to `admin`.
fn without_database(user: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    match (memchr::memrchr(b'@', &user), user) {
        (Some(at @ 1..), Cow::Borrowed(user)) => Cow::Borrowed(&user[..at]),
        (Some(at @ 1..), Cow::Owned(user)) => Cow::Owned(user[..at].to_vec()),
        (_, user) => user,
    }
}

/// Numbers that say nothing of the work.
fn is_noise(key: &[u8]) -> bool {
    matches!(
        key,
        b"cursorid" | b"opid" | b"numInterruptChecks" | b"connectionId" | b"ntoreturn" | b"ntoskip"
    )
}

/// The attribute of a member's name, and the power of ten that brings its number to the attribute's
/// unit.
fn known(key: &[u8]) -> Option<(Known, u32)> {
    Some(match key {
        b"keysExamined" => (Known::KeysExamined, 0),
        b"docsExamined" => (Known::DocsExamined, 0),
        b"nreturned" => (Known::Returned, 0),
        b"nMatched" => (Known::Matched, 0),
        b"nModified" => (Known::Modified, 0),
        b"ninserted" => (Known::Inserted, 0),
        b"ndeleted" => (Known::Deleted, 0),
        b"nUpserted" => (Known::Upserted, 0),
        b"keysInserted" => (Known::KeysInserted, 0),
        b"keysDeleted" => (Known::KeysDeleted, 0),
        b"reslen" | b"responseLength" => (Known::ResponseBytes, 0),
        b"numYields" | b"numYield" => (Known::Yields, 0),
        b"writeConflicts" => (Known::WriteConflicts, 0),
        b"nBatches" => (Known::Batches, 0),
        b"nShards" => (Known::Shards, 0),
        b"workingMillis" => (Known::WorkingTime, 3),
        b"planningTimeMicros" => (Known::PlanningTime, 0),
        b"totalOplogSlotDurationMicros" => (Known::OplogSlotTime, 0),
        b"waitForWriteConcernDurationMillis" => (Known::WriteConcernWait, 3),
        b"remoteOpWaitMillis" => (Known::RemoteWait, 3),
        b"prepareConflictDurationMillis" => (Known::PrepareConflictWait, 3),
        b"prepareConflictDurationMicros" => (Known::PrepareConflictWait, 0),
        b"timeActiveMicros" => (Known::TransactionActive, 0),
        b"timeInactiveMicros" => (Known::TransactionInactive, 0),
        b"hasSortStage" => (Known::SortStage, 0),
        b"usedDisk" => (Known::UsedDisk, 0),
        b"fromMultiPlanner" => (Known::FromMultiPlanner, 0),
        b"fromPlanCache" => (Known::FromPlanCache, 0),
        b"replanned" => (Known::Replanned, 0),
        b"planSummary" => (Known::PlanSummary, 0),
        b"queryHash" | b"planCacheShapeHash" => (Known::QueryHash, 0),
        b"planCacheKey" => (Known::PlanCacheKey, 0),
        b"queryShapeHash" => (Known::QueryShapeHash, 0),
        b"queryFramework" => (Known::QueryFramework, 0),
        b"terminationCause" => (Known::Termination, 0),
        _ => return None,
    })
}
