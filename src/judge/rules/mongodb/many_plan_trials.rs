//! `many-plan-trials`: plans are tried against each other for most runs of a command, or many for one.

use super::{HABIT, MONGODB, Work, estimate, plain, weighty};
use crate::judge::advice::{mongodb_lookup, rewrite};
use crate::judge::evidence::Evidence;
use crate::judge::finding::{Finding, Fix, Severity};
use crate::judge::rules::{Rule, plan};
use crate::judge::words;
use crate::model::event::Known;

/// The rule.
pub static RULE: Rule = Rule {
    code: "MDB018",
    name: "many-plan-trials",
    title: "Many plans are tried for one command",
    target: "indexes",
    engines: MONGODB,
    at_most: Severity::Medium,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A class of ten logged runs or more at least half of which were planned by trial (`fromMultiPlanner`) or \
planned again (`replanned`); where the log tells the planning time, it must be at least a tenth. And an \
explain with five rejected plans or more.

## Why it matters

Where several indexes fit, the server runs their plans against each other, up to 10,000 works or 101 \
documents each, and keeps the winner. Many indexes with the same first fields make every such trial \
longer, and make the winner a matter of chance.

## What to do

Give the command one index that serves all that it compares and sorts by, and hide, then drop, the \
indexes that another one begins with.

## When to ignore it

When the trials are short beside the runs, or the indexes serve other commands.
";

/// Fewer runs than this are no habit.
const MIN_RUNS: u64 = 10;
/// Part of the logged time that planning must take, where it is known.
const MIN_PLANNING: f64 = 0.1;

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for work in weighty(rule, evidence) {
        if let Some(planning_us) = trials(&work) {
            out.push(finding(rule, evidence, &work, planning_us));
        }
    }
    plan::mongodb_many_plan_trials::check(rule, evidence, out);
}

/// The time that planning took where most runs were planned anew: known, or not.
fn trials(work: &Work<'_>) -> Option<Option<f64>> {
    let tried = work.yes(Known::FromMultiPlanner).max(work.yes(Known::Replanned));
    let numbers = work.class.class.attributes().numbers(Known::PlanningTime);
    let planning_us = numbers.map(|numbers| numbers.sum as f64);
    let is_short = planning_us.is_some_and(|us| us < MIN_PLANNING * work.total_us());
    let is_habit = work.runs() >= MIN_RUNS && tried as f64 >= HABIT * work.runs() as f64;
    (is_habit && !is_short).then_some(planning_us)
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    work: &Work<'_>,
    planning_us: Option<f64>,
) -> Finding {
    let mut finding = rule.about(evidence, work.class);
    finding.title = format!("Plans are tried anew in most runs on {}", work.place());
    finding.message = format!(
        "{}. In most logged runs several plans were tried before one was taken{}.",
        work.load(),
        match planning_us {
            Some(us) => format!(": planning took {} of logged time", words::duration_us(us)),
            None => "; how long that took the log does not say".to_owned(),
        }
    );
    for known in [Known::FromMultiPlanner, Known::Replanned] {
        let yes = work.yes(known);
        if yes > 0 {
            let runs = words::counted(yes, "logged run");
            finding.evidence.push(plain(format!("{}: yes in {runs}", known.title())));
        }
    }
    match planning_us {
        Some(us) => estimate(&mut finding, us, work.total_us()),
        None => finding.severity = finding.severity.min(Severity::Low),
    }
    finding.evidence.extend(work.average(Known::PlanningTime));
    let collection = work.command.collection().unwrap_or_default();
    finding.fixes.push(mongodb_lookup::fix(
        mongodb_lookup::plan_cache(work.command.database(), collection),
        "The plans that are kept just now: a shape that is not there, or is not active, is planned by trial \
         each time. It only looks.",
    ));
    finding.fixes.push(mongodb_lookup::fix(
        mongodb_lookup::index_use(work.command.database(), collection),
        "The indexes, and how often each was used since the server started: on every member of the replica \
         set by itself. It only looks.",
    ));
    finding.fixes.push(fewer_indexes());
    work.add_explain(&mut finding);
    finding.verify =
        "The next log has no `fromMultiPlanner` and no `replanned` in most of the class's runs."
            .to_owned();
    finding.trade_offs = HIDING.to_owned();
    finding
}

/// What it costs to hide an index.
pub(in crate::judge::rules) const HIDING: &str = "A command that needs a hidden index gets slower until it is unhidden: hide for some days, with a \
     month's end among them, before dropping.";

/// What makes trials short, or ends them.
pub(in crate::judge::rules) fn fewer_indexes() -> Fix {
    rewrite::code(
        "Hide, then drop, the indexes that another one begins with; where the planner keeps wavering, name \
         the index in the command (hint), from MongoDB 8.0 on in its query settings.",
        "A hint stays when the data changes, and fails when its index is dropped.",
    )
}
