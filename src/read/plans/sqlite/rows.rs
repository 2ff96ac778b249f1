//! Rows of a plan: three numbers and the words, between whatever a client puts around columns.
//!
//! Since 3.24 they are id, parent, an unused number and the words; before that the number of the
//! (sub)query, the place in its join order, the place in FROM, and the words. Old plans are put
//! together by what their words say: `SUBQUERY 1` stands above the rows of query 1.

use super::lines::{Line, Measured};
use super::node::is_plan_line;
use std::collections::BTreeMap;

/// Names of the columns.
const NAMES: [&str; 7] = ["id", "parent", "notused", "detail", "selectid", "order", "from"];

/// Ends a row where rows are objects: several may stand on one line.
const OBJECT_END: &str = "},";

/// A row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Row<'a> {
    /// Its id, or the number of its query.
    id: u32,
    /// The id of the row above, or its place in the join.
    parent: u32,
    text: &'a str,
    offset: usize,
}

/// Whether a line is a row of a plan.
pub(super) fn is_row(line: &str) -> bool {
    line.split_inclusive(OBJECT_END).next().and_then(of_line).is_some()
}

/// Whether a line says the same as a column of a row: `    id = 4`.
pub(super) fn is_column(line: &str) -> bool {
    column(line).is_some_and(|(name, value)| match name {
        "detail" => is_plan_line(value),
        _ => value.parse::<u32>().is_ok(),
    })
}

fn column(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(" = ")?;
    let name = name.trim();
    NAMES.contains(&name).then(|| (name, value.trim()))
}

/// What stands between columns.
fn is_between(letter: char) -> bool {
    letter.is_whitespace() || "|│║┃,;()[]{}'\"".contains(letter)
}

/// The numbers and the words of a row.
fn of_line(line: &str) -> Option<([u32; 3], &str)> {
    let mut rest = line;
    let mut numbers = [0; 3];
    for number in &mut numbers {
        rest = behind_name(rest);
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        *number = rest.get(..digits)?.parse().ok()?;
        rest = rest.get(digits..)?;
        if !rest.starts_with(is_between) {
            return None;
        }
    }
    let words = behind_name(rest);
    let end = |letter: char| is_between(letter) && letter != ')';
    let words = words.trim_end_matches(end);
    // Of a tuple or a call the last parenthesis is not the words' own.
    let is_open = words.matches('(').count() < words.matches(')').count();
    let words = if is_open { words.strip_suffix(')').unwrap_or(words) } else { words };
    let words = words.trim_end_matches(end);
    is_plan_line(words).then_some((numbers, words))
}

/// Behind what stands before a column: separators, and its name where rows are objects.
fn behind_name(text: &str) -> &str {
    let text = text.trim_start_matches(is_between);
    let letters = text.bytes().take_while(u8::is_ascii_lowercase).count();
    let (name, rest) = text.split_at(letters);
    match NAMES.contains(&name) {
        true => rest.trim_start_matches(|letter| is_between(letter) || letter == ':'),
        false => text,
    }
}

/// The lines of a plan that is printed as rows.
pub(super) fn read(plan: &str, offset: usize) -> Vec<Line<'_>> {
    let mut rows = Vec::new();
    let mut at = offset;
    let mut numbers: Vec<u32> = Vec::new();
    for raw in plan.split_inclusive('\n').flat_map(|line| line.split_inclusive(OBJECT_END)) {
        if let Some(([id, parent, _], text)) = of_line(raw) {
            rows.push(Row { id, parent, text, offset: at });
        } else if let Some((name, value)) = column(raw) {
            match (name, value.parse(), numbers.as_slice()) {
                ("detail", _, [id, parent, ..]) => {
                    rows.push(Row { id: *id, parent: *parent, text: value, offset: at });
                    numbers.clear();
                }
                (_, Ok(number), _) => numbers.push(number),
                _ => {}
            }
        }
        at += raw.len();
    }
    let is_new = !rows.is_empty() && rows.iter().all(|row| row.id > 0) && are_unique(&rows);
    lines(&rows, if is_new { by_parent(&rows) } else { by_query(&rows) })
}

fn are_unique(rows: &[Row<'_>]) -> bool {
    let mut ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    ids.sort_unstable();
    ids.windows(2).all(|pair| pair.first() != pair.last())
}

/// Of each row the one above.
fn by_parent(rows: &[Row<'_>]) -> Vec<Option<usize>> {
    let ids: BTreeMap<u32, usize> = rows.iter().enumerate().map(|(at, row)| (row.id, at)).collect();
    rows.iter().map(|row| ids.get(&row.parent).copied()).collect()
}

/// Of each row of an old plan the one above: the first that names its query.
fn by_query(rows: &[Row<'_>]) -> Vec<Option<usize>> {
    let mut named: BTreeMap<u32, usize> = BTreeMap::new();
    for (at, row) in rows.iter().enumerate() {
        for query in queries_of(row.text) {
            if query != row.id {
                named.entry(query).or_insert(at);
            }
        }
    }
    rows.iter().map(|row| if row.id == 0 { None } else { named.get(&row.id).copied() }).collect()
}

/// The numbers of the queries that a row names: `SUBQUERY 1`, `SUBQUERIES 1 AND 2`.
fn queries_of(text: &str) -> Vec<u32> {
    let Some((_, behind)) = text.split_once("SUBQUERY ").or_else(|| text.split_once("SUBQUERIES "))
    else {
        return Vec::new();
    };
    let words = behind
        .split_whitespace()
        .take_while(|word| *word == "AND" || word.bytes().all(|byte| byte.is_ascii_digit()));
    words.filter_map(|word| word.parse().ok()).collect()
}

/// Rows with the row above each as lines in the order of the tree. Rows that are in no tree, since
/// they stand above one another, follow on top.
fn lines<'a>(rows: &[Row<'a>], above: Vec<Option<usize>>) -> Vec<Line<'a>> {
    let mut below: Vec<Vec<usize>> = vec![Vec::new(); rows.len()];
    let mut open: Vec<(usize, usize)> = Vec::new();
    for (at, parent) in above.iter().enumerate() {
        match parent.and_then(|parent| below.get_mut(parent)) {
            Some(siblings) => siblings.push(at),
            None => open.push((at, 0)),
        }
    }
    open.reverse();
    let mut is_told = vec![false; rows.len()];
    let mut lines = Vec::with_capacity(rows.len());
    let mut next = 0;
    loop {
        let Some((at, depth)) = open.pop() else {
            let rest = is_told.get(next..).unwrap_or_default();
            let Some(left) = rest.iter().position(|told| !told) else { return lines };
            next += left;
            open.push((next, 0));
            continue;
        };
        let (Some(row), Some(told)) = (rows.get(at), is_told.get_mut(at)) else { continue };
        if std::mem::replace(told, true) {
            continue;
        }
        let measured = Measured::default();
        lines.push(Line { depth, text: row.text, measured, offset: row.offset });
        let inner = below.get(at).into_iter().flatten().rev();
        open.extend(inner.map(|inner| (*inner, depth + 1)));
    }
}
