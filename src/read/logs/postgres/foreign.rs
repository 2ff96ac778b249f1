//! Lines in a stderr log that PostgreSQL's logger did not write: they carry no prefix, and where
//! continuations have lost their tabs they must be told from the text of a statement.

use super::clock::begins_with_stamp;
use memchr::memmem;

/// Whether a line without a prefix is surely not part of a statement: another program's line that
/// begins with a stamp (a backup tool, a record with a translated severity), or one of the
/// thousands that a memory dump writes.
pub(super) fn is_foreign(line: &[u8]) -> bool {
    begins_with_stamp(line) || is_memory_dump(line)
}

/// Whether a line without a prefix that is understood looks like a record whose severity is written
/// in another language: a stamp, then a word in capitals with a colon and two blanks.
pub(super) fn is_translated(line: &[u8]) -> bool {
    let head = &line[..line.len().min(300)];
    begins_with_stamp(line)
        && memmem::find(head, b":  ").is_some_and(|colon| {
            let word = head[..colon].rsplit(|b| *b == b' ').next().unwrap_or_default();
            let capital = |b: &u8| b.is_ascii_uppercase() || !b.is_ascii();
            word.len() >= 3 && word.iter().all(capital)
        })
}

fn is_memory_dump(line: &[u8]) -> bool {
    let head = &line[..line.len().min(200)];
    let has = |word: &[u8]| memmem::find(head, word).is_some();
    has(b" blocks; ") && has(b" free (") && has(b" used")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_lines_that_no_statement_holds() {
        for (line, foreign) in [
            ("2026-11-23 03:55:04.101 P00   INFO: archive-push command begin", true),
            ("2026-11-23T03:55:04Z wal-g: uploaded", true),
            ("TopMemoryContext: 97680 total in 5 blocks; 12032 free (8 chunks); 85648 used", true),
            (
                "  1 more child contexts containing 1024 total in 1 blocks; 400 free (0 chunks); 624 used",
                true,
            ),
            ("Grand total: 1 bytes in 5 blocks; 12 free (8 chunks); 85 used", true),
            ("WHERE total = 5 AND used", false),
            ("2026-11-23, 5)", false),
            ("", false),
        ] {
            assert_eq!(is_foreign(line.as_bytes()), foreign, "{line}");
        }
        for (line, translated) in [
            ("2026-11-23 03:55:04 CET [5] FEHLER:  Relation fehlt", true),
            ("2026-11-23 03:55:04 MSK [5] ОШИБКА:  нет", true),
            ("2026-11-23 03:55:04.101 P00   INFO: archive-push", false),
            ("FEHLER:  Relation fehlt", false),
        ] {
            assert_eq!(is_translated(line.as_bytes()), translated, "{line}");
        }
    }
}
