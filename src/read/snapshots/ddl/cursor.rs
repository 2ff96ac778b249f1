//! Walks the tokens of a statement: words, names, groups between parentheses, and the text of any
//! stretch as a server would print it. It goes forward only and never nests, so that no text is too
//! deep for it.

use crate::lang::sql::lexer::{Dialect, Lexer, Token, TokenKind};
use crate::model::catalog::TableName;

/// Pairs of parentheses around a whole expression that are taken off: servers write two.
const MAX_BARED: usize = 16;

/// A statement and its tokens.
pub struct Tokens<'a> {
    text: &'a str,
    all: Vec<Token>,
    dialect: Dialect,
}

impl<'a> Tokens<'a> {
    /// The tokens of a statement; comments are none, what stands in versioned ones is.
    pub fn of(text: &'a str, dialect: Dialect) -> Self {
        let mut lexer = Lexer::new(text.as_bytes(), dialect);
        let all = std::iter::from_fn(|| lexer.next_significant()).collect();
        Tokens { text, all, dialect }
    }

    /// A cursor over all of them.
    pub fn cursor(&self) -> Cursor<'_> {
        Cursor { text: self.text, tokens: &self.all, dialect: self.dialect }
    }
}

/// A place in a statement, up to the end of a stretch of it.
#[derive(Clone, Copy)]
pub struct Cursor<'a> {
    text: &'a str,
    tokens: &'a [Token],
    /// The dialect that the statement is written in.
    pub dialect: Dialect,
}

impl<'a> Cursor<'a> {
    /// Whether nothing follows.
    pub fn is_at_end(&self) -> bool {
        self.tokens.is_empty()
    }

    /// Number of tokens that follow.
    pub fn left(&self) -> usize {
        self.tokens.len()
    }

    fn source(&self, token: &Token) -> &'a str {
        self.text.get(token.start..token.end).unwrap_or_default()
    }

    /// The unquoted word at a distance, as written.
    pub fn word_at(&self, ahead: usize) -> Option<&'a str> {
        let token = self.tokens.get(ahead)?;
        (token.kind == TokenKind::Word).then(|| self.source(token))
    }

    /// Whether the unquoted word at a distance is this one.
    pub fn is_word_at(&self, ahead: usize, word: &str) -> bool {
        self.word_at(ahead).is_some_and(|found| found.eq_ignore_ascii_case(word))
    }

    /// Whether these words follow.
    pub fn is_at(&self, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(ahead, word)| self.is_word_at(ahead, word))
    }

    /// Passes these words, if they follow.
    pub fn eat(&mut self, words: &[&str]) -> bool {
        let is_at = self.is_at(words);
        if is_at {
            self.skip(words.len());
        }
        is_at
    }

    /// Passes one of these words, if it follows.
    pub fn eat_any(&mut self, words: &[&str]) -> bool {
        words.iter().any(|word| self.eat(&[word]))
    }

    /// The bytes of the token at a distance, if it is a mark or an operator.
    pub fn mark_at(&self, ahead: usize) -> Option<&'a str> {
        let token = self.tokens.get(ahead)?;
        matches!(token.kind, TokenKind::Punct(_) | TokenKind::Op).then(|| self.source(token))
    }

    /// Passes a mark, if it follows.
    pub fn eat_mark(&mut self, mark: &str) -> bool {
        let is_at = self.mark_at(0) == Some(mark);
        if is_at {
            self.skip(1);
        }
        is_at
    }

    /// Passes so many tokens.
    pub fn skip(&mut self, count: usize) {
        self.tokens = self.tokens.get(count..).unwrap_or_default();
    }

    /// Passes one token, or a whole group between parentheses.
    pub fn skip_one(&mut self) {
        if self.group().is_none() {
            self.skip(1);
        }
    }

    /// Passes `IF EXISTS` or `IF NOT EXISTS`, if it follows.
    pub fn eat_if_exists(&mut self) -> bool {
        self.eat(&["if", "exists"]) || self.eat(&["if", "not", "exists"])
    }

    /// A name, folded as the server stores it.
    pub fn name(&mut self) -> Option<Box<str>> {
        let token = self.tokens.first()?;
        let name = self.name_of(token)?;
        self.skip(1);
        Some(name)
    }

    fn name_of(&self, token: &Token) -> Option<Box<str>> {
        let source = self.source(token);
        let is_name = match token.kind {
            TokenKind::Word => {
                return Some(match self.dialect {
                    Dialect::Postgres => source.to_lowercase().into(),
                    Dialect::Mysql | Dialect::Sqlite => source.into(),
                });
            }
            TokenKind::QuotedIdent => true,
            // ANSI_QUOTES, and what SQLite takes for a name where no text can stand.
            TokenKind::String(_) => {
                let quote = source.starts_with('"')
                    || (source.starts_with('\'') && self.dialect == Dialect::Sqlite);
                quote && self.dialect != Dialect::Postgres
            }
            _ => false,
        };
        is_name.then(|| unquoted(source))
    }

    /// Names between dots: the last two of them, since a third is the database's.
    pub fn table_name(&mut self) -> Option<TableName> {
        let mut schema = None;
        let mut name = self.name()?;
        while self.mark_at(0) == Some(".") {
            let mut behind = *self;
            behind.skip(1);
            let Some(next) = behind.name() else { break };
            *self = behind;
            schema = Some(std::mem::replace(&mut name, next));
        }
        Some(TableName { schema, name })
    }

    /// A group between parentheses, which is passed: what stands in it. One that never closes takes
    /// all that follows with it, and is none: so nobody looks at it twice.
    pub fn group(&mut self) -> Option<Cursor<'a>> {
        if self.mark_at(0) != Some("(") {
            return None;
        }
        let mut depth = 0usize;
        for (at, token) in self.tokens.iter().enumerate() {
            match token.kind {
                TokenKind::Punct(b'(') => depth += 1,
                TokenKind::Punct(b')') => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                let inside = self.sub(1, at);
                self.skip(at + 1);
                return Some(inside);
            }
        }
        self.skip(self.tokens.len());
        None
    }

    /// The tokens from one distance to another.
    fn sub(&self, from: usize, to: usize) -> Cursor<'a> {
        Cursor { tokens: self.tokens.get(from..to).unwrap_or_default(), ..*self }
    }

    /// The first so many tokens.
    pub fn first(&self, count: usize) -> Cursor<'a> {
        self.sub(0, count.min(self.tokens.len()))
    }

    /// The stretches between commas that stand in no parentheses.
    pub fn items(&self) -> Vec<Cursor<'a>> {
        let (mut items, mut from, mut depth) = (Vec::new(), 0, 0usize);
        for (at, token) in self.tokens.iter().enumerate() {
            match token.kind {
                TokenKind::Punct(b'(' | b'[') => depth += 1,
                TokenKind::Punct(b')' | b']') => depth = depth.saturating_sub(1),
                TokenKind::Punct(b',') if depth == 0 => {
                    items.push(self.sub(from, at));
                    from = at + 1;
                }
                _ => {}
            }
        }
        if from < self.tokens.len() {
            items.push(self.sub(from, self.tokens.len()));
        }
        items
    }

    /// The names in a group of names only, or of names with lengths or orders behind them.
    pub fn names(&mut self) -> Option<Vec<Box<str>>> {
        let group = self.group()?;
        let name = |mut item: Cursor<'_>| {
            if item.is_at(&["period"]) && item.left() == 2 {
                item.skip(1);
            }
            item.name()
        };
        group.items().into_iter().map(name).collect()
    }

    /// The text of a constant between quotes, which is passed.
    pub fn string(&mut self) -> Option<Box<str>> {
        let token = self.tokens.first()?;
        let TokenKind::String(_) = token.kind else { return None };
        let text = unquoted(self.source(token));
        self.skip(1);
        Some(text)
    }

    /// The token that follows, as written.
    pub fn token_text(&self) -> &'a str {
        self.tokens.first().map_or("", |token| self.source(token))
    }

    /// What stands between this place and a later one of the same statement.
    pub fn until(&self, later: &Cursor<'a>) -> Cursor<'a> {
        self.first(self.tokens.len().saturating_sub(later.tokens.len()))
    }

    /// All that follows, as written, but without comments and with single blanks.
    pub fn shown(&self) -> Box<str> {
        let mut out = String::new();
        let mut behind = None;
        for token in self.tokens {
            if behind.is_some_and(|behind| behind != token.start) {
                out.push(' ');
            }
            out.push_str(self.source(token));
            behind = Some(token.end);
        }
        out.into()
    }

    /// The same without parentheses around all of it.
    pub fn bare(&self) -> Cursor<'a> {
        let mut inside = *self;
        for _ in 0..MAX_BARED {
            let mut rest = inside;
            match rest.group() {
                Some(group) if rest.is_at_end() && !group.is_at_end() => inside = group,
                _ => return inside,
            }
        }
        inside
    }

    /// The unquoted words and names in it, without those that a parenthesis follows.
    pub fn columns_named(&self) -> Vec<Box<str>> {
        let is_call = |at: usize| {
            self.tokens.get(at + 1).is_some_and(|next| next.kind == TokenKind::Punct(b'('))
        };
        let names = self.tokens.iter().enumerate().filter(|(at, _)| !is_call(*at));
        names
            .filter(|(_, token)| matches!(token.kind, TokenKind::Word | TokenKind::QuotedIdent))
            .filter_map(|(_, token)| self.name_of(token))
            .collect()
    }
}

/// What stands between quotes of any kind; a quote in it is doubled or behind a backslash.
fn unquoted(source: &str) -> Box<str> {
    let mut chars = source.chars();
    let close = match chars.next() {
        Some('[') => ']',
        Some(quote @ ('"' | '`' | '\'')) => quote,
        _ => return source.into(),
    };
    let inside = chars.as_str();
    let inside = inside.strip_suffix(close).unwrap_or(inside);
    inside.replace(&format!("{close}{close}"), &close.to_string()).into()
}
