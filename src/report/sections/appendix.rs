//! Appendix: the inputs and what was guessed about them, what was not understood, the options and
//! the program.

use super::table::{Side, Table};
use super::{heading, paragraph};
use crate::judge::words;
use crate::model::workload::histogram::RELATIVE_ERROR;
use crate::report::escape;
use crate::report::phrases::{self, clock, dash, ms};
use crate::report::types::{Input, Report};

/// Inputs in the table, and again in each list.
const MAX_INPUTS: usize = 150;
/// Characters of a path.
const PATH: usize = 100;
/// Characters of a message.
const MESSAGE: usize = 300;
/// Lines of a list.
const MAX_LINES: usize = 100;

pub fn write(report: &Report, out: &mut String) {
    heading(out, 2, "<a id=\"appendix\"></a>Appendix");
    inputs(report, out);
    heading(out, 3, "What was guessed");
    list(
        out,
        report.inputs.iter().flat_map(|i| i.notes.iter().map(move |note| (i, note.clone()))),
        "Nothing was guessed about the inputs.",
    );
    heading(out, 3, "What was not understood");
    let problems = report.inputs.iter().flat_map(|input| {
        input.problems.iter().map(move |problem| {
            let place = match (problem.line, problem.offset) {
                (Some(line), _) => format!("line {}: ", words::count(line)),
                (None, Some(offset)) => format!("byte {}: ", words::count(offset)),
                (None, None) => String::new(),
            };
            (input, format!("{place}{}", problem.message))
        })
    });
    list(out, problems, "Everything was understood.");
    settings(report, out);
}

fn inputs(report: &Report, out: &mut String) {
    heading(out, 3, "Inputs");
    let mut table = Table::new(&[
        ("input", Side::Left),
        ("taken for", Side::Left),
        ("server", Side::Left),
        ("bytes", Side::Right),
        ("records", Side::Right),
        ("not understood", Side::Right),
        ("first", Side::Left),
        ("last", Side::Left),
    ]);
    for input in report.inputs.iter().take(MAX_INPUTS) {
        let taken = match (&input.duplicate_of, input.format) {
            (Some(other), _) => format!("the same as {}", escape::cell_code(other, PATH)),
            (None, Some(format)) => format.to_owned(),
            (None, None) if input.problems.is_empty() => "left out".to_owned(),
            (None, None) => "not recognised".to_owned(),
        };
        table.row([
            escape::cell_code(&input.path, PATH),
            taken,
            input.server.as_deref().map_or_else(dash, |name| escape::cell_code(name, 60)),
            words::bytes(input.bytes),
            words::count(input.records),
            format!(
                "{} records, {}",
                words::count(input.skipped_records),
                words::bytes(input.skipped_bytes)
            ),
            clock(report, input.first),
            clock(report, input.last),
        ]);
    }
    table.finish(out);
    if let Some(more @ 1..) = report.inputs.len().checked_sub(MAX_INPUTS) {
        paragraph(out, &format!("{} more are in the JSON report.", words::count(more as u64)));
    }
    if report.inputs.len() > 1 {
        paragraph(out, &format!("Times are shown in {}.", report.zone));
    }
}

/// A list of what is known of inputs, or a line where nothing is.
fn list<'i>(out: &mut String, lines: impl Iterator<Item = (&'i Input, String)>, none: &str) {
    let (mut written, mut more) = (0, 0u64);
    for (input, text) in lines {
        if written == MAX_LINES {
            more += 1;
            continue;
        }
        written += 1;
        let path = escape::code(&escape::clipped(&input.path, PATH));
        let text = crate::judge::evidence::shorten(&text, MESSAGE);
        out.push_str(&format!("- {path}: {}\n", escape::prose(&text)));
    }
    if written == 0 {
        paragraph(out, none);
    }
    if more > 0 {
        paragraph(out, &format!("{} more are in the JSON report.", words::count(more)));
    }
}

fn settings(report: &Report, out: &mut String) {
    heading(out, 3, "Settings");
    let mut lines = vec![
        format!("{} {}", report.generator.name, report.generator.version),
        format!("percentiles are within {:.1} % of the true value", RELATIVE_ERROR * 100.0),
    ];
    let kept = report.options.get("literals").is_some_and(|value| value == "keep");
    lines.push(match kept {
        true => "literals are kept: this report may hold personal data".to_owned(),
        false => "literals are hidden: every constant of a statement is replaced".to_owned(),
    });
    for (what, of) in [
        ("parse steps", report.load.parse),
        ("bind steps", report.load.bind),
        ("durations without a statement", report.load.unmatched_durations),
        ("logged plans", report.load.plans),
        ("runs of folded classes (in the totals only)", report.load.folded),
        ("runs that the server only counted", report.totals.suppressed),
    ] {
        if of.count > 0 {
            lines.push(format!("{what}: {}, {} together", words::count(of.count), ms(of.total_ms)));
        }
    }
    if report.load.plans_folded > 0 {
        let count = words::count(report.load.plans_folded);
        lines.push(format!("logged plans of too many classes or shapes, counted only: {count}"));
    }
    if let Some(first) = &report.load.first_unread {
        lines.push(format!(
            "logged plans that cannot be read: {}, the first at {}: {}",
            words::count(report.load.plans_unread),
            escape::code(&phrases::place(&first.source)),
            escape::text(&first.message)
        ));
    }
    for (name, value) in &report.options {
        let value = crate::judge::evidence::shorten(value, MESSAGE);
        lines.push(format!("option {}: {}", escape::code(name), escape::code(&value)));
    }
    for line in lines {
        out.push_str(&format!("- {line}\n"));
    }
}
