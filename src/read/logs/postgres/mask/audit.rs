//! Messages of pgaudit without literals: `AUDIT: SESSION,1,1,READ,SELECT,TABLE,public.t,SELECT …,…`,
//! a line of CSV of which the eighth field is the statement and the rest its parameters.

use super::{plain, sql};
use crate::read::logs::mask::WITHHELD;
use crate::read::logs::postgres::csvlog::{COLUMNS, Field, split};

/// How they begin.
pub(super) const HEAD: &[u8] = b"AUDIT: ";

const STATEMENT: usize = 7;

/// Masks what follows the head.
pub(super) fn mask(text: &[u8], out: &mut String) {
    plain(HEAD, out);
    let mut fields = [Field::default(); COLUMNS];
    let count = split(text, &mut fields).min(COLUMNS);
    if count <= STATEMENT {
        // Cut, or of another shape.
        out.push_str(WITHHELD);
    }
    for (at, field) in fields.iter().enumerate().take(count).filter(|_| count > STATEMENT) {
        if at > 0 {
            out.push(',');
        }
        match at {
            ..STATEMENT => plain(&field.text(), out),
            STATEMENT => {
                let mut masked = String::new();
                sql(&field.text(), &mut masked);
                out.push('"');
                out.push_str(&masked.replace('"', "\"\""));
                out.push('"');
            }
            _ if [&b"<none>"[..], b"<not logged>"].contains(&field.text) => plain(field.text, out),
            _ => out.push_str(WITHHELD),
        }
    }
}
