//! `mysql --xml`: `<resultset statement="…">` of `<row>` of `<field name="…">`.

use super::lines::{Lines, work};
use super::rows::{Rows, nothing};
use super::{ResultSet, ShapeMeta, TextShape};
use crate::read::plans::tree::xml::unescaped;
use memchr::memmem;

/// Results as XML of the MySQL client.
pub struct MysqlXml;

impl TextShape for MysqlXml {
    fn meta(&self) -> &'static ShapeMeta {
        &ShapeMeta {
            name: "mysql-xml",
            title: "XML of mysql --xml",
            words: &["<resultset"],
            sample: "<resultset statement=\"x\">\n  <row>\n\t<field name=\"id\">1</field>\n\t<field name=\"name\">a</field>\n  </row>\n</resultset>\n",
        }
    }

    fn find(&self, text: &str) -> Option<usize> {
        let begins = |line: &str| line.trim_start().starts_with("<resultset");
        Lines::from(text, 0).find(|line| begins(line.text)).map(|line| line.start)
    }

    fn read(&self, text: &str) -> ResultSet {
        let Some(head_end) = memmem::find(text.as_bytes(), b">") else {
            return nothing(text.len());
        };
        let closing = memmem::find(text.as_bytes(), b"</resultset>");
        let end = closing.map_or(text.len(), |at| at + "</resultset>".len());
        let inside = text.get(..closing.unwrap_or(text.len())).unwrap_or_default();
        let mut rows: Option<Rows<'_>> = None;
        let mut at = head_end + 1;
        // A row that the text ends in is left out.
        while let Some((start, row, behind)) = element(inside, at, "<row>", "</row>") {
            let (names, cells) = fields(row);
            let rows = rows.get_or_insert_with(|| Rows::new(text, self.meta().name, names.clone()));
            match rows.columns() == names {
                true => rows.push(start, cells),
                false => rows.drop_row(start),
            }
            at = behind;
        }
        let Some(mut rows) = rows else { return nothing(end) };
        if let Some(statement) = attribute(text.get(..head_end).unwrap_or_default(), "statement") {
            rows.set_title(&unescaped(statement));
        }
        rows.finish(end)
    }
}

/// The first element at or behind a place: where it begins, what it holds, and what is behind it.
fn element<'t>(
    text: &'t str,
    at: usize,
    open: &str,
    close: &str,
) -> Option<(usize, &'t str, usize)> {
    let rest = text.get(at..)?;
    let start = memmem::find(rest.as_bytes(), open.as_bytes())? + open.len();
    let inside = rest.get(start..)?;
    let size = memmem::find(inside.as_bytes(), close.as_bytes())?;
    work::count(start + size);
    Some((at + start - open.len(), inside.get(..size)?, at + start + size + close.len()))
}

type Fields = (Vec<Box<str>>, Vec<Option<Box<str>>>);

/// The names and values of a row.
fn fields(row: &str) -> Fields {
    let (mut names, mut cells) = (Vec::new(), Vec::new());
    let mut rest = row;
    while let Some((_, field)) = rest.split_once("<field ") {
        let Some((attributes, behind)) = field.split_once('>') else { break };
        let Some(name) = attribute(attributes, "name") else { break };
        names.push(unescaped(name).into());
        if attributes.ends_with('/') {
            let is_nil = attributes.contains("xsi:nil=\"true\"");
            cells.push((!is_nil).then(|| "".into()));
            rest = behind;
        } else {
            let Some((value, behind)) = behind.split_once("</field>") else { break };
            cells.push(Some(unescaped(value).into()));
            rest = behind;
        }
    }
    (names, cells)
}

fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let (_, value) = tag.split_once(&format!("{name}=\""))?;
    value.split_once('"').map(|(value, _)| value)
}
