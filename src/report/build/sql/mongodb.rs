//! The scripts that a report tells people to run in mongosh, on MongoDB 4.4 and later. They read,
//! but for those that set a profiling level, which bring the way back. Each can be pasted twice into
//! one session: `var`, which may be said again.

/// What the servers of a replica set lag behind.
pub const REPLICATION_LAG: &str = "rs.printSecondaryReplicationInfo();";

/// Scans, sorts and conflicts since the server started.
pub const COUNTERS: &str = "\
var s = db.serverStatus();
print(EJSON.stringify({
  uptimeSeconds: s.uptime,
  collectionScans: s.metrics.queryExecutor.collectionScans,
  scanned: s.metrics.queryExecutor.scanned,
  scannedObjects: s.metrics.queryExecutor.scannedObjects,
  returned: s.metrics.document.returned,
  scanAndOrder: s.metrics.operation.scanAndOrder,
  writeConflicts: s.metrics.operation.writeConflicts
}, null, 2));";

/// How full the cache is, and how many operations wait to be let in.
pub const CACHE_AND_QUEUES: &str = "\
var s = db.serverStatus();
var cache = s.wiredTiger.cache;
var max = Number(cache[\"maximum bytes configured\"]);
print(EJSON.stringify({
  usedPercent: 100 * Number(cache[\"bytes currently in the cache\"]) / max,
  dirtyPercent: 100 * Number(cache[\"tracked dirty bytes in the cache\"]) / max,
  evictedByOperations: cache[\"pages evicted by application threads\"],
  waiting: s.globalLock.currentQueue,
  tickets: (s.queues && s.queues.execution) || s.wiredTiger.concurrentTransactions
}, null, 2));";

/// Connections now and since the start.
pub const CONNECTIONS: &str = "\
var c = db.serverStatus().connections;
print(EJSON.stringify({
  usedPercent: 100 * c.current / (c.current + c.available),
  current: c.current, active: c.active, created: c.totalCreated
}, null, 2));";

/// Operations of all kinds within a minute.
pub const OPERATION_COUNT: &str = "\
var before = db.serverStatus().opcounters;
sleep(60000);
var after = db.serverStatus().opcounters;
[\"insert\", \"query\", \"update\", \"delete\", \"getmore\", \"command\"]
  .map(op => Number(after[op]) - Number(before[op]))
  .reduce((sum, n) => sum + n, 0);";

/// A lower threshold for a while.
pub const LOWER_SLOWMS: &str = "\
db.getProfilingStatus(); // the values to go back to: was, slowms, sampleRate
db.setProfilingLevel(0, { slowms: 20, sampleRate: 0.1 });
// undo: db.setProfilingLevel(0, { slowms: 100, sampleRate: 1.0 });";

/// A threshold on the whole duration, where the server's own is on the time at work.
pub const LOG_BY_DURATION: &str = "\
db.getProfilingStatus(); // a filter that is there already?
db.setProfilingLevel(0, { filter: { millis: { $gte: 500 } } });
// undo: db.setProfilingLevel(0, { filter: \"unset\" });";

/// The end of profiling.
pub const PROFILER_OFF: &str = "\
db.getProfilingStatus(); // the values to go back to: was, slowms, sampleRate
db.setProfilingLevel(0);";

/// Every index of every collection of a database.
pub const INDEXES: &str = "\
db.getCollectionInfos({ type: \"collection\" }).forEach(c =>
  print(EJSON.stringify({
    ns: db.getName() + \".\" + c.name,
    indexes: db.getCollection(c.name).getIndexes()
  })));";

/// How every index of a database was used on one server.
pub const INDEX_USE: &str = "\
db.getCollectionInfos({ type: \"collection\" }).forEach(c =>
  db.getCollection(c.name).aggregate([{ $indexStats: {} }]).forEach(i =>
    print(EJSON.stringify({ ns: db.getName() + \".\" + c.name, ...i }))));";

/// The size of every collection of a database and of its indexes.
pub const SIZES: &str = "\
db.getCollectionInfos({ type: \"collection\" }).forEach(c => {
  const [stats] = db.getCollection(c.name).aggregate([{ $collStats: { storageStats: {} } }]).toArray();
  const { count, size, storageSize, indexSizes } = stats.storageStats;
  print(EJSON.stringify({ ns: stats.ns, count, size, storageSize, indexSizes }));
});";

/// Operations that have run for so many seconds.
pub fn running_for(seconds: u64) -> String {
    format!(
        "\
db.getSiblingDB(\"admin\").aggregate([
  {{ $currentOp: {{ allUsers: true, idleSessions: false }} }},
  {{ $match: {{ active: true, ns: {{ $ne: \"local.oplog.rs\" }}, secs_running: {{ $gte: {seconds} }} }} }},
  {{ $sort: {{ secs_running: -1 }} }},
  {{ $project: {{ opid: 1, secs_running: 1, op: 1, ns: 1, planSummary: 1, numYields: 1,
                waitingForLock: 1, waitingForFlowControl: 1, client: 1, appName: 1 }} }}
]);"
    )
}

/// The profiler of a database for a while, with room for more than its usual megabyte.
pub fn profile(database: &str) -> String {
    // A name from the log: quoted so that it stays one.
    let name = serde_json::to_string(database).unwrap_or_default();
    format!(
        "\
var profiled = db.getSiblingDB({name});
profiled.setProfilingLevel(0);
profiled.system.profile.drop();
profiled.createCollection(\"system.profile\", {{ capped: true, size: 104857600 }});
profiled.setProfilingLevel(1, {{ slowms: 100, sampleRate: 1.0 }});
// undo: profiled.setProfilingLevel(0);"
    )
}
