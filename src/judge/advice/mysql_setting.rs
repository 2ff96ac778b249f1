//! Changed settings of MySQL and MariaDB as fixes, with what takes them back.

use crate::judge::finding::{Fix, FixKind};

/// What holds for every `SET GLOBAL`.
const NOTE: &str = "SET GLOBAL does not reach sessions that are open: pools keep the old value until \
    they connect anew. It lasts until the next restart: write it into the option file, too, below \
    [mysqld] (MySQL 8 also takes SET PERSIST). A managed service takes it in its parameter group \
    instead.";

/// What holds for settings that a running server does not change.
const AT_START: &str =
    "It needs a restart. A managed service takes it in its parameter group instead.";

/// Settings that a running server changes: name, new value, value that is set now.
pub fn global(settings: &[(&str, u64, u64)], note: &str) -> Fix {
    let lines = |value: &dyn Fn(&(&str, u64, u64)) -> u64| {
        let line = |one: &(&str, u64, u64)| format!("SET GLOBAL {} = {};", one.0, value(one));
        settings.iter().map(line).collect::<Vec<_>>().join("\n")
    };
    Fix {
        kind: FixKind::Config,
        text: lines(&|one| one.1),
        undo: lines(&|one| one.2),
        note: format!("{note} {NOTE}"),
        complete: true,
    }
}

/// A setting that is read at the start only, as lines of an option file.
pub fn at_start(name: &str, value: u64, now: u64, note: &str) -> Fix {
    Fix {
        kind: FixKind::Config,
        text: format!("[mysqld]\n{name} = {value}"),
        undo: format!("[mysqld]\n{name} = {now}"),
        note: format!("{note} {AT_START}"),
        complete: true,
    }
}
