//! Names in PostgreSQL's plans: which properties hold names and words only, which ones the text form
//! leaves unsaid, and identifiers with and without their quotes. All forms share it, so that one plan
//! reads the same from each.

use std::borrow::Cow;

/// Properties whose texts, and those of the members below them, are names and words of the plan
/// itself: no condition, no statement, no value. Sorted.
const PLAIN: &[&str] = &[
    "Alias",
    "Batch Sorted Merge",
    "CTE Name",
    "Cache Mode",
    "Chunks",
    "Command",
    "Conflict Arbiter Indexes",
    "Conflict Resolution",
    "Constraint Name",
    "Custom Plan Provider",
    "Data Nodes",
    "Data node",
    "Fetcher Type",
    "Foreign File",
    "Format",
    "Function Name",
    "Grouping Policy",
    "Index Name",
    "Join Type",
    "Node",
    "Node Type",
    "Operation",
    "Parent Relationship",
    "Partial Mode",
    "Query Identifier",
    "Relation",
    "Relation Name",
    "Relations",
    "Result destination",
    "Sampling Method",
    "Scan Direction",
    "Schema",
    "Settings",
    "Sort Method",
    "Sort Methods Used",
    "Sort Space Type",
    "Storage",
    "Strategy",
    "Subplan Name",
    "Table Function Name",
    "Tasks Shown",
    "Trigger Name",
    "Tuplestore Name",
];

/// Properties that the text form prints only where they are not zero (or not false), and the other
/// forms always. Sorted.
const UNSAID_AT_ZERO: &[&str] = &[
    "Async Capable",
    "Disabled",
    "Disk Usage",
    "Exact Heap Blocks",
    "HashAgg Batches",
    "I/O Read Time",
    "I/O Write Time",
    "Inner Unique",
    "Local Dirtied Blocks",
    "Local Hit Blocks",
    "Local I/O Read Time",
    "Local I/O Write Time",
    "Local Read Blocks",
    "Local Written Blocks",
    "Lossy Heap Blocks",
    "Parallel Aware",
    "Planned Partitions",
    "Rows Removed by Conflict Filter",
    "Rows Removed by Filter",
    "Rows Removed by Index Recheck",
    "Rows Removed by Join Filter",
    "Shared Dirtied Blocks",
    "Shared Hit Blocks",
    "Shared I/O Read Time",
    "Shared I/O Write Time",
    "Shared Read Blocks",
    "Shared Written Blocks",
    "Single Copy",
    "Subplans Removed",
    "Temp I/O Read Time",
    "Temp I/O Write Time",
    "Temp Read Blocks",
    "Temp Written Blocks",
    "WAL Buffers Full",
    "WAL Bytes",
    "WAL FPI",
    "WAL Records",
];

/// Whether a property holds names and words of the plan itself, and so no literals.
pub fn is_plain(property: &str) -> bool {
    PLAIN.binary_search(&property).is_ok()
}

/// Whether the text form leaves a property out where it is zero or false, so that it says nothing
/// there in the other forms either.
pub fn is_unsaid_at_zero(property: &str) -> bool {
    UNSAID_AT_ZERO.binary_search(&property).is_ok()
}

/// A name as the model has it: without the quotes that the text form and SQL need around some. Each
/// part of a qualified name may have its own: `public."Order Lines"` is `public.Order Lines`.
pub fn unquoted(printed: &str) -> Cow<'_, str> {
    if !printed.contains('"') {
        return Cow::Borrowed(printed);
    }
    let mut out = String::with_capacity(printed.len());
    let mut is_inside = false;
    let mut letters = printed.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if is_inside && letters.peek() == Some(&'"') => {
                letters.next();
                out.push('"');
            }
            '"' => is_inside = !is_inside,
            _ => out.push(letter),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted() {
        for table in [PLAIN, UNSAID_AT_ZERO] {
            assert!(table.windows(2).all(|pair| pair[0] < pair[1]));
        }
        assert!(is_plain("Sort Method") && !is_plain("Filter") && !is_plain("Output"));
        assert!(is_unsaid_at_zero("WAL FPI") && !is_unsaid_at_zero("Heap Fetches"));
    }

    #[test]
    fn quotes_of_names_go() {
        for (printed, name) in [
            ("orders", "orders"),
            ("\"*VALUES*\"", "*VALUES*"),
            ("public.\"Order Lines\"", "public.Order Lines"),
            ("\"a \"\"b\"\"\".c", "a \"b\".c"),
            ("\"open", "open"),
        ] {
            assert_eq!(unquoted(printed), name);
        }
    }
}
