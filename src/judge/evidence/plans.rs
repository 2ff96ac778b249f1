//! The plans that were seen, joined with the classes that they belong to.

use super::Evidence;
use crate::model::facts::{Facts, ServerFacts, Source};
use crate::model::plan::Plan;
use crate::model::plan::metrics::{self, Metrics};
use crate::model::workload::class::Class;
use crate::model::workload::plans::{PlanShape, Plans, SeenPlan};
use std::cell::OnceCell;

/// The slowest plan of one shape, with what it stands for.
#[derive(Debug)]
pub struct PlanEvidence<'f> {
    /// Its id in reports: 16 hex digits.
    pub id: String,
    /// The server it ran on.
    pub server: &'f ServerFacts,
    /// The class of its statement, where that is known.
    pub class: Option<&'f Class>,
    /// How often plans of its shape were seen, and what they took.
    pub shape: &'f PlanShape,
    /// Share of all logged time that runs with this shape took, 0 to 1; `None` where no log tells
    /// of its runs. Where plans were logged of some runs only, they stand for the others.
    pub load_share: Option<f64>,
    metrics: OnceCell<Box<Metrics>>,
}

impl<'f> PlanEvidence<'f> {
    /// The plan.
    pub fn plan(&self) -> &'f Plan {
        &self.shape.slowest.plan
    }

    /// The plan with its run and its place.
    pub fn seen(&self) -> &'f SeenPlan {
        &self.shape.slowest
    }

    /// What its nodes took, and how far their estimates were off.
    pub fn metrics(&self) -> &Metrics {
        self.metrics.get_or_init(|| Box::new(metrics::of(self.plan())))
    }

    /// How much of the load a part of the statement's time is; where no log tells the load, of the
    /// statement alone.
    pub fn weight(&self, share_of_statement: f64) -> f64 {
        self.load_share.unwrap_or(1.0) * share_of_statement
    }

    /// Where it stands.
    pub fn source(&self, facts: &Facts) -> Source {
        facts.source(self.seen().place)
    }
}

/// All plans: those of classes in the order of the classes, then those of none.
pub(super) fn of<'f>(evidence: &Evidence<'f>) -> Vec<PlanEvidence<'f>> {
    let mut all = Vec::new();
    for class in &evidence.classes {
        let ran = class.class.stats.calls > 0;
        add(class.server, Some(class.class), ran.then_some(class.share), &mut all);
    }
    for server in &evidence.facts.servers {
        let mut only_planned: Vec<_> = server
            .workload
            .classes()
            .iter()
            .filter(|class| class.stats.calls == 0 && class.troubles().timeouts == 0)
            .collect();
        only_planned.sort_by_key(|class| class.id);
        only_planned.into_iter().for_each(|class| add(server, Some(class), None, &mut all));
        add(server, None, None, &mut all);
    }
    all
}

fn add<'f>(
    server: &'f ServerFacts,
    class: Option<&'f Class>,
    share: Option<f64>,
    all: &mut Vec<PlanEvidence<'f>>,
) {
    let plans: &Plans = class.map_or(server.workload.loose_plans(), Class::plans);
    let timed_us: u64 = plans.ranked().iter().map(|(_, shape)| shape.total_us).sum();
    for (key, shape) in plans.ranked() {
        let part = match timed_us {
            0 => shape.count as f64 / plans.count.max(1) as f64,
            us => shape.total_us as f64 / us as f64,
        };
        let class_id = class.map_or(0, |class| class.id.0);
        all.push(PlanEvidence {
            id: format!("{:016x}", key ^ class_id.rotate_left(32)),
            server,
            class,
            shape,
            load_share: share.map(|share| share * part),
            metrics: OnceCell::new(),
        });
    }
}
