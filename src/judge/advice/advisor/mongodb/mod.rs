//! The indexes that a MongoDB server lacks: what its commands ask for, put together where one index
//! serves several of them.
//!
//! In: the commands that read far more than they use, each with the indexes that it asks for and the
//! time that these can spare at most; the indexes and the arrays that are known of each collection.
//! Out: few indexes, those that spare most first. Which commands need one is for the rules to say.

mod layout;

use crate::judge::advice::mongodb_index::Candidate;
use layout::Layout;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Indexes that are advised together: more are not looked at by anyone, nor built.
const MAX_INDEXES: usize = 10;
/// … and on one collection.
const MAX_PER_COLLECTION: usize = 3;
/// Indexes of one collection that candidates are gathered into: beyond, all that follow weigh less.
const MAX_LAYOUTS: usize = 100;

/// A command that needs an index.
#[derive(Clone, Debug)]
pub struct Need {
    /// The place of its class among those that the caller knows.
    pub class: usize,
    /// Time that its indexes can take off at most, in microseconds.
    pub saved_us: f64,
    /// The indexes that it asks for, all of them together.
    pub candidates: Vec<Candidate>,
}

/// What is known of a collection.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The keys of its indexes, and whether each runs downwards.
    pub indexes: Vec<Vec<(String, bool)>>,
    /// Paths of arrays.
    pub arrays: BTreeSet<String>,
}

/// What is known of collections, by database and name.
pub type Collections = BTreeMap<(String, String), Known>;

/// A command that an index serves.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Served {
    /// Its class, as in [`Need::class`].
    pub class: usize,
    /// Time that the index takes off it at most, in microseconds.
    pub saved_us: f64,
    /// The index serves one branch of its `$or`, or one of its joins: it needs others beside it.
    pub is_part: bool,
}

/// An index that should be built.
#[derive(Clone, PartialEq, Debug)]
pub struct Advised {
    /// What it is.
    pub candidate: Candidate,
    /// The commands that it serves, those that gain most first.
    pub serves: Vec<Served>,
    /// Time that it takes off at most, in microseconds.
    pub saved_us: f64,
}

/// The indexes that a server lacks, those that spare most first.
pub fn advise(needs: &[Need], collections: &Collections) -> Vec<Advised> {
    let mut wanted: BTreeMap<(String, String), Vec<(Candidate, Served)>> = BTreeMap::new();
    for need in needs {
        let lacking: Vec<_> =
            need.candidates.iter().filter_map(|one| lacking(one, collections)).collect();
        let parts = lacking.len() as f64;
        let is_part = need.candidates.len() > 1;
        for candidate in lacking {
            let served = Served { class: need.class, saved_us: need.saved_us / parts, is_part };
            wanted.entry(place_of(&candidate)).or_default().push((candidate, served));
        }
    }
    let of_each = wanted.into_iter().map(|(place, wanted)| {
        let known = collections.get(&place).map_or(&[][..], |known| &known.indexes);
        of_collection(wanted, known)
    });
    let mut all: Vec<Advised> = of_each.flatten().collect();
    rank(&mut all);
    all.truncate(MAX_INDEXES);
    all
}

fn place_of(candidate: &Candidate) -> (String, String) {
    (candidate.database.clone(), candidate.collection.clone())
}

/// A candidate as it can be built; `None` where an index that is there serves as well.
fn lacking(candidate: &Candidate, collections: &Collections) -> Option<Candidate> {
    let Some(known) = collections.get(&place_of(candidate)) else { return Some(candidate.clone()) };
    let candidate = of_one_array(candidate, known);
    let serves = |keys: &Vec<_>| Layout::of_existing(keys).serving(&candidate).is_some();
    let is_there = candidate.keys.is_empty() || known.indexes.iter().any(serves);
    (!is_there).then_some(candidate)
}

/// The indexes of one collection that spare most. `known` are those that it has.
fn of_collection(
    mut wanted: Vec<(Candidate, Served)>,
    known: &[Vec<(String, bool)>],
) -> Vec<Advised> {
    // Those with most fields first: the others may be their beginnings.
    wanted.sort_by(|(a, a_served), (b, b_served)| {
        Reverse(a.keys.len())
            .cmp(&Reverse(b.keys.len()))
            .then(b_served.saved_us.total_cmp(&a_served.saved_us))
            .then(a.keys.cmp(&b.keys))
            .then(a_served.class.cmp(&b_served.class))
    });
    let mut found: Vec<(Layout, Advised)> = Vec::new();
    for (candidate, served) in wanted {
        let host = found
            .iter()
            .enumerate()
            .find_map(|(at, (layout, _))| Some((at, layout.serving(&candidate)?)));
        match host {
            Some((at, settled)) => {
                if let Some((layout, advised)) = found.get_mut(at) {
                    *layout = settled;
                    advised.take(&candidate, served);
                }
            }
            None if found.len() < MAX_LAYOUTS => {
                let layout = Layout::of(&candidate);
                let saved_us = served.saved_us;
                found.push((layout, Advised { candidate, serves: vec![served], saved_us }));
            }
            None => {}
        }
    }
    let finished = found.into_iter().map(|(layout, mut advised)| {
        advised.candidate.keys = extending(layout, known).keys();
        advised
            .serves
            .sort_by(|a, b| b.saved_us.total_cmp(&a.saved_us).then(a.class.cmp(&b.class)));
        advised
    });
    let mut all: Vec<_> = finished.collect();
    rank(&mut all);
    all.truncate(MAX_PER_COLLECTION);
    all
}

/// The order of the fields in which the longest index that is there becomes a beginning, and so
/// needless.
fn extending(layout: Layout, known: &[Vec<(String, bool)>]) -> Layout {
    let settled = known.iter().filter_map(|keys| {
        let fixed = Candidate {
            keys: keys.clone(),
            equalities: 0,
            sorted: keys.len(),
            ..Candidate::of_field("", "", "")
        };
        Some((keys, layout.serving(&fixed)?))
    });
    let longest = settled.max_by_key(|(keys, _)| (keys.len(), Reverse(keys.as_slice())));
    longest.map_or(layout.clone(), |(_, settled)| settled)
}

impl Advised {
    /// Takes one more command that the same index serves.
    fn take(&mut self, candidate: &Candidate, served: Served) {
        self.candidate.is_multikey |= candidate.is_multikey;
        self.candidate.leaves_sort |= candidate.leaves_sort;
        self.saved_us += served.saved_us;
        // Two branches of one `$or` may come to one index.
        match self.serves.iter_mut().find(|known| known.class == served.class) {
            Some(known) => known.saved_us += served.saved_us,
            None => self.serves.push(served),
        }
    }
}

fn rank(all: &mut [Advised]) {
    let place = |one: &Advised| (place_of(&one.candidate), one.candidate.keys.clone());
    all.sort_by(|a, b| b.saved_us.total_cmp(&a.saved_us).then_with(|| place(a).cmp(&place(b))));
}

/// A candidate without the fields that lie in a second array: the server refuses such an index as
/// soon as one document has both. What stands behind a field of the sort that is left out goes, too.
fn of_one_array(candidate: &Candidate, known: &Known) -> Candidate {
    let array_of = |path: &str| {
        known.arrays.iter().find(|array| {
            path.strip_prefix(array.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    };
    let mut out = Candidate { keys: Vec::new(), equalities: 0, sorted: 0, ..candidate.clone() };
    let mut only: Option<&String> = None;
    let sort_ends = candidate.equalities + candidate.sorted;
    for (at, key) in candidate.keys.iter().enumerate() {
        let array = array_of(&key.0);
        if array.is_some() && only.is_some() && array != only {
            match at >= candidate.equalities && at < sort_ends {
                true => break,
                false => continue,
            }
        }
        only = only.or(array);
        out.is_multikey |= array.is_some();
        out.equalities += usize::from(at < candidate.equalities);
        out.sorted += usize::from(at >= candidate.equalities && at < sort_ends);
        out.keys.push(key.clone());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(collection: &str, equal: &[&str], ranges: &[&str]) -> Candidate {
        let fields = equal.iter().chain(ranges);
        Candidate {
            keys: fields.map(|field| ((*field).to_owned(), false)).collect(),
            equalities: equal.len(),
            ..Candidate::of_field("d", collection, "_")
        }
    }

    fn need(class: usize, saved_us: f64, candidates: &[Candidate]) -> Need {
        Need { class, saved_us, candidates: candidates.to_vec() }
    }

    /// `c { b: 1, a: 1 } 30: 0 1`: what is built, what it spares, whom it serves.
    fn shown(needs: &[Need], collections: &Collections) -> Vec<String> {
        let line = |one: &Advised| {
            let classes: Vec<_> = one.serves.iter().map(|s| s.class.to_string()).collect();
            format!("{} {}: {}", one.candidate.name(), one.saved_us, classes.join(" "))
        };
        advise(needs, collections).iter().map(line).collect()
    }

    #[test]
    fn commands_share_indexes_and_what_is_there_is_not_advised() {
        let needs = [
            need(0, 10.0, &[candidate("c", &["a", "b"], &["z"])]),
            need(1, 20.0, &[candidate("c", &["b"], &[])]),
            need(2, 5.0, &[candidate("c", &["x"], &[]), candidate("c", &["y"], &[])]),
            need(3, 50.0, &[candidate("e", &["a"], &[])]),
        ];
        let mut collections = Collections::new();
        let all = ["a_1 50: 3", "b_1_a_1_z_1 30: 1 0", "x_1 2.5: 2", "y_1 2.5: 2"];
        assert_eq!(shown(&needs, &collections), all);
        let e = collections.entry(("d".into(), "e".into())).or_default();
        e.indexes.push(vec![("a".into(), true), ("q".into(), false)]);
        let c = collections.entry(("d".into(), "c".into())).or_default();
        c.indexes.extend([vec![("b".into(), false)], vec![("x".into(), false)]]);
        // What is there is extended: it becomes a beginning of the new one.
        assert_eq!(shown(&needs, &collections), ["b_1_a_1_z_1 10: 0", "y_1 5: 2"]);
    }

    #[test]
    fn only_few_are_advised() {
        let needs: Vec<_> = (0..40)
            .map(|at| {
                let field = format!("f{at}");
                need(at, at as f64, &[candidate(&format!("c{}", at % 8), &[&field], &[])])
            })
            .collect();
        let all = advise(&needs, &Collections::new());
        assert_eq!(all.len(), MAX_INDEXES);
        assert_eq!(all[0].serves[0].class, 39);
        let one = (0..9).map(|at| {
            let field = format!("f{at}");
            need(at, 1.0, &[candidate("c", &[&field], &[])])
        });
        let one: Vec<_> = one.collect();
        assert_eq!(advise(&one, &Collections::new()).len(), MAX_PER_COLLECTION);
    }

    #[test]
    fn an_index_has_fields_of_one_array_at_most() {
        let known =
            Known { arrays: ["tags".to_owned(), "items".to_owned()].into(), ..Known::default() };
        let cut = |equal: &[&str], ranges: &[&str]| {
            of_one_array(&candidate("c", equal, ranges), &known).name()
        };
        assert_eq!(cut(&["tags", "items.sku", "a"], &["itemsize"]), "tags_1_a_1_itemsize_1");
        assert_eq!(cut(&["items.sku", "items.n"], &["tags.x"]), "items.sku_1_items.n_1");
        let sorted = Candidate { sorted: 2, ..candidate("c", &["tags"], &["items.n", "s", "z"]) };
        assert_eq!(of_one_array(&sorted, &known).name(), "tags_1");
    }
}
