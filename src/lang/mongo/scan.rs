//! One pass over a command's text: what tells commands of one shape apart, and what their literals
//! are, without building a document.
//!
//! Input: a command as Extended JSON. Output: its *skeleton*, the text without what no shape depends
//! on (the envelope, literals, the lengths of lists), and the facts of the literals. Commands with
//! equal skeletons have equal shapes; one shape may have several skeletons. So a memo of skeletons
//! spares most commands the reading of their shape. What this pass does not know it keeps as it
//! stands, and what is no JSON has no skeleton.

use crate::lang::facts::LiteralFacts;
use crate::lang::json::string_end;
use xxhash_rust::xxh3::xxh3_64;

/// Containers within one another: more have no skeleton.
const DEPTH_MAX: usize = 64;

/// Stand for literals. JSON has no such bytes outside its strings.
const STRING: u8 = 1;
const NUMBER: u8 = 2;

/// What the values under a key mean.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Role {
    /// Part of the shape: kept as it stands.
    Kept,
    /// Literals, but for field paths.
    Free,
    /// The literals of a list, of which the length does not matter.
    List,
    /// A number of documents.
    Limit,
    /// A number of documents to skip.
    Skip,
    /// A regular expression.
    Pattern,
    /// Part of the envelope: left out.
    Dropped,
}

/// A container that is open.
#[derive(Clone, Copy, Debug)]
struct Frame {
    is_array: bool,
    /// What its items mean; of an object, what the object itself does.
    role: Role,
    /// Items of an array so far.
    items: u32,
}

/// Reads the skeleton of a command into `skeleton` and tells the facts of its literals; `None` if it
/// is no whole JSON object.
pub(super) fn scan(command: &[u8], skeleton: &mut Vec<u8>) -> Option<LiteralFacts> {
    skeleton.clear();
    let mut scan = Scan { text: command, at: 0, skeleton, facts: LiteralFacts::default() };
    scan.run()?;
    Some(scan.facts)
}

struct Scan<'t, 's> {
    text: &'t [u8],
    at: usize,
    skeleton: &'s mut Vec<u8>,
    facts: LiteralFacts,
}

impl<'t> Scan<'t, '_> {
    fn run(&mut self) -> Option<()> {
        let mut frames = [Frame { is_array: false, role: Role::Kept, items: 0 }; DEPTH_MAX];
        let mut depth = 0usize;
        // What the value that comes next means.
        let mut role = Role::Kept;
        loop {
            match self.token()? {
                _ if role == Role::Dropped => self.pass()?,
                b'{' => {
                    self.at += 1;
                    self.skeleton.push(b'{');
                    *frames.get_mut(depth)? = Frame { is_array: false, role, items: 0 };
                    depth += 1;
                    if self.token()? != b'}' {
                        role = self.key(depth, role)?;
                        continue;
                    }
                }
                b'[' => {
                    self.at += 1;
                    self.skeleton.push(b'[');
                    *frames.get_mut(depth)? = Frame { is_array: true, role, items: 0 };
                    depth += 1;
                    if self.token()? != b']' {
                        continue;
                    }
                }
                b'"' => self.string(role)?,
                _ => self.word(role)?,
            }
            // Behind a value.
            loop {
                let Some(open) = depth.checked_sub(1) else {
                    return self.text.get(self.at..)?.trim_ascii().is_empty().then_some(());
                };
                let frame = frames.get_mut(open)?;
                match (self.token()?, frame.is_array) {
                    (b',', true) => {
                        self.at += 1;
                        frame.items += 1;
                        role = frame.role;
                        // One mark stands for equal marks in a row.
                        self.separate(role);
                        break;
                    }
                    (b',', false) => {
                        self.at += 1;
                        role = self.key(depth, frame.role)?;
                        break;
                    }
                    (b']', true) => {
                        self.at += 1;
                        self.skeleton.push(b']');
                        if frame.role == Role::List {
                            self.facts.max_list = self.facts.max_list.max(frame.items + 1);
                        }
                        depth -= 1;
                    }
                    (b'}', false) => {
                        self.at += 1;
                        self.skeleton.push(b'}');
                        depth -= 1;
                    }
                    _ => return None,
                }
            }
        }
    }

    /// The next byte that is not blank.
    #[inline]
    fn token(&mut self) -> Option<u8> {
        loop {
            let byte = *self.text.get(self.at)?;
            if !matches!(byte, b' ' | b'\t' | b'\r' | b'\n') {
                return Some(byte);
            }
            self.at += 1;
        }
    }

    /// Between the items of an array: equal marks of a list in a row are one.
    fn separate(&mut self, role: Role) {
        if role != Role::List {
            self.skeleton.push(b',');
        }
    }

    /// Reads a key; what its value means.
    fn key(&mut self, depth: usize, within: Role) -> Option<Role> {
        if self.token()? != b'"' {
            return None;
        }
        let key = self.between_quotes()?;
        if self.token()? != b':' {
            return None;
        }
        self.at += 1;
        let role = if depth == 1 { of_command(key) } else { of_key(key, within) };
        if role != Role::Dropped {
            self.skeleton.push(b'"');
            self.skeleton.extend_from_slice(key);
            self.skeleton.extend_from_slice(b"\":");
        }
        Some(role)
    }

    /// The string that begins here, as it stands between its quotes.
    #[inline]
    fn between_quotes(&mut self) -> Option<&'t [u8]> {
        let rest = self.text.get(self.at + 1..)?;
        let text = rest.get(..string_end(rest)?)?;
        self.at += text.len() + 2;
        Some(text)
    }

    fn string(&mut self, role: Role) -> Option<()> {
        let text = self.between_quotes()?;
        match role {
            // Numbers may stand as strings in wrappers, and field paths anywhere.
            Role::Free | Role::List if text.first() != Some(&b'$') => self.literal(text, STRING),
            Role::Limit | Role::Skip => self.number(text, role),
            _ => {
                match role {
                    Role::Pattern if is_anchored(text) => self.facts.anchored_likes += 1,
                    Role::Pattern => self.facts.leading_wildcards += 1,
                    _ => {}
                }
                self.skeleton.push(b'"');
                self.skeleton.extend_from_slice(text);
                self.skeleton.push(b'"');
            }
        }
        Some(())
    }

    /// A number, `true`, `false` or `null`.
    fn word(&mut self, role: Role) -> Option<()> {
        let rest = self.text.get(self.at..)?;
        let is_part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.');
        let word = rest.get(..rest.iter().take_while(|b| is_part(b)).count())?;
        let is_number = matches!(word, [b'-' | b'0'..=b'9', ..]);
        if !(is_number || matches!(word, b"true" | b"false" | b"null")) {
            return None;
        }
        self.at += word.len();
        self.number(word, role);
        Some(())
    }

    /// A number, or what stands in place of one. What may be a direction or a flag is kept.
    fn number(&mut self, text: &[u8], role: Role) {
        let digits = text.strip_prefix(b"-").unwrap_or(text);
        let is_large = matches!(digits, [b'2'..=b'9', ..] | [b'1', b'0'..=b'9', ..]);
        let value = || std::str::from_utf8(text).ok()?.parse::<u64>().ok();
        match role {
            Role::Limit => self.facts.max_limit = self.facts.max_limit.max(value().unwrap_or(0)),
            Role::Skip => self.facts.max_offset = self.facts.max_offset.max(value().unwrap_or(0)),
            _ => {}
        }
        if is_large {
            self.literal(text, NUMBER);
        } else {
            self.skeleton.extend_from_slice(text);
        }
    }

    /// A literal, of which only the kind stays. Marks of one kind in a row are one where nothing
    /// stands between them.
    fn literal(&mut self, text: &[u8], mark: u8) {
        self.facts.literals = self.facts.literals.saturating_add(1);
        let hash = self.facts.literal_hash.rotate_left(5) ^ xxh3_64(text);
        self.facts.literal_hash = hash;
        if self.skeleton.last() != Some(&mark) {
            self.skeleton.push(mark);
        }
    }

    /// Passes over a value of any kind.
    fn pass(&mut self) -> Option<()> {
        let mut depth = 0usize;
        loop {
            match self.token()? {
                b'"' => {
                    self.between_quotes()?;
                }
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                    continue;
                }
                b'}' | b']' => {
                    depth = depth.checked_sub(1)?;
                    self.at += 1;
                }
                b',' | b':' if depth > 0 => {
                    self.at += 1;
                    continue;
                }
                byte if byte.is_ascii_alphanumeric() || byte == b'-' => {
                    let rest = self.text.get(self.at..)?;
                    let ends =
                        |b: &u8| matches!(b, b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t');
                    self.at += rest.iter().position(ends)?;
                }
                _ => return None,
            }
            if depth == 0 {
                return Some(());
            }
        }
    }
}

/// Whether an index can tell where the matches of a regular expression begin.
fn is_anchored(pattern: &[u8]) -> bool {
    pattern.starts_with(b"^") || pattern.starts_with(b"\\\\A")
}

/// The members of a command itself.
fn of_command(key: &[u8]) -> Role {
    match key {
        b"lsid" | b"$clusterTime" | b"signature" | b"txnNumber" | b"comment" | b"maxTimeMS"
        | b"$readPreference" | b"readConcern" | b"writeConcern" | b"documents" => Role::Dropped,
        b"limit" => Role::Limit,
        b"skip" => Role::Skip,
        _ => Role::Kept,
    }
}

/// The members of all objects within it.
fn of_key(key: &[u8], within: Role) -> Role {
    match key {
        b"$eq" | b"$ne" | b"$gt" | b"$gte" | b"$lt" | b"$lte" | b"$oid" | b"$date" | b"$uuid"
        | b"$numberDecimal" | b"$binary" | b"$timestamp" => Role::Free,
        // Around a number: what that means is said outside.
        b"$numberInt" | b"$numberLong" | b"$numberDouble" => match within {
            Role::Limit | Role::Skip => within,
            _ => Role::Kept,
        },
        b"$in" | b"$nin" | b"$all" => Role::List,
        b"$limit" => Role::Limit,
        b"$skip" => Role::Skip,
        b"$regex" | b"pattern" => Role::Pattern,
        [b'$', ..] => Role::Kept,
        // Names that stages and commands take as strings.
        b"from" | b"localField" | b"foreignField" | b"as" | b"into" | b"coll" | b"db" | b"path"
        | b"locale" | b"unit" | b"format" | b"timezone" | b"index" | b"key" | b"hint"
        | b"options" | b"name" | b"field" | b"input" | b"type" | b"ns" | b"whenMatched"
        | b"whenNotMatched" | b"connectToField" | b"connectFromField" | b"startWith"
        | b"distanceField" | b"depthField" => Role::Kept,
        _ => Role::Free,
    }
}
