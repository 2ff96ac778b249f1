//! Index candidates for MySQL and MariaDB: online DDL behind the list of the indexes that are there,
//! with what waits for its metadata lock.

use super::index::Candidate;
use super::{ident, mysql_lookup, mysql_names as names};
use crate::judge::evidence::{ClassEvidence, Evidence};
use crate::judge::finding::{Fix, FixKind};
use crate::judge::words;

/// Seconds that an `ALTER TABLE` may wait for its metadata lock: whoever comes later waits behind it.
const LOCK_WAIT_S: u32 = 5;
/// Beginning of every fix that builds an index.
const FIRST: &str = "-- First: the indexes that are there. Go on only if none of them serves.";

/// The weakest lock that a full-text index is built under.
const SHARED: &str = "SHARED";

/// What an `ALTER TABLE` adds, and what takes it away.
struct Change {
    table: String,
    add: String,
    drop: String,
    lock: &'static str,
}

impl Change {
    fn sql(&self) -> (String, String) {
        let Change { table, add, drop, lock } = self;
        (
            format!("ALTER TABLE {table} {add}, ALGORITHM=INPLACE, LOCK={lock};"),
            format!("ALTER TABLE {table} {drop};"),
        )
    }
}

/// The fix that btree candidates of one class make. Where the class ran in several databases a table
/// may be several tables, and only the lists are given.
pub(super) fn fix(
    candidates: &[Candidate],
    class: &ClassEvidence<'_>,
    evidence: &Evidence<'_>,
) -> Fix {
    let changes = candidates.iter().map(|candidate| {
        let name = names::quoted_part(&candidate.name());
        Change {
            table: names::table(class, &candidate.table),
            add: format!("ADD INDEX {name} ({})", candidate.keys.join(", ")),
            drop: format!("DROP INDEX {name}"),
            lock: "NONE",
        }
    });
    let tables: Vec<_> = candidates.iter().map(|candidate| &*candidate.table).collect();
    let more = "A TEXT or BLOB column takes a length: column(100).";
    change(changes.collect(), &tables, class, evidence, more)
}

/// A btree index on a table that only a plan names: no log tells what else uses the table.
pub fn of_plan(table: &str, columns: &[&str]) -> Fix {
    let name = names::quoted_part(&Candidate::named(table, columns));
    let parts: Vec<_> = ident::parts(table).iter().map(|part| names::quoted_part(part)).collect();
    let table = parts.join(".");
    let columns: Vec<_> = columns.iter().map(|column| names::column(column)).collect();
    let (add, drop) = Change {
        table: table.clone(),
        add: format!("ADD INDEX {name} ({})", columns.join(", ")),
        drop: format!("DROP INDEX {name}"),
        lock: "NONE",
    }
    .sql();
    Fix {
        kind: FixKind::Sql,
        text: format!(
            "{FIRST}\nSHOW INDEX FROM {table};\nSET SESSION lock_wait_timeout = {LOCK_WAIT_S};\n{add}"
        ),
        undo: drop,
        note: format!(
            "A candidate: the plan shows the condition, not the indexes that it did not consider. A \
             TEXT or BLOB column takes a length: column(100). LOCK=NONE lets reads and writes go on, \
             but the ALTER waits for every transaction that has used the table, and all who come later \
             wait behind it, so it gives up after {LOCK_WAIT_S} s and is tried again. Replicas begin it \
             when the primary has finished, and lag for as long: from some 10 GB on use \
             pt-online-schema-change or gh-ost."
        ),
        complete: true,
    }
}

/// A full-text index on a column. The first one of a table makes the server build the table anew, and
/// none can be built while the table is written to.
pub fn fulltext(
    class: &ClassEvidence<'_>,
    evidence: &Evidence<'_>,
    table: &str,
    column: &str,
) -> Fix {
    let name = Candidate::named(table, &[column, "fulltext"]);
    let name = names::quoted_part(&name);
    let added = Change {
        table: names::table(class, table),
        add: format!("ADD FULLTEXT INDEX {name} ({})", names::column(column)),
        drop: format!("DROP INDEX {name}"),
        lock: SHARED,
    };
    let more = "A full-text index is built with LOCK=SHARED: nobody writes to the table meanwhile, \
                and the first one of a table builds the whole table anew.";
    change(vec![added], &[table], class, evidence, more)
}

/// A column that the server computes, with an index on it. The type is left open: no log tells it.
pub fn computed_column(
    class: &ClassEvidence<'_>,
    evidence: &Evidence<'_>,
    table: &str,
    (column, function): (&str, &str),
    note: &str,
) -> Fix {
    let computed = ident::unquoted(column) + "_" + function;
    let index = names::quoted_part(&Candidate::named(table, &[column, function]));
    let (computed, column) = (names::column(&computed), names::column(column));
    let table_sql = names::table(class, table);
    let steps = [
        Change {
            table: table_sql.clone(),
            add: format!(
                "ADD COLUMN {computed} {{1}} GENERATED ALWAYS AS ({function}({column})) VIRTUAL"
            ),
            drop: format!("DROP COLUMN {computed}"),
            lock: "NONE",
        },
        Change {
            table: table_sql,
            add: format!("ADD INDEX {index} ({computed})"),
            drop: format!("DROP INDEX {index}"),
            lock: "NONE",
        },
    ];
    let note = format!("{{1}} is the type of the function's result. {note}");
    let mut fix = change(steps.into(), &[table], class, evidence, &note);
    fix.complete = false;
    fix
}

/// Changes of tables behind the lists of their indexes, and what to know before.
fn change(
    changes: Vec<Change>,
    tables: &[&str],
    class: &ClassEvidence<'_>,
    evidence: &Evidence<'_>,
    more: &str,
) -> Fix {
    let mut lists: Vec<_> = tables.iter().map(|t| mysql_lookup::indexes_of(class, t)).collect();
    lists.dedup();
    let databases = class.class.who.databases.ranked(class.server.workload.names()).len();
    if databases > 1 {
        return Fix {
            kind: FixKind::Sql,
            text: lists.join("\n"),
            undo: String::new(),
            note: format!(
                "The statement ran in {databases} databases, so the table may be as many tables: \
                 look at the indexes in each before any DDL."
            ),
            complete: false,
        };
    }
    let lock = match changes.iter().any(|change| change.lock == SHARED) {
        true => "The ALTER waits",
        false => "LOCK=NONE lets reads and writes go on, but the ALTER waits",
    };
    let (add, mut drop): (Vec<_>, Vec<_>) = changes.iter().map(Change::sql).unzip();
    drop.reverse();
    Fix {
        kind: FixKind::Sql,
        text: format!(
            "{FIRST}\n{}\nSET SESSION lock_wait_timeout = {LOCK_WAIT_S};\n{}",
            lists.join("\n"),
            add.join("\n")
        ),
        undo: drop.join("\n"),
        note: format!(
            "A candidate: the log shows the predicate, not the indexes. {more} {lock} for every \
             transaction that has used the table, and \
             all who come later wait behind it, so it gives up after {LOCK_WAIT_S} s and is tried \
             again.{} Replicas begin it when the primary has finished, and lag for as long: from some \
             10 GB on use pt-online-schema-change or gh-ost.",
            longest_on(evidence, class, tables)
        ),
        complete: true,
    }
}

/// The longest logged statement on one of the tables: it would have held up the ALTER.
fn longest_on(evidence: &Evidence<'_>, class: &ClassEvidence<'_>, tables: &[&str]) -> String {
    let uses = |c: &&ClassEvidence<'_>| {
        c.server.label == class.server.label
            && tables.iter().any(|table| {
                c.class.fingerprint.contains(&*ident::last_part(table))
                    && c.shape.tables.iter().any(|used| used.name == **table)
            })
    };
    let longest =
        evidence.classes.iter().filter(uses).max_by_key(|c| (c.class.stats.max_us, c.class.id));
    longest.map_or_else(String::new, |longest| {
        format!(
            " The longest logged statement on the table took {} (class {}).",
            words::duration_us(longest.class.stats.max_us as f64),
            longest.class.id
        )
    })
}
