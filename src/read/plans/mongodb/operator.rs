//! What stages do: those of the classic engine, of the slot machine, and of pipelines.

use crate::model::plan::Operator;

/// The operator of a stage. What reads documents through an index is told apart by whether a stage
/// above gets the documents (`is_fetched`), and whether it reads all of the index (`is_whole`).
pub(super) fn of(stage: &str, is_fetched: bool, is_whole: bool) -> Operator {
    use Operator as O;
    match stage {
        "COLLSCAN" | "scan" | "pscan" => O::FullScan,
        "IXSCAN" if is_whole => O::FullIndexScan,
        "COUNT_SCAN" => O::IndexOnlyScan,
        "IXSCAN" | "DISTINCT_SCAN" | "ixseek" | "ixscan" | "ixscan_generic" => {
            if is_fetched {
                O::IndexScan
            } else {
                O::IndexOnlyScan
            }
        }
        "CLUSTERED_IXSCAN" => O::IndexScan,
        "COLUMN_SCAN" | "columnscan" => O::FullIndexScan,
        "IDHACK" | "EXPRESS_IXSCAN" | "EXPRESS_CLUSTERED_IXSCAN" | "$_internalSearchIdLookup" => {
            O::KeyLookup
        }
        "FETCH" | "seek" | "TEXT_MATCH" | "fetch" => O::Fetch,
        "TEXT_OR" | "OR" | "union" | "branch" | "$unionWith" | "$facet" | "GEO_NEAR_2D"
        | "GEO_NEAR_2DSPHERE" | "GEO_NEAR" => O::Append,
        "SORT_MERGE" | "MERGE_SORT" | "smerge" => O::MergeAppend,
        "AND_HASH" | "AND_SORTED" => O::BitmapCombine,
        "SORT" | "SORT_DEFAULT" | "SORT_SIMPLE" | "sort" | "$sort" | "scanAndOrder" => O::Sort,
        "LIMIT" | "SKIP" | "LIMIT_SKIP" | "limit" | "limitskip" | "skip" | "$limit" | "$skip"
        | "$sample" => O::Limit,
        "GROUP" | "COUNT" | "group" | "block_group" | "$group" | "$bucketAuto" | "$count"
        | "$sortByCount" | "COUNT_ROWS" => O::Aggregate,
        "WINDOW" | "window" | "$setWindowFields" | "$_internalSetWindowFields" => O::Window,
        "unique" | "unique_roaring" => O::Unique,
        "EQ_LOOKUP"
        | "EQ_LOOKUP_UNWIND"
        | "NESTED_LOOP_JOIN_EMBEDDING"
        | "nlj"
        | "INDEXED_NESTED_LOOP_JOIN_EMBEDDING"
        | "$lookup"
        | "$graphLookup" => O::NestedLoop,
        "HASH_JOIN_EMBEDDING" | "hj" | "hash_lookup" | "hash_lookup_unwind" => O::HashJoin,
        "mj" => O::MergeJoin,
        "SHARDING_FILTER" | "MATCH" | "$match" | "filter" | "cfilter" | "efilter"
        | "ENSURE_SORTED" | "KEEP_MUTATIONS" | "$redact" => O::Filter,
        "SHARD_MERGE" | "SHARD_MERGE_SORT" | "SINGLE_SHARD" | "$mergeCursors" => O::Gather,
        "SPOOL" | "espool" | "lspool" | "cspool" | "sspool" => O::Materialize,
        "UPDATE" | "DELETE" | "BATCHED_DELETE" | "UPSERT" | "TS_MODIFY" | "EXPRESS_UPDATE"
        | "EXPRESS_DELETE" | "INSERT" | "$merge" | "$out" => O::Modify,
        "EOF"
        | "VIRTUAL_SCAN"
        | "coscan"
        | "RECORD_STORE_FAST_COUNT"
        | "$documents"
        | "$collStats"
        | "$indexStats"
        | "$search"
        | "$searchMeta"
        | "$vectorSearch"
        | "SEARCH"
        | "$_internalSearchMongotRemote"
        | "virtualscan" => O::RowSource,
        "RETURN_KEY"
        | "SORT_KEY_GENERATOR"
        | "UNPACK_TS_BUCKET"
        | "UNWIND"
        | "unwind"
        | "REPLACE_ROOT"
        | "project"
        | "mkbson"
        | "mkobj"
        | "$project"
        | "$addFields"
        | "$set"
        | "$unset"
        | "$unwind"
        | "$replaceRoot"
        | "$replaceWith"
        | "$_internalUnpackBucket" => O::Project,
        _ if stage.starts_with("PROJECTION") => O::Project,
        _ => O::Other,
    }
}

/// The operator of a `$lookup` in the slot machine, by the strategy that it tells.
pub(super) fn of_lookup(strategy: Option<&str>) -> Operator {
    match strategy {
        Some("HashJoin") => Operator::HashJoin,
        _ => Operator::NestedLoop,
    }
}

/// Whether a stage itself reads or writes documents or keys of its collection.
pub(super) fn is_of_collection(operator: Operator, stage: &str) -> bool {
    operator.reads_table()
        || matches!(operator, Operator::Fetch)
        || matches!(operator, Operator::Modify) && !stage.starts_with('$')
        || matches!(stage, "RECORD_STORE_FAST_COUNT" | "$collStats" | "$indexStats")
        || stage.starts_with("GEO_NEAR")
}
