//! Changed settings as fixes: for the whole server, for one role, for one table. Each with what takes
//! it back. Names come from logs and are quoted; values come from rules.

use super::ident;
use crate::judge::finding::{Fix, FixKind};

/// What holds for every setting of a server.
const SERVER_NOTE: &str = "A reload is enough. A managed service refuses ALTER SYSTEM: set it in its \
    parameter group instead. RESET returns to the value in the configuration file.";

/// Settings of the whole server that a reload brings into effect.
pub fn of_server(settings: &[(&str, &str)], note: &str) -> Fix {
    let lines = |line: &dyn Fn(&(&str, &str)) -> String| {
        let mut text: Vec<_> = settings.iter().map(line).collect();
        text.push("SELECT pg_reload_conf();".to_owned());
        text.join("\n")
    };
    Fix {
        kind: FixKind::Config,
        text: lines(&|(name, value)| format!("ALTER SYSTEM SET {name} = '{value}';")),
        undo: lines(&|(name, _)| format!("ALTER SYSTEM RESET {name};")),
        note: format!("{note} {SERVER_NOTE}"),
        complete: true,
    }
}

/// A setting of the whole server that only a restart brings into effect.
pub fn at_start(name: &str, value: &str, note: &str) -> Fix {
    Fix {
        kind: FixKind::Config,
        text: format!("ALTER SYSTEM SET {name} = '{value}';"),
        undo: format!("ALTER SYSTEM RESET {name};"),
        note: format!(
            "{note} It needs a restart. A managed service refuses ALTER SYSTEM: set it in its \
             parameter group instead. RESET returns to the value in the configuration file."
        ),
        complete: true,
    }
}

/// A setting of one role; without a name the role is left open.
pub fn of_role(role: Option<&str>, name: &str, value: &str, note: &str) -> Fix {
    let role_sql = role.map_or_else(|| "{1}".to_owned(), ident::quoted_part);
    let open = match role {
        Some(_) => "",
        None => " {1} is the role that runs the statement: the log names none, or more than one.",
    };
    Fix {
        kind: FixKind::Sql,
        text: format!("ALTER ROLE {role_sql} SET {name} = '{value}';"),
        undo: format!("ALTER ROLE {role_sql} RESET {name};"),
        note: format!("{note} It holds for new sessions of the role.{open}"),
        complete: role.is_some(),
    }
}

/// Storage parameters of one table, whose name is written as SQL takes it.
pub fn of_table(table: &str, settings: &[(&str, &str)], note: &str) -> Fix {
    let set: Vec<_> = settings.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    let names: Vec<_> = settings.iter().map(|(name, _)| *name).collect();
    Fix {
        kind: FixKind::Sql,
        text: format!("ALTER TABLE {table} SET ({});", set.join(", ")),
        undo: format!("ALTER TABLE {table} RESET ({});", names.join(", ")),
        note: format!(
            "{note} It takes a short lock (SHARE UPDATE EXCLUSIVE) that reads and writes pass; a vacuum of the table that runs just now is cancelled by it."
        ),
        complete: true,
    }
}

/// SQL that only looks.
pub fn look(text: String, note: &str) -> Fix {
    Fix { kind: FixKind::Sql, text, undo: String::new(), note: note.to_owned(), complete: true }
}
