//! Samples of pt-stalk that hold nothing a report tells: known by their names or by the time that they
//! begin with, and left out.
//!
//! What they hold of the server or its processors is read where it is recognised by content, which
//! goes before a name.

use super::super::stamps;
use super::super::whole::{Whole, parse_whole};
use crate::model::event::{Engine, Sink};
use crate::model::facts::InputKind;
use crate::read::input::{Cut, Sample};
use crate::read::logs::segment::Segment;
use crate::read::logs::{ChunkText, FormatMeta, LogFormat, LogReader};
use crate::read::options::ReadOptions;

/// The score of a file of which only this is known: any content goes before it.
const SCORE: u8 = 50;

/// What stands behind the time in the names of samples, without the number behind it.
const NAMES: [&str; 34] = [
    "df",
    "disk-space",
    "diskstats",
    "hostname",
    "interrupts",
    "iostat",
    "iostat-overall",
    "lock-waits",
    "log_error",
    "lsof",
    "meminfo",
    "mpstat",
    "mpstat-overall",
    "mutex-status",
    "netstat",
    "netstat_s",
    "numastat",
    "opentables",
    "output",
    "pmap",
    "prepared-statements",
    "processlist",
    "procstat",
    "procvmstat",
    "ps",
    "ps-locks-transactions",
    "slabinfo",
    "slave-status",
    "stacktrace",
    "sysctl",
    "top",
    "transactions",
    "trigger",
    "vmstat-overall",
];

/// Samples that are left out.
pub struct StalkSample;

static META: FormatMeta = FormatMeta {
    name: "pt-stalk-sample",
    engine: Engine::Mysql,
    title: "Samples of pt-stalk of which nothing is read",
    samples: &[
        "TS 1700000000.001 2023-11-14 22:13:20\nMemTotal:       24000000 kB\nMemFree:        17000000 kB\n",
    ],
    apart: None,
    sample_map: None,
};

/// Whether a name is that of a sample.
fn is_sample(path: &str) -> bool {
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    let word = name.split_once('-').map_or("", |(_, word)| word);
    let word = word.trim_end_matches(|c: char| c.is_ascii_digit());
    NAMES.contains(&word) && stamps::is_name(name)
}

impl LogFormat for StalkSample {
    fn meta(&self) -> &'static FormatMeta {
        &META
    }

    fn kind(&self) -> InputKind {
        InputKind::Catalog
    }

    fn sniff(&self, sample: &Sample, _: &ReadOptions) -> u8 {
        let first = sample.head.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let is_stamped = stamps::is_one(&String::from_utf8_lossy(first));
        if is_stamped || is_sample(&sample.name) { SCORE } else { 0 }
    }

    fn open(&self, _: &Sample, _: &ReadOptions) -> Box<dyn LogReader> {
        Box::new(Reader)
    }
}

struct Reader;

impl LogReader for Reader {
    fn notes(&self) -> Vec<String> {
        vec!["a sample of pt-stalk: nothing of it is read".to_owned()]
    }

    fn is_of_host(&self) -> bool {
        true
    }

    fn cut(&self) -> Box<dyn Cut + Send> {
        Box::new(Whole)
    }

    fn cuts_anywhere(&self) -> bool {
        false
    }

    fn parse(&self, chunk: ChunkText<'_>, sink: &mut dyn Sink) -> Segment {
        let mut segment = parse_whole(&chunk, sink, |_, _| {});
        let lines = u32::try_from(segment.reading.lines).unwrap_or(u32::MAX);
        segment.reading.leave_to_others(chunk.bytes.len(), lines);
        segment
    }
}

#[cfg(test)]
mod tests {
    use super::is_sample;

    #[test]
    fn samples_are_known_by_time_and_word() {
        for (path, expected) in [
            ("stalk/2026_11_24_01_45_43-df", true),
            ("2026_11_24_01_45_43-opentables1", true),
            ("2026_11_24_01_45_43-variables", false),
            ("2026_11_24-df", false),
            ("df", false),
        ] {
            assert_eq!(is_sample(path), expected, "{path}");
        }
    }
}
