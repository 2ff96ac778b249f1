//! Conditions without their literals but with what they refer to: `(hashed SubPlan 2)`,
//! `(InitPlan 1).col1`. The numbers are the plan's own, and what a subplan costs is charged by them.

use super::super::Builder;
use memchr::memmem;
use std::borrow::Cow;

/// Words before a number that is a name.
const WORDS: [&str; 2] = ["SubPlan ", "InitPlan "];

/// A condition without its literals, unless the user keeps them.
pub fn masked(builder: &Builder, text: &str) -> Box<str> {
    if memmem::find(text.as_bytes(), b"Plan ").is_none() {
        return builder.masked(text);
    }
    // For the time of masking the two words are one name; inside a literal it goes with it.
    let mut joined = Cow::Borrowed(text);
    for word in WORDS {
        joined = replaced(joined, word, &joined_word(word));
    }
    let mut masked = Cow::Owned(builder.masked(&joined).into_string());
    for word in WORDS {
        masked = replaced(masked, &joined_word(word), word);
    }
    masked.into()
}

fn joined_word(word: &str) -> String {
    format!("{}__", word.trim_end())
}

/// A text with another word before its numbers.
fn replaced<'a>(text: Cow<'a, str>, from: &str, to: &str) -> Cow<'a, str> {
    let mut out = String::new();
    let mut done = 0;
    for at in memmem::find_iter(text.as_bytes(), from) {
        let behind = text.get(at + from.len()..).unwrap_or_default();
        if behind.starts_with(|c: char| c.is_ascii_digit()) {
            out.push_str(text.get(done..at).unwrap_or_default());
            out.push_str(to);
            done = at + from.len();
        }
    }
    match done {
        0 => text,
        _ => {
            out.push_str(text.get(done..).unwrap_or_default());
            Cow::Owned(out)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::event::Engine;
    use crate::read::plans::Literals;

    #[test]
    fn numbers_of_subplans_stay() {
        let builder = Builder::new(Engine::Postgres, "postgres-json", Literals::Hide);
        for (text, expected) in [
            ("(NOT (hashed SubPlan 2)) AND (a = 2)", "(NOT (hashed SubPlan 2)) AND (a = ?)"),
            ("(x > (InitPlan 10).col1)", "(x > (InitPlan 10).col1)"),
            ("(note = 'SubPlan 7'::text)", "(note = '?'::text)"),
            ("(a = $2)", "(a = $2)"),
        ] {
            assert_eq!(&*masked(&builder, text), expected);
        }
    }
}
