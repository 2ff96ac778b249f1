//! Error numbers by class, as the slow logs that carry them tell (`Errno`, `Last_errno`). Judges nothing.

use crate::lang::id::QueryId;
use crate::model::event::Known;
use crate::model::facts::ServerFacts;
use crate::model::workload::attributes::Figures;
use crate::model::workload::class::Class;
use std::cmp::Reverse;

/// A deadlock: the transaction was rolled back.
pub(super) const DEADLOCK: &str = "1213";

/// Runs of a class that failed with one number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Failed<'f> {
    /// The server's error number.
    pub code: &'f str,
    /// How many runs.
    pub runs: u64,
    /// The class.
    pub class: &'f Class,
}

impl Failed<'_> {
    fn order(&self) -> (Reverse<u64>, QueryId) {
        (Reverse(self.runs), self.class.id)
    }
}

/// All that failed with a number, most runs first.
pub(super) fn of(server: &ServerFacts) -> Vec<Failed<'_>> {
    let mut failed = Vec::new();
    for class in server.workload.classes() {
        let Some(Figures::Words(codes)) = class.attributes().get(Known::Errno) else { continue };
        let codes = codes.ranked(server.workload.names());
        failed.extend(codes.into_iter().map(|(code, share)| Failed {
            code,
            runs: share.calls,
            class,
        }));
    }
    failed.sort_by(|a, b| a.order().cmp(&b.order()).then(a.code.cmp(b.code)));
    failed
}
