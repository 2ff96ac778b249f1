//! Plans in a notation of one line a node: how deep it stands (two blanks each), its role,
//! its name, and its numbers: `est` rows, `cost`, `rows`, `loops`, `ms` (means of one loop, as
//! PostgreSQL prints them). `never` for what did not run, `label:` for the name others use, `on` for what is scanned, and any
//! `Property=value`, all between bars.

use crate::model::event::Engine;
use crate::model::plan::{
    Actual, Estimated, Measured, Node, Operator, Plan, Properties, Quantity, Role, Value,
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

/// The plan of a text.
pub fn plan(engine: Engine, text: &str) -> Plan {
    let mut nodes: Vec<Node> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let depth = (line.len() - line.trim_start().len()) / 2;
        let mut parts = line.trim().split(" | ");
        let (word, native) = parts.next().and_then(|head| head.split_once(' ')).expect("a name");
        let mut details = Properties::default();
        let mut estimated = Estimated::default();
        let (mut label, mut relation, mut never) = (None, None, false);
        let (mut loops, mut rows, mut ms) = (1, None, None);
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
                ("on", _) => relation = Some(value.into()),
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
            relation,
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
