//! Which database wrote an input, and what follows from that.

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
}

impl Engine {
    /// The key that query ids are made with: engines that share a dialect share a family.
    pub fn family(self) -> &'static str {
        match self {
            Engine::Postgres => "postgres",
            Engine::Mysql | Engine::Mariadb => "mysql",
            Engine::Sqlite => "sqlite",
        }
    }

    /// The name as users write it.
    pub fn title(self) -> &'static str {
        match self {
            Engine::Postgres => "PostgreSQL",
            Engine::Mysql => "MySQL",
            Engine::Mariadb => "MariaDB",
            Engine::Sqlite => "SQLite",
        }
    }

    /// How its statements are lexed.
    pub fn dialect(self) -> Dialect {
        match self {
            Engine::Postgres => Dialect::Postgres,
            Engine::Mysql | Engine::Mariadb => Dialect::Mysql,
            Engine::Sqlite => Dialect::Sqlite,
        }
    }
}
