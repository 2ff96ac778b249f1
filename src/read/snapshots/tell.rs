//! Rows of a view as events: the same whether a client printed them or a bundle was taken apart.

use super::innodb::{self, Stands};
use super::views::{LeftOut, Read, Rows, ViewReader};
use super::whole::tell_catalog;
use crate::model::catalog::Catalog;
use crate::model::event::{Event, Kind, Sink, Who};
use crate::time::{StampParser, ZoneTable};

/// Tells what the rows of a view say; they begin at an offset of the source, on a line of its chunk.
/// Returns what of them is no statement of its own.
pub(super) fn tell_rows(
    view: &ViewReader,
    rows: &Rows<'_>,
    (offset, line): (u64, u32),
    zones: &ZoneTable,
    sink: &mut dyn Sink,
) -> LeftOut {
    let mut left_out = LeftOut::default();
    match view.read {
        Read::Catalog(read) => {
            let mut catalog = Catalog::default();
            read(rows, &mut catalog);
            tell_catalog(&catalog, (offset, line), sink);
        }
        Read::InnodbStatus => {
            for row in rows.iter() {
                let text = row.text("status").unwrap_or_default().as_bytes();
                let (line, mut stamps) = (row.line(), StampParser::new(zones));
                for output in innodb::outputs(text) {
                    let stands = Stands { offset, line, has_lines: false, time: None };
                    innodb::tell(&output.text, stands, &mut stamps, sink);
                }
            }
        }
        Read::Statement(read) => {
            for row in rows.iter() {
                let Some(statement) = left_out.take(&row, read(&row)) else { continue };
                let who = Who {
                    user: statement.user.map(str::as_bytes),
                    database: statement.database.map(str::as_bytes),
                    ..Who::default()
                };
                let (line, kind) = (row.line(), Kind::Counters(statement.counters));
                sink.event(&Event { offset, line, time: None, utc_offset_s: 0, who, kind });
            }
        }
    }
    left_out
}
