//! Where a plan in text form begins and ends, among other lines.
//!
//! It begins with the statement above it, if one stands there, or with the header of its column, and
//! surely with a node; it ends with a count of rows, a blank line or what cannot belong to a plan.
//! Lines are looked at as they are, frames included. Linear.

use super::super::super::{Found, clean};
use super::line::{self, Kind};
use super::statement;

/// Lines in a row that are nothing known and yet belong to a plan: pieces of wrapped lines.
const MAX_PIECES: usize = 64;

/// A line: its text without frames, how far it is indented, and where it stands.
#[derive(Clone, Copy)]
struct Line<'a> {
    raw: &'a str,
    bare: &'a str,
    start: usize,
    end: usize,
}

fn line_at(text: &str, start: usize) -> Option<Line<'_>> {
    let rest = text.get(start..).filter(|rest| !rest.is_empty())?;
    let len = memchr::memchr(b'\n', rest.as_bytes()).map_or(rest.len(), |end| end + 1);
    let raw = &rest[..len];
    Some(Line { raw, bare: clean::bare(raw), start, end: start + len })
}

/// What was seen above a place that a plan may follow.
#[derive(Clone, Copy)]
struct Lead {
    start: usize,
    kind: LeadKind,
}

#[derive(Clone, Copy, PartialEq)]
enum LeadKind {
    /// `Query Text:`, whose statement goes on until the plan begins.
    QueryText,
    /// An `EXPLAIN` that goes on.
    Typed,
    /// An `EXPLAIN` that is complete.
    Complete,
    /// The name of the column.
    Header,
}

/// The first document in a text.
pub fn find(text: &str) -> Option<Found> {
    let (start, root) = beginning(text)?;
    Some(Found { start, end: end(text, root) })
}

/// Where the first document begins, and where its first node does.
pub fn beginning(text: &str) -> Option<(usize, usize)> {
    let mut lead: Option<Lead> = None;
    let mut next = line_at(text, 0);
    while let Some(line) = next {
        next = line_at(text, line.end);
        let is_expanded = clean::without_header(line.raw) != line.raw;
        let is_expected = is_expanded || lead.is_some_and(|lead| lead.kind != LeadKind::QueryText);
        if is_root(line, next, is_expected) {
            let start = lead.map_or(line.start, |lead| lead.start);
            return Some((start, line.start));
        }
        lead = follow(lead, line);
    }
    None
}

/// Whether a plan begins with a line.
fn is_root(line: Line<'_>, next: Option<Line<'_>>, is_expected: bool) -> bool {
    let bare = line.bare;
    if line::is_sure_root(bare) {
        return true;
    }
    if !bare.starts_with(|c: char| c.is_ascii_uppercase()) && line::arrow(bare).is_none() {
        return false;
    }
    if is_expected {
        // A wrapped line may end anywhere behind its first words.
        let words = bare.split("  (").next().unwrap_or_default();
        return line::is_plain_node(bare)
            || (words.len() < bare.len() && line::starts_as_node(words));
    }
    line::is_plain_node(bare) && next.is_some_and(|next| is_below(line, next))
}

/// Whether a line is a part of the node in the line above it: it is indented more, and says so.
fn is_below(node: Line<'_>, next: Line<'_>) -> bool {
    let indent = |line: Line<'_>| line.raw.find(line.bare).unwrap_or(0);
    let is_part = match line::kind(next.bare) {
        Kind::Node => {
            line::arrow(next.bare).is_some_and(line::is_plain_node) && next.bare.starts_with("->  ")
        }
        Kind::Property => line::property(next.bare).is_some_and(|(key, _)| is_known(key)),
        Kind::Label => true,
        Kind::Trailer | Kind::Other => false,
    };
    is_part && !next.bare.is_empty() && indent(next) > indent(node)
}

fn is_known(key: &str) -> bool {
    const KNOWN: [&str; 14] = [
        "Filter",
        "Output",
        "Sort Key",
        "Group Key",
        "Hash Cond",
        "Merge Cond",
        "Index Cond",
        "Join Filter",
        "Recheck Cond",
        "One-Time Filter",
        "Cache Key",
        "Workers Planned",
        "Presorted Key",
        "Function Call",
    ];
    KNOWN.contains(&key)
}

/// What a line that begins no plan makes of what stands above it.
fn follow(lead: Option<Lead>, line: Line<'_>) -> Option<Lead> {
    let start = lead.map_or(line.start, |lead| lead.start);
    let bare = line.bare;
    if bare.starts_with("Query Text:") {
        return Some(Lead { start: line.start, kind: LeadKind::QueryText });
    }
    if statement::echoed(bare).is_some() {
        let kind = if bare.ends_with(';') { LeadKind::Complete } else { LeadKind::Typed };
        return Some(Lead { start: line.start, kind });
    }
    if clean::is_header(line.raw) {
        return Some(Lead { start, kind: LeadKind::Header });
    }
    let Some(lead) = lead else {
        // The upper line of a frame belongs to it.
        let is_top = clean::is_rule(line.raw) && !bare.is_empty();
        return is_top.then_some(Lead { start, kind: LeadKind::Complete });
    };
    if clean::is_rule(line.raw) || bare.is_empty() {
        return Some(lead);
    }
    // Another form of plan, or a new record, ends what stood above.
    if bare.starts_with(['{', '[', '<'])
        || bare.starts_with("-> ")
        || line::is_log_record(bare)
        || bare == "Plan:"
    {
        return None;
    }
    match lead.kind {
        LeadKind::QueryText => Some(lead),
        LeadKind::Typed if bare.ends_with(';') => Some(Lead { kind: LeadKind::Complete, ..lead }),
        LeadKind::Typed => Some(lead),
        // The end of a header that was wrapped.
        LeadKind::Header if bare.len() <= 4 => Some(lead),
        LeadKind::Header | LeadKind::Complete => None,
    }
}

/// Where the document ends whose first node stands at `root`.
fn end(text: &str, root: usize) -> usize {
    let mut end = root;
    let mut at = root;
    let mut pieces = 0;
    let mut last = "";
    while let Some(line) = line_at(text, at) {
        at = line.end;
        let is_first = line.start == root;
        let is_frame = clean::is_rule(line.raw);
        if is_frame && !is_first {
            // Records of psql's expanded form are apart by rules; the last one closes the frame.
            let goes_on = line_at(text, at).is_some_and(|next| {
                clean::without_header(next.raw) != next.raw || clean::is_footer(next.raw)
            });
            end = at;
            if goes_on {
                continue;
            }
            return end;
        }
        if clean::is_footer(line.raw) {
            return at;
        }
        let is_expanded = clean::without_header(line.raw) != line.raw;
        let is_end = line.bare.is_empty()
            || (!is_expanded && line::is_foreign(line.bare))
            || is_other_root(line, last);
        if !is_first && is_end {
            return end;
        }
        match line::kind(line.bare) {
            Kind::Other if !is_first => {
                pieces += 1;
                if pieces > MAX_PIECES {
                    return end;
                }
                let is_indented = line.raw.starts_with([' ', '\t']);
                // A cut last line, and what is indented like a line of the plan, belong to it.
                if is_indented || at >= text.len() || is_open(last) {
                    end = at;
                }
            }
            _ => {
                pieces = 0;
                end = at;
            }
        }
        last = line.raw;
    }
    end
}

/// Whether another plan begins without anything between: below what ends a plan stands a node that
/// is not below it.
fn is_other_root(line: Line<'_>, last: &str) -> bool {
    let is_trailer = line::kind(clean::bare(last)) == Kind::Trailer;
    is_trailer && line::arrow(line.bare).is_none() && line::is_sure_root(line.bare)
}

/// Whether brackets of a line are open at its end.
fn is_open(line: &str) -> bool {
    line.matches(['(', '[']).count() > line.matches([')', ']']).count()
}
