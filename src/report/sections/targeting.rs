//! How well the operations of a class hit what they look for: keys and documents examined for each
//! one that came of it. Only MongoDB's logs count all three.

use super::item;
use crate::judge::words;
use crate::report::phrases::{amount, plural};
use crate::report::types::{Attribute, Measure, Number, Query};

/// What comes of an operation: of a read, an update, a removal.
const RESULTS: [(&str, &str); 3] =
    [("nreturned", "returned"), ("nmatched", "matched"), ("ndeleted", "deleted")];

pub fn write(query: &Query, out: &mut String) {
    let sum = |name: &str| match query.attributes.get(name)? {
        Attribute::Numbers { sum: Number(sum), .. } => Some(*sum),
        _ => None,
    };
    let (keys, documents) =
        (sum("keys_examined").unwrap_or(0.0), sum("docs_examined").unwrap_or(0.0));
    if keys == 0.0 && documents == 0.0 {
        return;
    }
    let mut text = format!(
        "{} and {}",
        plural(keys as u64, "index key"),
        plural(documents as u64, "document")
    );
    let results = RESULTS.iter().filter_map(|(name, word)| Some((sum(name)?, *word)));
    let mut results = results.peekable();
    let first = results.peek().copied();
    match results.find(|(count, _)| *count > 0.0).or(first) {
        Some((0.0, word)) => text += &format!("; none {word}"),
        Some((count, word)) => {
            let each = |of: f64, noun: &str| {
                let s = if of == count { "" } else { "s" };
                format!("{} {noun}{s}", amount(Measure::Count, Number(of / count)))
            };
            text += &format!(
                " for {} {word}: {} and {} for each one",
                words::count(count as u64),
                each(documents, "document"),
                each(keys, "key")
            );
            if documents == 0.0 {
                text += ", from the index alone";
            }
        }
        None => {}
    }
    item(out, "examined", &text);
}
