//! Parts of commands in canonical text, for those who meet a query or a stage outside of its
//! command: execution plans print filters and stages alone.

use super::super::doc::{Arena, Doc};
use super::place::Place;
use super::writer::{Scratch, Voice, Writer};

/// What part of a command a document is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// A query: `{status: ?}`.
    Filter,
    /// Which fields are returned or computed.
    Projection,
    /// One stage of a pipeline: `{$limit: ?}`.
    Stage,
    /// Anything else: all values are constants, names stay.
    Other,
}

/// Appends a part of a command, one document of Extended JSON, as fingerprints have it: without
/// constants. Text that is no document becomes `?`.
pub fn write_part(document: &[u8], part: Part, out: &mut Vec<u8>) {
    let mut arena = Arena::default();
    let Some(doc) = Doc::read(document, &mut arena) else { return out.push(b'?') };
    let place = match part {
        Part::Filter => Place::WholeFilter,
        Part::Projection => Place::Projection,
        Part::Stage => Place::Stage,
        Part::Other => Place::Options,
    };
    let mut scratch = Scratch::default();
    let start = out.len();
    let mut writer = Writer {
        out,
        scratch: &mut scratch,
        voice: Voice::Fingerprint,
        truncated: false,
        name: None,
        distinct: 0,
        namespaces: None,
    };
    writer.value(doc.root(), place);
    if out.len() == start {
        out.extend_from_slice(b"{}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_written_as_in_fingerprints() {
        for (document, part, expected) in [
            (
                r#"{"$and":[{"b":{"$gt":5}},{"a":{"$eq":"x"}}]}"#,
                Part::Filter,
                "{a: ?, b: {$gt: ?}}",
            ),
            ("{}", Part::Filter, "{}"),
            (
                r#"{"a":true,"b":{"$concat":["$c","x"]}}"#,
                Part::Projection,
                r#"{a: 1, b: {$concat: ["$c", ?]}}"#,
            ),
            (r#"{"$match":{"a":"x"}}"#, Part::Stage, "{$match: {a: ?}}"),
            (
                r#"{"$group":{"_id":"$a","n":{"$sum":{"$const":1}}}}"#,
                Part::Stage,
                r#"{$group: {_id: "$a", n: {$sum: {$const: ?}}}}"#,
            ),
            (r#"{"a":{"b":["x",1]}}"#, Part::Other, "{a: {b: [?]}}"),
            ("x", Part::Other, "?"),
        ] {
            let mut out = Vec::new();
            write_part(document.as_bytes(), part, &mut out);
            assert_eq!(String::from_utf8_lossy(&out), expected, "{document}");
        }
    }
}
