//! `mongod.conf`: YAML since 2.6, before that `name = value` lines, whose names become those of YAML.
//!
//! Only what such files hold is read of YAML: maps by indentation, and scalars. Lists and maps in
//! braces are stepped over.

use super::ini::unquoted;
use super::{ConfigReader, Content, lines};
use crate::model::catalog::SettingsFile;
use crate::model::event::Engine;
use crate::model::facts::InputKind;
use crate::read::input::Sample;
use crate::read::logs::{FormatMeta, LogFormat, LogReader};
use crate::read::options::ReadOptions;

/// The score of such a file.
const SCORE: u8 = 86;
/// Maps in maps, at most.
const DEPTH_MAX: usize = 12;
/// So many settings that are MongoDB's make a file one of it.
const MIN_OWN: usize = 2;
/// How names in YAML begin that are MongoDB's.
const OWN: [&str; 18] = [
    "storage.dbPath",
    "storage.engine",
    "storage.journal.",
    "storage.directoryPerDB",
    "storage.wiredTiger.",
    "systemLog.",
    "net.port",
    "net.bindIp",
    "net.maxIncomingConnections",
    "net.tls.",
    "net.ssl.",
    "processManagement.",
    "replication.replSetName",
    "replication.oplogSizeMB",
    "sharding.clusterRole",
    "operationProfiling.",
    "security.authorization",
    "setParameter.",
];
/// Names of the old form that no other program has, and those of YAML for them.
const OLD: [(&str, &str); 14] = [
    ("dbpath", "storage.dbPath"),
    ("logpath", "systemLog.path"),
    ("logappend", "systemLog.logAppend"),
    ("bind_ip", "net.bindIp"),
    ("maxconns", "net.maxIncomingConnections"),
    ("replset", "replication.replSetName"),
    ("oplogsize", "replication.oplogSizeMB"),
    ("directoryperdb", "storage.directoryPerDB"),
    ("storageengine", "storage.engine"),
    ("wiredtigercachesizegb", "storage.wiredTiger.engineConfig.cacheSizeGB"),
    ("slowms", "operationProfiling.slowOpThresholdMs"),
    ("profile", "operationProfiling.mode"),
    ("fork", "processManagement.fork"),
    ("port", "net.port"),
];

/// Settings files of MongoDB.
pub struct MongodConf;

static META: FormatMeta = FormatMeta {
    name: "mongod.conf",
    engine: Engine::Mongodb,
    title: "mongod.conf, in YAML and in the old form",
    samples: &[
        "storage:\n  dbPath: /var/lib/mongodb\n  wiredTiger:\n    engineConfig:\n      cacheSizeGB: 4\nsystemLog:\n  destination: file\nnet:\n  port: 27017\n",
        "dbpath=/var/lib/mongodb\nlogpath=/var/log/mongodb/mongod.log\nslowms=50\n",
    ],
    apart: None,
    sample_map: None,
};

impl LogFormat for MongodConf {
    fn meta(&self) -> &'static FormatMeta {
        &META
    }

    fn kind(&self) -> InputKind {
        InputKind::Catalog
    }

    fn sniff(&self, sample: &Sample, _: &ReadOptions) -> u8 {
        let content = read(&String::from_utf8_lossy(&sample.head));
        let is_own = |name: &str| OWN.iter().any(|start| name.starts_with(start));
        let own = content.settings.iter().filter(|(_, name, _)| is_own(name)).count();
        let all = content.settings.len() + content.unread.len();
        if own >= MIN_OWN && own * 2 >= all { SCORE } else { 0 }
    }

    fn open(&self, sample: &Sample, _: &ReadOptions) -> Box<dyn LogReader> {
        let file = SettingsFile::Mongod.name();
        ConfigReader::open(Engine::Mongodb, file, read, &sample.head)
    }
}

pub(super) fn read(text: &str) -> Content {
    let mut content = Content::default();
    // The maps that a line stands in: their indentation, and their names up to here.
    let mut maps: Vec<(usize, String)> = Vec::new();
    for (at, line) in lines(text) {
        let bare = line.trim_start();
        if bare.is_empty() || bare.starts_with(['#', '-']) || bare == "..." {
            continue;
        }
        let indent = line.len() - bare.len();
        while maps.last().is_some_and(|(outer, _)| *outer >= indent) {
            maps.pop();
        }
        let Some((name, value)) = pair(bare) else {
            match old(bare) {
                Some((name, value)) => content.settings.push((at, name, value)),
                None => content
                    .unread
                    .push((at, "no setting: neither `name: value` nor `name = value`")),
            }
            continue;
        };
        let name = match maps.last() {
            Some((_, outer)) => format!("{outer}.{name}"),
            None => name.to_owned(),
        };
        match value {
            "" if maps.len() < DEPTH_MAX => maps.push((indent, name)),
            "" => content.unread.push((at, "maps in too many maps")),
            value if value.starts_with(['{', '[', '|', '>', '&', '*']) => {}
            value => content.settings.push((at, name, unquoted(value).to_owned())),
        }
    }
    content
}

/// `name: value`, or `name:` above a map.
fn pair(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(':')?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '"' | '\'');
    let begins_value = value.is_empty() || value.starts_with([' ', '\t']);
    let value = value.trim();
    let value = if value.starts_with('#') { "" } else { value };
    (begins_value && !name.is_empty() && name.chars().all(is_name))
        .then_some((name.trim_matches(['"', '\'']), value))
}

/// `name = value` of the old form, under its name in YAML.
fn old(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once('=')?;
    let name = name.trim();
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let known = OLD.iter().find(|(old, _)| name.eq_ignore_ascii_case(old));
    let shown = known.map_or(name, |(_, new)| new).to_owned();
    is_name.then(|| (shown, unquoted(value.trim()).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::tests::settings;
    use super::*;

    #[test]
    fn both_forms_have_the_same_names() {
        let text = "# mongod.conf\nstorage:\n  dbPath: \"/data\"   # x\n  wiredTiger:\n    engineConfig:\n      cacheSizeGB: 4\noperationProfiling:\n   slowOpThresholdMs: 50\nsetParameter: { a: 1 }\nnet.port: 27017\n";
        let expected = [
            ("storage.dbPath", "/data"),
            ("storage.wiredTiger.engineConfig.cacheSizeGB", "4"),
            ("operationProfiling.slowOpThresholdMs", "50"),
            ("net.port", "27017"),
        ];
        assert_eq!(settings(&read(text)), expected);
        let old = "dbpath = /data\nwiredTigerCacheSizeGB=4\nslowms=50\nport = 27017\n";
        assert_eq!(settings(&read(old)), expected);
    }
}
