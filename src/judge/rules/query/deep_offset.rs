//! `deep-offset`: pages fetched by a large literal OFFSET.

use super::{SERVERS, by_engine, is_mysql, load, on_tables, weighty};
use crate::judge::advice::{rewrite, verify};
use crate::judge::evidence::{ClassEvidence, Evidence};
use crate::judge::finding::{Fact, Finding, Fix, Severity};
use crate::judge::rules::Rule;
use crate::judge::words;
use crate::lang::sql::rewrite::offset_to_keyset;

/// The rule.
pub static RULE: Rule = Rule {
    code: "QRY004",
    name: "deep-offset",
    title: "Deep OFFSET: rows are read to be thrown away",
    target: "queries",
    engines: SERVERS,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A statement with a literal `OFFSET` of 1,000 rows or more (`deep_offset`). An OFFSET that comes \
as a bind parameter is not known and raises nothing.

## Why it matters

The server makes every skipped row and throws it away, so a page costs more the further back it \
lies. Rows that come or go between two pages are shown twice or never.

## What to do

Remember the sort key of the last row of a page and ask for the rows after it (keyset \
pagination). With an index on the sort key each page then costs the same. The sort key must be \
unique: add a unique tie-breaker, such as the primary key, as its last column.

## When to ignore it

When the interface must jump to any page number, which keysets cannot do, or when the deep pages \
are fetched by one rare job. An export is better served by one cursor, COPY in PostgreSQL, an unbuffered result in \
MySQL.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    let deep = evidence.options.thresholds.deep_offset;
    for class in weighty(rule, evidence) {
        if class.shape.offset && class.class.facts.max_offset >= deep {
            out.push(finding(rule, evidence, class));
        }
    }
}

fn finding(rule: &Rule, evidence: &Evidence<'_>, class: &ClassEvidence<'_>) -> Finding {
    let facts = &class.class.facts;
    let offset = words::count(facts.max_offset);
    let mut finding = rule.about(evidence, class);
    finding.title =
        format!("Deep OFFSET{}: up to {offset} rows read and thrown away", on_tables(class));
    finding.message = format!(
        "{}. The deepest page skips {offset} rows{}; the server makes each of them first. How many \
         of the calls go that deep is not counted.",
        load(class),
        match facts.max_limit {
            0 => String::new(),
            limit => format!(" to return at most {}", words::count(limit)),
        }
    );
    finding
        .evidence
        .push(Fact { fact: format!("largest literal OFFSET: {offset} rows"), source: None });
    finding.fixes.push(fix(class));
    if is_mysql(class) && class.shape.tables.len() == 1 {
        finding.fixes.push(keys_first());
    }
    finding.verify = verify::explain(
        class,
        by_engine(
            class,
            "an Index Scan under the Limit, with as few rows for a late page as for the first",
            "a range of the index on the sort key, no filesort, and as few rows for a late page as \
             for the first",
        ),
    );
    finding.trade_offs =
        "Gives up jumps to a page number: only the next and the previous page can \
                          be asked for. The sort key needs an index that ends in a unique column."
            .to_owned();
    finding
}

/// The lesser way, where any page may be asked for.
fn keys_first() -> Fix {
    rewrite::fragment(
        "JOIN (SELECT {1} FROM {2} WHERE {3} ORDER BY {4} LIMIT {5} OFFSET {6}) AS page USING ({1})"
            .to_owned(),
        "Where pages must be jumped to: {1} is the primary key, {2} the table, {3} to {6} the \
         statement's own. The skipped rows are then read from an index that holds the condition, the \
         sort key and {1}, and only those of the page from the table. Repeat ORDER BY outside. Each \
         skipped row still costs.",
    )
}

fn fix(class: &ClassEvidence<'_>) -> Fix {
    const INDEX: &str = "It pays with an index on the sort key, after the columns that are tested \
                         for equality.";
    let rewritten = rewrite::statement(class)
        .and_then(|sql| offset_to_keyset(sql, class.server.engine.dialect()?));
    match rewritten {
        Some(rewritten) => rewrite::whole(rewritten, INDEX),
        None => rewrite::code(
            "Keep the sort key of the page's last row, and ask for the rows after it in place of \
             OFFSET.",
            format!(
                "No safe rewrite of this statement is known. The sort key must be NOT NULL and \
                 unique: a unique column comes last in it. {INDEX}"
            ),
        ),
    }
}
