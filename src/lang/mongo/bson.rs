//! BSON 1.1 to Extended JSON: one document at a time, in one pass, without recursion.
//!
//! Input: bytes that begin with a document, of which nothing is believed before it is checked.
//! Output: one Extended JSON value (v2, relaxed; integers and decimals by their digits, never through
//! a float), or what is wrong and where. Deprecated types are read, too. What documents mean, and
//! how they stand in a file, is left to others.

mod decimal;

use super::ejson;
use decimal::push_decimal;

/// Servers refuse documents that are nested deeper than 180 levels.
const DEPTH_MAX: usize = 200;

/// The largest document: 16 MiB, and 16 KiB more for the server's own.
pub const DOCUMENT_MAX_BYTES: usize = (16 << 20) + (16 << 10);

/// The smallest document: its size and its end.
const DOCUMENT_MIN_BYTES: usize = 5;

/// What is wrong with a document.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Malformed {
    /// Where, in bytes from the document's start.
    pub offset: usize,
    /// What, in words for people.
    pub what: &'static str,
}

/// How many bytes the document takes that a text begins with, by its first four; `None` if they are
/// none of a document's.
pub fn document_bytes(text: &[u8]) -> Option<usize> {
    let bytes = usize::try_from(i32::from_le_bytes(*text.first_chunk()?)).ok()?;
    (DOCUMENT_MIN_BYTES..=DOCUMENT_MAX_BYTES).contains(&bytes).then_some(bytes)
}

/// Appends the document that a text begins with as Extended JSON; its size in bytes. Nothing is
/// appended if it is malformed.
pub fn to_ejson(text: &[u8], out: &mut Vec<u8>) -> Result<usize, Malformed> {
    let start = out.len();
    let no_frame = Frame { end: 0, kind: FrameKind::Object };
    let mut reader = Reader { text, at: 0, out, open: [no_frame; DEPTH_MAX], depth: 0 };
    let read = reader.document();
    read.map_err(|what| {
        let offset = reader.at;
        out.truncate(start);
        Malformed { offset, what }
    })
}

/// A document that is being read.
#[derive(Clone, Copy)]
struct Frame {
    /// Behind its last byte.
    end: usize,
    kind: FrameKind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum FrameKind {
    Object,
    Array,
    /// The scope of code: its end is that of the code, too.
    Scope,
}

/// What is wrong.
type Wrong = &'static str;

struct Reader<'t, 'o> {
    text: &'t [u8],
    at: usize,
    out: &'o mut Vec<u8>,
    open: [Frame; DEPTH_MAX],
    depth: usize,
}

impl<'t> Reader<'t, '_> {
    fn document(&mut self) -> Result<usize, Wrong> {
        self.begin(FrameKind::Object)?;
        while let Some(frame) = self.frame() {
            let kind = *self.text.get(self.at).ok_or("the document ends within an element")?;
            if kind == 0 {
                self.end(frame)?;
                continue;
            }
            let first = matches!(self.out.last(), Some(b'{' | b'['));
            if !first {
                self.out.push(b',');
            }
            self.at += 1;
            let name = self.cstring()?;
            if frame.kind != FrameKind::Array {
                ejson::push_string(name, self.out);
                self.out.push(b':');
            }
            self.value(kind)?;
        }
        Ok(self.at)
    }

    fn frame(&self) -> Option<Frame> {
        self.open.get(self.depth.checked_sub(1)?).copied()
    }

    /// Behind the last byte that a value may take.
    fn limit(&self) -> usize {
        self.frame().map_or(self.text.len(), |frame| frame.end - 1)
    }

    fn begin(&mut self, kind: FrameKind) -> Result<(), Wrong> {
        let rest = self.text.get(self.at..self.limit()).unwrap_or_default();
        let bytes = document_bytes(rest).ok_or("no size of a document")?;
        let last = rest.get(bytes - 1).ok_or("a document reaches beyond what holds it")?;
        if *last != 0 {
            return Err("a document whose end is not where its size says");
        }
        let slot = self.open.get_mut(self.depth).ok_or("documents nested too deep")?;
        *slot = Frame { end: self.at + bytes, kind };
        self.depth += 1;
        self.at += 4;
        self.out.push(if kind == FrameKind::Array { b'[' } else { b'{' });
        Ok(())
    }

    fn end(&mut self, frame: Frame) -> Result<(), Wrong> {
        if self.at + 1 != frame.end {
            return Err("a document whose end is not where its size says");
        }
        self.at += 1;
        self.depth -= 1;
        self.out.extend_from_slice(match frame.kind {
            FrameKind::Object => b"}",
            FrameKind::Array => b"]",
            FrameKind::Scope => b"}}",
        });
        Ok(())
    }

    fn take(&mut self, bytes: usize) -> Result<&'t [u8], Wrong> {
        let end = self.at.checked_add(bytes).filter(|end| *end <= self.limit());
        let end = end.ok_or("a value reaches beyond its document")?;
        let taken = self.text.get(self.at..end).ok_or("a value reaches beyond its document")?;
        self.at = end;
        Ok(taken)
    }

    fn take_array<const BYTES: usize>(&mut self) -> Result<[u8; BYTES], Wrong> {
        let taken = self.take(BYTES)?;
        taken.first_chunk().copied().ok_or("a value reaches beyond its document")
    }

    fn cstring(&mut self) -> Result<&'t [u8], Wrong> {
        let rest = self.text.get(self.at..self.limit()).unwrap_or_default();
        let bytes = memchr::memchr(0, rest).ok_or("a name that does not end")?;
        self.at += bytes + 1;
        Ok(rest.get(..bytes).unwrap_or_default())
    }

    fn size(&mut self) -> Result<usize, Wrong> {
        let size = i32::from_le_bytes(self.take_array()?);
        usize::try_from(size).map_err(|_| "a size below zero")
    }

    fn string(&mut self) -> Result<&'t [u8], Wrong> {
        let size = self.size()?;
        match self.take(size)?.split_last() {
            Some((0, text)) => Ok(text),
            _ => Err("a string without its end"),
        }
    }

    fn value(&mut self, kind: u8) -> Result<(), Wrong> {
        match kind {
            0x01 => push_double(f64::from_le_bytes(self.take_array()?), self.out),
            0x02 => {
                let text = self.string()?;
                ejson::push_string(text, self.out);
            }
            0x03 => self.begin(FrameKind::Object)?,
            0x04 => self.begin(FrameKind::Array)?,
            0x05 => self.binary()?,
            0x06 => self.out.extend_from_slice(b"{\"$undefined\":true}"),
            0x07 => self.object_id()?,
            0x08 => match self.take_array()? {
                [0] => self.out.extend_from_slice(b"false"),
                [1] => self.out.extend_from_slice(b"true"),
                _ => return Err("a boolean that is neither"),
            },
            0x09 => {
                let millis = i64::from_le_bytes(self.take_array()?);
                self.out.extend_from_slice(b"{\"$date\":");
                ejson::push_long(millis.to_string().as_bytes(), self.out);
                self.out.push(b'}');
            }
            0x0a => self.out.extend_from_slice(b"null"),
            0x0b => {
                let (pattern, options) = (self.cstring()?, self.cstring()?);
                ejson::push_regex(pattern, options, self.out);
            }
            0x0c => {
                let target = self.string()?;
                self.out.extend_from_slice(b"{\"$dbPointer\":{\"$ref\":");
                ejson::push_string(target, self.out);
                self.out.extend_from_slice(b",\"$id\":");
                self.object_id()?;
                self.out.extend_from_slice(b"}}");
            }
            0x0d => {
                let code = self.string()?;
                ejson::push_wrapped(b"$code", code, self.out);
            }
            0x0e => {
                let symbol = self.string()?;
                ejson::push_wrapped(b"$symbol", symbol, self.out);
            }
            0x0f => self.code_with_scope()?,
            0x10 => {
                let number = i32::from_le_bytes(self.take_array()?);
                ejson::push_integer(i64::from(number), self.out);
            }
            0x11 => {
                let (increment, seconds) = (self.take_array()?, self.take_array()?);
                let [seconds, increment] = [seconds, increment].map(u32::from_le_bytes);
                ejson::push_timestamp(u64::from(seconds), u64::from(increment), self.out);
            }
            0x12 => ejson::push_integer(i64::from_le_bytes(self.take_array()?), self.out),
            0x13 => push_decimal(u128::from_le_bytes(self.take_array()?), self.out),
            0xff => self.out.extend_from_slice(b"{\"$minKey\":1}"),
            0x7f => self.out.extend_from_slice(b"{\"$maxKey\":1}"),
            _ => return Err("a type that BSON does not have"),
        }
        Ok(())
    }

    fn object_id(&mut self) -> Result<(), Wrong> {
        let bytes = self.take(12)?;
        self.out.extend_from_slice(b"{\"$oid\":\"");
        ejson::push_hex(bytes, self.out);
        self.out.extend_from_slice(b"\"}");
        Ok(())
    }

    fn binary(&mut self) -> Result<(), Wrong> {
        let size = self.size()?;
        let [subtype] = self.take_array()?;
        let bytes = self.take(size)?;
        // The old subtype holds its size once more.
        let bytes = match bytes.split_first_chunk::<4>() {
            Some((inner, rest)) if subtype == 2 => {
                let is_size = usize::try_from(i32::from_le_bytes(*inner)) == Ok(rest.len());
                if is_size { rest } else { return Err("binary data of two sizes") }
            }
            _ => bytes,
        };
        ejson::push_binary(bytes, subtype, self.out);
        Ok(())
    }

    fn code_with_scope(&mut self) -> Result<(), Wrong> {
        let start = self.at;
        let size = self.size()?;
        let code = self.string()?;
        self.out.extend_from_slice(b"{\"$code\":");
        ejson::push_string(code, self.out);
        self.out.extend_from_slice(b",\"$scope\":");
        self.begin(FrameKind::Scope)?;
        match self.frame() {
            Some(scope) if start + size == scope.end => Ok(()),
            _ => Err("code of two sizes"),
        }
    }
}

/// Appends a double: the shortest digits that give it back.
fn push_double(number: f64, out: &mut Vec<u8>) {
    match number {
        _ if number.is_nan() => ejson::push_wrapped(b"$numberDouble", b"NaN", out),
        f64::INFINITY => ejson::push_wrapped(b"$numberDouble", b"Infinity", out),
        f64::NEG_INFINITY => ejson::push_wrapped(b"$numberDouble", b"-Infinity", out),
        _ => out.extend_from_slice(format!("{number:?}").as_bytes()),
    }
}

#[cfg(test)]
mod tests;
