//! Words and constructors of shell text, and their Extended JSON: `ISODate('…')`, `NumberLong(5)`,
//! `BinData(0, …)`, `Timestamp(1, 2)`, `MinKey`, numbers. What is none that is known becomes a
//! string: it is a value of some kind.

use super::number::{bits, integer, push_number, unsigned};
use super::scan::{self, Mark, Scan};
use super::{End, Next, Transcriber};
use crate::lang::mongo::ejson;

/// How many arguments of a constructor are looked at.
const ARGUMENTS_MAX: usize = 3;

/// The arguments of a constructor, without the blanks around them.
type Arguments<'a> = [Option<&'a [u8]>; ARGUMENTS_MAX];

impl<'t> Transcriber<'t, '_> {
    /// A word, a constructor, code, or anything else that may stand for a value.
    pub(super) fn word(&mut self) -> Result<Next, End> {
        let rest = self.rest();
        let is_part = |b: &&u8| matches!(b, b'_' | b'$' | b'.' | b'-') || b.is_ascii_alphanumeric();
        let bytes = rest.iter().take_while(is_part).count();
        let name = rest.get(..bytes).unwrap_or_default();
        let behind = rest.get(bytes..).unwrap_or_default();
        if behind.is_empty() {
            // It may go on behind the end of the text.
            return self.cut();
        }
        if name == b"new" && behind.starts_with(b" ") {
            self.at += bytes;
            return Ok(Next::Value);
        }
        if behind.starts_with(b"(") && !matches!(name, b"function" | b"") {
            let Some(end) = scan::closing(behind) else { return self.cut() };
            let inner = behind.get(1..end).unwrap_or_default();
            let start = self.out.len();
            if self.call(name, &arguments(inner)).is_none() {
                self.out.truncate(start);
                let text = rest.get(..bytes + end + 1).unwrap_or_default();
                ejson::push_string(text, self.out);
            }
            self.at += bytes + end + 1;
            return Ok(Next::Behind);
        }
        if push_word(name, self.out) {
            self.at += bytes;
            return Ok(Next::Behind);
        }
        if name == b"Timestamp" && self.old_timestamp(behind).is_some() {
            return Ok(Next::Behind);
        }
        let is_class = name.first().is_some_and(u8::is_ascii_uppercase);
        if is_class && (behind.starts_with(b" {") || behind.starts_with(b" [")) {
            self.at += bytes;
            return Ok(Next::Value);
        }
        self.raw()
    }

    /// `Timestamp 1401494400000|5`, as servers before 3.0 write it: milliseconds and a counter.
    fn old_timestamp(&mut self, behind: &[u8]) -> Option<()> {
        let text = behind.strip_prefix(b" ")?;
        let digits = |text: &[u8]| text.iter().take_while(|b| b.is_ascii_digit()).count();
        let millis = text.get(..digits(text))?;
        let counter = text.get(millis.len()..)?.strip_prefix(b"|")?;
        let counter = counter.get(..digits(counter))?;
        ejson::push_timestamp(unsigned(millis)? / 1000, unsigned(counter)?, self.out);
        self.at += b"Timestamp ".len() + millis.len() + 1 + counter.len();
        Some(())
    }

    /// Code and whatever else is written without quotes: up to where its value must end.
    fn raw(&mut self) -> Result<Next, End> {
        let rest = self.rest();
        let is_code = rest.starts_with(b"function");
        let mut depth = 0usize;
        let end = Scan::new(rest).find_map(|(mark, at)| {
            match mark {
                Mark::Open => depth += 1,
                Mark::Close if depth == 0 => return Some(at),
                Mark::Close => depth -= 1,
                Mark::Comma if depth == 0 => return Some(at),
                Mark::Line if depth == 0 && !is_code => return Some(at),
                Mark::Comma | Mark::Line => {}
            }
            None
        });
        let Some(end) = end else { return self.cut() };
        let text = rest.get(..end).unwrap_or_default().trim_ascii_end();
        if text.is_empty() {
            return Err(End::Broken);
        }
        match is_code {
            true => ejson::push_wrapped(b"$code", text, self.out),
            false => ejson::push_string(text, self.out),
        }
        self.at += text.len();
        Ok(Next::Behind)
    }

    /// A constructor; `None` if it is none that is known.
    fn call(&mut self, name: &[u8], arguments: &Arguments<'t>) -> Option<()> {
        let first = arguments[0];
        let second = arguments[1];
        match name {
            b"Long" | b"NumberLong" | b"Long.fromString" | b"Long.fromNumber"
            | b"Long.fromBits" | b"Long.fromInt" => match (integer(unquoted(first?)), second) {
                (Some(low), Some(high)) if !is_quoted(first?) => {
                    ejson::push_long(bits(low, integer(high)?).to_string().as_bytes(), self.out);
                }
                (Some(_), _) => ejson::push_long(unquoted(first?), self.out),
                (None, _) => return None,
            },
            b"Int32" | b"NumberInt" => {
                push_number(unquoted(first.unwrap_or(b"0")), self.out).then_some(())?;
            }
            b"Double" | b"NumberDouble" => self.double(unquoted(first?)).then_some(())?,
            b"Decimal128" | b"NumberDecimal" | b"Decimal128.fromString" => {
                ejson::push_wrapped(b"$numberDecimal", unquoted(first?), self.out);
            }
            b"ObjectId" | b"ObjectID" | b"ObjectId.createFromHexString" => {
                ejson::push_wrapped(b"$oid", unquoted(first?), self.out);
            }
            b"UUID" | b"LUUID" => ejson::push_wrapped(b"$uuid", unquoted(first?), self.out),
            b"ISODate" | b"Date" => self.date(first?),
            b"Timestamp" => self.timestamp(first?, second)?,
            b"Timestamp.fromBits" => {
                let (low, high) = (integer(first?)?, integer(second?)?);
                self.timestamp_of(bits(low, high));
            }
            b"BinData" | b"Binary" => self.binary(second?, first?)?,
            b"HexData" => {
                let bytes = ejson::unhex(unquoted(second?))?;
                ejson::push_binary(&bytes, subtype(first)?, self.out);
            }
            b"MD5" => ejson::push_binary(&ejson::unhex(unquoted(first?))?, 5, self.out),
            b"Binary.createFromBase64" => {
                ejson::push_binary_base64(unquoted(first?), subtype(second)?, self.out);
            }
            b"Binary.createFromHexString" => {
                let bytes = ejson::unhex(unquoted(first?))?;
                ejson::push_binary(&bytes, subtype(second)?, self.out);
            }
            b"RegExp" | b"BSONRegExp" => {
                self.out.extend_from_slice(b"{\"$regularExpression\":{\"pattern\":");
                self.argument(first?);
                self.out.extend_from_slice(b",\"options\":");
                self.argument(second.unwrap_or(b"''"));
                self.out.extend_from_slice(b"}}");
            }
            b"MinKey" | b"MaxKey" => push_word(name, self.out).then_some(())?,
            b"Symbol" | b"BSONSymbol" => {
                self.out.extend_from_slice(b"{\"$symbol\":");
                self.argument(first?);
                self.out.push(b'}');
            }
            b"Code" | b"CodeWScope" => {
                self.out.extend_from_slice(b"{\"$code\":");
                self.argument(first?);
                if let Some(scope) = second.filter(|scope| scope.starts_with(b"{")) {
                    self.out.extend_from_slice(b",\"$scope\":");
                    self.argument(scope);
                }
                self.out.push(b'}');
            }
            b"DBRef" | b"DBPointer" => {
                self.out.extend_from_slice(b"{\"$ref\":");
                self.argument(first?);
                self.out.extend_from_slice(b",\"$id\":");
                self.argument(second?);
                if let Some(database) = arguments[2] {
                    self.out.extend_from_slice(b",\"$db\":");
                    self.argument(database);
                }
                self.out.push(b'}');
            }
            _ => return None,
        }
        Some(())
    }

    /// An argument of any kind, as a value. Arguments of arguments are not gone into.
    fn argument(&mut self, text: &[u8]) {
        if self.is_argument {
            return ejson::push_string(unquoted(text), self.out);
        }
        let start = self.out.len();
        let item = [b"[ ", text, b"]"].concat();
        let mut inner = Transcriber::new(&item, self.out, true);
        let is_whole = inner.document() == End::Closed && inner.at == item.len();
        self.elided |= inner.elided;
        if is_whole && self.out.len() > start + 2 {
            self.out.pop();
            self.out.remove(start);
        } else {
            self.out.truncate(start);
            ejson::push_string(unquoted(text), self.out);
        }
    }

    fn double(&mut self, text: &[u8]) -> bool {
        match integer(text) {
            Some(number) => self.out.extend_from_slice(format!("{number}.0").as_bytes()),
            None => return push_number(text, self.out) || push_word(text, self.out),
        }
        true
    }

    /// Milliseconds since 1970, or a time as text.
    fn date(&mut self, text: &[u8]) {
        self.out.extend_from_slice(b"{\"$date\":");
        match integer(text) {
            Some(_) => ejson::push_long(text, self.out),
            None => ejson::push_string(unquoted(text), self.out),
        }
        self.out.push(b'}');
    }

    /// `1, 2`; `{ t: 1, i: 2 }`; all 64 bits.
    fn timestamp(&mut self, first: &[u8], second: Option<&[u8]>) -> Option<()> {
        if let Some(second) = second {
            ejson::push_timestamp(unsigned(first)?, unsigned(second)?, self.out);
            return Some(());
        }
        if let Some(inner) = first.strip_prefix(b"{").and_then(|rest| rest.strip_suffix(b"}")) {
            let [mut t, mut i] = [None; 2];
            for part in arguments(inner).into_iter().flatten() {
                let colon = memchr::memchr(b':', part)?;
                let number = unsigned(part.get(colon + 1..)?.trim_ascii());
                match unquoted(part.get(..colon)?.trim_ascii()) {
                    b"t" => t = number,
                    b"i" => i = number,
                    _ => {}
                }
            }
            ejson::push_timestamp(t?, i?, self.out);
            return Some(());
        }
        self.timestamp_of(unsigned(unquoted(first))?.cast_signed());
        Some(())
    }

    fn timestamp_of(&mut self, all: i64) {
        push_timestamp(all.cast_unsigned(), self.out);
    }

    /// `BinData(0, "Base64")`, `BinData(0, HEX)`, `Binary(Buffer.from("hex", "hex"), 0)`.
    fn binary(&mut self, second: &[u8], first: &[u8]) -> Option<()> {
        if let Some(inner) = first.strip_prefix(b"Buffer.from(") {
            let [text, encoding, _] = arguments(inner.strip_suffix(b")")?);
            match encoding.map(unquoted) {
                Some(b"hex") => {
                    let bytes = ejson::unhex(unquoted(text?))?;
                    ejson::push_binary(&bytes, subtype(Some(second))?, self.out);
                }
                _ => ejson::push_binary_base64(unquoted(text?), subtype(Some(second))?, self.out),
            }
            return Some(());
        }
        match is_quoted(second) {
            true => ejson::push_binary_base64(unquoted(second), subtype(Some(first))?, self.out),
            false => ejson::push_binary(&ejson::unhex(second)?, subtype(Some(first))?, self.out),
        }
        Some(())
    }
}

/// Splits the text between a constructor's brackets.
fn arguments(text: &[u8]) -> Arguments<'_> {
    let mut arguments = [None; ARGUMENTS_MAX];
    let (mut start, mut count, mut depth) = (0, 0, 0usize);
    for (mark, at) in Scan::new(text) {
        match mark {
            Mark::Open => depth += 1,
            Mark::Close => depth = depth.saturating_sub(1),
            Mark::Comma if depth == 0 => {
                if let Some(slot) = arguments.get_mut(count) {
                    *slot = text.get(start..at).map(<[u8]>::trim_ascii);
                }
                (start, count) = (at + 1, count + 1);
            }
            Mark::Comma | Mark::Line => {}
        }
    }
    let last = text.get(start..).map(<[u8]>::trim_ascii).filter(|last| !last.is_empty());
    if let Some(slot) = arguments.get_mut(count) {
        *slot = last;
    }
    arguments
}

/// A word that is a value; whether it is one.
fn push_word(word: &[u8], out: &mut Vec<u8>) -> bool {
    let written: &[u8] = match word {
        b"true" | b"false" | b"null" => word,
        b"undefined" => b"{\"$undefined\":true}",
        b"NaN" | b"nan" | b"-nan" | b"nan.0" | b"-nan.0" => b"{\"$numberDouble\":\"NaN\"}",
        b"Infinity" | b"inf" | b"inf.0" => b"{\"$numberDouble\":\"Infinity\"}",
        b"-Infinity" | b"-inf" | b"-inf.0" => b"{\"$numberDouble\":\"-Infinity\"}",
        b"MinKey" => b"{\"$minKey\":1}",
        b"MaxKey" => b"{\"$maxKey\":1}",
        // Servers before 3.4 say no more than that.
        b"BinData" => b"{\"$binary\":{\"base64\":\"\",\"subType\":\"00\"}}",
        _ => return false,
    };
    out.extend_from_slice(written);
    true
}

/// An argument without its quotes.
fn unquoted(text: &[u8]) -> &[u8] {
    match text {
        [first @ (b'"' | b'\'' | b'`'), inner @ .., last] if first == last => inner,
        _ => text,
    }
}

fn is_quoted(text: &[u8]) -> bool {
    unquoted(text).len() < text.len()
}

/// The subtype of binary data; 0 where none is given.
fn subtype(argument: Option<&[u8]>) -> Option<u8> {
    let Some(text) = argument else { return Some(0) };
    unsigned(text).and_then(|number| u8::try_from(number).ok())
}

/// Replaces what `JSON.stringify` makes of a Long, `{"low":1,"high":0,"unsigned":false}`, and of a
/// timestamp, `{"$timestamp":"4294967298"}`, at the output's end.
pub(super) fn replace_stringified(out: &mut Vec<u8>) {
    if out.ends_with(b"\"}") {
        return replace_timestamp(out);
    }
    let is_unsigned = match () {
        () if out.ends_with(b",\"unsigned\":false}") => false,
        () if out.ends_with(b",\"unsigned\":true}") => true,
        () => return,
    };
    let Some(start) = memchr::memrchr(b'{', out) else { return };
    let parts = out.get(start + 1..).unwrap_or_default().split(|b| *b == b',');
    let (mut low, mut high, mut count) = (None, None, 0);
    for part in parts {
        count += 1;
        match part.strip_prefix(b"\"low\":") {
            Some(digits) => low = integer(digits),
            None => high = part.strip_prefix(b"\"high\":").and_then(integer).or(high),
        }
    }
    let (Some(low), Some(high), 3) = (low, high, count) else { return };
    let number = bits(low, high);
    out.truncate(start);
    let text = if is_unsigned { number.cast_unsigned().to_string() } else { number.to_string() };
    ejson::push_long(text.as_bytes(), out);
}

fn replace_timestamp(out: &mut Vec<u8>) {
    const BEFORE: &[u8] = b"{\"$timestamp\":\"";
    let Some(start) = memchr::memrchr(b'{', out) else { return };
    let inside = out.get(start..).and_then(|object| object.strip_prefix(BEFORE));
    let digits = inside.and_then(|inside| inside.strip_suffix(b"\"}"));
    let Some(all) = digits.and_then(unsigned) else { return };
    out.truncate(start);
    push_timestamp(all, out);
}

/// Appends a timestamp by its 64 bits.
fn push_timestamp(all: u64, out: &mut Vec<u8>) {
    ejson::push_timestamp(all >> 32, all & u64::from(u32::MAX), out);
}
