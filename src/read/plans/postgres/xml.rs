//! `EXPLAIN (FORMAT XML)`: alone, as auto_explain logs it, and in psql's frames.

use super::super::tree::parse_xml;
use super::super::{Bounds, Found, Literals, PlanError, PlanMeta, PlanReader};
use super::document;
use super::framed::{BORDERS, unframed};
use crate::model::event::Engine;
use crate::model::plan::Plan;
use memchr::{memmem, memrchr};

/// Reads PostgreSQL's XML.
pub struct PostgresXml;

static META: PlanMeta = PlanMeta {
    name: "postgres-xml",
    engine: Engine::Postgres,
    title: "PostgreSQL, EXPLAIN (FORMAT XML)",
    bounds: Bounds::Marked,
    words: &["<explain"],
    samples: &[
        "<explain xmlns=\"http://www.postgresql.org/2009/explain\">\n  <Query>\n    <Plan>\n      <Node-Type>Result</Node-Type>\n    </Plan>\n  </Query>\n</explain>\n",
        "<explain><Query-Text>SELECT 1</Query-Text><Plan><Node-Type>Result</Node-Type></Plan></explain>",
    ],
};

const START: &[u8] = b"<explain";
const END: &[u8] = b"</explain>";
const NAMESPACE: &str = "http://www.postgresql.org/2009/explain";
/// What begins a document that has lost its namespace.
const FIRST_ELEMENTS: [&str; 3] = ["<Query>", "<Query-Text>", "<Plan>"];

impl PlanReader for PostgresXml {
    fn meta(&self) -> &'static PlanMeta {
        &META
    }

    fn find(&self, text: &str) -> Option<Found> {
        let bytes = text.as_bytes();
        for at in memmem::find_iter(bytes, START) {
            let near = text.floor_char_boundary(at.saturating_sub(MOST_BEFORE));
            let line = memrchr(b'\n', bytes.get(near..at)?).map_or(near, |end| near + end + 1);
            let before = text.get(line..at)?;
            let is_drawn = |c: char| c.is_whitespace() || BORDERS.contains(&c);
            let is_line = line == 0 || bytes.get(line - 1) == Some(&b'\n');
            let is_first = before.trim_matches(is_drawn).is_empty() || before.contains("<?xml");
            if is_line && is_first && is_plan(text.get(at + START.len()..)?) {
                let len = memmem::find(bytes.get(at..)?, END);
                let end = len.map_or(text.len(), |len| at + len + END.len());
                return Some(Found { start: line, end });
            }
        }
        None
    }

    fn read(&self, document: &str, literals: Literals) -> Result<Vec<Plan>, PlanError> {
        let text = unframed(document);
        let (tree, _) = parse_xml(&text)?;
        document::read(&tree, META.name, literals, |inner| Ok(parse_xml(inner)?.0))
    }
}

/// How much may stand before a document in its line, and how long its first element may be: so much
/// of a text is looked at for each thing like one.
const MOST_BEFORE: usize = 200;

/// Whether what stands behind `<explain` is a plan of PostgreSQL.
fn is_plan(behind: &str) -> bool {
    let behind = &behind[..behind.floor_char_boundary(2 * MOST_BEFORE)];
    let Some((attributes, content)) = behind.split_once('>') else { return false };
    let is_drawn = |c: char| c.is_whitespace() || c == '+' || BORDERS.contains(&c);
    let content = content.trim_start_matches(is_drawn);
    attributes.contains(NAMESPACE)
        || FIRST_ELEMENTS.iter().any(|element| content.starts_with(element))
}
