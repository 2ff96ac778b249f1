//! Members by key, with a cap that keeps merging exact: past it the members with the smallest keys
//! stay, and the rest is summed.

use super::threshold::Threshold;
use hashbrown::HashMap;

/// What a capped collection holds.
pub(super) trait Member {
    /// What is left of members that are folded.
    type Rest: Clone + Default;

    /// Adds all of another part of the same member.
    fn merge(&mut self, other: Self);

    /// Adds this member to what is folded.
    fn fold(self, rest: &mut Self::Rest);
}

/// Members by a well-mixed key.
#[derive(Clone, Debug)]
pub(super) struct Capped<M: Member, const MAX: usize> {
    members: HashMap<u64, M>,
    threshold: Threshold,
    /// All members that were folded.
    pub rest: M::Rest,
}

impl<M: Member, const MAX: usize> Default for Capped<M, MAX> {
    fn default() -> Self {
        Capped {
            members: HashMap::new(),
            threshold: Threshold::default(),
            rest: M::Rest::default(),
        }
    }
}

impl<M: Member, const MAX: usize> Capped<M, MAX> {
    /// Adds to the member with a key.
    pub fn add(&mut self, key: u64, member: M) {
        if let Some(mine) = self.members.get_mut(&key) {
            mine.merge(member);
        } else if self.threshold.keeps(key) {
            self.members.insert(key, member);
            while self.members.len() > MAX {
                self.halve();
            }
        } else {
            member.fold(&mut self.rest);
        }
    }

    /// The member with a key, if it is kept.
    pub fn get_mut(&mut self, key: u64) -> Option<&mut M> {
        self.members.get_mut(&key)
    }

    /// Adds all of another collection; `merge_rest` adds what that one folded.
    pub fn merge(&mut self, other: Self, merge_rest: impl FnOnce(&mut M::Rest, M::Rest)) {
        while self.threshold.is_above(other.threshold) {
            self.halve();
        }
        merge_rest(&mut self.rest, other.rest);
        for (key, member) in other.members {
            self.add(key, member);
        }
    }

    fn halve(&mut self) {
        self.threshold.halve();
        let threshold = self.threshold;
        let rest = &mut self.rest;
        for (_, member) in self.members.extract_if(|key, _| !threshold.keeps(*key)) {
            member.fold(rest);
        }
    }

    /// How many members each that is kept stands for; 1 while none was folded.
    pub fn weight(&self) -> u64 {
        self.threshold.weight()
    }

    /// The members, in no order.
    pub fn values(&self) -> impl Iterator<Item = &M> {
        self.members.values()
    }

    /// The members for changing, in no order.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut M> {
        self.members.values_mut()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use xxhash_rust::xxh3::xxh3_64;

    #[derive(Clone, Debug)]
    struct Count(u8, u64);

    impl Member for Count {
        type Rest = u64;
        fn merge(&mut self, other: Self) {
            self.1 += other.1;
        }
        fn fold(self, rest: &mut u64) {
            *rest += self.1;
        }
    }

    fn build(names: &[u8]) -> Capped<Count, 5> {
        let mut capped = Capped::default();
        names.iter().for_each(|name| capped.add(xxh3_64(&[*name]), Count(*name, 1)));
        capped
    }

    fn shown(capped: &Capped<Count, 5>) -> (Vec<(u8, u64)>, u64) {
        let mut members: Vec<_> = capped.values().map(|count| (count.0, count.1)).collect();
        members.sort_unstable();
        (members, capped.rest)
    }

    proptest! {
        #[test]
        fn any_split_and_order_gives_the_same(
            mut names in prop::collection::vec(0u8..30, 0..200),
            cut in 0usize..200,
        ) {
            let whole = shown(&build(&names));
            prop_assert!(whole.0.len() <= 5);
            let cut = cut.min(names.len());
            let mut left = build(&names[..cut]);
            left.merge(build(&names[cut..]), |rest, theirs| *rest += theirs);
            prop_assert_eq!(shown(&left), whole.clone());
            names.reverse();
            prop_assert_eq!(shown(&build(&names)), whole);
        }
    }
}
