//! Rules about what happened to a server beside queries: files, locks, errors, checkpoints, vacuum.
//! One file each, and here what they share.

pub mod archiver_failing;
pub mod cancelled_statements;
pub mod checkpoints_too_frequent;
pub mod crash_recovery;
pub mod deadlocks;
mod errno;
mod error_advice;
pub mod error_storm;
mod hard_stop;
mod interrupted;
mod lock_time;
pub mod lock_waits;
mod missing_logs;
pub mod setting_contradicted;
pub mod slow_autovacuum;
pub mod slow_logging_off;
pub mod temp_files;
pub mod wraparound_near;

use crate::judge::evidence::shorten;
use crate::lang::id::QueryId;
use crate::model::facts::ServerFacts;
use crate::model::workload::incidents::messages::MessageGroup;

/// Findings of one rule on one server: those that weigh most, so that a bad day stays readable.
const MAX_FINDINGS: usize = 5;

/// A class of a server in words: its id, and its statement in short where it is kept.
fn class_words(server: &ServerFacts, id: Option<QueryId>) -> String {
    match id {
        None => "a statement that is not logged".to_owned(),
        Some(id) => match server.workload.class(id) {
            Some(class) => format!("class {id}: {}", shorten(&class.fingerprint, 100)),
            None => format!("class {id}"),
        },
    }
}

/// The groups of messages that a rule looks for, in the order of the log.
fn messages(server: &ServerFacts, wanted: impl Fn(&MessageGroup) -> bool) -> Vec<&MessageGroup> {
    let mut groups = server.workload.incidents().messages.groups();
    groups.retain(|group| wanted(group));
    groups.sort_by_key(|group| group.first);
    groups
}
