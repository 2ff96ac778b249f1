//! Different files of one display name get their content's hash into it.
//!
//! Owns [`disambiguate`]. What counts is content, not place, so that names stay the same on every
//! host.

use std::collections::HashMap;

use super::copies::{Prints, contents_of};
use super::paths::InputPath;
use super::source::ReadPolicy;

/// Appends `#` and four hexadecimal digits of a content hash to display names that several inputs
/// share; more digits where four are not enough. Equal content keeps equal names, and so does what
/// has no prints because it cannot be read.
pub fn disambiguate(inputs: &mut [InputPath], prints: &[Option<Prints>], policy: &ReadPolicy) {
    let mut shared: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, input) in inputs.iter().enumerate() {
        shared.entry(&input.display).or_default().push(at);
    }
    let mut groups: Vec<Vec<(usize, Option<u128>)>> = shared
        .into_values()
        .filter(|same| same.len() > 1)
        .map(|same| {
            same.into_iter().map(|at| (at, prints[at].map(|prints| prints.long_head))).collect()
        })
        .collect();
    // The beginning is nearly always enough to tell two logs apart.
    let alike = |group: &&mut Vec<_>| suffix_digits(group, true).is_none();
    let undecided = groups.iter().filter(|group| suffix_digits(group, true).is_none());
    let files: Vec<&InputPath> = inputs.iter().collect();
    let contents = contents_of(&files, undecided.flatten().map(|&(at, _)| at), policy);
    for (at, hash) in groups.iter_mut().filter(alike).flatten() {
        *hash = contents.get(at).map(|content| content.hash);
    }
    for hashes in groups {
        let digits = suffix_digits(&hashes, false).unwrap_or(32);
        for (at, hash) in hashes {
            if let Some(hash) = hash {
                let hex = format!("{hash:032x}");
                inputs[at].display.push_str(&format!("#{}", &hex[..digits]));
            }
        }
    }
}

/// The fewest digits (4, 8, 16, 32) that tell apart what differs; with `all_differ`, equal hashes
/// have none.
fn suffix_digits(hashes: &[(usize, Option<u128>)], all_differ: bool) -> Option<usize> {
    let mut values: Vec<u128> = hashes.iter().filter_map(|&(_, hash)| hash).collect();
    values.sort_unstable();
    let count = values.len();
    values.dedup();
    if all_differ && values.len() < count {
        return None;
    }
    [4usize, 8, 16, 32].into_iter().find(|digits| {
        let shift = 128 - 4 * digits;
        values.windows(2).all(|pair| pair[0] >> shift != pair[1] >> shift)
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::copies::tests::prints_of;
    use super::*;

    #[test]
    fn equal_names_are_told_apart_by_content() {
        let root = tempfile::tempdir().unwrap();
        let same_head = "line\n".repeat(20_000);
        let mut inputs = Vec::new();
        for (folder, text) in [("a", "one"), ("b", "two"), ("c", "one")] {
            fs::create_dir(root.path().join(folder)).unwrap();
            fs::write(root.path().join(folder).join("x.log"), text).unwrap();
            fs::write(root.path().join(folder).join("y.log"), format!("{same_head}{folder}"))
                .unwrap();
            inputs.push(InputPath::named(&root.path().join(folder).join("x.log")));
            inputs.push(InputPath::named(&root.path().join(folder).join("y.log")));
        }
        inputs.push(InputPath::named(&root.path().join("absent/x.log")));
        inputs.push(InputPath::named(&root.path().join("z.log")));
        let mut reversed: Vec<InputPath> = inputs.iter().rev().cloned().collect();
        for inputs in [&mut inputs, &mut reversed] {
            let policy = ReadPolicy::default();
            let prints: Vec<_> = inputs.iter().map(|input| prints_of(input, &policy)).collect();
            disambiguate(inputs, &prints, &policy);
            inputs.sort_by(InputPath::order);
        }
        assert_eq!(inputs, reversed);

        let name = |path: &str| {
            let path = root.path().join(path);
            inputs.iter().find(|input| input.path == path).unwrap().display.clone()
        };
        assert_eq!(name("a/x.log"), name("c/x.log"), "equal content keeps equal names");
        assert_ne!(name("a/x.log"), name("b/x.log"));
        assert!(name("a/x.log").starts_with("x.log#") && name("a/x.log").len() == 10);
        let mut longs = [name("a/y.log"), name("b/y.log"), name("c/y.log")];
        longs.sort();
        assert!(longs.windows(2).all(|pair| pair[0] != pair[1]), "{longs:?}");
        assert_eq!((name("absent/x.log").as_str(), name("z.log").as_str()), ("x.log", "z.log"));
    }
}
