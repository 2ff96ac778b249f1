//! The members of commands that matter to their shape.

use super::place::{Entry, Place, Table};

const fn entry(name: &'static str, place: Place) -> Entry {
    Entry { name, also: &[], place }
}

const fn entry_or(name: &'static str, also: &'static [&'static str], place: Place) -> Entry {
    Entry { name, also, place }
}

/// A command of which all other members say nothing.
const fn only(members: &'static [Entry]) -> Table {
    Table { members, rest: Place::Dropped, short: None }
}

const HINT: Entry = entry_or("hint", &["$hint"], Place::Hint);
const COLLATION: Entry = entry("collation", Place::Collation);
const LIMIT: Entry = entry("limit", Place::Count);
const SORT: Entry = entry("sort", Place::Sort);
const ARRAY_FILTERS: Entry = entry("arrayFilters", Place::Filters);
const MULTI: Entry = entry("multi", Place::OnlyTrue);
const UPSERT: Entry = entry("upsert", Place::OnlyTrue);

pub(super) static NOTHING: Table = only(&[]);

pub(super) static FIND: Table = only(&[
    entry_or("filter", &["$query", "query"], Place::Filter),
    entry_or("projection", &["fields"], Place::Attribute),
    entry_or("sort", &["$orderby", "orderby"], Place::Sort),
    entry("skip", Place::Count),
    LIMIT,
    HINT,
    COLLATION,
    entry_or("min", &["$min"], Place::Fields),
    entry_or("max", &["$max"], Place::Fields),
    entry("tailable", Place::OnlyTrue),
]);

pub(super) static AGGREGATE: Table = only(&[entry("pipeline", Place::Pipeline), HINT, COLLATION]);

pub(super) static COUNT: Table =
    only(&[entry("query", Place::Filter), entry("skip", Place::Count), LIMIT, HINT, COLLATION]);

pub(super) static DISTINCT: Table =
    only(&[entry("key", Place::Path), entry("query", Place::Filter), HINT, COLLATION]);

pub(super) static UPDATES: Table = only(&[entry("updates", Place::Tables(&UPDATE))]);

pub(in crate::lang::mongo) static UPDATE: Table = only(&[
    entry("q", Place::WholeFilter),
    entry("u", Place::Update),
    MULTI,
    UPSERT,
    ARRAY_FILTERS,
    SORT,
    HINT,
    COLLATION,
]);

pub(super) static DELETES: Table = only(&[entry("deletes", Place::Tables(&DELETE))]);

pub(in crate::lang::mongo) static DELETE: Table =
    only(&[entry("q", Place::WholeFilter), entry("limit", Place::DeleteLimit), HINT, COLLATION]);

pub(super) static FIND_AND_MODIFY: Table = only(&[
    entry("query", Place::Filter),
    entry_or("projection", &["fields"], Place::Attribute),
    SORT,
    entry("update", Place::Update),
    entry("remove", Place::OnlyTrue),
    UPSERT,
    ARRAY_FILTERS,
    HINT,
    COLLATION,
]);

pub(super) static MAP_REDUCE: Table = only(&[
    entry("map", Place::Script),
    entry("reduce", Place::Script),
    entry("finalize", Place::Script),
    entry("query", Place::Filter),
    SORT,
    LIMIT,
    COLLATION,
    entry("out", Place::Table(&MAP_REDUCE_OUT)),
]);

static MAP_REDUCE_OUT: Table = Table {
    members: &[
        entry("replace", Place::Name),
        entry("merge", Place::Name),
        entry("reduce", Place::Name),
        entry("inline", Place::OnlyTrue),
        entry("db", Place::Name),
    ],
    rest: Place::Dropped,
    short: Some("replace"),
};

pub(super) static GET_MORE: Table = only(&[entry("collection", Place::Label)]);

pub(super) static BULK_WRITE: Table =
    only(&[entry("ops", Place::Tables(&BULK_OPERATION)), entry("nsInfo", Place::Label)]);

/// Names of namespaces, in documents of which nothing else is shown.
pub(in crate::lang::mongo) static LABELS: Table =
    Table { members: &[entry("ns", Place::Label)], rest: Place::Options, short: None };

static BULK_OPERATION: Table = only(&[
    entry("insert", Place::Namespace),
    entry("update", Place::Namespace),
    entry("delete", Place::Namespace),
    entry("filter", Place::WholeFilter),
    entry("updateMods", Place::Update),
    MULTI,
    UPSERT,
    ARRAY_FILTERS,
    SORT,
    HINT,
    COLLATION,
]);

/// Commands of which nothing else is known: names stay, strings do not.
static OTHER: Table = Table {
    members: &[
        entry_or("filter", &["query"], Place::Filter),
        entry("pipeline", Place::Pipeline),
        entry("viewOn", Place::Name),
        COLLATION,
    ],
    rest: Place::Options,
    short: None,
};

static CREATE_INDEXES: Table =
    Table { members: &[entry("indexes", Place::Table(&INDEX))], rest: Place::Options, short: None };

static INDEX: Table = Table {
    members: &[
        entry("key", Place::Sort),
        entry("partialFilterExpression", Place::Filter),
        entry("unique", Place::OnlyTrue),
        COLLATION,
        entry("name", Place::Dropped),
        entry("v", Place::Dropped),
    ],
    rest: Place::Options,
    short: None,
};

pub(in crate::lang::mongo) static GROUP: Table = only(&[
    entry("ns", Place::Label),
    entry("key", Place::Fields),
    entry_or("cond", &["condition"], Place::Filter),
    entry("$keyf", Place::Script),
    entry_or("$reduce", &["reduce"], Place::Script),
    entry("finalize", Place::Script),
]);

/// The members of a command by its name.
pub(super) fn command(name: &str) -> &'static Table {
    match name {
        // What drivers say of themselves when they connect.
        "hello" | "isMaster" | "ismaster" => &NOTHING,
        "createIndexes" => &CREATE_INDEXES,
        "group" => &GROUP,
        _ => &OTHER,
    }
}

/// Commands that name the collection they are about. What others have in its place may be a secret
/// (`createUser`).
pub(super) fn names_collection(command: &str) -> bool {
    matches!(
        command,
        "captrunc"
            | "cloneCollectionAsCapped"
            | "clearJumboFlag"
            | "collMod"
            | "collStats"
            | "collstats"
            | "compact"
            | "compactStructuredEncryptionData"
            | "convertToCapped"
            | "create"
            | "createIndexes"
            | "createSearchIndexes"
            | "deleteIndexes"
            | "drop"
            | "dropIndexes"
            | "dropSearchIndex"
            | "emptycapped"
            | "geoNear"
            | "geoSearch"
            | "killCursors"
            | "listIndexes"
            | "listSearchIndexes"
            | "parallelCollectionScan"
            | "planCacheClear"
            | "planCacheClearFilters"
            | "planCacheListFilters"
            | "planCacheSetFilter"
            | "reIndex"
            | "setIndexCommitQuorum"
            | "text"
            | "updateSearchIndex"
            | "validate"
    )
}

/// Commands that name database and collection in one.
pub(super) fn names_namespace(command: &str) -> bool {
    matches!(
        command,
        "analyzeShardKey"
            | "checkMetadataConsistency"
            | "cleanupOrphaned"
            | "configureQueryAnalyzer"
            | "datasize"
            | "dataSize"
            | "getShardVersion"
            | "mergeChunks"
            | "moveChunk"
            | "moveCollection"
            | "moveRange"
            | "refineCollectionShardKey"
            | "renameCollection"
            | "reshardCollection"
            | "setAllowMigrations"
            | "shardCollection"
            | "split"
            | "splitChunk"
            | "splitVector"
            | "unshardCollection"
            | "_configsvrMoveChunk"
            | "_recvChunkStart"
            | "_shardsvrMoveRange"
    )
}
