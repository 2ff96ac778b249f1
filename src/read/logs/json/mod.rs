//! The members of a JSON object, found without building it.
//!
//! In: bytes that begin at an object. Out: its members in order, each value as it stands in the
//! text, strings still escaped. What a member means is left to formats and carriers. Nested values
//! are passed over with a counter, never by recursion. The text may end within the object, or be
//! damaged: [`End`] says which.

mod text;

pub(super) use crate::lang::json::string_end;
pub(in crate::read::logs) use text::Str;

/// How an object ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum End {
    /// Not reached yet.
    Ahead,
    /// With its bracket.
    Closed,
    /// The text ends before it does.
    Cut,
    /// It is no JSON from some byte on.
    Broken,
}

/// A value as it stands in the text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Value<'a> {
    /// A string.
    String(Str<'a>),
    /// An object with its brackets.
    Object(&'a [u8]),
    /// An array with its brackets.
    Array(&'a [u8]),
    /// A number, `true`, `false` or `null`.
    Word(&'a [u8]),
}

/// A member of an object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Member<'a> {
    /// Its name, as it stands between its quotes: the names that anybody asks for need no escapes.
    pub key: &'a [u8],
    /// Its value; a part of it where the text ends within.
    pub value: Value<'a>,
}

/// The members of one object, in order.
#[derive(Clone, Debug)]
pub(super) struct Members<'a> {
    text: &'a [u8],
    /// Behind the opening bracket, or behind a value.
    at: usize,
    end: End,
}

impl<'a> Members<'a> {
    /// The members of the object that begins a text; `None` if none does.
    #[inline]
    pub fn of(text: &'a [u8]) -> Option<Members<'a>> {
        text.starts_with(b"{").then_some(Members { text, at: 1, end: End::Ahead })
    }

    /// How the object ends, as far as it was read.
    pub fn end(&self) -> End {
        self.end
    }

    /// How many bytes were read: up to the member's end, all of the object once it is closed, up to
    /// the byte that is none of JSON's where it is broken.
    pub fn read_bytes(&self) -> usize {
        self.at
    }

    /// What follows the bytes that were read.
    pub fn rest(&self) -> &'a [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Reads on to the end.
    pub fn read_to_end(mut self) -> (End, usize) {
        while self.next().is_some() {}
        (self.end, self.at)
    }

    /// Moves to the next byte that is not blank.
    #[inline]
    fn next_token(&mut self) -> Option<u8> {
        let text = self.text;
        while let Some(byte) = text.get(self.at) {
            if !matches!(byte, b' ' | b'\t' | b'\r' | b'\n') {
                return Some(*byte);
            }
            self.at += 1;
        }
        self.end = End::Cut;
        None
    }

    #[inline]
    fn expect(&mut self, expected: u8) -> Option<()> {
        if self.next_token()? != expected {
            self.end = End::Broken;
            return None;
        }
        self.at += 1;
        Some(())
    }

    /// The next member's name, and the byte its value begins with; [`Members::value`] must follow.
    #[inline]
    pub fn key(&mut self) -> Option<(&'a [u8], u8)> {
        if self.end != End::Ahead {
            return None;
        }
        let first = self.at == 1;
        match self.next_token()? {
            b'}' => {
                self.at += 1;
                self.end = End::Closed;
                return None;
            }
            b',' if !first => self.at += 1,
            _ if first => {}
            _ => {
                self.end = End::Broken;
                return None;
            }
        }
        self.expect(b'"')?;
        let Some(key_bytes) = self.text.get(self.at..).and_then(string_end) else {
            self.at = self.text.len();
            self.end = End::Cut;
            return None;
        };
        let key = self.text.get(self.at..self.at + key_bytes)?;
        self.at += key_bytes + 1;
        self.expect(b':')?;
        Some((key, self.next_token()?))
    }

    /// Passes over the value behind a name, which somebody else has read: how it ends, and the bytes
    /// it takes.
    #[inline]
    pub fn pass(&mut self, end: End, bytes: usize) {
        self.at += bytes;
        if end != End::Closed {
            self.end = end;
        }
    }

    /// The value behind a name.
    #[inline]
    pub fn value(&mut self) -> Option<Value<'a>> {
        let rest = self.rest();
        let kind = rest.first()?;
        let span = match kind {
            b'"' => match rest.get(1..).and_then(string_end) {
                Some(bytes) => Span { bytes: bytes + 2, end: End::Closed },
                None => Span { bytes: rest.len(), end: End::Cut },
            },
            b'{' | b'[' => nested(rest),
            _ => word(rest),
        };
        self.at += span.bytes;
        let is_whole = span.end == End::Closed;
        if !is_whole {
            self.end = span.end;
        }
        let raw = rest.get(..span.bytes)?;
        let value = match kind {
            b'"' if is_whole => Value::String(Str::new(raw.get(1..raw.len() - 1)?, false)),
            b'"' => Value::String(Str::new(raw.get(1..)?, true)),
            b'{' => Value::Object(raw),
            b'[' => Value::Array(raw),
            _ => Value::Word(raw),
        };
        (self.end != End::Broken).then_some(value)
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = Member<'a>;

    #[inline]
    fn next(&mut self) -> Option<Member<'a>> {
        let (key, _) = self.key()?;
        Some(Member { key, value: self.value()? })
    }
}

/// How far a value reaches.
struct Span {
    bytes: usize,
    end: End,
}

/// An object or an array, passed over. Behind each string only a mark can follow: so damage is seen
/// near its place.
fn nested(text: &[u8]) -> Span {
    let (mut at, mut depth) = (0, 0usize);
    loop {
        match text.get(at) {
            Some(b'"') => {
                let Some(bytes) = text.get(at + 1..).and_then(string_end) else { break };
                at += bytes + 2;
                match text.get(at) {
                    Some(b':' | b',') => at += 1,
                    Some(b'}' | b']') | None => {}
                    Some(_) => {
                        let behind = text.get(at..).unwrap_or_default();
                        at += behind.iter().take_while(|b| b.is_ascii_whitespace()).count();
                        if !matches!(text.get(at), Some(b',' | b':' | b'}' | b']') | None) {
                            return Span { bytes: at, end: End::Broken };
                        }
                    }
                }
            }
            Some(b'{' | b'[') => {
                depth += 1;
                at += 1;
            }
            Some(b'}' | b']') => {
                depth -= 1;
                at += 1;
                if depth == 0 {
                    return Span { bytes: at, end: End::Closed };
                }
            }
            Some(_) => at += 1,
            None => break,
        }
    }
    Span { bytes: text.len(), end: End::Cut }
}

/// A number, `true`, `false` or `null`.
#[inline]
fn word(text: &[u8]) -> Span {
    let is_part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.');
    match text.iter().position(|b| !is_part(b)) {
        Some(0) => Span { bytes: 0, end: End::Broken },
        Some(bytes) => Span { bytes, end: End::Closed },
        None => Span { bytes: text.len(), end: End::Cut },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> (String, End, usize) {
        let mut members = Members::of(text.as_bytes()).expect("an object");
        let mut out = String::new();
        for Member { key, value } in &mut members {
            let value = match value {
                Value::String(text) => {
                    let cut = if text.is_cut() { "…" } else { "" };
                    format!("s{}{cut}", String::from_utf8_lossy(&text.text()))
                }
                Value::Object(raw) => format!("o{}", String::from_utf8_lossy(raw)),
                Value::Array(raw) => format!("a{}", String::from_utf8_lossy(raw)),
                Value::Word(raw) => format!("w{}", String::from_utf8_lossy(raw)),
            };
            out += &format!("{}={value};", String::from_utf8_lossy(key));
        }
        (out, members.end(), members.read_bytes())
    }

    #[test]
    fn members_are_found_whatever_stands_between() {
        use End::{Broken, Closed, Cut};
        for (text, expected, end, bytes) in [
            ("{}", "", Closed, 2),
            ("{ } x", "", Closed, 3),
            (r#"{"a":"b","c":-1.5e3 , "d" : null}"#, "a=sb;c=w-1.5e3;d=wnull;", Closed, 33),
            (
                r#"{"a":{"b":["}",{"c":"]\\"}]},"d":[]}"#,
                r#"a=o{"b":["}",{"c":"]\\"}]};d=a[];"#,
                Closed,
                36,
            ),
            (r#"{"q":"{\"a\":\"}\"}","b":1}"#, r#"q=s{"a":"}"};b=w1;"#, Closed, 27),
            (r#"{"a":"\\","b":1}"#, r"a=s\;b=w1;", Closed, 16),
            (r#"{"a":"b"#, "a=sb…;", Cut, 7),
            (r#"{"a":"b\"#, "a=sb…;", Cut, 8),
            (r#"{"a":"b\u00"#, "a=sb…;", Cut, 11),
            (r#"{"a":"b","c"#, "a=sb;", Cut, 11),
            (r#"{"a":"b","c":"#, "a=sb;", Cut, 13),
            (r#"{"a":"b","c":{"d":1"#, r#"a=sb;c=o{"d":1;"#, Cut, 19),
            (r#"{"a":"b","#, "a=sb;", Cut, 9),
            (r#"{"a":12"#, "a=w12;", Cut, 7),
            (r#"{"a":1 "b":2}"#, "a=w1;", Broken, 7),
            (r#"{"a":x"y"}"#, "a=wx;", Broken, 6),
            (r#"{"a":}"#, "", Broken, 5),
            (r#"{a:1}"#, "", Broken, 1),
            (r#"{,"a":1}"#, "", Broken, 1),
            (r#"{"a":{"b":"c"d"},"e":1}"#, "", Broken, 13),
        ] {
            assert_eq!(shown(text), (expected.to_owned(), end, bytes), "{text}");
        }
        assert!(Members::of(b"[]").is_none() && Members::of(b"").is_none());
    }

    #[test]
    fn depth_has_no_limit() {
        let deep = format!("{{\"a\":{}{},\"b\":1}}", "[".repeat(200_000), "]".repeat(200_000));
        let members = Members::of(deep.as_bytes()).expect("an object");
        assert_eq!(members.clone().count(), 2);
        assert_eq!(members.read_to_end(), (End::Closed, deep.len()));
    }
}
