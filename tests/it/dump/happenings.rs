//! What happened beside queries, line by line.

use super::{dump_tally, line, time};
use querylens::lang::id::QueryId;
use querylens::model::facts::Facts;
use querylens::model::workload::Workload;
use querylens::model::workload::class::Class;
use querylens::model::workload::incidents::Incidents;
use querylens::model::workload::incidents::connections::Connections;
use querylens::model::workload::incidents::maintenance::TableMaintenance;

/// Everything but the messages.
pub fn dump(facts: &Facts, all: &Workload, out: &mut String) {
    let happened = all.incidents();
    let connections = &happened.connections;
    let locks = &happened.locks;
    let maintenance = &happened.maintenance;
    for (name, what) in [
        ("received", &connections.received),
        ("introduced", &connections.introduced),
        ("authenticated", &connections.authenticated),
        ("authorized", &connections.authorized),
        ("ready", &connections.ready),
        ("refused", &connections.refused),
        ("disconnected", &connections.disconnected),
        ("lock waits", &locks.waiting),
        ("locks acquired", &locks.acquired),
        ("locks failed", &locks.failed),
        ("deadlocks", &locks.deadlocks),
        ("temp files", &happened.temp_files),
        ("checkpoints", &happened.checkpoints.done),
        ("slow checkpoints", &happened.slow_checkpoints),
        ("index builds", &happened.index_builds.done),
        ("index builds failed", &happened.index_builds.failed),
        ("expiries", &happened.expiries.passes),
        ("autovacuum", &maintenance.vacuums),
        ("autoanalyze", &maintenance.analyzes),
        ("pool", &happened.pool.queries),
        ("errors", &happened.messages.errors),
        ("cancelled", &happened.cancelled),
        ("terminated", &happened.terminated),
    ] {
        if what.count > 0 {
            line(out, format_args!("  {name} {}, sum {}", what.count, what.sum));
        }
    }
    dump_connections(connections, all, out);
    for (why, count) in &happened.cancellations {
        line(out, format_args!("  by {} {count}", why.word()));
    }
    dump_locks(facts, all, out);
    dump_checkpoints(all, out);
    dump_indexes(happened, out);
    for table in maintenance.tables() {
        dump_table(table, out);
    }
    for (name, pool) in happened.application_pools.iter() {
        let (timeouts, leaks) = (&pool.timeouts, &pool.leaks);
        line(out, format_args!("  pool {name:?}: {} samples, most {:?}", pool.samples, pool.most));
        let (count, max) = (timeouts.count, timeouts.max);
        line(out, format_args!("    {count} timeouts of up to {max} us, {} leaks", leaks.count));
        for (at, figures) in pool.moments() {
            line(out, format_args!("    {} {figures:?}", time(Some(at))));
        }
    }
    if happened.pool.queries.count > 0 {
        line(out, format_args!("  pool {:?}", happened.pool));
    }
}

fn dump_connections(connections: &Connections, all: &Workload, out: &mut String) {
    let at_once = &all.running().statements;
    let peak = at_once.samples().iter().map(|sample| sample.open).max();
    if let Some(peak) = peak.filter(|peak| *peak > 1) {
        line(out, format_args!("  ran at once {peak}, sampled every {} s", at_once.width_s()));
    }
    for (refusal, count) in &connections.refusals {
        line(out, format_args!("  refused: {} {count}", refusal.word()));
    }
    for (name, tally) in [
        ("received from", &connections.received_by_host),
        ("drivers", &connections.drivers),
        ("systems", &connections.systems),
        ("introduced apps", &connections.introduced_by_app),
        ("methods", &connections.methods),
        ("authenticated users", &connections.authenticated_by_user),
        ("established users", &connections.established.users),
        ("established databases", &connections.established.databases),
        ("established hosts", &connections.established.hosts),
        ("established apps", &connections.established.apps),
        ("ended users", &connections.sessions.users),
        ("ended databases", &connections.sessions.databases),
        ("ended hosts", &connections.sessions.hosts),
        ("ended apps", &connections.sessions.apps),
    ] {
        dump_tally(name, tally, all.names(), out);
    }
    if connections.open_now > 0 {
        line(out, format_args!("  open at once {}, by the server's count", connections.open_now));
    }
    if let Some(peak) = connections.open.samples().iter().map(|sample| sample.open).max() {
        let width_s = connections.open.width_s();
        line(out, format_args!("  open at once {peak}, sampled every {width_s} s"));
    }
}

fn class(all: &Workload, id: Option<QueryId>) -> &str {
    id.and_then(|id| all.class(id)).map_or("-", |class| &*class.fingerprint)
}

fn dump_locks(facts: &Facts, all: &Workload, out: &mut String) {
    for group in all.incidents().locks.groups() {
        let table = group.table.as_deref().unwrap_or("-");
        line(out, format_args!("  wait for {} on {} {table}", group.mode, group.object.word()));
        line(
            out,
            format_args!(
                "    {} waiting, {} acquired, {} failed, {} us, longest {}, queue {}",
                group.waiting,
                group.acquired,
                group.failed,
                group.waited_us,
                group.longest_us,
                group.queue
            ),
        );
        line(out, format_args!("    of {}", class(all, group.class)));
        for (holder, count) in &group.holders {
            line(out, format_args!("    held {count} times after {}", class(all, Some(*holder))));
        }
        let source = facts.source(group.example.2);
        line(out, format_args!("    at {}:{}", source.path, source.line));
    }
    for cycle in all.incidents().locks.cycles() {
        let table = cycle.table.as_deref().unwrap_or("-");
        line(
            out,
            format_args!(
                "  deadlock ×{} {table}, cancelled {}",
                cycle.count,
                class(all, cycle.example.2)
            ),
        );
        for part in &cycle.parts {
            let (mode, object) = (&part.mode, part.object.word());
            let name = |what: &str, name: &Option<Box<str>>| {
                name.as_ref().map_or_else(String::new, |name| format!(" of {what}{name}"))
            };
            let of = name("index ", &part.index) + &name("", &part.table);
            line(out, format_args!("    {mode} on {object}{of} by {}", class(all, part.class)));
        }
    }
}

fn dump_checkpoints(all: &Workload, out: &mut String) {
    let checkpoints = &all.incidents().checkpoints;
    let begun =
        [checkpoints.by_time, checkpoints.by_wal, checkpoints.by_request, checkpoints.by_shutdown];
    if begun.iter().any(|count| *count > 0) {
        let [time, wal, request, shutdown] = begun;
        line(
            out,
            format_args!(
                "  checkpoints by time {time}, wal {wal}, request {request}, shutdown {shutdown}"
            ),
        );
    }
    if checkpoints.done.count > 0 {
        line(
            out,
            format_args!(
                "  wrote {} buffers, {} slru, wal +{} -{} ~{}, write {} us, sync {} us, {} files, \
                 distance {} of {}, restartpoints {}",
                checkpoints.buffers.sum,
                checkpoints.slru_buffers.sum,
                checkpoints.wal_added.sum,
                checkpoints.wal_removed.sum,
                checkpoints.wal_recycled.sum,
                checkpoints.write_us.sum,
                checkpoints.sync_us.sum,
                checkpoints.sync_files.sum,
                checkpoints.distance.sum,
                checkpoints.distance.count,
                checkpoints.restartpoints
            ),
        );
    }
}

fn dump_indexes(happened: &Incidents, out: &mut String) {
    for g in happened.index_builds.groups() {
        let name = |name: &Option<Box<str>>| name.as_deref().unwrap_or("-").to_owned();
        line(
            out,
            format_args!(
                "  index build {}{} {}: begun {}, done {}, failed {}, {:?} us, scan {} us, {} documents",
                name(&g.namespace),
                if g.has_others { " and others" } else { "" },
                name(&g.index),
                g.begun,
                g.done,
                g.failed,
                g.elapsed_us(),
                g.scan_us,
                g.documents
            ),
        );
    }
    for g in happened.expiries.groups() {
        line(
            out,
            format_args!(
                "  expired {} {}: {} passes, {} deleted (most {}), {} us (most {})",
                g.namespace, g.index, g.passes, g.deleted, g.max_deleted, g.total_us, g.max_us
            ),
        );
    }
}

fn dump_table(t: &TableMaintenance, out: &mut String) {
    line(out, format_args!("  table {}", t.table));
    line(
        out,
        format_args!(
            "    vacuums {} ({} aggressive, {} wraparound), analyzes {}, skipped {}, cancelled {}",
            t.vacuums, t.aggressive, t.to_prevent_wraparound, t.analyzes, t.skipped, t.cancelled
        ),
    );
    line(
        out,
        format_args!(
            "    us: vacuum {}, longest {}, analyze {}, cpu {}, io {}, delay {}",
            t.vacuum_us, t.longest_us, t.analyze_us, t.cpu_us, t.io_us, t.delay_us
        ),
    );
    line(
        out,
        format_args!(
            "    index scans {}, pages -{} left {:?}, tuples -{} left {:?} dead {}",
            t.index_scans,
            t.pages_removed,
            t.pages_remain.number,
            t.tuples_removed,
            t.tuples_remain.number,
            t.tuples_dead
        ),
    );
    line(
        out,
        format_args!(
            "    buffers {} hit {} read {} dirtied, wal {} bytes",
            t.buffer_hits, t.buffer_misses, t.buffer_dirtied, t.wal_bytes
        ),
    );
}

/// What went wrong with a class, if anything did.
pub fn dump_troubles(class: &Class, out: &mut String) {
    let t = class.troubles();
    for (name, count, sum) in [
        ("timeouts", t.timeouts, class.lost_us()),
        ("temp files", t.temp_files.count, t.temp_files.total_bytes),
        ("lock waits", t.lock_waits.count, t.lock_waits.total_us),
    ] {
        if count > 0 {
            line(out, format_args!("  {name} {count}, sum {sum}"));
        }
    }
}

/// Errors, warnings and news.
pub fn dump_messages(facts: &Facts, all: &Workload, out: &mut String) {
    for group in all.incidents().messages.groups() {
        let (_, place, class) = group.example;
        let source = facts.source(place);
        let code = if group.code.is_empty() { "-" } else { &group.code };
        let level = group.level.word();
        line(
            out,
            format_args!("{level} {code} {:?} ×{}: {}", group.topic, group.count, group.message),
        );
        line(out, format_args!("  time {} to {}", time(group.first), time(group.last)));
        line(out, format_args!("  at {}:{}", source.path, source.line));
        if let Some(class) = class.and_then(|id| all.class(id)) {
            let troubles = class.troubles();
            let of = format_args!(
                "{} runs, {} errors, {} cancelled",
                class.stats.calls, troubles.errors, troubles.cancelled
            );
            line(out, format_args!("  of {} ({of})", class.fingerprint));
        }
    }
}
