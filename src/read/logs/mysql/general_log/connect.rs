//! What the argument of a Connect says: `user@host on database using TCP/IP`, or that it was denied.

use memchr::{memmem, memrchr};

/// What a Connect says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Login<'a> {
    /// Somebody asks to be let in.
    As {
        /// The user as given.
        user: &'a [u8],
        /// The client's host.
        host: &'a [u8],
        /// The default database; empty if none.
        database: &'a [u8],
        /// Over TLS, where the log says how.
        is_encrypted: bool,
    },
    /// The server refuses.
    Denied,
    /// Nothing that is known.
    Unknown,
}

impl<'a> Login<'a> {
    /// Reads `user@host [as proxied] on [database] [using transport]`.
    pub fn read(argument: &'a [u8]) -> Login<'a> {
        let text = argument.trim_ascii();
        if text.starts_with(b"Access denied for user ") {
            return Login::Denied;
        }
        let (text, transport) = match memmem::rfind(text, b" using ") {
            Some(at) => (text.get(..at), text.get(at + b" using ".len()..)),
            None => (Some(text), None),
        };
        let text = text.unwrap_or_default();
        let (account, database) = match memmem::find(text, b" on ") {
            Some(at) => (text.get(..at), text.get(at + b" on ".len()..)),
            None => (text.strip_suffix(b" on"), None),
        };
        let Some(account) = account else { return Login::Unknown };
        let account =
            memmem::find(account, b" as ").and_then(|at| account.get(..at)).unwrap_or(account);
        let Some((user, host)) = memrchr(b'@', account).and_then(|at| account.split_at_checked(at))
        else {
            return Login::Unknown;
        };
        Login::As {
            user,
            host: host.get(1..).unwrap_or_default(),
            database: database.unwrap_or_default().trim_ascii(),
            is_encrypted: transport.is_some_and(|how| how.starts_with(b"SSL/TLS")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_logins() {
        for (argument, user, host, database, is_encrypted) in [
            ("root@localhost on  using TCP/IP\n", "root", "localhost", "", false),
            ("app@10.0.0.7 on shop using SSL/TLS", "app", "10.0.0.7", "shop", true),
            ("app@db.x as dba on shop", "app", "db.x", "shop", false),
            ("a@b@c on", "a@b", "c", "", false),
            ("@localhost on test", "", "localhost", "test", false),
        ] {
            let (user, host) = (user.as_bytes(), host.as_bytes());
            let database = database.as_bytes();
            let login = Login::As { user, host, database, is_encrypted };
            assert_eq!(Login::read(argument.as_bytes()), login, "{argument}");
        }
        let denied = b"Access denied for user 'x'@'y' (using password: YES)";
        assert_eq!(Login::read(denied), Login::Denied);
        assert_eq!(Login::read(b"repl@master:3306"), Login::Unknown);
    }
}
