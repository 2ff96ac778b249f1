//! What to watch, what to do next, what to do again and again, and what to weigh. Thresholds and
//! volumes are drawn from the report's own numbers; what is an engine's own stands in its file.

mod mongodb;
mod mysql;
mod postgres;

use crate::judge::finding::Confidence;
use crate::judge::words;
use crate::model::event::Engine;
use crate::report::engines::kinds;
use crate::report::phrases::{class, ms, of_load, plural, saved, width};
use crate::report::types::{Advice, Query, Report};

/// Classes that get an alert of their own.
const ALERTS: usize = 3;
/// Findings that are steps of their own.
const STEPS: usize = 5;
/// Above this, full logging is not advised without sampling.
const MAX_LOG_BYTES_PER_DAY: f64 = 1e9;

fn advice(title: &str, text: impl Into<String>, sql: Option<&str>) -> Advice {
    Advice { title: title.to_owned(), text: text.into(), sql: sql.map(str::to_owned), engine: None }
}

/// What a report knows of the servers of one engine and of their logs.
struct Ground<'r> {
    report: &'r Report,
    engine: Engine,
    /// Complete records of their inputs.
    records: u64,
    /// Bytes of their inputs.
    bytes: u64,
    /// Runs without a duration.
    untimed: u64,
    /// The highest of their thresholds.
    threshold_ms: Option<f64>,
}

impl<'r> Ground<'r> {
    fn new(report: &'r Report, engine: Engine) -> Self {
        let only_one = kinds(report).len() < 2;
        let inputs = || {
            let counted = report.inputs.iter().filter(|i| i.duplicate_of.is_none());
            counted.filter(move |i| only_one || i.engine == Some(engine))
        };
        let servers = || report.logging.servers.iter().filter(move |s| s.engine == engine);
        Ground {
            report,
            engine,
            records: inputs().map(|i| i.records).sum(),
            bytes: inputs().map(|i| i.bytes).sum(),
            untimed: servers().map(|s| s.untimed).sum(),
            threshold_ms: servers().filter_map(|s| s.threshold_ms).reduce(f64::max),
        }
    }

    /// Bytes of a record on average.
    fn record_bytes(&self) -> f64 {
        self.bytes as f64 / self.records.max(1) as f64
    }

    /// The length of the period.
    fn days(&self) -> Option<f64> {
        self.report.period.seconds.map(|s| s / 86_400.0).filter(|d| *d > 0.0)
    }
}

/// What the engines of a report say of themselves, each marked as its own.
fn of_engines(report: &Report, of: impl Fn(&Ground<'_>) -> Vec<Advice>) -> Vec<Advice> {
    let grounds = kinds(report).into_iter().map(|engine| Ground::new(report, engine));
    grounds
        .flat_map(|ground| {
            let mut list = of(&ground);
            list.iter_mut().for_each(|one| one.engine = Some(ground.engine));
            list
        })
        .collect()
}

pub fn monitoring(report: &Report) -> Vec<Advice> {
    let mut list = of_engines(report, |ground| match ground.engine {
        Engine::Postgres => postgres::watch(ground),
        Engine::Mysql | Engine::Mariadb => mysql::watch(ground),
        Engine::Mongodb => mongodb::watch(ground),
        Engine::Sqlite => Vec::new(),
    });
    list.extend(alerts(report));
    list.extend(of_engines(report, |ground| match ground.engine {
        Engine::Postgres => postgres::logging(ground),
        Engine::Mysql | Engine::Mariadb => mysql::logging(ground),
        Engine::Mongodb => mongodb::logging(ground),
        Engine::Sqlite => Vec::new(),
    }));
    list
}

/// Alerts with thresholds from this log.
fn alerts(report: &Report) -> Vec<Advice> {
    let mut heavy: Vec<(&Query, f64)> =
        report.queries.iter().filter_map(|q| Some((q, q.times.p95_ms?))).collect();
    heavy.sort_by(|a, b| b.0.share.total_cmp(&a.0.share));
    let mut list: Vec<Advice> = heavy
        .into_iter()
        .take(ALERTS)
        .map(|(query, p95)| {
            let text = format!(
                "Alert when the p95 of {} passes {}: twice the {} of this period.",
                class(query),
                ms(2.0 * p95),
                ms(p95),
            );
            advice("Alert: a heavy class slows down", text, None)
        })
        .collect();
    let errors = &report.incidents.errors.messages.occurred;
    if let Some(most) = errors.timeline.iter().map(|t| t.count).max() {
        let text = format!(
            "Alert when more than {} are logged within {}: twice the most of this period.",
            plural(most.saturating_mul(2), "error"),
            width(report.load.timeline_width_s),
        );
        list.push(advice("Alert: errors", text, None));
    }
    list
}

pub fn next_steps(report: &Report) -> Vec<Advice> {
    let mut list: Vec<Advice> = report
        .findings
        .iter()
        .take(STEPS)
        .map(|found| {
            let finding = &found.finding;
            let how = match finding.fixes.first() {
                _ if finding.confidence == Confidence::Low => "a candidate: confirm it first",
                Some(fix) if fix.complete => "its fix can be used as it stands, after a test",
                Some(_) => "its fix has placeholders to fill in first",
                None => "it needs a decision, not a statement",
            };
            let saved = saved(found).map_or(String::new(), |s| format!("; {s}"));
            advice(
                &format!("F{}: {}", found.number, finding.title.trim_end_matches('.')),
                format!(
                    "{}{} confidence{saved}; {how}.",
                    of_load(finding).map_or(String::new(), |share| format!("{share}, ")),
                    finding.confidence.word()
                ),
                None,
            )
        })
        .collect();
    if let Some(hour) = quiet_hour(report) {
        list.push(advice("Choose the hour", hour, None));
    }
    list.extend(of_engines(report, |ground| plans(ground).into_iter().collect()));
    list.push(advice(
        "Measure again",
        "Collect the same hours again after each change and compare calls, total and p95 by query \
         id: the ids stay the same.",
        None,
    ));
    list
}

/// How to get plans where none was logged.
fn plans(ground: &Ground<'_>) -> Option<Advice> {
    let is_mine = |engine: Engine| engine == ground.engine;
    let logged = ground.report.plans.iter().any(|plan| is_mine(plan.engine));
    let timed = ground.report.shown().any(|query| is_mine(query.engine) && query.timed > 0);
    if logged || !timed {
        return None;
    }
    let text = match ground.engine {
        Engine::Postgres => postgres::PLANS,
        Engine::Mysql => mysql::PLANS,
        Engine::Mariadb => mysql::PLANS_MARIADB,
        Engine::Mongodb => mongodb::PLANS,
        Engine::Sqlite => {
            "No plan was logged. Run `EXPLAIN QUERY PLAN` for the first classes above: it does not \
             execute the statement."
        }
    };
    Some(advice("Collect plans", text, None))
}

/// The least busy hour, where the log shows every hour of a day.
fn quiet_hour(report: &Report) -> Option<String> {
    report.period.seconds.filter(|s| *s >= 86_400.0)?;
    let hours = report.load.hours.iter();
    let quiet =
        hours.min_by(|a, b| a.total_ms.total_cmp(&b.total_ms).then(a.calls.cmp(&b.calls)))?;
    Some(format!(
        "The least busy hour of this log begins at {} {}: {} of the load.",
        quiet.label,
        report.zone,
        words::percent(quiet.share_of_time)
    ))
}

pub fn maintenance(report: &Report) -> Vec<Advice> {
    of_engines(report, |ground| match ground.engine {
        Engine::Postgres => postgres::maintenance(ground),
        Engine::Mysql | Engine::Mariadb => mysql::maintenance(ground),
        Engine::Mongodb => mongodb::maintenance(ground),
        Engine::Sqlite => vec![advice(
            "Weekly",
            "Analyze the log of the same days again; look at new classes and at those whose share \
             grew. Then refresh the statistics of the planner.",
            Some("PRAGMA optimize;"),
        )],
    })
}

pub fn trade_offs(report: &Report) -> Vec<String> {
    let mut list = vec![
        "Savings of several findings on one class overlap: none saves more than the class's total \
         time, and they must not be added up."
            .to_owned(),
        "Everything here follows from what was logged. A change is proven by the same measurement \
         afterwards, not by this report."
            .to_owned(),
    ];
    if !report.environment_stated {
        list.push(format!(
            "No environment was stated, so {} was assumed: say `--environment prod` for statements \
             that avoid locks on a live system.",
            report.environment
        ));
    }
    if report.logging.threshold_ms.is_some() {
        list.push(
            "The log was probably cut by a threshold: a fast statement that runs very often may \
             cost more than any class shown."
                .to_owned(),
        );
    }
    if kinds(report).iter().any(|engine| matches!(engine, Engine::Mysql | Engine::Mariadb)) {
        list.extend(mysql::TRADE_OFFS.iter().map(|text| (*text).to_owned()));
    }
    if kinds(report).contains(&Engine::Mongodb) {
        list.extend(mongodb::TRADE_OFFS.iter().map(|text| (*text).to_owned()));
    }
    list
}
