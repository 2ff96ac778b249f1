//! The sections of the Markdown report, in their order. One file each; each writes itself from the
//! finished report. A section without facts says in one line what to collect to fill it.

mod activity;
mod appendix;
mod attributes;
mod baseline;
mod comparison;
mod connections;
mod details;
mod findings;
mod happenings;
mod header;
mod index_analysis;
mod maintenance;
mod monitoring;
mod next_steps;
mod operations;
mod optimizations;
mod plans;
mod pools;
mod slow_queries;
mod summary;
mod table;
mod tables;
mod targeting;
mod time_distribution;
mod trade_offs;
mod waits;

use super::types::{Advice, Report};
use super::{engines, escape};

/// Writes one section.
pub type Section = fn(&Report, &mut String);

/// Every section in the order of the report.
pub static SECTIONS: &[Section] = &[
    header::write,
    summary::write,
    findings::write,
    baseline::write,
    optimizations::write,
    comparison::write,
    details::write,
    plans::write,
    monitoring::write,
    trade_offs::write,
    next_steps::write,
    maintenance::write,
    appendix::write,
];

fn heading(out: &mut String, level: usize, text: &str) {
    if !(out.is_empty() || out.ends_with("\n\n")) {
        out.push('\n');
    }
    out.push_str(&"#".repeat(level));
    out.push(' ');
    out.push_str(text);
    out.push_str("\n\n");
}

/// A paragraph of finished Markdown.
fn paragraph(out: &mut String, text: &str) {
    if !(out.is_empty() || out.ends_with("\n\n")) {
        out.push('\n');
    }
    out.push_str(text);
    out.push('\n');
}

/// A line of a list; the text is finished Markdown.
fn item(out: &mut String, name: &str, text: &str) {
    out.push_str(&format!("- {name}: {text}\n"));
}

/// Advice as blocks of a heading, a paragraph and a fence. Where it is of several engines, first
/// what is for all, then a heading for each engine over its own.
fn advice(report: &Report, out: &mut String, level: usize, list: &[Advice]) {
    let engines = engines::kinds(report);
    if engines.len() < 2 {
        return list.iter().for_each(|one| block(out, level, one));
    }
    list.iter().filter(|one| one.engine.is_none()).for_each(|one| block(out, level, one));
    for engine in engines {
        let mut own = list.iter().filter(|one| one.engine == Some(engine)).peekable();
        if own.peek().is_some() {
            heading(out, level, &engines::heading(report, engine));
            own.for_each(|one| block(out, level + 1, one));
        }
    }
}

fn block(out: &mut String, level: usize, one: &Advice) {
    heading(out, level, &escape::prose(&one.title));
    paragraph(out, &escape::prose(&one.text));
    if let Some(statements) = &one.sql {
        let language = one.engine.map_or("sql", engines::language);
        paragraph(out, escape::fence(language, statements).trim_end());
    }
}
