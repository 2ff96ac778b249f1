//! `slow-trigger`: the triggers of a statement take much of its time, mostly a foreign key without an index.

use super::postgres::{POSTGRES, code, say, verify};
use super::{Hit, each_plan};
use crate::judge::advice::{ident, lookup, setting};
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Finding, Severity};
use crate::judge::plan_words::number;
use crate::judge::rules::Rule;
use crate::judge::words::{duration_us, percent};
use crate::model::plan::Trigger;

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN015",
    name: "slow-trigger",
    title: "Triggers take a large part of a write",
    target: "indexes",
    engines: POSTGRES,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

Triggers that take at least 20 % of their statement's time. A constraint behind one is a \
foreign key's check.

## Why it matters

Deleting a row, or changing its key, makes PostgreSQL look for rows that refer to it. \
Without an index on the referring columns each check reads that whole table.

## What to do

Index the referring columns: the finding prints a query that writes the statement for the \
constraint. A trigger of your own is code to be read.

## When to ignore it

When the trigger does work that has to be done.
";

/// Share of the statement that a trigger must take.
const PART: f64 = 0.2;
/// A check that finds its rows by an index takes a fraction of this, in milliseconds.
const MIN_MS_PER_CALL: f64 = 0.2;

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let Some(total) = plan.metrics().total_ms.filter(|total| total.is_sure()) else {
        return Vec::new();
    };
    let triggers = plan.plan().triggers.iter();
    triggers
        .filter_map(|trigger| {
            let ms = trigger.time_ms?.value;
            let calls = trigger.calls as f64;
            let share = (ms / total.value).min(1.0);
            let fact = format!(
                "{} took {} in {} calls",
                words_of(trigger),
                duration_us(ms * 1e3),
                number(trigger.calls as f64)
            );
            (share >= PART && ms >= MIN_MS_PER_CALL * calls).then_some(Hit { at: 0, share, fact })
        })
        .collect()
}

fn words_of(trigger: &Trigger) -> String {
    match &trigger.constraint {
        Some(constraint) => format!("the check of {}", ident::quoted_part(constraint)),
        None => format!("the trigger {}", ident::quoted_part(&trigger.name)),
    }
}

/// The slowest trigger.
fn slowest<'p>(plan: &PlanEvidence<'p>) -> Option<&'p Trigger> {
    let ms = |trigger: &Trigger| trigger.time_ms.map_or(0.0, |time| time.value);
    plan.plan().triggers.iter().max_by(|a, b| ms(a).total_cmp(&ms(b)).then(b.name.cmp(&a.name)))
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let Some(trigger) = slowest(plan) else { return };
    let title = format!("{} takes {} of the statement", words_of(trigger), percent(hit.share));
    let title = title.replacen("the", "The", 1);
    let why = match trigger.constraint {
        Some(_) => "Without an index on the referring columns each check reads their whole table.",
        None => "It runs for the rows that the statement writes.",
    };
    say(evidence, plan, hit, finding, title, why);
    match &trigger.constraint {
        Some(constraint) => {
            finding.fixes.push(setting::look(
                lookup::index_for_foreign_key(constraint),
                "The last column is the statement to run, by itself and in no transaction; it is needed \
                 where none of the indexes of the table begins with these columns. DROP INDEX \
                 CONCURRENTLY takes the index back.",
            ));
            finding.trade_offs =
                "One more index to store, and to maintain on writes to the referring table."
                    .to_owned();
        }
        None => {
            finding.fixes.push(code(
                "Read the trigger's function: what it does for each row, a trigger FOR EACH STATEMENT \
                 with transition tables may do once.",
                "auto_explain.log_nested_statements shows the plans of its statements.",
            ));
            finding.trade_offs = "The trigger's effects must stay the same.".to_owned();
        }
    }
    finding.verify = verify(evidence, plan, "hardly any time in the Trigger line");
}
