//! `querylens analyze`: files in, reports out.

use super::args::{FilterArgs, IdStyle, Literals, ReadArgs, duration_us, end_when_interrupted};
use super::reports::ReportArgs;
use super::{config, output, reports};
use crate::error::Error;
use crate::judge::config::{Environment, JudgeOptions, Thresholds};
use crate::judge::evidence::Evidence;
use crate::judge::judge;
use crate::lang::id::QueryId;
use crate::model::workload::Keep;
use crate::pipeline::{self, Request};
use crate::report::options::{self, GroupBy, OrderBy, Outliers, Targets, Top};
use crate::report::{self, ReportOptions};
use clap::ValueEnum;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

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

    /// Parts of the report: queries, schema, indexes, connections, server, all
    #[arg(long, default_value = "all", value_name = "PARTS", help_heading = "Output")]
    target: Targets,
    /// How many classes are shown: N, all, P% of what they are ordered by, or P%:N
    #[arg(long, default_value = "95%:20", value_name = "TOP", help_heading = "Output")]
    top: Top,
    /// Rank and cut classes by total, calls, mean, p95, max or an attribute of the log
    ///
    /// An attribute is a key of the log in lower case, such as rows_examined, lock_time or
    /// full_scan, alone for its sum, or with :mean, :p95, :max or :min as in lock_time:max. Its
    /// column stands in the table. A name that the inputs do not have gives the list of those they
    /// have.
    #[arg(long, default_value = "total", value_name = "KEY", help_heading = "Output")]
    order_by: OrderBy,
    /// Also group by tables, verb, user, host, db, app, tag:NAME or an attribute of the log
    ///
    /// An attribute that is a word or says yes or no, such as errno, killed or full_scan; its
    /// values are the groups. Numbers are for --order-by.
    #[arg(long, default_value = "fingerprint", value_name = "KEY", help_heading = "Output")]
    group_by: GroupBy,
    /// Also show classes that --top leaves out, if their p95 is at least so much: query_time:1s:10
    ///
    /// ATTRIBUTE:VALUE:RUNS, as in rows_examined:100000:50: a class with at least RUNS runs (10
    /// where none are named) whose 95th percentile of the attribute is at least VALUE is shown and
    /// marked as an outlier. Of fewer than 20 runs the largest value counts. VALUE is a duration
    /// (500ms, 2s), a size (64MB) or a number, as the attribute is.
    #[arg(long, value_name = "ATTRIBUTE:VALUE:RUNS", help_heading = "Output")]
    outliers: Option<Outliers>,
    /// Show classes by querylens's ids, or MySQL's and MariaDB's by those of pt-query-digest
    ///
    /// pt gives the 32 digits that pt-query-digest 3 prints, so that classes join its old reports:
    /// in tables and headings, and as pt_id in JSON. They are made from the example of the class.
    /// Where that tool tells statements apart that are one class here (by an alias), or joins what
    /// are several (by digits in a name), one id stands for some of them or for several classes: so
    /// id, findings, gates and --query-id keep the ids of querylens.
    #[arg(long, default_value = "own", value_name = "STYLE", help_heading = "Output")]
    id_style: IdStyle,
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
    /// Write the commands that show the plans of the classes that have none; they execute nothing
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    emit_explain: Option<PathBuf>,
    #[command(flatten)]
    reports: ReportArgs,
    #[command(flatten)]
    filters: FilterArgs,

    /// Inputs whose shown path fits GLOB belong to server NAME; repeatable
    #[arg(long, value_name = "NAME=GLOB", help_heading = "Reading")]
    server: Vec<String>,
    #[command(flatten)]
    reading: ReadArgs,
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
    let outputs = args.reports.outputs()?;
    let on_stdout = args.reports.on_stdout("summary")?;
    let request = request(args)?;
    let judging = judging(args)?;
    let gate = args.reports.gate()?;
    let options = report_options(args, &judging)?;
    end_when_interrupted();

    let bar = args.reading.progress();
    let facts = pipeline::read_parts(&request, bar.as_ref())?.seal();
    // Which attributes there are, only the inputs know.
    options::check(&options, &facts).map_err(|e| Error::Usage(e.to_string()))?;
    let evidence = Evidence::new(&facts, &judging);
    let findings = judge(&evidence);
    let tripped = gate.is_some_and(|gate| findings.iter().any(|f| gate.trips(f)));
    let report = report::build(&evidence, findings, &options);
    let partial = args.reading.tell_problems(&facts.inputs);
    if let Some(path) = &args.emit_explain {
        let script = report::explain_script(&report);
        output::to_file(path, script.as_bytes())?;
        if !args.reading.quiet {
            anstream::eprintln!("querylens: wrote {} ({} bytes)", path.display(), script.len());
        }
    }
    reports::write(&report, &outputs, on_stdout, args.reading.quiet)?;
    Ok(ExitCode::from(match (tripped, args.reading.strict && partial) {
        (_, true) => 4,
        (true, _) => 1,
        _ => 0,
    }))
}

fn request(args: &Args) -> anyhow::Result<Request> {
    let mut read = args.reading.options()?;
    read.keep_literals = args.literals == Literals::Keep;
    for server in &args.server {
        let (name, glob) =
            server
                .split_once('=')
                .filter(|(n, g)| !n.is_empty() && !g.is_empty())
                .ok_or_else(|| Error::Usage(format!("--server {server}: write NAME=GLOB")))?;
        read.servers.push((name.to_owned(), glob.to_owned()));
    }
    let [since, until] = args.filters.times(&read.zones)?;
    Ok(Request {
        paths: args.paths.clone(),
        read,
        keep: Keep {
            literals: args.literals == Literals::Keep,
            slow_from_us: args.threshold,
            group_by: args.group_by.key().cloned(),
            ..Keep::default()
        },
        filter: args.filters.filter()?,
        since,
        until,
        threads: args.reading.threads,
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
    config::read(args.reports.config.as_deref())?.apply(&mut options);
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
        order_by: args.order_by.clone(),
        group_by: args.group_by.clone(),
        outliers: args.outliers.clone(),
        every_plan: false,
        pt_ids: args.id_style == IdStyle::Pt,
        date: args.reports.date()?,
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
    note("order-by", Some(args.order_by.to_string()));
    note("group-by", Some(args.group_by.to_string()));
    note("outliers", args.outliers.as_ref().map(ToString::to_string));
    note("literals", Some(if args.literals == Literals::Keep { "keep" } else { "hide" }.into()));
    note("tz", args.reading.tz.clone());
    note("log-line-prefix", args.reading.log_line_prefix.clone());
    note("as", args.reading.as_format.clone());
    note("map", args.reading.map.as_ref().map(ToString::to_string));
    note("server", Some(args.server.join(" ")));
    note("since", args.filters.since.clone());
    note("until", args.filters.until.clone());
    note("db", Some(args.filters.db.join(" ")));
    note("user", Some(args.filters.user.join(" ")));
    note("host", Some(args.filters.host.join(" ")));
    note("app", Some(args.filters.app.join(" ")));
    let ids: Vec<String> = args.filters.query_id.iter().map(QueryId::to_string).collect();
    note("query-id", Some(ids.join(" ")));
    note("exclude-query", args.filters.exclude_query.clone());
    note("min-duration", args.filters.min_duration.map(|us| format!("{} ms", us as f64 / 1e3)));
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
