//! `querylens explain`: any plan as a tree, with what is wrong with it.

use super::args::{Literals, ReadArgs, end_when_interrupted};
use super::reports::ReportArgs;
use super::{config, reports};
use crate::judge::config::JudgeOptions;
use crate::judge::evidence::Evidence;
use crate::judge::judge;
use crate::model::workload::Keep;
use crate::pipeline::{self, Request};
use crate::report::options::Top;
use crate::report::{self, ReportOptions};
use std::path::PathBuf;
use std::process::ExitCode;

/// Show each plan as a tree, with self times, estimates and what is wrong
///
/// Files hold what EXPLAIN printed, in any form and with anything around it: PostgreSQL's text, JSON,
/// XML and YAML, psql's and other clients' frames, MySQL's and MariaDB's JSON, tree and table forms,
/// MongoDB's explain documents, SQLite's query plans; or a log with plans in it. Every plan is shown,
/// equal ones too. Nothing is executed.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Files, folders, archives, or - for standard input
    #[arg(required = true)]
    paths: Vec<PathBuf>,

    /// Keep the literals of conditions, or hide them
    #[arg(long, default_value = "hide", value_name = "WHAT", help_heading = "Output")]
    literals: Literals,
    #[command(flatten)]
    reports: ReportArgs,
    #[command(flatten)]
    reading: ReadArgs,
}

const EXAMPLES: &str = "\
Examples:
  querylens explain plan.txt                     the tree, self times, findings
  psql -XqAt -f explain.sql | querylens explain -     from a pipe
  querylens explain plans/ -o plans.md           a report on many plans
  querylens explain postgresql.log --format json      every plan that auto_explain logged";

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let outputs = args.reports.outputs()?;
    let on_stdout = args.reports.on_stdout("tree")?;
    let gate = args.reports.gate()?;
    let mut judging = JudgeOptions::default();
    config::read(args.reports.config.as_deref())?.apply(&mut judging);
    let keeps = args.literals == Literals::Keep;
    let mut read = args.reading.options()?;
    read.keep_literals = keeps;
    let request = Request {
        paths: args.paths.clone(),
        read,
        keep: Keep { literals: keeps, every_plan: true, ..Keep::default() },
        threads: args.reading.threads,
        ..Request::default()
    };
    let options = ReportOptions {
        every_plan: true,
        top: Top::All,
        date: args.reports.date()?,
        ..ReportOptions::default()
    };
    end_when_interrupted();

    let bar = args.reading.progress();
    let facts = pipeline::read_parts(&request, bar.as_ref())?.seal();
    let evidence = Evidence::new(&facts, &judging);
    // What the log around the plans says is the business of `analyze`.
    let mut findings = judge(&evidence);
    findings.retain(|finding| finding.plan_id.is_some());
    let tripped = gate.is_some_and(|gate| findings.iter().any(|f| gate.trips(f)));
    let report = report::build(&evidence, findings, &options);
    let partial = args.reading.tell_problems(&facts.inputs);
    reports::write(&report, &outputs, on_stdout, args.reading.quiet)?;
    Ok(ExitCode::from(match (tripped, args.reading.strict && partial) {
        (_, true) => 4,
        (true, _) => 1,
        _ => 0,
    }))
}
