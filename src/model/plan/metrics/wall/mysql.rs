//! MySQL's temporary tables: the scan is printed above the node that fills the table, but in older
//! versions it runs inside it, and its time does not hold the time of filling.

use super::Bounded;
use crate::model::plan::{Operator, Plan, Role};

/// Gives the scan of a temporary table the time of filling it, and the filling what is left.
pub fn turn_temporary_tables(plan: &Plan, inclusive: &mut [Option<Bounded>]) {
    for at in (0..plan.nodes.len()).rev() {
        let operator = plan.nodes[at].operator;
        if !operator.reads_table() && operator != Operator::DerivedScan {
            continue;
        }
        let mut inputs = plan
            .children(at)
            .filter(|child| matches!(plan.nodes[*child].role, Role::Input | Role::Cte));
        let (Some(filling), None) = (inputs.next(), inputs.next()) else { continue };
        let (Some(scan), Some(fill)) = (inclusive[at], inclusive[filling]) else { continue };
        if fill.least() > scan.most() {
            inclusive[at] = Some(fill);
            inclusive[filling] = Some(fill.minus(scan));
        }
    }
}
