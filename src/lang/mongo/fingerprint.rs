//! Fingerprints of MongoDB's commands.

use crate::lang::facts::LiteralFacts;
use crate::lang::fingerprint::{Comments, Fingerprint};

/// Makes fingerprints. Keep one per thread: its buffers are reused.
#[derive(Default)]
pub struct Fingerprinter {
    text: Vec<u8>,
}

impl Fingerprinter {
    /// The fingerprint of a command.
    pub fn run<'s>(&'s mut self, command: &[u8]) -> Fingerprint<'s> {
        self.text.clear();
        let name = command.split(|b| *b == b'"').nth(1).unwrap_or(b"command");
        self.text.extend_from_slice(name);
        Fingerprint {
            text: &self.text,
            truncated: false,
            known_as: 0,
            facts: LiteralFacts::default(),
            comments: Comments::default(),
        }
    }
}
