//! Names in mongosh text: databases, collections and fields out of a log, as JavaScript must read
//! them. Whatever a name holds, it stays one line and one string.

use super::ident::is_unprintable;
use std::fmt::Write;

/// Single words that mean a method of a database, not a collection.
const METHODS: &[&str] = &[
    "aggregate",
    "auth",
    "constructor",
    "eval",
    "hello",
    "help",
    "logout",
    "sql",
    "stats",
    "version",
    "watch",
];

/// A database: `db.getSiblingDB("shop")`.
pub fn database(name: &str) -> String {
    format!("db.getSiblingDB({})", string(name))
}

/// A collection: `db.getSiblingDB("shop").orders`, by a call where its name is no plain word.
pub fn collection(database: &str, name: &str) -> String {
    let database = self::database(database);
    // All other methods of a database have capitals in their names.
    let is_plain = is_word(name)
        && name.bytes().all(|b| !b.is_ascii_uppercase())
        && !name.starts_with('_')
        && !METHODS.contains(&name);
    match is_plain {
        true => format!("{database}.{name}"),
        false => format!("{database}.getCollection({})", string(name)),
    }
}

/// The name of a member in an object: bare where it is a word. `__proto__` would set what the object
/// inherits from.
pub fn key(name: &str) -> String {
    match name {
        "__proto__" => "[\"__proto__\"]".to_owned(),
        name if is_word(name) => name.to_owned(),
        name => string(name),
    }
}

/// A string between double quotes; what cannot be seen, or would end a code span of Markdown, is
/// escaped.
pub fn string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c == '`' || is_unprintable(c) => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    // Writing to a String cannot fail.
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn is_word(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'$'))
        && bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_string_each_whatever_they_hold() {
        for (name, expected) in [
            ("orders", "db.getSiblingDB(\"shop\").orders"),
            ("orders_2026", "db.getSiblingDB(\"shop\").orders_2026"),
            ("stats", "db.getSiblingDB(\"shop\").getCollection(\"stats\")"),
            ("getName", "db.getSiblingDB(\"shop\").getCollection(\"getName\")"),
            ("_old", "db.getSiblingDB(\"shop\").getCollection(\"_old\")"),
            ("a.b", "db.getSiblingDB(\"shop\").getCollection(\"a.b\")"),
            ("2026", "db.getSiblingDB(\"shop\").getCollection(\"2026\")"),
            ("a`b", "db.getSiblingDB(\"shop\").getCollection(\"a\\u0060b\")"),
            ("x\")\n;", "db.getSiblingDB(\"shop\").getCollection(\"x\\\")\\u000a;\")"),
        ] {
            assert_eq!(collection("shop", name), expected);
        }
        for (name, expected) in [
            ("status", "status"),
            ("$match", "$match"),
            ("a.b", "\"a.b\""),
            ("", "\"\""),
            ("__proto__", "[\"__proto__\"]"),
            ("a\\\u{202e}\u{e0001}", "\"a\\\\\\u202e\u{e0001}\""),
        ] {
            assert_eq!(key(name), expected);
        }
    }
}
