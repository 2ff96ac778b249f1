//! `querylens collect`: the script that takes a snapshot on a database host.

use super::output;
use crate::collect::{SCRIPTS, script};
use crate::error::Error;
use std::process::ExitCode;

/// Print the read-only script that takes a snapshot on the database host
///
/// One plain file that whoever guards the host can read first: it writes nothing, creates nothing,
/// reads no row of a user's table, and each of its queries stands by itself. Its head says how to run
/// it. What it prints is an input of analyze; a second run some hours later gives an interval.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// postgres, mysql (MariaDB too), mongodb, sqlite or pgbouncer; without: the list
    engine: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  querylens collect postgres > collect.sql
  psql -X -q -d shop -f collect.sql > shop.txt        on the database host
  querylens analyze pg_log/ shop.txt -o report.md     logs and snapshot together";

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let text = match args.engine.as_deref() {
        Some(engine) => match script(engine) {
            Some(script) => script.text.to_owned(),
            None => {
                let known: Vec<_> = SCRIPTS.iter().map(|script| script.engine).collect();
                let message = format!("no script for {engine}; there are: {}", known.join(", "));
                return Err(Error::Usage(message).into());
            }
        },
        None => SCRIPTS
            .iter()
            .map(|script| format!("{:<10} {:<12} {}\n", script.engine, script.file, script.about))
            .collect(),
    };
    output::to_stdout(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
