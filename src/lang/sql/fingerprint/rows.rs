//! The rows of a long VALUES list. Behind a row come mostly more of them, thousands in one statement,
//! that differ in their constants only: they are passed without lexing each token, since none changes
//! the text.
//!
//! Only in statements that are too long for a template: what is hashed of the literals here is not
//! what a template hashes.

use super::normalise::Normaliser;
use super::templates::MAX_STATEMENT;
use crate::lang::sql::lexer::{Dialect, string_end};
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Longer rows are lexed.
const MAX_ROW: usize = 1024;
/// Rows with these outside constants are lexed.
const ODD: &[u8] = b"'\"`#/@?:${[\\";

impl Normaliser<'_, '_> {
    /// Behind a row whose bytes begin at `start`: passes the rows like it that follow.
    pub(super) fn skip_rows(&mut self, start: usize) {
        let from = self.lexer.position();
        let row = self.sql.get(start..from).unwrap_or_default();
        if self.sql.len() <= MAX_STATEMENT || row.len() > MAX_ROW {
            return;
        }
        let Some(pattern) = Pattern::of(row, self.dialect == Dialect::Mysql) else { return };
        let (mut at, mut rows) = (from, 0u32);
        while let Some(end) = pattern.next_row(self.sql, at) {
            at = end;
            rows = rows.saturating_add(1);
        }
        let literals = rows.saturating_mul(pattern.pieces.len() as u32);
        if rows == 0 {
            return;
        }
        self.lexer.rewind(at);
        self.frame.rows = self.frame.rows.saturating_add(rows);
        self.frame.elements = self.frame.elements.saturating_add(rows);
        let facts = &mut self.facts;
        facts.max_values_rows = facts.max_values_rows.max(self.frame.rows);
        facts.literals = facts.literals.saturating_add(literals);
        facts.literal_hash = xxh3_64_with_seed(&self.sql[from..at], facts.literal_hash);
    }
}

/// What rows have in common that differ in their constants only.
struct Pattern<'r> {
    pieces: Vec<Piece<'r>>,
    /// Behind the last constant.
    tail: &'r [u8],
    backslashes: bool,
}

/// A constant and what stands before it.
struct Piece<'r> {
    fixed: &'r [u8],
    kind: Constant,
    /// It begins an element of a list.
    in_list: bool,
    /// It is all of the element: then any kind of constant reads like it.
    is_alone: bool,
}

impl<'r> Pattern<'r> {
    /// The pattern of a row; none if it holds something of which its bytes tell too little: other
    /// quotes, comments, parameters, strings with a prefix or side by side, a query.
    fn of(row: &'r [u8], backslashes: bool) -> Option<Pattern<'r>> {
        let mut pieces = Vec::new();
        let (mut from, mut at, mut before) = (0, 0, b',');
        while let Some(byte) = row.get(at) {
            let begins = !before.is_ascii_alphanumeric() && !b"_.'\\".contains(&before);
            let in_list = matches!(before, b'(' | b',');
            let found = begins.then(|| constant(row, at, in_list, backslashes)).flatten();
            if let Some((end, kind)) = found {
                if row.get(blank(row, end)) == Some(&b'\'') {
                    return None;
                }
                let is_alone = in_list && matches!(row.get(end), Some(b',' | b')'));
                pieces.push(Piece { fixed: row.get(from..at)?, kind, in_list, is_alone });
                (from, at, before) = (end, end, b'0');
                continue;
            }
            let rest = row.get(at..)?;
            let is_query = rest.get(..6).is_some_and(|word| word.eq_ignore_ascii_case(b"select"));
            if ODD.contains(byte) || !byte.is_ascii() || rest.starts_with(b"--") || is_query {
                return None;
            }
            // Blanks tell nothing, but that a word ended.
            if !byte.is_ascii_whitespace() || before.is_ascii_alphanumeric() {
                before = *byte;
            }
            at += 1;
        }
        Some(Pattern { pieces, tail: row.get(from..)?, backslashes })
    }

    /// Behind a comma and a row of this pattern at `at`.
    fn next_row(&self, sql: &[u8], at: usize) -> Option<usize> {
        let comma = blank(sql, at);
        if *sql.get(comma)? != b',' {
            return None;
        }
        let mut at = blank(sql, comma + 1);
        for piece in &self.pieces {
            at = behind(sql, at, piece.fixed)?;
            let (end, kind) = constant(sql, at, piece.in_list, self.backslashes)?;
            if !piece.is_alone && kind != piece.kind {
                return None;
            }
            at = end;
        }
        behind(sql, at, self.tail)
    }
}

/// Behind a text that stands at `at`. What stands between constants is a comma or two, for which
/// comparing bytes here is faster than a call.
fn behind(sql: &[u8], at: usize, text: &[u8]) -> Option<usize> {
    let end = at + text.len();
    let here = sql.get(at..end)?;
    let is_same = match (here, text) {
        ([], []) => true,
        ([a], [b]) => a == b,
        ([a, c], [b, d]) => a == b && c == d,
        ([a, c, e], [b, d, f]) => a == b && c == d && e == f,
        _ => here == text,
    };
    is_same.then_some(end)
}

fn blank(sql: &[u8], at: usize) -> usize {
    let rest = sql.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|b| matches!(b, b' ' | b'\n' | b'\r' | b'\t')).count()
}

/// Kinds of constants that may read differently where they are no elements by themselves.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Constant {
    Plain,
    Signed,
    Null,
}

/// Behind a string in single quotes, a number without exponent, or NULL.
fn constant(sql: &[u8], at: usize, in_list: bool, backslashes: bool) -> Option<(usize, Constant)> {
    let digits = |from: usize| {
        let rest = sql.get(from..).unwrap_or_default();
        rest.iter().take_while(|b| b.is_ascii_digit() || **b == b'.').count()
    };
    match sql.get(at)? {
        b'\'' => Some((string_end(sql, at + 1, b'\'', backslashes)?, Constant::Plain)),
        b'0'..=b'9' => Some((at + digits(at), Constant::Plain)),
        b'-' if in_list && sql.get(at + 1)?.is_ascii_digit() => {
            Some((at + 1 + digits(at + 1), Constant::Signed))
        }
        b'N' | b'n' if in_list => {
            let is_null = sql.get(at..at + 4)?.eq_ignore_ascii_case(b"null");
            let is_word = sql.get(at + 4).is_none_or(|b| !b.is_ascii_alphanumeric() && *b != b'_');
            (is_null && is_word).then_some((at + 4, Constant::Null))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::lang::sql::fingerprint::Fingerprinter;
    use crate::lang::sql::lexer::Dialect;

    #[test]
    fn long_lists_read_like_short_ones() {
        let rows = [
            "(1, 'a', null)",
            "(-2.5, 'it''s', NULL)",
            "(3, 'b\\'c', 'd')",
            "( 4 ,'x','y' )",
            "(5, 1e5, 'z')",
            "(6, now(), 'q')",
            "(7, 'a' 'b', 0xff)",
            "(now(6), 'x', 'y')",
            "(now(), 'x', 1 - 2)",
            "(x'00', 'x', null is null)",
            "((select 1 limit 5), 'x', 'y')",
            "(-1, - 2, (3))",
        ];
        for dialect in [Dialect::Mysql, Dialect::Postgres, Dialect::Sqlite] {
            for odd in 0..=rows.len() {
                let plain = &rows[..2];
                let mut list: Vec<&str> = plain.to_vec();
                list.extend(rows.get(odd));
                let repeated = rows.get(odd).copied().unwrap_or(plain[0]);
                let mut printer = Fingerprinter::new(dialect);
                let mut told = |times: usize| {
                    let many = vec![repeated; times].join(",");
                    let list = list.join(", ");
                    let tail = "on duplicate key update a = a + 1";
                    let sql = format!("insert into t values {many}, {list} {tail}");
                    let print = printer.run(sql.as_bytes());
                    let facts = print.facts;
                    let counts = (facts.max_values_rows, facts.literals, facts.max_limit);
                    (print.display_text(), print.truncated, counts)
                };
                let (text, cut, (rows, literals, limit)) = told(1);
                let (twice, _, (_, more, _)) = told(2);
                let (long, long_cut, counts) = told(301);
                // A row that is broken in its dialect runs into the next one.
                if !cut && twice == text {
                    assert_eq!((long, long_cut), (text, cut), "{dialect:?} {list:?}");
                    assert_eq!(counts, (rows + 300, literals + 300 * (more - literals), limit));
                }
            }
        }
    }
}
