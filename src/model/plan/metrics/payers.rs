//! Who runs what is printed elsewhere. PostgreSQL prints an InitPlan or a CTE below the top node of
//! its query, but it runs inside the node that first asks for its value or rows.
//!
//! In: a plan. Out: for each such part the nodes that may have run it. Everything else runs inside
//! the node above it.

use crate::model::event::Engine;
use crate::model::plan::{Node, Plan, Role, Value};
use std::collections::BTreeMap;

/// Nodes that mention a name, looked at for one part; real plans have a handful.
const MOST_ASKERS: usize = 64;

/// Who may have run a part.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Payers {
    /// These scans share its rows, and so its time. It may have run on after all of them.
    Scans(Vec<usize>),
    /// The first of these that had the time, in the order of the plan. None of them is seen to ask
    /// for it where columns are not printed.
    Askers(Vec<usize>),
}

/// The parts that do not run inside the node above them, and who may have run them.
pub fn payers(plan: &Plan) -> BTreeMap<usize, Payers> {
    let mut all = BTreeMap::new();
    if plan.engine != Engine::Postgres {
        return all;
    }
    let is_part = |node: &Node| matches!(node.role, Role::InitPlan | Role::Cte);
    if !plan.nodes.iter().any(is_part) {
        return all;
    }
    let scans = scans(plan);
    let mentions = mentions(plan);
    for (at, node) in plan.nodes.iter().enumerate().filter(|(_, node)| is_part(node)) {
        let payers = match node.role {
            Role::Cte => Payers::Scans(scans.get(&at).cloned().unwrap_or_default()),
            _ => Payers::Askers(askers(plan, at, &mentions)),
        };
        all.insert(at, payers);
    }
    all
}

/// The scans of each CTE: those of its name below the node that it is printed below, that one
/// included.
fn scans(plan: &Plan) -> BTreeMap<usize, Vec<usize>> {
    // By name, those in whose range of nodes a scan may stand, the innermost last.
    let mut known: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut scans: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, node) in plan.nodes.iter().enumerate() {
        for part in plan.children(at).filter(|child| plan.nodes[*child].role == Role::Cte) {
            if let Some(label) = plan.nodes[part].label.as_deref() {
                known.entry(label.strip_prefix("CTE ").unwrap_or(label)).or_default().push(part);
            }
        }
        if &*node.native != "CTE Scan" {
            continue;
        }
        let Some(parts) = node.relation.as_deref().and_then(|name| known.get_mut(name)) else {
            continue;
        };
        let is_over = |part: &usize| {
            plan.nodes[*part].parent.is_some_and(|lister| plan.nodes[lister].end <= at)
        };
        while parts.last().is_some_and(is_over) {
            parts.pop();
        }
        // Within a part of the same name, the name is that of the one outside.
        let holds_scan = |part: &usize| (*part..plan.nodes[*part].end).contains(&at);
        if let Some(part) = parts.iter().rev().find(|part| !holds_scan(part)) {
            scans.entry(*part).or_default().push(at);
        }
    }
    scans
}

/// Where the values of InitPlans are used: `$0`, and `InitPlan 1` from 17 on.
fn mentions(plan: &Plan) -> BTreeMap<String, Vec<usize>> {
    let mut all: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, node) in plan.nodes.iter().enumerate() {
        let mut note = |name: &str| {
            let nodes = all.entry(name.to_owned()).or_default();
            if nodes.last() != Some(&at) {
                nodes.push(at);
            }
        };
        for (name, value) in node.details.iter() {
            let texts = match value {
                Value::Text(_) => std::slice::from_ref(value),
                Value::List(items) => items,
                _ => continue,
            };
            for text in texts {
                match text {
                    Value::Text(text) if name == "Output" && is_handed_on(text) => {}
                    Value::Text(text) => names(text).for_each(&mut note),
                    _ => {}
                }
            }
        }
    }
    all
}

/// Whether a column is what the node below computed: an expression, or a value that is no column, is
/// then printed in brackets of its own.
fn is_handed_on(column: &str) -> bool {
    let Some(inside) = within_brackets(column.trim()) else { return false };
    let is_name = names(inside).next().is_some_and(|name| name.len() == inside.len());
    let is_column = inside.starts_with("(InitPlan ")
        && inside.split_once(").").is_some_and(|(_, column)| !column.contains(' '));
    is_name || is_column || within_brackets(inside).is_some()
}

/// What stands in the brackets that are around a whole text.
fn within_brackets(text: &str) -> Option<&str> {
    let inside = text.strip_prefix('(')?.strip_suffix(')')?;
    let mut depth = 0_i32;
    for byte in inside.bytes() {
        depth += i32::from(byte == b'(') - i32::from(byte == b')');
        if depth < 0 {
            return None;
        }
    }
    Some(inside)
}

/// The names of values in a text: `$` and digits, `InitPlan` and a number.
fn names(text: &str) -> impl Iterator<Item = &str> {
    const PREFIXES: [&str; 2] = ["$", "InitPlan "];
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let found = PREFIXES.iter().filter_map(|prefix| Some((rest.find(prefix)?, *prefix)));
            let (start, prefix) = found.min()?;
            let name = rest.get(start..)?;
            let digits = name.get(prefix.len()..)?;
            let digits =
                digits.len() - digits.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let (name, behind) = name.split_at(prefix.len() + digits);
            rest = behind;
            if digits > 0 {
                return Some(name);
            }
        }
    })
}

/// The nodes that use the value of an InitPlan, in the order of the plan.
fn askers(plan: &Plan, at: usize, mentions: &BTreeMap<String, Vec<usize>>) -> Vec<usize> {
    let node = &plan.nodes[at];
    let Some(lister) = node.parent else { return Vec::new() };
    let label = node.label.as_deref().unwrap_or_default();
    let within = lister..plan.nodes[lister].end;
    let mut all: Vec<usize> = names(label)
        .filter_map(|name| mentions.get(name))
        .flat_map(|nodes| {
            let first = nodes.partition_point(|asker| *asker < within.start);
            let inside = nodes.iter().skip(first).take_while(|asker| **asker < within.end);
            inside.filter(|asker| !(at..node.end).contains(asker)).take(MOST_ASKERS).copied()
        })
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}
