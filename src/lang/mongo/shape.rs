//! What a MongoDB command does: its canonical text, and the same as data for rules.
//!
//! Two commands have one text if they ask the same of the server with other constants: the envelope
//! is gone, constants are `?`, predicates stand in one order, equal forms in one spelling. Names of
//! fields and `"$paths"` are no constants. [`Normaliser`] writes the text, [`Shape`] is what can be
//! read from it, so that a rule can never see a constant. Whatever the bytes are, they have a text.
//!
//! Numbers of elements and values of limits are left to the facts of constants, what a shape means
//! for performance to the rules.

mod branches;
pub(super) mod command;
mod documents;
mod facts;
pub(super) mod filter;
pub(super) mod kinds;
pub(super) mod names;
mod part;
mod pipeline;
pub(super) mod place;
mod predicates;
mod regex;
mod stages;
pub(super) mod tables;
mod text;
pub(super) mod words;
mod writer;

use text::Head;
use writer::Voice;

pub use command::Op;
pub use part::{Part, write_part};
pub use pipeline::{Lookup, Stage};
pub use predicates::{Comparison, Predicate};
pub use regex::RegexClass;
pub use text::Normaliser;

/// What a command does.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Shape {
    /// The operation.
    pub op: Op,
    /// Database and collection, `shop.orders`. Commands about no collection have `shop.$cmd`, as in
    /// the server's log; what a command does not say is `?`.
    pub namespace: String,
    /// Parts of the command are missing: cut off by the server, or left out by what wrote it.
    pub truncated: bool,
    /// What restricts the documents of the collection: the query, or that of the only statement, or
    /// the `$match` stages that a pipeline begins with.
    pub predicates: Vec<Predicate>,
    /// The branches of its `$or`, each as predicates; of several the first, empty where it has none.
    pub or_branches: Vec<Vec<Predicate>>,
    /// The order asked of the collection: of the command, or of a `$sort` with only `$match` before.
    pub sort: Vec<SortKey>,
    /// The fields that a projection names, with whether they are returned; none if there is no
    /// projection, or if the shape was read from a fingerprint.
    pub projection: Vec<Projected>,
    /// It has a limit.
    pub limit: bool,
    /// It skips documents.
    pub skip: bool,
    /// The index that it asks for: a name, or a key as in the fingerprint.
    pub hint: Option<String>,
    /// The collation that it asks for, as in the fingerprint.
    pub collation: Option<String>,
    /// The stages of a pipeline, in order.
    pub stages: Vec<Stage>,
    /// What an update changes: operator and field, sorted. Empty for replacements.
    pub changes: Vec<Change>,
    /// An update puts a whole document in place of the old one.
    pub replaces: bool,
    /// A write changes all documents that match, not one.
    pub multi: bool,
    /// An update inserts what it does not find.
    pub upsert: bool,
    /// How many different statements a write has; `None` if they are not in the text.
    pub statements: Option<usize>,
    /// It runs JavaScript: `$where`, `$function`, `$accumulator`, `mapReduce`.
    pub uses_javascript: bool,
    text: String,
}

/// A field to sort by.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SortKey {
    /// The field's path.
    pub path: String,
    /// Which way.
    pub order: Order,
}

/// Which way a key sorts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Order {
    /// 1.
    Ascending,
    /// −1.
    Descending,
    /// By something computed (`{$meta: "textScore"}`).
    Other,
}

/// A field of a projection.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Projected {
    /// The field's path.
    pub path: String,
    /// It is returned; otherwise it is left out.
    pub returned: bool,
}

/// A field that an update changes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Change {
    /// The operator, `$set`.
    pub operator: String,
    /// The field's path.
    pub path: String,
}

impl Shape {
    /// The shape of a command: one document of Extended JSON with its `$db`. Kinds of constants are
    /// known, of masked commands as well.
    pub fn read(command: &[u8]) -> Shape {
        Self::read_in(command, None)
    }

    /// The shape of a command that ran in a database which it may not name itself.
    pub fn read_in(command: &[u8], database: Option<&str>) -> Shape {
        let mut normaliser = Normaliser::default();
        let (mut text, mut told) = (Vec::new(), Vec::new());
        normaliser.write(command, database, &mut text);
        let head = normaliser.write_as(Voice::Full, command, database, &mut told);
        Self::of(head, text, &told)
    }

    /// The shape that a fingerprint is the text of; `None` if it is none. Kinds of constants are
    /// unknown.
    pub fn of_fingerprint(fingerprint: &str) -> Option<Shape> {
        let mut text = Vec::new();
        let head = Normaliser::default().rewrite(Voice::Fingerprint, fingerprint, &mut text)?;
        let told = text.clone();
        Some(Self::of(head, text, &told))
    }

    /// `told` is the text with all that is known.
    fn of(head: Head, text: Vec<u8>, told: &[u8]) -> Shape {
        let mut shape = Shape {
            op: head.op,
            namespace: String::from_utf8_lossy(&head.namespace).into_owned(),
            truncated: head.truncated,
            text: String::from_utf8_lossy(&text).into_owned(),
            ..Shape::default()
        };
        facts::read(told.get(head.document..).unwrap_or_default(), &mut shape);
        shape
    }

    /// The fingerprint: one line.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The database, `?` if it is not known.
    pub fn database(&self) -> &str {
        self.namespace.split_once('.').map_or(&self.namespace, |(database, _)| database)
    }

    /// The collection, if it is about one.
    pub fn collection(&self) -> Option<&str> {
        let (_, collection) = self.namespace.split_once('.')?;
        (!collection.starts_with("$cmd")).then_some(collection)
    }
}

#[cfg(test)]
mod tests;
