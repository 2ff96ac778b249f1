//! Option files of MySQL and MariaDB: `my.cnf`, `mysqld.cnf`, `50-server.cnf`. Only groups that a
//! server reads count; those of clients hold passwords and nothing about the server.

use super::ini::{What, ini_lines, unquoted};
use super::{ConfigReader, Content};
use crate::model::catalog::SettingsFile;
use crate::model::event::Engine;
use crate::model::facts::InputKind;
use crate::read::input::Sample;
use crate::read::logs::{FormatMeta, LogFormat, LogReader};
use crate::read::options::ReadOptions;

/// The score of an option file.
const SCORE: u8 = 87;
/// Groups that servers read, without a version behind them.
const OF_SERVER: [&str; 6] = ["mysqld", "server", "mariadb", "mariadbd", "galera", "mysqld_safe"];
/// Groups that others read.
const OF_OTHERS: [&str; 14] = [
    "client",
    "client-server",
    "client-mariadb",
    "mysql",
    "mysqldump",
    "mysqladmin",
    "mysqlcheck",
    "mysqlhotcopy",
    "mysqlimport",
    "mysqlshow",
    "mysqlslap",
    "mysql_upgrade",
    "mysql_safe",
    "mariadb-client",
];
/// Options whose names begin with `skip` although they switch nothing off.
const NO_SWITCH: [&str; 5] = [
    "skip_name_resolve",
    "skip_networking",
    "skip_show_database",
    "skip_external_locking",
    "skip_replica_start",
];

/// Option files.
pub struct OptionFile;

static META: FormatMeta = FormatMeta {
    name: "my.cnf",
    engine: Engine::Mysql,
    title: "Option files of MySQL and MariaDB: my.cnf, mysqld.cnf",
    samples: &[
        "[mysqld]\ninnodb_buffer_pool_size = 4G\nmax-connections = 200\nskip-name-resolve\n",
    ],
    apart: None,
    sample_map: None,
};

impl LogFormat for OptionFile {
    fn meta(&self) -> &'static FormatMeta {
        &META
    }

    fn kind(&self) -> InputKind {
        InputKind::Catalog
    }

    fn sniff(&self, sample: &Sample, _: &ReadOptions) -> u8 {
        let text = String::from_utf8_lossy(&sample.head);
        let (mut own, mut foreign) = (0, 0);
        for line in ini_lines(&text).filter(|line| line.what == What::Section) {
            match is_of_server(line.section) || OF_OTHERS.contains(&line.section) {
                true => own += 1,
                false => foreign += 1,
            }
        }
        if own > foreign { SCORE } else { 0 }
    }

    fn open(&self, sample: &Sample, _: &ReadOptions) -> Box<dyn LogReader> {
        let text = String::from_utf8_lossy(&sample.head);
        let is_of_mariadb =
            |line: super::ini::IniLine<'_>| line.section.to_ascii_lowercase().contains("mariadb");
        let engine = match ini_lines(&text).any(is_of_mariadb) {
            true => Engine::Mariadb,
            false => Engine::Mysql,
        };
        ConfigReader::open(engine, SettingsFile::MyCnf.name(), read, &sample.head)
    }
}

/// `mysqld`, `mysqld-8.0`, `mariadb-10.11`.
fn is_of_server(group: &str) -> bool {
    let is_version = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    let name = match group.rsplit_once('-') {
        Some((name, version)) if is_version(version) => name,
        _ => group,
    };
    OF_SERVER.contains(&name.to_ascii_lowercase().as_str())
}

pub(super) fn read(text: &str) -> Content {
    let mut content = Content::default();
    for line in ini_lines(text) {
        match line.what {
            What::Include(file) => content.includes.push(file.to_owned()),
            What::Option(name, value) if is_of_server(line.section) => {
                let (name, value) = option(name, value.map(unquoted));
                content.settings.push((line.at, name, value));
            }
            What::Option(..) | What::Section => {}
        }
    }
    content
}

/// An option as the variable it sets: `-` is `_`, a bare name is ON, `skip-` and `disable-` are OFF.
fn option(name: &str, value: Option<&str>) -> (String, String) {
    let name = name.trim_start_matches('-').to_ascii_lowercase().replace('-', "_");
    let name = name.strip_prefix("loose_").unwrap_or(&name);
    if let Some(value) = value {
        return (name.to_owned(), value.to_owned());
    }
    if NO_SWITCH.contains(&name) {
        return (name.to_owned(), "ON".to_owned());
    }
    for (prefix, value) in [("skip_", "OFF"), ("disable_", "OFF"), ("enable_", "ON")] {
        if let Some(name) = name.strip_prefix(prefix) {
            return (name.to_owned(), value.to_owned());
        }
    }
    (name.to_owned(), "ON".to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::tests::settings;
    use super::*;

    #[test]
    fn only_groups_of_servers_count() {
        let text = "!includedir /etc/mysql/conf.d/\n[client]\npassword = s3cret\n[mysqld]\n--loose-Query-Cache-Size=16M # x\nskip-log-bin\nskip-name-resolve\n[mysqld-8.0]\nport='3307'\n[mysqldump]\nquick\n[mariadb-10.11]\nslow_query_log\n";
        let content = read(text);
        let expected = [
            ("query_cache_size", "16M"),
            ("log_bin", "OFF"),
            ("skip_name_resolve", "ON"),
            ("port", "3307"),
            ("slow_query_log", "ON"),
        ];
        assert_eq!(settings(&content), expected);
        assert_eq!(content.includes, ["/etc/mysql/conf.d/"]);
    }
}
