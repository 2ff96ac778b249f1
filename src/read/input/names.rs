//! Different files of one display name get their content's hash into it.
//!
//! Owns [`disambiguate`]. What counts is content, not place, so that names stay the same on every
//! host.

use std::collections::HashMap;

use xxhash_rust::xxh3::xxh3_128;

use super::copies::content_of;
use super::paths::InputPath;
use super::source::{ReadPolicy, Source};

/// How much text is hashed first, in bytes: nearly always enough to tell two logs apart.
const HEAD_BYTES: usize = 64 * 1024;

/// Appends `#` and four hexadecimal digits of a content hash to display names that several inputs
/// share; more digits where four are not enough. Equal content keeps equal names, and so does what
/// cannot be read. The inputs are in the order of their new names afterwards.
pub fn disambiguate(inputs: &mut [InputPath], policy: &ReadPolicy) {
    let mut shared: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, input) in inputs.iter().enumerate() {
        shared.entry(&input.display).or_default().push(at);
    }
    let mut renamed = Vec::new();
    for same in shared.into_values().filter(|same| same.len() > 1) {
        let head_hash = |at: usize| {
            let (head, _) = Source::open(&inputs[at], policy).ok()?.head(HEAD_BYTES).ok()?;
            Some(xxh3_128(&head))
        };
        let mut hashes: Vec<(usize, Option<u128>)> =
            same.iter().map(|&at| (at, head_hash(at))).collect();
        if suffix_digits(&hashes, true).is_none() {
            for (at, hash) in &mut hashes {
                *hash = content_of(&inputs[*at], policy).map(|content| content.hash);
            }
        }
        let digits = suffix_digits(&hashes, false).unwrap_or(32);
        renamed.extend(hashes.into_iter().filter_map(|(at, hash)| {
            let hex = format!("{:032x}", hash?);
            Some((at, format!("{}#{}", inputs[at].display, &hex[..digits])))
        }));
    }
    for (at, display) in renamed {
        inputs[at].display = display;
    }
    inputs.sort_by(InputPath::order);
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
        disambiguate(&mut inputs, &ReadPolicy::default());
        disambiguate(&mut reversed, &ReadPolicy::default());
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
