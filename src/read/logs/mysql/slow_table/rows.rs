//! Where rows of a dump end and what their fields hold, in every form that clients and servers write:
//! tabs (`mysql -B`, `SELECT … INTO OUTFILE`), CSV with backslashes (the CSV engine's own file,
//! `INTO OUTFILE … ENCLOSED BY '"'`), CSV with doubled quotes (Workbench), and `\G`.

use super::columns::{Column, Table};
use super::vertical;
use memchr::memchr;
use std::borrow::Cow;

/// How a dump is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Form {
    /// Fields between tabs, escaped by backslashes.
    Tabs,
    /// Fields between commas, in quotes; a backslash escapes.
    CsvBackslash,
    /// Fields between commas, in quotes; a quote inside is doubled.
    CsvDoubled,
    /// One line a field: `\G`.
    Vertical,
}

/// The fields of a row that are read, by [`Column::index`].
pub(super) type Row<'a> = [Option<Cow<'a, [u8]>>; Column::COUNT];

impl Form {
    /// The length of the row at the start of a text, line end included. `None` if the text ends
    /// first and may go on.
    pub fn row_bytes(self, text: &[u8], is_whole: bool) -> Option<usize> {
        match self {
            Form::Tabs => line_bytes(text, is_whole),
            Form::CsvBackslash | Form::CsvDoubled => self.csv_bytes(text, is_whole),
            Form::Vertical => vertical::row_bytes(text, is_whole),
        }
    }

    fn csv_bytes(self, text: &[u8], is_whole: bool) -> Option<usize> {
        let escapes = self == Form::CsvBackslash;
        let (mut at, mut quoted) = (0, false);
        while let Some(byte) = text.get(at) {
            match byte {
                b'\\' if escapes => at += 1,
                b'"' => quoted = !quoted,
                b'\n' if !quoted => return Some(at + 1),
                _ => {}
            }
            at += 1;
        }
        is_whole.then_some(text.len())
    }

    /// The fields of a row between tabs or commas.
    pub fn fields(self, row: &[u8]) -> impl Iterator<Item = Cow<'_, [u8]>> {
        let delimiter = if self == Form::Tabs { b'\t' } else { b',' };
        let mut rest = Some(without_line_end(row));
        std::iter::from_fn(move || {
            let text = rest?;
            let end = self.field_bytes(text, delimiter);
            rest = text.get(end + 1..);
            Some(self.value(text.get(..end).unwrap_or_default()))
        })
    }

    fn field_bytes(self, text: &[u8], delimiter: u8) -> usize {
        let (mut at, mut quoted) = (0, false);
        while let Some(byte) = text.get(at) {
            match byte {
                b'\\' if self != Form::CsvDoubled => at += 1,
                b'"' if self != Form::Tabs => quoted = !quoted,
                byte if *byte == delimiter && !quoted => return at,
                _ => {}
            }
            at += 1;
        }
        text.len()
    }

    fn value(self, field: &[u8]) -> Cow<'_, [u8]> {
        match self {
            Form::Tabs => unescaped(field),
            Form::Vertical => Cow::Borrowed(field),
            Form::CsvBackslash | Form::CsvDoubled => {
                let inner = field.strip_prefix(b"\"");
                let inner = inner.map(|rest| rest.strip_suffix(b"\"").unwrap_or(rest));
                match (inner, self) {
                    (None, _) => Cow::Borrowed(field),
                    (Some(inner), Form::CsvDoubled) => undoubled(inner),
                    // Where rows later than the sample double their quotes after all, literals must
                    // not fall apart.
                    (Some(inner), _) => match unescaped(inner) {
                        Cow::Borrowed(inner) => undoubled(inner),
                        owned @ Cow::Owned(_) => owned,
                    },
                }
            }
        }
    }

    /// How often a row shows that it is written in another form: how CSV writes quotes, and what a
    /// backslash may escape.
    pub fn contradictions(self, row: &[u8]) -> usize {
        let is_border = |byte: Option<&u8>| matches!(byte, None | Some(b',' | b'\r' | b'\n'));
        let (mut at, mut found) = (0, 0);
        while let Some(byte) = row.get(at) {
            let (next, behind) = (row.get(at + 1), row.get(at + 2));
            at += 1;
            found += usize::from(match (self, byte) {
                (Form::CsvBackslash, b'\\') => {
                    at += 1;
                    next.is_some_and(|byte| !is_escaped(*byte))
                }
                (Form::CsvBackslash, b'"') => {
                    // Not the quotes around an empty field.
                    let before = at.checked_sub(2).and_then(|at| row.get(at));
                    next == Some(&b'"') && !(is_border(before) && is_border(behind))
                }
                (Form::CsvDoubled, b'\\') => {
                    next == Some(&b'"') && !is_border(behind) && behind != Some(&b'"')
                }
                _ => false,
            });
        }
        found
    }

    /// A row by its columns; `None` if it does not fit them.
    pub fn row<'a>(self, text: &'a [u8], table: Table, columns: &[Column]) -> Option<Row<'a>> {
        if self == Form::Vertical {
            return vertical::row(text, table);
        }
        let mut row = Row::default();
        let mut count = 0;
        for (at, value) in self.fields(text).enumerate() {
            if let Some(place) = columns.get(at).and_then(|column| row.get_mut(column.index())) {
                *place = Some(value);
            }
            count += 1;
        }
        (count == columns.len()).then_some(row)
    }
}

fn without_line_end(row: &[u8]) -> &[u8] {
    let row = row.strip_suffix(b"\n").unwrap_or(row);
    row.strip_suffix(b"\r").unwrap_or(row)
}

/// A line, which goes on behind a backslash before its end.
fn line_bytes(text: &[u8], is_whole: bool) -> Option<usize> {
    let mut from = 0;
    while let Some(found) = memchr(b'\n', text.get(from..)?) {
        let end = from + found;
        let before = text.get(from..end).unwrap_or_default();
        let backslashes = before.iter().rev().take_while(|b| **b == b'\\').count();
        from = end + 1;
        if backslashes % 2 == 0 {
            return Some(from);
        }
    }
    is_whole.then_some(text.len())
}

/// What servers and clients write behind a backslash that escapes.
fn is_escaped(byte: u8) -> bool {
    b"\\\"ntrb0Z\t\n,".contains(&byte)
}

/// A text with MySQL's backslash escapes taken away.
fn unescaped(text: &[u8]) -> Cow<'_, [u8]> {
    if memchr(b'\\', text).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        let plain = match byte {
            b'\\' => match bytes.next() {
                Some(b'n') => b'\n',
                Some(b't') => b'\t',
                Some(b'r') => b'\r',
                Some(b'b') => 0x08,
                Some(b'0') => 0,
                Some(b'Z') => 0x1a,
                Some(other) if is_escaped(*other) => *other,
                Some(other) => {
                    out.push(b'\\');
                    *other
                }
                None => b'\\',
            },
            byte => *byte,
        };
        out.push(plain);
    }
    Cow::Owned(out)
}

/// A text whose quotes are doubled.
fn undoubled(text: &[u8]) -> Cow<'_, [u8]> {
    if memchr(b'"', text).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.iter().peekable();
    while let Some(byte) = bytes.next() {
        out.push(*byte);
        if *byte == b'"' {
            bytes.next_if_eq(&&b'"');
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_show_how_they_are_written() {
        for (row, backslash, doubled) in [
            ("\"a\",\"\",5\n", 0, 0),
            ("\"say \"\"a\"\", 1\",\"\"\n", 2, 0),
            ("\"say \\\"a\\\", 1\",\"\"\n", 0, 1),
            ("\"'a\\'b'\",1\n", 1, 0),
        ] {
            let shown = [Form::CsvBackslash, Form::CsvDoubled]
                .map(|form| form.contradictions(row.as_bytes()));
            assert_eq!(shown, [backslash, doubled], "{row}");
        }
    }

    /// The first row ends at `|`, and has these fields.
    #[test]
    fn rows_and_their_fields() {
        for (form, text, fields) in [
            (Form::Tabs, "a\\tb\tc\\\\\r\n|d", &["a\tb", "c\\"][..]),
            (Form::Tabs, "a\\\nb\t\n|d", &["a\nb", ""]),
            (Form::CsvBackslash, "\"a,\\\"\n\\n\",5,\"\"\n|\"d\"", &["a,\"\n\n", "5", ""]),
            (Form::CsvDoubled, "\"a\"\"\n\\\",b,\"c\"\r\n|", &["a\"\n\\", "b", "c"]),
            (Form::CsvDoubled, "a,\"cut|", &["a", "cut"]),
        ] {
            let end = text.find('|').expect("a mark");
            let text = text.replace('|', "");
            assert_eq!(form.row_bytes(text.as_bytes(), true), Some(end), "{text}");
            let found: Vec<_> = form
                .fields(&text.as_bytes()[..end])
                .map(|field| String::from_utf8_lossy(&field).into_owned())
                .collect();
            assert_eq!(found, fields);
            for length in 0..end {
                assert_eq!(form.row_bytes(&text.as_bytes()[..length], false), None, "{length}");
            }
        }
    }
}
