//! What is generated from the command line's own definition: completions and the manual page.

use super::{Cli, output};
use clap::CommandFactory;
use std::process::ExitCode;

/// Prints a completion script.
pub(super) fn completions(shell: clap_complete::Shell) -> anyhow::Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "querylens", &mut script);
    output::to_stdout(&script)?;
    Ok(ExitCode::SUCCESS)
}

/// Prints the manual page.
pub(super) fn man() -> anyhow::Result<ExitCode> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Cli::command()).render(&mut page)?;
    output::to_stdout(&page)?;
    Ok(ExitCode::SUCCESS)
}
