//! Times of Extended JSON: ISO text or milliseconds, with or without the `$date` around them.

use super::number::count;
use crate::read::logs::json::{Members, Value};
use crate::time::{Stamp, StampParser, Timestamp};

/// The time of a value; `None` if it is none.
pub(super) fn stamp(value: Value<'_>, stamps: &mut StampParser<'_>) -> Option<Stamp> {
    let value = match value {
        Value::Object(raw) => Members::of(raw)?.next()?.value,
        value => value,
    };
    match value {
        Value::String(text) => stamps.parse(text.raw()),
        value => {
            let time = Timestamp(i64::try_from(count(value)?).ok()?.checked_mul(1000)?);
            Some(Stamp { time, offset_s: 0, len: 0, zone: (0, 0) })
        }
    }
}
