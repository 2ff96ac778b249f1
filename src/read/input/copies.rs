//! Inputs with the same content, found before anything is parsed.
//!
//! Owns [`find_copies`]: `x.log` beside `x.log.1.gz`, a log in an archive beside itself, or a log
//! beside an earlier, shorter copy of itself. Every input is known by the beginning of its text
//! ([`Prints`]); only inputs that agree there are read whole, one at a time. Standard input takes no
//! part, and neither does what is empty or cannot be read to its end (reading it later says why).

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use xxhash_rust::xxh3::{Xxh3, xxh3_128};

use super::chunk::Cut;
use super::open::Opener;
use super::paths::InputPath;
use super::source::{ReadPolicy, Sample, Source};

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

/// What the beginning of a text says about it: enough to see which inputs need a closer look.
#[derive(Clone, Copy, Debug)]
pub struct Prints {
    /// The first [`START_BYTES`].
    start: u128,
    /// The first [`HEAD_BYTES`].
    head: Content,
    /// There is no more than the head.
    is_short: bool,
    /// The sample's whole head.
    pub(super) long_head: u128,
}

impl Prints {
    /// The prints of the text that a sample was taken of.
    pub fn of(sample: &Sample) -> Prints {
        let first = |bytes: usize| &sample.head[..bytes.min(sample.head.len())];
        Prints {
            start: xxh3_128(first(START_BYTES)),
            head: Content::of(first(HEAD_BYTES)),
            is_short: sample.whole && sample.head.len() <= HEAD_BYTES,
            long_head: xxh3_128(&sample.head),
        }
    }
}

/// Finds the inputs that repeat others, given their prints (none: never a copy). Of equal ones the
/// first by display name stays; what is a beginning of a longer one gives way to the longest. Sorted
/// by `copy`, each input at most once; `of` is never a copy itself.
///
/// Inputs that agree in their prints are read again, once or twice, archives once for all of them.
pub fn find_copies(
    inputs: &[InputPath],
    prints: &[Option<Prints>],
    policy: &ReadPolicy,
) -> Vec<Copy> {
    let mut by_name: Vec<(&InputPath, Prints, usize)> = inputs
        .iter()
        .zip(prints)
        .enumerate()
        .filter_map(|(at, (input, prints))| Some((input, (*prints)?, at)))
        .filter(|(input, prints, _)| !input.is_stdin() && prints.head.len_bytes > 0)
        .collect();
    by_name.sort_by(|(a, ..), (b, ..)| a.order(b));
    let files: Vec<&InputPath> = by_name.iter().map(|(input, ..)| *input).collect();

    // Texts no longer than a head are known by it; of the others, those with one head are
    // suspicious.
    let mut same_head: BTreeMap<u128, Vec<usize>> = BTreeMap::new();
    let mut same_start: BTreeMap<u128, Vec<usize>> = BTreeMap::new();
    for (file, (_, prints, _)) in by_name.iter().enumerate() {
        same_start.entry(prints.start).or_default().push(file);
        if !prints.is_short {
            same_head.entry(prints.head.hash).or_default().push(file);
        }
    }
    same_head.retain(|_, group| group.len() > 1);
    same_start.retain(|_, group| group.len() > 1);

    let contents = contents_of(&files, same_head.values().flatten().copied(), policy);
    let mut copies = Vec::new();
    let mut families: Vec<Family> = same_head
        .into_values()
        .map(|group| {
            Family::new(group.into_iter().filter_map(|file| Some((file, *contents.get(&file)?))))
        })
        .collect();
    look_for_beginnings(&files, &mut families, policy, |source, beginnings| {
        read_text(source, &mut |text| beginnings.push(text)).is_some()
    });
    families.into_iter().for_each(|family| family.finish(&mut copies));

    let dropped: HashSet<usize> = copies.iter().map(|copy| copy.copy).collect();
    let mut families: Vec<Family> = same_start
        .into_values()
        .map(|group| {
            let (short, long): (Vec<usize>, Vec<usize>) =
                group.into_iter().partition(|&file| by_name[file].1.is_short);
            let mut family =
                Family::new(short.into_iter().map(|file| (file, by_name[file].1.head)));
            let stays = long.into_iter().filter(|file| !dropped.contains(file));
            family.longer.extend(stays.map(|file| (file, u64::MAX)));
            family
        })
        .collect();
    look_for_beginnings(&files, &mut families, policy, |mut source, beginnings| {
        source.head(HEAD_BYTES).map(|(head, _)| beginnings.push(&head)).is_ok()
    });
    families.into_iter().for_each(|family| family.finish(&mut copies));

    for copy in &mut copies {
        (copy.copy, copy.of) = (by_name[copy.copy].2, by_name[copy.of].2);
    }
    copies.sort_unstable();
    copies
}

/// Texts that begin alike, each file a position in the order of names.
struct Family {
    /// The files of each content, the first by name first.
    files: BTreeMap<Content, Vec<usize>>,
    /// Lengths of contents that may be the beginning of a longer one.
    lengths: BTreeSet<u64>,
    /// Files in which beginnings are looked for, with their lengths; one per content.
    longer: Vec<(usize, u64)>,
    /// For each content that is a beginning, the longest text of which it is one; of equally long
    /// ones the first by name.
    longest: HashMap<Content, (Reverse<u64>, usize)>,
}

impl Family {
    /// `members` come in the order of names.
    fn new(members: impl Iterator<Item = (usize, Content)>) -> Family {
        let mut files: BTreeMap<Content, Vec<usize>> = BTreeMap::new();
        for (file, content) in members {
            files.entry(content).or_default().push(file);
        }
        let lengths = files.keys().map(|content| content.len_bytes);
        Family {
            lengths: lengths.filter(|&length| length >= START_BYTES as u64).collect(),
            longer: files.iter().map(|(content, files)| (files[0], content.len_bytes)).collect(),
            longest: HashMap::new(),
            files,
        }
    }

    /// A file of this length begins with these contents.
    fn begins(&mut self, file: usize, len_bytes: u64, beginnings: Beginnings) {
        for content in beginnings.found {
            if self.files.contains_key(&content) {
                let offered = (Reverse(len_bytes), file);
                let best = self.longest.entry(content).or_insert(offered);
                *best = offered.min(*best);
            }
        }
    }

    fn finish(self, copies: &mut Vec<Copy>) {
        for (content, files) in self.files {
            match self.longest.get(&content) {
                Some(&(_, of)) => {
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

/// Looks in the longer texts of each family for the beginnings that are others' contents. `show`
/// pushes a text and returns false when it could not be read.
fn look_for_beginnings(
    files: &[&InputPath],
    families: &mut [Family],
    policy: &ReadPolicy,
    mut show: impl FnMut(Source, &mut Beginnings) -> bool,
) {
    let mut tasks: HashMap<usize, (usize, u64, Vec<u64>)> = HashMap::new();
    for (at, family) in families.iter().enumerate() {
        for &(file, len_bytes) in &family.longer {
            let lengths: Vec<u64> = family.lengths.range(..len_bytes).copied().collect();
            if !lengths.is_empty() {
                tasks.insert(file, (at, len_bytes, lengths));
            }
        }
    }
    let wanted: Vec<usize> = tasks.keys().copied().collect();
    sweep(files, wanted, policy, |file, source| {
        if let Some((at, len_bytes, lengths)) = tasks.remove(&file) {
            let mut beginnings = Beginnings::new(lengths);
            if show(source, &mut beginnings) {
                families[at].begins(file, len_bytes, beginnings);
            }
        }
    });
}

/// Opens the wanted files, each archive once.
fn sweep(
    files: &[&InputPath],
    mut wanted: Vec<usize>,
    policy: &ReadPolicy,
    mut each: impl FnMut(usize, Source),
) {
    let policy = ReadPolicy { chunk_bytes: READ_BYTES, mmap: false, ..*policy };
    let mut opener = Opener::new(&policy);
    wanted.retain(|&file| !files[file].is_stdin());
    wanted.sort_by(|&a, &b| files[a].place_order(files[b]));
    for file in wanted {
        if let Ok(source) = opener.open(files[file]) {
            each(file, source);
        }
    }
}

/// The identities of the wanted files' texts, but for those that cannot be read to their proper
/// end.
pub(super) fn contents_of(
    files: &[&InputPath],
    wanted: impl Iterator<Item = usize>,
    policy: &ReadPolicy,
) -> HashMap<usize, Content> {
    let mut contents = HashMap::new();
    sweep(files, wanted.collect(), policy, |file, source| {
        contents.extend(read_text(source, &mut |_| {}).map(|content| (file, content)));
    });
    contents
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

/// Takes whatever was read.
struct Anywhere;

impl Cut for Anywhere {
    fn cut(&mut self, buf: &[u8], _scanned: usize, _eof: bool) -> Option<usize> {
        Some(buf.len())
    }
}

/// Shows the whole text to `each`, piece by piece; `None` if it has no proper end.
fn read_text(source: Source, each: &mut dyn FnMut(&[u8])) -> Option<Content> {
    let mut chunks = source.chunks();
    while let Some(chunk) = chunks.next(&mut Anywhere).ok()? {
        each(&chunk);
    }
    Some(Content { len_bytes: chunks.text_position(), hash: chunks.content_hash() })
}

#[cfg(test)]
pub(super) mod tests {
    use std::fs;

    use super::super::decompress::tests::{gzip, zstd_frame};
    use super::*;

    pub fn prints_of(input: &InputPath, policy: &ReadPolicy) -> Option<Prints> {
        let mut source = Opener::new(policy).open(input).ok()?;
        Some(Prints::of(&source.sample().ok()?))
    }

    /// Files of the given names and stored bytes; the copies found, as names.
    fn copies_among(files: &[(&str, Vec<u8>)]) -> Vec<(String, String, bool)> {
        let folder = tempfile::tempdir().unwrap();
        let mut inputs = Vec::new();
        for (name, stored) in files {
            let path = folder.path().join(name);
            fs::write(&path, stored).unwrap();
            inputs.push(InputPath::named(&path));
        }
        inputs.push(InputPath::named(&folder.path().join("absent")));
        let policy = ReadPolicy::default();
        let prints: Vec<Option<Prints>> =
            inputs.iter().map(|input| prints_of(input, &policy)).collect();
        let name = |at: usize| inputs[at].display.clone();
        find_copies(&inputs, &prints, &policy)
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
