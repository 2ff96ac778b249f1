//! Which command an output is of, told by its shape: outputs themselves do not say it.

use super::said::{Said, member, table_name};
use crate::model::catalog::{Catalog, TableName};
use crate::read::plans::tree::Ref;

/// What an output is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Output {
    /// `getIndexes`.
    Indexes,
    /// An index by itself, of a list that was printed one by one.
    Index,
    /// `$indexStats`.
    IndexUse,
    /// `collStats` and `$collStats`.
    Sizes,
    /// `serverStatus`.
    Status,
    /// `buildInfo`.
    Version,
    /// `replSetGetStatus`.
    Role,
    /// `metadata.json` of mongodump.
    Metadata,
}

impl Output {
    /// Whether it is about a collection.
    pub fn is_of_collection(self) -> bool {
        !matches!(self, Output::Status | Output::Version | Output::Role)
    }
}

/// What an output is; `None` if it is none of those that are read.
pub(super) fn of(value: Ref<'_, '_>) -> Option<Output> {
    let has =
        |value: Ref<'_, '_>, names: &[&str]| names.iter().all(|name| value.get(name).is_some());
    let is_object = |value: Ref<'_, '_>, name: &str| value.get(name).is_some_and(Ref::is_object);
    if value.is_array() {
        let first = value.children().next()?;
        return match () {
            () if is_object(first, "key") && is_object(first, "accesses") => Some(Output::IndexUse),
            () if is_object(first, "key") && has(first, &["name"]) => Some(Output::Indexes),
            () if is_sizes(first) => Some(Output::Sizes),
            () => None,
        };
    }
    match () {
        () if is_object(value, "key") && is_object(value, "accesses") => Some(Output::IndexUse),
        () if is_object(value, "key") && has(value, &["name", "v"]) => Some(Output::Index),
        () if value.get("indexes").is_some_and(Ref::is_array)
            && ["options", "metadata", "uuid", "collectionName"]
                .iter()
                .any(|name| value.get(name).is_some()) =>
        {
            Some(Output::Metadata)
        }
        () if is_sizes(value) => Some(Output::Sizes),
        () if has(value, &["process", "uptime", "connections"]) => Some(Output::Status),
        () if has(value, &["myState", "members", "set"]) => Some(Output::Role),
        () if has(value, &["version", "gitVersion"]) => Some(Output::Version),
        () => None,
    }
}

fn is_sizes(value: Ref<'_, '_>) -> bool {
    value.get("ns").is_some()
        && (value.get("indexSizes").is_some()
            || value.get("storageStats").is_some_and(Ref::is_object))
}

/// The collection that an output names itself.
pub(super) fn named(value: Ref<'_, '_>, output: Output) -> Option<TableName> {
    let of_item = |value: Ref<'_, '_>| member(value, "ns").map(table_name);
    match output {
        Output::Sizes | Output::Indexes | Output::Index | Output::IndexUse => {
            let first = if value.is_array() { value.children().next()? } else { value };
            of_item(first)
        }
        Output::Metadata => {
            let inside = value.get("indexes")?.children().next().and_then(of_item);
            inside.or_else(|| Some(TableName::new(None, member(value, "collectionName")?)))
        }
        Output::Status | Output::Version | Output::Role => None,
    }
}

/// Tells what an output says; `is_whole` if nothing was left out of it.
pub(super) fn tell<'v>(
    said: &mut Said<'v>,
    value: Ref<'v, 'v>,
    output: Output,
    is_whole: bool,
    catalog: &mut Catalog,
) {
    let each = |value: Ref<'_, '_>| value.is_array();
    match output {
        Output::Indexes => said.indexes(value.children(), is_whole, catalog),
        Output::Index => said.indexes(std::iter::once(value), false, catalog),
        Output::IndexUse if each(value) => said.index_use(value.children(), catalog),
        Output::IndexUse => said.index_use(std::iter::once(value), catalog),
        Output::Sizes if each(value) => said.sizes(value.children(), catalog),
        Output::Sizes => said.sizes(std::iter::once(value), catalog),
        Output::Status => {
            let taken = value.get("localTime").and_then(|time| said.date(time));
            said.origin.taken = taken.or(said.origin.taken);
            said.node = member(value, "host").unwrap_or(said.node);
            said.status(value, catalog);
        }
        Output::Version => said.version(value, catalog),
        Output::Role => said.role(value, catalog),
        Output::Metadata => {
            let indexes = value.get("indexes");
            said.indexes(indexes.into_iter().flat_map(Ref::children), is_whole, catalog);
        }
    }
}
