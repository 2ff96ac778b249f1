//! What brings PostgreSQL's knowledge of a table up to date: ANALYZE, statistics over several columns,
//! VACUUM. Each with its undo, or with the reason that there is none.

use super::ident;
use crate::judge::finding::{Fix, FixKind};

/// Columns that one statistics object may have.
const MAX_COLUMNS: usize = 8;

/// Reads a sample of a table anew.
pub fn analyze(table: &str) -> Fix {
    Fix {
        kind: FixKind::Sql,
        text: format!("ANALYZE {};", ident::quoted(table)),
        undo: String::new(),
        note:
            "Reads a sample of the table, 30,000 rows by default, and locks out neither reads nor \
               writes. All plans on the table may change with it; there is nothing to take back."
                .to_owned(),
        complete: true,
    }
}

/// Statistics over columns that hang together: what the planner otherwise takes for independent.
pub fn extended(table: &str, columns: &[&str]) -> Fix {
    let mut words = vec![ident::last_part(table)];
    words.extend(columns.iter().take(MAX_COLUMNS).map(|column| ident::unquoted(column)));
    let mut name = words.join("_");
    while name.len() > ident::MAX_NAME_BYTES - "_stats".len() {
        name.pop();
    }
    name.push_str("_stats");
    let mut parts = ident::parts(table);
    parts.pop();
    parts.push(name);
    let name = parts.iter().map(|part| ident::quoted_part(part)).collect::<Vec<_>>().join(".");
    let list: Vec<_> = columns.iter().take(MAX_COLUMNS).map(|c| ident::column(c)).collect();
    let table = ident::quoted(table);
    Fix {
        kind: FixKind::Sql,
        text: format!("CREATE STATISTICS {name} ON {} FROM {table};\nANALYZE {table};", list.join(", ")),
        undo: format!("DROP STATISTICS {name};\nANALYZE {table};"),
        note: "The planner multiplies the shares of single columns, as if they had nothing to do with \
               each other; with these statistics it knows the common combinations. Filled by ANALYZE \
               only, as the second line does and autovacuum will. It costs a little of each ANALYZE, \
               nothing on writes."
            .to_owned(),
        complete: true,
    }
}

/// Removes dead rows and marks the pages whose rows all can see.
pub fn vacuum(table: &str) -> Fix {
    Fix {
        kind: FixKind::Sql,
        text: format!("VACUUM (ANALYZE) {};", ident::quoted(table)),
        undo: String::new(),
        note: "Runs in no transaction, locks out neither reads nor writes, and reads the pages that \
               changed. A transaction that is open for long keeps it from removing what it may still \
               see. There is nothing to take back."
            .to_owned(),
        complete: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statistics_live_in_the_schema_of_their_table() {
        let fix = extended("shop.Order Lines", &["city", "\"Zip\""]);
        assert_eq!(
            fix.text,
            "CREATE STATISTICS shop.\"Order Lines_city_Zip_stats\" ON city, \"Zip\" FROM shop.\"Order Lines\";\n\
             ANALYZE shop.\"Order Lines\";"
        );
        assert!(fix.undo.starts_with("DROP STATISTICS shop.\"Order Lines_city_Zip_stats\";"));
    }
}
