//! Fingerprints: the normalised text of a statement and the id of its query class.
//!
//! Owns the public face of the normaliser: [`Fingerprinter`] with its scratch buffers. The rules are in `normalise.rs` and its
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

use self::frames::Frame;
use self::normalise::Normaliser;
use self::templates::{Gap, MAX_GAPS, Templates};
use super::lexer::Dialect;
use crate::lang::fingerprint::Fingerprint;

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
