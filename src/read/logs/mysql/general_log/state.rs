//! What the records before a place of the log say about those behind it: the second that lines
//! without a time continue, and who the sessions are. The cut gathers it and hands it on with each
//! chunk, so that a session is known wherever its Connect stands.
//!
//! Bounded: the sessions whose last records came latest are kept, and names of sane length.

use super::super::ends::Credit;
use super::super::names::used_database;
use super::connect::Login;
use super::head::{Head, LocalStamp, Stamp};
use hashbrown::HashMap;

/// So many sessions are known at least: those whose last record came latest.
const SESSIONS_MAX: usize = 4096;
/// Bytes of a name that are kept.
const NAME_MAX: usize = 512;

/// Who a session is.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub(in crate::read::logs::mysql) struct Session {
    /// The number of its last record.
    last: u64,
    /// Its login was logged; whether it was let in shows only when it goes on.
    pub knocks: Option<Knock>,
    /// Database user; empty if not known.
    pub user: Box<[u8]>,
    /// Client host.
    pub host: Box<[u8]>,
    /// Default database.
    pub database: Box<[u8]>,
}

/// How a session asked to be let in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::read::logs::mysql) enum Knock {
    /// In plain text, or over a socket.
    Plain,
    /// Over TLS.
    Encrypted,
}

/// What the records before a place say.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub(in crate::read::logs::mysql) struct State {
    /// The last time of the server's zone that was written.
    pub stamp: Option<LocalStamp>,
    /// How far a literal's end may be looked for.
    pub credit: Credit,
    /// Records so far.
    records: u64,
    sessions: HashMap<u64, Session>,
}

impl State {
    /// Notes the time of a record, and that its session is there; who that is, and how it knocked if
    /// it has just turned out to be let in.
    pub fn meet(&mut self, head: &Head<'_>) -> Option<Knock> {
        if let Some(Stamp::Local(stamp)) = head.stamp {
            self.stamp = Some(stamp);
        }
        self.records += 1;
        let session = self.sessions.get_mut(&head.thread_id)?;
        session.last = self.records;
        if head.command.name == "Connect" { None } else { session.knocks.take() }
    }

    /// Notes what a record says of its session.
    pub fn learn(&mut self, head: &Head<'_>, argument: &[u8]) {
        match head.command.name {
            "Connect" | "Change user" => match Login::read(argument) {
                Login::As { user, host, database, is_encrypted } => {
                    let knock = if is_encrypted { Knock::Encrypted } else { Knock::Plain };
                    let session = Session {
                        last: self.records,
                        knocks: (head.command.name == "Connect").then_some(knock),
                        user: kept(user),
                        host: kept(host),
                        database: kept(database),
                    };
                    self.sessions.insert(head.thread_id, session);
                    self.forget();
                }
                Login::Denied | Login::Unknown => {}
            },
            "Init DB" => self.use_database(head.thread_id, argument.trim_ascii()),
            "Query" => {
                if let Some(database) = used_database(argument) {
                    self.use_database(head.thread_id, &database);
                }
            }
            _ => {}
        }
    }

    /// Forgets the session of a record that is its last.
    pub fn leave(&mut self, head: &Head<'_>, argument: &[u8]) {
        if closes(head, argument) {
            self.sessions.remove(&head.thread_id);
        }
    }

    /// Who a session is, as far as it is known.
    pub fn session(&self, thread_id: u64) -> Option<&Session> {
        self.sessions.get(&thread_id)
    }

    fn use_database(&mut self, thread_id: u64, database: &[u8]) {
        let last = self.records;
        let session = self.sessions.entry(thread_id).or_default();
        session.database = kept(database);
        session.last = last;
        self.forget();
    }

    /// Forgets sessions if there are too many: those whose last record is the oldest.
    fn forget(&mut self) {
        if self.sessions.len() <= 2 * SESSIONS_MAX {
            return;
        }
        let mut used: Vec<u64> = self.sessions.values().map(|session| session.last).collect();
        let middle = used.len() - SESSIONS_MAX;
        let oldest = *used.select_nth_unstable(middle).1;
        self.sessions.retain(|_, session| session.last >= oldest);
    }

    /// As bytes, for [`State::decode`].
    pub fn encode(&self) -> Box<[u8]> {
        let mut out = Vec::new();
        out.extend_from_slice(&self.credit.0.to_le_bytes());
        out.extend_from_slice(&self.records.to_le_bytes());
        out.push(u8::from(self.stamp.is_some()));
        out.extend_from_slice(&self.stamp.unwrap_or_default());
        let mut ids: Vec<u64> = self.sessions.keys().copied().collect();
        ids.sort_unstable();
        for (id, session) in ids.iter().filter_map(|id| Some((id, self.sessions.get(id)?))) {
            out.extend_from_slice(&id.to_le_bytes());
            out.extend_from_slice(&session.last.to_le_bytes());
            out.push(match session.knocks {
                None => 0,
                Some(Knock::Plain) => 1,
                Some(Knock::Encrypted) => 2,
            });
            for name in [&session.user, &session.host, &session.database] {
                out.extend_from_slice(&(name.len() as u16).to_le_bytes());
                out.extend_from_slice(name);
            }
        }
        out.into_boxed_slice()
    }

    /// From bytes of [`State::encode`]; what nobody wrote says nothing.
    pub fn decode(bytes: &[u8]) -> State {
        State::read(&mut Bytes(bytes)).unwrap_or_default()
    }

    fn read(bytes: &mut Bytes<'_>) -> Option<State> {
        let credit = Credit(bytes.number()?);
        let records = bytes.number()?;
        let has_stamp = bytes.byte()? == 1;
        let stamp = bytes.array()?;
        let mut sessions = HashMap::new();
        while !bytes.0.is_empty() {
            let id = bytes.number()?;
            let last = bytes.number()?;
            let knocks = match bytes.byte()? {
                1 => Some(Knock::Plain),
                2 => Some(Knock::Encrypted),
                _ => None,
            };
            let (user, host, database) = (bytes.name()?, bytes.name()?, bytes.name()?);
            sessions.insert(id, Session { last, knocks, user, host, database });
        }
        Some(State { stamp: has_stamp.then_some(stamp), credit, records, sessions })
    }
}

/// Reads what [`State::encode`] wrote.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn number(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    fn name(&mut self) -> Option<Box<[u8]>> {
        let length = usize::from(u16::from_le_bytes(self.array()?));
        let (name, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(name.into())
    }
}

fn kept(name: &[u8]) -> Box<[u8]> {
    name.get(..name.len().min(NAME_MAX)).unwrap_or_default().into()
}

/// Whether a record is the last of its session.
fn closes(head: &Head<'_>, argument: &[u8]) -> bool {
    match head.command.name {
        "Quit" => true,
        "Connect" => Login::read(argument) == Login::Denied,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meet(state: &mut State, line: &str) -> Option<Knock> {
        let head = Head::read(line.as_bytes()).expect(line);
        let knock = state.meet(&head);
        state.learn(&head, &line.as_bytes()[head.len..]);
        knock
    }

    #[test]
    fn knows_sessions_and_hands_on_what_it_knows() {
        let mut state = State::default();
        assert_eq!(meet(&mut state, "261123  2:56:30\t 3 Connect\tapp@h on  using SSL/TLS"), None);
        assert_eq!(meet(&mut state, "\t\t 3 Init DB\tshop"), Some(Knock::Encrypted));
        assert_eq!(meet(&mut state, "\t\t 4 Query\tUSE `a``b`;"), None);
        assert_eq!(meet(&mut state, "\t\t 3 Query\tselect 'USE x'"), None);
        assert_eq!(&*state.session(3).expect("known").database, b"shop");
        assert_eq!(&*state.session(3).expect("known").user, b"app");
        assert_eq!(&*state.session(4).expect("known").database, b"a`b");
        assert_eq!(State::decode(&state.encode()), state);
        for cut in 0..state.encode().len() {
            State::decode(&state.encode()[..cut]);
        }
        state.leave(&Head::read(b"\t\t 3 Quit\t").expect("a head"), b"");
        assert_eq!(state.session(3), None);
    }

    #[test]
    fn forgets_those_that_were_silent_longest() {
        let mut state = State::default();
        for id in 0..=2 * SESSIONS_MAX {
            meet(&mut state, &format!("\t\t {id} Init DB\tshop"));
            meet(&mut state, "\t\t 0 Ping\t");
        }
        assert_eq!(state.sessions.len(), SESSIONS_MAX);
        assert!(state.session(0).is_some() && state.session(1).is_none());
    }
}
