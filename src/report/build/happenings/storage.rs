//! Temporary files, checkpoints, and maintenance of tables.

use super::{MAX_ITEMS, concerned, occurred, servers, summed, total, waits};
use crate::model::event::Topic;
use crate::model::facts::ServerFacts;
use crate::model::workload::incidents::checkpoints::Checkpoints as Kept;
use crate::model::workload::incidents::maintenance::TableMaintenance;
use crate::report::build::{Draft, at, ms};
use crate::report::types::{
    Autovacuum, Checkpoints, Count, MaintenanceItem, TempFileItem, TempFiles, Waits,
};
use std::cmp::Reverse;

pub fn temp_files(draft: &Draft<'_>) -> TempFiles {
    let sum = summed(draft, |i| &i.temp_files);
    let mut classes: Vec<_> = servers(draft)
        .flat_map(|(server, _)| server.workload.classes().iter().map(move |class| (server, class)))
        .map(|(server, class)| (server, class, class.troubles().temp_files))
        .filter(|(_, _, files)| files.count > 0)
        .collect();
    classes.sort_by_key(|(server, class, files)| {
        (Reverse((files.total_bytes, files.count)), class.id, &server.label)
    });
    classes.truncate(MAX_ITEMS);
    let listed = classes.iter().fold((0u64, 0u64), |(count, bytes), (_, _, files)| {
        (count + files.count, bytes.saturating_add(files.total_bytes))
    });
    let items = classes.into_iter().map(|(server, class, files)| TempFileItem {
        server: server.label.clone(),
        concerned: concerned(server, Some(class.id)),
        count: files.count,
        total_bytes: files.total_bytes,
        max_bytes: files.max_bytes,
    });
    TempFiles {
        occurred: occurred(draft, &sum),
        total_bytes: sum.sum,
        max_bytes: sum.max,
        items: items.collect(),
        omitted: sum.count.saturating_sub(listed.0),
        omitted_bytes: sum.sum.saturating_sub(listed.1),
    }
}

pub fn checkpoints(draft: &Draft<'_>) -> Checkpoints {
    let mut all = Kept::default();
    servers(draft).for_each(|(_, kept)| all.merge(&kept.checkpoints));
    let causes = [
        ("time (checkpoint_timeout)", all.by_time),
        ("WAL (max_wal_size)", all.by_wal),
        ("request", all.by_request),
        ("shutdown or recovery", all.by_shutdown),
    ];
    let causes = causes.into_iter().filter(|(_, count)| *count > 0);
    let told = all.distance.count > 0;
    Checkpoints {
        occurred: occurred(draft, &all.done),
        total_ms: ms(all.done.sum),
        max_ms: ms(all.done.max),
        items: causes.map(|(name, count)| Count { name: name.to_owned(), count }).collect(),
        restartpoints: all.restartpoints,
        too_frequent: total(draft, |i| i.messages.about(Topic::CheckpointsTooFrequent)),
        buffers: all.buffers.sum,
        max_buffers: all.buffers.max,
        slru_buffers: all.slru_buffers.sum,
        wal_added: all.wal_added.sum,
        wal_removed: all.wal_removed.sum,
        wal_recycled: all.wal_recycled.sum,
        write_ms: ms(all.write_us.sum),
        sync_ms: ms(all.sync_us.sum),
        max_sync_ms: ms(all.sync_us.max),
        sync_files: all.sync_files.sum,
        longest_sync_ms: ms(all.longest_sync_us),
        mean_distance_bytes: all.distance.sum.checked_div(all.distance.count),
        max_distance_bytes: told.then_some(all.distance.max),
        max_estimate_bytes: told.then_some(all.max_estimate_bytes),
    }
}

pub fn autovacuum(draft: &Draft<'_>) -> Autovacuum {
    let Waits { occurred, total_ms, max_ms } = waits(draft, |i| &i.maintenance.vacuums);
    let mut tables: Vec<_> = servers(draft)
        .flat_map(|(server, kept)| kept.maintenance.tables().into_iter().map(move |t| (server, t)))
        .collect();
    tables.sort_by_key(|(_, t)| Reverse((t.vacuum_us, t.vacuums, t.analyzes)));
    let omitted = tables.len().saturating_sub(MAX_ITEMS) as u64;
    tables.truncate(MAX_ITEMS);
    Autovacuum {
        occurred,
        total_ms,
        max_ms,
        aggressive: total(draft, |i| i.maintenance.aggressive),
        to_prevent_wraparound: total(draft, |i| i.maintenance.to_prevent_wraparound),
        skipped: total(draft, |i| i.maintenance.skipped),
        cancelled: total(draft, |i| i.maintenance.cancelled),
        items: tables.into_iter().map(|(server, t)| table(draft, server, t)).collect(),
        omitted,
    }
}

fn table(draft: &Draft<'_>, server: &ServerFacts, t: &TableMaintenance) -> MaintenanceItem {
    MaintenanceItem {
        server: server.label.clone(),
        table: t.table.to_string(),
        vacuums: t.vacuums,
        aggressive: t.aggressive,
        to_prevent_wraparound: t.to_prevent_wraparound,
        analyzes: t.analyzes,
        skipped: t.skipped,
        cancelled: t.cancelled,
        vacuum_ms: ms(t.vacuum_us),
        longest_ms: ms(t.longest_us),
        analyze_ms: ms(t.analyze_us),
        cpu_ms: ms(t.cpu_us),
        io_ms: ms(t.io_us),
        delay_ms: ms(t.delay_us),
        index_scans: t.index_scans,
        pages_removed: t.pages_removed,
        pages_remain: t.pages_remain.number,
        tuples_removed: t.tuples_removed,
        tuples_remain: t.tuples_remain.number,
        tuples_not_removable: t.tuples_dead,
        buffer_hits: t.buffer_hits,
        buffer_misses: t.buffer_misses,
        buffer_dirtied: t.buffer_dirtied,
        wal_bytes: t.wal_bytes,
        first: at(t.first),
        last: at(t.last),
        source: t.example.place().map(|place| draft.evidence.facts.source(place)),
    }
}
