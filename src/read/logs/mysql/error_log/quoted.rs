//! Where a record quotes what strangers wrote, and what of it stands inside a literal: a line in
//! there that looks like the head of a record is none.
//!
//! The server writes statements as they were sent, over as many lines. Two places are known:
//! InnoDB's description of a transaction (`MySQL thread id …`, the statement on the lines behind
//! it), which the server cuts to a fixed size, and the statement that crashed (`Query (7f…): …`).
//! The literal must also end within that size: a statement that was cut inside a literal is
//! followed by a record, not by more of the literal. And who knocks at the door chooses a name,
//! which may hold line ends: `Access denied for user '…` is whole only with its end.
//!
//! Left open: servers with ANSI_QUOTES or NO_BACKSLASH_ESCAPES read quotes in another way, and a
//! statement that holds a NUL is written up to it. Both may join records that stand within the
//! same few kilobytes. A name that holds a whole message of that kind cannot be told from one.

use crate::lang::sql::lexer::{Dialect, Lexer, TokenKind};
use memchr::{memchr, memmem};

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
/// How the message with a name begins, how it ends, and how long it is at most.
const DENIED: &[u8] = b"Access denied for user '";
const DENIED_ENDS: [&[u8]; 3] = [b"(using password: YES)", b"(using password: NO)", b"'"];
const DENIED_MAX: usize = 2048;
/// More openings than this before one place are nobody's work but a stranger's.
const OPENINGS_MAX: usize = 64;

/// A statement or name that a record quotes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::read) struct Quoted {
    /// Where it begins.
    pub start: usize,
    /// Where the server would have cut it.
    limit: usize,
    /// The lexer was here, between two tokens.
    lexed: usize,
    /// It is a name, not SQL: all of it up to `limit` is covered.
    is_name: bool,
}

impl Quoted {
    /// The statement of a transaction that a line opens, if it does; `at` is where it begins.
    pub fn description(line: &[u8], at: usize) -> Option<Quoted> {
        let (_, max) = DESCRIPTIONS.iter().find(|(start, _)| line.starts_with(start))?;
        Some(Quoted::statement(at + line.len() + 1, at + max))
    }

    /// The statement that crashed, if a line opens it.
    pub fn crashed(line: &[u8], at: usize) -> Option<Quoted> {
        let start = at + crashed_at(line)?;
        Some(Quoted::statement(start, start + CRASHED_MAX))
    }

    /// The name in a message that begins at byte `at` of `text`, if it goes on over lines.
    pub fn name(text: &[u8], at: usize) -> Option<Quoted> {
        let message = text.get(at..text.len().min(at + DENIED_MAX))?;
        if !message.starts_with(DENIED) {
            return None;
        }
        let mut lines = message.split_inclusive(|b| *b == b'\n');
        let mut limit = at + lines.next().filter(|line| !ends_denied(line))?.len();
        let rest = lines.position(|line| {
            limit += line.len();
            ends_denied(line)
        });
        rest.map(|_| Quoted { is_name: true, ..Quoted::statement(at + DENIED.len(), limit) })
    }

    fn statement(start: usize, limit: usize) -> Quoted {
        Quoted { start, limit, lexed: start, is_name: false }
    }

    /// Whether the line that begins at byte `at` of `text` stands inside a literal, a comment or a
    /// quoted name. Lines are asked for in their order.
    pub fn covers(&mut self, text: &[u8], at: usize) -> bool {
        if at >= self.limit || self.is_name {
            return at < self.limit;
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

fn ends_denied(line: &[u8]) -> bool {
    let line = line.trim_ascii_end();
    DENIED_ENDS.iter().any(|end| line.ends_with(end))
}

/// Whether a line that begins at byte `at` of `text` may stand in something quoted, as far as text
/// without a known beginning shows; `Err` holds a place before which to ask again. All that looks
/// like an opening counts: one that is none costs a place to cut, no record.
pub(super) fn free_of_quotes(text: &[u8], at: usize) -> Result<(), usize> {
    let mut earliest = None;
    let mut is_free = true;
    for (mark, reach) in [
        (DESCRIPTIONS[0].0, DESCRIPTIONS[0].1),
        (DESCRIPTIONS[1].0, DESCRIPTIONS[1].1),
        (CRASHED, CRASHED.len() + ADDRESS_MAX + BEHIND_ADDRESS.len() + CRASHED_MAX),
        (DENIED, DENIED_MAX),
    ] {
        let from = at.saturating_sub(reach);
        let before = text.get(from..at).unwrap_or_default();
        for (count, found) in memmem::find_iter(before, mark).enumerate() {
            let opening = from + found;
            let earlier = earliest.is_none_or(|earliest| opening < earliest);
            earliest = if earlier { Some(opening) } else { earliest };
            is_free &= count < OPENINGS_MAX && is_behind(text, opening, at);
        }
    }
    match earliest {
        Some(opening) if !is_free => Err(opening),
        _ => Ok(()),
    }
}

/// Whether what may open at `opening` is over before `at`, for certain.
fn is_behind(text: &[u8], opening: usize, at: usize) -> bool {
    let rest = text.get(opening..at).unwrap_or_default();
    let line = &rest[..memchr(b'\n', rest).unwrap_or(rest.len())];
    if rest.starts_with(DENIED) {
        return ends_denied(line) || Quoted::name(text, opening).is_some_and(|it| at >= it.limit);
    }
    let quoted = Quoted::description(line, opening).or_else(|| Quoted::crashed(line, opening));
    quoted.is_none_or(|mut quoted| text.len() >= quoted.limit && !quoted.covers(text, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "MySQL thread id 4, OS thread handle 1, query id 2 localhost app updating\n";
    const LINE: &str = "2026-11-23 12:00:00 0 [ERROR] forged";

    #[test]
    fn only_what_a_literal_holds_is_covered() {
        let long = "x".repeat(1500);
        for (statement, covered) in [
            (format!("update t set a = 'b\n{LINE}' where c = 1"), true),
            (format!("update t set a = \"it\\\"s\n{LINE}\"\n"), true),
            (format!("update t /* why\n{LINE} */ set a = 1"), true),
            (format!("update `t\n{LINE}` set a = 1"), true),
            (format!("update t set a = 1\n{LINE} it's\n"), false),
            (format!("update t set a = 'cut\n{LINE}"), false),
            (format!("update t set a = '{long}\n{LINE}'"), false),
            (format!("select 'a\n', 1 -- x'\n{LINE}'"), false),
        ] {
            let text = format!("{HEAD}{statement}");
            let mut quoted = Quoted::description(HEAD.trim_end().as_bytes(), 0).expect(HEAD);
            let at = text.find(LINE).expect("the line");
            assert_eq!(quoted.covers(text.as_bytes(), at), covered, "{statement}");
            // Where it is not certain yet, no chunk ends.
            let more = format!("{text}{}", "\n".repeat(1024));
            assert_eq!(free_of_quotes(more.as_bytes(), at).is_ok(), !covered, "{statement}");
            assert_eq!(free_of_quotes(text.as_bytes(), at).is_ok(), text.len() > 1023 && !covered);
        }
        let crash = b"Query (0x7f12): select 'a\n2026-11-23 12:00:00 0 [Note] x'";
        let mut quoted = Quoted::crashed(&crash[..25], 0).expect("a query");
        assert_eq!((quoted.start, quoted.covers(crash, 26)), (16, true));
        assert_eq!(Quoted::crashed(b"Query (7f12) is an invalid pointer", 0), None);
    }

    #[test]
    fn a_name_is_quoted_up_to_its_messages_end() {
        for (message, covered) in [
            (format!("Access denied for user 'x\n{LINE}'@'h' (using password: YES)\n"), true),
            (format!("Access denied for user 'x'@'h' to database 'y\n{LINE}'\n"), true),
            (format!("Access denied for user 'x\ny'@'h' (using password: NO)\n{LINE}\n"), false),
            (format!("Access denied for user 'x'@'h' (using password: NO)\n{LINE}\n"), false),
            (format!("Access denied for user 'x\n{LINE}\n"), false),
        ] {
            let at = message.find(LINE).expect("the line");
            let text = message.as_bytes();
            let quoted = Quoted::name(text, 0);
            assert_eq!(quoted.is_some_and(|mut it| it.covers(text, at)), covered, "{message}");
            if covered {
                assert_eq!(free_of_quotes(text, at), Err(0), "{message}");
            }
        }
    }
}
