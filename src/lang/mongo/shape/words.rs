//! Words of the query language that may stay in a fingerprint although they are values: they choose
//! what a command does, and come from closed lists, so that no user's literal can pass for one.

use super::super::doc::{Kind, Value};

/// The types of BSON with their numbers, as `$type` takes them.
const TYPES: &[(i64, &str)] = &[
    (1, "double"),
    (2, "string"),
    (3, "object"),
    (4, "array"),
    (5, "binData"),
    (6, "undefined"),
    (7, "objectId"),
    (8, "bool"),
    (9, "date"),
    (10, "null"),
    (11, "regex"),
    (12, "dbPointer"),
    (13, "javascript"),
    (14, "symbol"),
    (15, "javascriptWithScope"),
    (16, "int"),
    (17, "timestamp"),
    (18, "long"),
    (19, "decimal"),
    (-1, "minKey"),
    (127, "maxKey"),
];

/// Other words, by where they stand.
const GEOMETRIES: &[&str] = &[
    "Point",
    "MultiPoint",
    "LineString",
    "MultiLineString",
    "Polygon",
    "MultiPolygon",
    "GeometryCollection",
];
const META: &[&str] = &[
    "textScore",
    "indexKey",
    "searchScore",
    "searchHighlights",
    "vectorSearchScore",
    "recordId",
    "sortKey",
    "geoNearDistance",
    "geoNearPoint",
    "randVal",
];
const INDEX_KINDS: &[&str] = &["text", "hashed", "2d", "2dsphere", "geoHaystack", "vector"];

/// The name of a type of BSON with this number.
pub(in crate::lang::mongo) fn type_of_number(number: i64) -> Option<&'static str> {
    TYPES.iter().find(|(code, _)| *code == number).map(|(_, name)| *name)
}

/// The name of a type of BSON.
pub(in crate::lang::mongo) fn type_name(text: &[u8]) -> Option<&'static str> {
    if text == b"number" {
        return Some("number");
    }
    TYPES.iter().map(|(_, name)| *name).find(|name| name.as_bytes() == text)
}

/// The kind of a GeoJSON object.
pub(in crate::lang::mongo) fn geometry(text: &[u8]) -> Option<&'static str> {
    known(GEOMETRIES, text)
}

/// What `$meta` asks for.
pub(in crate::lang::mongo) fn meta(text: &[u8]) -> Option<&'static str> {
    known(META, text)
}

/// The kind of an index's key.
pub(in crate::lang::mongo) fn index_kind(text: &[u8]) -> Option<&'static str> {
    known(INDEX_KINDS, text)
}

fn known(words: &[&'static str], text: &[u8]) -> Option<&'static str> {
    words.iter().find(|word| word.as_bytes() == text).copied()
}

/// Whether a value of a collation is one of its options, which are words and small numbers.
pub(in crate::lang::mongo) fn is_collation_option(value: Value<'_>) -> bool {
    /// Longer than any locale, strength or flag.
    const MAX_BYTES: usize = 16;
    let text = value.text();
    let is_plain = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'@' | b'=');
    let is_option = matches!(value.kind(), Kind::Number | Kind::Bool | Kind::String);
    is_option && !text.is_empty() && text.len() <= MAX_BYTES && text.iter().all(is_plain)
}
