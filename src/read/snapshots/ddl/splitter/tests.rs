//! Statements and where they end, however the text is cut.

use super::*;

fn pieces(text: &str, dialect: Dialect, by: usize) -> Vec<(What, String)> {
    let (mut out, mut begin, mut told) = (Vec::<(What, String)>::new(), 0, Box::default());
    let mut size = by;
    // As chunks are: more is shown until something can be cut off.
    while begin < text.len() {
        let end = (begin + size).min(text.len());
        let eof = end == text.len();
        let shown = &text.as_bytes()[begin..end];
        let mut splitter = Splitter::at(dialect, &told);
        let mut at = 0;
        while let Some(piece) = splitter.step(shown, at, eof) {
            assert!(piece.next > at, "{text}");
            let bytes = String::from_utf8_lossy(&shown[piece.text]).into_owned();
            out.push((piece.what, bytes));
            at = piece.next;
        }
        if eof {
            break;
        }
        size = if at == 0 { size * 2 } else { by };
        begin += at;
        told = splitter.told();
    }
    out.retain(|(what, _)| matches!(what, What::Statement | What::Open));
    out
}

#[test]
fn statements_end_outside_of_everything_else() {
    use Dialect::{Mysql, Postgres, Sqlite};
    let cases: &[(Dialect, &str, &[&str])] = &[
        (
            Postgres,
            "\\restrict abc;'\nCREATE TABLE a (b text DEFAULT ';');\n--;'\nCREATE INDEX i ON a (b)",
            &["CREATE TABLE a (b text DEFAULT ';')", "CREATE INDEX i ON a (b)"],
        ),
        (
            Postgres,
            "COPY public.t (a) FROM stdin;\nCREATE TABLE no (a);\n\\.x\n'\n\\.\n\nDROP TABLE t;",
            &["DROP TABLE t"],
        ),
        (
            Postgres,
            "CREATE FUNCTION f() RETURNS int AS $_$ DROP TABLE a; $_$ LANGUAGE sql;DROP TABLE b;",
            &["DROP TABLE b"],
        ),
        (
            Postgres,
            "DO $$ BEGIN; DROP TABLE a; END $$; INSERT INTO a VALUES (E'\\';', '\\', 'it''s;'); DROP TABLE b",
            &["DROP TABLE b"],
        ),
        (
            Postgres,
            "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END; DROP TABLE b;",
            &["DROP TABLE b"],
        ),
        (Postgres, "/* /* ; */ ; */ DROP TABLE /* ; /*;*/ */ b;", &["DROP TABLE /* ; /*;*/ */ b"]),
        (
            Mysql,
            "/*M!999999\\- enable; */ \n/*!40101 SET a='it' */;\nINSERT INTO t VALUES (1,'\\';','a\"'),(2,\"x';\");\nDROP TABLE `;a`;",
            &["DROP TABLE `;a`"],
        ),
        (
            Mysql,
            "DELIMITER ;;\nCREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW BEGIN DROP TABLE a; END ;;\nDELIMITER ;\nDROP TABLE b;# it's\n",
            &["DROP TABLE b"],
        ),
        (
            Mysql,
            "/*!50001 CREATE VIEW `v` AS SELECT 1 AS `a`*/;\nALTER TABLE t ADD c int;",
            &["/*!50001 CREATE VIEW `v` AS SELECT 1 AS `a`*/", "ALTER TABLE t ADD c int"],
        ),
        (
            Sqlite,
            "PRAGMA foreign_keys=OFF;\nCREATE TRIGGER x AFTER INSERT ON t BEGIN UPDATE t SET a = CASE WHEN 1 THEN 2 END; END;\nCREATE TABLE [a;b] (c);",
            &["CREATE TABLE [a;b] (c)"],
        ),
        (
            Sqlite,
            "INSERT INTO t VALUES('it''s;',-1);INSERT INTO sqlite_stat1 VALUES('t',NULL,'5');",
            &["INSERT INTO sqlite_stat1 VALUES('t',NULL,'5')"],
        ),
    ];
    for (dialect, text, expected) in cases {
        for by in [1, 2, 3, 7, 40, 300, 5000] {
            let got = pieces(text, *dialect, by);
            let got: Vec<_> = got.iter().map(|(_, text)| text.as_str()).collect();
            assert_eq!(got, *expected, "{text} by {by}");
        }
    }
}

#[test]
fn what_is_too_long_is_passed_over_wherever_it_is_cut() {
    let body = "a int, ".repeat(STATEMENT_MAX_BYTES / 7 + 2);
    let text = format!("CREATE TABLE t ({body} b int);DROP TABLE u;");
    for by in [1 << 16, 1 << 22, 1 << 24] {
        let got = pieces(&text, Dialect::Postgres, by);
        assert_eq!(got, [(What::Statement, "DROP TABLE u".to_owned())]);
    }
}
