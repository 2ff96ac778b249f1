//! What a statement asks of each table: which columns it tests and how, which it joins, sorts by and
//! reads, query block by query block. The index advisor's view of a statement.
//!
//! Input: a masked example and a [`Schema`], which says whose an unqualified column is. Output: a
//! [`Demand`], or `None` where the full grammar does not accept the text: an index is not advised
//! from a guess. How large tables are, and what an access costs, is left to the advisor.

mod conditions;
mod sources;
mod walk;

use super::lexer::Dialect;
use super::shape::Verb;
use super::shape::grammar;
use super::shape::text::Statement;
use std::collections::BTreeSet;

/// What is known of the tables that a statement names.
pub trait Schema {
    /// Whether a table has a column; `None` where the table is not known.
    fn has_column(&self, table: &str, column: &str) -> Option<bool>;
}

/// A schema of which nothing is known.
#[derive(Clone, Copy, Debug)]
pub struct NoSchema;

impl Schema for NoSchema {
    fn has_column(&self, _: &str, _: &str) -> Option<bool> {
        None
    }
}

/// How a condition tests a column against something that no other table gives.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Test {
    /// `=`.
    Equal,
    /// A list: `IN`, `= ANY`, an OR of equalities.
    In,
    /// One end of a range.
    Range,
    /// Both ends of a range.
    Between,
    /// LIKE, GLOB, SIMILAR TO; the case counts.
    Pattern,
    /// ILIKE and regular expressions.
    LoosePattern,
    /// `IS NULL`.
    IsNull,
    /// `IS NOT NULL`.
    NotNull,
    /// The column itself, or `= true`.
    IsTrue,
    /// NOT the column, or `= false`.
    IsFalse,
    /// `@>`, `<@`, `&&`, `?`: what an array or a document holds.
    Contains,
    /// `@@`, MATCH … AGAINST: words of a text.
    Words,
    /// Everything else.
    Other,
}

/// What stands around a tested column.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Within {
    /// Nothing.
    Bare,
    /// An expression of this column alone, without constants, as an index can hold it.
    Expression(String),
    /// Anything else.
    Other,
}

/// One test of a column.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Filter {
    /// The column.
    pub column: String,
    /// How it is tested.
    pub test: Test,
    /// What stands around it.
    pub within: Within,
}

/// A table in a FROM list, or the one that is written to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TableInUse {
    /// Its name as written, folded.
    pub table: String,
    /// Its alias, folded.
    pub alias: Option<String>,
    /// The block that it stands in.
    pub block: usize,
    /// Tests that its rows have to pass, whatever else the statement asks.
    pub filters: Vec<Filter>,
    /// All its columns that the statement names.
    pub reads: BTreeSet<String>,
    /// It reads whole rows: a star, or the rows are written.
    pub reads_all: bool,
    /// Rows of it are updated or deleted.
    pub is_written: bool,
    /// Columns that an UPDATE sets.
    pub sets: BTreeSet<String>,
    /// It is on the side of an outer join that may have no row.
    pub is_optional: bool,
}

/// A column of one of the tables in use.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct UsedColumn {
    /// Its place among [`Demand::uses`].
    pub at: usize,
    /// Its name.
    pub column: String,
}

/// What a block is to the one around it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// The statement itself, a derived table, a CTE, an arm of a set operation.
    Rows,
    /// `EXISTS (…)`, `IN (SELECT …)`: rows around it are kept if it finds one.
    Semi,
    /// NOT EXISTS: rows around it are kept if it finds none.
    Anti,
    /// A value: run for each row around it where it refers to them.
    Value,
}

/// A SELECT, or the part of an UPDATE or DELETE that finds rows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Block {
    /// The block around it.
    pub parent: Option<usize>,
    /// What it is to that one.
    pub role: Role,
    /// It refers to tables of blocks around it.
    pub is_correlated: bool,
    /// Columns that it groups by; empty where one is no column.
    pub group_by: Vec<UsedColumn>,
    /// Columns that it sorts by, and whether each falls; cut before the first that is no column.
    pub order_by: Vec<(UsedColumn, bool)>,
    /// All its sort keys are columns.
    pub order_is_whole: bool,
    /// It ends after some rows.
    pub has_limit: bool,
    /// It folds rows.
    pub aggregates: bool,
}

/// What a statement asks of its tables.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Demand {
    /// The tables, as often as they are used.
    pub uses: Vec<TableInUse>,
    /// The blocks, each behind the one around it.
    pub blocks: Vec<Block>,
    /// Equalities between columns of two uses.
    pub joins: Vec<(UsedColumn, UsedColumn)>,
}

/// Reads the demand of the statement that counts in a text: `None` where it is no SELECT, INSERT,
/// UPDATE or DELETE that the full grammar accepts. Linear in the length of the text.
pub fn read(sql: &str, dialect: Dialect, schema: &dyn Schema) -> Option<Demand> {
    let statement = Statement::first(sql, dialect)?;
    if !matches!(statement.verb, Verb::Select | Verb::Insert | Verb::Update | Verb::Delete) {
        return None;
    }
    let parsed = grammar::parsed(&statement)?;
    let mut walk = walk::Walk::new(schema);
    walk.statement(&parsed);
    walk.finish()
}

#[cfg(test)]
mod tests;
