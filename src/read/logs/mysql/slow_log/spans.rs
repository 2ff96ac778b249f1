//! Records of a slow log for those who want their bytes: as spans, and without the literals in them.

use super::ends::Known;
use super::record::{Body, Heads, Next, Record, next};
use super::suppressed;
use crate::lang::literals::mask_sql;
use crate::lang::sql::lexer::Dialect;
use crate::model::event::{Said, Says, Span, SpanDetail, SpanRole};
use crate::read::logs::mask::{Masker, WITHHELD};

/// A record as a span, but for its time and who caused it.
pub(super) fn span_of<'a>(
    record: &Record,
    text: &'a [u8],
    detail: SpanDetail,
    duration_us: Option<u64>,
) -> Span<'a> {
    let statement = match &record.body {
        Body::Statement { text: range, is_cut } => Some((&text[range.clone()], *is_cut)),
        Body::Admin(range) => Some((&text[range.clone()], false)),
        Body::Nothing => None,
    };
    let says = match (detail, statement) {
        (SpanDetail::Statements, Some((text, cut))) => Says::Ran(Said { text, cut, duration_us }),
        _ => Says::Nothing,
    };
    let role = SpanRole::Record { lines_apart: false };
    Span { says, ..Span::at(&text[record.start..record.end], record.start, role) }
}

/// Masks records: headers stay but for warnings and plans of statements, statements lose their
/// literals.
pub(super) struct SlowMasker {
    pub heads: Heads,
}

impl Masker for SlowMasker {
    fn mask(&mut self, text: &[u8], out: &mut String) {
        let Next::Record(record) = next(text, 0, self.heads, true, &mut Known::default()) else {
            return out.push_str(&format!("# {WITHHELD}\n"));
        };
        for line in text[record.header.clone()].split(|b| *b == b'\n').filter(|l| !l.is_empty()) {
            let line = line.trim_ascii_end();
            // These may hold values of statements.
            let telling = [&b"# Warning "[..], b"# Prev_stmt:", b"# Plan:", b"# Warnings:"];
            match telling.iter().find(|head| line.starts_with(head)) {
                Some(head) => {
                    out.push_str(&String::from_utf8_lossy(head));
                    out.push_str(WITHHELD);
                }
                None => out.push_str(&String::from_utf8_lossy(line)),
            }
            out.push('\n');
        }
        let body = &text[record.header.end..record.end];
        let statement = match &record.body {
            Body::Statement { text, .. } => text.clone(),
            Body::Admin(_) | Body::Nothing => record.end..record.end,
        };
        // What the server set before the statement holds no literal of anybody's.
        let set = &body[..statement.start.min(record.end) - record.header.end];
        out.push_str(&String::from_utf8_lossy(set));
        if !statement.is_empty() {
            let statement = &text[statement];
            match suppressed(statement) {
                // The server's own words: a count, and what it counts.
                Some(_) => out.push_str(&String::from_utf8_lossy(statement)),
                None => mask_sql(statement, Dialect::Mysql, out),
            }
            out.push_str(";\n");
        } else if !out.ends_with('\n') {
            out.push('\n');
        }
    }
}
