//! The one SQL lexer, with dialect flags.
//!
//! Input: the bytes of a statement, UTF-8 or not. Output: tokens as byte ranges, in one pass, for
//! any input whatever: what is no SQL comes out as [`TokenKind::Other`], what is cut off comes out
//! with `terminated: false`. Nothing is copied, and no word is looked up unless a `?` must be told
//! from an operator. What tokens mean is left to the fingerprinter, the mask and the shape reader.

mod spans;
mod symbols;

pub(super) use spans::string_end;

/// SQL dialect: what quotes, comments and parameters look like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dialect {
    /// PostgreSQL with `standard_conforming_strings` on.
    Postgres,
    /// MySQL and MariaDB with the default SQL mode (no ANSI_QUOTES).
    Mysql,
    /// SQLite.
    Sqlite,
}

/// The lexical rules behind a [`Dialect`].
#[derive(Clone, Copy)]
struct Rules {
    /// `\'` inside an ordinary string does not end it.
    backslash_escapes: bool,
    /// `"…"` is a string, not an identifier.
    double_quoted_strings: bool,
    /// `…` in back-ticks is an identifier.
    backtick_identifiers: bool,
    /// `[…]` is an identifier.
    bracket_identifiers: bool,
    /// MySQL's own: `#` starts a comment, and `--` does so only before a blank;
    /// identifiers may begin with digits; the marks of digest texts.
    mysql: bool,
    /// The content of `/*! … */` is SQL.
    versioned_comments: bool,
    /// Block comments nest.
    nested_comments: bool,
    /// `$tag$ … $tag$`, `E''`, `U&''`, and any run of operator characters is an operator.
    postgres: bool,
    /// `@name` is a variable.
    at_variables: bool,
}

impl Rules {
    const fn of(dialect: Dialect) -> Self {
        let none = Self {
            backslash_escapes: false,
            double_quoted_strings: false,
            backtick_identifiers: false,
            bracket_identifiers: false,
            mysql: false,
            versioned_comments: false,
            nested_comments: false,
            postgres: false,
            at_variables: false,
        };
        match dialect {
            Dialect::Postgres => Self { nested_comments: true, postgres: true, ..none },
            Dialect::Mysql => Self {
                backslash_escapes: true,
                double_quoted_strings: true,
                backtick_identifiers: true,
                mysql: true,
                versioned_comments: true,
                at_variables: true,
                ..none
            },
            Dialect::Sqlite => Self {
                backtick_identifiers: true,
                bracket_identifiers: true,
                at_variables: true,
                ..none
            },
        }
    }
}

/// How a string constant is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StringKind {
    /// `'…'`
    Plain,
    /// `E'…'`
    Escape,
    /// `B'…'` or `X'…'`
    Bits,
    /// `N'…'`
    National,
    /// `U&'…'`
    Unicode,
    /// `$tag$…$tag$`
    Dollar,
    /// `"…"`
    DoubleQuoted,
}

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TokenKind {
    /// An unquoted identifier or keyword.
    Word,
    /// A quoted identifier, quotes included.
    QuotedIdent,
    /// A number without sign.
    Number,
    /// A string constant, prefix, quotes and adjacent continuations included.
    String(StringKind),
    /// A parameter or user variable: `$1`, `?`, `:name`, `@v`, `%s`.
    Param,
    /// An operator.
    Op,
    /// One of `( ) [ ] , ; .`, as its byte.
    Punct(u8),
    /// A comment, with its marks, without the line end.
    Comment,
    /// Either mark of MySQL's `/*!50110 … */`, whose content is SQL; in its digest texts also the
    /// `(_charset)` that stands for `_utf8mb4` and its like.
    VersionMark,
    /// Anything else.
    Other,
}

/// A token as a byte range of the statement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Offset of its first byte.
    pub start: usize,
    /// Offset behind its last byte.
    pub end: usize,
    /// False for a string, comment or quoted identifier that the text ends in.
    pub terminated: bool,
}

/// What a byte can start.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Class {
    Space,
    Letter,
    Digit,
    Quote,
    DoubleQuote,
    Backtick,
    Dollar,
    Dot,
    OpenBracket,
    Punct,
    Minus,
    Slash,
    Hash,
    Question,
    Percent,
    At,
    Colon,
    Operator,
    Other,
}

const CLASSES: [Class; 256] = {
    let mut table = [Class::Other; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c => Class::Space,
            b'A'..=b'Z' | b'a'..=b'z' | b'_' | 0x80..=0xff => Class::Letter,
            b'0'..=b'9' => Class::Digit,
            b'\'' => Class::Quote,
            b'"' => Class::DoubleQuote,
            b'`' => Class::Backtick,
            b'$' => Class::Dollar,
            b'.' => Class::Dot,
            b'[' => Class::OpenBracket,
            b'(' | b')' | b']' | b',' | b';' => Class::Punct,
            b'-' => Class::Minus,
            b'/' => Class::Slash,
            b'#' => Class::Hash,
            b'?' => Class::Question,
            b'%' => Class::Percent,
            b'@' => Class::At,
            b':' => Class::Colon,
            b'+' | b'*' | b'<' | b'>' | b'=' | b'~' | b'!' | b'^' | b'&' | b'|' => Class::Operator,
            _ => Class::Other,
        };
        byte += 1;
    }
    table
};

/// Bytes an identifier may go on with.
const WORD: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = matches!(byte as u8,
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_' | b'$' | 0x80..=0xff);
        byte += 1;
    }
    table
};

/// What MySQL 8.0 and later log instead of a password.
const SECRET: &[u8] = b"<secret>";

/// What MySQL's digest texts have for the character set before a string.
const CHARSET: &[u8] = b"(_charset)";

/// A lexer over one statement. Cheap to clone: a clone is the way to look ahead.
#[derive(Clone)]
pub struct Lexer<'a> {
    sql: &'a [u8],
    pos: usize,
    rules: Rules,
    dialect: Dialect,
    /// Square brackets open: inside them `:` separates the bounds of a slice.
    brackets: u32,
    /// Inside MySQL's `/*!50110 … */`.
    versioned: bool,
    /// The last token that is no comment.
    previous: Option<Token>,
}

impl<'a> Lexer<'a> {
    /// A lexer at the start of `sql`.
    pub fn new(sql: &'a [u8], dialect: Dialect) -> Self {
        Self {
            sql,
            pos: 0,
            rules: Rules::of(dialect),
            dialect,
            brackets: 0,
            versioned: false,
            previous: None,
        }
    }

    /// Takes versioned comments for comments like all others, whole.
    pub fn with_whole_comments(mut self) -> Self {
        self.rules.versioned_comments = false;
        self
    }

    /// Offset behind the last token.
    #[inline]
    pub fn position(&self) -> usize {
        self.pos
    }

    /// The token at `position` of `sql`, as if nothing came before it.
    #[inline]
    pub(super) fn token_at(sql: &'a [u8], position: usize, dialect: Dialect) -> Option<Token> {
        let mut lexer = Self::new(sql, dialect);
        lexer.pos = position;
        lexer.next_token()
    }

    /// True where the text read so far ends inside a versioned comment.
    #[inline]
    pub fn in_versioned_comment(&self) -> bool {
        self.versioned
    }

    /// Goes back to `position`, the start of a token that was read before.
    pub(super) fn rewind(&mut self, position: usize) {
        self.pos = position;
    }

    /// The next byte that is no white space, without moving. It may start a comment.
    #[inline]
    pub fn peek_byte(&self) -> Option<u8> {
        let mut at = self.pos;
        while let Some(&byte) = self.sql.get(at) {
            if CLASSES[usize::from(byte)] != Class::Space {
                return Some(byte);
            }
            at += 1;
        }
        None
    }

    /// The next token that is no comment and no mark of one.
    #[inline]
    pub fn next_significant(&mut self) -> Option<Token> {
        loop {
            let token = self.next_token()?;
            if !matches!(token.kind, TokenKind::Comment | TokenKind::VersionMark) {
                return Some(token);
            }
        }
    }

    /// The next token; `None` at the end. Every call moves on, none fails.
    #[inline]
    pub fn next_token(&mut self) -> Option<Token> {
        let sql = self.sql;
        let mut start = self.pos;
        let class = loop {
            let class = CLASSES[usize::from(*sql.get(start)?)];
            if class != Class::Space {
                break class;
            }
            start += 1;
        };
        let mut terminated = true;
        let (kind, end) = match class {
            Class::Letter => self.word(start, &mut terminated),
            Class::Punct if self.charset_mark(start) => {
                (TokenKind::VersionMark, start + CHARSET.len())
            }
            Class::Punct => {
                let byte = sql[start];
                if byte == b']' {
                    self.brackets = self.brackets.saturating_sub(1);
                }
                (TokenKind::Punct(byte), start + 1)
            }
            Class::Digit if self.after_dot(start) => (TokenKind::Word, self.word_end(start)),
            Class::Digit => self.number(start),
            Class::Dot if self.byte(start + 1).is_ascii_digit() && !self.after_name(start) => {
                self.number(start)
            }
            Class::Dot if self.rules.mysql && sql[start..].starts_with(b"...") => {
                (TokenKind::Param, start + 3)
            }
            Class::Dot => (TokenKind::Punct(b'.'), start + 1),
            Class::Quote => (
                TokenKind::String(StringKind::Plain),
                self.string(start, self.rules.backslash_escapes, &mut terminated),
            ),
            Class::DoubleQuote if self.rules.double_quoted_strings => (
                TokenKind::String(StringKind::DoubleQuoted),
                self.string(start, true, &mut terminated),
            ),
            Class::DoubleQuote => {
                (TokenKind::QuotedIdent, self.delimited(start + 1, b'"', &mut terminated))
            }
            Class::Backtick if self.rules.backtick_identifiers => {
                (TokenKind::QuotedIdent, self.delimited(start + 1, b'`', &mut terminated))
            }
            Class::OpenBracket if self.rules.bracket_identifiers => {
                (TokenKind::QuotedIdent, self.delimited(start + 1, b']', &mut terminated))
            }
            Class::OpenBracket => {
                self.brackets = self.brackets.saturating_add(1);
                (TokenKind::Punct(b'['), start + 1)
            }
            Class::Dollar => self.dollar(start, &mut terminated),
            Class::Minus if self.dash_comment(start) => {
                (TokenKind::Comment, self.line_end(start + 2))
            }
            Class::Slash if self.opens_versioned(start) => {
                self.versioned = true;
                (TokenKind::VersionMark, self.version_end(start + 3))
            }
            Class::Operator if self.versioned && sql[start..].starts_with(b"*/") => {
                self.versioned = false;
                (TokenKind::VersionMark, start + 2)
            }
            Class::Slash if self.byte(start + 1) == b'*' => {
                (TokenKind::Comment, self.block_comment(start, &mut terminated))
            }
            Class::Hash if self.rules.mysql => (TokenKind::Comment, self.line_end(start + 1)),
            Class::Question => self.question(start),
            Class::Percent if self.percent_param(start) => (TokenKind::Param, start + 2),
            Class::At if self.rules.at_variables => self.at_variable(start, &mut terminated),
            Class::Operator if self.secret(start) => (TokenKind::Param, start + SECRET.len()),
            Class::Colon => self.colon(start),
            Class::Minus
            | Class::Slash
            | Class::Hash
            | Class::Percent
            | Class::At
            | Class::Backtick
            | Class::Operator => (TokenKind::Op, self.operator(start)),
            // A control character in fingerprint text is `\x00`: one token there as well.
            Class::Other | Class::Space => {
                let escaped = sql[start] == b'\\'
                    && self.byte(start + 1) == b'x'
                    && self.byte(start + 2).is_ascii_hexdigit()
                    && self.byte(start + 3).is_ascii_hexdigit();
                (TokenKind::Other, start + if escaped { 4 } else { 1 })
            }
        };
        self.pos = end;
        let token = Token { kind, start, end, terminated };
        if !matches!(kind, TokenKind::Comment | TokenKind::VersionMark) {
            self.previous = Some(token);
        }
        Some(token)
    }

    /// The byte at `at`, or 0 behind the end.
    #[inline]
    fn byte(&self, at: usize) -> u8 {
        self.sql.get(at).copied().unwrap_or(0)
    }

    #[inline]
    fn word_end(&self, mut at: usize) -> usize {
        while let Some(&byte) = self.sql.get(at) {
            if !WORD[usize::from(byte)] {
                break;
            }
            at += 1;
        }
        at
    }

    /// A word, or the string or identifier it is the prefix of.
    #[inline]
    fn word(&self, start: usize, terminated: &mut bool) -> (TokenKind, usize) {
        let end = self.word_end(start + 1);
        let next = self.byte(end);
        if end - start == 1 && (next == b'\'' || next == b'&') {
            let letter = self.sql[start] | 0x20;
            let kind = match letter {
                b'e' if self.rules.postgres => Some(StringKind::Escape),
                b'b' | b'x' => Some(StringKind::Bits),
                b'n' => Some(StringKind::National),
                _ => None,
            };
            if let (Some(kind), b'\'') = (kind, next) {
                let escapes = kind == StringKind::Escape || self.rules.backslash_escapes;
                return (TokenKind::String(kind), self.string(end, escapes, terminated));
            }
            if letter == b'u' && next == b'&' && self.rules.postgres {
                match self.byte(end + 1) {
                    b'\'' => {
                        let end = self.string(end + 1, false, terminated);
                        return (TokenKind::String(StringKind::Unicode), end);
                    }
                    b'"' => {
                        let end = self.delimited(end + 2, b'"', terminated);
                        return (TokenKind::QuotedIdent, end);
                    }
                    _ => {}
                }
            }
        }
        (TokenKind::Word, end)
    }

    /// True where digits at `start` follow the dot of a qualified name: `shop.2024_orders`.
    fn after_dot(&self, start: usize) -> bool {
        self.rules.mysql
            && self
                .previous
                .is_some_and(|token| token.end == start && token.kind == TokenKind::Punct(b'.'))
    }

    /// True where a dot at `dot` follows a name directly: `t.5` is no number then.
    fn after_name(&self, dot: usize) -> bool {
        self.previous.is_some_and(|token| {
            token.end == dot
                && matches!(token.kind, TokenKind::Word | TokenKind::QuotedIdent)
                && !self.rules.postgres
        })
    }
}

#[cfg(test)]
mod tests;
