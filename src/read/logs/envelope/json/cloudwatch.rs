//! Amazon CloudWatch Logs: events as `aws logs get-log-events` and `filter-log-events` print them, or
//! as a subscription delivers them; rows of Logs Insights.

use super::{Carrier, Found, Payload, When};
use crate::read::logs::envelope::EnvelopeKind;
use crate::read::logs::json::{Member, Members, Value};

/// CloudWatch.
pub(in crate::read::logs::envelope) static KIND: EnvelopeKind = EnvelopeKind {
    name: "cloudwatch-json",
    detect: |sample, options, fits| super::detect::detect(sample, options, fits, &CARRIER),
    samples: &[
        "{\"events\":[{\"timestamp\":1795402504000,\"message\":\"2026-11-23 03:55:04 UTC:10.0.0.7(5501):app@shop:[6601]:LOG:  duration: 0.312 ms  statement: SELECT 1\",\"ingestionTime\":1795402507000}],\"nextForwardToken\":\"f/1\"}\n",
        "{\n    \"results\": [\n        [\n            {\n                \"field\": \"@message\",\n                \"value\": \"2026-11-23 03:55:04 UTC:10.0.0.7(5501):app@shop:[6601]:LOG:  duration: 0.312 ms  statement: SELECT 1\"\n            }\n        ]\n    ]\n}\n",
    ],
};

static CARRIER: Carrier = Carrier { title: "CloudWatch events (JSON)", find };

fn find<'a>(members: &mut Members<'a>) -> Found<'a> {
    let mut found = Found::default();
    let (mut text, mut field, mut value_of) = (None, None, None);
    let mut is_event = false;
    for Member { key, value } in members {
        match (key, value) {
            (b"message", Value::String(message)) => text = Some(message),
            (b"timestamp", Value::Word(digits)) => {
                found.time = When::Unix(digits, 1000);
                is_event = true;
            }
            (b"field", Value::String(name)) => field = Some(name.raw()),
            (b"value", Value::String(value)) => value_of = Some(value),
            _ => {}
        }
    }
    found.payload = match (field, value_of, text) {
        (Some(b"@message"), Some(value), _) => Payload::Text(value),
        (Some([b'@', ..]), Some(_), _) => Payload::Mark,
        (_, _, Some(text)) if is_event => Payload::Text(text),
        _ => Payload::Strange,
    };
    found
}
