//! `late-limit`: a LIMIT with OFFSET makes many rows and returns few.

use super::postgres::{MIN_SHARE, POSTGRES, code, inputs, nodes, say, tree_share, verify};
use super::{Hit, each_plan};
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Confidence, Finding, Severity};
use crate::judge::plan_words::number;
use crate::judge::rules::Rule;
use crate::model::plan::Operator;

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN012",
    name: "late-limit",
    title: "Rows are made to be skipped",
    target: "queries",
    engines: POSTGRES,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A Limit whose input gave at least 1,000 rows, ten times as many as it returned. Only OFFSET \
does that.

## Why it matters

The server makes every skipped row and throws it away, so a page costs more the further back \
it lies.

## What to do

Remember the sort key of the last row of a page, and ask for the rows after it. With an \
index on the sort key each page costs the same.

## When to ignore it

When the interface must jump to any page, or one rare job fetches the deep pages.
";

/// Rows that the input must give, and how many times as many as are returned.
const MIN_ROWS: f64 = 1_000.0;
const TIMES: f64 = 10.0;

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let limits = nodes(plan).filter(|seen| seen.node.operator == Operator::Limit);
    limits
        .filter_map(|seen| {
            let input = inputs(plan, seen.at).into_iter().next()?;
            let (given, made) = (seen.rows()?, input.rows()?);
            let part = (made - given) / made.max(1.0);
            let share = tree_share(plan, seen.at) * part;
            let fact = format!(
                "Limit takes {} rows from {} and returns {}",
                number(made),
                input.name(),
                number(given)
            );
            let is_much = made >= MIN_ROWS && made >= TIMES * given && share >= MIN_SHARE;
            is_much.then_some(Hit { at: seen.at, share, fact })
        })
        .collect()
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let made = inputs(plan, hit.at).first().and_then(|input| input.rows()).unwrap_or_default();
    let title = format!("OFFSET skips most of {} rows", number(made));
    say(evidence, plan, hit, finding, title, "Each skipped row is made first.");
    finding.confidence = Confidence::High;
    finding.fixes.push(code(
        "Keep the sort key of the page's last row, and ask for the rows after it (WHERE (key, id) > \
         (…) ORDER BY key, id LIMIT n) in place of OFFSET.",
        "The sort key must be unique and NOT NULL: a unique column comes last in it. It pays with an \
         index on the sort key, after the columns that are tested for equality.",
    ));
    finding.verify = verify(
        evidence,
        plan,
        "an Index Scan under the Limit that gives as many rows as the Limit, for a late page too",
    );
    finding.trade_offs =
        "Gives up jumps to a page number: only the next and the previous page can be asked for."
            .to_owned();
}
