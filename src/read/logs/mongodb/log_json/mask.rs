//! Structured lines without literals: commands lose their values, messages what may be one; what the
//! server says of itself stays.

use super::line::is_operation;
use crate::lang::literals::mask_message;
use crate::read::logs::json::{End, Member, Members, Str, Value};
use crate::read::logs::mask::{WITHHELD, push_json_string};
use crate::read::logs::mongodb::mask::mask_operation;
use crate::read::logs::mongodb::number::count;

/// Appends a line without literals, with a line end.
pub(in crate::read::logs::mongodb) fn mask_line(line: &[u8], out: &mut String) {
    let members = || Members::of(line).into_iter().flatten();
    let id = members().find(|member| member.key == b"id").and_then(|member| count(member.value));
    let is_operation = id.and_then(|id| u32::try_from(id).ok()).is_some_and(is_operation);
    let is_whole = Members::of(line).is_some_and(|all| all.read_to_end().0 == End::Closed);
    let is_ours = |key: &[u8]| {
        matches!(key, b"t" | b"s" | b"c" | b"id" | b"ctx" | b"svc" | b"tags" | b"size")
    };
    out.push('{');
    for (at, Member { key, value }) in members().enumerate() {
        push_name(at, key, out);
        match (key, value) {
            (b"attr", Value::Object(attr)) if is_operation => mask_operation(attr, out),
            (b"attr", Value::Object(attr)) => mask_attributes(attr, out),
            // Names of members, and how large each was.
            (b"truncated", value) => push_raw(value, out),
            (key, value) if is_ours(key) => push_raw(value, out),
            (_, value) => mask_value(value, out),
        }
    }
    // A line that ends early still does.
    out.push_str(if is_whole { "}\n" } else { "\n" });
}

fn mask_attributes(attr: &[u8], out: &mut String) {
    out.push('{');
    for (at, Member { key, value }) in Members::of(attr).into_iter().flatten().enumerate() {
        push_name(at, key, out);
        mask_value(value, out);
    }
    out.push('}');
}

/// A value of which nobody knows what it holds.
fn mask_value(value: Value<'_>, out: &mut String) {
    match value {
        Value::String(text) => {
            let mut masked = String::new();
            mask_message(&text.text(), &mut masked);
            push_json_string(&masked, out);
        }
        Value::Word(word) => push(word, out),
        Value::Object(_) => out.push_str("{}"),
        Value::Array(_) => push_json_string(WITHHELD, out),
    }
}

fn push_name(at: usize, key: &[u8], out: &mut String) {
    if at > 0 {
        out.push(',');
    }
    push_json_string(&String::from_utf8_lossy(&Str::whole(key).text()), out);
    out.push(':');
}

fn push_raw(value: Value<'_>, out: &mut String) {
    match value {
        Value::String(text) => {
            push_json_string(&String::from_utf8_lossy(&text.text()), out);
        }
        Value::Object(raw) | Value::Array(raw) | Value::Word(raw) => push(raw, out),
    }
}

fn push(raw: &[u8], out: &mut String) {
    out.push_str(&String::from_utf8_lossy(raw));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_stay_and_literals_go() {
        for (line, expected) in [
            (
                r#"{"t":{"$date":"2026-11-23T09:00:01.250+00:00"},"s":"I","c":"COMMAND","id":51803,"ctx":"conn42","msg":"Slow query","attr":{"type":"command","ns":"shop.orders","command":{"find":"orders","filter":{"status":"s3cret"},"$db":"shop"},"locks":{"Global":{"acquireCount":{"r":2}}},"errMsg":"no \"s3cret\"","execStats":{"level":"s3cret"},"durationMillis":120}}"#,
                r#"{"t":{"$date":"2026-11-23T09:00:01.250+00:00"},"s":"I","c":"COMMAND","id":51803,"ctx":"conn42","msg":"Slow query","attr":{"type":"command","ns":"shop.orders","command":{"find":"orders","filter":{"status":"?string"},"$db":"shop"},"locks":{"Global":{"acquireCount":{"r":2}}},"errMsg":"no \"?\"","durationMillis":120}}"#,
            ),
            (
                r#"{"t":{"$date":"2026-11-23T09:00:01.250+00:00"},"s":"W","c":"-","id":7,"ctx":"x","msg":"M","attr":{"a":{"b":"s3cret"},"c":["s3cret"],"d":"'s3cret'"},"e":"'s3cret'"}"#,
                r#"{"t":{"$date":"2026-11-23T09:00:01.250+00:00"},"s":"W","c":"-","id":7,"ctx":"x","msg":"M","attr":{"a":{},"c":"…","d":"'?'"},"e":"'?'"}"#,
            ),
        ] {
            let mut out = String::new();
            mask_line(line.as_bytes(), &mut out);
            assert_eq!(out, format!("{expected}\n"));
        }
    }
}
