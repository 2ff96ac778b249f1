//! The predicates of a query, as data. In: a query as canonical text has it.

use super::super::doc::{Kind, Value};
use super::filter::{is_condition, is_operators};
use super::{RegexClass, kinds};

/// How a field is compared.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Comparison {
    /// With one value.
    Equal,
    /// `$ne`.
    NotEqual,
    /// `$gt`, `$gte`, `$lt`, `$lte`.
    Range,
    /// `$in`.
    In,
    /// `$nin`.
    NotIn,
    /// `$all`.
    All,
    /// `$exists`, and what it asks for; `None` if that is not known.
    Exists(Option<bool>),
    /// `$type`.
    Type,
    /// A regular expression.
    Regex(RegexClass),
    /// `$size`.
    Size,
    /// `$geoWithin`, `$near` and their kin.
    Geo,
    /// `$text`: the path is empty.
    Text,
    /// `$where`: the path is empty.
    Script,
    /// `$expr`: the path is empty.
    Expression,
    /// Anything else.
    Other,
}

/// One comparison of a query.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Predicate {
    /// The field, with the path of the array in front for what stands in `$elemMatch`.
    pub path: String,
    /// How it is compared.
    pub comparison: Comparison,
    /// The kind of the value, where one is known; of lists, that of all items.
    pub kind: Option<Kind>,
    /// Stands below an `$or` or a `$nor`.
    pub below_or: bool,
    /// Stands below a `$not` or a `$nor`.
    pub below_not: bool,
    /// The array whose items it is about, if it stands in `$elemMatch`.
    pub array: Option<String>,
}

/// What stands around a predicate.
#[derive(Clone, Copy, Default)]
struct Around<'a> {
    below_or: bool,
    below_not: bool,
    array: Option<&'a str>,
}

/// Appends the predicates of a query.
pub(super) fn read(query: Value<'_>, out: &mut Vec<Predicate>) {
    read_query(query, Around::default(), out);
}

fn read_query(query: Value<'_>, around: Around<'_>, out: &mut Vec<Predicate>) {
    for member in query.children() {
        let name = String::from_utf8_lossy(&member.key()).into_owned();
        let comparison = match name.as_str() {
            "$and" | "$or" | "$nor" => {
                let around = Around {
                    below_or: around.below_or || name != "$and",
                    below_not: around.below_not || name == "$nor",
                    ..around
                };
                member.children().for_each(|branch| read_query(branch, around, out));
                continue;
            }
            "$expr" => Comparison::Expression,
            "$where" => Comparison::Script,
            "$text" => Comparison::Text,
            _ if name.starts_with('$') => Comparison::Other,
            _ => {
                let path = match around.array {
                    Some(array) => format!("{array}.{name}"),
                    None => name,
                };
                read_condition(&path, member, around, out);
                continue;
            }
        };
        push(String::new(), comparison, None, around, out);
    }
}

fn read_condition(path: &str, value: Value<'_>, around: Around<'_>, out: &mut Vec<Predicate>) {
    if !is_operators(value) {
        let comparison = match value.regex() {
            Some((pattern, options)) => Comparison::Regex(RegexClass::of(&pattern, &options)),
            None => Comparison::Equal,
        };
        return push(path.to_owned(), comparison, kind_of(value), around, out);
    }
    for member in value.children() {
        let comparison = match member.key().as_ref() {
            b"$not" => {
                let around = Around { below_not: true, ..around };
                read_condition(path, member, around, out);
                continue;
            }
            b"$elemMatch" => {
                let around = Around { array: Some(path), ..around };
                match is_condition(member) {
                    true => read_condition(path, member, around, out),
                    false => read_query(member, around, out),
                }
                continue;
            }
            b"$regex" => {
                read_condition(path, member, around, out);
                continue;
            }
            b"$eq" => Comparison::Equal,
            b"$ne" => Comparison::NotEqual,
            b"$gt" | b"$gte" | b"$lt" | b"$lte" => Comparison::Range,
            b"$in" => Comparison::In,
            b"$nin" => Comparison::NotIn,
            b"$all" => Comparison::All,
            b"$exists" => Comparison::Exists(member.as_flag()),
            b"$type" => Comparison::Type,
            b"$size" => Comparison::Size,
            b"$geoWithin" | b"$within" | b"$geoIntersects" | b"$near" | b"$nearSphere" => {
                Comparison::Geo
            }
            _ => Comparison::Other,
        };
        push(path.to_owned(), comparison, kind_of(member), around, out);
    }
}

fn push(
    path: String,
    comparison: Comparison,
    kind: Option<Kind>,
    around: Around<'_>,
    out: &mut Vec<Predicate>,
) {
    let Around { below_or, below_not, array } = around;
    let array = array.map(str::to_owned);
    out.push(Predicate { path, comparison, kind, below_or, below_not, array });
}

/// The kind of a constant, of all items of a list.
fn kind_of(value: Value<'_>) -> Option<Kind> {
    match value.kind() {
        Kind::Placeholder => kinds::kind(&value.text()).filter(|kind| *kind != Kind::Placeholder),
        Kind::Null | Kind::Regex => Some(value.kind()),
        Kind::AnyObject => Some(Kind::Object),
        Kind::AnyArray => Some(Kind::Array),
        Kind::Array => match value.len() {
            1 => value.first().and_then(kind_of),
            _ => None,
        },
        _ => None,
    }
}
