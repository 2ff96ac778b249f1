//! The script that shows the plans of the classes that have none: to be run where the database is,
//! so that the next report can read them. It executes no statement.

use super::Report;
use super::types::Query;
use crate::model::event::Engine;

/// The commands for the classes of a report, the heaviest first, engine by engine; empty where every
/// class has a plan, or no statement is known in full.
pub fn explain_script(report: &Report) -> String {
    let queries = || report.queries.iter().chain(&report.also_shown);
    let mut engines: Vec<Engine> = Vec::new();
    for query in queries().filter(|query| query.explain.is_some()) {
        if !engines.contains(&query.engine) {
            engines.push(query.engine);
        }
    }
    let mut out = String::new();
    for engine in engines {
        let mark = comment(engine);
        out += &format!(
            "{mark} Plans of {} classes. Run it with {}, then give its output to querylens\n\
             {mark} together with the log.\n",
            engine.title(),
            client(engine)
        );
        for query in queries().filter(|query| query.engine == engine) {
            write_class(query, mark, &mut out);
        }
        out.push('\n');
    }
    out
}

fn write_class(query: &Query, mark: &str, out: &mut String) {
    let Some(explain) = &query.explain else { return };
    // Only what cannot hold a line of a stranger stands in a comment.
    *out +=
        &format!("\n{mark} class {}: {} calls, {:.0} ms\n", query.id, query.calls, query.total_ms);
    if !explain.note.is_empty() {
        *out += &format!("{mark} {}\n", explain.note);
    }
    out.push_str(&explain.command);
    out.push('\n');
}

fn comment(engine: Engine) -> &'static str {
    match engine {
        Engine::Mongodb => "//",
        _ => "--",
    }
}

/// The client that prints plans whole.
fn client(engine: Engine) -> &'static str {
    match engine {
        Engine::Postgres => "psql -X -f THIS",
        Engine::Mysql | Engine::Mariadb => "mysql --raw --skip-column-names < THIS",
        Engine::Mongodb => "mongosh --quiet THIS",
        Engine::Sqlite => "sqlite3 DATABASE < THIS",
    }
}
