//! Who did how much: counts by name (user, database, host, application, tag value), with a cap that
//! keeps merging exact.
//!
//! Past its cap a tally keeps the names with the smallest hashes: the threshold halves and never
//! rises, so a name that is there was never dropped and its numbers are exact; all others are
//! summed in one counted rest. The final threshold depends on the set of names only, not on order.

use super::threshold::Threshold;
use hashbrown::HashMap;
use xxhash_rust::xxh3::xxh3_64;

/// A name in a [`Names`] table.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NameId(u32);

/// The names that tallies refer to, each stored once per workload.
#[derive(Clone, Debug, Default)]
pub struct Names {
    texts: Vec<Box<str>>,
    hashes: Vec<u64>,
    ids: HashMap<Box<[u8]>, NameId>,
}

/// Longer names are cut: a log is data from strangers.
const MAX_NAME_BYTES: usize = 128;

impl Names {
    /// The id of a name, new or known. Names that are cut or hold bytes that are not UTF-8 are known
    /// by the text they get, so that a name found again in another table is the same.
    pub fn id(&mut self, name: &[u8]) -> NameId {
        if let Some(id) = self.ids.get(name) {
            return *id;
        }
        let text = String::from_utf8_lossy(name);
        let text = &text[..text.floor_char_boundary(MAX_NAME_BYTES)];
        if let Some(id) = self.ids.get(text.as_bytes()) {
            return *id;
        }
        let id = NameId(self.texts.len() as u32);
        self.texts.push(text.into());
        self.hashes.push(name_hash(text.as_bytes()));
        self.ids.insert(text.as_bytes().into(), id);
        id
    }

    /// The text of a name.
    pub fn text(&self, id: NameId) -> &str {
        &self.texts[id.0 as usize]
    }

    /// What stands for a name in every table.
    pub(super) fn hash(&self, id: NameId) -> u64 {
        self.hashes[id.0 as usize]
    }

    /// How many names are stored.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether no name is stored.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }
}

/// What stands for a name in every table.
pub(super) fn name_hash(name: &[u8]) -> u64 {
    xxh3_64(name)
}

/// One name's share.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Share {
    /// Calls.
    pub calls: u64,
    /// Their time in microseconds.
    pub total_us: u64,
}

impl Share {
    fn add(&mut self, other: Share) {
        self.calls += other.calls;
        self.total_us = self.total_us.saturating_add(other.total_us);
    }
}

/// Calls and time by name.
#[derive(Clone, Debug, Default)]
pub enum Tally {
    /// Nobody yet.
    #[default]
    Empty,
    /// Most classes of a log with many are run by one name only.
    One(NameId, Share),
    /// Any number, capped.
    Many(Box<Members>),
}

/// The names of a tally that had more than one.
#[derive(Clone, Debug, Default)]
pub struct Members {
    members: Vec<(NameId, Share)>,
    threshold: Threshold,
    rest: Share,
}

impl Tally {
    /// Adds to one name.
    pub fn add(&mut self, names: &Names, name: NameId, share: Share, cap: usize) {
        match self {
            Tally::Empty => *self = Tally::One(name, share),
            Tally::One(only, mine) if *only == name => mine.add(share),
            _ => self.many().add(names, name, share, cap),
        }
    }

    /// Adds all of another tally whose names live in another table.
    pub fn merge(&mut self, names: &mut Names, other: &Tally, theirs: &Names, cap: usize) {
        match other {
            Tally::Empty => {}
            Tally::One(name, share) => {
                let name = names.id(theirs.text(*name).as_bytes());
                self.add(names, name, *share, cap);
            }
            Tally::Many(members) => self.many().merge(names, members, theirs, cap),
        }
    }

    fn many(&mut self) -> &mut Members {
        if !matches!(self, Tally::Many(_)) {
            let mut members = Members::default();
            if let Tally::One(name, share) = self {
                members.members.push((*name, *share));
            }
            *self = Tally::Many(Box::new(members));
        }
        match self {
            Tally::Many(members) => members,
            Tally::Empty | Tally::One(..) => unreachable!("it was made many above"),
        }
    }

    fn members(&self) -> impl Iterator<Item = (NameId, Share)> {
        let (one, many) = match self {
            Tally::Empty => (None, &[][..]),
            Tally::One(name, share) => (Some((*name, *share)), &[][..]),
            Tally::Many(members) => (None, &members.members[..]),
        };
        one.into_iter().chain(many.iter().copied())
    }

    /// Gives every name its id in another table, where it is added when missing.
    pub fn move_names(&mut self, from: &Names, to: &mut Names) {
        let mut rename = |id: &mut NameId| *id = to.id(from.text(*id).as_bytes());
        match self {
            Tally::Empty => {}
            Tally::One(name, _) => rename(name),
            Tally::Many(members) => members.members.iter_mut().for_each(|(id, _)| rename(id)),
        }
    }

    /// The names with their shares, most calls first, then by name.
    pub fn ranked<'n>(&self, names: &'n Names) -> Vec<(&'n str, Share)> {
        let mut ranked: Vec<_> =
            self.members().map(|(id, share)| (names.text(id), share)).collect();
        ranked.sort_by(|a, b| b.1.calls.cmp(&a.1.calls).then(a.0.cmp(b.0)));
        ranked
    }

    /// What was folded because the tally was full; zero calls when nothing was.
    pub fn rest(&self) -> Share {
        match self {
            Tally::Many(members) => members.rest,
            Tally::Empty | Tally::One(..) => Share::default(),
        }
    }

    /// Whether nothing was added.
    pub fn is_empty(&self) -> bool {
        self.members().next().is_none() && self.rest().calls == 0
    }
}

impl Members {
    fn add(&mut self, names: &Names, name: NameId, share: Share, cap: usize) {
        if let Some(at) = self.members.iter().position(|(id, _)| *id == name) {
            self.members[at].1.add(share);
            if at > 0 {
                self.members.swap(at, at - 1); // busy names drift to the front
            }
        } else if self.threshold.keeps(names.hash(name)) {
            self.members.push((name, share));
            while self.members.len() > cap {
                self.halve(names);
            }
        } else {
            self.rest.add(share);
        }
    }

    fn merge(&mut self, names: &mut Names, other: &Members, theirs: &Names, cap: usize) {
        while self.threshold.is_above(other.threshold) {
            self.halve(names);
        }
        self.rest.add(other.rest);
        for (id, share) in &other.members {
            let id = names.id(theirs.text(*id).as_bytes());
            self.add(names, id, *share, cap);
        }
    }

    fn halve(&mut self, names: &Names) {
        self.threshold.halve();
        let threshold = self.threshold;
        let mut rest = self.rest;
        self.members.retain(|(id, share)| {
            let stays = threshold.keeps(names.hash(*id));
            if !stays {
                rest.add(*share);
            }
            stays
        });
        self.rest = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn build(words: &[u8]) -> (Names, Tally) {
        let (mut names, mut tally) = (Names::default(), Tally::default());
        for word in words {
            let id = names.id(&[b'a' + word % 26]);
            tally.add(&names, id, Share { calls: 1, total_us: 3 }, 5);
        }
        (names, tally)
    }

    fn shown((names, tally): &(Names, Tally)) -> (Vec<(String, u64)>, u64) {
        let members =
            tally.ranked(names).into_iter().map(|(n, s)| (n.to_owned(), s.calls)).collect();
        (members, tally.rest().calls)
    }

    #[test]
    fn a_name_is_the_same_in_every_table() {
        let long = [b"x".as_slice(), &[0xe9; 200]].concat();
        for name in [b"jos\xe9".as_slice(), &long, "é".repeat(99).as_bytes()] {
            let (mut one, mut other) = (Names::default(), Names::default());
            let id = one.id(name);
            assert!(one.text(id).len() <= MAX_NAME_BYTES);
            let moved = other.id(one.text(id).as_bytes());
            assert_eq!(other.id(name), moved);
            assert_eq!(other.hash(moved), one.hash(id));
        }
    }

    proptest! {
        #[test]
        fn a_full_tally_is_exact_in_any_order(mut words in prop::collection::vec(any::<u8>(), 0..200), cut in 0usize..200) {
            let whole = shown(&build(&words));
            prop_assert!(whole.0.len() <= 5);
            for (name, calls) in &whole.0 {
                let truth = words.iter().filter(|w| b'a' + *w % 26 == name.as_bytes()[0]).count() as u64;
                prop_assert_eq!(*calls, truth);
            }
            let cut = cut.min(words.len());
            let (mut left, right) = (build(&words[..cut]), build(&words[cut..]));
            left.1.merge(&mut left.0, &right.1, &right.0, 5);
            prop_assert_eq!(&shown(&left), &whole);
            words.reverse();
            prop_assert_eq!(shown(&build(&words)), whole);
        }
    }
}
