//! Lines of text logs against the known messages: literal text with the names of attributes in
//! braces, such as `connection accepted from {remote} #{connectionId}`.
//!
//! A text fits if it begins with the template; a hole takes what stands before the next literal
//! part, and the last one all of the rest. A hole named for a state takes capitals only, since
//! `replSet SECONDARY` is no `replSet info …`.

use super::Row;
use super::said::{Captured, Said};
use memchr::{memchr, memmem};

/// Most attributes in one message.
pub(super) const MAX_HOLES: usize = 6;

/// The first row that a text fits, and the attributes in it.
pub(super) fn find<'a>(
    topics: &[&'static [Row]],
    text: &'a [u8],
) -> Option<(&'static Row, Said<'a>)> {
    let first = *text.first()?;
    topics.iter().copied().flatten().find_map(|row| {
        let texts = row.texts.iter().filter(|template| template.as_bytes().first() == Some(&first));
        let captured = texts.copied().find_map(|template| fit(template, text))?;
        Some((row, Said::of_text(text, captured)))
    })
}

/// The attributes of a text, if it fits.
fn fit<'a>(template: &'static str, text: &'a [u8]) -> Option<[Captured<'a>; MAX_HOLES]> {
    let mut found = [("", &b""[..]); MAX_HOLES];
    let (literal, mut holes) = before_hole(template);
    let mut rest = text.strip_prefix(literal.as_bytes())?;
    for place in &mut found {
        let Some((name, behind)) = holes.and_then(|hole| hole.split_once('}')) else { break };
        let (literal, next) = before_hole(behind);
        let length = match literal {
            "" => rest.len(),
            literal => memmem::find(rest, literal.as_bytes())?,
        };
        let (value, behind) = rest.split_at_checked(length)?;
        if value.is_empty() || name.ends_with("State") && !value.iter().all(is_of_state) {
            return None;
        }
        *place = (name, value);
        rest = behind.get(literal.len()..)?;
        holes = next;
    }
    Some(found)
}

/// The literal part that begins a template, and what stands behind the brace that ends it.
fn before_hole(template: &'static str) -> (&'static str, Option<&'static str>) {
    match memchr(b'{', template.as_bytes()) {
        Some(at) => (&template[..at], Some(&template[at + 1..])),
        None => (template, None),
    }
}

fn is_of_state(byte: &u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_take_what_stands_between() {
        for (template, text, expected) in [
            ("now exiting", "now exiting", Some("")),
            ("now exiting", "now", None),
            (
                "from {remote} #{id} ({count} c",
                "from 10.0.0.7:5 #3 (2 connections now open)",
                Some("remote=10.0.0.7:5;id=3;count=2;"),
            ),
            ("from {remote} #{id}", "from 10.0.0.7:5", None),
            ("replSet {newState}", "replSet STARTUP2", Some("newState=STARTUP2;")),
            ("replSet {newState}", "replSet info electSelf 0", None),
            ("to {newState} from {oldState}", "to A from b", None),
            ("a {x}", "a ", None),
            ("a {x}", "a b c", Some("x=b c;")),
        ] {
            let shown = fit(template, text.as_bytes()).map(|found| {
                let found = found.into_iter().filter(|(name, _)| !name.is_empty());
                found.map(|(n, v)| format!("{n}={};", String::from_utf8_lossy(v))).collect()
            });
            assert_eq!(shown, expected.map(str::to_owned), "{template} / {text}");
        }
    }
}
