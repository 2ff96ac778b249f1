//! What pg_gather's `gather.sql` prints: blocks of `COPY table FROM stdin;` for tables of its own.
//!
//! Most blocks do not name their columns, and their order changed with the versions: the number of
//! cells, or what is in them, tells which it is. Relations are named by their oid, and by name in one
//! block only, so all blocks are read before the first is told.

mod columns;

use super::{Bundle, BundleReader, Remark, ViewRows};
use crate::model::event::Engine;
use crate::model::facts::InputKind;
use crate::read::input::Sample;
use crate::read::logs::{FormatMeta, LogFormat, LogReader};
use crate::read::options::ReadOptions;
use crate::read::snapshots::tabular::blocks;
use columns::{Block, Cells};
use std::collections::{BTreeMap, BTreeSet};

/// The score of a file with its blocks: more than that of the settings among them.
const SCORE: u8 = 95;

/// Files of pg_gather.
pub struct PgGather;

static META: FormatMeta = FormatMeta {
    name: "pg_gather",
    engine: Engine::Postgres,
    title: "What pg_gather's gather.sql prints",
    samples: &[
        "COPY pg_srvr FROM stdin;\nYou are connected to database \"shop\" as user \"app\" via socket.\n\\.\nCOPY pg_gather FROM stdin;\n2026-11-23 09:00:00.123456+00\tapp\tshop\tPostgreSQL 15.18 on x86_64-pc-linux-gnu\t2026-10-01 00:00:00.5+00\tf\t\\N\t\\N\t2026-10-01 00:00:00.4+00\t1\t7412345678901234567\t800:800:\t0/1A2B3C4D\n\\.\n",
    ],
    apart: None,
    sample_map: None,
};

impl LogFormat for PgGather {
    fn meta(&self) -> &'static FormatMeta {
        &META
    }

    fn kind(&self) -> InputKind {
        InputKind::Catalog
    }

    fn sniff(&self, sample: &Sample, _: &ReadOptions) -> u8 {
        let head = String::from_utf8_lossy(&sample.head);
        let is_one = |line: &str| {
            ["pg_srvr", "pg_gather", "pg_get_activity"]
                .iter()
                .any(|name| block_name(line.trim_end()) == Some(name))
        };
        if head.lines().any(is_one) { SCORE } else { 0 }
    }

    fn open(&self, _: &Sample, options: &ReadOptions) -> Box<dyn LogReader> {
        Box::new(BundleReader::new(take_apart, &options.zones))
    }
}

/// The table that a line begins a block of.
fn block_name(line: &str) -> Option<&str> {
    let (name, _) = line.strip_prefix("COPY ")?.strip_suffix("FROM stdin;")?.split_once(' ')?;
    Some(name.split('(').next().unwrap_or(name))
}

fn take_apart(text: &str) -> Bundle {
    let sets = blocks(text);
    let mut by_name: BTreeMap<&str, Vec<Block<'_>>> = BTreeMap::new();
    let mut bundle = Bundle::default();
    for set in &sets {
        let title = set.title.as_deref().unwrap_or_default();
        let name = title.strip_prefix("COPY ").unwrap_or(title);
        let name = name.split([' ', '(']).next().unwrap_or(name);
        let is_closed = text.get(..set.end).is_some_and(|t| t.trim_end().ends_with("\\."));
        if !is_closed {
            bundle.remarks.push(Remark {
                start: set.start,
                line: set.rows.last().map_or(0, |row| row.line.saturating_sub(1)),
                message: format!("the block {name} has no end: its whole lines are read"),
                is_loss: true,
            });
        }
        by_name.entry(name).or_default().push(Block::of(name, set));
    }
    Parts { by_name }.tell(&mut bundle);
    bundle
}

/// A relation by its oid.
struct Relation<'b> {
    name: &'b str,
    kind: &'b str,
    schema: Option<&'b str>,
}

/// All blocks by the name of their table.
struct Parts<'s> {
    by_name: BTreeMap<&'s str, Vec<Block<'s>>>,
}

impl Parts<'_> {
    fn rows(&self, name: &str) -> impl Iterator<Item = Cells<'_>> {
        self.by_name.get(name).into_iter().flatten().flat_map(Block::rows)
    }

    fn tell(&self, bundle: &mut Bundle) {
        let relations = self.relations();
        bundle.views.extend(self.state(&mut bundle.taken));
        bundle.views.extend(self.tables(&relations));
        bundle.views.extend(self.indexes(&relations));
        bundle.views.extend(self.databases());
        bundle.views.extend(self.statements());
        bundle.views.extend(self.as_it_is(
            "pg_get_confs",
            "pg_settings",
            &["name", "setting", "unit", "source"],
        ));
        bundle.views.extend(self.as_it_is(
            "pg_get_bgwriter",
            "pg_stat_bgwriter",
            &[
                "checkpoints_timed",
                "checkpoints_req",
                "buffers_checkpoint",
                "maxwritten_clean",
                "buffers_backend",
            ],
        ));
        bundle.views.extend(self.waits());
    }

    /// The one row about the server: its first cells are always the same.
    fn state(&self, taken: &mut Option<Box<str>>) -> Option<ViewRows> {
        let row = self.rows("pg_gather").next()?;
        let cell = |at: usize| row.cells.get(at)?.clone();
        *taken = cell(0);
        // `PostgreSQL 15.18 (Debian …) on x86_64-pc-linux-gnu, …`
        let version = cell(3).and_then(|text| Some(text.split(' ').nth(1)?.into()));
        let is_identity =
            |text: &str| text.len() > 16 && text.bytes().all(|byte| byte.is_ascii_digit());
        let mut behind = row.cells.iter().skip(9).flatten();
        let identity = behind.find(|text| is_identity(text)).cloned();
        let since = self.rows("pg_get_db").find(|db| db.get("datname") == cell(2).as_deref());
        let since = since.and_then(|db| db.get("stats_reset")).map(Into::into);
        let columns =
            ["server_version", "system_identifier", "in_recovery", "started", "stats_reset"];
        let mut state = ViewRows::of("querylens-meta", &columns)?;
        state.push(line(row), vec![version, identity, cell(5), cell(4), since]);
        Some(state)
    }

    fn relations(&self) -> BTreeMap<&str, Relation<'_>> {
        let schemas = self.rows("pg_get_ns");
        let schemas: BTreeMap<&str, &str> =
            schemas.filter_map(|row| row.get("nsoid").zip(row.get("nsname"))).collect();
        let mut relations = BTreeMap::new();
        for row in self.rows("pg_get_class") {
            let Some((oid, name)) = row.get("reloid").zip(row.get("relname")) else { continue };
            let schema = row.get("relnamespace").and_then(|oid| schemas.get(oid).copied());
            let kind = row.get("relkind").unwrap_or_default();
            relations.insert(oid, Relation { name, kind, schema });
        }
        relations
    }

    /// `last_vac` and `last_anlyze` are the later of what was done by hand and by the server.
    fn tables(&self, relations: &BTreeMap<&str, Relation<'_>>) -> Option<ViewRows> {
        const COLUMNS: [(&str, &str); 13] = [
            ("blks", "relpages"),
            ("n_live_tup", "n_live_tup"),
            ("n_dead_tup", "n_dead_tup"),
            ("n_tup_ins", "n_tup_ins"),
            ("n_tup_upd", "n_tup_upd"),
            ("n_tup_del", "n_tup_del"),
            ("n_tup_hot_upd", "n_tup_hot_upd"),
            ("last_vac", "last_vacuum"),
            ("last_anlyze", "last_analyze"),
            ("tot_tab_size", "table_bytes"),
            ("tab_ind_size", "total_bytes"),
            ("", "index_bytes"),
            ("", "n_mod_since_analyze"),
        ];
        let columns = ["schemaname", "relname"].into_iter().chain(COLUMNS.iter().map(|c| c.1));
        let mut rows = ViewRows::of("pg_stat_user_tables", &columns.collect::<Vec<_>>())?;
        for row in self.rows("pg_get_rel") {
            let Some(relation) = row.get("relid").and_then(|oid| relations.get(oid)) else {
                continue;
            };
            // TOAST tables are a part of those that they belong to.
            if !matches!(relation.kind, "r" | "p" | "m") || is_own(relation.schema) {
                continue;
            }
            let number = |column: &str| row.get(column)?.parse::<u64>().ok();
            let indexes = number("tab_ind_size")
                .zip(number("tot_tab_size"))
                .and_then(|(total, table)| total.checked_sub(table));
            let cells = COLUMNS.iter().map(|(mine, column)| match *column {
                "index_bytes" => indexes.map(|bytes| bytes.to_string().into()),
                _ => row.get(mine).map(Into::into),
            });
            let named = [relation.schema.map(Into::into), Some(relation.name.into())];
            rows.push(line(row), named.into_iter().chain(cells).collect());
        }
        Some(rows)
    }

    fn indexes(&self, relations: &BTreeMap<&str, Relation<'_>>) -> Option<ViewRows> {
        let columns = [
            "schemaname",
            "relname",
            "indexrelname",
            "indisunique",
            "indisprimary",
            "indisvalid",
            "idx_scan",
            "index_bytes",
            "last_idx_scan",
        ];
        let mut rows = ViewRows::of("pg_stat_user_indexes", &columns)?;
        for row in self.rows("pg_get_index") {
            let relation = |column: &str| row.get(column).and_then(|oid| relations.get(oid));
            let Some((index, table)) = relation("indexrelid").zip(relation("indrelid")) else {
                continue;
            };
            if table.kind == "t" || is_own(table.schema) {
                continue;
            }
            let cell = |column: &str| row.get(column).map(Into::into);
            rows.push(
                line(row),
                vec![
                    table.schema.map(Into::into),
                    Some(table.name.into()),
                    Some(index.name.into()),
                    cell("indisunique"),
                    cell("indisprimary"),
                    cell("indisvalid"),
                    cell("numscans"),
                    cell("size"),
                    cell("lastuse"),
                ],
            );
        }
        Some(rows)
    }

    /// Blocks that were fetched are those that were hit and those that were read.
    fn databases(&self) -> Option<ViewRows> {
        const SAME: [&str; 9] = [
            "datname",
            "xact_commit",
            "xact_rollback",
            "blks_hit",
            "tup_returned",
            "tup_fetched",
            "temp_files",
            "temp_bytes",
            "deadlocks",
        ];
        let columns: Vec<_> = SAME.into_iter().chain(["blks_read"]).collect();
        let mut rows = ViewRows::of("pg_stat_database", &columns)?;
        for row in self.rows("pg_get_db") {
            let number = |column: &str| row.get(column)?.parse::<u64>().ok();
            let read = number("blks_fetch")
                .zip(number("blks_hit"))
                .and_then(|(fetched, hit)| fetched.checked_sub(hit));
            let cells = SAME.iter().map(|column| row.get(column).map(Into::into));
            let read = read.map(|blocks| blocks.to_string().into());
            rows.push(line(row), cells.chain([read]).collect());
        }
        Some(rows)
    }

    /// Its total is of planning and execution.
    fn statements(&self) -> Option<ViewRows> {
        let columns = ["query", "userid", "rolname", "dbid", "datname", "calls", "total_time"];
        let mut rows = ViewRows::of("pg_stat_statements", &columns)?;
        let roles = self.rows("pg_get_roles");
        let roles: BTreeMap<&str, &str> =
            roles.filter_map(|row| row.get("oid").zip(row.get("rolname"))).collect();
        let databases = self.rows("pg_get_db");
        let databases: BTreeMap<&str, &str> =
            databases.filter_map(|row| row.get("datid").zip(row.get("datname"))).collect();
        for row in self.rows("pg_get_statements") {
            let named = |column: &str, names: &BTreeMap<&str, &str>| {
                row.get(column).and_then(|oid| names.get(oid)).map(|name| (*name).into())
            };
            let cell = |column: &str| row.get(column).map(Into::into);
            rows.push(
                line(row),
                vec![
                    cell("query"),
                    cell("userid"),
                    named("userid", &roles),
                    cell("dbid"),
                    named("dbid", &databases),
                    cell("calls"),
                    cell("total_time"),
                ],
            );
        }
        Some(rows)
    }

    /// Thousands of looks at what each process waits for, in two rounds. Where no number says which look
    /// a row is of, a process that was seen already begins the next. Processes that the list of sessions
    /// has no state for are the server's own: they tell looks apart, and wait for nobody.
    fn waits(&self) -> Option<ViewRows> {
        let mut rows = ViewRows::of("pg_pid_wait", &["itr", "pid", "wait_event", "is_own"])?;
        let sessions = self.rows("pg_get_activity");
        let own = sessions.filter(|row| row.get("state").is_none_or(str::is_empty));
        let own: BTreeSet<&str> = own.filter_map(|row| row.get("pid")).collect();
        let (mut look, mut seen) = (0u64, BTreeSet::new());
        for round in self.by_name.get("pg_pid_wait").into_iter().flatten() {
            look += 1;
            seen.clear();
            for row in round.rows() {
                let Some(pid) = row.get("pid") else { continue };
                if !seen.insert(pid) {
                    look += 1;
                    seen = BTreeSet::from([pid]);
                }
                let itr = row.get("itr").map_or_else(|| look.to_string(), str::to_owned);
                let event = row.get("wait_event").map(Into::into);
                let is_own = own.contains(pid).then(|| "t".into());
                rows.push(line(row), vec![Some(itr.into()), Some(pid.into()), event, is_own]);
            }
        }
        Some(rows)
    }

    /// A block whose columns are those of a view.
    fn as_it_is(&self, block: &str, view: &str, columns: &[&str]) -> Option<ViewRows> {
        let mut rows = ViewRows::of(view, columns)?;
        for row in self.rows(block) {
            let cells = columns.iter().map(|column| row.get(column).map(Into::into));
            rows.push(line(row), cells.collect());
        }
        Some(rows)
    }
}

/// Its line, counted from 0.
fn line(row: Cells<'_>) -> u32 {
    row.line.saturating_sub(1)
}

/// Whether a schema is the server's own.
fn is_own(schema: Option<&str>) -> bool {
    schema.is_some_and(|schema| schema.starts_with("pg_") || schema == "information_schema")
}

#[cfg(test)]
mod tests {
    use super::take_apart;

    #[test]
    fn any_cut_gives_what_is_whole_and_says_so() {
        let text = include_str!("../../../../../fixtures/snapshots/bundles/pg_gather.tsv");
        for end in (0..text.len()).step_by(53) {
            let bundle = take_apart(text.get(..end).unwrap_or_default());
            let open = bundle.remarks.iter().filter(|remark| remark.is_loss).count();
            assert!(open <= 1, "at {end}");
        }
        let whole = take_apart(text);
        assert!(whole.remarks.is_empty() && whole.taken.is_some());
        assert_eq!(whole.views.iter().filter(|rows| rows.rows().next().is_some()).count(), 8);
    }
}
