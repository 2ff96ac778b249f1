//! An archive on standard input: what follows its first source.
//!
//! Such an archive passes by once, so its members are neither known nor compared beforehand. Each is
//! looked at when its turn comes and read as a part of its own, and the parts are merged. What has
//! the content of an input that was read already is left out.

use super::look::Seen;
use super::{Request, is_interrupted, parallel, sources};
use crate::error::Error;
use crate::model::facts::InputFacts;
use crate::model::filter::Filter;
use crate::model::parts::Parts;
use crate::progress::Silent;
use crate::read::input::Walk;
use std::collections::{HashMap, HashSet};

/// Reads the rest of an archive and adds it to what was read before.
pub(super) fn read(
    pool: &rayon::ThreadPool,
    mut walk: Walk,
    before: Parts,
    filter: &Filter,
    request: &Request,
) -> Result<Parts, Error> {
    let mut known = Known::default();
    before.inputs.iter().for_each(|input| known.add(input));
    // Parts of like size are merged, so that many small ones cost no more than a few large ones.
    let mut parts: Vec<Parts> = Vec::new();
    while let Some(member) = walk.next_member() {
        let seen = pool.install(|| Seen::of(member.path, member.source, request));
        let prepared = sources::prepare_streamed(seen, request);
        let mut part = parallel::read(pool, prepared, filter, request, &Silent)?;
        if is_interrupted() {
            return Err(Error::Interrupted);
        }
        for input in &mut part.inputs {
            known.tell_apart(input);
        }
        if part.inputs.iter().any(|input| input.duplicate_of.is_some()) {
            part.views.clear();
        }
        while let Some(last) = parts.pop_if(|last| last.inputs.len() <= part.inputs.len()) {
            part = merge(last, part)?;
        }
        parts.push(part);
    }
    parts.into_iter().rev().try_fold(before, merge)
}

fn merge(one: Parts, other: Parts) -> Result<Parts, Error> {
    // Copies are left out before, and the options are one run's.
    one.merge(other).map_err(|error| Error::Usage(error.to_string()))
}

/// The inputs that were read.
#[derive(Default)]
struct Known {
    by_content: HashMap<u128, String>,
    paths: HashSet<String>,
}

impl Known {
    fn add(&mut self, input: &InputFacts) {
        if let Some(content) = input.content.filter(|_| input.bytes > 0) {
            self.by_content.entry(content).or_insert_with(|| input.path.clone());
        }
        self.paths.insert(input.path.clone());
    }

    /// Makes a copy of what was read before one that counts there, and gives anything else a name
    /// of its own.
    fn tell_apart(&mut self, input: &mut InputFacts) {
        let content = input.content.filter(|_| input.bytes > 0);
        if let Some(of) = content.and_then(|content| self.by_content.get(&content)) {
            let mut copy = InputFacts::new(&input.path);
            copy.kind = input.kind;
            copy.notes.push(format!("the same content as {of}: counted there"));
            copy.duplicate_of = Some(of.clone());
            *input = copy;
        } else if let Some(content) = content
            && self.paths.contains(&input.path)
        {
            let hex = format!("{content:032x}");
            input.path.push_str(&format!("#{}", &hex[..4]));
        }
        self.add(input);
    }
}
