//! Where a type name ends.
//!
//! Input: a lexer in front of a type name (`double precision`, `pg_catalog.numeric(10, 2)[]`,
//! `timestamp(3) with time zone`). Output: the lexer behind it. Used to drop the casts of constants
//! and to keep those of columns whole.

use crate::lang::sql::lexer::{Lexer, Token, TokenKind};

/// The fields an interval type or constant may name.
const INTERVAL_FIELDS: [&[u8]; 6] = [b"year", b"month", b"day", b"hour", b"minute", b"second"];

/// Moves `lexer` behind the type name it stands in front of.
pub(super) fn skip(sql: &[u8], lexer: &mut Lexer<'_>) {
    skip_word(sql, lexer, b"setof");
    let Some(first) = take_name(lexer) else {
        return;
    };
    let word = sql.get(first.start..first.end).unwrap_or(&[]);
    let is = |name: &str| word.eq_ignore_ascii_case(name.as_bytes());
    if is("double") {
        skip_word(sql, lexer, b"precision");
    } else if is("national") {
        let _ = skip_word(sql, lexer, b"character") || skip_word(sql, lexer, b"char");
        skip_word(sql, lexer, b"varying");
    } else if is("character") || is("char") || is("nchar") || is("bit") {
        skip_word(sql, lexer, b"varying");
    }
    while next_is(lexer, b'.') {
        let mut ahead = lexer.clone();
        ahead.next_significant();
        if take_name(&mut ahead).is_none() {
            break;
        }
        *lexer = ahead;
    }
    skip_modifiers(lexer);
    if is("time") || is("timestamp") {
        let mut ahead = lexer.clone();
        if (skip_word(sql, &mut ahead, b"with") || skip_word(sql, &mut ahead, b"without"))
            && skip_word(sql, &mut ahead, b"time")
            && skip_word(sql, &mut ahead, b"zone")
        {
            *lexer = ahead;
        }
    } else if is("interval") {
        skip_interval_fields(sql, lexer);
    }
    if skip_word(sql, lexer, b"array") {
        skip_bounds(lexer);
    } else {
        while skip_bounds(lexer) {}
    }
}

/// Moves `lexer` behind `day`, `day to second(3)` and their like.
pub(super) fn skip_interval_fields(sql: &[u8], lexer: &mut Lexer<'_>) {
    let mut field = || INTERVAL_FIELDS.iter().any(|name| skip_word(sql, lexer, name));
    if !field() {
        return;
    }
    if skip_word(sql, lexer, b"to") {
        INTERVAL_FIELDS.iter().any(|name| skip_word(sql, lexer, name));
    }
    skip_modifiers(lexer);
}

/// Moves behind the next word if it is `word` (lower case).
pub(super) fn skip_word(sql: &[u8], lexer: &mut Lexer<'_>, word: &[u8]) -> bool {
    // The first letter decides nearly always, without lexing a token.
    if lexer.peek_byte().is_none_or(|byte| byte | 0x20 != word[0] && !starts_comment(byte)) {
        return false;
    }
    let mut ahead = lexer.clone();
    let found = ahead.next_significant().is_some_and(|token| {
        token.kind == TokenKind::Word
            && sql.get(token.start..token.end).is_some_and(|text| text.eq_ignore_ascii_case(word))
    });
    if found {
        *lexer = ahead;
    }
    found
}

fn starts_comment(byte: u8) -> bool {
    matches!(byte, b'/' | b'-' | b'#')
}

fn take_name(lexer: &mut Lexer<'_>) -> Option<Token> {
    let mut ahead = lexer.clone();
    let token = ahead.next_significant()?;
    let is_name = matches!(token.kind, TokenKind::Word | TokenKind::QuotedIdent);
    is_name.then(|| *lexer = ahead).map(|()| token)
}

fn next_is(lexer: &Lexer<'_>, punct: u8) -> bool {
    lexer.peek_byte() == Some(punct)
}

/// `(10, 2)`: numbers, words and parameters only, so that nothing but modifiers is skipped.
fn skip_modifiers(lexer: &mut Lexer<'_>) {
    if !next_is(lexer, b'(') {
        return;
    }
    let mut ahead = lexer.clone();
    ahead.next_significant();
    while let Some(token) = ahead.next_significant() {
        match token.kind {
            TokenKind::Punct(b')') => {
                *lexer = ahead;
                return;
            }
            TokenKind::Number
            | TokenKind::Param
            | TokenKind::Word
            | TokenKind::Op
            | TokenKind::Punct(b',') => {}
            _ => return,
        }
    }
}

/// `[]`, `[3]` or `[?]`.
fn skip_bounds(lexer: &mut Lexer<'_>) -> bool {
    if !next_is(lexer, b'[') {
        return false;
    }
    let mut ahead = lexer.clone();
    ahead.next_significant();
    let mut token = ahead.next_significant();
    if token.is_some_and(|token| matches!(token.kind, TokenKind::Number | TokenKind::Param)) {
        token = ahead.next_significant();
    }
    let closed = token.is_some_and(|token| token.kind == TokenKind::Punct(b']'));
    if closed {
        *lexer = ahead;
    }
    closed
}
