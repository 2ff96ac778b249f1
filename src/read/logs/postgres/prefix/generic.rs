//! Understands heads that no known format fits: a stamp somewhere near the start, a severity word
//! with its colon, and whatever names itself between them (`[pid]`, `user=…`, `user@db`).
//!
//! This is what keeps a log readable under a wrong or half-wrong prefix, and what the inference
//! starts from.

use super::Prefix;
use super::fields::{digit_count, store};
use super::severity::{Label, labels};
use super::tokens::{Kind, tokenize};
use crate::time::{Stamp, StampParser};

/// A head is searched in this many bytes, its stamp in the first of them.
const HEAD_MAX: usize = 512;
const STAMP_WITHIN: usize = 100;
const LABELS_MAX: usize = 8;

/// What a head has to show, decided once per source.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    /// The source's heads carry stamps: a line without one is no head.
    pub needs_stamp: bool,
    /// One blank after the colon is enough (hand-made logs); PostgreSQL writes two.
    pub single_blank: bool,
}

/// The head of a line, as far as it can be told without a format.
pub(super) fn find<'a>(
    line: &'a [u8],
    stamps: &mut StampParser<'_>,
    rules: Rules,
) -> Option<(Prefix<'a>, Label)> {
    let label = find_label(line, stamps, rules)?;
    let mut prefix = Prefix::default();
    let before = line.get(..label.start)?;
    if let Some((_, stamp)) = find_stamp(before, stamps) {
        prefix.time = Some(stamp.time);
        prefix.offset_s = Some(stamp.offset_s);
    }
    prefix.pid = bracketed_pid(before);
    let tokens = tokenize(before, stamps);
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Keyed(escape) => store(escape, token.text, &mut prefix),
            Kind::Literal if token.text == b"@" => {
                let word = |at: Option<usize>| {
                    let token = tokens.get(at?)?;
                    (token.kind == Kind::Word).then_some(token.text)
                };
                prefix.user = prefix.user.or(word(at.checked_sub(1)));
                prefix.database = prefix.database.or(word(Some(at + 1)));
            }
            Kind::Session => prefix.session = Some(token.text),
            _ => {}
        }
    }
    Some((prefix, label))
}

/// The severity word that ends the head of a line.
pub(super) fn find_label(line: &[u8], stamps: &mut StampParser<'_>, rules: Rules) -> Option<Label> {
    let mut candidates = labels(line, 0, HEAD_MAX).take(LABELS_MAX);
    let label = candidates.find(|label| label.two_blanks || rules.single_blank)?;
    let before = line.get(..label.start)?;
    let stamped = find_stamp(before, stamps).is_some();
    // Without a stamp, quoted text before the word means that it stands inside a message.
    let quoted = || before.iter().any(|byte| matches!(byte, b'\'' | b'"' | b'\t'));
    (stamped || (!rules.needs_stamp && !quoted())).then_some(label)
}

/// The first stamp near the start and where it stands.
pub(super) fn find_stamp(text: &[u8], stamps: &mut StampParser<'_>) -> Option<(usize, Stamp)> {
    (0..text.len().min(STAMP_WITHIN)).find_map(|at| {
        let starts = at == 0 || text.get(at - 1).is_some_and(|byte| !byte.is_ascii_digit());
        let rest = text.get(at..).filter(|_| starts)?;
        let stamp = match (rest.get(4), rest.first()) {
            (Some(b'-'), _) => stamps.parse(rest),
            (Some(b'0'..=b'9'), Some(b'0'..=b'9')) => StampParser::parse_epoch(rest),
            _ => None,
        };
        stamp.map(|stamp| (at, stamp))
    })
}

/// The first number that stands alone in brackets or parentheses, or begins `[123-1]`.
fn bracketed_pid(text: &[u8]) -> Option<u32> {
    text.iter().enumerate().find_map(|(at, byte)| {
        let rest = text.get(at + 1..).filter(|_| matches!(byte, b'[' | b'('))?;
        let digits = rest.get(..digit_count(rest))?;
        let closed = matches!(rest.get(digits.len()), Some(b']' | b')' | b'-'));
        std::str::from_utf8(digits).ok()?.parse().ok().filter(|_| closed)
    })
}
