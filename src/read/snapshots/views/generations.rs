//! Rows without a header: the columns that views have in each generation, for rows whose view the user
//! says, and the one view whose rows tell themselves.
//!
//! A generation is known by its number of columns; those that servers add at the end or between are
//! lists of their own.

use super::{ViewReader, by_name};
use crate::read::snapshots::tabular::ResultSet;

/// The columns of a view, names with blanks between, in parts that generations share.
struct Generations {
    view: &'static str,
    /// The latest first.
    all: &'static [&'static [&'static str]],
}

const EXECUTION: &str = "calls total_exec_time min_exec_time max_exec_time mean_exec_time \
    stddev_exec_time rows";
const PLANNING: &str =
    "plans total_plan_time min_plan_time max_plan_time mean_plan_time stddev_plan_time";
const BLOCKS: &str = "shared_blks_hit shared_blks_read shared_blks_dirtied shared_blks_written \
    local_blks_hit local_blks_read local_blks_dirtied local_blks_written temp_blks_read \
    temp_blks_written";
const SHARED_TIMES: &str =
    "shared_blk_read_time shared_blk_write_time local_blk_read_time local_blk_write_time";
const TEMP_TIMES: &str = "temp_blk_read_time temp_blk_write_time";
const WAL: &str = "wal_records wal_fpi wal_bytes";
const JIT: &str = "jit_functions jit_generation_time jit_inlining_count jit_inlining_time \
    jit_optimization_count jit_optimization_time jit_emission_count jit_emission_time";
const DEFORM: &str = "jit_deform_count jit_deform_time";
const WORKERS: &str = "parallel_workers_to_launch parallel_workers_launched";
const SINCE: &str = "stats_since minmax_stats_since";
const OF_TABLE: &str = "n_tup_ins n_tup_upd n_tup_del n_tup_hot_upd";
const ROWS: &str = "n_live_tup n_dead_tup n_mod_since_analyze";
const UPKEEP: &str = "last_vacuum last_autovacuum last_analyze last_autoanalyze vacuum_count \
    autovacuum_count analyze_count autoanalyze_count";
const TABLE: &str = "relid schemaname relname";
const INDEX: &str = "relid indexrelid schemaname relname indexrelname";
const SESSION: &str = "usesysid usename application_name client_addr client_hostname client_port \
    backend_start xact_start query_start state_change wait_event_type wait_event state backend_xid \
    backend_xmin";

static GENERATIONS: &[Generations] = &[
    Generations {
        view: "pg_stat_statements",
        all: &[
            &[
                "userid dbid toplevel queryid query",
                PLANNING,
                EXECUTION,
                BLOCKS,
                SHARED_TIMES,
                TEMP_TIMES,
                WAL,
                "wal_buffers_full",
                JIT,
                DEFORM,
                WORKERS,
                "generic_plan_calls custom_plan_calls",
                SINCE,
            ],
            &[
                "userid dbid toplevel queryid query",
                PLANNING,
                EXECUTION,
                BLOCKS,
                SHARED_TIMES,
                TEMP_TIMES,
                WAL,
                "wal_buffers_full",
                JIT,
                DEFORM,
                WORKERS,
                SINCE,
            ],
            &[
                "userid dbid toplevel queryid query",
                PLANNING,
                EXECUTION,
                BLOCKS,
                SHARED_TIMES,
                TEMP_TIMES,
                WAL,
                JIT,
                DEFORM,
                SINCE,
            ],
            &[
                "userid dbid toplevel queryid query",
                PLANNING,
                EXECUTION,
                BLOCKS,
                "blk_read_time blk_write_time",
                TEMP_TIMES,
                WAL,
                JIT,
            ],
            &[
                "userid dbid toplevel queryid query",
                PLANNING,
                EXECUTION,
                BLOCKS,
                "blk_read_time blk_write_time",
                WAL,
            ],
            &[
                "userid dbid queryid query",
                PLANNING,
                EXECUTION,
                BLOCKS,
                "blk_read_time blk_write_time",
                WAL,
            ],
            &[
                "userid dbid queryid query calls total_time min_time max_time mean_time \
                 stddev_time rows",
                BLOCKS,
                "blk_read_time blk_write_time",
            ],
        ],
    },
    Generations {
        view: "pg_stat_user_tables",
        all: &[
            &[
                TABLE,
                "seq_scan last_seq_scan seq_tup_read idx_scan last_idx_scan idx_tup_fetch",
                OF_TABLE,
                "n_tup_newpage_upd",
                ROWS,
                "n_ins_since_vacuum",
                UPKEEP,
                "total_vacuum_time total_autovacuum_time total_analyze_time total_autoanalyze_time",
            ],
            &[
                TABLE,
                "seq_scan last_seq_scan seq_tup_read idx_scan last_idx_scan idx_tup_fetch",
                OF_TABLE,
                "n_tup_newpage_upd",
                ROWS,
                "n_ins_since_vacuum",
                UPKEEP,
            ],
            &[
                TABLE,
                "seq_scan seq_tup_read idx_scan idx_tup_fetch",
                OF_TABLE,
                ROWS,
                "n_ins_since_vacuum",
                UPKEEP,
            ],
            &[TABLE, "seq_scan seq_tup_read idx_scan idx_tup_fetch", OF_TABLE, ROWS, UPKEEP],
        ],
    },
    Generations {
        view: "pg_stat_user_indexes",
        all: &[
            &[INDEX, "idx_scan last_idx_scan idx_tup_read idx_tup_fetch"],
            &[INDEX, "idx_scan idx_tup_read idx_tup_fetch"],
        ],
    },
    Generations {
        view: "pg_indexes",
        all: &[&["schemaname tablename indexname tablespace indexdef"]],
    },
    Generations {
        view: "pg_settings",
        all: &[
            &["name setting unit category short_desc extra_desc context vartype source min_val \
                 max_val enumvals boot_val reset_val sourcefile sourceline pending_restart"],
            &["name setting unit"],
        ],
    },
    Generations {
        view: "pg_stat_activity",
        all: &[
            &["datid datname pid leader_pid", SESSION, "query_id query backend_type"],
            &["datid datname pid leader_pid", SESSION, "query backend_type"],
            &["datid datname pid", SESSION, "query backend_type"],
        ],
    },
    Generations {
        view: "events_statements_summary_by_digest",
        all: &[&["schema_name digest digest_text count_star sum_timer_wait min_timer_wait \
             avg_timer_wait max_timer_wait sum_lock_time sum_errors sum_warnings \
             sum_rows_affected sum_rows_sent sum_rows_examined sum_created_tmp_disk_tables \
             sum_created_tmp_tables sum_select_full_join sum_select_full_range_join \
             sum_select_range sum_select_range_check sum_select_scan sum_sort_merge_passes \
             sum_sort_range sum_sort_rows sum_sort_scan sum_no_index_used \
             sum_no_good_index_used first_seen last_seen"]],
    },
    Generations {
        view: "information_schema.STATISTICS",
        all: &[&[STATISTICS, "is_visible expression"], &[STATISTICS, "ignored"], &[STATISTICS]],
    },
    Generations {
        view: "SHOW INDEX",
        all: &[&[SHOW_INDEX, "visible expression"], &[SHOW_INDEX, "ignored"], &[SHOW_INDEX]],
    },
    Generations { view: "SHOW STATUS or VARIABLES", all: &[&["variable_name value"]] },
    Generations {
        view: "sys.schema_unused_indexes",
        all: &[&["object_schema object_name index_name"]],
    },
    Generations {
        view: "INDEX_STATISTICS",
        all: &[
            &["table_schema table_name index_name rows_read queries"],
            &["table_schema table_name index_name rows_read"],
        ],
    },
    Generations { view: "sqlite_stat1", all: &[&["tbl idx stat"]] },
    Generations { view: "sqlite_schema", all: &[&["type name tbl_name rootpage sql"]] },
];

const STATISTICS: &str = "table_catalog table_schema table_name non_unique index_schema \
    index_name seq_in_index column_name collation cardinality sub_part packed nullable index_type \
    comment index_comment";
const SHOW_INDEX: &str = "table non_unique key_name seq_in_index column_name collation \
    cardinality sub_part packed null index_type comment index_comment";

/// The columns of the generation of a view that has so many; one more is the time of the snapshot,
/// which people put first.
pub fn columns_of(view: &ViewReader, count: usize) -> Option<Vec<Box<str>>> {
    let known = GENERATIONS.iter().find(|known| known.view == view.name)?;
    let names = |parts: &&[&'static str]| -> Vec<Box<str>> {
        parts.iter().flat_map(|part| part.split_ascii_whitespace()).map(Into::into).collect()
    };
    let mut all: Vec<_> = known.all.iter().map(names).collect();
    if let Some(found) = all.iter_mut().find(|names| names.len() == count) {
        return Some(std::mem::take(found));
    }
    let mut found = all.into_iter().find(|names| names.len() + 1 == count)?;
    found.insert(0, "captured_at".into());
    Some(found)
}

/// The view of rows that have no header but cannot be anything else: `sqlite_stat1` as the shell prints
/// it, where each index has its rows and then one number for each of its columns.
pub fn of_rows(set: &ResultSet) -> Option<&'static ViewReader> {
    let mut indexes = 0;
    for row in &set.rows {
        let [Some(table), index, Some(statistics)] = row.cells.as_slice() else { return None };
        let is_index = index.as_deref().is_some_and(|index| !index.is_empty());
        let is_number = |word: &&str| word.bytes().all(|byte| byte.is_ascii_digit());
        let numbers = statistics.split(' ').take_while(is_number).count();
        let least = if is_index { 2 } else { 1 };
        if table.is_empty() || numbers < least {
            return None;
        }
        indexes += usize::from(is_index);
    }
    if indexes > 0 { by_name("sqlite_stat1") } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::snapshots::views::VIEWS;

    #[test]
    fn generations_are_of_views_and_have_what_these_need() {
        for known in GENERATIONS {
            let view = VIEWS.iter().find(|view| view.name == known.view).expect(known.view);
            let mut counts = Vec::new();
            for parts in known.all {
                let count = parts.iter().flat_map(|part| part.split_ascii_whitespace()).count();
                assert!(!counts.contains(&count), "{}: two of {count}", known.view);
                counts.push(count);
                let columns = columns_of(view, count).expect("found by its count");
                let has = |name: &&str| columns.iter().any(|column| &**column == *name);
                assert!(view.needs.iter().all(has), "{}: {count}", known.view);
            }
        }
    }

    #[test]
    fn statement_statistics_have_as_many_columns_as_their_servers_say() {
        let view = by_name("pg_stat_statements").expect("a view");
        for count in [23, 32, 33, 43, 49, 52, 54] {
            assert!(columns_of(view, count).is_some(), "{count}");
        }
        let dated = columns_of(view, 24).expect("with the time before");
        assert_eq!(dated.first().map(AsRef::as_ref), Some("captured_at"));
        assert!(columns_of(view, 25).is_none());
    }
}
