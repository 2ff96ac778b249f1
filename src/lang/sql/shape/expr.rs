//! Expressions of the SQL parser's tree: their parts, the column inside them, aggregates.
//!
//! Owns what must know the parser's many kinds of expression. Kinds that no supported engine has
//! count as having no parts. Recursion ends at [`MAX_DEPTH`].

use sqlparser::ast::{
    AccessExpr, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Query, Subscript,
    UnaryOperator,
};

use super::ColumnRef;
use super::scope::{Scopes, fold, last_part};

/// Levels of expressions and queries that are looked into.
pub(in crate::lang::sql) const MAX_DEPTH: usize = 200;

/// The query directly inside an expression, and whether it is that of an EXISTS.
pub(in crate::lang::sql) fn subquery(expr: &Expr) -> Option<(&Query, bool)> {
    match expr {
        Expr::Exists { subquery, .. } => Some((subquery, true)),
        Expr::InSubquery { subquery, .. } | Expr::Subquery(subquery) => Some((subquery, false)),
        Expr::Function(Function { args: FunctionArguments::Subquery(query), .. }) => {
            Some((query, false))
        }
        _ => None,
    }
}

/// The expressions directly inside an expression, subqueries left out.
pub(in crate::lang::sql) fn children(expr: &Expr) -> Vec<&Expr> {
    match expr {
        Expr::IsFalse(inner)
        | Expr::IsNotFalse(inner)
        | Expr::IsTrue(inner)
        | Expr::IsNotTrue(inner)
        | Expr::IsNull(inner)
        | Expr::IsNotNull(inner)
        | Expr::IsUnknown(inner)
        | Expr::IsNotUnknown(inner)
        | Expr::Nested(inner)
        | Expr::OuterJoin(inner)
        | Expr::Prior(inner) => vec![inner],
        Expr::IsJson { expr, .. }
        | Expr::IsNormalized { expr, .. }
        | Expr::UnaryOp { expr, .. }
        | Expr::Cast { expr, .. }
        | Expr::Convert { expr, .. }
        | Expr::Extract { expr, .. }
        | Expr::Ceil { expr, .. }
        | Expr::Floor { expr, .. }
        | Expr::Collate { expr, .. }
        | Expr::Named { expr, .. }
        | Expr::InSubquery { expr, .. }
        | Expr::JsonAccess { value: expr, .. }
        | Expr::Prefixed { value: expr, .. } => vec![expr],
        Expr::IsDistinctFrom(left, right)
        | Expr::IsNotDistinctFrom(left, right)
        | Expr::BinaryOp { left, right, .. }
        | Expr::AnyOp { left, right, .. }
        | Expr::AllOp { left, right, .. }
        | Expr::InUnnest { expr: left, array_expr: right, .. }
        | Expr::AtTimeZone { timestamp: left, time_zone: right }
        | Expr::Position { expr: left, r#in: right }
        | Expr::Like { expr: left, pattern: right, .. }
        | Expr::ILike { expr: left, pattern: right, .. }
        | Expr::SimilarTo { expr: left, pattern: right, .. }
        | Expr::RLike { expr: left, pattern: right, .. } => vec![left, right],
        Expr::Between { expr, low, high, .. } => vec![expr, low, high],
        Expr::InList { expr, list, .. } => std::iter::once(&**expr).chain(list).collect(),
        Expr::Substring { expr, substring_from, substring_for, .. } => {
            parts(expr, [substring_from, substring_for])
        }
        Expr::Trim { expr, trim_what, trim_characters, .. } => {
            let mut all = parts(expr, [trim_what]);
            all.extend(trim_characters.iter().flatten());
            all
        }
        Expr::Overlay { expr, overlay_what, overlay_from, overlay_for } => {
            let mut all = vec![&**expr, overlay_what, overlay_from];
            all.extend(overlay_for.as_deref());
            all
        }
        Expr::Case { operand, conditions, else_result, .. } => {
            let mut all: Vec<&Expr> = operand.as_deref().into_iter().collect();
            for when in conditions {
                all.extend([&when.condition, &when.result]);
            }
            all.extend(else_result.as_deref());
            all
        }
        Expr::CompoundFieldAccess { root, access_chain } => {
            let mut all = vec![&**root];
            for access in access_chain {
                match access {
                    AccessExpr::Subscript(Subscript::Index { index }) => all.push(index),
                    AccessExpr::Subscript(Subscript::Slice {
                        lower_bound, upper_bound, ..
                    }) => {
                        all.extend(lower_bound.iter().chain(upper_bound));
                    }
                    AccessExpr::Dot(_) => {}
                }
            }
            all
        }
        Expr::GroupingSets(sets) | Expr::Cube(sets) | Expr::Rollup(sets) => {
            sets.iter().flatten().collect()
        }
        Expr::Tuple(list) => list.iter().collect(),
        Expr::Array(array) => array.elem.iter().collect(),
        Expr::Interval(interval) => vec![&interval.value],
        Expr::Function(function) => arguments(function),
        Expr::MemberOf(member) => vec![&member.value, &member.array],
        _ => Vec::new(),
    }
}

fn parts<'e, const N: usize>(first: &'e Expr, rest: [&'e Option<Box<Expr>>; N]) -> Vec<&'e Expr> {
    let rest = rest.into_iter().filter_map(|part| part.as_deref());
    std::iter::once(first).chain(rest).collect()
}

fn arguments(function: &Function) -> Vec<&Expr> {
    let mut all = Vec::new();
    if let FunctionArguments::List(list) = &function.args {
        for argument in &list.args {
            let (FunctionArg::Named { arg, .. }
            | FunctionArg::ExprNamed { arg, .. }
            | FunctionArg::Unnamed(arg)) = argument;
            if let FunctionArgExpr::Expr(expr) = arg {
                all.push(expr);
            }
        }
    }
    all.extend(function.filter.as_deref());
    all
}

/// Whether an expression or one inside it, subqueries left out, passes a test. What is too deep to
/// be looked at counts as passing.
pub(in crate::lang::sql) fn any(expr: &Expr, depth: usize, test: &dyn Fn(&Expr) -> bool) -> bool {
    depth >= MAX_DEPTH
        || test(expr)
        || children(expr).into_iter().any(|child| any(child, depth + 1, test))
}

/// Whether rows are folded inside an expression: an aggregate function that is no window function.
pub(super) fn aggregates(expr: &Expr) -> bool {
    any(expr, 0, &|expr| matches!(expr, Expr::Function(function) if is_aggregate(function)))
}

fn is_aggregate(function: &Function) -> bool {
    if function.over.is_some() {
        return false;
    }
    let name = last_part(&function.name);
    const NAMES: [&str; 25] = [
        "any_value",
        "array_agg",
        "avg",
        "bit_and",
        "bit_or",
        "bit_xor",
        "bool_and",
        "bool_or",
        "count",
        "every",
        "group_concat",
        "json_agg",
        "json_arrayagg",
        "json_object_agg",
        "json_objectagg",
        "jsonb_agg",
        "jsonb_object_agg",
        "max",
        "min",
        "mode",
        "percentile_cont",
        "percentile_disc",
        "string_agg",
        "sum",
        "xmlagg",
    ];
    NAMES.binary_search(&name.as_str()).is_ok()
        || name.starts_with("stddev")
        || name.starts_with("var_")
        || name == "variance"
}

/// Whether the expression is `random()` or `rand()`.
pub(super) fn is_random(expr: &Expr) -> bool {
    matches!(expr, Expr::Function(function)
        if matches!(last_part(&function.name).as_str(), "random" | "rand"))
}

/// The expression without the parentheses around it.
pub(in crate::lang::sql) fn bare(mut expr: &Expr) -> &Expr {
    while let Expr::Nested(inner) = expr {
        expr = inner;
    }
    expr
}

/// The column an expression is, where it is nothing but one.
pub(super) fn plain_column(expr: &Expr, scopes: &mut Scopes) -> Option<ColumnRef> {
    match bare(expr) {
        Expr::Identifier(ident) => Some(scopes.plain(ident)),
        Expr::CompoundIdentifier(parts) => scopes.qualified(parts),
        _ => None,
    }
}

/// A column and what stands around it.
pub(super) struct Found {
    pub(super) column: ColumnRef,
    /// The outermost function, cast or operator around it.
    pub(super) wrapped_in: Option<String>,
    /// What qualifies it where it is written.
    qualifier: Option<String>,
}

impl Found {
    /// Whether both columns are of one row: of one table, and not of two uses of it.
    pub(super) fn same_row(&self, other: &Self) -> bool {
        let two_uses = match (&self.qualifier, &other.qualifier) {
            (Some(own), Some(other)) => own != other,
            _ => false,
        };
        self.column.table.is_some() && self.column.table == other.column.table && !two_uses
    }
}

/// The first column inside an expression. Columns inside aggregates and subqueries are none.
pub(super) fn find_column(expr: &Expr, scopes: &mut Scopes, depth: usize) -> Option<Found> {
    if depth >= MAX_DEPTH {
        return None;
    }
    let expr = bare(expr);
    if let Some(column) = plain_column(expr, scopes) {
        let qualifier = match expr {
            Expr::CompoundIdentifier(parts) => parts.iter().rev().nth(1).map(fold),
            _ => None,
        };
        return Some(Found { column, wrapped_in: None, qualifier });
    }
    let wrapped_in = Some(wrapper(expr)?);
    let inside = children(expr).into_iter().find_map(|child| find_column(child, scopes, depth + 1));
    inside.map(|found| Found { wrapped_in, ..found })
}

/// What an expression puts around the columns inside it; `None` for what is no wrapper.
fn wrapper(expr: &Expr) -> Option<String> {
    let name = match expr {
        Expr::Function(function) if is_aggregate(function) => return None,
        Expr::Function(function) => return Some(last_part(&function.name)),
        Expr::Cast { data_type, .. } => {
            let name = data_type.to_string().to_lowercase();
            let end = name.find('(').unwrap_or(name.len());
            return Some(format!("::{}", name[..end].trim_end()));
        }
        Expr::BinaryOp { op, .. } => return Some(op.to_string()),
        Expr::UnaryOp { op: UnaryOperator::Not, .. } => return None,
        Expr::UnaryOp { op, .. } => return Some(op.to_string()),
        Expr::Convert { .. } => "convert",
        Expr::Extract { .. } => "extract",
        Expr::Ceil { .. } => "ceil",
        Expr::Floor { .. } => "floor",
        Expr::Position { .. } => "position",
        Expr::Substring { .. } => "substring",
        Expr::Trim { .. } => "trim",
        Expr::Overlay { .. } => "overlay",
        Expr::Collate { .. } => "collate",
        Expr::AtTimeZone { .. } => "at time zone",
        Expr::Case { .. } => "case",
        Expr::CompoundFieldAccess { .. } => "[]",
        _ => return None,
    };
    Some(name.to_owned())
}
