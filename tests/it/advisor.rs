//! The index advisor: for each kind of index a workload that asks for it, and the same where it would
//! be wrong. Each case is a schema dump, sizes, and statements with their times; what comes out is the
//! final list of indexes to be built.

use querylens::judge::config::JudgeOptions;
use querylens::judge::evidence::Evidence;
use querylens::judge::finding::Verdict;
use querylens::judge::judge;
use querylens::pipeline::{self, Request};
use std::fmt::Write as _;
use std::fs;

/// What is told of the tables, and what ran.
#[derive(Default)]
struct Case {
    ddl: &'static str,
    /// Rows and pages by table.
    sizes: &'static [(&'static str, u64, u64)],
    /// `table.column`: different values, correlation.
    columns: &'static [(&'static str, &'static str, f64, f64)],
    /// Milliseconds, runs, statement.
    ran: &'static [(f64, u32, &'static str)],
    /// Beginnings of the statements that build what is advised.
    advised: &'static [&'static str],
}

fn advised(files: &[(&str, String)], map: Option<&str>) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("a file");
    }
    let mut request = Request::of_paths([folder.path()]);
    request.read.map = map.map(|map| map.parse().expect("a map"));
    let facts = pipeline::run(&request).expect("the case is readable");
    let options = JudgeOptions::default();
    let findings = judge(&Evidence::new(&facts, &options));
    let indexes = findings.iter().flat_map(|finding| &finding.indexes);
    let missing = indexes.filter(|index| index.verdict == Verdict::Missing);
    let mut ddl: Vec<_> = missing.map(|index| index.ddl.clone()).collect();
    ddl.sort();
    ddl
}

impl Case {
    fn of_postgres(&self) -> Vec<String> {
        let mut log = String::new();
        for (ms, runs, sql) in self.ran {
            for run in 0..*runs {
                let second = run % 60;
                writeln!(log, "2026-11-01 10:00:{second:02}.000 UTC [7] app@shop LOG:  duration: {ms}.000 ms  statement: {sql}").expect("text");
            }
        }
        let mut sizes =
            "schemaname,relname,reltuples,relpages,seq_scan,seq_tup_read,idx_scan,n_live_tup\n"
                .to_owned();
        for (table, rows, pages) in self.sizes {
            writeln!(sizes, "public,{table},{rows},{pages},0,0,0,{rows}").expect("text");
        }
        let mut stats =
            "schemaname,tablename,attname,null_frac,avg_width,n_distinct,correlation\n".to_owned();
        for (table, column, distinct, correlation) in self.columns {
            writeln!(stats, "public,{table},{column},0,8,{distinct},{correlation}").expect("text");
        }
        let mut files = vec![
            ("schema.sql", self.ddl.to_owned()),
            ("postgresql.log", log),
            ("sizes.csv", sizes),
        ];
        if !self.columns.is_empty() {
            files.push(("pg_stats.csv", stats));
        }
        advised(&files, None)
    }

    fn of_mysql(&self) -> Vec<String> {
        let mut log = String::new();
        for (ms, runs, sql) in self.ran {
            for run in 0..*runs {
                let seconds = ms / 1000.0;
                writeln!(log, "# Time: 2026-11-01T10:00:{:02}.000000Z\n# User@Host: app[app] @ h []  Id:     7\n# Query_time: {seconds:.6}  Lock_time: 0.000010 Rows_sent: 20  Rows_examined: 100000\nSET timestamp=1793527200;\n{sql};", run % 60).expect("text");
            }
        }
        let mut sizes = "TABLE_SCHEMA\tTABLE_NAME\tENGINE\tTABLE_ROWS\tAVG_ROW_LENGTH\tDATA_LENGTH\tINDEX_LENGTH\n".to_owned();
        for (table, rows, pages) in self.sizes {
            writeln!(sizes, "shop\t{table}\tInnoDB\t{rows}\t100\t{}\t0", pages * 16384)
                .expect("text");
        }
        let dump = format!(
            "-- MySQL dump 10.13  Distrib 8.0.40, for Linux (x86_64)\n--\n-- Host: localhost    Database: shop\n-- ------------------------------------------------------\n{}",
            self.ddl
        );
        let head = "/usr/sbin/mysqld, Version: 8.0.40 (MySQL Community Server - GPL). started with:\nTcp port: 3306  Unix socket: /tmp/mysql.sock\nTime                 Id Command    Argument\n";
        advised(
            &[("schema.sql", dump), ("slow.log", format!("{head}{log}")), ("tables.tsv", sizes)],
            None,
        )
    }

    fn of_sqlite(&self) -> Vec<String> {
        let mut log = "engine,at,ms,sql\n".to_owned();
        for (ms, runs, sql) in self.ran {
            for run in 0..*runs {
                writeln!(log, "sqlite,2026-11-01T10:00:{:02}Z,{ms},\"{sql}\"", run % 60)
                    .expect("text");
            }
        }
        let mut stats = "tbl,idx,stat\n".to_owned();
        for (table, rows, _) in self.sizes {
            writeln!(stats, "{table},,{rows}").expect("text");
        }
        let files =
            [("schema.sql", self.ddl.to_owned()), ("app.csv", log), ("sqlite_stat1.csv", stats)];
        advised(&files, Some("engine=sqlite,time=at,duration_ms=ms,query=sql"))
    }
}

/// Each advised statement begins as the case says, and there are no others.
fn check(name: &str, found: &[String], expected: &[&str]) {
    let is_as_said = found.len() == expected.len()
        && expected.iter().all(|begin| found.iter().any(|ddl| ddl.contains(begin)));
    assert!(is_as_said, "{name}: advised {found:#?}, expected {expected:#?}");
}

const ORDERS: &str = "CREATE TABLE public.orders (id bigint NOT NULL PRIMARY KEY, customer_id bigint NOT NULL, status character varying(20) NOT NULL, total numeric(12,2) NOT NULL, placed_at timestamp with time zone NOT NULL, shipped_at timestamp with time zone, is_open boolean NOT NULL, email character varying(60), payload jsonb, labels text[], words tsvector, note text);\n";
const ORDERS_INDEXED: &str = "CREATE TABLE public.orders (id bigint NOT NULL PRIMARY KEY, customer_id bigint NOT NULL, placed_at timestamp with time zone NOT NULL, total numeric(12,2));\nCREATE INDEX orders_customer_id_idx ON public.orders USING btree (customer_id, placed_at DESC);\n";
const SIZES: &[(&str, u64, u64)] = &[("orders", 2_000_000, 40_000)];
const STATS: &[(&str, &str, f64, f64)] = &[
    ("orders", "customer_id", 100_000.0, 0.01),
    ("orders", "status", 5.0, 0.2),
    ("orders", "placed_at", -0.9, 0.2),
    ("orders", "email", -0.8, 0.0),
    ("orders", "is_open", 2.0, 0.9),
];

#[test]
fn every_kind_is_advised_where_statements_ask_for_it_in_postgresql() {
    let cases: &[(&str, Case)] = &[
        (
            "equality",
            Case {
                ddl: ORDERS,
                sizes: SIZES,
                columns: STATS,
                ran: &[(180.0, 20, "select * from orders where customer_id = 5")],
                advised: &["ON orders (customer_id);"],
            },
        ),
        (
            "equality, then order",
            Case {
                ddl: ORDERS,
                sizes: SIZES,
                columns: STATS,
                ran: &[(
                    180.0,
                    20,
                    "select * from orders where status = 'new' order by placed_at desc limit 20",
                )],
                advised: &["ON orders (status, placed_at DESC);"],
            },
        ),
        (
            "mixed directions",
            Case {
                ddl: ORDERS,
                sizes: SIZES,
                columns: STATS,
                ran: &[(900.0, 20, "select * from orders order by placed_at desc, total limit 20")],
                advised: &["ON orders (placed_at DESC, total);"],
            },
        ),
        (
            "equality, then range",
            Case {
                ddl: ORDERS,
                sizes: SIZES,
                columns: STATS,
                ran: &[(
                    180.0,
                    20,
                    "select * from orders where customer_id = 5 and placed_at between '2026-01-01' and '2026-02-01'",
                )],
                advised: &["ON orders (customer_id"],
            },
        ),
        (
            "what an index already does",
            Case {
                ddl: ORDERS_INDEXED,
                sizes: SIZES,
                columns: STATS,
                ran: &[(
                    180.0,
                    20,
                    "select * from orders where customer_id = 5 order by placed_at desc limit 20",
                )],
                advised: &[],
            },
        ),
        (
            "a small table",
            Case {
                ddl: ORDERS,
                sizes: &[("orders", 300, 6)],
                columns: STATS,
                ran: &[(180.0, 20, "select * from orders where customer_id = 5")],
                advised: &[],
            },
        ),
        (
            "most rows are kept",
            Case {
                ddl: ORDERS,
                sizes: SIZES,
                columns: STATS,
                ran: &[(180.0, 20, "select sum(total * 2), max(note) from orders where is_open")],
                advised: &[],
            },
        ),
        (
            "partial",
            Case {
                ddl: ORDERS,
                sizes: SIZES,
                columns: STATS,
                ran: &[(
                    180.0,
                    20,
                    "select * from orders where shipped_at is null order by placed_at limit 10",
                )],
                advised: &["WHERE shipped_at IS NULL"],
            },
        ),
        (
            "partial, but the constant is hidden",
            Case {
                ddl: ORDERS,
                sizes: SIZES,
                columns: STATS,
                ran: &[(
                    180.0,
                    20,
                    "select * from orders where status = 'new' and customer_id = 7",
                )],
                advised: &["ON orders (customer_id"],
            },
        ),
        (
            "expression",
            Case {
                ddl: ORDERS,
                sizes: SIZES,
                columns: STATS,
                ran: &[(180.0, 20, "select * from orders where lower(email) = 'a@example.com'")],
                advised: &["ON orders ((lower(email)));"],
            },
        ),
        (
            "expression with a constant that is hidden",
            Case {
                ddl: ORDERS,
                sizes: SIZES,
                columns: STATS,
                ran: &[(180.0, 20, "select * from orders where substr(email, 1, 3) = 'abc'")],
                advised: &[],
            },
        ),
        (
            "stored columns",
            Case {
                ddl: ORDERS,
                sizes: SIZES,
                columns: &[("orders", "customer_id", 4000.0, 0.01)],
                ran: &[(180.0, 20, "select sum(total) from orders where customer_id = 5")],
                advised: &["(customer_id) INCLUDE (total);"],
            },
        ),
        (
            "json",
            Case {
                ddl: ORDERS,
                sizes: SIZES,
                columns: STATS,
                ran: &[(180.0, 20, "select * from orders where payload @> '{\"a\": 1}'")],
                advised: &["USING gin (payload);"],
            },
        ),
        (
            "array",
            Case {
                ddl: ORDERS,
                sizes: SIZES,
                columns: STATS,
                ran: &[(180.0, 20, "select * from orders where labels && array['a', 'b']")],
                advised: &["USING gin (labels);"],
            },
        ),
        (
            "words of a text",
            Case {
                ddl: ORDERS,
                sizes: SIZES,
                columns: STATS,
                ran: &[(180.0, 20, "select * from orders where words @@ to_tsquery('a')")],
                advised: &["USING gin (words);"],
            },
        ),
        (
            "rows in order of time",
            Case {
                ddl: ORDERS,
                sizes: &[("orders", 200_000_000, 4_000_000)],
                columns: &[("orders", "placed_at", -1.0, 1.0)],
                ran: &[(
                    18000.0,
                    20,
                    "select * from orders where placed_at between '2026-01-01' and '2026-02-01'",
                )],
                advised: &["USING brin (placed_at);"],
            },
        ),
        (
            "rows in no order of time",
            Case {
                ddl: ORDERS,
                sizes: &[("orders", 200_000_000, 4_000_000)],
                columns: &[("orders", "placed_at", -1.0, 0.1)],
                ran: &[(
                    18000.0,
                    20,
                    "select count(*) from orders where placed_at between '2026-01-01' and '2026-02-01'",
                )],
                advised: &["ON orders (placed_at);"],
            },
        ),
        (
            "one index for several statements",
            Case {
                ddl: ORDERS,
                sizes: SIZES,
                columns: STATS,
                ran: &[
                    (180.0, 20, "select * from orders where customer_id = 5"),
                    (
                        190.0,
                        20,
                        "select * from orders where customer_id = 5 order by placed_at desc limit 5",
                    ),
                ],
                advised: &["ON orders (customer_id"],
            },
        ),
        (
            "a join",
            Case {
                ddl: "CREATE TABLE public.orders (id bigint PRIMARY KEY, customer_id bigint NOT NULL, note text);\nCREATE TABLE public.customers (id bigint PRIMARY KEY, email character varying(60), name text);\nCREATE UNIQUE INDEX customers_email_key ON public.customers (email);\n",
                sizes: &[("orders", 2_000_000, 40_000), ("customers", 100_000, 2_000)],
                columns: &[],
                ran: &[(
                    180.0,
                    20,
                    "select o.note from orders o join customers c on c.id = o.customer_id where c.email = 'a@example.com'",
                )],
                advised: &["ON orders (customer_id);"],
            },
        ),
        (
            "written far more than read",
            Case {
                ddl: ORDERS,
                sizes: SIZES,
                columns: STATS,
                ran: &[
                    (1.0, 20, "select * from orders where customer_id = 5"),
                    (1.0, 3000, "update orders set customer_id = 6, note = 'x' where id = 7"),
                ],
                advised: &[],
            },
        ),
    ];
    for (name, case) in cases {
        check(name, &case.of_postgres(), case.advised);
    }
}

#[test]
fn every_kind_is_advised_where_statements_ask_for_it_in_mysql() {
    const ORDERS: &str = "CREATE TABLE `orders` (\n  `id` bigint NOT NULL AUTO_INCREMENT,\n  `customer_id` bigint NOT NULL,\n  `status` varchar(20) NOT NULL,\n  `email` varchar(60) NOT NULL,\n  `placed_at` datetime NOT NULL,\n  `note` text,\n  PRIMARY KEY (`id`)\n) ENGINE=InnoDB;\n";
    const SIZES: &[(&str, u64, u64)] = &[("orders", 2_000_000, 20_000)];
    let cases: &[(&str, Case)] = &[
        (
            "equality",
            Case {
                ddl: ORDERS,
                sizes: SIZES,
                columns: &[],
                ran: &[(1800.0, 20, "select * from orders where customer_id = 5")],
                advised: &["orders (customer_id)"],
            },
        ),
        (
            "falling order",
            Case {
                ddl: ORDERS,
                sizes: SIZES,
                columns: &[],
                ran: &[(
                    1800.0,
                    20,
                    "select * from orders where customer_id = 5 order by placed_at desc limit 10",
                )],
                advised: &["orders (customer_id, placed_at DESC)"],
            },
        ),
        (
            "functional",
            Case {
                ddl: ORDERS,
                sizes: SIZES,
                columns: &[],
                ran: &[(1800.0, 20, "select * from orders where lower(email) = 'a@example.com'")],
                advised: &["((lower(email)))"],
            },
        ),
        (
            "the primary key",
            Case {
                ddl: ORDERS,
                sizes: SIZES,
                columns: &[],
                ran: &[(1800.0, 20, "select * from orders where id = 5")],
                advised: &[],
            },
        ),
        (
            "a long text",
            Case {
                ddl: ORDERS,
                sizes: SIZES,
                columns: &[],
                ran: &[(1800.0, 20, "select * from orders where note = 'x'")],
                advised: &[],
            },
        ),
    ];
    for (name, case) in cases {
        check(name, &case.of_mysql(), case.advised);
    }
}

#[test]
fn every_kind_is_advised_where_statements_ask_for_it_in_sqlite() {
    const ORDERS: &str = "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, email TEXT, placed_at TEXT NOT NULL, shipped_at TEXT);\n";
    const SIZES: &[(&str, u64, u64)] = &[("orders", 2_000_000, 0)];
    let cases: &[(&str, Case)] = &[
        (
            "equality",
            Case {
                ddl: ORDERS,
                sizes: SIZES,
                columns: &[],
                ran: &[(180.0, 20, "select * from orders where customer_id = 5")],
                advised: &["ON orders (customer_id);"],
            },
        ),
        (
            "partial",
            Case {
                ddl: ORDERS,
                sizes: SIZES,
                columns: &[],
                ran: &[(
                    180.0,
                    20,
                    "select * from orders where shipped_at is null order by placed_at limit 10",
                )],
                advised: &["WHERE shipped_at IS NULL"],
            },
        ),
        (
            "expression",
            Case {
                ddl: ORDERS,
                sizes: SIZES,
                columns: &[],
                ran: &[(180.0, 20, "select * from orders where lower(email) = 'a@example.com'")],
                advised: &["((lower(email)));"],
            },
        ),
        (
            "the row id",
            Case {
                ddl: ORDERS,
                sizes: SIZES,
                columns: &[],
                ran: &[(180.0, 20, "select * from orders where id = 5")],
                advised: &[],
            },
        ),
    ];
    for (name, case) in cases {
        check(name, &case.of_sqlite(), case.advised);
    }
}
