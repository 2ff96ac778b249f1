//! Explains of a router: what each shard does, below the stage that brings it together.

use super::detail;
use super::explain::Reader;
use super::scalar::{member_number, member_text, to_value};
use super::stage::Place;
use crate::lang::mongo::shape::Part;
use crate::model::plan::{Operator, Properties, Role, Value};
use crate::read::plans::PlanError;
use crate::read::plans::tree::Ref;

/// Members of a shard that are its plan, not about it.
const OF_PLAN: [&str; 8] = [
    "queryPlanner",
    "executionStats",
    "stages",
    "executionStages",
    "winningPlan",
    "rejectedPlans",
    "allPlansExecution",
    "parsedQuery",
];

/// The name of a shard: of a list's entry its own, of a member its key.
fn name_of<'t>(shard: Ref<'t, '_>) -> &'t str {
    member_text(shard, "shardName").unwrap_or(shard.key())
}

impl<'t, 'a> Reader<'t> {
    /// An aggregation on shards: the stages that merge them on top, if there are any.
    pub fn sharded(&mut self, document: Ref<'t, 'a>, shards: Ref<'t, 'a>) -> Result<(), PlanError> {
        let split = document.get("splitPipeline").filter(|split| split.is_object());
        let parts = split.and_then(|split| split.get("shardsPart")).filter(|part| part.is_array());
        if let Some(part) = parts {
            let stage = |stage| Value::Text(detail::part_text(self.ejson, stage, Part::Stage));
            let stages = part.children().map(stage).collect();
            self.builder.plan().details.push("shardsPart", Value::List(stages));
        }
        // No shard waits for another: the slowest decides.
        let times = shards.children().filter_map(|shard| self.shard_ms(shard));
        self.builder.plan().execution_ms = times.reduce(f64::max);
        let merger = split.and_then(|split| split.get("mergerPart"));
        let merger =
            merger.filter(|merger| merger.is_array() && merger.children().next().is_some());
        let several = shards.children().nth(1).is_some();
        match merger {
            Some(merger) => {
                self.chain(merger, Role::Root, false, Properties::default(), |reader| {
                    reader.all_shards(shards, Role::Member)
                })
            }
            None if several => {
                let open = self.builder.open(Role::Root, "$mergeCursors", Operator::Gather, 0);
                open?;
                self.all_shards(shards, Role::Member)?;
                self.builder.close();
                Ok(())
            }
            None => self.all_shards(shards, Role::Root),
        }
    }

    fn shard_ms(&self, shard: Ref<'t, 'a>) -> Option<f64> {
        match shard.get("stages") {
            Some(stages) => self.pipeline_ms(stages),
            None => member_number(shard.get("executionStats")?, "executionTimeMillis"),
        }
    }

    fn all_shards(&mut self, shards: Ref<'t, 'a>, role: Role) -> Result<(), PlanError> {
        for shard in shards.children() {
            let at = self.builder.plan().nodes.len();
            let mut above = about_shard(shard);
            if let Some(stages) = shard.get("stages") {
                self.pipeline(stages, role, false, above)?;
            } else {
                let part = |name| shard.get(name);
                let planner = part("queryPlanner").or(part("winningPlan").map(|_| shard));
                let stats = part("executionStats").or(part("executionStages").map(|_| shard));
                for (name, value) in self.about(part("queryPlanner"), part("executionStats")) {
                    above.push(name, value);
                }
                self.query(planner, stats, role, None, above)?;
            }
            self.label(at, name_of(shard));
        }
        Ok(())
    }

    /// The shards below a stage such as `SHARD_MERGE`.
    pub fn shards(
        &mut self,
        shards: Ref<'t, 'a>,
        place: &Place<'_, 't, 'a>,
    ) -> Result<(), PlanError> {
        for (number, shard) in shards.children().enumerate() {
            let at = self.builder.plan().nodes.len();
            let planned = place.planned.and_then(|planned| {
                let is_same = |other: &Ref<'t, 'a>| name_of(*other) == name_of(shard);
                planned.children().find(is_same).or_else(|| planned.children().nth(number))
            });
            let planner = shard.get("winningPlan").map(|_| shard).or(planned);
            let stats = shard.get("executionStages").map(|_| shard);
            let mut above = about_shard(shard);
            for (name, value) in self.about(planner, stats) {
                if above.get(&name).is_none() {
                    above.push(name, value);
                }
            }
            self.query(planner, stats, Role::Member, place.collection, above)?;
            self.label(at, name_of(shard));
        }
        Ok(())
    }

    fn label(&mut self, at: usize, name: &str) {
        if let Some(node) = self.builder.plan().nodes.get_mut(at) {
            node.label = Some(name.into());
        }
    }
}

/// What is said about a shard itself; all of it names and versions.
fn about_shard(shard: Ref<'_, '_>) -> Properties {
    let mut about = Properties::default();
    about.push("shardName", Value::Text(name_of(shard).into()));
    const NAMES: [&str; 4] = ["host", "connectionString", "explainVersion", "serverInfo"];
    for member in shard.children() {
        if NAMES.contains(&member.key()) && !OF_PLAN.contains(&member.key()) {
            about.push(member.key(), to_value(member));
        }
    }
    about
}
