//! What a stage says beside its inputs and its measures, without constants.
//!
//! Numbers and flags stay: they are counts, limits and options. Texts and documents stay where they
//! hold names only; queries and projections are written as in fingerprints; bounds keep their form;
//! of all that is unknown the names stay.

use super::bounds;
use super::scalar::{is_elided, number, to_value};
use crate::lang::literals::mask_message;
use crate::lang::mongo::shape::{Part, write_part};
use crate::model::plan::{Properties, Value};
use crate::read::plans::Literals;
use crate::read::plans::tree::{Ref, Scalar, parse_json};

/// Members that are queries.
const FILTERS: [&str; 9] = [
    "filter",
    "parsedQuery",
    "query",
    "indexFilter",
    "residualFilter",
    "eventFilter",
    "wholeBucketFilter",
    "partialFilterExpression",
    "restrictSearchWithMatch",
];
/// Members that are texts or documents of names, or of what the server itself measured.
const NAMES: &[&str] = &[
    "allFields",
    "as",
    "asField",
    "boundsDirection",
    "clusteredType",
    "codeName",
    "collation",
    "collection",
    "connectionString",
    "cursor",
    "direction",
    "explainVersion",
    "foreignCollection",
    "foreignField",
    "from",
    "host",
    "indexName",
    "indexType",
    "indexesUsed",
    "joinType",
    "keyPattern",
    "localField",
    "maxAccumulatorMemoryUsageBytes",
    "mergeType",
    "multiKeyPaths",
    "namespace",
    "ns",
    "nss",
    "planCacheKey",
    "planCacheShapeHash",
    "planRanker",
    "queryFramework",
    "queryHash",
    "queryShapeHash",
    "scanDirection",
    "searchIntervals",
    "server",
    "serverInfo",
    "serverParameters",
    "shardKeyPattern",
    "shardName",
    "sortPattern",
    "strategy",
    "textIndexVersion",
    "type",
];
/// Scalars that are constants of the query.
const CONSTANTS: [&str; 4] = ["minRecord", "maxRecord", "min", "max"];
/// Members that are messages.
const MESSAGES: [&str; 4] = ["errorMessage", "errmsg", "replanReason", "warning"];

/// Whether a member says nothing outside of the slot machine: numbers of its registers, its code.
pub(super) fn is_of_machine(name: &str) -> bool {
    name.ends_with("Slot")
        || name.ends_with("Slots")
        || matches!(name, "outerCorrelated" | "outerProjects" | "slotBasedPlan" | "spoolId")
}

/// A member as a detail. `ejson` is the text that its tree was read from.
pub(super) fn of_member(ejson: &str, member: Ref<'_, '_>, literals: Literals) -> Value {
    let name = member.key();
    if is_elided(member) {
        return Value::Text("…".into());
    }
    if literals == Literals::Keep || NAMES.contains(&name) {
        return to_value(member);
    }
    if name == "indexBounds" {
        return bounds_of(member, 0);
    }
    match member.scalar() {
        Scalar::Text(text) if MESSAGES.contains(&name) => {
            let mut masked = String::with_capacity(text.len());
            mask_message(text.as_bytes(), &mut masked);
            Value::Text(masked.into())
        }
        Scalar::Null | Scalar::Bool(_) => member.to_value(),
        _ if CONSTANTS.contains(&name) => Value::Text("?".into()),
        // DocumentDB prints numbers as texts, too.
        _ if number(member).is_some() => to_value(member),
        Scalar::Text(_) | Scalar::Number(_) => Value::Text("?".into()),
        Scalar::Object | Scalar::Array => {
            let part = match name {
                _ if FILTERS.contains(&name) => Part::Filter,
                "transformBy" | "projection" => Part::Projection,
                _ => Part::Other,
            };
            Value::Text(part_text(ejson, member, part))
        }
    }
}

/// A query or another part of a command as fingerprints have it.
pub(super) fn part_text(ejson: &str, value: Ref<'_, '_>, part: Part) -> Box<str> {
    let mut out = Vec::new();
    let source = ejson.get(value.offset()..).unwrap_or_default();
    write_part(source.as_bytes(), part, &mut out);
    String::from_utf8_lossy(&out).into()
}

/// A value as it stands in the text.
pub(super) fn source<'t>(ejson: &'t str, value: Ref<'_, '_>) -> &'t str {
    let rest = ejson.get(value.offset()..).unwrap_or_default();
    let end = parse_json(rest).map_or(0, |(_, end)| end);
    rest.get(..end).unwrap_or_default()
}

/// Bounds are fields with intervals, as texts or, of 2.4, as pairs: nested no deeper than this.
const MAX_BOUNDS_DEPTH: usize = 5;

/// Bounds without their constants.
fn bounds_of(value: Ref<'_, '_>, depth: usize) -> Value {
    match value.scalar() {
        Scalar::Bool(_) if value.key().ends_with("KeyInclusive") => value.to_value(),
        Scalar::Text(interval) => Value::Text(bounds::masked(interval).into()),
        Scalar::Object if depth < MAX_BOUNDS_DEPTH && number(value).is_none() => {
            let mut group = Properties::default();
            for member in value.children() {
                match member.key() {
                    "$minElement" | "$minKey" => return Value::Text("MinKey".into()),
                    "$maxElement" | "$maxKey" => return Value::Text("MaxKey".into()),
                    name if name.starts_with('$') => return Value::Text("?".into()),
                    name => group.push(name, bounds_of(member, depth + 1)),
                }
            }
            Value::Group(group)
        }
        Scalar::Array if depth < MAX_BOUNDS_DEPTH => {
            Value::List(value.children().map(|item| bounds_of(item, depth + 1)).collect())
        }
        _ => Value::Text("?".into()),
    }
}

/// Whether bounds are those of the whole index.
pub(super) fn is_whole_index(stage: Ref<'_, '_>) -> bool {
    let Some(bounds) = stage.get("indexBounds").filter(|bounds| bounds.is_object()) else {
        return false;
    };
    let mut fields = bounds.children().peekable();
    let is_all = |interval: Ref<'_, '_>| interval.text().is_some_and(bounds::is_all);
    fields.peek().is_some() && fields.all(|field| field.children().all(is_all))
}
