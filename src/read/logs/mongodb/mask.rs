//! Operations without literals: the object that a record is read from, as one line of Extended JSON
//! with the members that a reader needs and that hold none.

use super::number::count;
use super::operation::Operation;
use crate::lang::Language;
use crate::lang::literals::{mask_message, mask_statement};
use crate::lang::mongo::shell::to_ejson;
use crate::read::logs::json::{End, Members, Value};
use crate::read::logs::mask::push_json_string;

/// Members whose texts are names, or words of the server's own.
const NAMES: [&[u8]; 19] = [
    b"op",
    b"type",
    b"ns",
    b"appName",
    b"user",
    b"client",
    b"remote",
    b"planSummary",
    b"queryHash",
    b"planCacheKey",
    b"planCacheShapeHash",
    b"queryShapeHash",
    b"queryFramework",
    b"collectionType",
    b"protocol",
    b"errName",
    b"terminationCause",
    b"ts",
    b"readTimestamp",
];

/// Members whose objects hold numbers, and words of the server's own.
const OBJECTS: [&[u8]; 10] = [
    b"locks",
    b"lockStats",
    b"storage",
    b"flowControl",
    b"queues",
    b"mongot",
    b"readConcern",
    b"writeConcern",
    b"ts",
    b"readTimestamp",
];

/// Appends an operation's object without its literals. What is neither known nor a number is left
/// out.
pub(super) fn mask_operation(object: &[u8], out: &mut String) {
    let mut operation = Operation::default();
    operation.read(object);
    out.push('{');
    let mut is_first = true;
    for member in Members::of(object).into_iter().flatten() {
        let mut masked = String::new();
        match (member.key, member.value) {
            (b"command" | b"originatingCommand", Value::Object(raw)) => {
                mask_command(raw, operation.kind, &mut masked);
            }
            (b"command", Value::String(text)) => mask_text(&text.text(), &mut masked),
            (b"errMsg", Value::String(text)) => {
                let mut message = String::new();
                mask_message(&text.text(), &mut message);
                push_json_string(&message, &mut masked);
            }
            (key, Value::String(text)) if NAMES.contains(&key) => {
                push_json_string(&String::from_utf8_lossy(&text.text()), &mut masked);
            }
            (key, Value::Object(raw)) if OBJECTS.contains(&key) => push(raw, &mut masked),
            (_, value @ Value::Object(raw)) if count(value).is_some() => push(raw, &mut masked),
            (_, Value::Word(raw)) => push(raw, &mut masked),
            _ => continue,
        }
        if !std::mem::take(&mut is_first) {
            out.push(',');
        }
        push_json_string(&String::from_utf8_lossy(member.key), out);
        out.push(':');
        out.push_str(&masked);
    }
    out.push('}');
}

fn mask_command(raw: &[u8], kind: &[u8], out: &mut String) {
    let mut closed = Vec::new();
    let is_whole = Members::of(raw).is_some_and(|members| members.read_to_end().0 == End::Closed);
    // Read like this, too: what a text's end leaves of a string is one.
    if !is_whole {
        to_ejson(raw, &mut closed);
    }
    let raw = if is_whole { raw } else { &closed };
    let first = Members::of(raw).and_then(|mut members| members.next());
    match first.map(|member| (member.key, member.value)) {
        Some((b"$truncated", Value::String(text))) => {
            out.push_str("{\"$truncated\":");
            mask_text(&text.text(), out);
            out.push('}');
        }
        Some((b"q" | b"u", _)) => mask_document(raw, kind, out),
        // A printer has sorted its members.
        Some((b"collation" | b"hint" | b"limit" | b"multi", _)) => mask_document(raw, kind, out),
        _ => mask_document(raw, b"command", out),
    }
}

/// A command of which the server kept the text, or the beginning of it: as such again.
fn mask_text(text: &[u8], out: &mut String) {
    let mut masked = String::new();
    let mut document = Vec::new();
    match to_ejson(text.trim_ascii_start(), &mut document).consumed {
        0 => mask_message(text, &mut masked),
        _ => mask_statement(&document, Language::Mongo, &mut masked),
    }
    push_json_string(&masked, out);
}

/// A command, or the `{q, u}` of a write's own line, which is masked as part of the command that it
/// belongs to.
pub(super) fn mask_document(document: &[u8], kind: &[u8], out: &mut String) {
    let (before, behind) = match kind {
        b"update" => ("{\"update\":\"\",\"updates\":[", "],\"$db\":\"\"}"),
        b"remove" => ("{\"delete\":\"\",\"deletes\":[", "],\"$db\":\"\"}"),
        _ => return mask_statement(document, Language::Mongo, out),
    };
    let mut masked = String::new();
    let command = [before.as_bytes(), document, behind.as_bytes()].concat();
    mask_statement(&command, Language::Mongo, &mut masked);
    let inside = masked.strip_prefix(before).and_then(|rest| rest.strip_suffix(behind));
    out.push_str(inside.unwrap_or("{...}"));
}

fn push(text: &[u8], out: &mut String) {
    out.push_str(&String::from_utf8_lossy(text));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_literals_is_masked_or_left_out() {
        for (object, expected) in [
            (
                r#"{"op":"query","ns":"shop.orders","command":{"find":"orders","filter":{"mail":"secret"},"$db":"shop"},"cursorid":{"$numberLong":"5"},"planSummary":"IXSCAN { mail: 1 }","errMsg":"no \"secret\" at 5","execStats":{"filter":{"mail":"secret"}},"allUsers":[{"user":"secret"}],"millis":{"$numberInt":"7"},"hasSortStage":true,"locks":{"Global":{"acquireCount":{"r":1}}},"ts":{"$date":"2026-11-23T09:00:01Z"}}"#,
                r#"{"op":"query","ns":"shop.orders","command":{"find":"orders","filter":{"mail":"?string"},"$db":"shop"},"cursorid":{"$numberLong":"5"},"planSummary":"IXSCAN { mail: 1 }","errMsg":"no \"?\" at ?","millis":{"$numberInt":"7"},"hasSortStage":true,"locks":{"Global":{"acquireCount":{"r":1}}},"ts":{"$date":"2026-11-23T09:00:01Z"}}"#,
            ),
            (
                r#"{"op":"remove","ns":"shop.carts","command":{"q":{"name":"secret"},"limit":0}}"#,
                r#"{"op":"remove","ns":"shop.carts","command":{"q":{"name":"?string"},"limit":0}}"#,
            ),
            (
                r#"{"op":"command","command":{"$truncated":"{ find: \"c\", filter: { a: \"secr"}}"#,
                r#"{"op":"command","command":{"$truncated":"{\"find\":\"c\",\"filter\":{\"a\":\"?string\"}}"}}"#,
            ),
        ] {
            let mut out = String::new();
            mask_operation(object.as_bytes(), &mut out);
            assert_eq!(out, expected);
        }
    }
}
