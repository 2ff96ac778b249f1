//! How to see that a fix worked: the command, and what to look for.

use super::mongodb_explain;
use crate::judge::evidence::ClassEvidence;
use crate::judge::finding::Fix;
use crate::lang::sql::shape::Verb;
use crate::model::event::Engine;

/// Checks a plan with the statement's real values. Where the command executes the statement it says
/// so; what writes or locks is rolled back, or not executed at all.
pub fn explain(class: &ClassEvidence<'_>, shows: &str) -> String {
    if class.server.engine == Engine::Mongodb {
        return mongodb_explain::verify(shows);
    }
    let writes =
        matches!(class.shape.verb, Verb::Insert | Verb::Update | Verb::Delete | Verb::Merge)
            || class.shape.tables.iter().any(|table| table.written)
            || class.shape.locks_rows;
    match (class.server.engine, writes) {
        // EXPLAIN ANALYZE takes hardly any statement that writes, and not every table rolls back.
        (Engine::Mysql | Engine::Mariadb, true) => format!(
            "`EXPLAIN …;` with real values shows {shows}. It does not execute the statement."
        ),
        (Engine::Mysql, false) => format!(
            "`EXPLAIN …;` with real values shows {shows}; `EXPLAIN ANALYZE …;` (MySQL 8.0.18 and \
             later) adds times and real row counts. EXPLAIN ANALYZE executes the statement."
        ),
        (Engine::Mariadb, false) => format!(
            "`ANALYZE …;` with real values shows {shows}, and in r_rows the rows really read. ANALYZE \
             executes the statement."
        ),
        (_, writes) => of_postgres(writes, shows),
    }
}

/// The same for PostgreSQL, where only a plan is known: whether it writes or locks rows.
pub fn of_postgres(writes: bool, shows: &str) -> String {
    match writes {
        true => format!(
            "`BEGIN; EXPLAIN (ANALYZE, BUFFERS) …; ROLLBACK;` with real values shows {shows}. \
             EXPLAIN ANALYZE executes the statement: it holds its locks until the ROLLBACK, and \
             what triggers do outside the database stays done."
        ),
        false => format!(
            "`EXPLAIN (ANALYZE, BUFFERS) …;` with real values shows {shows}. EXPLAIN ANALYZE executes \
             the statement."
        ),
    }
}

/// The command that shows the plan of a class, to be pasted, where the log gives all of it: MongoDB's.
pub fn look(class: &ClassEvidence<'_>) -> Option<Fix> {
    let is_mongodb = class.server.engine == Engine::Mongodb;
    is_mongodb.then(|| mongodb_explain::look(class)).flatten()
}
