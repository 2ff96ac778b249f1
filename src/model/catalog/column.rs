//! Columns and what the server's statistics say of them, without any value of a row.

/// How a column gets a number of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Identity {
    /// `serial`, or a default of `nextval`.
    Sequence,
    /// `GENERATED … AS IDENTITY`.
    Identity,
    /// MySQL's `AUTO_INCREMENT`.
    AutoIncrement,
    /// SQLite's row id.
    RowId,
}

/// A column of a table.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Column {
    /// Its name.
    pub name: Box<str>,
    /// Its type as the server prints it, in lower case: `character varying(500)`, `bigint unsigned`.
    pub type_name: Box<str>,
    /// It takes no NULL.
    pub is_not_null: bool,
    /// Its default as written.
    pub default: Option<Box<str>>,
    /// How it gets its numbers.
    pub identity: Option<Identity>,
    /// It is computed from others, by this expression.
    pub generated: Option<Box<str>>,
    /// Its collation, where it is not the table's.
    pub collation: Option<Box<str>>,
}

/// The planner's statistics of a column.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ColumnStats {
    /// Share of NULLs, 0 to 1.
    pub null_share: Option<f64>,
    /// Mean width in bytes.
    pub width_bytes: Option<f64>,
    /// Different values; negative: that share of the rows, as PostgreSQL has it.
    pub distinct: Option<f64>,
    /// Share of the most common value, 0 to 1.
    pub top_share: Option<f64>,
    /// How far the order of rows on disk follows the column's, -1 to 1.
    pub correlation: Option<f64>,
}

impl ColumnStats {
    /// Different values in a table of so many rows.
    pub fn distinct_of(&self, rows: f64) -> Option<f64> {
        self.distinct.map(|distinct| if distinct < 0.0 { -distinct * rows } else { distinct })
    }
}
