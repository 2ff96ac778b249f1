//! logplex, the log router of Heroku: what `heroku logs` prints, and what a syslog drain receives.
//!
//! `2026-11-23T03:55:04+00:00 app[postgres.4882]: [GREEN] [15-1]  text`: the database's process stands
//! where that of an application would, its colour behind it. A drain writes RFC 5424 without
//! structured data, and perhaps the size of each message before it.

use super::EnvelopeKind;
use super::head::Shape;
use super::programs::{Manner, detect};

/// Lines of logplex.
pub(super) static KIND: EnvelopeKind = EnvelopeKind {
    name: "logplex",
    detect: |sample, options, fits| detect(sample, options, fits, MANNER),
    samples: &[
        "2026-11-23T03:55:04+00:00 app[postgres.4882]: [GREEN] [15-1]  sql_error_code = 00000 LOG:  duration: 0.312 ms  statement: SELECT 1\n",
        "203 <134>1 2026-11-23T03:55:04+00:00 host app postgres.4882 - [GREEN] [15-1]  sql_error_code = 00000 LOG:  duration: 0.312 ms  statement: SELECT 1\n",
    ],
};

const MANNER: Manner = Manner {
    title: |_| "logplex lines (Heroku)".to_owned(),
    shapes: &[Shape::Logplex],
    is_indented: false,
    is_octal: false,
};
