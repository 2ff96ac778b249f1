//! A plan's nodes as people read them: one line each, in the engine's own words, with what was
//! expected, what came, and what it took.

use super::words;
use crate::model::plan::metrics::{Bounded, Metrics};
use crate::model::plan::{Actual, Node, Plan, Role, Value};

/// Characters of a detail that are shown.
const MAX_DETAIL: usize = 160;
/// Details that are numbers of a node's own line in other words, or that nobody reads a plan for.
const HIDDEN: [&str; 31] = [
    "Output",
    "Schema",
    "Parallel Aware",
    "Async Capable",
    "Workers",
    "Shared Hit Blocks",
    "Shared Read Blocks",
    "Local Hit Blocks",
    "Local Read Blocks",
    "used_columns",
    "possible_keys",
    "rows_produced_per_join",
    "read_cost",
    "eval_cost",
    "prefix_cost",
    "data_read_per_join",
    "r_total_time_ms",
    "r_table_time_ms",
    "r_other_time_ms",
    "r_engine_stats",
    "r_buffer_size",
    "r_sort_mode",
    "using_filesort",
    "id",
    "opens",
    "closes",
    "saveState",
    "restoreState",
    "isEOF",
    "works",
    "advanced",
];
/// Details of a node that an excerpt shows.
const EXCERPT_DETAILS: usize = 6;

/// What a node is and what it reads: `Index Scan using orders_pkey on orders o`.
pub fn name(node: &Node) -> String {
    let mut out = node.native.to_string();
    let mut add = |word: &str, what: &Option<Box<str>>| {
        if let Some(what) = what {
            out += &format!(" {word} {what}");
        }
    };
    add("using", &node.index);
    add("on", &node.relation);
    if node.alias != node.relation
        && let Some(alias) = &node.alias
    {
        out += &format!(" {alias}");
    }
    match (&node.label, node.role) {
        (Some(label), _) => format!("{label}: {out}"),
        (None, Role::Cte) => format!("CTE: {out}"),
        (None, _) => out,
    }
}

/// What is known of a node's rows and time, in a few words.
pub fn figures(plan: &Plan, metrics: &Metrics, at: usize) -> String {
    let (Some(node), Some(of)) = (plan.nodes.get(at), metrics.nodes.get(at)) else {
        return String::new();
    };
    let mut parts = Vec::new();
    match (&node.actual, node.estimated.rows) {
        (Actual::Never, _) => parts.push("never executed".to_owned()),
        (Actual::Ran(ran), expected) => {
            let rows = ran.rows.map(|rows| rows.per_loop(ran.loops).0);
            match (rows, expected) {
                (Some(rows), Some(expected)) => {
                    parts.push(format!("rows {} of {} expected", number(rows), number(expected)));
                }
                (Some(rows), None) => parts.push(format!("rows {}", number(rows))),
                _ => {}
            }
            if ran.loops != 1 {
                parts.push(words::counted(ran.loops, "loop"));
            }
        }
        (Actual::Unknown, Some(expected)) => {
            parts.push(format!("rows {} expected", number(expected)));
        }
        (Actual::Unknown, None) => {}
    }
    if let Some(time) = of.self_ms {
        parts.push(format!("self {}{}", milliseconds(time), share(of.share)));
    } else if let Some(cost) = of.self_cost {
        parts.push(format!("self cost {}{}", number(cost), share(of.share)));
    }
    if let Some(blocks) = of.self_blocks.filter(|blocks| *blocks > 0.0) {
        let read = of.self_blocks_read.filter(|read| *read > 0.0);
        let read = read.map_or(String::new(), |read| format!(", {} read", number(read)));
        parts.push(format!("blocks {}{read}", number(blocks)));
    }
    if let Some(off) = of.estimate.filter(|off| off.factor >= 10.0) {
        let how = if off.is_under { "too few" } else { "too many" };
        parts.push(format!("estimate {} × {how}", number(off.factor)));
    }
    parts.join(", ")
}

fn share(share: Option<f64>) -> String {
    share.map_or(String::new(), |share| format!(" ({})", words::percent(share)))
}

/// A time, with its error bound where that is more than a tenth of it.
pub fn milliseconds(time: Bounded) -> String {
    let shown = words::duration_us(time.value * 1e3);
    match time.within > time.value.abs() / 10.0 && time.within > 0.001 {
        true => format!("{shown} ± {}", words::duration_us(time.within * 1e3)),
        false => shown,
    }
}

/// A number of rows, blocks or cost units.
pub fn number(value: f64) -> String {
    match value {
        v if v >= 100.0 || v.fract() == 0.0 => words::count(v.round() as u64),
        v => format!("{v:.2}").trim_end_matches('0').trim_end_matches('.').to_owned(),
    }
}

/// A node in one line.
pub fn line(plan: &Plan, metrics: &Metrics, at: usize) -> String {
    let Some(node) = plan.nodes.get(at) else { return String::new() };
    let figures = figures(plan, metrics, at);
    match figures.is_empty() {
        true => name(node),
        false => format!("{}  ({figures})", name(node)),
    }
}

/// The details of a node, one in a line.
pub fn details(node: &Node) -> impl Iterator<Item = String> {
    let told = node.details.iter().filter(|(name, _)| !HIDDEN.contains(name));
    told.filter_map(|(name, value)| {
        let text = shown(value)?;
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let cut = text.char_indices().nth(MAX_DETAIL).map_or(text.len(), |(at, _)| at);
        let more = if cut < text.len() { "…" } else { "" };
        Some(format!("{name}: {}{more}", &text[..cut]))
    })
}

fn shown(value: &Value) -> Option<String> {
    match value {
        Value::Nothing | Value::Flag(false) => None,
        Value::Flag(true) => Some("yes".to_owned()),
        // Most counters of most nodes are zero.
        Value::Number(0.0) => None,
        Value::Number(one) => Some(number(*one)),
        Value::Text(text) => Some(text.to_string()),
        Value::List(items) => Some(items.iter().filter_map(shown).collect::<Vec<_>>().join(", ")),
        Value::Group(group) => {
            let parts =
                group.iter().filter_map(|(name, one)| Some(format!("{name}={}", shown(one)?)));
            Some(parts.collect::<Vec<_>>().join(" "))
        }
    }
}

/// The guilty part of a plan: the node, its place below the root, and what it says.
pub fn excerpt(plan: &Plan, metrics: &Metrics, at: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut indent = String::new();
    if let Some(parent) = plan.ancestors(at).next() {
        lines.push(line(plan, metrics, parent));
        indent = "  ".to_owned();
    }
    lines.push(format!("{indent}-> {}", line(plan, metrics, at)));
    let node = plan.nodes.get(at);
    let conditions = node.into_iter().flat_map(|node| details(node).take(EXCERPT_DETAILS));
    lines.extend(conditions.map(|detail| format!("{indent}     {detail}")));
    lines
}
