//! What an operator does, whatever its engine calls it.

use serde::Serialize;

/// A family of operators.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Operator {
    /// Reads a whole table: Seq Scan, type=ALL, COLLSCAN, `SCAN t`.
    FullScan,
    /// Reads a whole index: type=index, `SCAN t USING INDEX`.
    FullIndexScan,
    /// Reads part of an index and the rows it points at.
    IndexScan,
    /// Reads an index only: it covers the statement.
    IndexOnlyScan,
    /// Finds at most one row by a unique key: type=const and eq_ref, IDHACK, Tid Scan.
    KeyLookup,
    /// Makes a bitmap of an index.
    BitmapIndexScan,
    /// Combines bitmaps: BitmapAnd, BitmapOr, type=index_merge, AND_SORTED.
    BitmapCombine,
    /// Reads the rows of a bitmap.
    BitmapHeapScan,
    /// Gets the documents that an index scan points at (MongoDB).
    Fetch,
    /// Reads rows that the plan itself made: CTE Scan, Subquery Scan, a derived table.
    DerivedScan,
    /// Reads what is no table: functions, VALUES, a constant row.
    RowSource,
    /// Reads another server or a foreign file.
    ForeignScan,
    /// What an extension does (PostgreSQL's Custom Scan).
    CustomScan,
    /// For each row of one side, the other side.
    NestedLoop,
    /// Joins by a hash table.
    HashJoin,
    /// Joins two sorted inputs.
    MergeJoin,
    /// Builds a hash table of its input.
    Hash,
    /// Sorts.
    Sort,
    /// Groups or counts.
    Aggregate,
    /// Window functions.
    Window,
    /// Leaves out equal rows.
    Unique,
    /// Stops after some rows, or leaves out the first.
    Limit,
    /// Keeps its input's rows: in memory, or in a temporary table.
    Materialize,
    /// Keeps answers by their parameters.
    Memoize,
    /// INTERSECT, EXCEPT.
    SetOperation,
    /// One input after the other.
    Append,
    /// Several sorted inputs as one.
    MergeAppend,
    /// WITH RECURSIVE.
    RecursiveUnion,
    /// Collects what parallel workers, or shards, gave.
    Gather,
    /// Drops rows by a condition.
    Filter,
    /// Computes columns.
    Project,
    /// Locks rows.
    LockRows,
    /// Inserts, updates, deletes or merges.
    Modify,
    /// Anything else, or nothing that is known.
    Other,
}

impl Operator {
    /// Whether it reads a table or collection.
    pub fn reads_table(self) -> bool {
        use Operator::{
            BitmapHeapScan, FullIndexScan, FullScan, IndexOnlyScan, IndexScan, KeyLookup,
        };
        matches!(
            self,
            FullScan | FullIndexScan | IndexScan | IndexOnlyScan | KeyLookup | BitmapHeapScan
        )
    }

    /// Whether it joins two inputs.
    pub fn joins(self) -> bool {
        matches!(self, Operator::NestedLoop | Operator::HashJoin | Operator::MergeJoin)
    }
}
