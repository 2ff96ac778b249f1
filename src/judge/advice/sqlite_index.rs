//! Index candidates for SQLite: the DDL behind the list of the indexes that are there, as the shell or
//! any driver takes it.

use super::ident::{is_unprintable, parts, unquoted};
use super::index::Candidate;
use crate::judge::finding::{Fix, FixKind};

/// Words that SQLite refuses as a bare name.
const RESERVED: &str = "add all alter and as autoincrement between case check collate commit constraint \
    create cross current_date current_time current_timestamp default deferrable delete distinct drop else \
    escape except exists foreign from full group having in index inner insert intersect into is isnull \
    join left limit natural not nothing notnull null on or order outer primary references returning right \
    select set table then to transaction union unique update using values when where";

/// A column of an index, and whether it runs downwards.
pub type Key = (String, bool);

/// One part of a name as it may stand in SQL. What cannot be seen in it is left as a question mark,
/// which no table has.
pub fn quoted_part(part: &str) -> String {
    let mut bytes = part.bytes();
    let is_word = bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if is_word && !RESERVED.split(' ').any(|word| word.eq_ignore_ascii_case(part)) {
        return part.to_owned();
    }
    let shown = |c: char| if is_unprintable(c) { '?' } else { c };
    let inner: String = part.chars().map(shown).collect();
    format!("\"{}\"", inner.replace('"', "\"\""))
}

/// An index on a table. The schema of a table stands before the name of the index, never of the
/// table.
pub fn fix(table: &str, keys: &[Key]) -> Fix {
    let words: Vec<_> = keys.iter().map(|(column, _)| unquoted(column)).collect();
    let words: Vec<_> = words.iter().map(|word| &**word).collect();
    let mut parts = parts(table);
    let name = parts.pop().unwrap_or_default();
    let schema = parts.pop().map_or(String::new(), |schema| quoted_part(&schema) + ".");
    let index = format!("{schema}{}", quoted_part(&Candidate::named(&name, &words)));
    let columns: Vec<_> = keys
        .iter()
        .map(|(column, down)| quoted_part(&unquoted(column)) + if *down { " DESC" } else { "" })
        .collect();
    Fix {
        kind: FixKind::Sql,
        text: format!(
            "-- First: the indexes that are there. Go on only if none of them serves.\n\
             SELECT name, sql FROM {schema}sqlite_master WHERE type = 'index' AND tbl_name = {};\n\
             CREATE INDEX {index} ON {}({});",
            literal(&name),
            quoted_part(&name),
            columns.join(", ")
        ),
        undo: format!("DROP INDEX {index};"),
        note: "A candidate: the plan shows what is read, not how many rows that are nor every index that \
               is there. Nobody else writes to the database while the index is built. Run `ANALYZE;` \
               afterwards, so that the planner knows how selective it is; `.expert` of the sqlite3 shell \
               (3.22 and later) proposes indexes for a statement as well."
            .to_owned(),
        complete: true,
    }
}

/// A string constant: SQLite knows no escapes but the doubled quote.
fn literal(text: &str) -> String {
    let shown: String = text.chars().map(|c| if is_unprintable(c) { '?' } else { c }).collect();
    format!("'{}'", shown.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_schemas_stand_where_sqlite_wants_them() {
        for (table, column, expected) in [
            ("orders", "city", "CREATE INDEX orders_city_idx ON orders(city);"),
            ("aux.orders", "city", "CREATE INDEX aux.orders_city_idx ON orders(city);"),
            ("order", "a b", "CREATE INDEX \"order_a b_idx\" ON \"order\"(\"a b\");"),
            ("x\n;", "q\"", "CREATE INDEX \"x?;_q\"\"_idx\" ON \"x?;\"(\"q\"\"\");"),
        ] {
            let fix = fix(table, &[(column.to_owned(), false)]);
            assert_eq!(fix.text.lines().last(), Some(expected), "{table}");
        }
        let down = fix("t", &[("a".to_owned(), false), ("b".to_owned(), true)]);
        assert!(down.text.ends_with("ON t(a, b DESC);"), "{}", down.text);
    }
}
