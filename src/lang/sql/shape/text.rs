//! A text cut into statements and tokens, and put together again for the grammar.
//!
//! Owns the choice of the statement that counts, its verb, and the text handed to the SQL parser:
//! constants and parameters replaced, comments gone. What the statement does is left to the
//! readers.

use super::super::lexer::{Dialect, Lexer, Token, TokenKind};
use super::Verb;

/// A statement within its text.
pub(in crate::lang::sql) struct Statement<'a> {
    /// The whole text.
    pub(in crate::lang::sql) sql: &'a str,
    /// The tokens of this statement, comments and the semicolon left out.
    pub(in crate::lang::sql) tokens: Vec<Token>,
    /// What kind it is.
    pub(in crate::lang::sql) verb: Verb,
    /// How the text is written.
    pub(in crate::lang::sql) dialect: Dialect,
}

impl<'a> Statement<'a> {
    /// The first statement that is neither transaction control nor utility, else the first; `None`
    /// where there is no token.
    pub(in crate::lang::sql) fn first(sql: &'a str, dialect: Dialect) -> Option<Self> {
        let mut lexer = Lexer::new(sql.as_bytes(), dialect);
        let mut first: Option<Self> = None;
        loop {
            let mut tokens = Vec::new();
            let mut last = true;
            while let Some(token) = lexer.next_significant() {
                if token.kind == TokenKind::Punct(b';') {
                    last = false;
                    break;
                }
                tokens.push(token);
            }
            if !tokens.is_empty() {
                let mut statement = Self { sql, tokens, verb: Verb::Other, dialect };
                statement.verb = statement.read_verb();
                statement.find_fetch_counts();
                if !matches!(statement.verb, Verb::Transaction | Verb::Utility) {
                    return Some(statement);
                }
                first = first.or(Some(statement));
            }
            if last {
                return first;
            }
        }
    }

    /// Makes the `?` of `FETCH FIRST ? ROWS` a parameter: to the lexer it may be an operator, since
    /// FIRST can be a column.
    fn find_fetch_counts(&mut self) {
        for index in 2..self.tokens.len() {
            if self.text(self.tokens[index]) == "?"
                && (self.is_word(index - 1, "first") || self.is_word(index - 1, "next"))
                && self.is_word(index - 2, "fetch")
            {
                self.tokens[index].kind = TokenKind::Param;
            }
        }
    }

    /// The text of a token; empty where it does not lie on character borders.
    pub(in crate::lang::sql) fn text(&self, token: Token) -> &'a str {
        self.sql.get(token.start..token.end).unwrap_or("")
    }

    /// The unquoted word at `index`.
    pub(in crate::lang::sql) fn word(&self, index: usize) -> Option<&'a str> {
        let token = *self.tokens.get(index)?;
        (token.kind == TokenKind::Word).then(|| self.text(token))
    }

    /// Whether the token at `index` is this word, whatever its case.
    pub(super) fn is_word(&self, index: usize, word: &str) -> bool {
        self.word(index).is_some_and(|text| text.eq_ignore_ascii_case(word))
    }

    /// Whether the token at `index` is this punctuation mark.
    pub(super) fn is_punct(&self, index: usize, mark: u8) -> bool {
        self.tokens.get(index).is_some_and(|token| token.kind == TokenKind::Punct(mark))
    }

    fn read_verb(&self) -> Verb {
        let start = (0..self.tokens.len()).find(|&index| !self.is_punct(index, b'('));
        let Some((start, word)) = start.and_then(|start| Some((start, self.word(start)?))) else {
            return Verb::Other;
        };
        let word = word.to_ascii_lowercase();
        match word.as_str() {
            "with" => self.verb_behind_ctes(start + 1),
            "set" if self.is_word(start + 1, "transaction") => Verb::Transaction,
            "prepare" if self.is_word(start + 1, "transaction") => Verb::Transaction,
            word => verb_of(word),
        }
    }

    /// The verb behind a WITH list; SELECT where the text ends inside the list.
    fn verb_behind_ctes(&self, start: usize) -> Verb {
        let mut depth = 0usize;
        for index in start..self.tokens.len() {
            match self.tokens[index].kind {
                TokenKind::Punct(b'(') => depth += 1,
                TokenKind::Punct(b')') => depth = depth.saturating_sub(1),
                TokenKind::Word if depth == 0 => {
                    let verb = self.word(index).map_or(Verb::Other, |word| {
                        let word = word.to_ascii_lowercase();
                        if word == "replace" { Verb::Insert } else { verb_of(&word) }
                    });
                    if matches!(
                        verb,
                        Verb::Select | Verb::Insert | Verb::Update | Verb::Delete | Verb::Merge
                    ) {
                        return verb;
                    }
                }
                _ => {}
            }
        }
        Verb::Select
    }

    /// The statement as text for the SQL parser: each constant and parameter as `constant` spells
    /// it, which is told the token's index; one blank for what stands between tokens.
    pub(in crate::lang::sql) fn spell(
        &self,
        mut constant: impl FnMut(usize, &mut String),
    ) -> String {
        self.spell_with(|index, text| constant(index, text), |_| None)
    }

    /// The same, with other spellings for the tokens that `other` has one for.
    pub(in crate::lang::sql) fn spell_with(
        &self,
        mut constant: impl FnMut(usize, &mut String),
        other: impl Fn(usize) -> Option<&'static str>,
    ) -> String {
        let mut text = String::with_capacity(self.sql.len());
        let mut end = None;
        for (index, &token) in self.tokens.iter().enumerate() {
            if end.is_some_and(|end| end < token.start) {
                text.push(' ');
            }
            end = Some(token.end);
            match token.kind {
                TokenKind::Number | TokenKind::Param | TokenKind::String(_) => {
                    constant(index, &mut text);
                }
                _ => text.push_str(other(index).unwrap_or_else(|| self.text(token))),
            }
        }
        text
    }
}

/// The verb a statement that begins with this lower-case word has.
pub(super) fn verb_of(word: &str) -> Verb {
    match word {
        "select" | "values" | "table" => Verb::Select,
        "insert" | "replace" => Verb::Insert,
        "update" => Verb::Update,
        "delete" => Verb::Delete,
        "merge" => Verb::Merge,
        "copy" => Verb::Copy,
        "begin" | "start" | "commit" | "end" | "rollback" | "abort" | "savepoint" | "release"
        | "xa" => Verb::Transaction,
        "create" | "alter" | "drop" | "truncate" | "grant" | "revoke" | "comment" | "rename"
        | "reassign" | "security" | "import" => Verb::Ddl,
        "set" | "show" | "reset" | "vacuum" | "analyze" | "analyse" | "explain" | "listen"
        | "unlisten" | "notify" | "discard" | "deallocate" | "declare" | "fetch" | "move"
        | "close" | "call" | "do" | "execute" | "prepare" | "load" | "checkpoint" | "cluster"
        | "reindex" | "refresh" | "lock" | "unlock" | "use" | "kill" | "flush" | "optimize"
        | "check" | "repair" | "describe" | "desc" | "pragma" | "attach" | "detach" | "handler"
        | "help" | "install" | "uninstall" | "purge" | "change" => Verb::Utility,
        // Commands of a replication connection.
        "identify_system"
        | "base_backup"
        | "start_replication"
        | "create_replication_slot"
        | "drop_replication_slot"
        | "timeline_history" => Verb::Utility,
        _ => Verb::Other,
    }
}
