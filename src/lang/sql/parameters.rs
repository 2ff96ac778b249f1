//! A masked PostgreSQL statement as one with parameters: what can be prepared, and planned without
//! the values that were masked.

use super::lexer::{Dialect, Lexer, TokenKind};

/// A statement with parameters.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Parameterised {
    /// The statement.
    pub text: String,
    /// How many parameters it has, `$1` to `$count`.
    pub count: u32,
}

/// Types that may stand right before a constant (`interval '1 day'`), where no parameter may.
const PREFIX_TYPES: [&str; 8] =
    ["date", "time", "timestamp", "timestamptz", "timetz", "interval", "bytea", "numeric"];

/// Puts a parameter for every constant that was masked (`?` and `'?'`), after those that are there.
/// A type before a constant becomes a cast behind the parameter; the lengths of types in casts,
/// masked as well, are left out. `None` where the statement does not end as it should.
pub fn with_parameters(masked: &str) -> Option<Parameterised> {
    let mut count = 0;
    let mut lexer = Lexer::new(masked.as_bytes(), Dialect::Postgres);
    while let Some(token) = lexer.next_token() {
        if !token.terminated {
            return None;
        }
        let text = masked.get(token.start..token.end)?;
        if let Some(number) = text.strip_prefix('$').and_then(|number| number.parse::<u32>().ok()) {
            count = number.max(count);
        }
    }
    let mut out = String::with_capacity(masked.len() + 16);
    let mut lexer = Lexer::new(masked.as_bytes(), Dialect::Postgres);
    let mut copied = 0;
    // The last two significant tokens: where the last one's copy begins, and their texts.
    let mut before: [(usize, &str); 2] = [(0, ""), (0, "")];
    while let Some(token) = lexer.next_significant() {
        if token.start < copied {
            continue;
        }
        let text = masked.get(token.start..token.end)?;
        let is_masked = text == "?" || text == "'?'";
        out.push_str(masked.get(copied..token.start)?);
        copied = token.end;
        let [(_, two_before), (last_at, last)] = before;
        let began = out.len();
        if is_masked {
            count += 1;
            let is_type = PREFIX_TYPES.iter().any(|known| known.eq_ignore_ascii_case(last));
            if is_type && text == "'?'" && two_before != "::" {
                out.truncate(last_at);
                out.push_str(&format!("${count}::{}", last.to_ascii_lowercase()));
            } else {
                out.push_str(&format!("${count}"));
            }
        } else if token.kind == TokenKind::Punct(b'(')
            && (two_before == "::" || two_before.eq_ignore_ascii_case("as"))
            && let Some(end) = masked_list_end(masked.get(token.end..)?)
        {
            copied = token.end + end;
        } else {
            out.push_str(text);
        }
        before = [before[1], (began, text)];
    }
    let rest = masked.get(copied..)?;
    // What is left is blank, a comment, or `;`.
    out.push_str(rest.trim_end_matches([';', ' ', '\n', '\t']));
    let trimmed = out.trim_end_matches([';', ' ', '\n', '\t']).len();
    out.truncate(trimmed);
    Some(Parameterised { text: out, count })
}

/// Where a list of masked numbers ends, behind its closing parenthesis.
fn masked_list_end(text: &str) -> Option<usize> {
    let end = text.find(')')?;
    let is_masked = text[..end].split(',').all(|part| part.trim() == "?");
    is_masked.then_some(end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_become_parameters() {
        for (masked, expected, count) in [
            (
                "SELECT * FROM t WHERE a = ? AND b = '?';",
                "SELECT * FROM t WHERE a = $1 AND b = $2",
                2,
            ),
            ("SELECT $2, $1 FROM t LIMIT ?", "SELECT $2, $1 FROM t LIMIT $3", 3),
            ("SELECT now() - interval '?'", "SELECT now() - $1::interval", 1),
            ("SELECT d > date '?' OR e::date = '?'", "SELECT d > $1::date OR e::date = $2", 2),
            (
                "SELECT x::numeric(?, ?), CAST(y AS varchar(?))",
                "SELECT x::numeric, CAST(y AS varchar)",
                0,
            ),
            ("WITH q AS (SELECT ?) SELECT * FROM q;\n", "WITH q AS (SELECT $1) SELECT * FROM q", 1),
            ("SELECT a AT TIME ZONE '?'", "SELECT a AT TIME ZONE $1", 1),
            ("SELECT data ->> '?' FROM t", "SELECT data ->> $1 FROM t", 1),
        ] {
            let made = with_parameters(masked).expect(masked);
            assert_eq!((made.text.as_str(), made.count), (expected, count));
        }
        assert_eq!(with_parameters("SELECT 'open"), None);
    }
}
