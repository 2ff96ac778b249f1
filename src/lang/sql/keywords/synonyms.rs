//! Spellings that are one word to MySQL's parser.
//!
//! The server's digests write one spelling of each such word (`INTEGER` for `int`, `SYSTEM_USER`
//! for `user`), the log holds the one that was sent. The fingerprint writes the usual one for all,
//! so that a statement and its digest text are one class.

/// Where a spelling stands for the other word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in super::super) enum Place {
    /// Everywhere.
    Any,
    /// As a function's name, before `(`; elsewhere it is an identifier.
    Call,
    /// In a utility statement; elsewhere it is rather the name of a column.
    Utility,
}

/// Spelling, the one that is written, and where. In the order of the first.
static SYNONYMS: [(&[u8], &[u8], Place); COUNT] = [
    (b"character", b"char", Place::Any),
    (b"current_date", b"curdate", Place::Any),
    (b"current_time", b"curtime", Place::Any),
    (b"current_timestamp", b"now", Place::Any),
    (b"dec", b"decimal", Place::Any),
    (b"describe", b"explain", Place::Any),
    (b"distinctrow", b"distinct", Place::Any),
    (b"fields", b"columns", Place::Utility),
    (b"float4", b"float", Place::Any),
    (b"float8", b"double", Place::Any),
    (b"int1", b"tinyint", Place::Any),
    (b"int2", b"smallint", Place::Any),
    (b"int3", b"mediumint", Place::Any),
    (b"int4", b"int", Place::Any),
    (b"int8", b"bigint", Place::Any),
    (b"integer", b"int", Place::Any),
    (b"keys", b"indexes", Place::Any),
    (b"localtime", b"now", Place::Any),
    (b"localtimestamp", b"now", Place::Any),
    (b"mid", b"substring", Place::Call),
    (b"middleint", b"mediumint", Place::Any),
    (b"relay_thread", b"io_thread", Place::Any),
    (b"rlike", b"regexp", Place::Any),
    (b"schema", b"database", Place::Any),
    (b"schemas", b"databases", Place::Any),
    (b"session_user", b"user", Place::Call),
    (b"some", b"any", Place::Any),
    (b"sql_tsi_day", b"day", Place::Any),
    (b"sql_tsi_hour", b"hour", Place::Any),
    (b"sql_tsi_minute", b"minute", Place::Any),
    (b"sql_tsi_month", b"month", Place::Any),
    (b"sql_tsi_quarter", b"quarter", Place::Any),
    (b"sql_tsi_second", b"second", Place::Any),
    (b"sql_tsi_week", b"week", Place::Any),
    (b"sql_tsi_year", b"year", Place::Any),
    (b"std", b"stddev_pop", Place::Call),
    (b"stddev", b"stddev_pop", Place::Call),
    (b"substr", b"substring", Place::Call),
    (b"system_user", b"user", Place::Any),
    (b"varcharacter", b"varchar", Place::Any),
    (b"variance", b"var_pop", Place::Call),
];

const COUNT: usize = 41;

/// The spelling that is written for `word`, in either case, and where it holds.
pub(in super::super) fn usual(word: &[u8]) -> Option<(&'static [u8], Place)> {
    let lower = word.iter().map(u8::to_ascii_lowercase);
    let found = SYNONYMS.binary_search_by(|(text, ..)| text.iter().copied().cmp(lower.clone()));
    found.ok().and_then(|at| SYNONYMS.get(at)).map(|&(_, usual, place)| (usual, place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_no_usual_spelling_has_another() {
        assert!(SYNONYMS.is_sorted_by_key(|entry| entry.0));
        for (text, spelling, place) in SYNONYMS {
            assert_eq!(usual(&text.to_ascii_uppercase()), Some((spelling, place)));
            assert_eq!(usual(spelling), None);
        }
    }
}
