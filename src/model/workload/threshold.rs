//! Which members of a capped collection stay: those whose hash is not above a threshold that halves
//! and never rises. So what is there was never dropped and its numbers are exact, and the final
//! threshold depends on the set of members only, not on their order or on how parts were merged.

/// A threshold over well-mixed hashes.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(in crate::model) struct Threshold {
    halvings: u32,
}

impl Threshold {
    /// Whether a member with this hash stays.
    pub fn keeps(self, hash: u64) -> bool {
        hash <= u64::MAX.checked_shr(self.halvings).unwrap_or(0)
    }

    /// Drops about half of what is left.
    pub fn halve(&mut self) {
        self.halvings += 1;
    }

    /// Whether this one keeps more than another: merging takes the lower.
    pub fn is_above(self, other: Threshold) -> bool {
        self.halvings < other.halvings
    }

    /// The lower of two.
    pub fn lower(self, other: Threshold) -> Threshold {
        if self.is_above(other) { other } else { self }
    }

    /// How many members one kept member stands for; 1 while nothing was dropped.
    pub fn weight(self) -> u64 {
        1 << self.halvings.min(40)
    }
}
