//! The stages of a pipeline, as data. In: a pipeline as canonical text has it.

use super::super::doc::{Kind, Value};
use super::facts::{sort_keys, string};
use super::predicates::{self, Predicate};
use super::{Order, SortKey};

/// One stage: its name, and what of it rules may ask for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Stage {
    /// Its name, `$match`.
    pub name: String,
    /// The predicates of `$match`, of the `query` of `$geoNear` and of the
    /// `restrictSearchWithMatch` of `$graphLookup`.
    pub predicates: Vec<Predicate>,
    /// The keys of `$sort`.
    pub sort: Vec<SortKey>,
    /// What `$lookup` and `$graphLookup` join.
    pub lookup: Option<Lookup>,
    /// The collection that `$unionWith` reads, or that `$merge` and `$out` write to: `orders` or
    /// `shop.orders`.
    pub target: Option<String>,
    /// The fields that the stage reads from its input where they are plain paths: those of the `_id`
    /// of `$group`, of `$unwind`, of `$sortByCount`. In order, each once.
    pub paths: Vec<String>,
    /// The pipelines within: that of `$lookup` and `$unionWith`, the branches of `$facet`.
    pub pipelines: Vec<Vec<Stage>>,
}

/// A join.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Lookup {
    /// The joined collection.
    pub from: String,
    /// The field of the input (`connectFromField` of `$graphLookup`).
    pub local_field: Option<String>,
    /// The field of the joined collection (`connectToField`), which an index should begin with.
    pub foreign_field: Option<String>,
    /// The field that receives what was found.
    pub into: Option<String>,
}

/// Reads a pipeline.
pub(super) fn read(pipeline: Value<'_>) -> Vec<Stage> {
    pipeline.children().map(read_stage).collect()
}

fn read_stage(stage: Value<'_>) -> Stage {
    let Some(arguments) = stage.first() else { return Stage::default() };
    let name = String::from_utf8_lossy(&arguments.key()).into_owned();
    let mut read = Stage { name, ..Stage::default() };
    match read.name.as_str() {
        "$match" => predicates::read(arguments, &mut read.predicates),
        "$sort" => read.sort = sort_keys(arguments),
        "$lookup" => {
            read.lookup = Some(Lookup {
                from: target(arguments.get("from")).unwrap_or_default(),
                local_field: arguments.get("localField").and_then(string),
                foreign_field: arguments.get("foreignField").and_then(string),
                into: arguments.get("as").and_then(string),
            });
            read.pipelines.extend(arguments.get("pipeline").map(self::read));
        }
        "$graphLookup" => {
            read.lookup = Some(Lookup {
                from: target(arguments.get("from")).unwrap_or_default(),
                local_field: arguments.get("connectFromField").and_then(string),
                foreign_field: arguments.get("connectToField").and_then(string),
                into: arguments.get("as").and_then(string),
            });
            if let Some(query) = arguments.get("restrictSearchWithMatch") {
                predicates::read(query, &mut read.predicates);
            }
        }
        "$geoNear" => {
            if let Some(query) = arguments.get("query") {
                predicates::read(query, &mut read.predicates);
            }
        }
        "$unionWith" => {
            read.target = target(arguments.get("coll").or(Some(arguments)));
            read.pipelines.extend(arguments.get("pipeline").map(self::read));
        }
        "$merge" => read.target = target(arguments.get("into").or(Some(arguments))),
        "$out" => read.target = target(Some(arguments)),
        "$facet" => read.pipelines.extend(arguments.children().map(self::read)),
        "$group" => {
            if let Some(id) = arguments.get("_id") {
                collect_paths(id, &mut read.paths);
            }
        }
        "$unwind" => collect_paths(arguments.get("path").unwrap_or(arguments), &mut read.paths),
        "$sortByCount" => collect_paths(arguments, &mut read.paths),
        _ => {}
    }
    read
}

/// A collection: its name, or a document of database and name.
fn target(value: Option<Value<'_>>) -> Option<String> {
    let value = value?;
    if value.kind() != Kind::Object {
        return string(value);
    }
    let collection = value.get("coll").and_then(string)?;
    match value.get("db").and_then(string) {
        Some(database) => Some(format!("{database}.{collection}")),
        None => Some(collection),
    }
}

/// The field paths of an expression, without their `$`; variables (`$$x`) are none.
fn collect_paths(value: Value<'_>, paths: &mut Vec<String>) {
    if let Some(text) = string(value)
        && let Some(path) = text.strip_prefix('$')
        && !path.starts_with('$')
        && !paths.iter().any(|known| known == path)
    {
        paths.push(path.to_owned());
    }
    value.children().for_each(|inner| collect_paths(inner, paths));
}

/// The predicates and the order that a pipeline asks of its collection: those of the stages before
/// any that changes documents.
pub(super) fn leading(stages: &[Stage]) -> (Vec<Predicate>, Vec<SortKey>) {
    let mut predicates = Vec::new();
    for stage in stages {
        match stage.name.as_str() {
            "$match" | "$geoNear" => predicates.extend(stage.predicates.iter().cloned()),
            "$sort" => return (predicates, stage.sort.clone()),
            _ => break,
        }
    }
    (predicates, Vec::new())
}

impl SortKey {
    /// The key of a direction as canonical text has it.
    pub(super) fn of(member: Value<'_>) -> SortKey {
        let order = match member.as_i64() {
            Some(1) => Order::Ascending,
            Some(-1) => Order::Descending,
            _ => Order::Other,
        };
        SortKey { path: String::from_utf8_lossy(&member.key()).into_owned(), order }
    }
}
