//! The explain command of a class as mongosh text, from the example that is kept of it: what to
//! paste to see the plan. `queryPlanner` executes nothing.
//!
//! Constants that were masked stand as strings that name their kind (`"?number"`).

use super::mongodb_names::{database, key, string};
use super::rewrite;
use crate::judge::evidence::ClassEvidence;
use crate::judge::finding::{Fix, FixKind};
use crate::lang::mongo::doc::{Arena, Doc, Kind, Value};

/// Longer commands are not printed.
const MAX_BYTES: usize = 4096;
/// Whole numbers beyond this are no exact numbers of JavaScript.
const MAX_EXACT: u64 = 1 << 53;

/// How a masked constant begins.
const MASKED: &str = "\"?";
/// Stands for a masked pattern.
const PATTERN: &str = "PATTERN";

/// Commands that can be explained, and the members that matter for their plan.
const COMMANDS: &[(&str, &[&str])] = &[
    (
        "find",
        &[
            "filter",
            "sort",
            "projection",
            "hint",
            "skip",
            "limit",
            "min",
            "max",
            "collation",
            "let",
            "allowDiskUse",
        ],
    ),
    ("aggregate", &["pipeline", "collation", "hint", "let", "allowDiskUse"]),
    ("count", &["query", "limit", "skip", "hint", "collation"]),
    ("distinct", &["key", "query", "hint", "collation"]),
    ("update", &["updates", "let"]),
    ("delete", &["deletes", "let"]),
    (
        "findAndModify",
        &[
            "query",
            "sort",
            "remove",
            "update",
            "new",
            "fields",
            "upsert",
            "arrayFilters",
            "hint",
            "collation",
            "let",
        ],
    ),
];

/// What shows the plan of a class, to be run by hand; none where its command cannot be explained, is
/// not known in full or is very long.
pub fn look(class: &ClassEvidence<'_>) -> Option<Fix> {
    let text = command(class)?;
    let mut open = String::new();
    if text.contains(MASKED) {
        open.push_str(
            " Put values of the application in place of `\"?number\"`, `\"?string\"` and the like.",
        );
    }
    if text.contains(PATTERN) {
        open.push_str(" PATTERN stands for that of the regular expression.");
    }
    let complete = open.is_empty();
    Some(Fix {
        kind: FixKind::Js,
        text,
        undo: String::new(),
        note: format!(
            "Shows the plan; `queryPlanner` executes nothing.{open} `executionStats` in its place counts \
             keys and documents: it executes the command, but applies no write."
        ),
        complete,
    })
}

/// What to see in the plan where a fix worked.
pub fn verify(shows: &str) -> String {
    format!("`explain` with verbosity `queryPlanner` shows {shows}; it executes nothing.")
}

/// The same, where a fix makes the server read less.
pub fn verify_reads_less(shows: &str) -> String {
    format!("{} The next log has fewer documents or keys examined for it.", verify(shows))
}

/// The explain command, on one line.
pub fn command(class: &ClassEvidence<'_>) -> Option<String> {
    let example = rewrite::statement(class)?;
    of_text(example)
}

/// The explain command of a command with its `$db`.
fn of_text(command: &str) -> Option<String> {
    let mut arena = Arena::default();
    let doc = Doc::read(command.as_bytes(), &mut arena).filter(|doc| !doc.is_cut)?;
    let root = doc.root();
    let name = String::from_utf8(root.first()?.key().into_owned()).ok()?;
    let name = if name == "findandmodify" { "findAndModify" } else { &name };
    let (_, members) = COMMANDS.iter().find(|(known, _)| *known == name)?;
    let db = String::from_utf8(root.get("$db")?.string()?.into_owned()).ok()?;
    let mut out = format!("{}.runCommand({{ explain: {{ {name}: ", database(&db));
    write_value(root.first()?, &mut out)?;
    let mut has_statement = !matches!(name, "update" | "delete");
    for member in root.children().skip(1) {
        let key = member.key();
        if !members.iter().any(|known| known.as_bytes() == &*key) {
            continue;
        }
        if matches!(&*key, b"updates" | b"deletes") {
            // One statement is what can be explained.
            has_statement = member.kind() == Kind::Array && member.len() == 1;
        }
        write_member(member, &mut out)?;
    }
    if name == "aggregate" {
        out.push_str(", cursor: {}");
    }
    out.push_str(" }, verbosity: \"queryPlanner\" })");
    (has_statement && out.len() <= MAX_BYTES).then_some(out)
}

fn write_member(member: Value<'_>, out: &mut String) -> Option<()> {
    out.push_str(", ");
    write_named(member, out)
}

fn write_named(member: Value<'_>, out: &mut String) -> Option<()> {
    out.push_str(&key(&String::from_utf8_lossy(&member.key())));
    out.push_str(": ");
    write_value(member, out)
}

/// A value as JavaScript; `None` where part of it is missing. At most as deep as a document is read.
fn write_value(value: Value<'_>, out: &mut String) -> Option<()> {
    if out.len() > MAX_BYTES {
        return None;
    }
    let text = value.text();
    let text = String::from_utf8_lossy(&text);
    match value.kind() {
        Kind::Object if value.is_empty() => out.push_str("{}"),
        Kind::Object => {
            out.push_str("{ ");
            for (at, member) in value.children().enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                write_named(member, out)?;
            }
            out.push_str(" }");
        }
        Kind::Array => {
            out.push('[');
            let items = value.children().filter(|item| item.kind() != Kind::More);
            for (at, item) in items.enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                write_value(item, out)?;
            }
            out.push(']');
        }
        Kind::String | Kind::Placeholder => out.push_str(&string(&text)),
        Kind::Number => match value.as_i64() {
            Some(whole) if whole.unsigned_abs() > MAX_EXACT => {
                out.push_str(&format!("Long(\"{whole}\")"));
            }
            Some(whole) => out.push_str(&whole.to_string()),
            None => out.push_str(&value.as_f64()?.to_string()),
        },
        Kind::Bool => out.push_str(if value.as_flag()? { "true" } else { "false" }),
        Kind::Null | Kind::Undefined => out.push_str("null"),
        Kind::ObjectId => out.push_str(&format!("ObjectId({})", string(&text))),
        Kind::Date => match text.parse::<i64>() {
            Ok(millis) => out.push_str(&format!("new Date({millis})")),
            Err(_) => out.push_str(&format!("new Date({})", string(&text))),
        },
        Kind::Regex => {
            let (pattern, options) = value.regex()?;
            let pattern = match &*pattern {
                // What masking leaves of one; a pattern of its own would not compile.
                b"?" => "PATTERN".into(),
                b"^?" => "^PATTERN".into(),
                pattern => String::from_utf8_lossy(pattern),
            };
            let options = string(&String::from_utf8_lossy(&options));
            out.push_str(&format!("new RegExp({}, {options})", string(&pattern)));
        }
        Kind::MinKey => out.push_str("MinKey()"),
        Kind::MaxKey => out.push_str("MaxKey()"),
        Kind::Timestamp => out.push_str("\"?timestamp\""),
        Kind::Binary => out.push_str("\"?binary\""),
        Kind::Uuid => out.push_str("\"?uuid\""),
        Kind::Code => out.push_str("\"?js\""),
        Kind::Elided | Kind::AnyObject | Kind::AnyArray | Kind::Word | Kind::More => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_become_text_that_mongosh_reads() {
        for (command, expected) in [
            (
                r#"{"find":"orders","filter":{"status":"?string","a.b":{"$in":["?number","… 29 more"]}},"sort":{"created":-1},"lsid":{"id":"?uuid"},"$db":"shop"}"#,
                Some(
                    r#"db.getSiblingDB("shop").runCommand({ explain: { find: "orders", filter: { status: "?string", "a.b": { $in: ["?number"] } }, sort: { created: -1 } }, verbosity: "queryPlanner" })"#,
                ),
            ),
            (
                r#"{"aggregate":"c","pipeline":[{"$match":{"_id":{"$oid":"5f1d7f3e9b1e8a3d4c2b1a00"},"n":{"$numberLong":"9007199254740993"}}}],"cursor":{"batchSize":5},"$db":"d"}"#,
                Some(
                    r#"db.getSiblingDB("d").runCommand({ explain: { aggregate: "c", pipeline: [{ $match: { _id: ObjectId("5f1d7f3e9b1e8a3d4c2b1a00"), n: Long("9007199254740993") } }], cursor: {} }, verbosity: "queryPlanner" })"#,
                ),
            ),
            (
                r#"{"delete":"c","deletes":[{"q":{"n":{"$regularExpression":{"pattern":"^?","options":"i"}}},"limit":0}],"$db":"d"}"#,
                Some(
                    r#"db.getSiblingDB("d").runCommand({ explain: { delete: "c", deletes: [{ q: { n: new RegExp("^PATTERN", "i") }, limit: 0 }] }, verbosity: "queryPlanner" })"#,
                ),
            ),
            (r#"{"update":"c","ordered":true,"$db":"d"}"#, None),
            (r#"{"insert":"c","$db":"d"}"#, None),
            (r#"{"find":"c","filter":{"a":{"$elided":"object"}},"$db":"d"}"#, None),
            (r#"{"find":"c","filter":{"a":1"#, None),
            (r#"{"find":"c"}"#, None),
        ] {
            assert_eq!(of_text(command).as_deref(), expected, "{command}");
        }
    }
}
