//! Names in MySQL's records: the database of a `USE`, and who ran a statement.

use crate::lang::sql::lexer::{Dialect, Lexer, TokenKind};
use memchr::memchr;
use std::borrow::Cow;

/// The database of a statement that is `USE name` and nothing else.
pub(super) fn used_database(statement: &[u8]) -> Option<Cow<'_, [u8]>> {
    let statement = statement.trim_ascii();
    // Most statements are none, and most of those begin with another letter.
    if !matches!(statement.first(), Some(b'u' | b'U' | b'/' | b'-' | b'#')) {
        return None;
    }
    let mut lexer = Lexer::new(statement, Dialect::Mysql);
    let word = lexer.next_significant()?;
    if !statement.get(word.start..word.end)?.eq_ignore_ascii_case(b"use") {
        return None;
    }
    let name = lexer.next_significant()?;
    let text = statement.get(name.start..name.end)?;
    let name = match name.kind {
        TokenKind::Word => Cow::Borrowed(text),
        TokenKind::QuotedIdent if name.terminated => unquoted(text),
        _ => return None,
    };
    let is_all = match lexer.next_significant() {
        Some(token) => token.kind == TokenKind::Punct(b';') && lexer.next_significant().is_none(),
        None => true,
    };
    is_all.then_some(name)
}

/// A name without the back-ticks around it.
fn unquoted(name: &[u8]) -> Cow<'_, [u8]> {
    let inner = name.get(1..name.len().saturating_sub(1)).unwrap_or_default();
    if memchr(b'`', inner).is_none() {
        return Cow::Borrowed(inner);
    }
    let mut out = Vec::with_capacity(inner.len());
    let mut bytes = inner.iter().peekable();
    while let Some(byte) = bytes.next() {
        out.push(*byte);
        if *byte == b'`' {
            bytes.next_if_eq(&&b'`');
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_a_use_when_it_is_one() {
        for (statement, database) in [
            ("use shop", Some("shop")),
            ("/* x */ USE `a``b` ;", Some("a`b")),
            ("use", None),
            ("use shop; drop table t", None),
            ("update t set a = 1", None),
            ("use 'x'", None),
            ("use `cut", None),
        ] {
            let found = used_database(statement.as_bytes());
            assert_eq!(found.as_deref(), database.map(str::as_bytes), "{statement}");
        }
    }
}
