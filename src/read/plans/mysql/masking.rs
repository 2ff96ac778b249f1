//! Masks the conditions of MySQL's plans, in which `(select #2)` stands for a subquery, and of
//! MariaDB's, in which `(subquery#2)` does: to MySQL's lexer the `#` would begin a comment, and the
//! rest of the condition would be lost.

use crate::model::plan::Value;
use crate::read::plans::Builder;

/// Stands for the `#` while a condition is lexed: a letter of no language, so that it is part of a
/// name.
const STAND_IN: char = '\u{e000}';

/// A condition without its literals, unless the user keeps them.
pub fn masked(builder: &Builder, condition: &str) -> Box<str> {
    let mut stood_in = String::with_capacity(condition.len());
    let mut rest = condition;
    while let Some((before, after)) = rest.split_once('#') {
        let bytes = before.as_bytes();
        let follows = |words: &str| {
            let end = bytes.len().saturating_sub(words.len());
            bytes.get(end..).is_some_and(|end| end.eq_ignore_ascii_case(words.as_bytes()))
        };
        let is_select = (follows("select ") || follows("subquery"))
            && after.starts_with(|next: char| next.is_ascii_digit());
        stood_in.push_str(before);
        stood_in.push(if is_select { STAND_IN } else { '#' });
        rest = after;
    }
    if stood_in.is_empty() {
        return builder.masked(condition);
    }
    stood_in.push_str(rest);
    builder.masked(&stood_in).replace(STAND_IN, "#").into()
}

/// Adds a detail to the innermost open node, its texts masked.
pub fn detail(builder: &mut Builder, name: &str, value: Value) {
    let value = match value {
        Value::Text(text) => Value::Text(masked(builder, &text)),
        Value::List(items) => {
            let mask = |item| match item {
                Value::Text(text) => Value::Text(masked(builder, &text)),
                other => other,
            };
            Value::List(items.into_iter().map(mask).collect())
        }
        other => return builder.detail(name, other, false),
    };
    builder.detail(name, value, true);
}
