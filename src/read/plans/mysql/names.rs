//! The members of MySQL's EXPLAIN FORMAT=JSON of version 1 and of MariaDB's: which of them are parts
//! of the plan, and which texts among the others are plain words.
//!
//! A container that does work is a node; one that only groups others is none, and its own members go
//! to the node around it.

use crate::model::plan::Operator;

/// What a member that is a part of the plan is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// `table`.
    Table,
    /// `query_block`: a node where it is a subquery or a member of a union, or does not have exactly
    /// one part; elsewhere its part stands for it.
    QueryBlock,
    /// `nested_loop`, and lists like it: a node where it joins more than one.
    NestedLoop,
    /// `ordering_operation`: a node where it sorts or fills a temporary table; one that finds its
    /// rows in order does nothing.
    Ordering,
    /// A node of these words.
    Operation(&'static str, Operator),
    /// A materialised subquery: a node, which takes over what its query block says.
    Materialized,
    /// MariaDB's join of a table by a buffer of rows.
    BufferedJoin,
    /// Lists of subqueries of an expression.
    Subqueries,
    /// Lists of subqueries whose values the optimizer already took.
    SubqueriesOfOptimizer,
    /// The parts of a union.
    Members,
    /// Only holds others.
    Holder,
}

/// The native words of a sort, in both products.
pub const FILESORT: &str = "filesort";
/// The native words of a materialised subquery, in both products.
pub const MATERIALIZED: &str = "materialized";

/// What a container of that name is; `None` if the name tells no part of a plan.
pub fn kind(name: &str) -> Option<Kind> {
    use Kind::Operation;
    Some(match name {
        "table" => Kind::Table,
        "query_block" => Kind::QueryBlock,
        "nested_loop" => Kind::NestedLoop,
        "ordering_operation" => Kind::Ordering,
        "grouping_operation" => Operation("grouping_operation", Operator::Aggregate),
        "duplicates_removal" => Operation("duplicates_removal", Operator::Unique),
        "duplicate_removal" => Operation("duplicate_removal", Operator::Unique),
        "buffer_result" => Operation("buffer_result", Operator::Materialize),
        "buffer" => Operation("buffer", Operator::Materialize),
        "windowing" => Operation("windowing", Operator::Window),
        "window_functions_computation" => {
            Operation("window_functions_computation", Operator::Window)
        }
        "union_result" => Operation("union_result", Operator::Append),
        "intersect_result" => Operation("intersect_result", Operator::SetOperation),
        "except_result" => Operation("except_result", Operator::SetOperation),
        "unary_result" => Operation("unary_result", Operator::Materialize),
        "recursive_union" => Operation("recursive_union", Operator::RecursiveUnion),
        "materialization" => Operation("materialization", Operator::Materialize),
        "expression_cache" => Operation("expression_cache", Operator::Memoize),
        "filesort" => Operation(FILESORT, Operator::Sort),
        "temporary_table" => Operation("temporary_table", Operator::Materialize),
        "read_sorted_file" => Operation("read_sorted_file", Operator::DerivedScan),
        "range-checked-for-each-record" => {
            Operation("range-checked-for-each-record", Operator::Other)
        }
        "block-nl-join" => Kind::BufferedJoin,
        "materialized" | "materialized_from_subquery" => Kind::Materialized,
        "optimized_away_subqueries" => Kind::SubqueriesOfOptimizer,
        "subqueries" => Kind::Subqueries,
        "query_specifications" => Kind::Members,
        "sorts" | "insert_from" => Kind::Holder,
        _ if name.ends_with("_subqueries") => Kind::Subqueries,
        _ => return None,
    })
}

/// Whether the texts of a member are names, words and numbers of the plan, and never hold literals.
pub fn is_plain(name: &str) -> bool {
    let is_one_of = |names: &[&str]| names.contains(&name);
    is_one_of(&[
        "table_name",
        "schema_name",
        "alias",
        "access_type",
        "index_access_type",
        "index_name",
        "partitions",
        "possible_keys",
        "key",
        "key_length",
        "key_columns",
        "used_key_parts",
        "used_columns",
        "filter_columns",
        "join_columns",
        "lookup_references",
        "ref",
        "filtered",
        "message",
        "operation",
        "first_match",
        "join_type",
        "join_algorithm",
        "semijoin_strategy",
        "subquery_location",
        "zero_rows_cause",
        "secondary_engine",
        "query_type",
        "json_schema_version",
        "buffer_type",
        "buffer_size",
        "r_buffer_size",
        "r_sort_mode",
        "r_strategy",
        "state",
    ]) || name.starts_with("using_")
        || name.ends_with("_cost")
        || name.starts_with("data_read")
}
