//! The fingerprints and ids of pt-query-digest, so that classes join the reports it wrote.
//!
//! Input: a statement as it was logged, without the `;` that ends it. Output: the text that
//! pt-query-digest 3 groups by, and its query id. The text is made by that tool's steps in that
//! tool's order, its oddities included (`a-1` becomes `a?`, digits inside names go), because one
//! byte of difference is another id. Our own classes come from [`super::fingerprint`] and need none
//! of this. Runs once per class, in linear time: repeated UNIONs are looked for within a budget.

mod steps;

use super::lexer::{Dialect, Lexer, TokenKind};
use steps::{
    before_more_rows, call_head, cut_asc, cut_comments, cut_escapes, is_table_check, lists,
    numbers, quotes, repeated_unions, row_limit, spaces, words,
};

/// The text that pt-query-digest makes of `sql`. Bytes that are no UTF-8 are replaced, which
/// changes the id of the few statements that keep any outside their literals.
pub fn pt_fingerprint(sql: &[u8]) -> String {
    String::from_utf8_lossy(&fingerprint(sql)).into_owned()
}

/// The text that pt-query-digest makes of the statement behind `masked`, which is the statement as
/// [`mask_sql`](crate::lang::literals::mask_sql) writes it. Right but for literals that the tool
/// misreads (`'it''s'`, adjacent strings, `N'…'`, `0xAF`) and comments that it does (`a/* b */c`,
/// quotes in line comments, the marks of pt-table-checksum): the mask has none of these.
///
/// Nothing for a text of which a part is left out or withheld (`…`), unless that is behind the first
/// row of an INSERT, where the tool does not look.
pub fn pt_fingerprint_of_masked(masked: &str) -> Option<String> {
    let whole = match masked.split_once('…') {
        Some((head, _)) => std::str::from_utf8(before_more_rows(head.as_bytes())?).ok()?,
        None => masked,
    };
    Some(pt_fingerprint(with_numbers(whole).as_bytes()))
}

/// A masked statement with a number for each `?` that stands for one: to the tool, a sign or letter
/// before a digit is part of the number.
fn with_numbers(masked: &str) -> String {
    let mut sql = String::with_capacity(masked.len());
    let mut at = 0;
    let mut lexer = Lexer::new(masked.as_bytes(), Dialect::Mysql);
    while let Some(token) = lexer.next_token() {
        if token.kind == TokenKind::Param && masked.get(token.start..token.end) == Some("?") {
            sql.push_str(masked.get(at..token.start).unwrap_or_default());
            sql.push('0');
            at = token.end;
        }
    }
    sql.push_str(masked.get(at..).unwrap_or_default());
    sql
}

/// The id that pt-query-digest 3 gives to a fingerprint: 32 hexadecimal digits in upper case, which
/// it prints behind `0x` in report headings.
pub fn pt_id(fingerprint: &str) -> String {
    format!("{:X}", md5::compute(fingerprint))
}

fn fingerprint(sql: &[u8]) -> Vec<u8> {
    if sql.starts_with(b"SELECT /*!40001 SQL_NO_CACHE */ * FROM `") {
        return b"mysqldump".to_vec();
    }
    if is_table_check(sql) {
        return b"percona-toolkit".to_vec();
    }
    if sql.starts_with(b"administrator command: ") {
        return sql.to_vec();
    }
    if let Some(head) = call_head(sql) {
        return head.to_ascii_lowercase();
    }
    let mut text = cut_comments(before_more_rows(sql).unwrap_or(sql));
    if let Some(database) = text.get(4..)
        && text[..4].eq_ignore_ascii_case(b"use ")
        && !database.is_empty()
        && !database.iter().any(|&byte| steps::is_space(byte))
    {
        return b"use ?".to_vec();
    }
    text = cut_escapes(&text);
    text = quotes(&text, b'"');
    text = quotes(&text, b'\'');
    text = words(&text, &[b"false", b"true"]);
    text = numbers(&text);
    text = spaces(&text);
    text = words(&text, &[b"null"]);
    text = lists(&text);
    text = repeated_unions(text);
    text = row_limit(text);
    cut_asc(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::literals::mask_sql;

    /// Blocks of a statement, `> ` its fingerprint and `= ` its id, all written by the tool itself.
    const CASES: &str = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/fixtures/fingerprint/pt-query-digest.txt"
    ));

    #[test]
    fn fingerprints_and_ids_are_those_of_the_tool() {
        let mut read = 0;
        for block in CASES.split("\n\n").skip(1) {
            let (sql, rest) = block.split_once("\n> ").expect("a fingerprint");
            let (text, id) = rest.trim_end_matches('\n').split_once("\n= ").expect("an id");
            assert_eq!(pt_fingerprint(sql.as_bytes()), text, "{sql}");
            assert_eq!(pt_id(text), id, "{sql}");
            read += 1;
        }
        assert!(read >= 40, "{read}");
    }

    #[test]
    fn masked_statements_have_the_fingerprints_of_the_whole_ones() {
        let misread =
            ["it''s", "0xAF", "N'y'", "/**/", "it's kept", "shop.orders:1/5", "unbalanced"];
        for block in CASES.split("\n\n").skip(1) {
            let (sql, rest) = block.split_once("\n> ").expect("a fingerprint");
            let (text, _) = rest.split_once("\n= ").expect("an id");
            let mut masked = String::new();
            mask_sql(sql.as_bytes(), Dialect::Mysql, &mut masked);
            let found = pt_fingerprint_of_masked(&masked);
            let same = found.as_deref() == Some(text);
            let expected = !misread.iter().any(|part| sql.contains(part));
            assert_eq!(same, expected, "{sql}: {found:?}");
        }
    }

    #[test]
    fn of_a_cut_statement_only_the_first_row_is_enough() {
        let cut = "insert into t values (?, '?'), (?, … (900 bytes left out) … '?')";
        assert_eq!(pt_fingerprint_of_masked(cut).as_deref(), Some("insert into t values(?+)"));
        assert_eq!(pt_fingerprint_of_masked("select a from t where b in (?, … ?)"), None);
    }

    #[test]
    fn hostile_statements_take_linear_time() {
        for piece in ["#", "--", "/*", "'", "values (", "in (", "select a union ", "call (", ") , "]
        {
            pt_fingerprint(piece.repeat(100_000).as_bytes());
        }
        let unions = format!("{} x", "select aaaaaaaaaaaaaaaaaaaaaa b union ".repeat(50_000));
        let differing: String =
            (0..50_000).map(|n| format!("select aaaa {} union ", "b".repeat(n % 50))).collect();
        pt_fingerprint(unions.as_bytes());
        pt_fingerprint(differing.as_bytes());
        pt_fingerprint(&(0..=255).collect::<Vec<u8>>());
    }
}
