//! How to see that a fix worked: the command, and what to look for.

use crate::judge::evidence::ClassEvidence;
use crate::lang::sql::shape::Verb;

/// Checks a plan with the statement's real values. EXPLAIN ANALYZE executes, and says so; around
/// a statement that writes or locks stands a transaction that is rolled back.
pub fn explain(class: &ClassEvidence<'_>, shows: &str) -> String {
    let writes =
        matches!(class.shape.verb, Verb::Insert | Verb::Update | Verb::Delete | Verb::Merge)
            || class.shape.tables.iter().any(|table| table.written)
            || class.shape.locks_rows;
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
