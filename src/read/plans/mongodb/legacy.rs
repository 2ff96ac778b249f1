//! Explain of 2.4 and before: no tree, but the cursor that was used, of each branch of an `$or`, and
//! of each shard.

use super::detail;
use super::explain::Reader;
use super::scalar::{member_number, member_text};
use crate::model::plan::{Actual, Measured, Operator, Properties, Quantity, Role, Value};
use crate::read::plans::PlanError;
use crate::read::plans::tree::Ref;

/// Cursors within one another: shards, and branches of an `$or` in them.
const MAX_DEPTH: usize = 8;

/// Whether a value tells of a cursor.
pub(super) fn is_cursor(value: Ref<'_, '_>) -> bool {
    let is_counted = ["n", "nscanned"].iter().all(|name| member_number(value, name).is_some());
    let is_several = || {
        let clauses = value.get("clauses").and_then(|clauses| clauses.children().next());
        clauses.is_some_and(|clause| member_text(clause, "cursor").is_some())
            || value.get("clusteredType").is_some()
    };
    (is_counted && member_text(value, "cursor").is_some()) || is_several()
}

impl<'t, 'a> Reader<'t> {
    /// A whole document.
    pub fn legacy(&mut self, document: Ref<'t, 'a>) -> Result<(), PlanError> {
        self.builder.plan().execution_ms = member_number(document, "millis");
        if let Some(plans) = document.get("allPlans").filter(|plans| plans.is_array()) {
            let names = plans.children().filter_map(|plan| member_text(plan, "cursor"));
            let names: Box<[_]> = names.skip(1).map(|name| Value::Text(name.into())).collect();
            let mut about = Properties::default();
            about.push("rejectedPlans", Value::Number(names.len() as f64));
            if !names.is_empty() {
                about.push("rejectedIndexes", Value::List(names));
            }
            self.of_plan(about);
        }
        self.cursor(document, Role::Root)
    }

    /// A cursor and those in it.
    pub fn cursor(&mut self, cursor: Ref<'t, 'a>, role: Role) -> Result<(), PlanError> {
        self.cursor_within(cursor, role, MAX_DEPTH)
    }

    fn cursor_within(
        &mut self,
        cursor: Ref<'t, 'a>,
        role: Role,
        depth: usize,
    ) -> Result<(), PlanError> {
        if depth == 0 {
            return Err(PlanError::at(cursor.offset(), "cursors nested deeper than any real ones"));
        }
        let mut role = role;
        let is_sorted = cursor.get("scanAndOrder").and_then(Ref::flag) == Some(true);
        let clauses = cursor.get("clauses").filter(|clauses| clauses.is_array());
        let shards = cursor.get("shards").filter(|shards| shards.is_object());
        let is_inner = clauses.is_some() || shards.is_some();
        if is_sorted && !is_inner {
            self.builder.open(role, "scanAndOrder", Operator::Sort, cursor.offset())?;
            role = Role::Input;
        }
        let text = member_text(cursor, "cursor").unwrap_or("QueryOptimizerCursor");
        let mut words = text.split(' ');
        let native = match (clauses, shards) {
            (Some(_), _) => "clauses",
            (None, Some(_)) => member_text(cursor, "clusteredType").unwrap_or("shards"),
            _ => words.next().unwrap_or(text),
        };
        let index = words.find(|word| !matches!(*word, "multi" | "reverse"));
        let is_covered = cursor.get("indexOnly").and_then(Ref::flag) == Some(true);
        let operator = match native {
            "clauses" => Operator::Append,
            _ if is_inner => Operator::Gather,
            "BasicCursor" => Operator::FullScan,
            "BtreeCursor" if is_covered => Operator::IndexOnlyScan,
            "BtreeCursor" | "GeoSearchCursor" | "S2Cursor" | "S2NearCursor" => Operator::IndexScan,
            "IDCursor" => Operator::KeyLookup,
            _ => Operator::Other,
        };
        let (ejson, literals) = (self.ejson, self.literals);
        let node = self.builder.open(role, native, operator, cursor.offset())?;
        node.index = index.filter(|_| !is_inner).map(Into::into);
        if let Some(rows) = member_number(cursor, "n") {
            let millis = member_number(cursor, "millis");
            node.actual = Actual::Ran(Measured {
                loops: 1,
                rows: Some(Quantity::of_all_loops(rows, 0.0)),
                first_ms: None,
                total_ms: millis.map(|millis| Quantity::of_all_loops(millis, 1.0)),
            });
        }
        for member in cursor.children() {
            let is_told = ["n", "millis", "shards", "clauses", "allPlans", "oldPlan"];
            if !is_told.contains(&member.key()) {
                node.details.push(member.key(), detail::of_member(ejson, member, literals));
            }
        }
        for clause in clauses.into_iter().flat_map(Ref::children) {
            self.cursor_within(clause, Role::Member, depth - 1)?;
        }
        for shard in shards.into_iter().flat_map(Ref::children) {
            for inner in shard.children().filter(|inner| is_cursor(*inner)) {
                let at = self.builder.plan().nodes.len();
                self.cursor_within(inner, Role::Member, depth - 1)?;
                if let Some(node) = self.builder.plan().nodes.get_mut(at) {
                    node.label = Some(shard.key().into());
                }
            }
        }
        self.builder.close();
        if is_sorted && !is_inner {
            self.builder.close();
        }
        Ok(())
    }
}
