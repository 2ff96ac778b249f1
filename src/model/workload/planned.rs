//! Plans and their classes: which class a plan belongs to, and how many classes keep theirs.
//!
//! A plan is large beside all else that a class keeps, so of many classes with plans those with the
//! smallest ids keep them ([`Threshold`]); of the others plans are counted only.

use super::Workload;
use super::examples::{Place, Run};
use super::ingest::Placed;
use super::plans::{Plans, SeenPlan};
use super::threshold::Threshold;
use crate::model::event::PlanSource;
use crate::model::filter::Filter;
use crate::model::plan::{Plan, PlanDocument, PlanError};

/// Which classes keep plans.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Planned {
    /// Classes that do.
    count: usize,
    threshold: Threshold,
}

impl Planned {
    /// Counts a class, if it keeps plans and did not.
    pub(super) fn add(&mut self, is_new: bool) {
        self.count += usize::from(is_new);
    }
}

/// Plans of which no more than their number is known.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct UntoldPlans {
    /// Plans whose shape is not kept, because there were too many.
    pub folded: u64,
    /// Documents that could not be read.
    pub unread: u64,
    /// The first of these, and what is wrong with it.
    pub first_unread: Option<(Place, PlanError)>,
}

impl UntoldPlans {
    /// Adds others.
    pub fn add(&mut self, other: UntoldPlans) {
        self.folded += other.folded;
        self.unread += other.unread;
        let place = |first: &Option<(Place, PlanError)>| first.as_ref().map(|(place, _)| *place);
        let (mine, theirs) = (place(&self.first_unread), place(&other.first_unread));
        if theirs.is_some() && (mine.is_none() || theirs < mine) {
            self.first_unread = other.first_unread;
        }
    }
}

impl Workload {
    /// Adds the plans of a document. Where the log does not tell the statement, the plans do, or
    /// they belong to no class.
    pub(super) fn add_plans(
        &mut self,
        statement: Option<&[u8]>,
        plans: PlanSource<'_>,
        run: Run,
        filter: &Filter,
    ) -> bool {
        let class = match statement.map(|text| self.place(text, false, filter)) {
            Some(Placed::Kept { at, .. }) => Some(at),
            Some(Placed::Unwanted) => return false,
            // Counted with its class.
            Some(Placed::Folded) => {
                self.plans.add(1, run.duration_us.unwrap_or(0));
                return true;
            }
            None => None,
        };
        let before = self.plans.count;
        match (plans, class) {
            (PlanSource::Document(document), _) => {
                self.plans.add(1, run.duration_us.unwrap_or(0));
                self.read_plans(class, document, run);
            }
            (PlanSource::Read(plans), _) => {
                for (number, plan) in (0..).zip(plans) {
                    self.add_told_plan(number, plan.clone(), run, filter);
                }
            }
        }
        self.plans.count > before
    }

    /// Adds a plan to the class of the statement that it tells.
    fn add_told_plan(&mut self, number: u32, plan: Plan, run: Run, filter: &Filter) {
        let placed =
            plan.statement.as_deref().map(|text| self.place(text.as_bytes(), false, filter));
        let measured_us = plan.run_ms().map(|ms| (ms * 1e3).round() as u64);
        let duration_us = run.duration_us.or(measured_us);
        let class = match placed {
            Some(Placed::Unwanted) => return,
            None if filter.selects_statements() => return,
            Some(Placed::Kept { at, .. }) => Some(at),
            None => None,
            Some(Placed::Folded) => {
                self.plans.add(1, duration_us.unwrap_or(0));
                return;
            }
        };
        self.plans.add(1, duration_us.unwrap_or(0));
        let Run { time, place, .. } = run;
        self.keep_plan(class, SeenPlan { duration_us, time, place, number, plan: Box::new(plan) });
    }

    /// Reads the document that stands beside a run of a class.
    pub(super) fn read_plans(
        &mut self,
        class: Option<usize>,
        document: PlanDocument<'_>,
        run: Run,
    ) {
        let Run { duration_us, time, place } = run;
        match document.reader.plans(document.text, self.keep.literals) {
            Ok(plans) => {
                for (number, plan) in (0..).zip(plans) {
                    let plan = Box::new(plan);
                    self.keep_plan(class, SeenPlan { duration_us, time, place, number, plan });
                }
            }
            Err(error) => match class {
                Some(at) => self.classes[at].plans_mut().add_unread(place, error),
                None => self.loose_plans.add_unread(place, error),
            },
        }
    }

    fn keep_plan(&mut self, class: Option<usize>, seen: SeenPlan) {
        let every_plan = self.keep.every_plan;
        let Some(at) = class else { return self.loose_plans.add(seen, every_plan) };
        let keeps = self.may_keep_plans(self.classes[at].id.0);
        let plans = self.classes[at].plans_mut();
        if !keeps {
            return plans.count_only(&seen);
        }
        let had = plans.has_shapes();
        plans.add(seen, every_plan);
        self.planned.add(!had);
        self.fold_plans();
    }

    /// Lets go of plans until no more classes keep theirs than may.
    pub(super) fn fold_plans(&mut self) {
        while self.planned.count > self.keep.max_planned && !self.keep.every_plan {
            self.planned.threshold.halve();
            self.fold_above();
        }
    }

    /// Takes over the threshold of another workload, which is about to be merged.
    pub(super) fn lower_planned(&mut self, other: &Workload) {
        let threshold = self.planned.threshold.lower(other.planned.threshold);
        if threshold != self.planned.threshold {
            self.planned.threshold = threshold;
            self.fold_above();
        }
    }

    fn fold_above(&mut self) {
        let threshold = self.planned.threshold;
        for class in self.classes.iter_mut().filter(|class| !threshold.keeps(class.id.0)) {
            class.fold_plans();
        }
        self.count_planned();
    }

    /// Counts the classes that keep plans anew.
    pub(super) fn count_planned(&mut self) {
        let keeps = self.classes.iter().filter(|class| class.plans().has_shapes());
        self.planned.count = keeps.count();
    }

    /// Whether a class may keep plans.
    pub(super) fn may_keep_plans(&self, id: u64) -> bool {
        self.keep.every_plan || self.planned.threshold.keeps(id)
    }

    /// Plans that belong to no class, as nothing tells their statements.
    pub fn loose_plans(&self) -> &Plans {
        &self.loose_plans
    }

    /// Plans of which no more than their number is known.
    pub fn untold_plans(&self) -> UntoldPlans {
        let mut all = UntoldPlans::default();
        let of_classes = self.classes.iter().map(|class| class.plans());
        for plans in of_classes.chain([&self.loose_plans]) {
            let unread = plans.unread.as_ref();
            all.add(UntoldPlans {
                folded: plans.folded,
                unread: unread.map_or(0, |unread| unread.count),
                first_unread: unread.map(|unread| unread.first.clone()),
            });
        }
        all
    }
}
