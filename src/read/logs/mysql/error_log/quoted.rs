//! Where a record quotes a statement, and what of it stands inside a literal: a line in there that
//! looks like the head of a record is none.
//!
//! The server writes statements as they were sent, over as many lines. Two places are known:
//! InnoDB's description of a transaction (`MySQL thread id …`, the statement on the lines behind
//! it), which the server cuts to a fixed size, and the statement that crashed (`Query (7f…): …`).
//! The literal must also end within that size: a statement that was cut inside a literal is
//! followed by a record, not by more of the literal.
//!
//! Left open: servers with ANSI_QUOTES or NO_BACKSLASH_ESCAPES read quotes in another way, and a
//! statement that holds a NUL is written up to it. Both may join records that stand within the
//! same few kilobytes; neither makes one up.

use crate::lang::sql::lexer::{Dialect, Lexer, TokenKind};
use memchr::memmem;

/// Starts of the line before a transaction's statement, and how many bytes the server writes of
/// both at most.
const DESCRIPTIONS: [(&[u8], usize); 2] =
    [(b"MySQL thread id ", 1023), (b"MariaDB thread id ", 3071)];
/// Start of the line with the statement that crashed, and how much of it is looked at.
const CRASHED: &[u8] = b"Query (";
const CRASHED_MAX: usize = 64 * 1024;
/// The longest address in it, and what is behind that.
const ADDRESS_MAX: usize = 32;
const BEHIND_ADDRESS: &[u8] = b"): ";

/// A statement that a record quotes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Quoted {
    /// Where it begins.
    pub start: usize,
    /// Where the server would have cut it.
    limit: usize,
    /// The lexer was here, between two tokens.
    lexed: usize,
}

impl Quoted {
    /// The statement that a line opens, if it does; `at` is where the line begins.
    pub fn open(line: &[u8], at: usize) -> Option<Quoted> {
        let description = DESCRIPTIONS.iter().find(|(start, _)| line.starts_with(start));
        let (start, limit) = match description {
            Some((_, max)) => (at + line.len() + 1, at + max),
            None => {
                let start = at + crashed_at(line)?;
                (start, start + CRASHED_MAX)
            }
        };
        Some(Quoted { start, limit, lexed: start })
    }

    /// Whether the line that begins at byte `at` of `text` stands inside a literal, a comment or a
    /// quoted name of the statement. Lines are asked for in their order.
    pub fn covers(&mut self, text: &[u8], at: usize) -> bool {
        if at >= self.limit {
            return false;
        }
        let limit = self.limit.min(text.len());
        let Some(rest) = text.get(self.lexed..limit) else { return false };
        let mut lexer = Lexer::new(rest, Dialect::Mysql);
        let base = self.lexed;
        while let Some(token) = lexer.next_token() {
            let (start, end) = (base + token.start, base + token.end);
            if end <= at {
                self.lexed = end;
                continue;
            }
            let is_one = matches!(
                token.kind,
                TokenKind::String(_) | TokenKind::QuotedIdent | TokenKind::Comment
            );
            return start < at && is_one && token.terminated;
        }
        false
    }
}

/// Where the statement begins in a line with one that crashed.
pub(super) fn crashed_at(line: &[u8]) -> Option<usize> {
    let rest = line.strip_prefix(CRASHED)?;
    let address = rest.iter().take(ADDRESS_MAX).position(|b| *b == b')')?;
    let is_one = rest.get(address..)?.starts_with(BEHIND_ADDRESS);
    is_one.then_some(CRASHED.len() + address + BEHIND_ADDRESS.len())
}

/// The last place in `text` where a statement may open that reaches the end of `text`. It need not
/// be at the start of a line: what looks like one within a line must not hide one before it.
pub(super) fn last_opening(text: &[u8]) -> Option<usize> {
    let reaching = |start: &[u8], max: usize| {
        let from = text.len().saturating_sub(max + start.len());
        memmem::rfind(text.get(from..)?, start).map(|at| from + at)
    };
    let descriptions = DESCRIPTIONS.iter().filter_map(|(start, max)| reaching(start, *max));
    let crashed_max = ADDRESS_MAX + BEHIND_ADDRESS.len() + CRASHED_MAX;
    descriptions.chain(reaching(CRASHED, crashed_max)).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_literal_holds_is_covered() {
        let head = "MySQL thread id 4, OS thread handle 1, query id 2 localhost app updating\n";
        let line = "2026-11-23 12:00:00 0 [ERROR] forged";
        let long = "x".repeat(1500);
        for (statement, covered) in [
            (format!("update t set a = 'b\n{line}' where c = 1"), true),
            (format!("update t set a = \"it\\\"s\n{line}\"\n"), true),
            (format!("update t /* why\n{line} */ set a = 1"), true),
            (format!("update `t\n{line}` set a = 1"), true),
            (format!("update t set a = 1\n{line} it's\n"), false),
            (format!("update t set a = 'cut\n{line}"), false),
            (format!("update t set a = '{long}\n{line}'"), false),
            (format!("select 'a\n', 1 -- x'\n{line}'"), false),
        ] {
            let text = format!("{head}{statement}");
            let mut quoted = Quoted::open(head.trim_end().as_bytes(), 0).expect(head);
            let at = text.find(line).expect("the line");
            assert_eq!(quoted.covers(text.as_bytes(), at), covered, "{statement}");
        }
        let crash = b"Query (0x7f12): select 'a\n2026-11-23 12:00:00 0 [Note] x'";
        let mut quoted = Quoted::open(&crash[..25], 0).expect("a query");
        assert_eq!((quoted.start, quoted.covers(crash, 26)), (16, true));
        assert_eq!(Quoted::open(b"Query (7f12) is an invalid pointer", 0), None);
    }
}
