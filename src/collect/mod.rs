//! The read-only scripts that users run on a database host, one plain file for each engine, so that
//! whoever guards the host can read them first. Their output is an input of `querylens analyze`.

/// A script.
#[derive(Debug)]
pub struct Script {
    /// The engine, as on the command line.
    pub engine: &'static str,
    /// The name it is best saved under.
    pub file: &'static str,
    /// One line for people.
    pub about: &'static str,
    /// The script.
    pub text: &'static str,
}

/// Every script.
pub static SCRIPTS: &[Script] = &[
    Script {
        engine: "postgres",
        file: "collect.sql",
        about: "PostgreSQL 12 to 18, by psql",
        text: include_str!("postgres.sql"),
    },
    Script {
        engine: "mysql",
        file: "collect.sql",
        about: "MySQL 5.7 to 9 and MariaDB 10.5 and later, by mysql --batch --force",
        text: include_str!("mysql.sql"),
    },
    Script {
        engine: "mongodb",
        file: "collect.js",
        about: "MongoDB 4.4 and later, by mongosh or the legacy shell, on every member",
        text: include_str!("mongodb.js"),
    },
    Script {
        engine: "sqlite",
        file: "collect.sql",
        about: "SQLite 3, by its shell",
        text: include_str!("sqlite.sql"),
    },
    Script {
        engine: "pgbouncer",
        file: "collect.sql",
        about: "PgBouncer, by psql on its own database",
        text: include_str!("pgbouncer.sql"),
    },
];

/// The script of an engine.
pub fn script(engine: &str) -> Option<&'static Script> {
    let engine = if engine == "mariadb" { "mysql" } else { engine };
    SCRIPTS.iter().find(|script| script.engine == engine)
}
