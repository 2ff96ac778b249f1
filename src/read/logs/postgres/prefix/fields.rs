//! What the values of the prefix escapes look like, and where they go in a [`Prefix`].
//!
//! Some values show their own end (stamps, numbers, session ids): [`read_typed`]. The others end
//! where the next literal begins; [`is_plausible`] says whether a cut makes sense.

use super::Prefix;
use super::grammar::Escape;
use crate::time::StampParser;

/// PostgreSQL's own limit of names is 63 bytes; builds with longer names exist.
const NAME_MAX: usize = 255;

/// Backend types of `%b` up to PostgreSQL 18; extensions name their own.
const BACKEND_TYPES: &[&str] = &[
    "archiver",
    "autovacuum launcher",
    "autovacuum worker",
    "background worker",
    "background writer",
    "checkpointer",
    "client backend",
    "dead-end client backend",
    "io worker",
    "logger",
    "logical replication apply worker",
    "logical replication launcher",
    "logical replication parallel worker",
    "logical replication tablesync worker",
    "logical replication worker",
    "not initialized",
    "parallel worker",
    "postmaster",
    "slotsync worker",
    "standalone backend",
    "startup",
    "stats collector",
    "walreceiver",
    "walsender",
    "walsummarizer",
    "walwriter",
];

/// Whether values of this kind show their own end.
pub(super) fn is_typed(escape: Escape) -> bool {
    !matches!(
        escape,
        Escape::Application
            | Escape::User
            | Escape::Database
            | Escape::RemoteHostPort
            | Escape::RemoteHost
            | Escape::LocalAddress
            | Escape::BackendType
            | Escape::CommandTag
    )
}

/// Reads a value that shows its own end at the start of `text` into `prefix`; returns its length.
#[inline]
pub(super) fn read_typed<'a>(
    escape: Escape,
    text: &'a [u8],
    stamps: &mut StampParser<'_>,
    prefix: &mut Prefix<'a>,
) -> Option<usize> {
    match escape {
        Escape::Time | Escape::TimeMs | Escape::Epoch => {
            // A processed log may hold another form of time than its setting says.
            let stamp = stamps.parse(text).or_else(|| StampParser::parse_epoch(text))?;
            prefix.time = Some(stamp.time);
            prefix.offset_s = Some(stamp.offset_s);
            Some(stamp.len)
        }
        Escape::SessionStart => stamps.parse(text).map(|stamp| stamp.len),
        Escape::Pid => {
            let (pid, len) = number(text)?;
            prefix.pid = Some(u32::try_from(pid).ok()?);
            Some(len)
        }
        Escape::LineNumber => {
            let (line_num, len) = number(text)?;
            prefix.line_num = Some(line_num);
            Some(len)
        }
        Escape::QueryId => {
            let sign = usize::from(text.first() == Some(&b'-'));
            let len = sign + digit_count(text.get(sign..)?);
            // Some tools print the id without its sign.
            let digits = std::str::from_utf8(text.get(..len)?).ok()?;
            let id =
                digits.parse::<i64>().or_else(|_| digits.parse().map(u64::cast_signed)).ok()?;
            prefix.query_id = Some(id).filter(|id| *id != 0);
            Some(len)
        }
        Escape::Session => {
            let len = session_len(text)?;
            let session = text.get(..len)?;
            prefix.session = Some(session);
            prefix.pid = prefix.pid.or_else(|| pid_of_session(session));
            Some(len)
        }
        Escape::SqlState => {
            let code = text.get(..5).filter(|code| is_state(code))?;
            prefix.sqlstate = Some(code);
            Some(5)
        }
        // Nobody asks for these values; they only have to be stepped over. All but xid may be empty.
        Escape::Xid => number(text).map(|(_, len)| len),
        Escape::LeaderPid => Some(digit_count(text)),
        _ => Some(virtual_xid_len(text)),
    }
}

/// Stores a value that was cut out between literals.
#[inline]
pub(super) fn store<'a>(escape: Escape, text: &'a [u8], prefix: &mut Prefix<'a>) {
    let value = Some(text).filter(|text| !is_absent(text));
    match escape {
        Escape::Application => prefix.app = value,
        Escape::User => prefix.user = value,
        Escape::Database => prefix.database = value,
        Escape::RemoteHost => prefix.host = value,
        Escape::RemoteHostPort => prefix.host = value.map(without_port),
        Escape::BackendType => prefix.backend_type = value,
        Escape::CommandTag => prefix.command_tag = value,
        _ => {}
    }
}

/// Whether a cut of the line, whose bytes have the classes `found`, can be a value of this kind.
/// `strict` asks for what PostgreSQL writes for ordinary names; otherwise anything printable will do.
#[inline]
pub(super) fn is_plausible(escape: Escape, text: &[u8], found: u8, strict: bool) -> bool {
    if text.len() > NAME_MAX || found & CONTROL != 0 {
        return false;
    }
    match escape {
        Escape::User | Escape::Database => !strict || found & NOT_IN_NAMES == 0,
        Escape::RemoteHost | Escape::LocalAddress => {
            found & NOT_IN_HOSTS == 0 || is_host(text) || (!strict && found & BLANK == 0)
        }
        Escape::RemoteHostPort => {
            let host = without_port(text);
            let whole = text.len() != host.len() || matches!(text.first(), None | Some(b'['));
            is_host(host) && (whole || !strict)
        }
        Escape::CommandTag => !strict || text.is_empty() || is_command_tag(text),
        Escape::BackendType => !strict || is_backend_type(text),
        _ => true,
    }
}

const CONTROL: u8 = 1;
const BLANK: u8 = 2;
const NOT_IN_HOSTS: u8 = 4;
/// Allowed in names, but used in few; in prefixes they separate.
const NOT_IN_NAMES: u8 = 8;

/// What a byte rules out; the classes of a text are those of its bytes, or-ed.
#[inline]
pub(super) fn classes_of(byte: u8) -> u8 {
    CLASSES[usize::from(byte)]
}

const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let c = byte as u8;
        let host = c.is_ascii_alphanumeric() || matches!(c, b'.' | b':' | b'-' | b'_' | b'%');
        classes[byte] = if host { 0 } else { NOT_IN_HOSTS }
            | if c < b' ' { CONTROL } else { 0 }
            | if c == b' ' { BLANK } else { 0 }
            | if matches!(c, b' ' | b':' | b'(' | b')') { NOT_IN_NAMES } else { 0 };
        byte += 1;
    }
    classes
};

/// Whether a value says nothing.
pub(super) fn is_absent(text: &[u8]) -> bool {
    text.is_empty() || text == b"[unknown]" || text == b"[none]"
}

/// `[local]`, an IPv4 or IPv6 address or a host name; nothing at all, too.
fn is_host(text: &[u8]) -> bool {
    match text {
        [b'[', inner @ .., b']'] => inner.iter().all(u8::is_ascii_lowercase),
        _ => text.iter().all(|byte| classes_of(*byte) & NOT_IN_HOSTS == 0),
    }
}

/// Whether a text is surely an address: what no user or application is called.
pub(super) fn is_address(text: &[u8]) -> bool {
    let host = without_port(text);
    if host == b"[local]" {
        return true;
    }
    std::str::from_utf8(host).is_ok_and(|host| host.parse::<std::net::IpAddr>().is_ok())
}

/// `10.0.0.1(4711)` without the parenthesis.
pub(super) fn without_port(text: &[u8]) -> &[u8] {
    let Some(inner) = text.strip_suffix(b")") else {
        return text;
    };
    let digits = inner.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    inner.get(..inner.len() - digits).and_then(|host| host.strip_suffix(b"(")).unwrap_or(text)
}

/// Five digits and capitals. Every code of the server has a digit, which tells it from a message's
/// first word (`AUDIT: …`).
pub(super) fn is_state(code: &[u8]) -> bool {
    code.len() == 5
        && code.iter().any(u8::is_ascii_digit)
        && code.iter().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
        && code.first().is_some_and(|byte| !matches!(byte, b'G' | b'I'..=b'O' | b'Q'..=b'W'))
}

pub(super) fn is_backend_type(text: &[u8]) -> bool {
    BACKEND_TYPES.iter().any(|known| known.as_bytes() == text)
}

/// `SELECT`, `CREATE TABLE`, `idle in transaction`, `UPDATE waiting`, `authentication` …
pub(super) fn is_command_tag(text: &[u8]) -> bool {
    let mut words = text.split(|byte| *byte == b' ');
    let first = words.next().unwrap_or_default();
    let own: &[&[u8]] = &[b"idle", b"authentication", b"startup", b"initializing", b"starting"];
    let capital = |word: &[u8]| word.len() > 1 && word.iter().all(u8::is_ascii_uppercase);
    let follows = |word: &[u8]| {
        let known: &[&[u8]] = &[b"in", b"transaction", b"(aborted)", b"waiting"];
        capital(word) || known.contains(&word)
    };
    (capital(first) || own.contains(&first)) && words.all(follows)
}

/// Length of a session id, `6b03aafd.16c9`; `None` if the text begins with none.
pub(super) fn session_len(text: &[u8]) -> Option<usize> {
    let hex = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let start_len = hex(text);
    let pid_len = hex(text.get(start_len..)?.strip_prefix(b".")?);
    ((1..=16).contains(&start_len) && (1..=8).contains(&pid_len)).then_some(start_len + 1 + pid_len)
}

fn pid_of_session(session: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(session).ok()?;
    u32::from_str_radix(text.rsplit('.').next()?, 16).ok()
}

/// Length of `3/1042`; 0 if the text begins with none (background processes have none).
pub(super) fn virtual_xid_len(text: &[u8]) -> usize {
    let sign = usize::from(text.first() == Some(&b'-'));
    let backend = digit_count(text.get(sign..).unwrap_or_default());
    match text.get(sign + backend..) {
        Some([b'/', rest @ ..]) if backend > 0 => sign + backend + 1 + digit_count(rest),
        _ => 0,
    }
}

pub(super) fn digit_count(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// An unsigned number and its length.
fn number(text: &[u8]) -> Option<(u64, usize)> {
    let mut value: u64 = 0;
    let mut len = 0;
    while let Some(digit @ b'0'..=b'9') = text.get(len) {
        value = value.checked_mul(10)?.checked_add(u64::from(digit - b'0'))?;
        len += 1;
    }
    (len > 0).then_some((value, len))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_what_values_look_like() {
        for (escape, text, strict, lenient) in [
            (Escape::User, "bob", true, true),
            (Escape::User, "bob smith", false, true),
            (Escape::Database, ":1(5):shop", false, true),
            (Escape::User, "bob\tsmith", false, false),
            (Escape::Application, "web api", true, true),
            (Escape::RemoteHost, "[local]", true, true),
            (Escape::RemoteHost, "fe80::1%eth0", true, true),
            (Escape::RemoteHost, "web api", false, false),
            (Escape::RemoteHostPort, "2001:db8::1(5432)", true, true),
            (Escape::RemoteHostPort, "10.1.91.65", false, true),
            (Escape::CommandTag, "idle in transaction (aborted)", true, true),
            (Escape::CommandTag, "web SELECT", false, true),
            (Escape::BackendType, "client backend", true, true),
            (Escape::BackendType, "TimescaleDB Background Worker", false, true),
        ] {
            let found = text.bytes().fold(0, |all, byte| all | classes_of(byte));
            let plausible = |strict| is_plausible(escape, text.as_bytes(), found, strict);
            assert_eq!((plausible(true), plausible(false)), (strict, lenient), "{text}");
        }
        assert_eq!(without_port(b"10.0.0.1(4711)"), b"10.0.0.1");
        assert_eq!(without_port(b"f(x)"), b"f(x)");
        assert!(is_address(b"::1(5)") && !is_address(b"web"));
    }
}
