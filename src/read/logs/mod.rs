//! Log formats. A format is one file and one line in [`FORMATS`]; help, recognition and the shared
//! tests iterate the table.
//!
//! Reading one source: [`LogFormat::sniff`] and [`LogFormat::open`] decide once what the whole file
//! must agree on; the [`LogReader`] is then shared by all workers. Each chunk becomes a [`Segment`];
//! adjacent segments of one source are joined in order, so that what belongs together is found
//! wherever the chunks were cut.

pub mod application;
pub mod envelope;
pub mod generic;
pub mod guess;
mod json;
pub mod mask;
pub mod mongodb;
pub mod mysql;
pub mod pgbouncer;
pub mod postgres;
pub mod segment;
mod text;
mod walk_cut;

pub use text::{ChunkText, Mark, Outer, Role};

use super::input::{Cut, Sample};
use super::options::ReadOptions;
use super::plans::file::PlanFile;
use super::snapshots::application::ApplicationFile;
use super::snapshots::bundles::pg_gather::PgGather;
use super::snapshots::bundles::pgcluu::PgCluu;
use super::snapshots::bundles::pgmetrics::Pgmetrics;
use super::snapshots::config::mongod::MongodConf;
use super::snapshots::config::mysql::OptionFile;
use super::snapshots::config::pgbouncer::PgBouncerIni;
use super::snapshots::config::postgresql::PostgresqlConf;
use super::snapshots::ddl::file::DdlFile;
use super::snapshots::file::SnapshotFile;
use super::snapshots::host::HostCpu;
use super::snapshots::host::redis::RedisInfo;
use super::snapshots::host::stalk::StalkSample;
use super::snapshots::innodb::InnodbStatus;
use super::snapshots::mongodb::MongodbSnapshot;
use super::snapshots::mongodb::printed::MongodbOutput;
use super::snapshots::pooler::PoolerSnapshot;
use crate::model::event::{Engine, Sink};
use crate::model::facts::InputKind;
use mask::{Masker, MessageMasker};
use segment::Segment;

/// What a format is called and what it looks like.
#[derive(Debug)]
pub struct FormatMeta {
    /// The name on the command line and in reports.
    pub name: &'static str,
    /// The engine that writes it.
    pub engine: Engine,
    /// One line for people.
    pub title: &'static str,
    /// Short genuine pieces: recognised by this format and by no other.
    pub samples: &'static [&'static str],
    /// What stands behind the server's label, where such inputs tell of the same work as the
    /// server's own and must not be added to it.
    pub apart: Option<&'static str>,
    /// What `--map` says about the samples, where the format needs it.
    pub sample_map: Option<&'static str>,
}

/// A log format.
pub trait LogFormat: Sync {
    /// What it is called.
    fn meta(&self) -> &'static FormatMeta;

    /// What kind of file it is one of.
    fn kind(&self) -> InputKind {
        InputKind::Log
    }

    /// How sure it is, 0 to 100, that this is one of its files; 0 when it cannot be.
    fn sniff(&self, sample: &Sample, options: &ReadOptions) -> u8;

    /// Decides what the whole file must agree on.
    fn open(&self, sample: &Sample, options: &ReadOptions) -> Box<dyn LogReader>;
}

/// Reads one source; shared by all workers.
pub trait LogReader: Send + Sync {
    /// What was guessed, in words for the report's appendix.
    fn notes(&self) -> Vec<String>;

    /// The engine that wrote this source, where the format alone does not say.
    fn engine(&self) -> Option<Engine> {
        None
    }

    /// It tells of the machine and of no engine: it belongs to the server beside it.
    fn is_of_host(&self) -> bool {
        false
    }

    /// Why this source cannot be read after all, and what to do, in words for people.
    fn refusal(&self) -> Option<String> {
        None
    }

    /// Finds where a chunk may end.
    fn cut(&self) -> Box<dyn Cut + Send>;

    /// Whether that finds record starts in any text, even in one that begins inside a record. Where
    /// it does not, text inside a carrier is taken out of it from the chunk's start for every cut.
    fn cuts_anywhere(&self) -> bool {
        true
    }

    /// Whether what stands first in the source was written last.
    fn newest_first(&self) -> bool {
        false
    }

    /// Something that takes the literals out of single records.
    fn masker(&self) -> Box<dyn Masker + '_> {
        Box::new(MessageMasker)
    }

    /// Reads one chunk, which begins at a record start.
    fn parse(&self, chunk: ChunkText<'_>, sink: &mut dyn Sink) -> Segment;
}

/// Every log format.
pub static FORMATS: &[&dyn LogFormat] = &[
    &postgres::jsonlog::JsonLog,
    &postgres::csvlog::CsvLog,
    &postgres::redshift::Redshift,
    &mongodb::log_json::LogJson,
    &mongodb::log_text::LogText,
    &mongodb::log_documents::LogDocument,
    &mongodb::profile::json::ProfileJson,
    &mongodb::profile::shell::ProfileShell,
    &mongodb::profile::bson::ProfileBson,
    &mongodb::profile::archive::Archive,
    &mysql::slow_log::SlowLog,
    &pgbouncer::PgBouncer,
    &mysql::general_log::GeneralLog,
    &mysql::slow_table::SlowTable,
    &mysql::error_log::json::ErrorLogJson,
    &mysql::error_log::ErrorLog,
    &mysql::binlog_text::BinlogText,
    &postgres::stderr::Stderr,
    &PlanFile,
    &InnodbStatus,
    &PoolerSnapshot::PGBOUNCER,
    &PoolerSnapshot::PROXYSQL,
    &MongodbSnapshot,
    &MongodbOutput,
    &Pgmetrics,
    &PgGather,
    &PgCluu,
    &HostCpu,
    &RedisInfo,
    &StalkSample,
    &SnapshotFile,
    &PgBouncerIni,
    &OptionFile,
    &MongodConf,
    &PostgresqlConf,
    &DdlFile,
    &application::ApplicationLog,
    &ApplicationFile,
    &generic::jsonl::GenericJsonl,
    &generic::csv::GenericCsv,
];

/// A format by its name.
pub fn format_by_name(name: &str) -> Option<&'static dyn LogFormat> {
    FORMATS.iter().copied().find(|format| format.meta().name == name)
}
