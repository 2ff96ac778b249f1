//! What [`unindexed-lookup`](crate::judge::rules::mongodb::unindexed_lookup) finds in explain documents.

use super::mongodb::{self, About};
use super::mysql_about::sentence;
use super::{Hit, each_plan};
use crate::judge::advice::mongodb_index::{self, Candidate};
use crate::judge::advice::{ident, rewrite};
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::Finding;
use crate::judge::plan_words::number;
use crate::judge::rules::Rule;
use crate::judge::words::percent;
use crate::model::plan::Node;

/// Looks at the plans for the rule.
pub(in crate::judge::rules) fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

/// Whether a stage joins another collection by scanning it.
fn scans_other(node: &Node) -> bool {
    let is_lookup = node.native.starts_with("$lookup") || node.native.starts_with("EQ_LOOKUP");
    let scans = node.number("collectionScans").is_some_and(|scans| scans > 0.0)
        || node.text("strategy") == Some("NestedLoopJoin");
    is_lookup && scans
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let nodes = plan.plan().nodes.iter().enumerate();
    nodes
        .filter(|(_, node)| mongodb::is_apart(plan) && scans_other(node))
        .filter_map(|(at, node)| {
            let docs = mongodb::docs(node);
            let share = plan.metrics().nodes.get(at)?.share.unwrap_or(1.0);
            if docs.is_some_and(|docs| docs < mongodb::MANY) || share < mongodb::MIN_SHARE {
                return None;
            }
            let read = docs.map_or(String::new(), |docs| format!(", {} documents", number(docs)));
            let fact = format!(
                "$lookup scans {} for each document that reaches it{read}",
                node.relation.as_deref().unwrap_or("the joined collection")
            );
            Some(Hit { at, share, fact })
        })
        .collect()
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let Some(node) = plan.plan().nodes.get(hit.at) else { return };
    let about = About::new(evidence, plan);
    let joined = node.relation.as_deref().unwrap_or_default();
    finding.title = format!("$lookup scans `{}`", ident::shown(joined));
    finding.message = format!(
        "{} {}. That is up to {} of the operation.",
        about.scope(),
        sentence(&hit.fact),
        percent(hit.share)
    );
    let command = about.class().and_then(|class| class.command());
    let database = command.map_or("", |command| command.database());
    let joins = command.into_iter().flat_map(|command| &command.stages);
    let candidates: Vec<_> = joins
        .filter_map(|stage| stage.lookup.as_ref().filter(|join| join.from == joined))
        .filter_map(|join| {
            let field = join.foreign_field.as_deref().filter(|field| *field != "_id")?;
            Some(Candidate::of_field(database, &join.from, field))
        })
        .collect();
    finding.fixes.push(match command.filter(|_| !candidates.is_empty()) {
        Some(command) => mongodb_index::fix(&candidates, command),
        None => rewrite::code(
            "Give the $match at the beginning of the inner pipeline an index on the joined collection; where \
             it compares by $expr, use localField and foreignField.",
            "The plan does not tell by which field the joined documents are found.",
        ),
    });
    finding.verify = mongodb::verify(
        "strategy IndexedLoopJoin (or an index among indexesUsed) for the $lookup in place of \
         NestedLoopJoin",
    );
    finding.trade_offs =
        "One more index on the joined collection to store and to maintain.".to_owned();
}
