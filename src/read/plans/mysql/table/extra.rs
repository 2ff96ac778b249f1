//! The column `Extra`: remarks separated by `;`, each with its argument in parentheses, under the
//! names that the JSON form has for them.

use crate::model::plan::Value;
use crate::read::plans::mysql::scan;

/// What becomes of a remark.
#[derive(Clone, PartialEq, Debug)]
pub struct Remark {
    /// Its name among the details.
    pub name: &'static str,
    /// True, or its argument.
    pub value: Value,
    /// Its argument can hold literals.
    pub may_hold_literals: bool,
}

/// Remarks that are known: what they begin with, and their name.
const REMARKS: &[(&str, &str)] = &[
    ("Using where with pushed condition", "pushed_condition"),
    ("Using pushed condition", "pushed_condition"),
    ("Using where", "using_where"),
    ("Using index condition", "using_index_condition"),
    ("Using index for group-by", "using_index_for_group_by"),
    ("Using index for skip scan", "using_index_for_skip_scan"),
    ("Using index", "using_index"),
    ("Using filesort", "using_filesort"),
    ("Using temporary", "using_temporary_table"),
    ("Using join buffer", "using_join_buffer"),
    ("Using MRR", "using_MRR"),
    ("Using rowid filter", "using_rowid_filter"),
    ("Using secondary engine", "using_secondary_engine"),
    ("Using parallel scan", "using_parallel_scan"),
    ("Using sort_union", "using_sort_union"),
    ("Using sort_intersect", "using_sort_intersect"),
    ("Using union", "using_union"),
    ("Using intersect", "using_intersect"),
    ("Backward index scan", "backward_index_scan"),
    ("Range checked for each record", "range_checked_for_each_record"),
    ("Full scan on NULL key", "full_scan_on_NULL"),
    ("Not exists", "not_exists"),
    ("Distinct", "distinct"),
    ("Start temporary", "start_temporary"),
    ("End temporary", "end_temporary"),
    ("Start materialize", "start_materialize"),
    ("End materialize", "end_materialize"),
    ("FirstMatch", "first_match"),
    ("LooseScan", "loosescan"),
    ("Materialize", "materialize"),
    ("Rematerialize", "rematerialize"),
    ("Recursive", "recursive"),
    ("Impossible ON condition", "impossible_on_condition"),
    ("const row not found", "const_row_not_found"),
    ("Const row not found", "const_row_not_found"),
    ("unique row not found", "unique_row_not_found"),
    ("Rowid-ordered scan", "mrr_type"),
    ("Key-ordered Rowid-ordered scan", "mrr_type"),
    ("Key-ordered scan", "mrr_type"),
    ("Ft_hints:", "ft_hints"),
    ("Skip_open_table", "skip_open_table"),
    ("Open_frm_only", "open_frm_only"),
    ("Open_trigger_only", "open_trigger_only"),
    ("Open_full_table", "open_full_table"),
    ("Table function:", "table_function"),
];

/// The remarks of a cell, in their order. Those that are not known keep their text, as `Extra`.
pub fn read(cell: &str) -> Vec<Remark> {
    scan::split(cell, ";")
        .into_iter()
        .map(str::trim)
        .filter(|r| !r.is_empty())
        .map(remark)
        .collect()
}

fn remark(text: &str) -> Remark {
    let known = REMARKS.iter().filter(|(words, _)| begins_with(text, words));
    let Some((words, name)) = known.max_by_key(|(words, _)| words.len()) else {
        let value = Value::Text(text.into());
        return Remark { name: "Extra", value, may_hold_literals: true };
    };
    let argument = text.get(words.len()..).unwrap_or_default().trim();
    let inside = argument.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    let value = match (*name, inside.unwrap_or(argument)) {
        // The words themselves say which.
        ("mrr_type", _) => Value::Text(text.into()),
        (_, "") => Value::Flag(true),
        (_, argument) => Value::Text(argument.into()),
    };
    let may_hold_literals = matches!(*name, "pushed_condition" | "table_function");
    Remark { name, value, may_hold_literals }
}

/// Whether these words stand at the start of a remark: whole words.
fn begins_with(text: &str, words: &str) -> bool {
    let next = text.strip_prefix(words).map(|rest| rest.chars().next());
    matches!(next, Some(None | Some(' ' | '('))) || (next.is_some() && words.ends_with(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_remark_has_its_name() {
        let cell = "Using where; Using index for group-by (scanning); FirstMatch(t); Using join \
                    buffer (Block Nested Loop); Range checked for each record (index map: 0x3); Using \
                    union(a,b); Using where with pushed condition (`t`.`a` = 'x; y'); LooseScan; \
                    Rowid-ordered scan; Frobnicated; Using index conditions";
        let flag = || Value::Flag(true);
        let text = |text: &str| Value::Text(text.into());
        let expected = [
            ("using_where", flag()),
            ("using_index_for_group_by", text("scanning")),
            ("first_match", text("t")),
            ("using_join_buffer", text("Block Nested Loop")),
            ("range_checked_for_each_record", text("index map: 0x3")),
            ("using_union", text("a,b")),
            ("pushed_condition", text("`t`.`a` = 'x; y'")),
            ("loosescan", flag()),
            ("mrr_type", text("Rowid-ordered scan")),
            ("Extra", text("Frobnicated")),
            // Not `Using index`, with an argument.
            ("using_index", text("conditions")),
        ];
        let got: Vec<_> = read(cell).into_iter().map(|one| (one.name, one.value)).collect();
        assert_eq!(got, expected);
    }
}
