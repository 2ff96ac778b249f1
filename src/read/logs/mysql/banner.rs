//! The three lines that a server writes when it opens one of its logs, also in mid-file:
//!
//! ```text
//! /usr/sbin/mysqld, Version: 8.0.46 (MySQL Community Server - GPL). started with:
//! Tcp port: 3306  Unix socket: /var/run/mysqld/mysqld.sock
//! Time                 Id Command    Argument
//! ```

use crate::model::event::Engine;
use memchr::{memchr, memmem};

/// A banner at the start of a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Banner<'a> {
    /// Which server wrote it.
    pub engine: Engine,
    /// Its version as people write it, such as `8.0.46`.
    pub version: &'a [u8],
    /// Bytes the banner takes, line ends included.
    pub len: usize,
    /// Its lines.
    pub lines: u32,
}

/// Whether a line begins a banner.
pub(super) fn begins_banner(line: &[u8]) -> bool {
    // The end first: lines may be long.
    line.trim_ascii_end().ends_with(b"with:") && memmem::find(line, b", Version: ").is_some()
}

impl<'a> Banner<'a> {
    /// Reads the banner that a text begins with.
    pub fn read(text: &'a [u8]) -> Option<Banner<'a>> {
        let (line, mut len) = line_at(text, 0);
        if !begins_banner(line) {
            return None;
        }
        let from = memmem::find(line, b", Version: ")? + b", Version: ".len();
        let words = &line[from..];
        let engine = match memmem::find(words, b"MariaDB").is_some() {
            true => Engine::Mariadb,
            false => Engine::Mysql,
        };
        let version = words.split(|b| !b.is_ascii_digit() && *b != b'.').next()?;
        let version = version.strip_suffix(b".").unwrap_or(version);
        let mut lines = 1;
        for begins in [is_ports, is_heading] {
            let (line, bytes) = line_at(text, len);
            if bytes > 0 && begins(line) {
                len += bytes;
                lines += 1;
            }
        }
        Some(Banner { engine, version, len, lines })
    }
}

/// `Tcp port: 3306  Unix socket: …`, on Windows `TCP Port: 3306, Named Pipe: …`.
fn is_ports(line: &[u8]) -> bool {
    line.get(..9).is_some_and(|head| head.eq_ignore_ascii_case(b"tcp port:"))
}

/// `Time                 Id Command    Argument`.
fn is_heading(line: &[u8]) -> bool {
    line.starts_with(b"Time") && line.trim_ascii_end().ends_with(b"Argument")
}

/// Lines of a banner but for the first, for texts that begin in the midst of one.
pub(super) fn is_rest_of_banner(line: &[u8]) -> bool {
    is_ports(line) || is_heading(line)
}

/// The line at an offset without its line end, and how many bytes it takes with it.
pub(super) fn line_at(text: &[u8], at: usize) -> (&[u8], usize) {
    let rest = text.get(at..).unwrap_or_default();
    match memchr(b'\n', rest) {
        Some(end) => (&rest[..end], end + 1),
        None => (rest, rest.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_banners_of_every_server() {
        for (text, engine, version, lines) in [
            (
                "/usr/sbin/mysqld, Version: 8.0.46-0ubuntu0.22.04.5 ((Ubuntu)). started with:\nTcp port: 0  Unix socket: /m.sock\nTime                 Id Command    Argument\n# Time",
                Engine::Mysql,
                "8.0.46",
                3,
            ),
            (
                "mariadbd, Version: 10.11.19-MariaDB-0+deb12u1-log (Debian 12). started with:\r\nTcp port: 53306  Unix socket: /m.sock\r\nTime\t\t    Id Command\tArgument\r\n",
                Engine::Mariadb,
                "10.11.19",
                3,
            ),
            (
                "C:\\Program Files\\MySQL\\bin\\mysqld-nt, Version: 5.0.22-community-nt-log. started with:\nTCP Port: 3306, Named Pipe: MySQL\nTime Id Command    Argument",
                Engine::Mysql,
                "5.0.22",
                3,
            ),
            ("mysqld, Version: 5.7.1. embedded with:\n# Time: 1", Engine::Mysql, "5.7.1", 1),
        ] {
            let banner = Banner::read(text.as_bytes()).expect(text);
            assert_eq!((banner.engine, banner.lines), (engine, lines), "{text}");
            assert_eq!(String::from_utf8_lossy(banner.version), version, "{text}");
            let rest = &text[banner.len..];
            assert!(rest.is_empty() || rest.starts_with('#'), "{rest}");
        }
        for text in ["", "select 1, Version: 2", "# Time: x"] {
            assert_eq!(Banner::read(text.as_bytes()), None, "{text}");
        }
    }
}
