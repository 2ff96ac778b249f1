//! Everything that was read, as stable text: what the tests of readers compare.

use querylens::model::facts::{Facts, InputFacts, ServerFacts};
use querylens::model::workload::class::{Class, PhaseStats};
use querylens::model::workload::examples::Example;
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

fn time(time: Option<Timestamp>) -> String {
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
    let happened = all.incidents();
    for (name, what) in [
        ("received", &happened.received),
        ("authorized", &happened.authorized),
        ("refused", &happened.refused),
        ("disconnected", &happened.disconnected),
        ("lock waits", &happened.lock_waits),
        ("deadlocks", &happened.deadlocks),
        ("temp files", &happened.temp_files),
        ("checkpoints", &happened.checkpoints),
        ("autovacuum", &happened.autovacuum),
        ("errors", &happened.errors),
        ("cancelled", &happened.cancelled),
    ] {
        if what.count > 0 {
            line(out, format_args!("  {name} {}, sum {}", what.count, what.sum));
        }
    }
    for class in all.ranked() {
        dump_class(facts, class, all.names(), out);
    }
    for group in happened.error_groups() {
        let (_, place, class) = group.example;
        let source = facts.source(place);
        let code = if group.code.is_empty() { "-" } else { &group.code };
        line(out, format_args!("{} {code} ×{}: {}", group.severity, group.count, group.message));
        line(out, format_args!("  time {} to {}", time(group.first), time(group.last)));
        line(out, format_args!("  at {}:{}", source.path, source.line));
        if let Some(class) = class.and_then(|id| all.class(id)) {
            let (runs, errors, cancelled) = (class.stats.calls, class.errors, class.cancelled);
            let of = format_args!("{runs} runs, {errors} errors, {cancelled} cancelled");
            line(out, format_args!("  of {} ({of})", class.fingerprint));
        }
    }
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
    let stats = &class.stats;
    line(
        out,
        format_args!(
            "  calls {}, timed {}, total_us {}, errors {}, cancelled {}",
            stats.calls, stats.timed, stats.total_us, class.errors, class.cancelled
        ),
    );
    phases(&[("parse", class.parse), ("bind", class.bind)], out);
    if class.plans.count > 0 {
        line(out, format_args!("  plans {}, total_us {}", class.plans.count, class.plans.total_us));
    }
    if let Some(plan) = &class.plans.slowest {
        line(out, format_args!("  {} plan of {} us:", plan.format, plan.duration_us));
        for text in plan.text.lines() {
            line(out, format_args!("    | {text}"));
        }
    }
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
    if !class.server_ids.is_empty() {
        line(out, format_args!("  server ids {:?}", class.server_ids));
    }
    for example in class.examples.slowest().into_iter().chain(class.examples.sampled()) {
        dump_example(facts, example, out);
    }
}

fn dump_tally(name: &str, tally: &Tally, names: &Names, out: &mut String) {
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

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{text}");
}
