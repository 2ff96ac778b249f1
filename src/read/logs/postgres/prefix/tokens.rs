//! Cuts the text before a severity word into the parts that a prefix is made of, by their looks.
//!
//! In: one head. Out: [`Token`]s that cover it without gaps. What an unnamed word or number stands for
//! is not decided here: that takes many heads (`template`).

use super::fields::{
    digit_count, is_address, is_state, session_len, virtual_xid_len, without_port,
};
use super::grammar::Escape;
use crate::time::StampParser;

/// The next name is looked for in this many bytes behind a name.
const VALUE_MAX: usize = 160;

/// What a part of a head looks like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// Separators, and the names in front of named values.
    Literal,
    /// `2026-11-23 03:54:53.578 CET`; `iso` with a `T` in the middle
    Stamp {
        fraction: bool,
        iso: bool,
    },
    /// `1690547999.456`
    Epoch,
    /// `6b03aafd.16c9`
    Session,
    /// `3/1042`
    VirtualXid,
    /// `42P01`
    State,
    Number,
    /// `[local]`, an IP address, with or without a port
    Address,
    /// Anything else between separators.
    Word,
    /// The value behind a known name, such as `user=`.
    Keyed(Escape),
}

/// One part of a head.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'a> {
    pub kind: Kind,
    pub text: &'a [u8],
}

/// Names that people write before a value, lower case.
const KEYS: &[(&str, Escape)] = &[
    ("user", Escape::User),
    ("usr", Escape::User),
    ("username", Escape::User),
    ("user_name", Escape::User),
    ("u", Escape::User),
    ("db", Escape::Database),
    ("database", Escape::Database),
    ("dbname", Escape::Database),
    ("d", Escape::Database),
    ("app", Escape::Application),
    ("appli", Escape::Application),
    ("appname", Escape::Application),
    ("application", Escape::Application),
    ("application_name", Escape::Application),
    ("a", Escape::Application),
    ("client", Escape::RemoteHost),
    ("host", Escape::RemoteHost),
    ("rhost", Escape::RemoteHost),
    ("remote", Escape::RemoteHost),
    ("remote_host", Escape::RemoteHost),
    ("client_addr", Escape::RemoteHost),
    ("ip", Escape::RemoteHost),
    ("h", Escape::RemoteHost),
    ("r", Escape::RemoteHost),
    ("pid", Escape::Pid),
    ("p", Escape::Pid),
    ("session", Escape::Session),
    ("session_id", Escape::Session),
    ("sess", Escape::Session),
    ("sid", Escape::Session),
    ("line", Escape::LineNumber),
    ("line_num", Escape::LineNumber),
    ("l", Escape::LineNumber),
    ("vxid", Escape::VirtualXid),
    ("v", Escape::VirtualXid),
    ("xid", Escape::Xid),
    ("txid", Escape::Xid),
    ("tx", Escape::Xid),
    ("x", Escape::Xid),
    ("sqlstate", Escape::SqlState),
    ("sql_error_code", Escape::SqlState),
    ("state", Escape::SqlState),
    ("err", Escape::SqlState),
    ("error_code", Escape::SqlState),
    ("e", Escape::SqlState),
    ("queryid", Escape::QueryId),
    ("query_id", Escape::QueryId),
    ("qid", Escape::QueryId),
    ("cmd", Escape::CommandTag),
    ("command", Escape::CommandTag),
    ("tag", Escape::CommandTag),
    ("ps", Escape::CommandTag),
    ("backend", Escape::BackendType),
    ("backend_type", Escape::BackendType),
    ("bt", Escape::BackendType),
    ("type", Escape::BackendType),
    ("leader", Escape::LeaderPid),
    ("leader_pid", Escape::LeaderPid),
];

/// Cuts a head into tokens.
pub(super) fn tokenize<'a>(head: &'a [u8], stamps: &mut StampParser<'_>) -> Vec<Token<'a>> {
    let mut tokens: Vec<Token<'a>> = Vec::new();
    let mut literal_from = 0;
    let mut pos = 0;
    while pos < head.len() {
        let (skip, found) = match part_at(head, pos, stamps) {
            Part::Literal(len) => {
                pos += len;
                // `@` stands alone, so that the words around it can be seen.
                if head.get(pos - len) == Some(&b'@') {
                    push_literal(&mut tokens, head, literal_from, pos - len);
                    push_literal(&mut tokens, head, pos - len, pos);
                    literal_from = pos;
                }
                continue;
            }
            Part::Value(kind, len) => (0, (kind, len)),
            Part::Named { key_len, kind, len } => (key_len, (kind, len)),
        };
        let (kind, len) = found;
        push_literal(&mut tokens, head, literal_from, pos + skip);
        let end = pos + skip + len;
        tokens.push(Token { kind, text: head.get(pos + skip..end).unwrap_or_default() });
        (pos, literal_from) = (end, end);
    }
    push_literal(&mut tokens, head, literal_from, head.len());
    tokens
}

fn push_literal<'a>(tokens: &mut Vec<Token<'a>>, head: &'a [u8], from: usize, to: usize) {
    if from < to {
        tokens.push(Token { kind: Kind::Literal, text: head.get(from..to).unwrap_or_default() });
    }
}

/// What begins at a place of a head; lengths in bytes, at least one in all.
enum Part {
    Literal(usize),
    Value(Kind, usize),
    /// A name, its sign, and the value behind them (which may be empty).
    Named {
        key_len: usize,
        kind: Kind,
        len: usize,
    },
}

fn part_at(head: &[u8], pos: usize, stamps: &mut StampParser<'_>) -> Part {
    let rest = head.get(pos..).unwrap_or_default();
    if let Some(stamp) = stamps.parse(rest) {
        let fraction = matches!(rest.get(19), Some(b'.' | b',')) && stamp.len > 20;
        return Part::Value(Kind::Stamp { fraction, iso: rest.get(10) == Some(&b'T') }, stamp.len);
    }
    if let Some(stamp) = StampParser::parse_epoch(rest) {
        return Part::Value(Kind::Epoch, stamp.len);
    }
    if let Some((key_len, escape)) = key_at(rest) {
        let len = value_len(rest.get(key_len..).unwrap_or_default(), escape);
        return Part::Named { key_len, kind: Kind::Keyed(escape), len };
    }
    for bracketed in [b"[local]".as_slice(), b"[unknown]"] {
        if rest.starts_with(bracketed) {
            let kind = if bracketed == b"[local]" { Kind::Address } else { Kind::Word };
            return Part::Value(kind, bracketed.len());
        }
    }
    let len = run_len(rest, b"[](){}<>|;,@=:'\"");
    // An IPv6 address or a port goes on behind the colon or parenthesis.
    let wide = run_len(rest, b"[]{}<>|;,@='\"");
    let wide_text = rest.get(..wide).unwrap_or_default().trim_ascii_end();
    let wide_text = wide_text.strip_suffix(b":").unwrap_or(wide_text);
    let up_to_port =
        wide_text.iter().position(|byte| *byte == b')').map_or(wide_text.len(), |at| at + 1);
    let with_port = wide_text.get(..up_to_port).unwrap_or(wide_text);
    if with_port.len() > 1 && is_address(with_port) {
        return Part::Value(Kind::Address, with_port.len());
    }
    if len == 0 {
        return Part::Literal(1);
    }
    classify(rest.get(..len).unwrap_or_default(), rest.get(len))
}

/// The kind of a run without separators, and how much of it that takes.
fn classify(run: &[u8], next: Option<&u8>) -> Part {
    if session_len(run).is_some_and(|len| len >= 8 && ends(run, len)) && !is_address(run) {
        return Part::Value(Kind::Session, session_len(run).unwrap_or(run.len()));
    }
    if is_address(run) && next != Some(&b'(') {
        return Part::Value(Kind::Address, without_port(run).len());
    }
    let xid_len = virtual_xid_len(run);
    if xid_len > 0 && xid_len == run.len() {
        return Part::Value(Kind::VirtualXid, xid_len);
    }
    let sign = usize::from(run.first() == Some(&b'-'));
    let digits = digit_count(run.get(sign..).unwrap_or_default());
    if run == b"00000" || (is_state(run) && digits < 5) {
        return Part::Value(Kind::State, run.len());
    }
    if digits > 0 && ends(run, sign + digits) && (sign == 0 || digits > 9) {
        return Part::Value(Kind::Number, sign + digits);
    }
    match run.first() {
        Some(b'-' | b'/' | b'#' | b'.' | b'*' | b'!') => Part::Literal(1),
        _ => Part::Value(Kind::Word, run.len()),
    }
}

/// Whether a value may end at `len`: at the end of its run or at a dash (`247-1`, `%t-%c-`).
fn ends(run: &[u8], len: usize) -> bool {
    matches!(run.get(len), None | Some(b'-'))
}

/// Bytes up to the next blank, control character or separator.
fn run_len(text: &[u8], separators: &[u8]) -> usize {
    text.iter().position(|byte| *byte <= b' ' || separators.contains(byte)).unwrap_or(text.len())
}

/// A known name with its `=` (blanks around it allowed) or `: `.
fn key_at(text: &[u8]) -> Option<(usize, Escape)> {
    let name_len =
        text.iter().take_while(|byte| byte.is_ascii_alphabetic() || **byte == b'_').count();
    let name = text.get(..name_len)?;
    let sign = match text.get(name_len..)? {
        [b'=', b' ', next, ..] if *next != b' ' && !next.is_ascii_alphabetic() => 2,
        [b'=', ..] => 1,
        [b' ', b'=', b' ', ..] => 3,
        [b':', b' ', ..] if name_len > 1 => 2,
        _ => return None,
    };
    let escape = KEYS.iter().find(|(key, _)| name.eq_ignore_ascii_case(key.as_bytes()))?.1;
    Some((name_len + sign, escape))
}

/// Length of the value behind a name: up to the next name's separator, else up to the first one.
fn value_len(text: &[u8], escape: Escape) -> usize {
    let bracketed = [b"[local]".as_slice(), b"[unknown]"];
    if let Some(known) = bracketed.iter().find(|known| text.starts_with(known)) {
        return known.len();
    }
    let next_key = (0..text.len().min(VALUE_MAX)).find(|at| {
        let starts = *at == 0 || text.get(at - 1).is_some_and(|b| b" ,;:|])".contains(b));
        starts && text.get(*at..).is_some_and(named_value_at)
    });
    let first = text.iter().position(|byte| b" ,;|])".contains(byte)).unwrap_or(text.len());
    match next_key {
        Some(next) => {
            let value = text.get(..next).unwrap_or_default();
            let separators = value.iter().rev().take_while(|b| b" ,;:|".contains(b)).count();
            let len = next - separators;
            // Something without a name may stand between the two.
            let value = value.get(..len).unwrap_or_default();
            let other = value.windows(2).position(|pair| matches!(pair, [b' ', b'[' | b'(']));
            match escape {
                Escape::Application => other.unwrap_or(len),
                Escape::RemoteHost if value.ends_with(b")") => len,
                _ => len.min(first),
            }
        }
        None if escape == Escape::Application => {
            let end = text.iter().position(|byte| b",;|[".contains(byte)).unwrap_or(text.len());
            let value = text.get(..end).unwrap_or_default().trim_ascii_end();
            value.strip_suffix(b":").unwrap_or(value).len()
        }
        None if escape == Escape::RemoteHost => {
            let end = text.iter().position(|byte| b" ,;|]".contains(byte)).unwrap_or(text.len());
            text.get(..end).map_or(end, |value| value.strip_suffix(b":").unwrap_or(value).len())
        }
        None => {
            text.get(..first).map_or(first, |value| value.strip_suffix(b":").unwrap_or(value).len())
        }
    }
}

/// Whether `name=` begins here, with a known or an unknown name.
fn named_value_at(text: &[u8]) -> bool {
    let name_len = text.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
    let known_with_colon = || key_at(text).is_some();
    name_len > 0 && (text.get(name_len) == Some(&b'=') || known_with_colon())
}
