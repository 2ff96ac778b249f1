//! The replica set: elections, roles, sources to sync from, rollbacks.
//!
//! One election is several lines, and each is told: which of them is which shows by its id, that of
//! an election that was won is 21450.

use super::{Means, Row};
use crate::model::event::Topic;

/// A row of news about the replica set.
const fn row(
    id: u32,
    topic: Topic,
    words: &'static str,
    shown: &'static [&'static str],
    texts: &'static [&'static str],
) -> Row {
    Row { id, texts, means: Means::News(topic, words, shown) }
}

pub(super) const ROWS: &[Row] = &[
    row(
        21358,
        Topic::MemberState,
        "Replica set state transition",
        &["newState", "oldState"],
        &[
            "transition to {newState} from {oldState}",
            "transition to {newState}",
            "replSet {newState}",
        ],
    ),
    row(
        21215,
        Topic::MemberState,
        "Member is in new state",
        &["newState"],
        &[
            "Member {hostAndPort} is now in state {newState}",
            "replSet member {hostAndPort} is now in state {newState}",
        ],
    ),
    row(
        21216,
        Topic::MemberState,
        "Member is now in state DOWN",
        &[],
        &["Member {hostAndPort} is now in state DOWN - {heartbeatMessage}"],
    ),
    row(
        4615652,
        Topic::Election,
        "Starting an election, since we've seen no PRIMARY in election timeout period",
        &[],
        &["Starting an election, since we've seen no PRIMARY in the past"],
    ),
    row(
        4615660,
        Topic::Election,
        "Starting an election for a priority takeover",
        &[],
        &["Starting an election for a priority takeover"],
    ),
    row(
        4615662,
        Topic::Election,
        "Starting an election for a catchup takeover",
        &[],
        &["Starting an election for a catchup takeover"],
    ),
    row(
        4615661,
        Topic::Election,
        "Starting an election due to step up request",
        &[],
        &["Starting an election due to step up request", "Received replSetStepUp request"],
    ),
    row(
        21438,
        Topic::Election,
        "Conducting a dry run election to see if we could be elected",
        &[],
        &["conducting a dry run election to see if we could be elected"],
    ),
    row(
        21437,
        Topic::Election,
        "Skipping dry run and running for election",
        &[],
        &["skipping dry run and running for election"],
    ),
    row(
        21444,
        Topic::Election,
        "Dry election run succeeded, running for election",
        &[],
        &["dry election run succeeded, running for election", "replSet info electSelf"],
    ),
    row(
        21450,
        Topic::Election,
        "Election succeeded, assuming primary role",
        &[],
        &[
            "election succeeded, assuming primary role",
            "replSet election succeeded, assuming primary role",
        ],
    ),
    row(
        4615663,
        Topic::Election,
        "Starting an election due to single node replica set prompt election",
        &[],
        &["Starting an election due to single node replica set prompt election"],
    ),
    row(
        21439,
        Topic::Election,
        "Not running for primary, we have been superseded already during dry run",
        &[],
        &["not running for primary, we have been superseded already during dry run"],
    ),
    row(
        21440,
        Topic::Election,
        "Not running for primary, we received insufficient votes",
        &[],
        &["not running for primary, we received insufficient votes"],
    ),
    row(
        21441,
        Topic::Election,
        "Not running for primary, we have been superseded already",
        &[],
        &["not running for primary, we have been superseded already"],
    ),
    row(
        21442,
        Topic::Election,
        "Not running for primary, the current primary responded no in the dry run",
        &[],
        &["not running for primary, the current primary responded no in the dry run"],
    ),
    row(
        21447,
        Topic::Election,
        "Not becoming primary, we have been superseded already during election",
        &[],
        &["not becoming primary, we have been superseded already during election"],
    ),
    row(
        21448,
        Topic::Election,
        "Not becoming primary, we received insufficient votes",
        &[],
        &["not becoming primary, we received insufficient votes"],
    ),
    row(23980, Topic::Election, "Responding to vote request", &[], &["Responding to vote request"]),
    row(
        21331,
        Topic::Replication,
        "Transition to primary complete; database writes are now permitted",
        &[],
        &["transition to primary complete; database writes are now permitted"],
    ),
    row(
        21579,
        Topic::StepDown,
        "Attempting to step down in response to replSetStepDown command",
        &[],
        &["Attempting to step down in response to replSetStepDown command"],
    ),
    row(
        21402,
        Topic::StepDown,
        "Stepping down from primary, because a new term has begun",
        &[],
        &["stepping down from primary, because a new term has begun"],
    ),
    row(
        21475,
        Topic::StepDown,
        "Stepping down from primary in response to heartbeat",
        &[],
        &["Stepping down from primary in response to heartbeat"],
    ),
    row(
        21809,
        Topic::StepDown,
        "Can't see a majority of the set, relinquishing primary",
        &[],
        &[
            "can't see a majority of the set, relinquishing primary",
            "replSet can't see a majority of the set, relinquishing primary",
        ],
    ),
    row(21347, Topic::StepDown, "Handing off election", &[], &["Handing off election to"]),
    row(
        21593,
        Topic::Rollback,
        "Transition to ROLLBACK",
        &[],
        &["Starting rollback due to", "replSet rollback 0"],
    ),
    row(21607, Topic::Rollback, "Rollback common point", &[], &["Rollback common point is"]),
    row(21612, Topic::Rollback, "Rollback summary", &[], &["Rollback summary:"]),
    row(
        21088,
        Topic::SyncSource,
        "Changed sync source",
        &[],
        &["Changed sync source from", "replSet syncing to:"],
    ),
    row(
        21106,
        Topic::SyncSource,
        "Resetting sync source to empty",
        &[],
        &["Resetting sync source to empty"],
    ),
    row(
        21798,
        Topic::SyncSource,
        "Could not find member to sync from",
        &[],
        &["could not find member to sync from", "Could not find member to sync from"],
    ),
    row(
        21832,
        Topic::SyncSource,
        "Choosing new sync source. Our current sync source is not primary and does not have a \
         sync source",
        &[],
        &["Choosing new sync source"],
    ),
    row(
        5579708,
        Topic::Replication,
        "We are too stale to use candidate as a sync source",
        &[],
        &["We are too stale to use", "we are too stale to use"],
    ),
    row(
        21392,
        Topic::Replication,
        "New replica set config in use",
        &[],
        &["New replica set config in use"],
    ),
    row(4280514, Topic::Replication, "Initial sync started", &[], &["Starting initial sync"]),
    row(21163, Topic::Replication, "Initial sync done", &[], &["initial sync done"]),
    row(4712102, Topic::Replication, "Host failed in replica set", &[], &[]),
];
