//! Index rules over catalogs that are made in code.

use super::*;
use crate::judge::finding::Severity;
use crate::judge::rules::sample::{Build, Sample, told};
use crate::model::catalog::{
    ConstraintKind, IndexActivity, IndexDefinition, Origin, ServerState, Table, Told, add_state,
};
use crate::time::Timestamp;

/// What a rule finds in one table `t` of a server: titles with severities.
fn found(
    rule: &'static Rule,
    engine: Engine,
    build: impl Fn(&mut Table),
) -> Vec<(String, Severity)> {
    let mut sample = Sample::of(engine);
    build(sample.table("t", &["id bigint!", "a text", "b text", "c text"]));
    sample.findings(rule).into_iter().map(|f| (f.subject.name, f.severity)).collect()
}

fn names_of(found: Vec<(String, Severity)>) -> Vec<String> {
    found.into_iter().map(|(name, _)| name).collect()
}

#[test]
fn of_two_that_are_the_same_the_one_goes_that_nothing_needs() {
    type Case = (fn(&mut Table), &'static [&'static str]);
    let cases: [Case; 9] = [
        (|t| drop((t.btree("x", &["a"]).clone(), t.btree("y", &["a"]).clone())), &["t.y"]),
        (|t| drop((t.btree("x", &["a"]).clone(), t.btree("y", &["b"]).clone())), &[]),
        (
            |t| {
                t.btree("x", &["a"]);
                t.btree("y", &["a"]).is_unique = true;
            },
            &["t.x"],
        ),
        (
            |t| {
                t.constraint("t_pkey", ConstraintKind::Primary, &["id"]);
                t.btree("a_first_by_name", &["id"]).is_unique = true;
            },
            &["t.a_first_by_name"],
        ),
        (
            |t| {
                t.btree("x", &["a"]).is_replica_identity = true;
                t.btree("y", &["a"]).is_clustered = true;
            },
            &[],
        ),
        (
            |t| {
                t.btree("x", &["a"]);
                t.btree("y", &["a"]).is_visible = false;
            },
            &[],
        ),
        (
            |t| {
                t.btree("x", &["a"]).predicate = Some("b IS NULL".into());
                t.btree("y", &["a"]);
            },
            &[],
        ),
        (
            |t| {
                t.btree("x", &["a"]).is_unique = true;
                let y = t.btree("y", &["a"]);
                (y.is_unique, y.nulls_are_equal) = (true, true);
            },
            &[],
        ),
        (
            |t| {
                for name in ["x", "y", "z"] {
                    t.btree(name, &["a", "b"]);
                }
            },
            &["t.y", "t.z"],
        ),
    ];
    for (at, (build, expected)) in cases.into_iter().enumerate() {
        let names = names_of(found(&duplicate_index::RULE, Engine::Postgres, build));
        assert_eq!(names, expected, "case {at}");
    }
}

#[test]
fn what_another_one_begins_with_is_redundant_unless_something_needs_it() {
    let redundant =
        |engine, build: fn(&mut Table)| names_of(found(&redundant_index::RULE, engine, build));
    let plain: fn(&mut Table) = |t| {
        t.btree("x", &["a"]);
        t.btree("y", &["a", "b"]);
    };
    assert_eq!(redundant(Engine::Postgres, plain), ["t.x"]);
    assert_eq!(redundant(Engine::Sqlite, plain), ["t.x"]);
    let kept: [fn(&mut IndexDefinition); 4] = [
        |i| i.is_unique = true,
        |i| i.constraint = Some("x".into()),
        |i| i.is_replica_identity = true,
        |i| i.predicate = Some("c IS NULL".into()),
    ];
    for keep in kept {
        let mut sample = Sample::of(Engine::Postgres);
        let table = sample.table("t", &["id bigint!", "a text", "b text"]);
        table.btree("y", &["a", "b"]);
        keep(table.btree("x", &["a"]));
        assert!(sample.findings(&redundant_index::RULE).is_empty());
    }
    // InnoDB's indexes end with the primary key.
    let suffixed: fn(&mut Table) = |t| {
        t.constraint("PRIMARY", ConstraintKind::Primary, &["id"]);
        t.btree("x", &["a"]);
        t.btree("y", &["a", "id"]);
    };
    assert_eq!(redundant(Engine::Mysql, suffixed), ["t.y"]);
    assert_eq!(redundant(Engine::Postgres, suffixed), ["t.x"]);
}

#[test]
fn a_foreign_key_wants_an_index_that_begins_with_its_columns() {
    type Case<'c> = (&'c [&'c str], Option<&'c str>, f64, &'c [Severity]);
    let cases: [Case<'_>; 6] = [
        (&["b"], None, -1.0, &[Severity::Low]),
        (&["b"], Some("cascade"), -1.0, &[Severity::Medium]),
        (&["b"], Some("cascade"), 20.0, &[Severity::Info]),
        (&["b", "a"], None, -1.0, &[Severity::Low]),
        (&["a"], Some("cascade"), -1.0, &[]),
        (&["a", "b"], Some("cascade"), -1.0, &[]),
    ];
    for (index, on_delete, rows, expected) in cases {
        let mut sample = Sample::of(Engine::Postgres);
        sample.table("parent", &["id bigint!"]).constraint("p", ConstraintKind::Primary, &["id"]);
        let table = sample.table("t", &["id bigint!", "a bigint", "b bigint"]);
        table.btree("x", index);
        table.refers("t_a_fkey", &["a"], "parent", on_delete);
        table.rows(rows);
        let found = sample.findings(&unindexed_foreign_key::RULE);
        let severities: Vec<_> = found.iter().map(|f| f.severity).collect();
        assert_eq!(severities, expected, "{index:?} {on_delete:?} {rows}");
        if let Some(finding) = found.first() {
            assert_eq!(finding.fixes[0].text, "CREATE INDEX CONCURRENTLY t_a_idx ON t (a);");
            assert_eq!(finding.fixes[0].undo, "DROP INDEX CONCURRENTLY t_a_idx;");
        }
    }
}

#[test]
fn an_invalid_index_is_dropped_and_built_again_a_leftover_only_dropped() {
    for (name, lines) in [("x", 2), ("x_ccnew", 1), ("x_ccold1", 1)] {
        let mut sample = Sample::of(Engine::Postgres);
        let table = sample.table("t", &["a text"]);
        table.btree(name, &["a"]);
        table.btree("fine", &["a"]);
        table.index(name).is_invalid = Some(told(true));
        let found = sample.findings(&invalid_index::RULE);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].fixes[1].text.lines().count(), lines, "{name}");
    }
}

#[test]
fn no_scan_means_something_only_after_a_week_on_all_servers() {
    const DAY_US: i64 = 86_400_000_000;
    // Days of statistics, scans by node, size; and the severity, where the rule says anything.
    type Case = (Option<i64>, &'static [(&'static str, u64)], u64, Option<Severity>);
    let cases: [Case; 7] = [
        (Some(40), &[("a", 0), ("b", 0)], 50_000_000, Some(Severity::Low)),
        (Some(40), &[("a", 0), ("b", 3)], 50_000_000, None),
        (Some(40), &[("a", 0)], 50_000_000, Some(Severity::Low)),
        (Some(40), &[("a", 0)], 8192, Some(Severity::Info)),
        (Some(3), &[("a", 0)], 50_000_000, Some(Severity::Info)),
        (None, &[("a", 0)], 50_000_000, Some(Severity::Info)),
        (Some(40), &[], 50_000_000, None),
    ];
    for (days, nodes, size, expected) in cases {
        let mut sample = Sample::of(Engine::Postgres);
        let taken = Timestamp(100 * DAY_US);
        let at = Origin { taken: Some(taken), ..told(()).origin };
        let since = days.map(|days| Timestamp(taken.0 - days * DAY_US));
        sample.catalog.server =
            Some(Told::new(ServerState { stats_since: since, ..ServerState::default() }, at));
        let table = sample.table("t", &["a text"]);
        table.btree("x", &["a"]);
        table.btree("held", &["a"]).is_unique = true;
        for name in ["x", "held"] {
            let index = table.index(name);
            index.size_bytes = Some(told(size));
            for (node, scans) in nodes {
                let activity = IndexActivity { scans: Some(*scans), ..IndexActivity::default() };
                add_state(&mut index.activity, (*node).into(), Told::new(activity, at));
            }
        }
        let found = sample.findings(&unused_index::RULE);
        let severities: Vec<_> = found.iter().map(|f| f.severity).collect();
        assert_eq!(severities, expected.into_iter().collect::<Vec<_>>(), "{days:?} {nodes:?}");
        assert!(found.iter().all(|f| f.subject.name == "t.x"));
    }
}
