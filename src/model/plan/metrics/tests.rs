//! Known answers, in a notation of one line a node: how deep it stands (two blanks each), its role,
//! its name, and its numbers: `est` rows, `cost`, `rows`, `loops`, `ms` (means of one loop, as
//! PostgreSQL prints them). `never` for what did not run, `label:` for the name others use, and any
//! `Property=value`, all between bars.

use super::{Bounded, Metrics, of};
use crate::model::event::Engine;
use crate::model::plan::{
    Actual, Estimated, Measured, Node, Operator, Plan, Properties, Quantity, Role, Trigger, Value,
};

fn role(word: &str) -> Role {
    match word {
        "root" => Role::Root,
        "in" => Role::Input,
        "outer" => Role::Outer,
        "inner" => Role::Inner,
        "member" => Role::Member,
        "init" => Role::InitPlan,
        "sub" => Role::SubPlan,
        "cte" => Role::Cte,
        _ => panic!("no role: {word}"),
    }
}

fn operator(native: &str) -> Operator {
    match native.trim_start_matches("Parallel ") {
        "Seq Scan" => Operator::FullScan,
        "Index Scan" => Operator::IndexScan,
        "CTE Scan" | "Table scan on <temporary>" => Operator::DerivedScan,
        "Bitmap Heap Scan" => Operator::BitmapHeapScan,
        "Bitmap Index Scan" => Operator::BitmapIndexScan,
        "Nested Loop" | "Nested Loop Semi Join" => Operator::NestedLoop,
        "Merge Join" => Operator::MergeJoin,
        "Gather" => Operator::Gather,
        "Append" => Operator::Append,
        "Aggregate" => Operator::Aggregate,
        "Limit" => Operator::Limit,
        "Sort" => Operator::Sort,
        "Update" => Operator::Modify,
        "Materialize" => Operator::Materialize,
        _ => Operator::Other,
    }
}

fn plan(engine: Engine, text: &str) -> Plan {
    let mut nodes: Vec<Node> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let depth = (line.len() - line.trim_start().len()) / 2;
        let mut parts = line.trim().split(" | ");
        let (word, native) = parts.next().and_then(|head| head.split_once(' ')).expect("a name");
        let mut details = Properties::default();
        let mut estimated = Estimated::default();
        let (mut label, mut never, mut loops, mut rows, mut ms) = (None, false, 1, None, None);
        for part in parts {
            let Some((name, value)) = part.split_once('=') else {
                match part.strip_prefix("label:") {
                    Some(name) => label = Some(name.into()),
                    None => never = part == "never",
                }
                continue;
            };
            let number: Option<f64> = value.parse().ok();
            match (name, number) {
                ("est", _) => estimated.rows = number,
                ("cost", _) => estimated.total_cost = number,
                ("rows", _) => rows = number,
                ("loops", _) => loops = value.parse().expect("a count"),
                ("ms", _) => ms = number,
                ("worker", _) => {}
                (_, Some(number)) => details.push(name, Value::Number(number)),
                (_, None) => details.push(name, Value::Text(value.into())),
            }
        }
        let within = if loops > 1 { 0.5 } else { 0.0 };
        let ran = Measured {
            loops,
            rows: rows.map(|rows| Quantity::of_one_loop(rows, within)),
            first_ms: None,
            total_ms: ms.map(|ms| Quantity::of_one_loop(ms, 0.0005)),
        };
        let is_measured = rows.is_some() || ms.is_some();
        open.truncate(depth);
        let at = nodes.len();
        nodes.push(Node {
            role: role(word),
            label,
            native: native.into(),
            operator: operator(native),
            relation: None,
            alias: None,
            index: None,
            estimated,
            actual: match (never, is_measured) {
                (true, _) => Actual::Never,
                (_, true) => Actual::Ran(ran),
                _ => Actual::Unknown,
            },
            details,
            parent: open.last().copied(),
            depth,
            end: at + 1,
        });
        open.push(at);
        open.iter().for_each(|above| nodes[*above].end = at + 1);
    }
    Plan {
        engine,
        format: "test",
        statement: None,
        nodes,
        planning_ms: None,
        execution_ms: None,
        triggers: Vec::new(),
        details: Properties::default(),
    }
}

fn own(metrics: &Metrics) -> Vec<f64> {
    let rounded = |own: Option<Bounded>| own.map_or(-1.0, |own| (own.value * 1e3).round() / 1e3);
    metrics.nodes.iter().map(|node| rounded(node.self_ms)).collect()
}

#[test]
fn own_times_of_a_plan() {
    for (what, text, expected) in [
        (
            "loops multiply, and what never ran has no time",
            "root Nested Loop | rows=5 | ms=100
  outer Seq Scan | rows=10 | ms=20
  inner Index Scan | rows=1 | loops=10 | ms=7
  sub Seq Scan | never",
            &[10.0, 20.0, 70.0, -1.0][..],
        ),
        (
            "a CTE runs inside the scans of it, in proportion to what they can hold",
            "root Append | rows=1 | ms=430
  cte Seq Scan | label:CTE x | rows=9 | ms=400
  member CTE Scan | CTE Name=x | rows=9 | ms=410
  member CTE Scan | CTE Name=x | rows=9 | ms=5",
            &[15.0, 400.0, 14.938, 0.062],
        ),
        (
            "the scan within a CTE of the same name reads the outer one",
            "root CTE Scan | CTE Name=x | rows=1 | ms=50
  cte CTE Scan | label:CTE x | CTE Name=x | rows=1 | ms=40
    cte Seq Scan | label:CTE x | rows=1 | ms=30",
            &[10.0, 10.0, 30.0],
        ),
        (
            "a CTE that nobody scans runs after all nodes",
            "root Seq Scan | rows=1 | ms=3
  cte Update | label:CTE x | rows=9 | ms=40",
            &[3.0, 40.0],
        ),
        (
            "an InitPlan runs inside the node that asks, numbers of two digits too",
            "root Sort | rows=1 | ms=50
  init Aggregate | label:InitPlan 10 (returns $10) | rows=1 | ms=30
  in Append | rows=1 | ms=49
    member Seq Scan | Filter=(a > $1) | rows=1 | ms=8
    member Seq Scan | Filter=(a > $10) | rows=1 | ms=40",
            &[1.0, 30.0, 1.0, 8.0, 10.0],
        ),
        (
            "an InitPlan of 17, whose asker did not have the time: it only hands it on",
            "root Sort | Output=((InitPlan 1).col1) | rows=1 | ms=50
  init Aggregate | label:InitPlan 1 | rows=1 | ms=30
  in Seq Scan | Output=(InitPlan 1).col1 | rows=1 | ms=40",
            &[10.0, 30.0, 10.0],
        ),
        (
            "nobody is seen to ask: the first from above that had the time",
            "root Limit | rows=1 | ms=40
  init Aggregate | label:InitPlan 1 (returns $0) | rows=1 | ms=30
  in Seq Scan | rows=1 | ms=39.5",
            &[0.5, 30.0, 9.5],
        ),
        (
            "below a Gather times are of all processes: parts of the wall time",
            "root Gather | rows=9 | ms=100
  in Append | rows=3 | loops=3 | ms=90
    member Parallel Seq Scan | rows=3 | loops=2 | ms=60
    member Seq Scan | rows=3 | loops=1 | ms=120",
            &[10.0, 10.0, 40.0, 40.0],
        ),
        (
            "the leader alone",
            "root Gather | rows=9 | ms=100
  in Parallel Seq Scan | rows=9 | loops=1 | ms=95",
            &[5.0, 95.0],
        ),
        (
            "one process makes the bitmap of all",
            "root Gather | rows=9 | ms=100
  in Parallel Bitmap Heap Scan | rows=3 | loops=3 | ms=90
    in Bitmap Index Scan | rows=9 | ms=60",
            &[10.0, 30.0, 60.0],
        ),
    ] {
        let metrics = of(&plan(Engine::Postgres, text));
        assert_eq!(own(&metrics), expected, "{what}");
        assert!(metrics.is_measured, "{what}");
    }
    let temporary = "root Table scan on <temporary> | rows=5 | ms=1
  in Materialize | rows=5 | ms=40
    in Seq Scan | rows=5 | ms=30";
    let metrics = of(&plan(Engine::Mysql, temporary));
    assert_eq!(own(&metrics), [1.0, 9.0, 30.0], "a temporary table is filled before it is read");
    assert_eq!(metrics.nodes[0].total_ms.map(|time| time.value), Some(40.0));
}

#[test]
fn a_difference_within_the_rounding_is_no_fact() {
    let text = "root Nested Loop | rows=5 | ms=100
  outer Seq Scan | rows=1000000 | ms=60
  inner Index Scan | rows=0 | loops=1000000 | ms=0.001";
    let metrics = of(&plan(Engine::Postgres, text));
    let join = metrics.nodes[0].self_ms.expect("a time");
    let inner = metrics.nodes[2].self_ms.expect("a time");
    assert_eq!(join.value, 0.0);
    assert!(!join.is_sure() && !Bounded { value: 3.0, within: 4.0 }.is_sure());
    assert!(inner.is_sure() && inner.within <= 500.0);
    let sum: f64 = own(&metrics).iter().sum();
    let share: f64 = metrics.nodes.iter().filter_map(|node| node.share).sum();
    let doubt: f64 = metrics.nodes.iter().filter_map(|node| Some(node.self_ms?.within)).sum();
    assert!((sum - 100.0).abs() <= doubt);
    assert!(share <= 1.0 + 1e-9, "{share}");
}

#[test]
fn a_mean_does_not_hide_that_one_process_did_the_work() {
    let mut gathered = plan(
        Engine::Postgres,
        "root Gather | rows=9 | ms=100
  in Parallel Seq Scan | rows=3 | loops=3 | ms=34",
    );
    let unknown = of(&gathered);
    assert_eq!(own(&unknown), [66.0, 34.0]);
    assert!(!unknown.nodes[0].self_ms.expect("a time").is_sure(), "perhaps it waited");

    let worker = |ms| {
        let mut worker = Properties::default();
        worker.push("Actual Loops", Value::Number(1.0));
        worker.push("Actual Total Time", Value::Number(ms));
        Value::Group(worker)
    };
    gathered.nodes[1].details.push("Workers", Value::List([worker(3.0), worker(4.0)].into()));
    assert_eq!(own(&of(&gathered)), [5.0, 95.0]);
}

#[test]
fn triggers_planning_and_the_rest_add_up() {
    let trigger = |name: &str, constraint: Option<&str>, ms| Trigger {
        name: name.into(),
        constraint: constraint.map(Into::into),
        relation: None,
        time_ms: Some(Quantity::of_all_loops(ms, 0.0005)),
        calls: 5,
    };
    let mut update = plan(
        Engine::Postgres,
        "root Update | rows=0 | ms=50
  in Seq Scan | rows=5 | ms=10",
    );
    update.execution_ms = Some(80.0);
    update.planning_ms = Some(7.0);
    update.triggers = vec![trigger("before", None, 25.0), trigger("RI_1", Some("fk"), 20.0)];
    let metrics = of(&update);
    // What does not fit behind the nodes ran inside the one that writes.
    assert_eq!(own(&metrics), [15.0, 10.0]);
    let others: Vec<_> =
        metrics.others.iter().map(|part| (&*part.name, part.time_ms.value)).collect();
    assert_eq!(others, [("fk", 20.0), ("before", 25.0), ("unattributed", 10.0)]);
    assert_eq!(metrics.planning_ms, Some(7.0));
    assert_eq!(metrics.nodes[1].share, Some(0.125));

    update.execution_ms = None;
    update.triggers.remove(0);
    assert_eq!(of(&update).total_ms.map(|total| total.value), Some(70.0));
}

#[test]
fn estimates_and_where_they_mean_nothing() {
    for (what, text, at, expected) in [
        ("more", "root Seq Scan | est=10 | rows=500 | ms=1", 0, Some((50.0, true))),
        ("none is as one", "root Seq Scan | est=50 | rows=0 | ms=1", 0, Some((50.0, false))),
        ("rounded", "root Seq Scan | est=0.6 | rows=1 | loops=9 | ms=1", 0, Some((1.0, false))),
        ("never ran", "root Seq Scan | est=50 | never", 0, None),
        ("writes", "root Update | est=50 | rows=0 | ms=1", 0, None),
        (
            "stopped early",
            "root Limit | est=1 | rows=1 | ms=1\n  in Seq Scan | est=99 | rows=1 | ms=1",
            1,
            None,
        ),
        (
            "more than expected even so",
            "root Limit | est=1 | rows=1 | ms=1\n  in Seq Scan | est=1 | rows=99 | ms=1",
            1,
            Some((99.0, true)),
        ),
        (
            "a sort reads all",
            "root Limit | est=1 | rows=1 | ms=1\n  in Sort | est=99 | rows=1 | ms=1\n    in Seq Scan | est=99 | rows=9 | ms=1",
            2,
            Some((11.0, false)),
        ),
        (
            "a semi-join stops at the first",
            "root Nested Loop Semi Join | rows=5 | ms=9\n  outer Seq Scan | rows=5 | ms=1\n  inner Seq Scan | est=40 | rows=1 | loops=5 | ms=1",
            2,
            None,
        ),
        (
            "fewer processes than planned did more each",
            "root Gather | Workers Planned=2 | Workers Launched=0 | rows=240 | ms=9\n  in Parallel Seq Scan | est=100 | rows=240 | ms=9",
            1,
            Some((1.0, false)),
        ),
        (
            "rows that rounding hid",
            "root Nested Loop | rows=100000 | ms=9\n  outer Seq Scan | rows=200000 | ms=1\n  inner Index Scan | est=400 | rows=1 | loops=200000 | ms=0",
            2,
            Some((400.0, false)),
        ),
    ] {
        let metrics = of(&plan(Engine::Postgres, text));
        let got = metrics.nodes[at].estimate.map(|error| (error.factor, error.is_under));
        assert_eq!(got, expected, "{what}");
    }
}

#[test]
fn rows_that_rounding_hid() {
    for (what, text, at, expected) in [
        (
            "each row of the inner side is one of the join",
            "root Nested Loop | rows=33333 | ms=9
  outer Seq Scan | rows=200000 | ms=1
  inner Index Scan | rows=0 | loops=200000 | ms=0",
            2,
            33_333.0,
        ),
        (
            "or was dropped by its condition",
            "root Nested Loop | Rows Removed by Join Filter=11 | rows=33333 | ms=9
  outer Seq Scan | rows=200000 | ms=1
  inner Append | rows=0 | loops=200000 | ms=0
    member Seq Scan | rows=0 | loops=200000 | ms=0
    member Seq Scan | never",
            3,
            33_344.0,
        ),
        (
            "a Gather gives what it gets",
            "root Gather | rows=10 | ms=9\n  in Parallel Seq Scan | rows=3 | loops=3 | ms=1",
            1,
            10.0,
        ),
    ] {
        let metrics = of(&plan(Engine::Postgres, text));
        let rows = metrics.nodes[at].rows.expect("rows");
        assert_eq!((rows.value, rows.within), (expected, 0.0), "{what}");
    }
    let text = "root Seq Scan | Rows Removed by Filter=0 | rows=0 | loops=200000 | ms=0";
    let node = of(&plan(Engine::Postgres, text)).nodes.remove(0);
    assert_eq!(node.rows_removed.map(Bounded::most), Some(100_000.0));
    assert_eq!(node.rows.map(Bounded::most), Some(100_000.0));
}

#[test]
fn own_costs_add_up_to_the_cost_of_the_plan() {
    for (text, expected) in [
        (
            "root Nested Loop | est=10 | cost=100
  outer Seq Scan | est=10 | cost=20
  inner Index Scan | est=1 | cost=7",
            &[10.0, 20.0, 70.0][..],
        ),
        // A LIMIT expects to stop after a tenth of its input.
        ("root Limit | cost=10\n  in Sort | cost=100\n    in Seq Scan | cost=60", &[0.0, 4.0, 6.0]),
    ] {
        let metrics = of(&plan(Engine::Postgres, text));
        let costs: Vec<_> = metrics.nodes.iter().filter_map(|node| node.self_cost).collect();
        assert_eq!(costs, expected);
        assert!(!metrics.is_measured && metrics.total_ms.is_none());
        let shares: f64 = metrics.nodes.iter().filter_map(|node| node.share).sum();
        assert!((shares - 1.0).abs() < 1e-9);
    }
}

#[test]
fn blocks_are_those_of_the_node_itself() {
    let text = "root Sort | Shared Hit Blocks=100 | Shared Read Blocks=7 | rows=1 | ms=50
  init Aggregate | label:InitPlan 1 (returns $0) | Shared Hit Blocks=60 | rows=1 | ms=30
  in Seq Scan | Filter=(a = $0) | Shared Hit Blocks=90 | Shared Read Blocks=7 | rows=1 | ms=40";
    let metrics = of(&plan(Engine::Postgres, text));
    let blocks: Vec<_> = metrics
        .nodes
        .iter()
        .map(|node| (node.self_blocks.unwrap_or(-1.0), node.self_blocks_read.unwrap_or(-1.0)))
        .collect();
    assert_eq!(blocks, [(10.0, 0.0), (60.0, 0.0), (37.0, 7.0)]);
}
