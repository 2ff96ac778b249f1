//! `single-row-insert-storm`: rows are inserted one statement at a time, many a second.

use super::{MYSQL, candidate, load, on_tables, weighty};
use crate::judge::advice::rewrite;
use crate::judge::evidence::{ClassEvidence, Evidence};
use crate::judge::finding::{Finding, Severity};
use crate::judge::rules::Rule;
use crate::judge::words;
use crate::lang::sql::shape::Verb;

/// Fewer runs than this are no load of inserting.
const MIN_CALLS: u64 = 1000;
/// Runs a second in the busiest stretch from which rows could be sent together.
const MIN_PER_SECOND: f64 = 50.0;

/// The rule.
pub static RULE: Rule = Rule {
    code: "QRY018",
    name: "single-row-insert-storm",
    title: "Rows are inserted one by one",
    target: "queries",
    engines: MYSQL,
    at_most: Severity::Medium,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

An INSERT or REPLACE of one row that ran 1,000 times or more, and 50 times a second or more in the \
busiest stretch of the log.

## Why it matters

Each statement is a round trip, a parse and, without a transaction around many of them, a flush of the \
logs to disk at its commit. A hundred rows in one statement cost little more than one.

## What to do

Where one piece of code writes them in a loop: several rows in one INSERT, some hundred at a time, or at \
least one transaction around the loop. The log shows the rate, not who runs it: rows that many users \
write one each cannot be put together.

## When to ignore it

When each row is one user's action and must be there before the answer.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for class in weighty(rule, evidence) {
        let stats = &class.class.stats;
        let one_row = class.class.facts.max_values_rows == 1 && class.shape.verb == Verb::Insert;
        if !one_row || stats.calls < MIN_CALLS {
            continue;
        }
        let width_s = stats.timeline.width_s().max(1) as f64;
        let busiest = stats.timeline.slots().map(|(_, slot)| slot.calls).max().unwrap_or(0);
        let per_second = busiest as f64 / width_s;
        if per_second >= MIN_PER_SECOND {
            out.push(finding(rule, evidence, class, per_second));
        }
    }
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    class: &ClassEvidence<'_>,
    per_second: f64,
) -> Finding {
    let mut finding = rule.about(evidence, class);
    candidate(&mut finding);
    finding.title = format!("Rows inserted one by one{}", on_tables(class));
    finding.message = format!(
        "{}. In the busiest stretch of the log {} a second were run, one row each; whether one piece of \
         code sends them is not in the log.",
        load(class),
        words::count(per_second as u64)
    );
    finding.fixes.push(rewrite::code(
        "Where a loop sends them: INSERT INTO … VALUES (…), (…), … with some hundred rows a statement, or \
         one transaction around the loop.",
        "One statement fails or succeeds as a whole: an error of one row then concerns all of them. It \
         must stay below max_allowed_packet.",
    ));
    finding.verify =
        "The next log has fewer runs of the class, and others with several rows each; the \
                      driver's own batch mode must rewrite them into one statement."
            .to_owned();
    finding.trade_offs =
        "Rows wait until the batch is full, and one large transaction makes replicas \
                          lag for as long as it runs."
            .to_owned();
    finding
}
