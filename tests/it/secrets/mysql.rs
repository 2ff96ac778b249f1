//! Logs of MySQL, MariaDB and TiDB with the forms in which they hold passwords, hosts and values.

use super::{NUMBER, WORD};

/// Every format: a file name, the log, and what is left of it without literals.
pub fn logs() -> Vec<(&'static str, String, &'static [&'static str])> {
    const SQL: &[&str] =
        &["SELECT * FROM users WHERE email", "CHANGE MASTER TO", "LOAD DATA INFILE"];
    vec![
        ("slow.log", slow(), &["SELECT * FROM users WHERE email", "/*!40001", "# Query_time:"]),
        (
            "slow-mariadb.log",
            slow_mariadb(),
            &["# explain: id", "select a from t", "# Thread_id: 4"],
        ),
        ("slow-tidb.log", slow_tidb(), &["# Conn_ID: 3", "insert into t"]),
        ("general.log", general(), SQL),
        ("general-old.log", general_old(), SQL),
        ("table.tsv", table_tsv(), SQL),
        ("table.txt", table_vertical(), SQL),
        ("table.csv", table_csv(), SQL),
        ("binlog.sql", binlog(), SQL),
        ("db1.err", error_log(), &["WE ROLL BACK", "update users", "Access denied"]),
        ("db1.json", error_json(), &["Access denied for user", "10926"]),
    ]
}

fn statements() -> Vec<String> {
    vec![
        format!("SELECT * FROM users WHERE email = '{WORD}' AND card = {NUMBER}"),
        format!("SELECT \"{WORD}\", 'a\\'{WORD}', _utf8mb4'{WORD}', N'{WORD}', 'a' \"{WORD}\""),
        format!("SELECT 1 /* {WORD} */ /*+ NAME({WORD}) */ # {WORD} {NUMBER}"),
        format!("SELECT 1 -- {WORD}\r{WORD}"),
        format!("SELECT /*!40001 '{WORD}' + {NUMBER}, */ 1, x'{NUMBER}'"),
        format!("CREATE USER 'bob'@'{WORD}' IDENTIFIED BY '{WORD}'"),
        format!("CREATE USER bob IDENTIFIED BY PASSWORD '*{WORD}'"),
        format!("ALTER USER 'bob'@'%' IDENTIFIED WITH mysql_native_password AS '*{WORD}'"),
        format!("SET PASSWORD FOR 'bob'@'%' = PASSWORD('{WORD}')"),
        format!("SET @token = '{WORD}', @n := {NUMBER}"),
        format!("CHANGE MASTER TO MASTER_PASSWORD='{WORD}', MASTER_LOG_POS={NUMBER}"),
        format!("GRANT ALL ON *.* TO 'bob'@\"{WORD}\" IDENTIFIED BY '{WORD}'"),
        format!("INSERT INTO t VALUES ('{WORD}', {NUMBER}), ('{WORD}', -{NUMBER}.5)"),
        format!("CALL p('{WORD}', {NUMBER})"),
        format!("LOAD DATA INFILE '/home/{WORD}/x.csv' INTO TABLE t"),
        format!("PREPARE s FROM 'select ''{WORD}'''"),
        format!("SELECT '{WORD} and no end"),
    ]
}

/// What servers write first.
const BANNER: &str = "/usr/sbin/mysqld, Version: 8.0.46 (MySQL Community Server - GPL). started with:\n\
    Tcp port: 3306  Unix socket: /run/mysqld/mysqld.sock\n\
    Time                 Id Command    Argument\n";

fn log_of(begin: &str, record: impl Fn(usize, &str) -> String) -> String {
    let records = statements();
    let records = records.iter().enumerate().map(|(second, sql)| record(second, sql));
    std::iter::once(begin.to_owned()).chain(records).collect()
}

fn slow() -> String {
    log_of(BANNER, |second, sql| {
        format!(
            "# Time: 2026-11-23T10:00:{second:02}.000000Z\n\
             # User@Host: app[app] @ localhost []  Id:     8\n\
             # Query_time: 0.600000  Lock_time: 0.000000 Rows_sent: 1  Rows_examined: 1\n\
             SET timestamp=1795428000;\n{sql};\n"
        )
    })
}

fn slow_mariadb() -> String {
    format!(
        "# Time: 261123  2:58:35\n\
         # User@Host: root[root] @ localhost [127.0.0.1]\n\
         # Thread_id: 4  Schema: shop  QC_hit: No\n\
         # Query_time: 0.900000  Lock_time: 0.000033  Rows_sent: 0  Rows_examined: 9\n\
         # Rows_affected: 0  Bytes_sent: 11\n\
         #\n\
         # explain: id\tselect_type\ttable\ttype\tpossible_keys\tkey\tkey_len\tref\trows\tr_rows\tfiltered\tr_filtered\tExtra\n\
         # explain: 1\tSIMPLE\tt\tALL\tNULL\tNULL\tNULL\tNULL\t9\t9.00\t100.00\t1.00\tUsing where\n\
         #\n\
         # Warnings\n\
         # Warning 1292 Truncated incorrect DOUBLE value: '{WORD}'\n\
         # Warning 1366 Incorrect integer value: '{NUMBER}' for column `shop`.`t`.`a` at row 1\n\
         SET timestamp=1795402715;\n\
         select a from t where a = '{WORD}';\n"
    )
}

fn slow_tidb() -> String {
    format!(
        "# Time: 2019-08-14T09:26:59.487776265+08:00\n\
         # Txn_start_ts: 410450924122144769\n\
         # User@Host: root[root] @ 10.0.0.7 [10.0.0.7]\n\
         # Conn_ID: 3\n\
         # Query_time: 1.527627037\n\
         # DB: test\n\
         # Prev_stmt: update t set a = '{WORD}' where b = {NUMBER};\n\
         # Warnings: [{{\"Level\":\"Warning\",\"Message\":\"Truncated '{WORD}'\"}}]\n\
         # Plan: | id | range: [\"{WORD}\",\"{WORD}\"], eq(t.a, {NUMBER}) |\n\
         use test;\n\
         insert into t select * from t where name = '{WORD}';\n"
    )
}

fn general() -> String {
    log_of(BANNER, |second, sql| {
        let stamp = format!("2026-11-23T10:00:{second:02}.000000Z");
        format!(
            "{stamp}\t    8 Query\t{sql}\n{stamp}\t    8 Prepare\t{sql}\n{stamp}\t    8 Execute\t{sql}\n"
        )
    })
}

fn general_old() -> String {
    log_of(BANNER, |second, sql| format!("261123 10:00:{second:02}\t    8 Query\t{sql}\n"))
}

const COLUMNS: [&str; 12] = [
    "start_time",
    "user_host",
    "query_time",
    "lock_time",
    "rows_sent",
    "rows_examined",
    "db",
    "last_insert_id",
    "insert_id",
    "server_id",
    "sql_text",
    "thread_id",
];

fn row(second: usize, sql: &str) -> [String; 12] {
    let values = [
        "app[app] @ localhost []",
        "00:00:00.600000",
        "00:00:00.000000",
        "1",
        "1",
        "shop",
        "0",
        "0",
        "1",
        sql,
        "8",
    ];
    let mut row = values.iter().map(|value| (*value).to_owned());
    std::array::from_fn(|column| match column {
        0 => format!("2026-11-23 10:00:{second:02}.000000"),
        _ => row.next().unwrap_or_default(),
    })
}

fn table_tsv() -> String {
    log_of(&(COLUMNS.join("\t") + "\n"), |second, sql| {
        let sql = sql.replace('\\', "\\\\").replace('\r', "\\r");
        row(second, &sql).join("\t") + "\n"
    })
}

fn table_csv() -> String {
    log_of(&(COLUMNS.join(",") + "\n"), |second, sql| {
        let quoted = row(second, sql).map(|value| format!("\"{}\"", value.replace('"', "\"\"")));
        quoted.join(",") + "\n"
    })
}

fn table_vertical() -> String {
    log_of("", |second, sql| {
        let mut text = format!(
            "*************************** {}. row ***************************\n",
            second + 1
        );
        for (column, value) in COLUMNS.iter().zip(row(second, sql)) {
            text += &format!("{column:>14}: {value}\n");
        }
        text
    })
}

fn binlog() -> String {
    log_of("/*!50530 SET @@SESSION.PSEUDO_SLAVE_MODE=1*/;\nDELIMITER /*!*/;\n", |second, sql| {
        format!(
            "# at {}\n#261123 10:00:{second:02} server id 1  end_log_pos 465 CRC32 0xcafb8b63 \tQuery\tthread_id=5\texec_time=1\terror_code=0\txid=0\n\
             use shop/*!*/;\nSET TIMESTAMP={}/*!*/;\n{sql}\n/*!*/;\n",
            364 + second,
            1_795_428_000 + second
        )
    })
}

fn error_log() -> String {
    let mut log = format!(
        "2026-11-23T10:00:00.000000Z 0 [System] [MY-010931] [Server] /usr/sbin/mysqld: ready for connections. Version: '8.0.46'  socket: ''  port: 3306  MySQL Community Server - GPL.\n\
         2026-11-23T10:00:01.000000Z 10 [Note] [MY-010926] [Server] Access denied for user 'app'@'10.0.0.7' (using password: YES)\n\
         2026-11-23T10:00:02.000000Z 11 [ERROR] [MY-010584] [Repl] Slave SQL: Error 'Duplicate entry '{WORD}-{NUMBER}' for key 't.a'' on query. Default database: 'shop'. Query: 'insert into t values ('{WORD}', {NUMBER})', Error_code: MY-001062\n\
         2026-11-23T10:00:03.000000Z 12 [Warning] [MY-010000] [Server] Unsafe statement written to the binary log using statement format since BINLOG_FORMAT = STATEMENT. It uses a LIMIT clause. Statement: delete from t where a = '{WORD}' limit 5\n\
         2026-11-23T10:00:04.000000Z 13 [ERROR] [MY-011111] [Server] what is this: \"{WORD}\" of {NUMBER} '{WORD}'\n\
         {WORD} {NUMBER}: a line of nobody\n"
    );
    log += "2026-11-23T10:00:05.000000Z 37 [Note] [MY-012468] [InnoDB] Transactions deadlock detected, dumping detailed information.\n";
    for number in 1..3 {
        log += &format!(
            "2026-11-23T10:00:05.000010Z 37 [Note] [MY-012469] [InnoDB] *** ({number}) TRANSACTION:\n\n\
             TRANSACTION 515{number}, ACTIVE 1 sec starting index read\n\
             mysql tables in use 1, locked 1\n\
             LOCK WAIT 3 lock struct(s), heap size 1136, 2 row lock(s), undo log entries 1\n\
             MySQL thread id 3{number}, OS thread handle 140547908335360, query id 14232 localhost app updating\n\
             update users set note = '{WORD}' where card = {NUMBER}\n\
             2026-11-23T10:00:05.000020Z 37 [Note] [MY-012469] [InnoDB] *** ({number}) WAITING FOR THIS LOCK TO BE GRANTED:\n\n\
             RECORD LOCKS space id 24 page no 6 n bits 304 index PRIMARY of table `shop`.`users` trx id 515{number} lock_mode X locks rec but not gap waiting\n\
             Record lock, heap no 2 PHYSICAL RECORD: n_fields 3; compact format; info bits 0\n \
             0: len 13; hex 68756e746572327365637265; asc {WORD};;\n"
        );
    }
    log + "2026-11-23T10:00:05.000030Z 37 [Note] [MY-012469] [InnoDB] *** WE ROLL BACK TRANSACTION (1)\n"
}

fn error_json() -> String {
    let messages = [
        "Access denied for user 'app'@'10.0.0.7' (using password: YES)".to_owned(),
        format!("what is this: \"{WORD}\" of {NUMBER} '{WORD}'"),
    ];
    let lines = messages.iter().enumerate().map(|(second, message)| {
        let object = serde_json::json!({
            "prio": 1, "err_code": 10926, "source_line": 1, "source_file": "a.cc", "function": "f",
            "msg": message, "time": format!("2026-11-23T10:00:{second:02}.000000Z"),
            "ts": 1_795_428_000_000_u64, "thread": 8, "err_symbol": "ER_X", "SQL_state": "HY000",
            "subsystem": "Server", "label": "Error", "surprise": WORD,
        });
        format!("{object}\n")
    });
    lines.collect()
}
