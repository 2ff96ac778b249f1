//! A fact with where and when it was told, and how two of them become one: by the later, whatever
//! the order in which they come.

use crate::model::workload::examples::Place;
use crate::time::Timestamp;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// Where and when something was told. The later one is the greater.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Origin {
    /// When the snapshot was taken, as far as it says: one that does not is taken for the earliest.
    pub taken: Option<Timestamp>,
    /// Where it stands.
    pub place: Place,
}

/// A fact with its origin.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Told<T> {
    /// The fact.
    pub value: T,
    /// Where and when it was told.
    pub origin: Origin,
}

impl<T> Told<T> {
    /// A fact with its origin.
    pub fn new(value: T, origin: Origin) -> Self {
        Told { value, origin }
    }
}

/// Keeps the later of two.
pub fn keep_later<T>(mine: &mut Option<Told<T>>, theirs: Option<Told<T>>) {
    let Some(theirs) = theirs else { return };
    if mine.as_ref().is_none_or(|mine| mine.origin < theirs.origin) {
        *mine = Some(theirs);
    }
}

/// Keeps the later of two in a map.
pub fn later<K: Ord, T>(mine: Entry<'_, K, Told<T>>, theirs: Told<T>) {
    match mine {
        Entry::Vacant(free) => {
            free.insert(theirs);
        }
        Entry::Occupied(mut mine) if mine.get().origin < theirs.origin => {
            mine.insert(theirs);
        }
        Entry::Occupied(_) => {}
    }
}

/// Adds one state of counters.
pub fn add_state<K: Ord, T: Clone>(series: &mut BTreeMap<K, Series<T>>, name: K, told: Told<T>) {
    let state = Series { first: told.clone(), last: told };
    match series.entry(name) {
        Entry::Vacant(free) => {
            free.insert(state);
        }
        Entry::Occupied(mut mine) => mine.get_mut().merge(state),
    }
}

/// Adds the states of counters by name.
pub fn merge_series<K: Ord, T: Clone>(
    mine: &mut BTreeMap<K, Series<T>>,
    theirs: BTreeMap<K, Series<T>>,
) {
    for (name, theirs) in theirs {
        match mine.entry(name) {
            Entry::Vacant(free) => {
                free.insert(theirs);
            }
            Entry::Occupied(mut mine) => mine.get_mut().merge(theirs),
        }
    }
}

/// Counters that were seen once or several times: their first and last state.
#[derive(Clone, PartialEq, Debug)]
pub struct Series<T> {
    /// The earliest.
    pub first: Told<T>,
    /// The latest; the same where there is one only.
    pub last: Told<T>,
}

impl<T: Clone> Series<T> {
    /// Adds other states of the same counters.
    pub fn merge(&mut self, other: Series<T>) {
        if other.first.origin < self.first.origin {
            self.first = other.first;
        }
        if self.last.origin < other.last.origin {
            self.last = other.last;
        }
    }

    /// Where its states stand, for changing it.
    pub fn places_mut(&mut self) -> [&mut Place; 2] {
        [&mut self.first.origin.place, &mut self.last.origin.place]
    }
}
