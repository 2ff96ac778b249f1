//! Which members of a block are parts of its plan, whatever lists and unknown containers they stand
//! in. What becomes of them is [`super::blocks`]'s.

use super::names::{self, Kind};
use crate::read::plans::tree::Ref;

/// Unknown containers are searched for parts of the plan as many levels down.
const SEARCHED_LEVELS: usize = 6;

/// A member that is a part of the plan.
#[derive(Clone, Copy)]
pub struct Part<'t, 'a> {
    /// The member.
    pub at: Ref<'t, 'a>,
    /// The item of a list that it stands in, whose other members are about it.
    pub holder: Option<Ref<'t, 'a>>,
}

/// As how many parts of a query block a part counts.
pub fn weight(part: &Part<'_, '_>) -> usize {
    match names::kind(part.at.key()) {
        Some(Kind::Subqueries | Kind::SubqueriesOfOptimizer) => parts_of(part.at).len(),
        _ => 1,
    }
}

/// The parts right in a container, and in the items of a list.
pub fn parts_of<'t, 'a>(at: Ref<'t, 'a>) -> Vec<Part<'t, 'a>> {
    if !at.is_array() {
        let parts = at.children().filter(|member| is_part(*member));
        return parts.map(|at| Part { at, holder: None }).collect();
    }
    let mut parts = Vec::new();
    for item in at.children() {
        let mut holder = Some(item);
        for at in item.children().filter(|member| is_part(*member)) {
            parts.push(Part { at, holder: holder.take() });
        }
    }
    parts
}

/// Whether a member is a part of the plan: its name says so, or one of those below it.
pub fn is_part(member: Ref<'_, '_>) -> bool {
    if !member.is_object() && !member.is_array() {
        return false;
    }
    if names::kind(member.key()).is_some() {
        return true;
    }
    let mut open = vec![(member, 0)];
    while let Some((at, level)) = open.pop() {
        for below in at.children().filter(|below| below.is_object() || below.is_array()) {
            if names::kind(below.key()).is_some() {
                return true;
            }
            if level < SEARCHED_LEVELS {
                open.push((below, level + 1));
            }
        }
    }
    false
}
