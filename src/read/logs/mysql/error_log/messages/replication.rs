//! Records that quote the statement they are about, on one line: a replica that could not apply it,
//! a statement that the binary log cannot hold safely, a client's statement at its end.

use super::after;
use memchr::memmem;

/// What is quoted: what stands before, what stands around the statement.
struct Form {
    before: &'static [u8],
    mark: &'static [u8],
    /// Behind the statement; the last such place counts. Empty: the statement ends the message.
    behind: &'static [u8],
}

const FORMS: [Form; 2] = [
    Form { before: b"on query.", mark: b" Query: '", behind: b"'" },
    Form { before: b"nsafe statement", mark: b" Statement: ", behind: b"" },
];

/// What stands before the statement, the statement, and the error's number, if the message says it.
pub(super) fn quoted(message: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let form = FORMS.iter().find(|form| {
        memmem::find(message, form.mark)
            .is_some_and(|at| memmem::find(&message[..at], form.before).is_some())
    })?;
    let at = memmem::find(message, form.mark)?;
    let rest = &message[at + form.mark.len()..];
    let statement = match form.behind {
        b"" => rest,
        behind => &rest[..memmem::rfind(rest, behind).unwrap_or(rest.len())],
    };
    Some((message[..at].trim_ascii(), statement.trim_ascii(), error_number(message)))
}

/// `Error_code: 1062`, `Error_code: MY-001062`.
fn error_number(message: &[u8]) -> &[u8] {
    let Some(rest) = after(message, b"Error_code: ") else { return b"" };
    let is_of_code = |b: &&u8| b.is_ascii_digit() || matches!(b, b'M' | b'Y' | b'-');
    &rest[..rest.iter().take(16).take_while(is_of_code).count()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_statement_between_its_marks() {
        for (message, expected) in [
            (
                "Slave SQL: Error 'Duplicate entry '7' for key 'PRIMARY'' on query. Default database: 'shop'. Query: 'insert into t values (7, 'x')', Error_code: 1062",
                Some((
                    "Slave SQL: Error 'Duplicate entry '7' for key 'PRIMARY'' on query. Default database: 'shop'.",
                    "insert into t values (7, 'x')",
                    "1062",
                )),
            ),
            (
                "Unsafe statement written to the binary log using statement format since BINLOG_FORMAT = STATEMENT. It uses a LIMIT clause. Statement: delete from t\nlimit 5",
                Some((
                    "Unsafe statement written to the binary log using statement format since BINLOG_FORMAT = STATEMENT. It uses a LIMIT clause.",
                    "delete from t\nlimit 5",
                    "",
                )),
            ),
            ("Sort aborted: Query execution was interrupted", None),
        ] {
            let found = quoted(message.as_bytes());
            let text = |part| std::str::from_utf8(part).expect("text");
            let found = found.map(|(a, b, c)| (text(a), text(b), text(c)));
            assert_eq!(found, expected, "{message}");
        }
    }
}
