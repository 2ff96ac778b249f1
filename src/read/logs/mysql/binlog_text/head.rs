//! What an event begins with in mysqlbinlog's text:
//!
//! ```text
//! # at 981
//! #261123 12:43:25 server id 1  end_log_pos 1012 CRC32 0x0af36503  Query  thread_id=9  exec_time=0  error_code=0
//! ```

use super::super::banner::line_at;
use super::super::general_log::head::{LocalStamp, local};
use memchr::memmem;

/// Lines `# at 981` that may stand before an event's own: of what it was put together from.
const PLACES_MAX: usize = 8;
/// Bytes that an event's line may take; lists of ids make some long.
const LINE_MAX: usize = 64 * 1024;

/// What an event begins with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Head<'a> {
    /// When its statement began, by the clock of whoever ran mysqlbinlog.
    pub stamp: LocalStamp,
    /// What kind of event it is, and what that says of itself.
    pub says: &'a [u8],
    /// Bytes up to the next line.
    pub len: usize,
}

impl<'a> Head<'a> {
    /// Reads the head that a text begins with; the answer depends on the head's own bytes only.
    pub fn read(text: &'a [u8]) -> Option<Head<'a>> {
        if text.first() != Some(&b'#') {
            return None;
        }
        let mut at = 0;
        for _ in 0..PLACES_MAX {
            let window = text.get(..text.len().min(at + LINE_MAX))?;
            let (line, size) = line_at(window, at);
            if line.len() == size {
                return None;
            }
            if let Some(rest) = line.strip_prefix(b"# at ") {
                let is_place = rest.trim_ascii_end().iter().all(u8::is_ascii_digit);
                if !is_place {
                    return None;
                }
                at += size;
                continue;
            }
            let (stamp, rest) = local(line.strip_prefix(b"#")?)?;
            let rest = rest.strip_prefix(b" server id ")?;
            let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
            let rest = rest.get(digits..)?.trim_ascii_start().strip_prefix(b"end_log_pos ")?;
            return Some(Head { stamp, says: rest.trim_ascii_end(), len: at + size });
        }
        None
    }

    /// The number of a key such as `thread_id=`.
    pub fn number(&self, key: &[u8]) -> Option<u64> {
        let at = memmem::find(self.says, key)? + key.len();
        let rest = self.says.get(at..)?;
        let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        std::str::from_utf8(rest.get(..digits)?).ok()?.parse().ok()
    }

    /// What kind of event it is.
    pub fn kind(&self) -> Kind {
        let has = |word: &[u8]| memmem::find(self.says, word).is_some();
        if has(b"\texec_time=") {
            Kind::Statement
        } else if has(b"Annotate_rows:") || has(b"\tRows_query") {
            Kind::Annotation
        } else if has(b"GTID ") || has(b"GTID\t") {
            Kind::Transaction
        } else if has(b"\tXid = ") {
            Kind::Commit
        } else {
            Kind::Other
        }
    }
}

/// Kinds of events, as far as they differ here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// A statement as it was written: Query, Execute_load_query.
    Statement,
    /// The text of a statement whose rows follow: Annotate_rows of MariaDB, Rows_query of MySQL.
    Annotation,
    /// A transaction begins.
    Transaction,
    /// A transaction is committed.
    Commit,
    /// Rows, tables, variables, and what binary logs write about themselves.
    Other,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_events_of_both_families() {
        for (text, kind, thread_id, rest) in [
            (
                "# at 981\n#261123 12:43:25 server id 1  end_log_pos 1012 CRC32 0x0af36503 \tXid = 20\nCOMMIT",
                Kind::Commit,
                None,
                "COMMIT",
            ),
            (
                "#261123  3:03:20 server id 1  end_log_pos 123 CRC32 0x1 \tQuery\tthread_id=8\texec_time=0\terror_code=0\nuse",
                Kind::Statement,
                Some(8),
                "use",
            ),
            (
                "# at 1\n# at 2\n#261123 12:43:29 server id 1  end_log_pos 2313 \tAnnotate_rows:\n#Q> x",
                Kind::Annotation,
                None,
                "#Q> x",
            ),
            (
                "# at 1\n#261123 12:43:29 server id 1  end_log_pos 2313 \tRows_query\n# x",
                Kind::Annotation,
                None,
                "# x",
            ),
            (
                "# at 1\n#261123 12:43:29 server id 1  end_log_pos 5 \tAnonymous_GTID\tlast_committed=0\n",
                Kind::Transaction,
                None,
                "",
            ),
            (
                "# at 1\n#261123 12:43:29 server id 1  end_log_pos 5 \tTable_map: `a`.`b` mapped to number 2\n",
                Kind::Other,
                None,
                "",
            ),
        ] {
            let head = Head::read(text.as_bytes()).expect(text);
            assert_eq!((head.kind(), head.number(b"thread_id=")), (kind, thread_id), "{text}");
            assert_eq!(&text[head.len..], rest);
        }
        for text in
            ["# at 5\n", "# at home\n#261123  3:03:20 server id 1", "### UPDATE\n", "#Q> x\n"]
        {
            assert_eq!(Head::read(text.as_bytes()), None, "{text}");
        }
    }
}
