//! One tree of stages: nodes with what was measured.
//!
//! A stage's inputs are those of its members that are stages themselves, whatever their names, so
//! that no stage of a newer version is lost.

use super::explain::Reader;
use super::scalar::{is_elided, member_number, member_text, number, within};
use super::slots::{ByNode, Slots, node_id};
use super::{detail, operator};
use crate::model::plan::{Actual, Measured, Operator, Properties, Quantity, Role};
use crate::read::plans::PlanError;
use crate::read::plans::tree::Ref;

/// The names of times, the most exact first, with the milliseconds of one unit.
const TIMES: [(&str, f64); 4] = [
    ("executionTimeNanos", 0.000_001),
    ("executionTimeMicros", 0.001),
    ("executionTimeMillisEstimate", 1.0),
    ("executionTimeMillis", 1.0),
];

/// Where a tree of stages stands.
#[derive(Clone, Copy)]
pub(super) struct Place<'p, 't, 'a> {
    /// The collection that it reads.
    pub collection: Option<&'p str>,
    /// What the slot machine measured, where the tree is the plan that it was built from.
    pub slots: Option<&'p ByNode<'t, 'a>>,
    /// What the planner said of the shards below, where the tree is that of the execution.
    pub planned: Option<Ref<'t, 'a>>,
    /// A stage above gets the documents.
    pub is_fetched: bool,
}

/// Whether a value is a stage.
pub(super) fn is_stage(value: Ref<'_, '_>) -> bool {
    value.is_object() && member_text(value, "stage").is_some()
}

/// Whether a member is an input: a stage, a wrapped one, several, or one that was left out.
fn is_input(member: Ref<'_, '_>) -> bool {
    let is_stage = |value: Ref<'_, '_>| is_stage(value) || wrapped(value).is_some();
    is_stage(member)
        || (is_elided(member) && is_input_name(member.key()))
        || (member.is_array()
            && (member.children().any(is_stage)
                || member.children().any(is_elided) && is_input_name(member.key())))
}

fn is_input_name(name: &str) -> bool {
    name.ends_with("Stage") || matches!(name, "inputStages" | "shards" | "executionStages")
}

/// The stage in `{queryPlan: …}`.
pub(super) fn wrapped<'t, 'a>(value: Ref<'t, 'a>) -> Option<Ref<'t, 'a>> {
    value.get("queryPlan").filter(|plan| is_stage(*plan))
}

fn role_of(input: Ref<'_, '_>, parent: Operator) -> Role {
    match input.key() {
        "outerStage" | "leftStage" => Role::Outer,
        "innerStage" | "rightStage" => Role::Inner,
        _ if matches!(
            parent,
            Operator::Append | Operator::MergeAppend | Operator::BitmapCombine | Operator::Gather
        ) =>
        {
            Role::Member
        }
        _ => Role::Input,
    }
}

/// What running a stage showed.
pub(super) fn actual_of(stage: Ref<'_, '_>) -> Actual {
    let Some(rows) = member_number(stage, "nReturned") else { return Actual::Unknown };
    let opens = member_number(stage, "opens");
    let works = member_number(stage, "works");
    if opens == Some(0.0) || (opens.is_none() && works == Some(0.0)) {
        return Actual::Never;
    }
    let time = TIMES.iter().find_map(|(name, unit_ms)| {
        let value = stage.get(name)?;
        Some(Quantity::of_all_loops(number(value)? * unit_ms, within(value) * unit_ms))
    });
    Actual::Ran(Measured {
        loops: opens.map_or(1, |opens| (opens as u64).max(1)),
        rows: Some(Quantity::of_all_loops(rows, 0.0)),
        first_ms: None,
        total_ms: time,
    })
}

impl<'t, 'a> Reader<'t> {
    /// Adds a stage and all below it; `above` are details of its place. As deep as a document,
    /// which the transcript limits.
    pub fn stage(
        &mut self,
        stage: Ref<'t, 'a>,
        role: Role,
        place: &Place<'_, 't, 'a>,
        above: Properties,
    ) -> Result<(), PlanError> {
        if is_elided(stage) {
            return self.elided(stage, role);
        }
        let stage = wrapped(stage).unwrap_or(stage);
        let native = member_text(stage, "stage").unwrap_or("?");
        let slots = place.slots.and_then(|all| all.get(&node_id(stage)?));
        let operator = match native {
            "EQ_LOOKUP" | "EQ_LOOKUP_UNWIND" => operator::of_lookup(member_text(stage, "strategy")),
            _ => operator::of(native, place.is_fetched, detail::is_whole_index(stage)),
        };
        self.open_stage(stage, native, role, operator, place, slots)?;
        self.details(stage, slots, above);
        let is_fetched = place.is_fetched || operator == Operator::Fetch;
        for member in stage.children() {
            if member.key() == "shards" {
                self.shards(member, &Place { is_fetched, ..*place })?;
                continue;
            }
            if !is_input(member) {
                continue;
            }
            let role = role_of(member, operator);
            let inner = Place { is_fetched, ..*place };
            if member.is_array() {
                for item in member.children() {
                    self.stage(item, role, &inner, Properties::default())?;
                }
            } else {
                self.stage(member, role, &inner, Properties::default())?;
            }
        }
        self.builder.close();
        Ok(())
    }

    /// A stage that what printed the plan left out: one node stands for it and those below.
    fn elided(&mut self, stage: Ref<'t, 'a>, role: Role) -> Result<(), PlanError> {
        self.builder.open(role, "[Object]", Operator::Other, stage.offset())?;
        self.builder.close();
        Ok(())
    }

    fn open_stage(
        &mut self,
        stage: Ref<'t, 'a>,
        native: &str,
        role: Role,
        operator: Operator,
        place: &Place<'_, 't, 'a>,
        slots: Option<&Slots<'t, 'a>>,
    ) -> Result<(), PlanError> {
        let node = self.builder.open(role, native, operator, stage.offset())?;
        node.actual = match (place.slots, slots) {
            (None, _) => actual_of(stage),
            (Some(_), Some(slots)) => actual_of(slots.outermost),
            (Some(_), None) => Actual::Unknown,
        };
        let index = member_text(stage, "indexName").or(slots.and_then(|slots| slots.index));
        node.index = match native {
            "IDHACK" => Some("_id_".into()),
            _ => index.map(Into::into),
        };
        let mut own = ["foreignCollection", "nss", "namespace"].iter();
        let own = own.find_map(|name| member_text(stage, name)).map(collection_of);
        let common = place.collection.filter(|_| operator::is_of_collection(operator, native));
        node.relation = own.or(common).map(Into::into);
        Ok(())
    }

    fn details(&mut self, stage: Ref<'t, 'a>, slots: Option<&Slots<'t, 'a>>, above: Properties) {
        let (ejson, literals) = (self.ejson, self.literals);
        self.of_node(above);
        let Some(node) = self.builder.node() else { return };
        for member in stage.children() {
            let name = member.key();
            let is_told = matches!(name, "stage" | "indexName" | "nReturned" | "planNodeId")
                || TIMES.iter().any(|(time, ..)| *time == name);
            if !is_told && !is_input(member) && name != "shards" && !detail::is_of_machine(name) {
                node.details.push(name, detail::of_member(ejson, member, literals));
            }
        }
        for (name, value) in slots.into_iter().flat_map(|slots| slots.details()) {
            node.details.push(name, value);
        }
    }
}

/// The collection of a namespace.
pub(super) fn collection_of(namespace: &str) -> &str {
    namespace.split_once('.').map_or(namespace, |(_, collection)| collection)
}
