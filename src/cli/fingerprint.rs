//! `querylens fingerprint`: statements in, `id<TAB>fingerprint` out, one line per statement.

use super::args::IdStyle;
use super::output;
use crate::error::Error;
use crate::lang::fingerprint::Fingerprinter;
use crate::lang::sql::pt::{pt_fingerprint, pt_id};
use crate::model::event::Engine;
use clap::ValueEnum;
use std::io::{Read, Write};
use std::process::ExitCode;

/// Normalise statements from standard input: one a line, or NUL-separated with -0. Prints
/// `id<TAB>fingerprint` per statement, in order; the ids are those of analyze
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Statements end with a NUL byte instead of a line end (they may then hold line ends)
    #[arg(short = '0')]
    nul: bool,
    /// What the statements are written in; of mongodb each is a command document as Extended JSON,
    /// with its `$db`
    #[arg(long, default_value = "postgres", value_name = "DIALECT")]
    dialect: Family,
    /// Ids and fingerprints of querylens, or those of pt-query-digest (mysql only)
    #[arg(long, default_value = "own", value_name = "STYLE")]
    id_style: IdStyle,
}

/// The dialects of the command line.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Family {
    Postgres,
    Mysql,
    Sqlite,
    Mongodb,
}

impl Family {
    fn engine(self) -> Engine {
        match self {
            Family::Postgres => Engine::Postgres,
            Family::Mysql => Engine::Mysql,
            Family::Sqlite => Engine::Sqlite,
            Family::Mongodb => Engine::Mongodb,
        }
    }
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let engine = args.dialect.engine();
    let pt = args.id_style == IdStyle::Pt;
    if pt && engine != Engine::Mysql {
        return Err(Error::Usage("--id-style pt goes with --dialect mysql".to_owned()).into());
    }
    let mut input = Vec::new();
    std::io::stdin().lock().read_to_end(&mut input)?;
    let end = if args.nul { 0 } else { b'\n' };
    // A final end ends the last statement and adds none.
    let statements = input.strip_suffix(&[end]).unwrap_or(&input);
    let mut out = Vec::with_capacity(input.len());
    let mut printer = Fingerprinter::new(engine.language());
    if !input.is_empty() {
        for statement in statements.split(|b| *b == end) {
            if pt {
                let text = pt_fingerprint(statement);
                writeln!(out, "{}\t{}", pt_id(&text), one_line(&text))?;
            } else {
                let print = printer.run(statement);
                writeln!(out, "{}\t{}", print.id(engine.family()), print.display_text())?;
            }
        }
    }
    output::to_stdout(&out)?;
    Ok(ExitCode::SUCCESS)
}

/// pt-query-digest's text with its rare control characters escaped: one line per statement.
fn one_line(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            c.is_control()
                .then(|| c.escape_default())
                .into_iter()
                .flatten()
                .chain((!c.is_control()).then_some(c))
        })
        .collect()
}
