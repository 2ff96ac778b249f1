//! Index verdicts out of the findings, in their order.

use super::Draft;
use crate::judge::evidence::indexes;
use crate::judge::finding::Verdict;
use crate::report::types::{Found, Indexes, ListedIndex};

/// The verdicts of all findings.
pub fn indexes(draft: &Draft<'_>, findings: &[Found]) -> Indexes {
    let mut lists = Indexes {
        known: draft.evidence.tables.iter().map(|table| indexes::of(table).len()).sum(),
        ..Indexes::default()
    };
    for found in findings {
        for index in &found.finding.indexes {
            let list = match index.verdict {
                Verdict::Missing => &mut lists.missing,
                Verdict::Unused => &mut lists.unused,
                Verdict::Duplicate => &mut lists.duplicate,
                Verdict::Redundant => &mut lists.redundant,
                Verdict::UnindexedForeignKey => &mut lists.unindexed_foreign_keys,
                Verdict::Invalid => &mut lists.invalid,
            };
            list.push(ListedIndex {
                server: found.finding.server.clone(),
                table: index.table.clone(),
                name: index.name.clone(),
                columns: index.columns.clone(),
                other: index.other.clone(),
                ddl: index.ddl.clone(),
                size_bytes: index.size_bytes,
                serves: index.serves.clone(),
                finding: found.finding.key.clone(),
                number: found.number,
            });
        }
    }
    lists
}
