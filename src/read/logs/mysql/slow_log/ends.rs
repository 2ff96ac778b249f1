//! Where the statement of a slow log's record ends. In: text from a statement on. Out: its end, and
//! whether it had one.
//!
//! A statement whose literal never ends is looked at up to [`REACH`] in vain, and a server without
//! backslash escapes writes thousands of them. So a walk that failed leaves behind in what it stood
//! at each header on its way, and where it stopped: a later one that stands at such a header inside
//! the same goes on from there. There are few things to stand in, so that every byte is walked over
//! a few times at most, and what is said is what the full walk would say.

use super::record::Heads;
use crate::lang::sql::statement_end::{Inside, StatementEnds, Step};
use memchr::memmem;
use std::collections::VecDeque;

/// A statement that has no end within so many bytes is ended by force. Less than a chunk may hold,
/// so that this happens before a chunk is cut inside a record.
pub(super) const REACH: usize = 15 << 20;

/// Where a statement ends that only its literals could tell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct End {
    /// Behind the line that ends it.
    pub at: usize,
    /// It had no end, and was ended by force.
    pub is_forced: bool,
    /// It ends before its end.
    pub is_cut: bool,
}

/// Where the parts of a record stand that ends by its literals, as the cut found them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Outline {
    pub start: usize,
    pub header_end: usize,
    pub end: End,
}

impl Outline {
    /// How many places of [`crate::read::input::Taken::places`] it takes.
    pub const PLACES: usize = 3;

    pub fn encode(self) -> Option<[u32; Outline::PLACES]> {
        let place = |offset: usize| u32::try_from(offset).ok();
        let end = place(self.end.at << 1 | usize::from(self.end.is_forced))?;
        Some([place(self.start)?, place(self.header_end)?, end])
    }

    /// Where nothing follows a text, no place is encoded: only a forced end is a cut one.
    fn decode(places: &[u32]) -> Option<Outline> {
        let [start, header_end, end] = places.first_chunk::<{ Outline::PLACES }>()?;
        let is_forced = end & 1 == 1;
        let end = End { at: (end >> 1) as usize, is_forced, is_cut: is_forced };
        Some(Outline { start: *start as usize, header_end: *header_end as usize, end })
    }
}

/// What is known of a text's statements before they are read.
#[derive(Clone, Default, Debug)]
pub(super) struct Known<'k> {
    /// The outlines that the cut found, in their order; or none.
    places: &'k [u32],
    failed: Failed,
}

impl<'k> Known<'k> {
    pub fn new(places: &'k [u32]) -> Self {
        Known { places, failed: Failed::default() }
    }

    /// The text has lost so many bytes at its start.
    pub fn shift(&mut self, by: usize) {
        self.failed.shift(by);
    }

    /// The outline of the record that begins at an offset, if the cut found it.
    pub fn outline(&mut self, start: usize) -> Option<Outline> {
        loop {
            let outline = Outline::decode(self.places)?;
            if outline.start >= start {
                return (outline.start == start).then_some(outline);
            }
            self.places = &self.places[Outline::PLACES..];
        }
    }
}

/// Things that a header can stand in.
const STATES: usize = 5;
/// As many walks as headers can stand in things, and one that is under way.
const WALKS: usize = STATES + 1;
/// A header's first bytes, which open a comment where they stand in nothing.
const MARK: &[u8] = b"\n# ";

/// What walks that found no end came by.
#[derive(Clone, Default, Debug)]
struct Failed {
    /// The headers on their way, in rising order; all up to `searched`.
    heads: VecDeque<Passed>,
    searched: usize,
    /// Where they stopped. Those that no header tells of are free.
    stops: [Option<StatementEnds>; WALKS],
}

/// A header that walks came by.
#[derive(Clone, Copy, Debug)]
struct Passed {
    at: usize,
    /// Which walk stood there in what.
    walks: [Option<u8>; STATES],
}

impl Passed {
    /// Behind its mark.
    fn behind(&self) -> usize {
        self.at + MARK.len() - 1
    }
}

impl Failed {
    fn shift(&mut self, by: usize) {
        self.forget_before(by);
        self.heads.iter_mut().for_each(|head| head.at -= by);
        self.stops.iter_mut().flatten().for_each(|stop| stop.shift(by));
        self.searched = self.searched.saturating_sub(by);
    }

    fn forget_before(&mut self, at: usize) {
        while self.heads.front().is_some_and(|head| head.at < at) {
            self.heads.pop_front();
        }
        self.searched = self.searched.max(at);
    }

    /// The number of the first header that a walk has not come by yet.
    fn ahead_of(&self, walk: &StatementEnds) -> usize {
        self.heads.partition_point(|head| head.behind() <= walk.position())
    }

    /// Behind the mark of a header, by its number, if it stands before a limit.
    fn behind(&mut self, number: usize, text: &[u8], limit: usize, heads: Heads) -> Option<usize> {
        while number >= self.heads.len() && self.searched < limit {
            let from = self.searched.saturating_sub(1);
            let rest = text.get(from..limit).unwrap_or_default();
            let Some(found) = memmem::find(rest, MARK) else {
                // The mark may go on behind.
                self.searched = limit.saturating_sub(MARK.len() - 1).max(self.searched);
                return None;
            };
            let at = from + found + 1;
            match heads.begin(&text[at..], false) {
                // The line may go on behind.
                None => return None,
                Some(true) => self.heads.push_back(Passed { at, walks: [None; STATES] }),
                Some(false) => {}
            }
            self.searched = at + 1;
        }
        self.heads.get(number).map(Passed::behind).filter(|behind| *behind <= limit)
    }

    /// The walk that came by a header inside something.
    fn walk_at(&self, number: usize, state: usize) -> Option<usize> {
        self.heads.get(number)?.walks[state].map(usize::from)
    }

    /// Notes that a walk stopped there, and came by headers inside things.
    fn note(&mut self, walk: Option<usize>, stop: StatementEnds, by: &mut Vec<(usize, usize)>) {
        let Some(walk) = walk.or_else(|| self.free_walk()) else { return by.clear() };
        for (number, state) in by.drain(..) {
            if let Some(head) = self.heads.get_mut(number) {
                head.walks[state] = u8::try_from(walk).ok();
            }
        }
        self.stops[walk] = Some(stop);
    }

    /// Headers tell of a walk from the first one on that it came by, which is gone or the first here,
    /// up to where it stopped: so of all walks that any tells of, the first one does.
    fn free_walk(&self) -> Option<usize> {
        let first = self.heads.front()?;
        (0..WALKS).find(|walk| !first.walks.iter().flatten().any(|w| usize::from(*w) == *walk))
    }
}

fn state_of(inside: Inside) -> usize {
    match inside {
        Inside::Quotes(b'\'') => 0,
        Inside::Quotes(b'"') => 1,
        Inside::Quotes(_) => 2,
        Inside::Comment => 3,
        Inside::LineComment => 4,
    }
}

/// The text of a log from a record's start on, and what may follow a statement in it.
#[derive(Clone, Copy)]
pub(super) struct Statements<'t, F> {
    pub text: &'t [u8],
    pub heads: Heads,
    /// Nothing follows the text, or a record begins there.
    pub is_whole: bool,
    /// So many bytes of a statement are looked at.
    pub reach: usize,
    /// Where the next record begins, if one ended before an offset; `None` if more text is needed.
    pub boundary: F,
}

/// How a walk went.
enum Walked {
    /// Behind the line that ends the statement.
    End(usize),
    Outside,
    Inside,
}

impl<F: Fn(usize) -> Option<Option<usize>>> Statements<'_, F> {
    /// The end of the statement that begins at an offset; `None` if more text is needed. To be asked
    /// in rising order of one and the same text.
    pub fn end(&self, from: usize, known: &mut Known<'_>) -> Option<End> {
        let whole = self.text.len();
        let limit = from.saturating_add(self.reach);
        let is_limited = whole >= limit.saturating_add(StatementEnds::LOOKAHEAD);
        let limit = if is_limited { limit } else { whole };
        let failed = &mut known.failed;
        failed.forget_before(from);
        let walked = match failed.heads.is_empty() {
            true => self.walk(&mut StatementEnds::new(from), limit)?,
            false => self.walk_by_heads(from, limit, is_limited, failed)?,
        };
        match walked {
            Walked::End(at) => Some(End { at, is_forced: false, is_cut: false }),
            _ if !is_limited && !self.is_whole => None,
            Walked::Outside if !is_limited => {
                let is_cut = !self.text.trim_ascii_end().ends_with(b";");
                Some(End { at: whole, is_forced: false, is_cut })
            }
            Walked::Outside | Walked::Inside => {
                if failed.heads.is_empty() {
                    self.walk_by_heads(from, limit, is_limited, failed)?;
                }
                let at = self.forced_end(from, limit)?;
                Some(End { at, is_forced: true, is_cut: true })
            }
        }
    }

    fn walk(&self, ends: &mut StatementEnds, limit: usize) -> Option<Walked> {
        loop {
            match ends.next_step(self.text, limit) {
                Step::Line(line) => {
                    if (self.boundary)(line)?.is_some() {
                        return Some(Walked::End(line));
                    }
                }
                Step::Outside => return Some(Walked::Outside),
                Step::Inside => return Some(Walked::Inside),
            }
        }
    }

    /// The same from header to header, by what failed before.
    fn walk_by_heads(
        &self,
        from: usize,
        limit: usize,
        is_limited: bool,
        failed: &mut Failed,
    ) -> Option<Walked> {
        let mut ends = StatementEnds::new(from);
        let (mut on_walk, mut by, mut number) = (None, Vec::new(), 0);
        loop {
            let stop = failed.behind(number, self.text, limit, self.heads);
            let walked = self.walk(&mut ends, stop.unwrap_or(limit))?;
            let has_failed = is_limited || self.is_whole && matches!(walked, Walked::Inside);
            match (&walked, stop) {
                (Walked::End(_), _) => return Some(walked),
                (_, Some(stop)) if ends.position() >= stop => {
                    let state = ends.inside().map(state_of);
                    let walk = state.and_then(|state| failed.walk_at(number, state));
                    let there = walk.and_then(|walk| failed.stops[walk]);
                    match (there, state) {
                        (Some(there), _) if there.position() >= stop => {
                            match on_walk {
                                Some(_) => failed.note(on_walk, ends, &mut by),
                                None => failed.note(walk, there, &mut by),
                            }
                            (on_walk, ends) = (walk, there);
                            number = failed.ahead_of(&ends).max(number + 1);
                        }
                        (_, state) => {
                            by.extend(state.map(|state| (number, state)));
                            number += 1;
                        }
                    }
                }
                _ => {
                    if has_failed {
                        failed.note(on_walk, ends, &mut by);
                    }
                    return Some(walked);
                }
            }
        }
    }

    /// Where a statement without an end is ended: at the first header behind a `;` and a line end,
    /// else where the text ends.
    fn forced_end(&self, from: usize, limit: usize) -> Option<usize> {
        for found in memmem::find_iter(self.text.get(from..limit)?, b";\n") {
            if let Some(next) = (self.boundary)(from + found + 2)? {
                return Some(next);
            }
        }
        // Longer than a chunk may be: it is cut there, or the text ends.
        (self.is_whole && limit == self.text.len()).then_some(limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HEAD: &str = "# Time: 2026-11-23T03:10:43.690849Z\n";

    fn statements(
        text: &[u8],
        reach: usize,
    ) -> Statements<'_, impl Fn(usize) -> Option<Option<usize>>> {
        let heads = Heads { usual: true };
        let boundary = move |at: usize| {
            let rest = &text[at..];
            Some((rest.is_empty() || heads.begin(rest, true)?).then_some(at))
        };
        Statements { text, heads, is_whole: true, reach, boundary }
    }

    proptest! {
        #[test]
        fn what_failed_before_changes_no_end(
            words in prop::collection::vec(
                prop::sample::select(vec![
                    "'", "' ", "\"", "`", "\\", "#", "-- ", "/*", "*/", "\n", ";\n", ";\n", "abc ",
                    HEAD, HEAD, HEAD,
                ]),
                0..200,
            ),
            reach in prop::sample::select(vec![90_usize, 300, 1000, 1 << 20]),
            lost in 0..3_usize,
        ) {
            let text = words.concat();
            let mut text = text.as_bytes();
            let mut known = Known::default();
            let mut from = 0;
            while from < text.len() {
                let there = statements(text, reach);
                let end = there.end(from, &mut known);
                prop_assert_eq!(end, there.end(from, &mut Known::default()), "from {}", from);
                from = end.map_or(text.len(), |end| end.at.max(from + 1));
                from += memmem::find(&text[from..], b"\n").map_or(0, |at| at + 1);
                // The text before is handed out now and then.
                if from % 3 < lost {
                    known.shift(from);
                    text = &text[from..];
                    from = 0;
                }
            }
        }
    }

    #[test]
    fn literals_that_never_end_are_walked_over_once() {
        let record = format!("select ' C:\\'{};\n{HEAD}", "x".repeat(60));
        let text = record.repeat(60_000);
        let there = statements(text.as_bytes(), REACH);
        let mut known = Known::default();
        let expected = |at| End { at, is_forced: true, is_cut: true };
        for from in (0..text.len()).step_by(record.len()) {
            let at = from + record.len() - HEAD.len();
            assert_eq!(there.end(from, &mut known), Some(expected(at)));
        }
    }
}
