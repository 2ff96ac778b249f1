//! `missing-where`: an UPDATE or DELETE of every row of a table.

use super::{SERVERS, by_engine, is_mysql, load, name_words, run_facts};
use crate::judge::advice::{names, rewrite, verify};
use crate::judge::evidence::{ClassEvidence, Evidence};
use crate::judge::finding::{Finding, Fix, FixKind, Severity};
use crate::judge::rules::{MIN_CLASS_US, Rule};
use crate::lang::sql::shape::{TableUse, Verb};
use crate::model::event::Known;

/// The rule.
pub static RULE: Rule = Rule {
    code: "QRY012",
    name: "missing-where",
    title: "UPDATE or DELETE without WHERE",
    target: "queries",
    engines: SERVERS,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

An UPDATE or DELETE with neither WHERE nor a join that restricts it, which ran twice or more or \
takes at least 1 % of the logged time. A single run, as in a migration, is information only.

## Why it matters

Every row of the table is written: each leaves an old version behind, every index of the table may \
get a new entry, and all rows stay locked until the transaction ends. How many rows that are the \
log does not show.

## What to do

If every row is meant, keep the cost down: for UPDATE skip the rows that have the value already; \
for DELETE consider TRUNCATE where its stronger lock is acceptable. If it is not meant, add the \
condition, and look at what the statement has done so far.

## When to ignore it

When the table is small by design or temporary, or the statement was a migration.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    let least = evidence.options.thresholds.min_share;
    for class in &evidence.classes {
        let weighs = class.share >= least && class.class.stats.total_us >= MIN_CLASS_US;
        let worth_it = weighs || class.class.stats.calls >= 2;
        if !worth_it || class.class.truncated || !names_a_verb(&class.class.fingerprint) {
            continue;
        }
        let whole_table = matches!(class.shape.verb, Verb::Update | Verb::Delete)
            && class.shape.exact
            && !class.shape.has_where;
        if whole_table && rule.engines.contains(&class.server.engine) {
            out.push(finding(rule, evidence, class));
        }
    }
}

/// Whether one of the verbs may be in a fingerprint: spares reading the shapes of all others.
fn names_a_verb(fingerprint: &str) -> bool {
    ["update", "delete"].iter().any(|verb| fingerprint.contains(verb))
}

fn finding(rule: &Rule, evidence: &Evidence<'_>, class: &ClassEvidence<'_>) -> Finding {
    let (verb, done) = match class.shape.verb {
        Verb::Update => ("UPDATE", "rewritten"),
        _ => ("DELETE", "deleted"),
    };
    let target = class.shape.tables.iter().find(|table| table.written);
    let table = target.map_or_else(|| "the table".to_owned(), |t| name_words(&t.name));

    let mut finding = rule.about(evidence, class);
    if class.class.stats.calls < 2 {
        finding.severity = Severity::Info; // once is a migration or a repair
    }
    let changed = run_facts::on_average(class, Known::RowsAffected);
    finding.title = format!("{verb} of every row of {table}");
    finding.message = format!(
        "{}. It has no WHERE: every row of {table} is {done} and stays locked until the transaction \
         ends.{}",
        load(class),
        match changed.is_some() {
            true => "",
            false => " How many rows that are is not in the log.",
        }
    );
    finding.evidence.extend(changed);
    finding.fixes.push(match class.shape.verb {
        Verb::Update => skip_unchanged(class),
        _ => truncate(class, target),
    });
    finding.verify = verify::explain(
        class,
        by_engine(
            class,
            "how many rows the statement touches, and how many pages it makes dirty",
            "how many rows the statement reads and locks",
        ),
    );
    finding.trade_offs = match class.shape.verb {
        Verb::Update => {
            "The added condition is tested on every row; it pays where most rows have the value \
             already."
        }
        _ if is_mysql(class) => {
            "TRUNCATE commits the transaction that is open, cannot be rolled back, runs no DELETE \
             trigger, begins AUTO_INCREMENT anew, and is refused while a foreign key refers to the \
             table."
        }
        _ => {
            "TRUNCATE locks out readers too (ACCESS EXCLUSIVE), runs no DELETE trigger, is refused \
             while a foreign key refers to the table, and empties it for older snapshots as well."
        }
    }
    .to_owned();
    finding
}

fn skip_unchanged(class: &ClassEvidence<'_>) -> Fix {
    const COLUMN: &str =
        "If every row is meant: {1} is the column that is set, {2} the value it gets.";
    const BATCHES: &str =
        "Many rows are better updated in batches by key, each in its own transaction.";
    match is_mysql(class) {
        true => rewrite::fragment(
            "WHERE NOT ({1} <=> {2})".to_owned(),
            format!(
                "{COLUMN} InnoDB reads and locks every row either way and writes none that has the \
                 value; under READ COMMITTED the condition also gives the locks of such rows back at \
                 once. {BATCHES}"
            ),
        ),
        false => rewrite::fragment(
            "WHERE {1} IS DISTINCT FROM {2}".to_owned(),
            format!("{COLUMN} Rows that have it already are then not written. {BATCHES}"),
        ),
    }
}

fn truncate(class: &ClassEvidence<'_>, table: Option<&TableUse>) -> Fix {
    let note = format!(
        "In the code, in place of the DELETE, if every row is meant to go and an exclusive lock is \
         acceptable: check first that no DELETE trigger and no foreign key counts on the rows. It \
         needs the {} privilege and cannot be taken back{}.",
        by_engine(class, "TRUNCATE", "DROP"),
        by_engine(class, " after COMMIT", "")
    );
    match table {
        Some(table) => Fix {
            kind: FixKind::Rewrite,
            text: format!("TRUNCATE {};", names::table(class, &table.name)),
            undo: String::new(), // a changed statement; what it empties stays empty
            note,
            complete: true,
        },
        None => rewrite::code("TRUNCATE in place of DELETE.", note),
    }
}
