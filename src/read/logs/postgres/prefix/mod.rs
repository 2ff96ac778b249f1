//! PostgreSQL's `log_line_prefix`: what stands before the message of every stderr line.
//!
//! `grammar` reads the setting, `matcher` lays one format over one line, `infer` (with `tokens`)
//! finds the format from a sample, `generic` understands heads that no format fits, `severity` knows
//! the words before a message. [`PrefixReader`] puts them together for the hot path: a line goes in,
//! the fields and the place of the message come out. Joining lines into records is left to others.
//!
//! What a line means depends on the line, the formats and the zones only, never on the lines before
//! it: any cut of a file gives the same heads.

mod fields;
mod generic;
mod grammar;
mod infer;
mod matcher;
mod memo;
mod severity;
mod template;
mod tokens;
mod words;

pub use grammar::PrefixFormat;
pub use infer::InferredPrefix;
pub use severity::Severity;

use crate::time::{StampParser, Timestamp, ZoneTable};
use matcher::{Matcher, Strictness};
use memo::Memo;
use severity::Label;

/// A `log_line_prefix` that cannot be read; the text says where and what to change.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PrefixError {
    /// A letter that PostgreSQL does not know.
    #[error(
        "log_line_prefix: %{letter} at byte {at} is no escape of PostgreSQL; write %%{letter} if a \
         percent sign is meant"
    )]
    UnknownEscape {
        /// The letter behind `%` and its width.
        letter: char,
        /// Offset of the `%`.
        at: usize,
    },
    /// A percent sign without a letter.
    #[error(
        "log_line_prefix: the % at byte {at} has no letter; write %% if a percent sign is meant"
    )]
    DanglingPercent {
        /// Offset of the `%`.
        at: usize,
    },
    /// Too many pieces, or a padding wider than any line.
    #[error("log_line_prefix: too long at byte {at}: 64 pieces and widths up to 1024 are read")]
    TooLong {
        /// Offset of the piece that is too much.
        at: usize,
    },
}

/// The fields of one line's prefix. Empty values, `[unknown]` and `[none]` are `None`.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Prefix<'a> {
    /// `%m`, `%t` or `%n`
    pub time: Option<Timestamp>,
    /// Seconds east of UTC of the stamp's zone.
    pub offset_s: Option<i32>,
    /// `%p`, else the process id that `%c` holds.
    pub pid: Option<u32>,
    /// `%c`
    pub session: Option<&'a [u8]>,
    /// `%u`
    pub user: Option<&'a [u8]>,
    /// `%d`
    pub database: Option<&'a [u8]>,
    /// `%a`
    pub app: Option<&'a [u8]>,
    /// `%h` or `%r`, without the port
    pub host: Option<&'a [u8]>,
    /// `%l`
    pub line_num: Option<u64>,
    /// `%e`
    pub sqlstate: Option<&'a [u8]>,
    /// `%Q`; 0 (not computed) is `None`
    pub query_id: Option<i64>,
    /// `%i`
    pub command_tag: Option<&'a [u8]>,
    /// `%b`
    pub backend_type: Option<&'a [u8]>,
}

/// The head of a line: everything before its message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Head<'a> {
    /// What the prefix says.
    pub prefix: Prefix<'a>,
    /// The word before the message.
    pub severity: Severity,
    /// Offset in the line where the message begins.
    pub message_at: usize,
    /// The SQLSTATE before the message, of `log_error_verbosity = verbose`.
    pub sqlstate_in_message: Option<&'a [u8]>,
    /// Whether one of the formats fits; false if only the generic finder understood the line.
    pub by_format: bool,
}

/// Reads the heads of one source's lines; one per worker.
pub struct PrefixReader<'f> {
    inferred: &'f InferredPrefix,
    matchers: Vec<Matcher>,
    stamps: StampParser<'f>,
    /// Only where the first format begins with its only stamp.
    memo: Option<Memo>,
}

impl<'f> PrefixReader<'f> {
    /// A reader for the formats of a source.
    pub fn new(inferred: &'f InferredPrefix, zones: &'f ZoneTable) -> Self {
        let matchers: Vec<_> = inferred.formats.iter().map(Matcher::new).collect();
        let memo = matchers.first().is_some_and(Matcher::begins_with_its_only_stamp);
        Self { inferred, matchers, stamps: StampParser::new(zones), memo: memo.then(Memo::new) }
    }

    /// The same without a memory of prefixes: slower, and what the memory is tested against.
    pub fn without_memo(mut self) -> Self {
        self.memo = None;
        self
    }

    /// The head of a line (without its line feed); `None` for a continuation or a foreign line.
    #[inline]
    pub fn head<'a>(&mut self, line: &'a [u8]) -> Option<Head<'a>> {
        // PostgreSQL writes a tab at the begin of every continuation.
        if line.first().is_none_or(|byte| *byte == b'\t') {
            return None;
        }
        if let Some(memo) = &mut self.memo
            && let Some((prefix, label)) = memo.find(line, &mut self.stamps)
        {
            return Some(finish(line, prefix, label, true));
        }
        // The order is fixed: were the last match tried first, a cut of the file could change the
        // reading of a line that fits two formats.
        let mut prefix = Prefix::default();
        for strictness in [Strictness::Strict, Strictness::Lenient] {
            for (at, matcher) in self.matchers.iter().enumerate() {
                let found = matcher.find(line, &mut self.stamps, strictness, &mut prefix);
                let Some(label) = found else { continue };
                let exact = strictness == Strictness::Strict && matcher.is_distinctive();
                if label.two_blanks || exact || self.inferred.single_blank {
                    if let (0, Strictness::Strict, Some(memo)) = (at, strictness, &mut self.memo) {
                        memo.learn(line, &prefix, &label, &mut self.stamps);
                    }
                    return Some(finish(line, prefix, label, true));
                }
            }
        }
        let rules = generic::Rules {
            needs_stamp: self.inferred.stamped,
            single_blank: self.inferred.single_blank,
        };
        let (prefix, label) = generic::find(line, &mut self.stamps, rules)?;
        Some(finish(line, prefix, label, false))
    }

    /// Whether a record may begin at this line: what a cut between two chunks asks.
    pub fn is_record_start(&mut self, line: &[u8]) -> bool {
        self.head(line).is_some_and(|head| head.severity.is_primary())
    }
}

fn finish<'a>(line: &'a [u8], prefix: Prefix<'a>, label: Label, by_format: bool) -> Head<'a> {
    let message = line.get(label.message_at..).unwrap_or_default();
    let sqlstate = match message.split_at_checked(5) {
        Some((code, [b':', b' ', ..])) if label.severity.is_primary() && fields::is_state(code) => {
            Some(code)
        }
        _ => None,
    };
    Head {
        prefix,
        severity: label.severity,
        message_at: label.message_at + sqlstate.map_or(0, |code| code.len() + 2),
        sqlstate_in_message: sqlstate,
        by_format,
    }
}

#[cfg(test)]
mod tests;
