//! Where plans stand in a text, and the statement before them: behind `EXPLAIN QUERY PLAN`, or
//! behind the shell's prompt under `.eqp on`. One pass over the lines.

use super::{lines, node, rows};
use crate::read::plans::Found;

/// Lines of a statement before its plan that are looked at.
const MAX_STATEMENT_LINES: usize = 500;
const PROMPT: &str = "sqlite> ";
const CONTINUED: &str = "   ...> ";
const EXPLAIN: &str = "explain query plan";
const SCANSTATS: &str = "-------- scanstats --------";

/// What a line is to a plan.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    /// The heading of a tree, or of what was measured.
    Header,
    /// A line of a tree.
    Branch,
    /// A row, or a column of one.
    Row,
    /// A line of the old `.scanstats`.
    Scan,
    /// Anything else.
    Other,
}

fn kind(line: &str) -> Kind {
    let text = line.trim_start();
    match text.as_bytes().first() {
        Some(b'Q') if lines::is_header(text) => Kind::Header,
        Some(b'-') if text.starts_with(SCANSTATS) => Kind::Header,
        Some(b'|' | b'`') => match lines::branch(text) {
            Some(_) => Kind::Branch,
            None if rows::is_row(text) => Kind::Row,
            None => Kind::Other,
        },
        Some(b'L') if text.starts_with("Loop ") => Kind::Scan,
        Some(b'n') if text.starts_with("nLoop=") => Kind::Scan,
        Some(_) if rows::is_row(text) || rows::is_column(text) => Kind::Row,
        _ => Kind::Other,
    }
}

/// The first plan of a text, with the statement before it.
pub(super) fn find(text: &str) -> Option<Found> {
    let mut statement: Option<Statement> = None;
    let mut header: Option<usize> = None;
    let mut at = 0;
    for raw in text.split_inclusive('\n') {
        let line = raw.trim_end();
        let kind = kind(line);
        let is_start = match kind {
            Kind::Branch | Kind::Scan => header.is_some() || is_known_branch(line),
            Kind::Row => true,
            Kind::Header | Kind::Other => false,
        };
        if is_start {
            let before = statement.filter(Statement::is_ready).map(|statement| statement.start);
            let start = before.or(header).unwrap_or(at);
            return Some(Found { start, end: at + end_of(text.get(at..)?, kind) });
        }
        header = (kind == Kind::Header).then_some(at);
        if kind == Kind::Other {
            statement = Statement::after(statement, line, at);
        }
        at += raw.len();
    }
    None
}

/// Whether a line of a tree is surely one of a plan, without the heading.
fn is_known_branch(line: &str) -> bool {
    lines::branch(line).is_some_and(|(_, words)| node::is_plan_line(words))
}

/// Where a plan ends whose first line of a kind begins a text.
fn end_of(text: &str, first: Kind) -> usize {
    let (mut at, mut end) = (0, 0);
    let mut blanks = 0;
    for raw in text.split_inclusive('\n') {
        let line = raw.trim_end();
        at += raw.len();
        let kind = match first {
            // Within a tree every branch is a part of it, and only its own top may follow.
            Kind::Branch if is_branch(line) => Kind::Branch,
            _ => kind(line),
        };
        match line.is_empty() {
            // Rows that are printed as columns stand apart.
            true if first == Kind::Row && blanks == 0 => blanks = 1,
            false if kind == first => {
                blanks = 0;
                end = at;
            }
            _ => break,
        }
    }
    end
}

fn is_branch(line: &str) -> bool {
    let indent = line.len() - line.trim_start_matches([' ', '|']).len();
    lines::branch(line).is_some() || line.get(indent..).is_some_and(|text| text.starts_with("`--"))
}

/// A statement that may belong to the plan behind it.
#[derive(Clone, Copy, Debug)]
struct Statement {
    start: usize,
    lines: usize,
    is_ended: bool,
}

impl Statement {
    fn is_ready(&self) -> bool {
        self.is_ended
    }

    /// What is known behind one more line, which is none of a plan.
    fn after(before: Option<Statement>, line: &str, at: usize) -> Option<Statement> {
        let ends = line.ends_with(';');
        if begins_statement(line) {
            return Some(Statement { start: at, lines: 1, is_ended: ends });
        }
        let is_heading = |line: &str| {
            let text = line.trim();
            text.is_empty() || text.contains("detail") || !text.contains(char::is_alphanumeric)
        };
        before.and_then(|mut statement| {
            statement.lines += 1;
            if statement.is_ended {
                return is_heading(line).then_some(statement);
            }
            statement.is_ended = ends;
            (statement.lines <= MAX_STATEMENT_LINES).then_some(statement)
        })
    }
}

/// Whether a statement begins with this line.
fn begins_statement(line: &str) -> bool {
    let text = line.trim_start();
    let (text, is_prompted) = match text.strip_prefix(PROMPT) {
        Some(text) => (text.trim_start(), true),
        None => (text, false),
    };
    let is_explain = text.get(..EXPLAIN.len()).is_some_and(|w| w.eq_ignore_ascii_case(EXPLAIN));
    is_explain || (is_prompted && !text.starts_with('.'))
}

/// The statement that a document begins with, and where its plan begins.
pub(super) fn statement(document: &str) -> (Option<String>, usize) {
    if !begins_statement(document.lines().next().unwrap_or_default()) {
        return (None, 0);
    }
    let mut statement = String::new();
    let mut at = 0;
    for raw in document.split_inclusive('\n') {
        let line = raw.trim_start();
        let line = line.strip_prefix(PROMPT).unwrap_or(raw);
        statement.push_str(line.strip_prefix(CONTINUED).unwrap_or(line));
        at += raw.len();
        if raw.trim_end().ends_with(';') {
            break;
        }
    }
    let text = statement.trim();
    let text = match text.get(..EXPLAIN.len()) {
        Some(words) if words.eq_ignore_ascii_case(EXPLAIN) => &text[EXPLAIN.len()..],
        _ => text,
    };
    let text = text.trim().trim_end_matches(';').trim_end();
    ((!text.is_empty()).then(|| text.to_owned()), at)
}
