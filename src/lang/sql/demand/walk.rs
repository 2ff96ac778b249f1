//! The walk over the parser's tree: statements, queries and FROM lists.

use super::super::shape::condition::flatten;
use super::super::shape::expr::{MAX_DEPTH, bare, children, subquery};
use super::super::shape::from::constraint;
use super::super::shape::grammar::{folds_rows, is_descending};
use super::super::shape::scope::{fold, last_part};
use super::sources::Level;
use super::{Block, Demand, Role, Schema, UsedColumn};
use sqlparser::ast::{
    AssignmentTarget, BinaryOperator, Delete, Expr, FromTable, GroupByExpr, JoinConstraint,
    JoinOperator, ObjectName, OrderByKind, Query, Select, SelectItem,
    SelectItemQualifiedWildcardKind, SetExpr, Statement as Parsed, TableFactor, TableWithJoins,
    Update, UpdateTableFromKind, Value,
};

/// Most uses of tables in a statement: beyond them it is no statement that one index helps.
const MAX_USES: usize = 60;

/// A walk over a statement that fills a demand.
pub(super) struct Walk<'s> {
    pub(super) schema: &'s dyn Schema,
    pub(super) demand: Demand,
    pub(super) levels: Vec<Level>,
    pub(super) ctes: Vec<String>,
    depth: usize,
    is_whole: bool,
}

impl<'s> Walk<'s> {
    pub(super) fn new(schema: &'s dyn Schema) -> Self {
        Walk {
            schema,
            demand: Demand::default(),
            levels: Vec::new(),
            ctes: Vec::new(),
            depth: 0,
            is_whole: true,
        }
    }

    /// What was found; `None` where parts are missing, or there is no table.
    pub(super) fn finish(self) -> Option<Demand> {
        let uses = self.demand.uses.len();
        (self.is_whole && (1..=MAX_USES).contains(&uses)).then_some(self.demand)
    }

    pub(super) fn enter(&mut self) -> bool {
        self.is_whole &= self.depth < MAX_DEPTH;
        self.depth += 1;
        self.depth <= MAX_DEPTH
    }

    pub(super) fn leave(&mut self) {
        self.depth -= 1;
    }

    pub(super) fn statement(&mut self, statement: &Parsed) {
        match statement {
            Parsed::Query(query) => self.query(query, Role::Rows, false),
            Parsed::Insert(insert) => {
                if let Some(query) = &insert.source {
                    self.query(query, Role::Rows, false);
                }
            }
            Parsed::Update(update) => self.update(update),
            Parsed::Delete(delete) => self.delete(delete),
            _ => self.is_whole = false,
        }
    }

    /// Opens a block; its FROM list is empty.
    fn open(&mut self, role: Role) -> usize {
        self.demand.blocks.push(Block {
            parent: self.levels.last().map(|level| level.block),
            role,
            is_correlated: false,
            group_by: Vec::new(),
            order_by: Vec::new(),
            order_is_whole: true,
            has_limit: false,
            aggregates: false,
        });
        let block = self.demand.blocks.len() - 1;
        self.levels.push(Level { block, sources: Vec::new() });
        block
    }

    /// A query. `stars_count`: a star in its list reads whole rows (not so in EXISTS).
    pub(super) fn query(&mut self, query: &Query, role: Role, is_exists: bool) {
        if !self.enter() {
            return self.leave();
        }
        let known_ctes = self.ctes.len();
        if let Some(with) = &query.with {
            for cte in &with.cte_tables {
                let name = fold(&cte.alias.name);
                if with.recursive {
                    self.ctes.push(name.clone());
                }
                // A CTE sees no FROM list but its own.
                let outside = std::mem::take(&mut self.levels);
                self.query(&cte.query, Role::Rows, false);
                self.levels = outside;
                if !with.recursive {
                    self.ctes.push(name);
                }
            }
        }
        self.body(&query.body, Some(query), role, is_exists);
        self.ctes.truncate(known_ctes);
        self.leave();
    }

    fn body(&mut self, body: &SetExpr, query: Option<&Query>, role: Role, is_exists: bool) {
        if !self.enter() {
            return self.leave();
        }
        match body {
            SetExpr::Select(select) => {
                let block = self.open(role);
                self.select(select, block, is_exists);
                if let Some(query) = query {
                    self.order(query, select, block);
                }
                self.levels.pop();
            }
            SetExpr::Query(query) => self.query(query, role, is_exists),
            SetExpr::SetOperation { left, right, .. } => {
                self.body(left, None, role, is_exists);
                self.body(right, None, role, is_exists);
            }
            SetExpr::Values(_) => {}
            _ => self.is_whole = false,
        }
        self.leave();
    }

    /// A derived table: it sees nothing of the FROM list that it stands in.
    pub(super) fn derived(&mut self, query: &Query) {
        let outside = std::mem::take(&mut self.levels);
        self.query(query, Role::Rows, false);
        self.levels = outside;
    }

    fn select(&mut self, select: &Select, block: usize, is_exists: bool) {
        for item in &select.from {
            self.joined(item, false);
        }
        if let Some(condition) = &select.selection {
            self.condition(condition);
        }
        for item in &select.projection {
            match item {
                SelectItem::UnnamedExpr(expr)
                | SelectItem::ExprWithAlias { expr, .. }
                | SelectItem::ExprWithAliases { expr, .. } => self.read(expr),
                SelectItem::Wildcard(_) if !is_exists => self.star(None),
                SelectItem::QualifiedWildcard(
                    SelectItemQualifiedWildcardKind::ObjectName(name),
                    _,
                ) if !is_exists => self.star(Some(name)),
                _ => {}
            }
        }
        if let GroupByExpr::Expressions(keys, _) = &select.group_by {
            let columns: Vec<_> = keys.iter().map(|key| self.output_column(key, select)).collect();
            if let Some(block) = self.demand.blocks.get_mut(block) {
                block.group_by = columns.into_iter().collect::<Option<_>>().unwrap_or_default();
            }
        }
        if let Some(having) = &select.having {
            self.read(having);
        }
        if let Some(block) = self.demand.blocks.get_mut(block) {
            block.aggregates = folds_rows(select);
        }
    }

    fn star(&mut self, name: Option<&ObjectName>) {
        for at in self.uses_here(name.map(last_part).as_deref()) {
            self.demand.uses.get_mut(at).into_iter().for_each(|used| used.reads_all = true);
        }
    }

    fn order(&mut self, query: &Query, select: &Select, block: usize) {
        let mut columns = Vec::new();
        let mut is_whole = true;
        if let Some(order) = &query.order_by
            && let OrderByKind::Expressions(keys) = &order.kind
        {
            for key in keys {
                match self.output_column(&key.expr, select) {
                    Some(column) if is_whole => columns.push((column, is_descending(key))),
                    _ => is_whole = false,
                }
            }
        }
        if let Some(block) = self.demand.blocks.get_mut(block) {
            block.order_by = columns;
            block.order_is_whole = is_whole;
            block.has_limit = query.limit_clause.is_some() || query.fetch.is_some();
        }
    }

    /// The column that a key of GROUP BY or ORDER BY is: itself, or what an output name or number
    /// stands for.
    fn output_column(&mut self, key: &Expr, select: &Select) -> Option<UsedColumn> {
        let named = match bare(key) {
            Expr::Identifier(name) => select.projection.iter().find_map(|item| match item {
                SelectItem::ExprWithAlias { expr, alias } if fold(alias) == fold(name) => {
                    Some(expr)
                }
                _ => None,
            }),
            Expr::Value(value) => match &value.value {
                Value::Number(number, _) => number
                    .parse::<usize>()
                    .ok()
                    .and_then(|at| select.projection.get(at.checked_sub(1)?))
                    .and_then(|item| match item {
                        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => {
                            Some(expr)
                        }
                        _ => None,
                    }),
                _ => None,
            },
            _ => None,
        };
        let key = named.unwrap_or(key);
        self.read(key);
        self.plain_column(key)
    }

    /// An item of a FROM list with its joins.
    pub(super) fn joined(&mut self, item: &TableWithJoins, is_optional: bool) {
        if !self.enter() {
            return self.leave();
        }
        self.add_source(&item.relation, is_optional);
        for join in &item.joins {
            let before = self.uses_here(None);
            let is_left = matches!(
                join.join_operator,
                JoinOperator::Left(_) | JoinOperator::LeftOuter(_) | JoinOperator::FullOuter(_)
            );
            let is_right = matches!(
                join.join_operator,
                JoinOperator::Right(_) | JoinOperator::RightOuter(_) | JoinOperator::FullOuter(_)
            );
            self.add_source(&join.relation, is_optional || is_left);
            if is_right {
                for at in &before {
                    let used = self.demand.uses.get_mut(*at);
                    used.into_iter().for_each(|used| used.is_optional = true);
                }
            }
            match constraint(&join.join_operator) {
                Some(JoinConstraint::On(condition)) if is_left || is_right => {
                    // It takes no row from the side that is kept.
                    let kept: Vec<usize> = match is_left {
                        true => before,
                        false => self.uses_here(None).into_iter().skip(before.len()).collect(),
                    };
                    self.outer_condition(condition, &kept);
                }
                Some(JoinConstraint::On(condition)) => self.condition(condition),
                Some(JoinConstraint::Using(columns)) => self.using(columns, &before),
                _ => {}
            }
        }
        self.leave();
    }

    /// `USING (columns)`: the first table of each side that may have them.
    fn using(&mut self, columns: &[ObjectName], before: &[usize]) {
        let here = self.uses_here(None);
        for column in columns.iter().map(last_part) {
            let has = |walk: &Self, at: usize| {
                let used = walk.demand.uses.get(at)?;
                walk.schema.has_column(&used.table, &column)
            };
            let side = |walk: &Self, all: &[usize]| {
                let known = all.iter().copied().find(|at| has(walk, *at) == Some(true));
                known.or(match *all {
                    [only] if has(walk, only).is_none() => Some(only),
                    _ => None,
                })
            };
            let after: Vec<_> = here.iter().copied().filter(|at| !before.contains(at)).collect();
            if let (Some(left), Some(right)) = (side(self, before), side(self, &after)) {
                for at in [left, right] {
                    let used = self.demand.uses.get_mut(at);
                    used.into_iter().for_each(|used| {
                        used.reads.insert(column.clone());
                    });
                }
                let of = |at| UsedColumn { at, column: column.clone() };
                self.demand.joins.push((of(left), of(right)));
            }
        }
    }

    fn update(&mut self, update: &Update) {
        self.open(Role::Rows);
        self.written(&update.table);
        if let Some(UpdateTableFromKind::BeforeSet(from) | UpdateTableFromKind::AfterSet(from)) =
            &update.from
        {
            from.iter().for_each(|item| self.joined(item, false));
        }
        for assignment in &update.assignments {
            self.read(&assignment.value);
            let names: &[ObjectName] = match &assignment.target {
                AssignmentTarget::ColumnName(name) => std::slice::from_ref(name),
                AssignmentTarget::Tuple(names) => names,
            };
            let written = self.demand.uses.iter_mut().find(|used| used.is_written);
            written.into_iter().for_each(|used| used.sets.extend(names.iter().map(last_part)));
        }
        if let Some(condition) = &update.selection {
            self.condition(condition);
        }
        self.levels.pop();
    }

    fn delete(&mut self, delete: &Delete) {
        self.open(Role::Rows);
        let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) = &delete.from;
        from.iter().for_each(|item| self.written(item));
        if let Some(using) = &delete.using {
            using.iter().for_each(|item| self.joined(item, false));
        }
        if let Some(condition) = &delete.selection {
            self.condition(condition);
        }
        self.levels.pop();
    }

    /// The table that is written to, which is the first of its item.
    fn written(&mut self, item: &TableWithJoins) {
        let first = self.demand.uses.len();
        self.joined(item, false);
        if matches!(item.relation, TableFactor::Table { .. })
            && let Some(used) = self.demand.uses.get_mut(first)
        {
            used.is_written = true;
            used.reads_all = true;
        }
    }

    /// The column that an expression is, where it is nothing but one.
    pub(super) fn plain_column(&mut self, expr: &Expr) -> Option<UsedColumn> {
        match bare(expr) {
            Expr::Identifier(name) => self.column(std::slice::from_ref(name)),
            Expr::CompoundIdentifier(parts) => self.column(parts),
            _ => None,
        }
    }

    /// Notes the columns that an expression reads, and the blocks inside it.
    pub(super) fn read(&mut self, expr: &Expr) {
        if !self.enter() {
            return self.leave();
        }
        match expr {
            // Long chains of AND and OR are flat, not deep.
            Expr::BinaryOp { op: op @ (BinaryOperator::And | BinaryOperator::Or), .. } => {
                flatten(expr, op).into_iter().for_each(|arm| self.read(arm));
            }
            _ => {
                self.plain_column(expr);
                children(expr).into_iter().for_each(|child| self.read(child));
                if let Some((query, is_exists)) = subquery(expr) {
                    let role = if is_exists { Role::Semi } else { Role::Value };
                    self.query(query, role, is_exists);
                }
            }
        }
        self.leave();
    }
}
