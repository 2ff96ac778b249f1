//! `redis-cli info` (Valkey's too): how often the cache before a server had what was asked for.

use super::HostReader;
use crate::model::catalog::{Catalog, Origin, Told, add_state};
use crate::model::event::Engine;
use crate::model::facts::InputKind;
use crate::model::workload::examples::Place;
use crate::read::input::Sample;
use crate::read::logs::{FormatMeta, LogFormat, LogReader};
use crate::read::options::ReadOptions;
use crate::time::ZoneTable;
use std::sync::Arc;

/// The score of a file with its lines.
const SCORE: u8 = 92;
/// Numbers that are kept, under `redis.` and their name.
const COUNTERS: [&str; 10] = [
    "keyspace_hits",
    "keyspace_misses",
    "evicted_keys",
    "expired_keys",
    "total_commands_processed",
    "connected_clients",
    "rejected_connections",
    "used_memory",
    "maxmemory",
    "uptime_in_seconds",
];

/// Files of `redis-cli info`.
pub struct RedisInfo;

static META: FormatMeta = FormatMeta {
    name: "redis-info",
    engine: Engine::Postgres,
    title: "redis-cli info: hits and misses of the cache",
    samples: &[
        "# Server\r\nredis_version:7.2.4\r\nuptime_in_seconds:86400\r\n\r\n# Stats\r\nkeyspace_hits:900\r\nkeyspace_misses:100\r\n",
    ],
    apart: None,
    sample_map: None,
};

impl LogFormat for RedisInfo {
    fn meta(&self) -> &'static FormatMeta {
        &META
    }

    fn kind(&self) -> InputKind {
        InputKind::Catalog
    }

    fn sniff(&self, sample: &Sample, _: &ReadOptions) -> u8 {
        let head = String::from_utf8_lossy(&sample.head);
        let has = |name: &str| head.lines().any(|line| line.starts_with(name));
        if has("# Stats") && has("keyspace_hits:") && has("keyspace_misses:") { SCORE } else { 0 }
    }

    fn open(&self, _: &Sample, options: &ReadOptions) -> Box<dyn LogReader> {
        Box::new(HostReader { tell, zones: Arc::clone(&options.zones) })
    }
}

fn tell(text: &str, _: &ZoneTable, place: Place) -> (Catalog, u64) {
    let mut catalog = Catalog::default();
    for (line, text) in (0u32..).zip(text.lines()) {
        let Some((name, value)) = text.trim_end().split_once(':') else { continue };
        let number = value.parse::<f64>().ok().filter(|number| number.is_finite());
        let Some(number) = number.filter(|_| COUNTERS.contains(&name)) else { continue };
        let place = Place { line_in_chunk: place.line_in_chunk.saturating_add(line), ..place };
        let told = Told::new(number, Origin { taken: None, place });
        add_state(&mut catalog.counters, format!("redis.{name}").into(), told);
    }
    (catalog, 1)
}
