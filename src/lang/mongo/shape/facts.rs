//! A shape's facts, read from canonical text: one spelling of everything, and no constants.

use super::super::doc::{Arena, Doc, Kind, Value};
use super::{Change, Op, Projected, Shape, SortKey, branches, pipeline, predicates};

/// Fills what the document of a canonical text says (`text` begins with it) into a shape that has its head.
pub(super) fn read(text: &[u8], shape: &mut Shape) {
    shape.uses_javascript = memchr::memmem::find(text, b"?js").is_some();
    let mut arena = Arena::default();
    let Some(command) = Doc::read_fingerprint(text, &mut arena).map(Doc::root) else { return };
    shape.or_branches = branches::read(command);
    match shape.op {
        Op::Update => read_statements(command, "updates", shape),
        Op::Delete => read_statements(command, "deletes", shape),
        _ => read_members(command, shape),
    }
}

fn read_statements(command: Value<'_>, list: &str, shape: &mut Shape) {
    match command.get(list) {
        Some(statements) if statements.kind() == Kind::Array => {
            shape.statements = Some(statements.len());
        }
        Some(_) => shape.statements = None,
        None => {
            shape.statements = Some(1);
            shape.multi = shape.op == Op::Delete && command.get("limit").is_none();
            read_members(command, shape);
        }
    }
}

fn read_members(command: Value<'_>, shape: &mut Shape) {
    for member in command.children() {
        match member.key().as_ref() {
            b"filter" | b"query" | b"q" => predicates::read(member, &mut shape.predicates),
            b"sort" => shape.sort = sort_keys(member),
            b"projection" => shape.projection = projection(member),
            b"limit" => shape.limit = shape.op != Op::Delete,
            b"skip" => shape.skip = true,
            b"hint" => shape.hint = Some(shown(member)),
            b"collation" => shape.collation = Some(shown(member)),
            b"multi" => shape.multi = true,
            b"upsert" => shape.upsert = true,
            b"u" | b"update" if member.kind() == Kind::Word => shape.replaces = true,
            b"u" | b"update" if member.kind() == Kind::Object => shape.changes = changes(member),
            b"u" | b"update" => shape.stages = pipeline::read(member),
            b"pipeline" => {
                shape.stages = pipeline::read(member);
                (shape.predicates, shape.sort) = pipeline::leading(&shape.stages);
            }
            _ => {}
        }
    }
}

/// The keys of a sort.
pub(super) fn sort_keys(sort: Value<'_>) -> Vec<SortKey> {
    sort.children().map(SortKey::of).collect()
}

/// A string's text.
pub(super) fn string(value: Value<'_>) -> Option<String> {
    value.string().map(|text| String::from_utf8_lossy(&text).into_owned())
}

/// A value as canonical text has it; a string without its quotes.
fn shown(value: Value<'_>) -> String {
    string(value).unwrap_or_else(|| String::from_utf8_lossy(value.source()).into_owned())
}

fn projection(projection: Value<'_>) -> Vec<Projected> {
    let mut fields = Vec::new();
    for member in projection.children() {
        let path = String::from_utf8_lossy(&member.key()).into_owned();
        fields.push(Projected { path, returned: member.as_flag() != Some(false) });
    }
    fields
}

fn changes(update: Value<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    for operator in update.children() {
        for field in operator.children() {
            changes.push(Change {
                operator: String::from_utf8_lossy(&operator.key()).into_owned(),
                path: String::from_utf8_lossy(&field.key()).into_owned(),
            });
        }
    }
    changes
}
