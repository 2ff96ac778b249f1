//! Syslog: files that syslog daemons write.
//!
//! `Nov 23 03:55:04 host postgres[6601]: text` (BSD), the same with an ISO 8601 stamp, and
//! `<134>1 2026-11-23T03:55:04Z host postgres 6601 - - text` (RFC 5424). A line is read by its own
//! looks, so a file may change from one to another. Daemons write tabs and line ends in octal
//! (`#011`), or let them through.

use super::EnvelopeKind;
use super::head::Shape;
use super::programs::{Manner, detect};

/// Lines of syslog daemons.
pub(super) static KIND: EnvelopeKind = EnvelopeKind {
    name: "syslog",
    detect: |sample, options, fits| detect(sample, options, fits, MANNER),
    samples: &[
        "Nov 23 03:55:04 db1 postgres[6601]: [5-1] 2026-11-23 03:55:04.101 CET [6601] app@shop LOG:  duration: 0.312 ms  statement: SELECT 1\n",
        "2026-11-23T03:55:04.101311+01:00 db1 postgres[6601]: [5-1] user=app,db=shop LOG:  duration: 0.312 ms  statement: SELECT 1\n",
        "<134>1 2026-11-23T03:55:04Z db1 postgres 6601 - - [5-1] user=app,db=shop LOG:  duration: 0.312 ms  statement: SELECT 1\n",
    ],
};

const MANNER: Manner = Manner {
    title,
    shapes: &[Shape::Bsd, Shape::Iso, Shape::Rfc5424],
    is_indented: false,
    is_octal: true,
};

fn title(shape: Shape) -> String {
    let shape = match shape {
        Shape::Iso => "ISO 8601",
        Shape::Rfc5424 => "RFC 5424",
        _ => "BSD",
    };
    format!("syslog lines ({shape})")
}
