//! What was read, while more may come: parts of one reading merge in any order, and are sealed into
//! [`Facts`] once. Only then is it decided which views tell of the same runs.

use super::event::Engine;
use super::facts::{Facts, InputFacts, ServerFacts};
use super::workload::{Keep, Workload};
use std::cmp::Reverse;

/// From this share of common runs on, two formats of one server tell of the same runs.
const SAME_RUNS: f64 = 0.5;

/// One server as one format tells it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct View {
    /// The server's label.
    pub server: String,
    /// Its engine.
    pub engine: Engine,
    /// The format's name.
    pub format: &'static str,
    /// What it is, if it tells of work that other inputs tell as the server's own.
    pub apart: Option<&'static str>,
}

/// Parts that cannot be merged.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum MergeError {
    /// The same content is in both.
    #[error("{0} is in both parts: merging them would count it twice")]
    Overlap(String),
    /// They were read with options that change what the numbers mean.
    #[error("the parts were read with different options and cannot be added up")]
    Options,
}

/// What was read so far.
#[derive(Debug)]
pub struct Parts {
    /// The inputs, by shown path; examples refer to them by rank.
    pub inputs: Vec<InputFacts>,
    /// The workload of each view, in the order of views.
    pub views: Vec<(View, Workload)>,
    /// What was kept, and how.
    pub keep: Keep,
}

impl Parts {
    /// Adds all of another part. Associative and commutative: the result is that of one reading.
    pub fn merge(mut self, mut other: Parts) -> Result<Parts, MergeError> {
        if self.keep != other.keep {
            return Err(MergeError::Options);
        }
        let content = |input: &InputFacts| input.content.filter(|_| input.bytes > 0);
        if let Some(twice) = other.inputs.iter().find(|theirs| {
            content(theirs).is_some()
                && self.inputs.iter().any(|mine| content(mine) == content(theirs))
        }) {
            return Err(MergeError::Overlap(twice.path.clone()));
        }
        // Both lists are sorted, so ranks keep their order when the lists are woven together.
        let mut tagged: Vec<(bool, usize, InputFacts)> = Vec::new();
        tagged.extend(self.inputs.drain(..).enumerate().map(|(rank, input)| (false, rank, input)));
        tagged.extend(other.inputs.drain(..).enumerate().map(|(rank, input)| (true, rank, input)));
        tagged.sort_by(|a, b| a.2.path.cmp(&b.2.path).then(a.2.content.cmp(&b.2.content)));
        let mut ranks = [Vec::new(), Vec::new()];
        for (new, (is_other, old, _)) in tagged.iter().enumerate() {
            let of = &mut ranks[usize::from(*is_other)];
            of.resize(of.len().max(old + 1), 0);
            of[*old] = new as u32;
        }
        self.inputs = tagged.into_iter().map(|(_, _, input)| input).collect();
        self.views.iter_mut().for_each(|(_, workload)| workload.renumber(&ranks[0]));
        for (view, mut workload) in other.views {
            workload.renumber(&ranks[1]);
            match self.views.binary_search_by(|(mine, _)| mine.cmp(&view)) {
                Ok(at) => self.views[at].1.merge(workload),
                Err(at) => self.views.insert(at, (view, workload)),
            }
        }
        Ok(self)
    }

    /// The facts: per server the fullest view counts, other views of the same runs are dropped, and
    /// views of other runs are added.
    pub fn seal(self) -> Facts {
        let Parts { mut inputs, mut views, keep } = self;
        views.sort_by_key(|(view, workload)| {
            let fullness = Reverse(workload.overall().calls);
            ((view.server.clone(), view.engine), fullness, view.format)
        });
        let mut servers: Vec<Open> = Vec::new();
        for (view, workload) in views {
            match servers.last_mut() {
                Some(open)
                    if open.view.server == view.server && open.view.engine == view.engine =>
                {
                    open.take(&view, workload, &mut inputs);
                }
                _ => servers.push(Open { kept: vec![(view.format, workload)], view }),
            }
        }
        Facts { inputs, servers: servers.into_iter().filter_map(Open::close).collect(), keep }
    }
}

/// One server while its views are compared.
struct Open {
    view: View,
    kept: Vec<(&'static str, Workload)>,
}

impl Open {
    /// Takes another view: dropped where it tells of runs that are already there.
    fn take(&mut self, view: &View, workload: Workload, inputs: &mut [InputFacts]) {
        let Some((format, _)) =
            self.kept.iter().find(|(_, mine)| mine.overlap(&workload) >= SAME_RUNS)
        else {
            return self.kept.push((view.format, workload));
        };
        let is_of = |input: &InputFacts, format: &str| {
            input.server.as_deref() == Some(&view.server) && input.format == Some(format)
        };
        let of = inputs.iter().find(|input| is_of(input, format)).map(|input| input.path.clone());
        for input in inputs.iter_mut().filter(|input| is_of(input, view.format)) {
            input.duplicate_of.clone_from(&of);
            input.events = 0;
            input.notes.push(format!(
                "another view of the runs that {format} tells of: counted there once"
            ));
        }
    }

    fn close(self) -> Option<ServerFacts> {
        let mut kept = self.kept.into_iter();
        let (_, mut workload) = kept.next()?;
        kept.for_each(|(_, other)| workload.merge(other));
        let View { server: label, engine, apart, .. } = self.view;
        let catalog = workload.take_catalog();
        workload.count_repeated();
        let is_counted = workload.count_by_counters();
        Some(ServerFacts { label, engine, apart, workload, catalog, is_counted })
    }
}
