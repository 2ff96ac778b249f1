//! Documents of old profilers as later versions write them: before 3.6 only commands have a
//! `command`, all else what was asked for (`query`, `updateobj`), under names of their time.
//!
//! Documents that a Go program wrote with the names of its fields (`Op`, `Ns`, `Millis`) are read,
//! too: tools that keep the profiler's documents are written in Go.

use crate::lang::mongo::ejson::push_string;
use crate::model::event::{Attribute, Key};
use crate::read::logs::json::{Member, Members, Value};
use crate::read::logs::mongodb::operation::Operation;
use crate::read::logs::mongodb::wire::{Wire, push_json, renamed};

/// Members that became part of the command, or that say nothing today.
const ELSEWHERE: [&[u8]; 4] = [b"query", b"updateobj", b"ntoreturn", b"ntoskip"];

/// Commands that stand in `query` between 3.2 and 3.6, when clients already sent them so.
const COMMANDS: [(&[u8], &[u8]); 3] =
    [(b"query", b"find"), (b"getmore", b"getMore"), (b"insert", b"insert")];

/// Appends a document as a later version writes it; whether it was old.
pub(super) fn modernise(ejson: &[u8], operation: &Operation<'_>, out: &mut Vec<u8>) -> bool {
    if operation.kind.is_empty() && is_of_go(ejson) {
        let lowered = lowered(ejson);
        let mut operation = Operation::default();
        operation.read(&lowered);
        if !modernise(&lowered, &operation, out) {
            out.extend_from_slice(&lowered);
        }
        return true;
    }
    let is_old = |attribute: &Attribute<'_>| match attribute.key {
        Key::Other(name) => renamed(name).is_some() || name == b"scanAndOrder",
        Key::Known(_) => false,
    };
    let is_one = !operation.kind.is_empty() && !operation.namespace.is_empty();
    if !is_one || operation.command.is_some() && !operation.attributes.iter().any(is_old) {
        return false;
    }
    let mut wire =
        Wire { kind: operation.kind, namespace: &operation.namespace, ..Wire::default() };
    out.push(b'{');
    for Member { key, value } in Members::of(ejson).into_iter().flatten() {
        match (key, value) {
            (b"query", Value::Object(raw)) => wire.query = Some(raw),
            (b"updateobj", Value::Object(raw) | Value::Array(raw)) => wire.update = Some(raw),
            (b"ntoskip", Value::Word(word)) => wire.skip = Some(word),
            (b"ntoreturn", Value::Word(word)) => wire.limit = Some(word),
            (b"cursorid", Value::Word(raw) | Value::Object(raw)) => wire.cursor_id = Some(raw),
            (b"originatingCommand", _) => wire.has_origin = true,
            _ => {}
        }
        if ELSEWHERE.contains(&key) {
            continue;
        }
        let name: &[u8] = match key {
            b"scanAndOrder" => b"hasSortStage",
            b"exception" => {
                push_member(b"ok", Value::Word(b"0"), out);
                b"errMsg"
            }
            b"exceptionCode" => b"errCode",
            key => renamed(key).map_or(key, str::as_bytes),
        };
        push_member(name, value, out);
    }
    if operation.command.is_none() {
        let first = wire.query.and_then(|query| Members::of(query)?.key());
        let is_command = |(name, _)| COMMANDS.contains(&(wire.kind, name));
        match wire.query.filter(|_| first.is_some_and(is_command)) {
            Some(command) => push_member(b"command", Value::Object(command), out),
            None => wire.write(out),
        }
    }
    out.push(b'}');
    true
}

/// Whether a document has the names that a Go program gives its fields.
fn is_of_go(ejson: &[u8]) -> bool {
    let names = Members::of(ejson).into_iter().flatten().map(|member| member.key);
    names.filter(|name| matches!(*name, b"Op" | b"Ns" | b"Millis")).count() == 3
}

/// A document with names that begin with a small letter.
fn lowered(ejson: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(ejson.len());
    out.push(b'{');
    for Member { key, value } in Members::of(ejson).into_iter().flatten() {
        let mut name = key.to_vec();
        name.get_mut(..1).unwrap_or_default().make_ascii_lowercase();
        push_member(&name, value, &mut out);
    }
    out.push(b'}');
    out
}

fn push_member(name: &[u8], value: Value<'_>, out: &mut Vec<u8>) {
    if out.last() != Some(&b'{') {
        out.push(b',');
    }
    push_string(name, out);
    out.push(b':');
    push_json(value, out);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_documents_become_what_later_versions_write() {
        for (document, expected) in [
            (
                r#"{"op":"query","ns":"shop.orders","query":{"$query":{"a":1},"$orderby":{"b":-1}},"ntoreturn":20,"ntoskip":5,"nscanned":9,"nscannedObjects":8,"scanAndOrder":true,"millis":3}"#,
                r#"{"op":"query","ns":"shop.orders","keysExamined":9,"docsExamined":8,"hasSortStage":true,"millis":3,"command":{"find":"orders","filter":{"a":1},"sort":{"b":-1},"skip":5,"limit":20,"$db":"shop"}}"#,
            ),
            (
                r#"{"op":"query","ns":"shop.orders","query":{"find":"orders","filter":{"a":1}},"keysExamined":9,"millis":3}"#,
                r#"{"op":"query","ns":"shop.orders","keysExamined":9,"millis":3,"command":{"find":"orders","filter":{"a":1}}}"#,
            ),
            (
                r#"{"op":"update","ns":"shop.orders","query":{"_id":7},"updateobj":{"$set":{"b":1}},"nscanned":1,"exception":"E11000 dup","exceptionCode":11000,"millis":3}"#,
                r#"{"op":"update","ns":"shop.orders","keysExamined":1,"ok":0,"errMsg":"E11000 dup","errCode":11000,"millis":3,"command":{"q":{"_id":7},"u":{"$set":{"b":1}}}}"#,
            ),
            (
                r#"{"op":"getmore","ns":"shop.orders","query":{"a":1},"cursorid":{"$numberLong":"9007199254740993"},"nreturned":7,"millis":3}"#,
                r#"{"op":"getmore","ns":"shop.orders","cursorid":{"$numberLong":"9007199254740993"},"nreturned":7,"millis":3,"command":{"getMore":{"$numberLong":"9007199254740993"},"collection":"orders","$db":"shop"},"originatingCommand":{"find":"orders","filter":{"a":1},"$db":"shop"}}"#,
            ),
            (
                r#"{"op":"command","ns":"shop.$cmd","command":{"count":"orders"},"nscanned":4,"lockStats":{"timeLockedMicros":{"r":5}},"millis":3}"#,
                r#"{"op":"command","ns":"shop.$cmd","command":{"count":"orders"},"keysExamined":4,"lockStats":{"timeLockedMicros":{"r":5}},"millis":3}"#,
            ),
            (
                r#"{"Op":"query","Ns":"shop.orders","Millis":3,"Query":{"find":"orders"}}"#,
                r#"{"op":"query","ns":"shop.orders","millis":3,"command":{"find":"orders"}}"#,
            ),
            (r#"{"op":"query","ns":"shop.orders","command":{"find":"orders"},"millis":3}"#, ""),
            (r#"{"a":1}"#, ""),
        ] {
            let mut operation = Operation::default();
            operation.read(document.as_bytes());
            let mut out = Vec::new();
            let was_old = modernise(document.as_bytes(), &operation, &mut out);
            assert_eq!(String::from_utf8_lossy(&out), expected);
            assert_eq!(was_old, !expected.is_empty());
        }
    }
}
