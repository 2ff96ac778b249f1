//! `crash-recovery`: a server process died and took all sessions with it.

use super::{hard_stop, messages};
use crate::judge::advice::rewrite;
use crate::judge::evidence::Evidence;
use crate::judge::finding::{Confidence, Finding, Fix, FixKind, Severity};
use crate::judge::rules::{Rule, fact_at, of_messages, servers};
use crate::judge::words;
use crate::model::event::{Engine, Topic};
use crate::model::facts::ServerFacts;
use crate::model::workload::incidents::messages::MessageGroup;

/// The rule.
pub static RULE: Rule = Rule {
    code: "SRV010",
    name: "crash-recovery",
    title: "The server crashed",
    target: "server",
    engines: &[Engine::Postgres, Engine::Mongodb],
    at_most: Severity::Critical,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

Server processes that a signal ended, and starts after which the server had to recover because it \
was not shut down properly. In MongoDB's log: fatal messages, and starts that found an unclean shutdown.

## Why it matters

When one process dies hard the server ends every session, throws away shared memory and recovers: \
all users lose their transactions, and the caches are cold.

## What to do

After signal 9 look for the kernel's out-of-memory killer, and let the kernel refuse memory rather \
than kill. After signals 4, 6, 7, 8 and 11 keep the core file and the log: an extension, broken \
memory or a bug. After a recovery without a signal look for a reboot, a power loss or a kill of the \
whole server.

## When to ignore it

When somebody stopped the machine or the container hard and knows it.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for server in servers(rule, evidence) {
        if server.engine == Engine::Mongodb {
            out.extend(hard_stop::finding(rule, evidence, server));
            continue;
        }
        let groups = messages(server, is_crash);
        if !groups.is_empty() {
            out.push(finding(rule, evidence, server, &groups));
        }
    }
}

/// A hard end. That a standby or a restored copy was interrupted is none: those start that way.
fn is_crash(group: &MessageGroup) -> bool {
    match group.topic {
        Topic::Crash | Topic::Killed => group.message.contains(" was terminated by "),
        Topic::Recovery => group.message.contains("was not properly shut down"),
        _ => false,
    }
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    server: &ServerFacts,
    groups: &[&MessageGroup],
) -> Finding {
    let count = |topic| -> u64 {
        groups.iter().filter(|group| group.topic == topic).map(|group| group.count).sum()
    };
    let (killed, crashed, recovered) =
        (count(Topic::Killed), count(Topic::Crash), count(Topic::Recovery));
    let mut finding = rule.about_server(evidence, server);
    finding.severity = match killed + crashed {
        0 => Severity::High,
        _ => Severity::Critical,
    };
    finding.confidence = match killed + crashed {
        0 => Confidence::Medium,
        _ => Confidence::High,
    };
    finding.title = match (killed, crashed) {
        (0, 0) => format!(
            "The server recovered {} after it was not shut down properly",
            words::counted(recovered, "time")
        ),
        (1, 0) => "A server process was killed by signal 9".to_owned(),
        (killed, 0) => format!("{} server processes were killed by signal 9", words::count(killed)),
        (killed, crashed) => {
            format!("The server crashed {}", words::counted(killed + crashed, "time"))
        }
    };
    finding.message = format!(
        "Ends of server processes that are logged: {} by signal 9, {} by other signals; recoveries \
         after an improper shutdown: {}.",
        words::count(killed),
        words::count(crashed),
        words::count(recovered)
    );
    finding.evidence.extend(groups.iter().map(|group| of_messages(evidence, group)));
    let memory = server.workload.incidents().messages.about(Topic::OutOfMemory);
    if memory > 0 {
        let fact = format!("{} about memory running out", words::counted(memory, "logged message"));
        finding.evidence.push(fact_at(evidence, fact, None));
    }
    if killed > 0 {
        finding.fixes.push(overcommit());
    }
    finding.fixes.push(collect());
    finding.verify =
        "No further process ends by a signal; uptime in pg_postmaster_start_time() grows."
            .to_owned();
    finding.trade_offs = match killed {
        0 => "A core file takes as much disk as the process had memory.",
        _ => {
            "Without overcommit a statement may fail with out of memory where it was lucky before."
        }
    }
    .to_owned();
    finding
}

fn overcommit() -> Fix {
    Fix {
        kind: FixKind::Config,
        text: "vm.overcommit_memory = 2".to_owned(),
        undo: "vm.overcommit_memory = 0".to_owned(),
        note: "For Linux, in sysctl: the kernel then refuses memory to one statement in place of \
               killing the server. First see with `dmesg -T` that it was the out-of-memory killer, and \
               size vm.overcommit_ratio with swap in mind. In a container raise its limit, or lower \
               shared_buffers, work_mem or the number of sessions: the limit kills whatever the \
               kernel's setting is. A managed service takes a larger instance."
            .to_owned(),
        complete: true,
    }
}

fn collect() -> Fix {
    rewrite::code(
        "Collect now, before it rotates away: the log from ten minutes before, the kernel's log \
         (dmesg -T, journalctl -k) of that minute, the core file where there is one, the versions of \
         the server and of every extension (SELECT * FROM pg_extension;), and the statement in the \
         DETAIL `Failed process was running`.",
        "If the same statement ends the server each time, keep it away from it until the cause is \
         known.",
    )
}
