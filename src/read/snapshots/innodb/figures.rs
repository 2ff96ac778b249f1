//! Numbers in lines that are the same but for them: which lines, and which counter each number is.
//!
//! Where `SHOW GLOBAL STATUS` counts the same, the counter has that name in lower case. Rates per
//! second are averages since the monitor last printed.

use super::sections::Topic;
use std::collections::BTreeMap;

/// Counters by name.
pub type Counters = BTreeMap<&'static str, f64>;

/// A line with numbers: `#` a number, `+` a list of numbers to add up (`0 [0, 0]`, `[0, 0]` or
/// nothing), `@` a place in the redo log (two words before 5.5), `%` a ratio (`998 / 1000`). A blank
/// is any number of them. Then the counters of the numbers in their order; numbers of one counter
/// are added up, those without a name are not kept.
type Pattern = (Topic, &'static str, &'static [&'static str]);

const PATTERNS: &[Pattern] = &[
    (
        Topic::Semaphores,
        "OS WAIT ARRAY INFO: reservation count #",
        &["innodb_semaphore_reservations"],
    ),
    (Topic::Semaphores, "Mutex spin waits #, rounds #, OS waits #", &SPINS),
    (Topic::Semaphores, "RW-shared spins #, rounds #, OS waits #", &SPINS),
    (
        Topic::Semaphores,
        "RW-shared spins #, OS waits #; RW-excl spins #, OS waits #",
        &["", "innodb_semaphore_os_waits", "", "innodb_semaphore_os_waits"],
    ),
    (Topic::Semaphores, "RW-excl spins #, rounds #, OS waits #", &SPINS),
    (Topic::Semaphores, "RW-sx spins #, rounds #, OS waits #", &SPINS),
    (Topic::Transactions, "History list length #", &["innodb_history_list_length"]),
    (
        Topic::FileIo,
        "Pending normal aio reads:+, aio writes:+",
        &["innodb_pending_aio_reads", "innodb_pending_aio_writes"],
    ),
    (
        Topic::FileIo,
        "ibuf aio reads:+, log i/o's:+, sync i/o's:+",
        &["innodb_pending_aio_reads", "innodb_pending_aio_writes", "innodb_pending_aio_reads"],
    ),
    (
        Topic::FileIo,
        "Pending flushes (fsync) log: #; buffer pool: #",
        &["innodb_pending_fsyncs", "innodb_pending_fsyncs"],
    ),
    (Topic::FileIo, "Pending flushes (fsync): #", &["innodb_pending_fsyncs"]),
    (
        Topic::FileIo,
        "# OS file reads, # OS file writes, # OS fsyncs",
        &["innodb_data_reads", "innodb_data_writes", "innodb_data_fsyncs"],
    ),
    (
        Topic::FileIo,
        "# pending preads, # pending pwrites",
        &["innodb_pending_aio_reads", "innodb_pending_aio_writes"],
    ),
    (
        Topic::FileIo,
        "# pending reads, # pending writes",
        &["innodb_pending_aio_reads", "innodb_pending_aio_writes"],
    ),
    (
        Topic::ChangeBuffer,
        "Ibuf: size #, free list len #, seg size #, # merges",
        &[
            "innodb_ibuf_size",
            "innodb_ibuf_free_list",
            "innodb_ibuf_segment_size",
            "innodb_ibuf_merges",
        ],
    ),
    (
        Topic::ChangeBuffer,
        "# hash searches/s, # non-hash searches/s",
        &["innodb_hash_searches_per_s", "innodb_non_hash_searches_per_s"],
    ),
    (Topic::Log, "Log sequence number @", &["innodb_log_sequence_number"]),
    (Topic::Log, "Log flushed up to @", &["innodb_log_flushed_up_to"]),
    (Topic::Log, "Pages flushed up to @", &["innodb_pages_flushed_up_to"]),
    (Topic::Log, "Last checkpoint at @", &["innodb_last_checkpoint"]),
    (Topic::Log, "Max checkpoint age #", &["innodb_checkpoint_max_age_bytes"]),
    (Topic::Log, "Log capacity #", &["innodb_log_capacity_bytes"]),
    (
        Topic::Log,
        "# pending log flushes, # pending chkp writes",
        &["innodb_pending_log_writes", "innodb_pending_checkpoint_writes"],
    ),
    (
        Topic::Log,
        "# pending log writes, # pending chkp writes",
        &["innodb_pending_log_writes", "innodb_pending_checkpoint_writes"],
    ),
    (Topic::Log, "# log i/o's done", &["innodb_log_writes"]),
    (Topic::BufferPool, "Total large memory allocated #", &["innodb_memory_allocated_bytes"]),
    (Topic::BufferPool, "Total memory allocated #", &["innodb_memory_allocated_bytes"]),
    (Topic::BufferPool, "Dictionary memory allocated #", &["innodb_dictionary_memory_bytes"]),
    (Topic::BufferPool, "Buffer pool size #", &["innodb_buffer_pool_pages_total"]),
    (Topic::BufferPool, "Free buffers #", &["innodb_buffer_pool_pages_free"]),
    (Topic::BufferPool, "Database pages #", &["innodb_buffer_pool_pages_data"]),
    (Topic::BufferPool, "Modified db pages #", &["innodb_buffer_pool_pages_dirty"]),
    (Topic::BufferPool, "Pending reads #", &["innodb_buffer_pool_pending_reads"]),
    (Topic::BufferPool, "Pending writes: LRU #, flush list #, single page #", &POOL_WRITES),
    (
        Topic::BufferPool,
        "Pages read #, created #, written #",
        &["innodb_pages_read", "innodb_pages_created", "innodb_pages_written"],
    ),
    (Topic::BufferPool, "Buffer pool hit rate %", &["innodb_buffer_pool_hit_rate"]),
    (
        Topic::Rows,
        "# queries inside InnoDB, # queries in queue",
        &["innodb_queries_inside", "innodb_queries_in_queue"],
    ),
    (Topic::Rows, "# read views open inside InnoDB", &["innodb_read_views_open"]),
    (
        Topic::Rows,
        "Number of rows inserted #, updated #, deleted #, read #",
        &["innodb_rows_inserted", "innodb_rows_updated", "innodb_rows_deleted", "innodb_rows_read"],
    ),
];

const SPINS: [&str; 3] = ["", "innodb_semaphore_spin_rounds", "innodb_semaphore_os_waits"];
const POOL_WRITES: [&str; 3] = ["innodb_buffer_pool_pending_writes"; 3];

/// Adds the numbers of a line of a section.
pub fn add(topic: Topic, line: &[u8], counters: &mut Counters) {
    let Ok(line) = std::str::from_utf8(line) else { return };
    for (of, pattern, names) in PATTERNS {
        if *of != topic {
            continue;
        }
        let numbers = numbers(line.trim_start(), pattern);
        for (name, number) in names.iter().zip(&numbers).filter(|(name, _)| !name.is_empty()) {
            *counters.entry(name).or_default() += number;
        }
        if !numbers.is_empty() {
            return;
        }
    }
}

/// Adds what follows from several lines.
pub fn conclude(counters: &mut Counters) {
    let pending =
        ["innodb_pending_aio_reads", "innodb_pending_aio_writes", "innodb_pending_fsyncs"];
    let pending: Vec<f64> = pending.iter().filter_map(|name| counters.get(name).copied()).collect();
    if !pending.is_empty() {
        counters.insert("innodb_pending_io", pending.iter().sum());
    }
    let place = |name| counters.get(name).copied();
    let (now, checkpoint) = (place("innodb_log_sequence_number"), place("innodb_last_checkpoint"));
    if let (Some(now), Some(checkpoint)) = (now, checkpoint) {
        counters.insert("innodb_checkpoint_age_bytes", (now - checkpoint).max(0.0));
    }
}

/// The numbers of a line that a pattern fits, at least as far as the line goes on.
fn numbers(line: &str, pattern: &str) -> Vec<f64> {
    let mut rest = line;
    let mut numbers = Vec::new();
    for letter in pattern.chars() {
        let number = match letter {
            ' ' => {
                rest = rest.trim_start();
                continue;
            }
            '#' => number(&mut rest),
            '+' => Some(list(&mut rest)),
            '@' => log_place(&mut rest),
            '%' => ratio(&mut rest),
            letter => match rest.strip_prefix(letter) {
                Some(behind) => {
                    rest = behind;
                    continue;
                }
                None => return if rest.trim().is_empty() { numbers } else { Vec::new() },
            },
        };
        match number {
            Some(number) => numbers.push(number),
            None => return Vec::new(),
        }
    }
    numbers
}

/// A number at the start of a text, which is then behind it.
pub fn number(rest: &mut &str) -> Option<f64> {
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    let number = rest.get(..end)?.parse().ok()?;
    *rest = rest.get(end..)?;
    Some(number)
}

fn list(rest: &mut &str) -> f64 {
    *rest = rest.trim_start();
    let sum = number(rest);
    *rest = rest.trim_start();
    let mut inside = 0.0;
    if let Some((numbers, behind)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        inside = numbers.split(',').filter_map(|one| one.trim().parse::<f64>().ok()).sum();
        *rest = behind.trim_start();
    }
    sum.unwrap_or(inside)
}

fn log_place(rest: &mut &str) -> Option<f64> {
    let first = number(rest)?;
    let mut behind = rest.trim_start();
    let Some(low) = number(&mut behind) else { return Some(first) };
    *rest = behind;
    Some(first * 4_294_967_296.0 + low)
}

fn ratio(rest: &mut &str) -> Option<f64> {
    let part = number(rest)?;
    *rest = rest.trim_start().strip_prefix('/')?.trim_start();
    let whole = number(rest)?;
    (whole > 0.0).then(|| part / whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_every_generation_are_read() {
        for (topic, line, expected) in [
            (Topic::Log, "Log sequence number 1 5", "innodb_log_sequence_number=4294967301"),
            (
                Topic::Log,
                "Log sequence number          36443721",
                "innodb_log_sequence_number=36443721",
            ),
            (Topic::Log, "Log sequence number soon", ""),
            (
                Topic::FileIo,
                "Pending normal aio reads: 3 [1, 2] , aio writes: [4, 0] ,",
                "innodb_pending_aio_reads=3 innodb_pending_aio_writes=4",
            ),
            (
                Topic::FileIo,
                "Pending normal aio reads: 3, aio writes: 4,",
                "innodb_pending_aio_reads=3 innodb_pending_aio_writes=4",
            ),
            (
                Topic::FileIo,
                " ibuf aio reads:, log i/o's: 2, sync i/o's:",
                "innodb_pending_aio_reads=0 innodb_pending_aio_writes=2",
            ),
            (
                Topic::FileIo,
                "Pending flushes (fsync) log: 1; buffer pool: 2",
                "innodb_pending_fsyncs=3",
            ),
            (
                Topic::BufferPool,
                "Pending writes: LRU 1, flush list 2",
                "innodb_buffer_pool_pending_writes=3",
            ),
            (Topic::BufferPool, "Buffer pool size, bytes 9", ""),
            (
                Topic::BufferPool,
                "Buffer pool hit rate 998 / 1000, young-making rate 0 / 1000 not 0 / 1000",
                "innodb_buffer_pool_hit_rate=0.998",
            ),
            (Topic::BufferPool, "Buffer pool hit rate 0 / 0", ""),
            (
                Topic::Semaphores,
                "RW-shared spins 1, OS waits 2; RW-excl spins 3, OS waits 4",
                "innodb_semaphore_os_waits=6",
            ),
            (Topic::Other, "Free buffers 5", ""),
        ] {
            let mut counters = Counters::new();
            add(topic, line.as_bytes(), &mut counters);
            let told: Vec<_> =
                counters.iter().map(|(name, value)| format!("{name}={value}")).collect();
            assert_eq!(told.join(" "), expected, "{line}");
        }
    }
}
