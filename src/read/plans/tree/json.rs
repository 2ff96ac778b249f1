//! JSON to a tree, in one pass without recursion. It takes what servers and clients make of JSON:
//! MySQL's end markers (`} /* table */`), line ends inside strings (a statement that a log wrapped),
//! and text behind the document. Everything else must be JSON, and where it is not, the error says
//! so and where.

use super::super::PlanError;
use super::{MAX_VALUES, Scalar, Tree};
use crate::lang::json::{push_unescaped, string_end};
use memchr::{memchr, memmem};
use std::borrow::Cow;

/// Reads the value that a text begins with. Also tells where it ends.
pub fn parse(text: &str) -> Result<(Tree<'_>, usize), PlanError> {
    let mut parser = Parser { text, at: 0, tree: Tree::default() };
    parser.run()?;
    Ok((parser.tree, parser.at))
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    tree: Tree<'a>,
}

impl<'a> Parser<'a> {
    fn run(&mut self) -> Result<(), PlanError> {
        // The key of the next value, once it was read.
        let mut key: Option<Cow<'a, str>> = None;
        loop {
            let first = self.next_byte()?;
            match (first, self.tree.innermost()) {
                (b'}', Some(Scalar::Object)) | (b']', Some(Scalar::Array)) => {
                    self.at += 1;
                    self.tree.close();
                }
                (b'"', Some(Scalar::Object)) if key.is_none() => {
                    key = Some(self.string()?);
                    if self.next_byte()? != b':' {
                        return Err(self.error("a ':' is missing behind a name"));
                    }
                    self.at += 1;
                    continue;
                }
                (_, Some(Scalar::Object)) if key.is_none() => {
                    return Err(self.error("a name or '}' is missing"));
                }
                _ => self.value(first, key.take().unwrap_or_default())?,
            }
            if self.tree.open.is_empty() {
                return Ok(());
            }
            // A comma belongs between values; one too many or too few does no harm.
            if matches!(self.next_byte()?, b',') {
                self.at += 1;
            }
        }
    }

    fn value(&mut self, first: u8, key: Cow<'a, str>) -> Result<(), PlanError> {
        let start = self.at;
        let value = match first {
            b'{' | b'[' => {
                self.at += 1;
                if first == b'{' { Scalar::Object } else { Scalar::Array }
            }
            b'"' => Scalar::Text(self.string()?),
            b'-' | b'0'..=b'9' => {
                let is_part = |b: &u8| matches!(b, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9');
                let rest = &self.text.as_bytes()[start..];
                let len = rest.iter().position(|b| !is_part(b)).unwrap_or(rest.len());
                self.at += len;
                Scalar::Number(&self.text[start..self.at])
            }
            _ => {
                let words = [
                    ("true", Scalar::Bool(true)),
                    ("false", Scalar::Bool(false)),
                    ("null", Scalar::Null),
                ];
                let rest = &self.text[start..];
                let found = words.into_iter().find(|(word, _)| rest.starts_with(word));
                let Some((word, value)) = found else {
                    return Err(self.error("no JSON here"));
                };
                self.at += word.len();
                value
            }
        };
        match self.tree.push(key, value, start) {
            true => Ok(()),
            false => Err(PlanError::at(start, format!("more than {MAX_VALUES} values"))),
        }
    }

    /// A string, from its opening quote on.
    fn string(&mut self) -> Result<Cow<'a, str>, PlanError> {
        let start = self.at + 1;
        let bytes = self.text.as_bytes();
        let Some(len) = string_end(&bytes[start..]) else {
            return Err(self.error("the text ends inside a string that begins here"));
        };
        self.at = start + len + 1;
        let raw = &self.text[start..start + len];
        if memchr(b'\\', raw.as_bytes()).is_none() {
            return Ok(Cow::Borrowed(raw));
        }
        let mut plain = Vec::with_capacity(raw.len());
        let _ = push_unescaped(raw.as_bytes(), &mut plain);
        Ok(Cow::Owned(String::from_utf8_lossy(&plain).into_owned()))
    }

    /// The next byte that is neither blank nor part of a comment.
    fn next_byte(&mut self) -> Result<u8, PlanError> {
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(self.at) {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.at += 1,
                Some(b'/') if bytes[self.at..].starts_with(b"/*") => {
                    let Some(len) = memmem::find(&bytes[self.at..], b"*/") else {
                        return Err(self.error("the text ends inside a comment"));
                    };
                    self.at += len + 2;
                }
                Some(byte) => return Ok(*byte),
                None => return Err(self.cut()),
            }
        }
    }

    /// The text ends too early: says what was open, since a person looks for its end.
    fn cut(&self) -> PlanError {
        let open = self.tree.open.len();
        let message = match open {
            0 => "the document is empty".to_owned(),
            1 => "the document is cut: its end is missing".to_owned(),
            _ => format!("the document is cut: {open} brackets are still open at its end"),
        };
        PlanError::at(self.at, message)
    }

    fn error(&self, message: &str) -> PlanError {
        PlanError::at(self.at, format!("not JSON: {message}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::plans::tree::shown;

    #[test]
    fn reads_what_servers_make_of_json() {
        for (text, expected) in [
            (r#"{"a": 1, "b": [true, null, -1.50e3]}"#, "<a=1,b=<=true,=null,=-1.50e3>>"),
            ("{\"a\": {\"x\": 1} /* a */, \"b\": 2} /* all */ junk", "<a=<x=1>,b=2>"),
            ("{\"q\": \"two\nlines \\\"x\\\" \\u00e9\"}", "<q='two\nlines \"x\" é'>"),
            (r#"{"W": 1, "W": 2}"#, "<W=1,W=2>"),
            ("[]", "<>"),
            (r#"{"": 1}"#, "<=1>"),
        ] {
            let (tree, end) = parse(text).expect(text);
            assert_eq!(shown(tree.root()), expected);
            assert!(end <= text.len() && !text[end..].starts_with([',', ']']), "{text}: {end}");
        }
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        for (text, offset, message) in [
            ("", 0, "the document is empty"),
            (r#"{"a": [1"#, 8, "the document is cut: 2 brackets are still open at its end"),
            (r#"{"a": "x"#, 6, "not JSON: the text ends inside a string that begins here"),
            (r#"{"a" 1}"#, 5, "not JSON: a ':' is missing behind a name"),
            ("{1: 2}", 1, "not JSON: a name or '}' is missing"),
            ("[x]", 1, "not JSON: no JSON here"),
            ("[1}", 2, "not JSON: no JSON here"),
        ] {
            let error = parse(text).expect_err(text);
            assert_eq!((error.offset, error.message.as_str()), (offset, message), "{text}");
        }
    }

    #[test]
    fn depth_costs_no_stack() {
        let deep = "[".repeat(100_000);
        assert!(parse(&deep).is_err());
        let whole = deep + &"]".repeat(100_000);
        assert!(parse(&whole).is_ok());
    }
}
