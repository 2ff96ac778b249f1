//! The plans that a report shows: those of the classes shown, those that findings are about, and
//! those that belong to no class.

use super::{Draft, ms};
use crate::judge::evidence::PlanEvidence;
use crate::judge::finding::Finding;
use crate::judge::plan_words::{self, number};
use crate::judge::words;
use crate::model::plan::Actual;
use crate::model::plan::metrics::{Bounded, NodeMetrics};
use crate::model::workload::planned::UntoldPlans;
use crate::report::types::{Found, Plan, PlanNode, PlanPart, PlanRow, Query, UnreadPlan};
use std::collections::BTreeSet;

/// Plans of no class that are shown, unless all are asked for.
const MAX_LOOSE: usize = 50;
/// Operators nested deeper than this are counted only: few readers of JSON go further.
const MAX_DEPTH: usize = 60;
/// From this factor on a wrong estimate is marked.
const OFF: f64 = 10.0;

/// The plans to show, in the order of the evidence, and how many of no class are left out; notes in
/// each class which are its own.
pub fn choose(draft: &Draft<'_>, queries: &mut [Query], findings: &[Found]) -> (Vec<Plan>, usize) {
    let wanted: BTreeSet<&str> =
        findings.iter().filter_map(|found| found.finding.plan_id.as_deref()).collect();
    let (mut loose, mut omitted) = (0, 0);
    let mut plans = Vec::new();
    for seen in &draft.evidence.plans {
        let query = seen.class.and_then(|class| {
            let id = class.id.to_string();
            queries.iter_mut().find(|query| query.id == id && query.server == seen.server.label)
        });
        let shown = match (&query, seen.class) {
            (Some(_), _) => true,
            // Its class has no run, so it stands in no table.
            (None, Some(class)) if class.stats.calls > 0 => wanted.contains(&*seen.id),
            (None, _) => {
                loose += 1;
                let shown =
                    draft.options.every_plan || loose <= MAX_LOOSE || wanted.contains(&*seen.id);
                omitted += usize::from(!shown);
                shown
            }
        };
        if !shown {
            continue;
        }
        if let Some(query) = query {
            query.plans.push(seen.id.clone());
        }
        plans.push(plan(draft, seen, findings));
    }
    (plans, omitted)
}

/// Plans of which no more than their number is known, over all servers.
pub fn untold(draft: &Draft<'_>) -> (UntoldPlans, Option<UnreadPlan>) {
    let mut all = UntoldPlans::default();
    for server in &draft.evidence.facts.servers {
        all.add(server.workload.untold_plans());
    }
    let first = all.first_unread.as_ref().map(|(place, error)| UnreadPlan {
        source: draft.evidence.facts.source(*place),
        message: error.message.clone(),
    });
    (all, first)
}

fn plan(draft: &Draft<'_>, seen: &PlanEvidence<'_>, findings: &[Found]) -> Plan {
    let (plan, metrics) = (seen.plan(), seen.metrics());
    let about = |finding: &Finding| finding.plan_id.as_deref() == Some(&*seen.id);
    let mut trees = Vec::new();
    let mut root = 0;
    while root < plan.nodes.len() {
        trees.push(node(seen, root, 0));
        root = plan.nodes[root].end.max(root + 1);
    }
    let mut trees = trees.into_iter();
    Plan {
        id: seen.id.clone(),
        engine: plan.engine,
        server: seen.server.label.clone(),
        query_id: seen.class.map(|class| class.id.to_string()),
        source: seen.source(draft.evidence.facts),
        format: plan.format,
        statement: plan.statement.as_deref().map(str::to_owned),
        total_ms: seen.seen().duration_us.map(ms),
        planning_ms: plan.planning_ms,
        nodes: plan.nodes.len(),
        measured: metrics.is_measured,
        tree: trees.next().unwrap_or_else(|| node(seen, 0, 0)),
        other_trees: trees.collect(),
        other_parts: metrics
            .others
            .iter()
            .map(|part| PlanPart {
                name: part.name.clone(),
                time_ms: rounded(part.time_ms.value),
                error_ms: rounded(part.time_ms.within),
            })
            .collect(),
        details: plan.details.clone(),
        findings: findings
            .iter()
            .filter(|found| about(&found.finding))
            .map(|found| found.finding.key.clone())
            .collect(),
        count: seen.shape.count,
        shape_total_ms: ms(seen.shape.total_us),
        rows: (0..plan.nodes.len()).map(|at| row(seen, at)).collect(),
    }
}

fn node(seen: &PlanEvidence<'_>, at: usize, depth: usize) -> PlanNode {
    let plan = seen.plan();
    let none = NodeMetrics::default();
    let of = seen.metrics().nodes.get(at).unwrap_or(&none);
    let node_ = &plan.nodes[at];
    let ran = node_.measured();
    let text = |text: &Option<Box<str>>| text.as_deref().map(str::to_owned);
    let value = |bounded: Option<Bounded>| bounded.map(|bounded| rounded(bounded.value));
    let deeper = depth >= MAX_DEPTH;
    PlanNode {
        operator: node_.operator,
        native: node_.native.to_string(),
        role: node_.role,
        label: text(&node_.label),
        relation: text(&node_.relation),
        alias: text(&node_.alias),
        index: text(&node_.index),
        rows_estimated: node_.estimated.rows,
        rows_actual: ran.and_then(|ran| Some(ran.rows?.per_loop(ran.loops).0)).map(rounded),
        rows_total: value(of.rows),
        loops: ran.map(|ran| ran.loops),
        never_executed: node_.actual == Actual::Never,
        total_ms: value(of.total_ms),
        self_ms: value(of.self_ms),
        self_ms_error: of.self_ms.map(|time| rounded(time.within)),
        share: of.share.map(|share| (share * 1e4).round() / 1e4),
        total_cost: node_.estimated.total_cost,
        self_cost: of.self_cost.map(rounded),
        estimate_factor: of.estimate.map(|off| rounded(off.factor)),
        self_blocks: of.self_blocks,
        details: node_.details.clone(),
        children: match deeper {
            true => Vec::new(),
            false => plan.children(at).map(|child| node(seen, child, depth + 1)).collect(),
        },
        deeper: if deeper { node_.end.saturating_sub(at + 1) } else { 0 },
    }
}

/// To microseconds, so that no false digits are shown.
fn rounded(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}

fn row(seen: &PlanEvidence<'_>, at: usize) -> PlanRow {
    let plan = seen.plan();
    let none = NodeMetrics::default();
    let of = seen.metrics().nodes.get(at).unwrap_or(&none);
    let node = &plan.nodes[at];
    let ran = node.measured();
    let actual = ran.and_then(|ran| Some(ran.rows?.per_loop(ran.loops).0));
    let mut flags = Vec::new();
    if node.actual == Actual::Never {
        flags.push("never executed".to_owned());
    }
    if let Some(off) = of.estimate.filter(|off| off.factor >= OFF) {
        let sign = if off.is_under { "↑" } else { "↓" };
        flags.push(format!("estimate {sign} {}×", number(off.factor)));
    }
    PlanRow {
        own: match (of.self_ms, of.self_cost) {
            (Some(time), _) => plan_words::milliseconds(time),
            (None, Some(cost)) => number(cost),
            (None, None) => String::new(),
        },
        share: of.share,
        rows: match (actual, node.estimated.rows) {
            (Some(rows), Some(expected)) => format!("{} ({})", number(rows), number(expected)),
            (Some(rows), None) => number(rows),
            (None, Some(expected)) => format!("({})", number(expected)),
            (None, None) => String::new(),
        },
        loops: ran.map_or(String::new(), |ran| words::count(ran.loops)),
        blocks: of.self_blocks.filter(|blocks| *blocks > 0.0).map_or(String::new(), number),
        flags: flags.join(", "),
        depth: node.depth,
        name: plan_words::name(node),
        details: plan_words::details(node).collect(),
    }
}
