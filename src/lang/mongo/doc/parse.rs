//! Text into nodes: one pass, an explicit stack of fixed depth, no recursion.
//!
//! Strict in what opens and closes, lenient in between: keys may be unquoted, commas may be missing.
//! The first byte that fits nothing ends the document as if the text were cut there.

use super::{Kind, MAX_DEPTH, Node, Span, wrappers};
use crate::lang::bytes::find2;

/// Scalars of an array behind so many items are counted, not kept.
const KEPT_ITEMS: u32 = 256;

/// Behind so many nodes only members of the outermost document are kept.
const MAX_NODES: usize = 1 << 16;

/// `…`, with which fingerprints leave something out.
const ELLIPSIS: &[u8] = "…".as_bytes();

/// How reading ended.
pub(super) struct End {
    pub is_cut: bool,
    pub read_bytes: usize,
}

/// Reads the value a text begins with. Leaves no nodes where it begins with none.
pub(super) fn parse(text: &[u8], has_wrappers: bool, nodes: &mut Vec<Node>) -> End {
    nodes.clear();
    let none = Open { node: 0, last: 0, last_before: 0 };
    let mut parser = Parser {
        text,
        at: 0,
        nodes,
        open: [none; MAX_DEPTH],
        depth: 0,
        is_cut: false,
        has_wrappers,
    };
    if parser.run().is_none() {
        parser.is_cut = true;
        while parser.depth > 0 {
            parser.close();
        }
    }
    End { is_cut: parser.is_cut, read_bytes: parser.at }
}

/// A document or array whose end is still to come.
#[derive(Clone, Copy)]
struct Open {
    node: u32,
    /// Its last child so far.
    last: u32,
    /// The last child of what it stands in, before it.
    last_before: u32,
}

struct Parser<'t, 'n> {
    text: &'t [u8],
    at: usize,
    nodes: &'n mut Vec<Node>,
    open: [Open; MAX_DEPTH],
    depth: usize,
    is_cut: bool,
    /// Documents may stand for scalars.
    has_wrappers: bool,
}

/// A member's name, as it stands in the text.
#[derive(Clone, Copy, Default)]
struct Key {
    span: Span,
    escaped: bool,
}

impl Parser<'_, '_> {
    /// `None` where the text ends or breaks off.
    fn run(&mut self) -> Option<()> {
        self.next_token()?;
        self.value(Key::default())?;
        while self.depth > 0 {
            let mut byte = self.next_token()?;
            if byte == b',' {
                self.at += 1;
                byte = self.next_token()?;
            }
            let is_object = self.top().is_some_and(|node| node.kind == Kind::Object);
            match byte {
                b'}' | b']' => {
                    if is_object != (byte == b'}') {
                        return None;
                    }
                    self.at += 1;
                    self.close();
                }
                _ if is_object => {
                    let key = self.key(byte)?;
                    if self.next_token()? != b':' {
                        return None;
                    }
                    self.at += 1;
                    let found = self.next_token().and_then(|_| self.value(key));
                    if found.is_none() {
                        self.scalar(key, Kind::Elided, Span::default(), false);
                        return None;
                    }
                }
                _ => self.value(Key::default())?,
            }
        }
        Some(())
    }

    fn rest(&self) -> &[u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Moves to the next byte that is not blank.
    #[inline]
    fn next_token(&mut self) -> Option<u8> {
        while let Some(byte) = self.text.get(self.at) {
            if !byte.is_ascii_whitespace() {
                return Some(*byte);
            }
            self.at += 1;
        }
        None
    }

    fn top(&self) -> Option<&Node> {
        let open = self.open.get(self.depth.checked_sub(1)?)?;
        self.nodes.get(open.node as usize)
    }

    fn key(&mut self, first: u8) -> Option<Key> {
        if first == b'"' {
            let (span, escaped) = self.string()?;
            return Some(Key { span, escaped });
        }
        let bytes = self
            .rest()
            .iter()
            .position(|b| matches!(b, b':' | b',' | b'{' | b'}' | b'[' | b']'))?;
        let key = self.rest().get(..bytes)?.trim_ascii_end().len();
        let span = self.span(key);
        self.at += bytes;
        (key > 0).then_some(Key { span, escaped: false })
    }

    /// The next bytes as a span.
    fn span(&self, bytes: usize) -> Span {
        Span { start: self.at as u32, end: (self.at + bytes) as u32 }
    }

    /// A string, from its opening quote on. Cut strings are whole as far as they go; the document's
    /// end is found behind.
    #[inline]
    fn string(&mut self) -> Option<(Span, bool)> {
        let start = self.at + 1;
        let mut at = start;
        let mut escaped = false;
        loop {
            match find2(b'"', b'\\', self.text.get(at..)?) {
                Some(found) => {
                    at += found;
                    if self.text.get(at) == Some(&b'"') {
                        self.at = at + 1;
                        return Some((Span { start: start as u32, end: at as u32 }, escaped));
                    }
                    escaped = true;
                    at += 2;
                }
                None => {
                    self.at = self.text.len();
                    return None;
                }
            }
        }
    }

    /// One value, from its first byte on; documents and arrays are left open.
    fn value(&mut self, key: Key) -> Option<()> {
        match *self.text.get(self.at)? {
            b'"' => match self.string() {
                Some((span, escaped)) => {
                    let is_item = self.top().is_some_and(|node| node.kind == Kind::Array);
                    let is_more = is_item && self.is_more(span);
                    let kind = if is_more { Kind::More } else { Kind::String };
                    self.scalar(key, kind, span, escaped);
                }
                None => return None,
            },
            open @ (b'{' | b'[') => return self.open(key, open),
            b'/' => {
                let end = 1 + memchr::memchr(b'/', self.rest().get(1..)?)?;
                let flags = self.rest().get(end + 1..)?;
                let flags = flags.iter().take_while(|b| b.is_ascii_lowercase()).count();
                let span = self.span(end + 1 + flags);
                self.at = span.end as usize;
                self.scalar(key, Kind::Regex, span, false);
            }
            _ => {
                let is_end = |b: &u8| {
                    b.is_ascii_whitespace()
                        || matches!(b, b',' | b':' | b'{' | b'}' | b'[' | b']' | b'"')
                };
                let rest = self.rest();
                let bytes = rest.iter().position(is_end).unwrap_or(rest.len());
                let word = rest.get(..bytes)?;
                let kind = word_kind(word)?;
                // A word at the end of the text may have gone on.
                let may_be_cut = bytes == rest.len() && self.depth > 0;
                let span = self.span(bytes);
                self.at += bytes;
                self.scalar(key, if may_be_cut { Kind::Elided } else { kind }, span, false);
            }
        }
        Some(())
    }

    /// Whether a string is `… 29 more`.
    fn is_more(&self, span: Span) -> bool {
        let text = self.text.get(span.start as usize..span.end as usize).unwrap_or_default();
        text.strip_prefix(ELLIPSIS)
            .and_then(|text| text.strip_prefix(b" ")?.strip_suffix(b" more"))
            .is_some_and(|count| !count.is_empty() && count.iter().all(u8::is_ascii_digit))
    }

    fn scalar(&mut self, key: Key, kind: Kind, text: Span, text_escaped: bool) {
        if self.may_keep(kind) {
            let node = Node {
                kind,
                key_escaped: key.escaped,
                text_escaped,
                key: key.span,
                text,
                first: 0,
                next: 0,
                len: 0,
            };
            self.link(node);
        } else {
            self.count();
        }
    }

    /// Whether there is room for a value here.
    fn may_keep(&mut self, kind: Kind) -> bool {
        let is_scalar = !matches!(kind, Kind::Object | Kind::Array | Kind::Elided);
        let Some(parent) = self.top() else { return true };
        if is_scalar && parent.kind == Kind::Array && parent.len >= KEPT_ITEMS {
            return false;
        }
        let limit = if self.depth > 1 { MAX_NODES } else { 2 * MAX_NODES };
        let fits = self.nodes.len() < limit;
        self.is_cut |= !fits;
        fits
    }

    /// Counts a value that is not kept.
    fn count(&mut self) {
        if let Some(open) = self.depth.checked_sub(1).and_then(|top| self.open.get(top))
            && let Some(parent) = self.nodes.get_mut(open.node as usize)
        {
            parent.len = parent.len.saturating_add(1);
        }
    }

    /// Appends a node to what stands open.
    fn link(&mut self, node: Node) {
        let index = self.nodes.len() as u32;
        self.nodes.push(node);
        self.count();
        let Some(open) = self.depth.checked_sub(1).and_then(|top| self.open.get_mut(top)) else {
            return;
        };
        let before = std::mem::replace(&mut open.last, index);
        let parent = open.node;
        if before != 0
            && let Some(before) = self.nodes.get_mut(before as usize)
        {
            before.next = index;
        } else if let Some(parent) = self.nodes.get_mut(parent as usize) {
            parent.first = index;
        }
    }

    /// Opens a document or array.
    fn open(&mut self, key: Key, bracket: u8) -> Option<()> {
        let (close, kind, any) = match bracket {
            b'{' => (b'}', Kind::Object, Kind::AnyObject),
            _ => (b']', Kind::Array, Kind::AnyArray),
        };
        let inside = self.rest().get(1..).and_then(|rest| rest.strip_prefix(ELLIPSIS));
        if inside.is_some_and(|behind| behind.first() == Some(&close)) {
            self.at += ELLIPSIS.len() + 2;
            self.scalar(key, any, Span::default(), false);
            return Some(());
        }
        if self.depth == MAX_DEPTH || !self.may_keep(kind) {
            if self.depth == MAX_DEPTH {
                self.scalar(key, Kind::Elided, Span::default(), false);
            } else {
                self.count();
            }
            return self.skip();
        }
        let last_before = match self.depth.checked_sub(1).and_then(|top| self.open.get(top)) {
            Some(open) => open.last,
            None => 0,
        };
        let node = self.nodes.len() as u32;
        self.link(Node {
            kind,
            key_escaped: key.escaped,
            text_escaped: false,
            key: key.span,
            text: self.span(1),
            first: 0,
            next: 0,
            len: 0,
        });
        if let Some(open) = self.open.get_mut(self.depth) {
            *open = Open { node, last: 0, last_before };
            self.depth += 1;
        }
        self.at += 1;
        Some(())
    }

    /// Closes what was opened last; a wrapper becomes the scalar it stands for.
    fn close(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        let Some(Open { node, last_before, .. }) = self.open.get(self.depth).copied() else {
            return;
        };
        if let Some(node) = self.nodes.get_mut(node as usize) {
            node.text.end = self.at as u32;
        }
        if self.has_wrappers {
            wrappers::unwrap(self.text, self.nodes, node);
        }
        // As a scalar it may be one that is counted only.
        let is_scalar = self
            .nodes
            .get(node as usize)
            .is_some_and(|node| !matches!(node.kind, Kind::Object | Kind::Array | Kind::Elided));
        if is_scalar
            && self.top().is_some_and(|top| top.kind == Kind::Array && top.len > KEPT_ITEMS)
        {
            self.nodes.truncate(node as usize);
            if let Some(parent) = self.depth.checked_sub(1).and_then(|top| self.open.get_mut(top)) {
                parent.last = last_before;
            }
            if let Some(before) = self.nodes.get_mut(last_before as usize) {
                before.next = 0;
            }
        }
    }

    /// Passes over a document or array with a counter.
    fn skip(&mut self) -> Option<()> {
        let mut depth = 0usize;
        loop {
            let is_mark = |b: &u8| matches!(b, b'"' | b'{' | b'}' | b'[' | b']');
            let mark = self.rest().iter().position(is_mark);
            let Some(mark) = mark else {
                self.at = self.text.len();
                return None;
            };
            self.at += mark;
            match self.text.get(self.at)? {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                _ => depth -= 1,
            }
            self.at += 1;
            if depth == 0 {
                return Some(());
            }
        }
    }
}

/// What a bare word is; `None` if it cannot stand for a value.
fn word_kind(word: &[u8]) -> Option<Kind> {
    Some(match word {
        b"true" | b"false" => Kind::Bool,
        b"null" => Kind::Null,
        b"undefined" => Kind::Undefined,
        b"NaN" | b"Infinity" | b"-Infinity" => Kind::Number,
        _ => match word.first()? {
            b'?' => Kind::Placeholder,
            b'-' | b'+' | b'.' | b'0'..=b'9' => Kind::Number,
            first if first.is_ascii_alphabetic() => Kind::Word,
            _ => return None,
        },
    })
}
