//! Commands of one line, laid out for people: brackets that do not fit into a line are opened.
//!
//! In: Extended JSON, a script or a fingerprint; all that counts is brackets, commas, colons and
//! strings. Out: the same tokens over several lines, at most [`MAX_LINES`] of them. Arguments stay
//! in the line of their function. Text whose brackets do not match is laid out as far as they do.

/// Columns.
const WIDTH: usize = 100;
/// Blanks per level.
const INDENT: usize = 2;
/// Lines, the last of which says what is missing.
const MAX_LINES: usize = 30;

/// A piece of the text.
#[derive(Clone, Copy)]
enum Token<'t> {
    /// `{`, `[` or `(`, and the place of the token that closes it.
    Open(char, usize),
    Close(char),
    Comma,
    Colon,
    /// Anything else, and whether a blank parts it from what is before.
    Word(&'t str, bool),
    /// An opening bracket that a blank parts from the word before stands behind this.
    Blank,
}

impl Token<'_> {
    /// Columns where nothing is opened.
    fn width(self) -> usize {
        match self {
            Token::Open('{', _) | Token::Close('}') | Token::Comma | Token::Colon => 2,
            Token::Open(..) | Token::Close(_) | Token::Blank => 1,
            Token::Word(text, parted) => text.chars().count() + usize::from(parted),
        }
    }

    fn write(self, next: Option<Token<'_>>, out: &mut String) {
        let closes = matches!(next, Some(Token::Close('}')));
        match self {
            Token::Open('{', _) if closes => out.push('{'),
            Token::Open('{', _) => out.push_str("{ "),
            Token::Open(bracket, _) => out.push(bracket),
            Token::Close('}') if out.ends_with('{') => out.push('}'),
            Token::Close('}') => out.push_str(" }"),
            Token::Close(bracket) => out.push(bracket),
            Token::Comma => out.push_str(", "),
            Token::Colon => out.push_str(": "),
            Token::Blank => out.push(' '),
            Token::Word(text, parted) => {
                if parted {
                    out.push(' ');
                }
                out.push_str(text);
            }
        }
    }
}

/// The text over as many lines as it needs.
pub fn lines(text: &str) -> String {
    let tokens = tokens(text);
    // Columns of all tokens before each.
    let mut before = Vec::with_capacity(tokens.len() + 1);
    before.push(0usize);
    before.extend(tokens.iter().scan(0, |sum, token| {
        *sum += token.width();
        Some(*sum)
    }));
    let mut out = String::with_capacity(text.len() * 2);
    // Brackets around, and whether each is opened.
    let mut around: Vec<bool> = Vec::new();
    // How many are, the first token behind one that is not, and where the line begins.
    let (mut opened, mut whole_until, mut start) = (0usize, 0usize, 0usize);
    for (at, token) in tokens.iter().enumerate() {
        let next = tokens.get(at + 1).copied();
        if at < whole_until {
            token.write(next, &mut out);
            continue;
        }
        match *token {
            Token::Open(bracket, close) => {
                let column = out.get(start..).map_or(0, |line| line.chars().count());
                let width = before.get(close + 1).zip(before.get(at)).map_or(0, |(e, b)| e - b);
                if column + width < WIDTH || close == at + 1 {
                    whole_until = close + 1;
                    token.write(next, &mut out);
                } else if bracket == '(' {
                    around.push(false);
                    out.push(bracket);
                } else {
                    around.push(true);
                    out.push(bracket);
                    opened += 1;
                    start = new_line(opened, &mut out);
                }
            }
            Token::Close(bracket) => {
                if around.pop() == Some(true) {
                    opened -= 1;
                    start = new_line(opened, &mut out);
                }
                out.push(bracket);
            }
            Token::Comma if around.last() == Some(&true) => {
                out.push(',');
                start = new_line(opened, &mut out);
            }
            token => token.write(next, &mut out),
        }
    }
    shortened(out)
}

/// A script of several lines, of which those that are too long are laid out; comments stay.
pub fn script(text: &str) -> String {
    let fits = |line: &str| line.chars().count() <= WIDTH || line.trim_start().starts_with("//");
    let laid_out = |line: &str| if fits(line) { line.to_owned() } else { lines(line) };
    text.lines().map(laid_out).collect::<Vec<_>>().join("\n")
}

/// Begins a line, and tells where.
fn new_line(opened: usize, out: &mut String) -> usize {
    out.truncate(out.trim_end().len());
    out.push('\n');
    let start = out.len();
    out.push_str(&" ".repeat(opened * INDENT));
    start
}

/// At most so many lines.
fn shortened(text: String) -> String {
    let count = text.lines().count();
    if count <= MAX_LINES {
        return text;
    }
    let mut head: Vec<&str> = text.lines().take(MAX_LINES - 1).collect();
    let more = format!("// {} more lines; the JSON report has all", count + 1 - MAX_LINES);
    head.push(&more);
    head.join("\n")
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens: Vec<Token<'_>> = Vec::new();
    // Places of brackets that are not closed yet.
    let mut open: Vec<usize> = Vec::new();
    let mut rest = text.trim();
    while let Some(first) = rest.chars().next() {
        let parted = first.is_whitespace();
        rest = rest.trim_start();
        let Some(first) = rest.chars().next() else { break };
        let behind_word = matches!(tokens.last(), Some(Token::Word(..)));
        let (token, len) = match first {
            '{' | '[' | '(' => {
                if parted && behind_word {
                    tokens.push(Token::Blank);
                }
                open.push(tokens.len());
                (Token::Open(first, usize::MAX), 1)
            }
            '}' | ']' | ')' => {
                let place = tokens.len();
                if let Some(Token::Open(_, close)) = open.pop().and_then(|at| tokens.get_mut(at)) {
                    *close = place;
                }
                (Token::Close(first), 1)
            }
            ',' => (Token::Comma, 1),
            ':' => (Token::Colon, 1),
            _ => {
                let len = word_len(rest);
                (Token::Word(rest.get(..len).unwrap_or(rest), parted && behind_word), len)
            }
        };
        tokens.push(token);
        rest = rest.get(len..).unwrap_or_default();
    }
    let last = tokens.len().saturating_sub(1);
    for token in &mut tokens {
        if let Token::Open(_, close @ usize::MAX) = token {
            *close = last;
        }
    }
    tokens
}

/// Bytes of a string, or of what stands between brackets, commas, colons and blanks.
fn word_len(text: &str) -> usize {
    let quoted = text.starts_with('"');
    let mut chars = text.char_indices();
    if quoted {
        chars.next();
    }
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' if quoted => {
                chars.next();
            }
            '"' if quoted => return at + 1,
            '{' | '[' | '(' | '}' | ']' | ')' | ',' | ':' | '"' if !quoted => return at,
            c if !quoted && c.is_whitespace() => return at,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_open_where_they_do_not_fit() {
        let long = "x".repeat(60);
        for (text, expected) in [
            (
                r#"{"find":"c","filter":{},"$db":"d"}"#,
                r#"{ "find": "c", "filter": {}, "$db": "d" }"#.to_owned(),
            ),
            ("find d.c {a: ?, b: [1,2]}", "find d.c { a: ?, b: [1, 2] }".to_owned()),
            (r#"{"a":"{,:[\"}"}"#, r#"{ "a": "{,:[\"}" }"#.to_owned()),
            (
                &format!(
                    r#"db.c.run({{ a: {{ b: "{long}", c: [1] }}, d: new Date(5), e: ObjectId("{long}") }})"#
                ),
                format!(
                    "db.c.run({{\n  a: {{ b: \"{long}\", c: [1] }},\n  d: new Date(5),\n  e: ObjectId(\"{long}\")\n}})"
                ),
            ),
            // What is cut is laid out as far as it goes.
            (r#"]}{"a":{"b":"c"#, "]}{ \"a\": { \"b\": \"c".to_owned()),
            (
                &format!(
                    "db.c.createIndex({{a:1,b:-1}}, {{ name: \"{long}\", c: f(\"{long}\",\"i\") }})"
                ),
                format!(
                    "db.c.createIndex({{ a: 1, b: -1 }}, {{\n  name: \"{long}\",\n  c: f(\"{long}\", \"i\")\n}})"
                ),
            ),
            ("", String::new()),
        ] {
            assert_eq!(lines(text), expected, "{text}");
        }
        let deep = "[".repeat(5_000);
        assert!(lines(&deep).lines().count() <= MAX_LINES);
        let many = format!("[{}]", vec![format!("\"{long}\""); 100].join(","));
        let many = lines(&many);
        assert_eq!(many.lines().count(), MAX_LINES);
        assert!(many.ends_with("// 73 more lines; the JSON report has all"), "{many}");
    }
}
