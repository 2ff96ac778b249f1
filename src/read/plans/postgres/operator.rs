//! What PostgreSQL's nodes are: from the words that the text form prints for a node, which are
//! [`Node::native`] whatever form a plan has, to an [`Operator`].
//!
//! The words are those before ` using ` and ` on `: `Parallel Seq Scan`, `Index Scan Backward`,
//! `Finalize GroupAggregate`, `Hash Left Join`, `HashSetOp Except All`, `Custom Scan (ChunkAppend)`.
//! Forks and extensions add their own (`XN Seq Scan`, `Gather Motion 3:1`); what is not known is
//! [`Operator::Other`].
//!
//! [`Node::native`]: crate::model::plan::Node::native

use crate::model::plan::{Node, Operator, Plan, Role};

/// Words before a node's own: how it runs, not what it does.
const PREFIXES: [&str; 9] = [
    "Parallel ",
    "Async ",
    "Partial ",
    "Finalize ",
    "Streaming ",
    "Dynamic ",
    "Distinct ",
    "XN ",
    "YB ",
];

/// What a node does.
pub fn operator(native: &str) -> Operator {
    let mut name = native;
    while let Some(rest) = PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix)) {
        name = rest;
    }
    let name = name.strip_suffix(" Backward").unwrap_or(name);
    match name {
        "Seq Scan" | "Sample Scan" => Operator::FullScan,
        "Index Scan" => Operator::IndexScan,
        "Index Only Scan" => Operator::IndexOnlyScan,
        "Tid Scan" | "Tid Range Scan" => Operator::KeyLookup,
        "Bitmap Index Scan" => Operator::BitmapIndexScan,
        "BitmapAnd" | "BitmapOr" => Operator::BitmapCombine,
        "Bitmap Heap Scan" => Operator::BitmapHeapScan,
        "Subquery Scan" | "CTE Scan" | "WorkTable Scan" | "Named Tuplestore Scan" => {
            Operator::DerivedScan
        }
        "Function Scan" | "Table Function Scan" | "Values Scan" | "Result" => Operator::RowSource,
        "Foreign Scan" => Operator::ForeignScan,
        "Hash" => Operator::Hash,
        "Sort" | "Incremental Sort" => Operator::Sort,
        "Aggregate" | "GroupAggregate" | "HashAggregate" | "MixedAggregate" | "Group" => {
            Operator::Aggregate
        }
        "WindowAgg" => Operator::Window,
        "Unique" => Operator::Unique,
        "Limit" => Operator::Limit,
        "Materialize" => Operator::Materialize,
        "Memoize" | "Result Cache" => Operator::Memoize,
        "Append" => Operator::Append,
        "Merge Append" => Operator::MergeAppend,
        "Recursive Union" => Operator::RecursiveUnion,
        "Gather" | "Gather Merge" => Operator::Gather,
        "ProjectSet" => Operator::Project,
        "LockRows" => Operator::LockRows,
        "Insert" | "Update" | "Delete" | "Merge" | "ModifyTable" | "Foreign Insert"
        | "Foreign Update" | "Foreign Delete" => Operator::Modify,
        _ => of_family(name),
    }
}

/// Nodes whose words go on: joins with their type, set operations with theirs, what extensions add.
fn of_family(name: &str) -> Operator {
    if name.starts_with("Custom Scan") {
        Operator::CustomScan
    } else if name.starts_with("Nested Loop") || name.starts_with("Batched Nested Loop") {
        Operator::NestedLoop
    } else if name.starts_with("SetOp") || name.starts_with("HashSetOp") {
        Operator::SetOperation
    } else if name.contains(" Motion") {
        Operator::Gather
    } else if name.contains(" Join") && name.starts_with("Hash ") {
        Operator::HashJoin
    } else if name.contains(" Join") && name.starts_with("Merge ") {
        Operator::MergeJoin
    } else {
        Operator::Other
    }
}

/// What an input is to the node above it, which does this; `is_second`: another input stands before
/// it. Joins and unions name theirs.
pub fn input_role(above: Operator, is_second: bool) -> Role {
    match above {
        Operator::NestedLoop | Operator::HashJoin | Operator::MergeJoin if is_second => Role::Inner,
        Operator::NestedLoop | Operator::HashJoin | Operator::MergeJoin => Role::Outer,
        Operator::Append
        | Operator::MergeAppend
        | Operator::BitmapCombine
        | Operator::RecursiveUnion => Role::Member,
        _ => Role::Input,
    }
}

/// What a node is that stands below a label: `CTE top`, `InitPlan 1 (returns $0)`, `SubPlan 2`.
pub fn labelled_role(label: &str) -> Option<Role> {
    const WORDS: [(&str, Role); 3] =
        [("CTE ", Role::Cte), ("InitPlan", Role::InitPlan), ("SubPlan", Role::SubPlan)];
    WORDS.iter().find(|(word, _)| label.starts_with(word)).map(|(_, role)| *role)
}

/// Tells the two kinds of `Result` apart once all nodes are there: without an input it is a constant
/// row, with one it computes columns or tests a condition once.
pub fn settle_results(plan: &mut Plan) {
    for at in 0..plan.nodes.len() {
        let is_result = |node: &Node| &*node.native == "Result";
        if plan.nodes.get(at).is_some_and(is_result) {
            let is_input =
                |role: Role| matches!(role, Role::Input | Role::Outer | Role::Inner | Role::Member);
            let has_input = plan.children(at).any(|child| is_input(plan.nodes[child].role));
            if has_input {
                plan.nodes[at].operator = Operator::Project;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_node_say_what_it_does() {
        for (native, expected) in [
            ("Parallel Seq Scan", Operator::FullScan),
            ("Index Scan Backward", Operator::IndexScan),
            ("Parallel Index Only Scan Backward", Operator::IndexOnlyScan),
            ("Finalize GroupAggregate", Operator::Aggregate),
            ("Partial HashAggregate", Operator::Aggregate),
            ("Hash", Operator::Hash),
            ("Parallel Hash", Operator::Hash),
            ("Parallel Hash Right Anti Join", Operator::HashJoin),
            ("Merge Append", Operator::MergeAppend),
            ("Merge", Operator::Modify),
            ("Merge Full Join", Operator::MergeJoin),
            ("Nested Loop Anti Join", Operator::NestedLoop),
            ("HashSetOp Except All", Operator::SetOperation),
            ("Async Foreign Scan", Operator::ForeignScan),
            ("Custom Scan (Citus Adaptive)", Operator::CustomScan),
            ("XN Hash Join DS_DIST_NONE", Operator::HashJoin),
            ("Redistribute Motion 3:3  (slice2; segments: 3)", Operator::Gather),
            ("Task", Operator::Other),
            ("", Operator::Other),
        ] {
            assert_eq!(operator(native), expected, "{native}");
        }
    }
}
