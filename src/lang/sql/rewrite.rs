//! Statements rewritten into a form that an index can serve.
//!
//! Input: a statement, masked or not. Output: the rewritten statement without any constant but
//! booleans and NULL, and the conditions under which both forms return the same rows. Where a
//! statement holds anything that the rewrite does not surely preserve, there is none. Whether a
//! rewrite is worth advising is left to the rules.

mod keyset;
mod not_exists;
mod union;

use std::collections::{BTreeMap, BTreeSet};

use sqlparser::ast::{
    BinaryOperator, Expr, Ident, Query, Select, SelectItem, SetExpr, Statement as Parsed,
    TableFactor, Value,
};

use super::lexer::{Dialect, Lexer, TokenKind};
use super::shape::text::Statement;
use super::shape::{expr, grammar};

/// A rewritten statement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rewrite {
    /// The statement, over several lines. Its placeholders are written `$1` (PostgreSQL), `:p1`
    /// (MySQL) or `?1` (SQLite); the parameters that a PostgreSQL statement had keep their numbers.
    pub sql: String,
    /// How many placeholders stand for something else than a parameter the statement had: for a
    /// constant that is hidden, or for a value the application must now pass.
    pub placeholders: usize,
    /// What must hold for both forms to return the same rows, and what changes. Whole sentences.
    pub notes: Vec<String>,
}

/// `x NOT IN (SELECT y …)` as `NOT EXISTS`, for each such condition of the outermost WHERE.
pub fn not_in_to_not_exists(sql: &str, dialect: Dialect) -> Option<Rewrite> {
    rewrite(sql, dialect, |parsed, _| not_exists::apply(parsed))
}

/// LIMIT with OFFSET as a condition on the ORDER BY columns that continues behind the last row of
/// the page before.
pub fn offset_to_keyset(sql: &str, dialect: Dialect) -> Option<Rewrite> {
    rewrite(sql, dialect, keyset::apply)
}

/// An OR across columns as UNION ALL of one select per arm, each without the rows of the arms
/// before it.
pub fn or_to_union(sql: &str, dialect: Dialect) -> Option<Rewrite> {
    rewrite(sql, dialect, |parsed, _| union::apply(parsed))
}

/// Numbers from here on mark placeholders that have no final number yet.
const FIRST_MARK: u32 = 1_000_000;
/// Marks from here on belong to values that the rewrite adds.
const FIRST_ADDED: u32 = 2_000_000;

/// A note, in which `{n}` with a mark stands for that placeholder.
type Note = String;

fn rewrite(
    sql: &str,
    dialect: Dialect,
    apply: impl FnOnce(&mut Parsed, Dialect) -> Option<Vec<Note>>,
) -> Option<Rewrite> {
    let statement = Statement::first(sql, dialect)?;
    let marked = mark(&statement)?;
    let mut parsed = grammar::parse(&statement, &marked)?;
    let notes = apply(&mut parsed, dialect)?;
    let rewrite = number(&layout(&parsed.to_string(), dialect)?, notes, dialect)?;
    // The parser takes some texts that are no SQL, such as `a.'x'`: they do not come back.
    let again = Statement::first(&rewrite.sql, dialect)?;
    grammar::read(&again).map(|_| rewrite)
}

/// The statement with a marked placeholder for each constant and each unnumbered parameter.
fn mark(statement: &Statement) -> Option<String> {
    let mut sure = true;
    let text = statement.spell(|index, text| {
        let token = statement.tokens[index];
        let written = statement.text(token);
        if statement.dialect == Dialect::Postgres
            && token.kind == TokenKind::Param
            && let Some(number) = written.strip_prefix('$')
        {
            sure &= number.parse().is_ok_and(|number: u32| number < FIRST_MARK);
            text.push_str(written);
            return;
        }
        let mark = u32::try_from(index).ok().and_then(|index| FIRST_MARK.checked_add(index));
        let Some(mark) = mark.filter(|&mark| mark < FIRST_ADDED) else {
            sure = false;
            return;
        };
        let mark = placeholder(mark, statement.dialect);
        match typed_by(statement, index) {
            None => text.push_str(&mark),
            Some(name) if !is_interval_field(statement.word(index + 1)) => {
                // `date '…'` takes no placeholder.
                text.truncate(text.trim_end().len().saturating_sub(name.len()));
                text.push_str(&format!("CAST({mark} AS {name})"));
            }
            Some(_) => sure = false,
        }
    });
    sure.then_some(text)
}

/// The type that is written before the constant at `index`.
fn typed_by<'a>(statement: &Statement<'a>, index: usize) -> Option<&'a str> {
    let string = matches!(statement.tokens[index].kind, TokenKind::String(_));
    let name = statement.word(index.checked_sub(1)?)?;
    let is = |types: &[&str]| types.iter().any(|known| known.eq_ignore_ascii_case(name));
    let interval = statement.dialect == Dialect::Postgres && is(&["interval"]);
    let other =
        string && is(&["date", "time", "timestamp", "timestamptz", "json", "jsonb", "uuid"]);
    (interval || other).then_some(name)
}

fn is_interval_field(word: Option<&str>) -> bool {
    const FIELDS: [&str; 6] = ["year", "month", "day", "hour", "minute", "second"];
    word.is_some_and(|word| FIELDS.iter().any(|field| field.eq_ignore_ascii_case(word)))
}

fn placeholder(number: u32, dialect: Dialect) -> String {
    match dialect {
        Dialect::Postgres => format!("${number}"),
        Dialect::Mysql => format!(":p{number}"),
        Dialect::Sqlite => format!("?{number}"),
    }
}

/// A placeholder for the value number `index` that the rewrite adds.
fn added(index: usize, dialect: Dialect) -> Option<(Expr, String)> {
    let mark = FIRST_ADDED.checked_add(u32::try_from(index).ok()?)?;
    let written = placeholder(mark, dialect);
    Some((Expr::Value(Value::Placeholder(written.clone()).into()), written))
}

/// Gives the marks of a text the lowest free numbers, in order of appearance. `None` where a
/// constant is left over.
fn number(marked: &str, notes: Vec<Note>, dialect: Dialect) -> Option<Rewrite> {
    let prefix = placeholder(0, dialect);
    let prefix = prefix.trim_end_matches('0');
    let mut found = Vec::new();
    let mut taken = BTreeSet::new();
    let mut lexer = Lexer::new(marked.as_bytes(), dialect);
    while let Some(token) = lexer.next_significant() {
        match token.kind {
            TokenKind::Number | TokenKind::String(_) => return None,
            TokenKind::Param => {
                let written = marked.get(token.start..token.end)?;
                let number: u32 = written.strip_prefix(prefix)?.parse().ok()?;
                if number >= FIRST_MARK {
                    found.push((token.start, token.end, number));
                } else {
                    taken.insert(number);
                }
            }
            _ => {}
        }
    }
    let mut free = (1..FIRST_MARK).filter(|number| !taken.contains(number));
    let mut numbers: BTreeMap<u32, u32> = BTreeMap::new();
    let mut sql = String::with_capacity(marked.len());
    let mut copied = 0;
    for (start, end, mark) in found {
        let number = match numbers.get(&mark) {
            Some(&number) => number,
            None => {
                let number = free.next()?;
                numbers.insert(mark, number);
                number
            }
        };
        sql.push_str(marked.get(copied..start)?);
        sql.push_str(&placeholder(number, dialect));
        copied = end;
    }
    sql.push_str(marked.get(copied..)?);
    let mut notes = notes;
    for note in &mut notes {
        for (mark, number) in &numbers {
            let mark = placeholder(*mark, dialect);
            if note.contains(&mark) {
                *note = note.replace(&mark, &placeholder(*number, dialect));
            }
        }
    }
    let hidden: Vec<_> = numbers.iter().filter(|(mark, _)| **mark < FIRST_ADDED).collect();
    if !hidden.is_empty() {
        let mut numbers: Vec<u32> = hidden.iter().map(|(_, number)| **number).collect();
        numbers.sort_unstable();
        let list: Vec<_> = numbers.iter().map(|number| placeholder(*number, dialect)).collect();
        notes.push(format!("Hidden constants of the original: {}.", list.join(", ")));
    }
    Some(Rewrite { sql, placeholders: numbers.len(), notes })
}

/// A statement of one line with its outermost clauses, joins and ANDs on lines of their own.
fn layout(line: &str, dialect: Dialect) -> Option<String> {
    let mut lexer = Lexer::new(line.as_bytes(), dialect);
    let mut text = String::with_capacity(line.len() + 64);
    let mut depth = 0usize;
    let mut between = false;
    let mut copied = 0;
    let mut previous = String::new();
    while let Some(token) = lexer.next_significant() {
        match token.kind {
            TokenKind::Punct(b'(') => depth += 1,
            TokenKind::Punct(b')') => depth = depth.saturating_sub(1),
            TokenKind::Word if depth == 0 => {
                let word = line.get(token.start..token.end)?.to_ascii_uppercase();
                let new_line = match word.as_str() {
                    "AND" if std::mem::take(&mut between) => None,
                    "AND" => Some("\n  "),
                    "FROM" if matches!(previous.as_str(), "DELETE" | "DISTINCT") => None,
                    "FROM" | "WHERE" | "ORDER" | "LIMIT" | "OFFSET" | "FETCH" | "RETURNING"
                    | "SET" | "UNION" => Some("\n"),
                    "SELECT" if previous == "ALL" => Some("\n"),
                    "LEFT" | "RIGHT" | "FULL" | "INNER" | "CROSS" | "NATURAL" => Some("\n"),
                    "JOIN" if !JOIN_KINDS.contains(&previous.as_str()) => Some("\n"),
                    _ => None,
                };
                between |= word == "BETWEEN";
                if let Some(new_line) = new_line {
                    text.push_str(line.get(copied..token.start)?.trim_end());
                    text.push_str(new_line);
                    copied = token.start;
                }
                previous = word;
                continue;
            }
            _ => {}
        }
        previous.clear();
    }
    text.push_str(line.get(copied..)?);
    Some(text)
}

/// Words that stand between the start of a join and its JOIN.
const JOIN_KINDS: [&str; 7] = ["LEFT", "RIGHT", "FULL", "INNER", "CROSS", "NATURAL", "OUTER"];

/// The select of a query that is nothing but one select.
fn only_select(query: &mut Query) -> Option<&mut Select> {
    match &mut *query.body {
        SetExpr::Select(select) => Some(select),
        _ => None,
    }
}

/// Whether each row of the result is one row of the FROM list, by itself: no folding, no windows,
/// nothing that depends on which other rows are chosen.
fn is_row_by_row(select: &Select) -> bool {
    let windows = |expr: &Expr| matches!(expr, Expr::Function(call) if call.over.is_some());
    !grammar::folds_rows(select)
        && select.projection.iter().all(|item| match item {
            SelectItem::UnnamedExpr(item) | SelectItem::ExprWithAlias { expr: item, .. } => {
                !expr::any(item, 0, &windows)
            }
            SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..) => true,
            SelectItem::ExprWithAliases { .. } => false,
        })
        && select.into.is_none()
        && select.top.is_none()
        && select.qualify.is_none()
        && select.connect_by.is_empty()
        && select.lateral_views.is_empty()
        && select.prewhere.is_none()
        && select.cluster_by.is_empty()
        && select.distribute_by.is_empty()
        && select.sort_by.is_empty()
        && !select.from.is_empty()
}

/// Whether a query has none of the clauses that only other servers know.
fn is_plain(query: &Query) -> bool {
    query.locks.is_empty()
        && query.for_clause.is_none()
        && query.settings.is_none()
        && query.format_clause.is_none()
        && query.pipe_operators.is_empty()
}

/// What qualifies the columns of the items of a FROM list; `None` where an item has no name.
fn qualifiers(select: &Select) -> Option<Vec<Ident>> {
    let mut names = Vec::new();
    for item in &select.from {
        let factors = std::iter::once(&item.relation).chain(item.joins.iter().map(|j| &j.relation));
        for factor in factors {
            names.push(match factor {
                TableFactor::Table { alias: Some(alias), .. }
                | TableFactor::Derived { alias: Some(alias), .. }
                | TableFactor::Function { alias: Some(alias), .. } => alias.name.clone(),
                TableFactor::Table { name, args: None, .. } => name.0.last()?.as_ident()?.clone(),
                _ => return None,
            });
        }
    }
    Some(names)
}

/// Both conditions, the second in parentheses where it would bind less tightly.
fn and(left: Option<Expr>, right: Expr) -> Expr {
    let Some(left) = left else {
        return right;
    };
    binary(in_parentheses(left), BinaryOperator::And, in_parentheses(right))
}

fn binary(left: Expr, op: BinaryOperator, right: Expr) -> Expr {
    Expr::BinaryOp { left: Box::new(left), op, right: Box::new(right) }
}

/// An OR in parentheses, anything else as it is.
fn in_parentheses(expr: Expr) -> Expr {
    match expr {
        Expr::BinaryOp { op: BinaryOperator::Or | BinaryOperator::Xor, .. } => {
            Expr::Nested(Box::new(expr))
        }
        expr => expr,
    }
}

#[cfg(test)]
mod tests;
