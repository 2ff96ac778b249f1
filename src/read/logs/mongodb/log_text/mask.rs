//! Lines without literals, structured ones by the mask of their own format. Of text lines heads, names,
//! plans and counters stay, documents lose their values, and all else goes through the mask of
//! messages.
//!
//! An operation keeps its meaning, but documents that old versions spread over a line are written as
//! the one command that they make, in the form of versions from 3.2 on.

use super::attr::AttrWriter;
use super::clock::Years;
use super::counters::Value;
use super::head::Heads;
use crate::lang::literals::mask_message;
use crate::read::logs::json::{Member, Members, Value as Json};
use crate::read::logs::mask::{Masker, WITHHELD};
use crate::read::logs::mongodb::log_json::mask_line;
use crate::read::logs::mongodb::mask::mask_document;
use crate::time::ZoneTable;

/// How the server itself says that a line is not whole, without its figures.
const CUT: &str =
    "warning: log line attempted (?kB) over max size (?kB), printing beginning and end ... ";

/// Masks lines of one file; one per worker.
pub(in crate::read::logs::mongodb) struct LineMasker<'z> {
    heads: Heads<'z>,
    writer: AttrWriter,
}

impl<'z> LineMasker<'z> {
    /// For lines whose stamps are of these years.
    pub fn new(years: Option<Years>, zones: &'z ZoneTable) -> Self {
        LineMasker { heads: Heads::new(years, zones), writer: AttrWriter::default() }
    }
}

impl Masker for LineMasker<'_> {
    fn mask(&mut self, text: &[u8], out: &mut String) {
        let line = text.trim_ascii_end();
        if line.starts_with(b"{") {
            return mask_line(line, out);
        }
        let Some(head) = self.heads.read(line) else {
            return out.push_str(&format!("{WITHHELD}\n"));
        };
        push(line.get(..head.message_at).unwrap_or_default(), out);
        let Some((attr, slow)) = self.writer.write(head.message) else {
            mask_message(head.message, out);
            return out.push('\n');
        };
        if slow.is_cut {
            out.push_str(CUT);
        }
        push(slow.kind, out);
        out.push(' ');
        push(slow.namespace, out);
        if let Some(name) = slow.app_name {
            out.push_str(" appName: \"");
            push(name, out);
            out.push('"');
        }
        for Member { key, value } in Members::of(attr).into_iter().flatten() {
            let label = match key {
                b"command" => " command: ",
                b"originatingCommand" => " originatingCommand: ",
                _ => continue,
            };
            if let Json::Object(document) = value {
                out.push_str(label);
                mask_document(document, slow.kind, out);
            }
        }
        if let Some(plan) = slow.plan_summary {
            out.push_str(" planSummary: ");
            push(plan, out);
        }
        for (name, value) in slow.counters() {
            out.push(' ');
            push_counter(name, value, out);
        }
        if let Some(duration_ms) = slow.duration_ms {
            out.push_str(&format!(" {duration_ms}ms"));
        }
        out.push('\n');
    }
}

fn push_counter(name: &[u8], value: Value<'_>, out: &mut String) {
    match value {
        Value::Word(word) => {
            push(name, out);
            out.push(':');
            push(word, out);
        }
        Value::OldLocks(modes) => {
            push(name, out);
            out.push(' ');
            push(modes, out);
        }
        Value::Exception(text) => {
            out.push_str("exception: ");
            mask_message(text, out);
        }
        Value::Quoted(text) => {
            push(name, out);
            out.push_str(":\"");
            let mut masked = String::new();
            mask_message(text, &mut masked);
            out.push_str(&masked.replace(['"', '\\'], ""));
            out.push('"');
        }
        // Who ran it, or what is none of the server's own figures.
        Value::Document(text) if text.contains(&b'"') => {
            push(name, out);
            out.push_str(if name == b"parameters" { ":{}," } else { ":{}" });
        }
        Value::Document(text) => {
            push(name, out);
            out.push(':');
            push(text, out);
        }
    }
}

fn push(text: &[u8], out: &mut String) {
    out.push_str(&String::from_utf8_lossy(text));
}
