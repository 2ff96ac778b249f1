//! Backslashes: what COPY, the MySQL client's batch mode and Tcl write for bytes that would break a
//! line.

use std::borrow::Cow;

/// A text without its escapes: letters such as `\n`, octal and hexadecimal bytes. Bytes that are no
/// Unicode become the sign for that.
pub fn unescaped(text: &str) -> Cow<'_, str> {
    if memchr::memchr(b'\\', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, behind)) = rest.split_first() {
        rest = behind;
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        let Some((&letter, behind)) = rest.split_first() else {
            out.push(byte);
            break;
        };
        let is_octal = |b: &&u8| (b'0'..=b'7').contains(*b);
        let octal = rest.iter().take(3).take_while(is_octal);
        let (plain, size) = match letter {
            b'n' => (b'\n', 1),
            b't' => (b'\t', 1),
            b'r' => (b'\r', 1),
            b'b' => (0x08, 1),
            b'f' => (0x0c, 1),
            b'v' => (0x0b, 1),
            b'Z' => (0x1a, 1),
            b'0'..=b'7' => {
                let value =
                    octal.clone().fold(0_u32, |value, digit| value * 8 + u32::from(digit - b'0'));
                (u8::try_from(value).unwrap_or(b'?'), octal.count())
            }
            b'x' if behind.first().is_some_and(u8::is_ascii_hexdigit) => {
                let digits = behind.iter().take(2).take_while(|b| b.is_ascii_hexdigit()).count();
                let digits = behind.get(..digits).unwrap_or_default();
                let value =
                    std::str::from_utf8(digits).ok().and_then(|d| u8::from_str_radix(d, 16).ok());
                (value.unwrap_or(b'?'), 1 + digits.len())
            }
            other => (other, 1),
        };
        out.push(plain);
        rest = rest.get(size..).unwrap_or_default();
    }
    Cow::Owned(match String::from_utf8(out) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    })
}

/// Whether backslashes of a cell can all be escapes; none is one, too.
pub fn can_be_escaped(cell: &str) -> bool {
    let mut bytes = cell.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'\\' && !bytes.next().is_some_and(|letter| b"\\ntrbfv0xZ".contains(&letter)) {
            return cell == "\\N";
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_become_what_they_stand_for() {
        for (text, expected) in [
            ("a\\tb\\nc\\\\d", "a\tb\nc\\d"),
            ("\\346\\227\\245", "日"),
            ("\\x41\\x4", "A\u{4}"),
            ("\\\"q\\\"", "\"q\""),
            ("end\\", "end\\"),
            ("\\0", "\0"),
            ("\\777", "?"),
            ("\\377", "\u{fffd}"),
        ] {
            assert_eq!(unescaped(text), expected, "{text}");
        }
        for (text, expected) in
            [("\\N", true), ("a\\\\N", true), ("C:\\new \\N", false), ("\\", false)]
        {
            assert_eq!(can_be_escaped(text), expected, "{text}");
        }
    }
}
