//! `plan-flip`: one class runs with several plans, some of which are far slower.

use crate::judge::advice::{ident, mysql_names, rewrite, setting, verify};
use crate::judge::evidence::{ClassEvidence, Evidence, PlanEvidence};
use crate::judge::finding::{Fact, Finding, Fix, ImpactLabel, Severity};
use crate::judge::plan_words;
use crate::judge::rules::{Rule, mongodb, weighs};
use crate::judge::words;
use crate::model::event::Engine;
use crate::model::workload::plans::PlanShape;

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN001",
    name: "plan-flip",
    title: "One statement, several plans, some far slower",
    target: "queries",
    engines: &[Engine::Postgres, Engine::Mysql, Engine::Mariadb, Engine::Mongodb],
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A class of which several plans are logged, or for MongoDB several plan summaries, each in five runs and \
one in twenty at least, of which one took five times as long on average as another.

## Why it matters

The server chooses a plan by what it believes of the data: by statistics, by the values of one run, by \
a short trial. Where it believes wrongly, or the values differ much in how many rows they match, it \
changes its mind, and the class is fast today and slow tomorrow.

## What to do

Bring the statistics up to date, and give them what they lack: extended statistics for columns that \
depend on one another, histograms. Where prepared statements change from custom to generic plans, keep \
them to one. For MongoDB give the command one index that is best for all values: equality, sort, range.

## When to ignore it

When the plans belong to values that differ by nature, and each is right for its own. Also when an index \
was built or dropped, or the table grew, within the period: then the plans followed one another.
";

/// A plan of fewer runs is an accident.
const MIN_RUNS: u64 = 5;
/// Share of the runs that a plan must have to be one of the class's plans.
const MIN_SHARE: f64 = 0.05;
/// A plan is slow if its runs take so many times as long as those of the fastest.
const SLOWER: f64 = 5.0;
/// Operators of each plan that are shown.
const SHOWN: usize = 8;

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    mongodb::plan_flip::check(rule, evidence, out);
    for class in evidence.weighty() {
        if !weighs(rule, class) || class.server.engine == Engine::Mongodb {
            continue;
        }
        let of_class = |plan: &&PlanEvidence<'_>| {
            plan.class.is_some_and(|of| of.id == class.class.id)
                && plan.server.label == class.server.label
        };
        let plans: Vec<_> = evidence.plans.iter().filter(of_class).collect();
        if let Some((slow, fast)) = flip(&plans) {
            out.push(finding(rule, evidence, class, slow, fast));
        }
    }
}

/// The slow plan that costs most against the fastest one.
fn flip<'p, 'f>(
    plans: &[&'p PlanEvidence<'f>],
) -> Option<(&'p PlanEvidence<'f>, &'p PlanEvidence<'f>)> {
    let runs: u64 = plans.iter().map(|plan| plan.shape.count).sum();
    let usual = |plan: &&&PlanEvidence<'_>| {
        let count = plan.shape.count;
        count >= MIN_RUNS && count as f64 >= MIN_SHARE * runs as f64
    };
    let usual: Vec<_> = plans.iter().filter(usual).copied().collect();
    let fast = *usual.iter().min_by(|a, b| mean_us(a.shape).total_cmp(&mean_us(b.shape)))?;
    let slow = usual
        .into_iter()
        .filter(|plan| mean_us(plan.shape) >= SLOWER * mean_us(fast.shape).max(1.0))
        .max_by(|a, b| excess_us(a.shape, fast.shape).total_cmp(&excess_us(b.shape, fast.shape)))?;
    Some((slow, fast))
}

fn mean_us(shape: &PlanShape) -> f64 {
    shape.total_us as f64 / shape.count.max(1) as f64
}

/// What the runs of a plan took more than as many of another.
fn excess_us(slow: &PlanShape, fast: &PlanShape) -> f64 {
    slow.total_us as f64 - slow.count as f64 * mean_us(fast)
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    class: &ClassEvidence<'_>,
    slow: &PlanEvidence<'_>,
    fast: &PlanEvidence<'_>,
) -> Finding {
    let mut finding = rule.about(evidence, class);
    let mean = |plan: &PlanEvidence<'_>| words::duration_us(mean_us(plan.shape));
    finding.title = format!("Plans of {} and of {} for one statement", mean(fast), mean(slow));
    finding.message = format!(
        "{} of its runs are logged with their plans: they took {} on average with one plan and {} \
         with another.",
        words::count(class.class.plans().count),
        mean(fast),
        mean(slow)
    );
    for (which, plan) in [("slow", slow), ("fast", fast)] {
        let count = words::counted(plan.shape.count, "logged plan");
        finding.evidence.push(Fact {
            fact: format!("{which} plan {}: {count}, {} on average", plan.id, mean(plan)),
            source: Some(plan.source(evidence.facts)),
        });
        finding.excerpt.push(format!("{which}, {} on average:", mean(plan)));
        let nodes = plan.plan().nodes.iter().take(SHOWN);
        finding.excerpt.extend(
            nodes.map(|node| format!("{}{}", "  ".repeat(node.depth + 1), plan_words::name(node))),
        );
    }
    finding.plan_id = Some(slow.id.clone());
    finding.impact.label = ImpactLabel::Estimated;
    finding.impact.saved_ms_low = Some(0.0);
    let most_us = class.class.stats.total_us as f64;
    let excess_us = excess_us(slow.shape, fast.shape);
    finding.impact.saved_ms_high = Some(excess_us.clamp(0.0, most_us) / 1e3);
    finding.fixes.push(statistics(class));
    if class.server.engine == Engine::Postgres && class.class.prepared > 0 {
        let users = class.class.who.users.ranked(class.server.workload.names());
        let role = match users.as_slice() {
            [(name, _)] => Some(*name),
            _ => None,
        };
        finding.fixes.push(setting::of_role(
            role,
            "plan_cache_mode",
            "force_custom_plan",
            "Prepared statements change to one generic plan after five runs. Where that is the slow \
             one, this keeps a plan for each run's values, and plans each time.",
        ));
    }
    finding.verify = verify::explain(class, "the fast plan, for values of either kind");
    finding.trade_offs =
        "Fresh statistics change other plans of the same tables as well: look at the classes that \
         read them afterwards."
            .to_owned();
    finding
}

/// Brings the statistics of the tables up to date.
fn statistics(class: &ClassEvidence<'_>) -> Fix {
    let mysql = class.server.engine != Engine::Postgres;
    let tables: Vec<String> = class
        .shape
        .tables
        .iter()
        .map(|table| match mysql {
            true => mysql_names::table(class, &table.name),
            false => ident::quoted(&table.name),
        })
        .collect();
    if tables.is_empty() {
        return rewrite::code(
            "Bring the statistics of its tables up to date (ANALYZE).",
            "Its tables cannot be read off the statement as it is logged.",
        );
    }
    let word = if mysql { "ANALYZE TABLE" } else { "ANALYZE" };
    setting::look(
        tables.iter().map(|table| format!("{word} {table};")).collect::<Vec<_>>().join("\n"),
        "It reads a sample of each table and changes no data. There is nothing to undo: statistics \
         are made anew all the time.",
    )
}
