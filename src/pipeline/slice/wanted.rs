//! Which records are wanted, as far as a record alone can tell.

use crate::lang::fingerprint::Fingerprinter;
use crate::lang::id::QueryId;
use crate::model::event::{Engine, Said, Says, Span, SpanDetail, SpanRole};
use crate::model::filter::{Filter, SessionChoice};

/// What was asked for, its times resolved.
pub(super) struct Wanted {
    pub filter: Filter,
    /// One of these sessions, when any is named.
    pub sessions: Vec<SessionChoice>,
}

impl Wanted {
    /// Whether anything is left out at all.
    pub fn is_active(&self) -> bool {
        self.filter.is_active() || !self.sessions.is_empty()
    }

    /// What must be known of spans to decide.
    pub fn detail(&self) -> SpanDetail {
        match self.filter.selects_statements() {
            true => SpanDetail::Statements,
            false => SpanDetail::Places,
        }
    }

    /// Whether statements are chosen by their text, so that a duration alone says too little.
    pub fn selects_texts(&self) -> bool {
        self.filter.exclude_query.is_some() || !self.filter.query_ids.is_empty()
    }

    fn passes_session(&self, span: &Span<'_>) -> bool {
        self.sessions.is_empty()
            || self.sessions.iter().any(|s| s.passes(span.session, span.session_id, span.time))
    }
}

/// What a span is for the decision, apart from its bytes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Claim {
    /// The key of its session.
    pub session: u64,
    /// It passes by its time, by who caused it and by its session.
    pub base: bool,
    pub role: SpanRole,
    pub says: Verdicts,
}

impl Claim {
    /// Whether the statement passes that a line names for its record.
    pub fn names(&self) -> Option<bool> {
        match self.says {
            Verdicts::Beside(passes) => Some(passes),
            _ => None,
        }
    }
}

/// What a span says of a statement, judged: whether that statement passes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Verdicts {
    Nothing,
    Settled,
    /// By text and duration.
    Ran(bool),
    /// By text and duration.
    Beside(bool),
    /// By text; a duration may follow.
    Began(bool),
    /// A duration, in microseconds, of what began before.
    Duration(u64),
}

/// Judges spans; one per worker.
pub(super) struct Judge<'w> {
    wanted: &'w Wanted,
    engine: Engine,
    printer: Fingerprinter,
}

impl<'w> Judge<'w> {
    /// For the statements of one engine.
    pub fn new(wanted: &'w Wanted, engine: Engine) -> Self {
        Judge { wanted, engine, printer: Fingerprinter::new(engine.language()) }
    }

    /// The engine that it judges the statements of.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Judges one span.
    pub fn claim(&mut self, span: &Span<'_>) -> Claim {
        let filter = &self.wanted.filter;
        let by_whom = filter.passes_who(&span.who) && self.wanted.passes_session(span);
        let base = by_whom && filter.passes_time(span.time);
        // A text is looked at only where it may count: a record of another time may still lend it
        // to one that passes.
        let says = match span.says {
            Says::Nothing => Verdicts::Nothing,
            Says::Settled => Verdicts::Settled,
            Says::Ran(said) => Verdicts::Ran(base && self.passes_run(&said)),
            Says::Beside(said) => Verdicts::Beside(match span.role {
                SpanRole::Attached => by_whom && self.passes_text(&said),
                _ => base && self.passes_run(&said),
            }),
            Says::Began(said) => Verdicts::Began(by_whom && self.passes_text(&said)),
            Says::Duration(us) => Verdicts::Duration(us),
        };
        Claim { session: span.session, base, role: span.role, says }
    }

    fn passes_run(&mut self, said: &Said<'_>) -> bool {
        self.wanted.filter.passes_duration(said.duration_us) && self.passes_text(said)
    }

    /// By the words and by the class, as analyze finds it.
    fn passes_text(&mut self, said: &Said<'_>) -> bool {
        let filter = &self.wanted.filter;
        if !filter.passes_text(said.text) {
            return false;
        }
        if filter.query_ids.is_empty() {
            return true;
        }
        let print = self.printer.run(said.text);
        let truncated = said.cut || print.truncated;
        filter.passes_class(QueryId::new(self.engine.family(), print.text, truncated))
    }
}
