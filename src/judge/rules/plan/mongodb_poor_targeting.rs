//! What [`poor-targeting`](crate::judge::rules::mongodb::poor_targeting) finds in explain documents.

use super::mongodb::{self, About};
use super::mysql_about::sentence;
use super::{Hit, each_plan};
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::Finding;
use crate::judge::plan_words::number;
use crate::judge::rules::Rule;
use crate::judge::words::percent;
use crate::model::plan::Operator;

/// Looks at the plans for the rule.
pub(in crate::judge::rules) fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

/// Share of the documents fetched that may match.
const FEW: f64 = 0.1;

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let tree = plan.plan();
    let fetches = tree.nodes.iter().enumerate();
    fetches
        .filter(|(_, node)| mongodb::is_apart(plan) && node.operator == Operator::Fetch)
        .filter_map(|(at, node)| {
            let (docs, matched) = (mongodb::docs(node)?, mongodb::gave(node)?);
            let share = mongodb::share(plan, at);
            if docs < mongodb::MANY || matched >= FEW * docs || share < mongodb::MIN_SHARE {
                return None;
            }
            let by = tree.nodes[at..node.end].iter().find_map(|node| node.index.as_deref());
            let fact = format!(
                "index {} finds {} documents, which are fetched; {} of them match",
                by.unwrap_or("?"),
                number(docs),
                number(matched)
            );
            Some(Hit { at, share: share * (1.0 - matched / docs), fact })
        })
        .collect()
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let about = About::new(evidence, plan);
    finding.title = format!("Documents of {} are fetched to be thrown away", about.place());
    finding.message = format!(
        "{} {}: the others are fetched only to fail the filter. That is up to {} of the operation.",
        about.scope(),
        sentence(&hit.fact),
        percent(hit.share)
    );
    about.advise(
        finding,
        "Put the fields of the filter into the index, behind those that it finds the documents by.",
    );
    finding.verify = mongodb::verify(
        "bounds on every field that is compared, and no filter in the FETCH stage above the index",
    );
}
