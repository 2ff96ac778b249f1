//! Docker's json-file: `{"log":"text\n","stream":"stderr","time":"…"}`. A text of more than 16 KiB
//! becomes several objects, of which only the last ends with a line end.

use super::{Carrier, Found, Parts, Payload, When};
use crate::read::logs::envelope::EnvelopeKind;
use crate::read::logs::json::{Member, Members, Value};

/// Docker's json-file.
pub(in crate::read::logs::envelope) static KIND: EnvelopeKind = EnvelopeKind {
    name: "docker-json",
    detect: |sample, options, fits| super::detect::detect(sample, options, fits, &CARRIER),
    samples: &[
        "{\"log\":\"2026-11-23 03:55:04.101 UTC [6601] app@shop LOG:  duration: 0.312 ms  statement: SELECT 1\\n\",\"stream\":\"stderr\",\"time\":\"2026-11-23T03:55:04.101311245Z\"}\n",
    ],
};

static CARRIER: Carrier = Carrier { title: "Docker's log file (JSON)", find };

fn find<'a>(members: &mut Members<'a>) -> Found<'a> {
    let mut found = Found { parts: Parts::ByLineEnd, ..Found::default() };
    let (mut text, mut is_other) = (None, false);
    for Member { key, value } in members {
        match (key, value) {
            (b"log", Value::String(log)) => text = Some(log),
            (b"stream", Value::String(stream)) => found.writer[0] = stream.raw(),
            (b"time", Value::String(stamp)) => found.time = When::Stamp(stamp.raw()),
            (b"attrs", _) => {}
            // Shippers that take these objects over add members of their own.
            _ => is_other = true,
        }
    }
    if let (Some(text), false, false) = (text, is_other, found.writer[0].is_empty()) {
        found.payload = Payload::Text(text);
    }
    found
}
