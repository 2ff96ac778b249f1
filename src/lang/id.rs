//! The stable identity of a query class.
//!
//! Owns [`QueryId`] and the version of the fingerprint rules it stands for. Input: an engine family
//! and a fingerprint text; output: 64 bits that are the same on every platform and in every run.
//! How the text is made is left to the fingerprinters.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Version of the fingerprint rules. It is part of every id, so that ids of different rules never
/// meet; raise it whenever the text of any statement changes.
pub const FINGERPRINT_VERSION: u32 = 1;

/// Identity of a query class: 64 bits, shown as 16 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct QueryId(pub u64);

impl QueryId {
    /// The id of the class (`family`, `text`, `truncated`).
    ///
    /// `family` is the engine family (`postgres`, `mysql`; MariaDB is family mysql), `text` the
    /// whole fingerprint, never a shortened one. Family and text are hashed one after the other,
    /// each as a whole, so that no bytes can pass from one to the other.
    pub fn new(family: &str, text: &[u8], truncated: bool) -> Self {
        let rules = u64::from(FINGERPRINT_VERSION) << 1 | u64::from(truncated);
        let seed = xxh3_64_with_seed(family.as_bytes(), rules);
        Self(xxh3_64_with_seed(text, seed))
    }
}

impl fmt::Display for QueryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// Why a text is not a [`QueryId`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct InvalidQueryId;

impl fmt::Display for InvalidQueryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a query id is 16 hexadecimal digits")
    }
}

impl std::error::Error for InvalidQueryId {}

impl FromStr for QueryId {
    type Err = InvalidQueryId;

    /// Reads exactly 16 hexadecimal digits, in either case.
    fn from_str(text: &str) -> Result<Self, InvalidQueryId> {
        // from_str_radix alone would accept a sign and fewer digits.
        if text.len() != 16 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(InvalidQueryId);
        }
        u64::from_str_radix(text, 16).map(Self).map_err(|_| InvalidQueryId)
    }
}

impl Serialize for QueryId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_separate_every_part_of_the_key_and_do_not_drift() {
        let keys: [(&str, &[u8], bool); 6] = [
            ("postgres", b"select ?", false),
            ("postgres", b"select ?", true),
            ("mysql", b"select ?", false),
            ("postgress", b"elect ?", false),
            ("postgres", b"select ? ", false),
            ("postgres", b"", false),
        ];
        let mut ids: Vec<QueryId> =
            keys.iter().map(|(family, text, cut)| QueryId::new(family, text, *cut)).collect();
        // Stored summaries and users' gates hold this id: a change needs a new version.
        assert_eq!(ids[0].to_string(), PINNED);
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), keys.len());
    }

    const PINNED: &str = "24f17f31f98f98c9";

    #[test]
    fn text_form_round_trips_and_nothing_else_parses() {
        let id = QueryId(0x00ab_cdef_0123_4567);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!("00ABCDEF01234567".parse(), Ok(id));
        for bad in ["", "abc", "+0abcdef01234567", "00abcdef012345678", "00abcdef0123456g"] {
            assert_eq!(bad.parse::<QueryId>(), Err(InvalidQueryId), "{bad}");
        }
    }
}
