//! Conditions: WHERE, ON and HAVING as predicates, ORs across columns and NOT IN subqueries.
//!
//! Input: one condition and the names in sight. Output: what [`Reader`] collects in its shape.
//! Expressions that hold no comparison of a column are only searched for subqueries.

use sqlparser::ast::{
    BinaryOperator, Expr, Query, SelectItem, SetExpr, TableFactor, UnaryOperator,
};

use super::expr::{Found, MAX_DEPTH, bare, children, find_column, plain_column};
use super::reader::{Place, Reader};
use super::{ColumnRef, Comparison, NotIn, OrGroup, Predicate};

/// Which clause a condition stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Clause {
    Where,
    On,
    Having,
}

/// What stands around a part of a condition.
#[derive(Clone, Copy)]
struct Around {
    clause: Clause,
    below_or: bool,
    negated: bool,
}

/// A comparison taken apart.
struct Test<'e> {
    left: &'e Expr,
    right: Vec<&'e Expr>,
    comparison: Comparison,
    /// What the left side is compared with, where it is a query.
    subquery: Option<&'e Query>,
    /// `NOT IN (SELECT …)` or `<> ALL (SELECT …)`.
    not_in: bool,
}

impl Reader {
    /// Reads a whole condition.
    pub(super) fn condition(&mut self, condition: &Expr, clause: Clause) {
        self.part(condition, Around { clause, below_or: false, negated: false });
    }

    fn part(&mut self, part: &Expr, around: Around) {
        if !self.enter() {
            return;
        }
        match bare(part) {
            Expr::UnaryOp { op: UnaryOperator::Not | UnaryOperator::BangNot, expr } => {
                self.part(expr, Around { negated: !around.negated, ..around });
            }
            Expr::BinaryOp { op: op @ (BinaryOperator::And | BinaryOperator::Or), .. } => {
                let arms = flatten(part, op);
                let is_or = (*op == BinaryOperator::Or) != around.negated;
                if is_or && !around.below_or && !around.negated && around.clause == Clause::Where {
                    self.or_group(&arms);
                }
                let below_or = around.below_or || is_or;
                for arm in arms {
                    self.part(arm, Around { below_or, ..around });
                }
            }
            leaf => {
                if let Some(test) = Test::of(leaf) {
                    self.test(&test, around);
                }
                self.expression(leaf, Place::Condition);
            }
        }
        self.leave();
    }

    fn test(&mut self, test: &Test, around: Around) {
        let null = test.comparison == Comparison::Null;
        let comparison = if around.negated && !null { Comparison::Other } else { test.comparison };
        let left: Vec<_> = self.columns(test.left);
        let right: Vec<_> = test.right.iter().flat_map(|side| self.columns(side)).collect();
        for (own, other, is_left) in [(&left, &right, true), (&right, &left, false)] {
            for found in own {
                let join =
                    test.subquery.is_some() || other.iter().any(|other| !found.same_row(other));
                // No index serves a test of two columns of one row, nor a column of patterns.
                let one_row = !join && !other.is_empty();
                let pattern = !is_left && comparison == Comparison::Like;
                let comparison = if one_row || pattern { Comparison::Other } else { comparison };
                self.add_predicate(Predicate {
                    column: found.column.clone(),
                    comparison,
                    wrapped_in: found.wrapped_in.clone(),
                    join,
                    below_or: around.below_or,
                });
            }
        }
        if let (Some(subquery), true) = (test.subquery, test.not_in != around.negated) {
            let column = plain_column(test.left, &mut self.scopes);
            let not_in = self.not_in(column, subquery);
            self.shape.not_ins.push(not_in);
        }
    }

    /// The columns of one side: of each element of a row, else of the whole.
    fn columns(&mut self, side: &Expr) -> Vec<Found> {
        let scopes = &mut self.scopes;
        match bare(side) {
            Expr::Tuple(row) => {
                row.iter().filter_map(|element| find_column(element, scopes, 0)).collect()
            }
            side => find_column(side, scopes, 0).into_iter().collect(),
        }
    }

    fn not_in(&self, column: Option<ColumnRef>, subquery: &Query) -> NotIn {
        let SetExpr::Select(select) = &*subquery.body else {
            return NotIn { column, table: None, returns: None };
        };
        let table = select.from.first().and_then(|item| match &item.relation {
            TableFactor::Table { name, args: None, .. } => self.scopes.table_name(name),
            _ => None,
        });
        let returns = match select.projection.as_slice() {
            [SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }] => {
                match bare(expr) {
                    Expr::Identifier(ident) => Some(super::scope::fold(ident)),
                    Expr::CompoundIdentifier(parts) => parts.last().map(super::scope::fold),
                    _ => None,
                }
            }
            _ => None,
        };
        NotIn { column, table, returns }
    }

    /// Notes an OR whose arms test different columns. Columns that all arms test are no difference,
    /// and an arm that tests nothing else is served by what serves those.
    fn or_group(&mut self, arms: &[&Expr]) {
        let mut tested: Vec<Vec<ColumnRef>> = Vec::new();
        for arm in arms {
            let mut columns = Vec::new();
            self.tested(arm, &mut columns, 0);
            if !columns.is_empty() {
                tested.push(columns);
            }
        }
        let Some((first, rest)) = tested.split_first() else {
            return;
        };
        let mut common = first.clone();
        common.retain(|column| rest.iter().all(|arm| arm.contains(column)));
        let mut columns: Vec<ColumnRef> = Vec::new();
        for arm in &tested {
            let own: Vec<_> = arm.iter().filter(|column| !common.contains(column)).collect();
            if own.is_empty() {
                return;
            }
            for column in own {
                if !columns.contains(column) {
                    columns.push(column.clone());
                }
            }
        }
        if columns.len() > 1 {
            self.shape.ors.push(OrGroup { columns });
        }
    }

    /// The columns that the comparisons of a condition test, each once.
    fn tested(&mut self, condition: &Expr, columns: &mut Vec<ColumnRef>, depth: usize) {
        if depth >= MAX_DEPTH {
            return;
        }
        match bare(condition) {
            Expr::BinaryOp { op: op @ (BinaryOperator::And | BinaryOperator::Or), .. } => {
                for arm in flatten(condition, op) {
                    self.tested(arm, columns, depth + 1);
                }
            }
            Expr::UnaryOp { op: UnaryOperator::Not, expr } => {
                self.tested(expr, columns, depth + 1);
            }
            leaf => {
                let Some(test) = Test::of(leaf) else {
                    return;
                };
                for side in std::iter::once(test.left).chain(test.right) {
                    for found in self.columns(side) {
                        if !columns.contains(&found.column) {
                            columns.push(found.column);
                        }
                    }
                }
            }
        }
    }
}

/// The operands of a chain of one operator, in order; parentheses within the chain do not matter.
pub(in crate::lang::sql) fn flatten<'e>(expr: &'e Expr, op: &BinaryOperator) -> Vec<&'e Expr> {
    let mut operands = Vec::new();
    let mut waiting = vec![expr];
    while let Some(expr) = waiting.pop() {
        match bare(expr) {
            Expr::BinaryOp { left, op: found, right } if found == op => {
                waiting.extend([&**right, &**left]);
            }
            _ => operands.push(expr),
        }
    }
    operands
}

impl<'e> Test<'e> {
    /// The comparison an expression is, if it is one.
    fn of(expr: &'e Expr) -> Option<Self> {
        let plain = |left, right, comparison| {
            Some(Self { left, right, comparison, subquery: None, not_in: false })
        };
        let unless = |negated: bool, comparison| {
            if negated { Comparison::Other } else { comparison }
        };
        match expr {
            Expr::Identifier(_)
            | Expr::CompoundIdentifier(_)
            | Expr::IsTrue(_)
            | Expr::IsNotTrue(_)
            | Expr::IsFalse(_)
            | Expr::IsNotFalse(_)
            | Expr::IsUnknown(_)
            | Expr::IsNotUnknown(_) => {
                let inner = children(expr).first().copied().unwrap_or(expr);
                plain(inner, Vec::new(), Comparison::Other)
            }
            Expr::IsNull(inner) | Expr::IsNotNull(inner) => {
                plain(inner, Vec::new(), Comparison::Null)
            }
            Expr::IsDistinctFrom(left, right) | Expr::IsNotDistinctFrom(left, right) => {
                plain(left, vec![right], Comparison::Other)
            }
            Expr::Between { expr, negated, low, high } => {
                plain(expr, vec![low, high], unless(*negated, Comparison::Range))
            }
            Expr::Like { negated, expr, pattern, .. }
            | Expr::ILike { negated, expr, pattern, .. }
            | Expr::SimilarTo { negated, expr, pattern, .. }
            | Expr::RLike { negated, expr, pattern, .. } => {
                plain(expr, vec![pattern], unless(*negated, Comparison::Like))
            }
            // The list of a row is rows: only its left side says which columns are tested.
            Expr::InList { expr, negated, .. } => {
                plain(expr, Vec::new(), unless(*negated, Comparison::In))
            }
            Expr::InUnnest { expr, negated, .. } => {
                plain(expr, Vec::new(), unless(*negated, Comparison::In))
            }
            Expr::InSubquery { expr, subquery, negated } => Some(Self {
                left: expr,
                right: Vec::new(),
                comparison: unless(*negated, Comparison::In),
                subquery: Some(subquery),
                not_in: *negated,
            }),
            Expr::AnyOp { left, compare_op, right, .. } => {
                let subquery = query_of(right);
                let right = if subquery.is_some() { Vec::new() } else { vec![&**right] };
                let comparison = match (right.as_slice(), compare_op) {
                    // `? = ANY (column)` looks inside an array.
                    ([array], _) if holds_column(array) => Comparison::Other,
                    (_, op) => comparison(op)?,
                };
                Some(Self { left, right, comparison, subquery, not_in: false })
            }
            Expr::AllOp { left, compare_op, right } => Some(Self {
                left,
                right: Vec::new(),
                comparison: Comparison::Other,
                subquery: query_of(right),
                not_in: *compare_op == BinaryOperator::NotEq,
            }),
            Expr::BinaryOp { left, op, right } => plain(left, vec![right], comparison(op)?),
            _ => None,
        }
    }
}

/// The query that an operand is, within any parentheses.
fn query_of(operand: &Expr) -> Option<&Query> {
    match bare(operand) {
        Expr::Subquery(query) => Some(query),
        _ => None,
    }
}

fn holds_column(operand: &Expr) -> bool {
    matches!(bare(operand), Expr::Identifier(_) | Expr::CompoundIdentifier(_))
}

/// How an operator compares; `None` where its result is no truth value.
fn comparison(op: &BinaryOperator) -> Option<Comparison> {
    Some(match op {
        BinaryOperator::Eq | BinaryOperator::Spaceship => Comparison::Equal,
        BinaryOperator::Gt | BinaryOperator::Lt | BinaryOperator::GtEq | BinaryOperator::LtEq => {
            Comparison::Range
        }
        BinaryOperator::PGLikeMatch
        | BinaryOperator::PGILikeMatch
        | BinaryOperator::PGRegexMatch
        | BinaryOperator::PGRegexIMatch
        | BinaryOperator::PGStartsWith
        | BinaryOperator::Regexp
        | BinaryOperator::Glob => Comparison::Like,
        BinaryOperator::NotEq
        | BinaryOperator::PGNotLikeMatch
        | BinaryOperator::PGNotILikeMatch
        | BinaryOperator::PGRegexNotMatch
        | BinaryOperator::PGRegexNotIMatch
        | BinaryOperator::PGOverlap
        | BinaryOperator::Match
        | BinaryOperator::AtAt
        | BinaryOperator::AtArrow
        | BinaryOperator::ArrowAt
        | BinaryOperator::AtQuestion
        | BinaryOperator::Question
        | BinaryOperator::QuestionAnd
        | BinaryOperator::QuestionPipe => Comparison::Other,
        _ => return None,
    })
}
