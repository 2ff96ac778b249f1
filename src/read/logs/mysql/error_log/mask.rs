//! Records without literals: heads stay, messages go through the mask, quoted statements through
//! their lexer, and the rows under a lock are withheld.

use super::head::Head;
use super::quoted::Quoted;
use crate::lang::literals::{mask_message, mask_sql};
use crate::lang::sql::lexer::Dialect;
use crate::read::logs::mask::{Masker, WITHHELD};
use crate::time::{StampParser, ZoneTable};
use memchr::memchr;

/// Masks records of the text form.
pub(super) struct RecordMasker<'z> {
    stamps: StampParser<'z>,
}

impl<'z> RecordMasker<'z> {
    /// For a log whose times are of these zones.
    pub fn new(zones: &'z ZoneTable) -> Self {
        RecordMasker { stamps: StampParser::new(zones) }
    }
}

impl Masker for RecordMasker<'_> {
    fn mask(&mut self, text: &[u8], out: &mut String) {
        let first = text[..memchr(b'\n', text).unwrap_or(text.len())].trim_ascii_end();
        let message_at = Head::read(first, &mut self.stamps).map_or(0, |head| head.message_at);
        out.push_str(&String::from_utf8_lossy(text.get(..message_at).unwrap_or_default()));
        mask_lines(text.get(message_at..).unwrap_or_default(), out);
    }
}

/// Appends the lines of a message, masked, each with a line end.
pub(in crate::read) fn mask_lines(text: &[u8], out: &mut String) {
    let mut at = 0;
    while at < text.len() {
        let end = memchr(b'\n', &text[at..]).map_or(text.len(), |to| at + to);
        let line = text[at..end].trim_ascii_end();
        let quoted = Quoted::description(line, at).or_else(|| Quoted::crashed(line, at));
        if let Some(mut quoted) = quoted {
            let (before, statement, behind) = around(text, &mut quoted);
            mask_message(text.get(at..before).unwrap_or_default().trim_ascii_end(), out);
            out.push(if before > end { '\n' } else { ' ' });
            mask_sql(statement, Dialect::Mysql, out);
            out.push('\n');
            at = behind;
            continue;
        }
        match is_of_row(line) {
            true => out.push_str(WITHHELD),
            false => mask_message(line, out),
        }
        out.push('\n');
        at = end + 1;
    }
}

/// Where a quoted statement begins, the statement, and where the text behind it goes on: at the
/// next section of a deadlock, or at what the server says behind the one that crashed.
fn around<'t>(text: &'t [u8], quoted: &mut Quoted) -> (usize, &'t [u8], usize) {
    const ENDS: [&[u8]; 3] = [b"*** ", b"Connection ID (thread ID): ", b"---TRANSACTION "];
    let start = quoted.start.min(text.len());
    let mut at = start;
    while at < text.len() {
        let rest = text.get(at..).unwrap_or_default();
        if ENDS.iter().any(|end| rest.starts_with(end)) && !quoted.covers(text, at) {
            break;
        }
        at = memchr(b'\n', rest).map_or(text.len(), |to| at + to + 1);
    }
    (start, text.get(start..at).unwrap_or_default().trim_ascii_end(), at)
}

/// ` 0: len 4; hex 8000000c; asc     ;;`, and what belongs to it: no line of this form is kept.
fn is_of_row(line: &[u8]) -> bool {
    let line = line.trim_ascii_start();
    let digits = line.iter().take_while(|b| b.is_ascii_digit()).count();
    digits > 0 && line[digits..].starts_with(b": ")
        || line.ends_with(b";;")
        || line.starts_with(b"Record lock, ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_rows_and_values_go_and_heads_stay() {
        for (text, expected) in [
            (
                "2026-11-23 12:39:13 5 [Note] InnoDB: \n*** (1) TRANSACTION:\nMariaDB thread id 5, OS thread handle 1, query id 19 localhost app Updating\nupdate t set a='s3cret\n*** x' where id=12\n*** (1) WAITING FOR THIS LOCK TO BE GRANTED:\n 0: len 6; hex 733363726574; asc s3cret;;\n",
                "2026-11-23 12:39:13 5 [Note] InnoDB:\n*** (?) TRANSACTION:\nMariaDB thread id ?, OS thread handle ?, query id ? localhost app Updating\nupdate t set a='?' where id=?\n*** (?) WAITING FOR THIS LOCK TO BE GRANTED:\n…\n",
            ),
            (
                "03:03:14 UTC - mysqld got signal 11 ;\nQuery (7f12): select 's3cret'\nConnection ID (thread ID): 12\nStatus: NOT_KILLED\n",
                "03:03:14 UTC - mysqld got signal ? ;\nQuery (?): select '?'\nConnection ID (?): ?\nStatus: NOT_KILLED\n",
            ),
            (
                "130601  3:03:20 [Warning] Access denied for user 'app'@'10.0.0.7' (using password: YES)",
                "130601  3:03:20 [Warning] Access denied for user '?'@'?' (?)\n",
            ),
        ] {
            let zones = ZoneTable::default();
            let mut out = String::new();
            RecordMasker::new(&zones).mask(text.as_bytes(), &mut out);
            assert_eq!(out, expected);
        }
    }
}
