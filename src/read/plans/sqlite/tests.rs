//! Every form gives the tree that the words mean.

use super::*;
use crate::read::plans::locate;
use std::fmt::Write;

/// Roles, words, names: one line for each node.
fn shown(text: &str) -> String {
    let mut out = String::new();
    for located in locate(text) {
        let found = located.found;
        let plans = located.reader.read(&text[found.start..found.end], Literals::Hide);
        for plan in plans.expect(text) {
            if let Some(statement) = &plan.statement {
                let _ = writeln!(out, "[{statement}]");
            }
            for node in &plan.nodes {
                let name = |name: &Option<Box<str>>| name.as_deref().unwrap_or("-").to_owned();
                let (relation, index) = (name(&node.relation), name(&node.index));
                let indent = "  ".repeat(node.depth);
                let (role, native, operator) = (node.role, &node.native, node.operator);
                let _ = writeln!(out, "{indent}{role:?} {native} {operator:?} {relation} {index}");
            }
        }
    }
    out
}

#[test]
fn all_forms_of_one_plan_give_one_tree() {
    let expected = "Root QUERY PLAN NestedLoop - -\n  Outer SCAN FullScan o -\n  Inner SEARCH KeyLookup c -\n  Input USE TEMP B-TREE FOR ORDER BY Sort - -\n";
    for text in [
        "QUERY PLAN\n|--SCAN o\n|--SEARCH c USING INTEGER PRIMARY KEY (rowid=?)\n`--USE TEMP B-TREE FOR ORDER BY\n",
        "noise\n  QUERY PLAN\n  |--SCAN o\n  |--SEARCH c USING INTEGER PRIMARY KEY (rowid=?)\n  `--USE TEMP B-TREE FOR ORDER BY\n\nmore\n",
        "|--SCAN o\n|--SEARCH c USING INTEGER PRIMARY KEY (rowid=?)\n`--USE TEMP B-TREE FOR ORDER BY",
        "id|parent|notused|detail\n4|0|0|SCAN o\n8|0|0|SEARCH c USING INTEGER PRIMARY KEY (rowid=?)\n20|0|0|USE TEMP B-TREE FOR ORDER BY\n",
        "4,0,216,\"SCAN o\"\r\n8,0,45,\"SEARCH c USING INTEGER PRIMARY KEY (rowid=?)\"\r\n20,0,0,\"USE TEMP B-TREE FOR ORDER BY\"\r\n",
        "┌────┬────────┬─────────┬─────┐\n│ id │ parent │ notused │ detail │\n├────┼──┤\n│ 4  │ 0 │ 0 │ SCAN o │\n│ 8 │ 0 │ 0 │ SEARCH c USING INTEGER PRIMARY KEY (rowid=?) │\n│ 20 │ 0 │ 0 │ USE TEMP B-TREE FOR ORDER BY │\n└──┘\n",
        "4   0       0        SCAN o\n8   0       0        SEARCH c USING INTEGER PRIMARY KEY (rowid=?)\n20  0       0        USE TEMP B-TREE FOR ORDER BY\n",
        "(4, 0, 0, 'SCAN o')\n(8, 0, 0, 'SEARCH c USING INTEGER PRIMARY KEY (rowid=?)')\n(20, 0, 0, 'USE TEMP B-TREE FOR ORDER BY')\n",
        "[{\"id\":4,\"parent\":0,\"notused\":0,\"detail\":\"SCAN o\"},\n{\"id\":8,\"parent\":0,\"notused\":0,\"detail\":\"SEARCH c USING INTEGER PRIMARY KEY (rowid=?)\"},\n{\"id\":20,\"parent\":0,\"notused\":0,\"detail\":\"USE TEMP B-TREE FOR ORDER BY\"}]\n",
        "     id = 4\n parent = 0\nnotused = 0\n detail = SCAN o\n\n     id = 8\n parent = 0\nnotused = 0\n detail = SEARCH c USING INTEGER PRIMARY KEY (rowid=?)\n\n     id = 20\n parent = 0\nnotused = 0\n detail = USE TEMP B-TREE FOR ORDER BY\n",
        "0|0|0|SCAN TABLE o (~1000000 rows)\n0|1|1|SEARCH TABLE c USING INTEGER PRIMARY KEY (rowid=?) (~1 rows)\n0|0|0|USE TEMP B-TREE FOR ORDER BY\n",
    ] {
        assert_eq!(shown(text), expected, "{text}");
    }
}

#[test]
fn statements_stand_before_their_plans() {
    let text = "sqlite> EXPLAIN QUERY PLAN SELECT a\n   ...> FROM t WHERE b = 'hush';\nQUERY PLAN\n`--SCAN t\nsqlite> select 1 from u where c = 7;\nQUERY PLAN\n`--SEARCH u USING INDEX u_c (c=?)\n1\nsqlite> select 2;\n2\nexplain query plan select 3;\nQUERY PLAN\n`--SCAN CONSTANT ROW\n";
    let expected = "[SELECT a\nFROM t WHERE b = '?']\nRoot SCAN FullScan t -\n[select ? from u where c = ?]\nRoot SEARCH IndexScan u u_c\n[select ?]\nRoot SCAN CONSTANT ROW RowSource - -\n";
    assert_eq!(shown(text), expected);
}

#[test]
fn old_rows_hang_below_what_names_their_query() {
    let text = "1|0|0|SCAN TABLE a\n2|0|0|SEARCH TABLE b USING COVERING INDEX b_x (x=?)\n0|0|0|COMPOUND SUBQUERIES 1 AND 2 USING TEMP B-TREE (UNION)\n";
    let expected = "Root COMPOUND SUBQUERIES 1 AND 2 USING TEMP B-TREE Append - -\n  Member SCAN FullScan a -\n  Member SEARCH IndexOnlyScan b b_x\n";
    assert_eq!(shown(text), expected);
    // Queries that name one another end all the same, and none is lost.
    let text = "1|0|0|SCAN SUBQUERY 2\n2|0|0|SCAN SUBQUERY 1\n0|0|0|SCAN TABLE t\n";
    assert_eq!(shown(text).lines().count(), 4);
}

#[test]
fn measures_are_totals_of_all_loops() {
    let text = "QUERY PLAN (cycles=9000 [100%])\n|--SCAN o                      (cycles=4000 [44%] loops=1 rows=50 rpl=50.0 est=48.0)\n`--SEARCH c USING INTEGER PRIMARY KEY (rowid=?) (cycles=5000 [56%] loops=50 rows=20)\n";
    let plan = SqliteEqp.read(text, Literals::Hide).expect(text).remove(0);
    let [_, scan, search] = plan.nodes.as_slice() else { panic!("{plan:?}") };
    assert_eq!((scan.estimated.rows, scan.number("cycles")), (Some(48.0), Some(4000.0)));
    let ran = search.measured().expect("measures");
    assert_eq!((ran.loops, ran.rows.map(|rows| rows.total(ran.loops))), (50, Some((20.0, 0.0))));
    let text = "-------- scanstats --------\nLoop  1: SCAN TABLE t\n         nLoop=1        nRow=7        estRow=9        estRow/Loop=9       \n---------------------------\n";
    let plan = SqliteEqp.read(text, Literals::Hide).expect(text).remove(0);
    assert_eq!(plan.nodes[0].measured().map(|ran| ran.loops), Some(1));
}

#[test]
fn other_texts_are_no_plans() {
    for text in [
        "QUERY PLAN\n----------\n Seq Scan on t  (cost=0.00..1.00 rows=1 width=4)\n",
        "| 1 | SIMPLE | t | ALL |\n",
        "1|2|3|4\n",
        "SCAN the room\n",
        "",
    ] {
        assert_eq!(SqliteEqp.find(text), None, "{text}");
    }
}
