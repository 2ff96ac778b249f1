//! `spill-to-disk`: sorts, groups or joins outgrow their memory.

use super::{MONGODB, Work, estimate, plain, weighty};
use crate::judge::advice::{mongodb_explain, rewrite};
use crate::judge::evidence::Evidence;
use crate::judge::finding::{Finding, Fix, Severity};
use crate::judge::rules::{Rule, plan};
use crate::judge::words;
use crate::model::event::Known;
use crate::model::workload::attributes::Figures;

/// Names of the error by which a command ends that may not use the disk.
const OUT_OF_MEMORY: &[&str] =
    &["QueryExceededMemoryLimitNoDiskUseAllowed", "ExceededMemoryLimit", "SortExceededMemoryLimit"];

/// The rule.
pub static RULE: Rule = Rule {
    code: "MDB005",
    name: "spill-to-disk",
    title: "Sorts and groups go to disk",
    target: "queries",
    engines: MONGODB,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A class of which runs wrote temporary files (`usedDisk`, or spills counted by stage), or failed because \
they would have had to and might not (`allowDiskUse: false`).

## Why it matters

A stage that sorts or groups has 100 MB of memory. What is more goes to disk and comes back, which is slow \
and takes the disk from the database.

## What to do

Let less reach the stage: `$match` and `$project` first, an index that gives the order of a sort, a \
`$limit` behind it; or keep the sums in a collection of their own that is brought up to date.

## When to ignore it

When it is a report that runs at night.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for work in weighty(rule, evidence) {
        let (spilled, failed) = (spilled(&work), failed(&work));
        if spilled + failed > 0 {
            out.push(finding(rule, evidence, &work, spilled, failed));
        }
    }
    plan::mongodb_spill_to_disk::check(rule, evidence, out);
}

/// Runs that went to disk, at least.
fn spilled(work: &Work<'_>) -> u64 {
    let spills = work.class.class.attributes().numbers(Known::Spills);
    let by_stage = spills.map_or(0, |spills| u64::from(spills.max > 0));
    work.yes(Known::UsedDisk).max(by_stage)
}

/// Runs that failed for want of memory.
fn failed(work: &Work<'_>) -> u64 {
    let class = work.class;
    let Some(Figures::Words(errors)) = class.class.attributes().get(Known::ErrorName) else {
        return 0;
    };
    let errors = errors.ranked(class.server.workload.names());
    let of_memory = errors.iter().filter(|(name, _)| OUT_OF_MEMORY.contains(name));
    of_memory.map(|(_, share)| share.calls).sum()
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    work: &Work<'_>,
    spilled: u64,
    failed: u64,
) -> Finding {
    let bytes = work.sum(Known::SpilledBytes) as u64;
    let mut finding = rule.about(evidence, work.class);
    finding.title = match spilled {
        0 => format!("{} failed for want of memory", words::counted(failed, "operation")),
        _ => format!("Spills to disk on {}", work.place()),
    };
    let mut said = Vec::new();
    if spilled > 0 {
        let to_disk = match bytes {
            0 => String::new(),
            bytes => format!(", {} in all", words::bytes(bytes)),
        };
        let runs = words::counted(spilled, "logged run");
        said.push(format!("At least {runs} wrote to disk{to_disk}."));
    }
    if failed > 0 {
        let runs = words::counted(failed, "logged run");
        said.push(format!("{runs} failed because the disk was not allowed."));
    }
    finding.message = format!("{}. {}", work.load(), said.join(" "));
    if let Some(spills) = work.class.class.attributes().numbers(Known::Spills) {
        finding.evidence.push(plain(format!(
            "{}: {} in {}",
            Known::Spills.title(),
            words::count(spills.sum as u64),
            words::counted(spills.records, "logged run")
        )));
    }
    let counted = [Known::SpilledBytes, Known::DocsExamined, Known::Returned];
    finding.evidence.extend(counted.into_iter().filter_map(|known| work.average(known)));
    let share = spilled as f64 / work.runs().max(1) as f64;
    if spilled > 0 {
        // How much of a run is the disk the log does not show.
        estimate(&mut finding, work.total_us() * share.min(1.0), work.total_us());
    }
    finding.fixes.extend(fixes(work));
    work.add_explain(&mut finding);
    finding.verify = mongodb_explain::verify(
        "`$match` and `$project` pushed into the first stage, and no SORT where an index gives the order",
    );
    finding.trade_offs =
        "A collection of sums has to be kept up to date, and is as old as its last update."
            .to_owned();
    finding
}

fn fixes(work: &Work<'_>) -> Vec<Fix> {
    let mut fixes = Vec::new();
    let sorted = !work.command.sort.is_empty();
    if sorted {
        fixes.push(work.index_fix(|| {
            rewrite::code(
                "Give the sort an index, so that nothing has to be kept.",
                "No index can be read off the command as it is logged.",
            )
        }));
    }
    fixes.push(rewrite::code(
        "Let less reach the stage that spills: $match and $project before $group, $sort and $lookup, a \
         $limit right behind the $sort. Where the same sums are asked for again and again, write them to a \
         collection with $merge and read that.",
        "allowDiskUse only lets the command finish; it does not make it fast. The memory of a stage (100 \
         MB) is a setting of the whole server: more of it is taken by every such command at once.",
    ));
    fixes
}
