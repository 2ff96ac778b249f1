//! Lock waits and deadlocks.

use super::{MAX_ROWS, NAME, more, silent, statement};
use crate::judge::words;
use crate::report::phrases::{clock, dash, either, ms, place};
use crate::report::sections::table::{Side, Table};
use crate::report::sections::{heading, paragraph};
use crate::report::types::{LockItem, Report};
use crate::report::{engines, escape};

/// Deadlocks in full; the JSON report has more.
const MAX_CYCLES: usize = 5;

pub fn write(report: &Report, out: &mut String) {
    waits(report, out);
    deadlocks(report, out);
}

fn waits(report: &Report, out: &mut String) {
    let i = &report.incidents;
    let (waits, acquired, failed) = (&i.lock_waits, &i.locks_acquired, &i.locks_failed);
    if waits.items.is_empty() && waits.not_available == 0 {
        let how = engines::sentences(report, engines::log_locks);
        return silent(out, "Lock Waits", &format!("None is in these logs. {how}"));
    }
    heading(out, 4, "Lock Waits");
    let mut facts = Vec::new();
    if waits.occurred.count > 0 {
        let count = either(
            waits.occurred.count,
            "wait was logged while it lasted",
            "waits were logged while they lasted",
        );
        facts.push(format!("{count}, the longest after {}", ms(waits.max_ms)));
    }
    for (ended, words) in [(acquired, "ended in the lock"), (failed, "ended without it")] {
        if ended.occurred.count > 0 {
            let (count, total) = (words::count(ended.occurred.count), ms(ended.total_ms));
            facts.push(format!("{count} {words} after {total} together"));
        }
    }
    if waits.not_available > 0 {
        let count = words::count(waits.not_available);
        facts.push(format!("{count} locks were not had because the statement did not wait"));
    }
    paragraph(out, &format!("{}.", facts.join("; ")));
    if waits.items.is_empty() {
        return;
    }
    let mut table = Table::new(&[
        ("waiting statement", Side::Left),
        ("lock", Side::Left),
        ("still waiting", Side::Right),
        ("acquired", Side::Right),
        ("waited", Side::Right),
        ("longest", Side::Right),
        ("queue", Side::Right),
        ("its holder had last logged", Side::Left),
        ("example", Side::Left),
    ]);
    for item in waits.items.iter().take(MAX_ROWS) {
        let over = item.acquired + item.failed > 0;
        table.row([
            statement(report, &item.concerned),
            lock(item),
            words::count(item.waiting),
            words::count(item.acquired),
            if over { ms(item.waited_ms) } else { dash() },
            ms(item.longest_ms),
            words::count(u64::from(item.queue)),
            item.holders.first().map_or_else(dash, |held| {
                let text = escape::cell_code(&held.fingerprint, NAME);
                format!("{text} ({} of {})", words::count(held.count), words::count(item.waiting))
            }),
            escape::cell_code(&place(&item.source), 100),
        ]);
    }
    table.finish(out);
    more(out, waits.items.len().saturating_sub(MAX_ROWS), "kinds of waits");
    if waits.items.iter().any(|item| !item.holders.is_empty()) {
        paragraph(
            out,
            "What a holder's session had last logged before a wait is where to look first, not \
             proof of the cause: later statements may not have been logged.",
        );
    }
}

/// `ShareLock on transaction`, and the table where it is known.
fn lock(item: &LockItem) -> String {
    let lock = escape::cell_code(&format!("{} on {}", item.mode, item.object), NAME);
    match &item.table {
        Some(table) => format!("{lock} of {}", escape::cell_code(table, NAME)),
        None => lock,
    }
}

fn deadlocks(report: &Report, out: &mut String) {
    let deadlocks = &report.incidents.deadlocks;
    if deadlocks.occurred.count == 0 {
        return;
    }
    heading(out, 4, "Deadlocks");
    let count = either(deadlocks.occurred.count, "deadlock was", "deadlocks were");
    let how = engines::each(report, engines::deadlock_end);
    paragraph(out, &format!("{count} broken {how}."));
    for item in deadlocks.items.iter().take(MAX_CYCLES) {
        let table = item
            .table
            .as_ref()
            .map_or(String::new(), |table| format!(" on {}", escape::code(table)));
        let at = clock(report, item.first);
        paragraph(
            out,
            &format!(
                "**{}{table}**, first at {at} ({}), {}: {}",
                words::counted(item.count, "time"),
                escape::code(&place(&item.source)),
                engines::deadlock_loss(engines::of(report, &item.server)),
                statement(report, &item.concerned)
            ),
        );
        let mut table = Table::new(&[("participant", Side::Left), ("waited for", Side::Left)]);
        for part in &item.participants {
            let of = |what: &str, name: &Option<String>| {
                let named = |name: &String| format!(" of {what}{}", escape::cell_code(name, NAME));
                name.as_ref().map_or_else(String::new, named)
            };
            let lock = escape::cell_code(&format!("{} on {}", part.mode, part.object), NAME);
            let lock = lock + &of("index ", &part.index) + &of("", &part.table);
            table.row([statement(report, &part.concerned), lock]);
        }
        if !item.participants.is_empty() {
            table.finish(out);
        }
    }
    more(out, deadlocks.items.len().saturating_sub(MAX_CYCLES), "kinds of deadlocks");
}
