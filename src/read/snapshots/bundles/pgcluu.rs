//! Files of a pgCluu folder: views with a time before each row, semicolons between, and no header.
//! Which view it is the cells tell, as the names of files may be lost; the order of its columns is
//! that of the collector's statements.

use super::{Bundle, BundleReader, ViewRows};
use crate::model::event::Engine;
use crate::model::facts::InputKind;
use crate::read::input::Sample;
use crate::read::logs::{FormatMeta, LogFormat, LogReader};
use crate::read::options::ReadOptions;

/// The score of a file whose first rows are of one of its views.
const SCORE: u8 = 86;
/// Rows of the sample that must be of the same view.
const LOOKED_AT: usize = 5;

/// Files of pgCluu.
pub struct PgCluu;

static META: FormatMeta = FormatMeta {
    name: "pgcluu",
    engine: Engine::Postgres,
    title: "Files that pgCluu's collector writes: views with semicolons",
    samples: &[
        "2026-11-23 09:00:00+00;shop;16401;16412;public;orders;orders_status_idx;0;0;0\n2026-11-23 09:00:00+00;shop;16401;16413;public;orders;orders_pkey;7;7;7\n",
    ],
    apart: None,
    sample_map: None,
};

impl LogFormat for PgCluu {
    fn meta(&self) -> &'static FormatMeta {
        &META
    }

    fn kind(&self) -> InputKind {
        InputKind::Catalog
    }

    fn sniff(&self, sample: &Sample, _: &ReadOptions) -> u8 {
        let head = String::from_utf8_lossy(&sample.head);
        let mut layouts = head.lines().take(LOOKED_AT).map(|line| layout(&cells(line)));
        let is_one = match layouts.next() {
            // The sample may end inside a row.
            Some(Some(first)) => layouts.flatten().all(|next| std::ptr::eq(next, first)),
            _ => false,
        };
        if is_one { SCORE } else { 0 }
    }

    fn open(&self, _: &Sample, options: &ReadOptions) -> Box<dyn LogReader> {
        Box::new(BundleReader::new(take_apart, &options.zones))
    }
}

/// A view: whether cells are a row of it, and its columns by place. Tables and indexes begin with
/// their database, schema and table.
struct Layout {
    view: &'static str,
    is_row: fn(&[&str]) -> bool,
    columns: &'static [(&'static str, usize)],
}

static LAYOUTS: &[Layout] = &[
    Layout {
        view: "pg_stat_user_indexes",
        is_row: |cells| {
            matches!(cells.len(), 10 | 11) && numbers(cells, &[2, 3, 7]) && words(cells, &[4, 5, 6])
        },
        columns: &[
            ("datname", 1),
            ("schemaname", 4),
            ("relname", 5),
            ("indexrelname", 6),
            ("idx_scan", 7),
            ("captured_at", 0),
        ],
    },
    Layout {
        view: "pg_stat_user_tables",
        is_row: |cells| {
            (19..=30).contains(&cells.len())
                && numbers(cells, &[2, 5, 6, 9, 10, 11])
                && words(cells, &[3, 4])
        },
        columns: &[
            ("datname", 1),
            ("schemaname", 3),
            ("relname", 4),
            ("seq_scan", 5),
            ("seq_tup_read", 6),
            ("idx_scan", 7),
            ("idx_tup_fetch", 8),
            ("n_tup_ins", 9),
            ("n_tup_upd", 10),
            ("n_tup_del", 11),
            ("n_tup_hot_upd", 12),
            ("n_live_tup", 13),
            ("n_dead_tup", 14),
            ("last_vacuum", 15),
            ("last_autovacuum", 16),
            ("last_analyze", 17),
            ("last_autoanalyze", 18),
            ("captured_at", 0),
        ],
    },
    Layout {
        view: "pg_stat_database",
        is_row: |cells| {
            (13..=20).contains(&cells.len())
                && numbers(cells, &[1, 3, 4, 5, 6, 7])
                && words(cells, &[2])
        },
        columns: &[
            ("datname", 2),
            ("numbackends", 3),
            ("xact_commit", 4),
            ("xact_rollback", 5),
            ("blks_read", 6),
            ("blks_hit", 7),
            ("tup_returned", 8),
            ("tup_fetched", 9),
            ("conflicts", 13),
            ("temp_files", 15),
            ("temp_bytes", 16),
            ("deadlocks", 17),
            ("captured_at", 0),
        ],
    },
    Layout {
        view: "pg_settings",
        is_row: |cells| {
            const CONTEXTS: [&str; 7] = [
                "internal",
                "postmaster",
                "sighup",
                "superuser",
                "superuser-backend",
                "backend",
                "user",
            ];
            (9..=10).contains(&cells.len())
                && cells.get(5).is_some_and(|cell| CONTEXTS.contains(cell))
        },
        columns: &[("name", 2), ("setting", 3), ("unit", 4), ("source", 6), ("captured_at", 0)],
    },
];

fn cells(line: &str) -> Vec<&str> {
    line.split(';').map(str::trim).collect()
}

fn numbers(cells: &[&str], at: &[usize]) -> bool {
    at.iter().all(|at| cells.get(*at).is_some_and(|cell| cell.parse::<u64>().is_ok()))
}

fn words(cells: &[&str], at: &[usize]) -> bool {
    let is_word = |cell: &&str| !cell.is_empty() && cell.parse::<f64>().is_err();
    at.iter().all(|at| cells.get(*at).is_some_and(is_word))
}

/// `2026-11-23 09:00:00+00`.
fn is_time(cell: &str) -> bool {
    let mut bytes = cell.bytes();
    let mut digits =
        |count: usize| (0..count).all(|_| bytes.next().is_some_and(|b| b.is_ascii_digit()));
    digits(4) && cell.get(4..5) == Some("-") && cell.get(10..11) == Some(" ")
}

fn layout(cells: &[&str]) -> Option<&'static Layout> {
    cells.first().filter(|first| is_time(first))?;
    LAYOUTS.iter().find(|layout| (layout.is_row)(cells))
}

fn take_apart(text: &str) -> Bundle {
    let mut bundle = Bundle::default();
    let mut views: Vec<Option<ViewRows>> = LAYOUTS
        .iter()
        .map(|layout| {
            let columns: Vec<_> = layout.columns.iter().map(|(column, _)| *column).collect();
            ViewRows::of(layout.view, &columns)
        })
        .collect();
    for (line, text) in (0u32..).zip(text.lines()) {
        let cells = cells(text);
        let Some(layout) = layout(&cells) else { continue };
        let schema = layout.columns.iter().find(|(column, _)| *column == "schemaname");
        let schema = schema.and_then(|(_, at)| cells.get(*at));
        if schema.is_some_and(|schema| schema.starts_with("pg_")) {
            continue;
        }
        let cell =
            |at: usize| cells.get(at).filter(|cell| !cell.is_empty()).map(|cell| (*cell).into());
        let place = LAYOUTS.iter().position(|one| std::ptr::eq(one, layout));
        if let Some(Some(rows)) = place.and_then(|place| views.get_mut(place)) {
            rows.push(line, layout.columns.iter().map(|(_, at)| cell(*at)).collect());
        }
    }
    bundle.views = views.into_iter().flatten().collect();
    bundle.leave_out_ambiguous();
    bundle
}

#[cfg(test)]
mod tests {
    use super::{cells, layout};

    #[test]
    fn rows_are_known_by_their_cells() {
        let time = "2026-11-23 09:00:00+00";
        for (row, expected) in [
            ("shop;16401;16412;public;orders;orders_idx;0;0;0", Some("pg_stat_user_indexes")),
            (
                "shop;16401;public;orders;1;2;3;4;5;6;7;8;9;10;;;;;0;0;0;0",
                Some("pg_stat_user_tables"),
            ),
            (
                "16384;shop;1;2;3;4;5;6;7;8;9;10;0;2026-11-01 00:00:00+00;0;0;0;0;0",
                Some("pg_stat_database"),
            ),
            ("Memory;work_mem;4096;kB;user;default;4096;4096;f", Some("pg_settings")),
            ("a;b;c", None),
        ] {
            let line = format!("{time};{row}");
            assert_eq!(layout(&cells(&line)).map(|layout| layout.view), expected, "{row}");
            assert!(layout(&cells(row)).is_none(), "without a time");
        }
    }
}
