//! Plans for a terminal: each as a table with its tree, and what was found in it. No character of
//! the inputs is sent that could steer one.

use super::plan_table::{self, Extent};
use super::types::{Found, Plan, Report};
use super::{RenderOptions, Renderer, escape};
use crate::judge::words;
use crate::report::phrases::{self, ms};
use std::fmt::Write;

/// The tree renderer.
pub static RENDERER: Renderer = Renderer {
    name: "tree",
    extensions: &[],
    about: "every plan as a tree, for a terminal",
    render,
};

/// Lines of a statement that are shown.
const STATEMENT_LINES: usize = 6;
/// Operators of a plan that are shown: a terminal scrolls, a person does not.
const OPERATORS: usize = 400;
/// Narrower terminals get lines of this width.
const MIN_WIDTH: usize = 80;

fn render(report: &Report, options: &RenderOptions) -> String {
    let width = options.width.max(MIN_WIDTH);
    let mut out = String::new();
    for (at, plan) in report.plans.iter().enumerate() {
        if at > 0 {
            out.push('\n');
        }
        write_plan(report, plan, width, &mut out);
    }
    if report.plans.is_empty() {
        out.push_str("No plan was found. `querylens analyze` reads logs without plans.\n");
    }
    out
}

fn write_plan(report: &Report, plan: &Plan, width: usize, out: &mut String) {
    let time = match plan.total_ms {
        Some(total) => format!("run of {}", ms(total)),
        None => "not executed".to_owned(),
    };
    let planning =
        plan.planning_ms.map_or(String::new(), |time| format!(", planned in {}", ms(time)));
    let heading = format!(
        "{} · {} · {} · {time}{planning} · {}",
        phrases::place(&plan.source),
        plan.engine.title(),
        words::counted(plan.nodes as u64, "operator"),
        plan.id
    );
    line(&heading, width, out);
    if let Some(statement) = &plan.statement {
        let lines: Vec<&str> = statement.lines().filter(|line| !line.trim().is_empty()).collect();
        for text in lines.iter().take(STATEMENT_LINES) {
            line(&format!("  {text}"), width, out);
        }
        if lines.len() > STATEMENT_LINES {
            line(&format!("  … {} more lines", lines.len() - STATEMENT_LINES), width, out);
        }
    }
    out.push('\n');
    let extent = Extent { operators: OPERATORS, details: true, width: 2 * width };
    for text in plan_table::lines(plan, extent) {
        out.push_str(&text);
        out.push('\n');
    }
    for part in &plan.other_parts {
        line(&format!("{}: {}", part.name, ms(part.time_ms)), width, out);
    }
    let found: Vec<&Found> =
        report.findings.iter().filter(|found| plan.findings.contains(&found.finding.key)).collect();
    for found in found {
        out.push('\n');
        write_finding(found, width, out);
    }
}

fn write_finding(found: &Found, width: usize, out: &mut String) {
    let finding = &found.finding;
    let title = format!("{} · {} ({})", finding.severity.word(), finding.title, finding.rule);
    line(&title, width, out);
    wrapped(&finding.message, width, out);
    for fix in &finding.fixes {
        for text in fix.text.lines() {
            let _ = writeln!(out, "    {}", escape::visible(text));
        }
        wrapped(&fix.note, width, out);
    }
}

fn line(text: &str, width: usize, out: &mut String) {
    out.push_str(&escape::clipped(text, 2 * width));
    out.push('\n');
}

/// Prose, indented by two, broken between words.
fn wrapped(text: &str, width: usize, out: &mut String) {
    let mut used = 0;
    for word in text.split_whitespace().map(escape::visible) {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > width {
            out.push('\n');
            used = 0;
        }
        let blank = if used == 0 { "  " } else { " " };
        out.push_str(blank);
        out.push_str(&word);
        used += blank.len() + length;
    }
    if used > 0 {
        out.push('\n');
    }
}
