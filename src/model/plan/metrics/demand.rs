//! Which nodes were perhaps not read to their end: below a LIMIT, a merge join, the inner side of a
//! semi-join. Fewer rows than expected say nothing about the estimate of such a node.

use super::payers::Payers;
use crate::model::event::Engine;
use crate::model::plan::{Node, Operator, Plan, Role};
use std::collections::BTreeMap;

/// For each node, whether whoever read it may have stopped early.
#[derive(Debug)]
pub struct Demand(Vec<bool>);

impl Demand {
    /// That of a plan.
    pub fn of(plan: &Plan, payers: &BTreeMap<usize, Payers>) -> Self {
        let mut all = Demand(vec![false; plan.nodes.len()]);
        for at in 0..plan.nodes.len() {
            if let Some(parent) = plan.nodes[at].parent {
                all.0[at] = all.stops(plan, parent, at);
            }
        }
        // The rows of a CTE are as many as its scans asked for, and these stand behind it.
        for (&part, payers) in payers {
            let Payers::Scans(scans) = payers else { continue };
            if !scans.is_empty() && scans.iter().all(|scan| all.may_stop(*scan)) {
                all.0[part] = true;
                for at in part + 1..plan.nodes[part].end {
                    if let Some(parent) = plan.nodes[at].parent {
                        all.0[at] = all.stops(plan, parent, at);
                    }
                }
            }
        }
        all
    }

    /// Whether a node may not have been read to its end.
    pub fn may_stop(&self, at: usize) -> bool {
        self.0.get(at).copied().unwrap_or(false)
    }

    /// Whether a node's input may not have been read to its end.
    fn stops(&self, plan: &Plan, parent: usize, at: usize) -> bool {
        let (above, node) = (&plan.nodes[parent], &plan.nodes[at]);
        match node.role {
            // EXISTS stops at the first row, and a single value at the second. What is hashed is
            // read in full.
            Role::InitPlan => return true,
            Role::SubPlan => return !is_hashed(above, node),
            Role::Cte if plan.engine == Engine::Postgres => return false,
            _ => {}
        }
        match above.operator {
            Operator::Limit | Operator::MergeJoin => true,
            Operator::NestedLoop if node.role == Role::Inner && stops_at_match(above) => true,
            Operator::HashJoin if node.role == Role::Inner => false,
            // Nothing is read to the end for which an empty hash table has no partner.
            Operator::HashJoin => self.may_stop(parent) || is_other_side_empty(plan, parent, at),
            Operator::Sort => is_sorted_in_parts(above) && self.may_stop(parent),
            Operator::Aggregate => is_grouped_in_order(above) && self.may_stop(parent),
            Operator::Materialize => plan.engine == Engine::Postgres && self.may_stop(parent),
            Operator::Hash | Operator::BitmapHeapScan | Operator::BitmapCombine => false,
            Operator::Modify => false,
            _ => self.may_stop(parent),
        }
    }
}

/// Whether a join looks for one partner only.
pub fn stops_at_match(join: &Node) -> bool {
    join.details.flag("Inner Unique") == Some(true)
        || matches!(kind(join), JoinKind::Semi | JoinKind::Anti)
}

/// What a join gives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum JoinKind {
    /// All pairs.
    Inner,
    /// All pairs, and the rows of the outer side that have none.
    Left,
    /// The rows of the outer side that have a partner.
    Semi,
    /// The rows of the outer side that have none.
    Anti,
    /// Anything else.
    Other,
}

/// What a join gives, by its name or its kind.
pub fn kind(join: &Node) -> JoinKind {
    let word = join.text("Join Type").or(join.text("join_type")).unwrap_or(&join.native);
    let word = word.to_ascii_lowercase();
    let says = |part: &str| word.contains(part);
    match () {
        () if says("anti") => JoinKind::Anti,
        () if says("semi") => JoinKind::Semi,
        () if says("left") => JoinKind::Left,
        () if says("right") || says("full") || says("outer") => JoinKind::Other,
        () => JoinKind::Inner,
    }
}

fn is_hashed(above: &Node, part: &Node) -> bool {
    let Some(label) = part.label.as_deref() else { return false };
    let name = label.split(" (").next().unwrap_or(label);
    let conditions = above.details.iter().filter_map(|(name, _)| above.text(name));
    conditions.into_iter().any(|text| {
        text.match_indices("hashed ").any(|(at, word)| {
            let behind = text.get(at + word.len()..).unwrap_or_default();
            behind
                .strip_prefix(name)
                .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
        })
    })
}

fn is_other_side_empty(plan: &Plan, join: usize, at: usize) -> bool {
    plan.children(join).filter(|side| *side != at).any(|side| {
        let rows = plan.nodes[side].measured().and_then(|ran| ran.rows);
        plan.nodes[side].role == Role::Inner && rows.is_some_and(|rows| rows.value == 0.0)
    })
}

fn is_sorted_in_parts(sort: &Node) -> bool {
    sort.native.starts_with("Incremental")
}

fn is_grouped_in_order(aggregate: &Node) -> bool {
    aggregate.text("Strategy") == Some("Sorted")
        || matches!(&*aggregate.native, "GroupAggregate" | "Group")
}
