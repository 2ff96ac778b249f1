//! Pools of connections: what applications log of theirs, what poolers show, and what files of
//! applications say.

use super::servers;
use crate::model::catalog::{Pool, PoolName};
use crate::model::event::PoolFigures;
use crate::model::facts::ServerFacts;
use crate::model::workload::incidents::application_pools::PoolHistory;
use crate::report::build::{Draft, ms};
use crate::report::types::{ApplicationItem, At, LibraryItem, PoolItem, PoolSettingItem, Sample};

/// Moments of all pools together.
const MAX_SAMPLES: usize = 2000;

/// All pools, by server and name.
pub fn pools(draft: &Draft<'_>) -> Vec<PoolItem> {
    let of_applications = servers(draft).flat_map(|(server, kept)| {
        let pools = kept.application_pools.iter();
        pools.map(|(name, pool)| of_application(&server.label, name, pool))
    });
    let facts = draft.evidence.facts;
    let of_poolers = facts.servers.iter().flat_map(|server| {
        let pools = server.catalog.pools.iter();
        pools.map(|(name, series)| of_pooler(&server.label, name, &series.last.value))
    });
    of_applications.chain(of_poolers).collect()
}

fn of_application(server: &str, name: &str, pool: &PoolHistory) -> PoolItem {
    let PoolFigures { waiting, active, total, idle, max } = pool.most;
    PoolItem {
        server: server.to_owned(),
        name: name.to_owned(),
        samples: pool.samples,
        total,
        active,
        idle,
        waiting,
        max,
        mode: None,
        timeouts: Some(pool.timeouts.count),
        max_wait_ms: (pool.timeouts.max > 0).then(|| ms(pool.timeouts.max)),
        leaks: Some(pool.leaks.count),
    }
}

fn of_pooler(server: &str, name: &PoolName, pool: &Pool) -> PoolItem {
    let user = name.user.as_deref().map_or(String::new(), |user| format!("/{user}"));
    PoolItem {
        server: server.to_owned(),
        name: format!("{}{user}", name.database),
        samples: u64::from(pool.active.is_some() || pool.connections.is_some()),
        total: pool.connections,
        active: pool.active,
        idle: pool.idle,
        waiting: pool.waiting,
        max: pool.size,
        mode: pool.mode.as_deref().map(str::to_owned),
        timeouts: None,
        max_wait_ms: pool.max_wait_us.map(ms),
        leaks: None,
    }
}

/// Applications of which files were read, by server.
pub fn applications(draft: &Draft<'_>) -> Vec<ApplicationItem> {
    let facts = draft.evidence.facts;
    let item = |server: &ServerFacts| {
        let told = &server.catalog.application;
        let libraries = told.libraries.iter().map(|(name, library)| LibraryItem {
            name: name.to_string(),
            version: library.value.version.as_deref().map(str::to_owned),
            engine: library.value.engine,
            source: facts.source(library.origin.place),
        });
        let settings = told.pool_settings.iter().map(|(name, setting)| PoolSettingItem {
            name: name.to_string(),
            value: setting.value.to_string(),
            source: facts.source(setting.origin.place),
        });
        ApplicationItem {
            server: server.label.clone(),
            libraries: libraries.collect(),
            pool_settings: settings.collect(),
        }
    };
    let items = facts.servers.iter().map(item);
    items.filter(|item| !item.libraries.is_empty() || !item.pool_settings.is_empty()).collect()
}

/// Callers that got no connection in time; `None` where no application says anything of its pool.
pub fn timeouts(draft: &Draft<'_>) -> Option<u64> {
    let all = servers(draft).flat_map(|(_, kept)| kept.application_pools.iter());
    all.map(|(_, pool)| pool.timeouts.count).reduce(u64::saturating_add)
}

/// The fullest moment of each stretch of time of each pool.
pub fn samples(draft: &Draft<'_>) -> Vec<Sample> {
    let all = servers(draft).flat_map(|(_, kept)| kept.application_pools.iter());
    let moments = all.flat_map(|(name, pool)| pool.moments().map(move |moment| (name, moment)));
    let sample = |(name, (time, figures)): (&str, (_, PoolFigures))| {
        let open = figures.total.or(figures.active)?;
        Some(Sample {
            at: At(time),
            pool: Some(name.to_owned()),
            total: open,
            active: figures.active,
            idle: figures.idle,
            idle_in_transaction: (),
            waiting: figures.waiting,
            max: figures.max,
        })
    };
    moments.filter_map(sample).take(MAX_SAMPLES).collect()
}
