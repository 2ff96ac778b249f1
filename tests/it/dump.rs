//! Everything that was read, as stable text: what the tests of readers compare.

mod attributes;
mod happenings;

use crate::plans;
use querylens::model::facts::{Facts, InputFacts, ServerFacts};
use querylens::model::workload::class::{Class, PhaseStats};
use querylens::model::workload::examples::Example;
use querylens::model::workload::plans::Plans;
use querylens::model::workload::tally::{Names, Tally};
use querylens::time::Timestamp;
use std::fmt::Write;

/// All facts, line by line.
pub fn dump(facts: &Facts) -> String {
    let mut out = String::new();
    for input in &facts.inputs {
        dump_input(input, &mut out);
    }
    for server in &facts.servers {
        dump_server(facts, server, &mut out);
    }
    out
}

pub(super) fn time(time: Option<Timestamp>) -> String {
    time.map_or_else(|| "-".to_owned(), Timestamp::rfc3339)
}

fn dump_input(input: &InputFacts, out: &mut String) {
    let format = input.format.unwrap_or("-");
    line(out, format_args!("input {} {format} {} bytes", input.path, input.bytes));
    if let Some(of) = &input.duplicate_of {
        line(out, format_args!("  the same as {of}"));
    }
    let InputFacts { records, events, skipped_records, skipped_bytes, .. } = input;
    line(out, format_args!("  records {records}, events {events}"));
    line(out, format_args!("  skipped {skipped_records} records, {skipped_bytes} bytes"));
    line(out, format_args!("  time {} to {}", time(input.first), time(input.last)));
    for problem in &input.problems {
        let place = problem.line.map_or_else(|| "-".to_owned(), |line| line.to_string());
        line(out, format_args!("  problem at line {place}: {}", problem.message));
    }
    for note in &input.notes {
        line(out, format_args!("  note: {note}"));
    }
}

fn dump_server(facts: &Facts, server: &ServerFacts, out: &mut String) {
    let all = &server.workload;
    let stats = all.overall();
    line(out, format_args!("server {} {:?}", server.label, server.engine));
    line(
        out,
        format_args!(
            "  calls {}, timed {}, total_us {}, sessions {}, version {}",
            stats.calls,
            stats.timed,
            stats.total_us,
            all.sessions().count(),
            all.version().unwrap_or("-")
        ),
    );
    phases(&[("parse", all.parse()), ("bind", all.bind())], out);
    phases(&[("orphans", all.orphans()), ("plans", all.plans())], out);
    phases(&[("suppressed", all.suppressed())], out);
    attributes::dump_estimate(stats, out);
    happenings::dump(facts, all, out);
    for class in all.ranked() {
        dump_class(facts, class, all.names(), out);
    }
    happenings::dump_messages(facts, all, out);
}

fn phases(named: &[(&str, PhaseStats)], out: &mut String) {
    for (name, phase) in named {
        if phase.count > 0 {
            line(out, format_args!("  {name} {}, total_us {}", phase.count, phase.total_us));
        }
    }
}

fn dump_class(facts: &Facts, class: &Class, names: &Names, out: &mut String) {
    let truncated = if class.truncated { " (truncated)" } else { "" };
    line(out, format_args!("class {}{truncated}", class.fingerprint));
    let (stats, troubles) = (&class.stats, class.troubles());
    line(
        out,
        format_args!(
            "  calls {}, timed {}, total_us {}, errors {}, cancelled {}",
            stats.calls, stats.timed, stats.total_us, troubles.errors, troubles.cancelled
        ),
    );
    attributes::dump_estimate(stats, out);
    happenings::dump_troubles(class, out);
    phases(&[("parse", class.parse), ("bind", class.bind)], out);
    dump_plans(class.plans(), out);
    let who = &class.who;
    for (name, tally) in [
        ("users", &who.users),
        ("databases", &who.databases),
        ("hosts", &who.hosts),
        ("apps", &who.apps),
    ] {
        dump_tally(name, tally, names, out);
    }
    for (key, tally) in &class.tags {
        dump_tally(&format!("tag {key}"), tally, names, out);
    }
    attributes::dump(class.attributes(), names, out);
    if !class.server_ids.is_empty() {
        line(out, format_args!("  server ids {:?}", class.server_ids));
    }
    for example in class.examples.slowest().into_iter().chain(class.examples.sampled()) {
        dump_example(facts, example, out);
    }
}

pub(super) fn dump_tally(name: &str, tally: &Tally, names: &Names, out: &mut String) {
    let ranked = tally.ranked(names);
    if !ranked.is_empty() {
        let shares: Vec<_> =
            ranked.iter().map(|(name, s)| format!("{name:?} {}", s.calls)).collect();
        line(out, format_args!("  {name}: {}", shares.join(", ")));
    }
}

fn dump_example(facts: &Facts, example: &Example, out: &mut String) {
    let source = facts.source(example.run.place);
    let duration = example.run.duration_us.map_or_else(|| "-".to_owned(), |us| us.to_string());
    line(
        out,
        format_args!("  {}:{} {duration} us {}", source.path, source.line, time(example.run.time)),
    );
    let text = &example.text;
    match text.len() {
        0..=400 => line(out, format_args!("    {text:?}")),
        bytes => line(out, format_args!("    {bytes} bytes")),
    }
    if let Some(parameters) = &example.parameters {
        line(out, format_args!("    parameters {parameters:?}"));
    }
}

pub(super) fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{text}");
}

fn dump_plans(plans: &Plans, out: &mut String) {
    if plans.count > 0 {
        line(out, format_args!("  plans {}, total_us {}", plans.count, plans.total_us));
    }
    if let Some(unread) = &plans.unread {
        let (_, error) = &unread.first;
        line(out, format_args!("  plans not read: {}, {}", unread.count, error.message));
    }
    for (_, shape) in plans.ranked() {
        let us = shape.slowest.duration_us;
        line(out, format_args!("  shape of {}, slowest {us:?} us:", shape.count));
        for text in plans::dump(&shape.slowest.plan).lines() {
            line(out, format_args!("    | {text}"));
        }
    }
}
