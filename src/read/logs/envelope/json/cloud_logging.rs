//! Google Cloud Logging: entries of Cloud SQL, AlloyDB, GKE and agents, as `gcloud logging read
//! --format=json` prints them or a sink writes them.

use super::line::Line;
use super::{Carrier, Found, Payload, When, cloudnativepg};
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
            (b"jsonPayload", Value::Object(object)) => {
                found.payload = structured(object, &mut found);
            }
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

/// What a structured payload carries: agents take lines apart, and objects that a container writes
/// stand here as they are.
fn structured<'a>(object: &'a [u8], found: &mut Found<'a>) -> Payload<'a> {
    let Some(mut members) = Members::of(object) else { return Payload::Nothing };
    match cloudnativepg::find(&mut members.clone()).payload {
        Payload::Strange => {}
        payload => return payload,
    }
    let mut line = Line::default();
    let (mut user, mut database) = (None, None);
    for Member { key, value } in &mut members {
        match (key, value) {
            (b"message" | b"log", Value::String(text)) => line.message = text,
            // The Ops Agent's names; others write levels of their own.
            (b"level", Value::String(level)) if level.raw().iter().all(u8::is_ascii_uppercase) => {
                line.severity = level;
            }
            (b"user", Value::String(name)) => user = Some(name),
            (b"database", Value::String(name)) => database = Some(name),
            (b"tid", Value::Word(digits)) => {
                let digits = std::str::from_utf8(digits).ok();
                found.pid = digits.and_then(|digits| digits.parse().ok());
            }
            _ => {}
        }
    }
    line.names = user.zip(database).map(|(user, database)| [user, database]);
    match line.message.raw().is_empty() {
        true => Payload::Nothing,
        false => Payload::Line(line),
    }
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
