//! Values that Extended JSON and `JSON.stringify` write as documents: `{"$oid": "…"}` and its kin.

use super::{Kind, Node, Regex, Span, Value, escapes};
use std::borrow::Cow;

/// Makes a scalar of a document that stands for one; leaves all others.
pub(super) fn unwrap(text: &[u8], nodes: &mut [Node], at: u32) {
    let Some(wrapper) = nodes.get(at as usize).copied() else { return };
    let Some(first) = nodes.get(wrapper.first as usize) else { return };
    if wrapper.kind != Kind::Object || wrapper.first == 0 {
        return;
    }
    let key = part(text, first.key);
    if !key.starts_with(b"$") {
        if key == b"low" && wrapper.len == 3 && is_long(text, nodes, &wrapper) {
            set(nodes, at, |node| node.kind = Kind::Number);
        }
        return;
    }
    let Some(kind) = kind_of(text, nodes, &wrapper, first, key) else { return };
    let inner = scalar_text(nodes, first);
    set(nodes, at, |node| {
        node.kind = kind;
        (node.text, node.text_escaped) = inner;
        node.len = 0;
    });
}

fn set(nodes: &mut [Node], at: u32, change: impl FnOnce(&mut Node)) {
    if let Some(node) = nodes.get_mut(at as usize) {
        change(node);
    }
}

fn part(text: &[u8], span: Span) -> &[u8] {
    text.get(span.start as usize..span.end as usize).unwrap_or_default()
}

/// The text of the scalar inside: of the value itself, of its first member where it is a document.
fn scalar_text(nodes: &[Node], value: &Node) -> (Span, bool) {
    let is_document = matches!(value.kind, Kind::Object | Kind::Array);
    match nodes.get(value.first as usize) {
        Some(inner) if is_document && value.first != 0 => (inner.text, inner.text_escaped),
        _ => (value.text, value.text_escaped),
    }
}

/// What a document with this first member stands for.
fn kind_of(text: &[u8], nodes: &[Node], wrapper: &Node, first: &Node, key: &[u8]) -> Option<Kind> {
    let second = nodes.get(first.next as usize).filter(|_| first.next != 0);
    let second_key = second.map(|second| part(text, second.key));
    // Any scalar: what is masked or cut is a wrapper still.
    let is_scalar = |node: &Node| !matches!(node.kind, Kind::Object | Kind::Array);
    let is_pattern = |node: &Node| is_scalar(node) && node.kind != Kind::Regex;
    let is_text = is_scalar(first);
    let kind = match (key, wrapper.len) {
        (b"$oid", 1) if is_text => Kind::ObjectId,
        (b"$numberInt" | b"$numberLong" | b"$numberDouble" | b"$numberDecimal", 1) if is_text => {
            Kind::Number
        }
        (b"$date", 1) if is_text => Kind::Date,
        (b"$uuid", 1) if is_text => Kind::Uuid,
        (b"$symbol", 1) if is_text => Kind::String,
        (b"$timestamp", 1) if first.kind == Kind::Object => Kind::Timestamp,
        (b"$binary", 1) if first.kind == Kind::Object => {
            let subtype = nodes.get(first.first as usize).map_or(0, |inner| inner.next);
            let subtype = nodes.get(subtype as usize).filter(|_| subtype != 0);
            binary(subtype.map(|subtype| part(text, subtype.text)))
        }
        (b"$binary", 1) if is_text => Kind::Binary,
        (b"$binary", 2) if second_key == Some(b"$type") => {
            binary(second.map(|subtype| part(text, subtype.text)))
        }
        (b"$regularExpression", 1) if first.kind == Kind::Object => Kind::Regex,
        (b"$regex", 1) if is_pattern(first) => Kind::Regex,
        (b"$regex", 2) if is_pattern(first) && second_key == Some(b"$options") => Kind::Regex,
        (b"$options", 2) if second_key == Some(b"$regex") => {
            return second.is_some_and(is_pattern).then_some(Kind::Regex);
        }
        (b"$minKey", 1) => Kind::MinKey,
        (b"$maxKey", 1) => Kind::MaxKey,
        (b"$undefined", 1) => Kind::Undefined,
        (b"$dbPointer", 1) => Kind::ObjectId,
        (b"$code", 1) if is_text => Kind::Code,
        (b"$code", 2) if is_text && second_key == Some(b"$scope") => Kind::Code,
        (b"$elided", 1) if is_text => Kind::Elided,
        _ => return None,
    };
    Some(kind)
}

fn binary(subtype: Option<&[u8]>) -> Kind {
    match subtype {
        Some(b"3" | b"03" | b"4" | b"04") => Kind::Uuid,
        _ => Kind::Binary,
    }
}

/// Whether three members are `low`, `high` and `unsigned`.
fn is_long(text: &[u8], nodes: &[Node], wrapper: &Node) -> bool {
    let mut at = wrapper.first;
    [&b"low"[..], b"high", b"unsigned"].iter().all(|name| {
        let Some(node) = nodes.get(at as usize).filter(|_| at != 0) else { return false };
        at = node.next;
        part(text, node.key) == *name && matches!(node.kind, Kind::Number | Kind::Bool)
    })
}

/// The number that `{"low": …, "high": …, "unsigned": …}` stands for: two halves of 32 bits.
pub(super) fn low_and_high(value: Value<'_>) -> Option<i64> {
    let mut members = value.inner();
    let low = members.next().filter(|member| member.has_key("low"))?;
    let (low, high) = (low.as_i64()?, members.next()?.as_i64()?);
    // Either half may be written as signed.
    Some(i64::from(high as i32) << 32 | i64::from(low as u32))
}

/// Pattern and options, wherever the wrapper has them.
pub(super) fn regex(value: Value<'_>) -> Regex<'_> {
    let Some(first) = value.inner().next() else {
        let text = value.part(value.node().text);
        let text = text.strip_prefix(b"/").unwrap_or(text);
        let end = memchr::memrchr(b'/', text).unwrap_or(text.len());
        let (pattern, options) = text.split_at(end);
        let options = options.strip_prefix(b"/").unwrap_or(options);
        return (Cow::Borrowed(pattern), Cow::Borrowed(options));
    };
    let members = if first.has_key("$regularExpression") { first.inner() } else { value.inner() };
    let (mut pattern, mut options) = (Cow::default(), Cow::default());
    for member in members {
        let node = member.node();
        let text = || escapes::decoded(member.part(node.text), node.text_escaped);
        if member.has_key("pattern") || member.has_key("$regex") {
            pattern = text();
        } else if member.has_key("options") || member.has_key("$options") {
            options = text();
        }
    }
    (pattern, options)
}
