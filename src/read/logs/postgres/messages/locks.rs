//! Lock waits and deadlocks, with what DETAIL and CONTEXT say about them.

use super::{Beside, part, scan};
use crate::model::event::{Deadlock, LockObject, LockStep, LockWait, Participant};
use crate::read::logs::postgres::record::Record;
use memchr::memmem;
use std::borrow::Cow;

/// Participants of one deadlock that are kept.
const MAX_PARTICIPANTS: usize = 16;

/// Whether a message tells of a wait: `process 1 still waiting for ShareLock on transaction 5 after
/// 1000.119 ms`.
pub(super) fn is_wait(message: &[u8]) -> bool {
    message.starts_with(b"process ") && step(message).is_some()
}

fn step(message: &[u8]) -> Option<(LockStep, &[u8])> {
    let head = &message[..message.len().min(60)];
    let behind = |word: &[u8]| memmem::find(head, word).map(|at| &message[at + word.len()..]);
    // Avoided deadlocks end in the lock, and are told once more by "acquired".
    behind(b" still waiting for ")
        .map(|rest| (LockStep::Waiting, rest))
        .or_else(|| behind(b" acquired ").map(|rest| (LockStep::Acquired, rest)))
        .or_else(|| behind(b" failed to acquire ").map(|rest| (LockStep::Failed, rest)))
}

/// A wait in full.
pub(super) fn wait<'e>(record: &'e Record<'_>, beside: &'e Beside<'_>) -> Option<LockWait<'e>> {
    let (step, rest) = step(&record.message)?;
    let (mode, object) = mode_and_object(rest)?;
    let after = memmem::rfind(rest, b" after ")?;
    let queue = record.detail.as_deref().and_then(|detail| scan::after(detail, b"ait queue: "));
    Some(LockWait {
        step,
        mode: Cow::Borrowed(mode),
        object,
        table: record.context.as_deref().and_then(table_of_context).map(Cow::Borrowed),
        waited_us: scan::milliseconds_after(&rest[after..], b" after ")?,
        queue: queue.map_or(0, |queue| queue.split(|b| *b == b',').count() as u32),
        statement: part(&record.statement),
        holder: beside.holder.clone(),
    })
}

/// The process that a waiting one waits for: the first of `Process holding the lock: 4821, 5.`
pub(in crate::read::logs::postgres) fn holder_pid(detail: &[u8]) -> Option<u64> {
    // Every DETAIL is asked, bind parameters too: the search must be worth it.
    detail.starts_with(b"Process").then(|| scan::number_after(detail, b"holding the lock: "))?
}

/// `ShareLock on transaction 5 …`: the mode and what kind of thing it is on.
fn mode_and_object(text: &[u8]) -> Option<(&[u8], LockObject)> {
    let on = memmem::find(&text[..text.len().min(80)], b" on ")?;
    let object = &text[on + b" on ".len()..];
    let kind = [
        (&b"relation "[..], LockObject::Relation),
        (b"extension of relation ", LockObject::Extension),
        (b"tuple ", LockObject::Tuple),
        (b"transaction ", LockObject::Transaction),
        (b"virtual transaction ", LockObject::VirtualTransaction),
        (b"advisory lock ", LockObject::Advisory),
    ]
    .into_iter()
    .find(|(word, _)| object.starts_with(word))
    .map_or(LockObject::Other, |(_, kind)| kind);
    Some((&text[..on], kind))
}

/// The table in `while updating tuple (0,8) in relation "counters"`.
pub(super) fn table_of_context(context: &[u8]) -> Option<&[u8]> {
    scan::between(context, b"relation \"", b"\"")
}

/// A deadlock in full: its cycle is in DETAIL, first who waits for whom, then what each had sent.
pub(super) fn deadlock<'e>(record: &'e Record<'_>) -> Deadlock<'e> {
    let mut participants: Vec<Participant<'e>> = Vec::new();
    let detail = record.detail.as_deref().unwrap_or_default();
    let mut rest = detail;
    while let Some((pid, line)) = process(rest)
        && let Some(waits) = line.strip_prefix(b" waits for ")
        && participants.len() < MAX_PARTICIPANTS
    {
        let end = memchr::memchr(b'\n', waits).unwrap_or(waits.len());
        let (line, next) = waits.split_at(end);
        let (mode, object) = mode_and_object(line).unwrap_or((b"", LockObject::Other));
        participants.push(Participant {
            pid,
            mode: Cow::Borrowed(mode),
            object,
            table: None,
            index: None,
            blocked_by: scan::number_after(line, b"blocked by process ").unwrap_or(0),
            statement: None,
        });
        rest = next.strip_prefix(b"\n").unwrap_or(next).trim_ascii_start();
    }
    // A statement may hold any text, so each begins with a line and ends where the next begins.
    let heads: Vec<(usize, usize)> = participants
        .iter()
        .enumerate()
        .filter_map(|(at, participant)| {
            let head = format!("Process {}: ", participant.pid);
            let mut found = memmem::find_iter(rest, head.as_bytes());
            found.find(|from| *from == 0 || rest[from - 1] == b'\n').map(|from| (at, from))
        })
        .collect();
    for (at, from) in &heads {
        let end = heads.iter().map(|(_, other)| *other).filter(|other| other > from).min();
        let text = &rest[*from..end.unwrap_or(rest.len())];
        let text = scan::after(text, b": ").unwrap_or_default().trim_ascii();
        // <insufficient privilege>, <backend information not available>, <command string not enabled>
        if !text.is_empty() && text[0] != b'<' {
            participants[*at].statement = Some(Cow::Borrowed(text));
        }
    }
    Deadlock {
        participants,
        statement: part(&record.statement),
        table: record.context.as_deref().and_then(table_of_context).map(Cow::Borrowed),
        is_repeated: false,
    }
}

/// `Process 12` and what follows.
fn process(text: &[u8]) -> Option<(u64, &[u8])> {
    let rest = text.strip_prefix(b"Process ")?;
    let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    Some((scan::number(rest)?, &rest[digits..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::logs::postgres::messages::{Message, Subject, classify};
    use crate::read::logs::postgres::prefix::Severity;

    fn record<'a>(message: &'a str, detail: &'a str) -> Record<'a> {
        Record {
            offset: 0,
            line_in_chunk: 0,
            time: None,
            utc_offset_s: 0,
            session: 1,
            user: None,
            database: None,
            host: None,
            app: None,
            severity: Severity::Log,
            sqlstate: Cow::Borrowed(b""),
            message: Cow::Borrowed(message.as_bytes()),
            is_cut: false,
            detail: Some(Cow::Borrowed(detail.as_bytes())),
            context: Some(Cow::Borrowed(b"while updating tuple (0,8) in relation \"counters\"")),
            statement: None,
            query_id: 0,
        }
    }

    #[test]
    fn reads_waits() {
        for (message, expected) in [
            (
                "process 7 still waiting for ShareLock on transaction 9 after 1000.119 ms",
                Some((LockStep::Waiting, "ShareLock", LockObject::Transaction, 1_000_119)),
            ),
            (
                "process 7 acquired AccessExclusiveLock on relation 16430 of database 5 after 2500.000 ms",
                Some((LockStep::Acquired, "AccessExclusiveLock", LockObject::Relation, 2_500_000)),
            ),
            (
                "process 7 failed to acquire ExclusiveLock on tuple (0,1) of relation 1 of database 2 after 3.000 ms",
                Some((LockStep::Failed, "ExclusiveLock", LockObject::Tuple, 3_000)),
            ),
            (
                "process 7 still waiting for ExclusiveLock on advisory lock [5,0,1,1] after 1.5 ms",
                Some((LockStep::Waiting, "ExclusiveLock", LockObject::Advisory, 1_500)),
            ),
            // The wait that it ended is told by the deadlock, and that it was avoided by the lock.
            (
                "process 7 detected deadlock while waiting for ShareLock on transaction 9 after 1 ms",
                None,
            ),
            (
                "process 7 avoided deadlock for ShareLock on transaction 9 by rearranging queue order after 1 ms",
                None,
            ),
        ] {
            let record = record(message, "Processes holding the lock: 5, 6. Wait queue: 7, 8, 9.");
            let is_wait = classify(&record) == Message::About(Subject::LockWait);
            assert_eq!(is_wait, expected.is_some(), "{message}");
            let Some((step, mode, object, waited_us)) = expected else { continue };
            let beside = Beside::default();
            let wait = wait(&record, &beside).expect(message);
            assert_eq!((wait.step, &*wait.mode), (step, mode.as_bytes()), "{message}");
            assert_eq!((wait.object, wait.waited_us), (object, waited_us), "{message}");
            assert_eq!((wait.queue, wait.table.as_deref()), (3, Some(&b"counters"[..])));
            assert_eq!(holder_pid(record.detail.as_deref().unwrap_or_default()), Some(5));
        }
    }

    #[test]
    fn reads_every_participant_of_a_deadlock() {
        let record = record(
            "deadlock detected",
            "Process 5 waits for ShareLock on transaction 1; blocked by process 6.\n\
             Process 6 waits for ExclusiveLock on tuple (0,1) of relation 2 of database 3; blocked by process 7.\n\
             Process 7 waits for ShareLock on transaction 4; blocked by process 5.\n\
             Process 5: update a set b = 'Process 7: drop table a'\nwhere c = 1\n\
             Process 6: <insufficient privilege>\n\
             Process 7: select 1",
        );
        let deadlock = deadlock(&record);
        let told: Vec<_> = deadlock
            .participants
            .iter()
            .map(|p| (p.pid, p.blocked_by, p.statement.as_deref().map(String::from_utf8_lossy)))
            .collect();
        let update = "update a set b = 'Process 7: drop table a'\nwhere c = 1";
        assert_eq!(
            told,
            [(5, 6, Some(update.into())), (6, 7, None), (7, 5, Some("select 1".into()))]
        );
        assert_eq!(deadlock.participants[1].object, LockObject::Tuple);
    }
}
