//! The heads of statements: which clause a statement begins in, and the names and values in the
//! heads of utility statements that count as constants (PREPARE, DECLARE, SAVEPOINT, SET …).

use super::frames::{Clause, Last};
use super::normalise::Normaliser;
use crate::lang::sql::keywords::{Keyword, Kw};
use crate::lang::sql::lexer::{Dialect, Token, TokenKind};

impl Normaliser<'_, '_> {
    /// Reads the first word of a statement. True if it, and what belongs to it, is written.
    pub(super) fn statement_head(&mut self, token: Token, keyword: Keyword) -> bool {
        let text = self.bytes(token);
        let is_call = self.lexer.peek_byte() == Some(b'(');
        match keyword.kw {
            Kw::Select | Kw::With | Kw::Values | Kw::Insert | Kw::Update => return false,
            Kw::Delete | Kw::Merge | Kw::Replace if !is_call => return false,
            Kw::Explain => self.frame.clause = Clause::Explain,
            _ => self.frame.clause = Clause::Utility,
        }
        if text.eq_ignore_ascii_case(b"grant") || text.eq_ignore_ascii_case(b"revoke") {
            self.frame.clause = Clause::Privileges;
        }
        match keyword.kw {
            Kw::Explain => self.write_name(self.spelling(token, keyword), Kw::Explain),
            Kw::Copy => {
                self.write_name(text, Kw::Copy);
                self.table_name = true;
            }
            Kw::Set => self.set_statement(token),
            Kw::Prepare | Kw::Execute | Kw::Deallocate | Kw::Declare => {
                self.write_name(text, Kw::None);
                self.object_name(&[b"prepare", b"all", b"transaction"]);
            }
            Kw::Savepoint | Kw::Release | Kw::Close => {
                self.write_name(text, Kw::None);
                self.object_name(&[b"savepoint", b"all"]);
            }
            Kw::Fetch | Kw::Move => {
                self.write_name(text, Kw::None);
                self.cursor_position();
            }
            Kw::Rollback => {
                self.write_name(text, Kw::None);
                self.rollback_target();
            }
            _ => return false,
        }
        true
    }

    /// Writes the words of `syntax` that follow, then `?` for the name behind them.
    fn object_name(&mut self, syntax: &[&[u8]]) {
        while let Some(token) = self.peek_in_statement() {
            match token.kind {
                TokenKind::Word if self.is_one_of(token, syntax) => {
                    self.next();
                    self.write_name(self.bytes(token), Kw::None);
                    if self.bytes(token).eq_ignore_ascii_case(b"all") {
                        return;
                    }
                }
                // In fingerprint text the name is a `?`, which behind a word reads as an operator.
                TokenKind::Op if self.bytes(token) != b"?" => return,
                TokenKind::Word | TokenKind::QuotedIdent | TokenKind::Param | TokenKind::Op => {
                    self.next();
                    self.constant();
                    // What follows is a list of arguments or types, set like that of a function.
                    self.last = Last::Name;
                    return;
                }
                _ => return,
            }
        }
    }

    /// The rest of FETCH or MOVE: directions stay, counts and the cursor are `?`.
    fn cursor_position(&mut self) {
        const WORDS: [&[u8]; 10] = [
            b"next",
            b"prior",
            b"first",
            b"last",
            b"absolute",
            b"relative",
            b"forward",
            b"backward",
            b"all",
            b"from",
        ];
        while let Some(token) = self.peek_in_statement() {
            self.next();
            match token.kind {
                TokenKind::Word
                    if self.is_one_of(token, &WORDS) || self.is_one_of(token, &[b"in"]) =>
                {
                    self.write_name(self.bytes(token), Kw::None);
                    self.operand = false;
                }
                TokenKind::Word | TokenKind::QuotedIdent => self.constant(),
                _ => self.token(token),
            }
        }
    }

    /// `rollback [work] to [savepoint] name`.
    fn rollback_target(&mut self) {
        while let Some(token) = self.peek_in_statement() {
            if token.kind != TokenKind::Word {
                return;
            }
            self.next();
            self.write_name(self.bytes(token), Kw::None);
            if self.is_one_of(token, &[b"to"]) {
                return self.object_name(&[b"savepoint"]);
            }
        }
    }

    /// `set name = value`: the value is a constant, whatever it is made of.
    fn set_statement(&mut self, head: Token) {
        self.write_name(self.bytes(head), Kw::None);
        while let Some(token) = self.peek_in_statement() {
            let assigns = match token.kind {
                TokenKind::Op => matches!(self.bytes(token), b"=" | b":="),
                TokenKind::Word => self.is_one_of(token, &[b"to"]),
                _ => false,
            };
            if assigns {
                self.next();
                self.out.extend_from_slice(b" =");
                self.set_value();
                continue;
            }
            match token.kind {
                TokenKind::Word => {
                    self.next();
                    self.write_name(self.bytes(token), Kw::None);
                    if self.dialect == Dialect::Mysql
                        && self.is_one_of(token, &[b"names", b"collate"])
                    {
                        // `set names utf8mb4 collate x`: two values.
                        if let Some(value) = self.peek_in_statement() {
                            self.next();
                            if matches!(value.kind, TokenKind::String(_)) {
                                self.note_literal(value);
                            }
                            self.constant();
                        }
                    } else if self.is_one_of(token, &[b"zone", b"names"]) {
                        self.set_value();
                    }
                }
                // A user variable on the left.
                TokenKind::Param if self.dialect == Dialect::Mysql => {
                    self.next();
                    self.parameter(token);
                }
                TokenKind::QuotedIdent if self.dialect == Dialect::Mysql => {
                    self.next();
                    self.quoted(token);
                }
                TokenKind::Punct(b'.' | b',') => {
                    self.next();
                    self.token(token);
                }
                _ => {
                    self.operand = false;
                    return;
                }
            }
        }
    }

    /// Replaces the value up to the end of the statement, in MySQL up to the next assignment.
    fn set_value(&mut self) {
        self.last = Last::Operator;
        let mut depth = 0u32;
        let mut written = false;
        while let Some(token) = self.peek_in_statement() {
            let comma = token.kind == TokenKind::Punct(b',');
            if comma && depth == 0 && self.dialect == Dialect::Mysql {
                return;
            }
            self.next();
            match token.kind {
                TokenKind::Punct(b'(') => depth = depth.saturating_add(1),
                TokenKind::Punct(b')') => depth = depth.saturating_sub(1),
                TokenKind::Number | TokenKind::String(_) => self.note_literal(token),
                _ => {}
            }
            if !written {
                self.constant();
                written = true;
            }
        }
    }

    /// The next token, unless it ends the statement.
    fn peek_in_statement(&self) -> Option<Token> {
        let token = self.lexer.clone().next_significant()?;
        (token.kind != TokenKind::Punct(b';')).then_some(token)
    }

    fn is_one_of(&self, token: Token, words: &[&[u8]]) -> bool {
        let text = self.bytes(token);
        words.iter().any(|word| text.eq_ignore_ascii_case(word))
    }
}
