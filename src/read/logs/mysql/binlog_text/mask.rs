//! Events without literals: heads, databases and times stay, statements go through their lexer, rows
//! and their images are withheld.

use super::body::{annotation, statements, timestamp};
use super::head::{Head, Kind};
use crate::lang::literals::mask_sql;
use crate::lang::sql::lexer::Dialect;
use crate::read::logs::mask::{Masker, WITHHELD};
use crate::read::logs::mysql::names::used_database;

/// Masks events.
pub(super) struct EventMasker;

impl Masker for EventMasker {
    fn mask(&mut self, text: &[u8], out: &mut String) {
        let Some(head) = Head::read(text) else { return mask_beginning(text, out) };
        let (start, body) = text.split_at(head.len.min(text.len()));
        out.push_str(&String::from_utf8_lossy(start));
        if head.kind() == Kind::Annotation {
            let mut masked = String::new();
            mask_sql(&annotation(body), Dialect::Mysql, &mut masked);
            for line in masked.lines() {
                out.push_str("#Q> ");
                out.push_str(line);
                out.push('\n');
            }
        }
        let whole = statements(body).filter(|statement| statement.is_whole);
        for statement in whole.map(|statement| statement.text) {
            if statement.starts_with(b"BINLOG ") {
                out.push_str(&format!("BINLOG '{WITHHELD}'"));
            } else if timestamp(statement).is_some() || used_database(statement).is_some() {
                out.push_str(&String::from_utf8_lossy(statement));
            } else {
                mask_sql(statement, Dialect::Mysql, out);
            }
            out.push_str("\n/*!*/;\n");
        }
        if body.starts_with(b"### ") || memchr::memmem::find(body, b"\n### ").is_some() {
            out.push_str(&format!("### {WITHHELD}\n"));
        }
    }
}

/// What stands before the first event holds nobody's values; anything else is withheld.
fn mask_beginning(text: &[u8], out: &mut String) {
    for line in text.split(|b| *b == b'\n').map(<[u8]>::trim_ascii_end).filter(|l| !l.is_empty()) {
        match is_beginning(line) {
            true => out.push_str(&String::from_utf8_lossy(line)),
            false => out.push_str(WITHHELD),
        }
        out.push('\n');
    }
}

/// Whether mysqlbinlog writes a line before the first event.
pub(super) fn is_beginning(line: &[u8]) -> bool {
    let line = line.trim_ascii_end();
    // MySQL 8.0.26 and later explain why they write the old name.
    let explains = [&b"# The proper term is "[..], b"# to make the statement usable "];
    explains.iter().any(|start| line.starts_with(start))
        || line == b"DELIMITER /*!*/;"
        || line.starts_with(b"/*!") && line.ends_with(b"*/;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_lose_their_values() {
        let head =
            |kind: &str| format!("# at 4\n#261123 12:43:25 server id 1  end_log_pos 5 \t{kind}\n");
        let query = head("Query\tthread_id=9\texec_time=0\terror_code=0");
        for (event, masked) in [
            (
                format!(
                    "{query}use `shop`/*!*/;\nSET TIMESTAMP=1795437805/*!*/;\nupdate t set a='hush',\n b=5\n/*!*/;\n"
                ),
                format!(
                    "{query}use `shop`\n/*!*/;\nSET TIMESTAMP=1795437805\n/*!*/;\nupdate t set a='?',\n b=?\n/*!*/;\n"
                ),
            ),
            (
                format!("{}#Q> delete from t\n#Q> where a='hush'\n", head("Annotate_rows:")),
                format!("{}#Q> delete from t\n#Q> where a='?'\n", head("Annotate_rows:")),
            ),
            (
                format!(
                    "{}\nBINLOG '\nhush\n'/*!*/;\n### INSERT INTO `s`.`t`\n###   @1='hush'\n",
                    head("Write_rows: table id 20")
                ),
                format!("{}BINLOG '…'\n/*!*/;\n### …\n", head("Write_rows: table id 20")),
            ),
            (
                "/*!50530 SET @@SESSION.PSEUDO_SLAVE_MODE=1*/;\nhush\n".into(),
                "/*!50530 SET @@SESSION.PSEUDO_SLAVE_MODE=1*/;\n…\n".into(),
            ),
        ] {
            let mut out = String::new();
            EventMasker.mask(event.as_bytes(), &mut out);
            assert_eq!(out, masked);
        }
    }
}
