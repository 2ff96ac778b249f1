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
        let mut message_at = out.len();
        self.message.push_to(out);
        if self.severity.raw().is_empty() {
            return;
        }
        let label = [self.severity.raw(), b":  "].concat();
        let message = out.get(message_at..).unwrap_or_default();
        if self.prefix.raw().is_empty()
            && let Some(at) = memmem::find(message, &label)
        {
            message_at += at;
        } else {
            message_at += unlabelled_prefix(message);
            out.splice(message_at..message_at, label);
        }
        if !self.detail.raw().is_empty() {
            out.push(b'\n');
            out.extend_from_within(start..message_at);
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
        for (prefix, severity, message, detail, expected) in [
            ("p-", "LOG", "a\\n\\tb", "", "p-LOG:  a\n\tb"),
            ("", "LOG", "p LOG:  a", "", "p LOG:  a"),
            ("", "ERROR", "p ERROR:  a", "x", "p ERROR:  a\np DETAIL:  x"),
            ("p ", "ERROR", "say ERROR:  a", "x", "p ERROR:  say ERROR:  a\np DETAIL:  x"),
            ("", "LOG", "duration: 1 ms", "", "LOG:  duration: 1 ms"),
            (
                "",
                "LOG",
                "2026 [7] [user=u,db=d,app=[unknown]] x",
                "",
                "2026 [7] [user=u,db=d,app=[unknown]] LOG:  x",
            ),
            ("", "", "p LOG:  a", "x", "p LOG:  a"),
        ] {
            let object = format!(
                r#"["",{{"p":"{prefix}","s":"{severity}","m":"{message}","d":"{detail}"}}"#
            );
            let values = Members::of(&object.as_bytes()[4..]).expect("an object");
            let mut texts = values.filter_map(|member| match member.value {
                Value::String(text) => Some(text),
                _ => None,
            });
            let mut next = || texts.next().expect("a text");
            let line = Line { prefix: next(), severity: next(), message: next(), detail: next() };
            let mut out = b"before".to_vec();
            line.push_to(&mut out);
            assert_eq!(String::from_utf8_lossy(&out), format!("before{expected}"));
        }
    }
}
