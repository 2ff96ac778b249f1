//! `unanchored-regex`: a regular expression that no index bounds.

use super::{MANY, MONGODB, Work, candidate, estimate, is_servable, plain, plans, shown, weighty};
use crate::judge::advice::mongodb_names::{collection, key};
use crate::judge::advice::{ident, mongodb_explain, rewrite};
use crate::judge::evidence::Evidence;
use crate::judge::finding::{Finding, Fix, FixKind, Severity};
use crate::judge::rules::Rule;
use crate::judge::words;
use crate::lang::mongo::shape::{Comparison, Predicate, RegexClass};
use crate::model::event::Known;

/// Documents or keys read for each one of use from which the expression is what makes them many.
const MIN_RATIO: f64 = 10.0;

/// The rule.
pub static RULE: Rule = Rule {
    code: "MDB006",
    name: "unanchored-regex",
    title: "A regular expression that no index bounds",
    target: "queries",
    engines: MONGODB,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A class that compares a field with a regular expression which does not begin with literal text (`/abc/`, \
`/.*abc/`) or ignores case (`/^abc/i`), whose runs examine 1,000 documents or keys or more and ten for \
each one that they use. Where the log does not count, the text alone makes it a candidate. Where another \
predicate could narrow what a scan reads, `collection-scan` speaks instead.

## Why it matters

An index is ordered by the beginning of a value. An expression that may match in the middle, or whatever \
the case, is tested on every key of the index or every document of the collection.

## What to do

Anchor it where the beginning is what is meant. To ignore case, compare by a collation of strength 2 with \
an index of the same collation, or keep a copy of the field in lower case. For words within a text use a \
text index or a search engine.

## When to ignore it

When another predicate leaves few documents to test.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for work in weighty(rule, evidence) {
        if names(&work)
            && let Some((predicate, regex)) = unbound(&work)
        {
            out.push(finding(rule, evidence, &work, predicate, regex));
        }
    }
}

/// The first expression that no index bounds.
fn unbound<'e>(work: &Work<'e>) -> Option<(&'e Predicate, RegexClass)> {
    work.command.predicates.iter().find_map(|predicate| match predicate.comparison {
        Comparison::Regex(class) if !is_servable(predicate) && !predicate.below_not => {
            Some((predicate, class))
        }
        _ => None,
    })
}

/// Whether a class's trouble is its expression.
pub(super) fn names(work: &Work<'_>) -> bool {
    let could_narrow = plans::mostly_scans(work) && work.has_servable_predicate();
    let reads_many = match read(work) {
        None => true,
        Some(read) => {
            let useful = work.useful().map_or(0.0, |(useful, _)| useful);
            read >= MANY * work.runs() as f64 && read >= MIN_RATIO * useful
        }
    };
    unbound(work).is_some() && reads_many && !could_narrow
}

/// Documents or keys read by all runs, where the log counts them.
fn read(work: &Work<'_>) -> Option<f64> {
    let attributes = work.class.class.attributes();
    let known = [Known::DocsExamined, Known::KeysExamined];
    let is_counted = known.iter().any(|known| attributes.numbers(*known).is_some());
    is_counted.then(|| known.iter().map(|known| work.sum(*known)).fold(0.0, f64::max))
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    work: &Work<'_>,
    predicate: &Predicate,
    regex: RegexClass,
) -> Finding {
    let path = ident::shown(&predicate.path);
    let why = match regex.anchored {
        true => "ignores case",
        false => "does not begin with literal text",
    };
    let read = read(work);
    let mut finding = rule.about(evidence, work.class);
    finding.title =
        format!("Regular expression on `{path}` of {} that no index bounds", work.place());
    finding.message = format!(
        "{}. The expression on `{path}` {why}, so that it is tested on every key or document{}.",
        work.load(),
        match read {
            Some(read) => format!(": {} for a logged run", shown(read / work.runs().max(1) as f64)),
            None => "; how many that are the log does not show".to_owned(),
        }
    );
    let facts = &work.class.class.facts;
    if facts.leading_wildcards > 0 {
        finding.evidence.push(plain(format!(
            "{} with such an expression, {} with one that an index bounds",
            words::counted(facts.leading_wildcards, "logged comparison"),
            words::count(facts.anchored_likes)
        )));
    }
    let counted = [Known::DocsExamined, Known::KeysExamined, Known::Returned];
    finding.evidence.extend(counted.into_iter().filter_map(|known| work.average(known)));
    finding.evidence.extend(plans::main(work));
    match read {
        None => candidate(&mut finding),
        Some(read) => {
            let useful = work.useful().map_or(0.0, |(useful, _)| useful);
            let wasted = (1.0 - useful / read.max(1.0)).max(0.0);
            estimate(&mut finding, work.total_us() * wasted, work.total_us());
        }
    }
    finding.fixes.extend(fixes(work, predicate, regex));
    work.add_explain(&mut finding);
    finding.verify = mongodb_explain::verify_reads_less(
        "indexBounds on the field that begin and end with the literal text",
    );
    finding.trade_offs = work.write_cost(evidence);
    finding
}

fn fixes(work: &Work<'_>, predicate: &Predicate, regex: RegexClass) -> Vec<Fix> {
    let mut fixes = Vec::new();
    if regex.ignores_case
        && let Some(name) = work.command.collection()
    {
        let place = collection(work.command.database(), name);
        let field = key(&predicate.path);
        let collation = "{ locale: \"en\", strength: 2 }";
        fixes.push(Fix {
            kind: FixKind::Js,
            text: format!(
                "{place}.getIndexes()\n\
                 {place}.createIndex({{ {field}: 1 }}, {{ name: \"ignores_case\", collation: {collation} \
                 }})\n\
                 // {{1}} is the whole value, whatever its case:\n\
                 // {place}.find({{ {field}: {{1}} }}).collation({collation})"
            ),
            undo: format!("{place}.dropIndex(\"ignores_case\")"),
            note: "Where the expression stands for the whole value: the query compares it as a string, \
                   with the collation of the index (its locale is that of the values). It finds the same \
                   documents but for accents of other strengths; try it beside the old one. It helps \
                   neither for a beginning nor for a part of the value."
                .to_owned(),
            complete: false,
        });
    }
    fixes.push(rewrite::code(
        match regex.anchored {
            true => {
                "Where the beginning is what is meant: keep a copy of the field in lower case, give it an \
                 index, and compare that with an anchored expression that keeps case."
            }
            false => {
                "Where the beginning is what is meant: anchor the expression (/^abc/). Where words within \
                 the text are meant: a text index and $text, or a search engine beside the database."
            }
        },
        "$text finds whole words and their stems, not parts of words. A collection has one text index at \
         most.",
    ));
    fixes
}
