//! What servers call constraints and indexes that were given no name.

use crate::model::catalog::{ConstraintKind, IndexDefinition, IndexKey, KeyPart};

/// Longest name in PostgreSQL, in bytes.
const NAME_MAX_BYTES: usize = 63;
/// Names are numbered up to this, since nobody makes more of one kind.
pub const NUMBER_MAX: u32 = 100;

/// PostgreSQL's `table_columns_label`, shortened as it does, the first that is free.
pub fn postgres_name(
    table: &str,
    columns: &str,
    label: &str,
    is_taken: impl Fn(&str) -> bool,
) -> Box<str> {
    let mut number = 0u32;
    loop {
        let label = if number == 0 { label.to_owned() } else { format!("{label}{number}") };
        let name = joined(table, columns, &label);
        if !is_taken(&name) || number == NUMBER_MAX {
            return name.into();
        }
        number += 1;
    }
}

/// The longer of both parts gives up bytes until all fits.
fn joined(table: &str, columns: &str, label: &str) -> String {
    let between = if columns.is_empty() { 1 } else { 2 };
    let room = NAME_MAX_BYTES.saturating_sub(label.len() + between);
    let (mut table_bytes, mut column_bytes) = (table.len(), columns.len());
    if table_bytes + column_bytes > room {
        let half = room / 2;
        if column_bytes <= half {
            table_bytes = room - column_bytes;
        } else if table_bytes <= room - half {
            column_bytes = room - table_bytes;
        } else {
            (table_bytes, column_bytes) = (half, room - half);
        }
    }
    let (table, columns) = (clipped(table, table_bytes), clipped(columns, column_bytes));
    match columns {
        "" => format!("{table}_{label}"),
        columns => format!("{table}_{columns}_{label}"),
    }
}

fn clipped(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    text.get(..end.unwrap_or(0)).unwrap_or_default()
}

/// What PostgreSQL calls the keys of an index in its name.
pub fn key_names(index: &IndexDefinition) -> String {
    let mut names: Vec<String> = Vec::new();
    let keys = index.keys.iter().map(|key| match &key.part {
        KeyPart::Column(name) => name.to_string(),
        KeyPart::Expression(text) => function_name(text),
    });
    for name in keys.chain(index.include.iter().map(ToString::to_string)) {
        let is_taken = |name: &String| names.contains(name);
        let numbered = (1..).map(|number| format!("{name}{number}"));
        let free = std::iter::once(name.clone()).chain(numbered).find(|name| !is_taken(name));
        names.extend(free);
        if names.iter().map(String::len).sum::<usize>() > NAME_MAX_BYTES {
            break;
        }
    }
    names.join("_")
}

/// The function that an expression calls, else `expr`.
fn function_name(text: &str) -> String {
    let name = text.split('(').next().unwrap_or_default().trim();
    let name = name.rsplit('.').next().unwrap_or_default();
    let is_name = !name.is_empty()
        && text.ends_with(')')
        && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    if is_name { name.to_lowercase() } else { "expr".to_owned() }
}

/// MySQL's name of an index: its first column, numbered from 2 on.
pub fn mysql_index_name(index: &IndexDefinition, is_taken: impl Fn(&str) -> bool) -> Box<str> {
    let first = index.keys.first().and_then(IndexKey::column_name).unwrap_or("functional_index");
    let numbered = (2..NUMBER_MAX).map(|number| format!("{first}_{number}"));
    let mut names = std::iter::once(first.to_owned()).chain(numbered);
    names.find(|name| !is_taken(name)).unwrap_or_else(|| first.to_owned()).into()
}

/// What a constraint without a name says.
pub fn said(kind: &ConstraintKind, columns: &[Box<str>]) -> Box<str> {
    let columns = columns.join(", ");
    match kind {
        ConstraintKind::Primary => format!("primary key ({columns})"),
        ConstraintKind::Unique => format!("unique ({columns})"),
        ConstraintKind::Exclusion => format!("exclude ({columns})"),
        ConstraintKind::Foreign(to) => {
            format!("foreign key ({columns}) references {}", to.table.shown())
        }
        ConstraintKind::Check(condition) => format!("check ({condition})"),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_shortened_as_the_server_does() {
        let long = "a_rather_long_name_of_a_table_that_somebody_made_up_for_this";
        for (table, columns, label, expected) in [
            ("t", "", "pkey", "t_pkey"),
            ("t", "a_b", "key", "t_a_b_key"),
            (long, "", "pkey", "a_rather_long_name_of_a_table_that_somebody_made_up_for_th_pkey"),
            (long, "id", "fkey", "a_rather_long_name_of_a_table_that_somebody_made_up_for_id_fkey"),
        ] {
            assert_eq!(&*postgres_name(table, columns, label, |_| false), expected);
        }
        assert_eq!(&*postgres_name("t", "a", "idx", |name| name == "t_a_idx"), "t_a_idx1");
    }
}
