//! The fingerprint's rules for constants: literals, typed literals, casts, and what the facts keep of
//! them.

use super::frames::{Element, Last};
use super::normalise::Normaliser;
use super::templates::{self, Role};
use super::types;
use crate::lang::sql::keywords::Kw;
use crate::lang::sql::lexer::{Dialect, Token, TokenKind};

impl Normaliser<'_, '_> {
    pub(super) fn literal(&mut self, token: Token) {
        if matches!(token.kind, TokenKind::String(_)) {
            if self.is_typed_literal() {
                self.note_literal(token);
                self.restore(self.name);
                return self.constant();
            }
            // MySQL's `select a 'alias'`.
            if self.dialect != Dialect::Postgres && self.alias_position() {
                return;
            }
        }
        self.note_literal(token);
        self.constant();
    }

    /// A parameter, variable or placeholder.
    pub(super) fn parameter(&mut self, token: Token) {
        self.facts.parameters = self.facts.parameters.saturating_add(1);
        if self.dialect == Dialect::Mysql {
            match self.bytes(token) {
                // MySQL's digests: `(...)`, and `?, ...` of which the comma is written.
                b"..." if self.last == Last::Open => {
                    self.constant();
                    self.comma();
                }
                // The host of an account.
                [b'@', ..] if self.follows_account(token) => {
                    self.out.extend_from_slice(b"@?");
                    return;
                }
                _ if self.is_typed_literal() => self.restore(self.name),
                _ => {}
            }
        }
        self.constant();
    }

    /// True where the host at `token` follows the name of an account: a string, or a word directly.
    fn follows_account(&self, token: Token) -> bool {
        let before = token.start.checked_sub(1).and_then(|at| self.sql.get(at));
        match self.last {
            Last::Constant => true,
            Last::Name => before.is_some_and(|byte| !byte.is_ascii_whitespace()),
            _ => false,
        }
    }

    /// True where the name just written is the type of the string that follows (`date '…'`).
    fn is_typed_literal(&self) -> bool {
        if self.last != Last::Name || self.frame.clause.is_utility() {
            return false;
        }
        let name = self.out.get(self.name.length..).unwrap_or(&[]).trim_ascii_start();
        match self.dialect {
            Dialect::Postgres => true,
            Dialect::Mysql => {
                name.first() == Some(&b'_') || matches!(name, b"date" | b"time" | b"timestamp")
            }
            Dialect::Sqlite => false,
        }
    }

    /// Adds a literal to the facts and to the trace that templates are learned from.
    #[inline]
    pub(super) fn note_literal(&mut self, token: Token) {
        let role = match token.kind {
            TokenKind::Number => self.row_count_role(),
            TokenKind::String(_) if self.pattern_next => Role::Pattern,
            _ => Role::Plain,
        };
        self.facts.literals = self.facts.literals.saturating_add(1);
        let text = self.bytes(token);
        templates::note(&mut self.facts, role, text);
        self.trace(token, role);
    }

    /// What a number is to LIMIT, OFFSET and FETCH FIRST.
    #[inline]
    fn row_count_role(&mut self) -> Role {
        match self.last_kw {
            Kw::Limit => {
                let offset =
                    self.dialect != Dialect::Postgres && self.lexer.peek_byte() == Some(b',');
                self.limit_second = offset;
                if offset { Role::Offset } else { Role::Limit }
            }
            Kw::Offset => Role::Offset,
            _ if self.fetch_count || self.limit_second => {
                self.fetch_count = false;
                self.limit_second = false;
                Role::Limit
            }
            _ => Role::Plain,
        }
    }

    /// `double precision '1'`, `timestamp(3) with time zone '…'`: a type and a string are a
    /// constant. A single word before a string is left to [`Self::literal`].
    pub(super) fn typed_literal(&mut self, token: Token) -> bool {
        if self.dialect != Dialect::Postgres || self.frame.clause.is_utility() || self.operand {
            return false;
        }
        let mut ahead = self.lexer.clone();
        if matches!(ahead.peek_byte(), Some(b',' | b')' | b'=' | b';' | b'\'') | None) {
            return false;
        }
        ahead.rewind(token.start);
        types::skip(self.sql, &mut ahead);
        match ahead.next_significant() {
            Some(string) if matches!(string.kind, TokenKind::String(_)) => {
                self.lexer = ahead;
                self.truncated |= !string.terminated;
                self.note_literal(string);
                self.constant();
                true
            }
            _ => false,
        }
    }

    /// PostgreSQL's `interval '1' day` is a constant; MySQL's `interval 1 day` has an operand.
    pub(super) fn interval(&mut self, token: Token) -> bool {
        match self.dialect {
            Dialect::Postgres => {
                if self.frame.clause.is_utility() || self.operand {
                    return false;
                }
                let mut ahead = self.lexer.clone();
                ahead.rewind(token.start);
                types::skip(self.sql, &mut ahead);
                let Some(string) = ahead.next_significant() else {
                    return false;
                };
                if !matches!(string.kind, TokenKind::String(_)) {
                    return false;
                }
                types::skip_interval_fields(self.sql, &mut ahead);
                self.lexer = ahead;
                self.truncated |= !string.terminated;
                self.note_literal(string);
                self.constant();
                true
            }
            Dialect::Mysql => {
                self.write_name(self.bytes(token), Kw::Interval);
                self.last = Last::Keyword;
                self.operand = false;
                self.interval_unit = true;
                true
            }
            Dialect::Sqlite => false,
        }
    }

    /// JDBC's `{d '…'}`, `{t '…'}` and `{ts '…'}`, behind the brace.
    pub(super) fn braced_literal(&mut self) -> bool {
        let mut ahead = self.lexer.clone();
        let mut next = || ahead.next_significant();
        let (Some(word), Some(string), Some(close)) = (next(), next(), next()) else {
            return false;
        };
        let found = word.kind == TokenKind::Word
            && matches!(self.bytes(word), b"d" | b"t" | b"ts")
            && matches!(string.kind, TokenKind::String(_))
            && self.bytes(close) == b"}";
        if found {
            self.lexer = ahead;
            self.note_literal(string);
            self.constant();
        }
        found
    }

    /// `::type`: gone behind a constant, kept behind anything else.
    pub(super) fn cast_operator(&mut self) {
        if matches!(self.last, Last::Constant | Last::ConstantArray) {
            types::skip(self.sql, &mut self.lexer);
            return;
        }
        self.write_close(b"::", Last::Colon);
        self.write_type();
    }

    /// Writes the type name that follows, as it is but for its numbers.
    pub(super) fn write_type(&mut self) {
        let mut end = self.lexer.clone();
        types::skip(self.sql, &mut end);
        while self.lexer.position() < end.position() {
            let Some(token) = self.next() else { break };
            match token.kind {
                TokenKind::Word => {
                    self.blank();
                    self.write_lower(self.bytes(token));
                    self.last = Last::Name;
                }
                TokenKind::QuotedIdent => {
                    self.operand = false; // no alias
                    self.quoted(token);
                }
                TokenKind::Number | TokenKind::Param => {
                    let list = self.bytes(token) == b"...";
                    self.blank();
                    self.out.extend_from_slice(if list { b"?, ?" } else { b"?" });
                    self.last = Last::Name;
                }
                TokenKind::Punct(byte) => {
                    self.out.push(byte);
                    self.last = match byte {
                        b'(' | b'[' => Last::Open,
                        b'.' => Last::Dot,
                        b',' => Last::Comma,
                        _ => Last::Close,
                    };
                }
                _ => {}
            }
        }
        self.frame.element = Element::Mixed;
        self.last = Last::Close;
        self.last_kw = Kw::None;
        self.operand = true;
    }
}
