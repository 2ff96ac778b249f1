//! Errors, warnings, news of the server, and what was cancelled.

use super::{MAX_ITEMS, concerned, occurred, servers, summed, total};
use crate::model::event::{Cancelled as Reason, Level, Topic};
use crate::model::workload::incidents::messages::MessageGroup;
use crate::model::workload::incidents::occurrences::Occurrences;
use crate::report::build::{Draft, at, ms};
use crate::report::types::{Cancelled, CancelledItem, Count, Errors, MessageItem, Messages};
use std::cmp::Reverse;
use std::collections::BTreeMap;

pub fn errors(draft: &Draft<'_>) -> Errors {
    let sum = summed(draft, |i| &i.messages.errors);
    let (mut classes, mut levels) = (BTreeMap::new(), BTreeMap::new());
    for (server, kept) in servers(draft) {
        for (class, count) in &kept.messages.classes {
            *classes.entry(*class).or_insert(0u64) += count;
        }
        for (level, count) in &kept.messages.levels {
            let word = level.word_of(server.engine);
            *levels.entry((*level, word)).or_insert(0u64) += count;
        }
    }
    let mut classes: Vec<_> = classes.into_iter().collect();
    classes.sort_by_key(|(class, count)| (Reverse(*count), *class));
    // LOG records are kept only where they are news: their number would say nothing.
    let levels = levels.into_iter().filter(|((level, _), _)| *level > Level::Log).rev();
    Errors {
        messages: messages(draft, &sum, |group| group.level.is_error()),
        classes: classes
            .into_iter()
            .map(|(class, count)| Count { name: class_name(class), count })
            .collect(),
        levels: levels.map(|((_, word), count)| Count { name: word.to_owned(), count }).collect(),
    }
}

pub fn warnings(draft: &Draft<'_>) -> Messages {
    of_groups(draft, |group| group.level == Level::Warning)
}

pub fn events(draft: &Draft<'_>) -> Messages {
    of_groups(draft, |group| is_event(group.level, group.topic))
}

/// Whether a message tells of the server, not of a statement.
fn is_event(level: Level, topic: Topic) -> bool {
    level == Level::Log
        || !matches!(topic, Topic::Other | Topic::LockNotAvailable | Topic::RecoveryConflict)
}

/// Groups whose sum is kept nowhere else: how often, from the groups themselves.
fn of_groups(draft: &Draft<'_>, wanted: fn(&MessageGroup) -> bool) -> Messages {
    let mut sum = Occurrences::default();
    for (_, kept) in servers(draft) {
        sum.count +=
            kept.messages.groups().iter().filter(|g| wanted(g)).map(|g| g.count).sum::<u64>();
    }
    messages(draft, &sum, wanted)
}

fn messages(draft: &Draft<'_>, sum: &Occurrences, wanted: fn(&MessageGroup) -> bool) -> Messages {
    let mut groups: Vec<_> = servers(draft)
        .flat_map(|(server, kept)| {
            let groups = kept.messages.groups().into_iter().filter(|group| wanted(group));
            groups.map(move |group| (server, group))
        })
        .collect();
    // Stable: within one server the groups are in order already.
    groups.sort_by_key(|(_, group)| Reverse(group.count));
    groups.truncate(MAX_ITEMS);
    let listed: u64 = groups.iter().map(|(_, group)| group.count).sum();
    let items = groups.into_iter().map(|(server, group)| {
        let (_, place, class) = group.example;
        MessageItem {
            server: server.label.clone(),
            severity: group.level.word_of(server.engine),
            code: Some(group.code.to_string()).filter(|code| !code.is_empty()),
            topic: topic_word(group.topic),
            message: group.message.to_string(),
            count: group.count,
            first: at(group.first),
            last: at(group.last),
            concerned: concerned(server, class),
            source: draft.evidence.facts.source(place),
            urgent: is_urgent(group.level, group.topic),
        }
    });
    Messages {
        occurred: occurred(draft, sum),
        items: items.collect(),
        omitted: sum.count.saturating_sub(listed),
    }
}

/// Whether a person should look today.
fn is_urgent(level: Level, topic: Topic) -> bool {
    level == Level::Panic
        || matches!(
            topic,
            Topic::Urgent
                | Topic::Crash
                | Topic::Killed
                | Topic::Wraparound
                | Topic::Archiving
                | Topic::OutOfMemory
                | Topic::Rollback
        )
}

fn topic_word(topic: Topic) -> &'static str {
    match topic {
        Topic::Other => "statements and others",
        Topic::Start => "start",
        Topic::Stop => "stop",
        Topic::Crash => "crash",
        Topic::Killed => "killed by signal 9",
        Topic::Recovery => "recovery",
        Topic::Reload => "configuration reload",
        Topic::Setting => "setting",
        Topic::Replication => "replication",
        Topic::Archiving => "archiving",
        Topic::Wraparound => "transaction id wraparound",
        Topic::CheckpointsTooFrequent => "checkpoints too frequent",
        Topic::RecoveryConflict => "conflict with recovery",
        Topic::LockNotAvailable => "lock not available",
        Topic::Urgent => "storage",
        Topic::OutOfMemory => "out of memory",
        Topic::Election => "election",
        Topic::MemberState => "state of a member",
        Topic::StepDown => "step down",
        Topic::Rollback => "rollback of the replica set",
        Topic::SyncSource => "sync source",
        Topic::Access => "access",
        Topic::Client => "clients",
        Topic::NameLookup => "slow name lookup",
        Topic::SlowServer => "slow server",
        Topic::SlowCheckpoint => "slow checkpoint",
        Topic::FlowControl => "flow control",
        Topic::CursorTimeout => "cursor timeout",
        Topic::IndexBuild => "index build",
    }
}

pub fn cancelled(draft: &Draft<'_>) -> Cancelled {
    let sum = summed(draft, |i| &i.cancelled);
    let mut reasons: BTreeMap<Reason, u64> = BTreeMap::new();
    for (_, kept) in servers(draft) {
        for (reason, count) in &kept.cancellations {
            *reasons.entry(*reason).or_default() += count;
        }
    }
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|(reason, count)| (Reverse(*count), *reason));
    let mut classes: Vec<_> = servers(draft)
        .flat_map(|(server, _)| server.workload.classes().iter().map(move |class| (server, class)))
        .filter(|(_, class)| class.troubles().cancelled > 0 || class.troubles().timeouts > 0)
        .collect();
    classes.sort_by_key(|(server, class)| {
        (Reverse((class.lost_us(), class.troubles().cancelled)), class.id, &server.label)
    });
    let lost_us = classes.iter().fold(0u64, |sum, (_, c)| sum.saturating_add(c.lost_us()));
    let by_query = classes.into_iter().take(MAX_ITEMS).map(|(server, class)| CancelledItem {
        server: server.label.clone(),
        concerned: concerned(server, Some(class.id)),
        count: class.troubles().cancelled,
        timeouts: class.troubles().timeouts,
        lost_ms: ms(class.lost_us()),
        calls: class.stats.calls,
    });
    Cancelled {
        occurred: occurred(draft, &sum),
        items: reasons
            .into_iter()
            .map(|(reason, count)| Count { name: reason.word().to_owned(), count })
            .collect(),
        lost_ms: ms(lost_us),
        by_query: by_query.collect(),
    }
}

/// Sessions that a timeout or an administrator ended.
pub fn terminated(draft: &Draft<'_>) -> u64 {
    total(draft, |i| i.terminated.count)
}

/// A class of SQLSTATE with the name that the SQL standard or PostgreSQL gives it.
fn class_name(class: [u8; 2]) -> String {
    let name = match &class {
        b"01" => "warning",
        b"02" => "no data",
        b"03" => "SQL statement not yet complete",
        b"08" => "connection exception",
        b"09" => "triggered action exception",
        b"0A" => "feature not supported",
        b"0L" => "invalid grantor",
        b"0P" => "invalid role specification",
        b"20" => "case not found",
        b"21" => "cardinality violation",
        b"22" => "data exception",
        b"23" => "integrity constraint violation",
        b"24" => "invalid cursor state",
        b"25" => "invalid transaction state",
        b"26" => "invalid SQL statement name",
        b"28" => "invalid authorization specification",
        b"2B" => "dependent privileges still exist",
        b"2D" => "invalid transaction termination",
        b"34" => "invalid cursor name",
        b"38" => "external routine exception",
        b"39" => "external routine invocation exception",
        b"3B" => "savepoint exception",
        b"3D" => "invalid catalog name",
        b"3F" => "invalid schema name",
        b"40" => "transaction rollback",
        b"42" => "syntax error or access rule violation",
        b"44" => "WITH CHECK OPTION violation",
        b"53" => "insufficient resources",
        b"54" => "program limit exceeded",
        b"55" => "object not in prerequisite state",
        b"57" => "operator intervention",
        b"58" => "system error",
        b"72" => "snapshot failure",
        b"F0" => "configuration file error",
        b"HV" => "foreign data wrapper error",
        b"P0" => "PL/pgSQL error",
        b"XX" => "internal error",
        _ => "other",
    };
    format!("{} {name}", String::from_utf8_lossy(&class))
}
