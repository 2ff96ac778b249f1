//! Operations: what was kept apart from the classes, and what time was spent on where the log splits
//! it. Engines whose logs have neither have no such sections.

use super::table::{Side, Table};
use super::{heading, paragraph};
use crate::judge::words;
use crate::report::escape;
use crate::report::phrases::{ms, ms_or_dash, scope};
use crate::report::types::{Query, Report, Spent};

/// Characters of a server's name.
const NAME: usize = 60;
/// That the parts do not add up.
const OVERLAP: &str = "Parts overlap (CPU and reading are work, locks nest), so they do not add up; \
                       what no part names was not measured.";

/// Why not every line of the log is in a class.
pub fn apart(report: &Report, out: &mut String) {
    if report.apart.is_empty() {
        return;
    }
    heading(out, 3, "Operations Kept Apart");
    paragraph(
        out,
        "These stand in the logs beside the operations above. They are no work of a user, or work \
         that is counted already, so they are in no other number of this report.",
    );
    let several = report.servers.len() > 1;
    let mut columns = vec![("what", Side::Left)];
    if several {
        columns.push(("server", Side::Left));
    }
    columns.extend([("operations", Side::Right), ("their time", Side::Right)]);
    let mut table = Table::new(&columns);
    for kept in &report.apart {
        let mut cells = vec![escape::cell_prose(kept.why)];
        if several {
            cells.push(escape::cell_code(&kept.server, NAME));
        }
        cells.extend([words::count(kept.count), ms(kept.total_ms)]);
        table.row(cells);
    }
    table.finish(out);
}

/// What the time of all runs was spent on.
pub fn spent_by_server(report: &Report, out: &mut String) {
    if report.spent.is_empty() {
        return;
    }
    heading(out, 3, "Where the Time Went");
    let several = report.servers.len() > 1;
    paragraph(
        out,
        &format!(
            "As the logs split the time of the operations, and the share of {}{}. {OVERLAP}",
            scope(report, "all logged time", "all time"),
            if several { " of the server" } else { "" }
        ),
    );
    let mut columns = vec![("part", Side::Left)];
    if several {
        columns.push(("server", Side::Left));
    }
    columns.extend([
        ("time", Side::Right),
        ("share", Side::Right),
        ("p95 of one", Side::Right),
        ("longest", Side::Right),
        ("operations that carry it", Side::Right),
    ]);
    let mut table = Table::new(&columns);
    for part in &report.spent {
        let spent = &part.spent;
        let mut cells = vec![spent.title.to_owned()];
        if several {
            cells.push(escape::cell_code(&part.server, NAME));
        }
        cells.extend([
            ms(spent.total_ms),
            share(spent.share),
            ms_or_dash(spent.p95_ms),
            ms_or_dash(spent.max_ms),
            words::count(spent.runs),
        ]);
        table.row(cells);
    }
    table.finish(out);
}

/// What the time of a class was spent on.
pub fn spent(query: &Query, out: &mut String) {
    if query.spent.is_empty() {
        return;
    }
    let some_lack_it = query.spent.iter().any(|part| part.runs < query.timed);
    let mut columns = vec![
        ("time went to", Side::Left),
        ("sum", Side::Right),
        ("share", Side::Right),
        ("mean", Side::Right),
        ("p95", Side::Right),
        ("max", Side::Right),
    ];
    if some_lack_it {
        columns.push(("operations that carry it", Side::Right));
    }
    let mut table = Table::new(&columns);
    for part in &query.spent {
        table.row(cells(part));
    }
    table.finish(out);
}

/// A share of a time that may be more than all of it, where waits nest.
fn share(share: f64) -> String {
    if share > 1.0005 { "over 100 %".to_owned() } else { words::percent(share) }
}

fn cells(part: &Spent) -> [String; 7] {
    [
        part.title.to_owned(),
        ms(part.total_ms),
        share(part.share),
        ms_or_dash(part.mean_ms),
        ms_or_dash(part.p95_ms),
        ms_or_dash(part.max_ms),
        words::count(part.runs),
    ]
}
