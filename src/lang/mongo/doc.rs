//! A document as MongoDB writes it: ordered, borrowed from its text, of limited depth.
//!
//! Input: Extended JSON (canonical, relaxed, or what `JSON.stringify` makes of it), and the text of a
//! fingerprint, which is the same with unquoted keys and `?` for values. Output: [`Doc`], a flat
//! list of nodes that refer to the text; strings stay escaped until somebody asks for them. Shell
//! text and BSON are brought to this form elsewhere; what members mean is left to shapes.
//!
//! Text that ends early or breaks off gives what is there. Deeper than [`MAX_DEPTH`] a value is
//! elided. Memory is bounded: long lists of scalars are counted behind their first items, and a
//! document of very many members loses those behind (and says so).

mod escapes;
mod parse;
mod wrappers;

use std::borrow::Cow;

/// Values nested deeper than this are elided.
pub const MAX_DEPTH: usize = 100;

/// What a value is. Wrappers of Extended JSON (`{"$oid": …}`) are values of their kind.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// `{…}`, a document.
    Object,
    /// `[…]`.
    Array,
    /// A string, also `$symbol`.
    String,
    /// A number of any type.
    Number,
    /// `true` or `false`.
    Bool,
    /// `null`.
    Null,
    /// `$oid`.
    ObjectId,
    /// `$date`.
    Date,
    /// `$timestamp`.
    Timestamp,
    /// `$binary` but for UUIDs.
    Binary,
    /// `$uuid`, or `$binary` of subtype 3 or 4.
    Uuid,
    /// `$regularExpression`, or `$regex` alone or with `$options`; `/?/` in fingerprints.
    Regex,
    /// `$minKey`.
    MinKey,
    /// `$maxKey`.
    MaxKey,
    /// `$code`, with or without scope.
    Code,
    /// `$undefined`.
    Undefined,
    /// A value that its writer left out (`{"$elided": "object"}`), one below [`MAX_DEPTH`], or one that
    /// was cut off.
    Elided,
    /// `?`, or `?` with the name of a kind: a value that a fingerprint left out.
    Placeholder,
    /// `{…}` in a fingerprint: a whole document as a value.
    AnyObject,
    /// `[…]` in a fingerprint: a whole array as a value.
    AnyArray,
    /// Another bare word of a fingerprint.
    Word,
    /// `"… 29 more"` in an array: what masking puts in place of items like the one before.
    More,
}

/// Part of the text, in bytes.
#[derive(Clone, Copy, Default, Debug)]
struct Span {
    start: u32,
    end: u32,
}

/// One value. Index 0 stands for "none" in links, as the root is nobody's child.
#[derive(Clone, Copy, Debug)]
struct Node {
    kind: Kind,
    key_escaped: bool,
    text_escaped: bool,
    key: Span,
    /// The inside of a string, the text of any other scalar, brackets and all of a document or array.
    text: Span,
    first: u32,
    next: u32,
    /// Members or items, those that were counted only included.
    len: u32,
}

/// Room for the nodes of one document at a time; kept from one to the next, it costs no allocation.
#[derive(Default, Debug)]
pub struct Arena {
    nodes: Vec<Node>,
}

/// A document in its arena.
#[derive(Clone, Copy, Debug)]
pub struct Doc<'d> {
    text: &'d [u8],
    nodes: &'d [Node],
    /// The text ends before the document does, breaks off, or has more members than are kept.
    pub is_cut: bool,
    /// Bytes of the text up to the end of the document.
    pub read_bytes: usize,
}

impl<'d> Doc<'d> {
    /// Reads the value that a text begins with; `None` if it begins with none.
    pub fn read(text: &'d [u8], arena: &'d mut Arena) -> Option<Doc<'d>> {
        Self::read_as(text, true, arena)
    }

    /// The same for the text of a fingerprint, where no document stands for a scalar.
    pub(super) fn read_fingerprint(text: &'d [u8], arena: &'d mut Arena) -> Option<Doc<'d>> {
        Self::read_as(text, false, arena)
    }

    fn read_as(text: &'d [u8], has_wrappers: bool, arena: &'d mut Arena) -> Option<Doc<'d>> {
        let text = text.get(..u32::MAX as usize).unwrap_or(text);
        let end = parse::parse(text, has_wrappers, &mut arena.nodes);
        let nodes = arena.nodes.as_slice();
        let (is_cut, read_bytes) = (end.is_cut, end.read_bytes);
        (!nodes.is_empty()).then_some(Doc { text, nodes, is_cut, read_bytes })
    }

    /// The whole of it.
    pub fn root(self) -> Value<'d> {
        Value { text: self.text, nodes: self.nodes, at: 0 }
    }
}

/// Pattern and options.
pub type Regex<'d> = (Cow<'d, [u8]>, Cow<'d, [u8]>);

/// One value of a document.
#[derive(Clone, Copy)]
pub struct Value<'d> {
    text: &'d [u8],
    nodes: &'d [Node],
    at: u32,
}

impl<'d> Value<'d> {
    #[inline]
    fn node(self) -> &'d Node {
        /// What stands in for a node that no link can lead to.
        const NONE: &Node = &Node {
            kind: Kind::Elided,
            key_escaped: false,
            text_escaped: false,
            key: Span { start: 0, end: 0 },
            text: Span { start: 0, end: 0 },
            first: 0,
            next: 0,
            len: 0,
        };
        self.nodes.get(self.at as usize).unwrap_or(NONE)
    }

    #[inline]
    fn part(self, span: Span) -> &'d [u8] {
        self.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    /// Whether it is the same value of the same document.
    pub(super) fn is(self, other: Value<'_>) -> bool {
        self.at == other.at
    }

    /// What it is.
    pub fn kind(self) -> Kind {
        self.node().kind
    }

    /// Its name, where it is a member; empty for items.
    #[inline]
    pub fn key(self) -> Cow<'d, [u8]> {
        let node = self.node();
        escapes::decoded(self.part(node.key), node.key_escaped)
    }

    /// Whether its name is this one.
    #[inline]
    pub fn has_key(self, name: &str) -> bool {
        let node = self.node();
        if node.key_escaped {
            return *self.key() == *name.as_bytes();
        }
        self.part(node.key) == name.as_bytes()
    }

    /// The text of a scalar: a string without its escapes, the digits of a number, the hexadecimal
    /// digits of an ObjectId. Documents and arrays as they are written.
    pub fn text(self) -> Cow<'d, [u8]> {
        let node = self.node();
        escapes::decoded(self.part(node.text), node.text_escaped)
    }

    /// A document, an array or a scalar as it stands in the text; a string without its quotes.
    pub fn source(self) -> &'d [u8] {
        self.part(self.node().text)
    }

    /// The text of a string; `None` for any other kind.
    pub fn string(self) -> Option<Cow<'d, [u8]>> {
        (self.kind() == Kind::String).then(|| self.text())
    }

    /// Whether it is this string.
    pub fn is_string(self, wanted: &str) -> bool {
        self.string().is_some_and(|text| *text == *wanted.as_bytes())
    }

    /// How many members or items it has, those that are counted only included.
    pub fn len(self) -> usize {
        self.node().len as usize
    }

    /// Whether it has no members or items.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The members of a document or the items of an array, in order; nothing for scalars. Scalars
    /// far behind in an array are missing: [`Value::len`] counts them.
    pub fn children(self) -> Children<'d> {
        let has = matches!(self.kind(), Kind::Object | Kind::Array);
        Children { of: self, next: if has { self.node().first } else { 0 } }
    }

    /// The first member or item.
    pub fn first(self) -> Option<Value<'d>> {
        self.children().next()
    }

    /// The first member of a document with a name.
    pub fn get(self, name: &str) -> Option<Value<'d>> {
        (self.kind() == Kind::Object).then(|| self.children().find(|m| m.has_key(name))).flatten()
    }

    /// A whole number, exactly; `None` for other kinds, fractions and what does not fit. Numbers
    /// in strings are none.
    pub fn as_i64(self) -> Option<i64> {
        if self.kind() != Kind::Number {
            return None;
        }
        if let Some(long) = wrappers::low_and_high(self) {
            return Some(long);
        }
        let text = std::str::from_utf8(self.part(self.node().text)).ok()?;
        text.parse().ok().or_else(|| {
            let (whole, fraction) = text.split_once('.')?;
            fraction.bytes().all(|b| b == b'0').then(|| whole.parse().ok()).flatten()
        })
    }

    /// A number, as near as a float comes; `None` for other kinds.
    pub fn as_f64(self) -> Option<f64> {
        if self.kind() != Kind::Number {
            return None;
        }
        if let Some(long) = wrappers::low_and_high(self) {
            return Some(long as f64);
        }
        std::str::from_utf8(self.part(self.node().text)).ok()?.parse().ok()
    }

    /// What the server takes it for where it expects a flag: numbers but zero are true, `null` is
    /// false. `None` where it is neither number, flag nor `null`.
    pub fn as_flag(self) -> Option<bool> {
        match self.kind() {
            Kind::Bool => Some(self.part(self.node().text) == b"true"),
            Kind::Null | Kind::Undefined => Some(false),
            Kind::Number => self.as_f64().map(|number| number != 0.0),
            _ => None,
        }
    }

    /// Pattern and options of a regular expression.
    pub fn regex(self) -> Option<Regex<'d>> {
        if self.kind() != Kind::Regex {
            return None;
        }
        Some(wrappers::regex(self))
    }

    /// The members of a scalar that was written as a document.
    fn inner(self) -> Children<'d> {
        Children { of: self, next: self.node().first }
    }
}

/// The members or items of a value. See [`Value::children`].
#[derive(Clone)]
pub struct Children<'d> {
    of: Value<'d>,
    next: u32,
}

impl<'d> Iterator for Children<'d> {
    type Item = Value<'d>;

    #[inline]
    fn next(&mut self) -> Option<Value<'d>> {
        if self.next == 0 {
            return None;
        }
        let child = Value { at: self.next, ..self.of };
        self.next = child.node().next;
        Some(child)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Kinds and texts of a value, and whether the text ends early.
    fn shown(text: &str) -> String {
        fn show(value: Value<'_>, out: &mut String) {
            let children: Vec<_> = value.children().collect();
            *out += &format!("{:?}", value.kind());
            match value.kind() {
                Kind::Object | Kind::Array => {
                    *out += "(";
                    for child in children {
                        *out += &String::from_utf8_lossy(&child.key());
                        *out += "=";
                        show(child, out);
                        *out += " ";
                    }
                    *out += ")";
                }
                _ => *out += &format!(":{}", String::from_utf8_lossy(&value.text())),
            }
        }
        let mut arena = Arena::default();
        let Some(doc) = Doc::read(text.as_bytes(), &mut arena) else { return "none".to_owned() };
        let mut out = String::new();
        show(doc.root(), &mut out);
        out + if doc.is_cut { "…" } else { "" }
    }

    #[test]
    #[rustfmt::skip]
    fn documents_are_read_in_every_spelling() {
        for (text, expected) in [
            (r#"{"a":1,"b":[true,null,"x\ty"],"c":{"d":{}}}"#, "Object(a=Number:1 b=Array(=Bool:true =Null:null =String:x\ty ) c=Object(d=Object() ) )"),
            ("{ a.b: ?, $c : {…}, \"d e\": […], f: /^?/i, g: ?js, h: replace }", "Object(a.b=Placeholder:? $c=AnyObject: d e=AnyArray: f=Regex:/^?/i g=Placeholder:?js h=Word:replace )"),
            (r#"{"a":{"$oid":"65"},"b":{"$numberLong":"9007199254740993"},"c":{"$numberDouble":"NaN"},"d":{"$date":{"$numberLong":"5"}},"e":{"$date":"2026"}}"#,
             "Object(a=ObjectId:65 b=Number:9007199254740993 c=Number:NaN d=Date:5 e=Date:2026 )"),
            (r#"{"a":{"$binary":{"base64":"AA","subType":"04"}},"b":{"$binary":{"base64":"AA","subType":"00"}},"c":{"$binary":"AA","$type":"03"},"d":{"$uuid":"x"},"e":{"$timestamp":{"t":1,"i":2}}}"#,
             "Object(a=Uuid:AA b=Binary:AA c=Uuid:AA d=Uuid:x e=Timestamp:1 )"),
            (r#"{"a":{"$minKey":1},"b":{"$maxKey":1},"c":{"$undefined":true},"d":{"$code":"f","$scope":{}},"e":{"$symbol":"s"},"f":{"$elided":"array"},"g":{"$regex":"x","$gt":1}}"#,
             "Object(a=MinKey:1 b=MaxKey:1 c=Undefined:true d=Code:f e=String:s f=Elided:array g=Object($regex=String:x $gt=Number:1 ) )"),
            (r#"{"a":{"$regex":"^x","$options":"i"},"b":["… 3 more"],"c":"… 3 more"}"#, "Object(a=Regex:^x b=Array(=More:… 3 more ) c=String:… 3 more )"),
            ("[1 2,]", "Array(=Number:1 =Number:2 )"),
            (r#"{"a":1,"b":"#, "Object(a=Number:1 b=Elided: )…"),
            (r#"{"a":1,"b"#, "Object(a=Number:1 )…"),
            (r#"{"a":12"#, "Object(a=Elided:12 )…"),
            (r#"{"a":[1,{"b":"x"#, "Object(a=Array(=Number:1 =Object(b=Elided: ) ) )…"),
            (r#"{"a":1]"#, "Object(a=Number:1 )…"),
            (r#"{"a":@}"#, "Object(a=Elided: )…"),
            ("", "none"),
            ("}", "none"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn numbers_keep_their_digits() {
        let text = br#"{"a":9007199254740993,"b":-5.0,"c":2.5,"d":{"low":-1,"high":1,"unsigned":false},"e":"7","f":1e3,"g":{"$numberDecimal":"12.00"}}"#;
        let mut arena = Arena::default();
        let root = Doc::read(text, &mut arena).expect("a document").root();
        let of = |name: &str| root.get(name).map(|value| (value.as_i64(), value.as_f64()));
        assert_eq!(of("a").map(|(long, _)| long), Some(Some(9_007_199_254_740_993)));
        assert_eq!(of("b"), Some((Some(-5), Some(-5.0))));
        assert_eq!(of("c"), Some((None, Some(2.5))));
        assert_eq!(of("d").map(|(long, _)| long), Some(Some(0x1_ffff_ffff)));
        assert_eq!(of("e"), Some((None, None)));
        assert_eq!(of("f"), Some((None, Some(1000.0))));
        assert_eq!(of("g"), Some((Some(12), Some(12.0))));
        assert_eq!(of("h"), None);
    }

    #[test]
    fn depth_items_and_members_are_bounded() {
        let deep = format!("{}1{}", r#"{"a":"#.repeat(5000), "}".repeat(5000));
        let mut arena = Arena::default();
        let doc = Doc::read(deep.as_bytes(), &mut arena).expect("a document");
        let mut value = doc.root();
        let mut depth = 1;
        while let Some(inner) = value.get("a") {
            (value, depth) = (inner, depth + 1);
        }
        assert_eq!((value.kind(), depth, doc.is_cut), (Kind::Elided, MAX_DEPTH + 1, false));
        let items = vec![r#"{"$oid":"65"}"#; 5000].join(",");
        let long = format!(r#"{{"a":[{items},{{"b":1}}],"c":1}}"#);
        let doc = Doc::read(long.as_bytes(), &mut arena).expect("a document");
        let list = doc.root().get("a").expect("a list");
        assert_eq!((list.len(), list.children().count(), doc.is_cut), (5001, 257, false));
        assert!(doc.root().get("c").is_some());
        let documents = vec![r#"{"b":1}"#; 100_000].join(",");
        let wide = format!(r#"{{"a":[{documents}],"c":1}}"#);
        let doc = Doc::read(wide.as_bytes(), &mut arena).expect("a document");
        assert_eq!(doc.root().get("a").map(Value::len), Some(100_000));
        assert!(doc.is_cut && doc.root().get("c").is_some());
    }
}
