//! DDL about indexes that a catalog tells: taking one away in steps that can be taken back, and
//! building one, each in the form that the engine and the kind of table bear.

use super::index::Candidate;
use super::{catalog_names as names, ident, known_mongodb_index};
use crate::judge::evidence::indexes::KnownIndex;
use crate::judge::evidence::{Evidence, TableEvidence};
use crate::judge::finding::{Fix, FixKind};
use crate::judge::words;
use crate::lang::sql::lexer::Dialect;
use crate::model::catalog::{IndexDefinition, IndexKey, KeyPart, NullsOrder, TableKind, TableName};
use crate::model::event::Engine;

/// Seconds that DDL may wait for its lock: whoever comes later waits behind it.
const LOCK_WAIT_S: u32 = 5;
/// Partitions whose DDL is written out; of more the first ones show the form.
const MAX_PARTITIONS: usize = 20;

/// The steps that take an index away, the mildest first. `why` says what makes it needless.
pub fn drop(table: &TableEvidence<'_>, index: &KnownIndex<'_>, why: &str) -> Vec<Fix> {
    let create = create(table, index.name, &index.definition, " CONCURRENTLY");
    match table.server.engine {
        Engine::Mysql | Engine::Mariadb => hidden_first(table, index, &create, why),
        Engine::Mongodb => known_mongodb_index::drop(table, index, why),
        Engine::Sqlite => vec![Fix {
            kind: FixKind::Sql,
            text: format!("DROP INDEX {};", names::index(table, index.name)),
            undo: create,
            note: format!("{why} Nobody else writes to the database meanwhile; it takes a moment."),
            complete: true,
        }],
        _ => vec![of_postgres(table, index, create, why)],
    }
}

fn of_postgres(
    table: &TableEvidence<'_>,
    index: &KnownIndex<'_>,
    create: String,
    why: &str,
) -> Fix {
    let name = names::index(table, index.name);
    if index.is_of_constraint() {
        let constraint = index.definition.constraint.as_deref().unwrap_or(index.name);
        let columns: Vec<_> = index
            .definition
            .keys
            .iter()
            .filter_map(IndexKey::column_name)
            .map(Into::into)
            .collect();
        let (sql, constraint) = (names::table(table), names::column(table, constraint));
        return Fix {
            kind: FixKind::Sql,
            text: format!(
                "SET lock_timeout = '{LOCK_WAIT_S}s';\nALTER TABLE {sql} DROP CONSTRAINT {constraint};"
            ),
            undo: format!(
                "ALTER TABLE {sql} ADD CONSTRAINT {constraint} UNIQUE ({});",
                names::columns(table, &columns)
            ),
            note: format!(
                "{why} The index belongs to a constraint and goes with it. The server refuses while a \
                 foreign key refers to it (never add CASCADE). It locks the table for a moment, and \
                 gives up after {LOCK_WAIT_S} s of waiting; the undo locks out writes while it builds."
            ),
            complete: true,
        };
    }
    if table.kind() == TableKind::Partitioned {
        return Fix {
            kind: FixKind::Sql,
            text: format!("SET lock_timeout = '{LOCK_WAIT_S}s';\nDROP INDEX {name};"),
            undo: create,
            note: format!(
                "{why} The table is partitioned: CONCURRENTLY is not possible, and the partitions' \
                 indexes go with it. It locks the table and its partitions for a moment, and gives up \
                 after {LOCK_WAIT_S} s of waiting."
            ),
            complete: true,
        };
    }
    Fix {
        kind: FixKind::Sql,
        text: format!("DROP INDEX CONCURRENTLY {name};"),
        undo: create,
        note: format!(
            "{why} Send it by itself: CONCURRENTLY runs in no transaction, and waits for older \
             transactions on the table without locking anyone out. An index that is attached to one \
             of a partitioned table goes with that one only."
        ),
        complete: true,
    }
}

/// MySQL and MariaDB: hidden from the optimizer first, dropped when nobody missed it.
fn hidden_first(
    table: &TableEvidence<'_>,
    index: &KnownIndex<'_>,
    create: &str,
    why: &str,
) -> Vec<Fix> {
    let (sql, name) = (names::table(table), names::index(table, index.name));
    let (hide, show, since) = match table.server.engine {
        Engine::Mariadb => ("IGNORED", "NOT IGNORED", "MariaDB 10.6"),
        _ => ("INVISIBLE", "VISIBLE", "MySQL 8.0"),
    };
    let wait = format!("SET SESSION lock_wait_timeout = {LOCK_WAIT_S};");
    vec![
        Fix {
            kind: FixKind::Sql,
            text: format!("{wait}\nALTER TABLE {sql} ALTER INDEX {name} {hide};"),
            undo: format!("ALTER TABLE {sql} ALTER INDEX {name} {show};"),
            note: format!(
                "{why} From {since} on, first: the optimizer no longer sees the index, which is still \
                 maintained, so that the way back takes a moment. A hint that names it fails then."
            ),
            complete: true,
        },
        Fix {
            kind: FixKind::Sql,
            text: format!(
                "{wait}\nALTER TABLE {sql} DROP INDEX {name}, ALGORITHM=INPLACE, LOCK=NONE;"
            ),
            undo: create.to_owned(),
            note: format!(
                "When nothing got slower over a week. The ALTER waits for every transaction that has \
                 used the table, and all who come later wait behind it: it gives up after \
                 {LOCK_WAIT_S} s and is tried again."
            ),
            complete: true,
        },
    ]
}

/// The statement that makes an index again, or in another place. `concurrently` is put in where
/// PostgreSQL bears it.
pub fn create(
    table: &TableEvidence<'_>,
    name: &str,
    definition: &IndexDefinition,
    concurrently: &str,
) -> String {
    let engine = table.server.engine;
    if engine == Engine::Mongodb {
        return known_mongodb_index::create(table, name, definition);
    }
    let unique = if definition.is_unique { "UNIQUE " } else { "" };
    let keys: Vec<_> = definition.keys.iter().map(|key| key_sql(engine, key)).collect();
    let keys = keys.join(", ");
    let (sql, full_name) = (names::table(table), names::index(table, name));
    let name = names::part(engine, name);
    if engine.dialect() == Some(Dialect::Mysql) {
        let kind = match &*definition.method {
            "fulltext" => "FULLTEXT ",
            "spatial" => "SPATIAL ",
            _ => unique,
        };
        let using = if &*definition.method == "hash" { " USING HASH" } else { "" };
        let lock = if matches!(kind, "" | "UNIQUE ") { "NONE" } else { "SHARED" };
        return format!(
            "ALTER TABLE {sql} ADD {kind}INDEX {name} ({keys}){using}, ALGORITHM=INPLACE, LOCK={lock};"
        );
    }
    let condition = definition.predicate.as_deref();
    let condition = condition.map_or(String::new(), |text| format!(" WHERE {}", one_line(text)));
    if engine == Engine::Sqlite {
        let bare = names::part(engine, &table.name.name);
        return format!("CREATE {unique}INDEX {full_name} ON {bare} ({keys}){condition};");
    }
    let concurrently = match table.kind() {
        TableKind::Partitioned => "",
        _ => concurrently,
    };
    let using = match &*definition.method {
        "btree" => String::new(),
        method => format!("USING {} ", ident::quoted_part(method)),
    };
    let include = match definition.include.as_slice() {
        [] => String::new(),
        columns => format!(" INCLUDE ({})", names::columns(table, columns)),
    };
    let nulls = if definition.nulls_are_equal { " NULLS NOT DISTINCT" } else { "" };
    format!(
        "CREATE {unique}INDEX{concurrently} {name} ON {sql} {using}({keys}){include}{nulls}{condition};"
    )
}

fn key_sql(engine: Engine, key: &IndexKey) -> String {
    let mut sql = match &key.part {
        KeyPart::Column(column) => names::part(engine, column),
        KeyPart::Expression(text) => format!("({})", one_line(text)),
    };
    if let Some(length) = key.prefix_length {
        sql.push_str(&format!("({length})"));
    }
    if let Some(collation) = &key.collation {
        sql.push_str(&format!(" COLLATE {}", ident::quoted(collation)));
    }
    if let Some(class) = &key.operator_class {
        sql.push_str(&format!(" {}", ident::quoted(class)));
    }
    if key.is_descending {
        sql.push_str(" DESC");
    }
    match key.nulls {
        Some(NullsOrder::First) if !key.is_descending => sql.push_str(" NULLS FIRST"),
        Some(NullsOrder::Last) if key.is_descending => sql.push_str(" NULLS LAST"),
        _ => {}
    }
    sql
}

/// An expression of a catalog on one line: what cannot be seen is spelled out.
fn one_line(text: &str) -> String {
    ident::shown(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The keys of an index as reports list them: `name`, `name desc`, an expression.
pub fn keys_words(definition: &IndexDefinition) -> Vec<String> {
    let word = |key: &IndexKey| {
        let text = match &key.part {
            KeyPart::Column(name) => ident::shown(name),
            KeyPart::Expression(text) => one_line(text),
        };
        if key.is_descending { format!("{text} desc") } else { text }
    };
    definition.keys.iter().map(word).collect()
}

/// A btree on columns of a table: its name, and the fix that builds it.
pub fn build(table: &TableEvidence<'_>, columns: &[Box<str>], why: &str) -> (String, Fix) {
    let definition = IndexDefinition {
        keys: columns.iter().map(|column| IndexKey::column(column)).collect(),
        ..IndexDefinition::default()
    };
    let name = name_for(table, &definition);
    let fix = build_as(table, &name, &definition, why);
    (name, fix)
}

/// A name for an index of a table: of its columns, as far as it is free.
pub fn name_for(table: &TableEvidence<'_>, definition: &IndexDefinition) -> String {
    let mut words: Vec<String> = Vec::new();
    for key in &definition.keys {
        match &key.part {
            KeyPart::Column(name) => words.push(name.to_string()),
            KeyPart::Expression(text) => {
                let names = text.split(|letter: char| !(letter.is_alphanumeric() || letter == '_'));
                words.extend(names.filter(|name| !name.is_empty()).map(str::to_owned));
            }
        }
    }
    if definition.predicate.is_some() {
        words.push("partial".to_owned());
    }
    let quoted = format!("\"{}\"", table.name.name.replace('"', "\"\""));
    let mut name = String::new();
    for number in 1..100 {
        let mut all: Vec<_> = words.iter().map(|word| &**word).collect();
        let number = number.to_string();
        if number != "1" {
            all.push(&number);
        }
        name = Candidate::named(&quoted, &all);
        if !table.table.indexes.keys().any(|known| known.eq_ignore_ascii_case(&name)) {
            break;
        }
    }
    name
}

/// The fix that builds an index by this name.
pub fn build_as(
    table: &TableEvidence<'_>,
    name: &str,
    definition: &IndexDefinition,
    why: &str,
) -> Fix {
    let mut fix = Fix {
        kind: FixKind::Sql,
        text: create(table, name, definition, " CONCURRENTLY"),
        undo: undo_of(table, name),
        note: String::new(),
        complete: true,
    };
    if table.dialect() == Some(Dialect::Mysql) && &*definition.method == "btree" {
        fix.text = mysql_create(table, name, definition);
    }
    fix.note = match (table.server.engine, table.kind()) {
        (Engine::Postgres, TableKind::Partitioned) => {
            fix.text = partitioned(table, name, definition);
            format!(
                "{why} CONCURRENTLY is not possible on a partitioned table: an empty index on the \
                 table itself, then one on each partition, attached. The index is valid when all are. \
                 Send each CONCURRENTLY by itself; one that fails leaves an INVALID index: drop that, \
                 then build again."
            )
        }
        (Engine::Postgres, _) => format!(
            "{why} Send it by itself: CONCURRENTLY runs in no transaction. It waits for older \
             transactions; if it fails it leaves an INVALID index: drop that, then build again."
        ),
        (Engine::Sqlite, _) => {
            format!(
                "{why} Nobody else writes to the database while it builds. Run `ANALYZE;` after it."
            )
        }
        _ => format!(
            "{why} LOCK=NONE lets reads and writes go on, but the ALTER waits for every transaction \
             that has used the table, and all who come later wait behind it. Replicas lag for as long \
             as it takes."
        ),
    };
    fix
}

/// The same as [`create`] as a CREATE INDEX: lists of indexes to be built hold such for all engines.
fn mysql_create(table: &TableEvidence<'_>, name: &str, definition: &IndexDefinition) -> String {
    let engine = table.server.engine;
    let keys: Vec<_> = definition.keys.iter().map(|key| key_sql(engine, key)).collect();
    format!(
        "CREATE {}INDEX {} ON {} ({}) ALGORITHM=INPLACE LOCK=NONE;",
        if definition.is_unique { "UNIQUE " } else { "" },
        names::part(engine, name),
        names::table(table),
        keys.join(", ")
    )
}

fn undo_of(table: &TableEvidence<'_>, name: &str) -> String {
    let index = names::index(table, name);
    match (table.server.engine, table.kind()) {
        (Engine::Postgres, TableKind::Partitioned) | (Engine::Sqlite, _) => {
            format!("DROP INDEX {index};")
        }
        (Engine::Postgres, _) => format!("DROP INDEX CONCURRENTLY {index};"),
        _ => format!("ALTER TABLE {} DROP INDEX {index};", names::table(table)),
    }
}

/// The index of a partitioned table: `ON ONLY` it, then on each partition, attached.
fn partitioned(table: &TableEvidence<'_>, name: &str, definition: &IndexDefinition) -> String {
    let engine = table.server.engine;
    let keys: Vec<_> = definition.keys.iter().map(|key| key_sql(engine, key)).collect();
    let keys = keys.join(", ");
    let columns: Vec<_> = definition.keys.iter().filter_map(IndexKey::column_name).collect();
    let index = names::index(table, name);
    let mut lines = vec![format!(
        "CREATE INDEX {} ON ONLY {} ({keys});",
        names::part(engine, name),
        names::table(table)
    )];
    for (part, _) in table.partitions().take(MAX_PARTITIONS) {
        let quoted = format!("\"{}\"", part.name.replace('"', "\"\""));
        let child = Candidate::named(&quoted, &columns);
        let in_schema = TableName { schema: part.schema.clone(), name: (&*child).into() };
        lines.push(format!(
            "CREATE INDEX CONCURRENTLY {} ON {} ({keys});",
            names::part(engine, &child),
            names::of_name(engine, part)
        ));
        lines.push(format!(
            "ALTER INDEX {index} ATTACH PARTITION {};",
            names::of_name(engine, &in_schema)
        ));
    }
    lines.join("\n")
}

/// What holds up DDL on the table: the longest logged run that names it.
pub fn blocker(table: &TableEvidence<'_>, evidence: &Evidence<'_>) -> String {
    let longest = table.classes(evidence).max_by_key(|(class, _)| class.class.stats.max_us);
    match longest {
        Some((class, _)) if class.class.stats.max_us >= 1_000_000 => format!(
            " The longest logged statement on the table, class {}, ran {}: DDL waits for such.",
            class.class.id,
            words::duration_us(class.class.stats.max_us as f64)
        ),
        _ => String::new(),
    }
}
