//! Plan documents found in logs: their format, the statement they belong to, and the document
//! without its literals.
//!
//! auto_explain writes the statement into the document (`Query Text`), so a plan finds its class by
//! itself. Masking keeps what a plan is about (operators, names, numbers of rows and time) and
//! takes the literals out of its conditions.

use super::postgres::names::is_plain;
use super::read_document;
use super::tree::xml;
use crate::lang::literals::mask_sql;
use crate::lang::sql::lexer::Dialect;
use crate::model::event::Engine;
use crate::model::plan::{Plan, PlanError, ReadsPlans};
use memchr::{memchr, memmem};
use std::borrow::Cow;
use std::fmt::Write;

/// Reads the plans that an engine's log holds, in any of its forms.
#[derive(Debug)]
pub struct Logged(pub Engine);

impl ReadsPlans for Logged {
    fn plans(&self, document: &[u8], keep_literals: bool) -> Result<Vec<Plan>, PlanError> {
        let text = String::from_utf8_lossy(document);
        let mut plans = read_document(&text, self.0, keep_literals.into())?;
        plans.iter_mut().for_each(|plan| plan.engine = self.0);
        Ok(plans)
    }
}

/// A plan document as a log holds it.
#[derive(Debug, PartialEq)]
pub struct Captured<'a> {
    /// `text`, `json`, `xml` or `yaml`.
    pub format: &'static str,
    /// The statement.
    pub query: Cow<'a, [u8]>,
}

/// Recognises a document; `None` where it does not tell its statement.
pub fn read(document: &[u8]) -> Option<Captured<'_>> {
    let start = document.trim_ascii_start();
    let (format, query) = match start.first()? {
        b'{' | b'[' => ("json", json_string(after(start, b"\"Query Text\":")?)?),
        b'<' => {
            let rest = after(start, b"<Query-Text>")?;
            let end = memmem::find(rest, b"</Query-Text>")?;
            let text = String::from_utf8_lossy(&rest[..end]);
            ("xml", Cow::Owned(xml::unescaped(&text).into_owned().into_bytes()))
        }
        _ => {
            let rest = start.strip_prefix(b"Query Text:")?.trim_ascii_start();
            match rest.first()? {
                b'"' => ("yaml", json_string(rest)?),
                _ => ("text", Cow::Borrowed(&rest[..text_query_end(rest)])),
            }
        }
    };
    Some(Captured { format, query })
}

/// In text form the statement ends where the first line of the plan begins: the one with costs or
/// actual times, or the parameters.
fn text_query_end(rest: &[u8]) -> usize {
    let mut at = 0;
    while let Some(end) = memchr(b'\n', &rest[at..]).map(|i| at + i) {
        let next = &rest[end + 1..];
        let line = &next[..memchr(b'\n', next).unwrap_or(next.len())];
        if line.trim_ascii_start().starts_with(b"Query Parameters:")
            || memmem::find(line, b"  (cost=").is_some()
            || memmem::find(line, b" (actual ").is_some()
        {
            return end;
        }
        at = end + 1;
    }
    rest.len()
}

fn after<'a>(text: &'a [u8], word: &[u8]) -> Option<&'a [u8]> {
    Some(&text[memmem::find(text, word)? + word.len()..])
}

/// A JSON string at the start of a text (blanks before it are fine).
fn json_string(text: &[u8]) -> Option<Cow<'_, [u8]>> {
    let mut documents = serde_json::Deserializer::from_slice(text).into_iter::<String>();
    Some(Cow::Owned(documents.next()?.ok()?.into_bytes()))
}

/// Lines that only the text form has, and that hold words and numbers of the plan itself.
const PLAIN_LINES: [&str; 13] = [
    "Batches",
    "Buckets",
    "Buffers",
    "Execution Time",
    "Functions",
    "Heap Blocks",
    "Hits",
    "I/O Timings",
    "JIT",
    "Options",
    "Planning Time",
    "Timing",
    "WAL",
];

/// The document without its literals; withheld where it does not parse.
pub fn mask(document: &[u8]) -> String {
    let text = String::from_utf8_lossy(document);
    let start = text.trim_start();
    match start.as_bytes().first() {
        Some(b'{' | b'[') => match serde_json::from_str::<serde_json::Value>(start) {
            Ok(mut value) => {
                mask_json(&mut value, "", 0);
                serde_json::to_string_pretty(&value).unwrap_or_else(|_| withheld(document))
            }
            Err(_) => withheld(document),
        },
        Some(b'<') => mask_xml(start),
        // A stderr log has a tab before each line but the first.
        _ => mask_lines(&start.replace("\n\t", "\n")),
    }
}

fn withheld(document: &[u8]) -> String {
    format!(
        "(a plan of {} bytes, withheld because its literals cannot be told apart)",
        document.len()
    )
}

fn mask_json(value: &mut serde_json::Value, key: &str, depth: usize) {
    use serde_json::Value;
    match value {
        Value::String(text) if !is_plain(key) => *text = masked(text),
        Value::Array(items) if depth < 200 => {
            items.iter_mut().for_each(|item| mask_json(item, key, depth + 1));
        }
        Value::Object(map) if depth < 200 => {
            map.iter_mut().for_each(|(name, item)| {
                mask_json(item, if is_plain(key) { key } else { name }, depth + 1);
            });
        }
        Value::Array(_) | Value::Object(_) => *value = Value::Null,
        _ => {}
    }
}

fn masked(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len());
    mask_sql(sql.as_bytes(), Dialect::Postgres, &mut out);
    out
}

/// Text and YAML, line by line: node lines and plain properties stay, all other values are masked.
/// The statement itself may run over several lines, so it is masked as a whole.
fn mask_lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let query = text.strip_prefix("Query Text:").map(str::trim_start);
    // In YAML it is a text in one line, like others.
    if let Some(query) = query.filter(|query| !query.starts_with('"')) {
        let end = text_query_end(query.as_bytes());
        let _ = writeln!(out, "Query Text: {}", masked(&query[..end]));
        rest = &query[end..];
    }
    for line in rest.lines().filter(|line| !line.trim().is_empty()) {
        let indent = &line[..line.len() - line.trim_start().len()];
        let content = line.trim_start();
        let is_node = content.contains("  (cost=") || content.contains(" (actual ");
        let item = content.trim_start_matches(['-', ' ']);
        let dashes = &content[..content.len() - item.len()];
        match content.split_once(": ") {
            _ if is_node => out.push_str(line),
            _ if item.starts_with(['"', '[']) => {
                let _ = write!(out, "{indent}{dashes}{}", masked_yaml(item));
            }
            Some((key, value)) if is_plain_line(key.trim_matches(['-', ' ']), value) => {
                out.push_str(line);
            }
            Some((key, value)) if key.len() <= 40 => {
                let _ = write!(out, "{indent}{key}: {}", masked_yaml(value));
            }
            _ => out.push_str(&masked(line)),
        }
        out.push('\n');
    }
    out
}

/// A value of YAML: its texts are in quotes, which would hide literals in them. Other values are
/// conditions of the text form.
fn masked_yaml(value: &str) -> String {
    match serde_json::from_str::<serde_json::Value>(value) {
        Ok(mut value) => {
            mask_json(&mut value, "", 0);
            value.to_string()
        }
        Err(_) => masked(value),
    }
}

/// Whether a line of the text form or of YAML holds no literals.
fn is_plain_line(key: &str, value: &str) -> bool {
    is_plain(key) || PLAIN_LINES.contains(&key) || value.trim().parse::<f64>().is_ok()
}

/// XML, element by element: all texts are masked but names, words and numbers of the plan.
fn mask_xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut open: Vec<Cow<'_, str>> = Vec::new();
    let mut rest = text;
    while let Some((content, behind)) = rest.split_once('<') {
        let value = content.trim();
        // An item is of the kind of its list, and a setting of that of all settings.
        let is_plain = open.iter().rev().take(2).any(|name| is_plain(name));
        let is_kept = is_plain || matches!(value, "" | "true" | "false");
        if is_kept || value.parse::<f64>().is_ok() {
            out.push_str(content);
        } else {
            let masked = masked(&xml::unescaped(content));
            out.push_str(&masked.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"));
        }
        let Some((tag, behind)) = behind.split_once('>') else {
            return out;
        };
        let _ = write!(out, "<{tag}>");
        if tag.starts_with('/') {
            open.pop();
        } else if !tag.ends_with('/') && !tag.starts_with(['?', '!']) {
            open.push(xml::name(tag));
        }
        rest = behind;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_statement_in_every_format() {
        for (document, format, query) in [
            (
                "\n{\n  \"Query Text\": \"SELECT \\\"a\\\"\\nFROM t\",\n \"Plan\": {}}",
                "json",
                "SELECT \"a\"\nFROM t",
            ),
            (
                "\n\tQuery Text: SELECT 1\n\tFROM t\n\tSeq Scan on t  (cost=0.00..1.00 rows=1 width=4)",
                "text",
                "SELECT 1\n\tFROM t",
            ),
            ("<explain><Query-Text>SELECT a &lt; 1</Query-Text></explain>", "xml", "SELECT a < 1"),
            ("\nQuery Text: \"SELECT 1\"\nPlan:\n", "yaml", "SELECT 1"),
        ] {
            let captured = read(document.as_bytes()).expect(document);
            assert_eq!(captured.format, format);
            assert_eq!(String::from_utf8_lossy(&captured.query), query);
        }
        assert_eq!(read(b"{\"Plan\": {}}"), None);
    }

    #[test]
    fn masking_keeps_the_plan_and_takes_the_literals() {
        let json = br#"{"Query Text": "SELECT 'hush'", "Plan": {"Node Type": "Seq Scan", "Filter": "(email = 'hush'::text)", "Actual Rows": 7}}"#;
        let text = b"Query Text: SELECT * FROM t\n WHERE e = 'hush'\nSeq Scan on t  (cost=0.00..1.00 rows=7 width=4)\n  Filter: (e = 'hush'::text)\n  Rows Removed by Filter: 41";
        let xml = b"<explain xmlns=\"x\"><Query-Text>SELECT 'hush' &lt; 1</Query-Text><Plan><Node-Type>Seq Scan</Node-Type><Filter>(e = 'hush'::text)</Filter><Output><Item>'hush'::text</Item></Output><Actual-Rows>7</Actual-Rows></Plan></explain>";
        let yaml = b"Query Text: \"SELECT 'hush'\"\nPlan: \n  Node Type: \"Seq Scan\"\n  Filter: \"(e = 'hush'::text)\"\n  Output: \n    - \"'hush'::text\"\n    - [\"a: 'hush'\"]\n  Actual Rows: 7";
        for document in [&json[..], &text[..], &xml[..], &yaml[..]] {
            let masked = mask(document);
            assert!(!masked.contains("hush"), "{masked}");
            assert!(masked.contains("Seq Scan") && masked.contains('7'), "{masked}");
        }
        assert!(mask(text).contains("Rows Removed by Filter: 41"));
        assert!(!mask(b"{\"Filter\": \"hush").contains("hush"));
    }
}
