//! Constants without their values: what stands for them in fingerprints and masked commands.

use super::super::doc::{Kind, Value};

/// The word for each kind of constant.
const WORDS: &[(Kind, &str)] = &[
    (Kind::String, "?string"),
    (Kind::Number, "?number"),
    (Kind::Bool, "?bool"),
    (Kind::ObjectId, "?objectId"),
    (Kind::Date, "?date"),
    (Kind::Timestamp, "?timestamp"),
    (Kind::Binary, "?binary"),
    (Kind::Uuid, "?uuid"),
    (Kind::MinKey, "?minKey"),
    (Kind::MaxKey, "?maxKey"),
    (Kind::Code, "?js"),
    (Kind::Placeholder, "?"),
];

/// The word for a constant; of a masked one, the word it was masked with. `?` where the kind is not
/// known.
pub(in crate::lang::mongo) fn word(value: Value<'_>) -> &'static str {
    if matches!(value.kind(), Kind::String | Kind::Placeholder)
        && let Some((_, word)) = WORDS.iter().find(|(_, word)| *value.text() == *word.as_bytes())
    {
        return word;
    }
    WORDS.iter().find(|(kind, _)| *kind == value.kind()).map_or("?", |(_, word)| word)
}

/// Whether a value is a string that is no word of a mask.
pub(in crate::lang::mongo) fn is_own_string(value: Value<'_>) -> bool {
    value.kind() == Kind::String && {
        let text = value.text();
        !text.starts_with(b"?") || kind(&text).is_none()
    }
}

/// What kind of constant a word stands for.
pub(super) fn kind(word: &[u8]) -> Option<Kind> {
    WORDS.iter().find(|(_, known)| known.as_bytes() == word).map(|(kind, _)| *kind)
}
