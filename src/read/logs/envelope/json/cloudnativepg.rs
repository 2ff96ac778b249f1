//! CloudNativePG: what the instance manager of a pod writes. A record of PostgreSQL is an object
//! with the columns of csvlog; what PostgreSQL wrote to stderr is a text.

use super::{Carrier, Found, Payload, When};
use crate::read::logs::envelope::EnvelopeKind;
use crate::read::logs::json::{Member, Members, Value};

/// CloudNativePG.
pub(in crate::read::logs::envelope) static KIND: EnvelopeKind = EnvelopeKind {
    name: "cloudnativepg",
    detect: |sample, options, fits| super::detect::detect(sample, options, fits, &CARRIER),
    samples: &[
        "{\"level\":\"info\",\"ts\":\"2026-11-23T03:55:04.101311Z\",\"logger\":\"postgres\",\"msg\":\"record\",\"logging_pod\":\"shop-1\",\"record\":{\"log_time\":\"2026-11-23 03:55:04.101 UTC\",\"user_name\":\"app\",\"database_name\":\"shop\",\"process_id\":\"6601\",\"connection_from\":\"10.0.0.7:5501\",\"session_id\":\"6b03ab08.19c9\",\"session_line_num\":\"5\",\"command_tag\":\"SELECT\",\"session_start_time\":\"2026-11-23 03:55:04 UTC\",\"transaction_id\":\"0\",\"error_severity\":\"LOG\",\"sql_state_code\":\"00000\",\"message\":\"duration: 0.312 ms  statement: SELECT 1\",\"application_name\":\"web api\",\"backend_type\":\"client backend\",\"query_id\":\"0\"}}\n",
    ],
};

static CARRIER: Carrier = Carrier { title: "CloudNativePG's log (JSON)", find };

/// The names of time and level are settings; `logger`, `msg` and `record` are not.
fn find<'a>(members: &mut Members<'a>) -> Found<'a> {
    let mut found = Found::default();
    let (mut is_postgres, mut has_message) = (false, false);
    for Member { key, value } in members.by_ref() {
        match (key, value) {
            (b"logger", Value::String(name)) => {
                is_postgres = matches!(name.raw(), b"postgres" | b"pgaudit");
            }
            (b"msg", Value::String(_)) => has_message = true,
            (b"ts", Value::Word(digits)) => found.time = When::Unix(digits, 1),
            (b"ts", Value::String(stamp)) => found.time = When::Stamp(stamp.raw()),
            (b"record", Value::Object(record)) if is_postgres && has_message => {
                found.payload = Payload::Record(record);
                return found;
            }
            (b"record", Value::Object(record)) => found.payload = Payload::Record(record),
            _ => {}
        }
    }
    match found.payload {
        _ if !has_message => found.payload = Payload::Strange,
        Payload::Record(_) if is_postgres => {}
        _ => found.payload = Payload::Nothing,
    }
    found
}
