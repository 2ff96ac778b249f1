//! The keys of slow log headers: which attribute each is, and in which unit it is written.
//!
//! MySQL's `log_slow_extra`, Percona's extended attributes, MariaDB's verbosities and TiDB's fields
//! in one table; what is in no table is kept under its own name.

use crate::model::event::Known;

/// In which unit a number is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Scale {
    One,
    Seconds,
    Milliseconds,
}

/// What a key means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Slot {
    /// Said elsewhere, or an id that tells nothing.
    Skip,
    Time,
    UserHost,
    QueryTime,
    Session,
    Schema,
    /// Server error number: 0 is none.
    ErrorCode,
    /// Number of the signal or error that stopped it: 0 is none.
    Killed,
    /// One in so many queries or sessions was logged.
    RateLimit,
    Succeeded,
    Prepared,
    /// The rows of a plan.
    Explain,
    Number(Known, Scale),
    Flag(Known),
    Word(Known),
    /// Free text up to the end of the line, which may hold literals.
    Line,
    /// Not in the table.
    Other,
}

impl Slot {
    /// Whether its values are single words.
    pub fn has_one_word(self) -> bool {
        matches!(
            self,
            Slot::Number(..)
                | Slot::Flag(_)
                | Slot::QueryTime
                | Slot::Session
                | Slot::ErrorCode
                | Slot::Killed
                | Slot::RateLimit
        )
    }
}

/// Keys in lower case.
const SLOTS: &[(&str, Slot)] = &[
    ("time", Slot::Time),
    ("user@host", Slot::UserHost),
    ("query_time", Slot::QueryTime),
    ("lock_time", Slot::Number(Known::LockTime, Scale::Seconds)),
    ("rows_sent", Slot::Number(Known::RowsSent, Scale::One)),
    ("rows_examined", Slot::Number(Known::RowsExamined, Scale::One)),
    ("rows_affected", Slot::Number(Known::RowsAffected, Scale::One)),
    ("rows_read", Slot::Number(Known::RowsRead, Scale::One)),
    ("bytes_sent", Slot::Number(Known::BytesSent, Scale::One)),
    ("bytes_received", Slot::Number(Known::BytesReceived, Scale::One)),
    ("id", Slot::Session),
    ("thread_id", Slot::Session),
    ("conn_id", Slot::Session),
    ("schema", Slot::Schema),
    ("db", Slot::Schema),
    ("errno", Slot::ErrorCode),
    ("last_errno", Slot::ErrorCode),
    ("killed", Slot::Killed),
    ("log_slow_rate_limit", Slot::RateLimit),
    ("log_slow_rate_type", Slot::Skip),
    ("succ", Slot::Succeeded),
    ("prepared", Slot::Prepared),
    ("explain", Slot::Explain),
    // MySQL 8.0.14, log_slow_extra.
    ("read_first", Slot::Number(Known::ReadFirst, Scale::One)),
    ("read_last", Slot::Number(Known::ReadLast, Scale::One)),
    ("read_key", Slot::Number(Known::ReadKey, Scale::One)),
    ("read_next", Slot::Number(Known::ReadNext, Scale::One)),
    ("read_prev", Slot::Number(Known::ReadPrev, Scale::One)),
    ("read_rnd", Slot::Number(Known::ReadRnd, Scale::One)),
    ("read_rnd_next", Slot::Number(Known::ReadRndNext, Scale::One)),
    ("sort_merge_passes", Slot::Number(Known::MergePasses, Scale::One)),
    ("sort_range_count", Slot::Number(Known::SortRangeCount, Scale::One)),
    ("sort_rows", Slot::Number(Known::SortRows, Scale::One)),
    ("sort_scan_count", Slot::Number(Known::SortScanCount, Scale::One)),
    ("created_tmp_disk_tables", Slot::Number(Known::TmpDiskTables, Scale::One)),
    ("created_tmp_tables", Slot::Number(Known::TmpTables, Scale::One)),
    ("count_hit_tmp_table_size", Slot::Number(Known::HitTmpTableSize, Scale::One)),
    ("start", Slot::Skip),
    ("end", Slot::Skip),
    // Percona Server and MariaDB.
    ("tmp_tables", Slot::Number(Known::TmpTables, Scale::One)),
    ("tmp_disk_tables", Slot::Number(Known::TmpDiskTables, Scale::One)),
    ("tmp_table_sizes", Slot::Number(Known::TmpTableSizes, Scale::One)),
    ("merge_passes", Slot::Number(Known::MergePasses, Scale::One)),
    ("full_scan", Slot::Flag(Known::FullScan)),
    ("full_join", Slot::Flag(Known::FullJoin)),
    ("tmp_table", Slot::Flag(Known::TmpTable)),
    ("tmp_table_on_disk", Slot::Flag(Known::TmpTableOnDisk)),
    ("disk_tmp_table", Slot::Flag(Known::TmpTableOnDisk)),
    ("filesort", Slot::Flag(Known::Filesort)),
    ("filesort_on_disk", Slot::Flag(Known::FilesortOnDisk)),
    ("disk_filesort", Slot::Flag(Known::FilesortOnDisk)),
    ("priority_queue", Slot::Flag(Known::PriorityQueue)),
    ("qc_hit", Slot::Flag(Known::QcHit)),
    ("innodb_io_r_ops", Slot::Number(Known::InnodbReadOps, Scale::One)),
    ("innodb_io_r_bytes", Slot::Number(Known::InnodbReadBytes, Scale::One)),
    ("innodb_io_r_wait", Slot::Number(Known::InnodbReadWait, Scale::Seconds)),
    ("innodb_rec_lock_wait", Slot::Number(Known::InnodbLockWait, Scale::Seconds)),
    ("innodb_queue_wait", Slot::Number(Known::InnodbQueueWait, Scale::Seconds)),
    ("innodb_pages_distinct", Slot::Number(Known::InnodbPagesDistinct, Scale::One)),
    ("innodb_trx_id", Slot::Skip),
    ("stored_routine", Slot::Word(Known::StoredRoutine)),
    ("stored routine", Slot::Word(Known::StoredRoutine)),
    // MariaDB; its times are milliseconds but for Query_time and Lock_time.
    ("pages_accessed", Slot::Number(Known::PagesAccessed, Scale::One)),
    ("pages_read", Slot::Number(Known::PagesRead, Scale::One)),
    ("pages_prefetched", Slot::Number(Known::PagesPrefetched, Scale::One)),
    ("pages_updated", Slot::Number(Known::PagesUpdated, Scale::One)),
    ("old_rows_read", Slot::Number(Known::OldRowsRead, Scale::One)),
    ("pages_read_time", Slot::Number(Known::PagesReadTime, Scale::Milliseconds)),
    ("engine_time", Slot::Number(Known::EngineTime, Scale::Milliseconds)),
    // TiDB.
    ("digest", Slot::Word(Known::Digest)),
    ("index_names", Slot::Word(Known::IndexNames)),
    ("txn_start_ts", Slot::Skip),
    ("plan_digest", Slot::Skip),
    ("plan", Slot::Skip),
    ("binary_plan", Slot::Skip),
    ("prev_stmt", Slot::Skip),
    ("session_alias", Slot::Line),
    ("warnings", Slot::Line),
    ("stats", Slot::Line),
];

/// What a key means.
pub(super) fn slot_of(key: &[u8]) -> Slot {
    let found = SLOTS.iter().find(|(name, _)| key.eq_ignore_ascii_case(name.as_bytes()));
    match found {
        Some((_, slot)) => *slot,
        // Ids and positions differ in every record.
        None if ends_with(key, b"_id") || ends_with(key, b"_ts") => Slot::Skip,
        None => Slot::Other,
    }
}

fn ends_with(key: &[u8], tail: &[u8]) -> bool {
    key.len() >= tail.len() && key[key.len() - tail.len()..].eq_ignore_ascii_case(tail)
}

/// Whether two texts of one length are equal: without a call for the usual lengths.
fn is_same(a: &[u8], b: &[u8]) -> bool {
    match (a.first_chunk::<8>(), b.first_chunk::<8>(), a.last_chunk::<8>(), b.last_chunk::<8>()) {
        (Some(a_head), Some(b_head), Some(a_tail), Some(b_tail)) if a.len() <= 16 => {
            u64::from_le_bytes(*a_head) == u64::from_le_bytes(*b_head)
                && u64::from_le_bytes(*a_tail) == u64::from_le_bytes(*b_tail)
        }
        _ => a == b,
    }
}

/// The keys of a file in the order in which they come: the next key is mostly the one that followed
/// last time.
#[derive(Default)]
pub(super) struct KeyMemo {
    known: Vec<(Box<[u8]>, Slot)>,
    next: usize,
}

/// Keys that are remembered.
const MAX_KEYS: usize = 256;

impl KeyMemo {
    /// A record begins.
    pub fn restart(&mut self) {
        self.next = 0;
    }

    /// The key that is expected next, with what it means, if the text begins with it.
    pub fn expected(&mut self, text: &[u8]) -> Option<(usize, Slot)> {
        let (key, slot) = self.known.get(self.next)?;
        let (head, behind) = text.split_at_checked(key.len())?;
        (behind.starts_with(b": ") && is_same(head, key)).then(|| {
            self.next += 1;
            (key.len() + 1, *slot)
        })
    }

    /// Goes back behind the key that was expected last.
    pub fn unexpected(&mut self) {
        self.next -= 1;
    }

    /// What a key means.
    pub fn slot(&mut self, key: &[u8]) -> Slot {
        if let Some((name, slot)) = self.known.get(self.next)
            && **name == *key
        {
            self.next += 1;
            return *slot;
        }
        match self.known.iter().position(|(name, _)| **name == *key) {
            Some(at) => {
                self.next = at + 1;
                self.known[at].1
            }
            None => {
                let slot = slot_of(key);
                if self.known.len() < MAX_KEYS {
                    self.known.push((key.into(), slot));
                    self.next = self.known.len();
                }
                slot
            }
        }
    }
}
