//! The YAML that PostgreSQL prints to a tree, line by line without recursion: members and lists by
//! their indent, texts in double quotes with JSON's escapes, lists of texts in one line. Anchors,
//! tags, block texts and the rest of YAML are not part of it.

use super::super::PlanError;
use super::{MAX_VALUES, Scalar, Tree, untyped};
use crate::lang::json::{push_unescaped, string_end};
use std::borrow::Cow;

/// Reads a text that is YAML from its first line to its last.
pub fn parse(text: &str) -> Result<Tree<'_>, PlanError> {
    let mut parser = Parser { tree: Tree::default(), indents: Vec::new(), pending: None };
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        parser.line(line.trim_end(), at)?;
        at += line.len();
    }
    parser.flush_pending(None)?;
    parser.close_while(|_, _| true);
    match parser.tree.entries.is_empty() {
        true => Err(PlanError::at(0, "the document is empty")),
        false => Ok(parser.tree),
    }
}

/// A member whose value begins in the next line, or is none.
struct Pending<'a> {
    key: Cow<'a, str>,
    indent: usize,
    offset: usize,
}

struct Parser<'a> {
    tree: Tree<'a>,
    /// The indents of the open values.
    indents: Vec<usize>,
    pending: Option<Pending<'a>>,
}

impl<'a> Parser<'a> {
    fn line(&mut self, line: &'a str, start: usize) -> Result<(), PlanError> {
        let untabbed = line.trim_start_matches('\t');
        let mut content = untabbed.trim_start_matches(' ');
        let mut indent = untabbed.len() - content.len();
        if content.is_empty() || content == "---" || content.starts_with('#') {
            return Ok(());
        }
        let offset = |content: &str| start + (line.len() - content.len());
        loop {
            let item = match content {
                "-" => Some(""),
                _ => content.strip_prefix("- "),
            };
            self.flush_pending(Some((indent, item.is_some())))?;
            self.close_while(|open, value| {
                let is_list = *value == Scalar::Array;
                open > indent || (open == indent && is_list != item.is_some())
            });
            let Some(item) = item else { break };
            if self.indents.last() != Some(&indent) {
                self.open(Cow::Borrowed(""), Scalar::Array, indent, offset(content))?;
            }
            let rest = item.trim_start_matches(' ');
            indent += content.len() - rest.len();
            content = rest;
            if content.starts_with(['"', '[']) && !is_member(content) {
                return self.value(Cow::Borrowed(""), content, offset(content));
            }
            if content.is_empty() {
                self.pending = Some(Pending { key: "".into(), indent, offset: offset(content) });
                return Ok(());
            }
        }
        self.member(content, indent, offset(content))
    }

    /// A line, or what stands behind its dash.
    fn member(&mut self, content: &'a str, indent: usize, offset: usize) -> Result<(), PlanError> {
        let Some((key, value)) = split_member(content) else {
            if self.tree.innermost() == Some(&Scalar::Array) {
                return self.value(Cow::Borrowed(""), content, offset);
            }
            return Err(PlanError::at(offset, "not YAML: a ':' is missing behind a name"));
        };
        if self.indents.last() != Some(&indent) || self.tree.innermost() != Some(&Scalar::Object) {
            self.open(Cow::Borrowed(""), Scalar::Object, indent, offset)?;
        }
        let value = value.trim_start();
        if value.is_empty() {
            self.pending = Some(Pending { key, indent, offset });
            return Ok(());
        }
        self.value(key, value, offset)
    }

    /// Opens the value that a member promised, if the next line is part of it; else it has none.
    fn flush_pending(&mut self, next: Option<(usize, bool)>) -> Result<(), PlanError> {
        let Some(pending) = self.pending.take() else { return Ok(()) };
        match next {
            Some((indent, is_item))
                if indent > pending.indent || (indent == pending.indent && is_item) =>
            {
                let value = if is_item { Scalar::Array } else { Scalar::Object };
                self.open(pending.key, value, indent, pending.offset)
            }
            _ => self.push(pending.key, Scalar::Null, pending.offset),
        }
    }

    fn open(
        &mut self,
        key: Cow<'a, str>,
        value: Scalar<'a>,
        indent: usize,
        offset: usize,
    ) -> Result<(), PlanError> {
        self.push(key, value, offset)?;
        self.indents.push(indent);
        Ok(())
    }

    fn close_while(&mut self, is_over: impl Fn(usize, &Scalar<'_>) -> bool) {
        while let (Some(indent), Some(value)) = (self.indents.last(), self.tree.innermost())
            && is_over(*indent, value)
        {
            self.indents.pop();
            self.tree.close();
        }
    }

    fn value(&mut self, key: Cow<'a, str>, text: &'a str, offset: usize) -> Result<(), PlanError> {
        if let Some(items) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            self.push(key, Scalar::Array, offset)?;
            let mut rest = items.trim();
            while !rest.is_empty() {
                let (item, behind) = flow_item(rest, offset)?;
                self.push(Cow::Borrowed(""), item, offset)?;
                rest = behind.trim_start().trim_start_matches(',').trim_start();
            }
            self.tree.close();
            return Ok(());
        }
        let value = match text.starts_with('"') {
            true => quoted(text, offset)?.0,
            false => untyped(Cow::Borrowed(text)),
        };
        self.push(key, value, offset)
    }

    fn push(
        &mut self,
        key: Cow<'a, str>,
        value: Scalar<'a>,
        offset: usize,
    ) -> Result<(), PlanError> {
        if self.tree.open.is_empty() && !self.tree.entries.is_empty() {
            return Err(PlanError::at(offset, "not YAML: a second value behind the first"));
        }
        match self.tree.push(key, value, offset) {
            true => Ok(()),
            false => Err(PlanError::at(offset, format!("more than {MAX_VALUES} values"))),
        }
    }
}

/// An item of a list in one line, and what stands behind it.
fn flow_item(text: &str, offset: usize) -> Result<(Scalar<'_>, &str), PlanError> {
    if text.starts_with('"') {
        return quoted(text, offset);
    }
    let (item, behind) = text.split_at(text.find(',').unwrap_or(text.len()));
    Ok((untyped(Cow::Borrowed(item.trim_end())), behind))
}

/// A text in quotes, and what stands behind it.
fn quoted(text: &str, offset: usize) -> Result<(Scalar<'_>, &str), PlanError> {
    let inside = text.get(1..).unwrap_or_default();
    let Some(len) = string_end(inside.as_bytes()) else {
        return Err(PlanError::at(offset, "the line ends inside a text that begins here"));
    };
    let (raw, behind) = (&inside[..len], &inside[len + 1..]);
    if !raw.contains('\\') {
        return Ok((Scalar::Text(Cow::Borrowed(raw)), behind));
    }
    let mut plain = Vec::with_capacity(raw.len());
    let _ = push_unescaped(raw.as_bytes(), &mut plain);
    Ok((Scalar::Text(Cow::Owned(String::from_utf8_lossy(&plain).into_owned())), behind))
}

/// Whether a text that begins with a quote is a name and not a value.
fn is_member(content: &str) -> bool {
    content.starts_with('"') && split_member(content).is_some()
}

/// The name and the value of a member.
fn split_member(content: &str) -> Option<(Cow<'_, str>, &str)> {
    if let Some(inside) = content.strip_prefix('"') {
        let len = string_end(inside.as_bytes())?;
        let value = inside.get(len + 1..)?.strip_prefix(':')?;
        return Some((Cow::Borrowed(inside.get(..len)?), value));
    }
    let (key, value) = match content.split_once(": ") {
        Some(parts) => parts,
        None => (content.strip_suffix(':')?, ""),
    };
    Some((Cow::Borrowed(key), value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::plans::tree::shown;

    #[test]
    fn lines_become_members_and_lists() {
        for (text, expected) in [
            (
                "- Plan: \n    Node Type: \"Limit\"\n    Plans: \n      - Node Type: \"Seq Scan\"\n        Rows: 1.50\n      - Node Type: \"X\"\n  Triggers: \n  Total: 1\n- Plan:\n    A: true\n",
                "<=<Plan=<Node Type='Limit',Plans=<=<Node Type='Seq Scan',Rows=1.50>,=<Node Type='X'>>>,Triggers=null,Total=1>,=<Plan=<A=true>>>",
            ),
            (
                "Query Text: \"a: \\\"b\\\"\\n\"\nKey:\n- \"x, y\"\n- \"z: 1\"\nB: 2",
                "<Query Text='a: \"b\"\n',Key=<='x, y',='z: 1'>,B=2>",
            ),
            (
                "Sets:\n  - [\"a\", \"b, c\"]\n  - []\n  -\n    k: v",
                "<Sets=<=<='a',='b, c'>,=<>,=<k='v'>>>",
            ),
            ("\tA: 1\n\tB: \n\t  C: \"d\"\n", "<A=1,B=<C='d'>>"),
            ("- - A: 1\n  - B: 2\n- C: 3", "<=<=<A=1>,=<B=2>>,=<C=3>>"),
        ] {
            let tree = parse(text).expect(text);
            assert_eq!(shown(tree.root()), expected, "{text}");
        }
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        for (text, offset, message) in [
            ("\n\n", 0, "the document is empty"),
            ("A: 1\nB: \"x", 5, "the line ends inside a text that begins here"),
            ("A: 1\nBcd", 5, "not YAML: a ':' is missing behind a name"),
            ("  A: 1\nB: 2", 7, "not YAML: a second value behind the first"),
        ] {
            let error = parse(text).expect_err(text);
            assert_eq!((error.offset, error.message.as_str()), (offset, message), "{text}");
        }
        let mut deep = String::new();
        (0..3_000).for_each(|i| deep += &format!("{}A:\n", " ".repeat(i)));
        assert!(parse(&deep).is_ok());
    }
}
