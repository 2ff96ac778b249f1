//! The walk over the parts of an archive, which the cut between chunks and the parser share.
//!
//! Magic bytes, a header, one document for each collection, a terminator; then blocks: a document
//! that names the collection, its documents, a terminator. Blocks of collections alternate.

use super::super::dumped;
use crate::lang::mongo::bson;
use crate::read::logs::json::{Members, Value};
use crate::read::logs::walk_cut::Walk;
use memchr::memmem;

/// The first bytes of an archive.
pub(super) const MAGIC: [u8; 4] = [0x6d, 0xe2, 0x99, 0x81];
/// Ends what the archive says of itself, and every block.
const TERMINATOR: [u8; 4] = [0xff; 4];

/// A part of an archive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Part {
    /// The first bytes.
    Magic,
    /// What the archive says of the server and the tool.
    Header,
    /// What it says of a collection.
    Collection { is_profile: bool },
    /// The end of what it says of itself, or of a block.
    Terminator,
    /// The beginning of a block.
    Namespace,
    /// A document of the block's collection.
    Document { is_profile: bool },
    /// A line end between parts, as people or tools put there.
    Blank,
    /// Bytes up to the end of the block.
    Broken,
}

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Expected {
    #[default]
    Magic = 1,
    Header,
    Collection,
    Namespace,
    OfProfile,
    OfOther,
}

/// Knows what stands next in an archive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ArchiveWalk {
    expected: Expected,
}

impl ArchiveWalk {
    /// From bytes of [`Walk::context`]; at the archive's start where there are none.
    pub fn decode(context: &[u8]) -> Self {
        use Expected::{Collection, Header, Magic, Namespace, OfOther, OfProfile};
        let all = [Magic, Header, Collection, Namespace, OfProfile, OfOther];
        let known = all.into_iter().find(|expected| context.first() == Some(&(*expected as u8)));
        ArchiveWalk { expected: known.unwrap_or_default() }
    }

    /// Passes the part that a text begins with: which it is, and how many bytes it takes. `None` if
    /// more text is needed.
    pub fn part(&mut self, text: &[u8]) -> Option<(Part, usize)> {
        let first = text.first_chunk::<4>()?;
        if self.expected == Expected::Magic {
            let part = if *first == MAGIC { (Part::Magic, 4) } else { self.broken(text)? };
            self.expected = Expected::Header;
            return Some(part);
        }
        if *first == TERMINATOR {
            self.expected = Expected::Namespace;
            return Some((Part::Terminator, 4));
        }
        let bytes = match dumped::document(text)? {
            Some(bytes) => bytes,
            None if dumped::is_blank(text) => return Some((Part::Blank, 1)),
            None => return self.broken(text),
        };
        let document = text.get(..bytes)?;
        let part = match self.expected {
            // Damage may have taken what should stand before it.
            Expected::Collection | Expected::Namespace if dumped::begins_profile(document) => {
                self.expected = Expected::OfProfile;
                Part::Document { is_profile: true }
            }
            Expected::Magic | Expected::Header => {
                self.expected = Expected::Collection;
                Part::Header
            }
            Expected::Collection => Part::Collection { is_profile: names_profile(document) },
            Expected::Namespace => {
                let is_profile = names_profile(document);
                self.expected = if is_profile { Expected::OfProfile } else { Expected::OfOther };
                Part::Namespace
            }
            Expected::OfProfile => Part::Document { is_profile: true },
            Expected::OfOther => Part::Document { is_profile: false },
        };
        Some((part, bytes))
    }

    /// Damage reaches to the next terminator.
    pub fn broken(&self, text: &[u8]) -> Option<(Part, usize)> {
        let end = memmem::find(text, &TERMINATOR)?;
        Some((Part::Broken, end))
    }
}

/// Whether a document of the archive's own names a collection of the profiler.
fn names_profile(document: &[u8]) -> bool {
    let mut ejson = Vec::new();
    if bson::to_ejson(document, &mut ejson).is_err() {
        return false;
    }
    Members::of(&ejson).into_iter().flatten().any(|member| match member.value {
        Value::String(name) => member.key == b"collection" && name.raw() == b"system.profile",
        _ => false,
    })
}

impl Walk for ArchiveWalk {
    fn pass(&mut self, text: &[u8]) -> Option<usize> {
        self.part(text).map(|(_, bytes)| bytes)
    }

    fn context(&self) -> Box<[u8]> {
        Box::from([self.expected as u8])
    }
}
