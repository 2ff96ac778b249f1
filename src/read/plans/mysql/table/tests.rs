//! Tables of every form and of every way in which selects hang together.

use super::*;
use crate::model::plan::{Actual, Node, Role};

const COLUMNS: &str =
    "id\tselect_type\ttable\ttype\tpossible_keys\tkey\tkey_len\tref\trows\tfiltered\tExtra\n";

/// A table of rows `id select_type table type`, tab-separated.
fn tabs(rows: &[(&str, &str, &str, &str)]) -> String {
    let row = |(id, select_type, table, kind): &(&str, &str, &str, &str)| {
        format!("{id}\t{select_type}\t{table}\t{kind}\tNULL\tNULL\tNULL\tNULL\t9\t100.00\tNULL\n")
    };
    rows.iter().fold(COLUMNS.to_owned(), |text, one| text + &row(one))
}

fn read(text: &str) -> Plan {
    let found = Table.find(text).expect("a table");
    let mut plans = Table.read(&text[found.start..found.end], Literals::Hide).expect("a plan");
    assert_eq!(plans.len(), 1, "{text}");
    plans.remove(0)
}

fn outline(plan: &Plan) -> String {
    let node = |node: &Node| {
        let relation = node.relation.as_deref().map_or(String::new(), |name| format!(" {name}"));
        let label = node.label.as_deref().map_or(String::new(), |label| format!(" ({label})"));
        format!("{} {:?} {}{relation}{label}\n", node.depth, node.role, node.native)
    };
    plan.nodes.iter().map(node).collect()
}

#[test]
fn selects_hang_where_the_rows_tell() {
    for (rows, expected) in [
        (
            &[("1", "SIMPLE", "a", "ALL"), ("1", "SIMPLE", "b", "ref")][..],
            "0 Root nested_loop\n1 Outer ALL a\n1 Inner ref b\n",
        ),
        (
            &[("1", "PRIMARY", "<derived2>", "ALL"), ("2", "DERIVED", "t", "index")],
            "0 Root ALL <derived2>\n1 Cte materialized (select #2)\n2 Input index t\n",
        ),
        (
            // Two beside each other, the later first, and one inside the earlier.
            &[
                ("1", "PRIMARY", "t", "ALL"),
                ("4", "SUBQUERY", "u", "ALL"),
                ("2", "DEPENDENT SUBQUERY", "v", "ref"),
                ("3", "SUBQUERY", "w", "ALL"),
            ],
            "0 Root query_block (select #1)\n1 Input ALL t\n1 InitPlan query_block (select #4)\n\
             2 Input ALL u\n1 SubPlan query_block (select #2)\n2 Input ref v\n\
             2 InitPlan query_block (select #3)\n3 Input ALL w\n",
        ),
        (
            &[
                ("1", "PRIMARY", "t", "ALL"),
                ("2", "UNION", "<derived3>", "ALL"),
                ("3", "DERIVED", "u", "ALL"),
                ("NULL", "UNION RESULT", "<union1,2>", "ALL"),
            ],
            "0 Root union_result <union1,2>\n1 Member query_block (select #1)\n2 Input ALL t\n\
             1 Member query_block (select #2)\n2 Input ALL <derived3>\n\
             3 Cte materialized (select #3)\n4 Input ALL u\n",
        ),
        (
            // UNION ALL needs no table, so it has no row.
            &[("1", "PRIMARY", "t", "ALL"), ("2", "UNION", "u", "ALL")],
            "0 Root union_result\n1 Member query_block (select #1)\n2 Input ALL t\n\
             1 Member query_block (select #2)\n2 Input ALL u\n",
        ),
        (
            &[
                ("1", "PRIMARY", "t", "ALL"),
                ("2", "DEPENDENT SUBQUERY", "u", "ref"),
                ("3", "DEPENDENT UNION", "v", "ref"),
                ("NULL", "UNION RESULT", "<union2,3>", "ALL"),
            ],
            "0 Root query_block (select #1)\n1 Input ALL t\n1 SubPlan query_block (select #2)\n\
             2 Input union_result <union2,3>\n3 Member query_block (select #2)\n4 Input ref u\n\
             3 Member query_block (select #3)\n4 Input ref v\n",
        ),
        (
            &[
                ("1", "INSERT", "t", "ALL"),
                ("1", "SIMPLE", "u", "ALL"),
                ("1", "SIMPLE", "v", "eq_ref"),
            ],
            "0 Root query_block (select #1)\n1 Input insert t\n1 Input nested_loop\n2 Outer ALL u\n\
             2 Inner eq_ref v\n",
        ),
        (
            // No union is materialised for a semi-join: the member is one of the statement.
            &[
                ("1", "PRIMARY", "<subquery2>", "ALL"),
                ("2", "MATERIALIZED", "t", "ALL"),
                ("3", "UNION", "u", "ALL"),
            ],
            "0 Root union_result\n1 Member query_block (select #1)\n2 Input ALL <subquery2>\n\
             3 Cte materialized (select #2)\n4 Input ALL t\n1 Member query_block (select #3)\n\
             2 Input ALL u\n",
        ),
        (&[("1", "SIMPLE", "NULL", "NULL")], "0 Root query_block (select #1)\n"),
        (
            // Rows that name one another are none the less all there.
            &[
                ("1", "PRIMARY", "t", "ALL"),
                ("2", "DERIVED", "<derived3>", "ALL"),
                ("3", "DERIVED", "<derived2>", "ALL"),
            ],
            "0 Root ALL t\n1 SubPlan query_block (select #2)\n2 Input ALL <derived3>\n\
             3 Cte materialized (select #3)\n4 Input ALL <derived2>\n",
        ),
    ] {
        assert_eq!(outline(&read(&tabs(rows))), expected);
    }
}

#[test]
fn every_form_of_a_table_gives_the_same_plan() {
    let text = "id\tselect_type\ttable\tpartitions\ttype\tpossible_keys\tkey\tkey_len\tref\trows\tfiltered\tExtra\n\
        1\tSIMPLE\to\tp0,p1\tref\ta,b\ta\t5\tconst\t3\t11.11\tUsing where; Using filesort\n\
        1\tSIMPLE\ti\tNULL\tALL\tNULL\tNULL\tNULL\tNULL\t7\t100.00\tNULL\n";
    let expected = read(text);
    assert_eq!(expected.nodes[1].number("filtered"), Some(11.11));
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split('\t').collect()).collect();
    let pipes = |rule: &str| {
        let line = |row: &Vec<&str>| format!("| {} |\n", row.join(" | "));
        let body: String = rows[1..].iter().map(line).collect();
        format!(
            "{rule}{}{}{body}{rule}",
            line(&rows[0]),
            if rule.is_empty() { "|--|--|\n" } else { rule }
        )
    };
    let vertical: String = rows[1..]
        .iter()
        .enumerate()
        .map(|(at, row)| {
            let cells = rows[0].iter().zip(row).map(|(name, cell)| format!("{name:>13}: {cell}\n"));
            format!("{:*<27} {}. row {:*<27}\n{}", "", at + 1, "", cells.collect::<String>())
        })
        .collect();
    for form in [
        pipes("+----+----+\n"),
        pipes(""),
        vertical.clone(),
        format!("before\n{vertical}2 rows in set\n"),
        format!("before\r\n{}\r\n", text.replace('\n', "\r\n")),
        text.trim_end().replace("\tNULL\n", "\t\n"),
    ] {
        let mut got = read(&form);
        // Only the place in the document differs, and that is not kept.
        got.engine = expected.engine;
        assert_eq!(got, expected, "{form}");
    }
}

#[test]
fn rows_of_analyze_are_means_and_their_table_is_of_mariadb() {
    let plan = read(
        "# explain: id\tselect_type\ttable\ttype\tpossible_keys\tkey\tkey_len\tref\trows\tr_rows\tfiltered\tr_filtered\tExtra\n\
         # explain: 1\tSIMPLE\ta\tALL\tNULL\tNULL\tNULL\tNULL\t9\t8.00\t100.00\t50.00\tUsing where\n\
         # explain: 1\tSIMPLE\tb\tref|filter\tx,y\tx|y\t5|4\ts.a.id\t58 (34%)\t2.50 (30%)\t100.00\t50.00\tUsing where; Using rowid filter\n\
         # explain: 1\tSIMPLE\tc\tref\tz\tz\t5\ts.b.id\t2\tNULL\t100.00\tNULL\t\n",
    );
    assert_eq!(plan.engine, Engine::Mariadb);
    let ran = plan.nodes[1].measured().expect("the first table");
    assert_eq!((ran.loops, ran.rows.map(|rows| rows.value)), (1, Some(8.0)));
    assert_eq!((&*plan.nodes[2].native, plan.nodes[2].index.as_deref()), ("ref", Some("x")));
    assert_eq!(plan.nodes[2].estimated.rows, Some(58.0));
    assert_eq!(plan.nodes[2].number("r_rows"), Some(2.5));
    assert_eq!(plan.nodes[2].actual, Actual::Unknown);
    assert_eq!(plan.nodes[3].actual, Actual::Never);
    assert_eq!(plan.nodes[3].role, Role::Inner);
}

#[test]
fn what_is_cut_or_no_explain_is_not_taken_for_a_plan() {
    for text in [
        "",
        "id\tselect_type\n1\tSIMPLE\n",
        "| id | name | rows |\n| 1 | SIMPLE | 3 |\n",
        "id: 1\nname: x\n",
        "select_type: SIMPLE\n",
    ] {
        assert_eq!(Table.find(text), None, "{text}");
    }
    let whole = tabs(&[("1", "SIMPLE", "a", "ALL"), ("1", "SIMPLE", "b", "ref")]);
    let cut = &whole[..whole.len() - 20];
    assert_eq!(read(cut).nodes.len(), 1);
    assert!(Table.read(COLUMNS, Literals::Hide).is_err());
}
