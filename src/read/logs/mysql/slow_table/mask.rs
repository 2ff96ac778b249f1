//! Rows of a dump without literals, in the form they have: the statement goes through its lexer,
//! everything else holds names, numbers and times.

use super::columns::{Column, Table};
use super::layout::Layout;
use super::rows::Form;
use super::{general_record, of_hexadecimal, vertical};
use crate::lang::literals::{mask_message, mask_sql};
use crate::lang::sql::lexer::Dialect;
use crate::read::logs::mask::{Masker, WITHHELD};
use memchr::memmem;

/// Masks rows of a dump.
pub(super) struct RowMasker<'r> {
    pub layout: Option<&'r Layout>,
}

impl Masker for RowMasker<'_> {
    fn mask(&mut self, text: &[u8], out: &mut String) {
        let Some(layout) = self.layout else { return out.push_str(WITHHELD) };
        if layout.is_header(text) {
            out.push_str(String::from_utf8_lossy(text).trim_end());
            return out.push('\n');
        }
        let Some(row) = layout.row(text) else {
            out.push_str(WITHHELD);
            return out.push('\n');
        };
        let statement = row[Column::Text.index()].as_deref().unwrap_or_default();
        let mut masked = String::new();
        match general_record(&row).filter(|_| layout.table == Table::General) {
            Some(record) if !record.head.has_statement() => mask_message(statement, &mut masked),
            _ => mask_sql(&of_hexadecimal(statement), Dialect::Mysql, &mut masked),
        }
        match layout.form {
            Form::Vertical => vertical_row(text, statement, &masked, out),
            form => {
                for (at, value) in form.fields(text).enumerate() {
                    if at > 0 {
                        out.push(if form == Form::Tabs { '\t' } else { ',' });
                    }
                    let column = layout.columns.get(at).copied().unwrap_or(Column::Unused);
                    match column {
                        Column::Text => push(form, &masked, out),
                        _ => push(form, &String::from_utf8_lossy(&value), out),
                    }
                }
            }
        }
        if !out.ends_with('\n') {
            out.push('\n');
        }
    }
}

/// A `\G` row with another statement in place of its own.
fn vertical_row(text: &[u8], statement: &[u8], masked: &str, out: &mut String) {
    let head = vertical::mark_bytes(text).unwrap_or(0);
    // The statement stands behind its name, which is the first that reads so.
    let names = [&b"sql_text: "[..], b"argument: "];
    let found = names.iter().find_map(|name| Some(memmem::find(text, name)? + name.len()));
    let from = found.unwrap_or(head);
    out.push_str(&String::from_utf8_lossy(text.get(..from).unwrap_or_default()));
    out.push_str(masked);
    out.push_str(&String::from_utf8_lossy(text.get(from + statement.len()..).unwrap_or_default()));
}

/// A field with what its form escapes.
fn push(form: Form, value: &str, out: &mut String) {
    if form != Form::Tabs {
        out.push('"');
    }
    for character in value.chars() {
        match (form, character) {
            (Form::CsvDoubled, '"') => out.push_str("\"\""),
            (Form::CsvDoubled, character) => out.push(character),
            (_, '\n') => out.push_str("\\n"),
            (_, '\\') => out.push_str("\\\\"),
            (Form::Tabs, '\t') => out.push_str("\\t"),
            (Form::CsvBackslash, '"') => out.push_str("\\\""),
            (_, character) => out.push(character),
        }
    }
    if form != Form::Tabs {
        out.push('"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_lose_their_values_and_keep_their_form() {
        let head = "2026-11-23 14:43:25.810479";
        let stars = "***************************";
        let vertical = |sql: &str| {
            format!(
                "{stars} 1. row {stars}\n start_time: {head}\n user_host: a[a] @ h []\n query_time: 00:00:01\n db: s\n sql_text: {sql}\n thread_id: 5\n"
            )
        };
        let general = |text: &str| format!("{head}\troot[root] @ h []\t4\t1\t{text}\n");
        for (row, masked) in [
            (
                format!(
                    "\"{head}\",\"a[a] @ h []\",\"00:00:01\",\"00:00:00\",1,2,\"s\",0,0,1,\"select \\\"hush\\\",\\n 5\",9\n"
                ),
                format!(
                    "\"{head}\",\"a[a] @ h []\",\"00:00:01\",\"00:00:00\",\"1\",\"2\",\"s\",\"0\",\"0\",\"1\",\"select '?',\\n ?\",\"9\"\n"
                ),
            ),
            (vertical("select 'hush'\n from t"), vertical("select '?'\n from t")),
            (general("Query\tselect 'hush'\\n, 1"), general("Query\tselect '?'\\n, ?")),
            (
                general("Connect\tAccess denied for user 'hush'@'h'"),
                general("Connect\tAccess denied for user '?'@'?'"),
            ),
        ] {
            let layout = Layout::of(row.as_bytes(), true).expect(&row);
            let mut out = String::new();
            RowMasker { layout: Some(&layout) }.mask(row.as_bytes(), &mut out);
            assert_eq!(out, masked);
        }
    }
}
