//! Rules about execution plans of all engines. Each looks at the nodes of a plan; what it finds in
//! the plans of one class makes one finding, scored by the time that its fix could save.

pub mod bitmap_and_of_two_indexes;
pub mod build_side_larger;
pub mod cartesian_join;
pub mod cte_filtered_late;
pub mod default_estimate;
pub mod estimate_off;
pub mod foreign_scan_filters_locally;
pub mod hash_spilled;
pub mod heap_fetches;
pub mod implicit_cast;
pub mod index_filter_discards_rows;
pub mod index_loose_condition;
pub mod inner_seq_scan;
pub mod jit_overhead;
pub mod join_estimate_off;
pub mod join_filter_discards_rows;
pub mod late_limit;
pub mod lossy_bitmap;
pub mod memoize_evictions;
mod mongodb;
pub(super) mod mongodb_blocking_sort;
pub(super) mod mongodb_collection_scan;
pub(super) mod mongodb_many_plan_trials;
pub(super) mod mongodb_poor_targeting;
pub mod mongodb_scatter_gather;
pub(super) mod mongodb_spill_to_disk;
pub(super) mod mongodb_unindexed_lookup;
mod mysql;
mod mysql_about;
pub mod mysql_constant_false;
pub mod mysql_dependent_subquery;
pub mod mysql_derived_without_key;
pub mod mysql_estimate_off;
pub(super) mod mysql_filesort;
pub mod mysql_full_index_scan;
pub(super) mod mysql_full_scan;
pub mod mysql_index_keeps_few_rows;
pub mod mysql_index_merge;
pub mod mysql_index_not_covering;
pub(super) mod mysql_no_index_join;
pub mod mysql_partitions_not_pruned;
pub mod mysql_possible_key_unused;
pub mod mysql_range_checked;
pub(super) mod mysql_temporary_on_disk;
pub mod nested_loop_many_rows;
pub mod no_parallel_scan;
pub mod not_in_subplan;
pub mod ordered_index_discards_rows;
pub mod parallel_skew;
pub mod parallel_startup_dominates;
pub mod partitions_not_pruned;
pub mod pattern_filter;
pub mod plan_flip;
pub mod planner_setting_off;
pub mod planning_overhead;
mod postgres;
pub mod reads_from_disk;
pub mod scan_keeps_most_rows;
pub mod scattered_rows;
pub mod seq_scan_discards_rows;
pub mod slow_trigger;
pub mod sort_feeds_group;
pub mod sort_feeds_limit;
pub mod sort_spilled;
mod sqlite;
pub mod sqlite_automatic_index;
pub mod sqlite_correlated_subquery;
pub mod sqlite_full_scan;
pub mod sqlite_temp_b_tree;
pub mod sqlite_union_temp_b_tree;
mod sqlite_uses;
pub mod sqlite_view_used_twice;
pub mod subplan_per_row;
pub mod temp_blocks_written;
pub mod workers_not_launched;

use super::Rule;
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Fact, Finding, Impact, ImpactLabel, Severity, Subject};
use crate::judge::plan_words;
use crate::judge::words;
use std::collections::{BTreeMap, BTreeSet};

/// Nodes of one finding that are told beside the worst.
const MAX_OTHERS: usize = 3;
/// A plan whose statement took less than this, in microseconds, and of which no log tells the load,
/// is fast enough: its faults are told as hints only.
const FAST_US: u64 = 10_000;

/// A node at which a rule found its fault.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Hit {
    /// The node.
    pub at: usize,
    /// Share of the statement's time that the fix could save at most, 0 to 1.
    pub share: f64,
    /// What is wrong there, as evidence.
    pub fact: String,
}

/// Makes one finding of all hits in the plans of one class, or in one plan that belongs to none.
///
/// `find` looks at a plan; `tell` fills in what the worst hit means: title, message, fixes, verify
/// and trade-offs; and the tables, where those below the hits are not what it is about.
pub(super) fn each_plan<'e>(
    rule: &Rule,
    evidence: &Evidence<'e>,
    out: &mut Vec<Finding>,
    find: impl Fn(&PlanEvidence<'e>) -> Vec<Hit>,
    tell: impl Fn(&PlanEvidence<'e>, &Hit, &mut Finding),
) {
    let mut subjects: BTreeMap<String, Vec<(&PlanEvidence<'e>, Hit)>> = BTreeMap::new();
    for plan in &evidence.plans {
        if !rule.engines.contains(&plan.plan().engine) {
            continue;
        }
        let subject = match plan.class {
            Some(class) => format!("{}/{}", plan.server.label, class.id),
            None => format!("{}/plan {}", plan.server.label, plan.id),
        };
        let hits = find(plan).into_iter().map(|hit| (plan, hit));
        subjects.entry(subject).or_default().extend(hits);
    }
    for mut hits in subjects.into_values() {
        let weight = |(plan, hit): &(&PlanEvidence<'_>, Hit)| plan.weight(hit.share);
        // The order of plans and nodes breaks ties.
        hits.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
        let tables = tables(&hits);
        let mut hits = hits.into_iter();
        let Some((plan, worst)) = hits.next() else { continue };
        if plan.load_share.is_some_and(|share| share < evidence.options.thresholds.min_share) {
            continue;
        }
        let mut finding = about(rule, evidence, plan, &worst);
        finding.tables = tables;
        tell(plan, &worst, &mut finding);
        for (other, hit) in hits.take(MAX_OTHERS) {
            let source = Some(other.source(evidence.facts));
            finding.evidence.push(Fact { fact: format!("also {}", hit.fact), source });
        }
        out.push(finding);
    }
}

/// The tables that are read at the nodes of all hits, and below them.
fn tables(hits: &[(&PlanEvidence<'_>, Hit)]) -> Vec<String> {
    let mut tables = BTreeSet::new();
    for (plan, hit) in hits {
        let nodes = &plan.plan().nodes;
        let end = nodes.get(hit.at).map_or(hit.at, |node| node.end);
        let below = nodes.get(hit.at..end).unwrap_or_default();
        tables.extend(below.iter().filter_map(|node| node.relation.as_deref()));
    }
    tables.into_iter().map(str::to_owned).collect()
}

/// A finding about a node of a plan, with everything that follows from the plan filled in.
fn about(rule: &Rule, evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit) -> Finding {
    let weight = plan.weight(hit.share);
    let mut finding = match evidence.class_of(plan) {
        Some(class) if class.class.stats.calls > 0 => rule.about(evidence, &class),
        Some(class) => Finding {
            key: rule.key(evidence, plan.server, &class.class.id.to_string()),
            subject: Subject {
                kind: "query",
                name: class.short(100),
                query_id: Some(class.class.id.to_string()),
            },
            ..rule.blank(plan.server, 0.0)
        },
        None => {
            let root = plan.plan().root().map_or(String::new(), plan_words::name);
            let name = format!("plan {} ({root})", plan.id);
            rule.about_thing(evidence, plan.server, "plan", &format!("plan-{}", plan.id), &name)
        }
    };
    let is_fast =
        plan.load_share.is_none() && plan.seen().duration_us.is_some_and(|us| us < FAST_US);
    finding.severity = match is_fast {
        true => Severity::Info,
        false => Severity::of_share(weight).min(rule.at_most),
    };
    // One plan is one run: without a log nobody knows how often it runs.
    if plan.load_share.is_none() {
        finding.severity = finding.severity.min(Severity::Medium);
    }
    finding.impact = match plan.load_share {
        // One run says nothing about a period.
        None => Impact { share: weight, ..finding.impact },
        Some(_) => Impact {
            label: ImpactLabel::Estimated,
            share: weight,
            saved_ms_low: Some(0.0),
            saved_ms_high: Some(weight * evidence.total_us as f64 / 1e3),
        },
    };
    let seen = match plan.seen().duration_us {
        Some(us) => format!("plan of a run of {}", words::duration_us(us as f64)),
        None => "plan, not executed".to_owned(),
    };
    finding.evidence.push(Fact {
        fact: format!("{seen}: {}", hit.fact),
        source: Some(plan.source(evidence.facts)),
    });
    finding.plan_id = Some(plan.id.clone());
    finding.excerpt = plan_words::excerpt(plan.plan(), plan.metrics(), hit.at);
    finding
}
