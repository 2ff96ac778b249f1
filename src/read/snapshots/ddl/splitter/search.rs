//! Where a statement ends: behind all literals, comments and dollar quotes. Bytes are looked at, not
//! tokens, and what is open at the end of a text is known, so that another text may go on there.

use crate::lang::sql::lexer::Dialect;
use memchr::{memchr, memchr2, memmem};

/// Bytes at the end of a text that may be the begin of a mark of several bytes.
const LOOKAHEAD_BYTES: usize = 80;
/// Longer tags of dollar quotes are none, and longer delimiters neither.
pub const MARK_MAX_BYTES: usize = 64;

/// What is open at a place within a statement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Open {
    /// Nothing.
    Nothing,
    /// A literal or name between quotes, in which backslashes escape or not.
    Quotes { quote: u8, escapes: bool },
    /// A comment up to the end of its line.
    Line,
    /// A comment of lines, in so many others.
    Block { depth: u32 },
    /// A text between tags.
    Dollar(Box<[u8]>),
}

/// Where a search for the end of a statement came to.
pub enum Reached {
    /// The delimiter begins here.
    End(usize),
    /// The text ends; so far it was read for sure.
    TextEnd(usize),
}

/// Runs to the delimiter or the text's end, from a place where this is open.
pub fn run(
    (dialect, delimiter): (Dialect, &[u8]),
    text: &[u8],
    from: usize,
    open: &mut Open,
    eof: bool,
) -> Reached {
    let mut at = from;
    loop {
        match open {
            Open::Nothing => {
                let rest = text.get(at..).unwrap_or_default();
                let first = delimiter.first().copied().unwrap_or(b';');
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
                if rest.starts_with(delimiter) {
                    return Reached::End(at);
                }
                at += opens(dialect, text, at, open);
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
                let nests = dialect == Dialect::Postgres;
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
fn opens(dialect: Dialect, text: &[u8], at: usize, open: &mut Open) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let is_mysql = dialect == Dialect::Mysql;
    let quotes = |quote, escapes| Open::Quotes { quote, escapes };
    match rest {
        [b'\'', ..] => {
            let before = at.checked_sub(1).and_then(|before| text.get(before));
            let is_escape = before.is_some_and(|byte| byte.eq_ignore_ascii_case(&b'e'));
            let escapes = is_mysql || (is_escape && dialect == Dialect::Postgres);
            *open = quotes(b'\'', escapes);
        }
        [b'"', ..] => *open = quotes(b'"', is_mysql),
        [b'`', ..] if dialect != Dialect::Postgres => *open = quotes(b'`', false),
        [b'[', ..] if dialect == Dialect::Sqlite => *open = quotes(b']', false),
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
        [b'$', ..] if dialect == Dialect::Postgres => {
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
