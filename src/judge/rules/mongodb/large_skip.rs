//! `large-skip`: pages far behind are reached by skipping what stands before them.

use super::{MANY, MONGODB, Work, estimate, plain, plans, weighty};
use crate::judge::advice::mongodb_names::key;
use crate::judge::advice::{mongodb_explain, rewrite};
use crate::judge::evidence::Evidence;
use crate::judge::finding::{Finding, Fix, FixKind, Severity};
use crate::judge::rules::Rule;
use crate::judge::words;
use crate::lang::mongo::shape::{Op, Order};
use crate::model::event::Known;

/// The rule.
pub static RULE: Rule = Rule {
    code: "MDB007",
    name: "large-skip",
    title: "Pages are reached by skipping all before them",
    target: "queries",
    engines: MONGODB,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A class whose largest `skip` is 1,000 documents or more (`deep_offset`), and whose runs examine 1,000 \
documents or keys or more where the log counts them.

## Why it matters

What is skipped is read all the same: the time of a page grows with its number.

## What to do

Ask for what comes after the last document of the page before (keyset pagination): a range on the fields of \
the sort, with `_id` as the last of them.

## When to ignore it

When users hardly ever go so far, or only a job does that runs at night.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for work in weighty(rule, evidence) {
        if names(evidence, &work) {
            out.push(finding(rule, evidence, &work));
        }
    }
}

/// Whether a class's trouble is what it skips.
pub(super) fn names(evidence: &Evidence<'_>, work: &Work<'_>) -> bool {
    let command = work.command;
    let skips = command.skip || command.stages.iter().any(|stage| stage.name == "$skip");
    let attributes = work.class.class.attributes();
    let known = [Known::DocsExamined, Known::KeysExamined];
    let is_counted = known.iter().any(|known| attributes.numbers(*known).is_some());
    let reads_many = known.iter().any(|known| work.per_run(*known) >= MANY);
    skips
        && work.reads()
        && work.class.class.facts.max_offset >= evidence.options.thresholds.deep_offset
        && (reads_many || !is_counted)
}

fn finding(rule: &Rule, evidence: &Evidence<'_>, work: &Work<'_>) -> Finding {
    let largest = work.class.class.facts.max_offset;
    let mut finding = rule.about(evidence, work.class);
    finding.title = format!("skip of up to {} on {}", words::count(largest), work.place());
    finding.message = format!(
        "{}. The largest skip passes over {}, which are read and thrown away.",
        work.load(),
        words::counted(largest, "document")
    );
    finding.evidence.push(plain(format!("largest logged skip: {}", words::count(largest))));
    let counted = [Known::DocsExamined, Known::KeysExamined, Known::Returned];
    finding.evidence.extend(counted.into_iter().filter_map(|known| work.average(known)));
    finding.evidence.extend(plans::main(work));
    let read = work.sum(Known::DocsExamined).max(work.sum(Known::KeysExamined));
    if let Some((useful, _)) = work.useful().filter(|_| read > 0.0) {
        let wasted = (1.0 - useful / read).max(0.0);
        estimate(&mut finding, work.total_us() * wasted, work.total_us());
    }
    finding.fixes.push(keyset(work));
    work.add_explain(&mut finding);
    finding.verify =
        mongodb_explain::verify_reads_less("no SKIP stage, and bounds on the fields of the sort");
    finding.trade_offs =
        "Pages can be turned, not jumped to; the sort and the range need an index on the same fields."
            .to_owned();
    finding
}

/// The query for the next page, where the sort is one field.
fn keyset(work: &Work<'_>) -> Fix {
    const NOTE: &str = "The range is added to the query in place of the skip. Ties are broken by _id, \
                        which has to be the last field of the sort and of its index; the field of the sort \
                        must be there in every document and be no array.";
    let sort = match (&work.command.op, work.command.sort.as_slice()) {
        (Op::Find | Op::Aggregate, [only]) if only.order != Order::Other => only,
        _ => {
            return rewrite::code(
                "Sort by fields that end with _id, remember those of the last document of a page, and ask \
                 for what comes after them in place of skipping: $or of the ranges, one for each field \
                 with those before it equal.",
                "Pages can be turned, not jumped to. The fields of the sort must be there in every \
                 document and be no arrays.",
            );
        }
    };
    let (sign, operator) = match sort.order {
        Order::Descending => (-1, "$lt"),
        _ => (1, "$gt"),
    };
    let field = key(&sort.path);
    if sort.path == "_id" {
        return change(
            format!("{{ _id: {{ {operator}: {{1}} }} }}"),
            "The range is added to the query in place of the skip; {1} is the _id of the last document of \
             the page before. Pages can be turned, not jumped to."
                .to_owned(),
        );
    }
    change(
        format!(
            "{{ $or: [\n  {{ {field}: {{ {operator}: {{1}} }} }},\n  {{ {field}: {{1}}, _id: {{ \
             {operator}: {{2}} }} }}\n] }}\n// with .sort({{ {field}: {sign}, _id: {sign} }})"
        ),
        format!(
            "{{1}} and {{2}} are the fields of the last document of the page before: that of the sort and \
             _id. {NOTE}"
        ),
    )
}

/// A change of the application's code with values to fill in.
fn change(text: String, note: String) -> Fix {
    Fix { kind: FixKind::Code, text, undo: String::new(), note, complete: false }
}
