//! The fingerprints and ids of pt-query-digest, so that classes join the reports it wrote.
//!
//! Input: a statement as it was logged, without the `;` that ends it. Output: the text that
//! pt-query-digest 3 groups by, and its query id. The text is made by that tool's steps in that
//! tool's order, its oddities included (`a-1` becomes `a?`, digits inside names go), because one
//! byte of difference is another id. Our own classes come from [`super::fingerprint`] and need none
//! of this. Runs once per class, in linear time: repeated UNIONs are looked for within a budget.

mod steps;

use steps::{
    before_more_rows, call_head, cut_asc, cut_comments, cut_escapes, is_table_check, lists,
    numbers, quotes, repeated_unions, row_limit, spaces, words,
};

/// The text that pt-query-digest makes of `sql`. Bytes that are no UTF-8 are replaced, which
/// changes the id of the few statements that keep any outside their literals.
pub fn pt_fingerprint(sql: &[u8]) -> String {
    String::from_utf8_lossy(&fingerprint(sql)).into_owned()
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
