//! The words of an operation of MySQL's executor, as FORMAT=TREE prints them and FORMAT=JSON of
//! version 2 repeats them in `operation`: which operator that is, what it reads, and its arguments.
//!
//! Input: the text of one operation, without costs and figures. Output: an [`Operation`], its
//! arguments under the names that the JSON form gives them. Headings, which stand above an
//! operation and say what it is there for, are read here as well. Literals are still in the
//! details: whoever adds them to a plan masks them ([`Operation::open`] does).

mod access;
mod arguments;

use super::masking;
use crate::model::plan::{Node, Operator, Plan, Role, Value};
use crate::read::plans::{Builder, PlanError};
use std::borrow::Cow;

/// What an operation's words say.
#[derive(Clone, PartialEq, Debug)]
pub struct Operation<'a> {
    /// The words without names and literals: `Index lookup`, `Inner hash join`.
    pub native: Cow<'a, str>,
    /// What that means.
    pub operator: Operator,
    /// The table, temporary table or CTE, as the statement calls it.
    pub relation: Option<&'a str>,
    /// The index.
    pub index: Option<&'a str>,
    /// Its arguments, literals included, by the names of the JSON form.
    pub details: Vec<(&'static str, Value)>,
    /// Whether these words are known; else the whole text is the detail `operation`.
    pub is_known: bool,
}

/// How the words behind an operation's own are read.
#[derive(Clone, Copy)]
enum Rest {
    /// There is nothing.
    Bare,
    /// A table, and how it is accessed: `t using k (a = 1), with index condition: …`.
    Access,
    /// One name, `(…)` behind it or around it.
    Name,
    /// Tables that are changed: `t1 (immediate), t2 (buffered)`.
    Tables,
    /// `: condition`.
    Condition,
    /// `: a, b DESC, limit input to 5 row(s) per chunk`.
    Sort,
    /// `: count(0), sum(a)`, or `(no aggregates)`.
    Functions,
    /// `: 5 row(s)`, `: 5/10 row(s)`.
    Limit,
    /// `(t1.a = t2.a), extra conditions: …`.
    HashJoin,
    /// ` (FirstMatch)`.
    Strategy,
    /// ` CTE x if needed (invalidate on row from t)`.
    Materialize,
    /// `(cause)`, and more words.
    Cause,
    /// What rows are grouped on.
    Groups,
    /// ` t rows using temporary table (weedout)`.
    Weedout,
    /// Words that have no name of their own.
    Words,
}

/// The operations. Of those that a text begins with, the longest holds.
const OPERATIONS: &[(&str, Operator, Rest)] = {
    use Operator as O;
    use Rest as R;
    &[
        ("Table scan on ", O::FullScan, R::Access),
        ("Sample scan on ", O::FullScan, R::Access),
        ("Scan new records on ", O::DerivedScan, R::Access),
        ("Index scan on ", O::FullIndexScan, R::Access),
        ("Covering index scan on ", O::FullIndexScan, R::Access),
        ("Index distance scan on ", O::IndexScan, R::Access),
        ("Covering index distance scan on ", O::IndexOnlyScan, R::Access),
        ("Custom index distance scan on ", O::IndexScan, R::Words),
        ("Index lookup on ", O::IndexScan, R::Access),
        ("Covering index lookup on ", O::IndexOnlyScan, R::Access),
        ("Single-row index lookup on ", O::KeyLookup, R::Access),
        ("Single-row covering index lookup on ", O::KeyLookup, R::Access),
        ("Multi-range index lookup on ", O::IndexScan, R::Access),
        ("Multi-range covering index lookup on ", O::IndexOnlyScan, R::Access),
        ("Full-text index search on ", O::IndexScan, R::Access),
        ("Full-text covering index search on ", O::IndexOnlyScan, R::Access),
        ("Index range scan on ", O::IndexScan, R::Access),
        ("Covering index range scan on ", O::IndexOnlyScan, R::Access),
        ("Index skip scan on ", O::IndexScan, R::Access),
        ("Index skip scan for grouping on ", O::IndexScan, R::Access),
        ("Index skip scan for deduplication on ", O::IndexScan, R::Access),
        ("Covering index skip scan on ", O::IndexOnlyScan, R::Access),
        ("Covering index skip scan for grouping on ", O::IndexOnlyScan, R::Access),
        ("Covering index skip scan for deduplication on ", O::IndexOnlyScan, R::Access),
        ("Constant row from ", O::KeyLookup, R::Access),
        ("Count rows in ", O::FullScan, R::Name),
        ("Fill information schema table ", O::Materialize, R::Name),
        ("Materialize table function", O::Materialize, R::Bare),
        ("Rows fetched before execution", O::RowSource, R::Bare),
        ("Zero rows", O::RowSource, R::Cause),
        ("Zero input rows", O::RowSource, R::Cause),
        ("Sort-deduplicate by row ID", O::BitmapCombine, R::Bare),
        ("Intersect rows sorted by row ID", O::BitmapCombine, R::Bare),
        ("Deduplicate rows sorted by row ID", O::BitmapCombine, R::Bare),
        ("Nested loop inner join", O::NestedLoop, R::Strategy),
        ("Nested loop left join", O::NestedLoop, R::Strategy),
        ("Nested loop antijoin", O::NestedLoop, R::Strategy),
        ("Nested loop anti-join", O::NestedLoop, R::Strategy),
        ("Nested loop semijoin", O::NestedLoop, R::Strategy),
        ("Nested loop semijoin with duplicate removal on ", O::NestedLoop, R::Name),
        ("Batched key access inner join", O::NestedLoop, R::Strategy),
        ("Batched key access left join", O::NestedLoop, R::Strategy),
        ("Batched key access antijoin", O::NestedLoop, R::Strategy),
        ("Batched key access semijoin", O::NestedLoop, R::Strategy),
        ("Inner hash join", O::HashJoin, R::HashJoin),
        ("Left hash join", O::HashJoin, R::HashJoin),
        ("Full hash join", O::HashJoin, R::HashJoin),
        ("Hash antijoin", O::HashJoin, R::HashJoin),
        ("Hash semijoin", O::HashJoin, R::HashJoin),
        ("Filter", O::Filter, R::Condition),
        ("Sort", O::Sort, R::Sort),
        ("Sort row IDs", O::Sort, R::Sort),
        ("Sort with duplicate removal", O::Sort, R::Sort),
        ("Sort row IDs with duplicate removal", O::Sort, R::Sort),
        ("Limit", O::Limit, R::Limit),
        ("Offset", O::Limit, R::Limit),
        ("Limit/Offset", O::Limit, R::Limit),
        ("Aggregate", O::Aggregate, R::Functions),
        ("Group", O::Aggregate, R::Functions),
        ("Group aggregate", O::Aggregate, R::Functions),
        ("Group aggregate with rollup", O::Aggregate, R::Functions),
        ("Group aggregate with cube", O::Aggregate, R::Functions),
        ("Aggregate using temporary table", O::Aggregate, R::Functions),
        ("Window aggregate", O::Window, R::Functions),
        ("Window aggregate with buffering", O::Window, R::Functions),
        ("Window multi-pass aggregate", O::Window, R::Functions),
        ("Window multi-pass aggregate with buffering", O::Window, R::Functions),
        ("Stream results", O::Project, R::Bare),
        ("Append", O::Append, R::Bare),
        ("Materialize", O::Materialize, R::Materialize),
        ("Materialize recursive", O::RecursiveUnion, R::Materialize),
        ("Materialize union", O::Materialize, R::Materialize),
        ("Temporary table", O::Materialize, R::Materialize),
        ("Union materialize", O::Materialize, R::Materialize),
        ("Union all materialize", O::Materialize, R::Materialize),
        ("Except materialize", O::SetOperation, R::Materialize),
        ("Except all materialize", O::SetOperation, R::Materialize),
        ("Intersect materialize", O::SetOperation, R::Materialize),
        ("Intersect all materialize", O::SetOperation, R::Materialize),
        ("Remove duplicates from input grouped on ", O::Unique, R::Groups),
        ("Remove duplicates from input sorted on ", O::Unique, R::Name),
        ("Remove duplicates using temporary table (weedout)", O::Unique, R::Bare),
        ("Remove duplicate ", O::Unique, R::Weedout),
        ("Alternative plans for IN subquery", O::Other, R::Words),
        ("Invalidate materialized tables", O::Other, R::Name),
        ("Delete from ", O::Modify, R::Tables),
        ("Update ", O::Modify, R::Tables),
        ("Insert into ", O::Modify, R::Tables),
        ("Replace into ", O::Modify, R::Tables),
        ("<not executable by iterator executor>", O::Other, R::Bare),
    ]
};

/// Reads the text of an operation.
pub fn read(text: &str) -> Operation<'_> {
    let text = text.trim();
    let known = OPERATIONS
        .iter()
        .filter(|(words, ..)| begins_with_words(text, words))
        .max_by_key(|(words, ..)| words.len());
    let Some(&(words, operator, rest)) = known else {
        return arguments::unknown(text);
    };
    let (own, behind) = text.split_at_checked(words.len()).unwrap_or((text, ""));
    let mut operation = Operation {
        native: Cow::Borrowed(native_words(own)),
        operator,
        relation: None,
        index: None,
        details: Vec::new(),
        is_known: true,
    };
    let left = match rest {
        Rest::Access => access::read(&mut operation, behind),
        _ => arguments::read(&mut operation, rest, behind),
    };
    if !left.trim().is_empty() {
        // What an engine adds about itself, and what later versions say, is not lost.
        operation.details.push(("operation", Value::Text(text.into())));
    }
    operation
}

/// Whether these words stand at the start of a text: whole words, not the beginnings of longer ones.
fn begins_with_words(text: &str, words: &str) -> bool {
    let is_end = |next: char| matches!(next, ' ' | ':' | '(' | ',');
    text.strip_prefix(words).is_some_and(|behind| {
        words.ends_with(' ') || behind.is_empty() || behind.starts_with(is_end)
    })
}

/// The words without the preposition that leads to a name.
fn native_words(own: &str) -> &str {
    let own = own.trim_end();
    [" on", " from", " in", " into"].iter().find_map(|word| own.strip_suffix(word)).unwrap_or(own)
}

impl Operation<'_> {
    /// Opens a node of it below the innermost open one, its details masked, and gives it.
    pub fn open(
        self,
        builder: &mut Builder,
        role: Role,
        offset: usize,
    ) -> Result<&mut Node, PlanError> {
        let node = builder.open(role, &self.native, self.operator, offset)?;
        node.relation = self.relation.map(Into::into);
        node.index = self.index.map(Into::into);
        for (name, value) in self.details {
            masking::detail(builder, name, value);
        }
        // It was opened above.
        builder.node().ok_or_else(|| PlanError::at(offset, "no node is open"))
    }
}

/// What a heading says of the operation below it.
#[derive(Clone, PartialEq, Debug)]
pub struct Heading {
    /// Whether the operation is a subquery of an expression.
    pub is_subquery: bool,
    /// The subquery that it is: `select #2`.
    pub label: Option<String>,
    /// The same by the names of the JSON form, without literals.
    pub details: Vec<(&'static str, Value)>,
}

/// Reads a heading; `None` if it is none, but an operation.
pub fn heading(text: &str) -> Option<Heading> {
    let text = text.trim();
    let mut heading = Heading {
        is_subquery: false,
        label: None,
        details: vec![("heading", Value::Text(text.into()))],
    };
    if let Some(select) = text.strip_prefix("Select #") {
        let (number, words) = select.split_once(' ').unwrap_or((select, ""));
        if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let words = words.trim_start_matches('(').trim_end_matches(')');
        let (place, how) = words.split_once("; ").unwrap_or((words, ""));
        heading.is_subquery = true;
        heading.label = Some(format!("select #{number}"));
        heading.details.push(("subquery", Value::Flag(true)));
        if let Some(place) = place.strip_prefix("subquery in ") {
            heading.details.push(("subquery_location", Value::Text(place.into())));
        }
        match how {
            "dependent" => heading.details.push(("dependent", Value::Flag(true))),
            "run only once" => heading.details.push(("cacheable", Value::Flag(true))),
            _ => {}
        }
        return Some(heading);
    }
    const OTHERS: [&str; 6] = [
        "Hash",
        "Batch input rows",
        "Clustered primary key (scanned separately)",
        "Limit table size: ",
        "Disable deduplication",
        "Repeat until convergence",
    ];
    // Some have more words behind a comma, or a number.
    let mut known = OTHERS.iter().filter_map(|words| text.strip_prefix(words).zip(Some(words)));
    let is_one = |(rest, words): (&str, &&str)| {
        rest.is_empty() || rest.starts_with(',') || words.ends_with(' ')
    };
    if !known.any(is_one) {
        return None;
    }
    Some(heading)
}

/// Gives the nodes of a plan of operations the roles that their places tell, but for the root and
/// those that a heading tells to be subqueries: the sides of a join, the members of what combines
/// several inputs, the rows that a table scan reads because the plan made them. A table with such an
/// input is a derived one, whatever it is called.
pub fn settle_roles(plan: &mut Plan) {
    for at in 0..plan.nodes.len() {
        let inputs: Vec<usize> = plan
            .children(at)
            .filter(|child| plan.nodes.get(*child).is_some_and(|node| node.role != Role::SubPlan))
            .collect();
        let Some(operator) = plan.nodes.get(at).map(|node| node.operator) else { continue };
        let is_read = operator.reads_table() || operator == Operator::DerivedScan;
        for (nth, input) in inputs.iter().enumerate() {
            let Some(node) = plan.nodes.get_mut(*input) else { continue };
            let is_kept = matches!(
                node.operator,
                Operator::Materialize | Operator::SetOperation | Operator::RecursiveUnion
            );
            node.role = match (operator.joins(), inputs.len() > 1, nth) {
                (true, true, 0) => Role::Outer,
                (true, true, _) => Role::Inner,
                (false, true, _) => Role::Member,
                _ if is_read && is_kept => Role::Cte,
                _ => Role::Input,
            };
        }
        if let Some(node) = plan.nodes.get_mut(at).filter(|_| is_read && !inputs.is_empty()) {
            node.operator = Operator::DerivedScan;
        }
    }
}

#[cfg(test)]
mod tests;
