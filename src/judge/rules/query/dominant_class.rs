//! `dominant-class`: one query class takes a quarter or more of all logged time.

use super::{ALL, is_mongodb, load, noun, on_tables, plan_clues, runs_a_plan, weighty};
use crate::judge::advice::{rewrite, verify};
use crate::judge::evidence::{ClassEvidence, Evidence};
use crate::judge::finding::{Fact, Finding, Fix, ImpactLabel, Severity};
use crate::judge::rules::{Rule, mongodb};
use crate::judge::words;
use crate::model::event::Engine;

/// Below so many timed classes a large share says nothing.
const MIN_CLASSES: usize = 5;
/// Below so much logged time nothing is a load.
const MIN_LOAD_US: u64 = 1_000_000;

/// The rule.
pub static RULE: Rule = Rule {
    code: "QRY001",
    name: "dominant-class",
    title: "One query class takes a large part of the logged time",
    target: "queries",
    engines: ALL,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A query class with at least a quarter of all logged time (`dominant_share`) that ran more than \
once, in a workload of at least five timed classes and one second. COMMIT, COPY and utility \
statements, and MongoDB's inserts and commands about no documents, are left alone: no plan explains their time.

## Why it matters

What is saved elsewhere is small beside it: a fix of any other class can free at most what that \
class takes. The share is the ceiling of what a fix of this one can free.

## What to do

Look at how the time is made up. Many short runs call for fewer calls: batching, a cache, a join \
in place of a loop. Few long runs call for a cheaper run: read the plan of the slowest example. \
Findings of other rules on the same class name the cause where the log shows one.

## When to ignore it

When the class is what the server is for and each run is already as cheap as it can be. With a \
logging threshold the share is of logged time only: many fast statements below the threshold may \
outweigh it unseen.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    let timed = evidence.classes.iter().filter(|c| c.class.stats.total_us > 0).count();
    if timed < MIN_CLASSES || evidence.total_us < MIN_LOAD_US {
        return;
    }
    for class in weighty(rule, evidence) {
        if class.share < evidence.options.thresholds.dominant_share {
            break; // classes are sorted by their time
        }
        // Once is an accident, and a sleep is no load.
        let asleep = ["select pg_sleep(", "select sleep("]
            .iter()
            .any(|sleep| class.class.fingerprint.starts_with(sleep));
        if runs_a_plan(class) && class.class.stats.calls > 1 && !asleep {
            out.push(finding(rule, evidence, class));
        }
    }
}

fn finding(rule: &Rule, evidence: &Evidence<'_>, class: &ClassEvidence<'_>) -> Finding {
    let stats = &class.class.stats;
    let all_calls: u64 = evidence.classes.iter().map(|c| c.class.stats.calls).sum();
    let calls_share = stats.calls as f64 / all_calls.max(1) as f64;
    let mean = stats.mean_us().map_or_else(|| "–".to_owned(), words::duration_us);
    let often = calls_share >= class.share;

    let mut finding = rule.about(evidence, class);
    finding.title = format!(
        "One query class{} takes {} of the logged time",
        on_tables(class),
        words::percent(class.share)
    );
    finding.message = format!(
        "{}: {} of all calls, {mean} on average. {} than the average {}.",
        load(class),
        words::percent(calls_share),
        match often {
            true => "It weighs by its number: each run is no dearer",
            false => "It weighs by its runs: each is dearer",
        },
        noun(class)
    );
    match plan_clues::of(class) {
        Some(plan) => finding.evidence.push(plan.fact(evidence, "the slowest one kept")),
        None => {
            let summary = mongodb::main_plan(class);
            let none = || Fact { fact: "no plan of it is in the log".to_owned(), source: None };
            finding.evidence.push(summary.unwrap_or_else(none));
        }
    }
    finding.impact.label = ImpactLabel::Derived;
    finding.impact.saved_ms_low = Some(0.0);
    finding.impact.saved_ms_high = Some(stats.total_us as f64 / 1e3);
    finding.fixes.push(fix(class, often));
    finding.fixes.extend(verify::look(class));
    finding.verify = format!(
        "{} The next log of the same hours gives the class a smaller share and total.",
        verify::explain(
            class,
            match is_mongodb(class) {
                true => "which index serves it and how wide its bounds are",
                false => "where the time of a run goes",
            }
        )
    );
    finding.trade_offs =
        "None to look at it; what a change costs depends on the cause that the plan shows."
            .to_owned();
    finding
}

fn fix(class: &ClassEvidence<'_>, often: bool) -> Fix {
    match often {
        true => rewrite::code(
            format!(
                "Ask less often: find the code path that repeats the {noun}, then fetch several \
                 keys at once ({}), join it into the {noun} that leads to it, or keep the answer \
                 for as long as it may be stale.",
                match class.server.engine {
                    Engine::Mongodb => "$in",
                    Engine::Mysql | Engine::Mariadb => "IN (…)",
                    _ => "= ANY($1)",
                },
                noun = noun(class)
            ),
            "A cheaper run helps little where the number of runs makes the time.",
        ),
        false => rewrite::code(
            format!(
                "Make one run cheaper: read the plan of the slowest example and look for the {} \
                 with the most time of its own.",
                if is_mongodb(class) { "stage" } else { "node" }
            ),
            "Start with the slowest example and its real values: another value may have another \
             plan.",
        ),
    }
}
