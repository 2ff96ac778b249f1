//! From evidence to a finished report. What several parts need is computed once, in [`Draft`];
//! each part of the report has its own file.

mod advice;
mod attributes;
mod groups;
mod happenings;
mod indexes;
mod operations;
mod overview;
mod plans;
mod queries;
mod ranking;
mod sql;
mod summary;
mod tables;
mod trend;
mod waits;

use super::options::{ReportOptions, Target};
use super::types::{At, Found, Generator, Part, Report};
use crate::judge::evidence::Evidence;
use crate::judge::finding::Finding;
use crate::judge::rules;
use crate::model::workload::stats::Stats;
use std::collections::BTreeMap;

/// Version of the JSON structure: additive within a major.
const SCHEMA_VERSION: &str = "1.0";

/// What the parts of a report share.
struct Draft<'a> {
    evidence: &'a Evidence<'a>,
    options: &'a ReportOptions,
    /// All runs of all servers.
    overall: Stats,
    /// Seconds east of UTC of the log's own clock at the end of the period.
    offset_s: i32,
}

impl Draft<'_> {
    /// Whether names need their server.
    fn several_servers(&self) -> bool {
        self.evidence.facts.servers.len() > 1
    }

    /// A time's share of all logged time.
    fn share(&self, total_us: u64) -> f64 {
        share(total_us, self.overall.total_us)
    }
}

/// Makes the report.
pub(super) fn build(
    evidence: &Evidence<'_>,
    findings: Vec<Finding>,
    options: &ReportOptions,
) -> Report {
    let mut overall = Stats::default();
    evidence.facts.servers.iter().for_each(|s| overall.merge(s.workload.overall()));
    let latest = evidence.facts.inputs.iter().filter(|i| i.last.is_some()).max_by_key(|i| i.last);
    let offset_s = latest.map_or(0, |i| i.utc_offset_s);
    let told = evidence.facts.inputs.iter().filter(|i| i.first.is_some());
    let first_offset_s = told.min_by_key(|i| i.first).map_or(0, |i| i.first_utc_offset_s);
    let draft = Draft { evidence, options, overall, offset_s };

    let findings = placed(findings, options);
    let chosen = queries::choose(&draft, &findings);
    let logging = overview::logging(&draft);
    let connections = happenings::connections(&draft, &logging);
    let mut report = Report {
        schema_version: SCHEMA_VERSION,
        generator: Generator { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
        title: title(&options.context),
        context: options.context.clone(),
        environment: options.environment.word(),
        environment_stated: options.environment_stated,
        threshold_ms: ms(options.threshold_us),
        targets: options.targets.words(),
        options: recorded(options),
        summary: Vec::new(),
        inputs: overview::inputs(&draft),
        servers: overview::servers(&draft),
        period: overview::period(&draft),
        zone: crate::time::zone_text(offset_s),
        coverage: overview::coverage(&draft),
        logging,
        totals: overview::totals(&draft, &chosen),
        load: overview::load(&draft),
        spent: operations::spent_by_server(&draft),
        apart: operations::apart(&draft),
        queries: chosen.queries,
        groups: groups::groups(&draft),
        plans: chosen.plans,
        every_plan: options.every_plan,
        tables: tables::tables(&draft),
        indexes: indexes::indexes(&draft, &findings),
        activity: happenings::activity(&draft),
        breakdown: happenings::breakdown(&draft),
        connections,
        waits: waits::waits(&draft),
        incidents: happenings::incidents(&draft),
        findings,
        comparison: (),
        monitoring: Vec::new(),
        next_steps: Vec::new(),
        maintenance: Vec::new(),
        date: options.date.clone(),
        offset_s,
        first_offset_s,
        also_shown: chosen.also_shown,
        rankings: chosen.rankings,
        trade_offs: Vec::new(),
    };
    link_findings(&mut report);
    // These parts speak about the others, so they come last.
    report.summary = summary::summary(&report);
    report.monitoring = advice::monitoring(&report);
    report.next_steps = advice::next_steps(&report);
    report.maintenance = advice::maintenance(&report);
    report.trade_offs = advice::trade_offs(&report);
    report
}

/// The findings of the parts that were asked for, numbered in the order they came.
fn placed(findings: Vec<Finding>, options: &ReportOptions) -> Vec<Found> {
    findings
        .into_iter()
        .map(|finding| {
            let rule = rules::find(finding.rule);
            let target = rule.map_or(Target::Queries.word(), |r| r.target);
            let part = match target {
                _ if rule.is_some_and(|r| r.code.starts_with("CCH")) => Part::Caching,
                "indexes" => Part::Indexes,
                "schema" => Part::Schema,
                "connections" => Part::ConnectionPool,
                "server" => Part::Server,
                _ => Part::Queries,
            };
            (finding, target, part)
        })
        .filter(|(_, target, _)| {
            Target::ALL.into_iter().any(|t| t.word() == *target && options.targets.has(t))
        })
        .enumerate()
        .map(|(at, (mut finding, target, part))| {
            finding.impact.share = rounded_share(finding.impact.share);
            for saved in [&mut finding.impact.saved_ms_low, &mut finding.impact.saved_ms_high] {
                *saved = saved.map(|ms| (ms * 1e3).round() / 1e3);
            }
            Found { finding, target, number: at + 1, part, query_anchor: None }
        })
        .collect()
}

/// Ties findings to the classes that are shown, both ways.
fn link_findings(report: &mut Report) {
    /// A finding's key, and where the anchor of its class goes.
    type Link<'a> = (&'a str, &'a mut Option<String>);
    // By server and query id.
    let mut about: BTreeMap<(&str, &str), Vec<Link<'_>>> = BTreeMap::new();
    for found in &mut report.findings {
        let (finding, anchor) = (&found.finding, &mut found.query_anchor);
        if let Some(id) = &finding.subject.query_id {
            let class = (finding.server.as_str(), id.as_str());
            about.entry(class).or_default().push((finding.key.as_str(), anchor));
        }
    }
    for query in report.queries.iter_mut().chain(&mut report.also_shown) {
        let class = (query.server.as_str(), query.id.as_str());
        for (key, anchor) in about.get_mut(&class).into_iter().flatten() {
            query.findings.push((*key).to_owned());
            **anchor = Some(query.anchor.clone());
        }
    }
}

fn title(context: &str) -> String {
    match context.trim() {
        "" => "Database Optimization Report".to_owned(),
        context => format!("Database Optimization Report: {context}"),
    }
}

/// The caller's record, with the report's own choices added.
fn recorded(options: &ReportOptions) -> BTreeMap<String, String> {
    let mut recorded = options.recorded.clone();
    for (name, value) in [
        ("top", options.top.to_string()),
        ("order-by", options.order_by.to_string()),
        ("group-by", options.group_by.to_string()),
    ] {
        recorded.entry(name.to_owned()).or_insert(value);
    }
    recorded
}

/// Microseconds as milliseconds; three decimals hold them exactly.
fn ms(us: u64) -> f64 {
    us as f64 / 1e3
}

/// Microseconds that were computed, as milliseconds with three decimals.
fn rounded_ms(us: f64) -> f64 {
    us.round() / 1e3
}

/// A part of a whole, with six decimals; 0 of nothing.
fn share(part: u64, whole: u64) -> f64 {
    rounded_share(part as f64 / whole.max(1) as f64)
}

fn rounded_share(share: f64) -> f64 {
    (share * 1e6).round() / 1e6
}

fn at(time: Option<crate::time::Timestamp>) -> Option<At> {
    time.map(At)
}
