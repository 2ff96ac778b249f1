//! Tags that applications put into SQL comments.
//!
//! Input: a comment. Output: its key-value pairs, if it is in the form of sqlcommenter
//! (`/*action='show',traceparent='00-…'*/`, values URL-encoded) or of marginalia
//! (`/*application:web,controller:posts*/`); nothing for any other comment. Values are data from
//! strangers: they are bounded here and escaped where they are shown.

/// Most tags of one comment.
const MAX_TAGS: usize = 16;
/// Longest key, in bytes.
const MAX_KEY: usize = 64;
/// Longest value, in bytes.
const MAX_VALUE: usize = 256;
/// Longest comment that is read, in bytes.
const MAX_COMMENT: usize = 8 * 1024;

/// The tags of `comment`, in its order. A comment that is not tags throughout gives none; keys that
/// are too long are left out, values are cut.
pub fn tags(comment: &[u8]) -> Vec<(String, String)> {
    let Some(body) = body(comment) else {
        return Vec::new();
    };
    quoted_pairs(body).or_else(|| plain_pairs(body)).unwrap_or_default()
}

/// What stands between the marks of a comment.
fn body(comment: &[u8]) -> Option<&str> {
    if comment.len() > MAX_COMMENT {
        return None;
    }
    let text = std::str::from_utf8(comment).ok()?;
    let inner = match text.strip_prefix("/*") {
        Some(inner) => inner.strip_suffix("*/")?,
        None => text.strip_prefix("--").or_else(|| text.strip_prefix('#'))?,
    };
    let inner = inner.trim();
    (!inner.is_empty()).then_some(inner)
}

/// sqlcommenter: `key='value',key='value'`, both URL-encoded, `'` as `\'`.
fn quoted_pairs(body: &str) -> Option<Vec<(String, String)>> {
    let mut found = Vec::new();
    let mut rest = body;
    loop {
        let (key, tail) = rest.split_once('=')?;
        let tail = tail.trim_start().strip_prefix('\'')?;
        let end = closing_quote(tail)?;
        push(&mut found, decode(key.trim())?, decode(&tail[..end])?);
        rest = tail[end + 1..].trim_start();
        if rest.is_empty() {
            return Some(found);
        }
        rest = rest.strip_prefix(',')?.trim_start();
    }
}

/// The offset of the first `'` that no backslash precedes.
fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|byte| {
        let closes = byte == b'\'' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    })
}

/// URL decoding, with `\'` for a quote. Nothing if the result is not UTF-8.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        match (byte, tail) {
            (b'\\', [b'\'', after @ ..]) => {
                bytes.push(b'\'');
                rest = after;
            }
            (b'%', [high, low, after @ ..]) => {
                let digit = |byte: &u8| char::from(*byte).to_digit(16);
                match (digit(high), digit(low)) {
                    (Some(high), Some(low)) => {
                        bytes.push((high * 16 + low) as u8);
                        rest = after;
                    }
                    _ => bytes.push(b'%'),
                }
            }
            _ => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).ok()
}

/// marginalia: `key:value,key:value`; keys are plain words, values hold no blanks, commas or quotes.
fn plain_pairs(body: &str) -> Option<Vec<(String, String)>> {
    let mut found = Vec::new();
    for pair in body.split(',') {
        let (key, value) = pair.split_once(':')?;
        let is_key = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
            && key.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
        // `//` would make a tag of every address in a comment.
        let is_value = !value.bytes().any(|byte| byte <= b' ' || b"'\"*".contains(&byte))
            && !value.starts_with("//");
        if !is_key || !is_value {
            return None;
        }
        push(&mut found, key.to_owned(), value.to_owned());
    }
    Some(found)
}

fn push(found: &mut Vec<(String, String)>, key: String, mut value: String) {
    if key.is_empty() || key.len() > MAX_KEY || value.is_empty() || found.len() == MAX_TAGS {
        return;
    }
    value.truncate(value.floor_char_boundary(MAX_VALUE));
    found.push((key, value));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_forms_give_tags_and_other_comments_none() {
        let cases: [(&str, &[(&str, &str)]); 12] = [
            (
                "/*action='show',controller='%2Fposts',q='it\\'s'*/",
                &[("action", "show"), ("controller", "/posts"), ("q", "it's")],
            ),
            (
                "/* db_driver='a%20b' , route='x=y,z' */",
                &[("db_driver", "a b"), ("route", "x=y,z")],
            ),
            ("-- job='nightly'", &[("job", "nightly")]),
            ("/*app:web,controller:posts*/", &[("app", "web"), ("controller", "posts")]),
            ("/*line:/app/x.rb:10:in*/", &[("line", "/app/x.rb:10:in")]),
            ("/*a='1',a=2*/", &[]),
            ("/*a='unterminated*/", &[]),
            ("/* see: http://example.com */", &[]),
            ("/*http://example.com*/", &[]),
            ("/* plain words */", &[]),
            ("/**/", &[]),
            ("/*a='%ff'*/", &[]),
        ];
        for (comment, expected) in cases {
            let found = tags(comment.as_bytes());
            let found: Vec<(&str, &str)> =
                found.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
            assert_eq!(found, expected, "{comment}");
        }
    }

    #[test]
    fn sizes_are_bounded() {
        let many: Vec<String> = (0..40).map(|n| format!("k{n}:{}", "é".repeat(300))).collect();
        let comment = format!("/*{}*/", many[..5].join(","));
        let found = tags(comment.as_bytes());
        assert!(found.iter().all(|(_, value)| value.len() <= MAX_VALUE));
        assert_eq!(found.len(), 5);
        let short: Vec<String> = (0..40).map(|n| format!("k{n}:v")).collect();
        assert_eq!(tags(format!("/*{}*/", short.join(",")).as_bytes()).len(), MAX_TAGS);
        let key = "k".repeat(MAX_KEY + 1);
        assert!(tags(format!("/*{key}:v*/").as_bytes()).is_empty());
        assert!(tags(format!("/*a:{}*/", "v".repeat(MAX_COMMENT)).as_bytes()).is_empty());
    }
}
