//! Shell text to Extended JSON: one document at a time, in one pass, without recursion.
//!
//! Input: text that begins at `{` or `[`, as mongosh, the legacy shell and the server's text logs
//! print documents (keys without quotes, `ISODate('…')`, `Long('5')`, `NumberLong(302)`,
//! `new Date(1401494400000)`, `/re/i`), and JSON itself, Longs written as `{low, high, unsigned}`
//! included. Output: one Extended JSON value (v2, relaxed; integers never pass through a float). It
//! is valid JSON whatever the input holds: where that ends early or is damaged, the member it ends
//! in is left out and all that is open is closed. What a printer has left out (`[Object]`,
//! `... 30 more items`) stands as `{"$elided":"…"}`. What documents mean is left to others.

mod call;
mod number;
mod scan;
mod text;

use super::ejson;
pub use scan::{Mark, Scan};

/// What is nested deeper is taken as elided.
const DEPTH_MAX: usize = 200;

/// Longest key without quotes, in bytes.
const KEY_MAX: usize = 1024;

/// How a document ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// With its bracket.
    Closed,
    /// The text ends before it does.
    Cut,
    /// It is no document from some byte on.
    Broken,
}

/// What became of a document.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Transcribed {
    /// How many bytes of the text were read: all of the document if it is closed, up to what is
    /// wrong if it is broken.
    pub consumed: usize,
    /// Its printer has left something out.
    pub elided: bool,
    /// How it ends.
    pub end: End,
}

/// Appends the document or array that a text begins with as Extended JSON. Nothing is appended if
/// none does.
pub fn to_ejson(text: &[u8], out: &mut Vec<u8>) -> Transcribed {
    Transcriber::new(text, out, false).run()
}

/// What may come next.
enum Next {
    /// A value.
    Value,
    /// A member's key, or the end of an object.
    Member,
    /// An item, or the end of an array.
    Item,
    /// A comma, or the end of what is open.
    Behind,
}

struct Transcriber<'t, 'o> {
    text: &'t [u8],
    at: usize,
    out: &'o mut Vec<u8>,
    /// A bit for each open bracket: whether it is an array's.
    arrays: [u64; DEPTH_MAX.div_ceil(64)],
    depth: usize,
    elided: bool,
    /// The text is an argument in another one: no further ones are gone into.
    is_argument: bool,
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

impl<'t, 'o> Transcriber<'t, 'o> {
    fn new(text: &'t [u8], out: &'o mut Vec<u8>, is_argument: bool) -> Self {
        let arrays = [0; DEPTH_MAX.div_ceil(64)];
        Transcriber { text, at: 0, out, arrays, depth: 0, elided: false, is_argument }
    }

    fn rest(&self) -> &'t [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn run(mut self) -> Transcribed {
        let end = match self.text.first() {
            Some(b'{' | b'[') => self.document(),
            Some(_) => End::Broken,
            None => End::Cut,
        };
        Transcribed { consumed: self.at, elided: self.elided, end }
    }

    fn document(&mut self) -> End {
        let mut next = Next::Value;
        // The output without the member that is being read.
        let mut whole = self.out.len();
        let end = loop {
            let blanks = self.rest().iter().take_while(|b| is_blank(**b)).count();
            self.at += blanks;
            let Some(byte) = self.text.get(self.at).copied() else { break End::Cut };
            let step = match next {
                Next::Value => self.value(byte),
                Next::Member if byte == b'}' => self.close(false),
                Next::Item if byte == b']' => self.close(true),
                Next::Member | Next::Item => {
                    whole = self.out.len();
                    if !matches!(self.out.last(), Some(b'{' | b'[')) {
                        self.out.push(b',');
                    }
                    if matches!(next, Next::Item) { Ok(Next::Value) } else { self.key(byte) }
                }
                Next::Behind => match byte {
                    b',' => {
                        self.at += 1;
                        Ok(if self.is_in_array() { Next::Item } else { Next::Member })
                    }
                    b'}' => self.close(false),
                    b']' => self.close(true),
                    _ => Err(End::Broken),
                },
            };
            next = match step {
                Ok(next) => next,
                Err(end) => break end,
            };
            if matches!(next, Next::Behind) {
                if self.depth == 0 {
                    return End::Closed;
                }
                whole = self.out.len();
            } else if matches!(next, Next::Member | Next::Item) {
                whole = self.out.len();
            }
        };
        self.out.truncate(whole);
        while self.depth > 0 {
            self.out.push(if self.is_in_array() { b']' } else { b'}' });
            self.depth -= 1;
        }
        end
    }

    fn is_in_array(&self) -> bool {
        let Some(level) = self.depth.checked_sub(1) else { return false };
        self.arrays.get(level / 64).is_some_and(|bits| bits >> (level % 64) & 1 == 1)
    }

    fn open(&mut self, is_array: bool) -> Result<Next, End> {
        if self.depth == DEPTH_MAX {
            let Some(end) = scan::closing(self.rest()) else { return self.cut() };
            self.at += end + 1;
            self.elide(if is_array { "array" } else { "object" });
            return Ok(Next::Behind);
        }
        if let Some(bits) = self.arrays.get_mut(self.depth / 64) {
            let bit = 1 << (self.depth % 64);
            *bits = if is_array { *bits | bit } else { *bits & !bit };
        }
        self.depth += 1;
        self.at += 1;
        self.out.push(if is_array { b'[' } else { b'{' });
        Ok(if is_array { Next::Item } else { Next::Member })
    }

    fn close(&mut self, is_array: bool) -> Result<Next, End> {
        if self.is_in_array() != is_array {
            return Err(End::Broken);
        }
        self.at += 1;
        self.depth -= 1;
        self.out.push(if is_array { b']' } else { b'}' });
        if !is_array {
            call::replace_stringified(self.out);
        }
        Ok(Next::Behind)
    }

    /// All that follows belongs to a value whose end is missing.
    fn cut(&mut self) -> Result<Next, End> {
        self.at = self.text.len();
        Err(End::Cut)
    }

    fn elide(&mut self, what: &str) {
        self.elided = true;
        ejson::push_wrapped(b"$elided", what.as_bytes(), self.out);
    }

    /// A key and the colon behind it.
    fn key(&mut self, first: u8) -> Result<Next, End> {
        if matches!(first, b'"' | b'\'' | b'`') {
            if !self.string() {
                return Err(End::Cut);
            }
            let blanks = self.rest().iter().take_while(|b| is_blank(**b)).count();
            self.at += blanks;
            return match self.text.get(self.at) {
                Some(b':') => {
                    self.at += 1;
                    self.out.push(b':');
                    Ok(Next::Value)
                }
                Some(_) => Err(End::Broken),
                None => Err(End::Cut),
            };
        }
        let rest = self.rest();
        if rest.starts_with(b"...") {
            self.pass_count();
            self.elided = true;
            self.out.extend_from_slice(b"\"$elided\":\"members\"");
            return Ok(Next::Behind);
        }
        let Some(bytes) = key_end(rest) else {
            let may_go_on = rest.len() < KEY_MAX && !rest.iter().any(is_in_no_key);
            return if may_go_on { self.cut() } else { Err(End::Broken) };
        };
        ejson::push_string(rest.get(..bytes).unwrap_or_default().trim_ascii_end(), self.out);
        self.out.push(b':');
        self.at += bytes + 1;
        Ok(Next::Value)
    }

    /// A value, by its first byte.
    fn value(&mut self, first: u8) -> Result<Next, End> {
        match first {
            b'{' => return self.open(false),
            b'[' => {
                return match self.tag() {
                    Some(next) => next,
                    None => self.open(true),
                };
            }
            b'"' | b'\'' | b'`' => {
                // What there is of a string says as much as all of it.
                self.string();
                return Ok(Next::Behind);
            }
            b'/' if self.regex() => return Ok(Next::Behind),
            b'.' if self.rest().starts_with(b"...") => {
                self.pass_count();
                self.elide(if self.is_in_array() { "items" } else { "object" });
                return Ok(Next::Behind);
            }
            b'<' => return self.angle(),
            b'-' | b'+' | b'.' | b'0'..=b'9' if self.number() => return Ok(Next::Behind),
            b',' | b'}' | b']' | b')' | b':' => return Err(End::Broken),
            _ => {}
        }
        self.word()
    }

    /// `... 30 more items` and the like: passed up to what ends it.
    fn pass_count(&mut self) {
        let is_part = |b: &u8| matches!(b, b'.' | b' ') || b.is_ascii_alphanumeric();
        self.at += self.rest().iter().take_while(|b| is_part(b)).count();
        self.elided = true;
    }

    /// `[Object]`, `[Array]` and other names in brackets that stand for what is not shown.
    fn tag(&mut self) -> Option<Result<Next, End>> {
        let inner = self.rest().get(1..)?;
        let is_part = |b: &&u8| {
            matches!(b, b' ' | b':' | b'*' | b'_' | b'<' | b'>') || b.is_ascii_alphanumeric()
        };
        let bytes = inner.iter().take(KEY_MAX).take_while(is_part).count();
        let name = inner.get(..bytes)?;
        let is_word = matches!(
            name,
            b"true"
                | b"false"
                | b"null"
                | b"undefined"
                | b"NaN"
                | b"Infinity"
                | b"MinKey"
                | b"MaxKey"
        );
        let is_name = name.first().is_some_and(u8::is_ascii_alphabetic);
        if is_word || !is_name || inner.get(bytes) != Some(&b']') {
            return None;
        }
        self.at += bytes + 2;
        if self.rest().starts_with(b" {") {
            return Some(Ok(Next::Value));
        }
        self.elide(if name == b"Array" { "array" } else { "object" });
        Some(Ok(Next::Behind))
    }

    /// `<ref *1> {…}`, `<2 empty items>`.
    fn angle(&mut self) -> Result<Next, End> {
        let Some(end) = memchr::memchr2(b'>', b'\n', self.rest()) else { return self.cut() };
        self.at += end + 1;
        if self.rest().starts_with(b" {") || self.rest().starts_with(b" [") {
            return Ok(Next::Value);
        }
        self.elide("items");
        Ok(Next::Behind)
    }

    /// A number, if what stands here is one.
    fn number(&mut self) -> bool {
        let is_part = |b: &u8| {
            matches!(b, b'.' | b'-' | b'+' | b'_' | b':' | b'|' | b'/') || b.is_ascii_alphanumeric()
        };
        let word = self.rest();
        let bytes = word.iter().take_while(|b| is_part(b)).count();
        // A number may go on behind the end of the text.
        if bytes == word.len() {
            return false;
        }
        let is_written = number::push_number(word.get(..bytes).unwrap_or_default(), self.out);
        self.at += if is_written { bytes } else { 0 };
        is_written
    }
}

/// Whether a byte stands in no key without quotes: where one seems to, text is missing before it, and
/// what follows may be a part of a string.
fn is_in_no_key(byte: &u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'{' | b'}' | b'[' | b']' | b',' | b'\n')
}

/// Where a key without quotes ends: at the colon before a blank, since the server's text has keys
/// with colons and blanks in them; else at the first colon.
fn key_end(text: &[u8]) -> Option<usize> {
    let key = text.get(..KEY_MAX).unwrap_or(text);
    let key = key.get(..key.iter().position(is_in_no_key).unwrap_or(key.len()))?;
    let is_stop = |b: &u8| matches!(b, b'`' | b'(');
    let near = key.get(..key.iter().position(is_stop).unwrap_or(key.len()))?;
    let before_blank = |key: &[u8]| {
        let mut colons = memchr::memchr_iter(b':', key);
        colons.find(|at| text.get(at + 1).is_some_and(|b| is_blank(*b)))
    };
    let first = || memchr::memchr(b':', near).filter(|at| at + 1 < text.len());
    before_blank(near).or_else(first).or_else(|| before_blank(key))
}

#[cfg(test)]
mod tests;
