//! Every dump under `fixtures/ddl/ENGINE/`, read and compared with its snapshot `NAME.expect`: an
//! outline of the catalog. `UPDATE_EXPECT=1` writes snapshots anew; read them before committing them.

use proptest::prelude::*;
use querylens::model::catalog::{
    Column, Constraint, ConstraintKind, Index, IndexKey, KeyPart, NullsOrder, Table, TableName,
};
use querylens::model::facts::Facts;
use querylens::pipeline::{Request, run};
use std::fmt::Write;
use std::path::{Path, PathBuf};

fn name(table: &TableName) -> String {
    match &table.schema {
        Some(schema) => format!("{schema}.{}", table.name),
        None => table.name.to_string(),
    }
}

fn column(column: &Column) -> String {
    let mut out = format!("{} {}", column.name, column.type_name);
    if column.is_not_null {
        out.push_str(" not null");
    }
    let parts = [
        ("default", column.default.as_deref()),
        ("generated", column.generated.as_deref()),
        ("collate", column.collation.as_deref()),
    ];
    for (what, part) in parts {
        if let Some(part) = part {
            let _ = write!(out, " {what} {part}");
        }
    }
    if let Some(identity) = column.identity {
        let _ = write!(out, " {identity:?}");
    }
    out
}

fn key(key: &IndexKey) -> String {
    let mut out = match &key.part {
        KeyPart::Column(name) => name.to_string(),
        KeyPart::Expression(text) => format!("<{text}>"),
    };
    if let Some(length) = key.prefix_length {
        let _ = write!(out, "({length})");
    }
    for part in [&key.collation, &key.operator_class].into_iter().flatten() {
        let _ = write!(out, " {part}");
    }
    if key.is_descending {
        out.push_str(" desc");
    }
    match key.nulls {
        Some(NullsOrder::First) => out.push_str(" nulls first"),
        Some(NullsOrder::Last) => out.push_str(" nulls last"),
        None => {}
    }
    out
}

fn index(name: &str, index: &Index) -> String {
    let Some(told) = &index.definition else { return format!("{name}?") };
    let index = &told.value;
    let keys: Vec<_> = index.keys.iter().map(key).collect();
    let mut out = format!("{name} {} ({})", index.method, keys.join(", "));
    if !index.include.is_empty() {
        let _ = write!(out, " include ({})", index.include.join(", "));
    }
    for (is, what) in [
        (index.is_primary, "primary"),
        (index.is_unique && !index.is_primary, "unique"),
        (index.nulls_are_equal, "nulls-equal"),
        (index.is_exclusion, "exclusion"),
        (!index.is_visible, "invisible"),
        (index.is_replica_identity, "replica-identity"),
        (index.is_clustered, "clustered"),
    ] {
        if is {
            let _ = write!(out, " {what}");
        }
    }
    if let Some(constraint) = &index.constraint {
        let _ = write!(out, " of {constraint}");
    }
    if let Some(predicate) = &index.predicate {
        let _ = write!(out, " where {predicate}");
    }
    out
}

fn constraint(name: &str, constraint: &Constraint) -> String {
    let columns = constraint.columns.join(", ");
    let mut out = match &constraint.kind {
        ConstraintKind::Primary => format!("{name}: primary ({columns})"),
        ConstraintKind::Unique => format!("{name}: unique ({columns})"),
        ConstraintKind::Exclusion => format!("{name}: exclusion ({columns})"),
        ConstraintKind::Check(condition) => format!("{name}: check {condition}"),
        ConstraintKind::Foreign(to) => {
            let mut out = format!(
                "{name}: foreign ({columns}) to {} ({})",
                self::name(&to.table),
                to.columns.join(", ")
            );
            for (on, what) in [("delete", &to.on_delete), ("update", &to.on_update)] {
                if let Some(what) = what {
                    let _ = write!(out, " on {on} {what}");
                }
            }
            out
        }
    };
    if !constraint.is_validated {
        out.push_str(" not valid");
    }
    out
}

fn table(out: &mut String, table_name: &TableName, table: &Table, with_ddl: bool) {
    let _ = write!(out, "{}", name(table_name));
    if let Some(told) = &table.definition {
        let definition = &told.value;
        let place = told.origin.place;
        let _ = write!(out, " {:?} at {}", definition.kind, place.offset);
        if let Some(parent) = &definition.parent {
            let _ = write!(out, " of {}", name(parent));
        }
        for (what, text) in [("", &definition.bounds), ("engine ", &definition.storage_engine)] {
            if let Some(text) = text {
                let _ = write!(out, " {what}{text}");
            }
        }
        if let Some(key) = &definition.partition_key {
            let _ = write!(out, " by {} ({})", key.method, key.keys.join(", "));
        }
        if let Some(number) = definition.next_number {
            let _ = write!(out, " next {number}");
        }
        if !definition.options.is_empty() {
            let _ = write!(out, " [{}]", definition.options.join(", "));
        }
    }
    if table.indexes_are_told {
        out.push_str(" told");
    }
    if let Some(rows) = table.size.as_ref().and_then(|size| size.value.rows) {
        let _ = write!(out, " {rows} rows");
    }
    out.push('\n');
    for one in table.columns() {
        let _ = writeln!(out, "  {}", column(one));
    }
    for part in table.definition.iter().flat_map(|told| &told.value.parts) {
        let _ = writeln!(out, "  part {} {}", part.name, part.bounds);
    }
    for (name, one) in &table.indexes {
        let _ = writeln!(out, "  index {}", index(name, one));
        if with_ddl
            && let Some(ddl) = one.definition.as_ref().and_then(|told| told.value.ddl.as_ref())
        {
            let _ = writeln!(out, "    {ddl}");
        }
    }
    for (name, one) in &table.constraints {
        let _ = writeln!(out, "  constraint {}", constraint(name, &one.value));
    }
    for (name, one) in &table.column_stats {
        let _ = writeln!(out, "  stats {name} distinct {:?}", one.value.distinct);
    }
}

/// The catalogs of all that was read, and what could not be.
fn outline(facts: &Facts, with_ddl: bool) -> String {
    let mut out = String::new();
    for input in &facts.inputs {
        let _ = writeln!(
            out,
            "{:?} {} {} statements, {} unread",
            input.kind,
            input.engine.map_or("", |engine| engine.title()),
            input.records,
            input.skipped_records
        );
        for problem in &input.problems {
            let _ = writeln!(out, "line {:?}: {}", problem.line, problem.message);
        }
    }
    for server in &facts.servers {
        for (name, one) in &server.catalog.tables {
            table(&mut out, name, one, with_ddl);
        }
    }
    out
}

fn read(path: &Path, chunk_bytes: usize) -> String {
    let mut request = Request::of_paths([path]);
    request.read.policy.chunk_bytes = chunk_bytes;
    request.threads = 2;
    match run(&request) {
        Ok(facts) => outline(&facts, true),
        Err(error) => {
            let error = error.to_string();
            error.replace(&path.parent().map_or(String::new(), |of| of.display().to_string()), "")
        }
    }
}

fn dumps() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/ddl");
    let mut all = Vec::new();
    for engine in std::fs::read_dir(folder).expect("fixtures").flatten() {
        for file in std::fs::read_dir(engine.path()).expect("an engine").flatten() {
            let path = file.path();
            if path.extension().is_some_and(|extension| extension == "sql" || extension == "txt") {
                all.push(path);
            }
        }
    }
    all.sort();
    all
}

#[test]
fn every_dump_reads_as_its_snapshot_says() {
    let mut wrong = Vec::new();
    for path in dumps() {
        let mut snapshot = path.clone().into_os_string();
        snapshot.push(".expect");
        let got = read(&path, 1 << 20);
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&snapshot, &got).expect("a writable fixture");
        }
        let expected = std::fs::read_to_string(&snapshot).unwrap_or_default();
        if got != expected {
            let path = path.display();
            wrong.push(format!("{path}:\n--- expected\n{expected}--- got\n{got}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn chunks_of_any_size_tell_the_same_catalog() {
    for path in dumps() {
        let whole = read(&path, 1 << 20);
        for chunk_bytes in [1, 300, 4096] {
            assert_eq!(read(&path, chunk_bytes), whole, "{} by {chunk_bytes}", path.display());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_damage_makes_it_panic(
        at in any::<prop::sample::Index>(),
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_u8..4), 1..40),
    ) {
        let all = dumps();
        let original = at.get(&all);
        let mut bytes = std::fs::read(original).expect("a fixture");
        for (place, byte, kind) in damage {
            let place = place.index(bytes.len() + 1);
            match kind {
                0 if place < bytes.len() => bytes[place] = byte,
                1 => bytes.truncate(place.max(bytes.len() / 2)),
                2 => bytes.insert(place, b"()';`\"$\\,"[usize::from(byte) % 9]),
                _ => bytes.insert(place, byte),
            }
        }
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join(original.file_name().expect("a name"));
        std::fs::write(&path, bytes).expect("a written dump");
        prop_assert_eq!(read(&path, 700), read(&path, 1 << 20));
    }
}
