//! Under which names a statement reads a view or a CTE: plans of SQLite print aliases only. Reads words,
//! no grammar. Judges nothing.

/// Uses of one name that are told apart.
const MAX_USES: usize = 32;
/// Words that may follow a table in a FROM clause and are no alias.
const NO_ALIAS: [&str; 22] = [
    "as",
    "cross",
    "except",
    "full",
    "group",
    "having",
    "indexed",
    "inner",
    "intersect",
    "join",
    "left",
    "limit",
    "natural",
    "not",
    "on",
    "order",
    "outer",
    "right",
    "union",
    "using",
    "where",
    "window",
];

/// The names under which the statement reads one: for each use its alias, or the name itself.
pub(super) fn of(statement: &str, name: &str) -> Vec<String> {
    let words = words(statement);
    let word = |at: usize| words.get(at).copied().unwrap_or_default();
    let is = |at: usize, known: &str| word(at).eq_ignore_ascii_case(known);
    let mut uses = Vec::new();
    for at in 1..words.len() {
        let is_read = ["from", "join", ","].iter().any(|before| is(at - 1, before));
        let has_as = is(at + 1, "as");
        let behind = if has_as { at + 2 } else { at + 1 };
        // `, name AS (` and `, name (` define it.
        let is_defined = word(at + 1) == "(" || (has_as && !is_name(word(behind)));
        let is_hinted = has_as && (is(behind, "materialized") || is(behind, "not"));
        if !is_read || is_defined || is_hinted || !is(at, name) {
            continue;
        }
        let alias = Some(word(behind)).filter(|alias| {
            is_name(alias) && (has_as || !NO_ALIAS.iter().any(|no| alias.eq_ignore_ascii_case(no)))
        });
        uses.push(alias.unwrap_or(name).to_owned());
        if uses.len() == MAX_USES {
            break;
        }
    }
    uses
}

fn is_name(word: &str) -> bool {
    word.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

/// The words of a statement, and its marks one by one. Names lose their quotes.
fn words(statement: &str) -> Vec<&str> {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    let mut words = Vec::new();
    let mut rest = statement.trim_start_matches(is_between);
    while let Some(first) = rest.chars().next() {
        let length = match is_part(first) {
            true => rest.find(|letter| !is_part(letter)).unwrap_or(rest.len()),
            false => first.len_utf8(),
        };
        let (word, more) = rest.split_at(length);
        words.push(word);
        rest = more.trim_start_matches(is_between);
    }
    words
}

fn is_between(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '"' | '`' | '[' | ']')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uses_have_their_aliases() {
        let cases: [(&str, &[&str]); 7] = [
            ("SELECT 1 FROM t a JOIN t AS b ON b.x = a.x", &["a", "b"]),
            ("select 1 from \"T\" where x > (select avg(x) from t)", &["t", "t"]),
            (
                "WITH t AS (SELECT 1 FROM orders), u AS (SELECT 1 FROM t) SELECT 1 FROM u, t c",
                &["t", "c"],
            ),
            (
                "WITH o AS (SELECT 1), t AS MATERIALIZED (SELECT 1) SELECT * FROM t LEFT JOIN o",
                &["t"],
            ),
            ("WITH o AS (SELECT 1), t AS NOT MATERIALIZED (SELECT 1) SELECT * FROM t", &["t"]),
            ("SELECT t.x FROM tt, t1", &[]),
            ("SELECT 1 FROM t", &["t"]),
        ];
        for (statement, expected) in cases {
            assert_eq!(of(statement, "t"), expected, "{statement}");
        }
        assert!(of("é from", "t").is_empty() && of("", "").is_empty());
    }
}
