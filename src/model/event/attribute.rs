//! What a log says about a run beside its text and its duration: rows, bytes, files, plan clues.
//!
//! Engines' own words stay: an attribute's name is the log's key in lower case. Known attributes
//! have a title and a unit, so that rules and reports can rely on them; all others are kept under
//! their names.

/// The attributes that are known, in the order in which reports show them.
macro_rules! known {
    ($($id:ident $name:literal $title:literal $unit:ident,)*) => {
        /// An attribute that is known.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Known {
            $(#[doc = $title] $id,)*
        }

        impl Known {
            /// Every known attribute.
            pub const ALL: &'static [Known] = &[$(Known::$id,)*];

            /// The name in options and JSON.
            pub fn name(self) -> &'static str {
                match self { $(Known::$id => $name,)* }
            }

            /// The name for people.
            pub fn title(self) -> &'static str {
                match self { $(Known::$id => $title,)* }
            }

            /// What its values are.
            pub fn unit(self) -> Unit {
                match self { $(Known::$id => Unit::$unit,)* }
            }

            /// The attribute of a name, which is in lower case.
            pub fn of_name(name: &[u8]) -> Option<Known> {
                Known::ALL.iter().copied().find(|known| known.name().as_bytes() == name)
            }
        }
    };
}

known! {
    LockTime "lock_time" "Lock time" Micros,
    RowsSent "rows_sent" "Rows sent" Count,
    RowsExamined "rows_examined" "Rows examined" Count,
    RowsAffected "rows_affected" "Rows affected" Count,
    RowsRead "rows_read" "Rows read" Count,
    BytesSent "bytes_sent" "Bytes sent" Bytes,
    BytesReceived "bytes_received" "Bytes received" Bytes,
    TmpTables "tmp_tables" "Temporary tables" Count,
    TmpDiskTables "tmp_disk_tables" "Temporary tables on disk" Count,
    TmpTableSizes "tmp_table_sizes" "Size of temporary tables" Bytes,
    HitTmpTableSize "count_hit_tmp_table_size" "Temporary tables that hit the limit" Count,
    MergePasses "merge_passes" "Merge passes of sorts" Count,
    SortRows "sort_rows" "Rows sorted" Count,
    SortRangeCount "sort_range_count" "Sorts over ranges" Count,
    SortScanCount "sort_scan_count" "Sorts over scans" Count,
    ReadFirst "read_first" "Reads of a first index entry" Count,
    ReadLast "read_last" "Reads of a last index entry" Count,
    ReadKey "read_key" "Reads by key" Count,
    ReadNext "read_next" "Reads of a next index entry" Count,
    ReadPrev "read_prev" "Reads of a previous index entry" Count,
    ReadRnd "read_rnd" "Reads by position" Count,
    ReadRndNext "read_rnd_next" "Reads in table scans" Count,
    PagesAccessed "pages_accessed" "Pages accessed" Count,
    PagesRead "pages_read" "Pages read" Count,
    PagesPrefetched "pages_prefetched" "Pages prefetched" Count,
    PagesUpdated "pages_updated" "Pages updated" Count,
    OldRowsRead "old_rows_read" "Old row versions read" Count,
    PagesReadTime "pages_read_time" "Time to read pages" Micros,
    EngineTime "engine_time" "Time in the storage engine" Micros,
    InnodbReadOps "innodb_io_r_ops" "InnoDB reads" Count,
    InnodbReadBytes "innodb_io_r_bytes" "InnoDB bytes read" Bytes,
    InnodbReadWait "innodb_io_r_wait" "InnoDB wait for reads" Micros,
    InnodbLockWait "innodb_rec_lock_wait" "InnoDB wait for row locks" Micros,
    InnodbQueueWait "innodb_queue_wait" "InnoDB wait in the queue" Micros,
    InnodbPagesDistinct "innodb_pages_distinct" "InnoDB distinct pages" Count,
    KeysExamined "keys_examined" "Index keys examined" Count,
    DocsExamined "docs_examined" "Documents examined" Count,
    Returned "nreturned" "Documents returned" Count,
    Matched "nmatched" "Documents matched" Count,
    Modified "nmodified" "Documents modified" Count,
    Inserted "ninserted" "Documents inserted" Count,
    Deleted "ndeleted" "Documents deleted" Count,
    Upserted "nupserted" "Documents upserted" Count,
    KeysInserted "keys_inserted" "Index keys inserted" Count,
    KeysDeleted "keys_deleted" "Index keys deleted" Count,
    ResponseBytes "response_bytes" "Size of the response" Bytes,
    Yields "num_yields" "Yields" Count,
    WriteConflicts "write_conflicts" "Write conflicts" Count,
    Batches "nbatches" "Batches" Count,
    LaterBatchTime "getmore_time" "Time of later batches (getMore)" Micros,
    Shards "nshards" "Shards asked" Count,
    WorkingTime "working_time" "Time at work" Micros,
    CpuTime "cpu_time" "CPU time" Micros,
    PlanningTime "planning_time" "Planning" Micros,
    LockWait "lock_wait" "Wait for locks" Micros,
    QueueWait "queue_wait" "Wait in queues" Micros,
    StorageRead "storage_read_time" "Reading from storage" Micros,
    StorageReadBytes "storage_read_bytes" "Read from storage" Bytes,
    StorageWrite "storage_write_time" "Writing to storage" Micros,
    StorageWrittenBytes "storage_written_bytes" "Written to storage" Bytes,
    CacheWait "cache_wait" "Wait for the cache" Micros,
    OplogSlotTime "oplog_slot_time" "Holding an oplog slot" Micros,
    FlowControlWait "flow_control_wait" "Wait for flow control" Micros,
    WriteConcernWait "write_concern_wait" "Wait for the write concern" Micros,
    RemoteWait "remote_wait" "Wait for shards" Micros,
    PrepareConflictWait "prepare_conflict_wait" "Wait for prepared transactions" Micros,
    SearchWait "search_wait" "Wait for the search server" Micros,
    Spills "spills" "Spills to disk" Count,
    SpilledBytes "spilled_bytes" "Spilled to disk" Bytes,
    TransactionActive "transaction_active" "Transaction at work" Micros,
    TransactionInactive "transaction_inactive" "Transaction idle" Micros,
    Warnings "warnings" "Warnings" Count,
    FullScan "full_scan" "Full scan" Flag,
    FullJoin "full_join" "Join without an index" Flag,
    TmpTable "tmp_table" "Temporary table" Flag,
    TmpTableOnDisk "tmp_table_on_disk" "Temporary table on disk" Flag,
    Filesort "filesort" "Filesort" Flag,
    FilesortOnDisk "filesort_on_disk" "Filesort on disk" Flag,
    PriorityQueue "priority_queue" "Filesort with a priority queue" Flag,
    QcHit "qc_hit" "Query cache hit" Flag,
    SortStage "has_sort_stage" "Sort in memory" Flag,
    UsedDisk "used_disk" "Used disk" Flag,
    FromMultiPlanner "from_multi_planner" "Plan chosen by trial" Flag,
    FromPlanCache "from_plan_cache" "Plan from the cache" Flag,
    Replanned "replanned" "Planned again" Flag,
    PlanSummary "plan_summary" "Plan summary" Text,
    QueryHash "query_hash" "Query hash" Text,
    PlanCacheKey "plan_cache_key" "Plan cache key" Text,
    QueryShapeHash "query_shape_hash" "Query shape hash" Text,
    QueryFramework "query_framework" "Query engine" Text,
    ErrorName "err_name" "Error" Text,
    ErrorCode "err_code" "Error code" Text,
    ReplanReason "replan_reason" "Why planned again" Text,
    Termination "termination_cause" "How the transaction ended" Text,
    Errno "errno" "Error number" Text,
    WarningCode "warning_code" "Warning number" Text,
    Killed "killed" "Killed with" Text,
    StoredRoutine "stored_routine" "Stored routine" Text,
    Digest "digest" "The server's digest" Text,
    IndexNames "index_names" "Indexes used" Text,
}

/// What the values of an attribute are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unit {
    /// How many of something.
    Count,
    /// Bytes.
    Bytes,
    /// Microseconds.
    Micros,
    /// Millionths of whatever the log's own unit is: attributes that are not known may have
    /// fractions.
    Millionths,
    /// Yes or no.
    Flag,
    /// A word or a code: counted by value, never summed.
    Text,
}

/// Which attribute.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Key<'a> {
    /// One of those that are known.
    Known(Known),
    /// Another one, by its key in the log.
    Other(&'a [u8]),
}

/// What it says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Value<'a> {
    /// A number, in the attribute's unit; of attributes that are not known in millionths.
    Number(u64),
    /// Yes or no.
    Flag(bool),
    /// A word.
    Text(&'a [u8]),
}

/// An attribute of a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Attribute<'a> {
    /// Which.
    pub key: Key<'a>,
    /// What it says.
    pub value: Value<'a>,
}
