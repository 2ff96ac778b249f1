//! What stands behind an event's head: statements that end with `/*!*/;`, of which those that set
//! things up come first, or a statement's text behind marks of comments.

use super::super::names::used_database;
use crate::lang::sql::lexer::{Dialect, Lexer, TokenKind};
use crate::time::Timestamp;
use std::borrow::Cow;

/// What mysqlbinlog ends statements with.
pub(super) const DELIMITER: &[u8] = b"/*!*/;";

/// A statement of an event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Ended<'a> {
    /// Without its end.
    pub text: &'a [u8],
    /// It has one.
    pub is_whole: bool,
}

/// The statements of an event; what stands behind the last end may be one that was cut.
pub(super) fn statements(body: &[u8]) -> impl Iterator<Item = Ended<'_>> {
    let mut lexer = Lexer::new(body, Dialect::Mysql);
    let mut rest = Some(body);
    std::iter::from_fn(move || {
        let left = rest?;
        let from = body.len() - left.len();
        while let Some(token) = lexer.next_token().filter(|token| token.terminated) {
            let end = body.get(token.start..)?;
            // No literal begins so.
            if end.starts_with(DELIMITER) {
                rest = end.get(DELIMITER.len()..);
                let text = body.get(from..token.start)?.trim_ascii();
                return Some(Ended { text, is_whole: true });
            }
        }
        rest = None;
        let left = left.trim_ascii();
        // A literal that ends otherwise than the lexer thinks.
        let ended = left.strip_suffix(DELIMITER);
        let text = ended.map_or(left, <[u8]>::trim_ascii_end);
        (!text.is_empty()).then_some(Ended { text, is_whole: ended.is_some() })
    })
}

/// What a Query event holds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Body<'a> {
    /// `use db`, written only where it changes.
    pub database: Option<Cow<'a, [u8]>>,
    /// `SET TIMESTAMP=`: when the statement began.
    pub started: Option<Timestamp>,
    /// The statement; empty if there is none.
    pub statement: &'a [u8],
    /// Its end is missing.
    pub is_cut: bool,
}

impl<'a> Body<'a> {
    /// Reads it: the statement is the first that sets nothing up.
    pub fn read(body: &'a [u8]) -> Body<'a> {
        let mut found = Body::default();
        for Ended { text: statement, is_whole } in statements(body) {
            if let Some(database) = used_database(statement).filter(|_| found.database.is_none()) {
                found.database = Some(database);
            } else if let Some(seconds) = timestamp(statement) {
                found.started = Some(seconds);
            } else if !sets_up(statement) {
                found.statement = statement;
                found.is_cut = !is_whole;
                break;
            }
        }
        found
    }

    /// A transaction's frame, which the server writes whether or not a client asked for it.
    pub fn is_frame(&self) -> bool {
        [&b"BEGIN"[..], b"COMMIT", b"START TRANSACTION"].contains(&self.statement)
    }
}

/// `SET TIMESTAMP=1795437805.825105`
pub(super) fn timestamp(statement: &[u8]) -> Option<Timestamp> {
    let value = statement.strip_prefix(b"SET TIMESTAMP=")?;
    let (whole, fraction) = match value.iter().position(|b| *b == b'.') {
        Some(at) => (value.get(..at)?, value.get(at + 1..)?),
        None => (value, &b""[..]),
    };
    let seconds: i64 = std::str::from_utf8(whole).ok()?.parse().ok()?;
    let mut us = 0;
    for place in 0..6 {
        let digit = *fraction.get(place).unwrap_or(&b'0');
        us = us * 10 + i64::from(digit.is_ascii_digit().then(|| digit - b'0')?);
    }
    Some(Timestamp(seconds.checked_mul(1_000_000)?.checked_add(us)?))
}

/// Whether a statement is mysqlbinlog's own: of session variables, `/*!\C utf8mb4 */`, or nothing.
fn sets_up(statement: &[u8]) -> bool {
    let mut lexer = Lexer::new(statement, Dialect::Mysql);
    let first = loop {
        match lexer.next_significant() {
            None => return true,
            Some(token) if token.kind == TokenKind::VersionMark => {}
            Some(token) => break token,
        }
    };
    let is_set = statement.get(first.start..first.end) == Some(b"SET");
    is_set && (lexer.peek_byte() == Some(b'@') || statement.starts_with(b"SET TIMESTAMP="))
        || statement.get(first.start) == Some(&b'\\')
}

/// The statement that stands behind the marks of an annotation: `#Q> ` or `# `.
pub(super) fn annotation(body: &[u8]) -> Cow<'_, [u8]> {
    let mut lines = body.split_inclusive(|b| *b == b'\n').map_while(|line| {
        let is_place = line.strip_prefix(b"# at ").is_some_and(|rest| {
            rest.trim_ascii_end().iter().all(u8::is_ascii_digit) && !rest.trim_ascii().is_empty()
        });
        let text = line.strip_prefix(b"#Q> ").or_else(|| line.strip_prefix(b"# "))?;
        (!is_place).then_some(text)
    });
    let Some(first) = lines.next() else { return Cow::Borrowed(b"") };
    match lines.next() {
        None => Cow::Borrowed(first.trim_ascii()),
        Some(second) => {
            let mut text = [first, second].concat();
            lines.for_each(|line| text.extend_from_slice(line));
            text.truncate(text.trim_ascii_end().len());
            Cow::Owned(text)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_statement_behind_what_sets_it_up() {
        let body = b"use `shop`/*!*/;\nSET TIMESTAMP=1795437805.825105/*!*/;\n/*!\\C utf8mb4 *//*!*/;\n\
            SET @@session.sql_mode=1411383296/*!*/;\n/*!80013 SET @@session.x=0*//*!*/;\ninsert into t values ('/*!*/;\n# at 4')\n/*!*/;\n\
            SET @@SESSION.GTID_NEXT= 'AUTOMATIC' /* added by mysqlbinlog */ /*!*/;\nDELIMITER ;\n";
        let read = Body::read(body);
        assert_eq!(read.database.as_deref(), Some(&b"shop"[..]));
        assert_eq!(read.started, Some(Timestamp(1_795_437_805_825_105)));
        assert_eq!(read.statement, b"insert into t values ('/*!*/;\n# at 4')");
        let versioned = b"/*!40000 ALTER TABLE t DISABLE KEYS */";
        let body = [b"SET TIMESTAMP=1/*!*/;\n", &versioned[..], b"\n/*!*/;\n"].concat();
        assert_eq!(Body::read(&body).statement, versioned);
        assert!(Body::read(b"SET TIMESTAMP=1/*!*/;\nBEGIN\n/*!*/;\n").is_frame());
        assert_eq!(Body::read(b"SET TIMESTAMP=x/*!*/;\n").started, None);
        let odd = Body::read(b"SET TIMESTAMP=1/*!*/;\nupdate t set a='C:\\'\n/*!*/;\n");
        assert_eq!((odd.statement, odd.is_cut), (&b"update t set a='C:\\'"[..], false));
        let cut = Body::read(b"SET TIMESTAMP=1/*!*/;\nupdate t set a='cut");
        assert_eq!((cut.statement, cut.is_cut), (&b"update t set a='cut"[..], true));
    }

    #[test]
    fn joins_the_lines_of_annotations() {
        for (body, text) in [
            ("#Q> delete from t\n#Q> where a=8\n# at 2570\n", "delete from t\nwhere a=8"),
            ("# update t\n# set a=1\n# at 5\n", "update t\nset a=1"),
            ("#Q> select 1\n", "select 1"),
            ("", ""),
        ] {
            assert_eq!(annotation(body.as_bytes()), text.as_bytes(), "{body}");
        }
    }
}
