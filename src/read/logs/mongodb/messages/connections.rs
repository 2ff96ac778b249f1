//! Connections that come, go, or are refused, and what clients say of themselves.

use super::client::{Metadata, host};
use super::said::Said;
use super::{Line, Means, Row};
use crate::model::event::{Kind, Refusal, SessionStep, Sink, Topic, Who};
use std::borrow::Cow;

pub(super) const ROWS: &[Row] = &[
    Row {
        id: 22943,
        texts: &["connection accepted from {remote} #{connectionId} ({connectionCount} connection"],
        means: Means::Events(accepted),
    },
    Row {
        id: 22944,
        texts: &["end connection {remote} ({connectionCount} connection"],
        means: Means::Events(ended),
    },
    Row {
        id: 51800,
        texts: &["received client metadata from {remote} {client}: {doc}"],
        means: Means::Events(introduced),
    },
    Row {
        id: 22942,
        texts: &["connection refused because too many open connections: {connectionCount}"],
        means: Means::Events(too_many),
    },
    Row {
        id: 20883,
        texts: &["Interrupted operation as its client disconnected"],
        means: Means::News(Topic::Client, "Interrupted operation as its client disconnected", &[]),
    },
    Row {
        id: 22988,
        texts: &["Error receiving request from client: {error}. Ending connection from {remote}"],
        means: Means::News(Topic::Client, "Error receiving request from client", &[]),
    },
    Row {
        id: 22989,
        texts: &["Error sending response to client: {error}. Ending connection from {remote}"],
        means: Means::News(Topic::Client, "Error sending response to client", &[]),
    },
    Row {
        id: 4615610,
        texts: &[],
        means: Means::News(Topic::Client, "Failed to check socket connectivity", &[]),
    },
    Row {
        id: 23019,
        texts: &["DNS resolution while connecting to {peer} took {duration}"],
        means: Means::News(
            Topic::NameLookup,
            "DNS resolution while connecting to peer was slow",
            &[],
        ),
    },
];

fn step(line: &Line<'_>, said: &Said<'_>, step: SessionStep<'_>, sink: &mut dyn Sink) {
    let host = host(said);
    let who = Who { host: host.as_deref(), ..Who::default() };
    sink.event(&line.event(who, Kind::Session(step)));
}

fn accepted(line: &Line<'_>, said: &Said<'_>, sink: &mut dyn Sink) {
    let open_now = said.number("connectionCount");
    step(line, said, SessionStep::Received { open_now }, sink);
}

fn ended(line: &Line<'_>, said: &Said<'_>, sink: &mut dyn Sink) {
    step(line, said, SessionStep::Ended { duration_us: None }, sink);
}

fn too_many(line: &Line<'_>, said: &Said<'_>, sink: &mut dyn Sink) {
    step(line, said, SessionStep::Refused(Refusal::TooMany), sink);
}

fn introduced(line: &Line<'_>, said: &Said<'_>, sink: &mut dyn Sink) {
    let Metadata { driver, system, app } = Metadata::read(said).unwrap_or_default();
    let host = host(said);
    let who = Who { host: host.as_deref(), app: app.as_deref(), ..Who::default() };
    let (driver, system) = (driver.map(Cow::Owned), system.map(Cow::Owned));
    sink.event(&line.event(who, Kind::Session(SessionStep::Introduced { driver, system })));
}
