//! The fields of an index of MongoDB's as far as their order is settled, so that it can serve one more
//! command: fields that are compared with values may stand in any order among themselves.
//!
//! Knows patterns of keys only; what commands cost is left to [`super`].

use crate::judge::advice::mongodb_index::Candidate;
use std::collections::BTreeSet;

/// A field, and which way it has to run, where that matters.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Key {
    path: String,
    is_descending: Option<bool>,
}

/// An index whose fields stand in blocks: the order of the blocks is settled, that within a block is
/// not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Layout(Vec<Vec<Key>>);

impl Layout {
    /// What a command asks for.
    pub fn of(candidate: &Candidate) -> Self {
        let (equal, rest) = split(candidate);
        let free: Vec<_> = equal.into_iter().cloned().map(any_way).collect();
        let blocks = [free].into_iter().filter(|block| !block.is_empty());
        Layout(blocks.chain(rest.into_iter().map(|key| vec![key])).collect())
    }

    /// An index that is there.
    pub fn of_existing(keys: &[(String, bool)]) -> Self {
        let key = |(path, falls): &(String, bool)| {
            vec![Key { path: path.clone(), is_descending: Some(*falls) }]
        };
        Layout(keys.iter().map(key).collect())
    }

    /// The same index with its order settled as far as another candidate needs it; `None` where no
    /// order serves both.
    pub fn serving(&self, candidate: &Candidate) -> Option<Layout> {
        let (equal, rest) = split(candidate);
        let turned = self.turned(&rest);
        let mut wanted: BTreeSet<&str> = equal.iter().map(|path| path.as_str()).collect();
        let mut settled: Vec<Vec<Key>> = Vec::new();
        let mut blocks = self.0.iter().cloned();
        let mut open: Vec<Key> = Vec::new();
        while !wanted.is_empty() {
            // What is left open of a block would stand before fields that have to come first.
            if !open.is_empty() {
                return None;
            }
            let (inside, outside): (Vec<_>, Vec<_>) =
                blocks.next()?.into_iter().partition(|key| wanted.contains(key.path.as_str()));
            if inside.is_empty() {
                return None;
            }
            inside.iter().for_each(|key| {
                wanted.remove(key.path.as_str());
            });
            settled.push(inside);
            open = outside;
        }
        for key in rest {
            if open.is_empty() {
                open = blocks.next()?;
            }
            let at = open.iter().position(|known| known.path == key.path)?;
            let mut known = open.remove(at);
            if let Some(falls) = key.is_descending {
                let needed = falls != turned;
                if known.is_descending.is_some_and(|told| told != needed) {
                    return None;
                }
                known.is_descending = Some(needed);
            }
            settled.push(vec![known]);
        }
        settled.extend([open].into_iter().filter(|open| !open.is_empty()));
        settled.extend(blocks);
        Some(Layout(settled))
    }

    /// Whether an index gives the order that these fields ask for when it is walked from its end.
    fn turned(&self, sorted: &[Key]) -> bool {
        let known = |key: &Key| {
            let own = self.0.iter().flatten().find(|own| own.path == key.path)?;
            Some(own.is_descending? != key.is_descending?)
        };
        sorted.iter().find_map(known).unwrap_or(false)
    }

    /// The fields in one order that fits, and whether each runs downwards.
    pub fn keys(&self) -> Vec<(String, bool)> {
        let keys = self.0.iter().flatten();
        keys.map(|key| (key.path.clone(), key.is_descending.unwrap_or(false))).collect()
    }
}

fn any_way(path: String) -> Key {
    Key { path, is_descending: None }
}

/// The fields that are compared with values, then the others: those of the sort each with its
/// direction, those of ranges without.
fn split(candidate: &Candidate) -> (Vec<&String>, Vec<Key>) {
    let (equal, rest) =
        candidate.keys.split_at_checked(candidate.equalities).unwrap_or((&candidate.keys, &[]));
    let rest = rest.iter().enumerate().map(|(at, (path, falls))| Key {
        path: path.clone(),
        is_descending: (at < candidate.sorted).then_some(*falls),
    });
    (equal.iter().map(|(path, _)| path).collect(), rest.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a b | -s | z`: equalities, sort, ranges.
    fn candidate(text: &str) -> Candidate {
        let parts: Vec<Vec<_>> =
            text.split('|').map(|part| part.split_whitespace().collect()).collect();
        let key = |name: &&str| (name.trim_start_matches('-').to_owned(), name.starts_with('-'));
        Candidate {
            keys: parts.iter().flatten().map(key).collect(),
            equalities: parts[0].len(),
            sorted: parts[1].len(),
            ..Candidate::of_field("d", "c", "_")
        }
    }

    #[test]
    fn one_index_serves_commands_whose_fields_can_stand_in_one_order() {
        for (wide, others, expected) in [
            // Equalities in any order, one set within the other.
            ("a b||", &["b||"][..], Some("b a")),
            ("a b c||", &["c||", "c a||"], Some("c a b")),
            ("a b||", &["a||", "b||"], None),
            ("a b||", &["b a||"], Some("a b")),
            // The sort follows the equalities.
            ("a|s|", &["a||"], Some("a s")),
            ("a|-s|z", &["a|s|"], Some("a -s z")),
            ("a|s -t|", &["a|-s t|"], Some("a s -t")),
            ("a|s -t|", &["a|s t|"], None),
            ("a b|s|", &["a|s|"], None),
            ("a s||", &["a|-s|"], Some("a -s")),
            ("a z||", &["z||a"], Some("z a")),
            // A range has no direction, a field behind it is no prefix.
            ("a||z", &["a|-z|"], Some("a -z")),
            ("a||z", &["z||"], None),
            ("a|s|", &["a s||"], Some("a s")),
            ("a|s|", &["a b||"], None),
            ("|s|", &["|-s|"], Some("s")),
        ] {
            let mut layout = Some(Layout::of(&candidate(wide)));
            for other in others {
                layout = layout.and_then(|layout| layout.serving(&candidate(other)));
            }
            let shown = layout.map(|layout| {
                let keys = layout.keys();
                let keys =
                    keys.iter().map(|(k, down)| if *down { format!("-{k}") } else { k.clone() });
                keys.collect::<Vec<_>>().join(" ")
            });
            assert_eq!(shown.as_deref(), expected, "{wide} with {others:?}");
        }
        let existing = Layout::of_existing(&[("b".into(), false), ("a".into(), true)]);
        for (wanted, is_served) in
            [("a b||", true), ("b|a|", true), ("b||a", true), ("a||", false), ("a b|s|", false)]
        {
            assert_eq!(existing.serving(&candidate(wanted)).is_some(), is_served, "{wanted}");
        }
    }
}
