//! Which pieces pass, where that depends on other records of their session.
//!
//! A line that belongs to a record goes where that goes. A record that names no statement may get
//! one from such a line, and a statement that began may get its duration from a later record: until
//! then they wait, and what passes behind them waits with them, since a source keeps its order. Not
//! forever: when more than [`MAX_HELD_BYTES`] wait, the first is decided without what did not come.
//!
//! Everything here counts records and their bytes, never chunks, so that the outcome does not depend
//! on where a source was cut.

mod backward;
mod forward;

use super::pieces::Pieces;
use super::ready::Ready;
use super::wanted::{Claim, Verdicts, Wanted};
use crate::model::event::SpanRole;
use crate::time::Timestamp;
use backward::Later;
use forward::Session;
use hashbrown::HashMap;
use std::collections::VecDeque;

/// So much may wait for a decision, in bytes of one source that are written if it is good.
const MAX_HELD_BYTES: u64 = 4 * 1024 * 1024;
/// So many pieces may wait for one record.
const MAX_GROUP: usize = 10_000;
/// So many sessions are remembered at least: those whose last record came latest.
const MAX_SESSIONS: usize = 16 * 1024;

/// What was decided about a piece.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Verdict {
    Is(bool),
    /// What the group of this number gets.
    Waits(u64),
}

impl Verdict {
    fn group(self) -> Option<u64> {
        match self {
            Verdict::Is(_) => None,
            Verdict::Waits(group) => Some(group),
        }
    }
}

/// A piece that is written or left out as a whole.
struct Cell {
    /// Claims that are not decided. If one is good, the cell is.
    open: u32,
    passes: bool,
    /// It was counted among what is held.
    is_held: bool,
    units: u32,
    bytes: u64,
}

impl Cell {
    fn is_decided(&self) -> bool {
        self.passes || self.open == 0
    }
}

/// Pieces that get the same verdict, by the number of the first one's cell.
struct Group {
    session: u64,
    cells: Vec<u64>,
    /// A line that names its statement may come; else the duration.
    awaits_line: bool,
}

/// Bytes that wait.
struct Held {
    cell: u64,
    key: Option<Timestamp>,
    offset: u64,
    bytes: Box<[u8]>,
    records: u32,
}

/// Decides about the pieces of one source.
pub(super) struct Decider<'w> {
    wanted: &'w Wanted,
    /// Later entries were written earlier, so nothing is known of what came before.
    newest_first: bool,
    cells: VecDeque<Cell>,
    first_cell: u64,
    /// The first cell that is not decided, or the one behind all.
    oldest: u64,
    /// Bytes of the cells from there on that passed or may still pass.
    held_bytes: u64,
    sessions: HashMap<u64, Session>,
    /// The same for a source whose newest entries come first.
    later: HashMap<u64, Later>,
    groups: HashMap<u64, Group>,
    /// The verdict about the span before.
    last: Option<Verdict>,
    /// Bytes that belong to the next record, where the newest entries come first.
    rest: Option<u64>,
    claims: u64,
    queue: VecDeque<Held>,
    /// The latest time so far: a source keeps its order.
    key: Option<Timestamp>,
}

impl<'w> Decider<'w> {
    /// For one source, of which `first` is the first time that its beginning shows.
    pub fn new(wanted: &'w Wanted, newest_first: bool, first: Option<Timestamp>) -> Self {
        Decider {
            wanted,
            newest_first,
            cells: VecDeque::new(),
            first_cell: 0,
            oldest: 0,
            held_bytes: 0,
            sessions: HashMap::new(),
            later: HashMap::new(),
            groups: HashMap::new(),
            last: None,
            rest: None,
            claims: 0,
            queue: VecDeque::new(),
            key: first,
        }
    }

    /// Takes the next pieces of the source, which begin at `offset`; what passes for certain goes to
    /// `ready`.
    pub fn take(&mut self, pieces: &Pieces, chunk: &[u8], offset: u64, ready: &mut Ready) {
        let first = self.first_cell + self.cells.len() as u64;
        // Numbers rise in the order in which the source has its records.
        let newest_first = self.newest_first;
        let number = |cell: u32| match newest_first {
            false => first + u64::from(cell),
            true => first + u64::from(pieces.cells.saturating_sub(cell + 1)),
        };
        let empty = || Cell { open: 0, passes: false, is_held: false, units: 0, bytes: 0 };
        self.cells.extend((0..pieces.cells).map(|_| empty()));
        for unit in &pieces.units {
            if let Some(cell) = self.cell(number(unit.cell)) {
                cell.units += 1;
                cell.bytes += unit.bytes.len() as u64;
            }
        }
        for (cell, _) in &pieces.claims {
            if let Some(cell) = self.cell(number(*cell)) {
                cell.open += 1;
            }
        }
        let claims = pieces.claims.iter();
        match self.newest_first {
            false => claims.for_each(|(cell, claim)| self.decide(number(*cell), claim)),
            true => claims.rev().for_each(|(cell, claim)| self.decide(number(*cell), claim)),
        }
        self.flush(ready);
        let bytes = pieces.masked.as_ref().map_or(chunk, |masked| masked.as_bytes());
        for unit in &pieces.units {
            self.key = self.key.max(unit.time);
            let (number, at) = (number(unit.cell), offset + unit.start as u64);
            let key = self.key;
            let waits = !self.queue.is_empty();
            let Some(cell) = self.cell(number) else { continue };
            let passes = cell.passes;
            if passes && !waits || !passes && cell.is_decided() {
                cell.units -= 1;
                if passes {
                    let bytes = bytes.get(unit.bytes.clone()).unwrap_or_default();
                    ready.push(key, at, unit.records, bytes);
                }
                continue;
            }
            let bytes = bytes.get(unit.bytes.clone()).unwrap_or_default().into();
            self.queue.push_back(Held {
                cell: number,
                key,
                offset: at,
                bytes,
                records: unit.records,
            });
        }
        self.drop_cells();
    }

    /// The source has ended: nothing comes any more for what waits.
    pub fn finish(&mut self, ready: &mut Ready) {
        self.end_durations();
        let mut waiting: Vec<u64> = self.groups.keys().copied().collect();
        waiting.sort_unstable();
        waiting.into_iter().for_each(|group| self.resolve(group, false));
        self.flush(ready);
        self.drop_cells();
    }

    fn cell(&mut self, number: u64) -> Option<&mut Cell> {
        self.cells.get_mut(usize::try_from(number.checked_sub(self.first_cell)?).ok()?)
    }

    fn flush(&mut self, ready: &mut Ready) {
        while let Some(number) = self.queue.front().map(|held| held.cell) {
            let decided = self.cell(number).filter(|cell| cell.is_decided());
            let Some(cell) = decided else { return };
            cell.units -= 1;
            let passes = cell.passes;
            if let Some(held) = self.queue.pop_front().filter(|_| passes) {
                ready.push(held.key, held.offset, held.records, &held.bytes);
            }
        }
    }

    fn drop_cells(&mut self) {
        while self.first_cell < self.oldest
            && self.cells.front().is_some_and(|cell| cell.units == 0)
        {
            self.cells.pop_front();
            self.first_cell += 1;
        }
    }

    fn decide(&mut self, number: u64, claim: &Claim) {
        self.claims += 1;
        if let Some(cell) = self.cell(number).filter(|cell| !cell.is_held) {
            cell.is_held = true;
            self.held_bytes += cell.bytes;
        }
        let verdict = match claim.role {
            SpanRole::Foreign => Verdict::Is(!self.wanted.is_active()),
            SpanRole::Heading => Verdict::Is(true),
            SpanRole::Rest if self.newest_first => Verdict::Waits(*self.rest.get_or_insert(number)),
            SpanRole::Rest => self.last.unwrap_or(Verdict::Is(!self.wanted.is_active())),
            SpanRole::Attached if self.newest_first => self.attached_before(number, claim),
            SpanRole::Attached => self.attached(claim),
            SpanRole::Record { .. } if self.newest_first => self.record_before(number, claim),
            SpanRole::Record { lines_apart } => self.record(number, claim, lines_apart),
        };
        if matches!(claim.role, SpanRole::Record { .. } | SpanRole::Attached) {
            self.last = Some(verdict);
            if let Some(rest) = self.rest.take() {
                self.resolve(rest, verdict == Verdict::Is(true));
            }
        }
        match verdict {
            Verdict::Is(passes) => self.close(number, passes),
            Verdict::Waits(group) => {
                let waiting = self.groups.entry(group).or_insert_with(|| Group {
                    session: claim.session,
                    cells: Vec::new(),
                    awaits_line: !matches!(claim.says, Verdicts::Began(_)),
                });
                waiting.cells.push(number);
                if waiting.cells.len() > MAX_GROUP {
                    self.resolve(group, false);
                }
            }
        }
        self.advance();
        self.limit_held();
        self.forget_sessions();
        self.forget_later();
    }

    /// Whether a duration passes of whose statement nobody knows.
    fn passes_alone(&self, us: u64) -> bool {
        self.wanted.filter.passes_duration(Some(us)) && !self.wanted.selects_texts()
    }

    /// Everyone in a group gets its verdict.
    fn resolve(&mut self, number: u64, passes: bool) {
        let Some(group) = self.groups.remove(&number) else { return };
        for cell in group.cells {
            self.close(cell, passes);
        }
        let waits = Verdict::Waits(number);
        if let Some(session) = self.sessions.get_mut(&group.session)
            && session.last == waits
        {
            session.last = Verdict::Is(passes);
        }
        if self.last == Some(waits) {
            self.last = Some(Verdict::Is(passes));
        }
    }

    /// One of a cell's claims is decided.
    fn close(&mut self, number: u64, passes: bool) {
        let Some(cell) = self.cell(number).filter(|cell| !cell.is_decided()) else { return };
        cell.open -= 1;
        cell.passes |= passes;
        if cell.is_decided() && !cell.passes {
            self.held_bytes -= cell.bytes;
        }
    }

    /// Moves on to the first cell that is not decided.
    fn advance(&mut self) {
        loop {
            let oldest = self.oldest;
            let Some(cell) = self.cell(oldest).filter(|c| c.is_held && c.is_decided()) else {
                return;
            };
            let bytes = if cell.passes { cell.bytes } else { 0 };
            self.held_bytes -= bytes;
            self.oldest += 1;
        }
    }

    fn limit_held(&mut self) {
        while self.held_bytes > MAX_HELD_BYTES {
            let oldest = self.oldest;
            let waiting = self.cell(oldest).filter(|cell| cell.is_held && !cell.is_decided());
            let Some(cell) = waiting else { return };
            cell.open = 0;
            let bytes = cell.bytes;
            self.held_bytes -= bytes;
            self.advance();
        }
    }
}

/// From which claim on sessions are remembered, if there are too many of them.
fn newest(used: impl ExactSizeIterator<Item = u64>) -> Option<u64> {
    if used.len() <= 2 * MAX_SESSIONS {
        return None;
    }
    let mut used: Vec<u64> = used.collect();
    let middle = used.len() - MAX_SESSIONS;
    Some(*used.select_nth_unstable(middle).1)
}
