//! Names of indexes and constraints that statements ask for by themselves: `FORCE INDEX (a)`,
//! `INDEXED BY a`, the words of `/*+ … */`, `ON CONFLICT ON CONSTRAINT a`. What they name cannot be
//! dropped without breaking or changing them.

use super::Evidence;
use crate::model::facts::ServerFacts;
use regex::Regex;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// What stands around the names. The first group holds them.
static HINTS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let forms = [
        r"(?is)\b(?:use|force|ignore)\s+(?:index|key)\s*(?:for\s+(?:join|order\s+by|group\s+by)\s*)?\(([^)]{0,500})\)",
        r#"(?is)\bindexed\s+by\s+("[^"]{1,128}"|[\w$]{1,128})"#,
        r#"(?is)\bon\s+constraint\s+("[^"]{1,128}"|[\w$]{1,128})"#,
        r"(?is)/\*\+(.{0,2000}?)\*/",
    ];
    forms.iter().filter_map(|form| Regex::new(form).ok()).collect()
});

/// The names that statements of a server ask for, in lower case.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct HintedNames(BTreeSet<String>);

impl HintedNames {
    /// Of all classes of a server, by their fingerprints and slowest examples (which keep comments).
    pub fn of(evidence: &Evidence<'_>, server: &ServerFacts) -> Self {
        let mut names = HintedNames::default();
        for class in evidence.classes.iter().filter(|class| class.server.label == server.label) {
            names.read(&class.class.fingerprint);
            class.example().iter().for_each(|example| names.read(&example.text));
        }
        names
    }

    /// Whether a statement asks for an index or constraint of this name.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains(&name.to_lowercase())
    }

    fn read(&mut self, text: &str) {
        self.read_mongodb(text);
        // Most statements hint at nothing: their text is looked at once, without the forms.
        let is_hinting = text.contains("/*+")
            || text.split_ascii_whitespace().any(|word| {
                let word = word.split('(').next().unwrap_or_default();
                ["index", "key", "indexed", "constraint"]
                    .iter()
                    .any(|w| word.eq_ignore_ascii_case(w))
            });
        if !is_hinting {
            return;
        }
        for form in HINTS.iter() {
            for found in form.captures_iter(text) {
                let Some(group) = found.get(1) else { continue };
                let words = group
                    .as_str()
                    .split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$')));
                self.0.extend(words.filter(|word| !word.is_empty()).map(str::to_lowercase));
            }
        }
    }
}

impl HintedNames {
    /// `hint: "a_1"`, or the keys, `hint: {a: 1, b: -1}`: the name that an index on them has unless
    /// told otherwise.
    fn read_mongodb(&mut self, text: &str) {
        for hint in text.split("hint: ").skip(1) {
            if let Some((name, _)) = hint.strip_prefix('"').and_then(|name| name.split_once('"')) {
                self.0.insert(name.to_lowercase());
            } else if let Some((keys, _)) = hint.strip_prefix('{').and_then(|k| k.split_once('}')) {
                self.0.insert(keys.replace(", ", "_").replace(": ", "_").to_lowercase());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_of_all_engines_are_read_and_plain_words_are_none() {
        let cases: [(&str, &[&str]); 9] = [
            ("select a from t force index (ix_a, `ix_b`) where a = ?", &["ix_a", "ix_b"]),
            ("select a from t USE KEY FOR ORDER BY(ix_a)", &["ix_a"]),
            ("select * from t indexed by \"Ix\" where a = ?", &["ix"]),
            ("/*+ IndexScan(t ix_a) */ select 1", &["indexscan", "ix_a", "t"]),
            ("insert into t values (?) on conflict on constraint t_key do nothing", &["t_key"]),
            ("select index, key from t where key = ?", &[]),
            ("select \"index (x)\" from t", &[]),
            ("find shop.o {filter: {a: ?}, hint: \"Ix-1\"}", &["ix-1"]),
            ("find shop.o {filter: {a: ?}, hint: {a: 1, b.c: -1}}", &["a_1_b.c_-1"]),
        ];
        for (text, expected) in cases {
            let mut names = HintedNames::default();
            names.read(text);
            let found: Vec<_> = names.0.iter().map(String::as_str).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
