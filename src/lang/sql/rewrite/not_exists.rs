//! NOT IN over a subquery as NOT EXISTS.

use sqlparser::ast::{
    BinaryOperator, Distinct, Expr, FromTable, Ident, Query, Select, SelectItem,
    Statement as Parsed, TableAlias, TableFactor, UnaryOperator, Value,
};

use super::super::shape::expr;
use super::{Note, and, binary, is_plain, is_row_by_row, only_select, qualifiers};

/// Rewrites every NOT IN over a subquery that stands in the outermost WHERE, joined by AND.
pub(super) fn apply(parsed: &mut Parsed) -> Option<Vec<Note>> {
    let (outer, selection) = match parsed {
        Parsed::Query(query) => {
            let select = only_select(query)?;
            (qualifiers(select)?, &mut select.selection)
        }
        Parsed::Delete(delete) if delete.using.is_none() && delete.tables.is_empty() => {
            let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) = &delete.from;
            let [only] = from.as_slice() else {
                return None;
            };
            (vec![name_of(&only.relation)?], &mut delete.selection)
        }
        Parsed::Update(update) if update.from.is_none() && update.table.joins.is_empty() => {
            (vec![name_of(&update.table.relation)?], &mut update.selection)
        }
        _ => return None,
    };
    let condition = selection.take()?;
    let mut notes = Vec::new();
    let mut rewritten = None;
    for part in split(condition) {
        let part = match as_not_in(&part) {
            Some((column, subquery)) => {
                let (part, note) = not_exists(column.clone(), subquery.clone(), &outer)?;
                notes.push(note);
                part
            }
            None => part,
        };
        rewritten = Some(and(rewritten, part));
    }
    *selection = rewritten;
    (!notes.is_empty()).then_some(notes)
}

fn name_of(factor: &TableFactor) -> Option<Ident> {
    match factor {
        TableFactor::Table { alias: Some(alias), .. } => Some(alias.name.clone()),
        TableFactor::Table { name, .. } => Some(name.0.last()?.as_ident()?.clone()),
        _ => None,
    }
}

/// The conditions that AND joins, in order.
fn split(condition: Expr) -> Vec<Expr> {
    let mut parts = Vec::new();
    let mut waiting = vec![condition];
    while let Some(condition) = waiting.pop() {
        match condition {
            Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
                waiting.extend([*right, *left]);
            }
            part => parts.push(part),
        }
    }
    parts
}

/// The column and the subquery of a NOT IN, however it is spelled.
fn as_not_in(part: &Expr) -> Option<(&Expr, &Query)> {
    match part {
        Expr::InSubquery { expr, subquery, negated: true } => Some((expr, subquery)),
        Expr::UnaryOp { op: UnaryOperator::Not, expr } => match expr::bare(expr) {
            Expr::InSubquery { expr, subquery, negated: false } => Some((expr, subquery)),
            _ => None,
        },
        Expr::AllOp { left, compare_op: BinaryOperator::NotEq, right } => match &**right {
            Expr::Subquery(subquery) => Some((left, subquery)),
            _ => None,
        },
        _ => None,
    }
}

fn not_exists(column: Expr, mut subquery: Query, outer: &[Ident]) -> Option<(Expr, Note)> {
    let plain = is_plain(&subquery)
        && subquery.with.is_none()
        && subquery.limit_clause.is_none()
        && subquery.fetch.is_none();
    if !plain {
        return None;
    }
    subquery.order_by = None;
    let select = only_select(&mut subquery)?;
    // Doubles do not matter to either form.
    if matches!(select.distinct, Some(Distinct::Distinct)) {
        select.distinct = None;
    }
    if !is_row_by_row(select) {
        return None;
    }
    let column = qualified(column, outer)?;
    let mut inner = qualifiers(select)?;
    let shadowed = |inner: &[Ident]| match &column {
        Expr::CompoundIdentifier(parts) => {
            parts.iter().rev().nth(1).is_some_and(|name| contains(inner, name))
        }
        _ => true,
    };
    if shadowed(&inner) {
        let [only] = inner.as_mut_slice() else {
            return None;
        };
        *only = add_alias(select)?;
    }
    let [item] = select.projection.as_slice() else {
        return None;
    };
    let (SelectItem::UnnamedExpr(returned) | SelectItem::ExprWithAlias { expr: returned, .. }) =
        item
    else {
        return None;
    };
    let returned = qualified(returned.clone(), &inner)?;
    if !belongs(&returned, &inner) {
        return None;
    }
    let note = format!(
        "Both forms return the same rows only where neither {column} nor {returned} can be NULL: \
         NOT IN returns no row at all once {returned} is NULL in one row, and never a row whose \
         {column} is NULL while the subquery returns any. Make sure that both are NOT NULL."
    );
    let equal = binary(returned, BinaryOperator::Eq, column);
    select.selection = Some(match select.selection.take() {
        Some(condition) => and(Some(equal), condition),
        None => equal,
    });
    select.projection = vec![SelectItem::UnnamedExpr(Expr::Value(Value::Null.into()))];
    Some((Expr::Exists { subquery: Box::new(subquery), negated: true }, note))
}

/// A column with its qualifier; `None` where that is not certain.
fn qualified(column: Expr, names: &[Ident]) -> Option<Expr> {
    match (column, names) {
        (Expr::Nested(inner), _) => qualified(*inner, names),
        (Expr::Identifier(column), [only]) => {
            Some(Expr::CompoundIdentifier(vec![only.clone(), column]))
        }
        (column @ Expr::CompoundIdentifier(_), _) => Some(column),
        _ => None,
    }
}

fn belongs(column: &Expr, names: &[Ident]) -> bool {
    match column {
        Expr::CompoundIdentifier(parts) => {
            parts.iter().rev().nth(1).is_some_and(|name| contains(names, name))
        }
        _ => false,
    }
}

fn contains(names: &[Ident], name: &Ident) -> bool {
    names.iter().any(|known| known.value.eq_ignore_ascii_case(&name.value))
}

/// Gives the only table of a subquery an alias, so that it does not hide the table outside; `None`
/// where its columns are qualified by its name.
fn add_alias(select: &mut Select) -> Option<Ident> {
    let qualifies =
        |expr: &Expr| matches!(expr, Expr::CompoundIdentifier(_)) || expr::subquery(expr).is_some();
    if select.selection.as_ref().is_some_and(|condition| expr::any(condition, 0, &qualifies)) {
        return None;
    }
    let [item] = select.from.as_mut_slice() else {
        return None;
    };
    let TableFactor::Table { name, alias: alias @ None, .. } = &mut item.relation else {
        return None;
    };
    let name = Ident::new(format!("inner_{}", name.0.last()?.as_ident()?.value));
    *alias = Some(TableAlias { explicit: true, name: name.clone(), columns: Vec::new(), at: None });
    Some(name)
}
