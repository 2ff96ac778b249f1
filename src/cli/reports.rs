//! What subcommands that end in a report share: where it goes, its date, and what trips a gate.

use super::output;
use crate::error::Error;
use crate::judge::finding::{Finding, Severity};
use crate::judge::rules;
use crate::report::{self, RENDERERS, RenderOptions, Renderer, Report};
use crate::time::{Timestamp, ZoneTable, parse_user_time};
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

/// Where a report goes, and what makes the exit code 1.
#[derive(Debug, clap::Args)]
pub(super) struct ReportArgs {
    /// Write a report; the extension chooses the format (.md, .json); repeatable
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    pub output: Vec<PathBuf>,
    #[arg(long, value_name = "FORMAT", help_heading = "Output", help = format_help())]
    pub format: Option<String>,
    /// Exit with 1 when a finding is at least this severe, or by this rule
    #[arg(long, value_name = "SEVERITY|RULE", help_heading = "Judging")]
    pub fail_on: Option<String>,
    /// Thresholds and switched-off rules [default: querylens.toml in the working folder]
    #[arg(long, value_name = "FILE", help_heading = "Judging")]
    pub config: Option<PathBuf>,
    /// The report's date [default: SOURCE_DATE_EPOCH, else today]
    #[arg(long, value_name = "DAY", help_heading = "Judging")]
    pub date: Option<String>,
}

fn format_help() -> String {
    let names: Vec<_> = RENDERERS.iter().map(|r| r.name).collect();
    format!("Write to standard output in this format: {} [default: without -o]", names.join(", "))
}

impl ReportArgs {
    /// What to write where.
    pub fn outputs(&self) -> anyhow::Result<Vec<(&PathBuf, &'static Renderer)>> {
        let known: Vec<String> =
            RENDERERS.iter().flat_map(|r| r.extensions).map(|e| format!(".{e}")).collect();
        self.output
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

    /// The renderer for standard output: the usual one where nothing else was asked for.
    pub fn on_stdout(&self, usual: &'static str) -> anyhow::Result<Option<&'static Renderer>> {
        let name = match (&self.format, self.output.is_empty()) {
            (Some(name), _) => name.as_str(),
            (None, true) => usual,
            (None, false) => return Ok(None),
        };
        let found = report::renderer(name);
        let names: Vec<_> = RENDERERS.iter().map(|r| r.name).collect();
        let found = found.ok_or_else(|| {
            Error::Usage(format!("--format {name}: it is one of {}", names.join(", ")))
        })?;
        Ok(Some(found))
    }

    /// `--date`, else SOURCE_DATE_EPOCH, else today: the only look at the clock.
    pub fn date(&self) -> Result<String, Error> {
        let day = |seconds: i64| {
            Timestamp(seconds.saturating_mul(1_000_000)).rfc3339().chars().take(10).collect()
        };
        if let Some(date) = &self.date {
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

    /// What makes the exit code 1, if anything may.
    pub fn gate(&self) -> Result<Option<Gate>, Error> {
        let Some(word) = &self.fail_on else { return Ok(None) };
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
}

/// What makes the exit code 1.
pub(super) enum Gate {
    Severity(Severity),
    Rule(&'static str),
}

impl Gate {
    /// Whether a finding trips it.
    pub fn trips(&self, finding: &Finding) -> bool {
        match self {
            Gate::Severity(least) => finding.severity >= *least,
            Gate::Rule(name) => finding.rule == *name,
        }
    }
}

/// Writes a report everywhere.
pub(super) fn write(
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
