//! What the numbers are of: what thresholds, sampling and other settings keep out of a log, and what
//! no such file can say.

use crate::judge::words;
use crate::model::event::Engine;
use crate::report::engines;
use crate::report::phrases::{either, ms, one_in, plural};
use crate::report::types::{Report, ServerLogging};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// What the numbers are of.
pub fn scope(report: &Report) -> Option<String> {
    let mut text = match (report.logging.threshold_ms, report.load.times.min_ms) {
        (Some(threshold), _) => format!(
            "{}: shares are of logged time, means and percentiles of logged runs, and calls a lower \
             bound.",
            cut(report, threshold)
        ),
        (None, Some(shortest)) => format!(
            "Runs down to {} are logged, so no threshold shows; if one was set, shares are of \
             logged time.",
            ms(shortest)
        ),
        (None, None) => String::new(),
    };
    if report.logging.untimed > 0 && report.totals.total_ms > 0.0 {
        text += &format!(
            " {} without a duration: they count as calls, not as time.",
            either(report.logging.untimed, "run was logged", "runs were logged")
        );
    }
    (!text.is_empty()).then(|| text.trim_start().to_owned())
}

/// Where the log was cut, and by what.
fn cut(report: &Report, threshold_ms: f64) -> String {
    let setting = engines::threshold;
    if report.options.contains_key("min-duration") {
        let left_out = "because `--min-duration` leaves them out";
        return format!("No logged run is shorter than {}, {left_out}", ms(threshold_ms));
    }
    match report.logging.servers.as_slice() {
        [] | [_] => format!(
            "No logged run is shorter than {}, so the log was probably cut by {}",
            ms(threshold_ms),
            engines::each(report, setting)
        ),
        servers => {
            let cut = servers.iter().filter_map(|server| Some((server, server.threshold_ms?)));
            let list: Vec<_> = cut
                .map(|(server, threshold)| {
                    let (name, at) = (name(&server.server), ms(threshold));
                    format!("that {name} logged is shorter than {at} ({})", setting(server.engine))
                })
                .collect();
            format!("Logs were probably cut by a threshold: no run {}", list.join(", none "))
        }
    }
}

/// A server's label in prose.
fn name(server: &str) -> String {
    format!("`{}`", server.replace('`', "'"))
}

/// That the log took only some of the runs.
pub fn sampled(report: &Report) -> Option<String> {
    let all = report.totals.estimated?;
    let several = report.servers.len() > 1;
    let list: Vec<_> = report
        .logging
        .servers
        .iter()
        .filter_map(|server| {
            let of = if several { format!(" of {}", name(&server.server)) } else { String::new() };
            Some(format!("The log{of} took {}.", one_in(server.one_in?)))
        })
        .collect();
    Some(format!(
        "{} Calls and totals marked ≈ are estimates, all others are of logged runs, as are means \
         and percentiles: {} logged stand for ≈ {}, their {} for ≈ {}. Percona Server logs runs over \
         `slow_query_log_always_write_time` whatever the rate, so slow classes may be overestimated.",
        list.join(" "),
        plural(report.totals.queries, "call"),
        words::count(all.calls),
        ms(report.totals.total_ms),
        ms(all.total_ms)
    ))
}

/// That operations which only waited are not logged.
pub fn by_work(report: &Report) -> Option<String> {
    let is_timed = report.spent.iter().any(|part| part.spent.what == "working_time");
    let filtered = report.options.contains_key("min-duration");
    (is_timed && !filtered && report.logging.threshold_ms.is_some()).then(|| {
        "From MongoDB 8.0 on `slowms` is compared with the time at work: operations that only \
         waited, however long, are not in the log."
            .to_owned()
    })
}

/// That the profiler forgets.
pub fn forgotten(report: &Report) -> Option<String> {
    engines::is_profiled(report).then(|| {
        "The profiler keeps its documents in a capped collection: what ran before the first of them \
         may be forgotten."
            .to_owned()
    })
}

/// What stands in the logs and in no number.
pub fn apart(report: &Report) -> Option<String> {
    // By reason, over all servers.
    let mut kinds: BTreeMap<&str, (u64, &str)> = BTreeMap::new();
    for kept in &report.apart {
        kinds.entry(kept.what).or_insert((0, kept.why)).0 += kept.count;
    }
    let mut kinds: Vec<_> = kinds.into_values().collect();
    kinds.sort_by_key(|(count, why)| (Reverse(*count), *why));
    let all = kinds.iter().map(|(count, _)| count).sum::<u64>();
    let list: Vec<_> =
        kinds.iter().map(|(count, why)| format!("{why} ({})", words::count(*count))).collect();
    (all > 0).then(|| {
        format!(
            "{} kept apart, in no other number: {}.",
            either(all, "logged operation is", "logged operations are"),
            list.join("; ")
        )
    })
}

/// Statements of which the log has only a part.
pub fn truncated(report: &Report) -> Option<String> {
    let servers = || report.logging.servers.iter().filter(|server| server.truncated > 0);
    let runs = servers().map(|server| server.truncated).sum();
    let is_setting = servers().any(|server| server.engine == Engine::Mongodb);
    let setting = match is_setting && !engines::is_profiled(report) {
        true => " (`maxLogSizeKB`)",
        false => "",
    };
    (runs > 0).then(|| {
        format!(
            "The text of {} was cut by the server{setting}: these are in classes of their own.",
            plural(runs, "run")
        )
    })
}

/// Runs that the server counted and did not log one by one.
pub fn suppressed(report: &Report) -> Option<String> {
    let suppressed = &report.totals.suppressed;
    (suppressed.count > 0).then(|| {
        format!(
            "The server counted {} more ({} together) that it did not log one by one \
             (`log_throttle_queries_not_using_indexes`): they are in no other number.",
            plural(suppressed.count, "run"),
            ms(suppressed.total_ms)
        )
    })
}

/// That runs may be missing which examine few rows.
pub fn rows_limit(report: &Report) -> Option<String> {
    let servers = report.logging.servers.iter();
    let list: Vec<_> = servers
        .filter_map(|server| {
            let rows = plural(server.min_rows_examined?, "row");
            Some(format!("every run that {} logged examined at least {rows}", name(&server.server)))
        })
        .collect();
    (!list.is_empty()).then(|| {
        format!(
            "`min_examined_row_limit` may keep runs out of the log, however long they take: {}.",
            list.join("; ")
        )
    })
}

/// What cannot be said, and why.
pub fn silence(report: &Report) -> Option<String> {
    // MySQL logs every run over its threshold, and Percona Server writes its rate into the log.
    let may_be_sampled =
        |server: &ServerLogging| server.one_in.is_none() && server.engine != Engine::Mysql;
    let mut sampled = report.logging.servers.iter().filter(|server| may_be_sampled(server));
    let mut unsaid: Vec<String> = Vec::new();
    if let Some(first) = sampled.next() {
        let is_mongodb = |server: &ServerLogging| server.engine == Engine::Mongodb;
        let setting = match is_mongodb(first) && sampled.all(is_mongodb) {
            true => "`sampleRate`; ",
            false => "",
        };
        unsaid.push(format!(
            "whether the server sampled its log ({setting}if it did, calls and totals are lower bounds)"
        ));
    }
    if report.tables.iter().all(|table| table.indexes.is_none()) {
        unsaid.push("which indexes exist or are unused, since no catalog was read".to_owned());
    }
    if report.connections.disconnected.is_none() {
        unsaid.push("how long transactions hold a connection".to_owned());
    }
    let is_any = !unsaid.is_empty();
    is_any.then(|| format!("What these files cannot say: {}.", unsaid.join("; ")))
}

/// Whose runs were counted by the server and not logged.
pub fn counted(report: &Report) -> Option<String> {
    let counted: Vec<_> =
        report.servers.iter().filter(|server| server.counted).map(|s| &*s.label).collect();
    let all = counted.len() == report.servers.len();
    let of = if all { String::new() } else { format!(" of {}", counted.join(", ")) };
    (!counted.is_empty()).then(|| {
        format!(
            "Calls and times{of} are the server's own counters, between two snapshots or since they \
             were reset: no run was logged by itself, so nothing is known of percentiles, of single \
             runs or of when they ran."
        )
    })
}
