//! Which encoding a text is in, and UTF-16 to UTF-8 as a stream.
//!
//! Owns [`Encoding`] and [`Utf16Decoder`]. UTF-8 is never validated here (that is cheap in bulk and
//! needless for most bytes): what is no valid UTF-8 passes through. Broken UTF-16 becomes U+FFFD.

/// The encoding of an input's decompressed text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, ASCII or any other encoding that keeps ASCII as it is.
    Utf8,
    /// UTF-8 behind a byte order mark, which is not part of the text.
    Utf8Bom,
    /// UTF-16, low byte first, with or without a byte order mark.
    Utf16Le,
    /// UTF-16, high byte first, with or without a byte order mark.
    Utf16Be,
}

impl Encoding {
    /// Detects the encoding from the first bytes of the decompressed text (4 KiB are plenty), and
    /// the length of the byte order mark that must be skipped.
    ///
    /// UTF-16 without a mark is recognised when a third of all units are ASCII characters of one
    /// byte order, next to none of the other, and no unit is zero: log lines of any language begin
    /// with digits and ASCII words.
    pub(super) fn detect(start: &[u8]) -> (Encoding, usize) {
        match *start {
            // The size of a document of BSON, as no text begins with a zero.
            [0xef, 0xbb, 0xbf, 0, ..] | [0xff, 0xfe, 0, 0, ..] | [0xfe, 0xff, 0, 0, ..] => {
                return (Encoding::Utf8, 0);
            }
            [0xef, 0xbb, 0xbf, ..] => return (Encoding::Utf8Bom, 3),
            [0xff, 0xfe, ..] => return (Encoding::Utf16Le, 2),
            [0xfe, 0xff, ..] => return (Encoding::Utf16Be, 2),
            _ => {}
        }
        let is_ascii_text = |byte: u8| {
            byte == b'\t' || byte == b'\n' || byte == b'\r' || (b' '..=b'~').contains(&byte)
        };
        let (mut units, mut little, mut big) = (0usize, 0usize, 0usize);
        let (pairs, _) = start.as_chunks::<2>();
        for &[first, second] in pairs {
            units += 1;
            match (first, second) {
                (0, 0) => return (Encoding::Utf8, 0),
                (byte, 0) if is_ascii_text(byte) => little += 1,
                (0, byte) if is_ascii_text(byte) => big += 1,
                _ => {}
            }
        }
        if units < 2 {
            (Encoding::Utf8, 0)
        } else if little * 3 >= units && big * 20 <= units {
            (Encoding::Utf16Le, 0)
        } else if big * 3 >= units && little * 20 <= units {
            (Encoding::Utf16Be, 0)
        } else {
            (Encoding::Utf8, 0)
        }
    }
}

/// Turns UTF-16 into UTF-8, piece by piece; pieces may split units and surrogate pairs.
#[derive(Debug)]
pub(super) struct Utf16Decoder {
    big_endian: bool,
    /// The first byte of a unit whose second has not come yet.
    half_unit: Option<u8>,
    /// A leading surrogate whose partner has not come yet.
    lead_surrogate: Option<u16>,
}

impl Utf16Decoder {
    pub fn new(big_endian: bool) -> Utf16Decoder {
        Utf16Decoder { big_endian, half_unit: None, lead_surrogate: None }
    }

    /// Appends the text of `bytes` to `out`.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        out.reserve(bytes.len());
        let mut rest = bytes;
        if let (Some(first), [second, tail @ ..]) = (self.half_unit, bytes) {
            self.half_unit = None;
            self.push_unit([first, *second], out);
            rest = tail;
        }
        let (units, odd) = rest.as_chunks::<2>();
        for &unit in units {
            self.push_unit(unit, out);
        }
        if let [byte] = odd {
            self.half_unit = Some(*byte);
        }
    }

    /// The text has ended: half a unit or half a pair becomes U+FFFD.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        let half_unit = self.half_unit.take().is_some();
        if self.lead_surrogate.take().is_some() || half_unit {
            push_char(char::REPLACEMENT_CHARACTER, out);
        }
    }

    fn push_unit(&mut self, unit: [u8; 2], out: &mut Vec<u8>) {
        let unit =
            if self.big_endian { u16::from_be_bytes(unit) } else { u16::from_le_bytes(unit) };
        if unit < 0x80 && self.lead_surrogate.is_none() {
            out.push(unit as u8);
            return;
        }
        if let Some(lead) = self.lead_surrogate.take() {
            if (0xdc00..0xe000).contains(&unit) {
                let code =
                    0x10000 + ((u32::from(lead) - 0xd800) << 10) + (u32::from(unit) - 0xdc00);
                push_char(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), out);
                return;
            }
            push_char(char::REPLACEMENT_CHARACTER, out);
        }
        if (0xd800..0xdc00).contains(&unit) {
            self.lead_surrogate = Some(unit);
        } else {
            // A trailing surrogate without its leading one is no character.
            push_char(char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER), out);
        }
    }
}

fn push_char(c: char, out: &mut Vec<u8>) {
    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    pub fn utf16(text: &str, big_endian: bool) -> Vec<u8> {
        text.encode_utf16()
            .flat_map(|unit| if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() })
            .collect()
    }

    #[test]
    fn encodings_are_detected() {
        let cyrillic = utf16("2024-01-01 ОШИБКА: отношение\n", false);
        let sqlite = b"SQLite format 3\0\x10\0\x01\x01\0\x40\x20\x20\0\0\0\0\0\0\0\0";
        for (start, expected) in [
            (&b"\xef\xbb\xbf2024"[..], (Encoding::Utf8Bom, 3)),
            (b"\xff\xfe2\0", (Encoding::Utf16Le, 2)),
            (b"\xfe\xff\x002", (Encoding::Utf16Be, 2)),
            (b"2\x000\x002\x004\0", (Encoding::Utf16Le, 0)),
            (b"\x002\x000\x002\x004", (Encoding::Utf16Be, 0)),
            (&cyrillic, (Encoding::Utf16Le, 0)),
            (b"2024-01-01 plain", (Encoding::Utf8, 0)),
            (sqlite, (Encoding::Utf8, 0)),
            (b"\xff\xfe\0\0\x02op\0\x06\0\0\0query\0", (Encoding::Utf8, 0)),
            (b"\x70\x01\0\0\x02op\0\x06\0\0\0query\0\x02ns\0", (Encoding::Utf8, 0)),
            (b"\x70\x01\x01\0\x10i\0\x06\0\0\0\x10j\0\x06\0\0\0", (Encoding::Utf8, 0)),
            (b"\0\0\0\0\0\0", (Encoding::Utf8, 0)),
            (b"a", (Encoding::Utf8, 0)),
            (b"", (Encoding::Utf8, 0)),
        ] {
            assert_eq!(Encoding::detect(start), expected, "{start:?}");
        }
    }

    #[test]
    fn broken_pairs_are_replaced() {
        for (units, expected) in [
            (&[0xd83d, 0xde00][..], "😀"),
            (&[0xd83d], "\u{fffd}"),
            (&[0xde00, 0x41], "\u{fffd}A"),
            (&[0xd83d, 0x41], "\u{fffd}A"),
            (&[0xd83d, 0xd83d, 0xde00], "\u{fffd}😀"),
        ] {
            let mut bytes: Vec<u8> =
                units.iter().flat_map(|unit: &u16| unit.to_be_bytes()).collect();
            let (mut decoder, mut out) = (Utf16Decoder::new(true), Vec::new());
            decoder.push(&bytes, &mut out);
            decoder.finish(&mut out);
            assert_eq!(String::from_utf8(out).unwrap(), expected);

            bytes.push(0x41);
            let (mut decoder, mut out) = (Utf16Decoder::new(true), Vec::new());
            decoder.push(&bytes, &mut out);
            decoder.finish(&mut out);
            assert!(
                String::from_utf8(out).unwrap().ends_with('\u{fffd}'),
                "an odd byte is half a unit"
            );
        }
    }

    proptest! {
        #[test]
        fn any_split_gives_the_same_text(
            text in "\\PC{0,40}",
            big_endian: bool,
            piece in 1usize..7,
        ) {
            let bytes = utf16(&text, big_endian);
            let (mut decoder, mut out) = (Utf16Decoder::new(big_endian), Vec::new());
            for part in bytes.chunks(piece) {
                decoder.push(part, &mut out);
            }
            decoder.finish(&mut out);
            prop_assert_eq!(String::from_utf8(out).unwrap(), text);
        }
    }
}
