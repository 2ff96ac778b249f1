//! Clients that proved who they are, or did not, or asked for what they may not do.

use super::client::host;
use super::said::Said;
use super::{Line, Means, News, Row};
use crate::model::event::{Kind, Refusal, SessionStep, Sink, Topic, Who};
use std::borrow::Cow;

pub(super) const ROWS: &[Row] = &[
    Row {
        id: 20250,
        texts: &[
            "Successfully authenticated as principal {principalName} on {authenticationDatabase} \
             from client {remote} with mechanism {mechanism}",
            "Successfully authenticated as principal {principalName} on {authenticationDatabase} \
             from client {remote}",
            "Successfully authenticated as principal {principalName} on {authenticationDatabase}",
        ],
        means: Means::Events(succeeded),
    },
    Row { id: 20429, texts: &[], means: Means::Events(succeeded) },
    Row { id: 5286306, texts: &[], means: Means::Events(succeeded) },
    Row {
        id: 20249,
        texts: &[
            "SASL {mechanism} authentication failed for {principalName} on \
             {authenticationDatabase} from client {remote} ; {error}",
            "SCRAM-{mechanism} authentication failed for {principalName} on \
             {authenticationDatabase} from client {remote} ; {error}",
            "PLAIN authentication failed for {principalName} on {authenticationDatabase} from \
             client {remote} ; {error}",
            "GSSAPI authentication failed for {principalName} on {authenticationDatabase} from \
             client {remote} ; {error}",
            "Failed to authenticate {principalName}@{authenticationDatabase} from client {remote} \
             with mechanism {mechanism}: {error}",
            "Failed to authenticate {principalName}@{authenticationDatabase} with mechanism \
             {mechanism}: {error}",
        ],
        means: Means::Events(failed),
    },
    Row { id: 20428, texts: &[], means: Means::Events(failed) },
    Row { id: 5286307, texts: &[], means: Means::Events(failed) },
    Row {
        id: 20436,
        texts: &["Unauthorized: not authorized on"],
        means: Means::Events(not_allowed),
    },
];

/// A user as MongoDB's own profiler writes it: `app@admin`. Users of different databases are
/// different users, and the database says nothing of where they work.
fn user(said: &Said<'_>) -> Option<Vec<u8>> {
    let name = said.any(&["principalName", "user"])?;
    let database = said.any(&["authenticationDatabase", "db"]);
    Some(match database {
        Some(database) => [&*name, b"@", &*database].concat(),
        None => name.into_owned(),
    })
}

fn mechanism<'a>(said: &Said<'a>) -> Option<Cow<'a, [u8]>> {
    let whole = said.whole();
    // The first word of some texts.
    let words = [&b"SCRAM-"[..], b"PLAIN ", b"GSSAPI "];
    if words.iter().any(|word| whole.starts_with(word)) {
        return whole.split(|b| *b == b' ').next().map(Cow::Borrowed);
    }
    said.text("mechanism")
}

fn step(line: &Line<'_>, said: &Said<'_>, step: SessionStep<'_>, sink: &mut dyn Sink) {
    let (user, host) = (user(said), host(said));
    let who = Who { user: user.as_deref(), host: host.as_deref(), ..Who::default() };
    sink.event(&line.event(who, Kind::Session(step)));
}

fn succeeded(line: &Line<'_>, said: &Said<'_>, sink: &mut dyn Sink) {
    step(line, said, SessionStep::Authenticated { method: mechanism(said) }, sink);
}

fn failed(line: &Line<'_>, said: &Said<'_>, sink: &mut dyn Sink) {
    // A client may try with its first message; if that fails it asks again, and counts then.
    let is_first_try =
        said.any(&["speculative", "isSpeculative"]).is_some_and(|is| *is == *b"true");
    if is_first_try {
        return;
    }
    let name = said.failure().and_then(|failure| failure.name);
    let refusal = match name.as_deref() {
        Some(b"UserNotFound") => Refusal::UnknownUser,
        _ => Refusal::Authentication,
    };
    step(line, said, SessionStep::Refused(refusal), sink);
    let mut text = b"Authentication failed".to_vec();
    if let Some(failure) = said.failure() {
        failure.push_to(&mut text);
    }
    let news = News { id: 20249, topic: Topic::Access, text: text.into() };
    news.tell(line, said, Who::default(), sink);
}

/// The command that was refused is not told: it holds values.
fn not_allowed(line: &Line<'_>, said: &Said<'_>, sink: &mut dyn Sink) {
    const COMMAND: &[u8] = b" to execute command";
    let whole = Said::of_failure(said.whole());
    let said = if said.is_text() { &whole } else { said };
    let failure = said.failure();
    let text = failure.as_ref().map_or(&b""[..], |failure| &failure.text);
    let until = memchr::memmem::find(text, COMMAND).map_or(text.len(), |at| at + COMMAND.len());
    let text = [b"Checking authorization failed: ", text.get(..until).unwrap_or_default()].concat();
    let news = News { id: 20436, topic: Topic::Access, text: text.into() };
    let host = host(said);
    news.tell(line, said, Who { host: host.as_deref(), ..Who::default() }, sink);
}
