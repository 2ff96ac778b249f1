//! systemd's journal as `journalctl -o json` prints it (`json-pretty`, too). A message that is not
//! UTF-8 is an array of bytes.

use super::{Carrier, Found, Parts, Payload, When};
use crate::read::logs::envelope::EnvelopeKind;
use crate::read::logs::json::{Member, Members, Value};

/// The journal.
pub(in crate::read::logs::envelope) static KIND: EnvelopeKind = EnvelopeKind {
    name: "journal-json",
    detect: |sample, options, fits| super::detect::detect(sample, options, fits, &CARRIER),
    samples: &[
        "{\"__CURSOR\":\"s=1\",\"__REALTIME_TIMESTAMP\":\"1795402504101311\",\"_PID\":\"6601\",\"_COMM\":\"postgres\",\"SYSLOG_IDENTIFIER\":\"postgres\",\"MESSAGE\":\"2026-11-23 03:55:04.101 UTC [6601] app@shop LOG:  duration: 0.312 ms  statement: SELECT 1\"}\n",
    ],
};

static CARRIER: Carrier = Carrier { title: "systemd's journal (JSON)", find };

fn find<'a>(members: &mut Members<'a>) -> Found<'a> {
    let mut found = Found { parts: Parts::Numbered, ..Found::default() };
    let (mut is_entry, mut payload, mut command) = (false, Payload::Nothing, None);
    for Member { key, value } in members {
        match (key, value) {
            (b"MESSAGE", Value::String(text)) => payload = Payload::Text(text),
            (b"MESSAGE", Value::Array(bytes)) => payload = Payload::Bytes(bytes),
            (b"__REALTIME_TIMESTAMP", Value::String(digits)) => {
                found.time = When::Unix(digits.raw(), 1_000_000);
                is_entry = true;
            }
            (b"SYSLOG_IDENTIFIER", Value::String(name)) => found.writer[0] = name.raw(),
            (b"_COMM", Value::String(name)) => command = Some(name.raw()),
            (b"_PID", Value::String(digits)) => {
                let digits = std::str::from_utf8(digits.raw()).ok();
                found.pid = digits.and_then(|digits| digits.parse().ok());
            }
            _ => {}
        }
    }
    if found.writer[0].is_empty() {
        found.writer[0] = command.unwrap_or_default();
    }
    if is_entry {
        found.payload = payload;
    }
    found
}
