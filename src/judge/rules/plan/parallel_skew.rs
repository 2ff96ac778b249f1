//! `parallel-skew`: one process of a parallel plan does the work of all.

use super::parallel_startup_dominates::SHORT_MS;
use super::postgres::{MIN_SHARE, POSTGRES, Seen, code, inputs, nodes, say, tree, verify};
use super::{Hit, each_plan};
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Confidence, Finding, Fix, FixKind, Severity};
use crate::judge::plan_words::number;
use crate::judge::rules::Rule;
use crate::judge::words::duration_us;
use crate::model::plan::{Operator, Value};

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN040",
    name: "parallel-skew",
    title: "One of several processes does the work",
    target: "queries",
    engines: POSTGRES,
    at_most: Severity::Medium,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A Gather below which one process took more than four times as long as the others on average, \
in a statement of 50 ms or more of which an even split would save at least 10 %. Only plans of \
EXPLAIN (ANALYZE, VERBOSE) tell the processes apart.

## Why it matters

The statement takes as long as its slowest process. The others wait, and hold slots of \
`max_parallel_workers` that other statements could use.

## What to do

Let a larger input drive: a parallel scan hands out blocks, so the rows of a few blocks stay \
with one process, and whatever a join does for each of them. Split partitions that are far \
larger than the others.

## When to ignore it

When other runs, with other values, are even.
";

/// So many times as much as the mean of the others.
const TIMES: f64 = 4.0;

/// What one process did in a node, over all its loops.
#[derive(Clone, Copy)]
struct Process {
    rows: f64,
    time_ms: f64,
}

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let Some(run_ms) = plan.plan().run_ms().filter(|run_ms| *run_ms >= SHORT_MS) else {
        return Vec::new();
    };
    let gathers = nodes(plan).filter(|seen| seen.node.operator == Operator::Gather);
    gathers
        .filter_map(|gather| {
            let input = inputs(plan, gather.at).into_iter().next()?;
            let times: Vec<_> = processes(input)?.iter().map(|process| process.time_ms).collect();
            let (longest, others) = uneven(&times)?;
            let even = times.iter().sum::<f64>() / times.len() as f64;
            let share = ((longest - even) / run_ms).min(1.0);
            let uneven_rows = tree(plan, input.at).find_map(|below| {
                let rows: Vec<_> = processes(below)?.iter().map(|process| process.rows).collect();
                let (most, all) = (uneven(&rows)?.0, rows.iter().sum::<f64>());
                Some((below, most, all))
            });
            let of_rows = uneven_rows.map_or(String::new(), |(below, most, all)| {
                format!("; it got {} of the {} rows of {}", number(most), number(all), below.name())
            });
            let fact = format!(
                "one of {} processes below {} worked for {}, the others for {} on average{of_rows}",
                times.len(),
                gather.name(),
                duration_us(longest * 1e3),
                duration_us(others * 1e3)
            );
            let at = uneven_rows.map_or(input.at, |(below, ..)| below.at);
            (share >= MIN_SHARE).then_some(Hit { at, share, fact })
        })
        .collect()
}

/// The most of some numbers, and the mean of the others, where it is many times as much.
fn uneven(numbers: &[f64]) -> Option<(f64, f64)> {
    let most = numbers.iter().copied().max_by(f64::total_cmp)?;
    let count = numbers.len().checked_sub(1).filter(|count| *count > 0)?;
    let others = ((numbers.iter().sum::<f64>() - most) / count as f64).max(0.0);
    (most > TIMES * others).then_some((most, others))
}

/// What each process did in a node: the workers as they tell it, the leader what is left.
fn processes(seen: Seen<'_>) -> Option<Vec<Process>> {
    let ran = seen.node.measured()?;
    let Some(Value::List(workers)) = seen.node.details.get("Workers") else { return None };
    let mut left =
        (ran.loops as f64, ran.rows?.total(ran.loops).0, ran.total_ms?.total(ran.loops).0);
    let mut all = Vec::new();
    for worker in workers {
        let Value::Group(worker) = worker else { continue };
        // Of a sort's memory each worker tells too, with no rows.
        let loops = worker.number("Actual Loops")?;
        let total = |name: &str| Some(worker.number(name)? * loops);
        let process = Process { rows: total("Actual Rows")?, time_ms: total("Actual Total Time")? };
        left = (left.0 - loops, left.1 - process.rows, left.2 - process.time_ms);
        all.push(process);
    }
    if left.0 > 0.0 {
        all.push(Process { rows: left.1.max(0.0), time_ms: left.2.max(0.0) });
    }
    Some(all)
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let title = "One process of a parallel plan does nearly all the work".to_owned();
    say(evidence, plan, hit, finding, title, "The others wait for it and keep their slots.");
    finding.confidence = Confidence::High;
    finding.fixes.push(code(
        "Let the larger table drive the parallel part, or give its work to more blocks: a scan hands \
         out blocks, so a table of a few blocks stays with one process. Split a partition that is \
         far larger than the others.",
        "A small table that drives costly lookups or functions is better joined the other way round, \
         or its rows dealt out by the application to several sessions.",
    ));
    finding.fixes.push(Fix {
        kind: FixKind::Sql,
        text: "BEGIN;\nSET LOCAL max_parallel_workers_per_gather = 0;\n-- here EXPLAIN (ANALYZE, BUFFERS) and the statement\nROLLBACK;".to_owned(),
        undo: String::new(),
        note: "A trial in one session: where it is as fast in one process, the role or the statement \
               needs no workers, and others get them. EXPLAIN ANALYZE executes the statement."
            .to_owned(),
        complete: true,
    });
    finding.verify =
        verify(evidence, plan, "workers that take about as long (VERBOSE tells them apart)");
    finding.trade_offs =
        "None to look at it; a plan that is even for these values may not be for others."
            .to_owned();
}
