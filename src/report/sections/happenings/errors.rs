//! Errors and warnings, what was cancelled, and what happened to the server itself.

use super::{MAX_ROWS, counts, more, silent, statement};
use crate::judge::words;
use crate::report::escape;
use crate::report::phrases::{clock, dash, either, lost, ms, place};
use crate::report::sections::table::{Side, Table};
use crate::report::sections::{heading, paragraph};
use crate::report::types::{MessageItem, Report};

/// Characters of a message.
const MESSAGE: usize = 140;
/// Characters of a code: MongoDB's are names.
const CODE: usize = 40;

pub fn write(report: &Report, out: &mut String) {
    let errors = &report.incidents.errors;
    let warnings = &report.incidents.warnings;
    match errors.messages.items.is_empty() && warnings.items.is_empty() {
        true if report.totals.failed > 0 => {
            let failed = either(report.totals.failed, "run", "runs");
            let text = format!(
                "No message about an error or warning is in these logs; {failed} failed by their own \
                 records, which Query Details counts by class."
            );
            silent(out, "Errors", &text);
        }
        true => silent(out, "Errors", "No error or warning is in these logs."),
        false => {
            heading(out, 4, "Errors");
            let all = either(errors.messages.occurred.count, "error", "errors");
            let mut text = format!("{all}. {}", errors.messages.occurred.trend);
            if !errors.levels.is_empty() {
                text += &format!(" By level: {}.", counts(&errors.levels, ""));
            }
            if !errors.classes.is_empty() {
                text += &format!(" By SQLSTATE class: {}.", counts(&errors.classes, "× "));
            }
            paragraph(out, text.trim_end());
            let items: Vec<_> = errors.messages.items.iter().collect();
            messages(report, &items, out);
            let warned: Vec<_> = warnings.items.iter().collect();
            if !warned.is_empty() {
                paragraph(
                    out,
                    &format!("{}:", either(warnings.occurred.count, "warning", "warnings")),
                );
                messages(report, &warned, out);
            }
        }
    }
    cancelled(report, out);
}

fn messages(report: &Report, items: &[&MessageItem], out: &mut String) {
    if items.is_empty() {
        return;
    }
    let mut table = Table::new(&[
        ("times", Side::Right),
        ("severity", Side::Left),
        ("code", Side::Left),
        ("message", Side::Left),
        ("statement", Side::Left),
        ("first", Side::Left),
        ("last", Side::Left),
        ("example", Side::Left),
    ]);
    for item in items.iter().take(MAX_ROWS) {
        table.row([
            words::count(item.count),
            item.severity.to_owned(),
            item.code.as_deref().map_or_else(dash, |code| escape::cell_code(code, CODE)),
            escape::cell_code(&item.message, MESSAGE),
            statement(report, &item.concerned),
            clock(report, item.first),
            clock(report, item.last),
            escape::cell_code(&place(&item.source), 100),
        ]);
    }
    table.finish(out);
    more(out, items.len().saturating_sub(MAX_ROWS), "messages");
}

fn cancelled(report: &Report, out: &mut String) {
    let cancelled = &report.incidents.cancelled;
    if cancelled.items.is_empty() {
        return;
    }
    heading(out, 4, "Cancelled Statements");
    let mut text = format!("Cancelled or ended: {}.", counts(&cancelled.items, "by "));
    if cancelled.lost_ms > 0.0 {
        text += &format!(
            " Timeouts cost at least {}, which is in no other number of this report: a statement \
             that a timeout ends logs no duration.",
            ms(cancelled.lost_ms)
        );
    }
    paragraph(out, &text);
    if cancelled.by_query.is_empty() {
        return;
    }
    let mut table = Table::new(&[
        ("statement", Side::Left),
        ("cancelled", Side::Right),
        ("by timeout", Side::Right),
        ("time lost to timeouts", Side::Right),
        ("finished runs", Side::Right),
    ]);
    for item in cancelled.by_query.iter().take(MAX_ROWS) {
        table.row([
            statement(report, &item.concerned),
            words::count(item.count),
            words::count(item.timeouts),
            lost(item.timeouts, item.lost_ms),
            words::count(item.calls),
        ]);
    }
    table.finish(out);
    more(out, cancelled.by_query.len().saturating_sub(MAX_ROWS), "cancelled statements");
}

/// Topics of the members of a replica set, in the words of the report.
const REPLICA_SET: [&str; 6] = [
    "election",
    "state of a member",
    "step down",
    "rollback of the replica set",
    "sync source",
    "flow control",
];

/// What happened among the members of a replica set, in the order in which it first did.
pub fn replica_set(report: &Report, out: &mut String) {
    let mut items: Vec<_> = report.incidents.events.items.iter().filter(is_of_set).collect();
    if items.is_empty() {
        return;
    }
    items.sort_by_key(|item| (item.first, item.source.line));
    heading(out, 4, "Replica Set");
    rows(report, &items, out);
}

fn is_of_set(item: &&MessageItem) -> bool {
    REPLICA_SET.contains(&item.topic)
}

/// What happened to the server itself.
pub fn events(report: &Report, out: &mut String) {
    let mut items: Vec<_> =
        report.incidents.events.items.iter().filter(|item| !is_of_set(item)).collect();
    if items.is_empty() {
        return;
    }
    heading(out, 4, "Server Events");
    items.sort_by_key(|item| !item.urgent);
    let urgent = items.iter().filter(|item| item.urgent).count();
    if urgent > 0 {
        let what = either(urgent as u64, "kind of message needs", "kinds of messages need");
        paragraph(out, &format!("**{what} a person today**; they come first."));
    }
    rows(report, &items, out);
}

fn rows(report: &Report, items: &[&MessageItem], out: &mut String) {
    let mut table = Table::new(&[
        ("about", Side::Left),
        ("times", Side::Right),
        ("level", Side::Left),
        ("message", Side::Left),
        ("first", Side::Left),
        ("last", Side::Left),
        ("example", Side::Left),
    ]);
    for item in items.iter().take(MAX_ROWS) {
        let about = if item.urgent { format!("**{}**", item.topic) } else { item.topic.to_owned() };
        table.row([
            about,
            words::count(item.count),
            item.severity.to_owned(),
            escape::cell_code(&item.message, MESSAGE),
            clock(report, item.first),
            clock(report, item.last),
            escape::cell_code(&place(&item.source), 100),
        ]);
    }
    table.finish(out);
    more(out, items.len().saturating_sub(MAX_ROWS), "events");
}
