//! Finds its way in the expressions that the server prints: what is outside quotes and parentheses.
//!
//! Input: a piece of a plan's text, whole or cut anywhere. Output: places in it, always between
//! characters. Every function is linear and takes an open quote or parenthesis as one that lasts
//! to the end.

/// Walks over a text and calls for each byte that stands outside quotes, with its place and the
/// number of parentheses that are open there: behind an opening one, before a closing one. Ends
/// where the call says so, and gives whether something is still open then.
fn walk(text: &str, mut visit: impl FnMut(usize, u8, usize) -> bool) -> bool {
    let bytes = text.as_bytes();
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\'' | b'"' | b'`' => match quote_end(bytes, at, byte) {
                Some(end) => {
                    at = end;
                    continue;
                }
                None => return true,
            },
            b'(' => depth += 1,
            _ => {}
        }
        if !visit(at, byte, depth) {
            break;
        }
        if byte == b')' {
            depth = depth.saturating_sub(1);
        }
        at += 1;
    }
    depth > 0
}

/// One past the quote that closes the one at a place, if it is closed. A doubled quote is two quoted pieces side by
/// side, which comes to the same.
fn quote_end(bytes: &[u8], start: usize, quote: u8) -> Option<usize> {
    let mut at = start + 1;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'\\' if quote != b'`' => at += 1,
            _ if byte == quote => return Some(at),
            _ => {}
        }
    }
    None
}

/// Whether a quote or a parenthesis is open at the end of a text.
pub fn is_open(text: &str) -> bool {
    walk(text, |_, _, _| true)
}

/// The group at the start of a text that begins with `(`, parentheses included, and what follows.
pub fn group(text: &str) -> (&str, &str) {
    let mut end = text.len();
    walk(text, |at, byte, depth| {
        let closes = byte == b')' && depth <= 1;
        if closes {
            end = at + 1;
        }
        !closes
    });
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// What stands before the first such text outside quotes and parentheses, and what behind it.
pub fn split_once<'a>(text: &'a str, separator: &str) -> Option<(&'a str, &'a str)> {
    let mut found = None;
    walk(text, |at, _, depth| {
        if depth == 0 && text.as_bytes()[at..].starts_with(separator.as_bytes()) {
            found = Some(at);
        }
        found.is_none()
    });
    let at = found?;
    Some((text.get(..at)?, text.get(at + separator.len()..)?))
}

/// The pieces of a list, separated outside quotes and parentheses. None of an empty text.
pub fn split<'a>(text: &'a str, separator: &str) -> Vec<&'a str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    walk(text, |at, _, depth| {
        if depth == 0 && at >= start && text.as_bytes()[at..].starts_with(separator.as_bytes()) {
            pieces.push(text.get(start..at).unwrap_or_default());
            start = at + separator.len();
        }
        true
    });
    pieces.push(text.get(start..).unwrap_or_default());
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_parentheses_hide_what_is_in_them() {
        assert_eq!(group("((a = ')') or b) rest"), ("((a = ')') or b)", " rest"));
        assert_eq!(group("(cut 'off)"), ("(cut 'off)", ""));
        assert_eq!(
            split("f(a, b), 'x, \\', y', `q, r` DESC", ", "),
            ["f(a, b)", "'x, \\', y'", "`q, r` DESC"]
        );
        assert_eq!(split("", ", "), [""; 0]);
        assert_eq!(split_once("('; ') ; b", "; "), Some(("('; ') ", "b")));
        assert_eq!(split_once("(; ", "; "), None);
        for (text, expected) in [("(a", true), ("f('('", true), ("'it''s'", false), ("a)", false)] {
            assert_eq!(is_open(text), expected, "{text}");
        }
    }
}
