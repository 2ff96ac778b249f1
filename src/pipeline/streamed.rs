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

/// Reads the rest of an archive and adds it to what was read before.
pub(super) fn read(
    pool: &rayon::ThreadPool,
    mut walk: Walk,
    mut all: Parts,
    filter: &Filter,
    request: &Request,
) -> Result<Parts, Error> {
    while let Some(member) = walk.next_member() {
        let seen = pool.install(|| Seen::of(member.path, member.source, request));
        let prepared = sources::prepare_streamed(seen, request);
        let mut part = parallel::read(pool, prepared, filter, request, &Silent)?;
        if is_interrupted() {
            return Err(Error::Interrupted);
        }
        for input in &mut part.inputs {
            name_apart(input, &all.inputs);
        }
        if part.inputs.iter().any(|input| input.duplicate_of.is_some()) {
            part.views.clear();
        }
        all = all.merge(part).map_err(|error| Error::Usage(error.to_string()))?;
    }
    Ok(all)
}

/// Makes a copy of what was read before one that counts there, and gives anything else a name of
/// its own.
fn name_apart(input: &mut InputFacts, before: &[InputFacts]) {
    let Some(content) = input.content.filter(|_| input.bytes > 0) else { return };
    if let Some(of) = before.iter().find(|other| other.bytes > 0 && other.content == Some(content))
    {
        let mut copy = InputFacts::new(&input.path);
        copy.kind = input.kind;
        copy.notes.push(format!("the same content as {}: counted there", of.path));
        copy.duplicate_of = Some(of.path.clone());
        *input = copy;
    } else if before.iter().any(|other| other.path == input.path) {
        let hex = format!("{content:032x}");
        input.path.push_str(&format!("#{}", &hex[..4]));
    }
}
