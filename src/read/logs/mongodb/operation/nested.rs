//! What the objects within an operation add to its numbers: locks, queues, storage, flow control.

use crate::model::event::Known;
use crate::read::logs::json::{Member, Members, Value};
use crate::read::logs::mongodb::number::count;
use memchr::memmem::Finder;
use std::sync::LazyLock;

/// Objects within one another that are looked into.
const DEPTH_MAX: u32 = 4;

/// The only member of locks that is a time; most have none.
const LOCK_TIME: &[u8] = b"\"timeAcquiringMicros\"";
static LOCK_TIMES: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(LOCK_TIME));

/// A number found within an object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Figure {
    /// What it adds to.
    pub known: Known,
    /// In that attribute's unit.
    pub number: u64,
}

/// Tells the figures of a member that is an object.
pub(super) fn nested(key: &[u8], raw: &[u8], tell: &mut dyn FnMut(Figure)) {
    let of = match key {
        b"locks" if LOCK_TIMES.find(raw).is_some() => of_locks,
        b"flowControl" => of_flow_control,
        b"queues" => of_queues,
        b"storage" => of_storage,
        b"mongot" => of_search,
        _ => return,
    };
    walk(raw, of, DEPTH_MAX, tell);
}

/// What a member's name means, and how many of the attribute's unit its unit is.
type Meaning = fn(&[u8]) -> Option<(Known, u64)>;

/// Waits of nested resources overlap: their sum is what the server itself would add up.
fn of_locks(key: &[u8]) -> Option<(Known, u64)> {
    (key == b"timeAcquiringMicros").then_some((Known::LockWait, 1))
}

fn of_flow_control(key: &[u8]) -> Option<(Known, u64)> {
    (key == b"timeAcquiringMicros").then_some((Known::FlowControlWait, 1))
}

fn of_queues(key: &[u8]) -> Option<(Known, u64)> {
    (key == b"totalTimeQueuedMicros").then_some((Known::QueueWait, 1))
}

fn of_storage(key: &[u8]) -> Option<(Known, u64)> {
    Some(match key {
        b"timeReadingMicros" => (Known::StorageRead, 1),
        b"bytesRead" => (Known::StorageReadBytes, 1),
        b"timeWritingMicros" => (Known::StorageWrite, 1),
        b"bytesWritten" => (Known::StorageWrittenBytes, 1),
        b"cache" | b"storageEngineMicros" => (Known::CacheWait, 1),
        _ => return None,
    })
}

fn of_search(key: &[u8]) -> Option<(Known, u64)> {
    (key == b"timeWaitingMillis").then_some((Known::SearchWait, 1000))
}

/// Tells every member that has a meaning: a number, or the sum of an object of numbers.
fn walk(raw: &[u8], of: Meaning, depth: u32, tell: &mut dyn FnMut(Figure)) {
    for Member { key, value } in Members::of(raw).into_iter().flatten() {
        match (of(key), value) {
            (Some((known, units)), value) => {
                let number = number_or_sum(value).saturating_mul(units);
                tell(Figure { known, number });
            }
            (None, Value::Object(inner)) if depth > 0 => walk(inner, of, depth - 1, tell),
            _ => {}
        }
    }
}

fn number_or_sum(value: Value<'_>) -> u64 {
    match (count(value), value) {
        (Some(number), _) => number,
        (None, Value::Object(raw)) => {
            let add = |sum: u64, Member { value, .. }: Member<'_>| {
                sum.saturating_add(count(value).unwrap_or(0))
            };
            Members::of(raw).into_iter().flatten().fold(0, add)
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_added_up_wherever_they_stand() {
        for (key, raw, expected) in [
            (
                "locks",
                r#"{"Global":{"acquireCount":{"r":9},"timeAcquiringMicros":{"r":5,"w":7}},"Collection":{"timeAcquiringMicros":{"w":{"$numberLong":"30"}}}}"#,
                vec![(Known::LockWait, 12), (Known::LockWait, 30)],
            ),
            ("locks", r#"{"Global":{"acquireCount":{"r":9}}}"#, vec![]),
            (
                "flowControl",
                r#"{"acquireCount":3,"timeAcquiringMicros":4}"#,
                vec![(Known::FlowControlWait, 4)],
            ),
            (
                "storage",
                r#"{"data":{"bytesRead":10,"timeReadingMicros":20},"timeWaitingMicros":{"cache":3,"schemaLock":9,"storageEngineMicros":4}}"#,
                vec![
                    (Known::StorageReadBytes, 10),
                    (Known::StorageRead, 20),
                    (Known::CacheWait, 3),
                    (Known::CacheWait, 4),
                ],
            ),
            ("storage", "{}", vec![]),
            (
                "queues",
                r#"{"execution":{"admissions":2,"totalTimeQueuedMicros":8},"ingress":{"admissions":1,"totalTimeQueuedMicros":1}}"#,
                vec![(Known::QueueWait, 8), (Known::QueueWait, 1)],
            ),
            ("mongot", r#"{"timeWaitingMillis":2}"#, vec![(Known::SearchWait, 2000)]),
            ("readConcern", r#"{"level":"local"}"#, vec![]),
        ] {
            let mut told = Vec::new();
            nested(key.as_bytes(), raw.as_bytes(), &mut |f| told.push((f.known, f.number)));
            assert_eq!(told, expected, "{key} {raw}");
        }
    }
}
