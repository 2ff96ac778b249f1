//! The arguments of pipeline stages, and other documents with known members.

use super::place::{Entry, Place, Table};

/// A member with one name.
const fn entry(name: &'static str, place: Place) -> Entry {
    Entry { name, also: &[], place }
}

/// What stands behind the name of a stage.
pub(super) fn arguments(stage: &[u8]) -> Place {
    match stage {
        b"$match" => Place::Filter,
        b"$sort" => Place::Sort,
        b"$limit" | b"$skip" | b"$sample" | b"$documents" | b"$count" => Place::Value,
        b"$project" => Place::Projection,
        b"$unset" => Place::Path,
        b"$lookup" => Place::Table(&LOOKUP),
        b"$graphLookup" => Place::Table(&GRAPH_LOOKUP),
        b"$unionWith" => Place::Table(&UNION_WITH),
        b"$merge" => Place::Table(&MERGE),
        b"$out" => Place::Name,
        b"$facet" => Place::Facet,
        b"$unwind" => Place::Table(&UNWIND),
        b"$geoNear" => Place::Table(&GEO_NEAR),
        b"$search" | b"$searchMeta" | b"$vectorSearch" => Place::Table(&SEARCH),
        _ => Place::Expression,
    }
}

static LOOKUP: Table = Table {
    members: &[
        entry("from", Place::Name),
        entry("localField", Place::Path),
        entry("foreignField", Place::Path),
        entry("let", Place::Expression),
        entry("pipeline", Place::Pipeline),
        entry("as", Place::Path),
    ],
    rest: Place::Dropped,
    short: None,
};

static GRAPH_LOOKUP: Table = Table {
    members: &[
        entry("from", Place::Name),
        entry("startWith", Place::Expression),
        entry("connectFromField", Place::Path),
        entry("connectToField", Place::Path),
        entry("as", Place::Path),
        entry("maxDepth", Place::Value),
        entry("restrictSearchWithMatch", Place::Filter),
    ],
    rest: Place::Dropped,
    short: None,
};

static UNION_WITH: Table = Table {
    members: &[entry("coll", Place::Name), entry("pipeline", Place::Pipeline)],
    rest: Place::Dropped,
    short: Some("coll"),
};

static MERGE: Table = Table {
    members: &[
        entry("into", Place::Name),
        entry("on", Place::Path),
        entry("whenMatched", Place::Update),
    ],
    rest: Place::Dropped,
    short: Some("into"),
};

static UNWIND: Table = Table {
    members: &[
        entry("path", Place::Path),
        entry("includeArrayIndex", Place::Path),
        entry("preserveNullAndEmptyArrays", Place::OnlyTrue),
    ],
    rest: Place::Dropped,
    short: Some("path"),
};

static GEO_NEAR: Table = Table {
    members: &[
        entry("near", Place::Value),
        entry("key", Place::Path),
        entry("query", Place::Filter),
        entry("maxDistance", Place::Value),
        entry("minDistance", Place::Value),
        entry("distanceField", Place::Path),
    ],
    rest: Place::Dropped,
    short: None,
};

/// Names of fields and structure of full-text search; everything else is a literal.
static SEARCH: Table = Table {
    members: &[entry("path", Place::Path), entry("filter", Place::Filter)],
    rest: Place::Table(&SEARCH_OPERATOR),
    short: None,
};

static SEARCH_OPERATOR: Table = Table {
    members: &[entry("path", Place::Path)],
    rest: Place::Table(&SEARCH_OPERATOR),
    short: None,
};

/// What `$push` and `$addToSet` do with a field.
pub(super) static PUSH: Table = Table {
    members: &[
        entry("$each", Place::Value),
        entry("$position", Place::Value),
        entry("$slice", Place::Value),
        entry("$sort", Place::Sort),
    ],
    rest: Place::Value,
    short: None,
};
