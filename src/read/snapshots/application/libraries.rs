//! Client libraries of databases, by what each ecosystem calls them.

use crate::model::event::Engine;
use Engine::{Mongodb, Mysql, Postgres, Sqlite};

/// Names of libraries with the engine that each speaks to, `None` for several.
type Names = &'static [(&'static str, Option<Engine>)];

/// Of npm.
pub(super) const NPM: Names = &[
    ("pg", Some(Postgres)),
    ("pg-pool", Some(Postgres)),
    ("pg-promise", Some(Postgres)),
    ("postgres", Some(Postgres)),
    ("mysql", Some(Mysql)),
    ("mysql2", Some(Mysql)),
    ("mariadb", Some(Engine::Mariadb)),
    ("mongodb", Some(Mongodb)),
    ("mongoose", Some(Mongodb)),
    ("sqlite3", Some(Sqlite)),
    ("better-sqlite3", Some(Sqlite)),
    ("prisma", None),
    ("@prisma/client", None),
    ("sequelize", None),
    ("typeorm", None),
    ("knex", None),
    ("drizzle-orm", None),
    ("@mikro-orm/core", None),
];
/// Of Python.
pub(super) const PYTHON: Names = &[
    ("psycopg", Some(Postgres)),
    ("psycopg2", Some(Postgres)),
    ("psycopg2-binary", Some(Postgres)),
    ("psycopg-pool", Some(Postgres)),
    ("asyncpg", Some(Postgres)),
    ("mysqlclient", Some(Mysql)),
    ("pymysql", Some(Mysql)),
    ("aiomysql", Some(Mysql)),
    ("mysql-connector-python", Some(Mysql)),
    ("mariadb", Some(Engine::Mariadb)),
    ("pymongo", Some(Mongodb)),
    ("motor", Some(Mongodb)),
    ("mongoengine", Some(Mongodb)),
    ("aiosqlite", Some(Sqlite)),
    ("sqlalchemy", None),
    ("django", None),
    ("peewee", None),
    ("tortoise-orm", None),
];
/// Of Maven and Gradle: artifacts.
pub(super) const JAVA: Names = &[
    ("postgresql", Some(Postgres)),
    ("r2dbc-postgresql", Some(Postgres)),
    ("mysql-connector-java", Some(Mysql)),
    ("mysql-connector-j", Some(Mysql)),
    ("mariadb-java-client", Some(Engine::Mariadb)),
    ("mongodb-driver-sync", Some(Mongodb)),
    ("spring-boot-starter-data-mongodb", Some(Mongodb)),
    ("sqlite-jdbc", Some(Sqlite)),
    ("HikariCP", None),
    ("tomcat-jdbc", None),
    ("commons-dbcp2", None),
    ("c3p0", None),
    ("hibernate-core", None),
    ("mybatis", None),
    ("jooq", None),
    ("spring-boot-starter-jdbc", None),
    ("spring-boot-starter-data-jpa", None),
];
/// Of Go: modules.
pub(super) const GO: Names = &[
    ("github.com/lib/pq", Some(Postgres)),
    ("github.com/jackc/pgx", Some(Postgres)),
    ("github.com/jackc/pgx/v4", Some(Postgres)),
    ("github.com/jackc/pgx/v5", Some(Postgres)),
    ("github.com/go-pg/pg/v10", Some(Postgres)),
    ("github.com/go-sql-driver/mysql", Some(Mysql)),
    ("go.mongodb.org/mongo-driver", Some(Mongodb)),
    ("go.mongodb.org/mongo-driver/v2", Some(Mongodb)),
    ("github.com/mattn/go-sqlite3", Some(Sqlite)),
    ("modernc.org/sqlite", Some(Sqlite)),
    ("gorm.io/gorm", None),
    ("github.com/jmoiron/sqlx", None),
    ("entgo.io/ent", None),
];
/// Of Ruby.
pub(super) const RUBY: Names = &[
    ("pg", Some(Postgres)),
    ("mysql2", Some(Mysql)),
    ("trilogy", Some(Mysql)),
    ("mongo", Some(Mongodb)),
    ("mongoid", Some(Mongodb)),
    ("sqlite3", Some(Sqlite)),
    ("rails", None),
    ("activerecord", None),
    ("sequel", None),
];
/// Of PHP.
pub(super) const PHP: Names = &[
    ("ext-pgsql", Some(Postgres)),
    ("ext-pdo_pgsql", Some(Postgres)),
    ("ext-mysqli", Some(Mysql)),
    ("ext-pdo_mysql", Some(Mysql)),
    ("ext-mongodb", Some(Mongodb)),
    ("mongodb/mongodb", Some(Mongodb)),
    ("ext-pdo_sqlite", Some(Sqlite)),
    ("doctrine/dbal", None),
    ("doctrine/orm", None),
    ("laravel/framework", None),
    ("illuminate/database", None),
];
/// What Prisma, Rails and connection strings call an engine.
pub(super) const ENGINES: Names = &[
    ("postgresql", Some(Postgres)),
    ("postgres", Some(Postgres)),
    ("postgis", Some(Postgres)),
    ("mysql", Some(Mysql)),
    ("mysql2", Some(Mysql)),
    ("trilogy", Some(Mysql)),
    ("mariadb", Some(Engine::Mariadb)),
    ("mongodb", Some(Mongodb)),
    ("sqlite", Some(Sqlite)),
    ("sqlite3", Some(Sqlite)),
];

/// A library by its name, in whatever case and with `_` for `-`.
pub(super) fn find(names: Names, name: &str) -> Option<(&'static str, Option<Engine>)> {
    let same = |a: char, b: char| a.eq_ignore_ascii_case(&b) || (a == '-' && b == '_');
    names.iter().copied().find(|(known, _)| {
        known.len() == name.len() && known.chars().zip(name.chars()).all(|(a, b)| same(a, b))
    })
}
