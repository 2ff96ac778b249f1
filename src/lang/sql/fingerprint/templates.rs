//! A memo of statements that differ in their literals only.
//!
//! A log repeats few statements with many values. A [`Template`] keeps what stands between the
//! literals of a statement, byte by byte, and the fingerprint text; a statement that has the same
//! bytes there, and a literal of the same kind in each gap, has the same fingerprint. Comparing is
//! several times faster than lexing, and exact: the gaps are lexed by the lexer itself, and a gap
//! that begins like the one learned leaves the tokens around it as they were. Comments are gaps as
//! well. Cut statements and those with many gaps are not learned.

use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use crate::lang::facts::LiteralFacts;
use crate::lang::fingerprint::Comments;
use crate::lang::sql::lexer::{Dialect, Lexer, TokenKind};

/// Templates kept: buckets by the first bytes of the statement, least recently used goes.
const BUCKETS: usize = 128;
const WAYS: usize = 8;
/// Longest statement learned, in bytes; bounds the memo to a few megabytes.
pub(super) const MAX_STATEMENT: usize = 2048;
/// Most literals and comments of a statement learned.
pub(super) const MAX_GAPS: usize = 64;
/// Bytes of the statement that choose the bucket, if no literal comes before.
const KEY_BYTES: usize = 24;
/// Statements remembered as seen once: a template is learned at the second sight.
const SEEN: usize = 1024;

/// What a literal means to the facts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Role {
    Plain,
    Limit,
    Offset,
    /// A LIKE pattern.
    Pattern,
}

/// A literal or comment that the slow path met.
#[derive(Clone, Copy)]
pub(super) struct Gap {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: TokenKind,
    pub(super) role: Role,
}

/// A gap of a template.
#[derive(Clone, Copy)]
struct Place {
    /// Bytes between the gap before and this one.
    before: u32,
    /// Of these, those that are the literal itself (NULL, TRUE, FALSE): then the gap is empty.
    fixed: u32,
    /// Its first byte.
    first: u8,
    kind: TokenKind,
    role: Role,
}

#[derive(Default)]
struct Template {
    /// Its number among all that were ever learned, from 1.
    serial: u64,
    /// The bytes outside the gaps. Empty: not in use.
    bytes: Vec<u8>,
    places: Vec<Place>,
    text: Vec<u8>,
    /// The facts that the values do not change.
    facts: LiteralFacts,
}

/// The memo of one fingerprinter.
pub(super) struct Templates {
    dialect: Dialect,
    slots: Vec<Template>,
    /// Per bucket the ways, most recently used first.
    order: [[u8; WAYS]; BUCKETS],
    seen: Vec<u64>,
    learned: u64,
}

/// Adds a literal to the facts: its hash, and what its role says of its value.
#[inline]
pub(super) fn note(facts: &mut LiteralFacts, role: Role, text: &[u8]) {
    facts.literal_hash = xxh3_64_with_seed(text, facts.literal_hash);
    match role {
        Role::Plain => {}
        Role::Limit => facts.max_limit = facts.max_limit.max(leading_integer(text)),
        Role::Offset => facts.max_offset = facts.max_offset.max(leading_integer(text)),
        Role::Pattern => {
            let open = text.iter().position(|byte| matches!(byte, b'\'' | b'"' | b'$'));
            match open.and_then(|open| text.get(open + 1)) {
                Some(b'%' | b'_') => facts.leading_wildcards += 1,
                _ => facts.anchored_likes += 1,
            }
        }
    }
}

/// The integer a number starts with, saturating.
fn leading_integer(text: &[u8]) -> u64 {
    text.iter()
        .take_while(|byte| byte.is_ascii_digit())
        .fold(0u64, |value, byte| value.saturating_mul(10).saturating_add(u64::from(byte - b'0')))
}

/// The bucket of a statement: by its first bytes, up to where a literal may begin.
#[inline]
fn bucket(sql: &[u8]) -> usize {
    let head = &sql[..sql.len().min(KEY_BYTES)];
    let fixed = head.iter().position(|byte| matches!(byte, b'0'..=b'9' | b'\'' | b'"' | b'$'));
    let key = &head[..fixed.unwrap_or(head.len())];
    xxh3_64(key) as usize % BUCKETS
}

impl Template {
    /// Becomes the template of `sql`, in the memory of the one before.
    fn learn(&mut self, sql: &[u8], gaps: &[Gap], text: &[u8], facts: &LiteralFacts) {
        self.bytes.clear();
        self.places.clear();
        self.text.clear();
        self.text.extend_from_slice(text);
        self.facts = LiteralFacts {
            max_limit: 0,
            max_offset: 0,
            leading_wildcards: 0,
            anchored_likes: 0,
            literal_hash: 0,
            ..*facts
        };
        let mut at = 0;
        let mut written = 0;
        for gap in gaps {
            let fixed = gap.kind == TokenKind::Word;
            let until = if fixed { gap.end } else { gap.start };
            self.bytes.extend_from_slice(&sql[at..until]);
            self.places.push(Place {
                before: (self.bytes.len() - written) as u32,
                fixed: if fixed { (gap.end - gap.start) as u32 } else { 0 },
                first: sql[gap.start],
                kind: gap.kind,
                role: gap.role,
            });
            written = self.bytes.len();
            at = gap.end;
        }
        self.bytes.extend_from_slice(&sql[at..]);
    }

    /// The facts and comments of `sql`, if it is this statement with other values.
    #[inline]
    fn matches(&self, sql: &[u8], dialect: Dialect) -> Option<(LiteralFacts, Comments)> {
        let mut facts = self.facts;
        let mut comments = Comments::default();
        let mut rest = self.bytes.as_slice();
        let mut at = 0;
        for place in &self.places {
            let (before, behind) = rest.split_at(place.before as usize);
            if !sql.get(at..)?.starts_with(before) {
                return None;
            }
            at += before.len();
            rest = behind;
            let start = at - place.fixed as usize;
            if place.kind != TokenKind::Word {
                // The kind of the first byte decides where the token before it ends.
                let first = *sql.get(at)?;
                if first != place.first && !(first.is_ascii_digit() && place.first.is_ascii_digit())
                {
                    return None;
                }
                let token = Lexer::token_at(sql, at, dialect)?;
                if token.kind != place.kind || !token.terminated {
                    return None;
                }
                at = token.end;
            }
            match place.kind {
                TokenKind::Comment => comments.push(start, at),
                _ => note(&mut facts, place.role, &sql[start..at]),
            }
        }
        (sql.get(at..)? == rest).then_some((facts, comments))
    }
}

impl Templates {
    pub(super) fn new(dialect: Dialect) -> Self {
        let mut slots = Vec::new();
        slots.resize_with(BUCKETS * WAYS, Template::default);
        let mut ways = [0u8; WAYS];
        for (way, slot) in ways.iter_mut().enumerate() {
            *slot = way as u8;
        }
        Self { dialect, slots, order: [ways; BUCKETS], seen: vec![0; SEEN], learned: 0 }
    }

    /// The template of `sql`, and the facts and comments that are its own.
    #[inline]
    pub(super) fn find(&mut self, sql: &[u8]) -> Option<(usize, LiteralFacts, Comments)> {
        if sql.is_empty() || sql.len() > 2 * MAX_STATEMENT {
            return None;
        }
        let bucket = bucket(sql);
        let order = &mut self.order[bucket];
        for rank in 0..WAYS {
            let slot = bucket * WAYS + usize::from(order[rank]);
            let template = &self.slots[slot];
            if template.bytes.is_empty() {
                return None;
            }
            if let Some((facts, comments)) = template.matches(sql, self.dialect) {
                order[..=rank].rotate_right(1);
                return Some((slot, facts, comments));
            }
        }
        None
    }

    /// The number of a template: of no other, also not of one that takes its slot.
    pub(super) fn serial(&self, slot: usize) -> u64 {
        self.slots.get(slot).map_or(0, |template| template.serial)
    }

    /// The fingerprint text of a template.
    pub(super) fn text(&self, slot: usize) -> &[u8] {
        self.slots.get(slot).map_or(&[], |template| &template.text)
    }

    /// Learns a statement that was met before.
    pub(super) fn learn(&mut self, sql: &[u8], gaps: &[Gap], text: &[u8], facts: &LiteralFacts) {
        let ordered = gaps.windows(2).all(|pair| pair[0].end <= pair[1].start);
        if sql.is_empty() || sql.len() > MAX_STATEMENT || gaps.len() > MAX_GAPS || !ordered {
            return;
        }
        let hash = xxh3_64(text) | 1;
        let seen = &mut self.seen[(hash >> 32) as usize % SEEN];
        if std::mem::replace(seen, hash) != hash {
            return;
        }
        let bucket = bucket(sql);
        let order = &mut self.order[bucket];
        let used = |way: &u8| !self.slots[bucket * WAYS + usize::from(*way)].bytes.is_empty();
        let rank = order.iter().position(|way| !used(way)).unwrap_or(WAYS - 1);
        let template = &mut self.slots[bucket * WAYS + usize::from(order[rank])];
        order[..=rank].rotate_right(1);
        self.learned += 1;
        template.serial = self.learned;
        template.learn(sql, gaps, text, facts);
    }
}
