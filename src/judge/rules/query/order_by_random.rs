//! `order-by-random`: rows picked by sorting all of them in random order.

use super::{SERVERS, by_engine, examines_few, is_mysql, load, on_tables, weighty};
use crate::judge::advice::{names, rewrite, verify};
use crate::judge::evidence::{ClassEvidence, Evidence};
use crate::judge::finding::{Fact, Finding, Fix, Severity};
use crate::judge::rules::Rule;
use crate::judge::words;

/// The rule.
pub static RULE: Rule = Rule {
    code: "QRY010",
    name: "order-by-random",
    title: "ORDER BY random()",
    target: "queries",
    engines: SERVERS,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

`ORDER BY random()` with a LIMIT: a few rows are picked at random.

## Why it matters

Every row that passes the conditions is read and given a random number before the first one is \
returned, so the time grows with the table and no index helps.

## What to do

Pick first, then sort: sample with TABLESAMPLE (PostgreSQL) and sort the sample, sort the keys alone \
and fetch the rows afterwards (MySQL), or start at a random value of \
the primary key and take the next row. Both are cheaper and less even: the sample may hold fewer \
rows than asked for, and a key after a gap is picked more often.

## When to ignore it

When few rows pass the conditions, or every row must have exactly the same chance.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for class in weighty(rule, evidence) {
        if class.shape.orders_by_random && class.shape.limit && !examines_few(class) {
            out.push(finding(rule, evidence, class));
        }
    }
}

fn finding(rule: &Rule, evidence: &Evidence<'_>, class: &ClassEvidence<'_>) -> Finding {
    let limit = class.class.facts.max_limit;
    let mut finding = rule.about(evidence, class);
    finding.title = format!(
        "ORDER BY {}{}: every row is read to pick a few",
        by_engine(class, "random()", "RAND()"),
        on_tables(class)
    );
    finding.message = format!(
        "{}. Each run gives every row that passes its conditions a random number{}.",
        load(class),
        match limit {
            0 => String::new(),
            n => format!(" and keeps at most {}", words::count(n)),
        }
    );
    if limit > 0 {
        finding.evidence.push(Fact {
            fact: format!("largest literal LIMIT: {}", words::count(limit)),
            source: None,
        });
    }
    finding.fixes.extend(fixes(class));
    finding.verify = verify::explain(
        class,
        by_engine(
            class,
            "a Sample Scan or an Index Scan under the Limit, in place of a Sort over the whole table",
            "a range of the primary key without filesort, or a filesort over the keys only",
        ),
    );
    finding.trade_offs = by_engine(
        class,
        "The pick is less even: TABLESAMPLE may return fewer rows than asked for, and SYSTEM takes \
         whole pages of neighbours; a random key favours rows after gaps.",
        "A random key favours rows after gaps; keys first is as even as before, and still reads all \
         of them.",
    )
    .to_owned();
    finding
}

fn fixes(class: &ClassEvidence<'_>) -> Vec<Fix> {
    let [table] = class.shape.tables.as_slice() else {
        return vec![rewrite::code(
            format!(
                "Pick the rows of one table first, in a subquery {}by a random key, then join the \
                 others to them.",
                by_engine(class, "with TABLESAMPLE or ", "")
            ),
            "Conditions on the joined tables may then leave fewer rows than were picked.",
        )];
    };
    let table = names::table(class, &table.name);
    if is_mysql(class) {
        return mysql_fixes(&table);
    }
    vec![
        rewrite::fragment(
            format!("FROM {table} TABLESAMPLE SYSTEM ({{1}})"),
            "An alias goes before TABLESAMPLE. Keep ORDER BY random() and LIMIT: they then sort the sample only. {1} is the percentage \
             of the table to read, large enough that more rows than the LIMIT pass the conditions, \
             which are tested after sampling. BERNOULLI in place of SYSTEM is more even and reads \
             every page.",
        ),
        rewrite::fragment(
            format!(
                "WHERE {{1}} >= (SELECT floor(random() * (max({{1}}) + 1))::bigint FROM {table})\n\
                 ORDER BY {{1}} LIMIT 1"
            ),
            "For one row. {1} is an integer primary key that starts near 0 and has few gaps; add the \
             statement's own conditions, and ask again when no row comes back.",
        ),
    ]
}

/// MySQL and MariaDB have no samples. RAND() in a scalar subquery would run for every row, so the start
/// stands in a derived table.
fn mysql_fixes(table: &str) -> Vec<Fix> {
    vec![
        rewrite::fragment(
            format!(
                "FROM {table} JOIN (SELECT {{1}} FROM {table} WHERE {{2}} ORDER BY RAND() LIMIT {{3}}) \
                 AS pick USING ({{1}})"
            ),
            "{1} is the primary key, {2} the statement's conditions, {3} its LIMIT. As even as before: \
             only keys are sorted, and the wide rows are fetched for those that were picked. Best with \
             an index that holds the conditions.",
        ),
        rewrite::fragment(
            format!(
                "FROM {table} JOIN (SELECT FLOOR(RAND() * ((SELECT MAX({{1}}) FROM {table}) + 1)) AS \
                 start) AS pick ON {{1}} >= pick.start\nORDER BY {{1}} LIMIT 1"
            ),
            "For one row. {1} is an integer primary key that starts near 0 and has few gaps; add the \
             statement's own conditions, and ask again when no row comes back.",
        ),
    ]
}
