//! Locks, Temporary Files, Errors, Checkpoints, Vacuum: what happened beside queries, a part for
//! each topic. A topic without facts says in one line what to turn on.

mod errors;
mod indexes;
mod locks;
mod maintenance;
mod storage;

use super::{heading, paragraph};
use crate::judge::words;
use crate::model::event::Engine;
use crate::report::phrases::dash;
use crate::report::types::{Concerned, Count, Report};
use crate::report::{engines, escape};

/// Rows of a table; the JSON report has more.
const MAX_ROWS: usize = 15;
/// Characters of a statement in a table.
const STATEMENT: usize = 80;
/// Characters of a name in a table.
const NAME: usize = 60;

/// The heading: only PostgreSQL's log tells of its checkpoints and vacuums.
pub fn title(report: &Report) -> &'static str {
    match engines::has(report, Engine::Postgres) {
        true => "Locks, Temporary Files, Errors, Checkpoints, Vacuum",
        false => "Locks, Temporary Files, Errors",
    }
}

pub fn write(report: &Report, out: &mut String) {
    locks::write(report, out);
    storage::temp_files(report, out);
    errors::write(report, out);
    if engines::has(report, Engine::Postgres) {
        storage::checkpoints(report, out);
        maintenance::write(report, out);
    }
    storage::slow_checkpoints(report, out);
    indexes::builds(report, out);
    indexes::expiries(report, out);
    errors::replica_set(report, out);
    errors::events(report, out);
}

/// A part without facts: its heading and what to turn on.
fn silent(out: &mut String, title: &str, line: &str) {
    heading(out, 4, title);
    paragraph(out, line);
}

/// The statement of a class, linked to its details where the report shows them.
fn statement(report: &Report, concerned: &Concerned) -> String {
    let Some(text) = &concerned.fingerprint else { return dash() };
    let code = escape::cell_code(text, STATEMENT);
    let shown = report.queries.iter().chain(&report.also_shown);
    let anchor = concerned
        .query_id
        .as_ref()
        .and_then(|id| shown.filter(|query| query.id == *id).map(|query| &query.anchor).next());
    match anchor {
        Some(anchor) => format!("[{code}](#{anchor})"),
        None => code,
    }
}

/// `3 by statement_timeout, 1 by user request`.
fn counts(counts: &[Count], joint: &str) -> String {
    let parts: Vec<_> = counts
        .iter()
        .map(|count| format!("{} {joint}{}", words::count(count.count), escape::prose(&count.name)))
        .collect();
    parts.join(", ")
}

/// What a table leaves out.
fn more(out: &mut String, left: usize, what: &str) {
    if left > 0 {
        let text = format!("{} more {what} in the JSON report.", words::count(left as u64));
        paragraph(out, &text);
    }
}
