//! Splits the text of a dump into statements, at the speed of a search for bytes.
//!
//! Owns where statements end: literals, comments, dollar quotes, `DELIMITER`, bodies of routines and
//! the data of `COPY … FROM stdin`. What cannot change a schema is passed over, in pieces if it is
//! longer than the text at hand: a [`Splitter`] says in a few bytes where it stands, so that another
//! may go on from there. What statements mean is left to [`super::statement`].

mod search;

use self::search::{MARK_MAX_BYTES, Open, Reached, run};
use super::head::{HEAD_BYTES, Head, head_of};
use crate::lang::sql::lexer::{Dialect, Lexer, TokenKind};
use memchr::{memchr, memmem, memrchr};
use std::ops::Range;

/// Longer statements are no part of a schema that people made. So much is needed at once to read one.
pub const STATEMENT_MAX_BYTES: usize = 2 * 1024 * 1024;

/// What a piece of a dump is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum What {
    /// A statement that may change the schema.
    Statement,
    /// The same, cut off by the text's end inside a literal or comment.
    Open,
    /// A comment.
    Comment,
    /// Another statement, or as much of it as there is.
    Passed,
    /// What is no statement: data of COPY, commands of a client, the rest of what is passed over.
    Data,
    /// A statement about the schema that is longer than [`STATEMENT_MAX_BYTES`].
    TooLong,
}

/// A piece of a dump.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Piece {
    /// What it is.
    pub what: What,
    /// Its bytes, without what ends it.
    pub text: Range<usize>,
    /// Where the next may begin.
    pub next: usize,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum State {
    Between,
    /// In data of COPY, at the begin of a line or not.
    Copy {
        is_line_start: bool,
    },
    /// In a statement that is passed over.
    Passing(Open),
}

/// Where a splitter stands in a dump.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Splitter {
    dialect: Dialect,
    delimiter: Box<[u8]>,
    state: State,
}

impl Splitter {
    /// At the start of a dump.
    pub fn new(dialect: Dialect) -> Self {
        Splitter { dialect, delimiter: b";"[..].into(), state: State::Between }
    }

    /// Where [`Splitter::told`] says; at the start if it says nothing.
    pub fn at(dialect: Dialect, told: &[u8]) -> Self {
        Splitter::parsed(dialect, told).unwrap_or_else(|| Splitter::new(dialect))
    }

    fn parsed(dialect: Dialect, told: &[u8]) -> Option<Self> {
        let (length, rest) = told.split_first()?;
        let (delimiter, rest) = rest.split_at_checked(usize::from(*length))?;
        let state = match rest {
            [b'b'] => State::Between,
            [b'c', line] => State::Copy { is_line_start: *line != 0 },
            [b'n'] => State::Passing(Open::Nothing),
            [b'q', quote, escapes] => {
                State::Passing(Open::Quotes { quote: *quote, escapes: *escapes != 0 })
            }
            [b'l'] => State::Passing(Open::Line),
            [b'k', depth @ ..] => {
                State::Passing(Open::Block { depth: u32::from_le_bytes(depth.try_into().ok()?) })
            }
            [b'd', tag @ ..] => State::Passing(Open::Dollar(tag.into())),
            _ => return None,
        };
        Some(Splitter { dialect, delimiter: delimiter.into(), state })
    }

    /// Where it stands; empty at a start that needs no word.
    pub fn told(&self) -> Box<[u8]> {
        if *self == Splitter::new(self.dialect) {
            return Box::default();
        }
        let length = u8::try_from(self.delimiter.len()).unwrap_or(0);
        let mut told = vec![length];
        told.extend(self.delimiter.iter().take(usize::from(length)));
        match &self.state {
            State::Between => told.push(b'b'),
            State::Copy { is_line_start } => told.extend([b'c', u8::from(*is_line_start)]),
            State::Passing(Open::Nothing) => told.push(b'n'),
            State::Passing(Open::Quotes { quote, escapes }) => {
                told.extend([b'q', *quote, u8::from(*escapes)]);
            }
            State::Passing(Open::Line) => told.push(b'l'),
            State::Passing(Open::Block { depth }) => {
                told.push(b'k');
                told.extend(depth.to_le_bytes());
            }
            State::Passing(Open::Dollar(tag)) => {
                told.push(b'd');
                told.extend(&**tag);
            }
        }
        told.into()
    }

    /// The piece at `at`; `None` at the text's end, or where more text is needed to tell. With `eof`
    /// nothing follows the text.
    pub fn step(&mut self, text: &[u8], at: usize, eof: bool) -> Option<Piece> {
        match self.state.clone() {
            State::Between => self.between(text, at, eof),
            State::Copy { is_line_start } => self.copy(text, at, eof, is_line_start),
            State::Passing(open) => self.pass(text, at, at, open, eof, What::Data),
        }
    }

    fn marks(&self) -> (Dialect, &[u8]) {
        (self.dialect, &self.delimiter)
    }

    fn between(&mut self, text: &[u8], at: usize, eof: bool) -> Option<Piece> {
        let blank = text.get(at..)?.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let start = at + blank;
        let rest = text.get(start..).filter(|rest| !rest.is_empty())?;
        if rest.len() < HEAD_BYTES && !eof {
            return None;
        }
        let passed = |what, length: usize| {
            Some(Piece { what, text: start..start + length, next: start + length })
        };
        if rest.starts_with(&self.delimiter) {
            return passed(What::Data, self.delimiter.len());
        }
        let line = memchr(b'\n', rest).map(|end| end + 1);
        let line = line.or(eof.then_some(rest.len()));
        let is_line_comment =
            rest.starts_with(b"--") || (rest.starts_with(b"#") && self.dialect == Dialect::Mysql);
        if is_line_comment {
            return passed(What::Comment, line?);
        }
        if rest.starts_with(b"/*") && !(rest.starts_with(b"/*!") && self.dialect == Dialect::Mysql)
        {
            return passed(What::Comment, self.comment(rest, eof)?);
        }
        if self.is_command(rest) {
            let length = line?;
            self.take_delimiter(rest.get(..length)?);
            return passed(What::Data, length);
        }
        match head_of(rest.get(..HEAD_BYTES.min(rest.len()))?, self.dialect) {
            Head::Schema => self.whole(text, start, eof),
            Head::Routine => self.routine(text, start, eof),
            Head::Copy => {
                let piece = self.whole(text, start, eof)?;
                let statement = text.get(piece.text.clone())?.to_ascii_lowercase();
                if memmem::find(&statement, b"from stdin").is_some() && piece.next < text.len() {
                    self.state = State::Copy { is_line_start: false };
                }
                Some(Piece { what: What::Passed, ..piece })
            }
            Head::Other => self.pass(text, start, start, Open::Nothing, eof, What::Passed),
        }
    }

    /// A line that a client takes for itself.
    fn is_command(&self, rest: &[u8]) -> bool {
        match self.dialect {
            Dialect::Postgres => rest.starts_with(b"\\"),
            Dialect::Sqlite => rest.starts_with(b"."),
            Dialect::Mysql => rest
                .split_at_checked(b"delimiter ".len())
                .is_some_and(|(word, _)| word.eq_ignore_ascii_case(b"delimiter ")),
        }
    }

    fn take_delimiter(&mut self, line: &[u8]) {
        if self.dialect == Dialect::Mysql {
            let word = line.get(b"delimiter ".len()..).unwrap_or_default().trim_ascii();
            let word = word.split(u8::is_ascii_whitespace).next().unwrap_or_default();
            if !word.is_empty() && word.len() <= MARK_MAX_BYTES {
                self.delimiter = word.into();
            }
        }
    }

    /// A comment of lines at the start of a text: its length.
    fn comment(&self, rest: &[u8], eof: bool) -> Option<usize> {
        let mut lexer = Lexer::new(rest, self.dialect).with_whole_comments();
        let token = lexer.next_token()?;
        (token.terminated || eof).then_some(token.end)
    }

    /// A statement that is needed as a whole.
    fn whole(&mut self, text: &[u8], start: usize, eof: bool) -> Option<Piece> {
        let mut open = Open::Nothing;
        let reached = run(self.marks(), text, start, &mut open, eof);
        self.bounded(text, start, reached, open, eof)
    }

    fn bounded(
        &mut self,
        text: &[u8],
        start: usize,
        reached: Reached,
        open: Open,
        eof: bool,
    ) -> Option<Piece> {
        let is_long = |end: usize| end - start > STATEMENT_MAX_BYTES;
        match reached {
            Reached::End(end) => {
                let what = if is_long(end) { What::TooLong } else { What::Statement };
                Some(Piece { what, text: start..end, next: end + self.delimiter.len() })
            }
            Reached::TextEnd(end) if is_long(end) => {
                self.state = State::Passing(open);
                Some(Piece { what: What::TooLong, text: start..end, next: end })
            }
            Reached::TextEnd(_) if eof => {
                let is_open = !matches!(open, Open::Nothing | Open::Line);
                let what = if is_open { What::Open } else { What::Statement };
                Some(Piece { what, text: start..text.len(), next: text.len() })
            }
            Reached::TextEnd(_) => None,
        }
    }

    /// A statement whose body holds statements: it ends where no `BEGIN` or `CASE` is open.
    fn routine(&mut self, text: &[u8], start: usize, eof: bool) -> Option<Piece> {
        if *self.delimiter != *b";" {
            return self.pass(text, start, start, Open::Nothing, eof, What::Passed);
        }
        let rest = text.get(start..)?;
        let mut lexer = Lexer::new(rest, self.dialect);
        let mut depth = 0usize;
        while let Some(token) = lexer.next_significant() {
            if token.start > STATEMENT_MAX_BYTES || (!token.terminated && eof) {
                break;
            }
            match token.kind {
                TokenKind::Punct(b';') if depth == 0 => {
                    let end = start + token.start;
                    return Some(Piece { what: What::Passed, text: start..end, next: end + 1 });
                }
                TokenKind::Word => {
                    let word = rest.get(token.start..token.end)?;
                    if word.eq_ignore_ascii_case(b"begin")
                        || (depth > 0 && word.eq_ignore_ascii_case(b"case"))
                    {
                        depth += 1;
                    } else if word.eq_ignore_ascii_case(b"end") {
                        depth = depth.saturating_sub(1);
                    }
                }
                _ => {}
            }
        }
        if lexer.position() < STATEMENT_MAX_BYTES && !eof {
            return None;
        }
        self.pass(text, start, start, Open::Nothing, eof, What::Passed)
    }

    /// Goes on in a statement that is passed over, as far as the text goes.
    fn pass(
        &mut self,
        text: &[u8],
        start: usize,
        at: usize,
        mut open: Open,
        eof: bool,
        what: What,
    ) -> Option<Piece> {
        match run(self.marks(), text, at, &mut open, eof) {
            Reached::End(end) => {
                self.state = State::Between;
                Some(Piece { what, text: start..end, next: end + self.delimiter.len() })
            }
            Reached::TextEnd(end) if end > start => {
                self.state = State::Passing(open);
                Some(Piece { what, text: start..end, next: end })
            }
            Reached::TextEnd(_) => None,
        }
    }

    /// Data of COPY: lines up to that of a backslash and a dot.
    fn copy(&mut self, text: &[u8], at: usize, eof: bool, is_line_start: bool) -> Option<Piece> {
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        let ends_at = |from: usize| -> Option<Option<usize>> {
            let line = rest.get(from..)?;
            let tail = line.strip_prefix(b"\\.")?;
            match tail {
                [b'\n', ..] => Some(Some(from + 3)),
                [b'\r', b'\n', ..] => Some(Some(from + 4)),
                [] | [b'\r'] if eof => Some(Some(rest.len())),
                [] | [b'\r'] => Some(None),
                _ => None,
            }
        };
        let piece = |length: usize| {
            let end = at + length;
            Some(Piece { what: What::Data, text: at..end, next: end })
        };
        let starts = memmem::find_iter(rest, b"\n\\.").map(|found| found + 1);
        let first = is_line_start.then_some(0);
        for start in first.into_iter().chain(starts) {
            match ends_at(start) {
                Some(Some(end)) => {
                    self.state = State::Between;
                    return piece(end);
                }
                Some(None) => {
                    self.state = State::Copy { is_line_start: true };
                    return if start > 0 { piece(start) } else { None };
                }
                None => {}
            }
        }
        if eof {
            self.state = State::Copy { is_line_start: false };
            return piece(rest.len());
        }
        if let Some(end) = memrchr(b'\n', rest) {
            self.state = State::Copy { is_line_start: true };
            // The mark's first byte may stand at the very end.
            return piece(end + 1);
        }
        if is_line_start && rest.len() < 4 {
            return None;
        }
        self.state = State::Copy { is_line_start: false };
        piece(rest.len())
    }
}

#[cfg(test)]
mod tests;
