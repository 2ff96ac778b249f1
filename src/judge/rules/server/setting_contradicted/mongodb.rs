//! MongoDB: pressure on WiredTiger's cache, by node.

use super::{Case, counted};
use crate::judge::advice::mongodb_lookup;
use crate::judge::evidence::observed::Observed;
use crate::judge::evidence::settings::Settings;
use crate::judge::finding::{Fix, FixKind, Severity};
use crate::judge::words;
use crate::model::facts::ServerFacts;

/// Shares of the cache in use, and changed but not written, from which operations evict pages
/// themselves.
const FULL: f64 = 0.95;
const DIRTY: f64 = 0.2;
/// Pages an hour that operations had to evict.
const MANY_EVICTED_PER_H: f64 = 1000.0;
/// No larger cache is advised without knowing the memory of the machine, in bytes.
const CACHE_MAX: u64 = 64 << 30;

/// What the counters of each node contradict.
pub(super) fn cases(server: &ServerFacts) -> Vec<Case> {
    let nodes = server.catalog.counters.keys();
    let nodes = nodes.filter_map(|name| name.strip_suffix(".cache.max_bytes"));
    nodes.filter_map(|node| cache(server, node)).collect()
}

fn cache(server: &ServerFacts, node: &str) -> Option<Case> {
    let name = |what: &str| format!("{node}.cache.{what}");
    let seen = Observed::since_start(server, &format!("{node}.uptime"), "")?;
    let evicted = name("evicted_by_operations");
    let (max, used) = (seen.now(&name("max_bytes"))?, seen.now(&name("used_bytes"))?);
    let dirty = seen.now(&name("dirty_bytes")).unwrap_or(0.0);
    let hourly = seen.per_hour(&evicted)?;
    let (used_share, dirty_share) = (used / max.max(1.0), dirty / max.max(1.0));
    let is_pressed = used_share >= FULL || dirty_share >= DIRTY;
    if !is_pressed || hourly < MANY_EVICTED_PER_H || max as u64 >= CACHE_MAX {
        return None;
    }
    let now = max as u64;
    let most = now.saturating_mul(2).min(CACHE_MAX);
    let step = now.saturating_add(now / 2).min(most);
    let mb = |bytes: u64| format!("{}M", bytes >> 20);
    let change = |bytes: u64| {
        format!(
            "db.adminCommand({{ setParameter: 1, wiredTigerEngineRuntimeConfig: \"cache_size={}\" }})",
            mb(bytes)
        )
    };
    let settings = Settings::of(server);
    let configured = settings.told("storage.wiredTiger.engineConfig.cacheSizeGB");
    let mut facts = vec![
        counted(
            &seen,
            &evicted,
            format!(
                "{} pages an hour were evicted by operations themselves",
                words::count(hourly as u64)
            ),
        ),
        (
            format!(
                "{} of {} are in use, {} of it changed and not written",
                words::memory(used as u64),
                words::memory(now),
                words::percent(dirty_share)
            ),
            seen.place(&name("used_bytes")),
        ),
    ];
    if let Some(told) = configured {
        facts.push((format!("cacheSizeGB is {}", told.value.value), Some(told.origin.place)));
    }
    Some(Case {
        setting: "cacheSizeGB",
        of: node.to_owned(),
        title: format!("The cache is {} full, and operations evict pages themselves", words::percent(used_share)),
        message: format!(
            "of a cache of {} {} is in use and {} dirty, and operations had to evict {} pages an hour \
             before they could go on. First see what reads so much: a scan without an index fills any \
             cache. Then between {} and {}, and at most about 60 % of the memory: the file cache needs \
             the rest.",
            words::memory(now),
            words::percent(used_share),
            words::percent(dirty_share),
            words::count(hourly as u64),
            words::memory(step),
            words::memory(most)
        ),
        severity: if dirty_share >= DIRTY { Severity::Medium } else { Severity::Low },
        facts,
        fixes: vec![
            mongodb_lookup::fix(mongodb_lookup::running(), "What runs just now, and reads."),
            Fix {
                kind: FixKind::Js,
                text: change(step),
                undo: change(now),
                note: "One step, on this node only, until it restarts: write \
                       storage.wiredTiger.engineConfig.cacheSizeGB into mongod.conf, too. A managed \
                       service takes a larger instance instead."
                    .to_owned(),
                complete: true,
            },
        ],
        verify: "`pages evicted by application threads` of db.serverStatus().wiredTiger.cache hardly \
                 grows over a day.",
        trade_offs: "Memory that connections, sorts and the file cache no longer have.".to_owned(),
        observed_s: Some(seen.seconds),
    })
}
