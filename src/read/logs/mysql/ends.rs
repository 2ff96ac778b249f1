//! Where a logged statement ends: before the next line that begins a record and stands in no
//! literal or comment of the statement. In: text from a statement on, and what a record's beginning
//! looks like. Out: the end, and whether it may be trusted.
//!
//! Strangers choose what stands in literals, lines that look like records included. And a statement
//! may open a literal that never ends, since servers log what they refuse to run: then the next
//! literal's opening quote would be taken for its end, and so on through the log. The two are told
//! apart by what no stranger chooses, the bytes around the quotes. Behind a quote that ends a literal
//! stands a blank, a comma, a parenthesis or an operator; behind one that opens it, its first letter.

use crate::lang::sql::lexer::{Dialect, Lexer, Token, TokenKind};
use memchr::{memchr, memchr_iter, memchr3, memmem};
use std::ops::Range;

/// So far ahead the end of a literal is looked for at most, in bytes.
const LOOKAHEAD_MAX: u64 = 16 * 1024 * 1024;
/// So far ahead it is looked for at least.
const LOOKAHEAD_MIN: u64 = 256;
/// What a byte of the log earns, in bytes of looking ahead.
const EARNED_PER_BYTE: u64 = 8;
/// So many literals behind a doubtful one are looked at.
const WITNESSES: usize = 8;

/// How far may be looked ahead, in bytes. Spent where that was in vain, earned by reading on: so the
/// work on a log full of literals that never end grows no faster than the log. It depends on the
/// records before a place only.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Credit(pub u64);

impl Default for Credit {
    fn default() -> Self {
        Credit(LOOKAHEAD_MAX)
    }
}

impl Credit {
    /// A record of so many bytes was read.
    pub fn pay(&mut self, record_bytes: usize, doubt: Doubt) {
        let left = if doubt == Doubt::Unterminated { 0 } else { self.0 };
        let earned = (record_bytes as u64).saturating_mul(EARNED_PER_BYTE);
        self.0 = left.saturating_add(earned).min(LOOKAHEAD_MAX);
    }
}

/// Where a statement ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct End {
    /// Offset of the next record, or the end of the text.
    pub at: usize,
    /// Whether it may be trusted.
    pub doubt: Doubt,
}

/// Whether the end of a statement may be trusted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Doubt {
    /// Nothing is wrong.
    None,
    /// A literal or comment does not end: the statement was ended at the next record.
    Unterminated,
    /// A literal or comment holds lines that look like records.
    HoldsHeads,
}

/// Finds the end of the statement that begins at `from`. `begins` says whether a record begins at
/// the start of a text, and answers the same however much follows. `None` if more text is needed
/// for that; where the text `is_whole`, it ends where a record does, and there is always an end.
pub(super) fn statement_end(
    text: &[u8],
    from: usize,
    is_whole: bool,
    credit: Credit,
    begins: &impl Fn(&[u8]) -> bool,
) -> Option<End> {
    if let Some(at) = end_of_plain_line(text, from, begins) {
        return Some(End { at, doubt: Doubt::None });
    }
    let mut seen = credit.0.max(LOOKAHEAD_MIN);
    loop {
        let limit = usize::try_from(seen).ok().and_then(|seen| from.checked_add(seen));
        let limit = limit.filter(|limit| *limit < text.len());
        let mut scan = Scan {
            text: text.get(..limit.unwrap_or(text.len())).unwrap_or_default(),
            from,
            is_whole: is_whole && limit.is_none(),
            is_limited: limit.is_some(),
            begins,
            inside: None,
        };
        match scan.run() {
            Scanned::End(end) => return Some(end),
            Scanned::Undecided if limit.is_none() => return None,
            // All of it belongs to this statement, so that looking again costs nothing to speak of.
            Scanned::Undecided => seen = seen.saturating_mul(2),
        }
    }
}

/// The end of a statement of one line without quotes or comments over more lines.
fn end_of_plain_line(text: &[u8], from: usize, begins: &impl Fn(&[u8]) -> bool) -> Option<usize> {
    let rest = text.get(from..)?;
    let next = memchr(b'\n', rest)? + 1;
    let line = rest.get(..next)?;
    let is_plain =
        memchr3(b'\'', b'"', b'`', line).is_none() && memmem::find(line, b"/*").is_none();
    (is_plain && begins(rest.get(next..)?)).then_some(from + next)
}

/// What a scan says.
enum Scanned {
    End(End),
    /// More text is needed.
    Undecided,
}

/// One walk over the tokens of a statement.
struct Scan<'t, F> {
    text: &'t [u8],
    from: usize,
    /// The text ends where a record does.
    is_whole: bool,
    /// The text goes on, but no more of it is looked at.
    is_limited: bool,
    begins: &'t F,
    /// The first line inside a literal that looks like a record.
    inside: Option<usize>,
}

impl<F: Fn(&[u8]) -> bool> Scan<'_, F> {
    fn run(&mut self) -> Scanned {
        let text = self.text.get(self.from..).unwrap_or_default();
        // Versioned comments may hold lines that look like records, as literals do.
        let mut lexer = Lexer::new(text, Dialect::Mysql).with_whole_comments();
        let mut behind = self.from;
        loop {
            let token = lexer.next_token().map(|token| shifted(token, self.from));
            let gap = behind..token.map_or(self.text.len(), |token| token.start);
            if let Some(at) = self.head_in(gap) {
                let doubt = if self.inside.is_some() { Doubt::HoldsHeads } else { Doubt::None };
                return Scanned::End(End { at, doubt });
            }
            let Some(token) = token else { return self.at_the_end(true) };
            let first = match holds_lines(token.kind) {
                true => self.head_in(token.start..token.end),
                false => None,
            };
            if !token.terminated {
                self.inside = first.or(self.inside);
                return self.at_the_end(false);
            }
            if let Some(at) = first {
                match self.is_left_open(&lexer, token, at) {
                    Some(true) => {
                        return Scanned::End(End { at, doubt: Doubt::Unterminated });
                    }
                    Some(false) => self.inside = self.inside.or(first),
                    None => return Scanned::Undecided,
                }
            }
            behind = token.end;
        }
    }

    /// The text ends, outside of literals or inside one.
    fn at_the_end(&self, is_outside: bool) -> Scanned {
        let end = |at, doubt| Scanned::End(End { at, doubt });
        match (self.inside, is_outside) {
            (Some(_), true) if self.is_whole => end(self.text.len(), Doubt::HoldsHeads),
            (Some(at), false) if self.is_whole => end(at, Doubt::Unterminated),
            (Some(at), _) if self.is_limited => end(at, Doubt::Unterminated),
            (None, true) if self.is_whole => end(self.text.len(), Doubt::None),
            (None, false) if self.is_whole => end(self.text.len(), Doubt::Unterminated),
            _ => Scanned::Undecided,
        }
    }

    /// The first line start in a range, behind a line end in it, at which a record begins.
    fn head_in(&self, range: Range<usize>) -> Option<usize> {
        let ends = memchr_iter(b'\n', self.text.get(range.clone()).unwrap_or_default());
        let mut starts = ends.map(|at| range.start + at + 1);
        starts.find(|at| self.text.get(*at..).is_some_and(|line| (self.begins)(line)))
    }

    /// Whether the literal or comment that ends with `token` was in truth left open before the line
    /// at `head`; `None` if more text is needed to say so.
    fn is_left_open(&self, lexer: &Lexer<'_>, token: Token, head: usize) -> Option<bool> {
        if token.kind == TokenKind::Comment {
            // Another comment opens where this one should still be.
            let behind = self.text.get(head..token.end).unwrap_or_default();
            return Some(memmem::find(behind, b"/*").is_some());
        }
        let (mut odd, mut seen) = (0, 0);
        let mut judge = |is_odd: bool| {
            seen += 1;
            odd += usize::from(is_odd);
        };
        let mut lexer = lexer.clone();
        let mut last = token;
        for _ in 0..WITNESSES {
            match self.text.get(last.end) {
                Some(byte) => judge(!may_follow_literal(*byte)),
                None if self.is_whole => {}
                None => return self.is_limited.then_some(true),
            }
            let next = loop {
                let behind = lexer.position() + self.from;
                let next = lexer.next_token().map(|token| shifted(token, self.from));
                let gap = behind..next.map_or(self.text.len(), |token| token.start);
                if self.head_in(gap).is_some() {
                    return Some(2 * odd > seen);
                }
                match next {
                    None if self.is_whole => return Some(2 * odd > seen),
                    None => return self.is_limited.then_some(true),
                    // A text that ends with a record does not end inside a literal.
                    Some(next) if !next.terminated => {
                        return (self.is_whole || self.is_limited).then_some(true);
                    }
                    Some(next) if is_quoted(next.kind) => break next,
                    Some(_) => {}
                }
            };
            let before = next.start.checked_sub(1).and_then(|at| self.text.get(at));
            judge(!before.is_none_or(|byte| may_precede_literal(*byte)));
            last = next;
        }
        Some(2 * odd > seen)
    }
}

fn shifted(token: Token, by: usize) -> Token {
    Token { start: token.start + by, end: token.end + by, ..token }
}

fn is_quoted(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::String(_) | TokenKind::QuotedIdent)
}

fn holds_lines(kind: TokenKind) -> bool {
    is_quoted(kind) || kind == TokenKind::Comment
}

/// What stands behind a literal in SQL; what else does mostly begins one.
fn may_follow_literal(byte: u8) -> bool {
    byte.is_ascii_whitespace() || b",);=<>!+-*/|&^.@:".contains(&byte)
}

/// What stands before a literal in SQL.
fn may_precede_literal(byte: u8) -> bool {
    byte.is_ascii_whitespace() || b"(,=<>!+-*/|&^.@~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begins(line: &[u8]) -> bool {
        line.starts_with(b"# at ")
    }

    /// The statement up to `|`, which is no part of the text, ends there.
    #[test]
    fn statements_end_before_records_that_stand_in_no_literal() {
        use Doubt::{HoldsHeads, None, Unterminated};
        for (marked, doubt) in [
            ("select 1\n|# at 1\n", None),
            ("select 'it''s' -- it's\nfrom t\n|# at 1\n", None),
            ("select 'a\n# at 1\nb' from t\n|# at 2\n", HoldsHeads),
            ("select `a\n# at 1\n`, \"\n# at 2\n\" /*\n# at 3 */\n|# at 4\n", HoldsHeads),
            ("select 'a\n# at 1\nselect \\'b', ' -- '\n|# at 2\n", HoldsHeads),
            ("select 'never\n|# at 1\nselect 2\n", Unterminated),
            ("select 'never\n|# at 1\nselect 'b' from t where c = 'd'\n# at 2\n", Unterminated),
            ("select 'never\n|# at 1\nselect 'b'\n# at 2\nselect concat('c'\n", Unterminated),
            ("select 'C:\\'\n|# at 1\nselect 'b', 'c'\n# at 2\n", Unterminated),
            ("select /* never\n|# at 1\nselect 1 /* b */\n# at 2\n", Unterminated),
            ("select 1|", None),
            ("select 'cut|", Unterminated),
        ] {
            let at = marked.find('|').expect("a mark");
            let text = marked.replace('|', "");
            let credit = Credit::default();
            let end = statement_end(text.as_bytes(), 0, true, credit, &begins);
            assert_eq!(end, Some(End { at, doubt }), "{marked}");
            // With less text nothing else is said, and with more the same.
            for length in 0..text.len() {
                let part = statement_end(&text.as_bytes()[..length], 0, false, credit, &begins);
                assert!(part.is_none() || part == end, "{marked} {length} {part:?}");
            }
        }
    }

    #[test]
    fn looking_ahead_in_vain_is_paid_for() {
        let text = b"# at select \\'\n".repeat(40_000);
        let (mut credit, mut at) = (Credit::default(), 0);
        let mut looked = 0;
        while at < text.len() {
            looked += credit.0.max(LOOKAHEAD_MIN);
            let end = statement_end(&text[at..], 5, true, credit, &begins).expect("an end");
            assert_eq!((end.at, end.doubt), (15, Doubt::Unterminated));
            credit.pay(end.at, end.doubt);
            at += end.at;
        }
        assert!(looked < LOOKAHEAD_MAX + 20 * text.len() as u64, "{looked}");
    }
}
