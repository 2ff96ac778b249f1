//! Canonical text: values written by their places, constants gone.
//!
//! [`Writer::value`] is the one way in; documents and arrays are left to `documents`, queries, whose
//! predicates are sorted, to `filter`. Everything is written to one buffer; what must be sorted is written first and put in order
//! afterwards, so that a fingerprint costs no allocation once the buffers have grown. The depth of
//! the recursion is that of the document, which is limited.

use super::super::doc::{Kind, Value};
use super::filter::Predicate;
use super::place::{Place, Table};
use super::regex::RegexClass;
use super::{kinds, names, words};
use std::borrow::Cow;
use std::ops::Range;

/// How much is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Voice {
    /// The fingerprint.
    Fingerprint,
    /// The kinds of constants, and what is no part of the fingerprint, too.
    Full,
}

/// Buffers, kept from one command to the next.
#[derive(Default, Debug)]
pub(super) struct Scratch {
    pub predicates: Vec<Predicate>,
    pub items: Vec<Range<usize>>,
    /// Where sorted text is put together.
    pub sorted: Vec<u8>,
}

/// Writes canonical text.
pub(super) struct Writer<'o, 'v> {
    pub out: &'o mut Vec<u8>,
    pub scratch: &'o mut Scratch,
    pub voice: Voice,
    /// Something that was written is not all of what was run.
    pub truncated: bool,
    /// The member that names the command, which is no part of its document.
    pub name: Option<Value<'v>>,
    /// How many items the last list had that was written as a set.
    pub distinct: usize,
    /// The namespaces of a `bulkWrite`, to which its operations refer by number.
    pub namespaces: Option<Value<'v>>,
}

impl Writer<'_, '_> {
    pub fn push(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    /// Writes a value that stands in a place; nothing where it does not belong to the shape.
    pub fn value(&mut self, value: Value<'_>, place: Place) {
        match (value.kind(), place) {
            (_, Place::Dropped | Place::Label) => {}
            (_, Place::Attribute) if self.voice == Voice::Fingerprint => {}
            (_, Place::Script) => self.push("?js"),
            (_, Place::List) => self.alternatives(value),
            (kind, Place::Pattern) => {
                self.truncated |= kind == Kind::Elided;
                self.pattern_class(&value.string().unwrap_or_default(), b"");
            }
            (Kind::Elided, _) => {
                self.truncated = true;
                match value.text().as_ref() {
                    _ if matches!(place, Place::Value | Place::Count) => self.push("?"),
                    b"array" => self.push("[…]"),
                    b"object" | b"" => self.push("{…}"),
                    _ => self.push("?"),
                }
            }
            (_, Place::Value) => self.constant(value),
            (Kind::AnyObject, _) => self.push("{…}"),
            (Kind::AnyArray, _) => self.push("[…]"),
            (Kind::Object, _) => self.document(value, place),
            (Kind::Array, _) => self.array(value, place),
            _ => self.scalar(value, place),
        }
    }

    fn scalar(&mut self, value: Value<'_>, place: Place) {
        let text = value.text();
        let is_string = kinds::is_own_string(value);
        match place {
            Place::Filter | Place::Condition | Place::Element | Place::Literal => {
                self.literal(value);
            }
            Place::Expression | Place::Projection | Place::Attribute
                if is_string && text.len() > 1 && text.starts_with(b"$") =>
            {
                names::write_path(&text, self.out);
            }
            Place::Projection | Place::Attribute => match value.as_flag() {
                Some(shown) => self.push(if shown { "1" } else { "0" }),
                None => self.constant(value),
            },
            Place::Expression | Place::Options if value.kind() == Kind::Null => self.push("null"),
            Place::Exists => match value.as_flag() {
                Some(flag) => self.push(if flag { "true" } else { "false" }),
                None => self.constant(value),
            },
            Place::OnlyTrue => match value.as_flag() {
                Some(true) => self.push("true"),
                Some(false) => {}
                None => self.constant(value),
            },
            Place::Count => match value.as_flag() {
                Some(false) => {}
                _ => self.constant(value),
            },
            Place::DeleteLimit => match value.as_flag() {
                Some(true) => self.push("1"),
                Some(false) => {}
                None => self.constant(value),
            },
            Place::Types => {
                let by_number = value.as_i64().and_then(words::type_of_number);
                let name = by_number.or_else(|| words::type_name(&value.string()?));
                self.name_or_constant(name, value);
            }
            Place::GeometryType => {
                self.name_or_constant(words::geometry(&text).filter(|_| is_string), value);
            }
            Place::Meta => self.name_or_constant(words::meta(&text).filter(|_| is_string), value),
            Place::Sort | Place::Hint if value.kind() == Kind::Number => {
                let descending = value.as_f64().is_some_and(|direction| direction < 0.0);
                self.push(if descending { "-1" } else { "1" });
            }
            Place::Sort => {
                let kind = words::index_kind(&text).filter(|_| is_string);
                self.name_or_constant(kind, value);
            }
            Place::Name | Place::Hint if is_string => names::write_quoted(&text, self.out),
            Place::Namespace => match self.namespace(value) {
                Some(name) => names::write_quoted(&name, self.out),
                None => self.constant(value),
            },
            Place::Path | Place::Rename if is_string => names::write_path(&text, self.out),
            Place::Collation => self.collation_option(value),
            Place::Table(Table { short: Some(name), .. }) => {
                self.value(value, place.member(name.as_bytes()));
            }
            Place::Update if value.kind() == Kind::Word && *text == *b"replace" => {
                self.push("replace");
            }
            _ => self.constant(value),
        }
    }

    /// A constant, of which only the kind may be told.
    pub fn constant(&mut self, value: Value<'_>) {
        self.push(match self.voice {
            Voice::Fingerprint => "?",
            Voice::Full => kinds::word(value),
        });
    }

    /// A constant that a field is compared with: `null`, the class of a regular expression, documents
    /// and arrays as such, and `?` for all others.
    pub fn literal(&mut self, value: Value<'_>) {
        match value.kind() {
            Kind::Null | Kind::Undefined => self.push("null"),
            Kind::Object | Kind::AnyObject => self.push("{…}"),
            Kind::Array | Kind::AnyArray => self.push("[…]"),
            Kind::Regex => {
                let (pattern, options) = value.regex().unwrap_or_default();
                self.pattern_class(&pattern, &options);
            }
            _ => self.constant(value),
        }
    }

    /// A pattern whose options stand apart.
    pub fn pattern(&mut self, pattern: Value<'_>, options: Value<'_>) {
        match pattern.regex() {
            Some((pattern, _)) => self.pattern_class(&pattern, &options.text()),
            None => self.pattern_class(&pattern.text(), &options.text()),
        }
    }

    fn pattern_class(&mut self, pattern: &[u8], options: &[u8]) {
        self.push(RegexClass::of(pattern, options).text());
    }

    fn name_or_constant(&mut self, name: Option<&str>, value: Value<'_>) {
        match name {
            Some(name) => names::write_quoted(name.as_bytes(), self.out),
            None => self.constant(value),
        }
    }

    fn collation_option(&mut self, value: Value<'_>) {
        match words::is_collation_option(value) {
            true if value.kind() == Kind::String => names::write_quoted(&value.text(), self.out),
            true => self.out.extend_from_slice(&value.text()),
            false => self.constant(value),
        }
    }

    /// The namespace that an operation of a `bulkWrite` names by number, or by its name in a
    /// fingerprint.
    fn namespace(&self, value: Value<'_>) -> Option<Vec<u8>> {
        if kinds::is_own_string(value) {
            return value.string().map(Cow::into_owned);
        }
        let index = usize::try_from(value.as_i64()?).ok()?;
        let namespace = self.namespaces?.children().nth(index)?;
        namespace.get("ns")?.string().map(Cow::into_owned)
    }
}
