//! Blocks with the names of their cells, which most do not say: the orders of columns by version.

use crate::read::snapshots::tabular::ResultSet;

/// The columns of a table by version: those that rows have so many cells for.
type Orders = &'static [&'static [&'static str]];

static ORDERS: &[(&str, Orders)] = &[
    ("pg_get_class", &[&["reloid", "relname", "relkind", "relnamespace"]]),
    ("pg_get_ns", &[&["nsoid", "nsname"]]),
    (
        "pg_get_rel",
        &[
            &[
                "relid",
                "relnamespace",
                "blks",
                "n_live_tup",
                "n_dead_tup",
                "rel_size",
                "tot_tab_size",
                "tab_ind_size",
                "rel_age",
                "last_vac",
                "last_anlyze",
                "vac_nos",
            ],
            &[
                "relid",
                "relnamespace",
                "blks",
                "n_live_tup",
                "n_dead_tup",
                "n_tup_ins",
                "n_tup_upd",
                "n_tup_del",
                "n_tup_hot_upd",
                "rel_size",
                "tot_tab_size",
                "tab_ind_size",
                "rel_age",
                "last_vac",
                "last_anlyze",
                "vac_nos",
                "lastuse",
            ],
        ],
    ),
    (
        "pg_get_bgwriter",
        &[&[
            "checkpoints_timed",
            "checkpoints_req",
            "checkpoint_write_time",
            "checkpoint_sync_time",
            "buffers_checkpoint",
            "buffers_clean",
            "maxwritten_clean",
            "buffers_backend",
        ]],
    ),
    ("pg_get_confs", &[&["name", "setting", "unit", "source"]]),
    ("pg_get_roles", &[&["oid", "rolname"]]),
    ("pg_get_statements", &[&["userid", "dbid", "query", "calls", "total_time"]]),
    ("pg_pid_wait", &[&["pid", "wait_event"]]),
];

/// The first cells of an index, and what follows: since version 21 with a flag between.
const INDEX: [&str; 6] =
    ["indexrelid", "indrelid", "indisunique", "indisprimary", "numscans", "size"];
const INDEX_WITH_VALID: [&str; 8] = [
    "indexrelid",
    "indrelid",
    "indisunique",
    "indisprimary",
    "indisvalid",
    "numscans",
    "size",
    "lastuse",
];

/// A block with the names of its cells.
pub(super) struct Block<'s> {
    set: &'s ResultSet,
    columns: Vec<&'s str>,
}

impl<'s> Block<'s> {
    /// The block of a table.
    pub fn of(name: &str, set: &'s ResultSet) -> Block<'s> {
        let width = set.rows.first().map_or(0, |row| row.cells.len());
        let by_width = |orders: Orders| {
            let fits = orders.iter().rev().find(|order| order.len() <= width.max(1));
            fits.or(orders.first()).map_or(Vec::new(), |order| order.to_vec())
        };
        let columns = match name {
            _ if !set.columns.is_empty() => set.columns.iter().map(AsRef::as_ref).collect(),
            "pg_get_index" => {
                let fifth = set.rows.first().and_then(|row| row.cells.get(4)?.as_deref());
                match fifth {
                    Some("t" | "f") => INDEX_WITH_VALID.to_vec(),
                    _ => INDEX.to_vec(),
                }
            }
            _ => {
                let orders = ORDERS.iter().find(|(known, _)| *known == name);
                orders.map_or(Vec::new(), |(_, orders)| by_width(orders))
            }
        };
        Block { set, columns }
    }

    /// The rows' cells by column.
    pub fn rows(&self) -> impl Iterator<Item = Cells<'_>> {
        self.set.rows.iter().map(|row| Cells { block: self, line: row.line, cells: &row.cells })
    }
}

/// A row.
#[derive(Clone, Copy)]
pub(super) struct Cells<'b> {
    block: &'b Block<'b>,
    /// Its line, counted from 1.
    pub line: u32,
    /// Its cells, whatever they are called.
    pub cells: &'b [Option<Box<str>>],
}

impl<'b> Cells<'b> {
    /// A cell that is not NULL.
    pub fn get(self, column: &str) -> Option<&'b str> {
        let place = self.block.columns.iter().position(|name| *name == column)?;
        self.cells.get(place)?.as_deref()
    }
}
