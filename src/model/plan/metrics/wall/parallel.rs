//! What runs in several processes at once: PostgreSQL's nodes below a Gather, MongoDB's shards.
//!
//! The printed time of such a node is the mean of its loops in all processes, so time × loops is what
//! they took together. Multiplied by one factor for the whole tree below the Gather this is wall
//! time, and still adds up, whatever ran in one process only.

use super::worked;
use crate::model::event::Engine;
use crate::model::plan::{Operator, Plan, Properties, Role, Value};

/// How work spreads over processes.
#[derive(Debug)]
pub struct Spread {
    /// For each node: wall time ÷ the time that it took in all processes together.
    pub factors: Vec<f64>,
    /// For each node: how much of its own time may be its inputs' instead.
    pub doubts: Vec<f64>,
}

impl Spread {
    /// That of a plan.
    pub fn of(plan: &Plan) -> Self {
        let count = plan.nodes.len();
        let mut spread = Spread { factors: vec![1.0; count], doubts: vec![0.0; count] };
        if plan.engine == Engine::Mongodb {
            spread.side_by_side(plan, &roots(plan), 1.0);
        }
        // The factor of the Gather that a node stands below.
        let mut outside = vec![1.0; count];
        for at in 0..count {
            let node = &plan.nodes[at];
            let own = spread.factors[at];
            let inputs: Vec<usize> = plan.children(at).collect();
            for child in &inputs {
                spread.factors[*child] = own;
                outside[*child] = outside[at];
            }
            match (node.operator, plan.engine) {
                (Operator::Gather, Engine::Postgres) => {
                    let is_worker_s = |child: &usize| {
                        !matches!(plan.nodes[*child].role, Role::InitPlan | Role::Cte)
                    };
                    for child in inputs.into_iter().filter(is_worker_s) {
                        let (factor, doubt) = gathered(plan, at, child);
                        outside[child] = own;
                        spread.factors[child] = own * factor;
                        spread.doubts[at] += own * doubt;
                    }
                }
                (Operator::Gather, _) => spread.side_by_side(plan, &inputs, own),
                // One process makes the bitmap. The others wait for it, unless they came later: then the
                // mean of all is less than what the bitmap took.
                (Operator::BitmapHeapScan, Engine::Postgres)
                    if node.native.starts_with("Parallel") =>
                {
                    let loops = |at: usize| plan.nodes[at].measured().map_or(0, |ran| ran.loops);
                    let work = |at: usize| worked(plan, at).map_or(0.0, |work| work.value);
                    let whole = outside[at];
                    let waited = |child: &usize| {
                        loops(*child) < loops(at) && work(*child) * whole <= work(at) * own
                    };
                    for child in inputs.into_iter().filter(waited) {
                        spread.factors[child] = whole;
                    }
                }
                _ => {}
            }
        }
        spread
    }

    /// Shards work at the same time: together they take as long as the slowest.
    fn side_by_side(&mut self, plan: &Plan, all: &[usize], own: f64) {
        let times = || all.iter().filter_map(|at| worked(plan, *at)).map(|time| time.value);
        let (longest, sum) = (times().fold(0.0, f64::max), times().sum::<f64>());
        if all.len() > 1 && sum > 0.0 {
            all.iter().for_each(|at| self.factors[*at] = own * longest / sum);
        }
    }
}

fn roots(plan: &Plan) -> Vec<usize> {
    let root = |at: usize| plan.nodes.get(at).map(|root| (at, root.end.max(at + 1)));
    std::iter::successors(root(0), |(_, end)| root(*end)).map(|(at, _)| at).collect()
}

/// Of the input of a Gather: wall time ÷ the time of all processes, and by how many milliseconds the
/// wall time may be longer than that.
///
/// Each process that took part starts it once for each loop of the Gather, so that its loops count
/// the processes: those that were launched and came in time, and the leader if it helped.
fn gathered(plan: &Plan, gather: usize, input: usize) -> (f64, f64) {
    let loops = |at: usize| plan.nodes[at].measured().map(|ran| ran.loops.max(1) as f64);
    let (Some(starts), Some(runs)) = (loops(gather), loops(input)) else { return (1.0, 0.0) };
    let mean = (starts / runs).min(1.0);
    let Some(work) = worked(plan, input).filter(|work| work.value > 0.0) else {
        return (mean, 0.0);
    };
    let most = worked(plan, gather).map_or(1.0, |whole| (whole.most() / work.value).min(1.0));
    let mean = mean.min(most);
    match longest_ms(&plan.nodes[input].details, work.value) {
        // A mean hides it when one process did all the work.
        Some(longest) => ((longest / work.value).clamp(mean, most), 0.0),
        None => (mean, work.value * (most - mean)),
    }
}

/// The time of the process that worked longest, where each worker tells its own.
fn longest_ms(details: &Properties, all_ms: f64) -> Option<f64> {
    let Some(Value::List(workers)) = details.get("Workers") else { return None };
    let mut rest = all_ms;
    let mut longest: Option<f64> = None;
    for worker in workers {
        let Value::Group(worker) = worker else { continue };
        let numbers = (worker.number("Actual Loops"), worker.number("Actual Total Time"));
        let (Some(loops), Some(mean_ms)) = numbers else { continue };
        let time_ms = loops * mean_ms;
        rest -= time_ms;
        longest = Some(longest.map_or(time_ms, |longest| longest.max(time_ms)));
    }
    // What the workers did not do, the leader did.
    longest.map(|longest| longest.max(rest))
}
