//! MySQL's EXPLAIN FORMAT=JSON of version 2 (8.3 and later): operations with their inputs. In: the
//! tree of a document, with or without the statement around the plan. Out: its plan.
//!
//! Every object with an `operation` is a node; those in its lists (`inputs`,
//! `inputs_from_select_list` …) are below it, in their order. The words come from `operation`, as in
//! FORMAT=TREE; all else that it says in words stands in members of their own, and those are kept.
//! Rows and times of EXPLAIN ANALYZE are means of one loop, printed in full.

use super::masking;
use super::names;
use super::operation::{self, Heading};
use crate::model::event::Engine;
use crate::model::plan::{Actual, Measured, Plan, Quantity, Role};
use crate::read::plans::tree::Ref;
use crate::read::plans::{Builder, Literals, PlanError};

/// Members that are about the statement, not about one of its operations.
const OF_STATEMENT: [&str; 3] = ["query", "query_type", "json_schema_version"];

/// Reads a document; its plan is called `format`.
pub fn read(
    root: Ref<'_, '_>,
    format: &'static str,
    literals: Literals,
) -> Result<Plan, PlanError> {
    let mut builder = Builder::new(Engine::Mysql, format, literals);
    let mut work = Vec::new();
    // An early version has the plan's members beside the statement's.
    let is_unwrapped = is_operation(root);
    if is_unwrapped {
        work.push(Step::Enter(root, Role::Root));
    }
    for member in root.children() {
        let name = member.key();
        match member.text() {
            Some(query) if name == "query" => builder.statement(without_mark(query)),
            _ if is_unwrapped && !OF_STATEMENT.contains(&name) => {}
            _ if is_operation(member) => work.push(Step::Enter(member, Role::Root)),
            _ => builder.plan_detail(name, member.to_value(), names::is_plain(name)),
        }
    }
    work.reverse();
    while let Some(step) = work.pop() {
        match step {
            Step::Close => builder.close(),
            Step::Enter(at, role) => {
                open(&mut builder, at, role)?;
                work.push(Step::Close);
                let inputs: Vec<_> = at.children().flat_map(inputs_in).collect();
                let enter = |input| Step::Enter(input, role_of_input(input));
                work.extend(inputs.into_iter().rev().map(enter));
            }
        }
    }
    let mut plan = builder.finish()?;
    operation::settle_roles(&mut plan);
    Ok(plan)
}

enum Step<'t, 'a> {
    Enter(Ref<'t, 'a>, Role),
    Close,
}

fn is_operation(at: Ref<'_, '_>) -> bool {
    at.is_object() && at.get("operation").is_some()
}

/// The operations in a member: the items of a list, or itself.
fn inputs_in<'t, 'a>(member: Ref<'t, 'a>) -> Vec<Ref<'t, 'a>> {
    match member.is_array() {
        true => member.children().filter(|item| is_operation(*item)).collect(),
        false => Some(member).filter(|member| is_operation(*member)).into_iter().collect(),
    }
}

fn open(builder: &mut Builder, at: Ref<'_, '_>, role: Role) -> Result<(), PlanError> {
    let text = |name| at.get(name).and_then(Ref::text);
    let number = |name| at.get(name).and_then(Ref::number);
    let words = operation::read(text("operation").unwrap_or_default());
    let node = builder.open(role, &words.native, words.operator, at.offset())?;
    // The words name a table by its alias, the members tell both.
    node.relation = text("table_name").or(words.relation).map(Into::into);
    node.alias = text("alias").filter(|alias| Some(*alias) != text("table_name")).map(Into::into);
    node.index = text("index_name").or(words.index).map(Into::into);
    node.estimated.rows = number("estimated_rows");
    node.estimated.startup_cost = number("estimated_first_row_cost");
    node.estimated.total_cost = number("estimated_total_cost");
    node.actual = actual(at);
    node.label = heading(at).and_then(|heading| heading.label).map(Into::into);
    for member in at.children() {
        if !is_field(member) && inputs_in(member).is_empty() {
            let value = member.to_value();
            match names::is_plain(member.key()) {
                true => builder.detail(member.key(), value, true),
                false => masking::detail(builder, member.key(), value),
            }
        }
    }
    // Early versions have no member for some of what the words say.
    for (name, value) in words.details {
        if at.get(name).is_none() || name == "operation" {
            masking::detail(builder, name, value);
        }
    }
    Ok(())
}

/// Whether a member is a field of the node. What should be a number and is none stays a detail.
fn is_field(member: Ref<'_, '_>) -> bool {
    const WORDS: [&str; 4] = ["operation", "table_name", "alias", "index_name"];
    const NUMBERS: [&str; 7] = [
        "estimated_rows",
        "estimated_first_row_cost",
        "estimated_total_cost",
        "actual_rows",
        "actual_loops",
        "actual_first_row_ms",
        "actual_last_row_ms",
    ];
    let is_number = || member.text().is_none() || member.number().is_some();
    WORDS.contains(&member.key())
        || OF_STATEMENT.contains(&member.key())
        || NUMBERS.contains(&member.key()) && is_number()
}

fn actual(at: Ref<'_, '_>) -> Actual {
    let number = |name| at.get(name).and_then(Ref::number);
    // Numbers are printed so that they are read back as they were.
    let mean = |name| number(name).map(|value| Quantity::of_one_loop(value, 0.0));
    let loops = number("actual_loops");
    let is_executed = at.children().any(|member| member.key().starts_with("actual_"));
    let is_never = loops == Some(0.0) || number("actual_rows").is_none() && loops.is_none();
    match (is_executed, is_never) {
        (false, _) => Actual::Unknown,
        (true, true) => Actual::Never,
        (true, false) => Actual::Ran(Measured {
            loops: loops.map_or(1, |loops| loops as u64),
            rows: mean("actual_rows"),
            first_ms: mean("actual_first_row_ms"),
            total_ms: mean("actual_last_row_ms"),
        }),
    }
}

fn heading(at: Ref<'_, '_>) -> Option<Heading> {
    operation::heading(at.get("heading")?.text()?)
}

/// What an operation is to the one above, as far as its own members tell.
fn role_of_input(at: Ref<'_, '_>) -> Role {
    let is_subquery = heading(at).is_some_and(|heading| heading.is_subquery);
    match is_subquery || at.get("subquery").and_then(Ref::flag) == Some(true) {
        true => Role::SubPlan,
        false => Role::Input,
    }
}

/// A statement without the mark of its block in front, which the server adds.
fn without_mark(query: &str) -> &str {
    let query = query.trim_start();
    let rest = query.strip_prefix("/* select#").and_then(|rest| rest.split_once("*/"));
    rest.map_or(query, |(_, statement)| statement.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::plans::tree::parse_json;

    #[test]
    fn what_was_not_run_is_told_from_what_was_not_measured() {
        for (text, expected) in [
            (r#"{"operation": "Limit"}"#, "Unknown"),
            (r#"{"actual_rows": null, "actual_loops": null}"#, "Never"),
            (r#"{"actual_rows": null, "actual_loops": 0}"#, "Never"),
            (r#"{"actual_rows": 0.0, "actual_loops": 3}"#, "Ran"),
        ] {
            let (tree, _) = parse_json(text).expect(text);
            let name = format!("{:?}", actual(tree.root()));
            assert!(name.starts_with(expected), "{text}: {name}");
        }
    }

    #[test]
    fn only_the_mark_in_front_is_taken_away() {
        for (query, expected) in [
            ("/* select#1 */ select 1", "select 1"),
            ("insert into t /* select#1 */ select 1", "insert into t /* select#1 */ select 1"),
        ] {
            assert_eq!(without_mark(query), expected);
        }
    }
}
