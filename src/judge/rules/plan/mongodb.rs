//! What the rules about MongoDB's plans share: the documents that a stage examines, the command behind
//! a plan, the index that it calls for, and words. Judges nothing.
//!
//! These rules look at plans that no log tells the load of (explain documents); of logged operations
//! the numbers of the records tell as much, and the rules about workloads speak.

use crate::judge::advice::{ident, mongodb_explain, mongodb_index, rewrite};
use crate::judge::evidence::{ClassEvidence, Evidence, PlanEvidence};
use crate::judge::finding::{Confidence, Finding};
use crate::judge::words::duration_us;
use crate::model::plan::{Node, Plan};

/// Fewer documents or keys than this are read so fast that an index has nothing to gain.
pub(super) const MANY: f64 = 1000.0;
/// Part of the operation that a fault must take.
pub(super) const MIN_SHARE: f64 = 0.1;

/// A plan with what is known about its command.
pub(super) struct About<'e, 'f> {
    plan: &'e PlanEvidence<'f>,
    class: Option<ClassEvidence<'f>>,
}

impl<'e, 'f> About<'e, 'f> {
    /// What is known about the command of a plan.
    pub fn new(evidence: &Evidence<'f>, plan: &'e PlanEvidence<'f>) -> Self {
        About { plan, class: evidence.class_of(plan) }
    }

    /// The class of the command, where the plan tells it.
    pub fn class(&self) -> Option<&ClassEvidence<'f>> {
        self.class.as_ref()
    }

    /// The collection as code: `shop.orders`.
    pub fn place(&self) -> String {
        format!("`{}`", ident::shown(self.namespace()))
    }

    /// The collection with its database, as far as the plan or its command tells it.
    pub fn namespace(&self) -> &str {
        let of_class = self.class.as_ref().and_then(ClassEvidence::command);
        let of_plan = || {
            let plan = self.plan.plan();
            let relation = plan.nodes.iter().find_map(|node| node.relation.as_deref());
            plan.details.text("namespace").or(relation).unwrap_or("?")
        };
        of_class.map_or_else(of_plan, |command| &command.namespace)
    }

    /// How far the numbers of the finding reach.
    pub fn scope(&self) -> String {
        match self.plan.seen().duration_us {
            Some(us) => format!("The plan is of one run of {}.", duration_us(us as f64)),
            None if self.plan.plan().is_executed() => "The plan is of one run.".to_owned(),
            None => "The plan was not executed: it tells no numbers.".to_owned(),
        }
    }

    /// The index that the command calls for, or what to do by hand; how sure that is, and what it
    /// costs.
    pub fn advise(&self, finding: &mut Finding, otherwise: &str) {
        finding.confidence = match self.plan.plan().is_executed() {
            true => Confidence::Medium,
            false => Confidence::Low,
        };
        let command = self.class.as_ref().and_then(ClassEvidence::command);
        let candidates = match (&self.class, command) {
            (Some(class), Some(command)) => mongodb_index::candidates(class, command),
            _ => Vec::new(),
        };
        match command.filter(|_| !candidates.is_empty()) {
            Some(command) => finding.fixes.push(mongodb_index::fix(&candidates, command)),
            None => finding.fixes.push(rewrite::code(
                otherwise,
                "No index can be read off the command as the plan tells it.",
            )),
        }
        finding.trade_offs =
            "One more index to store, and to maintain at every write to the collection.".to_owned();
    }
}

/// How to see that a fix worked.
pub(super) fn verify(shows: &str) -> String {
    mongodb_explain::verify(shows)
}

/// Documents that a stage examined itself, over all its runs.
pub(super) fn docs(node: &Node) -> Option<f64> {
    ["docsExamined", "totalDocsExamined", "nscannedObjects"]
        .iter()
        .find_map(|name| node.number(name))
}

/// Documents or keys that a stage gave, over all its runs.
pub(super) fn gave(node: &Node) -> Option<f64> {
    let ran = node.measured()?;
    Some(ran.rows?.total(ran.loops).0)
}

/// The part of the operation that a stage takes with all that is below it; all of it where nothing is
/// measured.
pub(super) fn share(plan: &PlanEvidence<'_>, at: usize) -> f64 {
    let end = plan.plan().nodes.get(at).map_or(at, |node| node.end);
    let told = plan.metrics().nodes.get(at..end).unwrap_or_default();
    let known: Vec<f64> = told.iter().filter_map(|node| node.share).collect();
    match known.is_empty() {
        true => 1.0,
        false => known.iter().sum::<f64>().min(1.0),
    }
}

/// Whether these rules look at a plan: no log tells its load.
pub(super) fn is_apart(plan: &PlanEvidence<'_>) -> bool {
    plan.load_share.is_none()
}

/// The first stage of a name at or below another one.
pub(super) fn below(
    plan: &Plan,
    at: usize,
    is_it: impl Fn(&Node) -> bool,
) -> Option<(usize, &Node)> {
    let end = plan.nodes.get(at)?.end;
    let mut nodes = plan.nodes.iter().enumerate().take(end).skip(at);
    nodes.find(|(_, node)| is_it(node))
}
