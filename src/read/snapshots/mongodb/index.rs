//! An index as `getIndexes` has it: its definition, and the command that makes it again.

use super::said::member;
use crate::model::catalog::{IndexDefinition, IndexKey};
use crate::read::plans::mongodb::number;
use crate::read::plans::tree::{Ref, Scalar};
use serde_json::value::RawValue;
use std::fmt::Write;

/// Deeper values are no part of any index.
const MAX_DEPTH: usize = 16;

/// The definition; `None` where something in it was left out by what printed it.
pub(super) fn definition(index: Ref<'_, '_>, text: &str) -> Option<IndexDefinition> {
    let pattern = index.get("key").filter(|it| it.is_object() && it.get("$elided").is_none())?;
    let flag = |name: &str| {
        let value = index.get(name);
        // Old servers took any number for a flag.
        value.and_then(Ref::flag).or_else(|| Some(number(value?)? != 0.0)) == Some(true)
    };
    let collation = index.get("collation").and_then(|it| raw(text, it));
    let mut method = "btree";
    let mut keys = Vec::new();
    for key in pattern.children() {
        // A word in place of an order names the kind: text, hashed, 2dsphere.
        let order = number(key);
        let kind = key.text().filter(|_| order.is_none());
        method = kind.filter(|_| method == "btree").unwrap_or(method);
        // The keys of a text index are among its weights.
        if key.key() == "_fts" || key.key() == "_ftsx" {
            continue;
        }
        let mut own = IndexKey::column(key.key());
        own.is_descending = order.is_some_and(|order| order < 0.0);
        own.operator_class = kind.map(Into::into);
        own.collation = collation.clone();
        keys.push(own);
    }
    for weight in index.get("weights").into_iter().flat_map(Ref::children) {
        let mut own = IndexKey::column(weight.key());
        own.operator_class = Some("text".into());
        keys.push(own);
    }
    if keys.iter().any(|key| key.column_name() == Some("$**")) {
        method = "wildcard";
    }
    let statement = statement(index)?;
    Some(IndexDefinition {
        keys,
        method: method.into(),
        is_unique: flag("unique"),
        is_primary: member(index, "name") == Some("_id_"),
        is_visible: !flag("hidden"),
        is_sparse: flag("sparse"),
        // Constants of a condition that is in the catalog may be shown.
        predicate: index.get("partialFilterExpression").and_then(|it| raw(text, it)),
        expires_after_s: index
            .get("expireAfterSeconds")
            .and_then(number)
            .filter(|seconds| *seconds >= 0.0)
            .map(|seconds| seconds as u64),
        ddl: Some(statement.into()),
        ..IndexDefinition::default()
    })
}

/// `createIndex(keys, options)` with all that the index has; `None` where something is missing.
fn statement(index: Ref<'_, '_>) -> Option<String> {
    // Versions are the server's to choose, and the namespace stood in documents of old servers.
    const LEFT_OUT: [&str; 6] =
        ["key", "v", "ns", "textIndexVersion", "2dsphereIndexVersion", "background"];
    let mut text = "createIndex(".to_owned();
    let mut keys = Members::default();
    for key in index.get("key")?.children() {
        match key.key() {
            // How the server keeps a text index: its fields are its weights.
            "_fts" => {
                for weight in index.get("weights").into_iter().flat_map(Ref::children) {
                    keys.add(weight.key(), "\"text\"");
                }
            }
            "_ftsx" => {}
            name => keys.add(name, &js(key, 0)?),
        }
    }
    text.push_str(&keys.close());
    let mut options = Members::default();
    for option in index.children().filter(|option| !LEFT_OUT.contains(&option.key())) {
        options.add(option.key(), &js(option, 0)?);
    }
    let _ = write!(text, ", {})", options.close());
    Some(text)
}

/// An object that is being written.
#[derive(Default)]
struct Members(String);

impl Members {
    fn add(&mut self, name: &str, value: &str) {
        let before = if self.0.is_empty() { "{ " } else { ", " };
        let _ = write!(self.0, "{before}{}: {value}", quoted(name));
    }

    fn close(self) -> String {
        if self.0.is_empty() { "{}".to_owned() } else { self.0 + " }" }
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

/// A value as the shell takes it; `None` where something is missing in it.
fn js(value: Ref<'_, '_>, depth: usize) -> Option<String> {
    if depth > MAX_DEPTH {
        return None;
    }
    Some(match value.scalar() {
        Scalar::Null => "null".to_owned(),
        Scalar::Bool(flag) => flag.to_string(),
        Scalar::Number(digits) => (*digits).to_owned(),
        Scalar::Text(text) => quoted(text),
        Scalar::Array => {
            let items = value.children().map(|item| js(item, depth + 1));
            format!("[{}]", items.collect::<Option<Vec<_>>>()?.join(", "))
        }
        Scalar::Object => {
            let only = value.children().next().filter(|_| value.children().count() == 1);
            if let Some(ms) = only.filter(|it| it.key() == "$date" && it.is_object()) {
                return number(ms).map(|ms| format!("new Date({ms})"));
            }
            let wrapped = only.and_then(|inner| Some((inner.key(), inner.text()?)));
            match wrapped {
                Some(("$numberInt" | "$numberLong" | "$numberDouble", digits)) => {
                    let is_plain = |b: u8| b.is_ascii_digit() || b"+-.eE".contains(&b);
                    digits.bytes().all(is_plain).then(|| digits.to_owned())?
                }
                Some(("$date", date)) => format!("ISODate({})", quoted(date)),
                Some(("$oid", id)) => format!("ObjectId({})", quoted(id)),
                Some(("$elided", _)) => return None,
                _ => {
                    let mut members = Members::default();
                    for member in value.children() {
                        members.add(member.key(), &js(member, depth + 1)?);
                    }
                    members.close()
                }
            }
        }
    })
}

/// A value as it stands in the text.
fn raw(text: &str, value: Ref<'_, '_>) -> Option<Box<str>> {
    let rest = text.get(value.offset()..)?;
    let mut values = serde_json::Deserializer::from_str(rest).into_iter::<&RawValue>();
    Some(values.next()?.ok()?.get().into())
}
