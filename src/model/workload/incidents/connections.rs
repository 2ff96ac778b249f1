//! Connections and sessions: how many came in, were let in or refused, by whom, how long they
//! lasted and how many were open at once.

use super::occurrences::Occurrences;
use crate::model::event::{Refusal, SessionStep};
use crate::model::workload::class::Dimensions;
use crate::model::workload::concurrency::Concurrency;
use crate::model::workload::examples::Place;
use crate::model::workload::histogram::Histogram;
use crate::model::workload::tally::{NameId, Names, Share, Tally};
use crate::time::Timestamp;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Names kept per dimension.
const MAX_NAMES: usize = 1000;
/// Authentication methods kept.
const MAX_METHODS: usize = 32;

/// Connections and sessions of one server.
#[derive(Clone, Debug, Default)]
pub struct Connections {
    /// Connections that came in.
    pub received: Occurrences,
    /// Most connections that the server itself counted as open; 0 where it never does.
    pub open_now: u64,
    /// Connections by the hosts they came from.
    pub received_by_host: Tally,
    /// Clients that said what they are.
    pub introduced: Occurrences,
    /// By their driver and its version.
    pub drivers: Tally,
    /// By their operating system.
    pub systems: Tally,
    /// By their application.
    pub introduced_by_app: Tally,
    /// Clients that proved who they are.
    pub authenticated: Occurrences,
    /// By which method.
    pub methods: Tally,
    /// As which user, when that line says.
    pub authenticated_by_user: Tally,
    /// Connections that were authorized.
    pub authorized: Occurrences,
    /// Of these, encrypted ones.
    pub encrypted: u64,
    /// Authorized connections by user, database, host and application.
    pub established: Dimensions,
    /// Connections set up to their first query; sum and max in microseconds.
    pub ready: Occurrences,
    /// Connections that were refused.
    pub refused: Occurrences,
    /// Why they were refused.
    pub refusals: BTreeMap<Refusal, u64>,
    /// Sessions that ended; sum and max in microseconds.
    pub disconnected: Occurrences,
    /// Ended sessions by user, database, host and application, with their time.
    pub sessions: Dimensions,
    /// Ended sessions by length.
    pub lengths: Histogram,
    /// Ended sessions that were open at once.
    pub open: Concurrency,
}

impl Connections {
    /// Adds a step; `who` is user, database, host and application.
    pub(in crate::model) fn add(
        &mut self,
        step: &SessionStep<'_>,
        time: Option<Timestamp>,
        place: Place,
        who: [Option<NameId>; 4],
        names: &mut Names,
    ) {
        let once = Share { calls: 1, total_us: 0 };
        match step {
            SessionStep::Received { open_now } => {
                self.received.add(time, 0, place);
                self.open_now = self.open_now.max(open_now.unwrap_or(0));
                if let Some(host) = who[2] {
                    self.received_by_host.add(names, host, once, MAX_NAMES);
                }
            }
            SessionStep::Introduced { driver, system } => {
                self.introduced.add(time, 0, place);
                let id = |name: &Option<_>, names: &mut Names| {
                    name.as_ref().map(|name: &Cow<'_, [u8]>| names.id(name))
                };
                for (tally, name) in [
                    (&mut self.drivers, id(driver, names)),
                    (&mut self.systems, id(system, names)),
                    (&mut self.introduced_by_app, who[3]),
                ] {
                    if let Some(name) = name {
                        tally.add(names, name, once, MAX_NAMES);
                    }
                }
            }
            SessionStep::Authenticated { method } => {
                self.authenticated.add(time, 0, place);
                if let Some(method) = method {
                    let method = names.id(method);
                    self.methods.add(names, method, once, MAX_METHODS);
                }
                if let Some(user) = who[0] {
                    self.authenticated_by_user.add(names, user, once, MAX_NAMES);
                }
            }
            SessionStep::Authorized { encrypted } => {
                self.authorized.add(time, 0, place);
                self.encrypted += u64::from(*encrypted);
                self.established.add(names, who, once, MAX_NAMES);
            }
            SessionStep::Ready { setup_us } => self.ready.add(time, *setup_us, place),
            SessionStep::Refused(refusal) => {
                self.refused.add(time, 0, place);
                *self.refusals.entry(*refusal).or_default() += 1;
            }
            SessionStep::Ended { duration_us } => {
                let us = duration_us.unwrap_or(0);
                self.disconnected.add(time, us, place);
                self.sessions.add(names, who, Share { calls: 1, total_us: us }, MAX_NAMES);
                let Some(us) = *duration_us else { return };
                self.lengths.add(us);
                if let (Some(end), Ok(length)) = (time, i64::try_from(us)) {
                    self.open.add(end.0.saturating_sub(length), end.0);
                }
            }
        }
    }

    /// Adds all of another part, whose names live in another table.
    pub(in crate::model) fn merge(&mut self, names: &mut Names, other: Self, theirs: &Names) {
        for (mine, theirs) in [
            (&mut self.received, &other.received),
            (&mut self.introduced, &other.introduced),
            (&mut self.authenticated, &other.authenticated),
            (&mut self.authorized, &other.authorized),
            (&mut self.ready, &other.ready),
            (&mut self.refused, &other.refused),
            (&mut self.disconnected, &other.disconnected),
        ] {
            mine.merge(theirs);
        }
        self.open_now = self.open_now.max(other.open_now);
        self.encrypted += other.encrypted;
        for (refusal, count) in other.refusals {
            *self.refusals.entry(refusal).or_default() += count;
        }
        for (mine, theirs_of) in [
            (&mut self.received_by_host, &other.received_by_host),
            (&mut self.drivers, &other.drivers),
            (&mut self.systems, &other.systems),
            (&mut self.introduced_by_app, &other.introduced_by_app),
            (&mut self.authenticated_by_user, &other.authenticated_by_user),
        ] {
            mine.merge(names, theirs_of, theirs, MAX_NAMES);
        }
        self.methods.merge(names, &other.methods, theirs, MAX_METHODS);
        self.established.merge(names, &other.established, theirs, MAX_NAMES);
        self.sessions.merge(names, &other.sessions, theirs, MAX_NAMES);
        self.lengths.merge(&other.lengths);
        self.open.merge(&other.open);
    }

    pub(in crate::model) fn each_place_mut(&mut self) -> impl Iterator<Item = &mut Place> {
        let all = [
            &mut self.received,
            &mut self.introduced,
            &mut self.authenticated,
            &mut self.authorized,
            &mut self.ready,
            &mut self.refused,
            &mut self.disconnected,
        ];
        all.into_iter().filter_map(|o| o.largest.place_mut())
    }

    /// Gives every name its id in another table.
    pub(in crate::model) fn move_names(&mut self, from: &Names, to: &mut Names) {
        let tallies = self.established.each_mut().into_iter().chain(self.sessions.each_mut());
        let others = [
            &mut self.received_by_host,
            &mut self.drivers,
            &mut self.systems,
            &mut self.introduced_by_app,
            &mut self.methods,
            &mut self.authenticated_by_user,
        ];
        for tally in tallies.chain(others) {
            tally.move_names(from, to);
        }
    }
}
