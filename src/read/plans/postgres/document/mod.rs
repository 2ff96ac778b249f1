//! From the tree of a document to plans: the same for JSON, XML and YAML.
//!
//! A document holds statements (objects with a `Plan`) or bare nodes, alone, in lists, or in what a
//! client put around them. Statements become plans of their own; what stands beside their `Plan`
//! is [`statement`]'s, nodes are [`nodes`]'.

mod detail;
mod fields;
mod native;
mod nodes;
mod statement;

use super::super::tree::{Ref, Scalar, Tree};
use super::super::{Literals, PlanError};
use crate::model::plan::Plan;

/// The plans of a document. Documents that stand in it as texts are read with `parse_inner`.
pub fn read<'a>(
    tree: &'a Tree<'a>,
    format: &'static str,
    literals: Literals,
    parse_inner: impl Fn(&'a str) -> Result<Tree<'a>, PlanError>,
) -> Result<Vec<Plan>, PlanError> {
    let mut plans = Vec::new();
    let mut inner_texts = Vec::new();
    for found in roots(tree) {
        match found {
            Root::Plan(at) => plans.push(statement::read(at, tree, format, literals)?),
            Root::Text(text) => inner_texts.push(text),
        }
    }
    for text in inner_texts {
        let inner = parse_inner(text)?;
        for found in roots(&inner) {
            if let Root::Plan(at) = found {
                plans.push(statement::read(at, &inner, format, literals)?);
            }
        }
    }
    match plans.is_empty() {
        true => Err(PlanError::at(0, "no node of a plan in it")),
        false => Ok(plans),
    }
}

/// What a document holds.
enum Root<'t, 'a> {
    /// A statement or a bare node.
    Plan(Ref<'t, 'a>),
    /// A document in a text, as clients print it.
    Text(&'t str),
}

/// The outermost statements and nodes, and texts that may hold some, in their order.
fn roots<'t, 'a>(tree: &'t Tree<'a>) -> Vec<Root<'t, 'a>> {
    let mut found = Vec::new();
    let mut todo = vec![tree.root()];
    while let Some(at) = todo.pop() {
        match at.scalar() {
            Scalar::Object if is_statement(at) || is_node(at) => found.push(Root::Plan(at)),
            Scalar::Object | Scalar::Array => {
                let first = todo.len();
                todo.extend(at.children());
                todo[first..].reverse();
            }
            Scalar::Text(text) if text.contains("\"Node Type\"") => found.push(Root::Text(text)),
            _ => {}
        }
    }
    found
}

/// Whether an object is a statement: it has a plan.
fn is_statement(at: Ref<'_, '_>) -> bool {
    at.get("Plan").is_some_and(is_node)
}

/// Whether an object is a node.
fn is_node(at: Ref<'_, '_>) -> bool {
    at.get("Node Type").is_some()
}
