//! `EXPLAIN (FORMAT YAML)`: alone, as auto_explain logs it, and in psql's frames.

use super::super::tree::parse_yaml;
use super::super::{Bounds, Found, Literals, PlanError, PlanMeta, PlanReader};
use super::document;
use super::framed::{BORDERS, unframed, without_heading};
use crate::model::event::Engine;
use crate::model::plan::Plan;
use memchr::{memchr, memmem, memrchr};

/// Reads PostgreSQL's YAML.
pub struct PostgresYaml;

static META: PlanMeta = PlanMeta {
    name: "postgres-yaml",
    engine: Engine::Postgres,
    title: "PostgreSQL, EXPLAIN (FORMAT YAML)",
    bounds: Bounds::Marked,
    words: &["Node Type: "],
    samples: &[
        "- Plan: \n    Node Type: \"Result\"\n    Plan Rows: 1\n",
        "Query Text: \"SELECT 1\"\nPlan: \n  Node Type: \"Result\"\n",
    ],
};

/// What a node begins with: in quotes, which no other form has behind a bare name.
const NODE: &[u8] = b"Node Type: \"";
/// Members that auto_explain prints before the plan.
const BEFORE_PLAN: [&str; 3] = ["Query Text: ", "Query Parameters: ", "Query Identifier: "];

impl PlanReader for PostgresYaml {
    fn meta(&self) -> &'static PlanMeta {
        &META
    }

    fn find(&self, text: &str) -> Option<Found> {
        let bytes = text.as_bytes();
        let finder = memmem::Finder::new(NODE);
        let mut at = 0;
        loop {
            let node = at + finder.find(bytes.get(at..)?)?;
            if let Some(start) = document_start(text, line_start(bytes, node)) {
                return Some(Found { start, end: document_end(text, start) });
            }
            // Only the first one of a line can begin a document.
            at = node + memchr(b'\n', bytes.get(node..)?)?;
        }
    }

    fn read(&self, document: &str, literals: Literals) -> Result<Vec<Plan>, PlanError> {
        let text = unframed(document);
        let tree = parse_yaml(&text)?;
        document::read(&tree, META.name, literals, parse_yaml)
    }
}

/// A line without frame and tabs, and how far it is indented.
fn content(line: &str) -> (usize, &str) {
    let line = without_heading(line);
    let framed = line.trim_start().strip_prefix(BORDERS).unwrap_or(line);
    let untabbed = framed.trim_start_matches('\t');
    let content = untabbed.trim_start_matches(' ');
    let is_drawn = |c: char| c.is_whitespace() || c == '+' || c == '↵' || BORDERS.contains(&c);
    (untabbed.len() - content.len(), content.trim_end_matches(is_drawn))
}

/// Where a document begins whose first node stands in this line; `None` if it is no such line.
fn document_start(text: &str, node_line: usize) -> Option<usize> {
    let (_, node) = content(text.get(node_line..)?.lines().next()?);
    let bare = node.strip_prefix("- ").unwrap_or(node);
    if !bare.as_bytes().starts_with(NODE) {
        return None;
    }
    let above = |line: usize| {
        let start = line_start(text.as_bytes(), line.checked_sub(1)?);
        let (_, content) = content(text.get(start..line)?);
        Some((start, content.strip_prefix("- ").unwrap_or(content)))
    };
    let Some((mut first, _)) = above(node_line).filter(|(_, content)| *content == "Plan:") else {
        return Some(node_line);
    };
    while let Some((line, content)) = above(first)
        && BEFORE_PLAN.iter().any(|name| content.starts_with(name))
    {
        first = line;
    }
    Some(first)
}

/// Where a document ends: at the first line that cannot be part of it.
fn document_end(text: &str, start: usize) -> usize {
    let mut end = start;
    let (mut base, mut tabs) = (None, 0);
    for line in text.get(start..).unwrap_or_default().split_inclusive('\n') {
        let (indent, content) = content(line);
        let name = content.trim_start_matches(['-', ' ', '[']);
        let is_named = name.starts_with('"') || name.starts_with(char::is_alphabetic);
        let is_part = content.starts_with('-') || content.contains(": ") || content.ends_with(':');
        // In a log a tab stands before each line of a message but its first.
        let before = std::mem::replace(&mut tabs, line.len() - line.trim_start_matches('\t').len());
        if indent < *base.get_or_insert(indent) || !is_named || !is_part || tabs < before {
            break;
        }
        end += line.len();
    }
    end
}

fn line_start(bytes: &[u8], at: usize) -> usize {
    memrchr(b'\n', bytes.get(..at).unwrap_or_default()).map_or(0, |end| end + 1)
}
