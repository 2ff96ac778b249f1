//! Index candidates from a node of a PostgreSQL plan: its conditions and sort keys, read by the same
//! grammar as statements. Why the columns stand in their order is said in the fix.
//!
//! A plan shows what one run tested, not which indexes there are: every candidate stands behind the
//! query that lists them.

use super::ident;
use super::index::{self, Candidate, write_cost};
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::Fix;
use crate::lang::sql::lexer::Dialect;
use crate::lang::sql::shape::{self, Comparison, Predicate};
use crate::model::plan::Node;
use std::collections::BTreeSet;

/// Columns of an index beyond which it gets wide and serves hardly more statements.
const MAX_COLUMNS: usize = 4;
/// Properties that hold conditions on a node's own table.
const CONDITIONS: &[&str] = &["Index Cond", "Recheck Cond", "Filter"];
/// Casts that change nothing for an index where the column is of a kindred type, as it mostly is:
/// PostgreSQL prints them around every `varchar`.
const KINDRED_CASTS: &[&str] = &["::text", "::varchar", "::character varying", "::bpchar"];

/// What an index on one table could serve.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Wanted {
    /// Columns that are compared for equality.
    equal: Vec<String>,
    /// Sort keys as they stand in the DDL, with their direction, and the bare column of each.
    sort: Vec<(String, String)>,
    /// Columns that are compared with a range.
    range: Vec<String>,
}

impl Wanted {
    /// Whether no column is known that an index could find rows by.
    pub fn is_empty(&self) -> bool {
        self.equal.is_empty() && self.range.is_empty()
    }

    /// The columns that an index could find rows by.
    pub fn columns(&self) -> Vec<&str> {
        self.equal.iter().chain(&self.range).map(|column| &**column).collect()
    }

    /// Adds the sort keys of a node, as printed: `total DESC`, `o.id`. Keys that are no bare columns
    /// of the scanned table end the list: what comes after them an index cannot sort.
    pub fn sorted_by(mut self, scan: &Node, keys: &[&str]) -> Self {
        for key in keys {
            let (text, direction) = match key.split_once(" DESC") {
                Some((text, rest)) => (text, format!(" DESC{rest}")),
                None => (*key, String::new()),
            };
            let Some(column) = bare_column(scan, text) else { break };
            if !self.equal.contains(&column) {
                self.range.retain(|ranged| *ranged != column);
                self.sort.push((format!("{}{direction}", ident::column(&column)), column));
            }
        }
        self
    }

    /// The index and the reason for its order; `None` where no column is known.
    pub fn candidate(&self, table: &str) -> Option<(Candidate, String)> {
        let mut keys: Vec<String> = Vec::new();
        let mut words = Vec::new();
        let mut reasons = Vec::new();
        let mut add = |key: String, column: &str| {
            if words.len() < MAX_COLUMNS && !words.iter().any(|word: &String| word == column) {
                keys.push(key);
                words.push(ident::unquoted(column));
            }
        };
        for column in &self.equal {
            add(ident::column(column), column);
        }
        self.sort.iter().for_each(|(key, column)| add(key.clone(), column));
        if let Some(column) = self.range.first() {
            add(ident::column(column), column);
        }
        if !self.equal.is_empty() {
            reasons.push(format!("{} first: tested for equality", listed(&self.equal)));
        }
        if !self.sort.is_empty() {
            let columns: Vec<_> = self.sort.iter().map(|(_, column)| column.clone()).collect();
            reasons.push(format!("{} in sort order, so that no sort is needed", listed(&columns)));
        }
        if let Some(column) = self.range.first() {
            let column = listed(std::slice::from_ref(column));
            reasons.push(format!("{column} last: behind a range no column narrows what is read"));
        }
        let candidate =
            Candidate { table: table.to_owned(), using: "", keys, words, extension: None };
        (!candidate.keys.is_empty()).then(|| (candidate, sentence(&reasons.join("; "))))
    }
}

/// What an index on a node's table could serve of its conditions.
pub fn wanted(node: &Node) -> Wanted {
    wanted_of(node, &[])
}

/// The same with further conditions, such as those of the join above.
pub fn wanted_of(node: &Node, more: &[&str]) -> Wanted {
    let mut wanted = Wanted::default();
    let own = CONDITIONS.iter().flat_map(|name| node.details.texts(name));
    for condition in own.chain(more.iter().copied()) {
        for predicate in predicates(node, condition) {
            add(&mut wanted, node, &predicate);
        }
    }
    wanted.range.retain(|column| !wanted.equal.contains(column));
    wanted
}

fn add(wanted: &mut Wanted, node: &Node, predicate: &Predicate) {
    let is_bare = predicate.wrapped_in.as_deref().is_none_or(|by| KINDRED_CASTS.contains(&by));
    if !is_bare || predicate.below_or || !is_of(node, predicate) {
        return;
    }
    let columns = match predicate.comparison {
        Comparison::Equal | Comparison::In => &mut wanted.equal,
        Comparison::Range => &mut wanted.range,
        Comparison::Like | Comparison::Null | Comparison::Other => return,
    };
    if !columns.contains(&predicate.column.column) {
        columns.push(predicate.column.column.clone());
    }
}

/// Whether the filter of a node tests something, but no bare column that an index finds rows by: its
/// casts and patterns have rules of their own.
pub fn filter_is_of_other_kind(node: &Node) -> bool {
    let Some(filter) = node.text("Filter") else { return false };
    let mut wanted = Wanted::default();
    predicates(node, filter).iter().for_each(|predicate| add(&mut wanted, node, predicate));
    wanted.is_empty() && (pattern_column(node).is_some() || cast_column(node).is_some())
}

/// Whether nothing that a node tests is for an index on bare columns.
pub fn is_of_other_kind(node: &Node) -> bool {
    wanted(node).is_empty() && filter_is_of_other_kind(node)
}

/// The column that a filter casts to another kind of number, and to which.
pub fn cast_column(node: &Node) -> Option<(String, &'static str)> {
    const CASTS: &[&str] = &["numeric", "double precision", "real"];
    let filter = node.text("Filter")?;
    predicates(node, filter).into_iter().find_map(|predicate| {
        let by = predicate.wrapped_in.as_deref()?.strip_prefix("::")?;
        let cast = CASTS.iter().find(|cast| **cast == by)?;
        let compares = matches!(predicate.comparison, Comparison::Equal | Comparison::In);
        (compares && is_of(node, &predicate)).then_some((predicate.column.column, *cast))
    })
}

/// The column that a filter compares with a pattern.
pub fn pattern_column(node: &Node) -> Option<String> {
    let filter = node.text("Filter")?;
    predicates(node, filter).into_iter().find_map(|predicate| {
        let is_bare = predicate.wrapped_in.as_deref().is_none_or(|by| KINDRED_CASTS.contains(&by));
        let is_pattern = predicate.comparison == Comparison::Like && is_bare;
        (is_pattern && is_of(node, &predicate)).then_some(predicate.column.column)
    })
}

/// The comparisons of a condition as a plan prints it.
pub fn predicates(node: &Node, condition: &str) -> Vec<Predicate> {
    let Some(relation) = &node.relation else { return Vec::new() };
    let alias = node.alias.as_deref().map_or(String::new(), ident::quoted_part);
    // What the condition refers to outside its table stands beside it, so that a comparison with
    // another table's column is known as one.
    let own = [node.alias.as_deref().map(str::to_owned), Some(ident::last_part(relation))];
    let others = qualifiers(condition);
    let others = others.iter().filter(|name| !own.contains(&Some(ident::unquoted(name))));
    let others: String = others.map(|name| format!(", {name}")).collect();
    let relation = ident::quoted(relation);
    let sql = format!("SELECT 1 FROM {relation} {alias}{others} WHERE {condition}");
    shape::read(&sql, Dialect::Postgres).predicates
}

/// The names before the dots of a condition, as printed.
fn qualifiers(condition: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut word = String::new();
    let mut is_quoted = false;
    for letter in condition.chars() {
        match letter {
            '"' => {
                if !is_quoted && !word.starts_with('"') {
                    word.clear();
                }
                word.push(letter);
                is_quoted = !is_quoted;
            }
            '.' if !is_quoted => {
                if word.starts_with(|first: char| !first.is_ascii_digit()) {
                    names.insert(std::mem::take(&mut word));
                }
                word.clear();
            }
            letter if is_quoted || letter.is_alphanumeric() || matches!(letter, '_' | '$') => {
                word.push(letter);
            }
            _ => word.clear(),
        }
    }
    names
}

/// Whether a comparison is of the node's own table: unqualified, or by its name or alias.
pub fn is_of(node: &Node, predicate: &Predicate) -> bool {
    let names = [node.relation.as_deref(), node.alias.as_deref()];
    predicate.column.table.as_deref().is_none_or(|table| {
        names.contains(&Some(table)) || names.contains(&Some(&*ident::last_part(table)))
    })
}

/// The column that a sort key is, where it is one of the scanned table and nothing more.
fn bare_column(scan: &Node, key: &str) -> Option<String> {
    let key = key.trim().trim_start_matches('(').trim_end_matches(')');
    let parts = ident::parts(key);
    let is_name =
        |part: &String| part.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '$'));
    let (column, qualifier) = match parts.as_slice() {
        [column] => (column, None),
        [.., table, column] => (column, Some(table)),
        [] => return None,
    };
    let names =
        [scan.relation.as_deref().map(ident::last_part), scan.alias.as_deref().map(str::to_owned)];
    let is_own = qualifier.is_none_or(|table| names.iter().flatten().any(|name| name == table));
    (is_own && is_name(column) && !column.is_empty()).then(|| column.clone())
}

fn listed(columns: &[String]) -> String {
    columns
        .iter()
        .map(|column| format!("`{}`", ident::column(column)))
        .collect::<Vec<_>>()
        .join(", ")
}

fn sentence(text: &str) -> String {
    match text.is_empty() {
        true => String::new(),
        false => format!("{text}. "),
    }
}

/// The fix that a candidate makes, with the reason for its columns before the cautions.
pub fn fix(
    candidate: Candidate,
    reason: &str,
    plan: &PlanEvidence<'_>,
    evidence: &Evidence<'_>,
) -> Fix {
    let databases = evidence.class_of(plan).map_or(1, |class| index::databases(&class));
    let fix = index::postgres(&[candidate], databases, evidence.options, "plan");
    Fix { note: format!("{reason}{}", fix.note), ..fix }
}

/// The sort keys of the plan's statement that are columns of a table, as a plan prints them.
pub fn order_of(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, table: &str) -> Vec<String> {
    let class = evidence.class_of(plan);
    let read = |sql: &str| shape::read(sql, Dialect::Postgres);
    let order = match (&class, plan.plan().statement.as_deref()) {
        (Some(class), _) => class.shape.order_by.clone(),
        (None, Some(statement)) => read(statement).order_by,
        (None, None) => Vec::new(),
    };
    let keys = order.into_iter().map_while(|key| {
        let column = key.column?;
        let is_own = column.table.is_none_or(|of| ident::last_part(&of) == ident::last_part(table));
        let direction = if key.descending { " DESC" } else { "" };
        is_own.then(|| format!("{}{direction}", ident::column(&column.column)))
    });
    keys.collect()
}

/// What an index on a table costs, from the logged writes where there is a log.
pub fn cost(plan: &PlanEvidence<'_>, evidence: &Evidence<'_>, table: &str) -> String {
    match evidence.class_of(plan).filter(|class| class.class.stats.calls > 0) {
        Some(class) => write_cost(evidence, &class, table),
        None => {
            "One more index to store, and to maintain on every write to the table, of which a plan \
                 tells nothing; updates of an indexed column lose the HOT shortcut."
                .to_owned()
        }
    }
}

/// The words of a column in a sentence.
pub fn column_words(column: &str) -> String {
    format!("`{}`", ident::column(column))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::plan::{Actual, Estimated, Operator, Properties, Role, Value};

    fn scan(alias: &str, condition: &str) -> Node {
        let mut details = Properties::default();
        details.push("Filter", Value::Text(condition.into()));
        Node {
            role: Role::Root,
            label: None,
            native: "Seq Scan".into(),
            operator: Operator::FullScan,
            relation: Some("orders".into()),
            alias: Some(alias.into()),
            index: None,
            estimated: Estimated::default(),
            actual: Actual::Unknown,
            details,
            parent: None,
            depth: 0,
            end: 1,
        }
    }

    #[test]
    fn columns_are_ordered_by_what_they_do() {
        let cases: [(&str, &str, &[&str], &str); 11] = [
            ("orders", "(customer_id = ?)", &[], "customer_id"),
            (
                "orders",
                "((created_at >= ?::timestamp with time zone) AND (customer_id = ?))",
                &[],
                "customer_id, created_at",
            ),
            (
                "o",
                "((o.status)::text = ?::text)",
                &["o.total DESC", "o.id"],
                "status, total DESC, id",
            ),
            ("o", "(o.customer_id = c.id)", &[], "customer_id"),
            (
                "orders",
                "((customer_id = \"C 1\".id) AND (c.total > total))",
                &[],
                "customer_id, total",
            ),
            ("orders", "(status = ANY (?::text[]))", &["created_at"], "status, created_at"),
            (
                "orders",
                "(\"Total\" > ?)",
                &["\"Total\" DESC NULLS LAST"],
                "\"Total\" DESC NULLS LAST",
            ),
            ("orders", "((customer_id)::numeric = ?)", &[], ""),
            ("orders", "((a = ?) OR (b = ?))", &[], ""),
            ("orders", "(note ~~ ?::text)", &["lower(note)"], ""),
            ("o", "", &["c.name"], ""),
        ];
        for (alias, condition, keys, columns) in cases {
            let node = scan(alias, condition);
            let candidate = wanted(&node).sorted_by(&node, keys).candidate("orders");
            let found = candidate.map_or(String::new(), |(candidate, _)| candidate.keys.join(", "));
            assert_eq!(found, columns, "{condition} {keys:?}");
        }
    }
}
