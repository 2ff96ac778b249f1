//! Before the parallel pass: which inputs there are, files and members of archives, which of them
//! are copies, and to which server each belongs. What one input is, `look` decides.

use super::Request;
use super::look::{Job, Looked, Seen, copy_of, failed};
use crate::error::Error;
use crate::model::event::Engine;
use crate::model::facts::{InputFacts, InputKind};
use crate::model::parts::View;
use crate::read::input::{
    InputError, InputPath, Opened, ReadPolicy, Walk, disambiguate, discover, find_copies, open,
};
use crate::read::logs::application;
use crate::read::options::fits;
use crate::time::Timestamp;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// All inputs, and those that will be read.
pub(super) struct Prepared {
    pub inputs: Vec<InputFacts>,
    pub jobs: Vec<Job>,
    pub views: Vec<View>,
    /// The archive on standard input, of which only the first source was looked at: what comes
    /// behind it is read when the rest is.
    pub streamed: Option<Walk>,
}

impl Prepared {
    /// The latest time that the samples show, and the clock that showed it.
    pub fn clock(&self) -> Option<(Timestamp, i32)> {
        self.jobs.iter().filter_map(|job| job.clock).max()
    }

    /// Whether the samples hold the end of every input.
    pub fn ends_are_known(&self) -> bool {
        self.streamed.is_none() && self.jobs.iter().all(|job| job.end_is_known)
    }
}

/// Finds, recognises and sorts the inputs.
pub(super) fn prepare(request: &Request) -> Result<Prepared, Error> {
    let policy = &request.read.policy;
    let found = discover(&request.paths);
    if found.inputs.is_empty() {
        return Err(match found.problems.is_empty() {
            true => Error::NothingRecognised("the folders named hold no file".to_owned()),
            false => Error::NothingReadable(found.problems),
        });
    }
    let shown_as: BTreeMap<PathBuf, String> =
        found.inputs.iter().map(|input| (input.path.clone(), input.display.clone())).collect();
    let (seen, streamed): (Vec<Vec<Seen>>, Vec<Option<Walk>>) =
        found.inputs.into_par_iter().map(|path| see(path, request)).unzip();
    let seen = name_and_sort(seen.into_iter().flatten().collect(), policy);
    let streamed = streamed.into_iter().flatten().next();
    let displays: Vec<String> = seen.iter().map(|seen| seen.path.display.clone()).collect();
    let named_twice = found
        .copies
        .into_iter()
        .filter_map(|(display, of)| {
            let kept = seen.iter().find(|seen| seen.path.path == of && !seen.path.is_member());
            let kept = kept.map(|seen| &seen.path.display).or_else(|| shown_as.get(&of))?;
            Some((display, kept.clone()))
        })
        .collect();
    for (name, pattern) in &request.read.servers {
        if streamed.is_none() && !displays.iter().any(|display| fits(pattern, display)) {
            let shown = displays.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
            return Err(Error::Usage(format!(
                "--server {name}={pattern} fits no input; paths are shown as {shown} …"
            )));
        }
    }
    let (paths, prints): (Vec<_>, Vec<_>) =
        seen.iter().map(|seen| (seen.path.clone(), seen.prints)).unzip();
    let labels = labels(&paths, &request.read.servers);
    let mut looked: Vec<Looked> = seen.into_iter().map(|seen| seen.looked).collect();
    for copy in find_copies(&paths, &prints, policy) {
        let facts = copy_of(&paths[copy.copy], &displays[copy.of], copy.prefix);
        looked[copy.copy] = Looked::Known(facts);
    }
    let prepared = assemble(looked, labels, found.problems, named_twice, found.left_out)?;
    Ok(Prepared { streamed, ..prepared })
}

/// A member of an archive that cannot be looked at before.
pub(super) fn prepare_streamed(seen: Seen, request: &Request) -> Prepared {
    let labels = labels(std::slice::from_ref(&seen.path), &request.read.servers);
    order(label(vec![seen.looked], labels).0)
}

/// Looks at a file, or at each file in an archive. Of an archive on standard input, which can be
/// read only once, at the files up to the first source; the rest comes back.
fn see(path: InputPath, request: &Request) -> (Vec<Seen>, Option<Walk>) {
    let is_stdin = path.is_stdin();
    let mut walk = match open(&path, &request.read.policy) {
        Ok(Opened::Archive(walk)) => walk,
        Ok(Opened::Text(source)) => return (vec![Seen::of(path, Ok(source), request)], None),
        Err(error) => return (vec![Seen::of(path, Err(error), request)], None),
    };
    let mut all = Vec::new();
    while let Some(member) = walk.next_member() {
        let seen = Seen::of(member.path, member.source, request);
        let is_source = matches!(seen.looked, Looked::Source(..));
        all.push(seen);
        if is_stdin && is_source {
            return (all, Some(walk));
        }
    }
    (all, None)
}

/// Gives each input a name of its own, and brings them in the order of names.
fn name_and_sort(mut seen: Vec<Seen>, policy: &ReadPolicy) -> Vec<Seen> {
    let (mut paths, prints): (Vec<_>, Vec<_>) =
        seen.iter().map(|seen| (seen.path.clone(), seen.prints)).unzip();
    disambiguate(&mut paths, &prints, policy);
    for (seen, path) in seen.iter_mut().zip(paths) {
        match &mut seen.looked {
            Looked::Source(job, facts) => {
                facts.path.clone_from(&path.display);
                job.path = path.clone();
            }
            Looked::Known(facts) | Looked::Failed(facts, _) => {
                facts.path.clone_from(&path.display);
            }
        }
        seen.path = path;
    }
    seen.sort_by(|a, b| a.path.order(&b.path));
    seen
}

/// The label of each input's server: named by the user, else the folder as shown, else the engine
/// later (an empty label), numbered where such files stand in different folders.
fn labels(inputs: &[InputPath], named: &[(String, String)]) -> Vec<String> {
    let folders: Vec<PathBuf> = inputs
        .iter()
        .map(|input| {
            let parent = input.path.parent().map(|p| p.to_owned()).unwrap_or_default();
            parent.canonicalize().unwrap_or(parent)
        })
        .collect();
    let label = |at: usize| -> Option<String> {
        let display = &inputs[at].display;
        let stated = named.iter().find(|(_, pattern)| fits(pattern, display));
        stated
            .map(|(name, _)| name.clone())
            .or_else(|| inputs[at].folder().map(|f| of_parts(f).to_owned()))
    };
    let mut bare: Vec<&PathBuf> = Vec::new();
    for (at, folder) in folders.iter().enumerate() {
        if label(at).is_none() && !bare.contains(&folder) {
            bare.push(folder);
        }
    }
    (0..inputs.len())
        .map(|at| {
            label(at).unwrap_or_else(|| {
                match bare.iter().position(|folder| **folder == folders[at]) {
                    Some(number) if bare.len() > 1 => format!("#{}", number + 1),
                    _ => String::new(),
                }
            })
        })
        .collect()
}

/// An application's log names its database hardly ever: where all other inputs are of one engine, it
/// is taken for that.
fn adopt_engine(mut looked: Vec<Looked>) -> Vec<Looked> {
    let is_application = |job: &Job| job.format.apart == Some(application::APART);
    let engines: BTreeSet<Engine> = looked
        .iter()
        .filter_map(|one| match one {
            Looked::Source(job, _) if !is_application(job) => Some(job.engine),
            _ => None,
        })
        .collect();
    let Some(only) = engines.first().filter(|_| engines.len() == 1) else { return looked };
    for one in &mut looked {
        if let Looked::Source(job, facts) = one
            && is_application(job)
        {
            job.engine = *only;
            facts.engine = Some(*only);
        }
    }
    looked
}

/// The folder whose server a folder belongs to: itself, or the one above a folder of parts of settings
/// files.
fn of_parts(folder: &str) -> &str {
    const PARTS: [&str; 4] = ["conf.d", "mysql.conf.d", "mariadb.conf.d", "postgresql.conf.d"];
    match folder.rsplit_once('/') {
        Some((above, parts)) if PARTS.contains(&parts) => above,
        _ => folder,
    }
}

/// Inputs with the labels of their servers, and with jobs where they will be read.
type Labelled = Vec<(InputFacts, Option<Box<Job>>)>;

/// Notes to which server each source belongs; tells also which inputs could not be opened.
fn label(looked: Vec<Looked>, labels: Vec<String>) -> (Labelled, Vec<InputError>) {
    let looked = adopt_engine(looked);
    let mut errors = Vec::new();
    let mut all = Vec::new();
    for (one, label) in looked.into_iter().zip(labels) {
        match one {
            Looked::Source(job, mut facts) => {
                let mut server = match label.as_str() {
                    "" => job.engine.family().to_owned(),
                    number if number.starts_with('#') => {
                        format!("{}{number}", job.engine.family())
                    }
                    label => label.to_owned(),
                };
                if let Some(apart) = job.format.apart {
                    server += &format!(" ({apart})");
                }
                facts.server = Some(server);
                all.push((facts, Some(job)));
            }
            Looked::Known(facts) => all.push((facts, None)),
            Looked::Failed(facts, error) => {
                errors.push(error);
                all.push((facts, None));
            }
        }
    }
    (all, errors)
}

/// All inputs, unless there is nothing to read.
fn assemble(
    looked: Vec<Looked>,
    labels: Vec<String>,
    problems: Vec<InputError>,
    named_twice: Vec<(String, String)>,
    left_out: Vec<String>,
) -> Result<Prepared, Error> {
    let (mut all, mut errors) = label(looked, labels);
    if !all.is_empty() && errors.len() == all.len() {
        errors.extend(problems);
        return Err(Error::NothingReadable(errors));
    }
    for error in problems {
        all.push((failed(&error.display, &error), None));
    }
    for (display, of) in named_twice {
        let mut facts = InputFacts::new(&display);
        facts.notes.push(format!("the same file as {of}: counted there"));
        facts.duplicate_of = Some(of);
        all.push((facts, None));
    }
    for display in left_out {
        let mut facts = InputFacts::new(&display);
        facts.notes.push("a folder of code that tools fetched or made: left out".to_owned());
        all.push((facts, None));
    }
    if all.iter().all(|(_, job)| job.is_none()) {
        let told: Vec<String> = all
            .iter()
            .flat_map(|(facts, _)| {
                facts.problems.iter().map(|p| format!("{}: {}", facts.path, p.message))
            })
            .take(5)
            .collect();
        return Err(Error::NothingRecognised(told.join("\n")));
    }
    Ok(order(all))
}

/// Sorts everything by shown path, ranks it, and numbers the views.
fn order(mut all: Labelled) -> Prepared {
    all.sort_by(|(a, _), (b, _)| a.path.cmp(&b.path));
    join_hosts(&mut all);
    join_family(&mut all);
    let mut views: Vec<View> = all.iter().filter_map(|(facts, job)| view(facts, job)).collect();
    views.sort();
    views.dedup();
    let (mut inputs, mut jobs) = (Vec::new(), Vec::new());
    for (rank, (facts, job)) in all.into_iter().enumerate() {
        let view = view(&facts, &job).and_then(|v| views.binary_search(&v).ok());
        if let (Some(mut job), Some(view)) = (job, view) {
            job.rank = rank;
            job.view = view;
            jobs.push(*job);
        }
        inputs.push(facts);
    }
    Prepared { inputs, jobs, views, streamed: None }
}

/// What tells of a machine belongs to the server of its label, else to the only one there is.
fn join_hosts(all: &mut Labelled) {
    let is_host = |job: &Option<Box<Job>>| job.as_ref().is_some_and(|job| job.reader.is_of_host());
    let mut servers: Vec<(String, Engine)> = Vec::new();
    for (facts, job) in all.iter().filter(|(_, job)| !is_host(job)) {
        if let (Some(job), Some(label)) = (job, &facts.server)
            && job.format.apart.is_none()
            && !servers.iter().any(|(known, _)| known == label)
        {
            servers.push((label.clone(), job.engine));
        }
    }
    for (facts, job) in all.iter_mut().filter(|(_, job)| is_host(job)) {
        let of_label = servers.iter().find(|(label, _)| Some(label) == facts.server.as_ref());
        let only = if servers.len() == 1 { servers.first() } else { None };
        if let (Some((label, engine)), Some(job)) = (of_label.or(only), job) {
            job.engine = *engine;
            facts.engine = Some(*engine);
            facts.server = Some(label.clone());
        }
    }
}

/// Snapshots and plans in forms that MySQL and MariaDB share belong to the MariaDB server of their
/// label, if there is one.
fn join_family(all: &mut Labelled) {
    let is_of =
        |job: &Option<Box<Job>>, engine| job.as_ref().is_some_and(|job| job.engine == engine);
    let of_mariadb: BTreeSet<String> = all
        .iter()
        .filter(|(_, job)| is_of(job, Engine::Mariadb))
        .filter_map(|(facts, _)| facts.server.clone())
        .collect();
    for (facts, job) in all {
        let is_shared = facts.kind != InputKind::Log && is_of(job, Engine::Mysql);
        let belongs = facts.server.as_ref().is_some_and(|label| of_mariadb.contains(label));
        if let Some(job) = job.as_mut().filter(|_| is_shared && belongs) {
            job.engine = Engine::Mariadb;
            facts.engine = Some(Engine::Mariadb);
        }
    }
}

fn view(facts: &InputFacts, job: &Option<Box<Job>>) -> Option<View> {
    let job = job.as_ref()?;
    Some(View {
        server: facts.server.clone()?,
        engine: job.engine,
        format: job.format.name,
        apart: job.format.apart,
    })
}
