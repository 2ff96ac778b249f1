//! What a plan says beside the numbers every plan has, by the engine's own names.

use serde::ser::{Serialize, SerializeMap, Serializer};

/// A value as printed.
#[derive(Clone, PartialEq, Debug, serde::Serialize)]
#[serde(untagged)]
pub enum Value {
    /// Nothing (null).
    Nothing,
    /// True or false.
    Flag(bool),
    /// A number that a double holds exactly enough; ids and larger ones are texts.
    Number(f64),
    /// A text: a name, or a condition without its literals.
    Text(Box<str>),
    /// Several values.
    List(Box<[Value]>),
    /// Named values.
    Group(Properties),
}

/// Named values in the order in which they were printed. A name may come twice.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Properties(Vec<(Box<str>, Value)>);

impl Properties {
    /// Adds a value behind the others.
    pub fn push(&mut self, name: impl Into<Box<str>>, value: Value) {
        self.0.push((name.into(), value));
    }

    /// The first value of a name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| **known == *name).map(|(_, value)| value)
    }

    /// The first value of a name, if it is a number or a text that is one.
    pub fn number(&self, name: &str) -> Option<f64> {
        match self.get(name)? {
            Value::Number(number) => Some(*number),
            Value::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// The first value of a name, if it is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.get(name)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The first value of a name, if it is true or false.
    pub fn flag(&self, name: &str) -> Option<bool> {
        match self.get(name)? {
            Value::Flag(flag) => Some(*flag),
            _ => None,
        }
    }

    /// The texts of a name: of a list, or the only one.
    pub fn texts(&self, name: &str) -> Vec<&str> {
        match self.get(name) {
            Some(Value::Text(text)) => vec![text],
            Some(Value::List(items)) => items
                .iter()
                .filter_map(|item| match item {
                    Value::Text(text) => Some(&**text),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    /// The named values of a name.
    pub fn group(&self, name: &str) -> Option<&Properties> {
        match self.get(name)? {
            Value::Group(group) => Some(group),
            _ => None,
        }
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (&**name, value))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Properties {
    /// As an object. Of a name that comes twice the first value stands.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (at, (name, value)) in self.0.iter().enumerate() {
            if self.0[..at].iter().all(|(known, _)| known != name) {
                map.serialize_entry(name, value)?;
            }
        }
        map.end()
    }
}

impl IntoIterator for Properties {
    type Item = (Box<str>, Value);
    type IntoIter = std::vec::IntoIter<(Box<str>, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
