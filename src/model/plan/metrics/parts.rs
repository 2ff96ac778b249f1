//! The parts of a plan's time that are no node's: triggers, serialization, and what nobody accounts
//! for, so that all parts add up to the whole.

use super::bounded::Bounded;
use super::charges::Charges;
use super::wall::Walls;
use crate::model::event::Engine;
use crate::model::plan::{Operator, Plan, Properties, Trigger, Value};

/// The execution time is printed to the microsecond, and in whole milliseconds by MongoDB.
const PRINTED_WITHIN_MS: f64 = 0.0005;
const WHOLE_WITHIN_MS: f64 = 1.0;

/// A part of a plan's time that is no node's.
#[derive(Clone, PartialEq, Debug)]
pub struct Part {
    /// What took it, such as `serialization` or a trigger's name.
    pub name: String,
    /// Its time.
    pub time_ms: Bounded,
}

/// The whole and those of its parts that are no node's.
#[derive(Debug)]
pub struct Accounts {
    /// Execution, triggers included.
    pub total_ms: Option<Bounded>,
    /// The parts.
    pub others: Vec<Part>,
}

/// Accounts for the time of a plan. Triggers that ran inside a node are taken from its own time.
pub fn account(
    plan: &Plan,
    walls: &Walls,
    charges: &Charges,
    own_ms: &mut [Option<Bounded>],
) -> Accounts {
    let printed = plan.execution_ms.map(|value| {
        let is_whole = plan.engine == Engine::Mongodb;
        let within = if is_whole { WHOLE_WITHIN_MS } else { PRINTED_WITHIN_MS };
        Bounded { value, within }
    });
    if !walls.is_measured() {
        return Accounts { total_ms: printed, others: Vec::new() };
    }
    let roots = plan.nodes.iter().zip(walls.inclusive()).filter(|(node, _)| node.parent.is_none());
    let inside = roots.filter_map(|(_, time)| *time).fold(Bounded::default(), Bounded::plus);
    let mut known = inside.plus(charges.outside(walls.inclusive()));
    let mut others = Vec::new();
    if let Some(time_ms) = serialization_ms(plan) {
        known = known.plus(time_ms);
        others.push(Part { name: "serialization".to_owned(), time_ms });
    }
    for (trigger, time_ms) in by_certainty(&plan.triggers) {
        // Constraints are checked after all nodes ran, and so are AFTER triggers; a BEFORE trigger
        // runs inside the node that writes. The plan does not say which it is: what does not fit
        // behind the nodes ran inside one.
        let fits = printed.is_none_or(|all| all.most() >= known.least() + time_ms.least());
        let writer = writer(plan, trigger, own_ms, time_ms);
        match (fits || trigger.constraint.is_some(), writer) {
            (false, Some(writer)) => {
                own_ms[writer] = own_ms[writer].map(|own| own.minus(time_ms).not_negative());
            }
            _ => known = known.plus(time_ms),
        }
        let name = trigger.constraint.as_ref().unwrap_or(&trigger.name).to_string();
        others.push(Part { name, time_ms });
    }
    let total_ms = printed.unwrap_or(known);
    if printed.is_some() {
        let time_ms = total_ms.minus(known).not_negative();
        others.push(Part { name: "unattributed".to_owned(), time_ms });
    }
    Accounts { total_ms: Some(total_ms), others }
}

/// The triggers whose times are known; those first that surely ran outside all nodes.
fn by_certainty(triggers: &[Trigger]) -> impl Iterator<Item = (&Trigger, Bounded)> {
    let timed = move |is_constraint: bool| {
        triggers.iter().filter(move |one| one.constraint.is_some() == is_constraint).filter_map(
            |one| {
                let (value, within) = one.time_ms?.total(one.calls);
                Some((one, Bounded { value, within }))
            },
        )
    };
    timed(true).chain(timed(false))
}

/// The node that may have run a trigger: one that writes its table and took that long.
fn writer(
    plan: &Plan,
    trigger: &Trigger,
    own_ms: &[Option<Bounded>],
    time_ms: Bounded,
) -> Option<usize> {
    let could = |at: &usize| own_ms[*at].is_some_and(|own| own.most() >= time_ms.least());
    let writers =
        || (0..plan.nodes.len()).filter(|at| plan.nodes[*at].operator == Operator::Modify);
    let of_table = |at: &usize| plan.nodes[*at].relation == trigger.relation;
    writers().filter(could).find(of_table).or_else(|| writers().find(could))
}

/// The time of turning rows into text, which 17 measures apart.
fn serialization_ms(plan: &Plan) -> Option<Bounded> {
    let value = plan.details.group("Serialization")?.number("Time")?;
    Some(Bounded { value, within: PRINTED_WITHIN_MS })
}

/// The time of just-in-time compilation, where a plan tells it.
pub fn jit_ms(plan: &Plan) -> Option<f64> {
    let timing = plan.details.group("JIT")?.group("Timing")?;
    timing.number("Total").or_else(|| sum(timing))
}

/// Some versions have no total.
fn sum(timing: &Properties) -> Option<f64> {
    let numbers = timing.iter().filter_map(|(_, value)| match value {
        Value::Number(number) => Some(*number),
        _ => None,
    });
    numbers.reduce(|sum, number| sum + number)
}
