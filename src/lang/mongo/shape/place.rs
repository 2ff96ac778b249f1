//! The grammar of commands: what stands where.
//!
//! A [`Place`] says what a value is by where it stands, and so what of it is a literal. Fingerprints
//! and masks walk the same places, which keeps them of one mind; tables describe documents whose
//! members are known by name.

use super::super::doc::Value;

/// What a value is by where it stands.
#[derive(Clone, Copy, Debug)]
pub(in crate::lang::mongo) enum Place {
    /// Says nothing about the shape.
    Dropped,
    /// A query: field names and conditions.
    Filter,
    /// A query that is written even if it is empty.
    WholeFilter,
    /// Queries whose order means nothing.
    Filters,
    /// What a field is compared with: a value or a document of operators.
    Condition,
    /// What an array's items must be: a document of operators, or a query.
    Element,
    /// Values of which one is meant: `$in` and its kin.
    List,
    /// A constant to compare with.
    Literal,
    /// A constant of which not even the kind matters.
    Value,
    /// A document whose names matter, but not its values.
    Fields,
    /// `$exists`.
    Exists,
    /// A flag that means something only if it is set.
    OnlyTrue,
    /// A number that means something only if it is not 0: limit, skip.
    Count,
    /// The limit of a delete: 1 or none.
    DeleteLimit,
    /// `$type`.
    Types,
    /// `$regex` with a pattern for a value.
    Pattern,
    /// `$geoWithin`, `$near` and their kin.
    Geo,
    /// `$geometry`.
    Geometry,
    /// An expression of the aggregation language, and what is not known better: strings behind `$` are
    /// field paths.
    Expression,
    /// Options of a command or stage of which nothing is known: all strings are literals.
    Options,
    /// The `type` of a `$geometry`.
    GeometryType,
    /// JavaScript.
    Script,
    /// `$meta`.
    Meta,
    /// Stages, in order.
    Pipeline,
    /// One stage.
    Stage,
    /// The branches of `$facet`.
    Facet,
    /// Fields with directions.
    Sort,
    /// Which fields to return.
    Projection,
    /// The projection of a find, which is no part of its fingerprint.
    Attribute,
    /// Update operators, a replacement, or a pipeline.
    Update,
    /// The fields of an update operator.
    Set,
    /// The fields of `$push` and `$addToSet`.
    Push,
    /// What `$push` or `$addToSet` adds: a value, or a document of modifiers.
    Pushed,
    /// The fields of `$pull`.
    Pull,
    /// The fields of `$rename`.
    Rename,
    /// The name of a collection or an index.
    Name,
    /// A name that the head of a fingerprint has.
    Label,
    /// The number of a namespace in a `bulkWrite`.
    Namespace,
    /// A field path, or several.
    Path,
    /// An index, by name or by its key.
    Hint,
    /// Collation options.
    Collation,
    /// A document with known members.
    Table(&'static Table),
    /// Several of them, whose order means nothing.
    Tables(&'static Table),
}

/// No table has more entries.
const MAX_ENTRIES: usize = 12;

/// A document with known members.
#[derive(Debug)]
pub(in crate::lang::mongo) struct Table {
    /// In the order in which fingerprints have them.
    pub members: &'static [Entry],
    /// What other members are.
    pub rest: Place,
    /// The member that a value stands for which is no document.
    pub short: Option<&'static str>,
}

/// A member of a [`Table`].
#[derive(Debug)]
pub(in crate::lang::mongo) struct Entry {
    /// Its name in fingerprints.
    pub name: &'static str,
    /// Other names that commands use for it.
    pub also: &'static [&'static str],
    /// What it is.
    pub place: Place,
}

impl Table {
    /// The entry of a name.
    pub fn position(&self, name: &[u8]) -> Option<usize> {
        self.members.iter().position(|entry| {
            entry.name.as_bytes() == name || entry.also.iter().any(|also| also.as_bytes() == name)
        })
    }

    /// What a name stands for, if it is known.
    pub fn known(&self, name: &[u8]) -> Option<Place> {
        Some(self.members.get(self.position(name)?)?.place)
    }

    /// The first value of each entry, in the order of the entries.
    pub fn find<'d>(&self, documents: &[Value<'d>]) -> [Option<Value<'d>>; MAX_ENTRIES] {
        let mut found = [None; MAX_ENTRIES];
        for member in documents.iter().flat_map(|document| document.children()) {
            let slot = self.position(&member.key()).and_then(|at| found.get_mut(at));
            if let Some(slot @ None) = slot {
                *slot = Some(member);
            }
        }
        found
    }
}

impl Place {
    /// What a member of a document is that stands here.
    pub fn member(self, name: &[u8]) -> Place {
        match self {
            Self::Filter | Self::WholeFilter => match name {
                b"$and" | b"$or" | b"$nor" => Self::Filters,
                b"$expr" => Self::Expression,
                b"$where" => Self::Script,
                b"$comment" => Self::Dropped,
                b"$text" | b"$jsonSchema" | b"$sampleRate" => Self::Value,
                [b'$', ..] => Self::Options,
                _ => Self::Condition,
            },
            Self::Condition => match name {
                b"$in" | b"$nin" | b"$all" => Self::List,
                b"$not" => Self::Condition,
                b"$elemMatch" => Self::Element,
                b"$exists" => Self::Exists,
                b"$type" => Self::Types,
                b"$regex" => Self::Pattern,
                b"$options" | b"$comment" => Self::Dropped,
                b"$geoWithin" | b"$within" | b"$geoIntersects" | b"$near" | b"$nearSphere" => {
                    Self::Geo
                }
                b"$size" | b"$mod" | b"$maxDistance" | b"$minDistance" => Self::Value,
                b"$expr" => Self::Expression,
                _ => Self::Literal,
            },
            Self::Geo if name == b"$geometry" => Self::Geometry,
            Self::Geometry if name == b"type" => Self::GeometryType,
            Self::Geo | Self::Geometry => Self::Value,
            Self::Expression => match name {
                b"$literal" | b"$const" => Self::Value,
                b"$function" | b"$accumulator" => Self::Script,
                b"$meta" => Self::Meta,
                b"sortBy" => Self::Sort,
                _ => Self::Expression,
            },
            Self::Sort if name == b"$meta" => Self::Meta,
            Self::Sort | Self::Collation => self,
            Self::Projection | Self::Attribute => match name {
                b"$elemMatch" => Self::Element,
                b"$slice" => Self::Value,
                b"$meta" => Self::Meta,
                [b'$', ..] => Self::Expression,
                _ => Self::Projection,
            },
            Self::Facet => Self::Pipeline,
            Self::Stage => super::stages::arguments(name),
            Self::Update => match name {
                b"$push" | b"$addToSet" | b"$pushAll" => Self::Push,
                b"$pull" => Self::Pull,
                b"$rename" => Self::Rename,
                _ => Self::Set,
            },
            Self::Pull => Self::Element,
            Self::Rename => Self::Path,
            Self::Push => Self::Pushed,
            Self::Pushed => Self::Table(&super::stages::PUSH).member(name),
            Self::Table(table) => table.known(name).unwrap_or(table.rest),
            Self::Options => Self::Options,
            Self::Name => Self::Name,
            Self::Hint if name == b"$hint" => Self::Hint,
            Self::Hint => Self::Sort,
            _ => Self::Value,
        }
    }

    /// Whether an empty document means the same as none.
    pub fn is_optional(self) -> bool {
        matches!(
            self,
            Self::Filter
                | Self::Sort
                | Self::Hint
                | Self::Collation
                | Self::Fields
                | Self::Attribute
        )
    }

    /// What an item of an array is that stands here.
    pub fn item(self) -> Place {
        match self {
            Self::Filters => Self::Filter,
            Self::Pipeline | Self::Update => Self::Stage,
            Self::Tables(table) => Self::Table(table),
            _ => self,
        }
    }
}

/// Operators that stand in a query where a field's name could.
pub(in crate::lang::mongo) fn is_logical(name: &[u8]) -> bool {
    matches!(
        name,
        b"$and"
            | b"$or"
            | b"$nor"
            | b"$expr"
            | b"$where"
            | b"$comment"
            | b"$text"
            | b"$jsonSchema"
            | b"$sampleRate"
            | b"$alwaysTrue"
            | b"$alwaysFalse"
    )
}
