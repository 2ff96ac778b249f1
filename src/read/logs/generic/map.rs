//! Which column holds what: `time=ts,duration_ms=elapsed,query=sql,user=u,engine=sqlite`.

use crate::model::event::Engine;
use std::fmt;
use std::str::FromStr;

/// What a column can hold.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Field {
    /// When the statement ended: any stamp, or seconds, milliseconds, microseconds or nanoseconds
    /// since 1970, told apart by their size.
    Time,
    /// How long it ran.
    Duration,
    /// Its text.
    Query,
    /// Who ran it.
    User,
    /// In which database.
    Database,
    /// From which host.
    Host,
    /// By which application.
    App,
    /// In which session.
    Session,
    /// Why it failed; nothing, `0`, `null` and `false` where it did not.
    Error,
}

impl Field {
    /// How many there are.
    pub const COUNT: usize = 9;

    /// Its place in a row.
    pub fn index(self) -> usize {
        self as usize
    }
}

/// Names on the left side, and what they mean. A duration's name holds its unit.
const NAMES: [(&str, Field, f64); 12] = [
    ("time", Field::Time, 1.0),
    ("duration_s", Field::Duration, 1e6),
    ("duration_ms", Field::Duration, 1e3),
    ("duration_us", Field::Duration, 1.0),
    ("duration_ns", Field::Duration, 1e-3),
    ("query", Field::Query, 1.0),
    ("user", Field::User, 1.0),
    ("database", Field::Database, 1.0),
    ("host", Field::Host, 1.0),
    ("app", Field::App, 1.0),
    ("session", Field::Session, 1.0),
    ("error", Field::Error, 1.0),
];

/// Engines by the name users write.
const ENGINES: [(&str, Engine); 5] = [
    ("postgres", Engine::Postgres),
    ("postgresql", Engine::Postgres),
    ("mysql", Engine::Mysql),
    ("mariadb", Engine::Mariadb),
    ("sqlite", Engine::Sqlite),
];

/// Which column holds what.
#[derive(Clone, PartialEq, Debug)]
pub struct ColumnMap {
    /// The columns, each by its name, its path (`db.statement`) or its number from 1.
    pub columns: Vec<(Field, String)>,
    /// Microseconds in one unit of the duration.
    pub us_per_unit: f64,
    /// The engine that ran the statements.
    pub engine: Engine,
}

impl fmt::Display for ColumnMap {
    /// As it was stated, in the order of the columns' meanings.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (field, column) in &self.columns {
            let is = |(_, known, unit): &&(&str, Field, f64)| {
                known == field && (*known != Field::Duration || *unit == self.us_per_unit)
            };
            let name = NAMES.iter().find(is).map_or("", |(name, ..)| name);
            write!(f, "{name}={column},")?;
        }
        write!(f, "engine={}", self.engine.title().to_lowercase())
    }
}

impl FromStr for ColumnMap {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut map = ColumnMap { columns: Vec::new(), us_per_unit: 1e3, engine: Engine::Postgres };
        for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
            let Some((ours, theirs)) = pair.split_once('=').filter(|(_, name)| !name.is_empty())
            else {
                return Err(format!("'{pair}' in --map is no NAME=COLUMN"));
            };
            if ours == "engine" {
                let known = ENGINES.iter().find(|(name, _)| *name == theirs);
                let Some((_, engine)) = known else {
                    let names = ENGINES.map(|(name, _)| name).join(", ");
                    return Err(format!("engine={theirs} in --map: one of {names}"));
                };
                map.engine = *engine;
                continue;
            }
            let Some((_, field, unit)) = NAMES.iter().find(|(name, ..)| *name == ours) else {
                let names = NAMES.map(|(name, ..)| name).join(", ");
                return Err(format!("'{ours}' in --map: one of {names}, engine"));
            };
            if map.columns.iter().any(|(known, _)| known == field) {
                return Err(format!("'{ours}' in --map: that is mapped already"));
            }
            if *field == Field::Duration {
                map.us_per_unit = *unit;
            }
            map.columns.push((*field, theirs.to_owned()));
        }
        match map.columns.iter().any(|(field, _)| *field == Field::Query) {
            true => Ok(map),
            false => Err("--map must say which column holds the query: query=COLUMN".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_maps_and_says_what_is_wrong() {
        let map: ColumnMap =
            "time=ts, duration_s=took,query=db.statement,engine=sqlite".parse().expect("a map");
        assert_eq!(map.engine, Engine::Sqlite);
        assert_eq!(map.us_per_unit, 1e6);
        assert_eq!(map.to_string().parse(), Ok(map.clone()));
        assert_eq!(map.columns[2], (Field::Query, "db.statement".to_owned()));
        for (text, part) in [
            ("time=ts", "query=COLUMN"),
            ("query", "no NAME=COLUMN"),
            ("query=", "no NAME=COLUMN"),
            ("sql=q", "one of time, duration_s"),
            ("query=q,query=r", "mapped already"),
            ("query=q,engine=oracle", "one of postgres"),
        ] {
            let error = text.parse::<ColumnMap>().expect_err(text);
            assert!(error.contains(part), "{error}");
        }
    }
}
