//! The text that `journalctl` prints, in every form of `--output` that begins with "short", and with
//! units (`with-unit`).
//!
//! Lines look like syslog's or have stamps of their own (`Mon 2026-11-23 03:55:04 CET`, seconds since
//! 1970 or since boot); further lines of a message are indented up to its column, and lines that
//! begin with `-- ` are the journal's own.

use super::EnvelopeKind;
use super::head::Shape;
use super::programs::{Manner, detect};
use crate::read::input::Sample;

/// Lines of `journalctl`.
pub(super) static KIND: EnvelopeKind = EnvelopeKind {
    name: "journal",
    detect: |sample, options, fits| {
        let shapes = if looks_printed(sample) { ALL } else { OWN };
        detect(sample, options, fits, Manner { shapes, ..MANNER })
    },
    samples: &[
        "-- Journal begins at Mon 2026-11-02 10:00:00 CET. --\nNov 23 03:55:04 db1 postgres[6601]: [5-1] user=app,db=shop LOG:  duration: 0.312 ms  statement: SELECT 1\n",
        "Mon 2026-11-23 03:55:04 CET db1 postgres[6601]: [5-1] user=app,db=shop LOG:  duration: 0.312 ms  statement: SELECT 1\n",
        "1795402504.101311 db1 postgres[6601]: [5-1] user=app,db=shop LOG:  duration: 0.312 ms  statement: SELECT 1\n",
    ],
};

/// Shapes that no syslog daemon writes.
const OWN: &[Shape] = &[Shape::Full, Shape::Unix, Shape::Monotonic];
const ALL: &[Shape] = &[Shape::Bsd, Shape::Iso, Shape::Full, Shape::Unix, Shape::Monotonic];

const MANNER: Manner = Manner { title, shapes: OWN, is_indented: true, is_octal: false };

fn title(shape: Shape) -> String {
    let form = match shape {
        Shape::Iso => "short-iso",
        Shape::Full => "short-full",
        Shape::Unix => "short-unix",
        Shape::Monotonic => "short-monotonic",
        _ => "short",
    };
    format!("a journal as journalctl prints it ({form})")
}

/// Whether a sample shows what only journalctl writes: its own lines, or lines indented so far as a
/// head is long.
fn looks_printed(sample: &Sample) -> bool {
    const HEAD_MIN: usize = 16;
    const OWN_LINES: &[&[u8]] =
        &[b"-- Logs begin at ", b"-- Journal begins at ", b"-- Boot ", b"-- Reboot "];
    let pieces = std::iter::once(&sample.head).chain(&sample.more);
    pieces.flat_map(|text| text.split(|b| *b == b'\n')).any(|line| {
        let blanks = line.iter().take(HEAD_MIN).take_while(|b| **b == b' ').count();
        blanks == HEAD_MIN || OWN_LINES.iter().any(|own| line.starts_with(own))
    })
}
