//! Read-only mongosh commands that a fix begins with, where a log alone cannot decide. They run on
//! every version from 4.4 on and change nothing.

use super::mongodb_names::{collection, string};
use crate::judge::finding::{Fix, FixKind};

/// A command that only looks, as a fix.
pub fn fix(text: String, note: &str) -> Fix {
    Fix { kind: FixKind::Js, text, undo: String::new(), note: note.to_owned(), complete: true }
}

/// Connections by application and whether they do anything, most first.
pub fn connections() -> String {
    "db.getSiblingDB(\"admin\").aggregate([\n  { $currentOp: { allUsers: true, idleConnections: true } \
     },\n  { $group: { _id: { app: \"$appName\", active: \"$active\" }, connections: { $sum: 1 } } },\n  \
     { $sort: { connections: -1 } }\n])\ndb.serverStatus().connections"
        .to_owned()
}

/// Operations that run just now, those that have run longest first, with what they wait for.
pub fn running() -> String {
    "db.getSiblingDB(\"admin\").aggregate([\n  { $currentOp: { allUsers: true } },\n  { $match: { \
     active: true, secs_running: { $gte: 1 } } },\n  { $sort: { secs_running: -1 } },\n  { $project: { \
     op: 1, ns: 1, secs_running: 1, waitingForLock: 1, waitingForFlowControl: 1, locks: 1, \
     planSummary: 1, appName: 1 } }\n])"
        .to_owned()
}

/// How full the storage engine's cache is, and how many may work at once.
pub fn engine() -> String {
    "const s = db.serverStatus();\nprintjson({\n  used: s.wiredTiger.cache[\"bytes currently in the \
     cache\"],\n  dirty: s.wiredTiger.cache[\"tracked dirty bytes in the cache\"],\n  limit: \
     s.wiredTiger.cache[\"maximum bytes configured\"],\n  evictedByOperations: \
     s.wiredTiger.cache[\"pages evicted by application threads\"],\n  tickets: s.queues ?? \
     s.wiredTiger.concurrentTransactions,\n  queue: s.globalLock.currentQueue\n})"
        .to_owned()
}

/// How far the members of the replica set are behind.
pub fn replication() -> String {
    "rs.printSecondaryReplicationInfo()\nprintjson(db.serverStatus().flowControl)".to_owned()
}

/// The members of the replica set, and the settings that elections follow.
pub fn members() -> String {
    "rs.status().members.map(m => ({ name: m.name, state: m.stateStr, ping: m.pingMs, since: \
     m.electionDate }))\nrs.conf().settings"
        .to_owned()
}

/// The indexes of a collection, and how often each was used.
pub fn index_use(database: &str, name: &str) -> String {
    let collection = collection(database, name);
    format!(
        "{collection}.getIndexes()\n{collection}.aggregate([\n  {{ $indexStats: {{}} }},\n  {{ $project: \
         {{ name: 1, key: 1, since: \"$accesses.since\", uses: \"$accesses.ops\" }} }}\n])"
    )
}

/// Hides indexes from the planner, behind the list of all with their use. They are kept up to date, so
/// that to unhide one takes no time.
pub fn hide(database: &str, name: &str, indexes: &[&str]) -> Fix {
    let each = |method: &str| {
        let calls = indexes
            .iter()
            .map(|index| format!("{}.{method}({})", collection(database, name), string(index)));
        calls.collect::<Vec<_>>().join("\n")
    };
    Fix {
        kind: FixKind::Js,
        text: format!(
            "// First: the indexes and their use. Go on only if another one begins with all fields.\n{}\n{}",
            index_use(database, name),
            each("hideIndex")
        ),
        undo: each("unhideIndex"),
        note: "A candidate: the names say that another index begins with the same fields. It is none where \
               it is unique, sparse, partial, or of another collation. From MongoDB 4.4 on; a hidden index \
               is still written, and keeps its documents unique and its documents' lifetime. Drop it when \
               nothing got slower."
            .to_owned(),
        complete: true,
    }
}

/// The plans that the server has kept for a collection, with what they cost.
pub fn plan_cache(database: &str, name: &str) -> String {
    format!(
        "{}.aggregate([\n  {{ $planCacheStats: {{}} }},\n  {{ $project: {{ planCacheKey: 1, isActive: 1, \
         works: 1, timeOfCreation: 1, cachedPlan: 1 }} }}\n])",
        collection(database, name)
    )
}
