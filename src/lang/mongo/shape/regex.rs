//! What a regular expression means to an index: does it begin with a literal prefix?

/// The class of a regular expression.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RegexClass {
    /// It begins with literal text at the start of the value (`/^abc/`), so that an index bounds it;
    /// without regard to case it does not.
    pub anchored: bool,
    /// It ignores case, so that no plain index bounds it.
    pub ignores_case: bool,
}

impl RegexClass {
    /// The class of a pattern with its options.
    pub fn of(pattern: &[u8], options: &[u8]) -> RegexClass {
        let anchored = !options.contains(&b'm') && has_prefix(pattern);
        RegexClass {
            anchored,
            ignores_case: options.contains(&b'i') || pattern.starts_with(b"(?i)"),
        }
    }

    /// Its pattern in fingerprints and masked commands.
    pub fn pattern(self) -> &'static str {
        if self.anchored { "^?" } else { "?" }
    }

    /// As fingerprints show it.
    pub(super) fn text(self) -> &'static str {
        match (self.anchored, self.ignores_case) {
            (true, false) => "/^?/",
            (true, true) => "/^?/i",
            (false, false) => "/?/",
            (false, true) => "/?/i",
        }
    }
}

/// Whether a pattern begins with `^` (or `\A`) and at least one character that must be there, and has no
/// alternatives.
fn has_prefix(pattern: &[u8]) -> bool {
    let Some(rest) = pattern.strip_prefix(b"^").or_else(|| pattern.strip_prefix(b"\\A")) else {
        return false;
    };
    // What a class of anchored expressions is shown as.
    if rest == b"?" {
        return true;
    }
    if rest.contains(&b'|') {
        return false;
    }
    let literal_bytes = match rest {
        [b'\\', b'Q', first, ..] => return *first != b'\\',
        // Escaped punctuation is literal, escaped letters are classes.
        [b'\\', escaped, ..] if !escaped.is_ascii_alphanumeric() => 2,
        [first, ..] if !b".[]()*+?{}\\^$".contains(first) => 1,
        _ => return false,
    };
    !matches!(rest.get(literal_bytes), Some(b'*' | b'?' | b'{'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_literal_beginning_anchors() {
        for (pattern, options, expected) in [
            ("^abc", "", "/^?/"),
            (r"\Aabc$", "", "/^?/"),
            (r"^\.x", "", "/^?/"),
            (r"^\Qa.b\E", "", "/^?/"),
            ("^a+", "s", "/^?/"),
            ("^abc", "i", "/^?/i"),
            ("(?i)abc", "", "/?/i"),
            ("abc", "", "/?/"),
            ("", "", "/?/"),
            ("^", "", "/?/"),
            ("^.*abc", "", "/?/"),
            ("^a*", "", "/?/"),
            ("^a?b", "", "/?/"),
            ("^a{0,2}", "", "/?/"),
            (r"^\d+", "", "/?/"),
            ("^[ab]", "", "/?/"),
            ("^abc|def", "", "/?/"),
            ("^abc", "m", "/?/"),
            ("^?", "", "/^?/"),
            ("?", "i", "/?/i"),
        ] {
            let class = RegexClass::of(pattern.as_bytes(), options.as_bytes());
            assert_eq!(class.text(), expected, "/{pattern}/{options}");
        }
    }
}
