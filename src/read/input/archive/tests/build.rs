//! Archives for tests, with everything that can be wrong about them.

use std::io::Write;

/// A tar archive without its end.
pub struct Tar(pub Vec<u8>);

/// A tar archive of files.
pub fn tar(files: &[(&str, &str)]) -> Vec<u8> {
    files.iter().fold(Tar::new(), |tar, (name, content)| tar.file(name, content)).end()
}

impl Tar {
    pub fn new() -> Tar {
        Tar(Vec::new())
    }

    pub fn end(mut self) -> Vec<u8> {
        self.0.extend([0; 1024]);
        self.0
    }

    pub fn file(self, name: &str, content: &str) -> Tar {
        self.special(name, b'0', content)
    }

    pub fn bytes(self, name: &str, content: &[u8]) -> Tar {
        self.member(name, content, |_| {})
    }

    /// A member of any type.
    pub fn special(self, name: &str, kind: u8, content: &str) -> Tar {
        self.member(name, content.as_bytes(), |header| header[156] = kind)
    }

    pub fn hard_link(self, name: &str, size: u64) -> Tar {
        self.member(name, b"", |header| {
            header[156] = b'1';
            octal(&mut header[124..136], size);
        })
    }

    /// Without a magic number and with a zero as type.
    pub fn old(self, name: &str, content: &str) -> Tar {
        self.member(name, content.as_bytes(), |header| {
            header[156] = 0;
            header[257..265].fill(0);
        })
    }

    pub fn prefixed(self, prefix: &str, name: &str, content: &str) -> Tar {
        self.member(name, content.as_bytes(), |header| {
            header[345..345 + prefix.len()].copy_from_slice(prefix.as_bytes());
        })
    }

    /// The header states another size.
    pub fn sized(self, name: &str, content: &str, size: u64) -> Tar {
        self.member(name, content.as_bytes(), |header| octal(&mut header[124..136], size))
    }

    pub fn binary_size(self, name: &str, content: &str) -> Tar {
        self.member(name, content.as_bytes(), |header| {
            header[124..136].fill(0);
            header[124] = 0x80;
            header[135] = content.len() as u8;
        })
    }

    pub fn gnu_name(self, name: &str) -> Tar {
        self.special("././@LongLink", b'L', &format!("{name}\0"))
    }

    pub fn pax(self, records: &[(&str, &str)]) -> Tar {
        let mut content = String::new();
        for (key, value) in records {
            let rest = format!(" {key}={value}\n");
            let digits = if rest.len() + 2 < 100 { 2 } else { 3 };
            content += &format!("{}{rest}", rest.len() + digits);
        }
        self.special("pax", b'x', &content)
    }

    /// A GNU sparse file whose map takes one more block.
    pub fn sparse(mut self, name: &str, content: &str) -> Tar {
        let start = self.0.len();
        self = self.member(name, content.as_bytes(), |header| {
            header[156] = b'S';
            header[482] = 1;
        });
        let content = self.0.split_off(start + 512);
        self.0.extend([0; 512]);
        self.0.extend(content);
        self
    }

    fn member(mut self, name: &str, content: &[u8], change: impl FnOnce(&mut [u8; 512])) -> Tar {
        let mut header = [0; 512];
        let name = &name.as_bytes()[..name.len().min(100)];
        header[..name.len()].copy_from_slice(name);
        octal(&mut header[100..108], 0o644);
        octal(&mut header[124..136], content.len() as u64);
        header[156] = b'0';
        header[257..265].copy_from_slice(b"ustar\x0000");
        change(&mut header);
        header[148..156].fill(b' ');
        let sum: u64 = header.iter().map(|&byte| u64::from(byte)).sum();
        octal(&mut header[148..155], sum);
        self.0.extend(header);
        self.0.extend(content);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }
}

/// Octal digits that fill a field up to a closing zero.
fn octal(field: &mut [u8], number: u64) {
    let digits = format!("{number:0width$o}\0", width = field.len() - 1);
    field.copy_from_slice(digits.as_bytes());
}

/// A member of a zip archive, which may lie.
#[derive(Clone)]
pub struct ZipMember {
    name: String,
    method: u16,
    flags: u16,
    crc: u32,
    size: u32,
    packed: Vec<u8>,
    mode: u32,
    is_zip64: bool,
    /// Marked, and with sizes of 64 bits.
    descriptor: Option<(bool, bool)>,
    /// The local header states sizes although they follow.
    keeps_sizes: bool,
    offset: Option<u32>,
}

impl ZipMember {
    pub fn new(name: &str, content: &str) -> ZipMember {
        ZipMember::bytes(name, content.as_bytes())
    }

    pub fn bytes(name: &str, content: &[u8]) -> ZipMember {
        let mut crc = flate2::Crc::new();
        crc.update(content);
        ZipMember {
            name: name.to_owned(),
            method: 0,
            flags: 0,
            crc: crc.sum(),
            size: content.len() as u32,
            packed: content.to_vec(),
            mode: 0o100_644,
            is_zip64: false,
            descriptor: None,
            keeps_sizes: false,
            offset: None,
        }
    }

    pub fn deflated(self) -> ZipMember {
        self.packed(8, |content| {
            let level = flate2::Compression::default();
            let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), level);
            encoder.write_all(content).unwrap();
            encoder.finish().unwrap()
        })
    }

    pub fn packed(self, method: u16, pack: impl Fn(&[u8]) -> Vec<u8>) -> ZipMember {
        ZipMember { method, packed: pack(&self.packed), ..self }
    }

    pub fn method(self, method: u16) -> ZipMember {
        ZipMember { method, ..self }
    }

    pub fn encrypted(self) -> ZipMember {
        ZipMember { flags: self.flags | 1, ..self }
    }

    pub fn descriptor(self, is_marked: bool, is_wide: bool) -> ZipMember {
        let flags = self.flags | 8;
        ZipMember { flags, descriptor: Some((is_marked, is_wide)), ..self }
    }

    pub fn descriptor_beside_sizes(self) -> ZipMember {
        ZipMember { keeps_sizes: true, ..self.descriptor(true, false) }
    }

    pub fn zip64(self) -> ZipMember {
        ZipMember { is_zip64: true, ..self }
    }

    pub fn crc(self, crc: u32) -> ZipMember {
        ZipMember { crc, ..self }
    }

    pub fn size(self, size: u32) -> ZipMember {
        ZipMember { size, ..self }
    }

    pub fn unix_mode(self, mode: u32) -> ZipMember {
        ZipMember { mode, ..self }
    }

    /// What the table of contents says.
    pub fn offset(self, offset: u32) -> ZipMember {
        ZipMember { offset: Some(offset), ..self }
    }

    /// The fields that both headers share; with the sizes in an extra field, or left out.
    fn common(&self, has_sizes: bool) -> (Vec<u8>, Vec<u8>) {
        let (crc, packed, size) = match has_sizes {
            true => (self.crc, self.packed.len() as u32, self.size),
            false => (0, 0, 0),
        };
        let (mut shown, mut extra) = ([packed, size], Vec::new());
        if self.is_zip64 {
            extra.extend([0x55, 0x54, 1, 0, 7, 1, 0, 16, 0]);
            extra.extend(u64::from(size).to_le_bytes());
            extra.extend(u64::from(packed).to_le_bytes());
            shown = [u32::MAX; 2];
        }
        let mut fields = Vec::new();
        for number in [20, self.flags, self.method, 0, 0x5821] {
            fields.extend(number.to_le_bytes());
        }
        for number in [crc, shown[0], shown[1]] {
            fields.extend(number.to_le_bytes());
        }
        for number in [self.name.len() as u16, extra.len() as u16] {
            fields.extend(number.to_le_bytes());
        }
        (fields, extra)
    }
}

/// A zip archive.
pub struct Zip {
    members: Vec<ZipMember>,
    comment: &'static str,
}

impl Zip {
    pub fn of(members: Vec<ZipMember>) -> Zip {
        Zip { members, comment: "" }
    }

    pub fn comment(self, comment: &'static str) -> Zip {
        Zip { comment, ..self }
    }

    /// The table of contents claims so many packed bytes for each member.
    pub fn claiming_bytes(self, packed_bytes: u32) -> Vec<u8> {
        self.write(Some(packed_bytes))
    }

    pub fn finish(self) -> Vec<u8> {
        self.write(None)
    }

    fn write(self, claimed_bytes: Option<u32>) -> Vec<u8> {
        let (mut out, mut table) = (Vec::new(), Vec::new());
        for member in &self.members {
            let offset = member.offset.unwrap_or(out.len() as u32);
            let (fields, extra) = member.common(member.descriptor.is_none() || member.keeps_sizes);
            out.extend([b"PK\x03\x04", fields.as_slice(), member.name.as_bytes(), &extra].concat());
            out.extend(&member.packed);
            if let Some((is_marked, is_wide)) = member.descriptor {
                if is_marked {
                    out.extend(b"PK\x07\x08");
                }
                out.extend(member.crc.to_le_bytes());
                for size in [member.packed.len() as u32, member.size] {
                    match is_wide {
                        true => out.extend(u64::from(size).to_le_bytes()),
                        false => out.extend(size.to_le_bytes()),
                    }
                }
            }
            let (mut fields, extra) = member.common(true);
            if let Some(claimed) = claimed_bytes {
                fields[14..18].copy_from_slice(&claimed.to_le_bytes());
            }
            // Made on Unix; no comment, first disk, no internal attributes.
            table.extend([&b"PK\x01\x02\x14\x03"[..], &fields, &[0; 6]].concat());
            table.extend((member.mode << 16).to_le_bytes());
            table.extend(offset.to_le_bytes());
            table.extend([member.name.as_bytes(), &extra].concat());
        }
        let (table_at, table_bytes) = (out.len() as u32, table.len() as u32);
        out.extend(table);
        let mut end = [b"PK\x05\x06".as_slice(), &[0; 4]].concat();
        let is_zip64 = self.members.iter().any(|member| member.is_zip64);
        if is_zip64 {
            let end64_at = out.len() as u64;
            out.extend(
                [&b"PK\x06\x06"[..], &44u64.to_le_bytes(), &[45, 3, 45, 0], &[0; 24]].concat(),
            );
            out.extend(u64::from(table_bytes).to_le_bytes());
            out.extend(u64::from(table_at).to_le_bytes());
            out.extend(
                [&b"PK\x06\x07"[..], &[0; 4], &end64_at.to_le_bytes(), &[1, 0, 0, 0]].concat(),
            );
        }
        let count = self.members.len() as u16;
        end.extend([count, count].iter().flat_map(|count| count.to_le_bytes()));
        for number in [table_bytes, table_at] {
            end.extend(if is_zip64 { u32::MAX } else { number }.to_le_bytes());
        }
        end.extend((self.comment.len() as u16).to_le_bytes());
        out.extend([end.as_slice(), self.comment.as_bytes()].concat());
        out
    }
}
