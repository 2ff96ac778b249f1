//! One pass over an archive, and over the archives in it.
//!
//! Owns [`Walk`], which turns members into sources, and [`Place`], by which a later pass finds a
//! member again. The content of a member is a stream of its own (`MemberReader`) over the archive,
//! which both share; it ends where the member does, and fails once the walk has gone on. Archives in
//! an archive are entered once; deeper ones are refused.

use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};

use super::super::decompress::Decoder;
use super::super::error::{Fault, InputError};
use super::super::paths::{InputPath, push_escaped};
use super::super::source::{ReadPolicy, Source};
use super::super::stored::Stored;
use super::super::stream::TextStream;
use super::{ArchiveFault, ArchiveKind, Detected, Entry, HEAD_BYTES, Members, detect, members};

/// How many members one archive may have: each is an input that is kept in mind, in some 10 KB.
const MAX_MEMBERS: u32 = 10_000;

/// How many archives may stand in one another.
const MAX_DEPTH: usize = 2;

/// A shown name is cut here, in bytes: no file system takes longer ones.
const MAX_NAME_BYTES: usize = 4096;

/// Begins what macOS puts into an archive beside each file: attributes, no content.
const APPLE_DOUBLE_MAGIC: &[u8] = b"\x00\x05\x16\x07\x00\x02\x00\x00";

/// Where a member stands: its number in the archive, and the number in the archive that it is, each
/// from 1 on; 0 for a member that is no archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::read::input) struct Place {
    outer: u32,
    inner: u32,
}

/// A member of an archive, or what is wrong with an archive.
pub struct Member {
    /// The archive's path, and the member's name behind the archive's; the archive's name alone
    /// where that cannot be read on.
    pub path: InputPath,
    /// The content, to be read before the next member is asked for.
    pub source: Result<Source, InputError>,
}

/// One pass over the members of an archive.
pub struct Walk {
    policy: ReadPolicy,
    /// The archive, and the archive in it that is gone through.
    layers: Vec<Layer>,
    /// Members met so far, and how many may be.
    met: u32,
    most_members: u32,
}

struct Layer {
    kind: ArchiveKind,
    archive: InputPath,
    /// The number of the current member, from 1 on.
    number: u32,
    shared: Arc<Mutex<Shared>>,
}

struct Shared {
    members: Box<dyn Members>,
    number: u32,
}

/// The content of one member.
struct MemberReader {
    shared: Arc<Mutex<Shared>>,
    number: u32,
}

impl Read for MemberReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        if shared.number != self.number {
            return Err(io::Error::other("the archive was read on"));
        }
        Ok(shared.members.read(out)?)
    }
}

/// What bytes turn out to be.
pub(in crate::read::input) enum Content {
    Text(TextStream),
    Archive(ArchiveKind, Decoder),
    NotRead(&'static str),
}

impl Content {
    /// Finds out by looking ahead.
    pub fn of(stored: Stored) -> Content {
        let mut decoder = Decoder::new(stored);
        match detect(decoder.peek(HEAD_BYTES)) {
            Detected::Archive(kind) => Content::Archive(kind, decoder),
            Detected::NotRead(what) => Content::NotRead(what),
            Detected::No => Content::Text(TextStream::new(decoder)),
        }
    }
}

impl Layer {
    fn new(kind: ArchiveKind, archive: InputPath, members: Box<dyn Members>) -> Layer {
        let shared = Arc::new(Mutex::new(Shared { members, number: 0 }));
        Layer { kind, archive, number: 0, shared }
    }

    fn advance(&mut self) -> Result<Option<Entry>, ArchiveFault> {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = shared.members.next()?;
        self.number += u32::from(entry.is_some());
        shared.number = self.number;
        Ok(entry)
    }
}

impl Walk {
    /// Begins before the first member.
    pub(in crate::read::input) fn new(
        archive: &InputPath,
        policy: &ReadPolicy,
        kind: ArchiveKind,
        members: Box<dyn Members>,
    ) -> Walk {
        let layer = Layer::new(kind, archive.clone(), members);
        Walk { policy: *policy, layers: vec![layer], met: 0, most_members: MAX_MEMBERS }
    }

    /// The next file, or what ends the archive or one in it; `None` at the end.
    pub fn next_member(&mut self) -> Option<Member> {
        loop {
            let layer = self.layers.last_mut()?;
            let told = match layer.advance() {
                Ok(Some(_)) if self.met == self.most_members => {
                    self.layers.truncate(1);
                    self.leave(Some(ArchiveFault::TooMany { limit: self.most_members }))
                }
                Ok(Some(entry)) => {
                    self.met += 1;
                    self.enter(entry)
                }
                Ok(None) => {
                    let kind = layer.kind;
                    let is_empty = layer.number == 0;
                    self.leave(is_empty.then_some(ArchiveFault::Empty { kind }))
                }
                Err(fault) => self.leave(Some(fault)),
            };
            if told.is_some() {
                return told;
            }
        }
    }

    /// The member at a place that an earlier walk told. Members on the way are passed over; the
    /// place must not lie behind.
    pub(in crate::read::input) fn find(
        &mut self,
        path: &InputPath,
        place: Place,
    ) -> Result<Source, InputError> {
        let changed = || path.error(Fault::Archive { fault: ArchiveFault::Changed });
        loop {
            if self.place().outer < place.outer {
                self.layers.truncate(1);
            }
            let layer = self.layers.last_mut().ok_or_else(changed)?;
            let Ok(Some(entry)) = layer.advance() else {
                self.layers.pop();
                continue;
            };
            let here = self.place();
            if here == place {
                let member = self.enter(entry).ok_or_else(changed)?;
                // The name may have been made unique since.
                return member.source.map(|source| source.shown_as(path));
            }
            let leads_there = here.outer == place.outer && here.inner == 0;
            if here > place || (leads_there && self.enter(entry).is_some()) {
                return Err(changed());
            }
        }
    }

    /// Whether [`Walk::find`] can still come to a place of the archive at `path`.
    pub(in crate::read::input) fn is_before(&self, path: &InputPath, place: Place) -> bool {
        let is_of_archive =
            self.layers.first().is_some_and(|layer| layer.archive.path == path.path);
        is_of_archive && self.place() < place
    }

    fn place(&self) -> Place {
        let number = |depth: usize| self.layers.get(depth).map_or(0, |layer| layer.number);
        Place { outer: number(0), inner: number(1) }
    }

    /// Opens the current member. An archive becomes the layer that the walk goes on in.
    fn enter(&mut self, entry: Entry) -> Option<Member> {
        let layer = self.layers.last()?;
        let path = layer.archive.member(&shown_name(&entry.name), self.place());
        if let Some(fault) = entry.refused {
            return Some(Member::failed(path, Fault::Archive { fault }));
        }
        let kind = layer.kind;
        let reader = MemberReader { shared: layer.shared.clone(), number: layer.number };
        let fault = match Content::of(Stored::new(Box::new(reader), None)) {
            Content::Text(mut stream) => {
                if stream.look_ahead(APPLE_DOUBLE_MAGIC.len()).starts_with(APPLE_DOUBLE_MAGIC) {
                    return None;
                }
                let source = Source::of_stream(&path, &self.policy, entry.size_bytes, stream);
                return Some(Member { path, source: Ok(source.in_archive(kind)) });
            }
            Content::NotRead(what) => Fault::Archive { fault: ArchiveFault::NotRead { what } },
            Content::Archive(..) if self.layers.len() == MAX_DEPTH => {
                Fault::Archive { fault: ArchiveFault::TooDeep }
            }
            Content::Archive(kind, archive) => match members(kind, archive) {
                Ok(members) => {
                    self.layers.push(Layer::new(kind, path, members));
                    return None;
                }
                Err(fault) => Fault::Archive { fault },
            },
        };
        Some(Member::failed(path, fault))
    }

    /// The innermost archive has ended, well or not.
    fn leave(&mut self, fault: Option<ArchiveFault>) -> Option<Member> {
        let layer = self.layers.pop()?;
        let fault = match (fault?, layer.number) {
            (fault @ (ArchiveFault::Trailing { .. } | ArchiveFault::TooMany { .. }), _)
            | (fault, 0) => Fault::Archive { fault },
            (fault, members) => Fault::ArchiveEnds { fault, members },
        };
        Some(Member::failed(layer.archive, fault))
    }
}

impl Member {
    fn failed(path: InputPath, fault: Fault) -> Member {
        let error = path.error(fault);
        Member { path, source: Err(error) }
    }
}

/// A member's name as it is shown: one path of visible characters, without the parts that say
/// nothing.
fn shown_name(name: &[u8]) -> String {
    let mut shown = String::new();
    let name = String::from_utf8_lossy(name);
    for part in name.split('/').filter(|part| !part.is_empty() && *part != ".") {
        if !shown.is_empty() {
            shown.push('/');
        }
        push_escaped(&mut shown, part);
    }
    if shown.len() > MAX_NAME_BYTES {
        shown.truncate(shown.floor_char_boundary(MAX_NAME_BYTES));
        shown.push('…');
    }
    if shown.is_empty() { "(no name)".to_owned() } else { shown }
}

#[cfg(test)]
mod tests {
    use super::super::super::stored::Stored;
    use super::super::tests::build::tar;
    use super::*;

    #[test]
    fn shown_names_are_short_paths_of_visible_characters() {
        let long = "é/".repeat(3000);
        for (name, expected) in [
            (&b"./d//x.log"[..], "d/x.log"),
            (b"/../etc", "../etc"),
            (b"a\x07\xff", "a\\u{7}\u{fffd}"),
            (b"./", "(no name)"),
            (long.as_bytes(), &format!("{}…", &long[..4095])),
        ] {
            assert_eq!(shown_name(name), expected);
        }
    }

    #[test]
    fn an_archive_of_too_many_members_is_read_up_to_there() {
        let stored = Stored::new(
            Box::new(io::Cursor::new(tar(&[("x", "1"), ("y", "2"), ("z", "3")]))),
            None,
        );
        let members = members(ArchiveKind::Tar, Decoder::new(stored)).unwrap();
        let policy = ReadPolicy::default();
        let mut walk = Walk::new(&InputPath::stdin(), &policy, ArchiveKind::Tar, members);
        walk.most_members = 2;
        let told: Vec<String> = std::iter::from_fn(|| walk.next_member())
            .map(|member| match member.source {
                Ok(_) => member.path.display,
                Err(error) => error.to_string(),
            })
            .collect();
        assert_eq!(
            told,
            [
                "<stdin>/x",
                "<stdin>/y",
                "<stdin>: holds more than 2 files; unpack it and name its folder",
            ]
        );
    }
}
