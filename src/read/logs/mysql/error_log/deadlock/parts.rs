//! What InnoDB prints of a deadlock, section by section: `*** (1) TRANSACTION:` with who ran what,
//! `*** (1) WAITING FOR THIS LOCK TO BE GRANTED:` with the lock, `*** WE ROLL BACK TRANSACTION (2)`.
//!
//! The rows under a lock are data and never read. The same lines stand in the output of the
//! monitor; what a section means is the same in every version since 5.0.

use crate::model::event::LockObject;
use crate::read::logs::mysql::error_log::quoted::Quoted;
use memchr::{memchr, memmem};
use std::net::IpAddr;

/// Bytes kept of a statement: more than any server prints.
const STATEMENT_MAX: usize = 4096;
/// Bytes kept of a name.
const NAME_MAX: usize = 256;

/// A section that means something.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Part {
    /// One of the transactions.
    Transaction(Transaction),
    /// The lock that a transaction waits for: that of this number, or the one before.
    Waits(Option<u32>, Lock),
    /// The number of the one that was rolled back.
    RolledBack(u32),
}

/// Who took part, and with what.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub(super) struct Transaction {
    /// Its number in this deadlock.
    pub number: u32,
    /// The connection.
    pub thread: u64,
    /// Database user.
    pub user: Option<Box<[u8]>>,
    /// Client host or address.
    pub host: Option<Box<[u8]>>,
    /// What it ran.
    pub statement: Option<Box<[u8]>>,
}

/// A lock as InnoDB names it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Lock {
    /// On what kind of thing.
    pub object: LockObject,
    /// `X locks rec but not gap`, `S`, `X insert intention` …
    pub mode: Box<[u8]>,
    /// `shop.orders`.
    pub table: Option<Box<[u8]>>,
    /// The index, of row locks.
    pub index: Option<Box<[u8]>>,
}

/// Which section a line is in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Other,
    Transaction(u32),
    Waits(Option<u32>),
}

/// Reads the sections of a text, which begins anywhere.
pub(super) fn parts(text: &[u8]) -> Vec<Part> {
    let mut out = Vec::new();
    let (mut section, mut at) = (Section::Other, 0);
    let mut current: Option<(Transaction, Quoted)> = None;
    while at < text.len() {
        let end = memchr(b'\n', &text[at..]).map_or(text.len(), |to| at + to);
        let line = text[at..end].trim_ascii_end();
        if let Some((transaction, quoted)) = &mut current {
            if !line.starts_with(b"*** ") || quoted.covers(text, at) {
                at = end + 1;
                continue;
            }
            let statement = text.get(quoted.start..at).unwrap_or_default();
            transaction.statement = kept(statement, STATEMENT_MAX);
            out.extend(current.take().map(|(transaction, _)| Part::Transaction(transaction)));
        }
        if let Some(title) = line.strip_prefix(b"*** ") {
            section = section_of(title, section, &mut out);
        } else if let Section::Transaction(number) = section
            && let Some(quoted) = Quoted::description(line, at)
        {
            current = Some((Transaction { number, ..described(line) }, quoted));
        } else if let Section::Waits(number) = section
            && let Some(lock) = lock(line)
        {
            out.push(Part::Waits(number, lock));
            section = Section::Other;
        }
        at = end + 1;
    }
    if let Some((mut transaction, quoted)) = current {
        transaction.statement = kept(text.get(quoted.start..).unwrap_or_default(), STATEMENT_MAX);
        out.push(Part::Transaction(transaction));
    }
    out
}

/// The section that a title opens.
fn section_of(title: &[u8], before: Section, out: &mut Vec<Part>) -> Section {
    if let Some(rest) = title.strip_prefix(b"WE ROLL BACK TRANSACTION ") {
        out.extend(numbered(rest).map(|(number, _)| Part::RolledBack(number)));
        return Section::Other;
    }
    let (number, title) = match numbered(title) {
        Some((number, title)) => (Some(number), title),
        None => (None, title),
    };
    match (number, title) {
        (Some(number), _) if title.starts_with(b"TRANSACTION:") => Section::Transaction(number),
        _ if title.starts_with(b"WAITING FOR THIS LOCK") => Section::Waits(number),
        // `(1)` alone may stand before what follows on the next line.
        _ if title.is_empty() => before,
        _ => Section::Other,
    }
}

/// `(2) …`.
fn numbered(text: &[u8]) -> Option<(u32, &[u8])> {
    let inside = text.strip_prefix(b"(")?;
    let close = inside.iter().take(6).position(|b| *b == b')')?;
    let number = std::str::from_utf8(&inside[..close]).ok()?.parse().ok()?;
    Some((number, inside[close + 1..].trim_ascii_start()))
}

/// `MySQL thread id 36, OS thread handle 140547908335360, query id 14232 web1 10.0.0.7 app updating`:
/// host, address and user, as far as they are known, then the state, which begins with a capital
/// where it is of no client.
fn described(line: &[u8]) -> Transaction {
    let after = |mark: &[u8]| memmem::find(line, mark).map(|at| &line[at + mark.len()..]);
    let number = |text: &[u8]| {
        let digits = text.iter().take(19).take_while(|b| b.is_ascii_digit()).count();
        std::str::from_utf8(&text[..digits]).ok()?.parse::<u64>().ok()
    };
    let thread = after(b" thread id ").and_then(number).unwrap_or(0);
    let mut words = after(b" query id ").unwrap_or_default().split(|b| *b == b' ').skip(1);
    let is_address =
        |word: &[u8]| std::str::from_utf8(word).is_ok_and(|word| word.parse::<IpAddr>().is_ok());
    let host = words.next().filter(|host| !host.first().is_none_or(u8::is_ascii_uppercase));
    let mut user = words.next().filter(|_| host.is_some());
    if user.is_some_and(is_address) {
        user = words.next();
    }
    let name = |name: Option<&[u8]>| name.and_then(|name| kept(name, NAME_MAX));
    Transaction { thread, user: name(user), host: name(host), ..Transaction::default() }
}

/// `RECORD LOCKS space id 24 page no 6 n bits 304 index PRIMARY of table `shop`.`orders` trx id 5150
/// lock_mode X locks rec but not gap waiting`, `TABLE LOCK table `shop`.`orders` trx id 5150 lock
/// mode IX waiting`.
fn lock(line: &[u8]) -> Option<Lock> {
    let between = |from: &[u8], to: &[u8]| {
        let rest = &line[memmem::find(line, from)? + from.len()..];
        rest.get(..memmem::find(rest, to)?)
    };
    let (object, table, index) = if line.starts_with(b"RECORD LOCKS ") {
        (
            LockObject::Record,
            between(b" of table ", b" trx id "),
            between(b" index ", b" of table "),
        )
    } else if line.starts_with(b"TABLE LOCK ") {
        (LockObject::Relation, between(b" table ", b" trx id "), None)
    } else {
        return None;
    };
    let at = [&b" lock_mode "[..], b" lock mode "]
        .iter()
        .find_map(|word| memmem::find(line, word).map(|at| at + word.len()))?;
    let mode = line.get(at..)?;
    Some(Lock {
        object,
        mode: kept(mode.strip_suffix(b" waiting").unwrap_or(mode), NAME_MAX)?,
        table: table.and_then(|table| kept(&bare(without_partition(table)), NAME_MAX)),
        index: index.and_then(|index| kept(&bare(index), NAME_MAX)),
    })
}

/// `` `shop`.`orders` /* Partition `p0` */ `` without the partition.
fn without_partition(table: &[u8]) -> &[u8] {
    memmem::find(table, b" /* ").map_or(table, |at| &table[..at])
}

/// A name without its quotes.
fn bare(name: &[u8]) -> Vec<u8> {
    name.iter().copied().filter(|b| *b != b'`').collect()
}

fn kept(text: &[u8], max: usize) -> Option<Box<[u8]>> {
    let text = text.trim_ascii();
    (!text.is_empty()).then(|| text[..text.len().min(max)].into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        let name = |name: &Option<Box<[u8]>>| {
            name.as_ref().map_or("-".into(), |name| String::from_utf8_lossy(name).into_owned())
        };
        let part = |part: &Part| match part {
            Part::Transaction(t) => format!(
                "{} {} {}@{} {}",
                t.number,
                t.thread,
                name(&t.user),
                name(&t.host),
                name(&t.statement)
            ),
            Part::Waits(number, lock) => format!(
                "{number:?} {:?} {} {} {}",
                lock.object,
                String::from_utf8_lossy(&lock.mode),
                name(&lock.table),
                name(&lock.index)
            ),
            Part::RolledBack(number) => format!("victim {number}"),
        };
        parts(text.as_bytes()).iter().map(part).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn reads_sections_of_every_version() {
        for (text, expected) in [
            (
                "*** (1) TRANSACTION:\nTRANSACTION 5150, ACTIVE 1 sec starting index read\nMySQL thread id 36, OS thread handle 0x7f, query id 14 localhost 127.0.0.1 batch updating\nUPDATE orders SET a = '\n*** (2) TRANSACTION:\n'\nWHERE id=12\n*** (1) WAITING FOR THIS LOCK TO BE GRANTED:\nRECORD LOCKS space id 24 page no 6 n bits 304 index `PRIMARY` of table `shop`.`orders` trx id 5150 lock_mode X locks rec but not gap waiting\nRecord lock, heap no 13\n 0: len 4; hex 8000000c; asc     ;;\n*** WE ROLL BACK TRANSACTION (1)\n",
                "1 36 batch@localhost UPDATE orders SET a = '\n*** (2) TRANSACTION:\n'\nWHERE id=12|Some(1) Record X locks rec but not gap shop.orders PRIMARY|victim 1",
            ),
            (
                "*** WAITING FOR THIS LOCK TO BE GRANTED:\n\nTABLE LOCK table `shop`.`t` /* Partition `p0` */ trx id 5 lock mode IX waiting\n*** CONFLICTING WITH:\nTABLE LOCK table `shop`.`t` trx id 6 lock mode S\n",
                "None Relation IX shop.t -",
            ),
            (
                "*** (2) TRANSACTION:\nMySQL thread id 7, OS thread handle 1, query id 0 Waiting for the next event\n",
                "2 7 -@- -",
            ),
            ("\n*** (1) HOLDS THE LOCK(S):\n", ""),
            ("*** (99999999999) TRANSACTION:\n*** WE ROLL BACK TRANSACTION (x)", ""),
        ] {
            assert_eq!(told(text), expected, "{text}");
        }
    }
}
