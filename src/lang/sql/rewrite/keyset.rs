//! LIMIT with OFFSET as a condition on the ORDER BY columns.

use sqlparser::ast::{
    BinaryOperator, Expr, LimitClause, OrderByKind, Query, Select, SelectItem, Statement as Parsed,
};

use super::super::lexer::Dialect;
use super::super::shape::{expr, grammar};
use super::{Note, added, and, binary, is_plain, is_row_by_row, only_select, qualifiers};

/// Most ORDER BY keys: the expanded form grows with each.
const MAX_KEYS: usize = 6;

/// An ORDER BY column and the value it had in the last row of the page before.
struct Key {
    column: Expr,
    descending: bool,
    after: Expr,
}

/// Replaces the OFFSET of the outermost select by a condition.
pub(super) fn apply(parsed: &mut Parsed, dialect: Dialect) -> Option<Vec<Note>> {
    let Parsed::Query(query) = parsed else {
        return None;
    };
    if !is_plain(query) || !drop_offset(query) {
        return None;
    }
    let order_by = query.order_by.clone()?;
    let OrderByKind::Expressions(order_by) = order_by.kind else {
        return None;
    };
    let select = only_select(query)?;
    if !is_row_by_row(select) || select.distinct.is_some() || !returns_one_row_each(select) {
        return None;
    }
    let mut keys = Vec::new();
    let mut values = Vec::new();
    for (index, key) in order_by.iter().enumerate() {
        if key.options.nulls_first.is_some() || key.with_fill.is_some() {
            return None;
        }
        let (after, written) = added(index, dialect)?;
        let column = column(&key.expr, select)?;
        values.push(format!("{written} is that of {column}"));
        keys.push(Key { column, descending: grammar::is_descending(key), after });
    }
    if keys.is_empty() || keys.len() > MAX_KEYS {
        return None;
    }
    let missing: Vec<_> = keys
        .iter()
        .filter(|key| !is_in_output(&key.column, select))
        .map(|key| key.column.to_string())
        .collect();
    let names: Vec<_> = keys.iter().map(|key| key.column.to_string()).collect();
    let condition = behind(keys, dialect)?;
    select.selection = Some(and(select.selection.take(), condition));
    let mut notes = vec![
        format!(
            "The new placeholders take the values of the last row of the page before: {}. The \
             first page runs without this condition.",
            values.join(", ")
        ),
        format!(
            "{} must be NOT NULL and must be unique together: where they are not, add a unique \
             column, such as the primary key, as the last key, to ORDER BY and to the condition.",
            names.join(", ")
        ),
        "Pages can be walked through, but no longer be jumped to by number.".to_owned(),
    ];
    if !missing.is_empty() {
        let missing = missing.join(", ");
        notes.push(format!("Add {missing} to the select list: the next page needs the values."));
    }
    Some(notes)
}

/// Removes OFFSET; false where there is none or where the page has no size.
fn drop_offset(query: &mut Query) -> bool {
    if query.fetch.as_ref().is_some_and(|fetch| fetch.with_ties || fetch.percent) {
        return false;
    }
    let fetches = query.fetch.is_some();
    match query.limit_clause.take() {
        Some(LimitClause::OffsetCommaLimit { limit, .. }) => {
            query.limit_clause = Some(LimitClause::LimitOffset {
                limit: Some(limit),
                offset: None,
                limit_by: Vec::new(),
            });
            true
        }
        Some(LimitClause::LimitOffset { limit, offset: Some(_), limit_by })
            if limit_by.is_empty() && (limit.is_some() || fetches) =>
        {
            query.limit_clause = limit.map(|limit| LimitClause::LimitOffset {
                limit: Some(limit),
                offset: None,
                limit_by,
            });
            true
        }
        _ => false,
    }
}

/// Whether no function of the select list is one that makes several rows of one.
fn returns_one_row_each(select: &Select) -> bool {
    let makes_rows = |expr: &Expr| match expr {
        Expr::Function(call) => {
            let name = call.name.to_string().to_ascii_lowercase();
            ["unnest", "generate_", "_each", "_elements", "_keys", "_to_table", "_recordset"]
                .iter()
                .chain(&["_to_record", "_path_query", "regexp_matches", "_populate_record"])
                .any(|part| name.contains(part))
        }
        _ => false,
    };
    select.projection.iter().all(|item| match item {
        SelectItem::UnnamedExpr(item) | SelectItem::ExprWithAlias { expr: item, .. } => {
            !expr::any(item, 0, &makes_rows)
        }
        _ => true,
    })
}

/// The column an ORDER BY key is, as WHERE must write it: there, output columns have no names.
fn column(key: &Expr, select: &Select) -> Option<Expr> {
    let column = match expr::bare(key) {
        Expr::Identifier(name) => {
            let is_name =
                |other: &sqlparser::ast::Ident| other.value.eq_ignore_ascii_case(&name.value);
            let made_of = select.projection.iter().find_map(|item| match item {
                SelectItem::ExprWithAlias { expr, alias } if is_name(alias) => Some(expr),
                SelectItem::UnnamedExpr(expr @ Expr::CompoundIdentifier(parts))
                    if parts.last().is_some_and(is_name) =>
                {
                    Some(expr)
                }
                _ => None,
            });
            made_of.unwrap_or(key)
        }
        other => other,
    };
    match expr::bare(column) {
        column @ (Expr::Identifier(_) | Expr::CompoundIdentifier(_)) => Some(column.clone()),
        _ => None,
    }
}

fn is_in_output(column: &Expr, select: &Select) -> bool {
    let name = |column: &Expr| match column {
        Expr::Identifier(name) => Some(name.value.to_ascii_lowercase()),
        Expr::CompoundIdentifier(parts) => parts.last().map(|name| name.value.to_ascii_lowercase()),
        _ => None,
    };
    let single = qualifiers(select).is_some_and(|names| names.len() == 1);
    select.projection.iter().any(|item| match item {
        SelectItem::Wildcard(_) => true,
        SelectItem::QualifiedWildcard(kind, _) => match column {
            Expr::CompoundIdentifier(parts) => {
                kind.to_string().strip_suffix(".*").is_some_and(|qualifier| {
                    parts
                        .iter()
                        .rev()
                        .nth(1)
                        .is_some_and(|own| own.value.eq_ignore_ascii_case(qualifier))
                })
            }
            _ => single,
        },
        SelectItem::UnnamedExpr(item) | SelectItem::ExprWithAlias { expr: item, .. } => {
            item == column || (single && name(item).is_some() && name(item) == name(column))
        }
        SelectItem::ExprWithAliases { .. } => false,
    })
}

/// The condition that a row comes behind the given values.
fn behind(keys: Vec<Key>, dialect: Dialect) -> Option<Expr> {
    let descending = keys.first()?.descending;
    let one_way = keys.iter().all(|key| key.descending == descending);
    if keys.len() > 1 && one_way && dialect != Dialect::Mysql {
        let (columns, values) = keys.into_iter().map(|key| (key.column, key.after)).unzip();
        return Some(binary(Expr::Tuple(columns), past(descending), Expr::Tuple(values)));
    }
    // MySQL reads no index range from a comparison of rows, and a row has one direction.
    let first = keys.first()?;
    let bound = (keys.len() > 1).then(|| {
        let op = if descending { BinaryOperator::LtEq } else { BinaryOperator::GtEq };
        binary(first.column.clone(), op, first.after.clone())
    });
    let mut rest: Option<Expr> = None;
    for key in keys.into_iter().rev() {
        let past = binary(key.column.clone(), past(key.descending), key.after.clone());
        rest = Some(match rest {
            None => past,
            Some(rest) => {
                let tie = binary(key.column, BinaryOperator::Eq, key.after);
                let tied = Expr::Nested(Box::new(and(Some(tie), rest)));
                binary(past, BinaryOperator::Or, tied)
            }
        });
    }
    Some(and(bound, rest?))
}

fn past(descending: bool) -> BinaryOperator {
    if descending { BinaryOperator::Lt } else { BinaryOperator::Gt }
}
