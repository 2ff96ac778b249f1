//! What the rules about PostgreSQL's plans share: nodes with what is known of them, counts that
//! rounding cannot have made up, and the words that say what a part of a plan is worth.

use super::Hit;
use crate::judge::advice::index::Candidate;
use crate::judge::advice::{lookup, memory, plan_index, rewrite, setting, verify};
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Finding, Fix};
use crate::judge::plan_words;
use crate::judge::words::{counted, duration_us, percent};
use crate::model::event::Engine;
use crate::model::plan::metrics::NodeMetrics;
use crate::model::plan::{Node, Operator, Plan, Role};

/// The engines of these rules.
pub(super) const POSTGRES: &[Engine] = &[Engine::Postgres];
/// Share of a statement below which no fix is worth a finding.
pub(super) const MIN_SHARE: f64 = 0.1;
/// Half of the last digit of a count that is printed as the mean of all loops.
const COUNT_ROUNDING: f64 = 0.5;
/// Bytes of a block.
pub(super) const BLOCK_BYTES: u64 = 8192;

/// A node with what is known of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen<'p> {
    /// Its number.
    pub at: usize,
    /// The node.
    pub node: &'p Node,
    /// Its arithmetic.
    pub metrics: &'p NodeMetrics,
}

impl<'p> Seen<'p> {
    /// Its own share of the statement's time, where that is more than rounding.
    pub fn share(self) -> Option<f64> {
        let is_noise = self.metrics.self_ms.is_some_and(|time| !time.is_sure());
        self.metrics.share.filter(|_| !is_noise)
    }

    /// How often it was started; `None` where it never ran or was not measured.
    pub fn loops(self) -> Option<f64> {
        self.node.measured().map(|ran| ran.loops as f64).filter(|loops| *loops > 0.0)
    }

    /// The rows that it gave, over all loops.
    pub fn rows(self) -> Option<f64> {
        self.loops()?;
        self.metrics.rows.map(|rows| rows.value)
    }

    /// A count that is printed as a mean of one loop, over all loops: at least so many, whatever
    /// rounding did to it.
    pub fn counted(self, name: &str) -> Option<f64> {
        let loops = self.loops()?;
        let rounding = if loops > 1.0 { COUNT_ROUNDING } else { 0.0 };
        Some(((self.node.number(name)? - rounding) * loops).max(0.0))
    }

    /// Rows that its filter removed for sure, and all that it tested, over all loops.
    pub fn filtered(self) -> Option<(f64, f64)> {
        let removed = self.counted("Rows Removed by Filter")?;
        Some((removed, removed + self.rows()?))
    }

    /// What it is and what it reads.
    pub fn name(self) -> String {
        plan_words::name(self.node)
    }

    /// The table that it reads.
    pub fn table(self) -> Option<&'p str> {
        self.node.relation.as_deref()
    }

    /// Blocks that it touched itself.
    pub fn blocks(self) -> f64 {
        self.metrics.self_blocks.unwrap_or(0.0)
    }
}

/// The nodes of a plan.
pub(super) fn nodes<'p>(plan: &'p PlanEvidence<'_>) -> impl Iterator<Item = Seen<'p>> {
    let metrics = &plan.metrics().nodes;
    let nodes = plan.plan().nodes.iter().zip(metrics).enumerate();
    nodes.map(|(at, (node, metrics))| Seen { at, node, metrics })
}

/// One node of a plan.
pub(super) fn node<'p>(plan: &'p PlanEvidence<'_>, at: usize) -> Option<Seen<'p>> {
    let node = plan.plan().nodes.get(at)?;
    Some(Seen { at, node, metrics: plan.metrics().nodes.get(at)? })
}

/// The nodes right below a node.
pub(super) fn inputs<'p>(plan: &'p PlanEvidence<'_>, at: usize) -> Vec<Seen<'p>> {
    plan.plan().children(at).filter_map(|child| node(plan, child)).collect()
}

/// The input of a join on one of its sides.
pub(super) fn side<'p>(plan: &'p PlanEvidence<'_>, at: usize, role: Role) -> Option<Seen<'p>> {
    inputs(plan, at).into_iter().find(|input| input.node.role == role)
}

/// The nodes of a tree, its root included.
pub(super) fn tree<'p>(plan: &'p PlanEvidence<'_>, at: usize) -> impl Iterator<Item = Seen<'p>> {
    let end = plan.plan().nodes.get(at).map_or(at, |node| node.end);
    (at..end).filter_map(move |at| node(plan, at))
}

/// The share of the statement that a tree takes, without what could be rounding.
pub(super) fn tree_share(plan: &PlanEvidence<'_>, at: usize) -> f64 {
    tree(plan, at).filter_map(Seen::share).sum::<f64>().min(1.0)
}

/// The node above.
pub(super) fn above<'p>(plan: &'p PlanEvidence<'_>, at: usize) -> Option<Seen<'p>> {
    node(plan, plan.plan().nodes.get(at)?.parent?)
}

/// Whether a node is started anew for the rows of another: on the inner side of a nested loop, or in
/// a subplan. Processes of a parallel plan are none.
pub(super) fn is_rerun(plan: &Plan, at: usize) -> bool {
    let starts =
        |at: usize| plan.nodes.get(at).and_then(|node| node.measured()).map_or(0, |ran| ran.loops);
    let is_driven = |at: usize| {
        let Some(node) = plan.nodes.get(at) else { return false };
        let parent = node.parent.and_then(|parent| plan.nodes.get(parent));
        let by_loop = parent.is_some_and(|parent| parent.operator == Operator::NestedLoop);
        node.role == Role::SubPlan || (node.role == Role::Inner && by_loop)
    };
    starts(at) > 1 && std::iter::once(at).chain(plan.ancestors(at)).any(is_driven)
}

/// Says what is wrong: the title, and a message of the fact, why it matters and what it is worth.
pub(super) fn say(
    evidence: &Evidence<'_>,
    plan: &PlanEvidence<'_>,
    hit: &Hit,
    finding: &mut Finding,
    title: String,
    why: &str,
) {
    finding.title = title;
    let fact = capitalised(&hit.fact);
    finding.message = format!("{fact}. {why} {}", worth(evidence, plan, hit));
}

/// A sentence's beginning.
pub(super) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// What a part of a plan is worth, with the scope of each number.
fn worth(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit) -> String {
    let part = percent(hit.share);
    let of_plan = match plan.seen().duration_us {
        Some(us) => format!(
            "A fix saves at most {part} of the {} that this plan's run took",
            duration_us(us as f64)
        ),
        None => format!("It is {part} of what the planner expects this plan to cost"),
    };
    match evidence.class_of(plan).filter(|class| class.class.stats.calls > 0) {
        None => format!("{of_plan}."),
        Some(class) => format!(
            "{of_plan}; {} took {} of logged time, {} of all.",
            counted(class.class.stats.calls, "call"),
            duration_us(class.class.stats.total_us as f64),
            percent(class.share)
        ),
    }
}

/// How to see that a fix worked, with a warning where the statement writes.
pub(super) fn verify(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, shows: &str) -> String {
    match evidence.class_of(plan).filter(|class| class.class.stats.calls > 0) {
        Some(class) => verify::explain(&class, shows),
        None => {
            let writes =
                |node: &Node| matches!(node.operator, Operator::Modify | Operator::LockRows);
            verify::of_postgres(plan.plan().nodes.iter().any(writes), shows)
        }
    }
}

/// An index as the fix, with what it costs; where none can be derived, the list of those that exist.
pub(super) fn advise_index(
    evidence: &Evidence<'_>,
    plan: &PlanEvidence<'_>,
    finding: &mut Finding,
    table: &str,
    candidate: Option<(Candidate, String)>,
) {
    match candidate {
        Some((candidate, reason)) => {
            finding.fixes.push(plan_index::fix(candidate, &reason, plan, evidence));
            finding.trade_offs = plan_index::cost(plan, evidence, table);
        }
        None => {
            finding.fixes.push(setting::look(
                lookup::indexes_of(table),
                "No column stands bare in the condition, so no index can be derived from it: look at \
                 those that are there, and write the condition on the bare column where that is possible.",
            ));
            finding.trade_offs = "None: the query only looks.".to_owned();
        }
    }
}

/// More memory for a node that spills, where that is a bounded amount; else the reason why not.
pub(super) fn advise_memory(
    evidence: &Evidence<'_>,
    plan: &PlanEvidence<'_>,
    finding: &mut Finding,
    wanted_bytes: u64,
    how: &str,
) {
    let wanted_mb = memory::power_of_two_mb(wanted_bytes);
    if wanted_mb > memory::MAX_WORK_MEM_MB {
        finding.trade_offs =
            "Memory is the wrong fix at this size: it would take more than 1 GB for \
                              one node of one process. Sort, join or group fewer rows and columns."
                .to_owned();
        return;
    }
    let class = evidence.class_of(plan).filter(|class| class.class.stats.calls > 0);
    finding.fixes.push(memory::trial(wanted_mb));
    finding.fixes.push(memory::for_role(class.as_ref(), user(evidence, plan), wanted_mb));
    finding.trade_offs = format!(
        "{wanted_mb} MB is an estimate: {how}; each sort or hash of each process of each run may take it."
    );
}

/// The only user of the plan's class, where the log names exactly one.
pub(super) fn user<'f>(evidence: &Evidence<'f>, plan: &PlanEvidence<'f>) -> Option<&'f str> {
    evidence.class_of(plan).and_then(|class| class.only_user())
}

/// A change in the statement or the application that no SQL can express.
pub(super) fn code(text: &str, note: &str) -> Fix {
    rewrite::code(text, note)
}

/// The scans of a tree that read a table by a condition, where the planner's guess was off by at
/// least so many times: the worst first.
pub(super) fn misjudged<'p>(
    plan: &'p PlanEvidence<'_>,
    at: usize,
    factor: f64,
) -> Option<Seen<'p>> {
    let off = |seen: &Seen<'_>| seen.metrics.estimate.map_or(1.0, |estimate| estimate.factor);
    tree(plan, at)
        .filter(|seen| seen.node.operator.reads_table() && seen.table().is_some())
        .filter(|seen| off(seen) >= factor)
        .max_by(|a, b| off(a).total_cmp(&off(b)).then(b.at.cmp(&a.at)))
}
