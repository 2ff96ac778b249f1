//! What the slot-based engine measured, by the nodes of its query plan.
//!
//! That engine runs several small operators for each node: the outermost of them gives the node's
//! rows, time and runs; what they read adds up.

use super::scalar::{member_number, member_text, number};
use crate::model::plan::{Properties, Value};
use crate::read::plans::tree::Ref;
use std::collections::BTreeMap;

/// Counters that add up over a node's operators.
const SUMS: [&str; 6] =
    ["numTested", "spills", "spilledBytes", "spilledRecords", "spilledBytesApprox", "seeks"];

/// The operators of one node.
#[derive(Clone, Debug)]
pub(super) struct Slots<'t, 'a> {
    /// The outermost: it gives the node's rows.
    pub outermost: Ref<'t, 'a>,
    /// Their names, the outermost first.
    names: Vec<&'t str>,
    keys_examined: Option<f64>,
    docs_examined: Option<f64>,
    sums: BTreeMap<&'static str, f64>,
    used_disk: Option<bool>,
    /// The index that they read.
    pub index: Option<&'t str>,
}

impl Slots<'_, '_> {
    /// What they counted, by the names of the classic engine.
    pub fn details(&self) -> Properties {
        let mut details = Properties::default();
        let counts = [("keysExamined", self.keys_examined), ("docsExamined", self.docs_examined)];
        let sums = self.sums.iter().map(|(name, sum)| (*name, Some(*sum)));
        for (name, count) in counts.into_iter().chain(sums) {
            if let Some(count) = count {
                details.push(name, Value::Number(count));
            }
        }
        if let Some(used_disk) = self.used_disk {
            details.push("usedDisk", Value::Flag(used_disk));
        }
        let names = self.names.iter().map(|name| Value::Text((*name).into())).collect();
        details.push("slotStages", Value::List(names));
        details
    }
}

/// All operators below a stage, by their node.
pub(super) type ByNode<'t, 'a> = BTreeMap<u64, Slots<'t, 'a>>;

/// The number of the node that a stage belongs to.
pub(super) fn node_id(stage: Ref<'_, '_>) -> Option<u64> {
    member_number(stage, "planNodeId").map(|id| id as u64)
}

/// Collects the operators of a tree, the outer before the inner.
pub(super) fn by_node<'t, 'a>(root: Ref<'t, 'a>) -> ByNode<'t, 'a> {
    let mut nodes = ByNode::new();
    let mut open = vec![root];
    while let Some(value) = open.pop() {
        if let (Some(name), Some(id)) = (member_text(value, "stage"), node_id(value)) {
            add(&mut nodes, id, name, value);
        }
        let inner: Vec<_> =
            value.children().filter(|child| child.is_object() || child.is_array()).collect();
        open.extend(inner.into_iter().rev());
    }
    nodes
}

fn add<'t, 'a>(nodes: &mut ByNode<'t, 'a>, id: u64, name: &'t str, stage: Ref<'t, 'a>) {
    let slots = nodes.entry(id).or_insert_with(|| Slots {
        outermost: stage,
        names: Vec::new(),
        keys_examined: None,
        docs_examined: None,
        sums: BTreeMap::new(),
        used_disk: None,
        index: None,
    });
    slots.names.push(name);
    let add = |sum: &mut Option<f64>, more: Option<f64>| {
        if let Some(more) = more {
            *sum = Some(sum.unwrap_or(0.0) + more);
        }
    };
    let reads = member_number(stage, "numReads");
    match name {
        "scan" | "seek" | "pscan" | "fetch" => add(&mut slots.docs_examined, reads),
        "ixscan" | "ixseek" | "ixscan_generic" => {
            add(&mut slots.keys_examined, member_number(stage, "keysExamined").or(reads));
        }
        _ => {}
    }
    for counter in SUMS {
        if let Some(more) = stage.get(counter).and_then(number) {
            *slots.sums.entry(counter).or_default() += more;
        }
    }
    if let Some(used_disk) = stage.get("usedDisk").and_then(Ref::flag) {
        slots.used_disk = Some(slots.used_disk.unwrap_or(false) || used_disk);
    }
    slots.index = slots.index.or(member_text(stage, "indexName"));
}
