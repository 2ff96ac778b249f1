//! Conditions as filters and joins: the tests that every row has to pass. What stands below an OR
//! counts only where all its arms ask it.

use super::super::shape::condition::flatten;
use super::super::shape::expr::{any, bare, children};
use super::super::shape::scope::last_part;
use super::walk::Walk;
use super::{Filter, Role, Test, UsedColumn, Within};
use sqlparser::ast::{BinaryOperator, Expr, Query, SetExpr, UnaryOperator, Value};

/// Longest expression that an index is made of, in bytes.
const MAX_EXPRESSION_BYTES: usize = 200;

impl Walk<'_> {
    /// A condition that all rows have to pass.
    pub(super) fn condition(&mut self, condition: &Expr) {
        self.part(condition, &[], false);
    }

    /// The condition of an outer join: it takes no row from the uses that are kept.
    pub(super) fn outer_condition(&mut self, condition: &Expr, kept: &[usize]) {
        self.part(condition, kept, false);
    }

    fn part(&mut self, part: &Expr, kept: &[usize], is_negated: bool) {
        if !self.enter() {
            return self.leave();
        }
        match bare(part) {
            Expr::BinaryOp { op: BinaryOperator::And, .. } if !is_negated => {
                for arm in flatten(part, &BinaryOperator::And) {
                    self.part(arm, kept, false);
                }
            }
            Expr::BinaryOp { op: BinaryOperator::Or, .. } if !is_negated => self.or(part, kept),
            Expr::UnaryOp { op: UnaryOperator::Not | UnaryOperator::BangNot, expr } => {
                self.part(expr, kept, !is_negated);
            }
            leaf => self.leaf(leaf, kept, is_negated),
        }
        self.leave();
    }

    /// What all arms of an OR ask: equalities of columns, and tests of one column, which are a list
    /// then, as their masked constants may differ.
    fn or(&mut self, condition: &Expr, kept: &[usize]) {
        let arms = flatten(condition, &BinaryOperator::Or);
        let parts: Vec<Vec<&Expr>> =
            arms.iter().map(|arm| flatten(arm, &BinaryOperator::And)).collect();
        let Some((first, others)) = parts.split_first() else { return };
        for one in first {
            let is_in_all =
                others.iter().all(|arm| arm.iter().any(|other| bare(other) == bare(one)));
            if is_in_all && let Some((left, right)) = self.equal_columns(one) {
                self.join(left, right);
                continue;
            }
            let Some((column, within)) = self.listed(one) else { continue };
            let same = Some((column.clone(), within.clone()));
            let is_list =
                others.iter().all(|arm| arm.iter().any(|other| self.listed(other) == same));
            if is_list {
                self.add_filter(column, Test::In, within, kept);
            }
        }
        arms.into_iter().for_each(|arm| self.read(arm));
    }

    /// The column that an equality or a list tests against constants.
    fn listed(&mut self, part: &Expr) -> Option<(UsedColumn, Within)> {
        match bare(part) {
            Expr::BinaryOp { left, op: BinaryOperator::Eq, right } => {
                let (tested, other) =
                    if self.is_constant(right) { (left, right) } else { (right, left) };
                self.is_constant(other).then(|| self.tested(tested))?
            }
            Expr::InList { expr, negated: false, .. } => self.tested(expr),
            _ => None,
        }
    }

    /// The two columns that an equality joins.
    fn equal_columns(&mut self, part: &Expr) -> Option<(UsedColumn, UsedColumn)> {
        let Expr::BinaryOp { left, op: BinaryOperator::Eq | BinaryOperator::Spaceship, right } =
            bare(part)
        else {
            return None;
        };
        let (left, right) = (self.plain_column(left)?, self.plain_column(right)?);
        (left.at != right.at).then_some((left, right))
    }

    fn join(&mut self, left: UsedColumn, right: UsedColumn) {
        let pair = (left, right);
        if !self.demand.joins.contains(&pair) {
            self.demand.joins.push(pair);
        }
    }

    fn leaf(&mut self, leaf: &Expr, kept: &[usize], is_negated: bool) {
        match leaf {
            Expr::Exists { subquery, negated } => {
                let role = if *negated == is_negated { Role::Semi } else { Role::Anti };
                return self.query(subquery, role, true);
            }
            Expr::InSubquery { expr, subquery, negated } => {
                self.read(expr);
                let column = self.plain_column(expr);
                let is_kept = *negated == is_negated;
                return self.in_query(column.filter(|_| is_kept), subquery, is_kept);
            }
            _ => {}
        }
        if let Some((left, right)) = self.equal_columns(leaf).filter(|_| !is_negated) {
            return self.join(left, right);
        }
        if let Some((tested, test)) = self.test(leaf, is_negated) {
            for one in tested {
                if let Some((column, within)) = self.tested(one) {
                    self.add_filter(column, test, within, kept);
                }
            }
        }
        self.read(leaf);
    }

    /// `column IN (SELECT …)`: a join with the column that the select gives.
    fn in_query(&mut self, column: Option<UsedColumn>, query: &Query, is_kept: bool) {
        let role = if is_kept { Role::Semi } else { Role::Value };
        let block = self.demand.blocks.len();
        self.query(query, role, false);
        let Some(column) = column else { return };
        // The tables of the select are no longer in sight: it gives one column, by its plain name.
        let SetExpr::Select(select) = &*query.body else { return };
        let [item] = &*select.projection else { return };
        let (sqlparser::ast::SelectItem::UnnamedExpr(expr)
        | sqlparser::ast::SelectItem::ExprWithAlias { expr, .. }) = item
        else {
            return;
        };
        let name = match bare(expr) {
            Expr::Identifier(name) => super::super::shape::scope::fold(name),
            Expr::CompoundIdentifier(parts) => match parts.last() {
                Some(name) => super::super::shape::scope::fold(name),
                None => return,
            },
            _ => return,
        };
        let mut givers = self
            .demand
            .uses
            .iter()
            .enumerate()
            .filter(|(_, used)| used.block == block && used.reads.contains(&name));
        if let (Some((at, _)), None) = (givers.next(), givers.next()) {
            self.join(column, UsedColumn { at, column: name });
        }
    }

    fn add_filter(&mut self, column: UsedColumn, test: Test, within: Within, kept: &[usize]) {
        let is_kept = kept.contains(&column.at);
        let Some(used) = self.demand.uses.get_mut(column.at).filter(|_| !is_kept) else { return };
        // Two ends of one range.
        let other_end = used.filters.iter_mut().find(|known| {
            known.column == column.column && known.within == within && known.test == Test::Range
        });
        match (other_end, test) {
            (Some(known), Test::Range) => known.test = Test::Between,
            _ => {
                let filter = Filter { column: column.column, test, within };
                if !used.filters.contains(&filter) {
                    used.filters.push(filter);
                }
            }
        }
    }

    /// The sides of a condition that are tested against what is the same for all rows, and how.
    fn test<'e>(&mut self, leaf: &'e Expr, is_negated: bool) -> Option<(Vec<&'e Expr>, Test)> {
        let (tested, test, negated) = match leaf {
            Expr::Identifier(_) | Expr::CompoundIdentifier(_) => {
                let test = if is_negated { Test::IsFalse } else { Test::IsTrue };
                return Some((vec![leaf], test));
            }
            Expr::IsTrue(expr) => (vec![&**expr], Test::IsTrue, false),
            Expr::IsFalse(expr) => (vec![&**expr], Test::IsFalse, false),
            Expr::IsNull(expr) | Expr::IsNotNull(expr) => {
                let is_null = matches!(leaf, Expr::IsNull(_)) != is_negated;
                let test = if is_null { Test::IsNull } else { Test::NotNull };
                return Some((vec![&**expr], test));
            }
            Expr::Between { expr, negated, low, high } => {
                let is_same = self.is_constant(low) && self.is_constant(high);
                (vec![&**expr], if is_same { Test::Between } else { Test::Other }, *negated)
            }
            Expr::InList { expr, list, negated } => {
                let is_same = list.iter().all(|one| self.is_constant(one));
                (vec![&**expr], if is_same { Test::In } else { Test::Other }, *negated)
            }
            Expr::Like { negated, expr, .. } | Expr::SimilarTo { negated, expr, .. } => {
                (vec![&**expr], Test::Pattern, *negated)
            }
            Expr::ILike { negated, expr, .. } | Expr::RLike { negated, expr, .. } => {
                (vec![&**expr], Test::LoosePattern, *negated)
            }
            Expr::AnyOp { left, compare_op: BinaryOperator::Eq, right, .. } => {
                let is_same = self.is_constant(right);
                match is_same {
                    true => (vec![&**left], Test::In, false),
                    // `? = ANY (column)` looks inside an array.
                    false => (vec![&**right], Test::Contains, false),
                }
            }
            Expr::BinaryOp { left, op, right } => {
                let test = test_of(op)?;
                let (left, right) = (&**left, &**right);
                match (self.is_constant(left), self.is_constant(right)) {
                    (false, true) => match truth(right) {
                        Some(is_true) if test == Test::Equal => {
                            let test = if is_true { Test::IsTrue } else { Test::IsFalse };
                            (vec![left], test, false)
                        }
                        _ => (vec![left], test, false),
                    },
                    (true, false) => (vec![right], test, false),
                    _ => (vec![left, right], Test::Other, false),
                }
            }
            Expr::MatchAgainst { columns, .. } => {
                for column in columns {
                    let name = sqlparser::ast::Ident::new(last_part(column));
                    if let Some(column) = self.column(&[name]) {
                        self.add_filter(column, Test::Words, Within::Bare, &[]);
                    }
                }
                return None;
            }
            _ => return None,
        };
        let is_turned = negated != is_negated;
        let test = match test {
            Test::IsTrue if is_turned => Test::IsFalse,
            Test::IsFalse if is_turned => Test::IsTrue,
            _ if is_turned => Test::Other,
            test => test,
        };
        Some((tested, test))
    }

    /// The one column inside an expression, and what stands around it.
    fn tested(&mut self, expr: &Expr) -> Option<(UsedColumn, Within)> {
        if let Some(column) = self.plain_column(expr) {
            return Some((column, Within::Bare));
        }
        let mut names = Vec::new();
        columns_in(expr, &mut names, 0);
        let mut columns: Vec<_> =
            names.into_iter().filter_map(|name| self.plain_column(name)).collect();
        columns.dedup();
        let column = columns.pop().filter(|_| columns.is_empty())?;
        Some((column, expression(expr)))
    }

    /// Whether an expression is the same for all rows: no column, and no query that refers to one.
    fn is_constant(&mut self, expr: &Expr) -> bool {
        let mut names = Vec::new();
        columns_in(expr, &mut names, 0);
        // A name that belongs to no table in sight is of a derived one.
        names.is_empty() && !self.has_correlated(expr)
    }

    fn has_correlated(&mut self, expr: &Expr) -> bool {
        if !any(expr, 0, &|expr| super::super::shape::expr::subquery(expr).is_some()) {
            return false;
        }
        // Read on trial: what it adds is taken back, as it is read again where it stands.
        let (uses, blocks) = (self.demand.uses.len(), self.demand.blocks.len());
        let joins = self.demand.joins.len();
        self.read(expr);
        let is_correlated = self.demand.blocks.iter().skip(blocks).any(|block| block.is_correlated);
        self.demand.uses.truncate(uses);
        self.demand.blocks.truncate(blocks);
        self.demand.joins.truncate(joins);
        is_correlated
    }
}

/// The names inside an expression, subqueries left out.
fn columns_in<'e>(expr: &'e Expr, names: &mut Vec<&'e Expr>, depth: usize) {
    if depth > 50 {
        return;
    }
    match expr {
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) => names.push(expr),
        _ => children(expr).into_iter().for_each(|child| columns_in(child, names, depth + 1)),
    }
}

/// An expression as an index can hold it: without qualifiers, and without constants, which are
/// masked.
fn expression(expr: &Expr) -> Within {
    let is_plain = matches!(bare(expr), Expr::Function(_))
        && !any(expr, 0, &|part| {
            matches!(part, Expr::Value(_) | Expr::CompoundIdentifier(_) | Expr::Interval(_))
                || super::super::shape::expr::subquery(part).is_some()
        });
    let text = bare(expr).to_string();
    match is_plain && text.len() <= MAX_EXPRESSION_BYTES {
        true => Within::Expression(text.to_lowercase()),
        false => Within::Other,
    }
}

/// TRUE or FALSE.
fn truth(expr: &Expr) -> Option<bool> {
    match bare(expr) {
        Expr::Value(value) => match &value.value {
            Value::Boolean(truth) => Some(*truth),
            _ => None,
        },
        _ => None,
    }
}

fn test_of(op: &BinaryOperator) -> Option<Test> {
    Some(match op {
        BinaryOperator::Eq | BinaryOperator::Spaceship => Test::Equal,
        BinaryOperator::Gt | BinaryOperator::Lt | BinaryOperator::GtEq | BinaryOperator::LtEq => {
            Test::Range
        }
        BinaryOperator::PGLikeMatch | BinaryOperator::Glob => Test::Pattern,
        BinaryOperator::PGILikeMatch
        | BinaryOperator::PGRegexMatch
        | BinaryOperator::PGRegexIMatch
        | BinaryOperator::Regexp => Test::LoosePattern,
        BinaryOperator::AtArrow
        | BinaryOperator::ArrowAt
        | BinaryOperator::PGOverlap
        | BinaryOperator::Question
        | BinaryOperator::QuestionAnd
        | BinaryOperator::QuestionPipe => Test::Contains,
        BinaryOperator::AtAt => Test::Words,
        _ => Test::Other,
    })
}
