//! What a statement does, in the words of its engine: the first thing a report says of a class.

use super::Language;
use super::sql::shape::{self, Verb};

/// What a statement does to data.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// It reads.
    Reads,
    /// It writes.
    Writes,
    /// Neither, or nobody knows.
    Other,
}

/// What a statement does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Deed {
    /// In the engine's word: `select`, `findAndModify`; `command` and `other` for all the rest.
    pub word: &'static str,
    /// What that does to data.
    pub effect: Effect,
}

/// MongoDB's commands that classes are told apart by.
const COMMANDS: &[(&str, Effect)] = &[
    ("find", Effect::Reads),
    ("aggregate", Effect::Reads),
    ("count", Effect::Reads),
    ("distinct", Effect::Reads),
    ("mapReduce", Effect::Reads),
    ("group", Effect::Reads),
    ("getMore", Effect::Reads),
    ("insert", Effect::Writes),
    ("update", Effect::Writes),
    ("delete", Effect::Writes),
    ("findAndModify", Effect::Writes),
    ("bulkWrite", Effect::Writes),
];

/// What the statement of a fingerprint does.
pub fn of(fingerprint: &str, language: Language) -> Deed {
    match language {
        Language::Sql(dialect) => {
            let verb = shape::verb(fingerprint, dialect);
            let effect = match verb {
                Verb::Select => Effect::Reads,
                Verb::Insert | Verb::Update | Verb::Delete | Verb::Merge => Effect::Writes,
                _ => Effect::Other,
            };
            Deed { word: verb.word(), effect }
        }
        Language::Mongo => {
            let word = fingerprint.split(' ').next().unwrap_or_default();
            let known = COMMANDS.iter().find(|(command, _)| *command == word);
            known.map_or(Deed { word: "command", effect: Effect::Other }, |(word, effect)| Deed {
                word,
                effect: *effect,
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::sql::lexer::Dialect;

    #[test]
    fn statements_are_known_by_their_first_word() {
        let (sql, mongo) = (Language::Sql(Dialect::Postgres), Language::Mongo);
        for (text, language, word, effect) in [
            ("select ?", sql, "select", Effect::Reads),
            ("update t set a = ?", sql, "update", Effect::Writes),
            ("vacuum t", sql, "utility", Effect::Other),
            ("find shop.orders {filter: {a: ?}}", mongo, "find", Effect::Reads),
            ("findAndModify shop.orders", mongo, "findAndModify", Effect::Writes),
            ("createIndexes shop.orders {}", mongo, "command", Effect::Other),
            ("", mongo, "command", Effect::Other),
        ] {
            assert_eq!(of(text, language), Deed { word, effect }, "{text}");
        }
    }
}
