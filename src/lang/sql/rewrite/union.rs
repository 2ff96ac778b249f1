//! An OR across columns as UNION ALL of selects.

use sqlparser::ast::{
    BinaryOperator, Expr, Ident, OrderByKind, Query, Select, SelectItem, SetExpr, SetOperator,
    SetQuantifier, Statement as Parsed,
};

use super::super::shape::condition::flatten;
use super::super::shape::expr;
use super::{Note, and, binary, is_plain, is_row_by_row, only_select, qualifiers};

/// Most arms: each select repeats the arms before it.
const MAX_ARMS: usize = 4;

/// Splits the outermost select at the OR of its WHERE.
pub(super) fn apply(parsed: &mut Parsed) -> Option<Vec<Note>> {
    let Parsed::Query(query) = parsed else {
        return None;
    };
    if !is_plain(query) {
        return None;
    }
    let select = only_select(query)?.clone();
    if !is_row_by_row(&select) {
        return None;
    }
    name_order_keys(query, &select)?;
    let (common, arms) = split(select.selection.as_ref()?)?;
    if arms.len() > MAX_ARMS {
        return None;
    }
    let mut union: Option<SetExpr> = None;
    let mut before: Option<Expr> = None;
    for arm in arms {
        let mut condition = and(common.clone(), arm.clone());
        if let Some(before) = before.clone() {
            let before = Expr::IsNotTrue(Box::new(Expr::Nested(Box::new(before))));
            condition = and(Some(condition), before);
        }
        before = Some(match before {
            Some(before) => binary(before, BinaryOperator::Or, arm),
            None => arm,
        });
        let own = Select { selection: Some(condition), ..select.clone() };
        let own = SetExpr::Select(Box::new(own));
        union = Some(match union {
            Some(union) => SetExpr::SetOperation {
                op: SetOperator::Union,
                set_quantifier: SetQuantifier::All,
                left: Box::new(union),
                right: Box::new(own),
            },
            None => own,
        });
    }
    *query.body = union?;
    Some(vec![
        "Each select leaves out the rows that a select before it returned, so that every row comes \
         once, as often as before."
            .to_owned(),
        "It helps only where an index serves each arm and the server does not already combine \
         indexes for the OR (BitmapOr in PostgreSQL, index_merge in MySQL)."
            .to_owned(),
    ])
}

/// What all rows must pass, and the arms of the only OR beside it.
fn split(condition: &Expr) -> Option<(Option<Expr>, Vec<Expr>)> {
    let mut common = None;
    let mut arms = None;
    for part in flatten(condition, &BinaryOperator::And) {
        if matches!(expr::bare(part), Expr::BinaryOp { op: BinaryOperator::Or, .. }) {
            let own = flatten(part, &BinaryOperator::Or);
            if arms.replace(own.into_iter().cloned().collect()).is_some() {
                return None;
            }
        } else {
            common = Some(and(common, part.clone()));
        }
    }
    Some((common, arms?))
}

/// Makes each ORDER BY key the name of an output column, all that a UNION can be sorted by.
fn name_order_keys(query: &mut Query, select: &Select) -> Option<()> {
    let Some(order_by) = &mut query.order_by else {
        return Some(());
    };
    let OrderByKind::Expressions(keys) = &mut order_by.kind else {
        return None;
    };
    for key in keys {
        key.expr = Expr::Identifier(output_name(expr::bare(&key.expr), select)?);
    }
    Some(())
}

/// The name under which a column is in the output, where no other has it.
fn output_name(key: &Expr, select: &Select) -> Option<Ident> {
    let (wanted, qualified) = match key {
        Expr::Identifier(name) => (name, false),
        Expr::CompoundIdentifier(parts) => (parts.last()?, true),
        _ => return None,
    };
    let same = |other: &Ident| other.value.eq_ignore_ascii_case(&wanted.value);
    let mut found = Vec::new();
    for item in &select.projection {
        match item {
            SelectItem::ExprWithAlias { expr, alias } => {
                if (!qualified && same(alias)) || expr == key {
                    found.push(alias.clone());
                } else if same(alias) {
                    return None;
                }
            }
            SelectItem::UnnamedExpr(Expr::Identifier(name)) if same(name) => {
                found.push(name.clone());
            }
            SelectItem::UnnamedExpr(expr @ Expr::CompoundIdentifier(parts)) => {
                let name = parts.last()?;
                if expr == key || (!qualified && same(name)) {
                    found.push(name.clone());
                } else if same(name) {
                    return None;
                }
            }
            SelectItem::Wildcard(_) if qualifiers(select)?.len() == 1 => found.push(wanted.clone()),
            SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..) => return None,
            _ => {}
        }
    }
    match found.as_slice() {
        [only] => Some(only.clone()),
        _ => None,
    }
}
