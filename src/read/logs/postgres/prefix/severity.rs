//! The words that stand between prefix and message, and where they are.
//!
//! The table is the only place that knows the English ones; `words` has those of other languages.

use super::words::TRANSLATED;
use memchr::memchr_iter;

/// What the word before a message says: the level of a primary record, or the kind of a line that
/// belongs to one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Severity {
    /// `DEBUG` and `DEBUG1` to `DEBUG5`
    Debug,
    /// `LOG`
    Log,
    /// `INFO`
    Info,
    /// `NOTICE`
    Notice,
    /// `WARNING`
    Warning,
    /// `ERROR`
    Error,
    /// `FATAL`
    Fatal,
    /// `PANIC`
    Panic,
    /// `DETAIL`
    Detail,
    /// `HINT`
    Hint,
    /// `QUERY`: an internal statement, of a function for example
    Query,
    /// `CONTEXT`
    Context,
    /// `STATEMENT`: what the client had sent
    Statement,
    /// `LOCATION`: the place in the server's source
    Location,
    /// `BACKTRACE`
    Backtrace,
}

const WORDS: &[(&[u8], Severity)] = &[
    (b"LOG", Severity::Log),
    (b"DETAIL", Severity::Detail),
    (b"STATEMENT", Severity::Statement),
    (b"ERROR", Severity::Error),
    (b"CONTEXT", Severity::Context),
    (b"HINT", Severity::Hint),
    (b"WARNING", Severity::Warning),
    (b"FATAL", Severity::Fatal),
    (b"PANIC", Severity::Panic),
    (b"NOTICE", Severity::Notice),
    (b"INFO", Severity::Info),
    (b"QUERY", Severity::Query),
    (b"LOCATION", Severity::Location),
    (b"BACKTRACE", Severity::Backtrace),
    (b"DEBUG", Severity::Debug),
    (b"DEBUG1", Severity::Debug),
    (b"DEBUG2", Severity::Debug),
    (b"DEBUG3", Severity::Debug),
    (b"DEBUG4", Severity::Debug),
    (b"DEBUG5", Severity::Debug),
];

/// The longest word of the table.
const WORD_MAX: usize = 9;

impl Severity {
    /// Whether a line of this severity begins a record (false: it belongs to one).
    pub fn is_primary(self) -> bool {
        !matches!(
            self,
            Severity::Detail
                | Severity::Hint
                | Severity::Query
                | Severity::Context
                | Severity::Statement
                | Severity::Location
                | Severity::Backtrace
        )
    }

    /// The severity of a word, as csvlog and jsonlog write it.
    pub fn from_word(word: &[u8]) -> Option<Severity> {
        severity_of(word).or_else(|| {
            let known = TRANSLATED.iter().find(|(known, _)| known.as_bytes() == word);
            known.map(|(_, severity)| *severity)
        })
    }

    /// The word PostgreSQL prints in English.
    pub fn name(self) -> &'static str {
        let word = WORDS.iter().find(|(_, severity)| *severity == self);
        word.and_then(|(word, _)| std::str::from_utf8(word).ok()).unwrap_or_default()
    }
}

/// A severity word in a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Label {
    pub severity: Severity,
    /// Offset of the word.
    pub start: usize,
    /// Offset of the message: behind the colon and up to two blanks.
    pub message_at: usize,
    /// Whether both blanks that PostgreSQL writes are there.
    pub two_blanks: bool,
}

/// The label that begins exactly at `start`.
#[inline]
pub(super) fn label_at(line: &[u8], start: usize) -> Option<Label> {
    let text = line.get(start..)?;
    let english = text
        .iter()
        .take(WORD_MAX + 1)
        .position(|byte| *byte == b':')
        .and_then(|len| Some((len, severity_of(text.get(..len)?)?)));
    let (colon, severity) = english.or_else(|| translated_at(text))?;
    label_before(line, start, start + colon, severity)
}

/// What may stand between another language's word and its colon: French writes a blank there.
const BLANKS: [&[u8]; 3] = [b" ", b"\xc2\xa0", b"\xe2\x80\xaf"];

/// Another language's word that begins a text: where its colon stands.
#[cold]
fn translated_at(text: &[u8]) -> Option<(usize, Severity)> {
    text.first().filter(|byte| byte.is_ascii_uppercase() || !byte.is_ascii())?;
    TRANSLATED.iter().find_map(|(word, severity)| {
        let rest = text.strip_prefix(word.as_bytes())?;
        let blank = BLANKS.iter().find(|blank| rest.starts_with(blank)).map_or(0, |b| b.len());
        (rest.get(blank) == Some(&b':')).then_some((word.len() + blank, *severity))
    })
}

/// Another language's word that ends a text: its length with the blank behind it.
fn translated_before(text: &[u8]) -> Option<(usize, Severity)> {
    let blank = BLANKS.iter().find(|blank| text.ends_with(blank)).map_or(0, |b| b.len());
    let text = text.get(..text.len() - blank)?;
    text.last().filter(|byte| byte.is_ascii_uppercase() || !byte.is_ascii())?;
    TRANSLATED.iter().find_map(|(word, severity)| {
        let before = text.strip_suffix(word.as_bytes())?;
        let is_word = before.last().is_none_or(|b| b.is_ascii() && !b.is_ascii_alphanumeric());
        is_word.then_some((word.len() + blank, *severity))
    })
}

/// The labels of a line from `from` on, first to last, up to `limit`.
pub(super) fn labels(line: &[u8], from: usize, limit: usize) -> impl Iterator<Item = Label> {
    let area = line.get(from..line.len().min(limit)).unwrap_or_default();
    memchr_iter(b':', area).filter_map(move |colon| {
        let before = area.get(..colon)?;
        let word_len = before
            .iter()
            .rev()
            .take(WORD_MAX + 1)
            .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_')
            .count();
        let english = severity_of(before.get(colon - word_len..)?).map(|known| (word_len, known));
        let (word_len, severity) = english.or_else(|| translated_before(before))?;
        label_before(line, from + colon - word_len, from + colon, severity)
    })
}

#[inline]
fn severity_of(word: &[u8]) -> Option<Severity> {
    WORDS.iter().find(|(known, _)| *known == word).map(|(_, severity)| *severity)
}

fn label_before(line: &[u8], start: usize, colon: usize, severity: Severity) -> Option<Label> {
    let (blanks, two_blanks) = match line.get(colon + 1..)? {
        [b' ', b' ', ..] => (2, true),
        [b' '] | [b' ', b'\r'] => (1, true),
        [b' ', ..] => (1, false),
        // `STATEMENT:  ` at the end of a line, where an editor took the blanks away.
        [] | [b'\r'] => (0, true),
        _ => return None,
    };
    Some(Label { severity, start, message_at: colon + 1 + blanks, two_blanks })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_labels_where_they_are_words() {
        for (line, found) in [
            ("x LOG:  a", Some((Severity::Log, 2, 8, true))),
            ("x: DEBUG3: a", Some((Severity::Debug, 3, 11, false))),
            ("[1]:BACKTRACE:  a", Some((Severity::Backtrace, 4, 16, true))),
            ("STATEMENT:", Some((Severity::Statement, 0, 10, true))),
            ("DIALOG:  a", None),
            ("MY_LOG:  a", None),
            ("LOG:a", None),
            ("log:  a", None),
            ("DEBUG6:  a", None),
            ("a: b:  c::", None),
        ] {
            let label = labels(line.as_bytes(), 0, usize::MAX).next();
            let seen = label.map(|l| (l.severity, l.start, l.message_at, l.two_blanks));
            assert_eq!(seen, found, "{line}");
            let start = found.map_or(0, |(_, start, ..)| start);
            assert_eq!(label_at(line.as_bytes(), start), label, "{line}");
        }
        assert_eq!(labels(b"LOG:  a", 0, 3).count(), 0, "the colon lies beyond the limit");
    }

    #[test]
    fn knows_which_lines_begin_a_record() {
        for (word, severity) in WORDS {
            let label = label_at(&[word, b":  m".as_slice()].concat(), 0).map(|l| l.severity);
            assert_eq!(label, Some(*severity));
        }
        assert!(Severity::Log.is_primary() && Severity::Debug.is_primary());
        assert!(!Severity::Statement.is_primary() && !Severity::Backtrace.is_primary());
        assert_eq!(Severity::Debug.name(), "DEBUG");
    }
}
