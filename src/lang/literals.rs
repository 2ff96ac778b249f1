//! Masking: statements and messages without the values in them.
//!
//! Input: a statement with its dialect, or a log message of unknown kind. Output: text that may
//! enter the model: the statement as it was written, constants replaced by the SQL lexer; the
//! message with every quoted span, bracketed value and number replaced. Where the end of a value
//! cannot be told, the rest is withheld. Fingerprints drop their literals themselves.

use super::Language;
use super::mongo::mask::mask_command;
use super::sql::lexer::{Dialect, Lexer, TokenKind};

/// Stands for the part of a text that is withheld.
const WITHHELD: char = '…';

/// Appends a statement of any language to `out` without its literals.
pub fn mask_statement(statement: &[u8], language: Language, out: &mut String) {
    match language {
        Language::Sql(dialect) => mask_sql(statement, dialect, out),
        Language::Mongo => mask_command(statement, out),
    }
}

/// Appends `sql` to `out` with every constant replaced: strings of any kind by `'?'`, numbers by
/// `?`. Comments go (of MySQL's `/*! … */` only what is in it changes); NULL, TRUE, FALSE, parameters and quoted identifiers stay. Control characters
/// other than line ends and tabs are escaped and invalid UTF-8 is replaced. A statement that ends
/// inside a string, comment or quoted identifier loses that tail.
///
/// The result has the fingerprint of `sql`, unless `sql` is cut.
pub fn mask_sql(sql: &[u8], dialect: Dialect, out: &mut String) {
    let start = out.len();
    let mut lexer = Lexer::new(sql, dialect);
    let mut at = 0;
    let mut after_comment = false;
    while let Some(token) = lexer.next_token() {
        push_gap(&sql[at..token.start], after_comment, out);
        at = token.end;
        if !token.terminated {
            out.push(WITHHELD);
            return;
        }
        let text = &sql[token.start..token.end];
        after_comment = token.kind == TokenKind::Comment;
        match token.kind {
            TokenKind::Comment => {
                if out[start..].chars().next_back().is_some_and(|last| !last.is_whitespace()) {
                    out.push(' ');
                }
            }
            TokenKind::String(_) => {
                // Next to another quote, or to a word that would become its prefix, it needs room.
                separate(out, start, |last| last == '\'' || last.is_alphanumeric());
                out.push_str("'?'");
            }
            TokenKind::Number => {
                separate(out, start, |last| last == '@' || last == '?');
                out.push('?');
            }
            // The host of a MySQL account.
            TokenKind::Param if text.starts_with(b"@'") || text.starts_with(b"@\"") => {
                out.push_str("@'?'");
            }
            _ => push_text(text, out),
        }
    }
    push_gap(&sql[at..], after_comment, out);
}

/// Pushes a blank if the last character of the text since `start` asks for one.
fn separate(out: &mut String, start: usize, asks: impl Fn(char) -> bool) {
    if out[start..].chars().next_back().is_some_and(asks) {
        out.push(' ');
    }
}

/// White space between tokens. Behind a comment it loses its line ends: a string must not become
/// the continuation of one that stood before the comment.
fn push_gap(gap: &[u8], after_comment: bool, out: &mut String) {
    for &byte in gap {
        match byte {
            b'\t' => out.push('\t'),
            b'\n' if !after_comment => out.push('\n'),
            _ => out.push(' '),
        }
    }
}

/// Text with control characters (but line ends and tabs) escaped and invalid UTF-8 replaced.
fn push_text(text: &[u8], out: &mut String) {
    if let Ok(valid) = std::str::from_utf8(text)
        && !valid.chars().any(char::is_control)
    {
        out.push_str(valid);
        return;
    }
    for piece in text.utf8_chunks() {
        for character in piece.valid().chars() {
            push_char(character, out);
        }
        if !piece.invalid().is_empty() {
            out.push(char::REPLACEMENT_CHARACTER);
        }
    }
}

fn push_char(character: char, out: &mut String) {
    match character {
        '\n' | '\t' => out.push(character),
        // The form that the fingerprint uses as well.
        '\0'..='\u{1f}' | '\u{7f}' => {
            let digit = |value: u32| char::from_digit(value & 15, 16).unwrap_or('0');
            let code = u32::from(character);
            out.extend(['\\', 'x', digit(code >> 4), digit(code)]);
        }
        character if character.is_control() => out.push(char::REPLACEMENT_CHARACTER),
        character => out.push(character),
    }
}

/// Appends a message of unknown kind to `out` without the values in it: the inside of quotes
/// (`'…'`, `"…"`, `` `…` ``, `«…»`, `“…”`) and of parentheses becomes `?`, as does every word with a digit,
/// an `@`, a path or an address in it, and what follows a `=`. Other words stay, so that equal
/// messages group; a parenthesis before `=` keeps its words (`Key (email)=(?)`).
pub fn mask_message(message: &[u8], out: &mut String) {
    let text = String::from_utf8_lossy(message);
    // With an odd number of marks one of them is part of a value: no pair can be trusted.
    let odd = |mark: char| text.matches(mark).count() % 2 == 1;
    let (odd_quotes, odd_backticks) = (odd('"'), odd('`'));
    let mut rest = text.as_ref();
    let mut previous: Option<char> = None;
    while let Some(first) = rest.chars().next() {
        let taken = if let Some(close) = closing_quote(first, previous) {
            let trusted = !(first == '"' && odd_quotes || first == '`' && odd_backticks);
            if trusted { quoted(rest, first, close, out) } else { None }
        } else if first == '(' {
            parenthesised(rest, previous, out)
        } else if is_separator(first) {
            push_char(first, out);
            Some(first.len_utf8())
        } else {
            Some(word(rest, out))
        };
        let Some(taken) = taken else {
            out.push(WITHHELD);
            return;
        };
        previous = rest[..taken].chars().next_back();
        rest = &rest[taken..];
    }
}

/// The mark that closes the quote `open` starts. An apostrophe inside a word opens nothing.
fn closing_quote(open: char, previous: Option<char>) -> Option<char> {
    match open {
        '"' | '`' => Some(open),
        '\'' if !previous.is_some_and(char::is_alphanumeric) => Some('\''),
        '«' => Some('»'),
        '»' => Some('«'),
        '“' => Some('”'),
        '„' => Some('“'),
        '‘' => Some('’'),
        '‹' => Some('›'),
        '「' => Some('」'),
        _ => None,
    }
}

/// Writes a masked quote; the length of the quote, or nothing if its end cannot be told.
fn quoted(rest: &str, open: char, close: char, out: &mut String) -> Option<usize> {
    let body = &rest[open.len_utf8()..];
    let mut at = 0;
    loop {
        let found = at + body[at..].find(close)?;
        let behind = found + close.len_utf8();
        match body[behind..].chars().next() {
            Some(next) if next == close => at = behind + close.len_utf8(),
            // `'it's'`: the mark of an apostrophe does not close.
            Some(next) if close == '\'' && next.is_alphanumeric() => at = behind,
            _ => {
                out.extend([open, '?', close]);
                return Some(open.len_utf8() + behind);
            }
        }
    }
}

/// Writes a masked parenthesis; its length, or nothing if its end cannot be told.
fn parenthesised(rest: &str, previous: Option<char>, out: &mut String) -> Option<usize> {
    // Values may hold parentheses: a list of values ends at the last one of the message.
    let values = previous == Some('=') || out.ends_with("contains ");
    let end = if values { rest.rfind(')')? } else { matching(rest)? };
    if !values && rest[end + 1..].starts_with('=') {
        out.push('(');
        push_text(&rest.as_bytes()[1..end], out);
        out.push(')');
    } else {
        out.push_str("(?)");
    }
    Some(end + 1)
}

/// The offset of the parenthesis that closes the first one.
fn matching(rest: &str) -> Option<usize> {
    let mut depth = 0u32;
    rest.bytes().position(|byte| {
        match byte {
            b'(' => depth = depth.saturating_add(1),
            b')' => depth -= 1,
            _ => {}
        }
        depth == 0
    })
}

fn is_separator(character: char) -> bool {
    character.is_whitespace() || character.is_control() || matches!(character, ',' | ';' | ')')
}

/// Writes a word, masked if it could be a value; its length.
fn word(rest: &str, out: &mut String) -> usize {
    let ends = |character: char| {
        is_separator(character) || matches!(character, '(' | '"' | '`' | '«' | '“' | '„')
    };
    let length = rest.find(ends).unwrap_or(rest.len());
    let whole = &rest[..length];
    // A quote opens inside it, as in `user='x'`.
    let length = match whole.find('\'') {
        Some(0) => 1,
        Some(quote) if !whole[..quote].ends_with(char::is_alphanumeric) => quote,
        _ => length,
    };
    let whole = &rest[..length];
    let core = whole.trim_end_matches(['.', ':', '!', '?']);
    let tail = &whole[core.len()..];
    if let Some((key, value)) = core.split_once('=') {
        push_word(key, out);
        out.push('=');
        if !value.is_empty() {
            out.push('?');
        }
    } else {
        push_word(core, out);
    }
    out.push_str(tail);
    length
}

/// Words that look like values and are none: the state of a replica set's member.
const NO_VALUES: [&str; 1] = ["STARTUP2"];

fn push_word(word: &str, out: &mut String) {
    let telling = |character: char| {
        character.is_numeric() || matches!(character, '@' | '/' | '\\' | ':' | '%' | '&')
    };
    let is_value = word.contains(telling) && word.contains(char::is_alphanumeric);
    if is_value && !NO_VALUES.contains(&word) {
        out.push('?');
    } else {
        for character in word.chars() {
            push_char(character, out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_lose_their_constants_and_comments_and_nothing_else() {
        let cases = [
            (
                "SELECT  a.X AS y -- secret\n FROM \"T\" WHERE b = 'it''s' AND c=-5",
                "SELECT  a.X AS y   FROM \"T\" WHERE b = '?' AND c=-?",
            ),
            ("select E'a\\'b', $$x$$, U&'y', B'1', 1.5e10", "select '?', '?', '?', '?', ?"),
            (
                "select null, true, $1, a[1:2], date'2020'",
                "select null, true, $1, a[?:?], date '?'",
            ),
            ("alter role x password 'hunter2'", "alter role x password '?'"),
            ("select a/*x*/b, 'one'$$two$$", "select a b, '?' '?'"),
            ("select 1, 'secret", "select ?, …"),
            ("select 1 /* secret", "select ? …"),
            ("select \"cut", "select …"),
            ("a\r\nb\u{7}\u{85}", "a \nb\\x07\u{fffd}"),
        ];
        for (sql, expected) in cases {
            let mut out = String::from("kept");
            mask_sql(sql.as_bytes(), Dialect::Postgres, &mut out);
            assert_eq!(out, format!("kept{expected}"), "{sql}");
        }
        let mut out = String::new();
        let mysql = b"create user x identified by \"se'cret\" # secret\n, `a b` = @v \xff";
        mask_sql(mysql, Dialect::Mysql, &mut out);
        assert_eq!(out, "create user x identified by '?'  , `a b` = @v \u{fffd}");
    }

    #[test]
    fn messages_keep_their_words_and_lose_their_values() {
        let cases = [
            ("relation \"users\" does not exist", "relation \"?\" does not exist"),
            ("Key (email)=(joe@x.org) already exists.", "Key (email)=(?) already exists."),
            ("Key (a, b)=(1, x) y) is gone", "Key (a, b)=(?) is gone"),
            ("Failing row contains (1, joe (x), null).", "Failing row contains (?)."),
            ("can't find 'it's here', sorry", "can't find '?', sorry"),
            (
                "Access denied for user 'joe'@'db' (using password: YES)",
                "Access denied for user '?'@'?' (?)",
            ),
            ("odd \"a\"b\" secret", "odd …"),
            ("open 'secret", "open …"),
            ("list (secret", "list …"),
            (
                "connect to 10.0.0.1:5432 as joe@x failed: /etc/pg/x.key",
                "connect to ? as ? failed: ?",
            ),
            ("host=db user=joe password=se'cret x='y z'", "host=? user=? password=? x='?'"),
            (
                "Relation «users» existiert nicht, „x“ auch",
                "Relation «?» existiert nicht, „?“ auch",
            ),
            ("at character 15: users_2024 \u{1b}[1m", "at character ?: ? \\x1b?"),
        ];
        for (message, expected) in cases {
            let mut out = String::new();
            mask_message(message.as_bytes(), &mut out);
            assert_eq!(out, expected, "{message}");
        }
    }
}
