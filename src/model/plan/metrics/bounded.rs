//! Numbers that say how far the truth may lie from them.

/// A number and how far the truth may lie from it.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Bounded {
    /// The best that can be said.
    pub value: f64,
    /// The truth lies at most this far away.
    pub within: f64,
}

impl Bounded {
    /// A number that is exact.
    pub fn exactly(value: f64) -> Self {
        Bounded { value, within: 0.0 }
    }

    /// Whether it is more than could be rounding.
    pub fn is_sure(self) -> bool {
        self.value > self.within
    }

    /// The least that the truth may be.
    pub fn least(self) -> f64 {
        self.value - self.within
    }

    /// The most that the truth may be.
    pub fn most(self) -> f64 {
        self.value + self.within
    }

    /// Both together.
    pub(super) fn plus(self, other: Bounded) -> Self {
        Bounded { value: self.value + other.value, within: self.within + other.within }
    }

    /// What is left of it without the other; may be negative.
    pub(super) fn minus(self, other: Bounded) -> Self {
        Bounded { value: self.value - other.value, within: self.within + other.within }
    }

    /// A part or a multiple of it.
    pub(super) fn times(self, factor: f64) -> Self {
        Bounded { value: self.value * factor, within: self.within * factor }
    }

    /// The same without a negative value: what is less than nothing is error, so the truth may lie
    /// as far away as that.
    pub(super) fn not_negative(self) -> Self {
        match self.value < 0.0 {
            true => Bounded { value: 0.0, within: self.within.max(-self.value) },
            false => self,
        }
    }

    /// The value nearest to this one between two ends, and the truth as near as both say.
    pub(super) fn between(self, least: f64, most: f64) -> Self {
        let (low, high) = (self.least().max(least), self.most().min(most));
        if low > high {
            return self;
        }
        let value = self.value.clamp(low, high);
        Bounded { value, within: (value - low).max(high - value) }
    }
}
