//! Clients: where they come from, and what they say of themselves.

use super::said::{Said, member, scalar};
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
pub(super) struct Metadata {
    /// Its driver with the version: `PyMongo 4.3.3`.
    pub driver: Option<Vec<u8>>,
    /// Its operating system: `Linux 5.10`.
    pub system: Option<Vec<u8>>,
    /// Its application.
    pub app: Option<Vec<u8>>,
}

impl Metadata {
    /// Reads the document.
    pub fn read(said: &Said<'_>) -> Option<Metadata> {
        let document = said.document("doc")?;
        let part = |name: &str| match member(&document, name)? {
            Value::Object(raw) => Some(raw),
            _ => None,
        };
        let text = |object: Option<&'_ [u8]>, name: &str| {
            let text = member(object?, name).and_then(scalar)?;
            (!text.is_empty()).then(|| text.into_owned())
        };
        let with_version = |object: Option<&'_ [u8]>| {
            let mut name = text(object, "name").or_else(|| text(object, "type"))?;
            if let Some(version) = text(object, "version") {
                name.push(b' ');
                name.extend_from_slice(&version);
            }
            Some(name)
        };
        Some(Metadata {
            driver: with_version(part("driver")),
            system: with_version(part("os")),
            app: text(part("application"), "name"),
        })
    }
}
