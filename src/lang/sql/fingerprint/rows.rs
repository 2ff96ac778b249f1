//! The rows of a long VALUES list. Behind a row of constants come mostly more of them, thousands in
//! one statement: they are passed without lexing each token, since none changes the text.
//!
//! Only in statements that are too long for a template: what is hashed of the literals here is not
//! what a template hashes.

use super::normalise::Normaliser;
use super::templates::MAX_STATEMENT;
use crate::lang::bytes::find2;
use crate::lang::sql::lexer::Dialect;
use memchr::memchr;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// The text of a row of constants.
const CONSTANTS: &[u8] = b"(?)";

impl Normaliser<'_, '_> {
    /// Behind a row whose text begins at `start`: passes the rows of constants that follow.
    pub(super) fn skip_rows(&mut self, start: usize) {
        let text = self.out.get(start..).unwrap_or_default();
        if self.sql.len() <= MAX_STATEMENT || text.trim_ascii_start() != CONSTANTS {
            return;
        }
        let from = self.lexer.position();
        let backslashes = self.dialect == Dialect::Mysql;
        let (mut at, mut rows, mut literals) = (from, 0u32, 0u32);
        while let Some((end, count)) = row(self.sql, at, backslashes) {
            at = end;
            rows = rows.saturating_add(1);
            literals = literals.saturating_add(count);
        }
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

/// Behind a comma and a row of plain constants at `at`, and how many these are.
fn row(sql: &[u8], at: usize, backslashes: bool) -> Option<(usize, u32)> {
    let mut at = blank(sql, at);
    if *sql.get(at)? != b',' {
        return None;
    }
    at = blank(sql, at + 1);
    if *sql.get(at)? != b'(' {
        return None;
    }
    let mut count = 0;
    loop {
        at = blank(sql, constant(sql, blank(sql, at + 1), backslashes)?);
        count += 1;
        match sql.get(at)? {
            b',' => {}
            b')' => return Some((at + 1, count)),
            _ => return None,
        }
    }
}

fn blank(sql: &[u8], at: usize) -> usize {
    let rest = sql.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|b| matches!(b, b' ' | b'\n' | b'\r' | b'\t')).count()
}

/// Behind a string in single quotes, a number without exponent, or NULL.
fn constant(sql: &[u8], at: usize, backslashes: bool) -> Option<usize> {
    match sql.get(at)? {
        b'\'' => string(sql, at + 1, backslashes),
        b'-' | b'0'..=b'9' => {
            let digits = &sql[at + 1..];
            let length = digits.iter().take_while(|b| b.is_ascii_digit() || **b == b'.').count();
            let is_number = sql[at] != b'-' || digits.first().is_some_and(u8::is_ascii_digit);
            is_number.then_some(at + 1 + length)
        }
        b'N' | b'n' => {
            let word = sql.get(at..at + 4)?;
            word.eq_ignore_ascii_case(b"null").then_some(at + 4)
        }
        _ => None,
    }
}

fn string(sql: &[u8], mut at: usize, backslashes: bool) -> Option<usize> {
    loop {
        let rest = sql.get(at..)?;
        at += match backslashes {
            true => find2(b'\'', b'\\', rest)?,
            false => memchr(b'\'', rest)?,
        };
        if sql[at] == b'\'' && sql.get(at + 1) != Some(&b'\'') {
            return Some(at + 1);
        }
        at += 2;
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
        ];
        for dialect in [Dialect::Mysql, Dialect::Postgres, Dialect::Sqlite] {
            for odd in 0..=rows.len() {
                let plain = &rows[..2];
                let mut list: Vec<&str> = plain.to_vec();
                list.extend(rows.get(odd));
                let tail = " on duplicate key update a = a + 1";
                let short = format!("insert into t values {}{tail}", list.join(", "));
                let many = std::iter::repeat_n(plain[0], 300).collect::<Vec<_>>().join(",");
                let long = format!("insert into t values {many}, {}{tail}", list.join(", "));
                let mut printer = Fingerprinter::new(dialect);
                let text = |printer: &mut Fingerprinter, sql: &str| {
                    let print = printer.run(sql.as_bytes());
                    let facts = print.facts;
                    (print.display_text(), facts.max_values_rows, facts.literals, print.truncated)
                };
                let (short, rows, literals, short_cut) = text(&mut printer, &short);
                let (long, more_rows, more_literals, long_cut) = text(&mut printer, &long);
                if !short_cut {
                    assert_eq!((long, long_cut), (short, short_cut), "{dialect:?} {list:?}");
                    assert_eq!((more_rows, more_literals), (rows + 300, literals + 900));
                }
            }
        }
    }
}
