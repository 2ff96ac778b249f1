//! What clients say around tables: footers, times, counts, prompts.

use crate::read::plans::clean::is_footer;

/// Whether a client says a line below a table: how many rows there were, or how long it took.
pub fn is_said_below(line: &str) -> bool {
    is_footer(line) || is_count(line) || is_timing(line)
}

/// `2 rows in set (0.001 sec)`, `Empty set (0.00 sec)`.
pub fn is_count(line: &str) -> bool {
    let is_counted = line.starts_with(|c: char| c.is_ascii_digit())
        && (line.contains(" row in set") || line.contains(" rows in set"));
    is_counted || line.starts_with("Empty set (")
}

/// `Time: 1.234 ms` in psql's languages, `Run Time: real 0.001 user …` of sqlite3.
fn is_timing(line: &str) -> bool {
    let Some((word, rest)) = line.split_once(':') else { return false };
    let is_word = |c: char| c.is_alphabetic() || c == ' ';
    let mut parts = rest.split_whitespace();
    let is_number = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_digit())
            && part.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ','))
    };
    match (parts.next(), parts.next()) {
        (Some("real"), Some(seconds)) => word == "Run Time" && is_number(seconds),
        (Some(number), Some(unit)) => {
            let is_ms = matches!(unit, "ms" | "мс" | "мсек" | "мілісекунд" | "毫秒" | "ミリ秒");
            is_ms && is_number(number) && word.chars().count() <= 24 && word.chars().all(is_word)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_said_below;

    #[test]
    fn words_of_clients_are_told_from_rows() {
        for (line, expected) in [
            ("(2 rows)", true),
            ("Time: 1.234 ms", true),
            ("Time: 61234.567 ms (01:01.235)", true),
            ("Время: 1,234 мс", true),
            ("時間: 1.234 ミリ秒", true),
            ("Temps : 1,234 ms", true),
            ("Run Time: real 0.001 user 0.000000 sys 0.000000", true),
            ("2 rows in set (0.0011 sec)", true),
            ("Empty set (0.00 sec)", true),
            ("Time: soon", false),
            ("note: 12 ms, 13 ms", false),
            ("12|rows|3", false),
            ("", false),
        ] {
            assert_eq!(is_said_below(line), expected, "{line}");
        }
    }
}
