//! `sqlite-union-temp-b-tree`: the rows of a UNION are compared with each other to drop doubles.

use super::sqlite::{self, About};
use super::{Hit, each_plan};
use crate::judge::advice::rewrite;
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Finding, Severity};
use crate::judge::rules::Rule;

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN074",
    name: "sqlite-union-temp-b-tree",
    title: "A UNION drops doubles in a temporary B-tree",
    target: "queries",
    engines: sqlite::ENGINES,
    at_most: Severity::Medium,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A plan of SQLite with `UNION USING TEMP B-TREE`.

## Why it matters

Each row of each part is looked up in a B-tree of all rows, to return it once. Nothing can be \
returned in the order of an index.

## What to do

UNION ALL where the parts cannot have equal rows, or where doubles do no harm.

## When to ignore it

When the doubles are there and must go.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, tell);
}

/// The line of a UNION that drops doubles.
const UNION: &str = "UNION USING TEMP B-TREE";

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let nodes = plan.plan().nodes.iter().enumerate();
    nodes
        .filter(|(_, node)| &*node.native == UNION)
        .filter_map(|(at, _)| {
            let share = sqlite::share(plan, at)?;
            let fact = "the parts of a UNION are put into a temporary B-tree".to_owned();
            Some(Hit { at, share, fact })
        })
        .collect()
}

fn tell(plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let Some(node) = plan.plan().nodes.get(hit.at) else { return };
    let about = About::new(plan, node);
    finding.title = "A UNION looks for doubles in a temporary B-tree".to_owned();
    finding.message = format!("{} {}.", about.scope(), sqlite::sentence(&hit.fact));
    about.weigh(finding);
    finding.fixes.push(rewrite::code(
        "UNION ALL in place of UNION, where the parts cannot have equal rows.",
        "UNION also drops equal rows within one part, and takes NULLs for equal: UNION ALL is the same only \
         where each part has a key in its columns and no row is in two parts.",
    ));
    finding.verify = sqlite::verify("UNION ALL, and no TEMP B-TREE");
    finding.trade_offs = "Doubles that are there would be returned.".to_owned();
}
