//! Where explain documents stand in a text: on one line or many, in arrays, behind prompts, between
//! other lines. Linear: each document is passed once, and only those with one of the words that
//! every explain has are looked into.

use super::explain;
use crate::lang::mongo::shell::{self, Mark, Scan};
use crate::read::plans::Found;
use memchr::{memchr, memmem};

/// One of these stands in every explain.
pub(super) const WORDS: [&str; 4] = ["winningPlan", "executionStages", "nscanned", "stage"];

/// Documents that do not end are passed by their first line, but no more than so many in a text: each
/// is looked through to the text's end.
const MAX_STRAYS: usize = 8;

/// The first run of explain documents of a text; several on one line are one run.
pub(super) fn find(text: &str) -> Option<Found> {
    let mut strays = 0;
    let mut at = 0;
    loop {
        let start = next_document(text, at)?;
        let end = end_of(text, start);
        let stop = end.unwrap_or(text.len());
        let document = text.get(start..stop)?;
        if has_word(document) && is_explain(document) {
            return Some(Found { start, end: end.map_or(text.len(), |end| run_end(text, end)) });
        }
        at = match end {
            Some(end) => end,
            None if strays < MAX_STRAYS => {
                strays += 1;
                behind_stray(text, start)?
            }
            None => return None,
        };
    }
}

/// Behind a document that does not end: the next line that is not indented more than its first. Those
/// that are were parts of it.
fn behind_stray(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let indent_of = |line: &[u8]| line.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    let first = memchr::memrchr(b'\n', bytes.get(..start)?).map_or(0, |end| end + 1);
    let indent = indent_of(bytes.get(first..start)?);
    let mut line = start;
    loop {
        line += memchr(b'\n', bytes.get(line..)?)? + 1;
        if indent_of(bytes.get(line..)?) <= indent {
            return Some(line);
        }
    }
}

fn has_word(text: &str) -> bool {
    WORDS.iter().any(|word| memmem::find(text.as_bytes(), word.as_bytes()).is_some())
}

/// Where the next document begins at or behind a place: with a bracket that is the first of its
/// line, or the first behind a prompt, or that follows another document on its line.
pub(super) fn next_document(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut line = at;
    loop {
        let rest = bytes.get(line..).filter(|rest| !rest.is_empty())?;
        let end = memchr(b'\n', rest).unwrap_or(rest.len());
        let this = rest.get(..end)?;
        let is_blank = |b: &u8| matches!(b, b' ' | b'\t' | b'\r' | b'[' | b']' | b',' | b';');
        let before = this.iter().take_while(|b| is_blank(b)).count();
        match this.get(before) {
            Some(b'{') => return Some(line + before),
            Some(_) => {
                let prompt = prompt_bytes(this);
                if prompt > 0 {
                    return Some(line + prompt);
                }
            }
            None => {}
        }
        line += end + 1;
    }
}

/// How many bytes of a line stand before a document that is written behind a prompt, a name or an
/// arrow; 0 if there is none.
fn prompt_bytes(line: &[u8]) -> usize {
    let Some(open) = memchr(b'{', line) else { return 0 };
    let before = line.get(..open).unwrap_or_default().trim_ascii_end();
    let before = before.strip_suffix(b"[").unwrap_or(before).trim_ascii_end();
    match before.last() {
        Some(b'>' | b'=' | b':') => open,
        _ => 0,
    }
}

/// Where a document ends that begins at a place; `None` if the text ends before it does.
fn end_of(text: &str, start: usize) -> Option<usize> {
    let document = text.as_bytes().get(start..)?;
    let mut depth = 0usize;
    for (mark, at) in Scan::new(document) {
        match mark {
            Mark::Open => depth += 1,
            Mark::Close if depth <= 1 => return Some(start + at + 1),
            Mark::Close => depth -= 1,
            // A document that was cut ends where a line begins the next one.
            Mark::Line
                if document.get(at + 1..)?.starts_with(b"{") && depth > 0 && !is_flat(document) =>
            {
                return Some(start + at + 1);
            }
            Mark::Line | Mark::Comma => {}
        }
    }
    None
}

/// Whether a document's lines are not indented: then a bracket that begins a line says nothing.
fn is_flat(document: &[u8]) -> bool {
    let Some(line) = memchr(b'\n', document) else { return false };
    let is_alone = document.get(1..line).is_some_and(|rest| rest.trim_ascii().is_empty());
    is_alone && document.get(line + 1).is_some_and(|byte| !matches!(byte, b' ' | b'\t'))
}

/// Behind the last document of those that follow one another on a line, up to its line's end.
fn run_end(text: &str, end: usize) -> usize {
    let mut end = end;
    loop {
        let rest = text.as_bytes().get(end..).unwrap_or_default();
        let is_between = |b: &u8| matches!(b, b' ' | b'\t' | b'\r' | b']' | b',' | b';');
        let blanks = rest.iter().take_while(|b| is_between(b)).count();
        match rest.get(blanks) {
            Some(b'{') => match end_of(text, end + blanks) {
                Some(next) => end = next,
                None => return text.len(),
            },
            Some(b'\n') => return end + blanks + 1,
            _ => return end + blanks,
        }
    }
}

/// Whether a document, whole or cut, is an explain.
fn is_explain(document: &str) -> bool {
    let mut ejson = Vec::new();
    shell::to_ejson(document.as_bytes(), &mut ejson);
    explain::is_explain(&String::from_utf8_lossy(&ejson))
}
