//! `mongodb-scatter-gather`: every shard is asked because the filter has no shard key.

use super::mongodb::{self, About};
use super::mysql_about::sentence;
use super::{Hit, each_plan};
use crate::judge::advice::rewrite;
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Finding, Severity};
use crate::judge::rules::Rule;
use crate::judge::words::counted;
use crate::model::event::Engine;
use crate::model::plan::Operator;

/// The rule.
pub static RULE: Rule = Rule {
    code: "MDB017",
    name: "mongodb-scatter-gather",
    title: "Every shard is asked",
    target: "queries",
    engines: &[Engine::Mongodb],
    at_most: Severity::Medium,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

An explain document of a sharded cluster in which three or more shards were asked (`SHARD_MERGE`, \
`SHARD_MERGE_SORT`), and half of them or more found nothing.

## Why it matters

The router cannot tell which shard has the documents, so each is asked, and the slowest decides. \
More shards make such a query no faster.

## What to do

Add the shard key (or its first fields) to the filter where the application knows it. Where most \
queries do not, another shard key fits better: reshard (5.0 and later).

## When to ignore it

When the query is about all shards, or runs rarely.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

/// Shards from which asking all of them is worth a word.
const MANY_SHARDS: usize = 3;
/// Share of the shards that must have found nothing.
const MOST: f64 = 0.5;

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let tree = plan.plan();
    let gathers = tree.nodes.iter().enumerate();
    gathers
        .filter(|(_, node)| node.operator == Operator::Gather)
        .filter_map(|(at, _)| {
            let shards: Vec<_> = tree.children(at).map(|shard| &tree.nodes[shard]).collect();
            let idle = shards.iter().filter(|shard| mongodb::gave(shard) == Some(0.0)).count();
            if shards.len() < MANY_SHARDS || (idle as f64) < MOST * shards.len() as f64 {
                return None;
            }
            let fact = format!(
                "{} are asked, and {idle} of them find nothing",
                counted(shards.len() as u64, "shard")
            );
            Some(Hit { at, share: mongodb::share(plan, at), fact })
        })
        .collect()
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let about = About::new(evidence, plan);
    finding.title = format!("Every shard of {} is asked", about.place());
    finding.message = format!(
        "{} {}: the filter does not tell the router where the documents are.",
        about.scope(),
        sentence(&hit.fact)
    );
    finding.fixes.push(rewrite::code(
        "Add the shard key, or its first fields, to the filter where the application knows it.",
        "`sh.status()` and `db.collection.getShardDistribution()` show the key and where the documents are. \
         Another shard key is a move of all documents (reshardCollection, 5.0 and later): only where most \
         queries have no use for this one.",
    ));
    finding.verify = mongodb::verify("SINGLE_SHARD in place of SHARD_MERGE");
    finding.trade_offs =
        "None to add a field that is known; a new shard key moves every document.".to_owned();
}
