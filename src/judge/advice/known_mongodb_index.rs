//! Commands about indexes that a MongoDB catalog tells: hiding one, then taking it away, each with
//! the way back, and building one as it was.

use super::ident::shown;
use super::mongodb_names::{collection, string};
use crate::judge::evidence::TableEvidence;
use crate::judge::evidence::indexes::KnownIndex;
use crate::judge::finding::{Fix, FixKind};
use crate::model::catalog::{IndexDefinition, IndexKey};

/// The steps that take an index away: out of the planner's sight first.
pub fn drop(table: &TableEvidence<'_>, index: &KnownIndex<'_>, why: &str) -> Vec<Fix> {
    let (place, name) = (place(table), string(index.name));
    let fix = |text: String, undo: String, note: String| Fix {
        kind: FixKind::Js,
        text,
        undo,
        note,
        complete: true,
    };
    vec![
        fix(
            format!("{place}.hideIndex({name})"),
            format!("{place}.unhideIndex({name})"),
            format!(
                "{why} From MongoDB 4.4 on, first: the planner no longer sees the index, which is \
                 still maintained, so that the way back takes a moment. A hint that names it fails \
                 then. It also starts the index's own statistics anew."
            ),
        ),
        fix(
            format!("{place}.dropIndex({name})"),
            create(table, index.name, &index.definition),
            "When nothing got slower over a week. In a sharded cluster an index that begins with the \
             shard key has to stay: keep the last one. The undo builds it on all members at once and \
             reads the whole collection."
                .to_owned(),
        ),
    ]
}

/// The command that makes an index as it was: with all its options, where a source told them.
pub fn create(table: &TableEvidence<'_>, name: &str, definition: &IndexDefinition) -> String {
    let place = place(table);
    if let Some(told) = &definition.ddl {
        return format!("{place}.{}", shown(told));
    }
    let key = |key: &IndexKey| {
        let order = if key.is_descending { "-1" } else { "1" };
        let kind = key.operator_class.as_deref().map_or(order.to_owned(), string);
        format!("{}: {kind}", string(key.column_name().unwrap_or_default()))
    };
    let keys: Vec<_> = definition.keys.iter().map(key).collect();
    let unique = if definition.is_unique { ", unique: true" } else { "" };
    format!("{place}.createIndex({{ {} }}, {{ name: {}{unique} }})", keys.join(", "), string(name))
}

/// The collection, in its database where that is known.
fn place(table: &TableEvidence<'_>) -> String {
    match table.name.schema.as_deref() {
        Some(database) => collection(database, &table.name.name),
        None => format!("db.getCollection({})", string(&table.name.name)),
    }
}
