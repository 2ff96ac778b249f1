//! Queries in canonical text: a conjunction of predicates, sorted by path and operator.
//!
//! `$and` is flattened, equal predicates are written once. Two predicates that cannot stand in one
//! document (the same operator twice on a path, two `$or`) leave all but the first to an `$and`.

use super::super::doc::{Kind, Value};
use super::names;
use super::place::{Place, is_logical};
use super::writer::Writer;
use std::ops::Range;

/// A predicate that was written: parts of the buffer.
#[derive(Clone, Debug)]
pub(super) struct Predicate {
    /// The field, or a logical operator.
    path: Range<usize>,
    /// Its operator; empty for a logical one.
    operator: Range<usize>,
    /// What it is compared with.
    value: Range<usize>,
}

/// Whether a value is a document of operators, and not one to compare with. A reference to another
/// document (`$ref`, `$id`) is none.
pub(in crate::lang::mongo) fn is_operators(value: Value<'_>) -> bool {
    value.kind() == Kind::Object
        && value.children().any(|member| {
            let name = member.key();
            name.starts_with(b"$") && !matches!(name.as_ref(), b"$options" | b"$comment")
        })
        && !value.first().is_some_and(|first| first.has_key("$ref") || first.has_key("$id"))
}

/// Whether what `$elemMatch` asks for is a document of operators, and not a query.
pub(in crate::lang::mongo) fn is_condition(value: Value<'_>) -> bool {
    is_operators(value)
        && value.children().any(|member| {
            let name = member.key();
            name.starts_with(b"$") && !is_logical(&name)
        })
}

impl Writer<'_, '_> {
    /// A query.
    pub(super) fn filter(&mut self, query: Value<'_>) {
        let (start, first) = (self.out.len(), self.scratch.predicates.len());
        self.collect(query);
        self.assemble(start, first, true);
    }

    /// What a field is compared with: a value, or a document of operators.
    pub(super) fn operators(&mut self, value: Value<'_>) {
        if !is_operators(value) {
            return self.literal(value);
        }
        let (start, first) = (self.out.len(), self.scratch.predicates.len());
        self.collect_operators(start..start, value);
        self.assemble(start, first, false);
    }

    /// What `$elemMatch` asks of an item: a query where the items are documents.
    pub(super) fn element(&mut self, value: Value<'_>) {
        if is_condition(value) { self.operators(value) } else { self.filter(value) }
    }

    fn collect(&mut self, query: Value<'_>) {
        for member in query.children() {
            let name = member.key();
            match name.as_ref() {
                b"$and" if member.kind() == Kind::Array => {
                    for item in member.children() {
                        match item.kind() {
                            Kind::Object => self.collect(item),
                            _ => self.truncated |= item.kind() == Kind::Elided,
                        }
                    }
                }
                [b'$', ..] => {
                    let path = self.written(|writer| names::write_key(&name, writer.out));
                    let place = Place::Filter.member(&name);
                    let value = self.written(|writer| writer.value(member, place));
                    if !value.is_empty() {
                        let operator = path.end..path.end;
                        self.scratch.predicates.push(Predicate { path, operator, value });
                    }
                }
                _ => {
                    let path = self.written(|writer| names::write_key(&name, writer.out));
                    if is_operators(member) {
                        self.collect_operators(path, member);
                    } else {
                        self.equality(path, member);
                    }
                }
            }
        }
    }

    fn collect_operators(&mut self, path: Range<usize>, operators: Value<'_>) {
        for member in operators.children() {
            let name = member.key();
            // A server takes nothing but operators here.
            if !name.starts_with(b"$") {
                continue;
            }
            if *name == *b"$eq" || (*name == *b"$regex" && member.kind() == Kind::Regex) {
                self.equality(path.clone(), member);
                continue;
            }
            let operator = self.written(|writer| names::write_key(&name, writer.out));
            // Options may stand beside the pattern.
            let options = operators.get("$options").filter(|_| *name == *b"$regex");
            let place = Place::Condition.member(&name);
            let value = self.written(|writer| match options {
                Some(options) => writer.pattern(member, options),
                None => writer.value(member, place),
            });
            if !value.is_empty() {
                self.scratch.predicates.push(Predicate { path: path.clone(), operator, value });
            }
        }
    }

    /// A comparison with one value. A regular expression is matched.
    fn equality(&mut self, path: Range<usize>, value: Value<'_>) {
        let name = if value.kind() == Kind::Regex { "$regex" } else { "$eq" };
        let operator = self.written(|writer| writer.push(name));
        let value = self.written(|writer| writer.value(value, Place::Literal));
        self.scratch.predicates.push(Predicate { path, operator, value });
    }

    /// What a closure writes.
    fn written(&mut self, write: impl FnOnce(&mut Self)) -> Range<usize> {
        let start = self.out.len();
        write(self);
        start..self.out.len()
    }

    /// Puts the predicates in order that were written from `start` on: as a query, or as operators
    /// of one field.
    fn assemble(&mut self, start: usize, first: usize, is_query: bool) {
        let Self { out, scratch, .. } = self;
        let Some(predicates) = scratch.predicates.get_mut(first..) else { return };
        let parts = Parts { text: out };
        predicates.sort_unstable_by(|a, b| parts.of(a).cmp(&parts.of(b)));
        let sorted = &mut scratch.sorted;
        sorted.clear();
        sorted.push(b'{');
        if is_query {
            parts.write_query(predicates, sorted);
        } else {
            for equal in predicates.chunk_by(|a, b| parts.of(a) == parts.of(b)) {
                parts.write_operator(equal.first(), sorted);
            }
        }
        sorted.push(b'}');
        out.truncate(start);
        out.extend_from_slice(sorted);
        scratch.predicates.truncate(first);
    }
}

/// The buffer that predicates are parts of.
struct Parts<'t> {
    text: &'t [u8],
}

impl<'t> Parts<'t> {
    /// Path, operator and value.
    fn of(&self, predicate: &Predicate) -> (&'t [u8], &'t [u8], &'t [u8]) {
        let part = |part: &Range<usize>| self.text.get(part.clone()).unwrap_or_default();
        (part(&predicate.path), part(&predicate.operator), part(&predicate.value))
    }

    fn is_same_path(&self, a: &Predicate, b: &Predicate) -> bool {
        self.of(a).0 == self.of(b).0
    }

    fn is_same_operator(&self, a: &Predicate, b: &Predicate) -> bool {
        self.of(a).1 == self.of(b).1
    }

    /// Sorted predicates as the members of a query.
    fn write_query(&self, predicates: &[Predicate], sorted: &mut Vec<u8>) {
        for path in predicates.chunk_by(|a, b| self.is_same_path(a, b)) {
            separate(sorted);
            self.write_path(path, sorted);
        }
        let mut are_some = false;
        for path in predicates.chunk_by(|a, b| self.is_same_path(a, b)) {
            for operator in path.chunk_by(|a, b| self.is_same_operator(a, b)) {
                let values = operator.chunk_by(|a, b| self.of(a).2 == self.of(b).2);
                for others in values.skip(1) {
                    if !are_some {
                        separate(sorted);
                    }
                    sorted.extend_from_slice(if are_some { b", {" } else { b"$and: [{" });
                    are_some = true;
                    self.write_path(others, sorted);
                    sorted.push(b'}');
                }
            }
        }
        if are_some {
            sorted.push(b']');
        }
    }

    /// `path: value` for one equality, else `path: {operator: value, …}`, each operator once.
    fn write_path(&self, predicates: &[Predicate], sorted: &mut Vec<u8>) {
        let (Some(first), Some(last)) = (predicates.first(), predicates.last()) else { return };
        let (path, operator, value) = self.of(first);
        sorted.extend_from_slice(path);
        sorted.extend_from_slice(b": ");
        let is_alone = self.is_same_operator(first, last);
        if is_alone && matches!(operator, b"" | b"$eq" | b"$regex") {
            sorted.extend_from_slice(value);
            return;
        }
        sorted.push(b'{');
        for operator in predicates.chunk_by(|a, b| self.is_same_operator(a, b)) {
            self.write_operator(operator.first(), sorted);
        }
        sorted.push(b'}');
    }

    /// `operator: value` behind what stands there already.
    fn write_operator(&self, predicate: Option<&Predicate>, sorted: &mut Vec<u8>) {
        let Some(predicate) = predicate else { return };
        let (_, operator, value) = self.of(predicate);
        separate(sorted);
        sorted.extend_from_slice(operator);
        sorted.extend_from_slice(b": ");
        sorted.extend_from_slice(value);
    }
}

/// A comma behind what stands in an open document.
fn separate(sorted: &mut Vec<u8>) {
    if sorted.last() != Some(&b'{') {
        sorted.extend_from_slice(b", ");
    }
}
