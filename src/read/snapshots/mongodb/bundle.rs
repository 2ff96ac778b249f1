//! What `getMongoData.js` writes as JSON: a list of sections, one for each command, in the order in
//! which they were asked. Documents of users are among them (a sample of each collection): those
//! sections are passed over.

use super::said::{Said, member};
use super::shapes;
use crate::model::catalog::{Catalog, IndexActivity};
use crate::read::plans::mongodb::number;
use crate::read::plans::tree::Ref;
use crate::time::Timestamp;

/// Its statistics of collections are in megabytes.
const MEGABYTE: f64 = 1_048_576.0;

/// Whether a document is one.
pub(super) fn is_one(value: Ref<'_, '_>) -> bool {
    let is_section =
        |one: Ref<'_, '_>| ["section", "output", "host"].iter().all(|name| one.get(name).is_some());
    value.is_array() && value.children().next().is_some_and(is_section)
}

/// Tells what all sections say; they come in the order collection, its indexes, their use.
pub(super) fn tell(said: &mut Said<'_>, sections: Ref<'_, '_>, is_whole: bool) -> Catalog {
    let mut catalog = Catalog::default();
    let mut known = None;
    for section in sections.children() {
        let Some(output) = section.get("output") else { continue };
        let name = member(section, "subsection").unwrap_or_default();
        let node = member(section, "host").unwrap_or_default();
        let begun = section.get("ts").and_then(|times| times.get("start"));
        let taken = begun.and_then(|start| said.date(start));
        said.origin.taken = taken.or(said.origin.taken);
        let mut here = Said { node, table: said.table.clone(), ..said.again() };
        match name {
            "index_stats" => index_use(&here, output, known, &mut catalog),
            "sample_document" => {}
            _ => {
                let Some(shape) = shapes::of(output) else { continue };
                if name.ends_with("(mb)") {
                    here.scale = MEGABYTE;
                }
                if let Some(table) = shapes::named(output, shape) {
                    here.table = Some(table.clone());
                    said.table = Some(table);
                }
                if shape == shapes::Output::Indexes {
                    known = Some(output);
                }
                shapes::tell(&mut here, output, shape, is_whole, &mut catalog);
            }
        }
    }
    catalog
}

/// The use of indexes is by their keys; their names are in the list before.
fn index_use(
    said: &Said<'_>,
    output: Ref<'_, '_>,
    known: Option<Ref<'_, '_>>,
    catalog: &mut Catalog,
) {
    let batch = output.get("cursor").and_then(|cursor| cursor.get("firstBatch"));
    for used in batch.into_iter().flat_map(Ref::children) {
        let Some(keys) = used.get("key") else { continue };
        let is_it = |index: &Ref<'_, '_>| index.get("key").is_some_and(|own| same_keys(own, keys));
        let name = known.into_iter().flat_map(Ref::children).find(is_it);
        let Some(name) = name.and_then(|index| member(index, "name")) else { continue };
        for one in used.get("stats").into_iter().flat_map(Ref::children) {
            let activity = IndexActivity {
                scans: one.get("accesses").and_then(number).map(|ops| ops as u64),
                since: one.get("since").and_then(|since| began(said, since)),
                ..IndexActivity::default()
            };
            said.used(name, member(one, "host"), activity, catalog);
        }
    }
}

/// A time as `toUTCString` writes it, `Thu, 01 Oct 2026 00:00:00 GMT`, or a date.
fn began(said: &Said<'_>, since: Ref<'_, '_>) -> Option<Timestamp> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let text = since.text().unwrap_or_default();
    let parts: Vec<_> = text.split(' ').collect();
    if let [_, day, month, year, clock, "GMT"] = *parts {
        let month = MONTHS.iter().position(|name| *name == month)? + 1;
        return said.time(&format!("{year}-{month:02}-{day} {clock}Z"));
    }
    said.date(since)
}

fn same_keys(a: Ref<'_, '_>, b: Ref<'_, '_>) -> bool {
    let keys = |value: Ref<'_, '_>| -> Vec<(String, Option<String>, bool)> {
        let one = |key: Ref<'_, '_>| {
            let order = number(key);
            let word = key.text().filter(|_| order.is_none()).map(str::to_owned);
            (key.key().to_owned(), word, order.is_some_and(|order| order < 0.0))
        };
        value.children().map(one).collect()
    };
    keys(a) == keys(b)
}
