//! Settings of a server, and which of two tells what holds.

use super::told::{Told, later};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// A setting of the server.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Setting {
    /// Its value as the server prints it, or as it stands in a file.
    pub value: Box<str>,
    /// The unit of a bare number, such as `8kB` or `ms`.
    pub unit: Option<Box<str>>,
    /// Where the server has it from: `default`, `configuration file`; or the kind of the file that was
    /// read in place of asking the server, see [`SettingsFile`].
    pub source: Option<Box<str>>,
}

impl Setting {
    /// The kind of file that it was read from; `None` where the server said it.
    pub fn file(&self) -> Option<SettingsFile> {
        let source = self.source.as_deref()?;
        SettingsFile::ALL.into_iter().find(|file| file.name() == source)
    }

    /// What the server says holds; of files, the one that it reads last.
    fn weight(&self) -> (bool, Option<SettingsFile>) {
        let file = self.file();
        (file.is_none(), file)
    }
}

/// A kind of settings file. A later one overrides those before it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum SettingsFile {
    /// `postgresql.conf` and what it includes.
    Postgresql,
    /// What ALTER SYSTEM wrote.
    PostgresqlAuto,
    /// An option file of MySQL or MariaDB.
    MyCnf,
    /// MongoDB's.
    Mongod,
    /// PgBouncer's.
    PgBouncer,
}

impl SettingsFile {
    const ALL: [SettingsFile; 5] = [
        SettingsFile::Postgresql,
        SettingsFile::PostgresqlAuto,
        SettingsFile::MyCnf,
        SettingsFile::Mongod,
        SettingsFile::PgBouncer,
    ];

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            SettingsFile::Postgresql => "postgresql.conf",
            SettingsFile::PostgresqlAuto => "postgresql.auto.conf",
            SettingsFile::MyCnf => "my.cnf",
            SettingsFile::Mongod => "mongod.conf",
            SettingsFile::PgBouncer => "pgbouncer.ini",
        }
    }
}

/// Adds settings of the same server: of two of one name the one that holds, and of equals the later.
pub(super) fn merge(
    mine: &mut BTreeMap<Box<str>, Told<Setting>>,
    theirs: BTreeMap<Box<str>, Told<Setting>>,
) {
    for (name, theirs) in theirs {
        match mine.entry(name) {
            Entry::Occupied(mut entry) if entry.get().value.weight() != theirs.value.weight() => {
                if entry.get().value.weight() < theirs.value.weight() {
                    entry.insert(theirs);
                }
            }
            entry => later(entry, theirs),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::catalog::{Catalog, Origin};
    use crate::model::workload::examples::Place;

    #[test]
    fn what_holds_is_told_in_any_order() {
        let one = |offset, value: &str, source: Option<&str>| {
            let origin =
                Origin { taken: None, place: Place { source: 0, offset, line_in_chunk: 0 } };
            let setting =
                Setting { value: value.into(), unit: None, source: source.map(Into::into) };
            let mut catalog = Catalog::default();
            catalog.settings.insert("work_mem".into(), Told::new(setting, origin));
            catalog
        };
        let told = [
            one(1, "of ALTER SYSTEM", Some("postgresql.auto.conf")),
            one(2, "of the file", Some("postgresql.conf")),
            one(3, "of a part", Some("postgresql.conf")),
            one(0, "of the server", Some("configuration file")),
        ];
        for (upto, expected) in [(2, "of ALTER SYSTEM"), (4, "of the server")] {
            for turn in 0..upto {
                let mut all = Catalog::default();
                (0..upto).for_each(|at| all.merge(told[(at + turn) % upto].clone()));
                assert_eq!(&*all.settings["work_mem"].value.value, expected);
            }
        }
    }
}
