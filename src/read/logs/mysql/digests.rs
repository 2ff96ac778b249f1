//! What other programs make of MySQL's logs: they are often at hand where the log is asked for, and
//! are no logs. In: the beginning of a text that no format fits. Out: which program wrote it.

use memchr::memmem;

/// Lines that are looked at.
const LINES_MAX: usize = 400;

/// The program whose report this is.
pub fn writer_of(text: &[u8]) -> Option<&'static str> {
    let holds = |line: &[u8], what: &str| memmem::find(line, what.as_bytes()).is_some();
    let mut lines = text.split(|b| *b == b'\n').take(LINES_MAX);
    lines.find_map(|line| {
        let is_digest = line.starts_with(b"# Overall: ") && holds(line, " unique, ")
            || line.starts_with(b"# Query ") && holds(line, " QPS, ")
            || line.starts_with(b"# Rank Query ID ")
            || holds(line, "\"distillate\":") && holds(line, "\"fingerprint\":");
        let is_dump = line.starts_with(b"Count: ") && holds(line, "  Time=");
        match (is_digest, is_dump) {
            (true, _) => Some("pt-query-digest"),
            (_, true) => Some("mysqldumpslow"),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_reports_by_a_line() {
        for (text, writer) in [
            (
                "\n# 450ms user time\n# Overall: 8.72k total, 74 unique, 0.00 QPS, 0.00x concurrency ___\n",
                Some("pt-query-digest"),
            ),
            (
                "# Query 1: 0 QPS, 0x concurrency, ID 0x42A778010871C772 at byte 5 ____\n",
                Some("pt-query-digest"),
            ),
            (
                "# Rank Query ID                            Response time Calls R/Call V/M\n",
                Some("pt-query-digest"),
            ),
            (
                "{\"classes\":[{\"distillate\":\"SELECT t\",\"fingerprint\":\"select ?\"}]}",
                Some("pt-query-digest"),
            ),
            (
                "\nReading mysql slow query log from x\nCount: 2  Time=0.51s (1s)  Lock=0.00s (0s)  Rows=1.0 (2), a[a]@h\n",
                Some("mysqldumpslow"),
            ),
            ("# Query_time: 1  Lock_time: 0\nselect 1;\n", None),
            ("Count: 3\n", None),
        ] {
            assert_eq!(writer_of(text.as_bytes()), writer, "{text}");
        }
    }
}
