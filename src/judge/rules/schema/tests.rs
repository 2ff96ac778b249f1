//! Schema rules over catalogs that are made in code.

use super::*;
use crate::judge::rules::sample::{Build, Sample};
use crate::model::catalog::{ConstraintKind, Identity, TableName};
use crate::model::event::Engine;

#[test]
fn words_of_names_and_parts_of_types() {
    for (name, words) in [
        ("is_paid", &["is", "paid"][..]),
        ("isPaid", &["is", "paid"]),
        ("HTTPCode2", &["httpcode2"]),
        ("__a--b", &["a", "b"]),
        ("", &[]),
    ] {
        assert_eq!(name_words(name), words, "{name}");
    }
    for (printed, name, numbers) in [
        ("numeric(10,0)", "numeric", &[10, 0][..]),
        ("int(11) unsigned", "int unsigned", &[11]),
        ("timestamp(3) without time zone", "timestamp without time zone", &[3]),
        ("text", "text", &[]),
        ("enum('a','b')", "enum", &[]),
    ] {
        let column = Column { type_name: printed.into(), ..Column::default() };
        assert_eq!(type_parts(&column), (name.to_owned(), numbers.to_vec()), "{printed}");
    }
}

#[test]
fn types_are_faulty_by_what_they_hold() {
    let hits: [(&'static Rule, Engine, &str); 9] = [
        (&money_type::RULE, Engine::Postgres, "x money"),
        (&timestamp_without_zone::RULE, Engine::Postgres, "x timestamp without time zone"),
        (&char_flag::RULE, Engine::Postgres, "is_open character(1)"),
        (&char_flag::RULE, Engine::Mysql, "is_open char(1)"),
        (&numeric_for_integer::RULE, Engine::Postgres, "x numeric(10,0)"),
        (&numeric_for_integer::RULE, Engine::Mysql, "x decimal(12,0)"),
        (&float_for_money::RULE, Engine::Postgres, "unit_price double precision"),
        (&repeated_columns::RULE, Engine::Sqlite, "phone1 text"),
        (&no_primary_key::RULE, Engine::Postgres, "x text"),
    ];
    for (rule, engine, column) in hits {
        let mut sample = Sample::of(engine);
        sample.table("t", &["id bigint!", column, "phone2 text", "phone3 text"]);
        let found = sample.findings(rule);
        assert_eq!(found.len(), 1, "{}: {column}", rule.name);
        assert_eq!(found[0].key.split('/').nth(1).and_then(|k| k.split('.').next()), Some("t"));
    }
    let healthy = [
        "a numeric(12,2)",
        "b timestamp with time zone",
        "c character(2)",
        "country character(1)",
        "d boolean",
        "e double precision",
        "tax_rate real",
        "address1 text",
        "address2 text",
        "address3 text",
        "f varchar(500)",
        "g numeric",
        "is_open boolean",
    ];
    for engine in [Engine::Postgres, Engine::Mysql, Engine::Sqlite] {
        for rule in crate::judge::rules::RULES {
            let is_ours = rule.code.starts_with("SCH") || rule.code.starts_with("IDX");
            if !is_ours || !rule.engines.contains(&engine) {
                continue;
            }
            let mut sample = Sample::of(engine);
            let table = sample.table("t", &healthy);
            table.constraint("t_pkey", ConstraintKind::Primary, &["a"]);
            let found = sample.findings(rule);
            assert!(found.is_empty(), "{}: {found:#?}", rule.name);
        }
    }
}

#[test]
fn a_key_nears_its_limit_by_its_next_number_or_its_rows() {
    let cases: [(&str, Option<u64>, f64, Option<Severity>); 8] = [
        ("integer", Some(2_100_000_000), 5.0, Some(Severity::Critical)),
        ("integer", Some(1_100_000_000), 5.0, Some(Severity::Low)),
        ("integer", Some(5), 2_000_000_000.0, None),
        ("integer", None, 1_800_000_000.0, Some(Severity::High)),
        ("integer", None, 100_000.0, None),
        ("int unsigned", Some(2_147_483_648), 5.0, Some(Severity::Low)),
        ("smallint", None, 30_000.0, Some(Severity::High)),
        ("bigint", None, 4_000_000_000.0, None),
    ];
    for (type_name, next, rows, expected) in cases {
        let mut sample = Sample::of(Engine::Postgres);
        let table = sample.table("t", &[&format!("id {type_name}")]);
        table.constraint("t_pkey", ConstraintKind::Primary, &["id"]).rows(rows);
        if let Some(told) = &mut table.definition {
            told.value.next_number = next;
            told.value.columns[0].identity = Some(Identity::Sequence);
        }
        let found = sample.findings(&integer_key_near_limit::RULE);
        let severity = found.first().map(|finding| finding.severity);
        assert_eq!(severity, expected, "{type_name} {next:?} {rows}");
    }
    let mut sample = Sample::of(Engine::Postgres);
    sample.table("p", &["id bigint!"]).constraint("p", ConstraintKind::Primary, &["id"]);
    sample.table("t", &["p_id integer"]).refers("f", &["p_id"], "p", None);
    let found = sample.findings(&integer_key_near_limit::RULE);
    assert_eq!(found.len(), 1);
    assert_eq!((&*found[0].subject.name, found[0].severity), ("t.p_id", Severity::Low));
}

#[test]
fn partitions_are_told_by_their_parent() {
    let mut sample = Sample::of(Engine::Postgres);
    sample.table("t", &["x money"]);
    for part in ["t_1", "t_2"] {
        let table = sample.table(part, &["x money"]);
        if let Some(told) = &mut table.definition {
            told.value.kind = TableKind::Partition;
            told.value.parent = Some(TableName::new(Some("public"), "t"));
        }
    }
    let found = sample.findings(&money_type::RULE);
    assert_eq!(found.iter().map(|f| &*f.subject.name).collect::<Vec<_>>(), ["t"]);
}
