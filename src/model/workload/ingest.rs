//! Events in: the only way into a workload, and the place where literals stay outside.

use super::class::{CLASS_NAMES, Class};
use super::examples::{Example, Place, Run, head_and_tail};
use super::running::Owner;
use super::tally::{NameId, Share};
use super::{GroupKey, Keep, WORKLOAD_NAMES, Workload, attributes, happening, mix};
use crate::lang::Language;
use crate::lang::facts::LiteralFacts;
use crate::lang::fingerprint::Comments;
use crate::lang::id::QueryId;
use crate::lang::literals::mask_statement;
use crate::lang::sql::tags::tags;
use crate::model::catalog::Origin;
use crate::model::event::{Event, Kind, Phase, Statement, Who};
use crate::model::filter::Filter;

/// Statements whose class is remembered by the number their fingerprinter gives them.
const KNOWN: usize = 4096;

/// Where a statement belongs.
pub(super) enum Placed {
    /// To a class that is kept; with what its literals were, and its comments.
    Kept { at: usize, facts: LiteralFacts, comments: Comments },
    /// To one of too many classes: counted in the whole only.
    Folded,
    /// To none that was asked for.
    Unwanted,
}

impl Workload {
    /// Adds one event of a source (by its rank), if it passes the filter. Returns whether it did.
    pub fn add(&mut self, event: &Event<'_>, source: u32, filter: &Filter) -> bool {
        // What a catalog says holds whoever asked for which runs.
        if !matches!(event.kind, Kind::Catalog(_) | Kind::Counters(_)) && !filter.passes(event) {
            return false;
        }
        let place = Place { source, offset: event.offset, line_in_chunk: event.line };
        let time = event.time;
        let passed = match &event.kind {
            Kind::Statement(statement) => self.add_run(statement, event, place, filter),
            Kind::Phase { phase, text, duration_us } => {
                self.add_phase(*phase, text, *duration_us, filter)
            }
            Kind::Plan { statement, plans, duration_us } => {
                let run = Run { duration_us: *duration_us, time, place };
                self.add_plans(statement.as_deref(), *plans, run, filter)
            }
            Kind::Catalog(told) => {
                let mut told = (*told).clone();
                told.each_place_mut(&mut |place| place.source = source);
                self.catalog.merge(told);
                true
            }
            Kind::Counters(told) => {
                let origin = Origin { taken: told.taken, place };
                self.add_counters(told, origin, filter)
            }
            Kind::Version(version) => {
                let version = (time, String::from_utf8_lossy(version).into());
                self.version = self.version.take().max(Some(version));
                true
            }
            _ if filter.selects_statements() && !happening::is_of_statement(&event.kind) => false,
            Kind::OrphanDuration { duration_us } => {
                self.orphans.add(1, *duration_us);
                true
            }
            _ => self.add_happening(event, place, filter),
        };
        if passed && event.who.session != 0 && event.who.session != self.last_session {
            self.last_session = event.who.session;
            self.sessions.add(event.who.session);
        }
        passed
    }

    fn add_run(
        &mut self,
        run: &Statement<'_>,
        event: &Event<'_>,
        place: Place,
        filter: &Filter,
    ) -> bool {
        if !filter.passes_run(&run.text, run.duration_us) {
            return false;
        }
        let slow = self.keep.slow_from_us;
        self.overall.take();
        let (at, facts, comments) = match self.place(&run.text, run.cut, filter) {
            Placed::Kept { at, facts, comments } => (at, facts, comments),
            Placed::Unwanted => return false,
            Placed::Folded => {
                self.running.add(event.time, run.duration_us);
                self.folded.add(event.time, run.duration_us, slow);
                self.folded.stands_for(run.one_in, run.duration_us);
                return true;
            }
        };
        if let (Some(time), Some(us)) = (event.time, run.duration_us) {
            let second = time.0.div_euclid(1_000_000);
            self.marks.add(mix(second as u64, us));
        }
        self.running.add(event.time, run.duration_us);
        let who = self.who_ids(&event.who);
        let [user, _, host, _] = who.map(|name| name.map_or(0, |id| self.names.hash(id)));
        self.running.add_session(event.who.session, Owner { user, host });
        let share = Share { calls: 1, total_us: run.duration_us.unwrap_or(0) };
        let class = &mut self.classes[at];
        class.stats.add(event.time, run.duration_us, slow);
        class.facts.merge(&facts);
        class.who.add(&self.names, who, share, CLASS_NAMES);
        class.prepared += u64::from(run.prepared);
        if run.one_in > 1 {
            class.stats.stands_for(run.one_in, run.duration_us);
        }
        if run.failed {
            class.troubles_mut().errors += 1;
        }
        if !run.attributes.is_empty() {
            let keep = self.keep.literals;
            class.attributes_mut().add(run.attributes, share, &mut self.names, keep);
        }
        self.who.add(&self.names, who, share, WORKLOAD_NAMES);
        if run.server_query_id != 0 {
            class.add_server_id(run.server_query_id, 1);
        }
        let tags = tags_of(&run.text, comments);
        for (key, value) in &tags {
            let value = self.names.id(value.as_bytes());
            if let Some(tally) = class.tag_tally(key) {
                tally.add(&self.names, value, share, Keep::TAG_VALUES);
            }
        }
        if let Some(plan) = run.plan {
            let run = Run { duration_us: run.duration_us, time: event.time, place };
            self.plans.add(1, run.duration_us.unwrap_or(0));
            self.read_plans(Some(at), plan, run);
        }
        self.add_to_group(who, &tags, event, run);
        let candidate = Run { duration_us: run.duration_us, time: event.time, place };
        let (keep, language, scratch) = (self.keep.literals, self.language, &mut self.scratch);
        self.classes[at].examples.offer(candidate, || {
            let text = kept_text(&run.text, keep, language, scratch);
            Example {
                run: candidate,
                text: text.into(),
                logged_bytes: run.text.len() as u64,
                parameters: run
                    .parameters
                    .as_ref()
                    .filter(|_| keep)
                    .map(|p| head_and_tail(&String::from_utf8_lossy(p))),
                tags: tags.iter().map(|(k, v)| (k.as_str().into(), v.as_str().into())).collect(),
            }
        });
        if self.names.len() > self.names_next_prune {
            self.prune_names();
        }
        true
    }

    fn add_to_group(
        &mut self,
        [user, database, host, app]: [Option<NameId>; 4],
        tags: &[(String, String)],
        event: &Event<'_>,
        run: &Statement<'_>,
    ) {
        let Some(key) = &self.keep.group_by else { return };
        let said = match key {
            GroupKey::Attribute(name) => {
                let word = attributes::word(run.attributes, name, self.keep.literals);
                word.map(|word| self.names.id(word.as_bytes()))
            }
            _ => None,
        };
        let name = |id: Option<NameId>| id.map(|id| self.names.text(id));
        let value = match key {
            GroupKey::User => name(user),
            GroupKey::Database => name(database),
            GroupKey::Host => name(host),
            GroupKey::App => name(app),
            GroupKey::Tag(key) => tags.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str()),
            GroupKey::Attribute(_) => name(said),
        };
        self.groups.add(value, event.time, run.duration_us, self.keep.slow_from_us);
    }

    fn add_phase(&mut self, phase: Phase, text: &[u8], us: u64, filter: &Filter) -> bool {
        let placed = self.place(text, false, filter);
        if matches!(placed, Placed::Unwanted) {
            return false;
        }
        match phase {
            Phase::Parse => self.parse.add(1, us),
            Phase::Bind => self.bind.add(1, us),
        }
        if let Placed::Kept { at, .. } = placed {
            let class = &mut self.classes[at];
            match phase {
                Phase::Parse => class.parse.add(1, us),
                Phase::Bind => class.bind.add(1, us),
            }
        }
        true
    }

    /// Finds the class of a statement, or makes it.
    pub(super) fn place(&mut self, text: &[u8], cut: bool, filter: &Filter) -> Placed {
        let print = self.fingerprinter.run(text);
        let truncated = cut || print.truncated;
        let known_as = if cut { 0 } else { print.known_as };
        let place = known_as as usize % KNOWN;
        if let Some((serial, at)) = self.known.get(place)
            && *serial == known_as
            && known_as != 0
            && filter.passes_class(self.classes[*at as usize].id)
        {
            return Placed::Kept {
                at: *at as usize,
                facts: print.facts,
                comments: print.comments(),
            };
        }
        let id = QueryId::new(self.family, print.text, truncated);
        if !filter.passes_class(id) {
            return Placed::Unwanted;
        }
        let facts = print.facts;
        let comments = print.comments();
        let at = match self.index.get(&id) {
            Some(at) => Some(*at as usize),
            None if self.threshold.keeps(id.0) => {
                let class = Class::new(id, print.display_text().into(), truncated);
                self.insert(class)
            }
            None => None,
        };
        let Some(at) = at else { return Placed::Folded };
        if known_as != 0 {
            self.known.resize(KNOWN, (0, 0));
            self.known[place] = (known_as, at as u32);
        }
        Placed::Kept { at, facts, comments }
    }

    pub(super) fn who_ids(&mut self, who: &Who<'_>) -> [Option<NameId>; 4] {
        let names = [who.user, who.database, who.host, who.app];
        for (last, name) in self.last_who.iter_mut().zip(names) {
            let is_same = match (*last, name) {
                (Some(id), Some(name)) => self.names.text(id).as_bytes() == name,
                (last, name) => last.is_none() && name.is_none(),
            };
            if !is_same {
                *last = name.map(|name| self.names.id(name));
            }
        }
        self.last_who
    }
}

/// The tags of a statement's comments. Of a key that comes twice the first counts.
fn tags_of(text: &[u8], comments: Comments) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for (start, end) in comments.as_slice() {
        for (key, value) in tags(&text[*start..*end]) {
            if found.iter().all(|(known, _)| *known != key) {
                found.push((key, value));
            }
        }
    }
    found
}

/// The text of an example: masked unless literals are kept, and cut to its limit.
fn kept_text(text: &[u8], keep: bool, language: Language, scratch: &mut String) -> Box<str> {
    if keep {
        return head_and_tail(&String::from_utf8_lossy(text));
    }
    scratch.clear();
    mask_statement(text, language, scratch);
    head_and_tail(scratch)
}
