//! What happened beside queries, into the topics of [`super::incidents`] and onto the classes it
//! concerns.

use super::Workload;
use super::class::Files;
use super::examples::Place;
use super::incidents::locks::{DeadlockPart, Wait, name};
use super::incidents::messages::MessageRecord;
use super::incidents::occurrences::Largest;
use super::ingest::Placed;
use crate::lang::Language;
use crate::lang::id::QueryId;
use crate::model::event::{Deadlock, Event, Kind, LockStep, LockWait, LogMessage};
use crate::model::filter::Filter;
use crate::time::Timestamp;
use std::borrow::Cow;

/// Whether an event may belong to one statement, so that filters on statements can let it pass.
pub(super) fn is_of_statement(kind: &Kind<'_>) -> bool {
    match kind {
        Kind::Message(message) => message.statement.is_some(),
        Kind::LockWait(wait) => wait.statement.is_some(),
        Kind::Deadlock(deadlock) => deadlock.statement.is_some(),
        Kind::TempFile { statement, .. } => statement.is_some(),
        _ => false,
    }
}

/// A statement that something happened to.
enum Concerned {
    /// None, or one of a class that is not kept.
    Nobody,
    /// The class at this index.
    Class(usize),
    /// One that was not asked for.
    Unwanted,
}

impl Workload {
    /// Adds what happened; returns whether it counted.
    pub(super) fn add_happening(
        &mut self,
        event: &Event<'_>,
        place: Place,
        filter: &Filter,
    ) -> bool {
        let time = event.time;
        match &event.kind {
            Kind::Message(message) => return self.add_message(message, time, place, filter),
            Kind::LockWait(wait) => return self.add_lock_wait(wait, time, place, filter),
            Kind::Deadlock(deadlock) => return self.add_deadlock(deadlock, time, place, filter),
            Kind::TempFile { size_bytes, statement } => {
                match self.concerned(statement.as_ref(), filter) {
                    Concerned::Unwanted => return false,
                    Concerned::Nobody => {}
                    Concerned::Class(at) => self.classes[at].troubles_mut().temp_files.add(Files {
                        count: 1,
                        total_bytes: *size_bytes,
                        max_bytes: *size_bytes,
                        largest: Largest::of(*size_bytes, time, place),
                    }),
                }
                self.incidents.temp_files.add(time, *size_bytes, place);
            }
            Kind::Session(step) => {
                let who = self.who_ids(&event.who);
                self.incidents.connections.add(step, time, place, who, &mut self.names);
            }
            Kind::CheckpointStarting(cause) => self.incidents.checkpoints.begin(*cause),
            Kind::Checkpoint(checkpoint) => self.incidents.checkpoints.add(checkpoint, time, place),
            Kind::SlowCheckpoint { duration_us } => {
                self.incidents.slow_checkpoints.add(time, *duration_us, place);
            }
            Kind::Maintenance(done) => self.incidents.maintenance.add(done, time, place),
            Kind::IndexBuild(build) => self.incidents.index_builds.add(build, time, place),
            Kind::Expiry(expiry) => self.incidents.expiries.add(expiry, time, place),
            Kind::Pool(stats) => self.incidents.pool.add(stats, time, place),
            Kind::ApplicationPool(news) => {
                self.incidents.application_pools.add(news, time, place);
            }
            Kind::Apart { why, duration_us } => {
                let apart = self.apart.entry(*why).or_default();
                apart.add(1, duration_us.unwrap_or(0));
            }
            Kind::Suppressed { count, total_us } => self.suppressed.add(*count, *total_us),
            Kind::Statement(_)
            | Kind::Phase { .. }
            | Kind::Plan { .. }
            | Kind::Catalog(_)
            | Kind::Counters(_)
            | Kind::OrphanDuration { .. }
            | Kind::Version(_) => return false,
        }
        true
    }

    fn add_message(
        &mut self,
        message: &LogMessage<'_>,
        time: Option<Timestamp>,
        place: Place,
        filter: &Filter,
    ) -> bool {
        let concerned = self.concerned(message.statement.as_ref(), filter);
        let mut statement = None;
        match concerned {
            Concerned::Unwanted => return false,
            Concerned::Nobody => {}
            Concerned::Class(at) => {
                statement = Some(self.classes[at].id);
                let class = self.classes[at].troubles_mut();
                class.errors += u64::from(message.level.is_error());
                if let Some(why) = message.cancelled {
                    class.cancelled += u64::from(!why.ends_session());
                    class.timeouts += u64::from(why.is_timeout());
                    if let Some(us) = message.lost_us {
                        class.lost.add(1, us);
                    }
                }
            }
        }
        let record = MessageRecord {
            level: message.level,
            code: &message.code,
            text: &message.text,
            is_sql: matches!(self.language, Language::Sql(_)),
            topic: message.topic,
            time,
            place,
            statement,
        };
        self.incidents.messages.add(&record, &mut self.scratch);
        if let Some(why) = message.cancelled {
            let all = &mut self.incidents;
            let occurred = match why.ends_session() {
                true => &mut all.terminated,
                false => &mut all.cancelled,
            };
            occurred.add(time, message.lost_us.unwrap_or(0), place);
            *all.cancellations.entry(why).or_default() += 1;
        }
        true
    }

    fn add_lock_wait(
        &mut self,
        wait: &LockWait<'_>,
        time: Option<Timestamp>,
        place: Place,
        filter: &Filter,
    ) -> bool {
        let mut class = None;
        match self.concerned(wait.statement.as_ref(), filter) {
            Concerned::Unwanted => return false,
            Concerned::Nobody => {}
            Concerned::Class(at) => {
                class = Some(self.classes[at].id);
                if wait.step != LockStep::Waiting {
                    self.classes[at].troubles_mut().lock_waits.add(1, wait.waited_us);
                }
            }
        }
        let holder = wait.holder.as_ref().and_then(|holder| holder.statement.as_ref());
        let holder = self.class_of(holder);
        self.incidents.locks.add_wait(&Wait {
            step: wait.step,
            mode: &wait.mode,
            object: wait.object,
            table: wait.table.as_deref(),
            waited_us: wait.waited_us,
            queue: wait.queue,
            class,
            holder,
            time,
            place,
        });
        true
    }

    fn add_deadlock(
        &mut self,
        deadlock: &Deadlock<'_>,
        time: Option<Timestamp>,
        place: Place,
        filter: &Filter,
    ) -> bool {
        let statement = match self.concerned(deadlock.statement.as_ref(), filter) {
            Concerned::Unwanted => return false,
            Concerned::Nobody => None,
            Concerned::Class(at) => Some(self.classes[at].id),
        };
        let parts = deadlock
            .participants
            .iter()
            .map(|participant| DeadlockPart {
                class: self.class_of(participant.statement.as_ref()),
                mode: name(&participant.mode),
                object: participant.object,
                table: participant.table.as_deref().map(name),
                index: participant.index.as_deref().map(name),
            })
            .collect();
        let example = (time, place, statement);
        let locks = &mut self.incidents.locks;
        let table = deadlock.table.as_deref();
        match deadlock.is_repeated {
            true => locks.add_repeated_deadlock(parts, table, example),
            false => locks.add_deadlock(parts, table, example),
        }
        true
    }

    /// Counts what statuses told again and again, once all is read.
    pub(in crate::model) fn count_repeated(&mut self) {
        self.incidents.locks.count_repeated();
    }

    fn concerned(&mut self, statement: Option<&Cow<'_, [u8]>>, filter: &Filter) -> Concerned {
        match statement.map(|text| self.place(text, false, filter)) {
            None | Some(Placed::Folded) => Concerned::Nobody,
            Some(Placed::Kept { at, .. }) => Concerned::Class(at),
            Some(Placed::Unwanted) => Concerned::Unwanted,
        }
    }

    /// The class of somebody else's statement: no filter asks for it.
    fn class_of(&mut self, statement: Option<&Cow<'_, [u8]>>) -> Option<QueryId> {
        match self.concerned(statement, &Filter::default()) {
            Concerned::Class(at) => Some(self.classes[at].id),
            _ => None,
        }
    }
}
