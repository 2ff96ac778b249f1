//! The rules: one file each, with its documentation, its check and its place in [`RULES`].
//!
//! A new rule is one file, its `mod` line in its family and one line in the table below. The
//! command line, the catalogue, the reports and the shared tests all iterate the table.

pub mod connection;
pub mod index;
pub mod mongodb;
pub mod plan;
pub mod query;
#[cfg(test)]
mod sample;
pub mod schema;
pub mod server;

use super::advice::ident;
use super::evidence::{ClassEvidence, Evidence};
use super::finding::{Confidence, Fact, Finding, Impact, ImpactLabel, Severity, Subject};
use super::words::{counted, duration_us, percent};
use crate::model::event::Engine;
use crate::model::facts::ServerFacts;
use crate::model::workload::examples::Place;
use crate::model::workload::incidents::messages::MessageGroup;

/// A rule.
#[derive(Debug)]
pub struct Rule {
    /// Family and number, never reused: `QRY001`.
    pub code: &'static str,
    /// Kebab-case name that states the defect; users' gates and baselines hold it.
    pub name: &'static str,
    /// The title of its findings.
    pub title: &'static str,
    /// The part of the report it belongs to: `queries`, `schema`, `indexes`, `connections`, `server`.
    pub target: &'static str,
    /// The engines it knows.
    pub engines: &'static [Engine],
    /// The most severe that it can be.
    pub at_most: Severity,
    /// The first version that had it.
    pub since: &'static str,
    /// Its documentation in Markdown: what it finds, why it matters, what to do, when to ignore it.
    pub docs: &'static str,
    /// Looks at the evidence and adds what it finds.
    pub check: fn(&Rule, &Evidence<'_>, &mut Vec<Finding>),
}

impl Rule {
    /// A finding about a class, with everything that follows from the class filled in: key,
    /// subject, severity by share, the class's numbers as the first evidence, unknown impact.
    pub fn about(&self, evidence: &Evidence<'_>, class: &ClassEvidence<'_>) -> Finding {
        let id = class.class.id.to_string();
        let stats = &class.class.stats;
        let fact = match stats.calls {
            0 => format!("class {id}: no finished run of it is logged"),
            calls => format!(
                "class {id}: {}, {} of logged time ({} of all)",
                counted(calls, "call"),
                duration_us(stats.total_us as f64),
                percent(class.share)
            ),
        };
        Finding {
            key: self.key(evidence, class.server, &id),
            severity: Severity::of_share(class.share).min(self.at_most),
            subject: Subject { kind: "query", name: class.short(100), query_id: Some(id) },
            evidence: vec![Fact {
                fact,
                source: class.example().map(|example| evidence.source(example)),
            }],
            ..self.blank(class.server, class.share)
        }
    }

    /// A finding about a server as a whole: key and subject are filled in, its severity and
    /// everything else is the rule's to say.
    pub fn about_server(&self, evidence: &Evidence<'_>, server: &ServerFacts) -> Finding {
        let several = evidence.facts.servers.len() > 1;
        let key = match several {
            true => format!("{}/{}", self.name, server.label),
            false => format!("{}/server", self.name),
        };
        Finding {
            key,
            subject: Subject { kind: "server", name: server.label.clone(), query_id: None },
            ..self.blank(server, 0.0)
        }
    }

    /// A finding about something on a server that is no query: a table, a lock, a message. The
    /// handle makes its key, the name is for people.
    pub fn about_thing(
        &self,
        evidence: &Evidence<'_>,
        server: &ServerFacts,
        kind: &'static str,
        handle: &str,
        name: &str,
    ) -> Finding {
        Finding {
            key: self.key(evidence, server, handle),
            subject: Subject { kind, name: name.to_owned(), query_id: None },
            ..self.blank(server, 0.0)
        }
    }

    /// Stable over the same files: with several servers the server's label is part of it.
    fn key(&self, evidence: &Evidence<'_>, server: &ServerFacts, handle: &str) -> String {
        let handle = ident::shown(handle);
        match evidence.facts.servers.len() > 1 {
            true => format!("{}/{}/{handle}", self.name, server.label),
            false => format!("{}/{handle}", self.name),
        }
    }

    /// A finding of this rule with nothing in it yet.
    fn blank(&self, server: &ServerFacts, share: f64) -> Finding {
        Finding {
            key: String::new(),
            rule: self.name,
            title: self.title.to_owned(),
            severity: Severity::Low,
            confidence: Confidence::Medium,
            subject: Subject { kind: "server", name: String::new(), query_id: None },
            server: server.label.clone(),
            tables: Vec::new(),
            message: String::new(),
            evidence: Vec::new(),
            plan_id: None,
            excerpt: Vec::new(),
            impact: Impact {
                label: ImpactLabel::Unknown,
                share,
                saved_ms_low: None,
                saved_ms_high: None,
            },
            fixes: Vec::new(),
            verify: String::new(),
            trade_offs: String::new(),
            indexes: Vec::new(),
        }
    }
}

/// A class with less logged time than this weighs nothing, whatever its share of a small log.
const MIN_CLASS_US: u64 = 100_000;

/// Whether a rule knows the engine of a class, and the class's time is worth a finding.
fn weighs(rule: &Rule, class: &ClassEvidence<'_>) -> bool {
    rule.engines.contains(&class.server.engine) && class.class.stats.total_us >= MIN_CLASS_US
}

/// The servers whose engine a rule knows.
fn servers<'e>(
    rule: &'e Rule,
    evidence: &'e Evidence<'_>,
) -> impl Iterator<Item = &'e ServerFacts> {
    evidence.facts.servers.iter().filter(|server| rule.engines.contains(&server.engine))
}

/// A fact with the place it was read at, if it has one.
fn fact_at(evidence: &Evidence<'_>, fact: impl Into<String>, place: Option<Place>) -> Fact {
    Fact { fact: fact.into(), source: place.map(|place| evidence.facts.source(place)) }
}

/// What messages of one text say, and how often, at their example.
fn of_messages(evidence: &Evidence<'_>, group: &MessageGroup) -> Fact {
    let fact = format!("{}: {}", counted(group.count, "time"), group.message);
    fact_at(evidence, fact, Some(group.example.1))
}

/// Every rule, by code.
pub static RULES: &[&Rule] = &[
    &connection::connections_exhausted::RULE,
    &connection::connection_churn::RULE,
    &connection::idle_in_transaction::RULE,
    &connection::long_transaction::RULE,
    &index::duplicate_index::RULE,
    &index::redundant_index::RULE,
    &index::invalid_index::RULE,
    &index::unindexed_foreign_key::RULE,
    &index::unused_index::RULE,
    &index::too_many_indexes::RULE,
    &index::missing_index::RULE,
    &mongodb::collection_scan::RULE,
    &mongodb::poor_targeting::RULE,
    &mongodb::key_heavy_index::RULE,
    &mongodb::blocking_sort::RULE,
    &mongodb::spill_to_disk::RULE,
    &mongodb::unanchored_regex::RULE,
    &mongodb::large_skip::RULE,
    &mongodb::getmore_heavy::RULE,
    &mongodb::write_conflicts::RULE,
    &mongodb::hot_document::RULE,
    &mongodb::javascript_in_query::RULE,
    &mongodb::unindexed_lookup::RULE,
    &mongodb::waiting_operations::RULE,
    &mongodb::multi_update_without_index::RULE,
    &mongodb::elections::RULE,
    &mongodb::slow_checkpoints::RULE,
    &plan::mongodb_scatter_gather::RULE,
    &mongodb::many_plan_trials::RULE,
    &plan::plan_flip::RULE,
    &plan::seq_scan_discards_rows::RULE,
    &plan::inner_seq_scan::RULE,
    &plan::index_filter_discards_rows::RULE,
    &plan::sort_spilled::RULE,
    &plan::hash_spilled::RULE,
    &plan::estimate_off::RULE,
    &plan::nested_loop_many_rows::RULE,
    &plan::join_filter_discards_rows::RULE,
    &plan::lossy_bitmap::RULE,
    &plan::heap_fetches::RULE,
    &plan::late_limit::RULE,
    &plan::subplan_per_row::RULE,
    &plan::jit_overhead::RULE,
    &plan::slow_trigger::RULE,
    &plan::implicit_cast::RULE,
    &plan::ordered_index_discards_rows::RULE,
    &plan::sort_feeds_limit::RULE,
    &plan::index_loose_condition::RULE,
    &plan::pattern_filter::RULE,
    &plan::scan_keeps_most_rows::RULE,
    &plan::bitmap_and_of_two_indexes::RULE,
    &plan::build_side_larger::RULE,
    &plan::temp_blocks_written::RULE,
    &plan::join_estimate_off::RULE,
    &plan::default_estimate::RULE,
    &plan::cartesian_join::RULE,
    &plan::memoize_evictions::RULE,
    &plan::not_in_subplan::RULE,
    &plan::cte_filtered_late::RULE,
    &plan::workers_not_launched::RULE,
    &plan::no_parallel_scan::RULE,
    &plan::planning_overhead::RULE,
    &plan::reads_from_disk::RULE,
    &plan::scattered_rows::RULE,
    &plan::partitions_not_pruned::RULE,
    &plan::planner_setting_off::RULE,
    &plan::foreign_scan_filters_locally::RULE,
    &plan::sort_feeds_group::RULE,
    &plan::parallel_skew::RULE,
    &plan::parallel_startup_dominates::RULE,
    &plan::mysql_full_index_scan::RULE,
    &plan::mysql_possible_key_unused::RULE,
    &plan::mysql_index_keeps_few_rows::RULE,
    &plan::mysql_dependent_subquery::RULE,
    &plan::mysql_derived_without_key::RULE,
    &plan::mysql_index_merge::RULE,
    &plan::mysql_estimate_off::RULE,
    &plan::mysql_constant_false::RULE,
    &plan::mysql_range_checked::RULE,
    &plan::mysql_partitions_not_pruned::RULE,
    &plan::mysql_index_not_covering::RULE,
    &plan::sqlite_full_scan::RULE,
    &plan::sqlite_automatic_index::RULE,
    &plan::sqlite_temp_b_tree::RULE,
    &plan::sqlite_correlated_subquery::RULE,
    &plan::sqlite_union_temp_b_tree::RULE,
    &plan::sqlite_view_used_twice::RULE,
    &query::dominant_class::RULE,
    &query::high_variance::RULE,
    &query::select_star::RULE,
    &query::deep_offset::RULE,
    &query::or_across_columns::RULE,
    &query::leading_wildcard::RULE,
    &query::function_on_column::RULE,
    &query::not_in_subquery::RULE,
    &query::correlated_subquery::RULE,
    &query::order_by_random::RULE,
    &query::huge_in_list::RULE,
    &query::missing_where::RULE,
    &query::rows_examined_far_above_sent::RULE,
    &query::mysql_full_scan::RULE,
    &query::mysql_no_index_join::RULE,
    &query::mysql_temporary_on_disk::RULE,
    &query::mysql_filesort::RULE,
    &query::single_row_insert_storm::RULE,
    &schema::no_primary_key::RULE,
    &schema::money_type::RULE,
    &schema::timestamp_without_zone::RULE,
    &schema::char_flag::RULE,
    &schema::numeric_for_integer::RULE,
    &schema::float_for_money::RULE,
    &schema::unsafe_storage_engine::RULE,
    &schema::integer_key_near_limit::RULE,
    &schema::oversized_varchar::RULE,
    &schema::random_uuid_key::RULE,
    &schema::repeated_columns::RULE,
    &schema::text_for_typed_value::RULE,
    &schema::multi_value_column::RULE,
    &schema::stale_statistics::RULE,
    &schema::dead_rows::RULE,
    &schema::partition_candidate::RULE,
    &schema::denormalize_counter::RULE,
    &schema::missing_partition::RULE,
    &schema::entity_attribute_value::RULE,
    &schema::utf8mb3_text::RULE,
    &server::temp_files::RULE,
    &server::lock_waits::RULE,
    &server::deadlocks::RULE,
    &server::error_storm::RULE,
    &server::cancelled_statements::RULE,
    &server::checkpoints_too_frequent::RULE,
    &server::slow_autovacuum::RULE,
    &server::wraparound_near::RULE,
    &server::archiver_failing::RULE,
    &server::crash_recovery::RULE,
    &server::slow_logging_off::RULE,
    &server::setting_contradicted::RULE,
];

/// A rule by its name or code.
pub fn find(name: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.name == name || rule.code.eq_ignore_ascii_case(name))
}
