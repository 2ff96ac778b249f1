//! MySQL's syntax that the parser's grammar lacks, spelled so that it takes it.
//!
//! Input: a token of a statement. Output: what to write in its place for the parser, whose tree has
//! the same tables, predicates and keys then. The spelling is never shown.

use super::super::lexer::{Dialect, TokenKind};
use super::Verb;
use super::text::Statement;

/// Words that change how a statement runs, not what it says, behind its verb.
const MODIFIERS: [&str; 5] = ["low_priority", "high_priority", "delayed", "quick", "ignore"];
/// So many tokens from the start a modifier stands at most.
const HEAD: usize = 5;
/// The list of an UPDATE's tables has so many tokens at most.
const MAX_LIST: usize = 64;

/// What to write for the token at `index`; `None` for what it is.
pub(super) fn spelling(statement: &Statement, index: usize) -> Option<&'static str> {
    if statement.dialect != Dialect::Mysql {
        return None;
    }
    match statement.tokens.get(index)?.kind {
        TokenKind::Word => word(statement, index),
        // `update t1, t2 set …`
        TokenKind::Punct(b',') if in_update_list(statement, index) => Some(" cross join "),
        TokenKind::Op if statement.text(statement.tokens[index]) == "!" => Some(" not "),
        _ => None,
    }
}

fn word(statement: &Statement, index: usize) -> Option<&'static str> {
    let is = |at: usize, word: &str| statement.is_word(at, word);
    let word = statement.word(index)?;
    let is_modifier = |at: usize| MODIFIERS.iter().any(|modifier| is(at, modifier));
    if (1..HEAD).contains(&index) && is_modifier(index) {
        let behind_verb = (1..index).all(is_modifier)
            && ["select", "insert", "update", "delete", "replace"].iter().any(|verb| is(0, verb));
        // The grammar knows INSERT IGNORE.
        let known = word.eq_ignore_ascii_case("ignore") && statement.verb == Verb::Insert;
        return (behind_verb && !known).then_some("");
    }
    // `lock in share mode` is `for share`.
    let start = (index.saturating_sub(3)..=index).find(|&at| {
        is(at, "lock") && is(at + 1, "in") && is(at + 2, "share") && is(at + 3, "mode")
    });
    if let Some(start) = start {
        return ["for", "", "share", ""].get(index - start).copied();
    }
    let operand = index.checked_sub(1).and_then(|before| statement.tokens.get(before));
    let is_operator = is(index, "mod")
        && !statement.is_punct(index + 1, b'(')
        && operand.is_some_and(|token| {
            !matches!(token.kind, TokenKind::Op | TokenKind::Punct(b'.' | b',' | b'('))
        });
    is_operator.then_some("%")
}

/// Whether the comma at `index` stands between the tables of an UPDATE.
fn in_update_list(statement: &Statement, index: usize) -> bool {
    index < MAX_LIST
        && statement.verb == Verb::Update
        && statement.is_word(0, "update")
        && !(1..index).any(|at| statement.is_word(at, "set") || statement.is_punct(at, b'('))
}
