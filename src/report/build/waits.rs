//! The profile of waits out of the samples of all servers.

use super::{Draft, rounded_share};
use crate::model::catalog::{Doer, Wait, WaitProfile};
use crate::report::types::{At, SampledWaits, WaitItem};
use std::cmp::Reverse;

/// What was seen on all servers. A share is of the looks that the same view had on the same server.
pub fn waits(draft: &Draft<'_>) -> SampledWaits {
    let mut all = SampledWaits::default();
    for server in &draft.evidence.facts.servers {
        for profile in server.catalog.waits.values() {
            all.samples += profile.samples;
            all.folded += profile.folded;
            all.first = all.first.into_iter().chain(profile.first.map(At)).min();
            all.last = all.last.max(profile.last.map(At));
            let items = profile.seen().map(|(wait, samples)| WaitItem {
                share: (profile.samples > 1)
                    .then(|| rounded_share(samples as f64 / profile.samples as f64)),
                samples,
                ..item(&server.label, wait, profile)
            });
            all.items.extend(items);
        }
    }
    // Of equals the one that waits for something is told first; the rest keeps its order.
    all.items.sort_by_key(|item| (Reverse(item.samples), item.event.is_none()));
    all
}

fn item(server: &str, wait: &Wait, profile: &WaitProfile) -> WaitItem {
    let text = |text: &Option<Box<str>>| text.as_deref().map(str::to_owned);
    let doer = |doer: Option<Doer>| doer.map(|doer| doer.to_string());
    WaitItem {
        server: server.to_owned(),
        query_id: doer(wait.doer),
        statement: match wait.doer {
            Some(Doer::Class(class)) => profile.statement(class).map(str::to_owned),
            _ => None,
        },
        event_type: text(&wait.event_type),
        event: text(&wait.event),
        state: text(&wait.state),
        blocked_by: doer(wait.blocked_by),
        samples: 0,
        share: None,
    }
}
