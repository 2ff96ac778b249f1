//! Tables as rules look at them: what the catalog says of each, beside the classes that use it.
//!
//! Owns the join of classes to tables: by the names in their shapes, inside one server. A name that
//! fits several tables joins with none of them; each of these knows how often that happened.

use super::{ClassEvidence, Evidence};
use crate::judge::advice::ident;
use crate::lang::sql::lexer::Dialect;
use crate::lang::sql::shape::{Predicate, Verb};
use crate::model::catalog::{Catalog, ConstraintKind, Origin, Table, TableKind, TableName};
use crate::model::facts::{ServerFacts, Source};
use std::collections::HashMap;

/// Classes of a server that are joined with its catalog, those that cost most first: beyond them
/// nothing is left that could make a finding weigh more.
const MAX_CLASSES: usize = 20_000;

/// A class that names a table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Use {
    /// Its place among [`Evidence::classes`].
    pub class: usize,
    /// Whether it writes to the table.
    pub is_write: bool,
}

/// A table with what uses it.
#[derive(Debug)]
pub struct TableEvidence<'f> {
    /// The server it is on.
    pub server: &'f ServerFacts,
    /// Its name.
    pub name: &'f TableName,
    /// What the catalog says of it.
    pub table: &'f Table,
    /// The classes whose statements name it, those that cost most first.
    pub uses: Vec<Use>,
    /// Classes that name it or another table of the same name: which of them, nobody knows.
    pub ambiguous: usize,
    /// Share of all logged time of the classes that read it only.
    pub read_share: f64,
    /// Share of all logged time of the classes that write to it.
    pub write_share: f64,
}

impl<'f> TableEvidence<'f> {
    /// What it is.
    pub fn kind(&self) -> TableKind {
        self.table.definition.as_ref().map_or(TableKind::Table, |told| told.value.kind)
    }

    /// Whether rows are kept in it, or in its partitions.
    pub fn holds_rows(&self) -> bool {
        matches!(self.kind(), TableKind::Table | TableKind::Partitioned | TableKind::Partition)
    }

    /// The table that it is a part of, where the catalog has it.
    pub fn parent(&self) -> Option<&'f Table> {
        let parent = self.table.definition.as_ref()?.value.parent.as_ref()?;
        self.server.catalog.tables.get(parent)
    }

    /// Its partitions, by name.
    pub fn partitions(&self) -> impl Iterator<Item = (&'f TableName, &'f Table)> {
        let is_part = |table: &&Table| {
            let definition = table.definition.as_ref().map(|told| &told.value);
            definition.is_some_and(|d| {
                d.kind == TableKind::Partition && d.parent.as_ref() == Some(self.name)
            })
        };
        self.server.catalog.tables.iter().filter(move |(_, table)| is_part(table))
    }

    /// The dialect of its server.
    pub fn dialect(&self) -> Option<Dialect> {
        self.server.engine.dialect()
    }

    /// Where and when its definition was told.
    pub fn origin(&self) -> Option<Origin> {
        self.table.definition.as_ref().map(|told| told.origin)
    }

    /// Where its definition stands.
    pub fn source(&self, evidence: &Evidence<'_>) -> Option<Source> {
        self.origin().map(|origin| evidence.facts.source(origin.place))
    }

    /// The classes that name it.
    pub fn classes<'e>(
        &self,
        evidence: &'e Evidence<'f>,
    ) -> impl Iterator<Item = (&'e ClassEvidence<'f>, Use)> {
        self.uses.iter().filter_map(|one| Some((evidence.classes.get(one.class)?, *one)))
    }

    /// Logged runs that write to it.
    pub fn writes(&self, evidence: &Evidence<'f>) -> u64 {
        let writers = self.classes(evidence).filter(|(_, one)| one.is_write);
        writers.fold(0, |sum, (class, _)| sum.saturating_add(class.class.stats.calls))
    }

    /// The classes that delete rows of it.
    pub fn deletes<'e>(
        &self,
        evidence: &'e Evidence<'f>,
    ) -> impl Iterator<Item = &'e ClassEvidence<'f>> {
        let writers = self.classes(evidence).filter(|(_, one)| one.is_write);
        writers.map(|(class, _)| class).filter(|class| class.shape.verb == Verb::Delete)
    }

    /// The comparisons of one of its columns in the statements that name it.
    pub fn predicates_of<'e>(
        &self,
        evidence: &'e Evidence<'f>,
        column: &str,
    ) -> Vec<(&'e ClassEvidence<'f>, &'e Predicate)> {
        let mut found = Vec::new();
        for (class, _) in self.classes(evidence) {
            let is_only = class.shape.tables.len() == 1;
            found.extend(class.shape.predicates.iter().filter_map(|predicate| {
                let of = predicate.column.table.as_deref();
                let is_own = of.map_or(is_only, |table| self.is_called(table));
                let same = ident::unquoted(&predicate.column.column).eq_ignore_ascii_case(column);
                (is_own && same).then_some((class, predicate))
            }));
        }
        found
    }

    /// Whether a statement's name of a table may be this one's.
    fn is_called(&self, name: &str) -> bool {
        ident::last_part(name).eq_ignore_ascii_case(&self.name.name)
    }

    /// Another table of its server, as a foreign key names it.
    pub fn other<'e>(
        &self,
        evidence: &'e Evidence<'f>,
        name: &TableName,
    ) -> Option<&'e TableEvidence<'f>> {
        // Tables stand by server and name.
        let found = self.server.catalog.find(name.schema.as_deref(), &name.name)?.0;
        let key = |table: &TableEvidence<'f>| (&*table.server.label, table.name);
        let wanted = (&*self.server.label, found);
        let at = evidence.tables.binary_search_by(|table| key(table).cmp(&wanted)).ok()?;
        evidence.tables.get(at)
    }

    /// Whether a column is one of the primary key's.
    pub fn is_in_primary_key(&self, column: &str) -> bool {
        let key = self.table.primary_key().unwrap_or_default();
        key.iter().any(|part| part.eq_ignore_ascii_case(column))
    }

    /// Whether a column refers to another table.
    pub fn is_in_foreign_key(&self, column: &str) -> bool {
        self.table.constraints.values().any(|told| {
            matches!(told.value.kind, ConstraintKind::Foreign(_))
                && told.value.columns.iter().any(|part| part.eq_ignore_ascii_case(column))
        })
    }
}

/// The tables of all servers by server and name, with the classes that use them.
pub(super) fn of<'f>(evidence: &Evidence<'f>) -> Vec<TableEvidence<'f>> {
    let mut tables = Vec::new();
    let mut servers: Vec<_> = evidence.facts.servers.iter().collect();
    servers.sort_by(|a, b| a.label.cmp(&b.label));
    for server in servers.into_iter().filter(|server| !server.catalog.tables.is_empty()) {
        let from = tables.len();
        tables.extend(server.catalog.tables.iter().map(|(name, table)| TableEvidence {
            server,
            name,
            table,
            uses: Vec::new(),
            ambiguous: 0,
            read_share: 0.0,
            write_share: 0.0,
        }));
        join(evidence, &server.catalog, server, tables.get_mut(from..).unwrap_or_default());
    }
    tables
}

/// Gives each table of a server the classes that name it.
fn join(
    evidence: &Evidence<'_>,
    catalog: &Catalog,
    server: &ServerFacts,
    tables: &mut [TableEvidence<'_>],
) {
    let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, name) in catalog.tables.keys().enumerate() {
        by_name.entry(name.name.to_lowercase()).or_default().push(at);
    }
    let classes = evidence.classes.iter().enumerate();
    let own = classes.filter(|(_, class)| class.server.label == server.label);
    for (at, class) in own.take(MAX_CLASSES) {
        if !names_any(&class.class.fingerprint, &by_name) {
            continue;
        }
        let database = only_database(class);
        for used in &class.shape.tables {
            let parts = ident::parts(&used.name.replace('`', "\""));
            let Some((name, schema)) = parts.split_last() else { continue };
            let Some(named) = by_name.get(&name.to_lowercase()) else { continue };
            let schema = schema.last().map(String::as_str).or(database);
            let mut fits = named.clone();
            fits.retain(|table| {
                let told = tables.get(*table).and_then(|table| table.name.schema.as_deref());
                schema.zip(told).is_none_or(|(wanted, told)| wanted.eq_ignore_ascii_case(told))
            });
            if let [only] = *fits {
                let Some(table) = tables.get_mut(only) else { continue };
                table.uses.push(Use { class: at, is_write: used.written });
                match used.written {
                    true => table.write_share += class.share,
                    false => table.read_share += class.share,
                }
            } else {
                for table in fits {
                    tables.get_mut(table).into_iter().for_each(|table| table.ambiguous += 1);
                }
            }
        }
    }
}

/// Whether a word of a text is the name of a table, so that its shape is worth reading.
fn names_any(text: &str, tables: &HashMap<String, Vec<usize>>) -> bool {
    // A quoted name may hold anything: such a text is read in full.
    text.contains(['"', '`'])
        || text
            .split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$')))
            .any(|word| tables.contains_key(&word.to_lowercase()))
}

/// MySQL's database, where a class ran in one only: names without one are meant there.
fn only_database<'f>(class: &ClassEvidence<'f>) -> Option<&'f str> {
    let is_mysql = class.server.engine.dialect() == Some(Dialect::Mysql);
    let databases = &class.class.who.databases;
    match databases.ranked(class.server.workload.names()).as_slice() {
        [(database, _)] if is_mysql && databases.rest().calls == 0 => Some(*database),
        _ => None,
    }
}
