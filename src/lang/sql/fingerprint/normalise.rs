//! The rules that turn a statement into its fingerprint text, in one pass over the tokens.
//!
//! The text itself serves as the stack: a bracket, cast or typed literal that turns out to be a
//! constant is cut off again and replaced by `?` (see [`Mark`]), so nothing is read twice except a
//! few tokens of look-ahead. Input: one statement; output: text, facts and the places of comments.
//! Here are the state, the dispatch and the writing; the rules are in `words.rs`, `constants.rs`,
//! `brackets.rs` and `utility.rs`.

use super::frames::{Element, Frame, Last, Mark, Open};
use super::templates::{Gap, MAX_GAPS, Role};
use crate::lang::facts::LiteralFacts;
use crate::lang::fingerprint::Comments;
use crate::lang::sql::keywords::{self, Keyword, Kw};
use crate::lang::sql::lexer::{Dialect, Lexer, Token, TokenKind};

/// The state of one run.
pub(super) struct Normaliser<'a, 's> {
    pub(super) sql: &'a [u8],
    pub(super) lexer: Lexer<'a>,
    pub(super) dialect: Dialect,
    pub(super) out: &'s mut Vec<u8>,
    pub(super) outer: &'s mut Vec<Frame>,
    /// The literals and comments met, one more at most than a template may have.
    gaps: &'s mut Vec<Gap>,
    pub(super) frame: Frame,
    /// Brackets open beyond the depth that is kept.
    pub(super) excess: u32,
    pub(super) last: Last,
    /// The keyword written last, if nothing else was written since.
    pub(super) last_kw: Kw,
    /// The text so far ends in a complete operand.
    pub(super) operand: bool,
    /// Before the (dotted) name written last.
    pub(super) name: Mark,
    /// A LIKE pattern may follow.
    pub(super) pattern_next: bool,
    /// NOT was written directly behind IS.
    pub(super) is_not: bool,
    /// A row count follows behind FETCH.
    pub(super) fetch_count: bool,
    /// The second number of MySQL's `LIMIT offset, count` follows.
    pub(super) limit_second: bool,
    /// MySQL's `interval 1 day`: the word behind the operand is a unit, no alias.
    pub(super) interval_unit: bool,
    /// In a utility statement, the name of a table stands before the next parenthesis.
    pub(super) table_name: bool,
    /// A `;` was read and is written only if something follows.
    semicolon: bool,
    pub(super) truncated: bool,
    pub(super) facts: LiteralFacts,
    pub(super) comments: Comments,
}

impl<'a, 's> Normaliser<'a, 's> {
    pub(super) fn new(
        sql: &'a [u8],
        dialect: Dialect,
        out: &'s mut Vec<u8>,
        outer: &'s mut Vec<Frame>,
        gaps: &'s mut Vec<Gap>,
    ) -> Self {
        let frame = Frame::statement();
        Self {
            sql,
            lexer: Lexer::new(sql, dialect),
            dialect,
            out,
            outer,
            gaps,
            frame,
            excess: 0,
            last: Last::Start,
            last_kw: Kw::None,
            operand: false,
            name: frame.mark,
            pattern_next: false,
            is_not: false,
            fetch_count: false,
            limit_second: false,
            interval_unit: false,
            table_name: false,
            semicolon: false,
            truncated: false,
            facts: LiteralFacts::default(),
            comments: Comments::default(),
        }
    }

    /// Reads the whole statement.
    pub(super) fn run(&mut self) {
        if self.dialect == Dialect::Mysql && self.admin_command() {
            return;
        }
        while let Some(token) = self.next() {
            self.token(token);
        }
        self.truncated |= !self.outer.is_empty() || self.excess > 0;
        self.truncated |= self.lexer.in_versioned_comment();
    }

    /// The next token that is no comment; comments are noted on the way.
    #[inline]
    pub(super) fn next(&mut self) -> Option<Token> {
        loop {
            let token = self.lexer.next_token()?;
            self.truncated |= !token.terminated;
            match token.kind {
                TokenKind::Comment => {
                    self.comments.push(token.start, token.end);
                    self.trace(token, Role::Plain);
                }
                TokenKind::VersionMark => {}
                _ => return Some(token),
            }
        }
    }

    /// Notes a literal or comment for the template that may be learned from this statement.
    #[inline]
    pub(super) fn trace(&mut self, token: Token, role: Role) {
        if self.gaps.len() <= MAX_GAPS {
            let Token { kind, start, end, .. } = token;
            self.gaps.push(Gap { kind, start, end, role });
        }
    }

    #[inline]
    pub(super) fn bytes(&self, token: Token) -> &'a [u8] {
        self.sql.get(token.start..token.end).unwrap_or(&[])
    }

    #[inline]
    pub(super) fn lookup(&self, token: Token) -> Keyword {
        keywords::lookup(self.sql, token.start, token.end, self.dialect)
    }

    #[inline]
    pub(super) fn token(&mut self, token: Token) {
        if self.semicolon {
            if token.kind == TokenKind::Punct(b';') {
                return;
            }
            self.end_statement();
        }
        match token.kind {
            TokenKind::Word => self.word(token),
            TokenKind::Punct(byte) => match byte {
                b'(' => self.open_parenthesis(),
                b')' => self.close(b')'),
                b'[' => self.open_bracket(),
                b']' => self.close(b']'),
                b',' => self.comma(),
                b'.' => self.write_close(b".", Last::Dot),
                _ => self.statement_separator(),
            },
            TokenKind::Op => self.operator(token),
            TokenKind::Number | TokenKind::String(_) => self.literal(token),
            TokenKind::Param => self.parameter(token),
            TokenKind::QuotedIdent => self.quoted(token),
            TokenKind::Comment | TokenKind::VersionMark => {}
            TokenKind::Other => self.other(token),
        }
    }

    // --- writing -------------------------------------------------------------------------------

    /// The place to come back to if what follows is replaced.
    #[inline]
    pub(super) fn mark(&self) -> Mark {
        Mark {
            length: self.out.len(),
            element: self.frame.element,
            last: self.last,
            last_kw: self.last_kw,
        }
    }

    #[inline]
    pub(super) fn restore(&mut self, mark: Mark) {
        self.out.truncate(mark.length);
        self.frame.element = mark.element;
        self.last = mark.last;
        self.last_kw = mark.last_kw;
    }

    /// The blank before an operand, word or operator.
    #[inline]
    pub(super) fn blank(&mut self) {
        if !matches!(self.last, Last::Start | Last::Open | Last::Dot | Last::Colon) {
            self.out.push(b' ');
        }
    }

    /// Writes a word in lower case.
    #[inline]
    pub(super) fn write_lower(&mut self, text: &[u8]) {
        let start = self.out.len();
        self.out.extend_from_slice(text);
        self.out[start..].make_ascii_lowercase();
    }

    /// Writes punctuation that no blank precedes.
    #[inline]
    pub(super) fn write_close(&mut self, text: &[u8], last: Last) {
        self.out.extend_from_slice(text);
        self.frame.element = Element::Mixed;
        self.last = last;
        self.last_kw = Kw::None;
        self.operand = matches!(last, Last::Close);
    }

    /// Writes an identifier; `kw` is what it could be as a keyword.
    #[inline]
    pub(super) fn write_name(&mut self, text: &[u8], kw: Kw) {
        if self.last != Last::Dot {
            self.name = self.mark();
        }
        self.blank();
        self.write_lower(text);
        self.pattern_next = false;
        self.after_name(kw);
        if text == b"@@" {
            // MySQL: the quoted name of a system variable follows.
            self.last = Last::Dot;
        }
    }

    #[inline]
    pub(super) fn after_name(&mut self, kw: Kw) {
        self.frame.element = Element::Mixed;
        self.last = Last::Name;
        self.last_kw = kw;
        self.operand = true;
    }

    #[inline]
    pub(super) fn write_keyword(&mut self, text: &[u8], keyword: Keyword) {
        self.blank();
        self.write_lower(text);
        self.frame.element = Element::Mixed;
        self.last = Last::Keyword;
        self.last_kw = keyword.kw;
        self.operand = !keyword.expects_operand();
        self.table_name = matches!(keyword.kw, Kw::Into | Kw::Table | Kw::On | Kw::Exists);
    }

    /// Writes `?`, taking the place of a sign that belongs to it.
    #[inline]
    pub(super) fn constant(&mut self) {
        if self.last == Last::Sign {
            self.restore(self.frame.sign);
        }
        if self.dialect == Dialect::Mysql
            && self.last == Last::Comma
            && self.out.ends_with(b"?, ?,")
        {
            // As the server's digests do: two constants stand for two and more.
            self.out.pop();
        } else {
            self.blank();
            self.out.push(b'?');
        }
        self.frame.element = match self.frame.element {
            Element::Empty => Element::Constant,
            _ => Element::Mixed,
        };
        self.last = Last::Constant;
        self.last_kw = Kw::None;
        self.operand = true;
        self.pattern_next = false;
    }

    pub(super) fn write_escaped(&mut self, byte: u8) {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        if byte < b' ' || byte == 0x7f {
            let high = HEX[usize::from(byte >> 4)];
            let low = HEX[usize::from(byte & 15)];
            self.out.extend_from_slice(&[b'\\', b'x', high, low]);
        } else {
            self.out.push(byte);
        }
    }

    /// MySQL's `administrator command: Quit`, which is a statement of its own kind: kept whole.
    fn admin_command(&mut self) -> bool {
        const HEAD: &[u8] = b"administrator command: ";
        let text = self.sql.trim_ascii();
        if !text.get(..HEAD.len()).is_some_and(|head| head.eq_ignore_ascii_case(HEAD)) {
            return false;
        }
        for &byte in text.strip_suffix(b";").unwrap_or(text) {
            self.write_escaped(byte);
        }
        true
    }

    /// Bytes that are no SQL; among them the braces of JDBC's `{ts '…'}`.
    fn other(&mut self, token: Token) {
        let text = self.bytes(token);
        if text == b"{" && self.braced_literal() {
            return;
        }
        self.blank();
        for &byte in text {
            self.write_escaped(byte);
        }
        self.frame.element = Element::Mixed;
        self.last = Last::Operator;
        self.last_kw = Kw::None;
        self.operand = false;
    }

    // --- operators -----------------------------------------------------------------------------

    fn operator(&mut self, token: Token) {
        let text = self.bytes(token);
        match text {
            b"::" => return self.cast_operator(),
            b"+" | b"-" if !self.operand => {
                if self.last != Last::Sign {
                    self.frame.sign = self.mark();
                }
                self.blank();
                self.out.extend_from_slice(text);
                self.frame.element = Element::Mixed;
                self.last = Last::Sign;
                self.last_kw = Kw::None;
                return;
            }
            b"*" if !self.operand => {
                self.blank();
                return self.write_close(b"*", Last::Close);
            }
            b":" => return self.write_close(b":", Last::Colon),
            _ => {}
        }
        self.blank();
        self.out.extend_from_slice(match text {
            b"!=" => b"<>",
            // Both are the notation of named arguments in PostgreSQL.
            b":=" if self.frame.open == Open::Call && self.dialect == Dialect::Postgres => b"=>",
            _ => text,
        });
        self.frame.element = Element::Mixed;
        self.last = Last::Operator;
        self.last_kw = Kw::None;
        self.operand = false;
        self.pattern_next = text.starts_with(b"~~") || text.starts_with(b"!~~");
    }

    // --- statements ----------------------------------------------------------------------------

    fn statement_separator(&mut self) {
        if self.outer.is_empty() && self.excess == 0 {
            // A `;` with nothing behind it says nothing.
            self.semicolon = self.last != Last::Start;
        } else {
            self.write_close(b";", Last::Operator);
        }
    }

    fn end_statement(&mut self) {
        self.semicolon = false;
        self.out.push(b';');
        self.frame = Frame::statement();
        self.last = Last::Semicolon;
        self.last_kw = Kw::None;
        self.pattern_next = false;
        self.fetch_count = false;
        self.limit_second = false;
        self.interval_unit = false;
        self.operand = false;
    }
}
