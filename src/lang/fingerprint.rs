//! Fingerprints of any language: what one run of a normaliser found, and the choice of the normaliser.
//!
//! Owns [`Fingerprint`] and [`Fingerprinter`]. How the text is made is left to the languages: `sql`
//! and `mongo`.

use super::Language;
use super::facts::LiteralFacts;
use super::id::QueryId;
use super::{mongo, sql};
use std::fmt::Write as _;

/// Longest fingerprint text that is kept or shown, in bytes. The id covers all of it.
pub const MAX_TEXT: usize = 16 * 1024;

/// Comments whose places are kept.
const MAX_COMMENTS: usize = 4;

/// The byte ranges of the first comments of a statement, marks included.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Comments {
    ranges: [(usize, usize); MAX_COMMENTS],
    count: usize,
}

impl Comments {
    pub(in crate::lang) fn push(&mut self, start: usize, end: usize) {
        if let Some(range) = self.ranges.get_mut(self.count) {
            *range = (start, end);
            self.count += 1;
        }
    }

    /// The ranges, start and end, in their order.
    pub fn as_slice(&self) -> &[(usize, usize)] {
        &self.ranges[..self.count]
    }
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
    pub(in crate::lang) comments: Comments,
}

impl Fingerprint<'_> {
    /// The id of the class in an engine family (`postgres`, `mysql`, `sqlite`, `mongodb`).
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

/// Makes fingerprints of one language. Keep one per thread.
pub enum Fingerprinter {
    /// Of SQL.
    Sql(Box<sql::fingerprint::Fingerprinter>),
    /// Of MongoDB's commands.
    Mongo(Box<mongo::fingerprint::Fingerprinter>),
}

impl Fingerprinter {
    /// A fingerprinter for statements of one language.
    pub fn new(language: Language) -> Self {
        match language {
            Language::Sql(dialect) => {
                Fingerprinter::Sql(Box::new(sql::fingerprint::Fingerprinter::new(dialect)))
            }
            Language::Mongo => Fingerprinter::Mongo(Box::default()),
        }
    }

    /// The fingerprint of a statement. Never fails: what is none is kept as it comes, or withheld.
    pub fn run<'s>(&'s mut self, statement: &[u8]) -> Fingerprint<'s> {
        match self {
            Fingerprinter::Sql(printer) => printer.run(statement),
            Fingerprinter::Mongo(printer) => printer.run(statement),
        }
    }
}
