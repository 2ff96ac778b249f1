//! What the plan summaries of a class's records say: which plans served its runs, and how much of its
//! time each took. Judges nothing.

use super::{HABIT, Work, plain};
use crate::judge::advice::ident;
use crate::judge::evidence::shorten;
use crate::judge::finding::Fact;
use crate::judge::words;
use crate::model::event::Known;
use crate::model::workload::attributes::Figures;
use std::cmp::Reverse;

/// Characters of a summary that are shown.
const MAX_SHOWN: usize = 100;

/// Runs of a class with one plan summary.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan<'e> {
    /// As logged: `IXSCAN { a: 1 }, IXSCAN { b: 1 }`.
    pub summary: &'e str,
    /// How many.
    pub runs: u64,
    /// Their time in microseconds.
    pub total_us: u64,
}

impl Plan<'_> {
    /// Mean run time in microseconds.
    pub fn mean_us(&self) -> f64 {
        self.total_us as f64 / self.runs.max(1) as f64
    }

    /// Whether the plan has a stage.
    pub fn has(&self, stage: &str) -> bool {
        stages(self.summary).any(|name| name == stage)
    }
}

/// The names of a summary's stages: what stands outside of key patterns.
pub(super) fn stages(summary: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0usize;
    summary
        .split(move |c: char| {
            match c {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth > 0 || !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
        })
        .filter(|name| !name.is_empty())
}

/// The keys of the plain indexes that a summary names: fields, and whether each runs downwards. A
/// pattern that is cut off, or of another kind (`"2dsphere"`), is left out.
pub(super) fn keys(summary: &str) -> Vec<Vec<(String, bool)>> {
    let patterns = summary.split("IXSCAN {").skip(1).filter_map(|rest| rest.split_once(" }"));
    let key = |member: &str| {
        let (path, order) = member.trim().rsplit_once(": ")?;
        let order: f64 = order.parse().ok()?;
        Some((path.to_owned(), order < 0.0))
    };
    patterns.filter_map(|(pattern, _)| pattern.split(", ").map(key).collect()).collect()
}

/// The plans of a class, those that took most time first.
pub(super) fn of<'e>(work: &Work<'e>) -> Vec<Plan<'e>> {
    let class = work.class;
    let Some(Figures::Words(summaries)) = class.class.attributes().get(Known::PlanSummary) else {
        return Vec::new();
    };
    let mut plans: Vec<_> = summaries
        .ranked(class.server.workload.names())
        .into_iter()
        .map(|(summary, share)| Plan { summary, runs: share.calls, total_us: share.total_us })
        .collect();
    plans.sort_by_key(|plan| (Reverse((plan.total_us, plan.runs)), plan.summary));
    plans
}

/// Time of the runs that scanned the whole collection, in microseconds, and how many they were.
pub(super) fn scans(work: &Work<'_>) -> (u64, u64) {
    let scans = of(work).into_iter().filter(|plan| plan.has("COLLSCAN"));
    scans.fold((0, 0), |(us, runs), plan| (us + plan.total_us, runs + plan.runs))
}

/// Whether most of the class's time went into scans of the whole collection.
pub(super) fn mostly_scans(work: &Work<'_>) -> bool {
    let (scan_us, runs) = scans(work);
    runs > 0 && scan_us as f64 >= HABIT * work.total_us()
}

/// The plan that most of the time was spent with, as a fact.
pub(super) fn main(work: &Work<'_>) -> Option<Fact> {
    let plans = of(work);
    let first = plans.first()?;
    let others = match plans.len() - 1 {
        0 => String::new(),
        others => format!("; {} as well", words::counted(others as u64, "other plan")),
    };
    Some(plain(format!(
        "plan summary {} in {}{others}",
        shorten(&ident::shown(first.summary), MAX_SHOWN),
        words::counted(first.runs, "logged run")
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_those_of_plain_indexes() {
        for (summary, expected) in [
            ("IXSCAN { a: 1, b.c: -1 }", "a b.c-"),
            ("IXSCAN { a: 1 }, IXSCAN { b: -1.0 }", "a|b-"),
            ("EXPRESS_IXSCAN { email: 1 },EXPRESS_UPDATE", "email"),
            ("IXSCAN { p: \"2dsphere\", a: 1 }", ""),
            ("IXSCAN { a: 1, b", ""),
            ("COLLSCAN", ""),
        ] {
            let key =
                |(path, falls): &(String, bool)| format!("{path}{}", if *falls { "-" } else { "" });
            let found = keys(summary);
            let shown: Vec<_> = found
                .iter()
                .map(|keys| keys.iter().map(key).collect::<Vec<_>>().join(" "))
                .collect();
            assert_eq!(shown.join("|"), expected, "{summary}");
        }
    }

    #[test]
    fn stages_are_what_stands_outside_of_keys() {
        for (summary, expected) in [
            ("COLLSCAN", "COLLSCAN"),
            ("IXSCAN { a: 1, COLLSCAN: -1 }", "IXSCAN"),
            ("IXSCAN { a.b: 1 }, COLLSCAN", "IXSCAN COLLSCAN"),
            ("EXPRESS_IXSCAN { email: 1 },EXPRESS_UPDATE", "EXPRESS_IXSCAN EXPRESS_UPDATE"),
            ("IXSCAN { a: { b: 1 } }, EOF", "IXSCAN EOF"),
            ("GEO_NEAR_2DSPHERE { p: \"2dsphere\" }", "GEO_NEAR_2DSPHERE"),
            ("IXSCAN { cut", "IXSCAN"),
            ("} COLLSCAN", "COLLSCAN"),
            ("", ""),
        ] {
            let found: Vec<_> = stages(summary).collect();
            assert_eq!(found.join(" "), expected);
        }
    }
}
