//! Documents and arrays in canonical text: members in order, sorted, or by a table; runs of the
//! same left out.

use super::super::doc::{Kind, Value};
use super::command::is_envelope;
use super::filter::is_operators;
use super::place::{Entry, Place, Table};
use super::writer::Writer;
use super::{names, stages};

impl Writer<'_, '_> {
    pub(super) fn document(&mut self, value: Value<'_>, place: Place) {
        match place {
            Place::Filter | Place::WholeFilter => self.filter(value),
            Place::Condition => self.operators(value),
            Place::Element => self.element(value),
            Place::Geo => self.geo(value),
            Place::Geometry => self.geometry(value),
            Place::Table(table) => self.table(&[value], table),
            Place::Update => self.update(value),
            Place::Pushed if is_operators(value) => self.table(&[value], &stages::PUSH),
            Place::Set | Place::Push | Place::Pull | Place::Rename | Place::Collation => {
                self.sorted_members(value, place);
            }
            Place::Attribute => self.sorted_members(value, place),
            Place::Hint => match value.get("$hint") {
                Some(hint) => self.value(hint, Place::Hint),
                None => self.members(value, Place::Hint),
            },
            Place::Fields
            | Place::Expression
            | Place::Options
            | Place::Facet
            | Place::Stage
            | Place::Sort
            | Place::Name
            | Place::Projection => self.members(value, place),
            Place::Literal => self.literal(value),
            _ => self.constant(value),
        }
    }

    pub(super) fn array(&mut self, value: Value<'_>, place: Place) {
        match place {
            Place::Filters | Place::Tables(_) => self.distinct_items(value, place.item()),
            Place::Pipeline | Place::Update => self.items(value, place.item(), false),
            Place::Expression
            | Place::Options
            | Place::Projection
            | Place::Path
            | Place::Table(_)
            | Place::Types => self.items(value, place.item(), true),
            Place::Filter | Place::Condition | Place::Element | Place::Literal => {
                self.literal(value);
            }
            _ => self.constant(value),
        }
    }

    /// Items in their order. Of a run of constants one stands for all, if they may be folded.
    fn items(&mut self, value: Value<'_>, place: Place, fold: bool) {
        self.push("[");
        let start = self.out.len();
        let mut last = start..start;
        for item in value.children() {
            if self.is_left_out(item) {
                continue;
            }
            let before = self.out.len();
            self.separate(start);
            let text = self.out.len();
            self.value(item, place);
            let is_name = self.out.get(text) == Some(&b'"');
            if fold && !is_name && self.out.get(last.clone()) == self.out.get(text..) {
                self.out.truncate(before);
            } else {
                last = text..self.out.len();
            }
        }
        self.push("]");
    }

    /// Items whose order means nothing: sorted, each once.
    fn distinct_items(&mut self, value: Value<'_>, place: Place) {
        self.push("[");
        let (start, first) = (self.out.len(), self.scratch.items.len());
        for item in value.children() {
            if !self.is_left_out(item) {
                let before = self.out.len();
                self.value(item, place);
                self.scratch.items.push(before..self.out.len());
            }
        }
        self.sort_items(start, first);
        self.push("]");
    }

    /// Values of which one or all are meant: what they are compared as, sorted, each once.
    pub(super) fn alternatives(&mut self, value: Value<'_>) {
        self.push("[");
        let (start, first) = (self.out.len(), self.scratch.items.len());
        for item in value.children() {
            if self.is_left_out(item) {
                continue;
            }
            let before = self.out.len();
            match item.kind() {
                Kind::Regex => self.literal(item),
                Kind::Object if is_operators(item) => self.operators(item),
                _ => self.constant(item),
            }
            self.scratch.items.push(before..self.out.len());
        }
        self.sort_items(start, first);
        if self.out.len() == start {
            self.truncated |= value.kind() == Kind::Elided;
            self.push("?");
        }
        self.push("]");
    }

    /// Whether an item only says that others follow.
    fn is_left_out(&mut self, item: Value<'_>) -> bool {
        let is_elided = item.kind() == Kind::Elided && *item.text() == *b"items";
        self.truncated |= is_elided;
        is_elided || item.kind() == Kind::More
    }

    /// Members sorted by their text, each once.
    pub(super) fn sorted_members(&mut self, value: Value<'_>, place: Place) {
        self.push("{");
        let (start, first) = (self.out.len(), self.scratch.items.len());
        for member in value.children() {
            let before = self.out.len();
            self.member(&member.key(), member, place);
            if self.out.len() > before {
                self.scratch.items.push(before..self.out.len());
            }
        }
        self.sort_items(start, first);
        self.push("}");
    }

    /// Puts the items that were written from `start` on in order, each once.
    fn sort_items(&mut self, start: usize, first: usize) {
        let Self { out, scratch, distinct, .. } = self;
        let Some(items) = scratch.items.get_mut(first..) else { return };
        let text = |range: &std::ops::Range<usize>| out.get(range.clone()).unwrap_or_default();
        items.sort_unstable_by(|a, b| text(a).cmp(text(b)));
        scratch.sorted.clear();
        let mut last: Option<&[u8]> = None;
        *distinct = 0;
        for item in items.iter() {
            let item = text(item);
            if last == Some(item) {
                continue;
            }
            if last.is_some() {
                scratch.sorted.extend_from_slice(b", ");
            }
            scratch.sorted.extend_from_slice(item);
            *distinct += 1;
            last = Some(item);
        }
        out.truncate(start);
        out.extend_from_slice(&scratch.sorted);
        scratch.items.truncate(first);
    }

    /// A comma behind what began at `start`.
    pub(super) fn separate(&mut self, start: usize) {
        if self.out.len() > start {
            self.push(", ");
        }
    }

    /// Members in their order. One that looks like the one before is left out: names that are ids
    /// look alike.
    fn members(&mut self, value: Value<'_>, place: Place) {
        self.push("{");
        let start = self.out.len();
        let mut last = start..start;
        for member in value.children() {
            let before = self.out.len();
            self.separate(start);
            let text = self.out.len();
            self.member(&member.key(), member, place);
            if self.out.len() == text || self.out.get(last.clone()) == self.out.get(text..) {
                self.out.truncate(before);
            } else {
                last = text..self.out.len();
            }
        }
        self.push("}");
    }

    /// `name: value`; nothing if the value does not belong to the shape.
    fn member(&mut self, name: &[u8], value: Value<'_>, parent: Place) {
        let start = self.out.len();
        names::write_key(name, self.out);
        self.push(": ");
        let behind = self.out.len();
        self.value(value, parent.member(name));
        if self.out.len() == behind {
            self.out.truncate(start);
        }
    }

    /// Members that are known by name, in the order of the table, then the others. Each is taken
    /// from the first document that has it. A member that stands alone may do so without its name.
    pub(super) fn table(&mut self, documents: &[Value<'_>], table: &'static Table) {
        let before = self.out.len();
        self.push("{");
        let start = self.out.len();
        let known = table.find(documents);
        let mut short = None;
        for (entry, value) in table.members.iter().zip(known) {
            let Some(value) = value else { continue };
            let text = self.entry(entry, value, start);
            if table.short == Some(entry.name) && self.out.get(text) == Some(&b'"') {
                short = Some(text..self.out.len());
            }
        }
        if !matches!(table.rest, Place::Dropped) {
            for member in documents.iter().flat_map(|document| document.children()) {
                self.other_member(member, table, start);
            }
        }
        match short {
            // Alone: behind the bracket, its name, a colon and a blank.
            Some(text) if text.end == self.out.len() && is_first(text.start, start, table) => {
                self.out.drain(before..text.start);
            }
            _ => self.push("}"),
        }
    }

    /// Writes a member that the table does not have.
    fn other_member(&mut self, member: Value<'_>, table: &'static Table, start: usize) {
        let name = member.key();
        let is_name = self.name.is_some_and(|name| name.is(member));
        if is_name || table.position(&name).is_some() || is_envelope(&name) {
            return;
        }
        let before = self.out.len();
        self.separate(start);
        let text = self.out.len();
        self.member(&name, member, Place::Table(table));
        if self.out.len() == text {
            self.out.truncate(before);
        }
    }

    /// Writes a member of a table unless it is empty; returns where its value begins.
    fn entry(&mut self, entry: &Entry, value: Value<'_>, start: usize) -> usize {
        let before = self.out.len();
        self.separate(start);
        self.push(entry.name);
        self.push(": ");
        let text = self.out.len();
        self.value(value, entry.place);
        let written = self.out.get(text..).unwrap_or_default();
        if written.is_empty() || (written == b"{}" && entry.place.is_optional()) {
            self.out.truncate(before);
        }
        text
    }

    /// `$geoWithin` and its kin: the kind of the figure, no coordinates.
    fn geo(&mut self, value: Value<'_>) {
        match is_operators(value) {
            true => self.sorted_members(value, Place::Geo),
            false => self.constant(value),
        }
    }

    fn geometry(&mut self, value: Value<'_>) {
        self.push("{type: ");
        match value.get("type") {
            Some(kind) => self.value(kind, Place::GeometryType),
            None => self.push("?"),
        }
        self.push("}");
    }

    /// Update operators with their fields, or a whole document in place of the old one.
    fn update(&mut self, value: Value<'_>) {
        match is_operators(value) {
            true => self.sorted_members(value, Place::Update),
            false => self.push("replace"),
        }
    }
}

/// Whether a value that begins at `text` is the first of a document whose members begin at `start`.
fn is_first(text: usize, start: usize, table: &Table) -> bool {
    table.short.is_some_and(|name| text == start + name.len() + ": ".len())
}
