//! The words of SQL that the fingerprint treats in a special way.
//!
//! Owns the table and its lookup. It is no list of a server's keywords: a word stands here because
//! it cannot be an alias, because an operand follows it, because it takes a blank before `(`, or
//! because a quoted identifier of that spelling must keep its quotes.

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

/// Never an implicit alias.
const NO_ALIAS: u8 = 1;
/// An operand follows: a sign after it belongs to the number.
const PREFIX: u8 = 2;
/// A blank stands between it and `(`.
const BLANK: u8 = 4;
/// An ordinary function name where `(` follows.
const FUNCTION: u8 = 8;
/// A quoted identifier of this spelling keeps its quotes.
const QUOTED: u8 = 16;
/// In the table for MySQL only.
const MYSQL: u8 = 32;

/// Starts or continues a clause or an operator.
const CLAUSE: u8 = NO_ALIAS | PREFIX | BLANK | QUOTED;
/// Ends an expression or item.
const SUFFIX: u8 = NO_ALIAS | BLANK | QUOTED;
/// Acts like a function name.
const CALL: u8 = QUOTED;

/// What a word is to the fingerprint.
#[derive(Clone, Copy)]
pub(super) struct Keyword {
    /// What it does.
    pub(super) kw: Kw,
    flags: u8,
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
    pub(super) fn keeps_quotes(self) -> bool {
        self.flags & QUOTED != 0
    }
}

const fn kw(text: &'static str, kw: Kw, flags: u8) -> Entry {
    Entry { text: text.as_bytes(), keyword: Keyword { kw, flags } }
}

const COUNT: usize = 170;

static KEYWORDS: [Entry; COUNT] = [
    kw("all", Kw::All, NO_ALIAS | PREFIX | QUOTED),
    kw("analyse", Kw::Plain, QUOTED),
    kw("analyze", Kw::Plain, QUOTED),
    kw("and", Kw::Plain, CLAUSE),
    kw("any", Kw::Any, NO_ALIAS | PREFIX | QUOTED),
    kw("array", Kw::Array, NO_ALIAS | PREFIX | QUOTED),
    kw("as", Kw::As, CLAUSE),
    kw("asc", Kw::Asc, SUFFIX),
    kw("asymmetric", Kw::Plain, CLAUSE),
    kw("at", Kw::At, CLAUSE),
    kw("authorization", Kw::Plain, QUOTED),
    kw("between", Kw::Plain, CLAUSE),
    kw("binary", Kw::Plain, QUOTED),
    kw("bit", Kw::TypeName, 0),
    kw("both", Kw::Plain, QUOTED | PREFIX),
    kw("by", Kw::Plain, CLAUSE),
    kw("case", Kw::Case, NO_ALIAS | PREFIX | QUOTED),
    kw("cast", Kw::Cast, CALL),
    kw("char", Kw::TypeName, 0),
    kw("character", Kw::TypeName, 0),
    kw("check", Kw::Plain, CLAUSE),
    kw("close", Kw::Close, 0),
    kw("collate", Kw::Plain, CLAUSE),
    kw("collation", Kw::Plain, QUOTED),
    kw("column", Kw::Plain, QUOTED),
    kw("concurrently", Kw::Plain, QUOTED),
    kw("conflict", Kw::Plain, BLANK),
    kw("constraint", Kw::Plain, QUOTED),
    kw("copy", Kw::Copy, 0),
    kw("create", Kw::Plain, QUOTED),
    kw("cross", Kw::Plain, CLAUSE),
    kw("current_catalog", Kw::Plain, CALL),
    kw("current_date", Kw::Plain, CALL),
    kw("current_role", Kw::Plain, CALL),
    kw("current_time", Kw::Plain, CALL),
    kw("current_timestamp", Kw::Plain, CALL),
    kw("current_user", Kw::Plain, CALL),
    kw("cursor", Kw::Cursor, 0),
    kw("deallocate", Kw::Deallocate, 0),
    kw("dec", Kw::TypeName, 0),
    kw("decimal", Kw::TypeName, 0),
    kw("declare", Kw::Declare, 0),
    kw("default", Kw::Default, NO_ALIAS | QUOTED),
    kw("deferrable", Kw::Plain, QUOTED),
    kw("delete", Kw::Delete, QUOTED),
    kw("desc", Kw::Desc, SUFFIX),
    kw("distinct", Kw::Distinct, CLAUSE),
    kw("distinctrow", Kw::Plain, CLAUSE | MYSQL),
    kw("div", Kw::Plain, CLAUSE | MYSQL),
    kw("do", Kw::Do, CLAUSE),
    kw("double", Kw::TypeName, 0),
    kw("else", Kw::Plain, CLAUSE),
    kw("end", Kw::Plain, SUFFIX),
    kw("escape", Kw::Plain, CLAUSE),
    kw("except", Kw::Union, CLAUSE),
    kw("execute", Kw::Execute, 0),
    kw("exists", Kw::Exists, NO_ALIAS | BLANK | QUOTED),
    kw("explain", Kw::Explain, BLANK),
    kw("false", Kw::Literal, NO_ALIAS | QUOTED),
    kw("fetch", Kw::Fetch, CLAUSE),
    kw("filter", Kw::Plain, CLAUSE),
    kw("float", Kw::TypeName, 0),
    kw("for", Kw::For, CLAUSE),
    kw("force", Kw::Plain, CLAUSE | MYSQL),
    kw("foreign", Kw::Plain, QUOTED),
    kw("freeze", Kw::Plain, QUOTED),
    kw("from", Kw::From, CLAUSE),
    kw("full", Kw::Full, CLAUSE | FUNCTION),
    kw("grant", Kw::Plain, QUOTED),
    kw("group", Kw::Group, CLAUSE),
    kw("having", Kw::Where, CLAUSE),
    kw("high_priority", Kw::Plain, CLAUSE | MYSQL),
    kw("ignore", Kw::Plain, CLAUSE | MYSQL),
    kw("ilike", Kw::Like, CLAUSE),
    kw("in", Kw::In, CLAUSE),
    kw("index", Kw::Plain, BLANK | MYSQL),
    kw("initially", Kw::Plain, QUOTED),
    kw("inner", Kw::Inner, CLAUSE),
    kw("insert", Kw::Insert, CLAUSE | FUNCTION),
    kw("instead", Kw::Instead, 0),
    kw("also", Kw::Instead, 0),
    kw("intersect", Kw::Union, CLAUSE),
    kw("interval", Kw::Interval, FUNCTION),
    kw("into", Kw::Into, CLAUSE),
    kw("is", Kw::Is, CLAUSE),
    kw("isnull", Kw::Plain, SUFFIX | FUNCTION),
    kw("join", Kw::Join, CLAUSE),
    kw("key", Kw::Key, BLANK),
    kw("lateral", Kw::Plain, CLAUSE),
    kw("leading", Kw::Plain, QUOTED | PREFIX),
    kw("left", Kw::Left, CLAUSE | FUNCTION),
    kw("like", Kw::Like, CLAUSE | FUNCTION),
    kw("limit", Kw::Limit, CLAUSE),
    kw("localtime", Kw::Plain, CALL),
    kw("localtimestamp", Kw::Plain, CALL),
    kw("materialized", Kw::Plain, BLANK),
    kw("merge", Kw::Merge, 0),
    kw("move", Kw::Move, 0),
    kw("national", Kw::TypeName, 0),
    kw("natural", Kw::Plain, CLAUSE),
    kw("nchar", Kw::TypeName, 0),
    kw("not", Kw::Not, CLAUSE),
    kw("notnull", Kw::Plain, SUFFIX),
    kw("null", Kw::Null, NO_ALIAS | QUOTED),
    kw("nulls", Kw::Nulls, NO_ALIAS),
    kw("numeric", Kw::TypeName, 0),
    kw("offset", Kw::Offset, CLAUSE),
    kw("on", Kw::On, CLAUSE),
    kw("only", Kw::Plain, CLAUSE),
    kw("operator", Kw::Operator, NO_ALIAS),
    kw("or", Kw::Or, CLAUSE),
    kw("order", Kw::Where, CLAUSE),
    kw("outer", Kw::Outer, CLAUSE),
    kw("over", Kw::Plain, CLAUSE),
    kw("overlaps", Kw::Plain, CLAUSE),
    kw("partition", Kw::Plain, CLAUSE | MYSQL),
    kw("placing", Kw::Plain, CLAUSE),
    kw("prepare", Kw::Prepare, 0),
    kw("primary", Kw::Plain, QUOTED),
    kw("references", Kw::Plain, QUOTED),
    kw("regexp", Kw::Plain, CLAUSE | MYSQL),
    kw("release", Kw::Release, 0),
    kw("repeatable", Kw::Plain, SUFFIX),
    kw("replace", Kw::Replace, FUNCTION),
    kw("returning", Kw::Returning, CLAUSE),
    kw("right", Kw::Right, CLAUSE | FUNCTION),
    kw("rlike", Kw::Plain, CLAUSE | MYSQL),
    kw("rollback", Kw::Rollback, 0),
    kw("row", Kw::Row, QUOTED),
    kw("savepoint", Kw::Savepoint, 0),
    kw("select", Kw::Select, CLAUSE),
    kw("session_user", Kw::Plain, CALL),
    kw("set", Kw::Set, CLAUSE),
    kw("sets", Kw::Plain, BLANK),
    kw("similar", Kw::Similar, CLAUSE),
    kw("some", Kw::Any, NO_ALIAS | PREFIX | QUOTED),
    kw("sounds", Kw::Plain, CLAUSE | MYSQL),
    kw("sql_big_result", Kw::Plain, CLAUSE | MYSQL),
    kw("sql_buffer_result", Kw::Plain, CLAUSE | MYSQL),
    kw("sql_cache", Kw::Plain, CLAUSE | MYSQL),
    kw("sql_calc_found_rows", Kw::Plain, CLAUSE | MYSQL),
    kw("sql_no_cache", Kw::Plain, CLAUSE | MYSQL),
    kw("sql_small_result", Kw::Plain, CLAUSE | MYSQL),
    kw("straight_join", Kw::Join, CLAUSE | MYSQL),
    kw("symmetric", Kw::Plain, CLAUSE),
    kw("table", Kw::Table, QUOTED),
    kw("tablesample", Kw::Plain, CLAUSE),
    kw("then", Kw::Then, CLAUSE),
    kw("time", Kw::TypeName, 0),
    kw("timestamp", Kw::TypeName, 0),
    kw("to", Kw::To, CLAUSE),
    kw("trailing", Kw::Plain, QUOTED | PREFIX),
    kw("true", Kw::Literal, NO_ALIAS | QUOTED),
    kw("uescape", Kw::Uescape, NO_ALIAS | QUOTED),
    kw("union", Kw::Union, CLAUSE),
    kw("unique", Kw::Plain, QUOTED | BLANK),
    kw("update", Kw::Update, CLAUSE),
    kw("use", Kw::Plain, CLAUSE | MYSQL),
    kw("user", Kw::Plain, QUOTED),
    kw("using", Kw::Using, CLAUSE),
    kw("values", Kw::Values, CLAUSE),
    kw("varchar", Kw::TypeName, 0),
    kw("variadic", Kw::Plain, CLAUSE),
    kw("verbose", Kw::Plain, QUOTED),
    kw("when", Kw::Plain, CLAUSE),
    kw("where", Kw::Where, CLAUSE),
    kw("window", Kw::Where, CLAUSE),
    kw("with", Kw::With, CLAUSE),
    kw("within", Kw::Within, CLAUSE),
    kw("xor", Kw::Plain, CLAUSE | MYSQL),
];

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
    let mut at = slot(head, word.len());
    loop {
        let Some(index) = TABLE[at].checked_sub(1) else {
            return Keyword::NONE;
        };
        let entry = &KEYWORDS[usize::from(index)];
        if HEADS[usize::from(index)] == head
            && entry.text.len() == word.len()
            && entry.text.eq_ignore_ascii_case(word)
        {
            let known = entry.keyword.flags & MYSQL == 0 || dialect == Dialect::Mysql;
            return if known { entry.keyword } else { Keyword::NONE };
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
            let found = lookup(&upper, 0, upper.len(), Dialect::Mysql);
            assert_eq!((found.kw, found.flags), (keyword.kw, keyword.flags), "{text:?}");
            let postgres = lookup(text, 0, text.len(), Dialect::Postgres);
            assert_eq!(postgres.kw == Kw::None, keyword.flags & MYSQL != 0, "{text:?}");
        }
        for word in ["", "x", "selec", "selects", "orders", "a_word_longer_than_any_keyword"] {
            assert_eq!(lookup(word.as_bytes(), 0, word.len(), Dialect::Mysql).kw, Kw::None);
        }
    }
}
