//! The rows of a plan in MySQL's tabular form, as MariaDB's slow log shows it beside a run: columns by
//! the names in the heading, those that are not known left out. Judges nothing.

/// The format of such plans.
pub(super) const FORMAT: &str = "mysql-table";
/// What each line of the plan begins with, where the log's mark was kept.
const MARK: &str = "explain:";

/// One row of a plan: one table of one select.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct ExplainRow<'a> {
    /// `SIMPLE`, `PRIMARY`, `DEPENDENT SUBQUERY` …
    pub select_type: &'a str,
    /// The table's alias, its name where it has none, or `<derived2>`.
    pub table: &'a str,
    /// The access type: `ALL`, `ref`, `range` …
    pub access: &'a str,
    /// The index that was used, if any.
    pub key: Option<&'a str>,
    /// Rows per run of this part, as the optimizer estimated.
    pub rows: Option<f64>,
    /// Rows per run of this part that were read, where the log has the real number.
    pub read_rows: Option<f64>,
    /// Share of the rows that passed the conditions, 0 to 1, the real one where it is known.
    pub passed: Option<f64>,
    /// The column Extra.
    pub extra: &'a str,
}

impl ExplainRow<'_> {
    /// Whether the whole table is read.
    pub fn is_scan(&self) -> bool {
        self.access == "ALL"
    }

    /// Rows read per run of this part, else the estimate of them.
    pub fn rows_known(&self) -> f64 {
        self.read_rows.or(self.rows).unwrap_or(0.0)
    }

    /// How many times the estimate is off, in either direction, where both numbers are known.
    pub fn off_by(&self) -> Option<f64> {
        let (estimate, real) = (self.rows?.max(1.0), self.read_rows?.max(1.0));
        Some((estimate / real).max(real / estimate))
    }

    /// Whether it belongs to the select that is outermost.
    pub fn is_outer(&self) -> bool {
        matches!(self.select_type, "SIMPLE" | "PRIMARY")
    }
}

/// Reads the rows of a plan; nothing where its heading is not found.
pub(super) fn read(text: &str) -> Vec<ExplainRow<'_>> {
    let mut lines = text.lines().map(|line| {
        let line = line.trim_start_matches(['#', ' ']);
        line.strip_prefix(MARK).unwrap_or(line).trim_start_matches(' ')
    });
    let Some(heading) = lines.find(|line| line.starts_with("id\tselect_type\t")) else {
        return Vec::new();
    };
    let columns: Vec<_> = heading.split('\t').map(str::trim_end).collect();
    lines.filter(|line| line.contains('\t')).map(|line| row(&columns, line)).collect()
}

fn row<'a>(columns: &[&str], line: &'a str) -> ExplainRow<'a> {
    let mut row = ExplainRow::default();
    let number = |value: &str| value.parse::<f64>().ok().filter(|n| n.is_finite());
    let mut estimated = None;
    for (column, value) in columns.iter().zip(line.split('\t')) {
        let value = value.trim();
        let known = (value != "NULL").then_some(value);
        match *column {
            "select_type" => row.select_type = value,
            "table" => row.table = value,
            "type" => row.access = value,
            "key" => row.key = known.filter(|key| !key.is_empty()),
            "rows" => row.rows = number(value),
            "r_rows" => row.read_rows = number(value),
            "filtered" => estimated = number(value),
            "r_filtered" => row.passed = number(value).map(|percent| percent / 100.0),
            "Extra" => row.extra = known.unwrap_or_default(),
            _ => {}
        }
    }
    row.passed = row.passed.or(estimated.map(|percent| percent / 100.0));
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_by_the_names_of_their_columns() {
        let text = "id\tselect_type\ttable\ttype\tpossible_keys\tkey\tkey_len\tref\trows\tr_rows\tfiltered\tr_filtered\tExtra\n\
                    1\tPRIMARY\tc\tALL\tNULL\tNULL\tNULL\tNULL\t20000\t20.00\t100.00\t50.00\tUsing where; Using filesort\n\
                    2\tDEPENDENT SUBQUERY\to\tref\tcid\tcid\t5\tshop.c.id\t1\tNULL\t100.00\tNULL\t\n";
        let marked: String = text.lines().map(|line| format!("# explain: {line}\n")).collect();
        for text in [text, &marked] {
            let rows = read(text);
            assert_eq!(rows.len(), 2);
            let outer = &rows[0];
            assert!(outer.is_scan() && outer.is_outer() && outer.extra.ends_with("filesort"));
            assert_eq!((outer.rows_known(), outer.passed), (20.0, Some(0.5)));
            assert_eq!((outer.off_by(), outer.key), (Some(1000.0), None));
            assert_eq!(
                (rows[1].key, rows[1].off_by(), rows[1].passed),
                (Some("cid"), None, Some(1.0))
            );
        }
        for text in ["", "id\tselect_type\t", "1\tSIMPLE\tt\tALL", "\u{0}\t\t"] {
            assert_eq!(read(text), [], "{text:?}");
        }
    }
}
