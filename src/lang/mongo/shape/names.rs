//! Names in fingerprints: keys, field paths and strings that are names, as they are written there.
//!
//! A name is no literal and stays, but for those that hold data: parts like ObjectIds, UUIDs or
//! numbers become `<key>`, positions of arrays become `#`.

use std::borrow::Cow;
use std::str;

/// Stands for a name that is an id.
const ID: &str = "<key>";
/// Stands for a position in an array.
const POSITION: &str = "#";

/// Appends a name as a key: bare where it has letters, digits and `_$.#<>-` only, else quoted.
pub(super) fn write_key(name: &[u8], out: &mut Vec<u8>) {
    let name = normal_path(name);
    match is_bare(&name) {
        true => out.extend_from_slice(&name),
        false => write_quoted(&name, out),
    }
}

/// Appends a field path between quotes, behind its `$` signs if it has any.
pub(super) fn write_path(path: &[u8], out: &mut Vec<u8>) {
    let signs = path.iter().take_while(|byte| **byte == b'$').count();
    match path.split_at_checked(signs) {
        Some((signs, name)) if !signs.is_empty() => {
            write_quoted(&[signs, &normal_path(name)].concat(), out);
        }
        _ => write_quoted(&normal_path(path), out),
    }
}

/// Whether a key may stand without quotes.
fn is_bare(name: &[u8]) -> bool {
    let is_plain = |b: &u8| {
        b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$' | b'.' | b'#' | b'<' | b'>' | b'-')
    };
    !name.is_empty() && name.iter().all(is_plain)
}

/// Appends a string of JSON: control characters escaped, bytes that are not UTF-8 replaced.
pub(in crate::lang::mongo) fn write_quoted(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    let is_plain = |b: &u8| matches!(b, b' '..=b'~') && !matches!(b, b'"' | b'\\');
    if text.iter().all(is_plain) {
        out.extend_from_slice(text);
    } else {
        for character in String::from_utf8_lossy(text).chars() {
            match character {
                '"' | '\\' => out.extend_from_slice(&[b'\\', character as u8]),
                // Line ends of Unicode, too: a fingerprint is one line.
                '\u{2028}' | '\u{2029}' => push_code(character, out),
                character if character.is_control() => push_code(character, out),
                character => {
                    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                }
            }
        }
    }
    out.push(b'"');
}

fn push_code(character: char, out: &mut Vec<u8>) {
    out.extend_from_slice(format!("\\u{:04x}", u32::from(character)).as_bytes());
}

/// A path without the ids and positions in it.
fn normal_path(path: &[u8]) -> Cow<'_, [u8]> {
    if !path.split(|b| *b == b'.').enumerate().any(|(at, part)| data_part(at, part).is_some()) {
        return Cow::Borrowed(path);
    }
    let mut out = Vec::with_capacity(path.len());
    for (at, part) in path.split(|b| *b == b'.').enumerate() {
        if at > 0 {
            out.push(b'.');
        }
        out.extend_from_slice(data_part(at, part).map_or(part, str::as_bytes));
    }
    Cow::Owned(out)
}

/// What a part of a path is written as where it holds data.
fn data_part(at: usize, part: &[u8]) -> Option<&'static str> {
    match part.first() {
        Some(first) if first.is_ascii_digit() && part.iter().all(u8::is_ascii_digit) => {
            Some(if at > 0 { POSITION } else { ID })
        }
        _ => is_id(part).then_some(ID),
    }
}

/// Whether a part of a name is an ObjectId or a UUID, with or without its dashes.
fn is_id(part: &[u8]) -> bool {
    match part.len() {
        24 | 32 => part.iter().all(u8::is_ascii_hexdigit),
        36 => part.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        }),
        _ => false,
    }
}

/// Appends a path as a masked command shows it: ids are gone, positions stay.
pub(in crate::lang::mongo) fn write_masked_path(path: &[u8], out: &mut Vec<u8>) {
    /// A number of so many digits may be a position, a longer one an id.
    const POSITION_DIGITS: usize = 4;
    let mut text = Vec::with_capacity(path.len());
    for (at, part) in path.split(|b| *b == b'.').enumerate() {
        if at > 0 {
            text.push(b'.');
        }
        let shown = data_part(at, part)
            .filter(|word| *word == ID || part.len() > POSITION_DIGITS)
            .map_or(part, str::as_bytes);
        text.extend_from_slice(shown);
    }
    write_quoted(&text, out);
}
