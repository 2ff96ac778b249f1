//! The members of a node that every plan has: its names, what was expected, and what it did.

use super::super::super::tree::Ref;
use super::super::operator::{input_role, labelled_role};
use super::native::Parts;
use crate::model::plan::{Estimated, Operator, Role};

/// The members of a node that are fields of the model.
#[derive(Default)]
pub struct Fields<'t, 'a> {
    /// What its words are made of.
    pub parts: Parts<'t, 'a>,
    /// `Subplan Name`.
    pub label: Option<&'t str>,
    /// `Index Name`.
    pub index: Option<&'t str>,
    /// What was expected.
    pub estimated: Estimated,
    /// `Actual Loops`.
    pub loops: Option<&'t str>,
    /// `Actual Rows`.
    pub rows: Option<&'t str>,
    /// `Actual Startup Time`.
    pub first_ms: Option<&'t str>,
    /// `Actual Total Time`.
    pub total_ms: Option<&'t str>,
    relation: Option<&'t str>,
    schema: Option<&'t str>,
    alias: Option<&'t str>,
    relationship: Option<&'t str>,
}

impl<'t, 'a> Fields<'t, 'a> {
    /// Takes a member, if it is a field.
    pub fn take(&mut self, name: &str, member: Ref<'t, 'a>) -> bool {
        let estimated = &mut self.estimated;
        let number = match name {
            "Startup Cost" => Some(&mut estimated.startup_cost),
            "Total Cost" => Some(&mut estimated.total_cost),
            "Plan Rows" => Some(&mut estimated.rows),
            "Plan Width" => Some(&mut estimated.width_bytes),
            _ => None,
        };
        if let Some(field) = number {
            *field = member.number();
            return field.is_some();
        }
        let text = match name {
            "Node Type" => {
                self.parts.node_type = member.text().unwrap_or_default();
                return true;
            }
            "Parallel Aware" => return set(&mut self.parts.is_parallel, member),
            "Async Capable" => return set(&mut self.parts.is_async, member),
            "Actual Loops" => &mut self.loops,
            "Actual Rows" => &mut self.rows,
            "Actual Startup Time" => &mut self.first_ms,
            "Actual Total Time" => &mut self.total_ms,
            "Parent Relationship" => &mut self.relationship,
            "Subplan Name" => &mut self.label,
            "Index Name" => &mut self.index,
            "Relation Name"
            | "Function Name"
            | "Table Function Name"
            | "CTE Name"
            | "Tuplestore Name" => &mut self.relation,
            "Schema" => &mut self.schema,
            "Alias" => &mut self.alias,
            _ => return self.parts.take(name, member),
        };
        // A name that comes twice is kept as a detail the second time.
        if text.is_some() {
            return false;
        }
        *text = member.text();
        text.is_some()
    }

    /// What it is to the node above.
    pub fn role(&self, above: Option<Operator>) -> Role {
        let labelled = || match self.relationship {
            Some("InitPlan") => Some(Role::InitPlan),
            Some("SubPlan") => Some(Role::SubPlan),
            _ => None,
        };
        match (above, self.label.and_then(labelled_role).or_else(labelled)) {
            (None, _) => Role::Root,
            (Some(_), Some(role)) => role,
            (Some(above), None) => input_role(above, self.relationship == Some("Inner")),
        }
    }

    /// What it reads, qualified where the plan says so, and what the statement calls it. What has no
    /// name of its own, such as a subquery, goes by the statement's name, as in the text form.
    pub fn relation_and_alias(&self) -> (Option<Box<str>>, Option<Box<str>>) {
        let Some(relation) = self.relation else { return (self.alias.map(Into::into), None) };
        let qualified = match self.schema {
            Some(schema) => format!("{schema}.{relation}").into(),
            None => relation.into(),
        };
        (Some(qualified), self.alias.filter(|alias| *alias != relation).map(Into::into))
    }
}

fn set(field: &mut bool, member: Ref<'_, '_>) -> bool {
    member.flag().inspect(|flag| *field = *flag).is_some()
}
