//! Finds MySQL's and MariaDB's plans in JSON within any text.
//!
//! In: text. Out: where the next document stands, what it is dressed in, and whose it is. Clients put
//! the document behind `EXPLAIN: ` or `| ` on its first line and leave its lines as they are, so it is
//! taken from its first bracket on. What they do to its bytes is undone here: escaped line ends of
//! batch mode, a JSON string, doubled quotes of CSV. What the members mean is the readers'.

use super::head::{Structure, structure_of};
use super::product::engine_of;
use crate::lang::json::{push_unescaped, string_end};
use crate::model::event::Engine;
use memchr::{memchr, memmem};
use std::borrow::Cow;

/// What a client made of the document's bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Dress {
    /// Nothing.
    Plain,
    /// One line: `\n`, `\t` and `\\` stand for themselves (`mysql --batch`).
    Batch,
    /// It is a string of another JSON document.
    Quoted,
    /// It is a field of a CSV file: quotes are doubled.
    Doubled,
}

/// A document in a text.
#[derive(Clone, Debug)]
pub struct Document<'a> {
    /// Where its first bracket stands.
    pub start: usize,
    /// One past its last bracket, or where it is cut.
    pub end: usize,
    /// Its JSON, undressed.
    pub json: Cow<'a, str>,
    /// Its structure.
    pub structure: Structure,
    /// Whose it is.
    pub engine: Engine,
}

/// The first document at or behind a place. In linear time.
pub fn next(text: &str, mut at: usize) -> Option<Document<'_>> {
    let bytes = text.as_bytes();
    loop {
        at += memchr(b'{', bytes.get(at..)?)?;
        match document_at(text, at) {
            Ok(document) => return Some(document),
            Err(behind) => at = behind.max(at + 1),
        }
    }
}

/// The document that a bracket opens, or where to look on.
fn document_at(text: &str, start: usize) -> Result<Document<'_>, usize> {
    let none = start + 1;
    let dress = dress_at(text.as_bytes(), start + 1).ok_or(none)?;
    let rest = text.get(start..).ok_or(none)?;
    if dress == Dress::Plain {
        let structure = structure_of(rest).map_err(|read| start + read)?;
        let len = length(rest);
        let json = rest.get(..len).ok_or(none)?;
        let engine = engine_of(json, structure);
        return Ok(Document {
            start,
            end: start + len,
            json: Cow::Borrowed(json),
            structure,
            engine,
        });
    }
    let (json, len) = undressed(rest, dress);
    let structure = structure_of(&json).map_err(|_| start + len)?;
    let engine = engine_of(&json, structure);
    Ok(Document { start, end: start + len, json: Cow::Owned(json), structure, engine })
}

/// What stands behind a bracket tells the dress; `None` if no member of a plan can follow.
fn dress_at(bytes: &[u8], mut at: usize) -> Option<Dress> {
    let mut dress = Dress::Plain;
    loop {
        match (bytes.get(at)?, bytes.get(at + 1)) {
            (b' ' | b'\t' | b'\r' | b'\n', _) => at += 1,
            (b'\\', Some(b'n' | b't' | b'r')) => {
                dress = Dress::Batch;
                at += 2;
            }
            (b'\\', Some(b'"')) => return Some(Dress::Quoted),
            (b'"', Some(b'"')) => return Some(Dress::Doubled),
            (b'"', Some(b'a'..=b'z')) => return Some(dress),
            _ => return None,
        }
    }
}

/// The JSON of a dressed document, and how many bytes of the text it takes.
fn undressed(text: &str, dress: Dress) -> (String, usize) {
    let bytes = text.as_bytes();
    let len = match dress {
        Dress::Plain | Dress::Batch => memchr(b'\n', bytes),
        Dress::Quoted => string_end(bytes),
        Dress::Doubled => doubled_end(bytes),
    };
    let len = len.unwrap_or(bytes.len()).min(bytes.len());
    let raw = text.get(..len).unwrap_or(text);
    let json = match dress {
        Dress::Doubled => raw.replace("\"\"", "\""),
        Dress::Plain | Dress::Batch | Dress::Quoted => {
            let mut plain = Vec::with_capacity(raw.len());
            let _ = push_unescaped(raw.as_bytes(), &mut plain);
            String::from_utf8_lossy(&plain).into_owned()
        }
    };
    (json, len)
}

/// Where a CSV field ends: at a quote that is not doubled.
fn doubled_end(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr(b'"', bytes.get(at..)?)?;
        if bytes.get(at + 1) != Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}

/// How long a document is. A cut one ends where the next begins, if one does.
fn length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at;
                }
            }
            b'"' => {
                let rest = bytes.get(at..).unwrap_or_default();
                let len = string_end(rest).map_or(rest.len(), |end| end + 1);
                let string = bytes.get(at..at + len).unwrap_or(rest);
                let mut lines = memchr::memchr_iter(b'\n', string).map(|line| at + line + 1);
                if let Some(next) = lines.find(|line| starts_anew(bytes, *line)) {
                    return next;
                }
                at += string.len();
            }
            b'/' if bytes.get(at) == Some(&b'*') => {
                let rest = bytes.get(at..).unwrap_or_default();
                at += memmem::find(rest, b"*/").map_or(rest.len(), |end| end + 2);
            }
            b'\n' if starts_anew(bytes, at) => return at,
            _ => {}
        }
    }
    bytes.len()
}

/// Whether a line begins another document, or another row of a client's output.
fn starts_anew(bytes: &[u8], line: usize) -> bool {
    let rest = bytes.get(line..).unwrap_or_default();
    [&b"{"[..], b"| {", b"EXPLAIN: {", b"ANALYZE: {", b"**********"]
        .iter()
        .any(|start| rest.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sure_plans_are_found() {
        for text in [
            r#"{"query": "select 1", "took": 5, "query_plan": "none"}"#,
            r#"{"query": "q", "plan": {"operation": "delete", "access_type": "rw"}}"#,
            r#"{"operation": "delete", "access_type": "rw", "inputs": [1, 2]}"#,
            r#"{"operation": "Table scan on t"}"#,
            r#"{"query_block": {"id": 7}}"#,
            r#"{"query_block": "x"} {"query_optimization": {"x": 1}}"#,
            r#"[{"Plan": {"Node Type": "Seq Scan"}}] {"stage": "COLLSCAN"} {"#,
            r#"{\"query_block\": 1, {""query_block"": 1, {\n  "query_block": 1"#,
        ] {
            assert!(next(text, 0).is_none(), "{text}");
        }
    }

    #[test]
    fn every_dress_gives_the_same_json() {
        let json =
            "{\n  \"query_block\": {\n    \"select_id\": 1,\n    \"message\": \"a\\\"b\"\n  }\n}";
        let quoted = json.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        for (text, start) in [
            (format!("x | {json} |\n"), 4),
            (format!("EXPLAIN\n{}\n", json.replace('\\', "\\\\").replace('\n', "\\n")), 8),
            (format!("[{{\"EXPLAIN\": \"{quoted}\"}}]"), 14),
            (format!("\"{}\"\nnext", json.replace('"', "\"\"")), 1),
        ] {
            let document = next(&text, 0).expect(&text);
            assert_eq!((document.start, document.json.trim_end()), (start, json), "{text}");
        }
    }

    #[test]
    fn a_cut_document_ends_where_the_next_begins() {
        let whole = "{\n\"query_block\": {\"select_id\": 1, \"message\": \"a {\"}}";
        for cut in [whole.len() - 1, whole.len() - 4, 36] {
            for next_line in ["{", "| {", "EXPLAIN: {"] {
                let text = format!("{}\n{next_line}\"query_block\": 1}}", &whole[..cut]);
                let document = next(&text, 0).expect(&text);
                assert_eq!((document.start, document.end), (0, cut + 1), "{text}");
            }
        }
    }
}
