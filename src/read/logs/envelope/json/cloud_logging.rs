//! Google Cloud Logging: entries of Cloud SQL, AlloyDB, GKE and agents, as `gcloud logging read
//! --format=json` prints them or a sink writes them.

use super::{Carrier, Found, Payload, When};
use crate::read::logs::envelope::EnvelopeKind;
use crate::read::logs::json::{Member, Members, Value};
use memchr::memmem;

/// Google Cloud Logging.
pub(in crate::read::logs::envelope) static KIND: EnvelopeKind = EnvelopeKind {
    name: "cloud-logging",
    detect: |sample, options, fits| super::detect::detect(sample, options, fits, &CARRIER),
    samples: &[
        "{\"textPayload\":\"2026-11-23 03:55:04.101 UTC [6601]: [5-1] db=shop,user=app LOG:  duration: 0.312 ms  statement: SELECT 1\",\"insertId\":\"s=5f;i=1\",\"resource\":{\"type\":\"cloudsql_database\",\"labels\":{\"database_id\":\"shop-1:db\",\"region\":\"europe-west1\"}},\"timestamp\":\"2026-11-23T03:55:04.101311Z\",\"severity\":\"INFO\",\"logName\":\"projects/shop-1/logs/cloudsql.googleapis.com%2Fpostgres.log\",\"receiveTimestamp\":\"2026-11-23T03:55:05.1Z\"}\n",
        "[\n  {\n    \"insertId\": \"s=5f;i=1\",\n    \"logName\": \"projects/shop-1/logs/cloudsql.googleapis.com%2Fpostgres.log\",\n    \"textPayload\": \"2026-11-23 03:55:04.101 UTC [6601]: [5-1] db=shop,user=app LOG:  duration: 0.312 ms  statement: SELECT 1\",\n    \"timestamp\": \"2026-11-23T03:55:04.101311Z\"\n  }\n]\n",
    ],
};

static CARRIER: Carrier = Carrier { title: "Google Cloud Logging entries (JSON)", find };

fn find<'a>(members: &mut Members<'a>) -> Found<'a> {
    let mut found = Found::default();
    let mut is_entry = false;
    for Member { key, value } in members {
        match (key, value) {
            (b"textPayload", Value::String(text)) => found.payload = Payload::Text(text),
            (b"jsonPayload", Value::Object(object)) => found.payload = message_of(object),
            (b"protoPayload", Value::Object(_)) => found.payload = Payload::Nothing,
            (b"timestamp", Value::String(stamp)) => found.time = When::Stamp(stamp.raw()),
            (b"logName", Value::String(name)) => {
                is_entry = true;
                found.writer[0] = name.raw();
            }
            (b"insertId", _) => is_entry = true,
            (b"resource", Value::Object(resource)) => {
                found.writer[1] = container_of(resource);
            }
            _ => {}
        }
    }
    match is_entry {
        true => found,
        false => Found::default(),
    }
}

/// The text of a structured payload.
fn message_of(object: &[u8]) -> Payload<'_> {
    let mut members = Members::of(object).into_iter().flatten();
    let text = members.find_map(|member| match (member.key, member.value) {
        (b"message" | b"log" | b"msg", Value::String(text)) => Some(Payload::Text(text)),
        _ => None,
    });
    text.unwrap_or(Payload::Nothing)
}

/// The container that a resource of Kubernetes names; empty for others.
fn container_of(resource: &[u8]) -> &[u8] {
    const NAME: &[u8] = b"\"container_name\"";
    if memmem::find(resource, NAME).is_none() {
        return b"";
    }
    let labels = Members::of(resource).into_iter().flatten().find_map(|member| {
        let Value::Object(labels) = member.value else { return None };
        (member.key == b"labels").then_some(labels)
    });
    let mut labels = labels.and_then(Members::of).into_iter().flatten();
    let name = labels.find_map(|member| match member.value {
        Value::String(name) if member.key == b"container_name" => Some(name.raw()),
        _ => None,
    });
    name.unwrap_or_default()
}
