//! What waits now: transactions by how long they are open and what they wait for, and threads that
//! wait for a semaphore.

use super::figures::{Counters, number};
use super::sections::Lines;
use memchr::memmem;

/// A transaction as its lines tell it.
#[derive(Default)]
struct Transaction {
    active_s: Option<f64>,
    thread: Option<f64>,
    waits: bool,
}

/// Counts the transactions of their section.
pub fn transactions(body: &[u8], counters: &mut Counters) {
    let mut oldest: Option<(f64, f64)> = None;
    let (mut active, mut waiting, mut rolling_back) = (0.0, 0.0, 0.0);
    let mut longest_wait_s: Option<f64> = None;
    let mut undo = 0.0_f64;
    let mut open = Transaction::default();
    let mut close = |open: &mut Transaction| {
        let Transaction { active_s, thread, waits } = std::mem::take(open);
        waiting += f64::from(u8::from(waits));
        let Some(active_s) = active_s else { return };
        active += 1.0;
        if oldest.is_none_or(|(oldest_s, _)| active_s > oldest_s) {
            oldest = Some((active_s, thread.unwrap_or(0.0)));
        }
    };
    for line in Lines::new(body) {
        let text = line.text;
        if text.starts_with(b"---TRANSACTION ") {
            close(&mut open);
            open.active_s = active_s(text);
        } else if text.starts_with(b"------- TRX HAS BEEN WAITING ") {
            open.waits = true;
            let wait_s = wait_s(text).unwrap_or(0.0);
            longest_wait_s = Some(longest_wait_s.unwrap_or(0.0).max(wait_s));
        } else if text.starts_with(b"LOCK WAIT ") {
            open.waits = true;
        } else if text.starts_with(b"ROLLING BACK ") {
            rolling_back += 1.0;
        } else if text.starts_with(b"MySQL thread id ") || text.starts_with(b"MariaDB thread id ") {
            open.thread = after(text, b" thread id ");
        }
        // Never the words of a statement: those of the lock lines stand before it.
        if open.thread.is_none() {
            undo = undo.max(after(text, b", undo log entries ").unwrap_or(0.0));
        }
    }
    close(&mut open);
    counters.insert("innodb_active_transactions", active);
    counters.insert("innodb_lock_waiting_transactions", waiting);
    counters.insert("innodb_rolling_back_transactions", rolling_back);
    counters.insert("innodb_largest_undo_entries", undo);
    if let Some((active_s, thread)) = oldest {
        counters.insert("innodb_oldest_transaction_s", active_s);
        counters.insert("innodb_oldest_transaction_thread", thread);
    }
    if let Some(longest_s) = longest_wait_s {
        counters.insert("innodb_longest_lock_wait_s", longest_s);
    }
}

/// Counts the threads that wait for a semaphore:
/// `--Thread 139 has waited at buf0buf.cc line 42 for 241.00 seconds the semaphore:`.
pub fn semaphores(body: &[u8], counters: &mut Counters) {
    let waits = Lines::new(body).filter(|line| line.text.starts_with(b"--Thread "));
    let waits = waits.filter(|line| memmem::find(line.text, b" has waited at ").is_some());
    let (mut count, mut longest_s) = (0.0, 0.0_f64);
    for line in waits {
        count += 1.0;
        longest_s = longest_s.max(after(line.text, b" for ").unwrap_or(0.0));
    }
    counters.insert("innodb_semaphore_waits", count);
    counters.insert("innodb_semaphore_longest_wait_s", longest_s);
}

/// `---TRANSACTION 5258, ACTIVE 12 sec …`, `…, ACTIVE (PREPARED) 12 sec`; nothing of those that are
/// not started.
fn active_s(line: &[u8]) -> Option<f64> {
    after(line, b", ACTIVE (PREPARED) ").or_else(|| after(line, b", ACTIVE "))
}

/// `------- TRX HAS BEEN WAITING 12 SEC FOR THIS LOCK …`, in microseconds (`us`) since MariaDB 10.5.
fn wait_s(line: &[u8]) -> Option<f64> {
    let amount = after(line, b" WAITING ")?;
    Some(if memmem::find(line, b" us FOR ").is_some() { amount / 1e6 } else { amount })
}

/// The number behind a mark.
fn after(line: &[u8], mark: &[u8]) -> Option<f64> {
    let rest = line.get(memmem::find(line, mark)? + mark.len()..)?;
    let digits = rest.iter().take_while(|b| b.is_ascii_digit() || **b == b'.').count();
    number(&mut std::str::from_utf8(rest.get(..digits)?).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_is_found_and_statements_are_no_transactions() {
        let body = "---TRANSACTION 7, not started\n---TRANSACTION 5, ACTIVE 12 sec starting index read\nLOCK WAIT 2 lock struct(s), heap size 1128, 1 row lock(s), undo log entries 40\nMySQL thread id 9, OS thread handle 1, query id 2 localhost app updating\nupdate t set a = '\n---TRANSACTION 6, ACTIVE 99999 sec\n' where b = ', undo log entries 77'\n------- TRX HAS BEEN WAITING 3000000 us FOR THIS LOCK TO BE GRANTED:\n---TRANSACTION 4, ACTIVE (PREPARED) 50 sec\nROLLING BACK 3 lock struct(s)\nMariaDB thread id 3, OS thread handle 1\n";
        let mut counters = Counters::new();
        transactions(body.as_bytes(), &mut counters);
        semaphores(
            b"--Thread 139 has waited at buf0buf.cc line 42 for 241.00 seconds the semaphore:\n",
            &mut counters,
        );
        let told: Vec<_> = counters.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let expected = "innodb_active_transactions=2 innodb_largest_undo_entries=40 innodb_lock_waiting_transactions=1 innodb_longest_lock_wait_s=3 innodb_oldest_transaction_s=50 innodb_oldest_transaction_thread=3 innodb_rolling_back_transactions=1 innodb_semaphore_longest_wait_s=241 innodb_semaphore_waits=1";
        assert_eq!(told.join(" "), expected);
    }
}
