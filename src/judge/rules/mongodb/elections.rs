//! `elections`: the primary changes again and again, or writes were undone.

use super::MONGODB;
use crate::judge::advice::{mongodb_lookup, rewrite};
use crate::judge::evidence::Evidence;
use crate::judge::finding::{Confidence, Fact, Finding, Severity};
use crate::judge::rules::{Rule, fact_at, of_messages, servers};
use crate::judge::words;
use crate::model::event::Topic;
use crate::model::facts::ServerFacts;
use crate::model::workload::incidents::messages::MessageGroup;

/// Elections that were won, and roles that were lost, from which it is no accident.
const MIN_CHANGES: u64 = 3;
/// … if there is one in so many days at least.
const DAYS_EACH: f64 = 7.0;
/// Messages that are shown.
const MAX_SHOWN: usize = 6;

/// "Election succeeded, assuming primary role".
const WON: &str = "21450";
/// "Attempting to step down in response to replSetStepDown command": somebody wanted it.
const ASKED: &str = "21579";
/// "Transition to ROLLBACK".
const ROLLBACK: &str = "21593";

/// The rule.
pub static RULE: Rule = Rule {
    code: "MDB015",
    name: "elections",
    title: "The primary changes again and again",
    target: "server",
    engines: MONGODB,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A member that won elections or lost the role of the primary three times or more without being asked to, \
once a week at least; or one that undid writes (rollback).

## Why it matters

While there is no primary, for some ten seconds, no write is done, and connections and cursors break. What a \
primary had acknowledged by itself alone and no other member had when it fell is undone and put into a file.

## What to do

Find why members lost sight of one another: pauses of the machine, a network that drops, a primary that was \
too busy to answer heartbeats. Write with a majority write concern, so that what was acknowledged stays.

## When to ignore it

When it was maintenance: restarts one after another move the primary on purpose.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for server in servers(rule, evidence) {
        let groups = server.workload.incidents().messages.groups();
        let count = |wanted: &dyn Fn(&&&MessageGroup) -> bool| -> u64 {
            groups.iter().filter(wanted).map(|group| group.count).sum()
        };
        let won = count(&|group| group.topic == Topic::Election && &*group.code == WON);
        let lost = count(&|group| group.topic == Topic::StepDown && &*group.code != ASKED);
        let undone = count(&|group| group.topic == Topic::Rollback && &*group.code == ROLLBACK);
        let days = evidence.period_s(server) / 86_400.0;
        let is_habit = won + lost >= MIN_CHANGES && (won + lost) as f64 * DAYS_EACH >= days;
        if is_habit || undone > 0 {
            out.push(finding(rule, evidence, server, [won, lost, undone]));
        }
    }
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    server: &ServerFacts,
    [won, lost, undone]: [u64; 3],
) -> Finding {
    let mut finding = rule.about_server(evidence, server);
    finding.severity = if undone > 0 { Severity::High } else { Severity::Medium };
    finding.confidence = Confidence::High;
    finding.title = match undone {
        0 => format!("The primary changed {}", words::counted(won + lost, "time")),
        _ => format!("Writes were undone {}", words::counted(undone, "time")),
    };
    finding.message = format!(
        "The log of this member has {} that it won and {} at which it lost the role of the primary unasked{}.",
        words::counted(won, "logged election"),
        words::counted(lost, "occasion"),
        match undone {
            0 => String::new(),
            _ => format!(", and {} of its own writes", words::counted(undone, "rollback")),
        }
    );
    finding.evidence = facts(evidence, server);
    finding.fixes.push(mongodb_lookup::fix(
        mongodb_lookup::members(),
        "The members as they see one another, and the settings of elections. It only looks.",
    ));
    finding.fixes.push(rewrite::code(
        "Look at each of these minutes in the machine's own metrics: pauses, full disks, a saturated \
         network, memory that was swapped; and in this report's timeline for a load that kept the primary \
         from answering. Let clients retry writes (retryWrites=true) and write with w: \"majority\".",
        match undone {
            0 => "A longer electionTimeoutMillis hides pauses, and makes a real failure last longer.",
            _ => {
                "What was undone stands in the folder `rollback` below the data, one file for each \
                 collection: look at it before it is cleaned up."
            }
        },
    ));
    finding.verify = "The next log has no election that nobody asked for.".to_owned();
    finding.trade_offs =
        "A majority write concern waits for other members with each write.".to_owned();
    finding
}

/// What the log says of elections, the most frequent first.
fn facts(evidence: &Evidence<'_>, server: &ServerFacts) -> Vec<Fact> {
    let messages = &server.workload.incidents().messages;
    let topics = [Topic::Rollback, Topic::StepDown, Topic::Election];
    let mut groups = messages.groups();
    groups.retain(|group| topics.contains(&group.topic));
    groups.sort_by_key(|group| {
        let topic = topics.iter().position(|topic| *topic == group.topic);
        (topic, std::cmp::Reverse(group.count), group.first)
    });
    let mut facts: Vec<_> =
        groups.into_iter().take(MAX_SHOWN).map(|group| of_messages(evidence, group)).collect();
    if let Some(slow) = messages.topics.get(&Topic::SlowServer) {
        let fact =
            format!("{} that the server itself was slow", words::counted(slow.count, "message"));
        facts.push(fact_at(evidence, fact, slow.largest.place()));
    }
    facts
}
