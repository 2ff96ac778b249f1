//! What tools of the operating system say beside a server: how busy its processors were. `vmstat`,
//! `sar -u` as text and by `sadf -d`, samples of `/proc/stat`, CloudWatch's CPUUtilization.
//!
//! A form is told by its header line. Such a file says nothing of an engine: it belongs to the server
//! whose files stand beside it.

mod cloudwatch;
mod procstat;
pub mod redis;
mod sar;
pub mod stalk;
mod vmstat;

use super::whole::{Whole, parse_whole, tell_catalog};
use crate::model::catalog::{Catalog, CpuUse};
use crate::model::event::{Engine, Sink};
use crate::model::facts::InputKind;
use crate::model::workload::examples::Place;
use crate::read::input::{Cut, Sample};
use crate::read::logs::segment::Segment;
use crate::read::logs::{ChunkText, FormatMeta, LogFormat, LogReader};
use crate::read::options::ReadOptions;
use crate::read::plans::file::text_of;
use crate::time::{StampParser, Timestamp, ZoneTable};
use std::sync::Arc;

/// The score of a file with a known header.
const SCORE: u8 = 90;

/// A sample: its share of 0 to 1, its time, and its line, counted from 0.
struct Busy {
    share: f64,
    time: Option<Timestamp>,
    line: u32,
}

/// Reads the samples of a form: none if a text is not of it.
type Form = fn(&str, &ZoneTable) -> Vec<Busy>;

/// Every form.
static FORMS: &[Form] = &[vmstat::read, sar::text, sar::database, procstat::read, cloudwatch::read];

/// Files about processors.
pub struct HostCpu;

static META: FormatMeta = FormatMeta {
    name: "host-cpu",
    engine: Engine::Postgres,
    title: "How busy the processors were: vmstat, sar, sadf -d, /proc/stat, CloudWatch CSV",
    samples: &[
        "procs -----------memory---------- ---swap-- -----io---- -system-- ------cpu-----\n r  b   swpd   free   buff  cache   si   so    bi    bo   in   cs us sy id wa st\n 9  0      0 17338880  11344 5782096    0    0  4207  6238  379  570 59  7 34  0  0\n 2  0      0 17338880  11344 5782096    0    0   164     8  495  605 50  8 42  0  0\n",
        "# hostname;interval;timestamp;CPU;%user;%nice;%system;%iowait;%steal;%idle\ndb1;600;2026-11-23 00:10:01 UTC;-1;12.50;0.00;2.50;1.00;0.00;84.00\n",
    ],
    apart: None,
    sample_map: None,
};

impl LogFormat for HostCpu {
    fn meta(&self) -> &'static FormatMeta {
        &META
    }

    fn kind(&self) -> InputKind {
        InputKind::Catalog
    }

    fn sniff(&self, sample: &Sample, options: &ReadOptions) -> u8 {
        let head = String::from_utf8_lossy(&sample.head);
        if FORMS.iter().any(|form| !form(&head, &options.zones).is_empty()) { SCORE } else { 0 }
    }

    fn open(&self, _: &Sample, options: &ReadOptions) -> Box<dyn LogReader> {
        Box::new(HostReader { tell: cpu, zones: Arc::clone(&options.zones) })
    }
}

/// What a text says, with the records in it.
type Tell = fn(&str, &ZoneTable, Place) -> (Catalog, u64);

fn cpu(text: &str, zones: &ZoneTable, place: Place) -> (Catalog, u64) {
    let samples = FORMS.iter().map(|form| form(text, zones)).find(|found| !found.is_empty());
    let mut catalog = Catalog::default();
    let mut records = 0;
    for Busy { share, time, line } in samples.unwrap_or_default() {
        let place = Place { line_in_chunk: place.line_in_chunk.saturating_add(line), ..place };
        let Some(one) = CpuUse::of(share, time, place) else { continue };
        records += 1;
        match &mut catalog.cpu {
            Some(sum) => sum.merge(&one),
            none => *none = Some(one),
        }
    }
    (catalog, records)
}

/// Reads a file about the machine, or another program on it.
struct HostReader {
    tell: Tell,
    zones: Arc<ZoneTable>,
}

impl LogReader for HostReader {
    fn notes(&self) -> Vec<String> {
        Vec::new()
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
        parse_whole(&chunk, sink, |reading, sink| {
            let (offset, line) = chunk.place(0, 0);
            let place = Place { source: 0, offset, line_in_chunk: line };
            let (catalog, records) = (self.tell)(&text_of(chunk.bytes), &self.zones, place);
            reading.records = records;
            tell_catalog(&catalog, (offset, line), sink);
        })
    }
}

/// A number in any country's writing: `12.5`, `12,5`.
fn number(text: &str) -> Option<f64> {
    text.replace(',', ".").parse().ok().filter(|number: &f64| number.is_finite())
}

/// The share that processors are neither idle nor wait for a disk, of percentages.
fn busy_share(idle: f64, waits: f64) -> f64 {
    ((100.0 - idle - waits) / 100.0).clamp(0.0, 1.0)
}

fn time(text: &str, zones: &ZoneTable) -> Option<Timestamp> {
    StampParser::new(zones).parse(text.as_bytes()).map(|stamp| stamp.time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_gives_its_samples_and_no_other() {
        let zones = ZoneTable::new(None).expect("UTC");
        let vmstat = "procs --\n r  b swpd us sy id wa st\n 1 0 0 90 9 1 0 0\n 1 0 0 20 5 70 5 0\n";
        let sar = "Linux 6.1.0 (db1) \t11/23/2026 \t_x86_64_\t(4 CPU)\n\n12:00:01 AM     CPU     %user     %nice   %system   %iowait    %steal     %idle\n12:10:01 AM     all     10.00      0.00      5.00      1.00      0.00     84.00\n12:10:01 AM       0     99.00      0.00      0.00      0.00      0.00      1.00\n12:20:01 PM     all     30,00      0,00      5,00      1,00      0,00     64,00\nAverage:        all     20.00      0.00      5.00      1.00      0.00     74.00\n";
        let sadf = "# hostname;interval;timestamp;CPU;%user;%nice;%system;%iowait;%steal;%idle\ndb1;600;2026-11-23 00:10:01 UTC;-1;10;0;5;1;0;84\ndb1;600;2026-11-23 00:10:01 UTC;0;90;0;5;1;0;4\n";
        let stat = "TS 1700000000.5 2023-11-14 22:13:20\ncpu  100 0 100 800 0 0 0 0 0 0\ncpu0 1 1 1 1\nTS 1700000010.5 2023-11-14 22:13:30\ncpu  150 0 100 850 0 0 0 0 0 0\n";
        let watch = "Full label,db-1 CPUUtilization\nLabel,CPUUtilization\n2026/11/23 09:00:00,12.5\n2026/11/23 09:05:00,\n2026/11/23 09:10:00,50\n";
        for (text, form, expected) in [
            (vmstat, 0, &[0.25][..]),
            (sar, 1, &[0.15, 0.35]),
            (sadf, 2, &[0.15]),
            (stat, 3, &[0.5]),
            (watch, 4, &[0.125, 0.5]),
        ] {
            for (at, read) in FORMS.iter().enumerate() {
                let shares: Vec<f64> = read(text, &zones).iter().map(|busy| busy.share).collect();
                let expected = if at == form { expected } else { &[] };
                assert_eq!(shares.len(), expected.len(), "form {at} of {text}");
                assert!(
                    shares.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9),
                    "{shares:?}"
                );
            }
        }
        let times = |at: usize, text| {
            let samples = FORMS[at](text, &zones);
            samples.iter().map(|busy| busy.time.map(Timestamp::rfc3339)).collect::<Vec<_>>()
        };
        let starts = |time: &Option<String>, with: &str| {
            time.as_ref().is_some_and(|time| time.starts_with(with))
        };
        assert!(starts(&times(1, sar)[0], "2026-11-23T00:10:01"));
        assert!(starts(&times(1, sar)[1], "2026-11-23T12:20:01"));
        assert!(starts(&times(2, sadf)[0], "2026-11-23T00:10:01"));
        assert!(starts(&times(3, stat)[0], "2023-11-14T22:13:30"));
        assert!(starts(&times(4, watch)[1], "2026-11-23T09:10:00"));
    }
}
