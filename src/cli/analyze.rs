//! `querylens analyze`: files in, reports out.

use super::{config, output};
use crate::error::Error;
use crate::judge::config::{Environment, JudgeOptions, Thresholds};
use crate::judge::evidence::Evidence;
use crate::judge::finding::{Finding, Severity};
use crate::judge::{judge, rules};
use crate::lang::id::QueryId;
use crate::model::facts::Facts;
use crate::model::filter::Filter;
use crate::model::workload::Keep;
use crate::pipeline::{self, Request};
use crate::progress::{Bar, Progress, Silent};
use crate::read::logs::generic::map::ColumnMap;
use crate::read::logs::postgres::prefix::PrefixFormat;
use crate::read::logs::{FORMATS, format_by_name};
use crate::read::options::ReadOptions;
use crate::report::options::{GroupBy, OrderBy, Targets, Top};
use crate::report::{self, RENDERERS, RenderOptions, Renderer, Report, ReportOptions};
use crate::time::{Timestamp, ZoneTable, parse_user_time};
use anyhow::Context;
use clap::ValueEnum;
use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Read logs and write one ranked optimization report
///
/// Paths are files, folders (recursive), archives (tar, zip, 7z) or - for standard input, in any mix
/// and order; gzip, zstd, bzip2, xz and lz4 are recognised by content. Copies of one file, and the
/// same runs logged in several formats, count once.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Files, folders, archives, or - for standard input
    #[arg(required = true)]
    paths: Vec<PathBuf>,

    /// Write a report; the extension chooses the format (.md, .json); repeatable
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    output: Vec<PathBuf>,
    /// Write to standard output in this format: md, json, summary [default: summary without -o]
    #[arg(long, value_name = "FORMAT", help_heading = "Output")]
    format: Option<String>,
    /// Parts of the report: queries, schema, indexes, connections, server, all
    #[arg(long, default_value = "all", value_name = "PARTS", help_heading = "Output")]
    target: Targets,
    /// How many classes are shown: N, all, P% of the load, or P%:N
    #[arg(long, default_value = "95%:20", value_name = "TOP", help_heading = "Output")]
    top: Top,
    /// Rank classes by total, calls, mean, p95 or max
    #[arg(long, default_value = "total", value_name = "KEY", help_heading = "Output")]
    order_by: OrderBy,
    /// Also group by tables, verb, user, host, db, app or tag:NAME
    #[arg(long, default_value = "fingerprint", value_name = "KEY", help_heading = "Output")]
    group_by: GroupBy,
    /// Keep literals in examples, or hide them everywhere
    #[arg(long, default_value = "hide", value_name = "WHAT", help_heading = "Output")]
    literals: Literals,

    /// What this is about: titles the report, and findings that match its words come first
    #[arg(long, default_value = "", value_name = "TEXT", help_heading = "Judging")]
    context: String,
    /// Where the database runs; decides how careful fixes are [assumed dev]
    #[arg(long, value_name = "ENV", help_heading = "Judging")]
    environment: Option<Where>,
    /// Which runs count as slow queries; never filters
    #[arg(long, default_value = "500ms", value_name = "DURATION", value_parser = duration_us, help_heading = "Judging")]
    threshold: u64,
    /// Exit with 1 when a finding is at least this severe, or by this rule
    #[arg(long, value_name = "SEVERITY|RULE", help_heading = "Judging")]
    fail_on: Option<String>,
    /// Thresholds and switched-off rules [default: querylens.toml in the working folder]
    #[arg(long, value_name = "FILE", help_heading = "Judging")]
    config: Option<PathBuf>,
    /// The report's date [default: SOURCE_DATE_EPOCH, else today]
    #[arg(long, value_name = "DAY", help_heading = "Judging")]
    date: Option<String>,

    /// Only what ended at or after this time, such as '2026-11-20 14:05' (the log's clock) or -1h
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, help_heading = "Filters")]
    since: Option<String>,
    /// Only what ended before this time
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, help_heading = "Filters")]
    until: Option<String>,
    /// Only this database; repeatable, as are the next four
    #[arg(long, value_name = "NAME", help_heading = "Filters")]
    db: Vec<String>,
    /// Only this user
    #[arg(long, value_name = "NAME", help_heading = "Filters")]
    user: Vec<String>,
    /// Only this client host
    #[arg(long, value_name = "NAME", help_heading = "Filters")]
    host: Vec<String>,
    /// Only this application
    #[arg(long, value_name = "NAME", help_heading = "Filters")]
    app: Vec<String>,
    /// Only this query class
    #[arg(long, value_name = "ID", help_heading = "Filters")]
    query_id: Vec<QueryId>,
    /// Not statements that match this regular expression
    #[arg(long, value_name = "REGEX", help_heading = "Filters")]
    exclude_query: Option<String>,
    /// Only runs of at least this long
    #[arg(long, value_name = "DURATION", value_parser = duration_us, help_heading = "Filters")]
    min_duration: Option<u64>,

    /// Zone of times that name none or an ambiguous one, such as Europe/Vienna or +02:00
    #[arg(long, value_name = "ZONE", help_heading = "Reading")]
    tz: Option<String>,
    /// PostgreSQL's log_line_prefix, where inference fails
    #[arg(long, value_name = "PREFIX", help_heading = "Reading")]
    log_line_prefix: Option<String>,
    #[arg(long = "as", value_name = "FORMAT", help = as_help(), help_heading = "Reading")]
    as_format: Option<String>,
    /// Columns of CSV or JSON-lines logs of other programs: OURS=THEIRS,… where OURS is query (needed),
    /// time, duration_s, duration_ms, duration_us, duration_ns, user, database, host, app, session
    /// or error, and THEIRS a column, its number from 1, or a path such as db.statement;
    /// engine=postgres|mysql|mariadb|sqlite says who ran them
    #[arg(long, value_name = "COLUMNS", help_heading = "Reading")]
    map: Option<ColumnMap>,
    /// Inputs whose shown path fits GLOB belong to server NAME; repeatable
    #[arg(long, value_name = "NAME=GLOB", help_heading = "Reading")]
    server: Vec<String>,
    /// Exit with 4 when an input was understood only in part
    #[arg(long, help_heading = "Reading")]
    strict: bool,
    /// Worker threads [default: one per core]
    #[arg(
        long,
        default_value_t = 0,
        hide_default_value = true,
        value_name = "N",
        help_heading = "Reading"
    )]
    threads: usize,
    /// Size of the pieces that are read at a time, in bytes (for tests; changes no result)
    #[arg(long, hide = true, value_name = "BYTES")]
    chunk_bytes: Option<usize>,
    /// Never map files into memory
    #[arg(long, help_heading = "Reading")]
    no_mmap: bool,
    /// No progress bar
    #[arg(long, help_heading = "Reading")]
    no_progress: bool,
    /// Say nothing on standard error but errors
    #[arg(short, long, help_heading = "Reading")]
    quiet: bool,
}

/// Whether literals are kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Literals {
    Hide,
    Keep,
}

/// Where the database runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Where {
    Prod,
    Staging,
    Dev,
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    // Everything that can be wrong with the arguments is said before anything is read.
    let outputs = outputs(args)?;
    let on_stdout = on_stdout(args)?;
    let request = request(args)?;
    let judging = judging(args)?;
    let gate = gate(args)?;
    let options = report_options(args, &judging)?;
    // A second handler cannot be set; then the first one is there already.
    let _ = ctrlc::set_handler(|| {
        pipeline::interrupt();
        // A read that waits (standard input) never comes to the next chunk.
        std::thread::sleep(Duration::from_secs(1));
        anstream::eprintln!("querylens: {}", Error::Interrupted);
        std::process::exit(i32::from(Error::Interrupted.exit_code()));
    });

    let bar: Box<dyn Progress> =
        if args.no_progress || args.quiet || !std::io::stderr().is_terminal() {
            Box::new(Silent)
        } else {
            Box::new(Bar::new())
        };
    let facts = pipeline::read_parts(&request, bar.as_ref())?.seal();
    let evidence = Evidence::new(&facts, &judging);
    let findings = judge(&evidence);
    let tripped = gate.is_some_and(|gate| findings.iter().any(|f| gate.trips(f)));
    let report = report::build(&evidence, findings, &options);
    let partial = tell_problems(&facts, args.quiet);
    write(&report, &outputs, on_stdout, args.quiet)?;
    Ok(ExitCode::from(match (tripped, args.strict && partial) {
        (_, true) => 4,
        (true, _) => 1,
        _ => 0,
    }))
}

/// What to write where.
fn outputs(args: &Args) -> anyhow::Result<Vec<(&PathBuf, &'static Renderer)>> {
    let known: Vec<String> =
        RENDERERS.iter().flat_map(|r| r.extensions).map(|e| format!(".{e}")).collect();
    args.output
        .iter()
        .map(|path| {
            let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
            let renderer = report::renderer_of_extension(extension).ok_or_else(|| {
                Error::Usage(format!(
                    "-o {}: the extension chooses the format, and must be one of {}",
                    path.display(),
                    known.join(" ")
                ))
            })?;
            Ok((path, renderer))
        })
        .collect()
}

fn on_stdout(args: &Args) -> anyhow::Result<Option<&'static Renderer>> {
    let name = match (&args.format, args.output.is_empty()) {
        (Some(name), _) => name.as_str(),
        (None, true) => "summary",
        (None, false) => return Ok(None),
    };
    let found = report::renderer(name);
    let names: Vec<_> = RENDERERS.iter().map(|r| r.name).collect();
    let found = found.ok_or_else(|| {
        Error::Usage(format!("--format {name}: it is one of {}", names.join(", ")))
    })?;
    Ok(Some(found))
}

fn request(args: &Args) -> anyhow::Result<Request> {
    let zones = ZoneTable::new(args.tz.as_deref()).map_err(Error::Time)?;
    let mut read = ReadOptions {
        map: args.map.clone(),
        keep_literals: args.literals == Literals::Keep,
        zones: Arc::new(zones),
        ..ReadOptions::default()
    };
    read.policy.mmap = !args.no_mmap;
    if let Some(bytes) = args.chunk_bytes {
        read.policy.chunk_bytes = bytes.max(1);
    }
    if let Some(prefix) = &args.log_line_prefix {
        read.log_line_prefix =
            Some(PrefixFormat::parse(prefix).map_err(|e| Error::Usage(e.to_string()))?);
    }
    if let Some(name) = &args.as_format {
        if format_by_name(name).is_none() {
            let names: Vec<_> = FORMATS.iter().map(|f| f.meta().name).collect();
            let message = format!("--as {name}: it is one of {}", names.join(", "));
            return Err(Error::Usage(message).into());
        }
        read.forced_format = Some(name.clone());
    }
    for server in &args.server {
        let (name, glob) =
            server
                .split_once('=')
                .filter(|(n, g)| !n.is_empty() && !g.is_empty())
                .ok_or_else(|| Error::Usage(format!("--server {server}: write NAME=GLOB")))?;
        read.servers.push((name.to_owned(), glob.to_owned()));
    }
    let time = |text: &Option<String>| {
        text.as_ref().map(|t| parse_user_time(t, &read.zones).map_err(Error::Time)).transpose()
    };
    let (since, until) = (time(&args.since)?, time(&args.until)?);
    let exclude_query = args
        .exclude_query
        .as_ref()
        .map(|pattern| regex::bytes::RegexBuilder::new(pattern).case_insensitive(true).build())
        .transpose()
        .context("--exclude-query")?;
    Ok(Request {
        paths: args.paths.clone(),
        read,
        keep: Keep {
            literals: args.literals == Literals::Keep,
            slow_from_us: args.threshold,
            group_by: args.group_by.key().cloned(),
            ..Keep::default()
        },
        filter: Filter {
            since: None,
            until: None,
            databases: args.db.clone(),
            users: args.user.clone(),
            hosts: args.host.clone(),
            apps: args.app.clone(),
            query_ids: args.query_id.clone(),
            exclude_query,
            min_duration_us: args.min_duration,
        },
        since,
        until,
        threads: args.threads,
    })
}

fn judging(args: &Args) -> anyhow::Result<JudgeOptions> {
    let mut options = JudgeOptions {
        environment: match args.environment {
            Some(Where::Prod) => Environment::Prod,
            Some(Where::Staging) => Environment::Staging,
            Some(Where::Dev) | None => Environment::Dev,
        },
        environment_stated: args.environment.is_some(),
        context: args.context.clone(),
        ..JudgeOptions::default()
    };
    config::read(args.config.as_deref())?.apply(&mut options);
    Ok(options)
}

fn report_options(args: &Args, judging: &JudgeOptions) -> anyhow::Result<ReportOptions> {
    Ok(ReportOptions {
        context: args.context.clone(),
        environment: judging.environment,
        environment_stated: judging.environment_stated,
        threshold_us: args.threshold,
        targets: args.target.clone(),
        top: args.top,
        order_by: args.order_by,
        group_by: args.group_by.clone(),
        date: date(args)?,
        recorded: recorded(args, judging),
    })
}

/// The options that change what the numbers mean, as given.
fn recorded(args: &Args, judging: &JudgeOptions) -> BTreeMap<String, String> {
    let mut recorded = BTreeMap::new();
    let mut note = |name: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            recorded.insert(name.to_owned(), value);
        }
    };
    note("top", Some(args.top.to_string()));
    note("order-by", Some(args.order_by.word().to_owned()));
    note("group-by", Some(args.group_by.to_string()));
    note("literals", Some(if args.literals == Literals::Keep { "keep" } else { "hide" }.into()));
    note("tz", args.tz.clone());
    note("log-line-prefix", args.log_line_prefix.clone());
    note("as", args.as_format.clone());
    note("map", args.map.as_ref().map(ToString::to_string));
    note("server", Some(args.server.join(" ")));
    note("since", args.since.clone());
    note("until", args.until.clone());
    note("db", Some(args.db.join(" ")));
    note("user", Some(args.user.join(" ")));
    note("host", Some(args.host.join(" ")));
    note("app", Some(args.app.join(" ")));
    let ids: Vec<String> = args.query_id.iter().map(QueryId::to_string).collect();
    note("query-id", Some(ids.join(" ")));
    note("exclude-query", args.exclude_query.clone());
    note("min-duration", args.min_duration.map(|us| format!("{} ms", us as f64 / 1e3)));
    note("disabled rules", Some(judging.disabled.join(" ")));
    let (mine, standard) = (&judging.thresholds, Thresholds::default());
    for (name, value, usual) in [
        ("min_share", mine.min_share, standard.min_share),
        ("dominant_share", mine.dominant_share, standard.dominant_share),
        ("variance_ratio", mine.variance_ratio, standard.variance_ratio),
        ("deep_offset", mine.deep_offset as f64, standard.deep_offset as f64),
        ("huge_list", f64::from(mine.huge_list), f64::from(standard.huge_list)),
        ("temp_bytes", mine.temp_bytes as f64, standard.temp_bytes as f64),
        ("lock_wait_us", mine.lock_wait_us as f64, standard.lock_wait_us as f64),
        ("storm_count", mine.storm_count as f64, standard.storm_count as f64),
        ("storm_per_hour", mine.storm_per_hour, standard.storm_per_hour),
        ("cancelled", mine.cancelled as f64, standard.cancelled as f64),
        ("churn_per_minute", mine.churn_per_minute, standard.churn_per_minute),
        ("wal_share", mine.wal_share, standard.wal_share),
        ("vacuum_us", mine.vacuum_us as f64, standard.vacuum_us as f64),
        ("dead_rows", mine.dead_rows as f64, standard.dead_rows as f64),
    ] {
        note(name, (value != usual).then(|| value.to_string()));
    }
    recorded
}

/// `--date`, else SOURCE_DATE_EPOCH, else today: the only look at the clock.
fn date(args: &Args) -> Result<String, Error> {
    let day = |seconds: i64| {
        Timestamp(seconds.saturating_mul(1_000_000)).rfc3339().chars().take(10).collect()
    };
    if let Some(date) = &args.date {
        let zones = ZoneTable::default();
        return match date.len() == 10 && parse_user_time(date, &zones).is_ok() {
            true => Ok(date.clone()),
            false => Err(Error::Usage(format!("--date {date}: write YYYY-MM-DD"))),
        };
    }
    if let Ok(epoch) = std::env::var("SOURCE_DATE_EPOCH") {
        return epoch.parse().map(day).map_err(|_| {
            Error::Usage(format!("SOURCE_DATE_EPOCH={epoch}: it must be seconds since 1970"))
        });
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs() as i64);
    Ok(day(now))
}

/// What makes the exit code 1.
enum Gate {
    Severity(Severity),
    Rule(&'static str),
}

impl Gate {
    fn trips(&self, finding: &Finding) -> bool {
        match self {
            Gate::Severity(least) => finding.severity >= *least,
            Gate::Rule(name) => finding.rule == *name,
        }
    }
}

fn gate(args: &Args) -> Result<Option<Gate>, Error> {
    let Some(word) = &args.fail_on else { return Ok(None) };
    let severities =
        [Severity::Info, Severity::Low, Severity::Medium, Severity::High, Severity::Critical];
    if let Some(severity) = severities.into_iter().find(|s| s.word() == word) {
        return Ok(Some(Gate::Severity(severity)));
    }
    let rule = rules::find(word).ok_or_else(|| {
        Error::Usage(format!(
            "--fail-on {word}: neither a severity (info, low, medium, high, critical) nor a rule"
        ))
    })?;
    Ok(Some(Gate::Rule(rule.name)))
}

/// Tells the problems of inputs on standard error; whether there was any.
fn tell_problems(facts: &Facts, quiet: bool) -> bool {
    let mut partial = false;
    for input in &facts.inputs {
        for problem in &input.problems {
            partial = true;
            if !quiet {
                let line = problem.line.map(|line| format!(":{line}")).unwrap_or_default();
                // A message may have lines of its own: those of an input that no format fits.
                for (at, text) in problem.message.lines().enumerate() {
                    let place = match at {
                        0 => format!("querylens: {}{line}: ", input.path),
                        _ => String::new(),
                    };
                    anstream::eprintln!("{}", report::escape::visible(&format!("{place}{text}")));
                }
            }
        }
    }
    partial
}

fn write(
    report: &Report,
    outputs: &[(&PathBuf, &'static Renderer)],
    on_stdout: Option<&'static Renderer>,
    quiet: bool,
) -> anyhow::Result<()> {
    let plain = RenderOptions::default();
    for (path, renderer) in outputs {
        let text = (renderer.render)(report, &plain);
        output::to_file(path, text.as_bytes())?;
        if !quiet {
            anstream::eprintln!("querylens: wrote {} ({} bytes)", path.display(), text.len());
        }
    }
    if let Some(renderer) = on_stdout {
        let text = (renderer.render)(report, &screen());
        output::to_stdout(text.as_bytes())?;
    }
    Ok(())
}

/// How wide the terminal is. Colours are always made: the stream takes them out where they are not
/// wanted.
fn screen() -> RenderOptions {
    let width = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    RenderOptions { width: width.unwrap_or(100), color: true }
}

/// `500ms`, `2s`, `1.5min`, `250us`; a bare number is milliseconds. In microseconds.
fn as_help() -> String {
    let names: Vec<_> = FORMATS.iter().map(|format| format.meta().name).collect();
    format!("Take every input for this format ({})", names.join(", "))
}

fn duration_us(text: &str) -> Result<u64, String> {
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let factor = match unit.trim() {
        "us" | "µs" => 1.0,
        "" | "ms" => 1e3,
        "s" => 1e6,
        "min" | "m" => 60e6,
        "h" => 3600e6,
        _ => return Err(format!("unit '{unit}' is none of us, ms, s, min, h")),
    };
    match number.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok((value * factor).round() as u64),
        _ => Err("write a number and a unit, such as 500ms".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_in_their_units() {
        for (text, us) in
            [("500ms", 500_000), ("2s", 2_000_000), ("1.5min", 90_000_000), ("7", 7000)]
        {
            assert_eq!(duration_us(text), Ok(us));
        }
        for text in ["", "ms", "5 days", "-1s", "1.2.3s"] {
            assert!(duration_us(text).is_err(), "{text}");
        }
    }
}
