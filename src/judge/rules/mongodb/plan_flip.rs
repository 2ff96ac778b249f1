//! What `plan-flip` says of MongoDB, whose logs tell plan summaries: one command runs with several
//! plans, some of which are far slower.

use super::plans::{self, Plan};
use super::{Work, estimate, plain, weighty};
use crate::judge::advice::{ident, mongodb_lookup, rewrite};
use crate::judge::evidence::{Evidence, shorten};
use crate::judge::finding::Finding;
use crate::judge::rules::Rule;
use crate::judge::words;
use crate::model::event::Known;

/// A plan of fewer runs is an accident.
const MIN_RUNS: u64 = 5;
/// Share of the runs that a plan must have to be one of the class's plans.
const MIN_SHARE: f64 = 0.05;
/// A plan is slow if its runs take so many times as long as those of the fastest.
const SLOWER: f64 = 5.0;
/// Share of the runs that are planned again from which that is a habit.
const REPLANNED: f64 = 0.05;
/// Characters of a plan summary that are shown.
const MAX_SHOWN: usize = 80;

/// Looks at the plan summaries of MongoDB's classes.
pub fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for work in weighty(rule, evidence) {
        if let Some((slow, fast)) = flip(&work) {
            out.push(finding(rule, evidence, &work, &slow, &fast));
        }
    }
}

/// The slow plan that costs most against the fastest one.
fn flip<'e>(work: &Work<'e>) -> Option<(Plan<'e>, Plan<'e>)> {
    let mut plans = plans::of(work);
    let runs: u64 = plans.iter().map(|plan| plan.runs).sum();
    plans.retain(|plan| {
        plan.runs >= MIN_RUNS && plan.runs as f64 >= MIN_SHARE * runs as f64 && !plan.has("EOF")
    });
    let fast = *plans.iter().min_by(|a, b| a.mean_us().total_cmp(&b.mean_us()))?;
    let slow = plans
        .into_iter()
        .filter(|plan| plan.mean_us() >= SLOWER * fast.mean_us().max(1.0))
        .max_by(|a, b| excess_us(a, &fast).total_cmp(&excess_us(b, &fast)))?;
    Some((slow, fast))
}

/// What the runs of a plan took more than as many of another.
fn excess_us(slow: &Plan<'_>, fast: &Plan<'_>) -> f64 {
    slow.total_us as f64 - slow.runs as f64 * fast.mean_us()
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    work: &Work<'_>,
    slow: &Plan<'_>,
    fast: &Plan<'_>,
) -> Finding {
    let mut finding = rule.about(evidence, work.class);
    let mean = |plan: &Plan<'_>| words::duration_us(plan.mean_us());
    finding.title = format!(
        "Plans of {} and of {} for one command on {}",
        mean(fast),
        mean(slow),
        work.place()
    );
    finding.message = format!(
        "{}. Its logged runs took {} on average with one plan and {} with another.",
        work.load(),
        mean(fast),
        mean(slow)
    );
    for plan in [slow, fast] {
        finding.evidence.push(plain(format!(
            "plan summary {}: {}, {} on average",
            shorten(&ident::shown(plan.summary), MAX_SHOWN),
            words::counted(plan.runs, "logged run"),
            mean(plan)
        )));
    }
    for known in [Known::Replanned, Known::FromMultiPlanner] {
        let yes = work.yes(known);
        if yes as f64 >= REPLANNED * work.runs() as f64 && yes > 0 {
            let runs = words::counted(yes, "logged run");
            finding.evidence.push(plain(format!("{}: yes in {runs}", known.title())));
        }
    }
    estimate(&mut finding, excess_us(slow, fast), work.total_us());
    let collection = work.command.collection().unwrap_or_default();
    finding.fixes.push(mongodb_lookup::fix(
        mongodb_lookup::plan_cache(work.command.database(), collection),
        "The plans that are kept just now, by their planCacheKey: each shape with the index that it uses \
         and the work that its trial took. It only looks.",
    ));
    finding.fixes.push(work.index_fix(|| {
        rewrite::code(
            "Give the command one index that is best for all values, or drop the one that misleads.",
            "No index can be read off the command as it is logged.",
        )
    }));
    work.add_explain(&mut finding);
    finding.verify =
        "The next log has one plan summary for the class, and a p95 near its median.".to_owned();
    finding.trade_offs =
        "A fixed choice stays fixed when the data changes: look again when the collection has grown."
            .to_owned();
    finding
}
