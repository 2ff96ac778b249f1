//! `leading-wildcard`: LIKE patterns that begin with a wildcard, which no btree serves.

use super::{
    SERVERS, by_engine, column_words, examines_few, is_mysql, is_narrowed, load, plan_clues,
    table_of, weigh_text, weighty, wraps_bare_column,
};
use crate::judge::advice::index::{self, Candidate, write_cost};
use crate::judge::advice::{ident, mysql_index, names, rewrite, verify};
use crate::judge::evidence::{ClassEvidence, Evidence};
use crate::judge::finding::{Confidence, Fact, Finding, Severity};
use crate::judge::rules::Rule;
use crate::judge::words;
use crate::lang::sql::shape::{Comparison, Predicate};

/// Below this share of a class's literal patterns, wildcards in front are the exception.
const MIN_PATTERN_SHARE: f64 = 0.1;
/// Functions whose result a trigram index may be built on.
const INDEXABLE: &[&str] = &["lower", "upper"];

/// The rule.
pub static RULE: Rule = Rule {
    code: "QRY006",
    name: "leading-wildcard",
    title: "LIKE pattern that begins with a wildcard",
    target: "queries",
    engines: SERVERS,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

`LIKE`, `ILIKE` or `SIMILAR TO` with literal patterns that begin with `%` or `_`, in at least a \
tenth of the class's literal patterns. A pattern that comes as a bind parameter is not known and \
raises nothing.

## Why it matters

A btree finds values by their beginning. Without one, every value of the column is read and \
matched, however few of them fit.

## What to do

A trigram index (`pg_trgm`) serves patterns with a wildcard in front, if they hold three or more \
letters or digits in a row. For whole words in long texts, full-text search is smaller and faster. \
For endings only, an index on `reverse(column)` and a reversed pattern will do. MySQL and MariaDB have \
no trigrams: a FULLTEXT index finds whole words and their beginnings, which are fewer rows.

## When to ignore it

When a trigram index is there already, the table is small, or another condition leaves few rows.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for class in weighty(rule, evidence) {
        let facts = &class.class.facts;
        let patterns = facts.leading_wildcards.saturating_add(facts.anchored_likes);
        let share = facts.leading_wildcards as f64 / patterns.max(1) as f64;
        let likes: Vec<_> =
            class.shape.predicates.iter().filter(|p| p.comparison == Comparison::Like).collect();
        // With several LIKEs, whose pattern has the wildcard is known only if all have it.
        let told_apart = likes.len() == 1 || facts.anchored_likes == 0;
        let suspects: Vec<_> = likes.into_iter().filter(|like| is_suspect(class, like)).collect();
        if share >= MIN_PATTERN_SHARE && told_apart && !suspects.is_empty() {
            out.push(finding(rule, evidence, class, &suspects, share));
        }
    }
}

/// A logged plan decides; without one, an equality on the same table clears the statement. What a
/// trigram index cannot be built for is not worth a finding.
fn is_suspect(class: &ClassEvidence<'_>, like: &Predicate) -> bool {
    let indexable = like
        .wrapped_in
        .as_deref()
        .is_none_or(|f| INDEXABLE.contains(&f) && wraps_bare_column(class, like, f));
    let Some(table) = table_of(class, &like.column) else {
        return false;
    };
    indexable
        && match plan_clues::of(class) {
            Some(plan) => plan.scans(table),
            None => !is_narrowed(class, table) && !examines_few(class),
        }
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    class: &ClassEvidence<'_>,
    likes: &[&Predicate],
    share: f64,
) -> Finding {
    let facts = &class.class.facts;
    let mut columns: Vec<_> = likes.iter().map(|like| column_words(&like.column)).collect();
    columns.dedup();
    let columns = columns.join(" and ");

    let mut finding = rule.about(evidence, class);
    let tables = likes.iter().filter_map(|like| table_of(class, &like.column));
    finding.tables = tables.map(str::to_owned).collect();
    finding.title = format!("LIKE with a wildcard in front on {columns}");
    finding.message = format!(
        "{}. {} of the literal patterns begin with a wildcard, which no btree index serves: {}every \
         value of {columns} is matched.",
        load(class),
        words::percent(share),
        by_engine(class, "unless a trigram index is there, ", "")
    );
    finding.evidence.push(Fact {
        fact: format!(
            "patterns with a wildcard in front: {} of {}",
            words::count(facts.leading_wildcards),
            words::count(facts.leading_wildcards.saturating_add(facts.anchored_likes))
        ),
        source: None,
    });
    match plan_clues::of(class) {
        Some(plan) => {
            finding.confidence = Confidence::High;
            finding.evidence.push(plan.fact(evidence, "reads the table from end to end"));
        }
        None => weigh_text(&mut finding, class),
    }
    if is_mysql(class) {
        full_text(evidence, class, likes, &mut finding);
        return finding;
    }
    let mut candidates: Vec<_> =
        likes.iter().filter_map(|like| trigram_index(class, like)).collect();
    candidates.dedup();
    let mut fix = index::fix(&candidates, class, evidence);
    fix.note.push_str(
        " Fits text and varchar columns and patterns with three letters or digits in a row. \
         CREATE EXTENSION needs the right to create in the database (a superuser before version \
         13).",
    );
    finding.fixes.push(fix);
    finding.verify =
        verify::explain(class, "a Bitmap Index Scan on the new index in place of the Seq Scan");
    let tables = candidates.first().map(|c| write_cost(evidence, class, &c.table));
    finding.trade_offs = format!(
        "A trigram index can be several times as large as the text it covers and slows writes more \
         than a btree. {}",
        tables.unwrap_or_default()
    );
    finding
}

/// What MySQL and MariaDB have for words within texts. It finds other rows than LIKE does.
fn full_text(
    evidence: &Evidence<'_>,
    class: &ClassEvidence<'_>,
    likes: &[&Predicate],
    finding: &mut Finding,
) {
    for like in likes {
        let Some(table) = table_of(class, &like.column) else { continue };
        finding.fixes.push(mysql_index::fulltext(class, evidence, table, &like.column.column));
        finding.fixes.push(rewrite::fragment(
            format!(
                "MATCH ({}) AGAINST ({} IN BOOLEAN MODE)",
                names::column(class, &like.column.column),
                names::parameter(class, 1)
            ),
            "In place of the LIKE, with the new index. :p1 is a word, or the beginning of one and a *: \
             '+lamp*'. It finds whole words and their beginnings, so fewer rows than '%lamp%', none \
             for words shorter than innodb_ft_min_token_size (3) and none for stop words. For any \
             piece of a word MySQL has the ngram parser (WITH PARSER ngram), MariaDB none.",
        ));
    }
    finding.fixes.dedup();
    finding.verify = verify::explain(class, "type fulltext in place of ALL");
    finding.trade_offs =
        "A full-text index is kept up at every write and may be as large as the text; \
                          words are found as of the last COMMIT."
            .to_owned();
}

/// The trigram index for a pattern's column, or for the function's result around it.
fn trigram_index(class: &ClassEvidence<'_>, like: &Predicate) -> Option<Candidate> {
    let column = ident::column(&like.column.column);
    let mut words = vec![ident::unquoted(&like.column.column)];
    let key = match like.wrapped_in.as_deref() {
        None => column,
        Some(function) => {
            words.push(function.to_owned());
            format!("({function}({column}))")
        }
    };
    words.push("trgm".to_owned());
    Some(Candidate {
        table: table_of(class, &like.column)?.to_owned(),
        using: "USING gin ",
        keys: vec![format!("{key} gin_trgm_ops")],
        words,
        extension: Some("pg_trgm"),
    })
}
