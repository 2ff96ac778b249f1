//! The grammar of PostgreSQL's `log_line_prefix`: its text to a list of pieces and back.
//!
//! In: the setting as it stands in postgresql.conf. Out: a [`PrefixFormat`], which `matcher` lays
//! over lines. All escapes up to PostgreSQL 18 are known.

use super::PrefixError;
use nom::branch::alt;
use nom::bytes::complete::{tag, take_while1};
use nom::character::complete::{anychar, char, digit1};
use nom::combinator::{map, map_opt, opt, recognize};
use nom::sequence::preceded;
use nom::{IResult, Parser};
use std::fmt::Write;

/// The most pieces a format may have; the matcher's recursion is as deep as the format is long.
const PIECES_MAX: usize = 64;
/// PostgreSQL pads without a limit; a log line cannot.
const WIDTH_MAX: usize = 1024;

/// What an escape stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Escape {
    Application,
    User,
    Database,
    RemoteHostPort,
    RemoteHost,
    LocalAddress,
    BackendType,
    Pid,
    LeaderPid,
    Time,
    TimeMs,
    Epoch,
    CommandTag,
    SqlState,
    Session,
    LineNumber,
    SessionStart,
    VirtualXid,
    Xid,
    QueryId,
}

const LETTERS: &[(char, Escape)] = &[
    ('a', Escape::Application),
    ('u', Escape::User),
    ('d', Escape::Database),
    ('r', Escape::RemoteHostPort),
    ('h', Escape::RemoteHost),
    ('L', Escape::LocalAddress),
    ('b', Escape::BackendType),
    ('p', Escape::Pid),
    ('P', Escape::LeaderPid),
    ('t', Escape::Time),
    ('m', Escape::TimeMs),
    ('n', Escape::Epoch),
    ('i', Escape::CommandTag),
    ('e', Escape::SqlState),
    ('c', Escape::Session),
    ('l', Escape::LineNumber),
    ('s', Escape::SessionStart),
    ('v', Escape::VirtualXid),
    ('x', Escape::Xid),
    ('Q', Escape::QueryId),
];

impl Escape {
    /// The letter behind the percent sign.
    pub(super) fn letter(self) -> char {
        LETTERS.iter().find(|(_, known)| *known == self).map_or('%', |(letter, _)| *letter)
    }
}

/// One piece of a format.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Piece {
    /// Text that every line holds.
    Literal(String),
    /// A value, padded with blanks to `width` bytes: on the left, or on the right if `left_aligned`.
    Field { escape: Escape, width: usize, left_aligned: bool },
    /// `%q`: lines of background processes end here.
    StopBackground,
}

/// A `log_line_prefix`, read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PrefixFormat {
    pieces: Vec<Piece>,
}

impl PrefixFormat {
    /// Reads the setting's text, with or without the quotes of postgresql.conf.
    pub fn parse(text: &str) -> Result<Self, PrefixError> {
        let text =
            text.strip_prefix('\'').and_then(|inner| inner.strip_suffix('\'')).unwrap_or(text);
        let mut pieces = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let at = text.len() - rest.len();
            let Ok((tail, (piece, width))) = sized_piece(rest) else {
                return Err(match rest.chars().find(|c| c.is_alphabetic()) {
                    Some(letter) => PrefixError::UnknownEscape { letter, at },
                    None => PrefixError::DanglingPercent { at },
                });
            };
            if width > WIDTH_MAX || pieces.len() >= PIECES_MAX {
                return Err(PrefixError::TooLong { at });
            }
            push(&mut pieces, piece);
            rest = tail;
        }
        Ok(Self { pieces })
    }

    /// The setting's text, as it would stand in postgresql.conf (without quotes).
    pub fn text(&self) -> String {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Literal(literal) => text.push_str(&literal.replace('%', "%%")),
                Piece::StopBackground => text.push_str("%q"),
                Piece::Field { escape, width, left_aligned } => {
                    let sign = if *left_aligned { "-" } else { "" };
                    let letter = escape.letter();
                    // Writing to a String cannot fail.
                    let _ = match width {
                        0 => write!(text, "%{letter}"),
                        _ => write!(text, "%{sign}{width}{letter}"),
                    };
                }
            }
        }
        text
    }

    pub(super) fn pieces(&self) -> &[Piece] {
        &self.pieces
    }
}

/// Appends a piece; `%%` and the text around it become one literal.
fn push(pieces: &mut Vec<Piece>, piece: Piece) {
    match (pieces.last_mut(), piece) {
        (Some(Piece::Literal(before)), Piece::Literal(text)) => before.push_str(&text),
        (_, piece) => pieces.push(piece),
    }
}

/// One piece and its padding width.
fn sized_piece(input: &str) -> IResult<&str, (Piece, usize)> {
    let literal = map(take_while1(|c| c != '%'), |text: &str| Piece::Literal(text.to_owned()));
    let percent = map(tag("%%"), |_| Piece::Literal("%".to_owned()));
    alt((map(alt((literal, percent)), |piece| (piece, 0)), escape)).parse(input)
}

/// `%`, an optional width (left-aligned with `-`), a letter.
fn escape(input: &str) -> IResult<&str, (Piece, usize)> {
    let width = opt(recognize((opt(char('-')), digit1)));
    let letter = alt((map(char('q'), |_| None), map_opt(anychar, |c| escape_of(c).map(Some))));
    let (rest, (width_text, escape)) = preceded(char('%'), (width, letter)).parse(input)?;
    let width_text: &str = width_text.unwrap_or_default();
    // More digits than a number can hold are too wide as well.
    let width = match width_text.trim_start_matches('-') {
        "" => 0,
        digits => digits.parse().unwrap_or(usize::MAX),
    };
    let left_aligned = width_text.starts_with('-');
    let piece = match escape {
        None => Piece::StopBackground,
        Some(escape) => Piece::Field { escape, width, left_aligned },
    };
    Ok((rest, (piece, width)))
}

fn escape_of(letter: char) -> Option<Escape> {
    LETTERS.iter().find(|(known, _)| *known == letter).map(|(_, escape)| *escape)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_round_trips() {
        for text in [
            "",
            "%m [%p] %q%u@%d %a %h ",
            "%t:%r:%u@%d:[%p]:",
            "%a%u%d%r%h%L%b%p%P%t%m%n%i%e%c%l%s%v%x%Q",
            "100%% [%-10u|%10d]%q é ",
        ] {
            let format = PrefixFormat::parse(text).expect(text);
            assert_eq!(format.text(), text);
        }
        let quoted = PrefixFormat::parse("'%m '").expect("quotes are allowed");
        assert_eq!(quoted.text(), "%m ");
    }

    #[test]
    fn says_where_a_format_is_wrong() {
        for (text, error) in [
            ("%m %z ", PrefixError::UnknownEscape { letter: 'z', at: 3 }),
            ("%m %", PrefixError::DanglingPercent { at: 3 }),
            ("%-", PrefixError::DanglingPercent { at: 0 }),
            ("%99999999999999999999u", PrefixError::TooLong { at: 0 }),
            ("%2000u", PrefixError::TooLong { at: 0 }),
        ] {
            assert_eq!(PrefixFormat::parse(text), Err(error), "{text}");
        }
        assert!(PrefixFormat::parse(&"%u ".repeat(100)).is_err());
    }
}
