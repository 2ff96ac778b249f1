//! `EXPLAIN (FORMAT JSON)`: alone, as auto_explain logs it, in psql's frames, and in what clients and
//! other tools put around it (`[{"QUERY PLAN": …}]`, a JSON text that holds the document).

use super::super::tree::parse_json;
use super::super::{Bounds, Found, Literals, PlanError, PlanMeta, PlanReader};
use super::document;
use super::framed::{BORDERS, unframed, without_heading};
use super::json_extent::extent;
use crate::lang::json::string_end;
use crate::model::event::Engine;
use crate::model::plan::Plan;
use memchr::{memchr, memmem};

/// Reads PostgreSQL's JSON.
pub struct PostgresJson;

static META: PlanMeta = PlanMeta {
    name: "postgres-json",
    engine: Engine::Postgres,
    title: "PostgreSQL, EXPLAIN (FORMAT JSON)",
    bounds: Bounds::Marked,
    words: &["Node Type"],
    samples: &[
        "[\n  {\n    \"Plan\": {\n      \"Node Type\": \"Result\",\n      \"Plan Rows\": 1\n    }\n  }\n]\n",
        "{\"Query Text\": \"SELECT 1\", \"Plan\": {\"Node Type\": \"Result\"}}",
    ],
};

/// How much of a text may be looked at more than once: values that do not end are looked at again
/// from each line that may begin one.
const MOST_LOOKS: usize = 4;

/// How far into a document in quotes its first name stands at most.
const HEAD_BYTES: usize = 256;
/// What a document in quotes begins with.
const FIRST_NAMES: [&[u8]; 4] = [b"Plan", b"Node Type", b"Query Text", b"QUERY PLAN"];

impl PlanReader for PostgresJson {
    fn meta(&self) -> &'static PlanMeta {
        &META
    }

    fn find(&self, text: &str) -> Option<Found> {
        let bytes = text.as_bytes();
        let finder = memmem::Finder::new(b"Node Type");
        let mut budget = bytes.len().saturating_mul(MOST_LOOKS).saturating_add(1 << 16);
        let mut line = 0;
        loop {
            let node = line + finder.find(bytes.get(line..)?)?;
            while line <= node {
                let start = line;
                line = next_line(bytes, start);
                let Some((bracket, is_quoted)) = candidate(text, start, line) else { continue };
                let found = match is_quoted {
                    true => quoted(bytes, bracket, node),
                    false => {
                        let value = extent(bytes, bracket);
                        budget = budget.checked_sub(value.end - bracket)?;
                        if value.is_whole {
                            line = line.max(next_line(bytes, value.end.saturating_sub(1)));
                        }
                        value.is_plan.then_some(value.end)
                    }
                };
                if let Some(end) = found {
                    return Some(Found { start, end });
                }
            }
        }
    }

    fn read(&self, document: &str, literals: Literals) -> Result<Vec<Plan>, PlanError> {
        let text = unframed(document);
        let (tree, _) = parse_json(&text)?;
        document::read(&tree, META.name, literals, |inner| Ok(parse_json(inner)?.0))
    }
}

/// The bracket that a line begins with, and whether a quote stands before it.
fn candidate(text: &str, start: usize, end: usize) -> Option<(usize, bool)> {
    let line = text.get(start..end)?;
    let is_drawn = |c: char| c.is_ascii_whitespace() || BORDERS.contains(&c);
    let content = without_heading(line).trim_start_matches(is_drawn);
    let (content, is_quoted) = match content.strip_prefix('"') {
        Some(content) => (content, true),
        None => (content, false),
    };
    content.starts_with(['{', '[']).then_some((end - content.len(), is_quoted))
}

/// Where a document in quotes ends, if it is one: a JSON text, or a field of a spreadsheet.
fn quoted(bytes: &[u8], bracket: usize, node: usize) -> Option<usize> {
    let head_end = (bracket + HEAD_BYTES).min(node + b"Node Type".len());
    // The first name, behind the brackets, quotes and escaped line ends before it.
    let mut head = bytes.get(bracket..head_end)?;
    head = &head[head.iter().position(u8::is_ascii_uppercase)?..];
    if !FIRST_NAMES.iter().any(|name| head.starts_with(name)) {
        return None;
    }
    let inside = bytes.get(bracket..)?;
    let behind_name = bytes.get(node + b"Node Type".len()..)?;
    if behind_name.starts_with(b"\\\"") {
        return Some(string_end(inside).map_or(bytes.len(), |len| bracket + len + 1));
    }
    if !behind_name.starts_with(b"\"\"") {
        return None;
    }
    let mut at = 0;
    while let Some(quote) = memchr(b'"', inside.get(at..)?).map(|len| at + len) {
        if inside.get(quote + 1) != Some(&b'"') {
            return Some(bracket + quote + 1);
        }
        at = quote + 2;
    }
    Some(bytes.len())
}

/// Where the next line begins.
fn next_line(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    memchr(b'\n', rest).map_or(bytes.len(), |len| at + len + 1)
}
