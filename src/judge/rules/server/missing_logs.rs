//! What a log shows not to be logged, for `slow-logging-off`: each lack by evidence in the same log,
//! with the settings that end it and what they would write. Judges nothing itself.

use crate::judge::evidence::Evidence;
use crate::judge::finding::Fact;
use crate::judge::rules::fact_at;
use crate::judge::words;
use crate::model::facts::{InputFacts, ServerFacts};
use crate::model::plan::Node;
use crate::model::workload::class::Class;
use crate::model::workload::examples::Place;

/// With less activity than this nothing is missing.
pub(super) const MIN_ACTIVITY: u64 = 200;
/// More than this a day is not advised without sampling.
const MAX_DAILY_BYTES: u64 = 1_000_000_000;
/// A server that writes for so long makes a checkpoint, in seconds: `checkpoint_timeout` is 5 to 30
/// minutes nearly everywhere.
const CHECKPOINTS_S: f64 = 2.0 * 3600.0;
/// With so many writes in a day autovacuum runs: it begins at a fifth of a table.
const VACUUM_WRITES: u64 = 10_000;
const DAY_S: f64 = 86_400.0;
/// So many runs of a second or more without a plan are no accident.
const MIN_SLOW: u64 = 20;
const SLOW_US: u64 = 1_000_000;
/// A refused client is one that connected: so many are no accident.
const MIN_REFUSED: u64 = 5;
/// Bytes of a record that are not its text: prefix and duration.
const RECORD_OVERHEAD: u64 = 100;
/// Bytes of a record of a checkpoint, a lock wait or a file, with its DETAIL and STATEMENT.
const INCIDENT_BYTES: u64 = 400;
/// Bytes of the three records of a session: received, authorized, disconnected.
const SESSION_BYTES: u64 = 450;
/// Bytes of user, database, application and host in a prefix.
const NAMES_BYTES: u64 = 40;
/// Bytes of a plan as text, beside its statement.
const PLAN_BYTES: u64 = 2_000;

/// Something that is not logged.
pub(super) struct Lack {
    /// What it is called in a title.
    pub name: &'static str,
    /// What shows it.
    pub fact: Fact,
    /// What a reload turns on.
    pub settings: Vec<(&'static str, &'static str)>,
    /// Predicted bytes a day, where the log tells enough.
    pub daily_bytes: Option<u64>,
    /// What to know before.
    pub note: &'static str,
}

/// Everything that one server's log shows not to be logged.
pub(super) fn of(evidence: &Evidence<'_>, server: &ServerFacts) -> Vec<Lack> {
    let lacks =
        [durations, lock_waits, temp_files, checkpoints, autovacuum, connections, names, plans];
    lacks.into_iter().filter_map(|lack| lack(evidence, server)).collect()
}

/// The inputs of a server that count.
fn inputs<'e>(
    evidence: &'e Evidence<'_>,
    server: &'e ServerFacts,
) -> impl Iterator<Item = &'e InputFacts> {
    evidence.facts.inputs.iter().filter(|input| {
        input.server.as_deref() == Some(&server.label) && input.duplicate_of.is_none()
    })
}

/// Whether all of a server's log was written by PostgreSQL itself: other programs have no settings.
pub(super) fn is_of_postgres(evidence: &Evidence<'_>, server: &ServerFacts) -> bool {
    inputs(evidence, server).all(|i| i.format.is_some_and(|format| format.starts_with("postgres-")))
}

/// How many a day, of what this log has so many of.
fn daily(evidence: &Evidence<'_>, server: &ServerFacts, count: u64) -> f64 {
    count as f64 * 86_400.0 / evidence.period_s(server).max(1.0)
}

/// Statements are logged, and none with its duration.
fn durations(evidence: &Evidence<'_>, server: &ServerFacts) -> Option<Lack> {
    let all = server.workload.overall();
    if all.calls < MIN_ACTIVITY || all.timed > 0 {
        return None;
    }
    let bytes: u64 = server.workload.classes().iter().map(record_bytes).sum();
    let daily_bytes = daily(evidence, server, bytes) as u64;
    let fact = format!("{} and no duration are logged", words::counted(all.calls, "statement"));
    let place = first_place(server);
    Some(Lack {
        name: "log_min_duration_statement",
        fact: fact_at(evidence, fact, place),
        settings: settings_of_durations(daily_bytes),
        daily_bytes: Some(daily_bytes),
        note: match daily_bytes > MAX_DAILY_BYTES {
            true => {
                "That is above 1 GB a day, so one statement in a hundred is sampled beside all from \
                 500 ms on (PostgreSQL 13 and later). log_statement would only repeat them; keep it \
                 where an audit asks for it."
            }
            false => {
                "The record of a duration holds the statement, so log_statement would only repeat it; \
                 keep it where an audit asks for it."
            }
        },
    })
}

/// All durations, or a sample beside the slow ones where all would be too much.
fn settings_of_durations(daily_bytes: u64) -> Vec<(&'static str, &'static str)> {
    match daily_bytes > MAX_DAILY_BYTES {
        false => vec![("log_min_duration_statement", "0"), ("log_statement", "none")],
        true => vec![
            ("log_min_duration_statement", "500ms"),
            ("log_min_duration_sample", "0"),
            ("log_statement_sample_rate", "0.01"),
            ("log_statement", "none"),
        ],
    }
}

/// About what all runs of a class take in a log.
fn record_bytes(class: &Class) -> u64 {
    let text = class.examples.slowest().map_or(class.fingerprint.len() as u64, |e| e.logged_bytes);
    class.stats.calls.saturating_mul(text.saturating_add(RECORD_OVERHEAD))
}

fn first_place(server: &ServerFacts) -> Option<Place> {
    let examples = server.workload.classes().iter().filter_map(|class| class.examples.slowest());
    examples.min_by_key(|e| (e.run.time, e.run.place)).map(|e| e.run.place)
}

/// A deadlock follows a wait that `log_lock_waits` logs.
fn lock_waits(evidence: &Evidence<'_>, server: &ServerFacts) -> Option<Lack> {
    let locks = &server.workload.incidents().locks;
    if locks.deadlocks.count == 0 || locks.waiting.count + locks.acquired.count > 0 {
        return None;
    }
    let fact = format!(
        "{} and no lock wait are logged: a deadlock is a wait",
        words::counted(locks.deadlocks.count, "deadlock")
    );
    Some(Lack {
        name: "log_lock_waits",
        fact: fact_at(evidence, fact, locks.deadlocks.largest.place()),
        settings: vec![("log_lock_waits", "on")],
        daily_bytes: None,
        note: "One record per wait longer than deadlock_timeout.",
    })
}

/// A plan that sorts on disk writes a temporary file.
fn temp_files(evidence: &Evidence<'_>, server: &ServerFacts) -> Option<Lack> {
    if server.workload.incidents().temp_files.count > 0 {
        return None;
    }
    let shapes = server.workload.classes().iter().flat_map(|class| class.plans().ranked());
    let seen = shapes.map(|(_, shape)| &shape.slowest);
    let spilling = seen.filter(|seen| seen.plan.nodes.iter().any(sorts_on_disk));
    let place = spilling.map(|seen| (seen.time, seen.place)).min()?.1;
    Some(Lack {
        name: "log_temp_files",
        fact: fact_at(
            evidence,
            "a logged plan sorts on disk, and no temporary file is logged",
            Some(place),
        ),
        settings: vec![("log_temp_files", "1MB")],
        daily_bytes: None,
        note: "One record per temporary file of 1 MB or more.",
    })
}

fn sorts_on_disk(node: &Node) -> bool {
    node.text("Sort Method").is_some_and(|method| method.starts_with("external"))
}

/// A server that writes makes checkpoints.
fn checkpoints(evidence: &Evidence<'_>, server: &ServerFacts) -> Option<Lack> {
    let incidents = server.workload.incidents();
    let writes = writes(server);
    let none = incidents.checkpoints.done.count == 0 && incidents.checkpoints.by_time == 0;
    if !none || writes < MIN_ACTIVITY || evidence.period_s(server) < CHECKPOINTS_S {
        return None;
    }
    let fact = format!("{} and no checkpoint are logged", words::counted(writes, "write"));
    Some(Lack {
        name: "log_checkpoints",
        fact: fact_at(evidence, fact, first_place(server)),
        settings: vec![("log_checkpoints", "on")],
        // Two records each, one checkpoint in five minutes.
        daily_bytes: Some(2 * INCIDENT_BYTES * 86_400 / 300),
        note: "",
    })
}

fn writes(server: &ServerFacts) -> u64 {
    let is_write = |class: &&Class| {
        let verbs = ["insert into ", "update ", "delete from "];
        verbs.iter().any(|verb| class.fingerprint.starts_with(verb))
    };
    server.workload.classes().iter().filter(is_write).map(|class| class.stats.calls).sum()
}

/// A server that is written to all day vacuums.
fn autovacuum(evidence: &Evidence<'_>, server: &ServerFacts) -> Option<Lack> {
    let maintenance = &server.workload.incidents().maintenance;
    let none = maintenance.vacuums.count == 0 && maintenance.analyzes.count == 0;
    let writes = writes(server);
    if !none || writes < VACUUM_WRITES || evidence.period_s(server) < DAY_S {
        return None;
    }
    let fact = format!(
        "{} and no automatic vacuum or analyze are logged",
        words::counted(writes, "write")
    );
    Some(Lack {
        name: "log_autovacuum_min_duration",
        fact: fact_at(evidence, fact, first_place(server)),
        settings: vec![("log_autovacuum_min_duration", "1s")],
        daily_bytes: None,
        note: "Of automatic vacuums those of a second or more are logged.",
    })
}

/// Who is refused has connected, and many sessions end.
fn connections(evidence: &Evidence<'_>, server: &ServerFacts) -> Option<Lack> {
    let seen = &server.workload.incidents().connections;
    let came = seen.received.count + seen.authorized.count;
    if seen.disconnected.count > 0 {
        return None;
    }
    let (fact, place, sessions) = match came {
        0 if seen.refused.count >= MIN_REFUSED => (
            format!(
                "{} and no connection are logged",
                words::counted(seen.refused.count, "refused client")
            ),
            seen.refused.largest.place(),
            server.workload.sessions().count(),
        ),
        _ if seen.authorized.count >= MIN_ACTIVITY => (
            format!(
                "{} and no disconnection are logged",
                words::counted(seen.authorized.count, "connection")
            ),
            seen.authorized.largest.place(),
            seen.authorized.count,
        ),
        _ => return None,
    };
    let bytes = daily(evidence, server, sessions.saturating_mul(SESSION_BYTES)) as u64;
    Some(Lack {
        name: "log_disconnections",
        fact: fact_at(evidence, fact, place),
        settings: vec![("log_connections", "on"), ("log_disconnections", "on")],
        daily_bytes: Some(bytes),
        note: "Connections and disconnections are logged for sessions that begin after the reload.",
    })
}

/// Statements whose user and database no record names.
fn names(evidence: &Evidence<'_>, server: &ServerFacts) -> Option<Lack> {
    let (workload, who) = (&server.workload, server.workload.who());
    let is_plain = inputs(evidence, server).all(|i| i.format == Some("postgres-stderr"));
    let anybody = !who.users.is_empty() || !who.databases.is_empty();
    if !is_plain || anybody || workload.overall().calls < MIN_ACTIVITY {
        return None;
    }
    let records: u64 = inputs(evidence, server).map(|input| input.records).sum();
    let fact = format!(
        "{} are logged, and of none its user or database",
        words::counted(workload.overall().calls, "statement")
    );
    Some(Lack {
        name: "log_line_prefix",
        fact: fact_at(evidence, fact, first_place(server)),
        settings: vec![("log_line_prefix", "%m [%p] %q%u@%d %a %h ")],
        daily_bytes: Some(daily(evidence, server, records.saturating_mul(NAMES_BYTES)) as u64),
        note: "Other programs that read the log have to be told the new log_line_prefix; from \
               PostgreSQL 14 on %Q in it adds the server's own query id.",
    })
}

/// Slow runs of which no plan is logged.
fn plans(evidence: &Evidence<'_>, server: &ServerFacts) -> Option<Lack> {
    let all = server.workload.overall();
    let buckets = all.histogram.buckets();
    let slow: u64 = buckets.iter().filter(|b| b.mean_us() >= SLOW_US as f64).map(|b| b.count).sum();
    if slow < MIN_SLOW || server.workload.plans().count > 0 {
        return None;
    }
    let slowest = server.workload.classes().iter().filter_map(|class| class.examples.slowest());
    let slowest = slowest.max_by_key(|e| (e.run.duration_us, std::cmp::Reverse(e.run.place)));
    let fact =
        format!("{} of a second or more and no plan are logged", words::counted(slow, "run"));
    Some(Lack {
        name: "auto_explain",
        fact: fact_at(evidence, fact, slowest.map(|e| e.run.place)),
        settings: vec![
            ("session_preload_libraries", "auto_explain"),
            ("auto_explain.log_min_duration", "1s"),
        ],
        daily_bytes: Some(daily(evidence, server, slow.saturating_mul(PLAN_BYTES)) as u64),
        note: "auto_explain logs the plans of runs of a second or more, in sessions that begin after \
               the reload. Stop if LOAD fails: a library that is not there would refuse every new \
               session. Where session_preload_libraries names others already, keep them in the list. \
               With shared_preload_libraries in its place a restart is needed. log_analyze is left \
               off: it times every node of every statement.",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn above_a_gigabyte_a_day_statements_are_sampled() {
        let is_sampled = |daily_bytes| {
            settings_of_durations(daily_bytes)
                .iter()
                .any(|(name, value)| *name == "log_statement_sample_rate" && *value != "1")
        };
        assert!(!is_sampled(MAX_DAILY_BYTES));
        assert!(is_sampled(MAX_DAILY_BYTES + 1));
    }
}
