//! `high-variance`: a class that is usually fast and sometimes very slow.

use super::{ALL, by_engine, is_mongodb, noun, on_tables, plan_clues, runs_a_plan, weighty};
use crate::judge::advice::{rewrite, verify};
use crate::judge::evidence::{ClassEvidence, Evidence};
use crate::judge::finding::{Fact, Finding, Fix, FixKind, ImpactLabel, Severity};
use crate::judge::rules::Rule;
use crate::judge::words;
use crate::model::event::{Engine, Known};
use crate::model::workload::stats::Stats;

/// The slowest hundredth must be this many medians slow.
const P99_TO_MEDIAN: f64 = 10.0;

/// The rule.
pub static RULE: Rule = Rule {
    code: "QRY002",
    name: "high-variance",
    title: "Run times differ widely",
    target: "queries",
    engines: ALL,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A class of at least 100 timed runs whose standard deviation is three times its mean or more \
(`variance_ratio`) and whose p99 is at least ten times its median.

## Why it matters

The usual run is fast, so the statement is not slow by itself: something makes some runs slow. \
The mean hides it, and users meet it as an occasional stall.

## What to do

Compare a slow run with a usual one. Three causes are common: values for which the plan is wrong \
(or a generic plan of a prepared statement that suits only some values), waits for locks, and \
pages that are not in memory. `EXPLAIN (ANALYZE, BUFFERS)` with the slow run's values tells the \
first and the third apart in PostgreSQL, `log_lock_waits` shows the second; in MySQL's slow log \
Rows_examined and Lock_time do, in MongoDB's docsExamined and the waits that each record carries.

## When to ignore it

When the answers differ in size by nature, as in exports and reports that take any period, or \
when the slow runs fall into a known maintenance window.
";

/// The run times of an unstable class, in microseconds.
struct Spread {
    median: f64,
    p99: f64,
    mean: f64,
    stddev: f64,
}

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    let ratio = evidence.options.thresholds.variance_ratio;
    for class in weighty(rule, evidence) {
        if let Some(spread) = spread(&class.class.stats, ratio)
            && runs_a_plan(class)
        {
            out.push(finding(rule, evidence, class, &spread));
        }
    }
}

/// The spread of a class that is unstable. A p99 exists from 100 timed runs on.
fn spread(stats: &Stats, ratio: f64) -> Option<Spread> {
    let spread = Spread {
        median: stats.p50_us()?,
        p99: stats.p99_us()?,
        mean: stats.mean_us()?,
        stddev: stats.stddev_us()?,
    };
    let unstable =
        spread.stddev >= ratio * spread.mean && spread.p99 >= P99_TO_MEDIAN * spread.median;
    unstable.then_some(spread)
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    class: &ClassEvidence<'_>,
    spread: &Spread,
) -> Finding {
    let stats = &class.class.stats;
    let lock_waits = class.server.workload.incidents().locks.waiting.count;
    let waits = if is_mongodb(class) { Known::LockWait } else { Known::LockTime };
    let locked = class.class.attributes().numbers(waits);
    let [median, p99, longest] =
        [spread.median, spread.p99, stats.max_us as f64].map(words::duration_us);

    let mut finding = rule.about(evidence, class);
    finding.title = format!(
        "Usually {median}, sometimes over {p99}: unstable {}{}",
        noun(class),
        on_tables(class)
    );
    finding.message = format!(
        "Half of the {} logged runs took {median} or less, but one in a hundred took {p99} or more \
         and the longest {longest}. Look for values with another plan, lock waits and pages that \
         are not in memory.",
        words::count(stats.timed)
    );
    finding.evidence.push(Fact {
        fact: format!(
            "standard deviation {} is {:.1} times the mean of {}",
            words::duration_us(spread.stddev),
            spread.stddev / spread.mean.max(1.0),
            words::duration_us(spread.mean)
        ),
        source: None,
    });
    if lock_waits > 0 {
        finding.evidence.push(Fact {
            fact: format!(
                "{} lock waits are logged on this server; which statements they held up is not \
                 joined here",
                words::count(lock_waits)
            ),
            source: None,
        });
    }
    if let Some(locked) = locked {
        let fact = format!(
            "{} of waiting for locks in the logged runs, {} in the worst",
            words::duration_us(locked.sum as f64),
            words::duration_us(locked.max as f64)
        );
        finding.evidence.push(Fact { fact, source: None });
    }
    if let Some(plan) = plan_clues::of(class) {
        finding.evidence.push(plan.fact(evidence, "compare it with the plan of a usual run"));
    }
    finding.impact.label = ImpactLabel::Derived;
    finding.impact.saved_ms_low = Some(0.0);
    finding.impact.saved_ms_high = Some(excess_us(stats, spread.median) / 1e3);
    finding.fixes.push(rewrite::code(
        "Find what the slow runs have in common: the parameter values, the time of day, the \
         session or what ran beside them.",
        "The slowest run is the example of the class; its values are in the log.",
    ));
    if class.server.engine == Engine::Postgres {
        if class.class.facts.parameters > 0 {
            finding.fixes.push(custom_plan());
        }
        if lock_waits == 0 {
            finding.fixes.push(log_lock_waits());
        }
    }
    finding.fixes.extend(verify::look(class));
    finding.verify = format!(
        "{} Run it with the values of the slowest run and with usual ones. The next log shows p99 \
         nearer to the median.",
        verify::explain(class, shows(class))
    );
    finding.trade_offs =
        "None to look for the cause; what a change costs depends on it.".to_owned();
    finding
}

/// What the plans of slow and usual runs differ by.
fn shows(class: &ClassEvidence<'_>) -> &'static str {
    if is_mongodb(class) {
        return "another index or wider indexBounds for the slow values (the plan), or the same (memory \
                or waits)";
    }
    by_engine(
        class,
        "other nodes or row counts for the slow values (the plan), many more pages read than \
         hit (memory), or neither (locks)",
        "another key or many more rows for the slow values (the plan), or the same (memory or \
         locks)",
    )
}

/// The time of the runs beyond ten medians, less a median for each: what it would save if they
/// ran as the usual run does. From the histogram, so within its error; never more than the total.
fn excess_us(stats: &Stats, median: f64) -> f64 {
    let slow = stats.histogram.buckets().iter().filter(|b| b.mean_us() >= P99_TO_MEDIAN * median);
    slow.map(|b| b.sum_us as f64 - b.count as f64 * median).sum::<f64>().min(stats.total_us as f64)
}

fn custom_plan() -> Fix {
    Fix {
        kind: FixKind::Sql,
        text: "SET plan_cache_mode = force_custom_plan;".to_owned(),
        undo: "RESET plan_cache_mode;".to_owned(),
        note: "A trial in one session, where the statement is prepared: if the slow values become \
               fast, the generic plan was the cause, and the setting may go to the role that runs \
               it. Every run is then planned anew."
            .to_owned(),
        complete: true,
    }
}

fn log_lock_waits() -> Fix {
    Fix {
        kind: FixKind::Config,
        text: "log_lock_waits = on".to_owned(),
        undo: "log_lock_waits = off".to_owned(),
        note: "No lock wait is in the log, which may mean that they are not logged. One \
               record per wait longer than deadlock_timeout. A reload is enough; a managed service \
               takes it in its parameter group."
            .to_owned(),
        complete: true,
    }
}
