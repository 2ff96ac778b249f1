//! `querylens slice`: the original records that pass the filters.

use super::args::{FilterArgs, Literals, ReadArgs, end_when_interrupted};
use super::output::NewFile;
use crate::error::Error;
use crate::model::filter::{SessionChoice, SessionId};
use crate::pipeline::Request;
use crate::pipeline::slice::{SliceRequest, Sliced, slice};
use crate::report::escape::visible;
use std::io::{BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Write the original records that pass the filters, byte for byte
///
/// Whole records, with their DETAIL and STATEMENT lines and what a carrier wrote around them.
/// Several inputs are merged in the order of time; copies of one file count once; compressed files
/// are written decompressed, UTF-16 as UTF-8. Literals are those of the log, since these are your
/// own bytes: --literals hide masks them, for a ticket.
///
/// With --query-id, --exclude-query or --min-duration only records of such statements pass: an
/// error by its STATEMENT; a statement and the `duration:` line that follows it together, unless
/// more than 4 MiB of what passes lies between them.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Files, folders, or - for standard input
    #[arg(required = true)]
    paths: Vec<PathBuf>,

    /// Where to [default: standard output]
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,
    /// Keep literals, or mask every record in its own format, taken out of its carrier
    #[arg(long, default_value = "keep", value_name = "WHAT", help_heading = "Output")]
    literals: Literals,

    #[command(flatten)]
    filters: FilterArgs,
    /// Only what this process (or connection) wrote; repeatable
    #[arg(long, value_name = "N", help_heading = "Filters")]
    pid: Vec<u64>,
    /// Only this session, by its id as logged: PostgreSQL's %c, such as 6b03ab08.19c9; repeatable
    #[arg(long, value_name = "ID", help_heading = "Filters")]
    session: Vec<SessionId>,

    #[command(flatten)]
    reading: ReadArgs,
}

const EXAMPLES: &str = "\
Examples:
  querylens slice pg_log/ --since '2026-11-20 14:05' --until '2026-11-20 14:10' -o incident.log
  querylens slice host1.log host2.log.gz --since -1h        several hosts, the last hour
  querylens slice pg_log/ --query-id dbacc22bfc9fd888       every run of a class that analyze found
  querylens slice pg_log/ --session 6b03ab08.19c9           all that one session wrote
  querylens slice pg_log/ --min-duration 5s --literals hide slow runs, fit for a ticket";

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let request = request(args)?;
    end_when_interrupted();
    let progress = args.reading.progress();
    let target = args.output.as_deref().filter(|path| path.as_os_str() != "-");
    let sliced = match target {
        Some(path) => {
            let mut file = BufWriter::new(NewFile::create(path)?);
            let sliced = slice(&request, &mut file, progress.as_ref());
            let failed = |cause| Error::Output { path: path.to_owned(), cause };
            let sliced = sliced.map_err(|error| match error {
                Error::Write(cause) => failed(cause),
                other => other,
            })?;
            file.into_inner().map_err(|error| failed(error.into_error()))?.commit()?;
            sliced
        }
        // A terminal is shown control characters, not sent them; everybody else gets the bytes.
        None if std::io::stdout().is_terminal() => {
            slice(&request, &mut Screen(std::io::stdout()), progress.as_ref())?
        }
        None => {
            let mut out = BufWriter::new(std::io::stdout());
            slice(&request, &mut out, progress.as_ref())?
        }
    };
    let partial = args.reading.tell_problems(&sliced.inputs);
    if !args.reading.quiet {
        tell(&sliced, &request, target);
    }
    Ok(ExitCode::from(if args.reading.strict && partial { 4 } else { 0 }))
}

fn request(args: &Args) -> anyhow::Result<SliceRequest> {
    let read = args.reading.options()?;
    let [since, until] = args.filters.times(&read.zones)?;
    let request = Request {
        paths: args.paths.clone(),
        read,
        filter: args.filters.filter()?,
        since,
        until,
        threads: args.reading.threads,
        ..Request::default()
    };
    let pids = args.pid.iter().map(|pid| SessionChoice::Process(*pid));
    let ids = args.session.iter().map(|id| SessionChoice::Id(id.clone()));
    Ok(SliceRequest {
        request,
        sessions: pids.chain(ids).collect(),
        mask: args.literals == Literals::Hide,
    })
}

/// Says what was written, and what it is not.
fn tell(sliced: &Sliced, request: &SliceRequest, target: Option<&Path>) {
    let say = |text: String| anstream::eprintln!("querylens: {}", visible(&text));
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    let mut formats: Vec<_> = sliced.inputs.iter().filter_map(|input| input.format).collect();
    formats.sort_unstable();
    formats.dedup();
    if formats.len() > 1 {
        say(format!(
            "the inputs are of several formats ({}), and so is the slice",
            formats.join(", ")
        ));
    }
    if request.mask && sliced.carried > 0 {
        let count = sliced.carried;
        say(format!("{count} input{} taken out of what carried the log", plural(count)));
    }
    if sliced.left_out_bytes > 0 {
        let bytes = sliced.left_out_bytes;
        say(format!(
            "{bytes} bytes that nobody can mask are left out: not understood, or of other programs"
        ));
    }
    if sliced.newest_first > 0 {
        let count = sliced.newest_first;
        say(format!(
            "{count} input{} with the newest record first: not turned round",
            plural(count)
        ));
    }
    let read: u64 = sliced.inputs.iter().map(|input| input.records).sum();
    if let Some(path) = target {
        say(format!(
            "wrote {} ({} of {read} records, {} bytes)",
            path.display(),
            sliced.records,
            sliced.bytes
        ));
    }
}

/// A terminal.
struct Screen(std::io::Stdout);

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        for line in text.split_inclusive('\n') {
            let (line, end) = match line.strip_suffix('\n') {
                Some(line) => (line, "\n"),
                None => (line, ""),
            };
            for (at, piece) in line.split('\t').enumerate() {
                let tab = if at > 0 { "\t" } else { "" };
                write!(self.0, "{tab}{}", visible(piece))?;
            }
            self.0.write_all(end.as_bytes())?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}
