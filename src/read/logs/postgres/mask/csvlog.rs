//! Records of a csvlog without literals: fields that hold texts go through the mask and are quoted
//! anew, all others stay.

use super::{part, sql};
use crate::lang::literals::mask_message;
use crate::read::logs::mask::{Masker, WITHHELD};
use crate::read::logs::postgres::csvlog::{COLUMNS, Field, split};
use crate::read::logs::postgres::prefix::Severity;

/// Masks records of csvlog.
pub(in crate::read::logs::postgres) struct CsvMasker;

/// Columns that the server writes in quotes.
const QUOTED: [usize; 13] = [1, 2, 4, 7, 13, 14, 15, 16, 18, 19, 21, 22, 23];

impl Masker for CsvMasker {
    fn mask(&mut self, text: &[u8], out: &mut String) {
        let record = text.strip_suffix(b"\n").unwrap_or(text);
        let record = record.strip_suffix(b"\r").unwrap_or(record);
        let mut fields = [Field::default(); COLUMNS];
        let count = split(record, &mut fields).min(COLUMNS);
        let mut masked = String::new();
        for (column, field) in fields.iter().enumerate().take(count) {
            if column > 0 {
                out.push(',');
            }
            masked.clear();
            let text = field.text();
            match column {
                _ if text.is_empty() => continue,
                13 => part(Severity::Log, &text, &mut masked),
                14 => part(Severity::Detail, &text, &mut masked),
                16 | 19 => sql(&text, &mut masked),
                18 => part(Severity::Context, &text, &mut masked),
                15 | 21 => mask_message(&text, &mut masked),
                _ => masked.push_str(&String::from_utf8_lossy(&text)),
            }
            match QUOTED.contains(&column) || masked.contains([',', '"', '\n', '\r']) {
                true => {
                    out.push('"');
                    out.push_str(&masked.replace('"', "\"\""));
                    out.push('"');
                }
                false => out.push_str(&masked),
            }
        }
        if count == 0 {
            out.push_str(WITHHELD);
        }
        out.push('\n');
    }
}
