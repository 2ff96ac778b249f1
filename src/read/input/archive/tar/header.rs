//! Header blocks of tar, and the extended headers that change what they say.
//!
//! Owns [`Header`] and [`Extension`]; both take any bytes. Which blocks are headers, and where
//! content stands, is left to `tar`.

/// The unit of a tar archive, in bytes.
pub(in crate::read::input) const BLOCK_BYTES: usize = 512;

/// What follows a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A regular file.
    File,
    /// A file with holes (GNU): a map and the parts between the holes.
    Sparse,
    /// A file that began in another volume.
    Continued,
    /// A folder, link or device: nothing to read.
    Nothing,
    /// A link whose size is that of its target, though nothing follows.
    HardLink,
    /// The name of the next member (GNU).
    LongName,
    /// Settings for the next member (pax).
    Pax,
    /// Something about the next or all members that changes nothing here.
    Aside,
}

/// A header block.
#[derive(Debug)]
pub(super) struct Header {
    pub name: Vec<u8>,
    pub size_bytes: u64,
    pub kind: Kind,
    /// The map of a sparse file goes on in the next block.
    pub has_more_map: bool,
}

/// Whether `start` begins with a header of tar: its checksum fits, and it has a name.
pub(in crate::read::input) fn is_header(start: &[u8]) -> bool {
    start.first_chunk().is_some_and(|block| block[0] != 0 && Header::parse(block).is_some())
}

impl Header {
    /// `None` if the checksum does not fit or the size is no number.
    pub fn parse(block: &[u8; BLOCK_BYTES]) -> Option<Header> {
        let (before, rest) = block.split_at(148);
        let (stated, after) = rest.split_at(8);
        let around = || before.iter().chain(after);
        let blanks = 8 * i64::from(b' ');
        // Some old archivers added signed bytes.
        let unsigned = blanks + around().map(|&byte| i64::from(byte)).sum::<i64>();
        let signed = blanks + around().map(|&byte| i64::from(byte as i8)).sum::<i64>();
        let stated = i64::try_from(number(stated)?).ok()?;
        if stated != unsigned && stated != signed {
            return None;
        }
        let mut name = until_nul(&block[..100]).to_vec();
        let prefix = until_nul(&block[345..500]);
        if block[257..].starts_with(b"ustar\0") && !prefix.is_empty() {
            name = [prefix, b"/", &name].concat();
        }
        let kind = match block[156] {
            b'0' | 0 if name.ends_with(b"/") => Kind::Nothing,
            b'1' => Kind::HardLink,
            b'2'..=b'6' | b'D' | b'N' | b'V' => Kind::Nothing,
            b'S' => Kind::Sparse,
            b'M' => Kind::Continued,
            b'L' => Kind::LongName,
            b'x' | b'X' => Kind::Pax,
            b'K' | b'g' | b'A' | b'E' => Kind::Aside,
            // What is not known is a file, so the standard says.
            _ => Kind::File,
        };
        let size_bytes = number(&block[124..136])?;
        Some(Header { name, size_bytes, kind, has_more_map: block[482] != 0 })
    }
}

/// A number in octal digits, or in binary behind a set first bit (GNU).
fn number(field: &[u8]) -> Option<u64> {
    if let [0x80, rest @ ..] = field {
        return rest.iter().try_fold(0u64, |n, &byte| Some(n.checked_mul(256)? + u64::from(byte)));
    }
    let digits = field.trim_ascii_start();
    let len = digits.iter().position(|b| !b.is_ascii_digit()).unwrap_or(digits.len());
    let (digits, rest) = digits.split_at(len);
    if !rest.iter().all(|&byte| byte == 0 || byte == b' ') {
        return None;
    }
    digits.iter().try_fold(0u64, |n, &digit| match digit {
        b'0'..=b'7' => n.checked_mul(8)?.checked_add(u64::from(digit - b'0')),
        _ => None,
    })
}

fn until_nul(field: &[u8]) -> &[u8] {
    field.split(|&byte| byte == 0).next().unwrap_or_default()
}

/// What extended headers say about the next member.
#[derive(Debug, Default)]
pub(super) struct Extension {
    pub name: Option<Vec<u8>>,
    pub size_bytes: Option<u64>,
    pub is_sparse: bool,
}

impl Extension {
    /// Takes the content of a GNU header for a long name.
    pub fn read_gnu(&mut self, content: &[u8]) {
        if !content.is_empty() {
            self.name = Some(until_nul(content).to_vec());
        }
    }

    /// Takes the content of a pax header: records of `LENGTH KEY=VALUE\n`. What breaks this form is
    /// left out, and what follows it.
    pub fn read_pax(&mut self, content: &[u8]) {
        let mut rest = content;
        while let Some((key, value, next)) = pax_record(rest) {
            match key {
                b"path" if !self.is_sparse => self.name = Some(until_nul(value).to_vec()),
                b"GNU.sparse.name" => self.name = Some(until_nul(value).to_vec()),
                b"size" => {
                    self.size_bytes = std::str::from_utf8(value).ok().and_then(|v| v.parse().ok());
                }
                _ => {}
            }
            self.is_sparse |= key.starts_with(b"GNU.sparse.");
            rest = next;
        }
    }
}

/// The key and value of the first record, and what follows it.
fn pax_record(records: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let blank = records.iter().position(|&byte| byte == b' ')?;
    let len: usize = std::str::from_utf8(&records[..blank]).ok()?.parse().ok()?;
    let record = records.get(blank + 1..len)?.strip_suffix(b"\n")?;
    let equals = record.iter().position(|&byte| byte == b'=')?;
    Some((&record[..equals], &record[equals + 1..], &records[len..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_octal_or_binary() {
        for (field, expected) in [
            (&b"0000644\0"[..], Some(0o644)),
            (b"   12 \0", Some(0o12)),
            (b"77777777777\0", Some(0o77777777777)),
            (b"\0\0\0\0", Some(0)),
            (b"12x4\0", None),
            (b"0000009\0", None),
            (b"\x80\0\0\0\0\0\0\x03\0\0\0\0", Some(3 << 32)),
            (b"\x80\x01\0\0\0\0\0\0\0\0\0\0", None),
            (b"\xff\xff\xff\xff", None),
        ] {
            assert_eq!(number(field), expected, "{field:?}");
        }
    }

    #[test]
    fn pax_records_are_read_as_far_as_they_keep_their_form() {
        for (content, name, size_bytes, is_sparse) in [
            (&b"13 path=a/b.c\n"[..], None, None, false),
            (b"14 path=a/b.c\n12 size=123\n", Some("a/b.c"), Some(123), false),
            (b"12 size=123\n99 path=a/b.c\n", None, Some(123), false),
            (
                b"22 GNU.sparse.major=1\n28 GNU.sparse.name=real.log\n10 path=x\n",
                Some("real.log"),
                None,
                true,
            ),
            (b"18446744073709551616 path=x\n", None, None, false),
            (b"3 =\n", None, None, false),
            (b"0 path=x\n", None, None, false),
            (b"", None, None, false),
        ] {
            let mut extension = Extension::default();
            extension.read_pax(content);
            let shown = String::from_utf8_lossy(content);
            assert_eq!(extension.name.as_deref(), name.map(str::as_bytes), "{shown}");
            assert_eq!(
                (extension.size_bytes, extension.is_sparse),
                (size_bytes, is_sparse),
                "{shown}"
            );
        }
    }
}
