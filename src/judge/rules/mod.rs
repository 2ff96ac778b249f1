//! The rules: one file each, with its documentation, its check and its place in [`RULES`].
//!
//! A new rule is one file, its `mod` line in its family and one line in the table below. The
//! command line, the catalogue, the reports and the shared tests all iterate the table.

pub mod query;

use super::evidence::{ClassEvidence, Evidence};
use super::finding::{Confidence, Fact, Finding, Impact, ImpactLabel, Severity, Subject};
use super::words::{counted, duration_us, percent};
use crate::model::event::Engine;

/// A rule.
#[derive(Debug)]
pub struct Rule {
    /// Family and number, never reused: `QRY001`.
    pub code: &'static str,
    /// Kebab-case name that states the defect; users' gates and baselines hold it.
    pub name: &'static str,
    /// The title of its findings.
    pub title: &'static str,
    /// The part of the report it belongs to: `queries`, `schema`, `indexes`, `connections`.
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
        let several = evidence.facts.servers.len() > 1;
        let key = match several {
            true => format!("{}/{}/{id}", self.name, class.server.label),
            false => format!("{}/{id}", self.name),
        };
        let fact = format!(
            "class {id}: {}, {} of logged time ({} of all)",
            counted(stats.calls, "call"),
            duration_us(stats.total_us as f64),
            percent(class.share)
        );
        Finding {
            key,
            rule: self.name,
            title: self.title.to_owned(),
            severity: Severity::of_share(class.share).min(self.at_most),
            confidence: Confidence::Medium,
            subject: Subject { kind: "query", name: class.short(100), query_id: Some(id) },
            server: class.server.label.clone(),
            message: String::new(),
            evidence: vec![Fact {
                fact,
                source: class.example().map(|example| evidence.source(example)),
            }],
            impact: Impact {
                label: ImpactLabel::Unknown,
                share: class.share,
                saved_ms_low: None,
                saved_ms_high: None,
            },
            fixes: Vec::new(),
            verify: String::new(),
            trade_offs: String::new(),
        }
    }
}

/// Every rule, by code.
pub static RULES: &[&Rule] = &[
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
];

/// A rule by its name or code.
pub fn find(name: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.name == name || rule.code.eq_ignore_ascii_case(name))
}
