//! What the records of a general log mean: runs without a time, commands of administrators, and the
//! life of sessions.

use super::super::ends::Doubt;
use super::connect::Login;
use super::head::Head;
use super::state::{Knock, Session};
use crate::model::event::{Kind, Refusal, Said, Says, SessionStep, Statement, Who, session_of_pid};
use std::borrow::Cow;

/// A record whose bytes are all known.
pub(in crate::read::logs::mysql) struct Record<'a> {
    /// What it begins with.
    pub head: Head<'a>,
    /// What follows the command, up to the next record.
    pub argument: &'a [u8],
    /// Whether its end may be trusted.
    pub doubt: Doubt,
    /// The chunk ends inside it.
    pub is_cut: bool,
}

impl<'a> Record<'a> {
    /// Who caused it.
    pub fn who<'s>(&self, session: Option<&'s Session>) -> Who<'s> {
        let known = |name: &'s [u8]| (!name.is_empty()).then_some(name);
        let name = |of: fn(&Session) -> &[u8]| session.and_then(|session| known(of(session)));
        Who {
            user: name(|session| &session.user),
            database: name(|session| &session.database),
            host: name(|session| &session.host),
            app: None,
            session: session_of_pid(self.head.thread_id),
        }
    }

    /// The text of its statement.
    fn statement(&self) -> &'a [u8] {
        let text = self.argument.trim_ascii();
        text.get(number_bytes(&self.head, text)..).unwrap_or_default()
    }

    fn has_lost_its_end(&self) -> bool {
        self.is_cut || self.doubt == Doubt::Unterminated
    }

    /// Tells what it means; `knock` if it shows that its session was let in.
    pub fn tell(&self, knock: Option<Knock>, tell: &mut dyn FnMut(Kind<'_>)) {
        if let Some(knock) = knock {
            let encrypted = knock == Knock::Encrypted;
            tell(Kind::Session(SessionStep::Authorized { encrypted }));
        }
        match self.head.command.name {
            "Connect" => tell(Kind::Session(match Login::read(self.argument) {
                Login::Denied => SessionStep::Refused(Refusal::Authentication),
                Login::As { .. } | Login::Unknown => SessionStep::Received { open_now: None },
            })),
            "Quit" => tell(Kind::Session(SessionStep::Ended { duration_us: None })),
            // Not a run: Execute tells of each.
            "Prepare" => {}
            "Query" | "Execute" if self.statement().is_empty() => {}
            name @ ("Query" | "Execute") => tell(Kind::Statement(Statement {
                text: Cow::Borrowed(self.statement()),
                cut: self.has_lost_its_end(),
                prepared: name == "Execute",
                ..Statement::default()
            })),
            _ => tell(Kind::Statement(Statement {
                text: Cow::Borrowed(self.head.command.administrator.as_bytes()),
                ..Statement::default()
            })),
        }
    }

    /// What it says of a statement.
    pub fn says(&self) -> Says<'a> {
        let said = |text| Said { text, cut: self.has_lost_its_end(), duration_us: None };
        match self.head.command.name {
            "Connect" | "Quit" => Says::Nothing,
            "Prepare" => Says::Beside(said(self.statement())),
            "Query" | "Execute" => Says::Ran(said(self.statement())),
            _ => Says::Ran(said(self.head.command.administrator.as_bytes())),
        }
    }
}

/// MySQL 5.0 and 5.1 write the number of a prepared statement first, `[1] SELECT 2`: its bytes.
pub(super) fn number_bytes(head: &Head<'_>, text: &[u8]) -> usize {
    let is_prepared = matches!(head.command.name, "Prepare" | "Execute");
    let rest = text.strip_prefix(b"[").filter(|_| is_prepared).unwrap_or_default();
    let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    let ends = rest.get(digits..).is_some_and(|rest| rest.starts_with(b"] "));
    if ends && digits > 0 { digits + b"[] ".len() } else { 0 }
}
