//! `querylens fingerprint`: statements in, `id<TAB>fingerprint` out, one line per statement.

use super::args::IdStyle;
use super::output;
use crate::error::Error;
use crate::lang::sql::fingerprint::Fingerprinter;
use crate::lang::sql::lexer::Dialect;
use crate::lang::sql::pt::{pt_fingerprint, pt_id};
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
    /// How the statements are lexed
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
}

impl Family {
    fn of(self) -> (&'static str, Dialect) {
        match self {
            Family::Postgres => ("postgres", Dialect::Postgres),
            Family::Mysql => ("mysql", Dialect::Mysql),
            Family::Sqlite => ("sqlite", Dialect::Sqlite),
        }
    }
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let (family, dialect) = args.dialect.of();
    let pt = args.id_style == IdStyle::Pt;
    if pt && dialect != Dialect::Mysql {
        return Err(Error::Usage("--id-style pt goes with --dialect mysql".to_owned()).into());
    }
    let mut input = Vec::new();
    std::io::stdin().lock().read_to_end(&mut input)?;
    let end = if args.nul { 0 } else { b'\n' };
    // A final end ends the last statement and adds none.
    let statements = input.strip_suffix(&[end]).unwrap_or(&input);
    let mut out = Vec::with_capacity(input.len());
    let mut printer = Fingerprinter::new(dialect);
    if !input.is_empty() {
        for statement in statements.split(|b| *b == end) {
            if pt {
                let text = pt_fingerprint(statement);
                writeln!(out, "{}\t{}", pt_id(&text), one_line(&text))?;
            } else {
                let print = printer.run(statement);
                writeln!(out, "{}\t{}", print.id(family), print.display_text())?;
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
