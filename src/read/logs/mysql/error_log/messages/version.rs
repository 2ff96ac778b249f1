//! Which version wrote a log, by the records that say so.

use super::after;

/// The version in a message: `ready for connections. Version: '8.0.46'` (on the next line before
/// 8.0), `mysqld (mysqld 8.0.46) starting as process 1`, `Starting MariaDB 10.11.19-MariaDB source
/// revision …`.
pub(super) fn of(message: &[u8]) -> Option<&[u8]> {
    let (rest, end) = if let Some(behind) = after(message, b": ready for connections.") {
        (after(behind, b"Version: '")?, b'\'')
    } else if after(message, b" starting as process").is_some() {
        (after(message, b" (mysqld ")?, b')')
    } else {
        (message.strip_prefix(b"Starting MariaDB ")?, b' ')
    };
    let version = rest.split(|b| *b == end).next()?;
    version.first().is_some_and(u8::is_ascii_digit).then_some(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_version_where_a_server_starts() {
        for (message, version) in [
            (
                "/usr/sbin/mysqld: ready for connections. Version: '8.0.46'  socket: '/x'  port: 3306",
                Some("8.0.46"),
            ),
            (
                "mariadbd: ready for connections.\nVersion: '10.11.19-MariaDB-0+deb12u1'  socket: ''",
                Some("10.11.19-MariaDB-0+deb12u1"),
            ),
            ("mysqld (mysqld 5.7.42-log) starting as process 1 ...", Some("5.7.42-log")),
            ("Starting MariaDB 10.11.19-MariaDB source revision 5", Some("10.11.19-MariaDB")),
            ("X Plugin ready for connections. Bind-address: '::' port: 33060", None),
            ("Starting MariaDB", None),
        ] {
            let found = of(message.as_bytes()).map(|text| String::from_utf8_lossy(text));
            assert_eq!(found.as_deref(), version, "{message}");
        }
    }
}
