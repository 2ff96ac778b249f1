//! The steps of pt-query-digest's fingerprint, each from bytes to bytes.
//!
//! Owns the single rewrites; their order is in the parent. Letters and blanks are those of ASCII,
//! as in a Perl program that reads bytes.

use memchr::{memchr, memchr2, memmem};

/// Bytes that may be compared in the search for repeated UNIONs; beyond, they are left as they are.
const UNION_BUDGET: usize = 1 << 26;

/// A blank to Perl's `\s`.
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// True where a word may begin: no letter, digit or underscore stands before `at`.
fn begins_word(text: &[u8], at: usize) -> bool {
    at == 0 || !text.get(at - 1).is_some_and(|&byte| is_word(byte))
}

fn ends_word(text: &[u8], at: usize) -> bool {
    !text.get(at).is_some_and(|&byte| is_word(byte))
}

/// Behind the bytes from `at` on that are `kind`.
fn skip(text: &[u8], at: usize, kind: impl Fn(u8) -> bool) -> usize {
    let rest = text.get(at..).unwrap_or(&[]);
    at + rest.iter().position(|&byte| !kind(byte)).unwrap_or(rest.len())
}

fn has_at(text: &[u8], at: usize, word: &[u8]) -> bool {
    text.get(at..at + word.len()).is_some_and(|found| found.eq_ignore_ascii_case(word))
}

/// True for a query of pt-table-checksum and its like, which holds `/*db.table:1/5*/`.
pub(super) fn is_table_check(sql: &[u8]) -> bool {
    memmem::find_iter(sql, b"/*").any(|mark| {
        let dot = skip(sql, mark + 2, is_word);
        let colon = skip(sql, dot + 1, is_word);
        dot > mark + 2
            && sql.get(dot) == Some(&b'.')
            && colon > dot + 1
            && matches!(sql.get(colon..colon + 6), Some([b':', part, b'/', of, b'*', b'/'])
                if part.is_ascii_digit() && of.is_ascii_digit())
    })
}

/// `call p` of `call p(1, 2)`, up to the last parenthesis before a blank.
pub(super) fn call_head(sql: &[u8]) -> Option<&[u8]> {
    let start = skip(sql, 0, is_space);
    let name = skip(sql, start + 4, is_space);
    if !has_at(sql, start, b"call") || name == start + 4 {
        return None;
    }
    let end = skip(sql, name, |byte| !is_space(byte));
    let parenthesis = memchr::memrchr(b'(', sql.get(name..end)?)?;
    (parenthesis > 0).then(|| sql.get(start..name + parenthesis)).flatten()
}

/// An INSERT or REPLACE of several rows up to the end of its first one.
pub(super) fn before_more_rows(sql: &[u8]) -> Option<&[u8]> {
    let mut at = [b"insert".as_slice(), b"replace"]
        .iter()
        .find(|verb| has_at(sql, 0, verb))
        .map(|verb| verb.len())?;
    if has_at(sql, at, b" ignore") && sql.get(at + 7).is_some_and(|&byte| is_space(byte)) {
        at += 7;
    }
    let into = skip(sql, at, is_space);
    if into == at || !has_at(sql, into, b"into") {
        return None;
    }
    let mut at = into + 5;
    let open = loop {
        at += memchr2(b'v', b'V', sql.get(at..)?)?;
        if has_at(sql, at, b"values") {
            let open = skip(sql, at + 6, is_space);
            if sql.get(open) == Some(&b'(') {
                break open;
            }
        }
        at += 1;
    };
    let mut close = open;
    loop {
        close += 1 + memchr(b')', sql.get(close + 1..)?)?;
        let comma = skip(sql, close + 1, is_space);
        if sql.get(comma) == Some(&b',') && sql.get(skip(sql, comma + 1, is_space)) == Some(&b'(') {
            return sql.get(..=close);
        }
    }
}

/// Without `/* … */` (but for `/*! … */`), then without `-- …` and `# …` that hold no quotes.
pub(super) fn cut_comments(sql: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(sql.len());
    let mut at = 0;
    let mut from = 0;
    while let Some(found) = memmem::find(&sql[from..], b"/*") {
        let mark = from + found;
        if sql.get(mark + 2).is_none_or(|&byte| byte == b'!') {
            from = mark + 1;
            continue;
        }
        // One character at least stands between the marks.
        let Some(end) = sql.get(mark + 3..).and_then(|rest| memmem::find(rest, b"*/")) else {
            break;
        };
        kept.extend_from_slice(&sql[at..mark]);
        at = mark + 3 + end + 2;
        from = at;
    }
    kept.extend_from_slice(&sql[at..]);
    cut_line_comments(&kept)
}

fn cut_line_comments(sql: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(sql.len());
    let mut at = 0;
    while let Some(&byte) = sql.get(at) {
        if byte != b'#' && !sql[at..].starts_with(b"--") {
            kept.push(byte);
            at += 1;
            continue;
        }
        let stop = skip(sql, at, |byte| !matches!(byte, b'\'' | b'"' | b'\r' | b'\n'));
        // A quote in it: then none of what is before the quote is a comment.
        if matches!(sql.get(stop), Some(b'\'' | b'"')) {
            kept.extend_from_slice(&sql[at..stop]);
        }
        at = stop;
    }
    kept
}

/// Without escaped quotes.
pub(super) fn cut_escapes(text: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        if byte == b'\\' && matches!(text.get(at + 1), Some(b'\'' | b'"')) {
            at += 2;
        } else {
            kept.push(byte);
            at += 1;
        }
    }
    kept
}

/// `?` for what is in a pair of quotes. The last one of an odd number stays.
pub(super) fn quotes(text: &[u8], quote: u8) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = memchr(quote, rest) {
        let Some(length) = memchr(quote, &rest[open + 1..]) else { break };
        out.extend_from_slice(&rest[..open]);
        out.push(b'?');
        rest = &rest[open + length + 2..];
    }
    out.extend_from_slice(rest);
    out
}

/// `?` for each of `words` (lower case) in any case.
pub(super) fn words(text: &[u8], words: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let found = words.iter().find(|word| {
            begins_word(text, at) && has_at(text, at, word) && ends_word(text, at + word.len())
        });
        match found {
            Some(word) => {
                out.push(b'?');
                at += word.len();
            }
            None => {
                out.push(byte);
                at += 1;
            }
        }
    }
    out
}

/// `?` for all that looks like a number, inside of names as well; then without one of `x b . + -`
/// before a `?`.
pub(super) fn numbers(text: &[u8]) -> Vec<u8> {
    let begins = |byte: u8| matches!(byte, b'0'..=b'9' | b'+' | b'-');
    let goes_on = |byte: u8| begins(byte) || matches!(byte, b'a'..=b'f' | b'.' | b'x');
    let mut marked = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        if begins(byte) {
            marked.push(b'?');
            at = skip(text, at, goes_on);
        } else {
            marked.push(byte);
            at += 1;
        }
    }
    let mut out = Vec::with_capacity(marked.len());
    for (at, &byte) in marked.iter().enumerate() {
        let prefix = matches!(byte, b'x' | b'b' | b'.' | b'+' | b'-');
        if !prefix || marked.get(at + 1) != Some(&b'?') {
            out.push(byte);
        }
    }
    out
}

/// In lower case, without blanks at the start, with one for each run of them.
pub(super) fn spaces(text: &[u8]) -> Vec<u8> {
    let start = skip(text, 0, is_space);
    let text = text.get(start..).unwrap_or(&[]);
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    let mut out: Vec<u8> = Vec::with_capacity(text.len());
    let mut in_blank = false;
    for &byte in text {
        let blank = matches!(byte, b' ' | b'\n' | b'\t' | b'\r' | 0x0c);
        if !blank {
            out.push(byte.to_ascii_lowercase());
        } else if !in_blank {
            out.push(b' ');
        }
        in_blank = blank;
    }
    out
}

/// `in(?+)` and `values(?+)` for lists of `?`, and for several of them in a row.
pub(super) fn lists(text: &[u8]) -> Vec<u8> {
    const HEADS: [&[u8]; 3] = [b"in", b"values", b"value"];
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let found = HEADS.iter().find_map(|head| {
            let matches = matches!(byte, b'i' | b'v')
                && begins_word(text, at)
                && text[at..].starts_with(head);
            let end = matches.then(|| lists_end(text, at + head.len())).flatten()?;
            Some((head, end))
        });
        match found {
            Some((head, end)) => {
                out.extend_from_slice(head);
                out.extend_from_slice(b"(?+)");
                at = end;
            }
            None => {
                out.push(byte);
                at += 1;
            }
        }
    }
    out
}

/// Behind the lists of `?` that follow at `at`; nothing if none does.
fn lists_end(text: &[u8], at: usize) -> Option<usize> {
    let mut end = None;
    let mut from = at;
    loop {
        let open = skip(text, from, |byte| is_space(byte) || byte == b',');
        if text.get(open) != Some(&b'(') {
            return end;
        }
        let close = skip(text, open + 1, |byte| is_space(byte) || matches!(byte, b'?' | b','));
        if text.get(close) != Some(&b')') {
            return end;
        }
        from = close + 1;
        end = Some(from);
    }
}

/// `select … /*repeat union*/` for a SELECT that is joined with itself by UNION.
pub(super) fn repeated_unions(text: Vec<u8>) -> Vec<u8> {
    let unions: Vec<usize> = memmem::find_iter(&text, b"union")
        .filter(|&at| at > 0 && is_space(text[at - 1]))
        .map(|at| at - 1)
        .collect();
    if unions.is_empty() {
        return text;
    }
    let mut budget = UNION_BUDGET;
    let mut out = Vec::with_capacity(text.len());
    let (mut at, mut from) = (0, 0);
    while let Some(found) = text.get(from..).and_then(|rest| memmem::find(rest, b"select")) {
        let start = from + found;
        from = start + 6;
        if !begins_word(&text, start) || !text.get(from).is_some_and(|&byte| is_space(byte)) {
            continue;
        }
        let first = unions.partition_point(|&union| union <= from);
        let repeated = unions[first..].iter().find_map(|&union| {
            let part = text.get(start..union)?;
            repeats_end(&text, part, union, &mut budget).map(|(end, all)| (part, end, all))
        });
        if budget == 0 {
            break;
        }
        if let Some((part, end, all)) = repeated {
            out.extend_from_slice(&text[at..start]);
            out.extend_from_slice(part);
            out.extend_from_slice(if all {
                b" /*repeat union all*/"
            } else {
                b" /*repeat union*/"
            });
            (at, from) = (end, end);
        }
    }
    out.extend_from_slice(&text[at..]);
    out
}

/// Behind the repeats of `part` that follow it at `at`, each with its UNION, and whether the last of
/// these was UNION ALL. Nothing if there is none, or if the budget is used up.
fn repeats_end(text: &[u8], part: &[u8], at: usize, budget: &mut usize) -> Option<(usize, bool)> {
    let mut found = None;
    let mut next = at;
    while let Some((behind, all)) = union_mark(text, next) {
        *budget = budget.saturating_sub(part.len());
        if *budget == 0 {
            return None;
        }
        if !text.get(behind..)?.starts_with(part) {
            break;
        }
        next = behind + part.len();
        found = Some((next, all));
    }
    found
}

/// Behind ` union ` or ` union all ` at `at`, and which of them it is.
fn union_mark(text: &[u8], at: usize) -> Option<(usize, bool)> {
    let rest = text.get(at..)?;
    let blank = |rest: &'_ [u8]| rest.first().is_some_and(|&byte| is_space(byte));
    let union = rest.get(1..).filter(|_| blank(rest))?.strip_prefix(b"union")?;
    let behind = union.get(1..).filter(|_| blank(union))?;
    match behind.strip_prefix(b"all") {
        Some(all) if blank(all) => Some((text.len() - all.len() + 1, true)),
        _ => Some((text.len() - behind.len(), false)),
    }
}

/// `limit ?` for the first `limit ?, ?` or `limit ? offset ?`.
pub(super) fn row_limit(mut text: Vec<u8>) -> Vec<u8> {
    let found = memmem::find_iter(&text, b"limit ?").find(|&at| begins_word(&text, at));
    if let Some(at) = found {
        let from = at + b"limit ?".len();
        let tails: [&[u8]; 3] = [b", ?", b",?", b" offset ?"];
        let tail = tails.iter().find(|tail| text[from..].starts_with(tail));
        text.drain(from..from + tail.map_or(0, |tail| tail.len()));
    }
    text
}

/// Without ` asc` behind the first ORDER BY. It need not end there: `ascii` loses it, too.
pub(super) fn cut_asc(text: Vec<u8>) -> Vec<u8> {
    const HEAD: &[u8] = b"order by ";
    let Some(order) = memmem::find_iter(&text, HEAD).find(|&at| begins_word(&text, at)) else {
        return text;
    };
    let mut out = Vec::with_capacity(text.len());
    let mut kept = 0;
    // One character at least stands before each.
    let mut at = order + HEAD.len() + 1;
    while let Some(&byte) = text.get(at) {
        let word = skip(&text, at, is_space);
        if is_space(byte) && text[word..].starts_with(b"asc") {
            out.extend_from_slice(&text[kept..at]);
            kept = word + 3;
            at = kept + 1;
        } else {
            at += 1;
        }
    }
    out.extend_from_slice(text.get(kept..).unwrap_or(&[]));
    out
}
