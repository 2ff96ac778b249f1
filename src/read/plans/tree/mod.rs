//! A document as a flat tree: ordered, borrowed from its text, without recursion. Plans come as
//! JSON, XML and YAML of the same structure, so one form serves all; what members mean is the plan
//! readers' own.

mod json;
pub(in crate::read) mod xml;
mod yaml;

pub use json::parse as parse_json;
pub use xml::parse as parse_xml;
pub use yaml::parse as parse_yaml;

use crate::model::plan::{Properties, Value};
use std::borrow::Cow;

/// Values of a document beyond this number are refused: the largest real plans have some hundred
/// thousand.
const MAX_VALUES: usize = 2_000_000;
/// Values nested deeper than this inside a detail of a node are left out: details are flat but for
/// workers, shards and sort groups.
const MAX_DETAIL_DEPTH: usize = 32;

/// What a value is.
#[derive(Clone, PartialEq, Debug)]
pub enum Scalar<'a> {
    /// `null`, or an empty element.
    Null,
    /// True or false.
    Bool(bool),
    /// A number as it stands in the text.
    Number(&'a str),
    /// A text.
    Text(Cow<'a, str>),
    /// Named members.
    Object,
    /// Items.
    Array,
}

#[derive(Clone, Debug)]
struct Entry<'a> {
    key: Cow<'a, str>,
    value: Scalar<'a>,
    /// Where it begins in the text.
    offset: u32,
    /// One past its last descendant.
    end: u32,
}

/// A document.
#[derive(Clone, Debug, Default)]
pub struct Tree<'a> {
    entries: Vec<Entry<'a>>,
    /// The containers that are open while it is built.
    open: Vec<u32>,
}

impl<'a> Tree<'a> {
    /// The whole of it.
    pub fn root(&self) -> Ref<'_, 'a> {
        Ref { tree: self, at: 0 }
    }

    /// Where members of a name stand, to ask of many values whether one is in them.
    pub fn holders_of(&self, name: &str) -> Holders {
        let mut count = 0;
        let mut before = Vec::with_capacity(self.entries.len() + 1);
        for entry in &self.entries {
            before.push(count);
            count += u32::from(entry.key == name);
        }
        before.push(count);
        Holders { before }
    }

    /// Adds a value to the innermost open container, and opens it if it is one. `false`: too many.
    fn push(&mut self, key: Cow<'a, str>, value: Scalar<'a>, offset: usize) -> bool {
        let at = self.entries.len() as u32;
        if self.entries.len() >= MAX_VALUES {
            return false;
        }
        if matches!(value, Scalar::Object | Scalar::Array) {
            self.open.push(at);
        }
        self.entries.push(Entry { key, value, offset: offset as u32, end: at + 1 });
        true
    }

    /// Closes the innermost open container.
    fn close(&mut self) {
        let end = self.entries.len() as u32;
        if let Some(at) = self.open.pop() {
            self.entries[at as usize].end = end;
        }
    }

    /// The innermost open container.
    fn innermost(&self) -> Option<&Scalar<'a>> {
        self.open.last().map(|at| &self.entries[*at as usize].value)
    }
}

/// Where members of one name stand in a tree.
#[derive(Clone, Debug)]
pub struct Holders {
    /// How many stand before each entry, and in all.
    before: Vec<u32>,
}

impl Holders {
    /// Whether one of them is in a value, at any depth.
    pub fn is_in(&self, value: Ref<'_, '_>) -> bool {
        let count = |at: u32| self.before.get(at as usize).copied().unwrap_or_default();
        count(value.at + 1) < count(value.entry().end)
    }
}

/// A value in its tree.
#[derive(Clone, Copy, Debug)]
pub struct Ref<'t, 'a> {
    tree: &'t Tree<'a>,
    at: u32,
}

impl<'t, 'a> Ref<'t, 'a> {
    fn entry(self) -> &'t Entry<'a> {
        static NULL: Entry<'static> =
            Entry { key: Cow::Borrowed(""), value: Scalar::Null, offset: 0, end: 0 };
        self.tree.entries.get(self.at as usize).unwrap_or(&NULL)
    }

    /// The name it has in the value above; empty for items.
    pub fn key(self) -> &'t str {
        &self.entry().key
    }

    /// What it is.
    pub fn scalar(self) -> &'t Scalar<'a> {
        &self.entry().value
    }

    /// Where it begins in the text, in bytes.
    pub fn offset(self) -> usize {
        self.entry().offset as usize
    }

    /// The members of an object, or the items of an array; nothing for others.
    pub fn children(self) -> impl Iterator<Item = Ref<'t, 'a>> {
        let tree = self.tree;
        let end = self.entry().end;
        let mut next = self.at + 1;
        std::iter::from_fn(move || {
            let child = Ref { tree, at: next };
            (next < end).then(|| {
                next = child.entry().end.max(next + 1);
                child
            })
        })
    }

    /// The first member of a name.
    pub fn get(self, name: &str) -> Option<Ref<'t, 'a>> {
        self.children().find(|child| child.key() == name)
    }

    /// Whether it has named members.
    pub fn is_object(self) -> bool {
        matches!(self.scalar(), Scalar::Object)
    }

    /// Whether it has items.
    pub fn is_array(self) -> bool {
        matches!(self.scalar(), Scalar::Array)
    }

    /// A text, or a number as it stands in the text.
    pub fn text(self) -> Option<&'t str> {
        match self.scalar() {
            Scalar::Text(text) => Some(text),
            Scalar::Number(text) => Some(text),
            _ => None,
        }
    }

    /// A number, or a text that is one (MySQL prints costs as texts).
    pub fn number(self) -> Option<f64> {
        self.text()?.trim().parse().ok().filter(|number: &f64| number.is_finite())
    }

    /// True or false.
    pub fn flag(self) -> Option<bool> {
        match self.scalar() {
            Scalar::Bool(flag) => Some(*flag),
            _ => None,
        }
    }

    /// It and what is in it, as a detail of a plan. Numbers that a double cannot hold exactly, such
    /// as query ids, stay texts.
    pub fn to_value(self) -> Value {
        self.to_value_within(MAX_DETAIL_DEPTH)
    }

    fn to_value_within(self, depth: usize) -> Value {
        match self.scalar() {
            Scalar::Null => Value::Nothing,
            Scalar::Bool(flag) => Value::Flag(*flag),
            Scalar::Text(text) => Value::Text(text.as_ref().into()),
            Scalar::Number(text) => number_or_text(text),
            Scalar::Object | Scalar::Array if depth == 0 => Value::Text("…".into()),
            Scalar::Array => {
                Value::List(self.children().map(|item| item.to_value_within(depth - 1)).collect())
            }
            Scalar::Object => {
                let mut group = Properties::default();
                for member in self.children() {
                    group.push(member.key(), member.to_value_within(depth - 1));
                }
                Value::Group(group)
            }
        }
    }
}

/// A value that its form does not type: a flag, a number, or a text.
fn untyped(text: Cow<'_, str>) -> Scalar<'_> {
    match text {
        Cow::Borrowed("true") => Scalar::Bool(true),
        Cow::Borrowed("false") => Scalar::Bool(false),
        Cow::Borrowed("") => Scalar::Null,
        Cow::Borrowed(text) if is_number(text) => Scalar::Number(text),
        text => Scalar::Text(text),
    }
}

/// Whether a text is a number as JSON writes it, exponents apart.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let are_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    are_digits(whole) && are_digits(fraction)
}

/// A number as a detail; a text where a double cannot hold it.
pub fn number_or_text(text: &str) -> Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match text.parse::<f64>() {
        Ok(number) if number.abs() < EXACT => Value::Number(number),
        _ => Value::Text(text.into()),
    }
}

/// A tree in short, for tests.
#[cfg(test)]
pub(crate) fn shown(value: Ref<'_, '_>) -> String {
    match value.scalar() {
        Scalar::Object | Scalar::Array => {
            let parts: Vec<_> =
                value.children().map(|c| format!("{}={}", c.key(), shown(c))).collect();
            format!("<{}>", parts.join(","))
        }
        Scalar::Null => "null".to_owned(),
        Scalar::Bool(flag) => flag.to_string(),
        Scalar::Number(text) => (*text).to_owned(),
        Scalar::Text(text) => format!("'{text}'"),
    }
}
