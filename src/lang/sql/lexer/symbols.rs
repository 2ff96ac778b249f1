//! Operators, and the parameters that begin like one.

use super::{CLASSES, Class, Dialect, Lexer, TokenKind, WORD, string_end};
use crate::lang::sql::keywords;

impl Lexer<'_> {
    /// A `?`: the jsonb and geometric operators begin with it as well, but those follow an operand.
    pub(super) fn question(&self, start: usize) -> (TokenKind, usize) {
        if self.rules.postgres && self.after_operand() {
            return (TokenKind::Op, self.operator(start));
        }
        if self.dialect == Dialect::Sqlite {
            return (TokenKind::Param, self.digits(start + 1, |byte| byte.is_ascii_digit()));
        }
        (TokenKind::Param, start + 1)
    }

    /// True where the last token completes an operand, as far as tokens can tell.
    fn after_operand(&self) -> bool {
        self.previous.is_some_and(|token| match token.kind {
            TokenKind::Word => {
                let word = keywords::lookup(self.sql, token.start, token.end, self.dialect);
                !word.expects_operand()
            }
            TokenKind::QuotedIdent
            | TokenKind::Number
            | TokenKind::String(_)
            | TokenKind::Param
            | TokenKind::Punct(b')' | b']') => true,
            _ => false,
        })
    }

    /// `%s`, the placeholder of client libraries, where no operand stands before it.
    pub(super) fn percent_param(&self, start: usize) -> bool {
        self.byte(start + 1) == b's'
            && !WORD[usize::from(self.byte(start + 2))]
            && self.previous.is_some_and(|token| {
                matches!(token.kind, TokenKind::Op | TokenKind::Punct(b'(' | b','))
            })
    }

    /// `@name`, and `@@name`, which is a word: a system variable says what it is. In MySQL also the
    /// host of an account (`@'10.%'`, and `@?` in digest texts), and `@@` before a quoted name.
    pub(super) fn at_variable(&self, start: usize, terminated: &mut bool) -> (TokenKind, usize) {
        let system = self.byte(start + 1) == b'@';
        let name = start + 1 + usize::from(system);
        let mysql = self.rules.mysql;
        let end = match self.byte(name) {
            b'`' if mysql && system => return (TokenKind::Word, name),
            b'`' if mysql => self.delimited(name + 1, b'`', terminated),
            quote @ (b'\'' | b'"') if mysql && !system => {
                string_end(self.sql, name + 1, quote, true).unwrap_or_else(|| {
                    *terminated = false;
                    self.sql.len()
                })
            }
            b'?' if mysql && !system => name + 1,
            _ if mysql && !system => self.host_end(name),
            _ => self.word_end(name),
        };
        match (end > name, system) {
            (true, true) => (TokenKind::Word, end),
            (true, false) => (TokenKind::Param, end),
            _ => (TokenKind::Other, start + 1),
        }
    }

    /// Behind the name of a user variable or host, which may hold dots.
    fn host_end(&self, name: usize) -> usize {
        let mut end = self.word_end(name);
        while end > name && self.byte(end) == b'.' && WORD[usize::from(self.byte(end + 1))] {
            end = self.word_end(end + 1);
        }
        end
    }

    /// True for the `(_charset)` of a digest text.
    #[inline]
    pub(super) fn charset_mark(&self, start: usize) -> bool {
        self.rules.mysql
            && self.byte(start + 1) == b'_'
            && self.sql[start..].starts_with(super::CHARSET)
    }

    /// True for `<secret>` where an operand is due.
    pub(super) fn secret(&self, start: usize) -> bool {
        self.rules.mysql && self.sql[start..].starts_with(super::SECRET) && !self.after_operand()
    }

    /// `::`, `:=`, `:name`, or a lone colon.
    pub(super) fn colon(&self, start: usize) -> (TokenKind, usize) {
        match self.byte(start + 1) {
            b':' | b'=' => (TokenKind::Op, start + 2),
            next if CLASSES[usize::from(next)] == Class::Letter && self.brackets == 0 => {
                (TokenKind::Param, self.word_end(start + 1))
            }
            _ => (TokenKind::Op, start + 1),
        }
    }

    /// Behind the operator at `start`.
    pub(super) fn operator(&self, start: usize) -> usize {
        if self.rules.postgres { self.postgres_operator(start) } else { self.fixed_operator(start) }
    }

    /// PostgreSQL's rule: the longest run of operator characters, ended by a comment; it may end in
    /// a sign only if it holds one of `~ ! @ # % ^ & | ? ` and the back-tick.
    fn postgres_operator(&self, start: usize) -> usize {
        let mut end = start + 1;
        let mut keeps_sign =
            matches!(self.sql[start], b'~' | b'!' | b'@' | b'#' | b'%' | b'^' | b'&' | b'|')
                || matches!(self.sql[start], b'?' | b'`');
        while let Some(&byte) = self.sql.get(end) {
            match byte {
                b'-' if self.byte(end + 1) == b'-' => break,
                b'/' if self.byte(end + 1) == b'*' => break,
                b'+' | b'-' | b'*' | b'/' | b'<' | b'>' | b'=' => {}
                b'~' | b'!' | b'@' | b'#' | b'%' | b'^' | b'&' | b'|' | b'`' => keeps_sign = true,
                // `=?` is an operator and a placeholder of a driver; `@?` and `?|` are operators.
                b'?' if end == start + 1 && self.sql[start] == b'@' => keeps_sign = true,
                _ => break,
            }
            end += 1;
        }
        while !keeps_sign && end > start + 1 && matches!(self.sql[end - 1], b'+' | b'-') {
            end -= 1;
        }
        end
    }

    /// The longest operator of the fixed set that MySQL and SQLite know.
    fn fixed_operator(&self, start: usize) -> usize {
        const LONG: [&[u8]; 13] = [
            b"<=>", b"->>", b"->", b"<=", b">=", b"<>", b"!=", b"<<", b">>", b"||", b"&&", b"==",
            b":=",
        ];
        let rest = &self.sql[start..];
        start + LONG.iter().find(|op| rest.starts_with(op)).map_or(1, |op| op.len())
    }
}
