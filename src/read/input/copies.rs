//! Inputs with the same content, found before anything is parsed.
//!
//! Owns [`find_copies`]: `x.log` beside `x.log.1.gz`, or a log beside an earlier, shorter copy of
//! itself. Every input is opened for its first 4 KiB; only inputs that agree there are read whole,
//! one at a time. Standard input takes no part, and neither does what is empty or cannot be read to
//! its end (reading it later says why).

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

use xxhash_rust::xxh3::{Xxh3, xxh3_128};

use super::chunk::Cut;
use super::paths::InputPath;
use super::pool::BufferPool;
use super::source::{ReadPolicy, Source};

/// How much text two inputs must share before they are read whole, in bytes.
const HEAD_BYTES: usize = 4096;

/// A text shorter than this is no evidence as a beginning (a banner, a column heading), in bytes.
const START_BYTES: usize = 32;

/// Read size in bytes.
const READ_BYTES: usize = 256 * 1024;

/// An input whose text is another's. The numbers are positions in the list given to
/// [`find_copies`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Copy {
    /// The input that is to be left out.
    pub copy: usize,
    /// The input that stays.
    pub of: usize,
    /// The copy is only the beginning of the other.
    pub prefix: bool,
}

/// The identity of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Content {
    pub len_bytes: u64,
    pub hash: u128,
}

impl Content {
    fn of(text: &[u8]) -> Content {
        Content { len_bytes: text.len() as u64, hash: xxh3_128(text) }
    }
}

/// Finds the inputs that repeat others. Of equal ones the first by display name stays; what is a
/// beginning of a longer one gives way to the longest. Sorted by `copy`, each input at most once;
/// `of` is never a copy itself.
pub fn find_copies(inputs: &[InputPath], policy: &ReadPolicy) -> Vec<Copy> {
    let mut by_name: Vec<usize> = (0..inputs.len()).filter(|&at| !inputs[at].is_stdin()).collect();
    by_name.sort_by(|&a, &b| inputs[a].order(&inputs[b]));
    let files: Vec<&InputPath> = by_name.iter().map(|&at| &inputs[at]).collect();

    // Texts no longer than a head are known by it; of the others, those with one head are
    // suspicious.
    let mut same_head: HashMap<u128, Vec<usize>> = HashMap::new();
    let mut same_start: HashMap<u128, Vec<(usize, Option<Content>)>> = HashMap::new();
    for (file, input) in files.iter().enumerate() {
        let Some((head, is_whole)) = head_of(input, policy) else {
            continue;
        };
        if !head.is_empty() {
            let content = Content::of(&head);
            if !is_whole {
                same_head.entry(content.hash).or_default().push(file);
            }
            let start = xxh3_128(&head[..head.len().min(START_BYTES)]);
            same_start.entry(start).or_default().push((file, is_whole.then_some(content)));
        }
    }

    let mut copies = Vec::new();
    for group in same_head.into_values().filter(|group| group.len() > 1) {
        let contents =
            group.into_iter().filter_map(|file| Some((file, content_of(files[file], policy)?)));
        let mut classes = Classes::new(contents);
        for (file, len_bytes) in classes.longest_first() {
            classes.look_for_beginnings(file, len_bytes, |beginnings| {
                read_text(files[file], policy, &mut |text| beginnings.push(text)).is_some()
            });
        }
        classes.finish(&mut copies);
    }
    let dropped: HashSet<usize> = copies.iter().map(|copy| copy.copy).collect();
    for group in same_start.into_values().filter(|group| group.len() > 1) {
        let mut classes =
            Classes::new(group.iter().filter_map(|&(file, content)| Some((file, content?))));
        let long =
            group.iter().filter(|(file, content)| content.is_none() && !dropped.contains(file));
        let mut candidates: Vec<(usize, u64)> = long.map(|&(file, _)| (file, u64::MAX)).collect();
        candidates.extend(classes.longest_first());
        for (file, len_bytes) in candidates {
            classes.look_for_beginnings(file, len_bytes, |beginnings| {
                head_of(files[file], policy).map(|(head, _)| beginnings.push(&head)).is_some()
            });
        }
        classes.finish(&mut copies);
    }
    for copy in &mut copies {
        (copy.copy, copy.of) = (by_name[copy.copy], by_name[copy.of]);
    }
    copies.sort_unstable();
    copies
}

/// Files by content, each file a position in the order of names.
struct Classes {
    /// The files of each content, the first by name first.
    files: BTreeMap<Content, Vec<usize>>,
    /// Contents that may still be found to be the beginning of a longer one.
    open: BTreeMap<u64, HashSet<u128>>,
    /// Contents that are the beginning of a file's text.
    beginnings_of: HashMap<Content, usize>,
}

impl Classes {
    /// `members` come in the order of names.
    fn new(members: impl Iterator<Item = (usize, Content)>) -> Classes {
        let mut classes = Classes {
            files: BTreeMap::new(),
            open: BTreeMap::new(),
            beginnings_of: HashMap::new(),
        };
        for (file, content) in members {
            classes.files.entry(content).or_default().push(file);
            if content.len_bytes >= START_BYTES as u64 {
                classes.open.entry(content.len_bytes).or_default().insert(content.hash);
            }
        }
        classes
    }

    /// One file of each content with its length: the order in which the longest text that extends a
    /// content comes first, of two equally long ones the first by name.
    fn longest_first(&self) -> Vec<(usize, u64)> {
        let mut order: Vec<(usize, u64)> =
            self.files.iter().map(|(content, files)| (files[0], content.len_bytes)).collect();
        order.sort_unstable_by_key(|&(file, len_bytes)| (Reverse(len_bytes), file));
        order
    }

    /// Notes which contents, not claimed before, are beginnings of the text of `file`. `show`
    /// pushes that text and returns false when it could not be read.
    fn look_for_beginnings(
        &mut self,
        file: usize,
        len_bytes: u64,
        show: impl FnOnce(&mut Beginnings) -> bool,
    ) {
        let lengths: Vec<u64> = self.open.range(..len_bytes).map(|(&length, _)| length).collect();
        let mut beginnings = Beginnings::new(lengths);
        if beginnings.lengths.is_empty() || !show(&mut beginnings) {
            return;
        }
        for content in beginnings.found {
            if let Some(hashes) = self.open.get_mut(&content.len_bytes)
                && hashes.remove(&content.hash)
            {
                if hashes.is_empty() {
                    self.open.remove(&content.len_bytes);
                }
                self.beginnings_of.insert(content, file);
            }
        }
    }

    fn finish(self, copies: &mut Vec<Copy>) {
        for (content, files) in self.files {
            match self.beginnings_of.get(&content) {
                Some(&of) => {
                    copies.extend(files.iter().map(|&copy| Copy { copy, of, prefix: true }))
                }
                None => copies.extend(files[1..].iter().map(|&copy| Copy {
                    copy,
                    of: files[0],
                    prefix: false,
                })),
            }
        }
    }
}

/// Hashes the beginnings of a text at given lengths in one pass.
struct Beginnings {
    /// Ascending; `lengths[found.len()..]` are still to come.
    lengths: Vec<u64>,
    found: Vec<Content>,
    hash: Xxh3,
    position: u64,
}

impl Beginnings {
    fn new(lengths: Vec<u64>) -> Beginnings {
        Beginnings { lengths, found: Vec::new(), hash: Xxh3::new(), position: 0 }
    }

    fn push(&mut self, mut text: &[u8]) {
        while let Some(&len_bytes) = self.lengths.get(self.found.len()) {
            let wanted = usize::try_from(len_bytes - self.position).unwrap_or(usize::MAX);
            let (part, rest) = text.split_at(wanted.min(text.len()));
            self.hash.update(part);
            self.position += part.len() as u64;
            text = rest;
            if self.position < len_bytes {
                return;
            }
            self.found.push(Content { len_bytes, hash: self.hash.digest128() });
        }
    }
}

/// The identity of an input's whole text; `None` if it cannot be read to its proper end.
pub(super) fn content_of(input: &InputPath, policy: &ReadPolicy) -> Option<Content> {
    read_text(input, policy, &mut |_| {})
}

fn head_of(input: &InputPath, policy: &ReadPolicy) -> Option<(Vec<u8>, bool)> {
    Source::open(input, policy).ok()?.head(HEAD_BYTES).ok()
}

/// Takes whatever was read.
struct Anywhere;

impl Cut for Anywhere {
    fn cut(&mut self, buf: &[u8], _scanned: usize, _eof: bool) -> Option<usize> {
        Some(buf.len())
    }
}

/// Shows the whole text to `each`, piece by piece; `None` if it has no proper end.
fn read_text(
    input: &InputPath,
    policy: &ReadPolicy,
    each: &mut dyn FnMut(&[u8]),
) -> Option<Content> {
    let policy = ReadPolicy { chunk_bytes: READ_BYTES, mmap: false, ..*policy };
    let mut chunks = Source::open(input, &policy).ok()?.chunks_in(&BufferPool::new(READ_BYTES));
    while let Some(chunk) = chunks.next(&mut Anywhere).ok()? {
        each(&chunk);
    }
    Some(Content { len_bytes: chunks.text_position(), hash: chunks.content_hash() })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::decompress::tests::{gzip, zstd_frame};
    use super::*;

    /// Files of the given names and stored bytes; the copies found, as names.
    fn copies_among(files: &[(&str, Vec<u8>)]) -> Vec<(String, String, bool)> {
        let folder = tempfile::tempdir().unwrap();
        let mut inputs = vec![InputPath::stdin()];
        for (name, stored) in files {
            let path = folder.path().join(name);
            fs::write(&path, stored).unwrap();
            inputs.push(InputPath::named(&path));
        }
        inputs.push(InputPath::named(&folder.path().join("absent")));
        let name = |at: usize| inputs[at].display.clone();
        find_copies(&inputs, &ReadPolicy::default())
            .iter()
            .map(|copy| (name(copy.copy), name(copy.of), copy.prefix))
            .collect()
    }

    fn lines(count: usize) -> String {
        (0..count).map(|line| format!("{line:09} some text\n")).collect()
    }

    #[test]
    fn equal_text_is_a_copy_however_it_is_stored() {
        // One size below and one above what is read of every file.
        for text in [lines(3), lines(30_000)] {
            let other = text.replace("000000002", "000000009");
            let found = copies_among(&[
                ("c.gz", gzip(text.as_bytes())),
                ("b", text.clone().into_bytes()),
                ("d.zst", zstd_frame(text.as_bytes())),
                ("e", [b"\xef\xbb\xbf", text.as_bytes()].concat()),
                ("a", other.into_bytes()),
                ("empty", vec![]),
                ("empty.gz", gzip(b"")),
            ]);
            let expected =
                ["c.gz", "d.zst", "e"].map(|copy| (copy.to_owned(), "b".to_owned(), false));
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn a_beginning_gives_way_to_the_longest() {
        let text = lines(30_000);
        let bytes = text.as_bytes();
        let last_differs = [&bytes[..400_000], b"x"].concat();
        let mut cut = gzip(bytes);
        cut.truncate(cut.len() / 2);
        let found = copies_among(&[
            ("a", bytes[..300_000].to_vec()),
            ("b.gz", gzip(&bytes[..300_000])),
            ("c", bytes[..200_000].to_vec()),
            ("d", last_differs),
            ("e.gz", gzip(bytes)),
            ("f", bytes[..100].to_vec()),
            ("g", bytes[..60].to_vec()),
            ("h", bytes[..20].to_vec()),
            ("i", bytes[..4096].to_vec()),
            ("j", bytes[..4097].to_vec()),
            ("k.gz", cut),
            ("l", bytes.to_vec()),
        ]);
        let mut expected: Vec<(String, String, bool)> = ["a", "b.gz", "c", "j"]
            .iter()
            .map(|copy| (copy.to_string(), "e.gz".to_owned(), true))
            .collect();
        // A short text is looked for in the texts that stay, in the order of their names.
        expected.extend(["f", "g", "i"].map(|copy| (copy.to_owned(), "d".to_owned(), true)));
        expected.push(("l".to_owned(), "e.gz".to_owned(), false));
        expected.sort();
        assert_eq!(found, expected);
    }

    #[test]
    fn beginnings_are_hashed_at_every_length_for_any_split() {
        let text = lines(50);
        let lengths: Vec<u64> = vec![1, 7, 20, 21, 640, 1000];
        for piece in [1, 3, 20, 641, 2000] {
            let mut beginnings = Beginnings::new(lengths.clone());
            text.as_bytes().chunks(piece).for_each(|part| beginnings.push(part));
            let expected: Vec<Content> =
                lengths.iter().map(|&len| Content::of(&text.as_bytes()[..len as usize])).collect();
            assert_eq!(beginnings.found, expected);
        }
    }
}
