//! Azure Database for PostgreSQL: entries of diagnostic settings (storage, Event Hubs), and rows
//! that Log Analytics exports.
//!
//! A flexible server writes the whole line as the message; a single server takes it apart into
//! prefix, level and message. DETAIL is a member of its own in both.

use super::line::Line;
use super::{Carrier, Found, Payload, When};
use crate::read::logs::envelope::EnvelopeKind;
use crate::read::logs::json::{Member, Members, Value};
use memchr::memmem;

/// Azure Database for PostgreSQL.
pub(in crate::read::logs::envelope) static KIND: EnvelopeKind = EnvelopeKind {
    name: "azure",
    detect: |sample, options, fits| super::detect::detect(sample, options, fits, &CARRIER),
    samples: &[
        "{\"properties\":{\"timestamp\":\"2026-11-23 03:55:04.101 UTC\",\"processId\":6601,\"errorLevel\":\"LOG\",\"sqlerrcode\":\"00000\",\"backend_type\":\"client backend\",\"message\":\"2026-11-23 03:55:04 UTC-6b03ab08.19c9-LOG:  duration: 0.312 ms  statement: SELECT 1\"},\"time\":\"2026-11-23T03:55:04.101Z\",\"resourceId\":\"/SUBSCRIPTIONS/0/FLEXIBLESERVERS/SHOP\",\"category\":\"PostgreSQLLogs\",\"operationName\":\"LogEvent\"}\n",
        "{\"LogicalServerName\":\"shop\",\"time\":\"2026-11-23T03:55:04Z\",\"category\":\"PostgreSQLLogs\",\"operationName\":\"LogEvent\",\"properties\":{\"prefix\":\"2026-11-23 03:55:04 UTC-6b03ab08.19c9-\",\"message\":\"duration: 0.312 ms  statement: SELECT 1\",\"detail\":\"\",\"errorLevel\":\"LOG\",\"domain\":\"postgres-11\"}}\n",
        "[{\"TimeGenerated\":\"2026-11-23T03:55:04.101Z\",\"Category\":\"PostgreSQLLogs\",\"errorLevel_s\":\"LOG\",\"Message\":\"2026-11-23 03:55:04 UTC-6b03ab08.19c9-LOG:  duration: 0.312 ms  statement: SELECT 1\"}]\n",
    ],
};

static CARRIER: Carrier =
    Carrier { title: "Azure Database for PostgreSQL's diagnostic log (JSON)", find };

fn find<'a>(members: &mut Members<'a>) -> Found<'a> {
    let mut found = Found::default();
    let mut line = Line::default();
    let mut category = None;
    for Member { key, value } in members {
        match (key, value) {
            (b"category" | b"Category", Value::String(name)) => category = Some(name.raw()),
            (b"time" | b"TimeGenerated", Value::String(stamp)) => {
                found.time = When::Stamp(stamp.raw());
            }
            (b"properties", Value::Object(properties)) => {
                for Member { key, value } in Members::of(properties).into_iter().flatten() {
                    set(&mut line, &mut found, key, value);
                }
            }
            _ => set(&mut line, &mut found, key, value),
        }
    }
    found.payload = match category {
        Some(b"PostgreSQLLogs") if !line.message.raw().is_empty() => Payload::Line(repaired(line)),
        Some(_) => Payload::Nothing,
        None => Payload::Strange,
    };
    found
}

/// Takes a member of a line; Log Analytics adds letters for the type to some names.
fn set<'a>(line: &mut Line<'a>, found: &mut Found<'a>, key: &[u8], value: Value<'a>) {
    let name = key.strip_suffix(b"_s").or(key.strip_suffix(b"_d")).unwrap_or(key);
    match value {
        Value::String(text) => match () {
            () if name.eq_ignore_ascii_case(b"message") => line.message = text,
            () if name.eq_ignore_ascii_case(b"errorLevel") => line.severity = text,
            () if name.eq_ignore_ascii_case(b"detail") => line.detail = text,
            () if name.eq_ignore_ascii_case(b"prefix") => line.prefix = text,
            () => {}
        },
        Value::Word(digits) if name.eq_ignore_ascii_case(b"processId") => {
            let digits = std::str::from_utf8(digits).ok();
            found.pid = digits.and_then(|digits| digits.parse().ok());
        }
        _ => {}
    }
}

/// A single server writes `connection authorized: user=appdatabase=shop`: what stands before
/// `database=` becomes a part of its own.
fn repaired(line: Line<'_>) -> Line<'_> {
    const AUTHORIZED: &[u8] = b"connection authorized: user=";
    let message = line.message.raw();
    let database = match message.starts_with(AUTHORIZED) {
        true => memmem::find(message, b"database="),
        false => None,
    };
    match database {
        Some(at) if message.get(at - 1) != Some(&b' ') => {
            let (before, behind) = line.message.split_at(at);
            Line { before, message: behind, ..line }
        }
        _ => line,
    }
}
