//! What a statement does, as data: tables, predicates, joins, order keys. Read once per class from
//! one masked example, so no literal can come through. See [`read`].
//!
//! Owns the data types and the choice of the reader: the full grammar (`grammar`) where it
//! accepts, else our own tokens (`tokens`). What a shape means for performance is left to the
//! rules, rewritten text to `rewrite`.

pub(super) mod condition;
pub(super) mod expr;
pub(super) mod from;
pub(super) mod grammar;
mod mysql;
mod reader;
pub(super) mod scope;
pub(super) mod text;
mod tokens;
mod writes;

use super::lexer::Dialect;
use serde::Serialize;
use text::Statement;

/// Reads the shape of a statement: of the first one that is neither transaction control nor
/// utility where the text holds several, else of the first.
///
/// Takes masked examples, whole fingerprints and unmasked statements alike, cut ones too, and never
/// fails: what is no SQL has verb `Other` and nothing else. Linear in the length of the text.
pub fn read(sql: &str, dialect: Dialect) -> Shape {
    let Some(statement) = Statement::first(sql, dialect) else {
        return Shape::default();
    };
    let full = match statement.verb {
        Verb::Select | Verb::Insert | Verb::Update | Verb::Delete | Verb::Merge | Verb::Copy => {
            grammar::read(&statement)
        }
        _ => None,
    };
    full.unwrap_or_else(|| tokens::read(&statement))
}

/// The verb that [`read`] finds, without reading further than the first word where that says it: of
/// a million fingerprints hardly any is read in full.
pub fn verb(sql: &str, dialect: Dialect) -> Verb {
    let end = sql.bytes().position(|b| !(b.is_ascii_lowercase() || b == b'_'));
    let word = sql.get(..end.unwrap_or(sql.len())).unwrap_or_default();
    match text::verb_of(word) {
        // Another statement may follow, or another word say it.
        Verb::Transaction | Verb::Utility | Verb::Other => {
            Statement::first(sql, dialect).map_or(Verb::Other, |statement| statement.verb)
        }
        verb => verb,
    }
}

/// What kind of statement it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verb {
    /// SELECT, also WITH … SELECT, VALUES and TABLE.
    Select,
    /// INSERT.
    Insert,
    /// UPDATE.
    Update,
    /// DELETE.
    Delete,
    /// MERGE.
    Merge,
    /// COPY.
    Copy,
    /// BEGIN, COMMIT, ROLLBACK, SAVEPOINT and their kin.
    Transaction,
    /// CREATE, ALTER, DROP, TRUNCATE, GRANT and their kin.
    Ddl,
    /// SET, SHOW, VACUUM, ANALYZE, EXPLAIN, LISTEN, DISCARD and the rest that is known.
    Utility,
    /// Anything else.
    #[default]
    Other,
}

impl Verb {
    /// Its name in lower case.
    pub fn word(self) -> &'static str {
        match self {
            Self::Select => "select",
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Merge => "merge",
            Self::Copy => "copy",
            Self::Transaction => "transaction",
            Self::Ddl => "ddl",
            Self::Utility => "utility",
            Self::Other => "other",
        }
    }
}

/// A table and the part it plays.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct TableUse {
    /// Its name as written, schema included, folded to lower case unless quoted.
    pub name: String,
    /// Its alias.
    pub alias: Option<String>,
    /// Whether the statement writes to it.
    pub written: bool,
}

/// How a predicate compares.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Comparison {
    /// `=`, also with ANY.
    Equal,
    /// `<`, `<=`, `>`, `>=`, BETWEEN.
    Range,
    /// `IN (list)`, and with [`Predicate::join`] `IN (SELECT …)`.
    In,
    /// LIKE, ILIKE, SIMILAR TO and regular expressions.
    Like,
    /// `IS [NOT] NULL`.
    Null,
    /// Everything else.
    Other,
}

/// A column, with its table where it is qualified or the statement has only one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ColumnRef {
    /// The table's name (not the alias), when known.
    pub table: Option<String>,
    /// The column's name.
    pub column: String,
}

/// One comparison in WHERE, ON or HAVING.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Predicate {
    /// The column.
    pub column: ColumnRef,
    /// How it is compared.
    pub comparison: Comparison,
    /// What stands around the column and keeps a plain index from serving it, the outermost: the
    /// name of a function (`lower`), a cast (`::text`), an operator (`+`, `->>`) or `[]`.
    pub wrapped_in: Option<String>,
    /// Compared with another table's column (a join), not with a constant.
    pub join: bool,
    /// Stands below an OR.
    pub below_or: bool,
}

/// An OR whose arms test different columns.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct OrGroup {
    /// The columns that the arms test, in order of appearance, each once.
    pub columns: Vec<ColumnRef>,
}

/// `x NOT IN (SELECT …)`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct NotIn {
    /// The column on the left, when it is one.
    pub column: Option<ColumnRef>,
    /// The first table the subquery reads.
    pub table: Option<String>,
    /// The column the subquery returns, when it is one.
    pub returns: Option<String>,
}

/// A subquery that refers to a table outside.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Correlated {
    /// Stands in the select list, SET or ORDER BY (runs once per row); otherwise in a condition.
    pub in_select_list: bool,
    /// Is an EXISTS or NOT EXISTS, which planners turn into a join.
    pub exists: bool,
    /// The tables it reads.
    pub tables: Vec<String>,
    /// The outer columns it refers to.
    pub outer: Vec<ColumnRef>,
}

/// An ORDER BY key.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct OrderKey {
    /// The column, when it is one.
    pub column: Option<ColumnRef>,
    /// Descending.
    pub descending: bool,
}

/// What a statement does.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Shape {
    /// What kind it is.
    pub verb: Verb,
    /// Whether it was read by a full grammar; otherwise by tokens, and lists may be incomplete.
    pub exact: bool,
    /// Tables, in order of appearance, each once. CTE names are none.
    pub tables: Vec<TableUse>,
    /// `SELECT *` or `t.*` in the list of the outermost select (not in EXISTS, not `count(*)`)
    /// takes all columns of a table; over a CTE or a derived table it takes what they spell out.
    pub selects_star: bool,
    /// Comparisons of columns, also inside subqueries, each once. A negated one is
    /// [`Comparison::Other`], but for NULL tests.
    pub predicates: Vec<Predicate>,
    /// ORs across columns of WHERE.
    pub ors: Vec<OrGroup>,
    /// NOT IN over subqueries.
    pub not_ins: Vec<NotIn>,
    /// Correlated subqueries.
    pub correlated: Vec<Correlated>,
    /// ORDER BY of the outermost select.
    pub order_by: Vec<OrderKey>,
    /// ORDER BY random() or rand().
    pub orders_by_random: bool,
    /// The outermost select has LIMIT or FETCH FIRST.
    pub limit: bool,
    /// The outermost select has OFFSET.
    pub offset: bool,
    /// The outermost statement has WHERE (or, for UPDATE and DELETE, a join that restricts it).
    pub has_where: bool,
    /// The outermost select aggregates (GROUP BY, DISTINCT, or an aggregate function).
    pub aggregates: bool,
    /// SELECT … FOR UPDATE and its kin.
    pub locks_rows: bool,
}

#[cfg(test)]
mod tests;
