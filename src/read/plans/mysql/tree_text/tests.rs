//! Trees in every frame, what headings tell, and what is no tree.

use super::*;
use crate::model::plan::Actual;

fn read(text: &str) -> Plan {
    let found = TreeText.find(text).expect("a tree");
    let mut plans = TreeText.read(&text[found.start..found.end], Literals::Hide).expect("a plan");
    assert_eq!(plans.len(), 1, "{text}");
    plans.remove(0)
}

/// `depth role native` of each node.
fn outline(plan: &Plan) -> Vec<String> {
    let node = |node: &crate::model::plan::Node| {
        let label = node.label.as_deref().map_or(String::new(), |label| format!(" ({label})"));
        format!("{} {:?} {}{label}", node.depth, node.role, node.native)
    };
    plan.nodes.iter().map(node).collect()
}

const TREE: &str = "-> Sort: o.id  (cost=10.5..12 rows=9) (actual time=1.5..1.75 rows=9 loops=1)
    -> Inner hash join (i.o = o.id)  (cost=8 rows=9) (actual time=0.1..1 rows=9 loops=1)
        -> Table scan on i  (cost=1 rows=9) (actual time=0.01..0.5 rows=9 loops=1)
        -> Hash
            -> Filter: (o.note = 'hush')  (cost=2 rows=3) (never executed)
                -> Table scan on o  (cost=2 rows=3) (never executed)
        -> Select #2 (subquery in condition; run only once)
            -> Rows fetched before execution  (cost=0..0 rows=1) (never executed)
";

#[test]
fn headings_tell_the_role_of_what_is_below_them() {
    let plan = read(TREE);
    let expected = [
        "0 Root Sort",
        "1 Input Inner hash join",
        "2 Outer Table scan",
        "2 Inner Filter",
        "3 Input Table scan",
        "2 SubPlan Rows fetched before execution (select #2)",
    ];
    assert_eq!(outline(&plan), expected);
    assert_eq!(plan.nodes[3].text("heading"), Some("Hash"));
    assert_eq!(plan.nodes[3].text("condition"), Some("(o.note = '?')"));
    assert_eq!(plan.nodes[3].actual, Actual::Never);
    assert_eq!(plan.nodes[0].estimated.startup_cost, Some(10.5));
}

#[test]
fn every_frame_holds_the_same_tree() {
    let expected = read(TREE);
    let rule = "+----------+\n";
    let inside = TREE.trim_end().replace('\n', "\\n");
    let lines = |line: &str| format!("| {line:<90} |\n");
    for framed in [
        format!("EXPLAIN: {TREE}\n1 row in set (0.00 sec)\n"),
        format!("{rule}| EXPLAIN |\n{rule}| {TREE} |\n{rule}1 row in set\n"),
        format!("{rule}| EXPLAIN |\n{rule}{}{rule}", TREE.lines().map(lines).collect::<String>()),
        format!("EXPLAIN\n{inside}\\n\n"),
        format!("\"EXPLAIN\"\n\"{inside}\\n\"\n"),
        format!("# EXPLAIN\n'{TREE}'\n"),
        format!("'{}'\n", TREE.trim_end()),
        format!("text before\n\n{}\n\ntext behind", TREE.replace('\n', "\r\n")),
        TREE.lines().map(|line| format!("  {line}\n")).collect(),
        TREE.replace(") (", ")\n("),
        TREE.replace("(i.o = o.id)", "(i.o =\n o.id)"),
    ] {
        assert_eq!(read(&framed), expected, "{framed}");
    }
}

#[test]
fn subqueries_of_the_select_list_belong_to_the_operation_beside_them() {
    let plan = read(
        "-> Table scan on t  (cost=1 rows=9)
-> Select #2 (subquery in projection; dependent)
    -> Aggregate: max(u.a)  (cost=1 rows=1)
        -> Table scan on u  (cost=1 rows=1)
-> Select #3 (subquery in projection; run only once)
    -> Window aggregate: rank() OVER ()
        -> Table scan on v  (cost=1 rows=1)
        -> Select #4 (subquery in projection; dependent)
            -> Zero rows (Impossible WHERE)
",
    );
    let expected = [
        "0 Root Table scan",
        "1 SubPlan Aggregate (select #2)",
        "2 Input Table scan",
        "1 SubPlan Window aggregate (select #3)",
        "2 Input Table scan",
        "2 SubPlan Zero rows (select #4)",
    ];
    assert_eq!(outline(&plan), expected);
    assert_eq!(plan.nodes[0].operator, Operator::FullScan);
}

#[test]
fn a_table_with_an_input_is_derived_and_a_new_root_is_a_new_tree() {
    let one = "-> Table scan on dt  (cost=2..3 rows=1)
    -> Materialize  (cost=2..2 rows=1)
        -> Table scan on t  (cost=1 rows=1)
";
    assert_eq!(read(one).nodes[0].operator, Operator::DerivedScan);
    let both = format!("{one}{one}");
    assert_eq!(TreeText.find(&both), Some(Found { start: 0, end: one.len() }));
}

#[test]
fn what_is_no_tree_is_not_found() {
    for text in [
        "",
        "-> Sort: things to do\n",
        "see a -> Table scan on b\n",
        " -> Update the documentation\n    -> and tell everybody\n",
        "Nested Loop  (cost=0.00..1.00 rows=1 width=4)\n  ->  Seq Scan on t  (cost=0.00..1.00 rows=1 width=4)\n",
        "-> Filter: x  (cost=0.00..1.00 rows=1 width=4)\n",
    ] {
        assert_eq!(TreeText.find(text), None, "{text}");
    }
    assert!(TreeText.read("no tree", Literals::Hide).is_err());
}

#[test]
fn a_tree_nested_too_deep_is_refused() {
    let deep: String =
        (0..1_200).map(|level| format!("{}-> Append\n", " ".repeat(level))).collect();
    let error = TreeText.read(&deep, Literals::Hide).expect_err("too deep");
    assert!(error.message.contains("nested deeper"), "{}", error.message);
}
