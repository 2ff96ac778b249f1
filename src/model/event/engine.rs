//! Which database wrote an input, and what follows from that.

use crate::lang::Language;
use crate::lang::sql::lexer::Dialect;
use serde::Serialize;

/// The database engine that wrote an input.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// PostgreSQL and its derivatives.
    Postgres,
    /// MySQL and its derivatives.
    Mysql,
    /// MariaDB: of MySQL's family.
    Mariadb,
    /// SQLite.
    Sqlite,
    /// MongoDB.
    Mongodb,
}

impl Engine {
    /// The key that query ids are made with: engines that share a dialect share a family.
    pub fn family(self) -> &'static str {
        match self {
            Engine::Postgres => "postgres",
            Engine::Mysql | Engine::Mariadb => "mysql",
            Engine::Sqlite => "sqlite",
            Engine::Mongodb => "mongodb",
        }
    }

    /// The name as users write it.
    pub fn title(self) -> &'static str {
        match self {
            Engine::Postgres => "PostgreSQL",
            Engine::Mysql => "MySQL",
            Engine::Mariadb => "MariaDB",
            Engine::Sqlite => "SQLite",
            Engine::Mongodb => "MongoDB",
        }
    }

    /// What its statements are written in.
    pub fn language(self) -> Language {
        match self {
            Engine::Postgres => Language::Sql(Dialect::Postgres),
            Engine::Mysql | Engine::Mariadb => Language::Sql(Dialect::Mysql),
            Engine::Sqlite => Language::Sql(Dialect::Sqlite),
            Engine::Mongodb => Language::Mongo,
        }
    }

    /// How its SQL is lexed; `None` where it knows none.
    pub fn dialect(self) -> Option<Dialect> {
        match self.language() {
            Language::Sql(dialect) => Some(dialect),
            Language::Mongo => None,
        }
    }
}
