//! Samples of the list of sessions: what each session does, out of any engine's view of them.
//!
//! Rows of one time are one look at all sessions; a result set without times is one, too. Sessions that
//! have nothing to do, the server's own, and the one that looks are no waits. Of statements only the
//! class is kept, so no literal is.

use super::{Rows, View};
use crate::lang::fingerprint::Fingerprinter;
use crate::lang::id::QueryId;
use crate::model::catalog::{Catalog, Doer, Wait};
use crate::model::event::Engine;
use crate::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// A session, as one row shows it.
pub struct Session<'r> {
    /// Its number.
    pub id: Option<u64>,
    /// Its statement.
    pub statement: Option<&'r str>,
    /// The server's number of its statement.
    pub statement_id: Option<i64>,
    /// What it waits for, without statement and blocker; `None` where it is there for others that
    /// wait for it.
    pub wait: Option<Wait>,
    /// The numbers of the sessions that it waits for, the nearest first.
    pub blockers: Vec<u64>,
}

/// Columns that say which look a row belongs to.
const LOOKS: [&str; 3] = ["captured_at", "itr", "sample"];
/// What the statement of the session that looks holds.
const LOOKING: [&str; 3] = ["pg_stat_activity", "processlist", "innodb_lock_waits"];

/// Adds what the rows show to the profile of a view; `sessions` gives none for a row that does not wait.
pub fn sample(
    rows: &Rows<'_>,
    (view, engine): (&'static str, Engine),
    sessions: for<'r> fn(&View<'r>) -> Vec<Session<'r>>,
    catalog: &mut Catalog,
) {
    let mut classes =
        Classes { printer: Fingerprinter::new(engine.language()), engine, texts: BTreeMap::new() };
    let mut looks: BTreeMap<Option<&str>, (Option<Timestamp>, Vec<Session<'_>>)> = BTreeMap::new();
    for row in rows.iter() {
        let look = LOOKS.iter().find_map(|column| row.text(column));
        let (_, seen) = looks.entry(look).or_insert_with(|| (row.origin().taken, Vec::new()));
        seen.extend(sessions(&row));
    }
    if looks.is_empty() {
        looks.insert(None, (rows.taken(), Vec::new()));
    }
    let profile = catalog.waits.entry(view.into()).or_default();
    for (taken, sessions) in looks.into_values() {
        let doers: Vec<_> = sessions.iter().map(|one| classes.doer(one)).collect();
        let known = sessions.iter().zip(&doers);
        let by_id: BTreeMap<u64, Doer> =
            known.filter_map(|(session, doer)| session.id.zip(*doer)).collect();
        let mut waits = BTreeSet::new();
        for (session, doer) in sessions.into_iter().zip(doers) {
            let is_looking = session.statement.is_some_and(is_looking);
            let Some(wait) = session.wait.filter(|_| !is_looking) else { continue };
            let blocker = session.blockers.first();
            let blocked_by = blocker.map(|id| by_id.get(id).copied().unwrap_or(Doer::Session(*id)));
            waits.insert(Wait { doer, blocked_by, ..wait });
        }
        profile.add_sample(taken, waits, |class| classes.texts.get(&class).map(AsRef::as_ref));
    }
}

/// The classes of statements, with their normalised texts.
struct Classes {
    printer: Fingerprinter,
    engine: Engine,
    texts: BTreeMap<QueryId, Box<str>>,
}

impl Classes {
    /// Whose statement a session runs.
    fn doer(&mut self, session: &Session<'_>) -> Option<Doer> {
        let Some(text) = session.statement else {
            return session.statement_id.map(Doer::ServerId);
        };
        let fingerprint = self.printer.run(text.as_bytes());
        let id = fingerprint.id(self.engine.family());
        self.texts.entry(id).or_insert_with(|| fingerprint.display_text().into());
        Some(Doer::Class(id))
    }
}

fn is_looking(statement: &str) -> bool {
    let lower = statement.to_ascii_lowercase();
    LOOKING.iter().any(|name| lower.contains(name))
}
