//! A line with a prefix that a carrier took apart, and how it is put together again.

use crate::read::logs::json::Str;
use memchr::memmem;

/// The parts of a line; any may be missing.
#[derive(Clone, Copy, Default)]
pub(super) struct Line<'a> {
    /// What stands before the severity.
    pub prefix: Str<'a>,
    /// `LOG`, `ERROR` …
    pub severity: Str<'a>,
    /// User and database, where the carrier took them out of the prefix.
    pub names: Option<[Str<'a>; 2]>,
    /// The first words of the message, where the carrier lost the blank behind them.
    pub before: Str<'a>,
    /// The message; some carriers leave the whole line here.
    pub message: Str<'a>,
    /// What a DETAIL line behind it says.
    pub detail: Str<'a>,
}

impl Line<'_> {
    /// Appends `prefix severity:  message` and, in a line of its own, the detail.
    pub fn push_to(self, out: &mut Vec<u8>) {
        let start = out.len();
        self.prefix.push_to(out);
        if let Some([user, database]) = self.names {
            user.push_to(out);
            out.push(b'@');
            database.push_to(out);
            out.push(b' ');
        }
        let mut severity_at = out.len();
        if !self.before.raw().is_empty() {
            self.before.push_to(out);
            out.push(b' ');
        }
        self.message.push_to(out);
        let severity = self.severity.raw();
        if severity.is_empty() {
            return;
        }
        let message = out.get(severity_at..).unwrap_or_default();
        let is_label = |at: &usize| {
            message.get(at + severity.len()..).is_some_and(|behind| behind.starts_with(b":  "))
        };
        if start == severity_at
            && let Some(at) = memmem::find_iter(message, severity).find(is_label)
        {
            severity_at += at;
        } else {
            severity_at += unlabelled_prefix(message);
            out.splice(severity_at..severity_at, severity.iter().chain(b":  ").copied());
        }
        if !self.detail.raw().is_empty() {
            out.push(b'\n');
            out.extend_from_within(start..severity_at);
            out.extend_from_slice(b"DETAIL:  ");
            self.detail.push_to(out);
        }
    }

    /// Whether the source ends within it.
    pub fn is_cut(self) -> bool {
        self.message.is_cut() || self.detail.is_cut()
    }
}

/// The length of the prefix of a message from which only the severity was taken away: that of Azure
/// Cosmos DB, `2026-11-23 03:55:04.101 UTC [7] [user=u,db=d,app=a] `.
fn unlabelled_prefix(message: &[u8]) -> usize {
    const WITHIN: usize = 512;
    let head = message.get(..message.len().min(WITHIN)).unwrap_or_default();
    let names = memmem::find(head, b"] [user=").filter(|_| head.starts_with(b"20"));
    let end = names.and_then(|at| Some(at + memmem::find(head.get(at..)?, b",app=")?));
    let end = end.and_then(|at| Some(at + memmem::find(head.get(at..)?, b"] ")?));
    end.map_or(0, |end| end + 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::logs::json::{Members, Value};

    #[test]
    fn lines_are_put_together() {
        for (object, expected) in [
            (r#"{"p":"p-","s":"LOG","m":"a\n\tb"}"#, "p-LOG:  a\n\tb"),
            (r#"{"s":"LOG","m":"p LOG:  a"}"#, "p LOG:  a"),
            (r#"{"s":"ERROR","m":"p ERROR:  a","d":"x"}"#, "p ERROR:  a\np DETAIL:  x"),
            (
                r#"{"p":"p ","s":"ERROR","m":"say ERROR:  a","d":"x"}"#,
                "p ERROR:  say ERROR:  a\np DETAIL:  x",
            ),
            (r#"{"s":"LOG","m":"duration: 1 ms"}"#, "LOG:  duration: 1 ms"),
            (
                r#"{"s":"LOG","m":"2026 [7] [user=u,db=d,app=[unknown]] x"}"#,
                "2026 [7] [user=u,db=d,app=[unknown]] LOG:  x",
            ),
            (r#"{"m":"p LOG:  a","d":"x"}"#, "p LOG:  a"),
            (r#"{"s":"LOG","m":"a","u":"app","b":"shop"}"#, "app@shop LOG:  a"),
            (r#"{"p":"p-","s":"LOG","f":"user=a","m":"database=b"}"#, "p-LOG:  user=a database=b"),
        ] {
            let member = |name: &[u8]| {
                let mut members = Members::of(object.as_bytes()).expect("an object");
                members.find_map(|member| match member.value {
                    Value::String(text) if member.key == name => Some(text),
                    _ => None,
                })
            };
            let text = |name| member(name).unwrap_or_default();
            let line = Line {
                prefix: text(b"p"),
                severity: text(b"s"),
                names: member(b"u").zip(member(b"b")).map(|(user, database)| [user, database]),
                before: text(b"f"),
                message: text(b"m"),
                detail: text(b"d"),
            };
            let mut out = b"before".to_vec();
            line.push_to(&mut out);
            assert_eq!(String::from_utf8_lossy(&out), format!("before{expected}"));
        }
    }
}
