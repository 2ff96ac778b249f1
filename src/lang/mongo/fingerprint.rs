//! Fingerprints of MongoDB's commands: the text of a command's shape, and a memo in front of it.
//!
//! Owns [`Fingerprinter`]. What a shape is and how it is written is left to `shape`, what spares its
//! reading to `scan`.

use super::scan::scan;
use super::shape;
use crate::lang::facts::LiteralFacts;
use crate::lang::fingerprint::{Comments, Fingerprint};
use xxhash_rust::xxh3::xxh3_64;

/// Skeletons remembered: one each by the lower bits of its hash.
const SLOTS: usize = 4096;
/// Longest skeleton remembered, in bytes; bounds the memo to a few megabytes.
const SKELETON_MAX: usize = 2048;

/// A skeleton and its fingerprint.
#[derive(Clone, Default)]
struct Known {
    /// Empty: not in use.
    skeleton: Box<[u8]>,
    text: Box<[u8]>,
    /// Its number among all that were ever learned, from 1.
    serial: u64,
}

/// Makes fingerprints. Keep one per thread: its buffers are reused, so that a command whose skeleton
/// is known costs no allocation.
#[derive(Default)]
pub struct Fingerprinter {
    text: Vec<u8>,
    skeleton: Vec<u8>,
    known: Vec<Known>,
    learned: u64,
}

impl Fingerprinter {
    /// The fingerprint of a command. Never fails: what is no command is a class of its own.
    pub fn run<'s>(&'s mut self, command: &[u8]) -> Fingerprint<'s> {
        let facts = scan(command, &mut self.skeleton);
        let hash = xxh3_64(&self.skeleton);
        let slot = hash as usize % SLOTS;
        let is_known = facts.is_some()
            && self.known.get(slot).is_some_and(|known| *known.skeleton == *self.skeleton);
        if is_known && let (Some(known), Some(facts)) = (self.known.get(slot), facts) {
            let comments = Comments::default();
            return Fingerprint {
                text: &known.text,
                truncated: false,
                known_as: known.serial,
                facts,
                comments,
            };
        }
        let shape = shape::read(command);
        self.text.clear();
        shape.write(&mut self.text);
        let truncated = shape.is_truncated();
        let is_short = self.skeleton.len() <= SKELETON_MAX;
        if facts.is_some() && !truncated && is_short && !self.skeleton.is_empty() {
            self.learn(slot);
        }
        Fingerprint {
            text: &self.text,
            truncated,
            known_as: 0,
            facts: facts.unwrap_or_default(),
            comments: Comments::default(),
        }
    }

    fn learn(&mut self, slot: usize) {
        self.known.resize(SLOTS, Known::default());
        self.learned += 1;
        if let Some(known) = self.known.get_mut(slot) {
            *known = Known {
                skeleton: self.skeleton.as_slice().into(),
                text: self.text.as_slice().into(),
                serial: self.learned,
            };
        }
    }
}
