//! A statement's shape by the full grammar of the sqlparser crate.
//!
//! Input: a statement whose constants may be masked. Output: its shape, or `None` where the grammar
//! does not accept it or where it is too long or too deep to be given to it. What the parser's tree
//! says is left to `reader`.

use sqlparser::ast::{
    Distinct, GroupByExpr, OrderByExpr, OrderBySort, Select, SelectItem, Statement as Parsed,
};
use sqlparser::dialect::{MySqlDialect, PostgreSqlDialect, SQLiteDialect};
use sqlparser::parser::Parser;

use super::super::lexer::{Dialect, TokenKind};
use super::Shape;
use super::expr::aggregates;
use super::mysql;
use super::reader::Reader;
use super::text::Statement;

/// Longest text that is given to the parser, in bytes.
const MAX_BYTES: usize = 32 * 1024;
/// Most parentheses that may be open at once, and the parser's own limit of recursion.
const MAX_NESTING: usize = 50;
/// Most operators: the parser builds chains of them as deep trees.
const MAX_OPERATORS: usize = 2000;

/// Reads a statement by the grammar.
pub(in crate::lang::sql) fn read(statement: &Statement) -> Option<Shape> {
    let parsed = parsed(statement)?;
    let mut reader = Reader::new(statement.verb);
    reader.statement(&parsed);
    reader.shape.exact.then_some(reader.shape)
}

/// The parser's tree of a statement, with constants in place of masked ones.
pub(in crate::lang::sql) fn parsed(statement: &Statement) -> Option<Parsed> {
    let text = statement.spell_with(
        |index, text| spell_constant(statement, index, text),
        |index| mysql::spelling(statement, index),
    );
    parse(statement, &text)
}

/// Parses the text made of a statement.
pub(in crate::lang::sql) fn parse(statement: &Statement, text: &str) -> Option<Parsed> {
    if text.len() > MAX_BYTES || !is_tame(statement) {
        return None;
    }
    let dialect: &dyn sqlparser::dialect::Dialect = match statement.dialect {
        Dialect::Postgres => &PostgreSqlDialect {},
        Dialect::Mysql => &MySqlDialect {},
        Dialect::Sqlite => &SQLiteDialect {},
    };
    let parser = Parser::new(dialect).with_recursion_limit(MAX_NESTING);
    let mut parsed = parser.try_with_sql(text).ok()?.parse_statements().ok()?;
    let only = parsed.pop()?;
    parsed.is_empty().then_some(only)
}

/// Whether a statement is complete, neither nested nor chained beyond measure, and free of
/// `FROM ONLY t`, which the parser takes for a table of that name.
fn is_tame(statement: &Statement) -> bool {
    let mut depth = 0usize;
    let mut operators = 0usize;
    for (index, token) in statement.tokens.iter().enumerate() {
        match token.kind {
            TokenKind::Punct(b'(' | b'[') => depth += 1,
            TokenKind::Punct(b')' | b']') => depth = depth.saturating_sub(1),
            TokenKind::Op => operators += 1,
            TokenKind::Word => {
                const BEFORE_ONLY: [&str; 3] = ["from", "join", "update"];
                const CHAINING: [&str; 11] = [
                    "and",
                    "or",
                    "xor",
                    "is",
                    "like",
                    "collate",
                    "at",
                    "union",
                    "except",
                    "intersect",
                    "div",
                ];
                let word = statement.word(index).unwrap_or("");
                if word.eq_ignore_ascii_case("only")
                    && index.checked_sub(1).is_some_and(|before| {
                        BEFORE_ONLY.iter().any(|word| statement.is_word(before, word))
                    })
                {
                    return false;
                }
                operators += usize::from(CHAINING.iter().any(|op| op.eq_ignore_ascii_case(word)));
            }
            _ => {}
        }
        if !token.terminated || depth > MAX_NESTING || operators > MAX_OPERATORS {
            return false;
        }
    }
    true
}

/// A constant that the grammar takes where the masked one stood.
fn spell_constant(statement: &Statement, index: usize, text: &mut String) {
    let string = matches!(statement.tokens[index].kind, TokenKind::String(_));
    text.push_str(if string { "'?'" } else { "0" });
}

/// Whether a key sorts downwards.
pub(in crate::lang::sql) fn is_descending(key: &OrderByExpr) -> bool {
    matches!(key.options.sort, Some(OrderBySort::Desc))
}

/// Whether a select folds rows: GROUP BY, HAVING, DISTINCT or an aggregate function.
pub(in crate::lang::sql) fn folds_rows(select: &Select) -> bool {
    let grouped = match &select.group_by {
        GroupByExpr::All(_) => true,
        GroupByExpr::Expressions(keys, sets) => !keys.is_empty() || !sets.is_empty(),
    };
    grouped
        || select.having.is_some()
        || matches!(select.distinct, Some(Distinct::Distinct | Distinct::On(_)))
        || select.projection.iter().any(|item| match item {
            SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => {
                aggregates(expr)
            }
            _ => false,
        })
}
