//! `pgbouncer.ini`: settings of the pooler, and the pools of its databases. How it connects to them
//! is left out: hosts, users and passwords.

use super::ini::{What, ini_lines};
use super::{ConfigReader, Content};
use crate::model::catalog::{Pool, PoolName, SettingsFile};
use crate::model::event::Engine;
use crate::model::facts::InputKind;
use crate::read::input::Sample;
use crate::read::logs::{FormatMeta, LogFormat, LogReader};
use crate::read::options::ReadOptions;

/// The score of such a file.
const SCORE: u8 = 90;

/// Settings files of PgBouncer.
pub struct PgBouncerIni;

static META: FormatMeta = FormatMeta {
    name: "pgbouncer.ini",
    engine: Engine::Postgres,
    title: "pgbouncer.ini",
    samples: &[
        "[databases]\nshop = host=10.0.0.7 dbname=shop pool_size=20\n\n[pgbouncer]\npool_mode = transaction\nmax_client_conn = 500\n",
    ],
    apart: Some("pgbouncer"),
    sample_map: None,
};

impl LogFormat for PgBouncerIni {
    fn meta(&self) -> &'static FormatMeta {
        &META
    }

    fn kind(&self) -> InputKind {
        InputKind::Catalog
    }

    fn sniff(&self, sample: &Sample, _: &ReadOptions) -> u8 {
        let text = String::from_utf8_lossy(&sample.head);
        if ini_lines(&text).any(|line| line.section == "pgbouncer") { SCORE } else { 0 }
    }

    fn open(&self, sample: &Sample, _: &ReadOptions) -> Box<dyn LogReader> {
        let file = SettingsFile::PgBouncer.name();
        ConfigReader::open(Engine::Postgres, file, read, &sample.head)
    }
}

pub(super) fn read(text: &str) -> Content {
    let mut content = Content::default();
    for line in ini_lines(text) {
        match (line.section, line.what) {
            (_, What::Include(file)) => content.includes.push(file.to_owned()),
            ("pgbouncer", What::Option(name, Some(value))) => {
                content.settings.push((line.at, name.to_ascii_lowercase(), value.to_owned()));
            }
            ("databases", What::Option(name, Some(connection))) => {
                let pool = pool(connection);
                if pool != Pool::default() {
                    let name = PoolName { database: name.trim_matches('"').into(), user: None };
                    content.pools.push((line.at, name, pool));
                }
            }
            (_, What::Option(..) | What::Section) => {}
        }
    }
    content
}

/// What a connection string says of the pool. Values in quotes hold no `pool_size=` that counts, so
/// they are stepped over.
fn pool(connection: &str) -> Pool {
    let mut pool = Pool::default();
    for plain in connection.split('\'').step_by(2) {
        for (name, value) in plain.split_whitespace().filter_map(|word| word.split_once('=')) {
            match name {
                "pool_size" => pool.size = value.parse().ok(),
                "pool_mode" => pool.mode = Some(value.into()),
                _ => {}
            }
        }
    }
    pool
}

#[cfg(test)]
mod tests {
    use super::super::tests::settings;
    use super::*;

    #[test]
    fn pools_have_sizes_and_no_secrets() {
        let text = "[databases]\nshop = host=h password='pool_size=9 s3cret' pool_size=50 pool_mode=session\n* =\n[users]\na = pool_mode=session\n[pgbouncer]\nmax_client_conn = 100 ; no comment\n;x = 1\n";
        let content = read(text);
        assert_eq!(settings(&content), [("max_client_conn", "100 ; no comment")]);
        let pools: Vec<_> =
            content.pools.iter().map(|(_, name, pool)| (&*name.database, pool.size)).collect();
        assert_eq!(pools, [("shop", Some(50))]);
    }
}
