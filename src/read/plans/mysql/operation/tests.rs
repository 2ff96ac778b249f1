//! Operations as the server words them, and what is read from each.

use super::*;
use crate::model::event::Engine;
use crate::read::plans::Literals;

/// Native words, operator, relation, index, and the details as `name=value`.
fn said(text: &str) -> String {
    let operation = read(text);
    let value = |value: &Value| match value {
        Value::Text(text) => text.to_string(),
        Value::Number(number) => number.to_string(),
        Value::List(items) => {
            let item = |item: &Value| match item {
                Value::Text(text) => text.to_string(),
                other => format!("{other:?}"),
            };
            items.iter().map(item).collect::<Vec<_>>().join(" ; ")
        }
        other => format!("{other:?}"),
    };
    let details: Vec<_> =
        operation.details.iter().map(|(name, one)| format!("{name}={}", value(one))).collect();
    format!(
        "{} | {:?} | {} | {} | {}",
        operation.native,
        operation.operator,
        operation.relation.unwrap_or(""),
        operation.index.unwrap_or(""),
        details.join(" & ")
    )
}

#[test]
fn every_operation_says_what_it_does() {
    for (text, expected) in [
        ("Table scan on o", "Table scan | FullScan | o |  | "),
        ("Table scan on <union temporary>", "Table scan | DerivedScan | <union temporary> |  | "),
        (
            "Table scan on t1 in secondary engine MOCK",
            "Table scan | FullScan | t1 |  | secondary_engine=MOCK",
        ),
        (
            "Index lookup on i using order_id (order_id=o.id)",
            "Index lookup | IndexScan | i | order_id | lookup_condition=order_id=o.id",
        ),
        (
            "Index lookup on c using k (a = 'x) (y', b = (f(1))), with index condition: (c.a <> 'p')",
            "Index lookup | IndexScan | c | k | lookup_condition=a = 'x) (y', b = (f(1)) & pushed_index_condition=(c.a <> 'p')",
        ),
        (
            "Single-row covering index lookup on <subquery2> using <auto_distinct_key> (id=t.id)",
            "Single-row covering index lookup | DerivedScan | <subquery2> | <auto_distinct_key> | lookup_condition=id=t.id",
        ),
        (
            "Index range scan on t using k over (a < 5) OR (7 < a) (reverse), with index condition: (t.a > 1)",
            "Index range scan | IndexScan | t | k | ranges=(a < 5) OR (7 < a) & reverse=Flag(true) & pushed_index_condition=(t.a > 1)",
        ),
        (
            "Index range scan on t (re-planned for each iteration)",
            "Index range scan (re-planned for each iteration) | IndexScan | t |  | ",
        ),
        (
            "Index lookup on t using k (a=1; iterate backwards)",
            "Index lookup | IndexScan | t | k | lookup_condition=a=1 & reverse=Flag(true)",
        ),
        (
            "Covering index scan on t using PRIMARY (reverse)",
            "Covering index scan | FullIndexScan | t | PRIMARY | reverse=Flag(true)",
        ),
        (
            "Covering index skip scan for grouping on t1 using k1 over (3 < b)",
            "Covering index skip scan for grouping | IndexOnlyScan | t1 | k1 | ranges=(3 < b)",
        ),
        (
            "Table scan on t, with pushed condition: (t.a = 3)",
            "Table scan | FullScan | t |  | message=with pushed condition: (t.a = 3)",
        ),
        ("Constant row from t", "Constant row | KeyLookup | t |  | "),
        ("Count rows in t", "Count rows | FullScan | t |  | "),
        (
            "Zero input rows (no matching row in const table), aggregated into one output row",
            "Zero input rows | RowSource |  |  | zero_rows_cause=no matching row in const table",
        ),
        ("Nested loop left join", "Nested loop left join | NestedLoop |  |  | "),
        (
            "Nested loop semijoin with duplicate removal on k",
            "Nested loop semijoin with duplicate removal | NestedLoop |  | k | ",
        ),
        (
            "Nested loop inner join (LooseScan)",
            "Nested loop inner join | NestedLoop |  |  | semijoin_strategy=loosescan",
        ),
        (
            "Inner hash join (t1.a = t2.a), (t1.b = t2.b), extra conditions: (t1.c < t2.c) and (t1.d > 'and ')",
            "Inner hash join | HashJoin |  |  | hash_condition=(t1.a = t2.a) ; (t1.b = t2.b) & extra_condition=(t1.c < t2.c) ; (t1.d > 'and ')",
        ),
        (
            "Hash semijoin (FirstMatch) (no condition)",
            "Hash semijoin | HashJoin |  |  | semijoin_strategy=firstmatch & hash_condition=",
        ),
        ("Filter: ((i.qty + 0) = 3)", "Filter | Filter |  |  | condition=((i.qty + 0) = 3)"),
        (
            "Sort row IDs with duplicate removal: concat(a, ', limit'), b DESC, limit input to 5 row(s) per chunk",
            "Sort row IDs with duplicate removal | Sort |  |  | row_ids=Flag(true) & duplicate_removal=Flag(true) & sort_fields=concat(a, ', limit') ; b DESC & per_chunk_limit=5",
        ),
        ("Limit: 5 row(s)", "Limit | Limit |  |  | limit=5 & limit_offset=0"),
        (
            "Limit/Offset: 5/10 row(s) (no early end due to SQL_CALC_FOUND_ROWS)",
            "Limit/Offset | Limit |  |  | limit=15 & limit_offset=10 & count_all_rows=Flag(true)",
        ),
        (
            "Group aggregate with rollup: count(0), sum(a)",
            "Group aggregate with rollup | Aggregate |  |  | group_by=Flag(true) & rollup=Flag(true) & functions=count(0) ; sum(a)",
        ),
        ("Group (no aggregates)", "Group (no aggregates) | Aggregate |  |  | group_by=Flag(true)"),
        ("Aggregate using temporary table", "Aggregate using temporary table | Aggregate |  |  | "),
        (
            "Window multi-pass aggregate with buffering: rank() OVER (ORDER BY a, b )",
            "Window multi-pass aggregate with buffering | Window |  |  | multi_pass=Flag(true) & buffering=Flag(true) & functions=rank() OVER (ORDER BY a, b )",
        ),
        (
            "Materialize CTE x if needed (query plan printed elsewhere)",
            "Materialize CTE if needed (query plan printed elsewhere) | Materialize | x |  | ",
        ),
        (
            "Materialize (invalidate on row from t1; t2)",
            "Materialize | Materialize |  |  | cache_invalidators=t1 ; t2",
        ),
        (
            "Materialize union CTE y with deduplication",
            "Materialize union CTE with deduplication | Materialize | y |  | deduplication=Flag(true)",
        ),
        ("Materialize recursive CTE r", "Materialize recursive CTE | RecursiveUnion | r |  | "),
        (
            "Remove duplicate (t1, t2) rows using temporary table (weedout)",
            "Remove duplicate rows using temporary table (weedout) | Unique |  |  | tables=t1 ; t2",
        ),
        (
            "Remove duplicates from input grouped on t2.i",
            "Remove duplicates from input grouped | Unique |  |  | group_items=t2.i",
        ),
        (
            "Invalidate materialized tables (row from t1)",
            "Invalidate materialized tables | Other | t1 |  | ",
        ),
        (
            "Delete from t1 (immediate), t2 (buffered)",
            "Delete | Modify | t1 |  | tables=t1 (immediate), t2 (buffered)",
        ),
        ("Insert into t", "Insert | Modify | t |  | "),
        (
            "Alternative plans for IN subquery: Index lookup unless b IS NULL",
            "Alternative plans for IN subquery | Other |  |  | operation=Alternative plans for IN subquery: Index lookup unless b IS NULL",
        ),
        (
            "Frobnicate rows on t using 'secret'",
            "Frobnicate rows | Other |  |  | operation=Frobnicate rows on t using 'secret'",
        ),
        ("Sortieren", "Sortieren | Other |  |  | operation=Sortieren"),
    ] {
        assert_eq!(said(text), expected);
    }
}

#[test]
fn a_heading_is_no_operation() {
    let select = heading("Select #2 (subquery in condition; dependent)").expect("a heading");
    assert!(select.is_subquery);
    assert_eq!(select.label.as_deref(), Some("select #2"));
    assert!(select.details.contains(&("dependent", Value::Flag(true))));
    for text in ["Hash", "Disable deduplication, repeat until convergence"] {
        assert_eq!(heading(text).map(|heading| heading.is_subquery), Some(false), "{text}");
    }
    assert!(heading("Limit table size: 10 unique row(s), repeat until convergence").is_some());
    assert_eq!(heading("Hash semijoin (no condition)"), None);
    assert_eq!(heading("Select #x"), None);
}

#[test]
fn a_subquery_in_a_condition_hides_no_literal_and_loses_no_text() {
    let mut builder = Builder::new(Engine::Mysql, "mysql-tree", Literals::Hide);
    let text = "Filter: ((t.a = (select #2)) and (t.b = 'select #3 hush') and (t.c > 5))";
    let node = read(text).open(&mut builder, Role::Root, 0).expect("a node");
    assert_eq!(node.text("condition"), Some("((t.a = (select #2)) and (t.b = '?') and (t.c > ?))"));
}
