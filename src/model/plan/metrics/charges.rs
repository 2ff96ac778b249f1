//! How much of each part every node pays for: from inclusive amounts (time, blocks) to own ones.
//!
//! In: who may have run what, and the inclusive amounts. Out: [`Charges`], by which any inclusive
//! amount of the same plan is split so that the own amounts of all nodes add up to it.

use super::bounded::Bounded;
use super::payers::Payers;
use crate::model::plan::{Operator, Plan, Role};
use std::collections::BTreeMap;

/// Part of what a node took is part of what another took.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Charge {
    /// What ran inside the other.
    part: usize,
    /// The node that ran it; `None` for what ran after all nodes.
    payer: Option<usize>,
    /// How much of the part.
    fraction: f64,
    /// How much of the part may be another payer's.
    doubt: f64,
}

/// Who pays how much of what.
#[derive(Debug)]
pub struct Charges(Vec<Charge>);

impl Charges {
    /// Decides by the inclusive amounts of all nodes.
    pub fn of(plan: &Plan, payers: &BTreeMap<usize, Payers>, amounts: &[Option<Bounded>]) -> Self {
        let mut all = Charges(Vec::with_capacity(plan.nodes.len()));
        for (part, node) in plan.nodes.iter().enumerate() {
            if let (Some(parent), false) = (node.parent, payers.contains_key(&part)) {
                all.0.push(Charge { part, payer: Some(parent), fraction: 1.0, doubt: 0.0 });
            }
        }
        for (part, payers) in payers {
            if let Payers::Scans(scans) = payers {
                all.share(plan, *part, scans, amounts);
            }
        }
        let mut room = all.rest(amounts);
        let spine = spine(plan, amounts);
        for (part, payers) in payers {
            let Payers::Askers(askers) = payers else { continue };
            let payer = match amounts.get(*part).copied().flatten() {
                Some(amount) => runner(plan, *part, amount, askers, &room, &spine),
                None => plan.nodes[*part].parent,
            };
            if let (Some(payer), Some(amount)) = (payer, amounts[*part]) {
                room[payer] = room[payer].map(|room| room.minus(amount));
            }
            all.0.push(Charge { part: *part, payer, fraction: 1.0, doubt: 0.0 });
        }
        all
    }

    /// Shares a CTE among its scans in proportion to what each of them can hold of it.
    fn share(&mut self, plan: &Plan, part: usize, scans: &[usize], amounts: &[Option<Bounded>]) {
        let of = |at: usize| amounts.get(at).copied().flatten().unwrap_or_default();
        let amount = of(part).value;
        let most = |scan: usize| of(scan).value.clamp(0.0, amount.max(0.0));
        let sum: f64 = scans.iter().map(|scan| most(*scan)).sum();
        if amount <= 0.0 || sum <= 0.0 {
            return self.finish(plan, part, 1.0, amounts);
        }
        for scan in scans {
            let most = most(*scan);
            let paid = if sum > amount { amount * most / sum } else { most };
            // At least what the others cannot hold, at most what it can hold itself.
            let least = (amount - (sum - most)).max(0.0);
            let doubt = (most - paid).max(paid - least).max(0.0) / amount;
            let fraction = paid / amount;
            self.0.push(Charge { part, payer: Some(*scan), fraction, doubt });
        }
        // What is within the rounding of its scans is their own.
        let left = amount - sum;
        let rounding: f64 = scans.iter().map(|scan| of(*scan).within).sum();
        match left > rounding + of(part).within {
            true => self.finish(plan, part, left / amount, amounts),
            false if left > 0.0 => {
                let payer = scans.first().copied();
                self.0.push(Charge { part, payer, fraction: left / amount, doubt: 0.0 });
            }
            false => {}
        }
    }

    /// Charges what a CTE did after its scans had enough of it. One that writes runs to its end after
    /// all nodes; the workers of any other are stopped by the node that it is printed below.
    fn finish(&mut self, plan: &Plan, part: usize, fraction: f64, amounts: &[Option<Bounded>]) {
        let node = &plan.nodes[part];
        let end = node.end.max(part + 1);
        let writes = plan.nodes[part..end].iter().any(|node| node.operator == Operator::Modify);
        let of = |at: usize| amounts.get(at).copied().flatten().unwrap_or_default();
        let lister = node.parent.filter(|lister| of(*lister).most() >= of(part).least());
        let payer = lister.filter(|_| !writes);
        self.0.push(Charge { part, payer, fraction, doubt: 0.0 });
    }

    /// What is left of the amounts of all nodes without what they ran; may be negative.
    fn rest(&self, amounts: &[Option<Bounded>]) -> Vec<Option<Bounded>> {
        let mut rest = amounts.to_vec();
        for charge in &self.0 {
            let Some(payer) = charge.payer else { continue };
            let Some(amount) = amounts.get(charge.part).copied().flatten() else { continue };
            let mut paid = amount.times(charge.fraction);
            paid.within += amount.value * charge.doubt;
            if let Some(Some(rest)) = rest.get_mut(payer) {
                *rest = rest.minus(paid);
            }
        }
        rest
    }

    /// The own amounts of all nodes: never negative, and with the inclusive ones within their bounds.
    pub fn own(&self, amounts: &[Option<Bounded>]) -> Vec<Option<Bounded>> {
        self.rest(amounts).into_iter().map(|rest| rest.map(Bounded::not_negative)).collect()
    }

    /// What ran after all nodes, inside none of them.
    pub fn outside(&self, amounts: &[Option<Bounded>]) -> Bounded {
        let free = self.0.iter().filter(|charge| charge.payer.is_none());
        let paid = free.filter_map(|charge| {
            Some(amounts.get(charge.part).copied().flatten()?.times(charge.fraction))
        });
        paid.fold(Bounded::default(), Bounded::plus)
    }
}

/// For each node its input that took longest.
fn spine(plan: &Plan, amounts: &[Option<Bounded>]) -> Vec<Option<usize>> {
    let mut spine: Vec<Option<usize>> = vec![None; plan.nodes.len()];
    let of = |at: usize| amounts.get(at).copied().flatten().map_or(-1.0, |amount| amount.value);
    for (at, node) in plan.nodes.iter().enumerate() {
        let Some(parent) = node.parent else { continue };
        let is_input = !matches!(node.role, Role::InitPlan | Role::Cte);
        if is_input && spine[parent].is_none_or(|known| of(known) < of(at)) {
            spine[parent] = Some(at);
        }
    }
    spine
}

/// The node that ran an InitPlan: the first that asks for its value and had the time to run it. Where
/// columns are not printed nobody may be seen to ask; then the first from the node it is printed
/// below downwards that had the time, and that node itself if none had.
fn runner(
    plan: &Plan,
    part: usize,
    amount: Bounded,
    askers: &[usize],
    room: &[Option<Bounded>],
    spine: &[Option<usize>],
) -> Option<usize> {
    let has_room = |at: &usize| room[*at].is_some_and(|room| room.most() >= amount.least());
    let lister = plan.nodes[part].parent?;
    let down = || std::iter::successors(Some(lister), |at| spine[*at]);
    let mut first = askers.iter().copied().find(has_room);
    if first.is_none() {
        first = down().find(has_room);
    }
    first.or(askers.first().copied()).or(Some(lister))
}
