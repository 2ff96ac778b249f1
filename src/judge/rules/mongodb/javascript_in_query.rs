//! `javascript-in-query`: the server runs JavaScript for each document.

use super::{MONGODB, Work, weighty};
use crate::judge::advice::{mongodb_explain, rewrite};
use crate::judge::evidence::Evidence;
use crate::judge::finding::{Confidence, Finding, Severity};
use crate::judge::rules::Rule;
use crate::lang::mongo::shape::{Comparison, Op};
use crate::model::event::Known;

/// The rule.
pub static RULE: Rule = Rule {
    code: "MDB011",
    name: "javascript-in-query",
    title: "The server runs JavaScript for each document",
    target: "queries",
    engines: MONGODB,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A class with `$where`, `$function`, `$accumulator` or `mapReduce`.

## Why it matters

Each document is handed to a JavaScript engine, which is many times slower than the server's own operators; \
no index serves a `$where`. MongoDB calls all of them deprecated since 8.0, and they can be switched off \
(`security.javascriptEnabled`).

## What to do

Say it with operators: `$expr` compares fields of one document, `$group` with its accumulators does what \
`mapReduce` does.

## When to ignore it

When it is a job that runs rarely and nothing else says the same.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for work in weighty(rule, evidence) {
        if work.command.uses_javascript || work.command.op == Op::MapReduce {
            out.push(finding(rule, evidence, &work));
        }
    }
}

fn finding(rule: &Rule, evidence: &Evidence<'_>, work: &Work<'_>) -> Finding {
    let scripted = work.command.predicates.iter().any(|p| p.comparison == Comparison::Script);
    let (what, instead) = match (&work.command.op, scripted) {
        (Op::MapReduce, _) => (
            "`mapReduce`",
            "Write it as a pipeline: $match in place of the query, $group with accumulators in place of map \
             and reduce, $merge in place of out.",
        ),
        (_, true) => (
            "`$where`",
            "Compare fields of one document with $expr ($gt, $eq … of \"$a\" and \"$b\"); compare with values \
             outside of it, where an index serves them.",
        ),
        _ => (
            "JavaScript (`$function` or `$accumulator`)",
            "Say it with the operators of expressions: $reduce, $map, $filter, $regexMatch, $dateDiff and \
             their kin.",
        ),
    };
    let mut finding = rule.about(evidence, work.class);
    finding.confidence = Confidence::Medium;
    finding.title = format!("{what} on {}", work.place());
    finding.message = format!(
        "{}. It runs {what} on the server for each document that reaches it; how much of the time that is, \
         the log does not show.",
        work.load()
    );
    let counted = [Known::DocsExamined, Known::Returned];
    finding.evidence.extend(counted.into_iter().filter_map(|known| work.average(known)));
    finding.fixes.push(rewrite::code(
        instead,
        "Compare both on a copy of the data: null, missing fields and numbers of other types may count \
         differently.",
    ));
    work.add_explain(&mut finding);
    finding.verify = mongodb_explain::verify("no $where, $function or $accumulator in its stages");
    finding.trade_offs = "None but the work of writing it anew.".to_owned();
    finding
}
