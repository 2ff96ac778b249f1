//! The command that shows the plan of a class without executing its statement: what to paste, for
//! its engine and version. The constants that were masked are parameters where the engine can plan
//! without their values.

use super::{mongodb_explain, rewrite};
use crate::judge::evidence::ClassEvidence;
use crate::lang::sql::parameters::{Parameterised, with_parameters};
use crate::model::event::Engine;

/// Longer statements are not printed.
const MAX_BYTES: usize = 4096;
/// Verbs of statements that have a plan.
const PLANNED: [&str; 8] =
    ["select", "with", "insert", "update", "delete", "merge", "values", "replace"];
/// PostgreSQL plans a statement with unknown parameters from this version on.
const GENERIC_PLAN: u32 = 16;

/// The command, one statement or a few, each ended by a semicolon. `None` where the statement is not
/// known in full, or has no plan.
pub fn command(class: &ClassEvidence<'_>) -> Option<String> {
    if class.server.engine == Engine::Mongodb {
        return mongodb_explain::command(class);
    }
    let statement = rewrite::statement(class)?.trim().trim_end_matches(';').trim_end();
    let verb: String = statement
        .trim_start_matches('(')
        .chars()
        .take_while(char::is_ascii_alphabetic)
        .collect::<String>()
        .to_ascii_lowercase();
    if statement.len() > MAX_BYTES || !PLANNED.contains(&&*verb) {
        return None;
    }
    match class.server.engine {
        Engine::Postgres => postgres(statement, class),
        Engine::Mysql | Engine::Mariadb => Some(format!("EXPLAIN FORMAT=JSON\n{statement};")),
        Engine::Sqlite => Some(format!("EXPLAIN QUERY PLAN\n{statement};")),
        Engine::Mongodb => None,
    }
}

fn postgres(statement: &str, class: &ClassEvidence<'_>) -> Option<String> {
    let Parameterised { text, count } = with_parameters(statement)?;
    if count == 0 {
        return Some(format!("EXPLAIN (VERBOSE, SETTINGS)\n{text};"));
    }
    let version = class.server.workload.version();
    let major = version.and_then(|version| version.split('.').next()?.parse::<u32>().ok());
    if major.is_some_and(|major| major >= GENERIC_PLAN) {
        return Some(format!("EXPLAIN (GENERIC_PLAN, VERBOSE, SETTINGS)\n{text};"));
    }
    let name = format!("querylens_{}", class.class.id);
    let values = vec!["NULL"; count as usize].join(", ");
    Some(format!(
        "SET plan_cache_mode = force_generic_plan;\nPREPARE {name} AS\n{text};\n\
         EXPLAIN (VERBOSE, SETTINGS) EXECUTE {name}({values});\nDEALLOCATE {name};\n\
         RESET plan_cache_mode;"
    ))
}

/// What must be known to run the command of an engine, in words; empty where nothing.
pub fn note(class: &ClassEvidence<'_>, command: &str) -> &'static str {
    match class.server.engine {
        Engine::Mysql | Engine::Mariadb if command.contains('?') => {
            "put real values for each `?`: the plan depends on them"
        }
        Engine::Mongodb if command.contains("\"?") || command.contains("PATTERN") => {
            "with values of the application for what is masked (`\"?…\"`, `PATTERN`)"
        }
        Engine::Postgres if command.contains("EXECUTE") => {
            "the plan for any values, PostgreSQL 12 and later"
        }
        _ => "",
    }
}
