//! What to watch, to log and to do regularly on MongoDB.

use super::{Ground, advice};
use crate::report::types::Advice;

/// How to get plans.
pub const PLANS: &str = "Run the `explain` command that stands with each of the first classes above, \
                         with `verbosity: \"queryPlanner\"` first: that executes nothing.";

/// What to look at on the server.
pub fn watch(_: &Ground<'_>) -> Vec<Advice> {
    vec![
        advice(
            "Operations that run right now",
            "Those that have run longest, with what they wait for.",
            Some(
                "db.getSiblingDB(\"admin\").aggregate([\n  { $currentOp: { allUsers: true } },\n  { \
                 $match: { active: true, secs_running: { $gte: 5 } } },\n  { $sort: { \
                 secs_running: -1 } },\n  { $project: { secs_running: 1, op: 1, ns: 1, \
                 planSummary: 1, waitingForLock: 1, client: 1 } }\n])",
            ),
        ),
        advice(
            "Scans and sorts since the server started",
            "Counters that only rise: take them twice and compare. `collectionScans.nonTailable` \
             should hardly move.",
            Some(
                "const s = db.serverStatus();\nprintjson({\n  collectionScans: \
                 s.metrics.queryExecutor.collectionScans,\n  scanAndOrder: \
                 s.metrics.operation.scanAndOrder,\n  writeConflicts: \
                 s.metrics.operation.writeConflicts,\n  connections: s.connections\n})",
            ),
        ),
    ]
}

/// What the log should hold.
pub fn logging(ground: &Ground<'_>) -> Vec<Advice> {
    if ground.report.logging.threshold_ms.is_none() {
        return Vec::new();
    }
    vec![advice(
        "Log more for an hour",
        "Only operations above `slowms` are logged. Lower it for a while to see fast ones that run \
         often, with a sample rate that the disk bears, and put it back.",
        Some("db.setProfilingLevel(0, { slowms: 20, sampleRate: 0.1 })"),
    )]
}

/// What to do regularly.
pub fn maintenance(_: &Ground<'_>) -> Vec<Advice> {
    vec![
        advice(
            "Weekly",
            "Analyze the log of the same days again; look at new classes and at those whose share \
             grew.",
            None,
        ),
        advice(
            "Monthly",
            "Collect `$indexStats` on every member of the replica set: an index is unused only \
             where no member used it since all of them started.",
            Some("db.COLLECTION.aggregate([ { $indexStats: {} } ])"),
        ),
        advice(
            "Quarterly",
            "Look for indexes that others cover, and for collections that only grow and could have \
             a TTL index or an archive.",
            Some("db.COLLECTION.getIndexes()"),
        ),
    ]
}
