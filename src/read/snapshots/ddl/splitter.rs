//! Splits the text of a dump into statements, at the speed of a search for bytes.
//!
//! Owns where statements end: literals, comments, dollar quotes, `DELIMITER`, bodies of routines and
//! the data of `COPY … FROM stdin`. What cannot change a schema is passed over, in pieces if it is
//! longer than the text at hand: a [`Splitter`] says in a few bytes where it stands, so that another
//! may go on from there. What statements mean is left to [`super::statement`].

use super::head::{HEAD_BYTES, Head, head_of};
use crate::lang::sql::lexer::{Dialect, Lexer, TokenKind};
use memchr::{memchr, memchr2, memmem, memrchr};
use std::ops::Range;

/// Longer statements are no part of a schema that people made. So much is needed at once to read one.
pub const STATEMENT_MAX_BYTES: usize = 2 * 1024 * 1024;
/// Bytes at the end of a text that may be the begin of a mark of several bytes.
const LOOKAHEAD_BYTES: usize = 80;
/// Longer tags of dollar quotes are none, and longer delimiters neither.
const MARK_MAX_BYTES: usize = 64;

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

/// What is open at a place within a statement.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Open {
    Nothing,
    Quotes { quote: u8, escapes: bool },
    Line,
    Block { depth: u32 },
    Dollar(Box<[u8]>),
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

/// Where a search for the end of a statement came to.
enum Reached {
    /// The delimiter begins here.
    End(usize),
    /// The text ends; so far it was read for sure.
    TextEnd(usize),
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
        let reached = self.run(text, start, &mut open, eof);
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
        match self.run(text, at, &mut open, eof) {
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

    /// Runs to the delimiter or the text's end.
    fn run(&self, text: &[u8], from: usize, open: &mut Open, eof: bool) -> Reached {
        let mut at = from;
        loop {
            match open {
                Open::Nothing => {
                    let rest = text.get(at..).unwrap_or_default();
                    let first = self.delimiter.first().copied().unwrap_or(b';');
                    let telling = |byte: &u8| TELLING[usize::from(*byte)] || *byte == first;
                    let Some(found) = rest.iter().position(telling) else {
                        return Reached::TextEnd(text.len());
                    };
                    at += found;
                    let rest = text.get(at..).unwrap_or_default();
                    // What begins here may need bytes that are not here yet.
                    if !eof && rest.len() < LOOKAHEAD_BYTES && !is_quote(rest) {
                        return Reached::TextEnd(at);
                    }
                    if rest.starts_with(&self.delimiter) {
                        return Reached::End(at);
                    }
                    at += self.opens(text, at, open);
                }
                Open::Quotes { quote, escapes } => {
                    let rest = text.get(at..).unwrap_or_default();
                    let found = match escapes {
                        true => memchr2(*quote, b'\\', rest),
                        false => memchr(*quote, rest),
                    };
                    let Some(found) = found else { return Reached::TextEnd(text.len()) };
                    at += found;
                    let next = text.get(at + 1).copied();
                    if next.is_none() && !eof {
                        return Reached::TextEnd(at);
                    }
                    match text.get(at) {
                        Some(byte) if byte == quote && next != Some(*quote) => {
                            *open = Open::Nothing;
                            at += 1;
                        }
                        // Two of a kind, or what a backslash hides.
                        _ => at = (at + 2).min(text.len()),
                    }
                }
                Open::Line => match memchr(b'\n', text.get(at..).unwrap_or_default()) {
                    Some(end) => {
                        at += end + 1;
                        *open = Open::Nothing;
                    }
                    None => return Reached::TextEnd(text.len()),
                },
                Open::Block { depth } => {
                    let rest = text.get(at..).unwrap_or_default();
                    let nests = self.dialect == Dialect::Postgres;
                    let Some(found) = memchr2(b'*', b'/', rest) else {
                        return Reached::TextEnd(text.len());
                    };
                    at += found;
                    match text.get(at..).unwrap_or_default() {
                        [b'*', b'/', ..] => {
                            at += 2;
                            *depth = depth.saturating_sub(1);
                            if *depth == 0 {
                                *open = Open::Nothing;
                            }
                        }
                        [b'/', b'*', ..] if nests => {
                            at += 2;
                            *depth = depth.saturating_add(1);
                        }
                        [_] if !eof => return Reached::TextEnd(at),
                        _ => at += 1,
                    }
                }
                Open::Dollar(tag) => {
                    let rest = text.get(at..).unwrap_or_default();
                    match memmem::find(rest, tag) {
                        Some(found) => {
                            at += found + tag.len();
                            *open = Open::Nothing;
                        }
                        None if eof => return Reached::TextEnd(text.len()),
                        None => {
                            let kept = rest.len().min(tag.len().saturating_sub(1));
                            return Reached::TextEnd(text.len() - kept);
                        }
                    }
                }
            }
        }
    }

    /// What opens at a byte that may open something: so many bytes are passed.
    fn opens(&self, text: &[u8], at: usize, open: &mut Open) -> usize {
        let rest = text.get(at..).unwrap_or_default();
        let is_mysql = self.dialect == Dialect::Mysql;
        let quotes = |quote, escapes| Open::Quotes { quote, escapes };
        match rest {
            [b'\'', ..] => {
                let before = at.checked_sub(1).and_then(|before| text.get(before));
                let is_escape = before.is_some_and(|byte| byte.eq_ignore_ascii_case(&b'e'));
                let escapes = is_mysql || (is_escape && self.dialect == Dialect::Postgres);
                *open = quotes(b'\'', escapes);
            }
            [b'"', ..] => *open = quotes(b'"', is_mysql),
            [b'`', ..] if self.dialect != Dialect::Postgres => *open = quotes(b'`', false),
            [b'[', ..] if self.dialect == Dialect::Sqlite => *open = quotes(b']', false),
            [b'-', b'-', behind @ ..] => {
                let is_blank = behind.first().is_none_or(|byte| *byte <= b' ');
                if !is_mysql || is_blank {
                    *open = Open::Line;
                }
                return 2;
            }
            [b'#', ..] if is_mysql => *open = Open::Line,
            [b'/', b'*', b'!', ..] if is_mysql => return 3,
            [b'/', b'*', ..] => {
                *open = Open::Block { depth: 1 };
                return 2;
            }
            [b'$', ..] if self.dialect == Dialect::Postgres => {
                let before = at.checked_sub(1).and_then(|before| text.get(before));
                let is_in_word =
                    before.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
                if let Some(tag) = dollar_tag(rest).filter(|_| !is_in_word) {
                    let length = tag.len();
                    *open = Open::Dollar(tag.into());
                    return length;
                }
            }
            _ => {}
        }
        1
    }
}

fn is_quote(rest: &[u8]) -> bool {
    matches!(rest, [b'\'' | b'"' | b'`', ..])
}

/// `$tag$` at the start of a text.
fn dollar_tag(rest: &[u8]) -> Option<&[u8]> {
    let end = memchr(b'$', rest.get(1..rest.len().min(MARK_MAX_BYTES))?)? + 1;
    let name = rest.get(1..end)?;
    let is_name = name.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_' || *b >= 0x80)
        && !name.first().is_some_and(u8::is_ascii_digit);
    rest.get(..=end).filter(|_| is_name)
}

/// Bytes at which something may begin.
const TELLING: [bool; 256] = {
    let mut table = [false; 256];
    let bytes = b"'\"`;#-/$[";
    let mut at = 0;
    while at < bytes.len() {
        table[bytes[at] as usize] = true;
        at += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str, dialect: Dialect, by: usize) -> Vec<(What, String)> {
        let (mut out, mut begin, mut told) = (Vec::<(What, String)>::new(), 0, Box::default());
        let mut size = by;
        // As chunks are: more is shown until something can be cut off.
        while begin < text.len() {
            let end = (begin + size).min(text.len());
            let eof = end == text.len();
            let shown = &text.as_bytes()[begin..end];
            let mut splitter = Splitter::at(dialect, &told);
            let mut at = 0;
            while let Some(piece) = splitter.step(shown, at, eof) {
                assert!(piece.next > at, "{text}");
                let bytes = String::from_utf8_lossy(&shown[piece.text]).into_owned();
                out.push((piece.what, bytes));
                at = piece.next;
            }
            if eof {
                break;
            }
            size = if at == 0 { size * 2 } else { by };
            begin += at;
            told = splitter.told();
        }
        out.retain(|(what, _)| matches!(what, What::Statement | What::Open));
        out
    }

    #[test]
    fn statements_end_outside_of_everything_else() {
        use Dialect::{Mysql, Postgres, Sqlite};
        let cases: &[(Dialect, &str, &[&str])] = &[
            (
                Postgres,
                "\\restrict abc;'\nCREATE TABLE a (b text DEFAULT ';');\n--;'\nCREATE INDEX i ON a (b)",
                &["CREATE TABLE a (b text DEFAULT ';')", "CREATE INDEX i ON a (b)"],
            ),
            (
                Postgres,
                "COPY public.t (a) FROM stdin;\nCREATE TABLE no (a);\n\\.x\n'\n\\.\n\nDROP TABLE t;",
                &["DROP TABLE t"],
            ),
            (
                Postgres,
                "CREATE FUNCTION f() RETURNS int AS $_$ DROP TABLE a; $_$ LANGUAGE sql;DROP TABLE b;",
                &["DROP TABLE b"],
            ),
            (
                Postgres,
                "DO $$ BEGIN; DROP TABLE a; END $$; INSERT INTO a VALUES (E'\\';', '\\', 'it''s;'); DROP TABLE b",
                &["DROP TABLE b"],
            ),
            (
                Postgres,
                "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END; DROP TABLE b;",
                &["DROP TABLE b"],
            ),
            (
                Postgres,
                "/* /* ; */ ; */ DROP TABLE /* ; /*;*/ */ b;",
                &["DROP TABLE /* ; /*;*/ */ b"],
            ),
            (
                Mysql,
                "/*M!999999\\- enable; */ \n/*!40101 SET a='it' */;\nINSERT INTO t VALUES (1,'\\';','a\"'),(2,\"x';\");\nDROP TABLE `;a`;",
                &["DROP TABLE `;a`"],
            ),
            (
                Mysql,
                "DELIMITER ;;\nCREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW BEGIN DROP TABLE a; END ;;\nDELIMITER ;\nDROP TABLE b;# it's\n",
                &["DROP TABLE b"],
            ),
            (
                Mysql,
                "/*!50001 CREATE VIEW `v` AS SELECT 1 AS `a`*/;\nALTER TABLE t ADD c int;",
                &["/*!50001 CREATE VIEW `v` AS SELECT 1 AS `a`*/", "ALTER TABLE t ADD c int"],
            ),
            (
                Sqlite,
                "PRAGMA foreign_keys=OFF;\nCREATE TRIGGER x AFTER INSERT ON t BEGIN UPDATE t SET a = CASE WHEN 1 THEN 2 END; END;\nCREATE TABLE [a;b] (c);",
                &["CREATE TABLE [a;b] (c)"],
            ),
            (
                Sqlite,
                "INSERT INTO t VALUES('it''s;',-1);INSERT INTO sqlite_stat1 VALUES('t',NULL,'5');",
                &["INSERT INTO sqlite_stat1 VALUES('t',NULL,'5')"],
            ),
        ];
        for (dialect, text, expected) in cases {
            for by in [1, 2, 3, 7, 40, 300, 5000] {
                let got = pieces(text, *dialect, by);
                let got: Vec<_> = got.iter().map(|(_, text)| text.as_str()).collect();
                assert_eq!(got, *expected, "{text} by {by}");
            }
        }
    }

    #[test]
    fn what_is_too_long_is_passed_over_wherever_it_is_cut() {
        let body = "a int, ".repeat(STATEMENT_MAX_BYTES / 7 + 2);
        let text = format!("CREATE TABLE t ({body} b int);DROP TABLE u;");
        for by in [1 << 16, 1 << 22, 1 << 24] {
            let got = pieces(&text, Dialect::Postgres, by);
            assert_eq!(got, [(What::Statement, "DROP TABLE u".to_owned())]);
        }
    }
}
