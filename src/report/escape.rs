//! Text from strangers on its way into a document: the only functions through which data enters
//! Markdown or a terminal.
//!
//! In: any text. Out: text that is shown as it is and can neither end the element it stands in (a
//! cell, a code span, a fence, a heading) nor begin another one, and that sends no control
//! character. What the text means is left to the sections.

use std::fmt::Write as _;

/// Characters that reorder, hide or join what stands around them, shown by their number.
fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{80}'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Adds a character, or what stands for it: `␊` for a line feed, `\u{202e}` for a bidi override.
fn push_visible(out: &mut String, c: char) {
    match c {
        '\0'..='\x1f' => out.push(char::from_u32(0x2400 + c as u32).unwrap_or('\u{fffd}')),
        '\x7f' => out.push('␡'),
        c if is_hidden(c) => {
            let _ = write!(out, "\\u{{{:x}}}", c as u32); // writing to a String cannot fail
        }
        c => out.push(c),
    }
}

/// One line in which every control and hidden character is shown. Safe for a terminal.
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    text.chars().for_each(|c| push_visible(&mut out, c));
    out
}

/// [`visible`], cut to so many characters with `…` for the rest.
pub fn clipped(text: &str, limit: usize) -> String {
    // Cut before expanding, so that a huge text costs nothing, and after, so that it stays short.
    let head = text.char_indices().nth(limit + 1).map_or(text, |(at, _)| &text[..at]);
    let mut out = visible(head);
    if let Some((at, _)) = out.char_indices().nth(limit) {
        out.truncate(at);
        out.truncate(out.trim_end().len());
        out.push('…');
    }
    out
}

/// A code span. An empty text gives `–`: Markdown has no empty span.
pub fn code(text: &str) -> String {
    span(&visible(text))
}

/// A code span for a table cell, at most so many characters long.
pub fn cell_code(text: &str, limit: usize) -> String {
    pipes(&span(&clipped(text, limit)))
}

/// Words for a paragraph or heading: one line, shown as they are.
pub fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    push_text(&mut out, text);
    out
}

/// Words of our own with data in them. What stands between two back-ticks becomes a code span, all
/// else is shown as it is; data that brings its own back-ticks can move the spans, never leave them.
pub fn prose(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest = text.trim();
    while let Some((before, after)) = rest.split_once('`') {
        let Some((inside, after)) = after.split_once('`') else {
            break;
        };
        push_text(&mut out, before);
        if !inside.is_empty() {
            out.push_str(&code(inside));
        }
        rest = after;
    }
    push_text(&mut out, rest);
    out
}

/// [`prose`] for a table cell.
pub fn cell_prose(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut escaped = false;
    for c in prose(text).chars() {
        if c == '|' && !escaped {
            out.push('\\'); // inside a code span, where nothing else is escaped
        }
        escaped = c == '\\' && !escaped;
        out.push(c);
    }
    out
}

/// A fenced block of lines. The fence is longer than any run of back-ticks inside.
pub fn fence(language: &str, text: &str) -> String {
    let mut body = String::with_capacity(text.len() + 1);
    for line in text.trim_end().lines() {
        for c in line.chars() {
            if c == '\t' { body.push(c) } else { push_visible(&mut body, c) }
        }
        body.push('\n');
    }
    let ticks = "`".repeat(longest_run(&body).max(2) + 1);
    format!("{ticks}{language}\n{body}{ticks}\n")
}

fn push_text(out: &mut String, text: &str) {
    let at_start = out.is_empty();
    let text = if at_start { text.trim_start() } else { text };
    let mut before = out.chars().next_back().filter(|_| !at_start).unwrap_or(' ');
    let mut only_digits = at_start;
    let mut rest = text.chars().peekable();
    let mut first = at_start;
    while let Some(c) = rest.next() {
        let after = rest.peek().copied().unwrap_or(' ');
        match c {
            '\n' | '\r' | '\t' => out.push(' '),
            '<' if rest.peek() == Some(&' ') => out.push('<'), // begins nothing
            '<' => out.push_str("&lt;"),
            // Inside a word an underscore is no emphasis; names stay readable.
            '_' if before.is_alphanumeric() && after.is_alphanumeric() => out.push('_'),
            '\\' | '`' | '*' | '_' | '[' | ']' | '>' | '|' | '~' | '&' | '#' | '$' | '!' => {
                out.push('\\');
                out.push(c);
            }
            ':' if after == '/' => out.push_str("\\:"), // no link from a bare address
            '.' | ')' if only_digits && !first => {
                out.push('\\');
                out.push(c);
            }
            '-' | '+' | '=' | ':' if first => {
                out.push('\\');
                out.push(c);
            }
            c => push_visible(out, c),
        }
        only_digits &= c.is_ascii_digit();
        first = false;
        before = c;
    }
}

/// A code span of a visible text.
fn span(text: &str) -> String {
    if text.is_empty() {
        return "–".to_owned();
    }
    let ticks = "`".repeat(longest_run(text) + 1);
    let edge = |c: Option<char>| matches!(c, Some('`' | ' '));
    let pad = if edge(text.chars().next()) || edge(text.chars().next_back()) { " " } else { "" };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

/// Escapes the pipes of a code span in a cell. A backslash right before one would undo the escape
/// in some readers, so a blank parts them.
fn pipes(span: &str) -> String {
    let mut out = String::with_capacity(span.len());
    for c in span.chars() {
        if c == '|' {
            if out.ends_with('\\') {
                out.push(' ');
            }
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn longest_run(text: &str) -> usize {
    let (mut longest, mut run) = (0, 0);
    for byte in text.bytes() {
        run = if byte == b'`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

#[cfg(test)]
mod tests;
