//! Messages in other languages (`lc_messages`), turned into the English ones that all topics read.
//!
//! The table holds pairs of patterns from PostgreSQL's own catalogs. Only the messages that are read
//! here are in it; all others stay as they are. Used for files that show a translated word or
//! message; English ones never come here.

use crate::read::logs::postgres::record::Text;
use memchr::memmem;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::OnceLock;

/// English pattern, tab, translation.
const TABLE: &str = include_str!("translations.tsv");
/// Placeholders of one pattern.
const MAX_HOLES: usize = 32;
/// Messages of a sample that are looked at.
const SAMPLE_MESSAGES: usize = 1000;
/// Bytes of a pattern's start that it is found by.
const KEY_BYTES: usize = 3;

/// A piece of a pattern.
enum Piece {
    /// Text as it stands.
    Text(&'static str),
    /// A placeholder by its number, from 1.
    Hole(usize),
}

struct Pattern {
    english: Vec<Piece>,
    translation: Vec<Piece>,
}

/// The patterns, by how their translations begin.
struct Table {
    by_start: HashMap<[u8; KEY_BYTES], Vec<Pattern>>,
    /// Those that begin with a placeholder.
    others: Vec<Pattern>,
}

fn table() -> &'static Table {
    static READ: OnceLock<Table> = OnceLock::new();
    READ.get_or_init(|| {
        let mut table = Table { by_start: HashMap::new(), others: Vec::new() };
        let pairs = TABLE.lines().filter(|line| !line.starts_with('#'));
        for (english, translation) in pairs.filter_map(|line| line.split_once('\t')) {
            let pattern = Pattern { english: pieces(english), translation: pieces(translation) };
            match translation.as_bytes().first_chunk() {
                Some(key) if !key.contains(&b'{') => {
                    table.by_start.entry(*key).or_default().push(pattern);
                }
                _ => table.others.push(pattern),
            }
        }
        // What says more is tried first: `duration: 5 ms  statement: …` before `duration: 5 ms`.
        let said = |pattern: &Pattern| {
            let texts = pattern.translation.iter().map(|piece| match piece {
                Piece::Text(text) => text.len(),
                Piece::Hole(_) => 0,
            });
            std::cmp::Reverse(texts.sum::<usize>())
        };
        table.by_start.values_mut().for_each(|patterns| patterns.sort_by_key(said));
        table.others.sort_by_key(said);
        table
    })
}

fn pieces(pattern: &'static str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = pattern;
    while let Some((before, hole)) = rest.split_once('{') {
        if !before.is_empty() {
            pieces.push(Piece::Text(before));
        }
        let (number, behind) = hole.split_once('}').unwrap_or(("", ""));
        pieces.extend(number.parse().ok().filter(|n| (1..=MAX_HOLES).contains(n)).map(Piece::Hole));
        rest = behind;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}

/// The English form of a message, a detail or a context; `None` where none is known.
pub fn english(text: &[u8]) -> Option<Vec<u8>> {
    let table = table();
    let likely = text.first_chunk().and_then(|key| table.by_start.get(key));
    let patterns = likely.into_iter().flatten().chain(&table.others);
    patterns.into_iter().find_map(|pattern| {
        let holes = matched(&pattern.translation, text)?;
        Some(filled(pattern, &holes))
    })
}

/// Whether a sample shows messages in another language, each behind one of these marks.
pub fn shows_in(sample: &[u8], marks: &[&[u8]]) -> bool {
    marks.iter().any(|mark| {
        memmem::find_iter(sample, mark).take(SAMPLE_MESSAGES).any(|at| {
            let rest = &sample[at + mark.len()..];
            let end = memchr::memchr2(b'"', b'\n', rest).unwrap_or(rest.len());
            english(&rest[..end]).is_some()
        })
    })
}

/// Turns a text into the English one, if it is known.
pub fn into_english(text: &mut Text<'_>) {
    if let Some(english) = english(text) {
        *text = Cow::Owned(english);
    }
}

/// What stands in the placeholders, if a text fits. Each takes as little as it can; the last takes
/// the rest.
fn matched<'t>(pattern: &[Piece], text: &'t [u8]) -> Option<[&'t [u8]; MAX_HOLES + 1]> {
    let mut holes: [&[u8]; MAX_HOLES + 1] = [b""; MAX_HOLES + 1];
    let mut rest = text;
    let mut open: Option<usize> = None;
    for piece in pattern {
        match piece {
            // Of placeholders that touch, the first takes all.
            Piece::Hole(number) => open = open.or(Some(*number)),
            Piece::Text(literal) => {
                let at = match open {
                    None => rest.starts_with(literal.as_bytes()).then_some(0)?,
                    Some(_) => memmem::find(rest, literal.as_bytes())?,
                };
                if let Some(number) = open.take() {
                    holes[number] = &rest[..at];
                }
                rest = &rest[at + literal.len()..];
            }
        }
    }
    match open {
        Some(number) => holes[number] = rest,
        None if !rest.is_empty() && !rest.starts_with(b"\n") => return None,
        None => holes[0] = rest,
    }
    Some(holes)
}

fn filled(pattern: &Pattern, holes: &[&[u8]; MAX_HOLES + 1]) -> Vec<u8> {
    let mut out = Vec::new();
    for piece in &pattern.english {
        match piece {
            Piece::Text(text) => out.extend_from_slice(text.as_bytes()),
            Piece::Hole(number) => {
                // What a lock is on is translated, too; so are the lines below a first one. Texts
                // that clients sent are not.
                let hole = holes[*number];
                match is_of_server(&pattern.english) {
                    true => push_lines(hole, &mut out),
                    false => out.extend_from_slice(hole),
                }
            }
        }
    }
    push_lines(holes[0], &mut out);
    out
}

/// Whether all that a message holds is the server's own.
fn is_of_server(english: &[Piece]) -> bool {
    let Some(Piece::Text(start)) = english.first() else { return false };
    let is_process = *start == "process " || *start == "Process ";
    start.starts_with("automatic ") || (is_process && english.len() > 4)
}

fn push_lines(text: &[u8], out: &mut Vec<u8>) {
    for (at, line) in text.split(|b| *b == b'\n').enumerate() {
        if at > 0 {
            out.push(b'\n');
        }
        match if line.is_empty() { None } else { english(line) } {
            Some(known) => out.extend_from_slice(&known),
            None => out.extend_from_slice(line),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_messages_into_english() {
        for (text, expected) in [
            (
                "Dauer: 0.312 ms  Anweisung: SELECT 'Dauer: 1 ms'",
                Some("duration: 0.312 ms  statement: SELECT 'Dauer: 1 ms'"),
            ),
            ("Dauer: 2.000 ms", Some("duration: 2.000 ms")),
            (
                "duración: 1.5 ms  sentencia: SELECT 1",
                Some("duration: 1.5 ms  statement: SELECT 1"),
            ),
            (
                "продолжительность: 3.0 мс, оператор: SELECT 1",
                Some("duration: 3.0 ms  statement: SELECT 1"),
            ),
            (
                "Prozess 7 wartet immer noch auf ShareLock-Sperre auf Transaktion 9 nach 1000,119 ms",
                Some("process 7 still waiting for ShareLock on transaction 9 after 1000.119 ms"),
            ),
            (
                "temporäre Datei: Pfad »base/pgsql_tmp/a«, Größe 14000",
                Some("temporary file: path \"base/pgsql_tmp/a\", size 14000"),
            ),
            ("Verklemmung (Deadlock) entdeckt", Some("deadlock detected")),
            (
                "storniere Anfrage wegen Zeitüberschreitung der Anfrage",
                Some("canceling statement due to statement timeout"),
            ),
            ("Dauer der Sache", None),
            ("", None),
        ] {
            let got =
                english(text.as_bytes()).map(|text| String::from_utf8_lossy(&text).into_owned());
            assert_eq!(got.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn every_line_of_the_table_is_a_pair_with_the_same_holes() {
        for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
            let (left, right) = line.split_once('\t').expect(line);
            let holes = |text| {
                let mut numbers: Vec<usize> = pieces(text)
                    .iter()
                    .filter_map(|p| match p {
                        Piece::Hole(n) => Some(*n),
                        Piece::Text(_) => None,
                    })
                    .collect();
                numbers.sort_unstable();
                numbers.dedup();
                numbers
            };
            assert_eq!(holes(left), holes(right), "{line}");
        }
    }
}
