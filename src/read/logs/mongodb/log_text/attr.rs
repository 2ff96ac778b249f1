//! A slow operation as the `attr` object that versions from 4.4 on log for the same operation: same
//! members, same names, so that whatever reads those reads this.
//!
//! Old versions log what a client sent in the wire protocol of their time. Here a query becomes the
//! `find` command that the server makes of it since 3.2, an insert an `insert`, an update or a
//! removal the `{q, u}` of its own line, and a batch of a cursor the command that opened it.

use super::counters::{Value, is_number};
use super::slow::{Document, Slow};
use crate::lang::mongo::ejson::push_string;
use crate::lang::mongo::shell::to_ejson;
use crate::read::logs::json::{Members, Str};
use crate::read::logs::mongodb::statement::parts;
use crate::read::logs::mongodb::wire::{Wire, is_withheld, push_name, renamed, wrapped};
use memchr::memmem;

/// Writes `attr` objects; keep one per worker, its buffers are reused.
#[derive(Default)]
pub(super) struct AttrWriter {
    /// Extended JSON of a line's documents.
    documents: Vec<u8>,
    out: Vec<u8>,
}

impl AttrWriter {
    /// The object for an operation's message, and the operation; `None` if it tells of none.
    #[inline]
    pub fn write<'a>(&mut self, message: &'a [u8]) -> Option<(&[u8], Slow<'a>)> {
        let slow = Slow::read(message, &mut self.documents)?;
        self.out.clear();
        let mut attr = Attr { slow: &slow, documents: &self.documents, out: &mut self.out };
        attr.write();
        Some((&self.out, slow))
    }
}

/// Counters that say yes or no, and the names they have today.
const FLAGS: [(&[u8], &str); 7] = [
    (b"cursorExhausted", "cursorExhausted"),
    (b"exhaust", "exhaust"),
    (b"fromMultiPlanner", "fromMultiPlanner"),
    (b"hasSortStage", "hasSortStage"),
    (b"replanned", "replanned"),
    (b"scanAndOrder", "hasSortStage"),
    (b"usedDisk", "usedDisk"),
];

/// Counters that became part of the command, or that nothing today corresponds to.
const ELSEWHERE: [&[u8]; 5] = [b"fastmod", b"fastmodinsert", b"idhack", b"ntoreturn", b"ntoskip"];

struct Attr<'s, 'o> {
    slow: &'s Slow<'s>,
    documents: &'s [u8],
    out: &'o mut Vec<u8>,
}

impl<'s> Attr<'s, '_> {
    fn write(&mut self) {
        self.push("{\"type\":");
        push_string(self.slow.kind, self.out);
        self.push(",\"ns\":");
        push_string(self.slow.namespace, self.out);
        if let Some(name) = self.slow.app_name {
            self.push(",\"appName\":");
            push_string(&Str::whole(name).text(), self.out);
        }
        if self.slow.command.is_some() {
            self.write_command();
        } else {
            let counter = |name| self.slow.counters().number(name);
            let wire = Wire {
                kind: self.slow.kind,
                namespace: self.slow.namespace,
                query: self.json(self.slow.query.as_ref()),
                update: self.json(self.slow.update.as_ref()),
                cursor_id: counter(b"cursorid"),
                skip: counter(b"ntoskip"),
                limit: counter(b"ntoreturn"),
                has_origin: self.slow.originating.is_some(),
            };
            wire.write(self.out);
        }
        if let Some(origin) = self.json(self.slow.originating.as_ref()) {
            self.push(",\"originatingCommand\":");
            self.write_with_database(origin, b"");
        }
        if let Some(plan) = self.plan() {
            self.push(",\"planSummary\":");
            push_string(plan, self.out);
        }
        for (name, value) in self.slow.counters() {
            self.write_counter(name, value);
        }
        if let Some(duration_ms) = self.slow.duration_ms {
            self.push(",\"durationMillis\":");
            push_number(duration_ms, self.out);
        }
        self.push("}");
    }

    fn push(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn plan(&self) -> Option<&'s [u8]> {
        let is_by_id = || self.slow.counters().any(|(name, _)| name == b"idhack");
        self.slow.plan_summary.or_else(|| is_by_id().then_some(&b"IDHACK"[..]))
    }

    fn json(&self, document: Option<&Document>) -> Option<&'s [u8]> {
        self.documents.get(document?.json.clone())
    }

    fn database(&self) -> &'s [u8] {
        parts(self.slow.namespace).0
    }

    fn collection(&self) -> &'s [u8] {
        parts(self.slow.namespace).1
    }

    /// The command as logged, with its database, which versions before 3.6 do not log.
    fn write_command(&mut self) {
        let Some(command) = self.json(self.slow.command.as_ref()) else { return };
        if is_withheld(command) && self.slow.command_name.is_empty() {
            return;
        }
        self.push(",\"command\":");
        match self.slow.kind {
            b"update" | b"remove" => self.out.extend_from_slice(command),
            _ => self.write_with_database(command, self.slow.command_name),
        }
    }

    /// Writes a command with its database. Where its document does not begin with its name, as one
    /// that was withheld, the name and the collection come first.
    fn write_with_database(&mut self, command: &'s [u8], name: &'s [u8]) {
        let command = wrapped(command).unwrap_or(command);
        let inside = command.strip_prefix(b"{").and_then(|rest| rest.strip_suffix(b"}"));
        let inside = inside.filter(|_| !is_withheld(command)).unwrap_or_default();
        self.push("{");
        let begins_so = Members::of(command)
            .and_then(|mut members| members.key())
            .is_some_and(|(key, _)| key.eq_ignore_ascii_case(name));
        let mut is_first = true;
        if !name.is_empty() && !begins_so {
            push_string(name, self.out);
            self.push(":");
            match self.collection() {
                collection if collection.starts_with(b"$cmd") => self.push("1"),
                collection => push_string(collection, self.out),
            }
            is_first = false;
        }
        if !inside.is_empty() {
            self.push(if is_first { "" } else { "," });
            self.out.extend_from_slice(inside);
            is_first = false;
        }
        if !has_member(command, b"$db") {
            self.push(if is_first { "" } else { "," });
            self.write_database();
        }
        self.push("}");
    }

    fn write_database(&mut self) {
        self.push("\"$db\":");
        push_string(self.database(), self.out);
    }

    fn write_counter(&mut self, name: &[u8], value: Value<'_>) {
        if ELSEWHERE.contains(&name) {
            return;
        }
        let of = |table: &[(&[u8], &'static str)]| {
            table.iter().find(|(old, _)| *old == name).map(|(_, new)| *new)
        };
        if let (Some(flag), Value::Word(word)) = (of(&FLAGS), value) {
            push_name(flag, self.out);
            return self.push(if matches!(word, b"1" | b"true") { "true" } else { "false" });
        }
        match value {
            Value::OldLocks(modes) => return self.write_old_locks(modes),
            Value::Exception(text) => {
                self.push(",\"ok\":0,\"errMsg\":");
                return push_string(text, self.out);
            }
            _ => {}
        }
        self.push(",");
        let new = if name == b"code" { Some("errCode") } else { renamed(name) };
        push_string(new.map_or(name, str::as_bytes), self.out);
        self.push(":");
        match value {
            Value::Word(word) if is_number(word) || matches!(word, b"true" | b"false") => {
                self.out.extend_from_slice(word);
            }
            Value::Quoted(inside) => push_string(&Str::whole(inside).text(), self.out),
            Value::Document(text) => {
                to_ejson(text, self.out);
            }
            Value::Word(text) | Value::OldLocks(text) | Value::Exception(text) => {
                push_string(text, self.out);
            }
        }
    }

    /// For how long locks were held, not waited for: as in the profiler's documents of that time.
    fn write_old_locks(&mut self, modes: &[u8]) {
        self.push(",\"lockStats\":{\"timeLockedMicros\":{");
        let held = modes.split(|byte| *byte == b' ').filter_map(|held| match held {
            [mode, b':', us @ ..] if is_number(us) => Some((mode, us)),
            _ => None,
        });
        for (at, (mode, us)) in held.enumerate() {
            self.push(if at == 0 { "" } else { "," });
            push_string(&[*mode], self.out);
            self.push(":");
            self.out.extend_from_slice(us);
        }
        self.push("}}");
    }
}

fn has_member(object: &[u8], name: &[u8]) -> bool {
    // Most documents end the search here.
    memmem::find(object, name).is_some()
        && Members::of(object).into_iter().flatten().any(|member| member.key == name)
}

fn push_number(number: u64, out: &mut Vec<u8>) {
    // A buffer takes everything.
    let _ = std::io::Write::write_fmt(out, format_args!("{number}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_operations_become_what_later_versions_log() {
        for (line, expected) in [
            (
                "query shop.orders query: { query: { a: 33.0, b: /^x/ }, orderby: { c: -1.0 }, $hint: { a: 1 } } ntoreturn:-20 ntoskip:5 nscanned:9 scanAndOrder:1 idhack:1 keyUpdates:0 locks(micros) r:29 w:4 nreturned:1 reslen:68 29ms",
                r#"{"type":"query","ns":"shop.orders","command":{"find":"orders","filter":{"a":33.0,"b":{"$regularExpression":{"pattern":"^x","options":""}}},"sort":{"c":-1.0},"hint":{"a":1},"skip":5,"limit":20,"$db":"shop"},"planSummary":"IDHACK","keysExamined":9,"hasSortStage":true,"keyUpdates":0,"lockStats":{"timeLockedMicros":{"r":29,"w":4}},"nreturned":1,"reslen":68,"durationMillis":29}"#,
            ),
            (
                "query shop.a.b planSummary: COLLSCAN ntoreturn:0 1ms",
                r#"{"type":"query","ns":"shop.a.b","command":{"find":"a.b","$db":"shop"},"planSummary":"COLLSCAN","durationMillis":1}"#,
            ),
            (
                "getmore shop.orders query: { a: 1 } cursorid:9223372036854775807 ntoreturn:0 nreturned:7 1ms",
                r#"{"type":"getmore","ns":"shop.orders","command":{"getMore":9223372036854775807,"collection":"orders","$db":"shop"},"originatingCommand":{"find":"orders","filter":{"a":1},"$db":"shop"},"cursorid":9223372036854775807,"nreturned":7,"durationMillis":1}"#,
            ),
            (
                r#"update shop.orders query: { _id: 7 } update: { $set: { b: 1 } } nscanned:1 nscannedObjects:1 nupdated:1 fastmod:1 upsert:1 exception: E11000 "dup" code:11000 2ms"#,
                r#"{"type":"update","ns":"shop.orders","command":{"q":{"_id":7},"u":{"$set":{"b":1}}},"keysExamined":1,"docsExamined":1,"nMatched":1,"nUpserted":1,"ok":0,"errMsg":"E11000 \"dup\"","errCode":11000,"durationMillis":2}"#,
            ),
            (
                "remove shop.orders ndeleted:3 2ms",
                r#"{"type":"remove","ns":"shop.orders","command":{"q":{}},"ndeleted":3,"durationMillis":2}"#,
            ),
            (
                "insert shop.orders query: { _id: 7 } ninserted:1 2ms",
                r#"{"type":"insert","ns":"shop.orders","command":{"insert":"orders","documents":[{"_id":7}],"$db":"shop"},"ninserted":1,"durationMillis":2}"#,
            ),
            (
                "killcursors shop.orders  keyUpdates:0 2ms",
                r#"{"type":"killcursors","ns":"shop.orders","command":{"killCursors":"orders","$db":"shop"},"keyUpdates":0,"durationMillis":2}"#,
            ),
            (
                r#"command shop.$cmd command: { $query: { count: "orders", query: { a: 1 } }, $readPreference: { mode: "nearest" } } ntoreturn:1 3ms"#,
                r#"{"type":"command","ns":"shop.$cmd","command":{"count":"orders","query":{"a":1},"$db":"shop"},"durationMillis":3}"#,
            ),
            (
                r#"command shop.orders appName: "a \"b\"" command: find { find: "orders", filter: { $db: 1 } } planSummary: IXSCAN { a: 1 } keysExamined:2 hasSortStage:1 ok:0 errMsg:"no \"x\"" errName:NoSuch errCode:7 locks:{ Global: { acquireCount: { r: 2 } } } protocol:op_msg 3ms"#,
                r#"{"type":"command","ns":"shop.orders","appName":"a \"b\"","command":{"find":"orders","filter":{"$db":1},"$db":"shop"},"planSummary":"IXSCAN { a: 1 }","keysExamined":2,"hasSortStage":true,"ok":0,"errMsg":"no \"x\"","errName":"NoSuch","errCode":7,"locks":{"Global":{"acquireCount":{"r":2}}},"protocol":"op_msg","durationMillis":3}"#,
            ),
            (
                r#"command shop.orders command: getMore { getMore: 5, collection: "orders", $db: "shop" } originatingCommand: { find: "orders", $db: "shop" } cursorid:5 3ms"#,
                r#"{"type":"command","ns":"shop.orders","command":{"getMore":5,"collection":"orders","$db":"shop"},"originatingCommand":{"find":"orders","$db":"shop"},"cursorid":5,"durationMillis":3}"#,
            ),
            (
                "remove shop.orders command: { q: { a: 1 }, limit: 0 } planSummary: COLLSCAN ndeleted:1 3ms",
                r#"{"type":"remove","ns":"shop.orders","command":{"q":{"a":1},"limit":0},"planSummary":"COLLSCAN","ndeleted":1,"durationMillis":3}"#,
            ),
            (
                "transaction parameters:{ txnNumber: 1 }, readTimestamp:Timestamp(0, 0), nMatched:1 terminationCause:committed 5ms",
                r#"{"type":"transaction","ns":"","parameters":{"txnNumber":1},"readTimestamp":"Timestamp(0, 0)","nMatched":1,"terminationCause":"committed","durationMillis":5}"#,
            ),
            // Withheld by the server, or cut.
            (
                r#"command shop.$cmd command: update { $msg: "query not recording (too large)" } keyUpdates:0 5ms"#,
                r#"{"type":"command","ns":"shop.$cmd","command":{"update":1,"$db":"shop"},"keyUpdates":0,"durationMillis":5}"#,
            ),
            (
                r#"command shop.$cmd command: { $msg: "query not recording (too large)" } 5ms"#,
                r#"{"type":"command","ns":"shop.$cmd","durationMillis":5}"#,
            ),
            (
                r#"query shop.orders query: { $msg: "query not recording (too large)" } ntoskip:0 5ms"#,
                r#"{"type":"query","ns":"shop.orders","command":{"find":"orders","$db":"shop"},"durationMillis":5}"#,
            ),
            (
                "command shop.orders command: insert {...} ninserted:1 5ms",
                r#"{"type":"command","ns":"shop.orders","command":{"insert":"orders","$elided":"members","$db":"shop"},"ninserted":1,"durationMillis":5}"#,
            ),
        ] {
            let mut writer = AttrWriter::default();
            let (attr, _) = writer.write(line.as_bytes()).expect(line);
            assert_eq!(String::from_utf8_lossy(attr), expected, "{line}");
        }
    }
}
