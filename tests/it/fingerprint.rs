//! The fingerprint and the mask against `fixtures/fingerprint/*.txt` and against their laws.
//!
//! A fixture file is named after its dialect and holds blocks with a blank line between them:
//! comments (`# …`), one or more statements (apart by a line `~`, all of one class), and the
//! expected text (`> …`; ` …` at its end stands for a cut statement).

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use querylens::lang::literals::mask_sql;
use querylens::lang::sql::fingerprint::Fingerprinter;
use querylens::lang::sql::lexer::Dialect;

const DIALECTS: [Dialect; 3] = [Dialect::Postgres, Dialect::Mysql, Dialect::Sqlite];

/// Text as shown, raw text, and whether the statement is cut.
fn fingerprint(sql: &[u8], dialect: Dialect) -> (String, Vec<u8>, bool) {
    let mut fingerprinter = Fingerprinter::new(dialect);
    let found = fingerprinter.run(sql);
    (found.display_text(), found.text.to_vec(), found.truncated)
}

fn masked(sql: &[u8], dialect: Dialect) -> String {
    let mut out = String::new();
    mask_sql(sql, dialect, &mut out);
    out
}

/// The statements and expectations of a fixture file.
fn blocks(path: &Path) -> Vec<(Vec<String>, String)> {
    let text = fs::read_to_string(path).expect("a readable fixture");
    let mut found = Vec::new();
    for block in text.split("\n\n") {
        let mut statements = vec![String::new()];
        let mut expected = None;
        for line in block.lines() {
            match line {
                "~" => statements.push(String::new()),
                _ if line.starts_with("# ") && statements == [""] => {}
                _ if line.starts_with("> ") => expected = Some(line[2..].to_owned()),
                _ => {
                    let statement = statements.last_mut().expect("one at least");
                    if !statement.is_empty() {
                        statement.push('\n');
                    }
                    statement.push_str(line);
                }
            }
        }
        if let Some(expected) = expected {
            found.push((statements, expected));
        }
    }
    found
}

fn fixtures() -> Vec<(Dialect, Vec<String>, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/fingerprint");
    let mut found = Vec::new();
    for (name, dialect) in [("postgres", Dialect::Postgres), ("mysql", Dialect::Mysql)] {
        let blocks = blocks(&folder.join(format!("{name}.txt")));
        assert!(blocks.len() >= 20, "{name}: {} blocks", blocks.len());
        found.extend(blocks.into_iter().map(|(statements, text)| (dialect, statements, text)));
    }
    found
}

#[test]
fn statements_have_the_fingerprints_of_the_fixtures() {
    for (dialect, statements, expected) in fixtures() {
        for sql in statements {
            assert_eq!(fingerprint(sql.as_bytes(), dialect).0, expected, "{dialect:?}: {sql}");
        }
    }
}

#[test]
fn fixtures_keep_the_laws() {
    for (dialect, statements, _) in fixtures() {
        for sql in statements {
            check_laws(sql.as_bytes(), dialect);
        }
    }
}

#[test]
fn a_fingerprinter_that_has_learned_agrees_with_a_fresh_one() {
    for dialect in [Dialect::Postgres, Dialect::Mysql] {
        let mut learned = Fingerprinter::new(dialect);
        let cases = fixtures();
        for number in 0..6 {
            for (_, statements, _) in cases.iter().filter(|case| case.0 == dialect) {
                for sql in statements {
                    // Other values and other lengths: the shapes of the literals stay.
                    let sql = sql.replace('1', &"9".repeat(number + 1)).replace("'x'", "'%it''s'");
                    let mut fresh = Fingerprinter::new(dialect);
                    let expected = fresh.run(sql.as_bytes());
                    let found = learned.run(sql.as_bytes());
                    assert_eq!(
                        (found.text, found.truncated, found.facts, found.comments()),
                        (expected.text, expected.truncated, expected.facts, expected.comments()),
                        "{sql}"
                    );
                }
            }
        }
    }
}

#[test]
fn facts_say_what_the_literals_were() {
    let facts = |sql: &str, dialect| Fingerprinter::new(dialect).run(sql.as_bytes()).facts;
    let postgres = facts(
        "select * from t where a in (1, 2, 3) and b in ($1, $2) and c = any(array[1, 2, 3, 4]) \
         and d like '%x' and e ilike 'x%' and f similar to '_y' and g ~~ '%' and h like $3 and i like lower('%y') \
         limit 10 offset 2000",
        Dialect::Postgres,
    );
    assert_eq!((postgres.max_list, postgres.max_limit, postgres.max_offset), (4, 10, 2000));
    assert_eq!((postgres.leading_wildcards, postgres.anchored_likes), (3, 1));
    assert_eq!((postgres.literals, postgres.parameters), (14, 3));
    let rows = facts("insert into t values (1, 2), (3, 4), (now(), 5)", Dialect::Postgres);
    assert_eq!((rows.max_values_rows, rows.max_list), (3, 0));
    let fetch = facts("select 1 offset 5 fetch next 7 rows only", Dialect::Postgres);
    assert_eq!((fetch.max_offset, fetch.max_limit), (5, 7));
    let mysql = facts("select 1 from t limit 30, 10", Dialect::Mysql);
    assert_eq!((mysql.max_offset, mysql.max_limit), (30, 10));

    let hash = |sql: &str| facts(sql, Dialect::Postgres).literal_hash;
    assert_eq!(hash("select 1, 'a'"), hash("select  1 , 'a' -- x"));
    assert_ne!(hash("select 1, 'a'"), hash("select 'a', 1"));
    assert_ne!(hash("select 1, null"), hash("select 1, true"));

    let mut sum = postgres;
    sum.merge(&rows);
    assert_eq!((sum.max_list, sum.max_values_rows, sum.literals), (4, 3, 19));
}

#[test]
fn long_lists_and_deep_nesting_take_linear_time() {
    let list = "1,".repeat(200_000);
    let cases = [
        (format!("select * from t where a in ({list}1)"), "select * from t where a in (?)"),
        (
            format!("insert into t values {}(1,'x')", "(1,'x'),".repeat(100_000)),
            "insert into t values (?)",
        ),
        (format!("select {}1{}", "(".repeat(900), ")".repeat(900)), "select ?"),
    ];
    for (sql, expected) in cases {
        assert_eq!(fingerprint(sql.as_bytes(), Dialect::Postgres).0, expected);
    }
    for hostile in ["(", "[", "x::a(", "in (", "$a$ ", "'", "select a b,", "case(", "-", "cast("] {
        let sql = hostile.repeat(50_000);
        for dialect in DIALECTS {
            fingerprint(sql.as_bytes(), dialect);
            masked(sql.as_bytes(), dialect);
        }
    }
}

#[test]
fn long_text_is_shown_cut_and_its_id_covers_all() {
    let long = |last: &str| format!("select {}{last} from t", "größe, ".repeat(4000));
    let mut one = Fingerprinter::new(Dialect::Postgres);
    let mut other = Fingerprinter::new(Dialect::Postgres);
    let (a, b) = (long("a"), long("b"));
    let (a, b) = (one.run(a.as_bytes()), other.run(b.as_bytes()));
    assert_eq!(a.display_text(), b.display_text());
    assert!(a.display_text().ends_with('…') && a.display_text().len() <= 16 * 1024 + 3);
    assert_ne!(a.id("postgres"), b.id("postgres"));
}

/// Idempotence, and that the masked statement has the fingerprint of the whole one.
fn check_laws(sql: &[u8], dialect: Dialect) {
    let (_, text, truncated) = fingerprint(sql, dialect);
    if truncated {
        return;
    }
    let shown = String::from_utf8_lossy;
    let (_, again, _) = fingerprint(&text, dialect);
    assert_eq!(shown(&again), shown(&text), "again, {dialect:?}: {}", shown(sql));
    if std::str::from_utf8(sql).is_ok() {
        let mask = masked(sql, dialect);
        let (_, of_mask, _) = fingerprint(mask.as_bytes(), dialect);
        assert_eq!(shown(&of_mask), shown(&text), "{dialect:?}: {} as {mask}", shown(sql));
    }
}

/// Expressions, conditions and statements that hold together.
fn operand() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "1",
        "-5",
        "'x'",
        "null",
        "true",
        "a",
        "t.b",
        "\"C\"",
        "$1",
        "count(*)",
        "1.5e3",
        "cast('1' as int)",
        "cast(a as int)",
        "f(1, a)",
        "lower('x')",
        "current_date",
        "orders_1",
    ]);
    leaf.prop_map(str::to_owned).prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            (inner.clone(), prop::sample::select(vec!["+", "-", "*", "||"]), inner.clone())
                .prop_map(|(a, op, b)| format!("{a} {op} {b}")),
            inner.clone().prop_map(|a| format!("({a})")),
            inner.clone().prop_map(|a| format!("- {a}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("coalesce({a},{b})")),
            (inner.clone(), inner.clone())
                .prop_map(|(a, b)| format!("case when {a} = {b} then {a} else {b} end")),
            (inner.clone(), inner)
                .prop_map(|(a, b)| format!("(select {a} x from u v where {b} > 1)")),
        ]
    })
}

fn condition() -> impl Strategy<Value = String> {
    let list = prop::collection::vec(operand(), 1..5).prop_map(|items| items.join(", "));
    prop_oneof![
        (operand(), prop::sample::select(vec!["=", "<>", "!=", "<=", "like"]), operand())
            .prop_map(|(a, op, b)| format!("{a} {op} {b}")),
        (operand(), list).prop_map(|(a, items)| format!("{a} in ({items})")),
        operand().prop_map(|a| format!("{a} is not null")),
        (operand(), operand()).prop_map(|(a, b)| format!("{a} between {b} and 9")),
    ]
}

fn statement() -> impl Strategy<Value = String> {
    let columns = prop::collection::vec(
        (operand(), prop::sample::select(vec!["", " x", " as y", " \"Z\""])),
        1..4,
    )
    .prop_map(|items| {
        let items: Vec<String> = items.iter().map(|(item, name)| format!("{item}{name}")).collect();
        items.join(" , ")
    });
    let rows = prop::collection::vec(prop::collection::vec(operand(), 2), 1..4).prop_map(|rows| {
        let rows: Vec<String> = rows.iter().map(|row| format!("({})", row.join(","))).collect();
        rows.join(", ")
    });
    let tail = prop::sample::select(vec!["", " limit 5", " order by 1 asc", ";", " -- end"]);
    prop_oneof![
        (columns, condition(), tail.clone()).prop_map(|(list, test, tail)| format!(
            "SELECT {list} FROM t1 a JOIN t2 AS b ON {test} WHERE {test}{tail}"
        )),
        (rows, tail).prop_map(|(rows, tail)| format!("insert into t(a, b) VALUES {rows}{tail}")),
        (operand(), condition())
            .prop_map(|(a, test)| format!("update t as x set a = {a} where {test}")),
        condition().prop_map(|test| format!("delete from t using u v where {test}")),
    ]
}

proptest! {
    #[test]
    fn statements_keep_the_laws(sql in statement()) {
        for dialect in DIALECTS {
            check_laws(sql.as_bytes(), dialect);
        }
    }

    #[test]
    fn any_bytes_have_a_fingerprint_of_one_line(sql in prop::collection::vec(any::<u8>(), 0..200)) {
        for dialect in DIALECTS {
            let (shown, text, _) = fingerprint(&sql, dialect);
            prop_assert!(!shown.chars().any(char::is_control));
            prop_assert!(!text.iter().any(|byte| *byte < b' ' || *byte == 0x7f));
            let mask = masked(&sql, dialect);
            prop_assert!(!mask.chars().any(|c| c.is_control() && c != '\n' && c != '\t'));
        }
    }

    #[test]
    fn any_tokens_have_a_fingerprint(
        tokens in prop::collection::vec(prop::sample::select(vec![
            "select", "from", "in", "(", ")", "[", "]", ",", "as", "1", "'x'", "values", "cast", "array",
            "::", "-", "set", "fetch", "prepare", "interval", "timestamp", "with", "a", ".", ";", "$1",
            "`", "\"", "/*", "*/", "$$", "{ts", "}", "nulls", "at", "time", "?", ":", "row", "limit",
        ]), 0..40)
    ) {
        let sql = tokens.join(" ");
        for dialect in DIALECTS {
            fingerprint(sql.as_bytes(), dialect);
            masked(sql.as_bytes(), dialect);
        }
    }

    #[test]
    fn planted_secrets_are_in_no_output(
        template in prop::sample::select(vec![
            "select * from t where a = {}", "insert into t values ({}, {})", "alter role x password {}",
            "create user x identified by {}", "set x = {}", "select {}::text, date {}", "-- {}\nselect 1",
            "select /* {} */ 1", "a in ({}, {}) and b like {}", "select {", "execute p({})", "comment on t is {}",
        ]),
        quote in prop::sample::select(vec![("'", "'"), ("E'", "'"), ("$$", "$$"), ("$q$", "$q$"), ("U&'", "'"), ("'it''s ", "'")]),
        cut in any::<prop::sample::Index>(),
    ) {
        let secret = "hunter2secret";
        let sql = template.replace("{}", &format!("{}{secret}{}", quote.0, quote.1));
        // Cut anywhere, as a log may be.
        let whole = sql.as_bytes();
        for sql in [whole, &whole[..cut.index(whole.len() + 1)]] {
            let (shown, _, _) = fingerprint(sql, Dialect::Postgres);
            prop_assert!(!shown.contains("hunter"), "{shown}");
            let mask = masked(sql, Dialect::Postgres);
            prop_assert!(!mask.contains("hunter"), "{mask}");
        }
    }

    #[test]
    fn planted_secrets_are_in_no_output_of_mysql(
        template in prop::sample::select(vec![
            "select * from t where a = {}", "create user {}@{} identified by {}", "set password for x@y = {}",
            "alter user x identified with mysql_native_password as {}", "set @x = {}, password = {}",
            "change master to master_password={}, master_user = {}", "identified by password {}", "select 1 # {}",
            "select /*!40001 {} */ 1", "select /*+ x({}) */ 1", "/*!50000 select {}", "select 1 -- {}\r{}\n",
            "grant all on *.* to a@{} identified by {}", "select _latin1 {}, N{}, x{}", "call p({}, @{})",
        ]),
        quote in prop::sample::select(vec![("'", "'"), ("\"", "\""), ("'a\\'", "'"), ("'it''s ", "'"), ("'a' \"", "\"")]),
        cut in any::<prop::sample::Index>(),
    ) {
        let secret = "hunter2secret";
        let sql = template.replace("{}", &format!("{}{secret}{}", quote.0, quote.1));
        let whole = sql.as_bytes();
        for sql in [whole, &whole[..cut.index(whole.len() + 1)]] {
            let (shown, _, _) = fingerprint(sql, Dialect::Mysql);
            prop_assert!(!shown.contains("hunter"), "{shown}");
            let mask = masked(sql, Dialect::Mysql);
            prop_assert!(!mask.contains("hunter"), "{mask}");
        }
    }
}
