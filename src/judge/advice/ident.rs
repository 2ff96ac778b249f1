//! Identifiers and literals in generated SQL: a name out of a log, as PostgreSQL must read it.
//!
//! Names arrive as shapes hold them: folded unless quoted, without their quotes, parts joined by
//! dots; a part may keep its quotes where a dot or a quote is in it. They leave as one line, quoted
//! where they have to be.

/// The longest name PostgreSQL keeps, in bytes.
pub const MAX_NAME_BYTES: usize = 63;

/// Words that PostgreSQL (through 18) refuses as a bare table or column name.
const RESERVED: &str = "all analyse analyze and any array as asc asymmetric authorization binary \
    both case cast check collate collation column concurrently constraint create cross \
    current_catalog current_date current_role current_schema current_time current_timestamp \
    current_user default deferrable desc distinct do else end except false fetch for foreign \
    freeze from full grant group having ilike in initially inner intersect into is isnull join \
    lateral leading left like limit localtime localtimestamp natural not notnull null offset on \
    only or order outer overlaps placing primary references returning right select session_user \
    similar some symmetric system_user table tablesample then to trailing true union unique user \
    using variadic verbose when where window with";

/// The parts of a name, without their quotes: `app."we.ird"` has the parts `app` and `we.ird`.
pub fn parts(name: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    let mut chars = name.chars().peekable();
    while let Some(c) = chars.next() {
        let part = parts.len() - 1;
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                parts[part].push('"');
            }
            '"' if quoted => quoted = false,
            '"' if parts[part].is_empty() => quoted = true,
            '.' if !quoted => parts.push(String::new()),
            c => parts[part].push(c),
        }
    }
    parts
}

/// The last part of a name: the table without its schema, the column without its table.
pub fn last_part(name: &str) -> String {
    parts(name).pop().unwrap_or_default()
}

/// A name of one part without its quotes; a dot in it is part of the name.
pub fn unquoted(name: &str) -> String {
    match name.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')) {
        Some(inner) => inner.replace("\"\"", "\""),
        None => name.to_owned(),
    }
}

/// A column as it may stand in SQL.
pub fn column(name: &str) -> String {
    quoted_part(&unquoted(name))
}

/// A name as it may stand in SQL, schema included: one line whatever it holds.
pub fn quoted(name: &str) -> String {
    parts(name).iter().map(|part| quoted_part(part)).collect::<Vec<_>>().join(".")
}

/// One part of a name as it may stand in SQL.
pub fn quoted_part(part: &str) -> String {
    if is_bare(part) {
        return part.to_owned();
    }
    if !part.chars().any(is_unprintable) {
        return format!("\"{}\"", part.replace('"', "\"\""));
    }
    let mut out = String::from("U&\"");
    for c in part.chars() {
        match c {
            '"' => out.push_str("\"\""),
            '\\' => out.push_str("\\\\"),
            c if is_unprintable(c) => out.push_str(&format!("\\+{:06X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A text of strangers as it may stand in a sentence: what cannot be seen is spelled out.
pub fn shown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match is_unprintable(c) {
            true => out.extend(c.escape_unicode()),
            false => out.push(c),
        }
    }
    out
}

/// A string constant, one line whatever it holds.
pub fn literal(text: &str) -> String {
    let quotes_doubled = text.replace('\'', "''");
    if !text.chars().any(|c| c == '\\' || is_unprintable(c)) {
        return format!("'{quotes_doubled}'");
    }
    let mut out = String::from("E'");
    for c in quotes_doubled.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            c if is_unprintable(c) => out.push_str(&format!("\\U{:08X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('\'');
    out
}

/// A table as a `regclass` constant: it follows the search path as the statement did.
pub fn regclass(name: &str) -> String {
    let doubled = |part: &String| match is_bare(part) {
        true => part.clone(),
        false => format!("\"{}\"", part.replace('"', "\"\"")),
    };
    let text = parts(name).iter().map(doubled).collect::<Vec<_>>().join(".");
    format!("{}::regclass", literal(&text))
}

fn is_bare(part: &str) -> bool {
    let mut bytes = part.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_lowercase() || b == b'_')
        && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'$')
        && !RESERVED.split(' ').any(|word| word == part)
}

/// Characters that a reader cannot see or that reorder what stands around them.
pub(super) fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_where_postgres_needs_it_and_never_break_a_line() {
        let cases = [
            ("orders", "orders", "'orders'::regclass"),
            ("shop.orders", "shop.orders", "'shop.orders'::regclass"),
            ("Order Items", "\"Order Items\"", "'\"Order Items\"'::regclass"),
            ("\"we\"\"ird\"", "\"we\"\"ird\"", "'\"we\"\"ird\"'::regclass"),
            ("s.\"a.b\"", "s.\"a.b\"", "'s.\"a.b\"'::regclass"),
            ("user", "\"user\"", "'\"user\"'::regclass"),
            ("it's", "\"it's\"", "'\"it''s\"'::regclass"),
            ("a\nb", "U&\"a\\+00000Ab\"", "E'\"a\\U0000000Ab\"'::regclass"),
            ("a\\b", "\"a\\b\"", "E'\"a\\\\b\"'::regclass"),
            ("x\u{202e}\\", "U&\"x\\+00202E\\\\\"", "E'\"x\\U0000202E\\\\\"'::regclass"),
            ("", "\"\"", "'\"\"'::regclass"),
        ];
        for (name, sql, constant) in cases {
            assert_eq!(quoted(name), sql);
            assert_eq!(regclass(name), constant);
        }
        assert_eq!(last_part("s.\"a.b\""), "a.b");
    }
}
