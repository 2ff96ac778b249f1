//! Runs grouped by another dimension.

use super::overview::times;
use super::ranking::rest;
use super::{Draft, ms};
use crate::judge::evidence::ClassEvidence;
use crate::model::workload::stats::Stats;
use crate::report::options::GroupBy;
use crate::report::types::{Group, Groups};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Runs by another dimension: tables and verbs are merged from the classes, all others were counted
/// while reading. Servers stay apart.
pub fn groups(draft: &Draft<'_>) -> Option<Groups> {
    let mut merged: BTreeMap<(&str, Option<String>), Stats> = BTreeMap::new();
    match &draft.options.group_by {
        GroupBy::Fingerprint => return None,
        GroupBy::Tables | GroupBy::Verb => {
            for class in &draft.evidence.classes {
                let name = match &draft.options.group_by {
                    GroupBy::Verb => Some(class.shape.verb.word().to_owned()),
                    _ => table_names(class),
                };
                merged.entry((&class.server.label, name)).or_default().merge(&class.class.stats);
            }
            for server in &draft.evidence.facts.servers {
                let folded = server.workload.folded();
                if folded.calls > 0 {
                    merged.entry((&server.label, None)).or_default().merge(folded);
                }
            }
        }
        GroupBy::Key(_) => {
            for server in &draft.evidence.facts.servers {
                for (name, stats) in server.workload.groups().ranked() {
                    let key = (server.label.as_str(), name.map(str::to_owned));
                    merged.entry(key).or_default().merge(stats);
                }
            }
        }
    }
    let mut members: Vec<_> = merged.into_iter().collect();
    members.sort_by_key(|(_, stats)| Reverse((stats.total_us, stats.calls)));
    let timed = draft.overall.total_us > 0;
    let weight = |s: &Stats| if timed { s.total_us } else { s.calls };
    let shown = draft.options.top.shown(members.iter().map(|(_, s)| weight(s)));
    let mut rest = rest(draft, members[..shown].iter().map(|(_, stats)| stats));
    rest.members = members.len() - shown;
    let items = members.into_iter().take(shown).map(|((server, name), stats)| Group {
        server: server.to_owned(),
        name,
        calls: stats.calls,
        total_ms: ms(stats.total_us),
        times: times(&stats),
        share: draft.share(stats.total_us),
    });
    Some(Groups { by: draft.options.group_by.to_string(), items: items.collect(), rest })
}

/// The tables of a class as one name, each once and in order of the alphabet.
fn table_names(class: &ClassEvidence<'_>) -> Option<String> {
    let names: BTreeSet<&str> = class.shape.tables.iter().map(|t| t.name.as_str()).collect();
    (!names.is_empty()).then(|| Vec::from_iter(names).join(", "))
}
