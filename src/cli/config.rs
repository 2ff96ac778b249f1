//! `querylens.toml`: thresholds, rules that are switched off, and defaults of the command line.

use crate::error::Error;
use crate::judge::config::{JudgeOptions, Thresholds};
use crate::judge::rules::find;
use serde::Deserialize;
use std::path::Path;

/// The file as written. Unknown keys are refused: a typing error must not pass as a setting.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Config {
    rules: Rules,
    thresholds: Limits,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Rules {
    /// Names of rules that are switched off.
    disable: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Limits {
    min_share: Option<f64>,
    dominant_share: Option<f64>,
    variance_ratio: Option<f64>,
    deep_offset: Option<u64>,
    huge_list: Option<u32>,
    temp_bytes: Option<u64>,
    lock_wait_us: Option<u64>,
    storm_count: Option<u64>,
    storm_per_hour: Option<f64>,
    cancelled: Option<u64>,
    churn_per_minute: Option<f64>,
    wal_share: Option<f64>,
    vacuum_us: Option<u64>,
    dead_rows: Option<u64>,
}

/// The name looked for in the working folder when none is given.
const FILE_NAME: &str = "querylens.toml";

/// Reads the file named, or the one in the working folder if there is one.
pub(super) fn read(named: Option<&Path>) -> Result<Config, Error> {
    let path = named.unwrap_or(Path::new(FILE_NAME));
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(Config::default());
        }
        Err(error) => {
            return Err(Error::Usage(format!("cannot read {}: {error}", path.display())));
        }
    };
    let config: Config = toml::from_str(&text)
        .map_err(|error| Error::Usage(format!("{}: {error}", path.display())))?;
    for name in &config.rules.disable {
        if find(name).is_none() {
            return Err(Error::Usage(format!(
                "{}: there is no rule '{name}' to disable (querylens rules lists them)",
                path.display()
            )));
        }
    }
    config
        .thresholds
        .check()
        .map_err(|wrong| Error::Usage(format!("{}: {wrong}", path.display())))?;
    Ok(config)
}

impl Limits {
    /// A limit that no value reaches, or every value does, is a typing error.
    fn check(&self) -> Result<(), String> {
        for (name, value, most) in [
            ("min_share", self.min_share, 1.0),
            ("dominant_share", self.dominant_share, 1.0),
            ("variance_ratio", self.variance_ratio, f64::MAX),
            ("storm_per_hour", self.storm_per_hour, f64::MAX),
            ("churn_per_minute", self.churn_per_minute, f64::MAX),
            ("wal_share", self.wal_share, 1.0),
        ] {
            if value.is_some_and(|value| !(0.0..=most).contains(&value)) {
                return Err(match most {
                    1.0 => format!("{name} must be between 0 and 1"),
                    _ => format!("{name} must be a number of 0 or more"),
                });
            }
        }
        Ok(())
    }
}

impl Config {
    /// Fills in what the file decides about judging.
    pub(super) fn apply(&self, options: &mut JudgeOptions) {
        options.disabled =
            self.rules.disable.iter().filter_map(|n| find(n)).map(|r| r.name.to_owned()).collect();
        let standard = Thresholds::default();
        let limits = &self.thresholds;
        options.thresholds = Thresholds {
            min_share: limits.min_share.unwrap_or(standard.min_share),
            dominant_share: limits.dominant_share.unwrap_or(standard.dominant_share),
            variance_ratio: limits.variance_ratio.unwrap_or(standard.variance_ratio),
            deep_offset: limits.deep_offset.unwrap_or(standard.deep_offset),
            huge_list: limits.huge_list.unwrap_or(standard.huge_list),
            temp_bytes: limits.temp_bytes.unwrap_or(standard.temp_bytes),
            lock_wait_us: limits.lock_wait_us.unwrap_or(standard.lock_wait_us),
            storm_count: limits.storm_count.unwrap_or(standard.storm_count),
            storm_per_hour: limits.storm_per_hour.unwrap_or(standard.storm_per_hour),
            cancelled: limits.cancelled.unwrap_or(standard.cancelled),
            churn_per_minute: limits.churn_per_minute.unwrap_or(standard.churn_per_minute),
            wal_share: limits.wal_share.unwrap_or(standard.wal_share),
            vacuum_us: limits.vacuum_us.unwrap_or(standard.vacuum_us),
            dead_rows: limits.dead_rows.unwrap_or(standard.dead_rows),
        };
    }
}
