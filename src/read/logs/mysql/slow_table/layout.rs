//! How a dump is written and which table it is of, from its beginning.

use super::columns::{Column, Table, of_count, of_header};
use super::rows::{Form, Row};
use super::vertical;
use super::when::clock_us;
use std::borrow::Cow;
use std::cmp::Reverse;

/// Rows of the sample that are looked at.
const SAMPLE_ROWS: usize = 50;

/// How a dump is written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Layout {
    pub form: Form,
    pub table: Table,
    /// The columns in order; of `\G` none, where each row names them.
    pub columns: Vec<Column>,
}

/// How well a layout fits the first rows of a dump.
#[derive(Default)]
struct Judged {
    /// Rows that can be read …
    good: usize,
    /// … of so many.
    all: usize,
    /// Signs that they are written in another form.
    contradictions: usize,
}

impl Layout {
    /// The layout that a sample has, if it is a dump: the form in which most of its rows can be read.
    pub fn of(head: &[u8], is_whole: bool) -> Option<Layout> {
        let forms = [Form::Vertical, Form::Tabs, Form::CsvBackslash, Form::CsvDoubled];
        let found = forms.into_iter().filter_map(|form| {
            let layout = Layout::of_form(head, form)?;
            let Judged { good, all, contradictions } = layout.judge(head, is_whole);
            (good > 0).then_some(((good * 100 / all.max(1), Reverse(contradictions)), layout))
        });
        // The first of equals.
        found.rev().max_by_key(|(fitness, _)| *fitness).map(|(_, layout)| layout)
    }

    fn of_form(head: &[u8], form: Form) -> Option<Layout> {
        let first = head.get(..form.row_bytes(head, true)?)?;
        if form == Form::Vertical {
            vertical::mark_bytes(first)?;
            let tables = [Table::Slow, Table::General].into_iter();
            let mut fit = tables.filter(|table| {
                let row = vertical::row(first, *table);
                row.is_some_and(|row| {
                    Layout { form, table: *table, columns: Vec::new() }.fits(&row)
                })
            });
            return fit.next().map(|table| Layout { form, table, columns: Vec::new() });
        }
        let fields: Vec<Cow<'_, [u8]>> = form.fields(first).collect();
        let (table, columns) = of_header(&fields).or_else(|| of_count(fields.len()))?;
        Some(Layout { form, table, columns })
    }

    /// Reads the first rows.
    fn judge(&self, head: &[u8], is_whole: bool) -> Judged {
        let (mut at, mut judged) = (0, Judged::default());
        while judged.all < SAMPLE_ROWS {
            let rest = head.get(at..).unwrap_or_default();
            let Some(size) = self.form.row_bytes(rest, is_whole).filter(|size| *size > 0) else {
                break;
            };
            let text = rest.get(..size).unwrap_or_default();
            at += size;
            if text.trim_ascii().is_empty() || self.is_header(text) {
                continue;
            }
            judged.all += 1;
            judged.good += usize::from(self.row(text).is_some());
            judged.contradictions += self.form.contradictions(text);
        }
        judged
    }

    /// A row that can be read.
    pub fn row<'a>(&self, text: &'a [u8]) -> Option<Row<'a>> {
        self.form.row(text, self.table, &self.columns).filter(|row| self.fits(row))
    }

    /// Whether a row holds what it must.
    fn fits(&self, row: &Row<'_>) -> bool {
        let value = |column: Column| row[column.index()].as_deref();
        let has_time = value(Column::Time).is_some_and(|time| {
            time.len() >= 19 && time.first().is_some_and(u8::is_ascii_digit) && time[4] == b'-'
        });
        let has_rest = match self.table {
            Table::Slow => value(Column::QueryTime).is_some_and(|text| clock_us(text).is_some()),
            Table::General => value(Column::Command).is_some(),
        };
        has_time && has_rest && value(Column::Text).is_some()
    }

    /// Whether a row is the header; dumps that were put together have more than one.
    pub fn is_header(&self, text: &[u8]) -> bool {
        // Every header has this name; few rows do.
        if self.form == Form::Vertical || memchr::memmem::find(text, b"_time").is_none() {
            return false;
        }
        let fields: Vec<Cow<'_, [u8]>> = self.form.fields(text).take(self.columns.len()).collect();
        of_header(&fields)
            .is_some_and(|(table, columns)| table == self.table && columns == self.columns)
    }
}
