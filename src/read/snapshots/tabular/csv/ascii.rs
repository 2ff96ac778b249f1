//! SQLite's `ascii` mode: the separators that ASCII has for fields and records.

use super::super::lines::work;
use super::super::rows::{Rows, empty_or_worded_nulls, nothing};
use super::super::{ResultSet, ShapeMeta, TextShape};
use memchr::memchr;

const FIELD: char = '\u{1f}';
const RECORD: char = '\u{1e}';

/// Records between separators of their own.
pub struct Ascii;

impl TextShape for Ascii {
    fn meta(&self) -> &'static ShapeMeta {
        &ShapeMeta {
            name: "ascii",
            title: "fields between ASCII separators: ascii of sqlite3",
            words: &["\u{1e}"],
            sample: "id\u{1f}name\u{1e}1\u{1f}a\u{1e}",
        }
    }

    fn find(&self, text: &str) -> Option<usize> {
        // Lines may be as long as the text: only what stands before the first field is looked at.
        let field = memchr(FIELD as u8, text.as_bytes())?;
        Some(text.get(..field)?.rfind('\n').map_or(0, |end| end + 1))
    }

    fn read(&self, text: &str) -> ResultSet {
        let mut rows: Option<Rows<'_>> = None;
        let mut at = 0;
        // What stands behind the last separator is no whole record.
        while let Some(size) = memchr(RECORD as u8, text.as_bytes().get(at..).unwrap_or_default()) {
            let record = text.get(at..at + size).unwrap_or_default();
            let is_name = |name: &str| name.starts_with(|c: char| c.is_alphabetic() || c == '_');
            match &mut rows {
                // Records of another size are those of another table, which names begin.
                Some(rows)
                    if rows.columns().len() != record.split(FIELD).count()
                        && record.split(FIELD).all(is_name) =>
                {
                    break;
                }
                Some(rows) => rows.push(at, cells(record)),
                None if record.split(FIELD).all(is_name) => {
                    let names = record.split(FIELD).map(Into::into).collect();
                    rows = Some(Rows::new(text, self.meta().name, names));
                }
                None => {
                    let rows = rows.insert(Rows::new(text, self.meta().name, Vec::new()));
                    rows.push(at, cells(record));
                }
            }
            at += size + 1;
            work::count(size + 1);
        }
        let Some(rows) = rows else { return nothing(text.len()) };
        let mut set = rows.finish(at);
        empty_or_worded_nulls(&mut set);
        set
    }
}

fn cells(record: &str) -> Vec<Option<Box<str>>> {
    record.split(FIELD).map(|cell| Some(cell.into())).collect()
}
