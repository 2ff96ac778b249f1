//! Index candidates: the DDL, in the form that the environment bears, behind the query that lists
//! the indexes the table has. A log shows predicates, never indexes: no candidate is a certainty.

use super::{ident, lookup, mysql_index, names};
use crate::judge::config::{Environment, JudgeOptions};
use crate::judge::evidence::{ClassEvidence, Evidence};
use crate::judge::finding::{Fix, FixKind};
use crate::judge::words;
use crate::lang::sql::lexer::Dialect;

/// An index that a statement could use.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Candidate {
    /// The table, as the shape names it.
    pub table: String,
    /// The access method with its keyword, such as `USING gin `; empty for a btree.
    pub using: &'static str,
    /// The keys as they stand in the DDL: quoted columns or expressions, with operator classes.
    pub keys: Vec<String>,
    /// The words that its name is made of, after the table's.
    pub words: Vec<String>,
    /// An extension that has to be there.
    pub extension: Option<&'static str>,
}

impl Candidate {
    /// A btree on columns, quoted as the server of the class does.
    pub fn btree(class: &ClassEvidence<'_>, table: &str, columns: &[&str]) -> Self {
        Candidate {
            table: table.to_owned(),
            using: "",
            keys: columns.iter().map(|column| names::column(class, column)).collect(),
            words: columns.iter().map(|column| ident::unquoted(column)).collect(),
            extension: None,
        }
    }

    /// The name of the index.
    pub(super) fn name(&self) -> String {
        let words: Vec<_> = self.words.iter().map(|word| &**word).collect();
        Self::named(&self.table, &words)
    }

    /// The name of an index: table, words, `idx`, cut to what every server keeps.
    pub(super) fn named(table: &str, words: &[&str]) -> String {
        const SUFFIX: &str = "_idx";
        let mut name = ident::last_part(table);
        for word in words {
            name.push('_');
            name.push_str(word);
        }
        while name.len() > ident::MAX_NAME_BYTES - SUFFIX.len() {
            name.pop();
        }
        name.push_str(SUFFIX);
        name
    }

    /// The statement that builds it.
    fn create(&self, concurrently: &str) -> String {
        format!(
            "CREATE INDEX {concurrently}{} ON {} {}({});",
            ident::quoted_part(&self.name()),
            ident::quoted(&self.table),
            self.using,
            self.keys.join(", ")
        )
    }

    /// The statement that takes it away: an index lives in the schema of its table.
    fn drop(&self, concurrently: &str) -> String {
        let mut parts = ident::parts(&self.table);
        parts.pop();
        parts.push(self.name());
        let name: Vec<_> = parts.iter().map(|part| ident::quoted_part(part)).collect();
        format!("DROP INDEX {concurrently}{};", name.join("."))
    }
}

/// The fix that candidates of one class make: the lists of existing indexes, then the DDL. Where
/// the class ran in several databases a table may be several tables, and only the lists are given.
pub fn fix(candidates: &[Candidate], class: &ClassEvidence<'_>, evidence: &Evidence<'_>) -> Fix {
    match class.server.engine.dialect() {
        Some(Dialect::Mysql) => mysql_index::fix(candidates, class, evidence),
        _ => postgres(candidates, databases(class), evidence.options, "log"),
    }
}

/// How many databases a class ran in.
pub(super) fn databases(class: &ClassEvidence<'_>) -> usize {
    class.class.who.databases.ranked(class.server.workload.names()).len()
}

/// The same for PostgreSQL, where it is known in how many databases the statement ran. `source` is
/// what showed the predicate: the `log` or a `plan`.
pub(super) fn postgres(
    candidates: &[Candidate],
    databases: usize,
    options: &JudgeOptions,
    source: &str,
) -> Fix {
    let mut lists: Vec<_> = candidates.iter().map(|c| lookup::indexes_of(&c.table)).collect();
    lists.dedup();
    let lists = lists.join("\n");
    if databases > 1 {
        return Fix {
            kind: FixKind::Sql,
            text: lists,
            undo: String::new(),
            note: format!(
                "The statement ran in {databases} databases, so the table may be as many tables: \
                 look at the indexes in each before any DDL."
            ),
            complete: false,
        };
    }
    let plain = options.environment_stated && options.environment == Environment::Dev;
    let concurrently = if plain { "" } else { "CONCURRENTLY " };
    let mut lines = vec![
        "-- First: the indexes that are there. Go on only if none of them serves.".to_owned(),
        lists,
    ];
    if let Some(extension) = candidates.iter().find_map(|c| c.extension) {
        lines.push(format!("CREATE EXTENSION IF NOT EXISTS {extension};"));
    }
    lines.extend(candidates.iter().map(|c| c.create(concurrently)));
    let undo: Vec<_> = candidates.iter().map(|c| c.drop(concurrently)).collect();
    Fix {
        kind: FixKind::Sql,
        text: lines.join("\n"),
        undo: undo.join("\n"),
        note: note(plain, source),
        complete: true,
    }
}

fn note(plain: bool, source: &str) -> String {
    let candidate = format!("A candidate: the {source} shows the predicate, not the indexes.");
    match plain {
        true => {
            format!("{candidate} Plain CREATE INDEX blocks writes to the table while it builds.")
        }
        false => format!(
            "{candidate} Send each statement by itself: CONCURRENTLY runs in no transaction. It \
             waits for older transactions; if it fails it leaves an INVALID index: drop that, then \
             build again. A partitioned table takes the index ON ONLY the parent first, then \
             CONCURRENTLY on each partition with ATTACH."
        ),
    }
}

/// What an index on a table costs, from the logged writes to it.
pub fn write_cost(evidence: &Evidence<'_>, class: &ClassEvidence<'_>, table: &str) -> String {
    // Reading every class's shape would take long: most do not even hold the table's name.
    let bare = table.rsplit('.').next().unwrap_or(table).trim_matches(['"', '`']);
    let writes: u64 = evidence
        .classes
        .iter()
        .filter(|c| c.server.label == class.server.label)
        .filter(|c| c.class.fingerprint.contains(bare))
        .filter(|c| c.shape.tables.iter().any(|t| t.written && t.name == table))
        .map(|c| c.class.stats.calls)
        .sum();
    match writes {
        0 => "One more index to store and to maintain; no write to the table is logged.".to_owned(),
        n => format!(
            "One more index to store, and to maintain on {} logged statements that write to the \
             table{}.",
            words::count(n),
            match class.server.engine.dialect() {
                Some(Dialect::Mysql) => "",
                _ => "; updates of an indexed column lose the HOT shortcut",
            }
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_and_are_quoted() {
        let long = "ä".repeat(40);
        let cut = format!("t_{}_idx", "ä".repeat(28));
        let cases = [
            ("shop.orders", "customer_id", "orders_customer_id_idx"),
            ("\"Order Items\"", "\"Sku\"", "Order Items_Sku_idx"),
            ("t", &long, &cut),
        ];
        for (table, column, name) in cases {
            let word = ident::unquoted(column);
            assert_eq!(Candidate::named(table, &[&word]), name);
            assert!(name.len() <= ident::MAX_NAME_BYTES);
        }
    }
}
