//! Clients: where they come from, and what they say of themselves.
//!
//! A client's own words are a document: Extended JSON in a structured log, and in a text log as
//! the old shell writes it, `{ driver: { name: "PyMongo", version: "3.8.0" }, os: { … } }`.

use super::said::{self, Said};
use crate::read::logs::json::Value;
use crate::read::logs::text::without_port;
use std::borrow::Cow;

/// Where a client comes from, without the port.
pub(super) fn host<'a>(said: &Said<'a>) -> Option<Cow<'a, [u8]>> {
    let remote = said.any(&["remote", "client", "session_remote", "host"])?;
    Some(match remote {
        Cow::Borrowed(remote) => Cow::Borrowed(without_port(remote)),
        Cow::Owned(remote) => Cow::Owned(without_port(&remote).to_vec()),
    })
}

/// What a client says of itself.
#[derive(Default)]
pub(super) struct Metadata<'a> {
    /// Its driver with the version: `PyMongo 4.3.3`.
    pub driver: Option<Cow<'a, [u8]>>,
    /// Its operating system: `Linux 5.10`.
    pub system: Option<Cow<'a, [u8]>>,
    /// Its application.
    pub app: Option<Cow<'a, [u8]>>,
}

impl<'a> Metadata<'a> {
    /// Reads the document.
    pub fn read(said: &Said<'a>) -> Option<Metadata<'a>> {
        let document = said.document("doc")?;
        let member = |object: &'a [u8], name: &str| match said.is_text() {
            true => shell_member(object, name),
            false => match said::member(object, name)? {
                Value::Object(raw) => Some(Cow::Borrowed(raw)),
                value => said::scalar(value),
            },
        };
        let part = |name: &str| match member(document, name)? {
            Cow::Borrowed(raw) => Some(raw),
            Cow::Owned(_) => None,
        };
        let named = |object: Option<&'a [u8]>, behind: &str| {
            let text = |name| member(object?, name).filter(|text| !text.is_empty());
            match (text("name").or_else(|| text("type"))?, text(behind)) {
                (name, Some(version)) => Some([&*name, b" ", &*version].concat().into()),
                (name, None) => Some(name),
            }
        };
        Some(Metadata {
            driver: named(part("driver"), "version"),
            system: named(part("os"), "version"),
            app: part("application").and_then(|app| member(app, "name")),
        })
    }
}

/// The value of a member of a document as the old shell writes it: of a string its text, of a
/// document the whole with its brackets.
fn shell_member<'a>(object: &'a [u8], name: &str) -> Option<Cow<'a, [u8]>> {
    let mut rest = object.strip_prefix(b"{")?;
    loop {
        rest = rest.trim_ascii_start();
        let colon = memchr::memchr(b':', rest)?;
        let (key, value) = rest.split_at_checked(colon)?;
        let value = value.get(1..)?.trim_ascii_start();
        let bytes = shell_value(value)?;
        let (value, behind) = value.split_at_checked(bytes)?;
        if key.trim_ascii() == name.as_bytes() {
            return Some(match value.strip_prefix(b"\"").and_then(|v| v.strip_suffix(b"\"")) {
                Some(inside) if inside.contains(&b'\\') => Cow::Owned(unescaped(inside)),
                Some(inside) => Cow::Borrowed(inside),
                None => Cow::Borrowed(value),
            });
        }
        rest = behind.trim_ascii_start().strip_prefix(b",")?;
    }
}

/// How many bytes a value has.
fn shell_value(text: &[u8]) -> Option<usize> {
    let (mut at, mut depth) = (0, 0usize);
    loop {
        match text.get(at)? {
            b'"' => at += string_bytes(text.get(at..)?)?,
            b'{' | b'[' => (at, depth) = (at + 1, depth + 1),
            b'}' | b']' | b',' if depth == 0 => return Some(at),
            b'}' | b']' => (at, depth) = (at + 1, depth - 1),
            _ => at += 1,
        }
        if depth == 0 && matches!(text.get(at.wrapping_sub(1)), Some(b'"' | b'}' | b']')) {
            return Some(at);
        }
    }
}

/// How many bytes a string has, its quotes counted.
fn string_bytes(text: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', text.get(at..)?)?;
        if text.get(at) == Some(&b'"') {
            return Some(at + 1);
        }
        at += 2;
    }
}

fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        out.extend(if *byte == b'\\' { bytes.next() } else { Some(byte) });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_of_shell_documents() {
        let text =
            br#"{ a: { name: "x, }", b: [ 1, { c: 2 } ] }, n: 5, "q": "say \"hi\"", e: "" }"#;
        for (name, expected) in [
            ("a", Some(r#"{ name: "x, }", b: [ 1, { c: 2 } ] }"#)),
            ("n", Some("5")),
            ("e", Some("")),
            ("z", None),
        ] {
            let found = shell_member(text, name);
            let found = found.as_deref().map(String::from_utf8_lossy);
            assert_eq!(found.as_deref(), expected, "{name}");
        }
        let quoted = shell_member(br#"{ q: "say \"hi\"" }"#, "q");
        assert_eq!(quoted.as_deref(), Some(&b"say \"hi\""[..]));
        for broken in
            ["", "{", "{ a", "{ a: ", "{ a: \"x", "{ a: { b: 1", "{ a: 1 }}", "x", "{ a: \"x\\"]
        {
            assert_eq!(shell_member(broken.as_bytes(), "b"), None, "{broken}");
        }
    }
}
