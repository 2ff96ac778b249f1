//! What to watch, to log and to look after on MongoDB.

use super::{Advice, Ground, MAX_LOG_BYTES_PER_DAY, advice};
use crate::judge::words;
use crate::model::event::Engine;
use crate::report::build::sql::mongodb as sql;
use crate::report::engines;
use crate::report::phrases::{either, ms, plural};
use crate::report::types::Query;

/// How to get plans.
pub const PLANS: &str = "A plan summary names the indexes of a plan, not its stages. The `explain` \
                         command under each of the first classes above shows them: with \
                         `queryPlanner` it executes nothing, with `executionStats` it runs the \
                         operation once, but changes nothing.";

/// What changes of indexes cost there.
pub const TRADE_OFFS: [&str; 2] = [
    "On MongoDB every index is paid for by each insert, removal and update of its fields, and by its \
     place in the cache. A build reads the whole collection, on all members of a replica set at the \
     same time, and waits for an exclusive lock at its begin and its end behind the longest \
     operation on the collection. `hidden: true` (4.4 and later) tests a drop and is undone at once.",
    "A compound index can hold the elements of at most one array field per document. These logs do \
     not say which fields are arrays.",
];

/// Operations below this are no news, however fast the others are.
const MIN_SECONDS: f64 = 2.0;

/// The shown classes of MongoDB.
fn classes<'r>(ground: &Ground<'r>) -> impl Iterator<Item = &'r Query> {
    ground.report.shown().filter(|query| query.engine == Engine::Mongodb)
}

/// Whether the log says how long operations were at work: from 8.0 on, and then it is that time which
/// `slowms` is about.
fn is_cut_by_work(ground: &Ground<'_>) -> bool {
    ground.report.spent.iter().any(|part| part.spent.what == "working_time")
}

pub fn watch(ground: &Ground<'_>) -> Vec<Advice> {
    let slowest = classes(ground).filter_map(|query| query.times.p99_ms.or(query.times.p95_ms));
    let usual_s = slowest.fold(0.0, f64::max) / 1e3;
    let seconds = (2.0 * usual_s).max(MIN_SECONDS).ceil() as u64;
    let mut list = vec![
        advice(
            "Operations that run right now",
            format!(
                "Those that have run for {seconds} s or longer: twice as long as nearly all runs of \
                 the slowest class above. What they wait for stands with them; \
                 `db.killOp(opid)` ends one."
            ),
            Some(&sql::running_for(seconds)),
        ),
        advice(
            "Scans and sorts since the server started",
            "Counters that only rise: take them twice and compare. `collectionScans.nonTailable` \
             should hardly move, and `scannedObjects` should grow about as fast as `returned`.",
            Some(sql::COUNTERS),
        ),
        advice(
            "Cache and queues",
            "Alert above 95 % used or 20 % dirty: from there on operations must make room \
             themselves. Operations that wait while tickets are `available` wait for locks, without \
             any for their turn.",
            Some(sql::CACHE_AND_QUEUES),
        ),
    ];
    if ground.report.has_target("connections") {
        list.push(advice(
            "Connections",
            "Alert above 85 % used. `created` grows with each new connection: many a second mean \
             that clients do not pool them.",
            Some(sql::CONNECTIONS),
        ));
    }
    let replicates = |what: &str| matches!(what, "heartbeat" | "oplog_read" | "applied");
    if ground.report.apart.iter().any(|kept| replicates(kept.what)) {
        list.push(advice(
            "Replication lag",
            "Alert when a secondary is more than 10 s behind, which is when flow control begins to \
             slow writes down, and long before its place in the oplog is gone.",
            Some(sql::REPLICATION_LAG),
        ));
    }
    list
}

/// What the log should hold next time, and how large that makes it.
pub fn logging(ground: &Ground<'_>) -> Vec<Advice> {
    if ground.records == 0 {
        return Vec::new();
    }
    if let Some(profiler) = profiled(ground) {
        return vec![profiler];
    }
    let mut list = Vec::new();
    let size = |bytes: f64| words::bytes(bytes as u64);
    let filtered = ground.report.options.contains_key("min-duration");
    if ground.threshold_ms.is_some() && !filtered {
        let text = format!(
            "To see the operations below the threshold, lower `slowms` for one representative hour. \
             How much that writes is not in these files: multiply the operations of a minute, which \
             the first script counts, by about {} a record. Above 1 GB a day let `sampleRate` take \
             only some. Both settings are those of the whole server and gone after a restart, unless \
             they also stand in its configuration (`operationProfiling.slowOpThresholdMs`, \
             `operationProfiling.slowOpSampleRate`). Atlas may manage the threshold itself.",
            size(ground.record_bytes())
        );
        let script = format!("{}\n\n{}", sql::OPERATION_COUNT, sql::LOWER_SLOWMS);
        list.push(advice("Logging: the operations below the threshold", text, Some(&script)));
    } else if let Some(volume) = ground.days().map(|days| ground.bytes as f64 / days) {
        let more = match volume > MAX_LOG_BYTES_PER_DAY {
            true => {
                " That is above 1 GB a day: raise `slowms`, or let `sampleRate` take only some."
            }
            false => "",
        };
        let text = format!(
            "At the rate of this period the log makes {} a day ({} of {} each).{more}",
            size(volume),
            plural(ground.records, "record"),
            size(ground.record_bytes()),
        );
        list.push(advice("Logging: volume", text, None));
    }
    if is_cut_by_work(ground) {
        list.push(advice(
            "Logging: operations that only waited",
            "From 8.0 on `slowms` is compared with the time at work, so an operation that waited for \
             a lock, a ticket or its write concern and then did little is not logged. A filter on \
             `millis`, the whole duration, takes the place of `slowms` and `sampleRate`, for one \
             database each time.",
            Some(sql::LOG_BY_DURATION),
        ));
    }
    list.extend(profiler(ground));
    list
}

/// What to do where the profiler's documents were read.
fn profiled(ground: &Ground<'_>) -> Option<Advice> {
    engines::is_profiled(ground.report).then(|| {
        advice(
            "The profiler",
            "Its documents were read: `system.profile` forgets the oldest when it is full, so a \
             larger one reaches further back. Each operation that it takes is one more write; turn \
             it off when it has told enough, for each database. The server's log beside it has \
             connections, errors and elections.",
            Some(sql::PROFILER_OFF),
        )
    })
}

/// The profiler knows users and plans, which the log does not.
fn profiler(ground: &Ground<'_>) -> Option<Advice> {
    let mut databases = classes(ground).filter_map(|query| query.databases.first());
    let heaviest = databases.find(|named| !is_internal(&named.name))?;
    let text = "The log knows neither the users nor the stages of the plans. The profiler does: at \
                level 1 each operation over `slowms` also becomes a document of `system.profile`, one \
                more write each, with its literals. That collection is capped, at 1 MB unless it is \
                made larger first, and forgets the oldest; export it with `mongodump` or \
                `mongoexport` and analyze that. Dropping it loses what it holds. Level 2 takes every \
                operation: not on a busy server."
        .to_owned();
    Some(advice("Logging: users and plans", text, Some(&sql::profile(&heaviest.name))))
}

/// Databases of the server itself.
fn is_internal(database: &str) -> bool {
    matches!(database, "admin" | "config" | "local")
}

pub fn maintenance(ground: &Ground<'_>) -> Vec<Advice> {
    let threshold = ground.threshold_ms.map_or(String::new(), |threshold| {
        format!(", with the same `slowms` (now about {})", ms(threshold))
    });
    let mut list = vec![advice(
        "Weekly",
        format!(
            "Analyze the log of the same days again{threshold}; look at new classes, at those whose \
             share grew and at those whose plan summaries changed. Then the collections and indexes \
             that grow fastest: indexes that no longer fit into the cache make every read slower.",
        ),
        Some(sql::SIZES),
    )];
    if ground.report.has_target("indexes") {
        let servers = ground.report.servers.iter().filter(|s| s.engine == Engine::Mongodb).count();
        let here = either(servers as u64, "server is", "servers are");
        list.push(advice(
            "Monthly: how indexes are used",
            format!(
                "No use is a question, not a verdict: the counters of each member run since it \
                 started, and must cover a month end. Run it on every member of each replica set and \
                 on every shard, connected to that member alone ({here} in these logs), and add up. \
                 An index that is unique, expires documents, is a shard key or is named in a `hint` \
                 stays."
            ),
            Some(sql::INDEX_USE),
        ));
    }
    list.push(advice(
        "Quarterly",
        "Look for indexes that are the beginning of another one, and for collections that only grow \
         and could expire (a TTL index) or be archived; and install the patch release of the server.",
        Some(sql::INDEXES),
    ));
    list
}
