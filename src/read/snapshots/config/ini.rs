//! Files of sections: `[section]`, then `name = value` or a bare name.

use super::{At, lines};

/// A line that says something.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct IniLine<'t> {
    pub at: At,
    /// The section above it; empty before the first.
    pub section: &'t str,
    pub what: What<'t>,
}

/// What a line says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum What<'t> {
    /// A section begins.
    Section,
    /// A name, and what stands behind `=`, with quotes and comments.
    Option(&'t str, Option<&'t str>),
    /// `!include file`, `%include file`.
    Include(&'t str),
}

/// The lines of a text that say something; comments begin with `#` or `;`.
pub(super) fn ini_lines(text: &str) -> impl Iterator<Item = IniLine<'_>> {
    let mut section = "";
    lines(text).filter_map(move |(at, line)| {
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            return None;
        }
        let what = if let Some(inner) = line.strip_prefix('[') {
            section = inner.split(']').next().unwrap_or_default().trim();
            What::Section
        } else if let Some(directive) = line.strip_prefix(['!', '%']) {
            What::Include(directive.split_once(char::is_whitespace)?.1.trim())
        } else {
            match line.split_once('=') {
                Some((name, value)) => What::Option(name.trim(), Some(value.trim())),
                None => What::Option(line, None),
            }
        };
        Some(IniLine { at, section, what })
    })
}

/// A value without its quotes and the comment behind it.
pub(super) fn unquoted(value: &str) -> &str {
    for quote in ['"', '\''] {
        if let Some(inner) = value.strip_prefix(quote) {
            return inner.split(quote).next().unwrap_or_default();
        }
    }
    value.split(" #").next().unwrap_or_default().trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_lose_quotes_and_comments() {
        for (value, expected) in [
            ("4G # half of it", "4G"),
            ("\"a # b\" # c", "a # b"),
            ("'it", "it"),
            ("C#", "C#"),
            ("", ""),
        ] {
            assert_eq!(unquoted(value), expected);
        }
    }
}
