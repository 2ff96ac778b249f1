//! The walk over the parser's tree: statements, queries, selects and expressions.
//!
//! Owns what the walk knows: the shape so far, the names in sight and how deep it is. FROM lists
//! are read in `from`, writing statements in `writes`, conditions in `condition`.

use std::collections::BTreeSet;

use sqlparser::ast::{
    CopySource, Cte, Distinct, Expr, GroupByExpr, Ident, LimitClause, ObjectName, OrderByExpr,
    OrderByKind, Query, Select, SelectItem, SelectItemQualifiedWildcardKind, SetExpr,
    Statement as Parsed,
};

use super::condition::Clause;
use super::expr::{MAX_DEPTH, bare, children, is_random, plain_column, subquery};
use super::grammar::{folds_rows, is_descending};
use super::scope::{Scopes, fold};
use super::{ColumnRef, OrderKey, Predicate, Shape, Verb};

/// Where an expression stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Evaluated for each row that comes out: select list, SET, VALUES, RETURNING, ORDER BY.
    Output,
    /// Evaluated to choose rows.
    Condition,
}

/// How much of a query belongs to the outermost statement.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// All of it.
    Outermost,
    /// It is an arm of a set operation: its select, not its ORDER BY and LIMIT.
    Arm,
    /// None of it.
    Inner,
}

/// A walk over a statement that fills a shape.
pub(super) struct Reader {
    pub(super) shape: Shape,
    pub(super) scopes: Scopes,
    depth: usize,
    predicates_seen: BTreeSet<Predicate>,
}

impl Reader {
    pub(super) fn new(verb: Verb) -> Self {
        Self {
            shape: Shape { verb, exact: true, ..Shape::default() },
            scopes: Scopes::default(),
            depth: 0,
            predicates_seen: BTreeSet::new(),
        }
    }

    /// Goes one level down; false where there are too many.
    pub(super) fn enter(&mut self) -> bool {
        if self.depth >= MAX_DEPTH {
            self.shape.exact = false;
            return false;
        }
        self.depth += 1;
        true
    }

    pub(super) fn leave(&mut self) {
        self.depth -= 1;
    }

    /// Adds a predicate unless the same was met before.
    pub(super) fn add_predicate(&mut self, predicate: Predicate) {
        if self.predicates_seen.insert(predicate.clone()) {
            self.shape.predicates.push(predicate);
        }
    }

    pub(super) fn statement(&mut self, statement: &Parsed) {
        match statement {
            Parsed::Query(query) => self.query(query, Level::Outermost),
            Parsed::Insert(insert) => self.insert(insert, Level::Outermost),
            Parsed::Update(update) => self.update(update, Level::Outermost),
            Parsed::Delete(delete) => self.delete(delete, Level::Outermost),
            Parsed::Merge(merge) => self.merge(merge),
            Parsed::Copy { source: CopySource::Table { table_name, .. }, to, .. } => {
                self.table(table_name, None, !to);
            }
            Parsed::Copy { source: CopySource::Query(query), .. } => {
                self.query(query, Level::Outermost);
            }
            _ => self.shape.exact = false,
        }
    }

    pub(super) fn query(&mut self, query: &Query, level: Level) {
        if !self.enter() {
            return;
        }
        let ctes = self.scopes.ctes();
        if let Some(with) = &query.with {
            for Cte { alias, query, .. } in &with.cte_tables {
                if with.recursive {
                    self.scopes.add_cte(&alias.name);
                }
                self.query(query, Level::Inner);
                if !with.recursive {
                    self.scopes.add_cte(&alias.name);
                }
            }
        }
        let select = match &*query.body {
            SetExpr::Select(select) => Some(select),
            _ => None,
        };
        let sources = select.map(|select| self.sources(&select.from)).unwrap_or_default();
        self.scopes.push(sources);
        match select {
            Some(select) => self.select(select, level),
            None => self.set_expression(&query.body, level),
        }
        if let Some(order_by) = &query.order_by
            && let OrderByKind::Expressions(keys) = &order_by.kind
        {
            self.order_by(keys, select.map(|select| &**select), level);
        }
        self.scopes.pop();
        self.scopes.forget_ctes(ctes);
        self.shape.locks_rows |= !query.locks.is_empty();
        if level == Level::Outermost {
            let (limit, offset) = match &query.limit_clause {
                Some(LimitClause::LimitOffset { limit, offset, .. }) => {
                    (limit.is_some(), offset.is_some())
                }
                Some(LimitClause::OffsetCommaLimit { .. }) => (true, true),
                None => (false, false),
            };
            self.shape.limit |= limit || query.fetch.is_some();
            self.shape.offset |= offset;
        }
        self.leave();
    }

    fn set_expression(&mut self, body: &SetExpr, level: Level) {
        if !self.enter() {
            return;
        }
        match body {
            SetExpr::Select(select) => {
                let sources = self.sources(&select.from);
                self.scopes.push(sources);
                self.select(select, level);
                self.scopes.pop();
            }
            SetExpr::Query(query) => self.query(query, level),
            SetExpr::SetOperation { left, right, .. } => {
                let level = if level == Level::Outermost { Level::Arm } else { level };
                self.set_expression(left, level);
                self.set_expression(right, level);
            }
            SetExpr::Values(values) => {
                for row in &values.rows {
                    for value in &row.content {
                        self.expression(value, Place::Output);
                    }
                }
            }
            SetExpr::Insert(Parsed::Insert(insert)) => self.insert(insert, level),
            SetExpr::Update(Parsed::Update(update)) => self.update(update, level),
            SetExpr::Delete(Parsed::Delete(delete)) => self.delete(delete, level),
            SetExpr::Merge(Parsed::Merge(merge)) => self.merge(merge),
            SetExpr::Table(table) => {
                let parts = [&table.schema_name, &table.table_name];
                let parts: Vec<_> = parts.into_iter().flatten().map(Ident::new).collect();
                self.table(&ObjectName::from(parts), None, false);
            }
            _ => self.shape.exact = false,
        }
        self.leave();
    }

    /// A select whose FROM list is in scope.
    fn select(&mut self, select: &Select, level: Level) {
        if level != Level::Inner {
            self.shape.has_where |= select.selection.is_some();
            self.shape.selects_star |= self.has_star(select);
            self.shape.aggregates |= folds_rows(select);
        }
        if let Some(Distinct::On(keys)) = &select.distinct {
            self.expressions(keys, Place::Output);
        }
        self.select_items(&select.projection);
        self.from(&select.from);
        if let Some(condition) = &select.selection {
            self.condition(condition, Clause::Where);
        }
        if let GroupByExpr::Expressions(keys, _) = &select.group_by {
            self.expressions(keys, Place::Output);
        }
        if let Some(condition) = &select.having {
            self.condition(condition, Clause::Having);
        }
    }

    pub(super) fn select_items(&mut self, items: &[SelectItem]) {
        for item in items {
            if let SelectItem::UnnamedExpr(expr)
            | SelectItem::ExprWithAlias { expr, .. }
            | SelectItem::ExprWithAliases { expr, .. } = item
            {
                self.expression(expr, Place::Output);
            }
        }
    }

    /// Whether the select list takes all columns of a table. A star over a CTE or a derived table
    /// is none: their columns are spelled out where they are made.
    fn has_star(&self, select: &Select) -> bool {
        select.projection.iter().any(|item| match item {
            SelectItem::Wildcard(_) => {
                self.sources(&select.from).iter().any(|source| source.table.is_some())
            }
            SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), _) => {
                self.scopes.table_behind(name).is_some()
            }
            _ => false,
        })
    }

    fn order_by(&mut self, keys: &[OrderByExpr], select: Option<&Select>, level: Level) {
        for key in keys {
            self.shape.orders_by_random |= is_random(&key.expr);
            if level == Level::Outermost {
                let column = self.order_column(&key.expr, select);
                let descending = is_descending(key);
                self.shape.order_by.push(OrderKey { column, descending });
            }
            self.expression(&key.expr, Place::Output);
        }
    }

    /// The column an ORDER BY key is; the name of an output column stands for what it was made of.
    fn order_column(&mut self, key: &Expr, select: Option<&Select>) -> Option<ColumnRef> {
        if let (Expr::Identifier(name), Some(select)) = (bare(key), select) {
            let made_of = select.projection.iter().find_map(|item| match item {
                SelectItem::ExprWithAlias { expr, alias } if fold(alias) == fold(name) => {
                    Some(expr)
                }
                _ => None,
            });
            return plain_column(made_of.unwrap_or(key), &mut self.scopes);
        }
        plain_column(key, &mut self.scopes)
    }

    pub(super) fn expressions(&mut self, all: &[Expr], place: Place) {
        for expr in all {
            self.expression(expr, place);
        }
    }

    /// Looks for subqueries and for references to what is outside of them.
    pub(super) fn expression(&mut self, expr: &Expr, place: Place) {
        if !self.enter() {
            return;
        }
        if let Expr::CompoundIdentifier(parts) = expr {
            self.scopes.qualified(parts);
        }
        for child in children(expr) {
            self.expression(child, place);
        }
        if let Some((query, exists)) = subquery(expr) {
            self.scopes.enter_subquery();
            self.query(query, Level::Inner);
            if let Some(found) = self.scopes.leave_subquery(place == Place::Output, exists) {
                self.shape.correlated.push(found);
            }
        }
        self.leave();
    }
}
