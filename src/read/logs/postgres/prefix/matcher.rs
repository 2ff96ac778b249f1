//! Lays one format over one line.
//!
//! Values that show their own end are read from the left. Where the first other value begins, the
//! end of the prefix is needed: the severity words ahead are tried first to last, and between here
//! and there the values are cut at the literals, shortest first, until everything fits. The number of
//! cuts tried per line is bounded.

use super::Prefix;
use super::fields::{classes_of, is_plausible, is_typed, read_typed, store};
use super::grammar::{Escape, Piece, PrefixFormat};
use super::severity::{Label, label_at, labels};
use crate::time::StampParser;
use std::ops::Range;

/// No prefix is longer than this.
pub(super) const PREFIX_MAX: usize = 1024;
/// Severity words and cuts tried per line.
const LABELS_MAX: usize = 8;
const CUTS_MAX: usize = 256;
/// Blanks before the prefix that a pipeline may have added.
const INDENT_MAX: usize = 8;

/// How exactly a line has to be what PostgreSQL writes for the format.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Strictness {
    /// All of it, with ordinary names.
    Strict,
    /// Names may hold blanks, and the line may end where the session's values would begin.
    Lenient,
}

enum Op {
    Literal(Vec<u8>),
    Field { escape: Escape, width: usize, left_aligned: bool },
    StopBackground,
}

/// A format, made ready for matching.
pub(super) struct Matcher {
    ops: Vec<Op>,
    /// Whether blanks may stand before the first piece.
    may_indent: bool,
    is_distinctive: bool,
}

impl Matcher {
    pub(super) fn new(format: &PrefixFormat) -> Self {
        let mut ops: Vec<Op> = format
            .pieces()
            .iter()
            .map(|piece| match piece {
                Piece::Literal(text) => Op::Literal(text.clone().into_bytes()),
                Piece::StopBackground => Op::StopBackground,
                Piece::Field { escape, width, left_aligned } => {
                    Op::Field { escape: *escape, width: *width, left_aligned: *left_aligned }
                }
            })
            .collect();
        // Blanks at the end of the setting are easily lost; the severity word is the mark.
        if let Some(Op::Literal(text)) = ops.last_mut() {
            text.truncate(text.trim_ascii_end().len());
            if text.is_empty() {
                ops.pop();
            }
        }
        let typed = |op: &Op| matches!(op, Op::Field { escape, .. } if is_typed(*escape));
        Self {
            may_indent: ops.first().is_some_and(typed),
            is_distinctive: ops.iter().filter(|op| typed(op)).count() >= 2,
            ops,
        }
    }

    /// Whether the format holds values enough that no other program's lines look like it.
    pub(super) fn is_distinctive(&self) -> bool {
        self.is_distinctive
    }

    /// Whether the format begins with a stamp of the record's time and holds no other.
    pub(super) fn begins_with_its_only_stamp(&self) -> bool {
        let stamp = |op: &Op| match op {
            Op::Field { escape, width: 0, .. } => {
                matches!(escape, Escape::Time | Escape::TimeMs)
            }
            _ => false,
        };
        let any_time = |op: &&Op| {
            matches!(op, Op::Field { escape, .. }
                if matches!(escape, Escape::Time | Escape::TimeMs | Escape::Epoch))
        };
        self.ops.first().is_some_and(stamp) && self.ops.iter().filter(any_time).count() == 1
    }

    /// Whether the format holds the client's address.
    pub(super) fn has_host(&self) -> bool {
        let hosts = [Escape::RemoteHost, Escape::RemoteHostPort];
        let host = |op: &Op| matches!(op, Op::Field { escape, .. } if hosts.contains(escape));
        self.ops.iter().any(host)
    }

    /// The severity word of a line that fits; what the line says before it goes to `prefix`, which
    /// holds nothing of use if the line does not fit.
    #[inline]
    pub(super) fn find<'a>(
        &self,
        line: &'a [u8],
        stamps: &mut StampParser<'_>,
        strictness: Strictness,
        prefix: &mut Prefix<'a>,
    ) -> Option<Label> {
        *prefix = Prefix::default();
        let mut pos = 0;
        if self.may_indent {
            pos = line.iter().take(INDENT_MAX).take_while(|byte| **byte == b' ').count();
        }
        let lenient = strictness == Strictness::Lenient;
        for (at, op) in self.ops.iter().enumerate() {
            let rest = line.get(pos..)?;
            match op {
                Op::Literal(text) if begins_with(rest, text) => pos += text.len(),
                Op::Literal(text) if lenient && (prefix.time.is_some() || prefix.pid.is_some()) => {
                    // `[12] LOG:` where the format goes on with `[12] user=`.
                    let shared = rest.iter().zip(text).take_while(|(a, b)| a == b).count();
                    return label_after_blanks(line, pos + shared);
                }
                Op::Literal(_) => return None,
                Op::Field { escape, width, left_aligned } if is_typed(*escape) => {
                    pos += read_padded(*escape, *width, *left_aligned, rest, stamps, prefix)?;
                }
                Op::StopBackground => {
                    if let Some(label) = label_after_blanks(line, pos) {
                        return Some(label);
                    }
                }
                Op::Field { .. } => {
                    if !lenient {
                        return self.find_open(line, at, pos, stamps, prefix, true);
                    }
                    let fixed = *prefix;
                    let found = self.find_open(line, at, pos, stamps, prefix, false);
                    if found.is_none() && pos > 0 {
                        *prefix = fixed;
                        return label_after_blanks(line, pos);
                    }
                    return found;
                }
            }
        }
        label_after_blanks(line, pos)
    }

    /// The rest of a prefix from `ops[at]` on, a value whose end has to be found.
    fn find_open<'a>(
        &self,
        line: &'a [u8],
        at: usize,
        pos: usize,
        stamps: &mut StampParser<'_>,
        prefix: &mut Prefix<'a>,
        strict: bool,
    ) -> Option<Label> {
        let mut cuts = Cuts { area: &[], stamps, prefix, left: CUTS_MAX, strict };
        labels(line, pos, pos + PREFIX_MAX).take(LABELS_MAX).find(|label| {
            cuts.area = line.get(..label.start).unwrap_or_default().trim_ascii_end();
            self.fits(at, pos, &mut cuts)
        })
    }

    /// Whether the pieces from `ops[at]` on take up all of the area from `pos` on. The recursion is
    /// as deep as there are values without an end of their own.
    fn fits(&self, mut at: usize, mut pos: usize, cuts: &mut Cuts<'_, '_, '_>) -> bool {
        loop {
            let Some(rest) = cuts.area.get(pos..) else {
                return false;
            };
            match self.ops.get(at) {
                None => return is_blank(rest),
                Some(Op::Literal(text)) => match literal_len(rest, text) {
                    Some(len) => pos += len,
                    None => return false,
                },
                Some(Op::StopBackground) if is_blank(rest) => return true,
                Some(Op::StopBackground) => {}
                Some(Op::Field { escape, width, left_aligned }) if is_typed(*escape) => {
                    let (stamps, prefix) = (&mut *cuts.stamps, &mut *cuts.prefix);
                    match read_padded(*escape, *width, *left_aligned, rest, stamps, prefix) {
                        Some(len) => pos += len,
                        None => return false,
                    }
                }
                Some(Op::Field { escape, width, .. }) => {
                    let value = Open { escape: *escape, width: *width };
                    return self.fits_open(at, pos, value, cuts);
                }
            }
            at += 1;
        }
    }

    /// [`Self::fits`] where `ops[at]` is a value that ends where the next literal begins: every such
    /// place is tried, then the end of the area.
    fn fits_open(&self, at: usize, pos: usize, value: Open, cuts: &mut Cuts<'_, '_, '_>) -> bool {
        let area = cuts.area;
        let stops = matches!(self.ops.get(at + 1), Some(Op::StopBackground));
        let next = match self.ops.get(at + 1 + usize::from(stops)) {
            Some(Op::Literal(text)) => text.as_slice(),
            // Values that follow each other without a literal may be cut anywhere.
            Some(_) => b"",
            None => {
                let found = area.get(pos..).map_or(0, classes_in);
                return self.fits_cut(value, pos..area.len(), found, (at + 1, area.len()), cuts);
            }
        };
        let first = next.first();
        let mut classes = 0;
        for (end, byte) in area.iter().enumerate().skip(pos) {
            let begins = first.is_none_or(|first| first == byte) && end >= pos + value.width;
            let rest = area.get(end..).filter(|_| begins);
            if let Some(len) = rest.and_then(|rest| literal_len(rest, next)) {
                // The literal was just seen; only a `%q` before it has to be looked at.
                let skipped = usize::from(!stops && !next.is_empty());
                let resume = (at + 1 + skipped, end + len * skipped);
                if self.fits_cut(value, pos..end, classes, resume, cuts) {
                    return true;
                }
                if cuts.left == 0 {
                    return false;
                }
            }
            classes |= classes_of(*byte);
        }
        self.fits_cut(value, pos..area.len(), classes, (at + 1, area.len()), cuts)
    }

    /// Whether a span, with bytes of these classes, can be the value, and the rest fits behind it.
    #[inline]
    fn fits_cut(
        &self,
        value: Open,
        span: Range<usize>,
        mut classes: u8,
        (resume_at, resume): (usize, usize),
        cuts: &mut Cuts<'_, '_, '_>,
    ) -> bool {
        let Some(padded) = cuts.area.get(span).filter(|_| cuts.left > 0) else {
            return false;
        };
        cuts.left -= 1;
        let text = padded.trim_ascii();
        if text.len() < padded.len() {
            classes = classes_in(text);
        }
        let fits = is_plausible(value.escape, text, classes, cuts.strict)
            && self.fits(resume_at, resume, cuts);
        if fits {
            store(value.escape, text, cuts.prefix);
        }
        fits
    }
}

/// A value without an end of its own.
#[derive(Clone, Copy)]
struct Open {
    escape: Escape,
    width: usize,
}

/// What the search for the cuts of one line carries along.
struct Cuts<'s, 'a, 'z> {
    /// The line up to the severity word, without the blanks before it.
    area: &'a [u8],
    stamps: &'s mut StampParser<'z>,
    prefix: &'s mut Prefix<'a>,
    left: usize,
    strict: bool,
}

fn is_blank(text: &[u8]) -> bool {
    text.iter().all(|byte| *byte == b' ')
}

/// `starts_with` for literals of a few bytes, without a call.
#[inline]
fn begins_with(text: &[u8], literal: &[u8]) -> bool {
    text.len() >= literal.len() && text.iter().zip(literal).all(|(a, b)| a == b)
}

/// Bytes a literal takes at the start of `text`, whose end may lack the literal's last blanks.
#[inline]
fn literal_len(text: &[u8], literal: &[u8]) -> Option<usize> {
    let same = text.iter().zip(literal).all(|(a, b)| a == b);
    let rest = literal.get(text.len()..).unwrap_or_default();
    (same && is_blank(rest)).then_some(literal.len() - rest.len())
}

#[inline]
fn classes_in(text: &[u8]) -> u8 {
    text.iter().fold(0, |all, byte| all | classes_of(*byte))
}

/// Reads a padded value that shows its own end; returns the bytes it takes with its padding.
#[inline]
fn read_padded<'a>(
    escape: Escape,
    width: usize,
    left_aligned: bool,
    text: &'a [u8],
    stamps: &mut StampParser<'_>,
    prefix: &mut Prefix<'a>,
) -> Option<usize> {
    if width == 0 {
        return read_typed(escape, text, stamps, prefix);
    }
    let blanks =
        |text: &[u8], max: usize| text.iter().take(max).take_while(|byte| **byte == b' ').count();
    let before = if left_aligned { 0 } else { blanks(text, width) };
    if before == width {
        return Some(width);
    }
    let end = before + read_typed(escape, text.get(before..)?, stamps, prefix)?;
    let missing = width.saturating_sub(end);
    let after = blanks(text.get(end..)?, missing);
    (after == missing).then_some(end + after)
}

#[inline]
fn label_after_blanks(line: &[u8], pos: usize) -> Option<Label> {
    let blanks = line.get(pos..)?.iter().take_while(|byte| **byte == b' ').count();
    label_at(line, pos + blanks)
}
