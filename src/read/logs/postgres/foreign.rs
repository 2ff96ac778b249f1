//! Lines in a stderr log that PostgreSQL's logger did not write: they carry no prefix, and where
//! continuations have lost their tabs they must be told from the text of a statement.

use super::clock::begins_with_stamp;
use memchr::memmem;

/// Whether a line without a prefix is surely not part of a statement: another program's line that
/// begins with a stamp (a backup tool, a record with a translated severity), one of the thousands
/// that a memory dump writes, or the last words of a process.
pub(super) fn is_foreign(line: &[u8]) -> bool {
    begins_with_stamp(line) || is_memory_dump(line) || is_crash_text(line)
}

/// Whether a line that is foreign is known to be another program's, or a dump of the server's
/// memory. A line that begins with a stamp and has the mark of PostgreSQL's own is not: its prefix
/// may have changed, so nobody understood it.
pub(super) fn is_of_others(line: &[u8]) -> bool {
    let head = &line[..line.len().min(300)];
    is_memory_dump(line)
        || is_crash_text(line)
        || (begins_with_stamp(line) && memmem::find(head, b":  ").is_none())
}

/// What a C library writes when it ends a process: `free(): invalid pointer`, a stack trace.
fn is_crash_text(line: &[u8]) -> bool {
    const STARTS: [&[u8]; 10] = [
        b"free(): ",
        b"malloc(): ",
        b"realloc(): ",
        b"munmap_chunk(): ",
        b"double free or corruption",
        b"corrupted size vs. prev_size",
        b"*** Error in ",
        b"======= Backtrace:",
        b"*** stack smashing detected ***",
        b"terminate called ",
    ];
    STARTS.iter().any(|start| line.starts_with(start)) || is_stack_frame(line)
}

/// `/usr/lib/libc.so.6(abort+0x127)[0x7f0c]` or `postgres: app shop [local] SELECT(+0x3a)[0x55]`.
fn is_stack_frame(line: &[u8]) -> bool {
    line.ends_with(b"]")
        && memmem::rfind(line, b"[0x").is_some_and(|at| {
            let inside = &line[at + 3..line.len() - 1];
            at > 0 && line[at - 1] == b')' && inside.iter().all(u8::is_ascii_hexdigit)
        })
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
            ("free(): invalid pointer", true),
            ("/lib/x86_64-linux-gnu/libc.so.6(abort+0x127)[0x7f0c2b]", true),
            ("WHERE a = b[0]", false),
        ] {
            assert_eq!(is_foreign(line.as_bytes()), foreign, "{line}");
        }
        assert!(is_of_others(b"2026-11-23 03:55:04.101 P00   INFO: archive-push command begin"));
        assert!(!is_of_others(b"2026-11-23 03:55:04 CET [5] LOG:  of another prefix"));
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
