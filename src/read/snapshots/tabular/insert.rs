//! SQLite's `insert` and `quote` modes: rows as literals of SQL.

use super::escapes::unescaped;
use super::lines::Lines;
use super::rows::{Rows, nothing};
use super::{ResultSet, ShapeMeta, TextShape};

/// Statements that insert one row each.
pub struct Insert;

/// Rows of literals below a header of quoted names.
pub struct Quoted;

impl TextShape for Insert {
    fn meta(&self) -> &'static ShapeMeta {
        &ShapeMeta {
            name: "insert",
            title: "statements of one row each: insert of sqlite3",
            words: &["INSERT INTO "],
            sample: "INSERT INTO t(id,name) VALUES(1,'a');\nINSERT INTO t(id,name) VALUES(2,NULL);\n",
        }
    }

    fn find(&self, text: &str) -> Option<usize> {
        let begins = |text: &str| head(text).is_some_and(|head| row(head.rest).is_some());
        let mut lines = Lines::from(text, 0).filter(|line| line.text.starts_with("INSERT INTO "));
        lines.find(|line| begins(line.text)).map(|line| line.start)
    }

    fn read(&self, text: &str) -> ResultSet {
        let Some(first) = head(text) else { return nothing(1) };
        let mut rows = Rows::new(text, self.meta().name, first.columns());
        rows.set_title(first.table);
        let mut at = 0;
        while let Some(next) = text.get(at..).and_then(head) {
            if (next.table, next.names) != (first.table, first.names) {
                break;
            }
            let Some((cells, rest)) = row(next.rest) else { break };
            let Some(rest) = rest.strip_prefix(");") else { break };
            rows.push(at, cells);
            let rest = rest.trim_start_matches('\r');
            at = text.len() - rest.strip_prefix('\n').unwrap_or(rest).len();
        }
        rows.finish(at.max(1))
    }
}

impl TextShape for Quoted {
    fn meta(&self) -> &'static ShapeMeta {
        &ShapeMeta {
            name: "quote",
            title: "rows of SQL literals: quote of sqlite3",
            words: &["','"],
            sample: "'id','name'\n1,'a'\n2,NULL\n",
        }
    }

    fn find(&self, text: &str) -> Option<usize> {
        for line in Lines::from(text, 0) {
            let Some(names) = names(line.text) else { continue };
            let below = text.get(line.next..).and_then(row);
            if below.is_some_and(|(cells, _)| cells.len() == names.len()) {
                return Some(line.start);
            }
        }
        None
    }

    fn read(&self, text: &str) -> ResultSet {
        let mut lines = Lines::from(text, 0);
        let head = lines.next().and_then(|line| Some((names(line.text)?, line.next)));
        let Some((columns, mut at)) = head else { return nothing(1) };
        let mut rows = Rows::new(text, self.meta().name, columns);
        while let Some((cells, rest)) = text.get(at..).and_then(row) {
            let rest = rest.trim_start_matches('\r');
            if !rest.is_empty() && !rest.starts_with('\n') {
                break;
            }
            // Names in another number are those of another table.
            let is_other = cells.len() != rows.columns().len();
            if is_other && Lines::from(text, at).next().and_then(|line| names(line.text)).is_some()
            {
                break;
            }
            rows.push(at, cells);
            at = text.len() - rest.strip_prefix('\n').unwrap_or(rest).len();
        }
        rows.finish(at)
    }
}

/// The names of a header: quoted, with nothing else.
fn names(line: &str) -> Option<Vec<Box<str>>> {
    if !line.starts_with('\'') {
        return None;
    }
    let (cells, rest) = row(line)?;
    let names: Vec<Box<str>> = cells.into_iter().collect::<Option<_>>()?;
    let is_name = |name: &str| {
        name.len() <= 64
            && name.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && !name.contains(['\n', ','])
    };
    let quoted = names.iter().map(|name| name.len() + 3).sum::<usize>();
    // Each name has its quotes, and a comma but for the last.
    let is_header = rest.is_empty() && names.len() >= 2 && quoted == line.len() + 1;
    (is_header && names.iter().all(|name| is_name(name))).then_some(names)
}

/// What stands before the values of a statement.
struct Head<'t> {
    table: &'t str,
    names: Option<&'t str>,
    rest: &'t str,
}

impl Head<'_> {
    fn columns(&self) -> Vec<Box<str>> {
        let names = self.names.into_iter().flat_map(|names| names.split(','));
        names.map(|name| name.trim().trim_matches(['"', '`']).into()).collect()
    }
}

fn head(text: &str) -> Option<Head<'_>> {
    let rest = text.strip_prefix("INSERT INTO ")?;
    // Names are short: a text without values is not looked through.
    let end = rest.char_indices().take(1 << 14).take_while(|(_, c)| *c != '\n');
    let line = end.last().and_then(|(at, c)| rest.get(..at + c.len_utf8()))?;
    let at = line.find(" VALUES(")?;
    let (table, names) = match line.get(..at)?.split_once('(') {
        Some((table, names)) => (table, Some(names.strip_suffix(')')?)),
        None => (line.get(..at)?, None),
    };
    let is_table = !table.is_empty() && table.len() <= 256 && !table.ends_with(' ');
    is_table.then_some(Head { table, names, rest: rest.get(at + " VALUES(".len()..)? })
}

/// Functions around a literal: one for each kind of line end.
const FUNCTIONS_MAX: u8 = 2;

type Cells = Vec<Option<Box<str>>>;

/// Literals with commas between, and what stands behind them.
fn row(text: &str) -> Option<(Cells, &str)> {
    let mut cells = Vec::new();
    let mut rest = text;
    loop {
        let (cell, behind) = literal(rest, FUNCTIONS_MAX)?;
        cells.push(cell);
        match behind.strip_prefix(',') {
            Some(behind) => rest = behind,
            None => return Some((cells, behind)),
        }
    }
}

fn literal(text: &str, functions_left: u8) -> Option<(Option<Box<str>>, &str)> {
    if let Some(inside) = text.strip_prefix('\'') {
        let (value, rest) = quoted(inside)?;
        return Some((Some(value.into()), rest));
    }
    if let Some(rest) = text.strip_prefix("NULL") {
        return Some((None, rest));
    }
    // SQLite writes line ends with a function, so that each statement is one line.
    if let Some(inside) = text.strip_prefix("replace(") {
        let (value, rest) = literal(inside, functions_left.checked_sub(1)?)?;
        let rest = rest
            .strip_prefix(",'\\n',char(10))")
            .or_else(|| rest.strip_prefix(",'\\r',char(13))"))?;
        return Some((value.map(|value| line_ends(&value)), rest));
    }
    if let Some(inside) = text.strip_prefix("unistr('") {
        let (value, rest) = quoted(inside)?;
        return Some((Some(unicode(&value).into()), rest.strip_prefix(')')?));
    }
    let end = text
        .find(|c: char| !c.is_ascii_alphanumeric() && !"+-.'".contains(c))
        .unwrap_or(text.len());
    let value = text.get(..end)?;
    let is_number = value.trim_start_matches('-').starts_with(|c: char| c.is_ascii_digit())
        || value.ends_with("Inf");
    let is_blob = value.starts_with(['x', 'X']) && value.get(1..2) == Some("'");
    (is_number || is_blob).then_some((Some(value.into()), text.get(end..)?))
}

/// A text whose quotes are doubled, and what stands behind its end.
fn quoted(inside: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut rest = inside;
    loop {
        let (before, behind) = rest.split_once('\'')?;
        value.push_str(before);
        match behind.strip_prefix('\'') {
            Some(behind) => {
                value.push('\'');
                rest = behind;
            }
            None => return Some((value, behind)),
        }
    }
}

/// The letters that stand for line ends, of which the client made sure that nothing else has them.
fn line_ends(value: &str) -> Box<str> {
    value.replace("\\n", "\n").replace("\\r", "\r").into()
}

/// `\u000a` and `\\`, as newer clients write line ends.
fn unicode(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, behind)) = rest.split_once("\\u") {
        out.push_str(&unescaped(before));
        let letter = behind.get(..4).and_then(|hex| u32::from_str_radix(hex, 16).ok());
        match letter.and_then(char::from_u32) {
            Some(letter) => {
                out.push(letter);
                rest = behind.get(4..).unwrap_or_default();
            }
            None => {
                out.push_str("\\u");
                rest = behind;
            }
        }
    }
    out.push_str(rest);
    out
}
