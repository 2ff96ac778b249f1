//! The words of SQL that the fingerprint treats in a special way.
//!
//! Owns the table and its lookup. It is no list of a server's keywords: a word stands here because
//! it cannot be an alias, because an operand follows it, because it takes a blank before `(`, or
//! because a quoted identifier of that spelling must keep its quotes.

mod synonyms;
mod table;

pub(super) use synonyms::{Place, usual};

use self::table::{
    BLANK, COUNT, FUNCTION, KEYWORDS, MYSQL, NO_ALIAS, NO_MYSQL, PREFIX, QUOTED, SYNONYM,
};
use super::lexer::Dialect;

/// Words with a meaning of their own to the fingerprint; all others of the table are `Plain`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kw {
    /// Not in the table: an identifier.
    None,
    /// In the table for its flags only.
    Plain,
    All,
    Any,
    Array,
    As,
    Asc,
    At,
    Case,
    Cast,
    Close,
    Copy,
    Cursor,
    Deallocate,
    Declare,
    Default,
    Delete,
    Desc,
    Distinct,
    Do,
    Execute,
    Exists,
    Explain,
    Fetch,
    For,
    From,
    Full,
    Group,
    In,
    Inner,
    Insert,
    Instead,
    Interval,
    Into,
    Is,
    Join,
    Key,
    Left,
    Like,
    Limit,
    Literal,
    Merge,
    Move,
    Not,
    Null,
    Nulls,
    Offset,
    On,
    Operator,
    Or,
    Outer,
    Prepare,
    Release,
    Replace,
    Returning,
    Right,
    Rollback,
    Row,
    Savepoint,
    Select,
    Set,
    Similar,
    Table,
    Then,
    To,
    TypeName,
    Uescape,
    Union,
    Update,
    Using,
    Values,
    Where,
    With,
    Within,
}

/// What a word is to the fingerprint.
#[derive(Clone, Copy)]
pub(super) struct Keyword {
    /// What it does.
    pub(super) kw: Kw,
    flags: u16,
}

/// A line of the table.
struct Entry {
    text: &'static [u8],
    keyword: Keyword,
}

impl Keyword {
    pub(super) const NONE: Self = Self { kw: Kw::None, flags: 0 };

    #[inline]
    pub(super) fn can_be_alias(self) -> bool {
        self.flags & NO_ALIAS == 0
    }

    #[inline]
    pub(super) fn expects_operand(self) -> bool {
        self.flags & PREFIX != 0
    }

    #[inline]
    pub(super) fn blank_before_paren(self) -> bool {
        self.flags & BLANK != 0
    }

    #[inline]
    pub(super) fn can_be_function(self) -> bool {
        self.flags & FUNCTION != 0
    }

    #[inline]
    pub(super) fn has_synonym(self) -> bool {
        self.flags & SYNONYM != 0
    }

    #[inline]
    pub(super) fn keeps_quotes(self) -> bool {
        self.flags & QUOTED != 0
    }
}

const SLOT_BITS: u32 = 11;
const SLOTS: usize = 1 << SLOT_BITS;
const LONGEST: usize = 19;
/// Sets the bit that tells the cases of a letter apart, in eight bytes at once.
const FOLD: u64 = 0x2020_2020_2020_2020;

/// Up to eight bytes as a number, case folded. Not injective for bytes that are no letters, which
/// the final comparison settles.
#[inline]
const fn head(word: &[u8]) -> u64 {
    let mut value = 0u64;
    let mut at = 0;
    while at < word.len() && at < 8 {
        value |= (word[at] as u64) << (8 * at);
        at += 1;
    }
    value | FOLD
}

#[inline]
const fn slot(head: u64, length: usize) -> usize {
    let key = head ^ (length as u64) << 59;
    (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - SLOT_BITS)) as usize
}

/// The heads of the keywords, by index.
const HEADS: [u64; COUNT] = {
    let mut heads = [0; COUNT];
    let mut index = 0;
    while index < KEYWORDS.len() {
        heads[index] = head(KEYWORDS[index].text);
        index += 1;
    }
    heads
};

/// Open addressing: index into `KEYWORDS` plus one, 0 for a free slot.
static TABLE: [u8; SLOTS] = {
    assert!(KEYWORDS.len() < 256);
    let mut table = [0u8; SLOTS];
    let mut index = 0;
    while index < KEYWORDS.len() {
        assert!(KEYWORDS[index].text.len() <= LONGEST);
        let mut at = slot(HEADS[index], KEYWORDS[index].text.len());
        while table[at] != 0 {
            at = (at + 1) % SLOTS;
        }
        table[at] = index as u8 + 1;
        index += 1;
    }
    table
};

/// The entry of the word at `start..end`, in either case, or [`Keyword::NONE`].
#[inline]
pub(super) fn lookup(sql: &[u8], start: usize, end: usize, dialect: Dialect) -> Keyword {
    let word = sql.get(start..end).unwrap_or(&[]);
    if word.is_empty() || word.len() > LONGEST {
        return Keyword::NONE;
    }
    let head = match sql.get(start..start + 8) {
        // Eight bytes at once; those behind the word are cut off.
        Some(&[a, b, c, d, e, f, g, h]) => {
            let unused = 64 - 8 * word.len().min(8) as u32;
            (u64::from_le_bytes([a, b, c, d, e, f, g, h]) & (u64::MAX >> unused)) | FOLD
        }
        _ => head(word),
    };
    let foreign = if dialect == Dialect::Mysql { NO_MYSQL } else { MYSQL };
    let mut at = slot(head, word.len());
    loop {
        let Some(index) = TABLE[at].checked_sub(1) else {
            return Keyword::NONE;
        };
        let entry = &KEYWORDS[usize::from(index)];
        if HEADS[usize::from(index)] == head
            && entry.text.len() == word.len()
            && entry.text.eq_ignore_ascii_case(word)
            && entry.keyword.flags & foreign == 0
        {
            return entry.keyword;
        }
        at = (at + 1) % SLOTS;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_found_in_either_case_and_only_in_its_dialect() {
        for Entry { text, keyword } in &KEYWORDS {
            let upper = text.to_ascii_uppercase();
            for (dialect, foreign) in [(Dialect::Mysql, NO_MYSQL), (Dialect::Postgres, MYSQL)] {
                let found = lookup(&upper, 0, upper.len(), dialect);
                let same = (found.kw, found.flags) == (keyword.kw, keyword.flags);
                assert_eq!(same, keyword.flags & foreign == 0, "{text:?} {dialect:?}");
                if keyword.flags & (MYSQL | NO_MYSQL) == 0 {
                    assert!(same, "{text:?}");
                }
            }
            let synonym = lookup(text, 0, text.len(), Dialect::Mysql).has_synonym();
            assert_eq!(synonym, usual(text).is_some(), "{text:?}");
        }
        for word in ["", "x", "selec", "selects", "orders", "a_word_longer_than_any_keyword"] {
            assert_eq!(lookup(word.as_bytes(), 0, word.len(), Dialect::Mysql).kw, Kw::None);
        }
    }
}
