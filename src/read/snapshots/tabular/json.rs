//! Rows as JSON: an array of objects, objects one after another (NDJSON, MySQL Shell), and objects
//! that hold `rows` with or without `columns`.
//!
//! Plans, log records and documents of a profiler are JSON, too; they are known by their names. One
//! object alone is no table.

use super::elsewhere::is_read_elsewhere;
use super::lines::{LineNumbers, Lines, work};
use super::rows::nothing;
use super::{ResultSet, Row, ShapeMeta, TextShape};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::fmt;

/// Rows as JSON.
pub struct Json;

impl TextShape for Json {
    fn meta(&self) -> &'static ShapeMeta {
        &ShapeMeta {
            name: "json",
            title: "JSON: an array of objects, NDJSON, {\"rows\": …}",
            words: &["{"],
            sample: "[{\"id\":1,\"name\":\"a\"},\n{\"id\":2,\"name\":null}]\n",
        }
    }

    fn find(&self, text: &str) -> Option<usize> {
        let begins = |at: usize| {
            // Blanks are passed but once for each line, since it begins with a bracket.
            let rest = text.get(at..).unwrap_or_default();
            let inside = rest.trim_start_matches(' ');
            let is_array = inside.starts_with('[');
            let object = if is_array {
                inside.get(1..).unwrap_or_default().trim_ascii_start()
            } else {
                inside
            };
            object.strip_prefix('{').is_some_and(|names| names.trim_ascii_start().starts_with('"'))
        };
        Lines::from(text, 0).find(|line| begins(line.start)).map(|line| line.start)
    }

    fn read(&self, text: &str) -> ResultSet {
        let mut walk = Walk { text, at: 0, looked: 0, numbers: LineNumbers::new(text) };
        walk.skip(&[' ', '\t']);
        let is_array = walk.skip_one('[');
        let mut records = Records::default();
        let mut end = walk.at;
        let mut is_whole = true;
        loop {
            // Aligned output marks the line ends of the value.
            walk.skip(&[' ', '\t', '\r', '\n', ',', '+']);
            if is_array && walk.skip_one(']') {
                end = walk.at;
                break;
            }
            let line = walk.numbers.of(walk.at);
            let begin = walk.at;
            match walk.object() {
                // Names of their own begin another table.
                Some(object) if !is_array && records.is_of_another(&object) => {
                    end = begin;
                    break;
                }
                Some(object) => records.add(object, line),
                None => {
                    // What follows objects that stand one after another is another matter.
                    is_whole = is_array || walk.rest().starts_with('{') || records.is_empty();
                    break;
                }
            }
            end = walk.at;
            // An object that holds rows is a table of its own.
            if records.is_nested && !is_array {
                break;
            }
        }
        if !is_whole && !is_array && records.set.rows.is_empty() {
            return nothing(end.max(walk.looked).max(1));
        }
        if is_array && records.is_empty() {
            return nothing(walk.at.max(walk.looked).max(1));
        }
        let is_table = is_array || records.len() > 1 || records.is_nested;
        let set = records.into_set(self.meta().name).filter(|_| is_table);
        let end = end.max(walk.looked).max(1);
        set.map_or_else(|| nothing(end), |set| ResultSet { end, ..set })
    }
}

/// Walks over values.
struct Walk<'t> {
    text: &'t str,
    at: usize,
    /// How far a value that is none was looked at.
    looked: usize,
    numbers: LineNumbers<'t>,
}

impl<'t> Walk<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip(&mut self, letters: &[char]) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches(letters).len();
    }

    fn skip_one(&mut self, letter: char) -> bool {
        let is_there = self.rest().starts_with(letter);
        self.at += usize::from(is_there);
        is_there
    }

    /// The object that begins here.
    fn object(&mut self) -> Option<Object<'t>> {
        if !self.rest().starts_with('{') {
            return None;
        }
        let mut values = serde_json::Deserializer::from_str(self.rest()).into_iter::<Object<'t>>();
        match values.next()? {
            Ok(object) => {
                work::count(values.byte_offset());
                self.at += values.byte_offset();
                Some(object)
            }
            Err(error) => {
                work::count(self.rest().len());
                let lines = Lines::from(self.text, self.at).take(error.line().saturating_sub(1));
                let passed = lines.last().map_or(self.at, |line| line.next);
                self.looked = if error.is_eof() { self.text.len() } else { passed };
                None
            }
        }
    }
}

/// The members of an object in their order.
pub struct Object<'t>(pub Vec<(String, &'t RawValue)>);

impl<'de: 't, 't> Deserialize<'de> for Object<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(members)
            }
        }
        deserializer.deserialize_map(Members).map(Object)
    }
}

/// Objects that become rows: the first one has all the columns.
#[derive(Default)]
pub struct Records {
    columns: Vec<Box<str>>,
    places: HashMap<String, usize>,
    set: ResultSet,
    /// Whether the rows stood in a member of an object.
    is_nested: bool,
    /// Whether it is a plan or a log.
    is_other: bool,
}

impl Records {
    fn len(&self) -> usize {
        self.set.rows.len()
    }

    fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// Whether an object holds rows, or has too few names of these to be one of them.
    fn is_of_another(&self, Object(members): &Object<'_>) -> bool {
        let known = members.iter().filter(|(name, _)| self.places.contains_key(name)).count();
        !self.is_empty()
            && known < members.len()
            && known * 2 < members.len().max(self.columns.len())
    }

    /// Takes over a value, an object or an array of objects, whose line is known; whether it is one.
    pub fn add_value(&mut self, value: &str, line: u32) -> bool {
        let mut objects = serde_json::from_str::<Vec<Object<'_>>>(value).ok();
        if objects.is_none() {
            objects = serde_json::from_str(value).ok().map(|object| vec![object]);
        }
        let Some(objects) = objects else { return false };
        for object in objects {
            self.add(object, line);
        }
        true
    }

    fn add(&mut self, Object(members): Object<'_>, line: u32) {
        if self.is_empty() && self.add_nested(&members, line) {
            return;
        }
        if self.is_empty() {
            self.is_other = is_read_elsewhere(members.iter().map(|(name, _)| name.as_str()));
            for (name, _) in &members {
                if !self.places.contains_key(name) {
                    self.places.insert(name.clone(), self.columns.len());
                    self.columns.push(name.as_str().into());
                }
            }
        }
        let mut cells = vec![None; self.columns.len()];
        let mut known = 0;
        for (name, value) in &members {
            if let Some(cell) = self.places.get(name).and_then(|place| cells.get_mut(*place)) {
                *cell = text_of(value);
                known += 1;
            }
        }
        // A name that comes later is no column; a row that has few of them is none.
        self.push(known == members.len() && known * 2 >= cells.len(), line, cells);
    }

    fn push(&mut self, fits: bool, line: u32, cells: Vec<Option<Box<str>>>) {
        if fits && cells.len() == self.columns.len() {
            self.set.rows.push(Row { line, cells });
        } else {
            self.set.dropped += 1;
            self.set.first_dropped.get_or_insert(line);
        }
    }

    /// Takes over rows in a member of an object; whether there are any.
    fn add_nested(&mut self, members: &[(String, &RawValue)], line: u32) -> bool {
        let member = |names: &[&str]| {
            let known = members.iter().find(|(name, _)| names.contains(&name.as_str()));
            known.map(|(_, value)| value.get())
        };
        let Some(rows) = member(&["rows", "data", "results"]).filter(|rows| rows.starts_with('['))
        else {
            return false;
        };
        if let Ok(objects) = serde_json::from_str::<Vec<Object<'_>>>(rows) {
            self.is_nested = true;
            for object in objects {
                self.add_plain(object, line);
            }
            return true;
        }
        let names = member(&["columns", "fields", "columnNames"]).and_then(names);
        let rows = serde_json::from_str::<Vec<Vec<&RawValue>>>(rows).ok();
        let Some((names, rows)) = names.zip(rows) else { return false };
        self.is_nested = true;
        self.columns = names;
        for row in rows {
            let cells: Vec<_> = row.into_iter().map(text_of).collect();
            self.push(true, line, cells);
        }
        true
    }

    /// Takes over an object whose members are cells, whatever they are called.
    fn add_plain(&mut self, object: Object<'_>, line: u32) {
        if self.is_empty() {
            for (name, _) in &object.0 {
                self.places.entry(name.clone()).or_insert_with(|| {
                    self.columns.push(name.as_str().into());
                    self.columns.len() - 1
                });
            }
            self.is_other = is_read_elsewhere(object.0.iter().map(|(name, _)| name.as_str()));
        }
        self.add(object, line);
    }

    /// The table, if it is one.
    pub fn into_set(mut self, shape: &'static str) -> Option<ResultSet> {
        self.set.shape = shape;
        self.set.columns = self.columns;
        let is_table = !self.is_other && self.set.columns.len() > 1 && !self.set.rows.is_empty();
        is_table.then_some(self.set)
    }
}

/// The names in a list of texts, or of objects that have one.
fn names(list: &str) -> Option<Vec<Box<str>>> {
    if let Ok(names) = serde_json::from_str::<Vec<Box<str>>>(list) {
        return Some(names);
    }
    let objects: Vec<Object<'_>> = serde_json::from_str(list).ok()?;
    let name = |Object(members): Object<'_>| {
        let named =
            members.iter().find(|(name, _)| matches!(name.as_str(), "name" | "Name" | "label"));
        named.and_then(|(_, value)| text_of(value))
    };
    objects.into_iter().map(name).collect()
}

/// A value as a cell: a text as it is, what holds others as JSON.
pub fn text_of(value: &RawValue) -> Option<Box<str>> {
    match value.get() {
        "null" => None,
        text if text.starts_with('"') => serde_json::from_str(text).ok(),
        other => Some(other.into()),
    }
}
