//! What the objects within an operation add to its numbers: locks, queues, storage, flow control.

use crate::model::event::Known;
use crate::read::logs::json::{Member, Members, Value};
use crate::read::logs::mongodb::number::count;
use memchr::memmem;

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
    match key {
        // Waits of nested resources overlap: their sum is what the server itself would add up.
        b"locks" => sums(raw, b"\"timeAcquiringMicros\"", Known::LockWait, tell),
        b"flowControl" => sums(raw, b"\"timeAcquiringMicros\"", Known::FlowControlWait, tell),
        b"queues" => sums(raw, b"\"totalTimeQueuedMicros\"", Known::QueueWait, tell),
        b"storage" => {
            sums(raw, b"\"timeReadingMicros\"", Known::StorageRead, tell);
            sums(raw, b"\"bytesRead\"", Known::StorageReadBytes, tell);
            sums(raw, b"\"timeWritingMicros\"", Known::StorageWrite, tell);
            sums(raw, b"\"bytesWritten\"", Known::StorageWrittenBytes, tell);
            sums(raw, b"\"cache\"", Known::CacheWait, tell);
            sums(raw, b"\"storageEngineMicros\"", Known::CacheWait, tell);
        }
        b"mongot" => {
            sums(raw, b"\"timeWaitingMillis\"", Known::SearchWait, &mut |figure| {
                tell(Figure { number: figure.number.saturating_mul(1000), ..figure });
            });
        }
        _ => {}
    }
}

/// The sum of all members of a name, at any depth: each a number, or an object of numbers. The
/// objects hold names and numbers of the server only.
fn sums(raw: &[u8], name: &[u8], known: Known, tell: &mut dyn FnMut(Figure)) {
    let mut sum = None;
    for at in memmem::find_iter(raw, name) {
        let Some(behind) = raw.get(at + name.len()..) else { continue };
        let Some(behind) = behind.trim_ascii_start().strip_prefix(b":") else { continue };
        let number = number_or_sum(behind.trim_ascii_start());
        sum = Some(sum.unwrap_or(0u64).saturating_add(number));
    }
    if let Some(number) = sum {
        tell(Figure { known, number });
    }
}

fn number_or_sum(text: &[u8]) -> u64 {
    let Some(members) = Members::of(text) else {
        let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
        return count(Value::Word(text.get(..digits).unwrap_or_default())).unwrap_or(0);
    };
    let whole = text.get(..members.clone().read_to_end().1).unwrap_or_default();
    if let Some(number) = count(Value::Object(whole)) {
        return number;
    }
    let add = |sum: u64, Member { value, .. }| sum.saturating_add(count(value).unwrap_or(0));
    members.fold(0, add)
}
