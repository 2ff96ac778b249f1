//! Settings of pools, and connection strings, in whatever form an application is configured: `.env`,
//! properties, YAML, TOML. Of a connection string only the engine and the pool's settings are read.

use super::libraries::{ENGINES, find};
use crate::model::event::Engine;
use regex::Regex;
use std::sync::LazyLock;

/// Names of settings without what frameworks put between their words, as they end.
const SETTINGS: [&str; 30] = [
    "maximumpoolsize",
    "maxpoolsize",
    "minpoolsize",
    "minimumidle",
    "poolsize",
    "poolmax",
    "poolmin",
    "poolmaxsize",
    "poolminsize",
    "dbpool",
    "connectiontimeout",
    "pooltimeout",
    "poolrecycle",
    "poolpreping",
    "maxoverflow",
    "idletimeout",
    "maxlifetime",
    "keepalivetime",
    "leakdetectionthreshold",
    "connectionlimit",
    "checkouttimeout",
    "maxopenconns",
    "maxidleconns",
    "connmaxlifetime",
    "connmaxage",
    "maxactive",
    "maxtotal",
    "maxwaitmillis",
    "railsmaxthreads",
    "webconcurrency",
];

/// A name, `=` or `:`, and a value that is a number, a switch or a duration: nothing else is kept.
static SETTING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let value = r#"(\d{1,12}(?:\.\d{1,6})?(?:ms|s|m|h)?|true|false)"#;
    let form = format!(
        r#"(?mi)(?:^|[\s?&"'{{,(])([A-Z][\w.-]{{1,100}})["']?\s*[:=]\s*["']?{value}["']?(?:[\s,;&"'}})#]|$)"#
    );
    Regex::new(&form).ok()
});
/// The scheme of a connection string, with what stands between it and the engine's name.
static ADDRESS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:\bjdbc:(postgresql|mysql|mariadb|sqlite):|\b(postgresql|postgres|mysql2|mysql|mariadb|mongodb|sqlite3|sqlite)(?:\+\w{1,20})?://)").ok()
});
/// The adapter of Rails.
static ADAPTER: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?m)^\s*adapter:\s*["']?(\w{1,20})"#).ok());
/// A line of `.pgpass`: a password behind four names.
static PGPASS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?m)^[^\s:#]+:(?:\d{1,5}|\*):[^\s:]+:[^\s:]+:[^\s]+$").ok());

/// A setting of a pool: where, its name and its value.
pub(super) type Setting<'t> = (usize, &'t str, &'t str);

/// The settings of pools in a text.
pub(super) fn settings(text: &str) -> Vec<Setting<'_>> {
    let Some(pattern) = SETTING.as_ref() else { return Vec::new() };
    let mut found = Vec::new();
    let mut at = 0;
    // What ends one value may begin the next name, so the search goes on before it.
    while let Some(one) = pattern.captures_at(text, at) {
        let (Some(name), Some(value)) = (one.get(1), one.get(2)) else { break };
        at = value.end();
        if is_of_pool(name.as_str()) {
            found.push((name.start(), name.as_str(), value.as_str()));
        }
    }
    found
}

fn is_of_pool(name: &str) -> bool {
    let plain: String =
        name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    // Rails: `pool: 5`.
    plain == "pool" || SETTINGS.iter().any(|setting| plain.ends_with(setting))
}

/// The engines that connection strings, adapters and password files name: where, what says so, which.
pub(super) fn engines(text: &str) -> Vec<(usize, &'static str, Engine)> {
    let mut found = Vec::new();
    let forms = [(&ADDRESS, "connection string"), (&ADAPTER, "adapter")];
    for (pattern, what) in forms {
        let Some(pattern) = pattern.as_ref() else { continue };
        for one in pattern.captures_iter(text) {
            let Some(name) = one.get(1).or_else(|| one.get(2)) else { continue };
            if let Some((_, Some(engine))) = find(ENGINES, name.as_str()) {
                found.push((name.start(), what, engine));
            }
        }
    }
    if let Some(line) = PGPASS.as_ref().and_then(|pattern| pattern.find(text)) {
        found.push((line.start(), ".pgpass", Engine::Postgres));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_and_engines_are_found_without_secrets() {
        let text = "DATABASE_URL=postgres://app:s3cret@db1/shop?connection_limit=5&pool_timeout=10\nDB_POOL_SIZE=\"20\" # x\nspring.datasource.hikari.maximum-pool-size=30\nPOOL_SIZE=s3cret\nport: 80\nproduction:\n  adapter: mysql2\n  pool: 5\n  password: 123456\nwait: 5\nconnection-timeout: 30s\n{\"poolSize\": 7, \"maxPoolSize\":9}\ndb1:5432:shop:app:s3cret\n";
        let settings: Vec<_> =
            settings(text).into_iter().map(|(_, name, value)| format!("{name} {value}")).collect();
        assert_eq!(
            settings,
            [
                "connection_limit 5",
                "pool_timeout 10",
                "DB_POOL_SIZE 20",
                "spring.datasource.hikari.maximum-pool-size 30",
                "pool 5",
                "connection-timeout 30s",
                "poolSize 7",
                "maxPoolSize 9"
            ]
        );
        let engines: Vec<_> =
            engines(text).into_iter().map(|(_, what, engine)| (what, engine)).collect();
        assert_eq!(
            engines,
            [
                ("connection string", Engine::Postgres),
                ("adapter", Engine::Mysql),
                (".pgpass", Engine::Postgres)
            ]
        );
    }
}
