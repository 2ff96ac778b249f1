//! Making a plain table one that is partitioned by ranges of a column: the migration in its order, as
//! each engine bears it. Bounds are left open: only people know how long rows are kept.

use super::{catalog_names as names, ident};
use crate::judge::evidence::TableEvidence;
use crate::judge::finding::{Fix, FixKind};
use crate::lang::sql::lexer::Dialect;
use crate::model::catalog::{Column, Constraint, ConstraintKind, Identity, References, TableName};

/// The longest ending that a name gets here, in bytes.
const LONGEST_ENDING: usize = 12;

/// A foreign key of another table that refers to the one to be partitioned.
#[derive(Clone, Copy, Debug)]
pub struct Referrer<'f> {
    /// The table that refers.
    pub table: &'f TableName,
    /// The constraint's name.
    pub constraint: &'f str,
}

/// The migration. The primary key gets the column added, foreign keys go where the engine wants it.
pub fn by_range(table: &TableEvidence<'_>, column: &Column, referrers: &[Referrer<'_>]) -> Fix {
    match table.dialect() {
        Some(Dialect::Mysql) => of_mysql(table, column, referrers),
        _ => of_postgres(table, column, referrers),
    }
}

/// The foreign keys of a table itself, by name.
pub fn own_references<'f>(
    table: &TableEvidence<'f>,
) -> impl Iterator<Item = (&'f str, &'f Constraint, &'f References)> + use<'f> {
    table.table.constraints.iter().filter_map(|(name, told)| match &told.value.kind {
        ConstraintKind::Foreign(references) => Some((&**name, &told.value, references)),
        _ => None,
    })
}

/// The columns of the primary key with the partition key among them, and whether it was missing.
fn wider_key(table: &TableEvidence<'_>, column: &Column) -> Option<(Vec<Box<str>>, bool)> {
    let mut key = table.table.primary_key()?.to_vec();
    let is_missing = !key.iter().any(|part| part.eq_ignore_ascii_case(&column.name));
    if is_missing {
        key.push(column.name.clone());
    }
    Some((key, is_missing))
}

/// The name of the table with an ending, short enough to be kept whole.
fn ended(table: &TableEvidence<'_>, ending: &str) -> String {
    let mut stem = table.name.name.to_string();
    while stem.len() + LONGEST_ENDING > ident::MAX_NAME_BYTES {
        stem.pop();
    }
    format!("{stem}{ending}")
}

fn of_postgres(table: &TableEvidence<'_>, column: &Column, referrers: &[Referrer<'_>]) -> Fix {
    let engine = table.server.engine;
    let (sql, at) = (names::table(table), names::column(table, &column.name));
    let named = |ending: &str| {
        names::of_name(engine, &TableName::new(table.name.schema.as_deref(), &ended(table, ending)))
    };
    let alone = |ending: &str| names::part(engine, &ended(table, ending));
    let (old, own) = (named("_before"), names::part(engine, &table.name.name));
    let (check, key_index) = (alone("_bound"), alone("_key_wide"));
    let mut text = format!(
        "ALTER TABLE {sql} ADD CONSTRAINT {check} CHECK ({at} IS NOT NULL AND {at} < '{{1}}') NOT VALID;\n\
         ALTER TABLE {sql} VALIDATE CONSTRAINT {check};\n"
    );
    let key = wider_key(table, column).filter(|(_, is_missing)| *is_missing);
    if let Some((key, _)) = &key {
        let columns = names::columns(table, key);
        text += &format!("CREATE UNIQUE INDEX CONCURRENTLY {key_index} ON {sql} ({columns});\n");
    }
    text += "BEGIN;\nSET LOCAL lock_timeout = '5s';\n";
    for referrer in referrers {
        let (other, name) =
            (names::of_name(engine, referrer.table), names::part(engine, referrer.constraint));
        text += &format!("ALTER TABLE {other} DROP CONSTRAINT {name};\n");
    }
    let primary = table.table.constraints.iter();
    let primary = primary.filter(|(_, told)| told.value.kind == ConstraintKind::Primary);
    if let (Some(_), Some((name, _))) = (&key, primary.into_iter().next()) {
        let name = names::part(engine, name);
        text += &format!(
            "ALTER TABLE {sql} DROP CONSTRAINT {name};\n\
             ALTER TABLE {sql} ALTER COLUMN {at} SET NOT NULL;\n\
             ALTER TABLE {sql} ADD CONSTRAINT {name} PRIMARY KEY USING INDEX {key_index};\n"
        );
    }
    text += &format!(
        "ALTER TABLE {sql} RENAME TO {};\n\
         CREATE TABLE {sql} (LIKE {old} INCLUDING ALL) PARTITION BY RANGE ({at});\n\
         ALTER TABLE {sql} DROP CONSTRAINT {check};\n",
        alone("_before")
    );
    for (name, constraint, references) in own_references(table) {
        let clause = foreign_key(table, name, constraint, references);
        text += &format!("ALTER TABLE {sql} ADD {clause};\n");
    }
    for counted in identities(table) {
        let (name, literal) = (names::column(table, &counted.name), ident::literal(&counted.name));
        text += &format!(
            "ALTER TABLE {old} ALTER COLUMN {name} DROP IDENTITY;\n\
             SELECT setval(pg_get_serial_sequence({}, {literal}), coalesce(max({name}), 1)) FROM {old};\n",
            ident::literal(&sql)
        );
    }
    text += &format!(
        "CREATE TABLE {} PARTITION OF {sql} FOR VALUES FROM ('{{1}}') TO ('{{2}}');\n\
         ALTER TABLE {sql} ATTACH PARTITION {old} FOR VALUES FROM (MINVALUE) TO ('{{1}}');\n\
         COMMIT;\n\
         ALTER TABLE {old} DROP CONSTRAINT {check};",
        named("_next")
    );
    Fix {
        kind: FixKind::Sql,
        text,
        undo: format!(
            "BEGIN;\nALTER TABLE {sql} DETACH PARTITION {old};\nALTER TABLE {sql} RENAME TO {};\n\
             ALTER TABLE {old} RENAME TO {own};\nCOMMIT;",
            alone("_parts")
        ),
        note: "In this order, without copying: the old rows become the first partition as they are. {1} \
               is a bound that lies ahead of every row until the transaction is done, {2} the end of the \
               partition that follows; more are made as time goes on, by a job (pg_partman does it). The \
               check proves that the old rows are below the bound, so that attaching reads nothing. If \
               the index is left invalid, drop it and build it again. The transaction locks the table \
               for a moment. By hand: triggers, grants, policies, views, publications and the ownership \
               of sequences stay with the old table. The undo leaves rows of newer partitions, keys that \
               were dropped and GENERATED AS IDENTITY to be put back."
            .to_owned(),
        complete: false,
    }
}

fn identities<'f>(table: &TableEvidence<'f>) -> impl Iterator<Item = &'f Column> + use<'f> {
    table.table.columns().iter().filter(|column| column.identity == Some(Identity::Identity))
}

fn foreign_key(
    table: &TableEvidence<'_>,
    name: &str,
    constraint: &Constraint,
    references: &References,
) -> String {
    let engine = table.server.engine;
    let referred = match &*references.columns {
        [] => String::new(),
        columns => format!(" ({})", names::columns(table, columns)),
    };
    let action = |on: &str, does: &Option<Box<str>>| match does.as_deref() {
        Some(does @ ("cascade" | "set null" | "set default" | "restrict")) => {
            format!(" ON {on} {}", does.to_uppercase())
        }
        _ => String::new(),
    };
    format!(
        "CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {}{referred}{}{}",
        names::part(engine, name),
        names::columns(table, &constraint.columns),
        names::of_name(engine, &references.table),
        action("DELETE", &references.on_delete),
        action("UPDATE", &references.on_update)
    )
}

fn of_mysql(table: &TableEvidence<'_>, column: &Column, referrers: &[Referrer<'_>]) -> Fix {
    let engine = table.server.engine;
    let (sql, at) = (names::table(table), names::column(table, &column.name));
    let mut text = "SET SESSION lock_wait_timeout = 5;\n".to_owned();
    for referrer in referrers {
        let (other, name) =
            (names::of_name(engine, referrer.table), names::part(engine, referrer.constraint));
        text += &format!("ALTER TABLE {other} DROP FOREIGN KEY {name};\n");
    }
    for (name, ..) in own_references(table) {
        text += &format!("ALTER TABLE {sql} DROP FOREIGN KEY {};\n", names::part(engine, name));
    }
    let mut undo = format!("ALTER TABLE {sql} REMOVE PARTITIONING;");
    if let Some((key, true)) = wider_key(table, column) {
        let wide = names::columns(table, &key);
        text += &format!("ALTER TABLE {sql} DROP PRIMARY KEY, ADD PRIMARY KEY ({wide});\n");
        let narrow = names::columns(table, table.table.primary_key().unwrap_or_default());
        undo += &format!("\nALTER TABLE {sql} DROP PRIMARY KEY, ADD PRIMARY KEY ({narrow});");
    }
    // RANGE COLUMNS takes no timestamp, as its value depends on the zone of the session.
    let (method, first, second, last) = match column.type_name.starts_with("timestamp") {
        true => (
            format!("RANGE (UNIX_TIMESTAMP({at}))"),
            "(UNIX_TIMESTAMP('{1}'))",
            "(UNIX_TIMESTAMP('{2}'))",
            "MAXVALUE",
        ),
        false => (format!("RANGE COLUMNS ({at})"), "('{1}')", "('{2}')", "(MAXVALUE)"),
    };
    text += &format!(
        "ALTER TABLE {sql} PARTITION BY {method} (\n  \
         PARTITION p_before VALUES LESS THAN {first},\n  \
         PARTITION p_next VALUES LESS THAN {second},\n  \
         PARTITION p_later VALUES LESS THAN {last});"
    );
    Fix {
        kind: FixKind::Sql,
        text,
        undo,
        note: "In this order. {1} and {2} are the ends of the first two periods; add one for each \
               period that is kept and split the last one ahead of time with REORGANIZE PARTITION, by an \
               event. It copies the table twice, and nobody writes meanwhile: on a table of this size use \
               pt-online-schema-change or gh-ost with both changes in one. InnoDB bears no foreign keys \
               on partitioned tables, in neither direction: the application or triggers have to keep \
               them. The undo leaves them to be put back."
            .to_owned(),
        complete: false,
    }
}
