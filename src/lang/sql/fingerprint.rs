//! Fingerprints: the normalised text of a statement and the id of its query class.
//!
//! Owns the public face of the normaliser: [`Fingerprinter`] with its scratch buffers and
//! [`Fingerprint`] with what one run found. The rules are in `normalise.rs` and its
//! neighbours, the memo that spares most statements the rules in `templates.rs`.

mod brackets;
mod constants;
mod frames;
mod normalise;
mod rows;
mod templates;
mod types;
mod utility;
mod words;

use std::fmt::Write as _;

use self::frames::Frame;
use self::normalise::Normaliser;
pub use self::templates::Comments;
use self::templates::{Gap, MAX_GAPS, Templates};
use super::facts::LiteralFacts;
use super::lexer::Dialect;
use crate::lang::id::QueryId;

/// Longest fingerprint text that is kept or shown, in bytes. The id covers all of it.
pub const MAX_TEXT: usize = 16 * 1024;

/// Scratch space beyond this is given back before the next statement, in bytes.
const KEEP_SCRATCH: usize = 1 << 20;

/// Makes fingerprints. Keep one per thread: its buffers are reused, so that a statement costs no
/// allocation once they have grown.
pub struct Fingerprinter {
    dialect: Dialect,
    text: Vec<u8>,
    frames: Vec<Frame>,
    gaps: Vec<Gap>,
    templates: Templates,
}

/// The fingerprint of one statement.
pub struct Fingerprint<'s> {
    /// The whole normalised text. UTF-8 where the statement was; bytes that were not are unchanged.
    pub text: &'s [u8],
    /// The statement is cut off: it ends inside a string, comment, identifier or bracket, or in the
    /// `...` of a server that shortens what it logs.
    pub truncated: bool,
    /// A number that this fingerprinter gives to statements of this text only, whole ones; 0 where
    /// it does not remember the text. It saves the caller a look-up by id.
    pub known_as: u64,
    /// What the constants were, before they were dropped.
    pub facts: LiteralFacts,
    comments: Comments,
}

impl Fingerprinter {
    /// A fingerprinter for statements of one dialect.
    pub fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            text: Vec::with_capacity(4096),
            frames: Vec::with_capacity(16),
            gaps: Vec::with_capacity(MAX_GAPS + 1),
            templates: Templates::new(dialect),
        }
    }

    /// The fingerprint of `sql`. Never fails: what is no SQL is kept as it comes.
    pub fn run<'s>(&'s mut self, sql: &[u8]) -> Fingerprint<'s> {
        let whole = without_log_mark(sql, self.dialect);
        let marked = whole.len() < sql.len();
        if !marked && let Some((slot, facts, comments)) = self.templates.find(sql) {
            let text = self.templates.text(slot);
            let known_as = self.templates.serial(slot);
            return Fingerprint { text, truncated: false, known_as, facts, comments };
        }
        if self.text.capacity() > KEEP_SCRATCH {
            self.text = Vec::with_capacity(4096);
        }
        self.text.clear();
        self.frames.clear();
        self.gaps.clear();
        let mut normaliser =
            Normaliser::new(whole, self.dialect, &mut self.text, &mut self.frames, &mut self.gaps);
        normaliser.run();
        let truncated = normaliser.truncated || marked;
        let (facts, comments) = (normaliser.facts, normaliser.comments);
        if !truncated {
            self.templates.learn(sql, &self.gaps, &self.text, &facts);
        }
        Fingerprint { text: &self.text, truncated, known_as: 0, facts, comments }
    }
}

/// `sql` without the `...` that marks a statement shortened by the server. MySQL's digests end in
/// `?, ...` where constants do, and its log says `PREPARE s FROM ...`.
fn without_log_mark(sql: &[u8], dialect: Dialect) -> &[u8] {
    match sql.trim_ascii_end().strip_suffix(b"...") {
        Some(head)
            if dialect == Dialect::Mysql && (head.ends_with(b"?, ") || ends_with_from(head)) =>
        {
            sql
        }
        Some(head) => head,
        None => sql,
    }
}

fn ends_with_from(head: &[u8]) -> bool {
    head.last_chunk::<6>().is_some_and(|end| end.eq_ignore_ascii_case(b" from "))
}

impl Fingerprint<'_> {
    /// The id of the class in an engine family (`postgres`, `mysql`, `sqlite`).
    pub fn id(&self, family: &str) -> QueryId {
        QueryId::new(family, self.text, self.truncated)
    }

    /// Where the first comments of the statement are.
    pub fn comments(&self) -> Comments {
        self.comments
    }

    /// The text as one line for people: control characters escaped, invalid UTF-8 replaced, cut at
    /// [`MAX_TEXT`] with an ellipsis; that of a truncated statement ends in ` …`.
    pub fn display_text(&self) -> String {
        // A little more than fits, so that the cut below is seen.
        let head = &self.text[..self.text.len().min(MAX_TEXT + 4)];
        let mut text = String::with_capacity(head.len() + 8);
        for piece in head.utf8_chunks() {
            for character in piece.valid().chars() {
                if character.is_control() || matches!(character, '\u{2028}' | '\u{2029}') {
                    // Writing to a string cannot fail.
                    let _ = write!(text, "\\u{{{:x}}}", u32::from(character));
                } else {
                    text.push(character);
                }
            }
            if !piece.invalid().is_empty() {
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
        if text.len() > MAX_TEXT {
            let cut = text.floor_char_boundary(MAX_TEXT);
            text.truncate(cut);
            text.push('…');
        } else if self.truncated {
            text.push_str(" …");
        }
        text
    }
}
