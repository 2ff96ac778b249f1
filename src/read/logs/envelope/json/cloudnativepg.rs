//! CloudNativePG: what the instance manager of a pod writes. A record of PostgreSQL is an object
//! with the columns of csvlog; what PostgreSQL wrote to stderr is a text.

use super::{Carrier, Found, Payload, When};
use crate::read::logs::envelope::EnvelopeKind;
use crate::read::logs::json::{Member, Members, Value};
use memchr::memmem;

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
pub(super) fn find<'a>(members: &mut Members<'a>) -> Found<'a> {
    let mut found = Found::default();
    let (mut is_postgres, mut message) = (false, None);
    for Member { key, value } in members.by_ref() {
        match (key, value) {
            (b"logger", Value::String(name)) => {
                is_postgres = matches!(name.raw(), b"postgres" | b"pgaudit");
            }
            (b"msg", Value::String(text)) => message = Some(text.raw()),
            (b"ts", Value::Word(digits)) => found.time = When::Unix(digits, 1),
            (b"ts", Value::String(stamp)) => found.time = When::Stamp(stamp.raw()),
            (b"record", Value::Object(record)) => {
                found.payload = Payload::Record(record);
                if is_postgres && message.is_some() {
                    return found;
                }
            }
            _ => {}
        }
    }
    found.payload = match (message, found.payload) {
        (None, _) => Payload::Strange,
        (Some(_), record @ Payload::Record(_)) if is_postgres => record,
        (Some(message), _) if is_postgres => Startup::read(message).unwrap_or(Payload::Nothing),
        (Some(_), _) => Payload::Nothing,
    };
    found
}

/// What PostgreSQL writes to stderr before it knows where its log goes, or as it fails to start:
/// `2026-11-23 03:55:04.101 UTC [28] LOG:  text`, still escaped.
#[derive(Clone, Copy)]
pub(super) struct Startup<'a> {
    stamp: &'a [u8],
    pid: &'a [u8],
    severity: &'a [u8],
    text: &'a [u8],
}

impl<'a> Startup<'a> {
    fn read(message: &'a [u8]) -> Option<Payload<'a>> {
        const HEAD: usize = 96;
        let find = |text: &[u8], part: &[u8]| memmem::find(text.get(..text.len().min(HEAD))?, part);
        let (stamp, rest) = message.split_at_checked(find(message, b" [")?)?;
        let rest = rest.get(2..)?;
        let (pid, rest) = rest.split_at_checked(find(rest, b"] ")?)?;
        let rest = rest.get(2..)?;
        let (severity, rest) = rest.split_at_checked(find(rest, b":  ")?)?;
        let is_stamp = stamp.iter().all(|b| b.is_ascii_alphanumeric() || b" :.+-".contains(b));
        let is_record = matches!(severity, b"LOG" | b"WARNING" | b"ERROR" | b"FATAL" | b"PANIC");
        let is_line = is_stamp && is_record && pid.iter().all(u8::is_ascii_digit);
        let text = rest.get(3..)?;
        is_line.then_some(Payload::Startup(Startup { stamp, pid, severity, text }))
    }

    /// Appends it as the record that it would be.
    pub fn push_to(self, out: &mut Vec<u8>) {
        for (name, value) in [
            (&b"{\"log_time\":\""[..], self.stamp),
            (b"\",\"process_id\":\"", self.pid),
            (b"\",\"error_severity\":\"", self.severity),
            (b"\",\"message\":\"", self.text),
        ] {
            out.extend_from_slice(name);
            out.extend_from_slice(value);
        }
        out.extend_from_slice(b"\"}");
    }
}
