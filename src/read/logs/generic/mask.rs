//! Records with mapped columns without literals: the query goes through its lexer, the reason of a
//! failure through the mask of messages, when and who stay, and every other value is withheld.

use super::csv::{Layout, fields};
use super::map::{ColumnMap, Field};
use crate::lang::literals::{mask_message, mask_statement};
use crate::read::logs::json::{Member, Members, Value};
use crate::read::logs::mask::{Masker, WITHHELD, push_json_string};

/// The text of a value that may stay, by what it holds.
fn masked(field: Option<Field>, text: &[u8], map: &ColumnMap) -> String {
    let mut out = String::new();
    match field {
        None => out.push_str(WITHHELD),
        Some(Field::Query) => mask_statement(text, map.engine.language(), &mut out),
        Some(Field::Error) => mask_message(text, &mut out),
        Some(
            Field::Time
            | Field::Duration
            | Field::User
            | Field::Database
            | Field::Host
            | Field::App
            | Field::Session,
        ) => out.push_str(&String::from_utf8_lossy(text)),
    }
    out
}

/// Masks CSV. The first record is the header, where there is one.
pub(super) struct CsvMasker<'r> {
    map: &'r ColumnMap,
    layout: &'r Layout,
}

impl<'r> CsvMasker<'r> {
    /// For the columns of one source.
    pub fn new(map: &'r ColumnMap, layout: &'r Layout) -> Self {
        CsvMasker { map, layout }
    }

    /// Whether a record is the header: every mapped column has its own name there.
    fn is_header(&self, record: &[u8]) -> bool {
        let columns = &self.map.columns;
        let names = fields(record, self.layout.delimiter).zip(&self.layout.fields);
        let mut mapped = names.filter_map(|(name, field)| Some((name, (*field)?)));
        self.layout.has_header
            && mapped.all(|(name, field)| {
                columns.iter().any(|(f, c)| *f == field && c.as_bytes() == name.trim_ascii())
            })
    }
}

impl Masker for CsvMasker<'_> {
    fn mask(&mut self, text: &[u8], out: &mut String) {
        if self.is_header(text) {
            out.push_str(String::from_utf8_lossy(text).trim_end());
            return out.push('\n');
        }
        let delimiter = char::from(self.layout.delimiter);
        for (at, value) in fields(text, self.layout.delimiter).enumerate() {
            if at > 0 {
                out.push(delimiter);
            }
            if value.is_empty() {
                continue;
            }
            let field = self.layout.fields.get(at).copied().flatten();
            out.push('"');
            out.push_str(&masked(field, &value, self.map).replace('"', "\"\""));
            out.push('"');
        }
        out.push('\n');
    }
}

/// Masks JSON lines.
pub(super) struct JsonMasker<'r> {
    map: &'r ColumnMap,
}

impl<'r> JsonMasker<'r> {
    /// For the members of one source.
    pub fn new(map: &'r ColumnMap) -> Self {
        JsonMasker { map }
    }

    /// An object whose members' paths begin with `path`; nested as deep as mapped paths are long.
    fn object(&self, members: Members<'_>, path: &str, out: &mut String) {
        out.push('{');
        for (at, Member { key, value }) in members.enumerate() {
            if at > 0 {
                out.push(',');
            }
            let key = String::from_utf8_lossy(key);
            push_json_string(&key, out);
            out.push(':');
            let own = format!("{path}{key}");
            let field = self.map.columns.iter().find(|(_, path)| *path == own).map(|(f, _)| *f);
            let inner = format!("{own}.");
            let leads_on = self.map.columns.iter().any(|(_, path)| path.starts_with(&inner));
            match (value, field) {
                (Value::String(text), _) => {
                    push_json_string(&masked(field, &text.text(), self.map), out);
                }
                (Value::Word(word), Some(_)) | (Value::Word(word @ b"null"), None) => {
                    out.push_str(&String::from_utf8_lossy(word));
                }
                (Value::Object(object), None) if leads_on => match Members::of(object) {
                    Some(members) => self.object(members, &inner, out),
                    None => push_json_string(WITHHELD, out),
                },
                _ => push_json_string(WITHHELD, out),
            }
        }
        out.push('}');
    }
}

impl Masker for JsonMasker<'_> {
    fn mask(&mut self, text: &[u8], out: &mut String) {
        match Members::of(text.trim_ascii()) {
            Some(members) => self.object(members, "", out),
            None => out.push_str(WITHHELD),
        }
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_mapped_values_stay_and_queries_lose_theirs() {
        let map: ColumnMap = "time=at,query=db.sql,error=why".parse().expect("a map");
        for (line, expected) in [
            (
                r#"{"at":"2026","db":{"sql":"select 'hush'","x":"hush"},"why":null,"n":5,"l":["hush"]}"#,
                r#"{"at":"2026","db":{"sql":"select '?'","x":"…"},"why":null,"n":"…","l":"…"}"#,
            ),
            (r#"{"at":17,"why":"no \"hush\""}"#, r#"{"at":17,"why":"no \"?\""}"#),
            ("hush", "…"),
        ] {
            let mut out = String::new();
            JsonMasker::new(&map).mask(line.as_bytes(), &mut out);
            assert_eq!(out, format!("{expected}\n"));
        }
        let map: ColumnMap = "time=at,query=sql".parse().expect("a map");
        let layout = Layout {
            delimiter: b';',
            has_header: true,
            fields: vec![Some(Field::Time), None, Some(Field::Query)],
        };
        for (record, expected) in [
            ("at;x;sql\r\n", "at;x;sql"),
            (
                "2026;hush;\"select \"\"a\"\", 'hush'\"\n",
                "\"2026\";\"…\";\"select \"\"a\"\", '?'\"",
            ),
            ("2026;;", "\"2026\";;"),
        ] {
            let mut out = String::new();
            CsvMasker::new(&map, &layout).mask(record.as_bytes(), &mut out);
            assert_eq!(out, format!("{expected}\n"));
        }
    }
}
