//! Hard ends of a mongod, as its log tells them: the findings of `crash-recovery` on MongoDB.

use super::messages;
use crate::judge::advice::rewrite;
use crate::judge::evidence::Evidence;
use crate::judge::finding::{Confidence, Finding, Severity};
use crate::judge::rules::{Rule, fact_at, of_messages};
use crate::judge::words;
use crate::model::event::Topic;
use crate::model::facts::ServerFacts;
use crate::model::workload::incidents::messages::MessageGroup;

/// "Detected unclean shutdown - Lock file is not empty".
const UNCLEAN: &str = "22271";
/// How text logs say the same.
const UNCLEAN_TEXT: &str = "Detected unclean shutdown";
/// Messages that are shown.
const MAX_SHOWN: usize = 5;

/// The finding about a server that ended hard, if it did.
pub(super) fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    server: &ServerFacts,
) -> Option<Finding> {
    let groups = messages(server, |group| is_crash(group) || is_unclean(group));
    let count = |wanted: fn(&MessageGroup) -> bool| -> u64 {
        groups.iter().filter(|group| wanted(group)).map(|group| group.count).sum()
    };
    let (crashes, unclean) = (count(is_crash), count(is_unclean));
    if groups.is_empty() {
        return None;
    }
    let mut finding = rule.about_server(evidence, server);
    finding.severity = if crashes > 0 { Severity::Critical } else { Severity::High };
    finding.confidence = if crashes > 0 { Confidence::High } else { Confidence::Medium };
    finding.title = match crashes {
        0 => format!("The server started {} after an unclean end", words::counted(unclean, "time")),
        crashes => format!("The server ended itself: {}", words::counted(crashes, "fatal message")),
    };
    let starts = words::counted(unclean, "logged start");
    let found = format!("{starts} found that the server had not been shut down properly.");
    finding.message = match crashes {
        0 => found,
        crashes => {
            let fatal = words::counted(crashes, "logged message");
            format!("{fatal} with which the server ended itself. {found}")
        }
    };
    finding
        .evidence
        .extend(groups.iter().take(MAX_SHOWN).map(|group| of_messages(evidence, group)));
    let memory = server.workload.incidents().messages.about(Topic::OutOfMemory);
    if memory > 0 {
        let fact = format!("{} about memory running out", words::counted(memory, "logged message"));
        finding.evidence.push(fact_at(evidence, fact, None));
    }
    finding.fixes.push(match crashes {
        0 => rewrite::code(
            "Look for what ended it: the kernel's out-of-memory killer (dmesg -T, journalctl -k), a limit of \
             the container, a reboot, a kill -9. Where it was memory, give the cache a limit that leaves room \
             for connections and sorts (storage.wiredTiger.engineConfig.cacheSizeGB): in a container the \
             server may see the machine's memory, not its own.",
            "Of a process that was killed nothing stands in its own log.",
        ),
        _ => rewrite::code(
            "Collect now, before it rotates away: the log from ten minutes before, the folder diagnostic.data, \
             the kernel's log of that minute and the versions of server and machine; then look the message up \
             among the known bugs of the version.",
            "A member that cannot start is better synchronised anew from another one than repaired.",
        ),
    });
    finding.verify =
        "The next log has no fatal message, and starts follow upon shutdowns only.".to_owned();
    finding.trade_offs = "A smaller cache reads more from the disk.".to_owned();
    Some(finding)
}

fn is_crash(group: &MessageGroup) -> bool {
    group.topic == Topic::Crash
}

fn is_unclean(group: &MessageGroup) -> bool {
    group.topic == Topic::Recovery
        && (&*group.code == UNCLEAN || group.message.starts_with(UNCLEAN_TEXT))
}
