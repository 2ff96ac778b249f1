//! Who ran something, as MySQL's logs write it: `user[user] @ host [ip]`.

/// A user and where they came from; empty parts are `None`.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(super) struct UserHost<'a> {
    /// The account that the server checks privileges for, or, without one, the name that the client
    /// gave (`[SQL_SLAVE]` for the replication thread).
    pub user: Option<&'a [u8]>,
    /// The host's name, or its address if it has none.
    pub host: Option<&'a [u8]>,
}

impl<'a> UserHost<'a> {
    /// Reads `root[root] @ localhost [127.0.0.1]`; parts may be missing or empty.
    pub fn read(text: &'a [u8]) -> UserHost<'a> {
        let at = text.iter().rposition(|b| *b == b'@').unwrap_or(text.len());
        let (user, host) = text.split_at(at);
        let host = host.strip_prefix(b"@").unwrap_or(host);
        UserHost { user: outer_or_inner(user), host: outer_or_inner(host) }
    }
}

/// Of `outer[inner]` the outer name, or the inner if that is empty.
fn outer_or_inner(text: &[u8]) -> Option<&[u8]> {
    let text = text.trim_ascii();
    let open = text.iter().rposition(|b| *b == b'[').unwrap_or(text.len());
    let (outer, inner) = text.split_at(open);
    let inner = inner.strip_prefix(b"[").unwrap_or(inner);
    let inner = inner.strip_suffix(b"]").unwrap_or(inner);
    [outer.trim_ascii(), inner.trim_ascii()].into_iter().find(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_form() {
        for (text, user, host) in [
            ("root[root] @ localhost [127.0.0.1]", Some("root"), Some("localhost")),
            ("foo[foo] @ [1.2.3.4]", Some("foo"), Some("1.2.3.4")),
            ("[SQL_SLAVE] @  []", Some("SQL_SLAVE"), None),
            ("a@b[a@b] @ h []", Some("a@b"), Some("h")),
            ("[] @ []", None, None),
            ("", None, None),
        ] {
            let name = |name: Option<&[u8]>| name.map(|n| String::from_utf8_lossy(n).into_owned());
            let read = UserHost::read(text.as_bytes());
            assert_eq!(name(read.user).as_deref(), user, "{text}");
            assert_eq!(name(read.host).as_deref(), host, "{text}");
        }
    }
}
