//! XML to a tree, in one pass without recursion: elements become members by the names that JSON has
//! for them (`<Node-Type>` is `Node Type`), lists are told by the names of their items (`<Plans>` of
//! `<Plan>`, anything of `<Item>`). Attributes, comments and declarations are left out: PostgreSQL
//! has nothing in them.

use super::super::PlanError;
use super::{MAX_VALUES, Scalar, Tree, untyped};
use memchr::{memchr, memmem};
use std::borrow::Cow;

/// Names that the marks XML takes away were part of.
const NAMES: [(&str, &str); 10] = [
    ("I-O-Read-Time", "I/O Read Time"),
    ("I-O-Write-Time", "I/O Write Time"),
    ("Shared-I-O-Read-Time", "Shared I/O Read Time"),
    ("Shared-I-O-Write-Time", "Shared I/O Write Time"),
    ("Local-I-O-Read-Time", "Local I/O Read Time"),
    ("Local-I-O-Write-Time", "Local I/O Write Time"),
    ("Temp-I-O-Read-Time", "Temp I/O Read Time"),
    ("Temp-I-O-Write-Time", "Temp I/O Write Time"),
    ("Full-sort-Groups", "Full-sort Groups"),
    ("Pre-sorted-Groups", "Pre-sorted Groups"),
];

/// Reads the element that a text begins with. Also tells where it ends.
pub fn parse(text: &str) -> Result<(Tree<'_>, usize), PlanError> {
    let mut parser = Parser { text, at: 0, tree: Tree::default(), open: Vec::new() };
    parser.run()?;
    Ok((parser.tree, parser.at))
}

/// An element that is open.
struct Open<'a> {
    tag: &'a str,
    /// Its place in the tree.
    entry: usize,
    /// Where its text begins.
    text_start: usize,
    has_elements: bool,
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    tree: Tree<'a>,
    open: Vec<Open<'a>>,
}

impl<'a> Parser<'a> {
    fn run(&mut self) -> Result<(), PlanError> {
        loop {
            let start = self.at + self.distance(b"<")?;
            let rest = &self.text[start..];
            self.at = start;
            if rest.starts_with("<!--") {
                self.at += self.distance(b"-->")? + 3;
                continue;
            }
            self.at += self.distance(b">")? + 1;
            let inside = &self.text[start + 1..self.at - 1];
            if inside.starts_with(['?', '!']) {
                continue;
            } else if let Some(tag) = inside.strip_prefix('/') {
                self.close(tag.trim_end(), start)?;
            } else {
                let is_empty = inside.ends_with('/');
                let inside = inside.trim_end_matches('/');
                let end = inside.find(|c: char| c.is_ascii_whitespace()).unwrap_or(inside.len());
                let tag = &inside[..end];
                if tag.is_empty() {
                    return Err(PlanError::at(start, "not XML: an element without a name"));
                }
                self.element(tag, start)?;
                if is_empty {
                    self.close(tag, self.at)?;
                }
            }
            if self.open.is_empty() {
                return Ok(());
            }
        }
    }

    /// An element begins.
    fn element(&mut self, tag: &'a str, start: usize) -> Result<(), PlanError> {
        if let Some(above) = self.open.last_mut()
            && !above.has_elements
        {
            above.has_elements = true;
            let value = if is_list(above.tag, tag) { Scalar::Array } else { Scalar::Object };
            if let Some(entry) = self.tree.entries.get_mut(above.entry) {
                entry.value = value;
                self.tree.open.push(above.entry as u32);
            }
        }
        let key = match self.tree.innermost() {
            Some(Scalar::Object) => name(tag),
            _ => Cow::Borrowed(""),
        };
        let entry = self.tree.entries.len();
        if !self.tree.push(key, Scalar::Null, start) {
            return Err(PlanError::at(start, format!("more than {MAX_VALUES} values")));
        }
        self.open.push(Open { tag, entry, text_start: self.at, has_elements: false });
        Ok(())
    }

    /// An element ends, whose text ends at a place.
    fn close(&mut self, tag: &str, text_end: usize) -> Result<(), PlanError> {
        let Some(open) = self.open.pop().filter(|open| open.tag == tag) else {
            return Err(PlanError::at(
                text_end,
                "not XML: an element ends that did not begin here",
            ));
        };
        if open.has_elements {
            self.tree.close();
        } else if let Some(entry) = self.tree.entries.get_mut(open.entry) {
            let text = self.text.get(open.text_start..text_end).unwrap_or_default();
            entry.value = untyped(unescaped(text));
        }
        Ok(())
    }

    /// How far it is to some bytes.
    fn distance(&self, bytes: &[u8]) -> Result<usize, PlanError> {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let found = match bytes {
            [byte] => memchr(*byte, rest),
            _ => memmem::find(rest, bytes),
        };
        found.ok_or_else(|| {
            let message = match self.open.last() {
                Some(open) => format!("the document is cut: </{}> is missing", open.tag),
                None => "the document is empty".to_owned(),
            };
            PlanError::at(self.text.len(), message)
        })
    }
}

/// Whether an element is a list of such elements.
fn is_list(tag: &str, item: &str) -> bool {
    item == "Item"
        || tag.strip_suffix('s') == Some(item)
        || (tag, item) == ("explain", "Query")
        || (tag, item) == ("Remote-Plan", "explain")
}

/// The name that an element has in JSON.
pub(crate) fn name(tag: &str) -> Cow<'_, str> {
    if !tag.contains('-') {
        return Cow::Borrowed(tag);
    }
    match NAMES.iter().find(|(known, _)| *known == tag) {
        Some((_, name)) => Cow::Borrowed(*name),
        None => Cow::Owned(tag.replace('-', " ")),
    }
}

/// A text without entities; an entity that is none stays as it is.
pub(crate) fn unescaped(text: &str) -> Cow<'_, str> {
    if memchr(b'&', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('&') {
        out.push_str(before);
        // The longest is `&#x10ffff;`.
        let end = behind.bytes().take(9).position(|b| b == b';');
        let entity = end.and_then(|end| Some((end, letter(behind.get(..end)?)?)));
        match entity {
            Some((end, letter)) => {
                out.push(letter);
                rest = behind.get(end + 1..).unwrap_or_default();
            }
            None => {
                out.push('&');
                rest = behind;
            }
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn letter(entity: &str) -> Option<char> {
    match entity {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = entity.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::plans::tree::shown;

    #[test]
    fn elements_become_members_and_lists() {
        for (text, expected) in [
            (
                "<?xml version=\"1.0\"?><a x=\"1\"><Node-Type>Seq Scan</Node-Type><N>-1.50</N></a>",
                "<Node Type='Seq Scan',N=-1.50>",
            ),
            ("<a><Plans><Plan><X>true</X></Plan><Plan/></Plans></a>", "<Plans=<=<X=true>,=null>>"),
            ("<a><Sort-Key><Item>a &lt; &#39;b&#x27; &no; &</Item></Sort-Key></a>tail", {
                "<Sort Key=<='a < 'b' &no; &'>>"
            }),
            ("<explain><Query><Plan/></Query></explain>", "<=<Plan=null>>"),
            (
                "<a><I-O-Read-Time>0.1</I-O-Read-Time><Full-sort-Groups><A>1</A></Full-sort-Groups></a>",
                "<I/O Read Time=0.1,Full-sort Groups=<A=1>>",
            ),
            ("<a><!-- <b> --><c>1-2</c></a>", "<c='1-2'>"),
        ] {
            let (tree, end) = parse(text).expect(text);
            assert_eq!(shown(tree.root()), expected);
            assert!(text[..end].ends_with('>'), "{text}: {end}");
        }
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        for (text, offset, message) in [
            ("", 0, "the document is empty"),
            ("<a><b>1</b>", 11, "the document is cut: </a> is missing"),
            ("<a><b>1</c>", 7, "not XML: an element ends that did not begin here"),
            ("<>", 0, "not XML: an element without a name"),
        ] {
            let error = parse(text).expect_err(text);
            assert_eq!((error.offset, error.message.as_str()), (offset, message), "{text}");
        }
        assert!(parse(&"<a>".repeat(100_000)).is_err());
    }
}
