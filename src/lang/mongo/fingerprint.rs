//! Fingerprints of MongoDB's commands: the text of a command's shape, and a memo in front of it.
//!
//! Owns [`Fingerprinter`]. What a shape is and how it is written is left to `shape`, what spares its
//! reading to `scan`.

use super::scan::scan;
use super::shape::Normaliser;
use crate::lang::fingerprint::{Comments, Fingerprint};
use xxhash_rust::xxh3::xxh3_64;

/// Skeletons remembered: one each by the lower bits of its hash.
const SLOTS: usize = 4096;
/// Stands behind the text of a truncated command; the fingerprint says it apart.
const MARK: &[u8] = " …".as_bytes();
/// Longest skeleton remembered, in bytes; bounds the memo to a few megabytes.
const SKELETON_MAX: usize = 2048;

/// A skeleton and its fingerprint.
#[derive(Clone, Default)]
struct Known {
    /// Empty: not in use.
    skeleton: Box<[u8]>,
    text: Box<[u8]>,
    /// Its number among all that were ever learned, from 1.
    serial: u64,
}

/// Makes fingerprints. Keep one per thread: its buffers are reused, so that a command whose skeleton
/// is known costs no allocation.
#[derive(Default)]
pub struct Fingerprinter {
    normaliser: Normaliser,
    text: Vec<u8>,
    skeleton: Vec<u8>,
    known: Vec<Known>,
    learned: u64,
}

impl Fingerprinter {
    /// The fingerprint of a command. Never fails: what is no command is a class of its own.
    pub fn run<'s>(&'s mut self, command: &[u8]) -> Fingerprint<'s> {
        let facts = scan(command, &mut self.skeleton);
        let hash = xxh3_64(&self.skeleton);
        let slot = hash as usize % SLOTS;
        let fits = |known: &Known| *known.skeleton == *self.skeleton;
        let is_known = self.known.get(slot).is_some_and(fits);
        if let (true, Some(facts)) = (is_known, facts) {
            let known = &self.known[slot];
            return Fingerprint {
                text: &known.text,
                truncated: false,
                known_as: known.serial,
                facts,
                comments: Comments::default(),
            };
        }
        self.text.clear();
        let truncated = self.normaliser.write(command, None, &mut self.text);
        if let Some(whole) = self.text.strip_suffix(MARK) {
            self.text.truncate(whole.len());
        }
        let is_short = self.skeleton.len() <= SKELETON_MAX;
        if facts.is_some() && !truncated && is_short && !self.skeleton.is_empty() {
            self.learn(slot);
        }
        Fingerprint {
            text: &self.text,
            truncated,
            known_as: 0,
            facts: facts.unwrap_or_default(),
            comments: Comments::default(),
        }
    }

    fn learn(&mut self, slot: usize) {
        self.known.resize(SLOTS, Known::default());
        self.learned += 1;
        if let Some(known) = self.known.get_mut(slot) {
            *known = Known {
                skeleton: self.skeleton.as_slice().into(),
                text: self.text.as_slice().into(),
                serial: self.learned,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The text and the truncation of a command, read without the memo.
    fn slow(command: &str) -> (String, bool) {
        let mut print = Fingerprinter::default();
        let found = print.run(command.as_bytes());
        (String::from_utf8_lossy(found.text).into_owned(), found.truncated)
    }

    /// Literals as carriers write them.
    fn literal() -> impl Strategy<Value = String> {
        prop_oneof![
            "[a-z$^ ]{0,6}".prop_map(|text| format!("\"{text}\"")),
            (-120i64..120).prop_map(|n| n.to_string()),
            (-3i64..3).prop_map(|n| format!("{n}.5")),
            Just("true".to_owned()),
            Just("null".to_owned()),
            (0i64..4000).prop_map(|n| format!("{{\"$numberLong\":\"{n}\"}}")),
            (0i64..40).prop_map(|n| format!("{{\"$numberInt\":\"{n}\"}}")),
            "[0-9a-f]{24}".prop_map(|id| format!("{{\"$oid\":\"{id}\"}}")),
            Just("{\"$date\":\"2026-11-23T00:00:00Z\"}".to_owned()),
            "[$^a-c.]{0,4}".prop_map(|text| {
                format!("{{\"$regularExpression\":{{\"pattern\":\"{text}\",\"options\":\"i\"}}}}")
            }),
        ]
    }

    /// Where literals stand: `#` marks them.
    const TEMPLATES: &[&str] = &[
        r##"{"find":"orders","filter":{"a":#,"b":{"$gt":#,"$lt":#},"c":{"$in":[#,#,#]}},"sort":{"a":1,"b":-1},"limit":#,"skip":#,"lsid":{"id":#},"$db":"shop"}"##,
        r##"{"find":"orders","filter":{"$or":[{"a":#},{"a":#},{"b":{"$elemMatch":{"x":#,"y":{"$ne":#}}}}],"c":[#,#]},"projection":{"a":#},"$db":"shop"}"##,
        r##"{"find":"orders","filter":{"a":{"$regex":"^x","$options":"i"},"b":{"$exists":true},"c":{"$type":"string"},"d":{"$not":{"$in":[#]}}},"comment":#,"$db":"shop"}"##,
        r##"{"aggregate":"orders","pipeline":[{"$match":{"a":#,"$expr":{"$in":["$b",[#,#]]}}},{"$lookup":{"from":"users","let":{"x":#},"pipeline":[{"$match":{"y":#}}],"as":"u"}},{"$addFields":{"z":{"$concat":["$a",#,#]},"w":#}},{"$group":{"_id":{"k":"$a","l":#},"n":{"$sum":#}}},{"$sort":{"n":-1}},{"$limit":#},{"$skip":#}],"cursor":{},"$db":"shop"}"##,
        r##"{"update":"orders","updates":[{"q":{"a":#},"u":{"$set":{"b":#,"c":[#,#]},"$push":{"d":{"$each":[#,#]}}},"multi":true},{"q":{"a":#},"u":{"x":#,"y":#}}],"$db":"shop"}"##,
        r##"{"delete":"orders","deletes":[{"q":{"a":#,"x":{"$all":[#,#]}},"limit":#}],"$db":"shop"}"##,
        r##"{"findAndModify":"orders","query":{"_id":#},"update":[{"$set":{"a":#,"from":#}}],"new":true,"$db":"shop"}"##,
        r##"{"count":"orders","query":{"a":{"$geoWithin":{"$center":[[#,#],#]}}},"$db":"shop"}"##,
        r##"{"distinct":"orders","key":"a","query":{"b":#},"$db":"shop"}"##,
        r##"{"insert":"orders","documents":[{"a":#}],"$db":"shop"}"##,
        r##"{"createUser":#,"pwd":#,"roles":[{"role":#,"db":#}],"$db":"admin"}"##,
    ];

    fn filled(template: &str, literals: &[String]) -> String {
        let mut parts = template.split('#');
        let mut out = parts.next().unwrap_or_default().to_owned();
        for (at, part) in parts.enumerate() {
            out += &literals[at % literals.len()];
            out += part;
        }
        out
    }

    proptest! {
        /// Two commands with one skeleton have one text: the memo never changes an answer.
        #[test]
        fn the_memo_gives_what_the_slow_path_gives(
            template in prop::sample::select(TEMPLATES),
            first in prop::collection::vec(literal(), 1..7),
            second in prop::collection::vec(literal(), 1..7),
        ) {
            let mut print = Fingerprinter::default();
            for literals in [&first, &second, &first] {
                let command = filled(template, literals);
                let found = print.run(command.as_bytes());
                let text = String::from_utf8_lossy(found.text).into_owned();
                prop_assert_eq!((text, found.truncated), slow(&command), "{}", command);
            }
        }
    }

    #[test]
    fn facts_are_those_of_the_literals() {
        let mut print = Fingerprinter::default();
        let command = r#"{"find":"o","filter":{"a":{"$in":[1,2,3,4]},"b":{"$in":["x"]},"c":{"$regex":"^a"},"d":{"$regularExpression":{"pattern":"a","options":""}}},"limit":20,"skip":{"$numberLong":"4000"},"$db":"s"}"#;
        for _ in 0..2 {
            let facts = print.run(command.as_bytes()).facts;
            assert_eq!((facts.max_list, facts.max_limit, facts.max_offset), (4, 20, 4000));
            assert_eq!((facts.anchored_likes, facts.leading_wildcards), (1, 1));
        }
    }
}
