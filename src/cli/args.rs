//! Groups of options that several subcommands share: how inputs are read, and which records count.

use super::output;
use crate::error::Error;
use crate::lang::id::QueryId;
use crate::model::facts::InputFacts;
use crate::model::filter::Filter;
use crate::pipeline;
use crate::progress::{Bar, Progress, Silent};
use crate::read::logs::generic::map::ColumnMap;
use crate::read::logs::postgres::prefix::PrefixFormat;
use crate::read::logs::{FORMATS, format_by_name};
use crate::read::options::ReadOptions;
use crate::read::snapshots::file::format_of_view;
use crate::read::snapshots::views::{VIEWS, by_name as view_by_name};
use crate::report::escape::visible;
use crate::time::{UserTime, ZoneTable, parse_user_time};
use anyhow::Context;
use clap::ValueEnum;
use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

/// Which records count.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Filters")]
pub(super) struct FilterArgs {
    /// Only what ended at or after this time, such as '2026-11-20 14:05' (the log's clock) or -1h
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub since: Option<String>,
    /// Only what ended before this time
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub until: Option<String>,
    /// Only this database; repeatable, as are the next four
    #[arg(long, value_name = "NAME")]
    pub db: Vec<String>,
    /// Only this user
    #[arg(long, value_name = "NAME")]
    pub user: Vec<String>,
    /// Only this client host
    #[arg(long, value_name = "NAME")]
    pub host: Vec<String>,
    /// Only this application
    #[arg(long, value_name = "NAME")]
    pub app: Vec<String>,
    /// Only this query class
    #[arg(long, value_name = "ID")]
    pub query_id: Vec<QueryId>,
    /// Not statements that match this regular expression
    #[arg(long, value_name = "REGEX")]
    pub exclude_query: Option<String>,
    /// Only runs of at least this long
    #[arg(long, value_name = "DURATION", value_parser = duration_us)]
    pub min_duration: Option<u64>,
}

impl FilterArgs {
    /// The filter, its times not resolved yet.
    pub fn filter(&self) -> anyhow::Result<Filter> {
        let exclude_query = self
            .exclude_query
            .as_ref()
            .map(|pattern| regex::bytes::RegexBuilder::new(pattern).case_insensitive(true).build())
            .transpose()
            .context("--exclude-query")?;
        Ok(Filter {
            since: None,
            until: None,
            databases: self.db.clone(),
            users: self.user.clone(),
            hosts: self.host.clone(),
            apps: self.app.clone(),
            query_ids: self.query_id.clone(),
            exclude_query,
            min_duration_us: self.min_duration,
        })
    }

    /// The times from which and until which records count.
    pub fn times(&self, zones: &ZoneTable) -> Result<[Option<UserTime>; 2], Error> {
        let time = |text: &Option<String>| {
            text.as_ref().map(|t| parse_user_time(t, zones).map_err(Error::Time)).transpose()
        };
        Ok([time(&self.since)?, time(&self.until)?])
    }
}

/// How inputs are read.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Reading")]
pub(super) struct ReadArgs {
    /// Zone of times that name none or an ambiguous one, such as Europe/Vienna or +02:00
    #[arg(long, value_name = "ZONE")]
    pub tz: Option<String>,
    /// PostgreSQL's log_line_prefix, where inference fails
    #[arg(long, value_name = "PREFIX")]
    pub log_line_prefix: Option<String>,
    #[arg(long = "as", value_name = "FORMAT", help = as_help())]
    pub as_format: Option<String>,
    /// Columns of CSV or JSON-lines logs of other programs: OURS=THEIRS,… where OURS is query (needed),
    /// time, duration_s, duration_ms, duration_us, duration_ns, user, database, host, app, session
    /// or error, and THEIRS a column, its number from 1, or a path such as db.statement;
    /// engine=postgres|mysql|mariadb|sqlite says who ran them
    #[arg(long, value_name = "COLUMNS")]
    pub map: Option<ColumnMap>,
    /// Exit with 4 when an input was understood only in part
    #[arg(long)]
    pub strict: bool,
    /// Worker threads [default: one per core]
    #[arg(long, default_value_t = 0, hide_default_value = true, value_name = "N")]
    pub threads: usize,
    /// Size of the pieces that are read at a time, in bytes (for tests; changes no result)
    #[arg(long, hide = true, value_name = "BYTES")]
    chunk_bytes: Option<usize>,
    /// Never map files into memory
    #[arg(long)]
    no_mmap: bool,
    /// No progress bar
    #[arg(long)]
    no_progress: bool,
    /// Say nothing on standard error but errors
    #[arg(short, long)]
    pub quiet: bool,
}

impl ReadArgs {
    /// What the user says about the files.
    pub fn options(&self) -> anyhow::Result<ReadOptions> {
        let zones = ZoneTable::new(self.tz.as_deref()).map_err(Error::Time)?;
        let mut read =
            ReadOptions { map: self.map.clone(), zones: Arc::new(zones), ..ReadOptions::default() };
        read.policy.mmap = !self.no_mmap;
        if let Some(bytes) = self.chunk_bytes {
            read.policy.chunk_bytes = bytes.max(1);
        }
        if let Some(prefix) = &self.log_line_prefix {
            read.log_line_prefix =
                Some(PrefixFormat::parse(prefix).map_err(|e| Error::Usage(e.to_string()))?);
        }
        if let Some(name) = &self.as_format {
            read.forced_view = view_by_name(name).filter(|_| format_by_name(name).is_none());
            let format = match read.forced_view {
                Some(view) => format_of_view(view),
                None => name,
            };
            if format_by_name(format).is_none() {
                let names: Vec<_> = FORMATS.iter().map(|f| f.meta().name).collect();
                let names = names.join(", ");
                let views: Vec<_> = VIEWS.iter().map(|view| view.name).collect();
                let views = views.join(", ");
                let message = format!("--as {name}: it is one of {names}, or a view: {views}");
                return Err(Error::Usage(message).into());
            }
            read.forced_format = Some(format.to_owned());
        }
        Ok(read)
    }

    /// What shows how far reading is.
    pub fn progress(&self) -> Box<dyn Progress + Send> {
        match self.no_progress || self.quiet || !std::io::stderr().is_terminal() {
            true => Box::new(Silent),
            false => Box::new(Bar::new()),
        }
    }

    /// Tells the problems of inputs on standard error; whether there was any.
    pub fn tell_problems(&self, inputs: &[InputFacts]) -> bool {
        let mut partial = false;
        for input in inputs {
            for problem in &input.problems {
                partial = true;
                if self.quiet {
                    continue;
                }
                let line = problem.line.map(|line| format!(":{line}")).unwrap_or_default();
                // A message may have lines of its own: those of an input that no format fits.
                for (at, text) in problem.message.lines().enumerate() {
                    let place = match at {
                        0 => format!("querylens: {}{line}: ", input.path),
                        _ => String::new(),
                    };
                    anstream::eprintln!("{}", visible(&format!("{place}{text}")));
                }
            }
        }
        partial
    }
}

/// Whether literals are kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum Literals {
    Hide,
    Keep,
}

/// Whose query ids are shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum IdStyle {
    /// querylens's own
    Own,
    /// Those of pt-query-digest, for MySQL and MariaDB
    Pt,
}

/// Makes an interrupt from the keyboard end the run, at once where it waits for input.
pub(super) fn end_when_interrupted() {
    // A second handler cannot be set; then the first one is there already.
    let _ = ctrlc::set_handler(|| {
        pipeline::interrupt();
        // A read that waits (standard input) never comes to the next chunk.
        std::thread::sleep(Duration::from_secs(1));
        output::discard_unfinished();
        anstream::eprintln!("querylens: {}", Error::Interrupted);
        std::process::exit(i32::from(Error::Interrupted.exit_code()));
    });
}

fn as_help() -> String {
    let names: Vec<_> = FORMATS.iter().map(|format| format.meta().name).collect();
    format!(
        "Take every input for this format ({}), or for rows of this view of a server, such as \
         pg_stat_statements, with or without a header",
        names.join(", ")
    )
}

/// `500ms`, `2s`, `1.5min`, `250us`; a bare number is milliseconds. In microseconds.
pub(super) fn duration_us(text: &str) -> Result<u64, String> {
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
