//! The fingerprint's rules for words: keywords, identifiers, noise words and aliases.

use super::frames::{Clause, Element, Last, Open};
use super::normalise::Normaliser;
use super::types;
use crate::lang::sql::keywords::{self, Keyword, Kw, Place};
use crate::lang::sql::lexer::{Dialect, Lexer, Token, TokenKind};

impl<'a> Normaliser<'a, '_> {
    #[inline]
    pub(super) fn word(&mut self, token: Token) {
        let keyword = self.lookup(token);
        let head = match self.frame.clause {
            Clause::Start => true,
            Clause::Explain => matches!(keyword.kw, Kw::Execute | Kw::Declare),
            _ => false,
        };
        if head && self.statement_head(token, keyword) {
            return;
        }
        let text = self.spelling(token, keyword);
        if self.interval_unit && self.operand {
            self.interval_unit = false;
            return self.write_name(text, Kw::None);
        }
        if keyword.kw == Kw::None {
            if self.is_account_noise(text) {
                return;
            }
            if self.alias_position() && self.is_alias() {
                self.skip_alias_columns();
            } else {
                self.write_name(text, Kw::None);
            }
            return;
        }
        if self.last == Last::Dot {
            return self.write_name(text, Kw::None);
        }
        if self.alias_position() && keyword.can_be_alias() && self.is_alias() {
            return self.skip_alias_columns();
        }
        match self.lexer.peek_byte() {
            Some(b'(') if self.is_function(keyword) => self.write_name(text, Kw::None),
            Some(b'.') if self.dot_follows() => self.write_name(text, Kw::None),
            _ => self.keyword(token, keyword),
        }
    }

    /// True for the words of MySQL's account statements that say nothing, but are in the log's
    /// rewritten statement and not in its digest: `all privileges`, `identified by password`.
    fn is_account_noise(&self, text: &[u8]) -> bool {
        self.dialect == Dialect::Mysql
            && self.frame.clause.is_utility()
            && (self.last_kw == Kw::All && text.eq_ignore_ascii_case(b"privileges")
                || self.out.ends_with(b" identified by") && text.eq_ignore_ascii_case(b"password"))
    }

    /// True for a keyword that is a function's name where `(` follows.
    fn is_function(&self, keyword: Keyword) -> bool {
        match keyword.kw {
            Kw::Interval => false,
            // `values(a)` behind ON DUPLICATE KEY UPDATE.
            Kw::Values => self.dialect == Dialect::Mysql && self.frame.clause == Clause::Other,
            // MERGE … THEN INSERT (columns).
            Kw::Insert => self.last_kw != Kw::Then,
            _ => keyword.can_be_function(),
        }
    }

    /// True where a dot follows that is no start of a number.
    fn dot_follows(&self) -> bool {
        let mut ahead = self.lexer.clone();
        ahead.next_significant().is_some_and(|token| token.kind == TokenKind::Punct(b'.'))
    }

    /// The word as it is written: MySQL's synonyms in their usual spelling.
    #[inline]
    pub(super) fn spelling(&self, token: Token, keyword: Keyword) -> &'a [u8] {
        let text = self.bytes(token);
        if !keyword.has_synonym() || self.last == Last::Dot {
            return text;
        }
        match keywords::usual(text) {
            Some((usual, place)) if self.is_place(place) => usual,
            _ => text,
        }
    }

    fn is_place(&self, place: Place) -> bool {
        match place {
            Place::Any => self.lexer.peek_byte() != Some(b'.'),
            Place::Call => self.lexer.peek_byte() == Some(b'('),
            Place::Utility => self.frame.clause.is_utility(),
        }
    }

    fn keyword(&mut self, token: Token, keyword: Keyword) {
        let text = self.spelling(token, keyword);
        match keyword.kw {
            Kw::As if self.as_word(token) => return,
            // The direction and the order of nulls that hold anyway.
            Kw::Asc if self.operand => return,
            Kw::Nulls if self.operand && self.skip_default_nulls() => return,
            Kw::Inner if self.next_word_is(b"join") => return,
            Kw::Outer if matches!(self.last_kw, Kw::Left | Kw::Right | Kw::Full) => return,
            Kw::All if self.last_kw == Kw::Select => return,
            Kw::Distinct if self.last_kw == Kw::Union => return,
            Kw::Null | Kw::Literal if !self.keeps_truth_value() => {
                self.note_literal(token);
                return self.constant();
            }
            Kw::At if self.at_time_zone() => return,
            Kw::TypeName if self.typed_literal(token) => return,
            Kw::Interval if self.interval(token) => return,
            Kw::Uescape if self.last == Last::Constant => {
                self.next();
                return;
            }
            Kw::With if self.frame.clause == Clause::From && self.next_word_is(b"ordinality") => {
                self.write_keyword(text, keyword);
                if let Some(word) = self.next() {
                    self.write_name(self.bytes(word), Kw::None);
                }
                return;
            }
            Kw::Case | Kw::Cast | Kw::Row | Kw::Array | Kw::Any | Kw::Operator | Kw::All => {
                let prefix = keyword.expects_operand();
                self.write_name(text, keyword.kw);
                self.operand = !prefix;
                return;
            }
            _ => {}
        }
        self.is_not = keyword.kw == Kw::Not && self.last_kw == Kw::Is;
        self.enter_clause(keyword.kw);
        if keyword.expects_operand() || keyword.blank_before_paren() {
            self.write_keyword(text, keyword);
        } else {
            let table = keyword.kw == Kw::Table;
            self.write_name(text, keyword.kw);
            self.table_name |= table;
        }
        match keyword.kw {
            Kw::Like => self.pattern_next = true,
            Kw::Similar => self.pattern_next = self.similar_to(),
            Kw::Fetch => self.fetch_count = true,
            _ => {}
        }
    }

    /// `similar to`: writes the TO, so that the pattern comes next.
    fn similar_to(&mut self) -> bool {
        let found = types::skip_word(self.sql, &mut self.lexer, b"to");
        self.out.extend_from_slice(if found { b" to" } else { b"" });
        found
    }

    /// True where NULL, TRUE and FALSE are syntax: behind IS and in utility statements.
    fn keeps_truth_value(&self) -> bool {
        self.last_kw == Kw::Is
            || (self.last_kw == Kw::Not && self.is_not)
            || self.frame.clause.is_utility()
    }

    /// `nulls last` behind an ascending key, `nulls first` behind a descending one.
    fn skip_default_nulls(&mut self) -> bool {
        let default: &[u8] = if self.last_kw == Kw::Desc { b"first" } else { b"last" };
        types::skip_word(self.sql, &mut self.lexer, default)
    }

    pub(super) fn next_word_is(&self, word: &[u8]) -> bool {
        types::skip_word(self.sql, &mut self.lexer.clone(), word)
    }

    fn at_time_zone(&mut self) -> bool {
        let mut ahead = self.lexer.clone();
        let found = types::skip_word(self.sql, &mut ahead, b"time")
            && types::skip_word(self.sql, &mut ahead, b"zone");
        if found {
            self.lexer = ahead;
            self.blank();
            self.out.extend_from_slice(b"at time zone");
            self.frame.element = Element::Mixed;
            self.last = Last::Keyword;
            self.last_kw = Kw::Plain;
            self.operand = false;
        }
        found
    }

    /// A quoted identifier: without its quotes where it reads the same.
    pub(super) fn quoted(&mut self, token: Token) {
        if self.alias_position() {
            return self.skip_alias_columns();
        }
        let text = self.bytes(token);
        if self.last != Last::Dot {
            self.name = self.mark();
        }
        self.blank();
        let plain = text.get(1..text.len().saturating_sub(1)).unwrap_or(&[]);
        let folds = token.terminated
            && match self.dialect {
                Dialect::Mysql => self.is_plain_name(plain),
                _ => self.is_folded_name(text, plain),
            };
        if folds {
            self.write_lower(plain);
        } else {
            for &byte in text {
                self.write_escaped(byte);
            }
        }
        self.after_name(Kw::None);
    }

    /// True for a quoted name that the server would fold to itself without quotes.
    fn is_folded_name(&self, text: &[u8], plain: &[u8]) -> bool {
        text.first().is_none_or(|&quote| quote != b'u' && quote != b'U')
            && plain.first().is_some_and(|&byte| byte.is_ascii_lowercase() || byte == b'_')
            && plain.iter().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
            && !keywords::lookup(plain, 0, plain.len(), self.dialect).keeps_quotes()
    }

    /// True for a name that MySQL would read without its quotes as well: a word, and no reserved one
    /// but next to the dot of a qualified name. The digests of the server quote all names.
    fn is_plain_name(&self, plain: &[u8]) -> bool {
        let mut lexer = Lexer::new(plain, self.dialect);
        let word = lexer.next_token().is_some_and(|token| {
            token.kind == TokenKind::Word && token.start == 0 && token.end == plain.len()
        });
        word && !plain.starts_with(b"@")
            && (self.last == Last::Dot
                || self.lexer.peek_byte() == Some(b'.')
                || !keywords::lookup(plain, 0, plain.len(), self.dialect).keeps_quotes())
    }

    /// True where a word would be an implicit alias.
    #[inline]
    pub(super) fn alias_position(&self) -> bool {
        self.operand
            && matches!(self.frame.clause, Clause::SelectList | Clause::From)
            && self.excess == 0
            && self.last != Last::Dot
    }

    /// False for an unknown word that acts like an operator.
    #[inline]
    fn is_alias(&self) -> bool {
        self.frame.clause == Clause::From || self.lexer.peek_byte() != Some(b'(')
    }

    /// Behind a dropped table alias: its column list.
    #[inline]
    fn skip_alias_columns(&mut self) {
        if self.frame.clause == Clause::From && self.lexer.peek_byte() == Some(b'(') {
            self.skip_group();
        }
    }

    /// Skips the parenthesis that comes next, whole.
    fn skip_group(&mut self) {
        let mut depth = 0u32;
        while let Some(token) = self.next() {
            match token.kind {
                TokenKind::Punct(b'(') => depth = depth.saturating_add(1),
                TokenKind::Punct(b')') => {
                    depth -= 1;
                    if depth == 0 {
                        return;
                    }
                }
                _ => {}
            }
        }
        self.truncated = true;
    }

    /// AS with what it names, where it introduces an alias. False where AS is syntax.
    fn as_word(&mut self, token: Token) -> bool {
        if self.frame.open == Open::Cast && self.excess == 0 {
            return self.cast_as(token);
        }
        let clause = self.frame.clause;
        if !matches!(clause, Clause::SelectList | Clause::From | Clause::Into)
            || !self.operand
            || self.excess > 0
        {
            return false;
        }
        let follows = self.lexer.clone().next_significant().map(|token| token.kind);
        match follows {
            Some(TokenKind::Word | TokenKind::QuotedIdent | TokenKind::String(_)) => {
                self.next();
                self.skip_alias_columns();
            }
            // `from f() as (a int, b text)`
            Some(TokenKind::Punct(b'(')) if clause == Clause::From => self.skip_group(),
            _ => {}
        }
        true
    }
}
