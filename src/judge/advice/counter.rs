//! A counter column in a parent table that triggers keep: PostgreSQL's and MySQL's way. It covers
//! INSERT, DELETE, a changed key and, where the engine has triggers for it, TRUNCATE; it is filled
//! while nobody can write past it.

use super::{catalog_names as names, ident};
use crate::judge::evidence::TableEvidence;
use crate::judge::finding::{Fix, FixKind};
use crate::lang::sql::lexer::Dialect;
use crate::model::catalog::TableName;

/// The longest ending that a name gets here, in bytes.
const LONGEST_ENDING: usize = 8;
/// Bytes of a name that leave room for an ending; MySQL keeps one more than PostgreSQL.
const MAX_STEM_BYTES: usize = ident::MAX_NAME_BYTES - LONGEST_ENDING;

/// What is kept of the rows of a child for each row of its parent.
#[derive(Clone, Copy, Debug)]
pub struct Counter<'e, 'f> {
    /// The table whose rows are counted.
    pub child: &'e TableEvidence<'f>,
    /// Its column that refers to the parent.
    pub key: &'e str,
    /// The table that gets the column.
    pub parent: &'e TableEvidence<'f>,
    /// The column that the key refers to.
    pub referred: &'e str,
    /// The column that is summed; rows are counted where there is none.
    pub summed: Option<&'e str>,
}

impl Counter<'_, '_> {
    /// The name of the new column.
    pub fn column(&self) -> String {
        match self.summed {
            None => shortened(&format!("{}_count", self.child.name.name)),
            Some(summed) => shortened(&format!("{}_{summed}_sum", self.child.name.name)),
        }
    }

    /// The statements, with what they need said.
    pub fn fix(&self) -> Fix {
        match self.parent.dialect() {
            Some(Dialect::Mysql) => self.of_mysql(),
            _ => self.of_postgres(),
        }
    }

    fn type_name(&self) -> &'static str {
        match self.summed {
            None => "bigint",
            Some(_) if self.parent.dialect() == Some(Dialect::Mysql) => "decimal(38,6)",
            Some(_) => "numeric",
        }
    }

    /// What a row of the child adds: 1, or its value.
    fn weight(&self, row: &str) -> String {
        match self.summed {
            None => "1".to_owned(),
            Some(summed) => format!("coalesce({row}.{}, 0)", names::column(self.child, summed)),
        }
    }

    /// The same of all rows of one parent.
    fn total(&self) -> String {
        match self.summed {
            None => "count(*)".to_owned(),
            Some(summed) => format!("coalesce(sum({}), 0)", names::column(self.child, summed)),
        }
    }

    fn of_postgres(&self) -> Fix {
        let (child, parent) = (names::table(self.child), names::table(self.parent));
        let (key, referred) =
            (names::column(self.child, self.key), names::column(self.parent, self.referred));
        let raw = self.column();
        let (counter, kind) = (names::column(self.parent, &raw), self.type_name());
        let stem = shortened(&format!("{}_{raw}", self.parent.name.name));
        let schema = self.parent.name.schema.as_deref();
        let engine = self.parent.server.engine;
        let function = names::of_name(engine, &TableName::new(schema, &stem));
        let (rows, all) = (names::part(engine, &stem), names::part(engine, &format!("{stem}_all")));
        let unchanged = self.summed.map_or(String::new(), |summed| {
            let summed = names::column(self.child, summed);
            format!(" AND OLD.{summed} IS NOT DISTINCT FROM NEW.{summed}")
        });
        let (old, new, total) = (self.weight("OLD"), self.weight("NEW"), self.total());
        let text = format!(
            "BEGIN;\n\
             SET LOCAL lock_timeout = '5s';\n\
             ALTER TABLE {parent} ADD COLUMN {counter} {kind} NOT NULL DEFAULT 0;\n\
             LOCK TABLE {child} IN SHARE ROW EXCLUSIVE MODE;\n\
             CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$\n\
             BEGIN\n  \
             IF TG_OP = 'TRUNCATE' THEN\n    \
             UPDATE {parent} SET {counter} = 0 WHERE {counter} <> 0;\n    \
             RETURN NULL;\n  \
             END IF;\n  \
             IF TG_OP = 'UPDATE' THEN\n    \
             IF OLD.{key} IS NOT DISTINCT FROM NEW.{key}{unchanged} THEN RETURN NULL; END IF;\n  \
             END IF;\n  \
             IF TG_OP IN ('UPDATE', 'DELETE') THEN\n    \
             UPDATE {parent} SET {counter} = {counter} - {old} WHERE {referred} = OLD.{key};\n  \
             END IF;\n  \
             IF TG_OP IN ('UPDATE', 'INSERT') THEN\n    \
             UPDATE {parent} SET {counter} = {counter} + {new} WHERE {referred} = NEW.{key};\n  \
             END IF;\n  \
             RETURN NULL;\n\
             END $$;\n\
             CREATE TRIGGER {rows} AFTER INSERT OR UPDATE OR DELETE ON {child}\n  \
             FOR EACH ROW EXECUTE FUNCTION {function}();\n\
             CREATE TRIGGER {all} AFTER TRUNCATE ON {child}\n  \
             FOR EACH STATEMENT EXECUTE FUNCTION {function}();\n\
             UPDATE {parent} AS p SET {counter} = c.n\n  \
             FROM (SELECT {key} AS k, {total} AS n FROM {child} GROUP BY 1) AS c\n  \
             WHERE p.{referred} = c.k;\n\
             COMMIT;"
        );
        Fix {
            kind: FixKind::Sql,
            text,
            undo: format!(
                "DROP TRIGGER {rows} ON {child};\nDROP TRIGGER {all} ON {child};\n\
                 DROP FUNCTION {function}();\nALTER TABLE {parent} DROP COLUMN {counter};"
            ),
            note: "One transaction: the column is added to the parent under a lock that stops its \
                   readers and writers, and writes to the child wait, until every row is counted. Do it \
                   in a quiet hour. Roles that write to the child need UPDATE on the column (or make \
                   the function SECURITY DEFINER with a search_path of its own). Replicated rows and \
                   sessions with triggers switched off are not counted: recount now and then. A sum \
                   gives 0 where SUM over no row gave NULL."
                .to_owned(),
            complete: true,
        }
    }

    fn of_mysql(&self) -> Fix {
        let (child, parent) = (names::table(self.child), names::table(self.parent));
        let (key, referred) =
            (names::column(self.child, self.key), names::column(self.parent, self.referred));
        let raw = self.column();
        let (counter, kind) = (names::column(self.parent, &raw), self.type_name());
        let engine = self.parent.server.engine;
        // A trigger lives in the schema of its table.
        let trigger = |ending: &str| {
            let stem = shortened(&format!("{}_{raw}", self.parent.name.name));
            let schema = self.child.name.schema.as_deref();
            names::of_name(engine, &TableName::new(schema, &format!("{stem}_{ending}")))
        };
        let (added, gone, moved) = (trigger("add"), trigger("gone"), trigger("move"));
        let unchanged = self.summed.map_or(String::new(), |summed| {
            let summed = names::column(self.child, summed);
            format!(" AND OLD.{summed} <=> NEW.{summed}")
        });
        let (old, new, total) = (self.weight("OLD"), self.weight("NEW"), self.total());
        let text = format!(
            "SET SESSION lock_wait_timeout = 5;\n\
             ALTER TABLE {parent} ADD COLUMN {counter} {kind} NOT NULL DEFAULT 0;\n\
             CREATE TRIGGER {added} AFTER INSERT ON {child} FOR EACH ROW\n  \
             UPDATE {parent} SET {counter} = {counter} + {new} WHERE {referred} = NEW.{key};\n\
             CREATE TRIGGER {gone} AFTER DELETE ON {child} FOR EACH ROW\n  \
             UPDATE {parent} SET {counter} = {counter} - {old} WHERE {referred} = OLD.{key};\n\
             CREATE TRIGGER {moved} AFTER UPDATE ON {child} FOR EACH ROW\n  \
             UPDATE {parent} SET {counter} = {counter} + ({referred} <=> NEW.{key}) * {new} - \
             ({referred} <=> OLD.{key}) * {old}\n  \
             WHERE {referred} IN (OLD.{key}, NEW.{key}) AND NOT (OLD.{key} <=> NEW.{key}{unchanged});\n\
             SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE;\n\
             UPDATE {parent} SET {counter} = (SELECT {total} FROM {child} WHERE {child}.{key} = \
             {parent}.{referred});"
        );
        Fix {
            kind: FixKind::Sql,
            text,
            undo: format!(
                "DROP TRIGGER {added};\nDROP TRIGGER {gone};\nDROP TRIGGER {moved};\n\
                 ALTER TABLE {parent} DROP COLUMN {counter};"
            ),
            note: "The last statement fills the column and locks the rows that it counts, so that \
                   no write passes it; on large tables run it in ranges of the parent's key. TRUNCATE \
                   runs no triggers: set the column to 0 after it by hand. Nor do cascades of foreign \
                   keys: where another parent's deletes remove rows of the child, delete these rows \
                   first. A sum gives 0 where SUM over no row gave NULL. Open a new session afterwards: \
                   this one is serializable."
                .to_owned(),
            complete: true,
        }
    }
}

/// A name that leaves room for an ending.
fn shortened(name: &str) -> String {
    let mut name = name.to_owned();
    while name.len() > MAX_STEM_BYTES {
        name.pop();
    }
    name
}
