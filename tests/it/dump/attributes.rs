//! What the log said about runs beside text and duration, what sampling left out, and what the
//! server summed up itself. Nothing is written where there is nothing.

use super::{dump_tally, line};
use querylens::model::workload::attributes::{Attributes, Figures};
use querylens::model::workload::stats::Stats;
use querylens::model::workload::tally::Names;

/// What the logged runs stand for, where the log took only some.
pub fn dump_estimate(stats: &Stats, out: &mut String) {
    let estimate = stats.estimate();
    if estimate.one_in > 1 {
        line(
            out,
            format_args!(
                "  estimated calls {}, total_us {}, one in {}",
                estimate.calls, estimate.total_us, estimate.one_in
            ),
        );
    }
}

/// Every attribute: known ones in their order, then the others by name.
pub fn dump(attributes: &Attributes, names: &Names, out: &mut String) {
    let known = attributes.known().map(|(known, figures)| (known.name(), figures));
    for (name, figures) in known.chain(attributes.others()) {
        match figures {
            Figures::Numbers(n) => line(
                out,
                format_args!(
                    "  {name}: {} records, sum {}, min {}, max {}",
                    n.records,
                    n.sum,
                    n.min.unwrap_or_default(),
                    n.max
                ),
            ),
            Figures::Flags(f) => {
                line(out, format_args!("  {name}: {} of {} yes", f.yes, f.records));
            }
            Figures::Words(words) => dump_tally(name, words, names, out),
        }
    }
}
