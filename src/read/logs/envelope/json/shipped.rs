//! What log shippers write (Fluent Bit, Fluentd, Vector, Filebeat, Promtail, OpenShift): the text of
//! a line in `log`, `message` or `line`, beside members that say where it came from.

use super::{Carrier, Found, Parts, Payload, When};
use crate::read::logs::envelope::EnvelopeKind;
use crate::read::logs::json::{Member, Members, Value};

/// Log shippers.
pub(in crate::read::logs::envelope) static KIND: EnvelopeKind = EnvelopeKind {
    name: "shipped-json",
    detect: |sample, options, fits| super::detect::detect(sample, options, fits, &CARRIER),
    samples: &[
        "{\"@timestamp\":\"2026-11-23T03:55:04.101Z\",\"message\":\"2026-11-23 03:55:04.101 UTC [6601] app@shop LOG:  duration: 0.312 ms  statement: SELECT 1\",\"kubernetes\":{\"namespace_name\":\"shop\",\"pod_name\":\"db-0\",\"container_name\":\"postgres\"}}\n",
        "{\"time\":\"2026-11-23T03:55:04.101311Z\",\"stream\":\"stderr\",\"logtag\":\"F\",\"log\":\"2026-11-23 03:55:04.101 UTC [6601] app@shop LOG:  duration: 0.312 ms  statement: SELECT 1\"}\n",
        "{\"labels\":{\"pod\":\"db-0\"},\"line\":\"2026-11-23 03:55:04.101 UTC [6601] app@shop LOG:  duration: 0.312 ms  statement: SELECT 1\",\"timestamp\":\"2026-11-23T03:55:04.101311Z\"}\n",
    ],
};

static CARRIER: Carrier = Carrier { title: "a log shipper's entries (JSON)", find };

fn find<'a>(members: &mut Members<'a>) -> Found<'a> {
    let mut found = Found::default();
    let (mut text, mut is_shipped, mut is_record) = (None, false, false);
    for Member { key, value } in members {
        match (key, value) {
            (b"log" | b"message" | b"line", Value::String(line)) => text = Some(line),
            (b"@timestamp", Value::String(stamp)) => {
                found.time = When::Stamp(stamp.raw());
                is_shipped = true;
            }
            (b"time" | b"timestamp" | b"ts", Value::String(stamp)) => {
                found.time = When::Stamp(stamp.raw());
            }
            (b"kubernetes" | b"container", Value::Object(object)) => {
                found.writer[0] = container_of(object);
                is_shipped = true;
            }
            (b"container_name", Value::String(name)) => {
                found.writer[0] = name.raw();
                is_shipped = true;
            }
            (b"stream", Value::String(stream)) => {
                found.writer[1] = stream.raw();
                is_shipped = true;
            }
            (b"logtag" | b"_p", Value::String(tag)) => {
                found.parts = Parts::Last(tag.raw() != b"P");
            }
            (b"source_type" | b"host" | b"file" | b"path" | b"labels" | b"agent" | b"tag", _) => {
                is_shipped = true;
            }
            // A log's own members: taken apart by the shipper, or written like this.
            (b"error_severity" | b"sql_state_code" | b"state_code", _) => is_record = true,
            _ => {}
        }
    }
    if let (Some(text), true, false) = (text, is_shipped, is_record) {
        found.payload = Payload::Text(text);
    }
    found
}

/// The container's name: `container_name`, `container.name` or `name`.
fn container_of(object: &[u8]) -> &[u8] {
    let name = Members::of(object).into_iter().flatten().find_map(|member| {
        match (member.key, member.value) {
            (b"container_name" | b"name", Value::String(name)) => Some(name.raw()),
            (b"container", Value::Object(container)) => {
                Members::of(container)?.find_map(|member| match member.value {
                    Value::String(name) if member.key == b"name" => Some(name.raw()),
                    _ => None,
                })
            }
            _ => None,
        }
    });
    name.unwrap_or_default()
}
