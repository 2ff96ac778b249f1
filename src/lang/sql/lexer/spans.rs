//! Where strings, quoted identifiers, numbers and comments end.

use memchr::{memchr, memchr2};

use crate::lang::bytes::find2;

use super::{CLASSES, Class, Dialect, Lexer, StringKind, TokenKind, WORD};

/// Behind the closing quote of a string whose content starts at `at`.
pub(in crate::lang::sql) fn string_end(
    sql: &[u8],
    mut at: usize,
    quote: u8,
    escapes: bool,
) -> Option<usize> {
    loop {
        let rest = sql.get(at..)?;
        at += if escapes { find2(quote, b'\\', rest) } else { memchr(quote, rest) }?;
        // An escaped byte, or a doubled quote.
        if sql[at] != b'\\' && sql.get(at + 1) != Some(&quote) {
            return Some(at + 1);
        }
        at += 2;
    }
}

impl Lexer<'_> {
    /// Behind the string whose quote is at `open`, and behind the strings that continue it.
    pub(super) fn string(&self, open: usize, escapes: bool, terminated: &mut bool) -> usize {
        let mut quote = self.sql[open];
        let mut at = open + 1;
        loop {
            at = match string_end(self.sql, at, quote, escapes) {
                Some(end) => end,
                None => {
                    *terminated = false;
                    return self.sql.len();
                }
            };
            match self.continuation(at) {
                Some(next) => {
                    quote = self.sql[next];
                    at = next + 1;
                }
                None => return at,
            }
        }
    }

    /// The quote of the string that continues the one ending at `end`: after a line end in
    /// PostgreSQL, after any white space in MySQL, never in SQLite.
    #[inline]
    fn continuation(&self, end: usize) -> Option<usize> {
        let mut at = end;
        let mut line_end = false;
        while CLASSES[usize::from(self.byte(at))] == Class::Space {
            line_end |= matches!(self.sql[at], b'\n' | b'\r');
            at += 1;
        }
        let joins = match self.dialect {
            Dialect::Postgres => line_end && self.byte(at) == b'\'',
            Dialect::Mysql => at > end && matches!(self.byte(at), b'\'' | b'"'),
            Dialect::Sqlite => false,
        };
        joins.then_some(at)
    }

    /// Behind an identifier that ends with `close`, which may be doubled inside.
    pub(super) fn delimited(&self, mut at: usize, close: u8, terminated: &mut bool) -> usize {
        loop {
            match self.sql.get(at..).and_then(|rest| memchr(close, rest)) {
                Some(found) if self.byte(at + found + 1) == close && close != b']' => {
                    at += found + 2;
                }
                Some(found) => return at + found + 1,
                None => {
                    *terminated = false;
                    return self.sql.len();
                }
            }
        }
    }

    /// A number, or in MySQL a word that begins with digits.
    pub(super) fn number(&self, start: usize) -> (TokenKind, usize) {
        let radix = self.byte(start + 1) | 0x20;
        if self.sql[start] == b'0' && matches!(radix, b'x' | b'o' | b'b') {
            let end = self.digits(start + 2, |byte| match radix {
                b'x' => byte.is_ascii_hexdigit(),
                b'o' => matches!(byte, b'0'..=b'7'),
                _ => matches!(byte, b'0' | b'1'),
            });
            if end > start + 2 && !(self.rules.mysql && WORD[usize::from(self.byte(end))]) {
                return (TokenKind::Number, end);
            }
        }
        let decimal = |byte: u8| byte.is_ascii_digit();
        let mut end = self.digits(start, decimal);
        if self.byte(end) == b'.' && self.byte(end + 1) != b'.' {
            end = self.digits(end + 1, decimal);
        }
        if self.byte(end) | 0x20 == b'e' {
            let sign = usize::from(matches!(self.byte(end + 1), b'+' | b'-'));
            if self.byte(end + 1 + sign).is_ascii_digit() {
                end = self.digits(end + 1 + sign, decimal);
            }
        }
        if self.rules.mysql && WORD[usize::from(self.byte(end))] {
            let word = self.word_end(start);
            if word >= end {
                return (TokenKind::Word, word);
            }
        }
        (TokenKind::Number, end)
    }

    /// Behind a run of digits; single underscores between them are allowed but in MySQL, where
    /// they make a word of it.
    pub(super) fn digits(&self, mut at: usize, digit: impl Fn(u8) -> bool) -> usize {
        loop {
            let byte = self.byte(at);
            if digit(byte) {
                at += 1;
            } else if byte == b'_'
                && !self.rules.mysql
                && digit(self.byte(at + 1))
                && digit(self.byte(at - 1))
            {
                at += 2;
            } else {
                return at;
            }
        }
    }

    /// `$1`, `$tag$…$tag$`, `$name` (SQLite), or a stray dollar.
    pub(super) fn dollar(&self, start: usize, terminated: &mut bool) -> (TokenKind, usize) {
        let next = self.byte(start + 1);
        if next.is_ascii_digit() {
            return (TokenKind::Param, self.digits(start + 1, |byte| byte.is_ascii_digit()));
        }
        if !self.rules.postgres {
            let end = self.word_end(start + 1);
            return (if end > start + 1 { TokenKind::Param } else { TokenKind::Other }, end);
        }
        let mut tag = start + 1;
        while WORD[usize::from(self.byte(tag))] && self.byte(tag) != b'$' {
            tag += 1;
        }
        if self.byte(tag) != b'$' {
            return (TokenKind::Other, start + 1);
        }
        let mark = &self.sql[start..=tag];
        let mut at = tag + 1;
        while let Some(found) = self.sql.get(at..).and_then(|rest| memchr(b'$', rest)) {
            at += found;
            if self.sql[at..].starts_with(mark) {
                return (TokenKind::String(StringKind::Dollar), at + mark.len());
            }
            at += 1;
        }
        *terminated = false;
        (TokenKind::String(StringKind::Dollar), self.sql.len())
    }

    /// True where two dashes start a comment.
    #[inline]
    pub(super) fn dash_comment(&self, start: usize) -> bool {
        self.byte(start + 1) == b'-'
            && (!self.rules.mysql || start + 2 == self.sql.len() || self.byte(start + 2) <= b' ')
    }

    pub(super) fn line_end(&self, at: usize) -> usize {
        let rest = self.sql.get(at..).unwrap_or(&[]);
        let found = match self.rules.mysql {
            // A `\r` does not end it there.
            true => memchr(b'\n', rest),
            false => memchr2(b'\n', b'\r', rest),
        };
        found.map_or(self.sql.len(), |found| at + found)
    }

    /// True for `/*!`, and MariaDB's `/*M!`; not for mysqlbinlog's delimiter `/*!*/`, which is empty.
    pub(super) fn opens_versioned(&self, start: usize) -> bool {
        let mark = self.sql.get(start..).unwrap_or(&[]);
        self.rules.versioned_comments
            && (mark.starts_with(b"/*!") || mark.starts_with(b"/*M!"))
            && !mark.starts_with(b"/*!*/")
    }

    /// Behind the version, five or six digits, of a comment whose mark ends about `at`.
    pub(super) fn version_end(&self, at: usize) -> usize {
        let at = at + usize::from(self.byte(at) == b'!');
        let rest = self.sql.get(at..).unwrap_or(&[]);
        let digits = rest.iter().take(6).take_while(|byte| byte.is_ascii_digit()).count();
        at + if digits >= 5 { digits } else { 0 }
    }

    pub(super) fn block_comment(&self, start: usize, terminated: &mut bool) -> usize {
        let mut depth = 1u32;
        let mut at = start + 2;
        while let Some(found) = self.sql.get(at..).and_then(|rest| memchr2(b'*', b'/', rest)) {
            at += found;
            match (self.sql[at], self.byte(at + 1)) {
                (b'*', b'/') => {
                    depth -= 1;
                    at += 2;
                    if depth == 0 {
                        return at;
                    }
                }
                (b'/', b'*') if self.rules.nested_comments => {
                    depth = depth.saturating_add(1);
                    at += 2;
                }
                _ => at += 1,
            }
        }
        *terminated = false;
        self.sql.len()
    }
}
