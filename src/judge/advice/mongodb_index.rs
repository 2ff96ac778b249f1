//! Index candidates for MongoDB: the fields that a command compares and sorts by, in the order
//! equality, sort, range, as mongosh text behind the list of the indexes that are there. A log shows
//! predicates, never indexes: no candidate is a certainty.

use super::mongodb_names::{collection, key};
use crate::judge::evidence::{ClassEvidence, Evidence};
use crate::judge::finding::{Fix, FixKind};
use crate::judge::words;
use crate::lang::mongo::shape::{Comparison, Op, Order, Predicate, Shape, SortKey};

/// Fields of one index at most.
const MAX_FIELDS: usize = 16;
/// So many values of an `$in` are served in the order of the fields behind it; with more the planner
/// sorts.
const SHORT_LIST: u32 = 200;
/// Candidates of one command at most: each branch of an `$or` has one.
const MAX_BRANCHES: usize = 5;

/// What every fix that builds an index begins with.
const FIRST: &str = "// First: the indexes that are there. Go on only if none of them serves.";

/// An index that a command could use.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Candidate {
    /// The database.
    pub database: String,
    /// The collection.
    pub collection: String,
    /// The fields in order, and which of them run downwards.
    pub keys: Vec<(String, bool)>,
    /// How many of the first fields are compared with single values or short lists: they may stand
    /// in any order.
    pub equalities: usize,
    /// How many fields behind them stand in the order that is asked for; those of ranges are last.
    pub sorted: usize,
    /// A field lies in an array that the command names (`$elemMatch`, `$all`).
    pub is_multikey: bool,
    /// The command sorts by something computed, which no index gives.
    pub leaves_sort: bool,
}

impl Candidate {
    /// An index on one field of a collection.
    pub fn of_field(database: &str, collection: &str, field: &str) -> Self {
        Candidate {
            database: database.to_owned(),
            collection: collection.to_owned(),
            keys: vec![(field.to_owned(), false)],
            equalities: 1,
            sorted: 0,
            is_multikey: false,
            leaves_sort: false,
        }
    }

    /// The key pattern as mongosh takes it.
    fn pattern(&self) -> String {
        let fields = self
            .keys
            .iter()
            .map(|(path, down)| format!("{}: {}", key(path), if *down { -1 } else { 1 }));
        format!("{{ {} }}", fields.collect::<Vec<_>>().join(", "))
    }

    /// The command that builds it.
    pub fn build(&self) -> String {
        let place = collection(&self.database, &self.collection);
        format!("{place}.createIndex({})", self.pattern())
    }

    /// The name that the server gives it.
    pub fn name(&self) -> String {
        let fields =
            self.keys.iter().map(|(path, down)| format!("{path}_{}", if *down { -1 } else { 1 }));
        fields.collect::<Vec<_>>().join("_")
    }

    /// A candidate that begins with all keys of another one serves it as well.
    fn covers(&self, other: &Candidate) -> bool {
        (&self.database, &self.collection) == (&other.database, &other.collection)
            && self.keys.starts_with(&other.keys)
    }
}

/// The indexes that a class calls for; none where parts of its command are missing.
pub fn candidates(class: &ClassEvidence<'_>, command: &Shape) -> Vec<Candidate> {
    match class.class.truncated {
        true => Vec::new(),
        false => of_command(command, class.class.facts.max_list),
    }
}

/// One candidate, or one for each branch of an `$or`; none where the predicates are of kinds that such
/// an index does not serve. `longest` is the number of values of the longest list.
fn of_command(command: &Shape, longest: u32) -> Vec<Candidate> {
    let Some(name) = command.collection() else { return Vec::new() };
    if command.truncated || matches!(command.op, Op::Insert) {
        return Vec::new();
    }
    let special = |p: &Predicate| matches!(p.comparison, Comparison::Geo | Comparison::Text);
    if command.predicates.iter().any(special) {
        return Vec::new();
    }
    let of = |predicates: &[&Predicate]| {
        let found = keys(predicates, &command.sort, longest);
        let is_useful = found.keys.first().is_some_and(|(path, _)| path != "_id");
        is_useful.then(|| Candidate {
            database: command.database().to_owned(),
            collection: name.to_owned(),
            ..found
        })
    };
    let common: Vec<_> =
        command.predicates.iter().filter(|p| !p.below_or && !p.below_not).collect();
    let branches = &command.or_branches;
    let found: Vec<_> = match branches.is_empty() || common.iter().any(|p| is_equality(p)) {
        true => of(&common).into_iter().collect(),
        false => {
            let each = branches.iter().take(MAX_BRANCHES);
            let found: Option<Vec<_>> = each
                .map(|branch| {
                    let served = branch.iter().filter(|p| !p.below_not);
                    of(&common.iter().copied().chain(served).collect::<Vec<_>>())
                })
                .collect();
            // One branch that no index serves makes the server read the whole collection.
            found.filter(|_| branches.len() <= MAX_BRANCHES).unwrap_or_default()
        }
    };
    distinct(found)
}

fn is_equality(predicate: &Predicate) -> bool {
    matches!(predicate.comparison, Comparison::Equal | Comparison::In | Comparison::All)
}

/// Fields that are compared with values, then those of the sort, then those of ranges, for an index of
/// no collection yet.
fn keys(predicates: &[&Predicate], sort: &[SortKey], longest: u32) -> Candidate {
    let is_long =
        |p: &Predicate| p.comparison == Comparison::In && longest > SHORT_LIST && !sort.is_empty();
    let mut keys: Vec<(String, bool)> = Vec::new();
    let mut array: Option<String> = None;
    let mut is_multikey = false;
    let mut add = |keys: &mut Vec<(String, bool)>, predicate: &Predicate| {
        let path = &predicate.path;
        // Names that are numbers would change their place in an object of JavaScript.
        if path.is_empty() || path.bytes().all(|b| b.is_ascii_digit()) {
            return;
        }
        let within = predicate
            .array
            .clone()
            .or_else(|| (predicate.comparison == Comparison::All).then(|| path.clone()));
        // An index takes fields of one array only.
        if within.is_some() && array.is_some() && within != array {
            return;
        }
        if !keys.iter().any(|(known, _)| known == path) && keys.len() < MAX_FIELDS {
            is_multikey |= within.is_some();
            array = array.take().or(within);
            keys.push((path.clone(), false));
        }
    };
    let equal = |c: &Comparison| matches!(c, Comparison::Equal | Comparison::All);
    predicates.iter().filter(|p| equal(&p.comparison)).for_each(|p| add(&mut keys, p));
    let lists = || predicates.iter().filter(|p| p.comparison == Comparison::In);
    lists().filter(|p| !is_long(p)).for_each(|p| add(&mut keys, p));
    let equalities = keys.len();
    let is_sortable = sort.iter().all(|key| key.order != Order::Other);
    if is_sortable {
        for key in sort {
            let is_known = keys.iter().any(|(known, _)| *known == key.path);
            if !is_known && keys.len() < MAX_FIELDS {
                keys.push((key.path.clone(), key.order == Order::Descending));
            }
        }
    }
    let sorted = keys.len() - equalities;
    lists().filter(|p| is_long(p)).for_each(|p| add(&mut keys, p));
    let ranged = |c: &Comparison| match c {
        Comparison::Range => true,
        Comparison::Regex(class) => class.anchored && !class.ignores_case,
        _ => false,
    };
    predicates.iter().filter(|p| ranged(&p.comparison)).for_each(|p| add(&mut keys, p));
    let leaves_sort = !sort.is_empty() && !is_sortable;
    Candidate {
        database: String::new(),
        collection: String::new(),
        keys,
        equalities,
        sorted,
        is_multikey,
        leaves_sort,
    }
}

/// Without those that others serve as well.
fn distinct(found: Vec<Candidate>) -> Vec<Candidate> {
    let mut kept: Vec<Candidate> = Vec::new();
    for candidate in found {
        if !kept.iter().any(|other| other.covers(&candidate)) {
            kept.retain(|other| !candidate.covers(other));
            kept.push(candidate);
        }
    }
    kept
}

/// The fix that candidates make: the lists of existing indexes, then the commands that build.
pub fn fix(candidates: &[Candidate], command: &Shape) -> Fix {
    let places = candidates.iter().map(|c| collection(&c.database, &c.collection));
    let mut lists: Vec<_> = places.clone().map(|place| format!("{place}.getIndexes()")).collect();
    lists.dedup();
    let builds = candidates.iter().map(Candidate::build);
    let drops = places.zip(candidates).map(|(place, candidate)| {
        let name = super::mongodb_names::string(&candidate.name());
        format!("{place}.dropIndex({name})")
    });
    let lines: Vec<_> = [FIRST.to_owned()].into_iter().chain(lists).chain(builds).collect();
    let is_of_branch = candidates.len() > 1 && !command.or_branches.is_empty();
    Fix {
        kind: FixKind::Js,
        text: lines.join("\n"),
        undo: drops.collect::<Vec<_>>().join("\n"),
        note: note(candidates, &[command], is_of_branch, false),
        complete: true,
    }
}

/// The fix that builds one index for several commands. `is_of_branch`: it serves one branch of an
/// `$or` of theirs only. `are_told`: which indexes the collection has is known, so that nobody has to
/// look first.
pub fn fix_for(
    candidate: &Candidate,
    commands: &[&Shape],
    is_of_branch: bool,
    are_told: bool,
) -> Fix {
    let place = collection(&candidate.database, &candidate.collection);
    let build = candidate.build();
    Fix {
        kind: FixKind::Js,
        text: match are_told {
            true => build,
            false => [FIRST, &format!("{place}.getIndexes()"), &build].join("\n"),
        },
        undo: format!("{place}.dropIndex({})", super::mongodb_names::string(&candidate.name())),
        note: note(std::slice::from_ref(candidate), commands, is_of_branch, are_told),
        complete: true,
    }
}

fn note(
    candidates: &[Candidate],
    commands: &[&Shape],
    is_of_branch: bool,
    are_told: bool,
) -> String {
    let mut notes = Vec::new();
    if !are_told {
        notes.push(
            "A candidate: the log shows the predicates, not the indexes. An index that begins with the \
             same fields serves already.",
        );
    }
    notes.push(
        "From MongoDB 4.2 on the build locks the collection at its beginning and end only, but reads all \
         of it and runs on all members at once: build at a quiet hour, or member by member (a rolling \
         build). Before an index is dropped, `hideIndex` (4.4) shows what would miss it.",
    );
    if candidates.iter().any(|c| c.keys.len() > 1) {
        notes.push(
            "The fields stand in the order equality, sort, range; which of the equalities comes first only \
             the other queries on the collection can say.",
        );
    }
    if is_of_branch {
        notes.push(
            "Each branch of the `$or` needs its own: a single branch without an index makes the server \
             read the whole collection.",
        );
    }
    if candidates.iter().any(|c| c.is_multikey) {
        notes.push(
            "A field lies in an array: the index has a key for every item, and may hold no field of \
             another array. Which other fields are arrays the log does not show.",
        );
    }
    if candidates.iter().any(|c| c.leaves_sort) {
        notes.push("The sort is by something computed, which no index gives.");
    }
    if commands.iter().any(|command| command.collation.is_some()) {
        notes.push(
            "The command has a collation: only an index that was created with the same one serves its \
             comparisons of strings.",
        );
    }
    if commands.iter().any(|command| command.hint.is_some()) {
        notes.push("The command has a hint: it uses another index only when the hint is gone.");
    }
    notes.join(" ")
}

/// What one more index on a collection costs, from the logged writes to it.
pub fn write_cost(evidence: &Evidence<'_>, class: &ClassEvidence<'_>, namespace: &str) -> String {
    let on_it = |c: &&ClassEvidence<'_>| {
        c.server.label == class.server.label
            && c.class.fingerprint.contains(namespace)
            && c.shape.tables.iter().any(|table| table.written && table.name == namespace)
    };
    let writes = evidence.classes.iter().filter(on_it).map(|c| c.class.stats.calls).sum();
    match writes {
        0 => "One more index to store and to maintain; no write to the collection is logged, fast ones \
              mostly are not."
            .to_owned(),
        writes => format!(
            "One more index to store, and to maintain on {} that write to the collection; fast ones are \
             mostly not logged.",
            words::counted(writes, "logged operation")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key patterns for a command, with whether an array is among their fields.
    fn patterns(command: &str, longest: u32) -> Vec<String> {
        let shape = Shape::read(command.as_bytes());
        let found = of_command(&shape, longest).into_iter();
        let shown = |c: Candidate| c.pattern() + if c.is_multikey { " array" } else { "" };
        found.map(shown).collect()
    }

    #[test]
    fn fields_stand_in_the_order_equality_sort_range() {
        for (command, longest, expected) in [
            (
                r#"{"find":"c","filter":{"z":{"$gt":1},"b":1,"a":{"$in":[1,2]}},"sort":{"s":-1,"b":1},"$db":"d"}"#,
                2,
                &["{ b: 1, a: 1, s: -1, z: 1 }"][..],
            ),
            (
                r#"{"find":"c","filter":{"b":1,"a":{"$in":[1,2]}},"sort":{"s":-1},"$db":"d"}"#,
                201,
                &["{ b: 1, s: -1, a: 1 }"],
            ),
            (r#"{"find":"c","filter":{"a":{"$in":[1,2]}},"$db":"d"}"#, 999, &["{ a: 1 }"]),
            (
                r#"{"find":"c","filter":{"n":{"$regularExpression":{"pattern":"^ab","options":""}},"a.b":3},"$db":"d"}"#,
                0,
                &["{ \"a.b\": 1, n: 1 }"],
            ),
            (
                r#"{"find":"c","filter":{"n":{"$regularExpression":{"pattern":"ab","options":""}},"x":{"$ne":3}},"$db":"d"}"#,
                0,
                &[],
            ),
            (
                r#"{"find":"c","filter":{"x":1,"$or":[{"a":1},{"b":{"$lt":2}}]},"$db":"d"}"#,
                0,
                &["{ x: 1 }"],
            ),
            (
                r#"{"find":"c","filter":{"$or":[{"a":1},{"b":{"$lt":2}}]},"$db":"d"}"#,
                0,
                &["{ a: 1 }", "{ b: 1 }"],
            ),
            (r#"{"find":"c","filter":{"$or":[{"a":1},{"b":{"$ne":2}}]},"$db":"d"}"#, 0, &[]),
            (
                r#"{"find":"c","filter":{"$or":[{"a":1},{"a":2,"b":3}]},"$db":"d"}"#,
                0,
                &["{ a: 1, b: 1 }"],
            ),
            (
                r#"{"find":"c","filter":{"items":{"$elemMatch":{"sku":1,"n":2}},"tags":{"$all":[1]}},"$db":"d"}"#,
                0,
                &["{ \"items.n\": 1, \"items.sku\": 1 } array"],
            ),
            (r#"{"find":"c","filter":{"_id":1,"a":2},"$db":"d"}"#, 0, &[]),
            (r#"{"find":"c","filter":{},"sort":{"s":1},"$db":"d"}"#, 0, &["{ s: 1 }"]),
            (r#"{"find":"c","filter":{"$text":{"$search":"x"},"a":1},"$db":"d"}"#, 0, &[]),
            (r#"{"find":"c","filter":{"a":1"#, 0, &[]),
            (
                r#"{"aggregate":"c","pipeline":[{"$match":{"a":1}},{"$group":{"_id":"$b"}}],"$db":"d"}"#,
                0,
                &["{ a: 1 }"],
            ),
            (
                r#"{"delete":"c","deletes":[{"q":{"t":{"$lt":1}},"limit":0}],"$db":"d"}"#,
                0,
                &["{ t: 1 }"],
            ),
        ] {
            assert_eq!(patterns(command, longest), expected, "{command}");
        }
    }
}
