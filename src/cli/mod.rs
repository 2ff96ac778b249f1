//! The command line: arguments to options, options to the library, results to files and streams.

mod analyze;
mod args;
mod collect;
mod config;
mod explain;
mod fingerprint;
mod output;
mod pages;
mod reports;
mod rules;
mod slice;

use crate::error::Error;
use clap::{Parser, Subcommand, ValueEnum};
use std::process::ExitCode;

/// Reads what a database leaves behind (logs, plans, snapshots of its catalog, schema dumps) and
/// says what to change: one ranked report with the evidence, the fix and its undo for every claim.
/// It never connects to anything, and literals stay out of every output unless you ask.
#[derive(Debug, Parser)]
#[command(name = "querylens", version, max_term_width = 100, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Colour on the terminal
    #[arg(long, global = true, default_value = "auto", value_name = "WHEN")]
    color: When,
}

const EXAMPLES: &str = "\
Examples:
  querylens analyze pg_log/                            a short ranked summary
  querylens analyze pg_log/ old/*.gz -o report.md      the whole report
  querylens analyze - --format json < postgresql.log   machine-readable, from a pipe
  querylens explain plan.txt                           any plan as a tree, and what is wrong
  querylens collect postgres > collect.sql             the read-only script for a snapshot
  querylens slice pg_log/ --since -1h -o hour.log      the original records of the last hour
  querylens rules deep-offset                          what a rule looks for, and why

Exit codes: 0 done · 1 a gate tripped (--fail-on) · 2 usage, or no input readable · 3 nothing
recognised or nothing left · 4 partial input under --strict · 130 interrupted";

#[derive(Debug, Subcommand)]
enum Command {
    Analyze(Box<analyze::Args>),
    Collect(collect::Args),
    Explain(Box<explain::Args>),
    Fingerprint(fingerprint::Args),
    Rules(rules::Args),
    Slice(Box<slice::Args>),
    /// Print a completion script for a shell
    Completions {
        /// bash, zsh, fish, elvish or powershell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

/// When to use colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum When {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Runs the command line and gives the exit code.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to standard output with 0; a closed one is no failure.
            let code = if error.use_stderr() { 2 } else { 0 };
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    match cli.color {
        When::Auto => {}
        When::Always => anstream::ColorChoice::Always.write_global(),
        When::Never => anstream::ColorChoice::Never.write_global(),
    }
    let result = match &cli.command {
        Command::Analyze(args) => analyze::run(args),
        Command::Collect(args) => collect::run(args),
        Command::Explain(args) => explain::run(args),
        Command::Fingerprint(args) => fingerprint::run(args),
        Command::Rules(args) => rules::run(args),
        Command::Slice(args) => slice::run(args),
        Command::Completions { shell } => pages::completions(*shell),
        Command::Man => pages::man(),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            if output::is_closed_pipe(&error) {
                return ExitCode::SUCCESS;
            }
            anstream::eprintln!("querylens: {error:#}");
            ExitCode::from(error.downcast_ref::<Error>().map_or(2, Error::exit_code))
        }
    }
}
