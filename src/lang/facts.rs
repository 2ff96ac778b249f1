//! What the rules may know of a statement's literals.
//!
//! Owns [`LiteralFacts`]. The fingerprinter fills it while it drops the literals, before masking;
//! afterwards only these numbers are left. Judging them is left to the rules.

/// Facts about the constants of one statement or, after [`merge`](Self::merge), of many.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct LiteralFacts {
    /// Largest literal OFFSET, in rows.
    pub max_offset: u64,
    /// Largest literal LIMIT or FETCH FIRST, in rows.
    pub max_limit: u64,
    /// Elements of the longest `IN (…)` or `ANY (ARRAY[…])` list of constants.
    pub max_list: u32,
    /// Rows of the longest VALUES list.
    pub max_values_rows: u32,
    /// LIKE, ILIKE and SIMILAR TO patterns that begin with `%` or `_`.
    pub leading_wildcards: u64,
    /// LIKE, ILIKE and SIMILAR TO patterns that begin with anything else.
    pub anchored_likes: u64,
    /// Literals, NULL, TRUE and FALSE included.
    pub literals: u32,
    /// Parameters (`$1`, `?`, `:name`, `@v`).
    pub parameters: u32,
    /// Hash of the literals in order, for counting repeats of one statement. Not merged.
    pub literal_hash: u64,
}

impl LiteralFacts {
    /// Adds the facts of another statement: maxima stay maxima, counts add up (saturating), and the
    /// literal hash, which belongs to one statement, is cleared. Associative and commutative.
    pub fn merge(&mut self, other: &Self) {
        self.max_offset = self.max_offset.max(other.max_offset);
        self.max_limit = self.max_limit.max(other.max_limit);
        self.max_list = self.max_list.max(other.max_list);
        self.max_values_rows = self.max_values_rows.max(other.max_values_rows);
        self.leading_wildcards = self.leading_wildcards.saturating_add(other.leading_wildcards);
        self.anchored_likes = self.anchored_likes.saturating_add(other.anchored_likes);
        self.literals = self.literals.saturating_add(other.literals);
        self.parameters = self.parameters.saturating_add(other.parameters);
        self.literal_hash = 0;
    }
}
