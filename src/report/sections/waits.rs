//! Waits: what sessions were doing whenever somebody looked.

use super::table::{Side, Table};
use super::{heading, paragraph};
use crate::judge::words;
use crate::report::escape;
use crate::report::phrases::{clock, dash, either};
use crate::report::types::{Report, WaitItem};

/// Rows that a document shows.
const SHOWN: usize = 20;
/// Characters of a name.
const NAME: usize = 60;

pub fn write(report: &Report, out: &mut String) {
    let waits = &report.waits;
    if waits.samples == 0 {
        return;
    }
    heading(out, 3, &format!("Waits ({})", either(waits.samples, "sample", "samples")));
    let when = match (waits.first, waits.last) {
        (Some(first), Some(last)) if first != last => {
            format!(", from {} to {}", clock(report, Some(first)), clock(report, Some(last)))
        }
        (Some(first), _) => format!(", at {}", clock(report, Some(first))),
        _ => String::new(),
    };
    let share = match waits.samples {
        1 => "one look gives no shares",
        _ => "a share is of the looks at the same view",
    };
    paragraph(
        out,
        &format!(
            "Sessions that were not idle whenever the list of sessions was looked at{when}; {share}. \
             What ends between two looks is not in this."
        ),
    );
    if waits.items.is_empty() {
        paragraph(out, "No session was seen at work.");
        return;
    }
    let mut table = Table::new(&[
        ("query", Side::Left),
        ("statement", Side::Left),
        ("waits for", Side::Left),
        ("state", Side::Left),
        ("blocked by", Side::Left),
        ("samples", Side::Right),
        ("share", Side::Right),
    ]);
    let several = report.servers.len() > 1;
    let code = |text: &Option<String>| {
        text.as_deref().map_or_else(dash, |text| escape::cell_code(text, NAME))
    };
    for item in waits.items.iter().take(SHOWN) {
        let query = code(&item.query_id);
        let query =
            if several { format!("{} {query}", escape::prose(&item.server)) } else { query };
        table.row([
            query,
            code(&item.statement),
            code(&event(item)),
            code(&item.state),
            code(&item.blocked_by),
            words::count(item.samples),
            item.share.map_or_else(dash, words::percent),
        ]);
    }
    table.finish(out);
    let more = waits.items.len().saturating_sub(SHOWN) as u64;
    if more > 0 || waits.folded > 0 {
        let more = either(more, "more kind is", "more kinds are");
        paragraph(out, &format!("{more} in the JSON report."));
    }
}

/// The event with its kind, as the server names them.
fn event(item: &WaitItem) -> Option<String> {
    match (&item.event_type, &item.event) {
        (Some(kind), Some(event)) => Some(format!("{kind}: {event}")),
        (kind, event) => event.clone().or_else(|| kind.clone()),
    }
}
