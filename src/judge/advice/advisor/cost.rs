//! What reading a table costs in one way or another, in the units of PostgreSQL's planner: a page in
//! sequence is 1, a page elsewhere 4, a row 0.01.

use super::statement::UseModel;
use super::tables::{IndexModel, TableModel};
use crate::lang::sql::demand::{Filter, Test, Within};

/// A page anywhere on disk.
pub const RANDOM_PAGE: f64 = 4.0;
/// A row.
pub const ROW: f64 = 0.01;
/// An entry of an index.
const ENTRY: f64 = 0.005;
/// A comparison.
pub const COMPARISON: f64 = 0.0025;
/// How many times more rows may have to be read in order until enough are found that pass other tests.
const DOUBT: f64 = 20.0;
/// The part of its rows that an index-only scan has to look at all the same.
const NOT_VISIBLE: f64 = 0.03;

/// Reading all of a table.
pub fn full_scan(table: &TableModel, used: &UseModel) -> f64 {
    table.pages + table.rows * (ROW + COMPARISON * used.filters.len() as f64)
}

/// Sorting rows.
pub fn sort(rows: f64) -> f64 {
    2.0 * COMPARISON * rows * (rows + 2.0).log2()
}

/// How an index serves a use.
#[derive(Clone, Copy, Debug)]
pub struct Path {
    /// The part of the index that is read.
    entries: f64,
    /// The part of the table's rows that are fetched.
    fetched: f64,
    /// Places in the index where it begins to read.
    descents: f64,
    /// Whether the index has all that is read.
    is_covering: bool,
    /// How far the rows stand in its order, 0 to 1.
    clustered: f64,
    /// Pages of the index.
    pages: f64,
    /// It gives the rows in the order that the use asks for.
    pub is_sorted: bool,
}

impl Path {
    /// How an index serves a use whose columns `bound` are compared with columns of other uses;
    /// `None` where it does not narrow what is read, nor sorts.
    pub fn of(
        table: &TableModel,
        index: &IndexModel,
        used: &UseModel,
        bound: &[&str],
    ) -> Option<Self> {
        if let Some(predicate) = &index.predicate
            && !used.filters.iter().any(|(filter, _)| implies(filter, predicate))
        {
            return None;
        }
        let in_index = index.predicate.as_ref().map_or(1.0, |predicate| {
            let own = used.filters.iter().find(|(filter, _)| implies(filter, predicate));
            own.map_or(1.0, |(_, share)| *share)
        });
        if index.method == "gin" {
            return Self::of_words(index, used);
        }
        let (mut entries, mut fetched, mut descents) = (1.0f64, in_index, 1.0f64);
        let (mut is_open, mut is_useful) = (true, false);
        let mut equal_keys = 0;
        let mut has_list = false;
        for (key, _) in &index.keys {
            let is_bound = bound.iter().any(|column| column.eq_ignore_ascii_case(key));
            let tests = used.filters.iter().filter(|(filter, _)| is_of(filter, key));
            let mut best: Option<(f64, bool)> = is_bound.then(|| (1.0 / table.distinct(key), true));
            for (filter, share) in tests {
                let (finds, is_point) = match filter.test {
                    Test::Equal | Test::IsNull | Test::IsTrue | Test::IsFalse => (true, true),
                    Test::In => (true, true),
                    Test::Range | Test::Between | Test::NotNull => (true, false),
                    Test::Pattern => (filter.within == Within::Bare, false),
                    _ => (false, false),
                };
                if !finds {
                    continue;
                }
                if filter.test == Test::In && is_open {
                    has_list = true;
                    descents *= (share * table.distinct(key)).clamp(1.0, 1000.0);
                }
                let known = best.unwrap_or((1.0, is_point));
                best = Some((known.0 * share, known.1 || is_point));
            }
            let Some((share, is_point)) = best else {
                is_open = false;
                continue;
            };
            fetched *= share;
            if is_open {
                entries *= share;
                is_useful = true;
                equal_keys += usize::from(is_point);
            }
            is_open &= is_point && index.method != "brin";
            if index.method == "hash" {
                break;
            }
        }
        let is_sorted = !has_list && index.method == "btree" && sorts(index, used, equal_keys);
        let is_covering = !used.reads_all
            && index.method == "btree"
            && used.reads.iter().all(|column| {
                let has = |other: &String| other.eq_ignore_ascii_case(column);
                index.keys.iter().any(|(key, _)| has(key))
                    || index.include.iter().chain(&table.suffix).any(has)
            });
        let is_partial = index.predicate.is_some();
        if !is_useful && !is_sorted && !is_covering && !is_partial {
            return None;
        }
        let leading = index.keys.first().and_then(|(key, _)| table.column(key));
        let clustered = match index.is_clustered {
            true => 1.0,
            false => leading.and_then(|column| column.correlation).map_or(0.0, |c| c * c),
        };
        Some(Path {
            entries,
            fetched,
            descents,
            is_covering: is_covering || index.is_clustered,
            clustered,
            pages: index.pages,
            is_sorted,
        })
    }

    /// GIN: what an array, a document or a text holds.
    fn of_words(index: &IndexModel, used: &UseModel) -> Option<Self> {
        let served = used.filters.iter().filter(|(filter, _)| {
            matches!(filter.test, Test::Contains | Test::Words)
                && index.keys.iter().any(|(key, _)| names_column(key, &filter.column))
        });
        let share: f64 = served.map(|(_, share)| *share).reduce(|a, b| a * b)?;
        Some(Path {
            entries: share,
            fetched: share,
            descents: 3.0,
            is_covering: false,
            clustered: 0.0,
            pages: index.pages,
            is_sorted: false,
        })
    }

    /// The cost of one of so many lookups, of which each gives `1 / lookups` of the fetched rows of
    /// all together when columns are bound.
    pub fn cost(&self, table: &TableModel, lookups: f64) -> f64 {
        let rows = (table.rows * self.fetched).max(0.1);
        let entries = (table.rows * self.entries).max(0.1);
        let leaves = (self.pages * self.entries).max(self.descents.min(self.pages));
        // The inner pages of an index stay in memory.
        let descent = self.descents * ((table.rows + 2.0).log2() * COMPARISON + 150.0 * COMPARISON);
        let is_repeated = lookups > 2.0;
        let leaf_price = match is_repeated {
            // Leaves are shared by lookups: no more are read than there are.
            true => RANDOM_PAGE * ((self.pages / (leaves * lookups)).min(1.0)),
            false => RANDOM_PAGE,
        };
        let pages = fetched_pages(rows * lookups, table.pages) / lookups;
        let heap = if self.is_covering {
            pages * NOT_VISIBLE * RANDOM_PAGE
        } else {
            // Pages in order of a bitmap are cheaper, the more of the table they are.
            let part = (pages * lookups / table.pages).min(1.0);
            let price = RANDOM_PAGE - (RANDOM_PAGE - 1.0) * part.sqrt();
            let scattered = pages * price;
            let in_order = (table.pages * self.fetched).max(1.0) + RANDOM_PAGE - 1.0;
            scattered + self.clustered * (in_order.min(scattered) - scattered)
        };
        descent + leaves * leaf_price + entries * (ENTRY + COMPARISON) + heap + rows * ROW
    }

    /// The cost until `wanted` rows of all that pass are found, reading in the index's order.
    pub fn cost_of_first(&self, table: &TableModel, used: &UseModel, wanted: f64) -> f64 {
        let passing = (used.share / self.fetched.max(f64::MIN_POSITIVE)).clamp(0.0, 1.0);
        let all = (table.rows * self.fetched).max(1.0);
        // Rows that pass may stand together at the far end: a guess is not trusted to the letter.
        let doubt = if passing < 0.999 { DOUBT } else { 1.0 };
        let part = (doubt * wanted / (all * passing).max(1.0)).min(1.0);
        let rows = all * part;
        let whole = self.cost(table, 1.0);
        let scattered = rows * (if self.is_covering { NOT_VISIBLE } else { 1.0 }) * RANDOM_PAGE;
        (RANDOM_PAGE + scattered + rows * (ROW + ENTRY)).min(whole.max(scattered))
    }
}

/// Pages of a table that so many rows at any place stand on (Mackert and Lohman).
fn fetched_pages(rows: f64, pages: f64) -> f64 {
    (2.0 * pages * rows / (2.0 * pages + rows)).clamp(0.1, pages)
}

/// Whether a filter is what a partial index has as its condition.
fn implies(filter: &Filter, predicate: &str) -> bool {
    condition_of(filter).is_some_and(|condition| same_text(&condition, predicate))
}

/// The condition of a partial index that a filter asks for.
pub fn condition_of(filter: &Filter) -> Option<String> {
    let column = ident_of(&filter.column);
    (filter.within == Within::Bare).then_some(())?;
    match filter.test {
        Test::IsNull => Some(format!("{column} IS NULL")),
        Test::NotNull => Some(format!("{column} IS NOT NULL")),
        Test::IsTrue => Some(column),
        Test::IsFalse => Some(format!("NOT {column}")),
        _ => None,
    }
}

fn ident_of(column: &str) -> String {
    crate::judge::advice::ident::column(column)
}

fn same_text(a: &str, b: &str) -> bool {
    let plain = |text: &str| -> String {
        text.chars()
            .filter(|letter| !letter.is_whitespace() && !matches!(letter, '(' | ')' | '"'))
            .flat_map(char::to_lowercase)
            .collect()
    };
    plain(a) == plain(b)
}

/// Whether a filter tests a key of an index: a column, or the same expression.
fn is_of(filter: &Filter, key: &str) -> bool {
    match &filter.within {
        Within::Bare => filter.column.eq_ignore_ascii_case(key) || is_part_of(key, &filter.column),
        Within::Expression(text) => same_text(text, key),
        Within::Other => false,
    }
}

/// A key with an operator class: `name text_pattern_ops`.
fn is_part_of(key: &str, column: &str) -> bool {
    key.split_once(' ').is_some_and(|(name, _)| name.eq_ignore_ascii_case(column))
}

fn names_column(key: &str, column: &str) -> bool {
    key.split([' ', '(', ')']).any(|word| word.eq_ignore_ascii_case(column))
}

/// Whether an index gives rows in the order of a use, behind its keys that are tested for equality.
fn sorts(index: &IndexModel, used: &UseModel, equal_keys: usize) -> bool {
    if used.order.is_empty() {
        return false;
    }
    let is_fixed = |column: &str| {
        used.filters.iter().any(|(filter, _)| {
            filter.within == Within::Bare
                && filter.test == Test::Equal
                && filter.column.eq_ignore_ascii_case(column)
        })
    };
    let wanted: Vec<_> = used.order.iter().filter(|(column, _)| !is_fixed(column)).collect();
    let keys = index.keys.get(equal_keys..).unwrap_or_default();
    let matches = |turned: bool| {
        wanted.len() <= keys.len()
            && wanted.iter().zip(keys).all(|((column, falls), (key, key_falls))| {
                key.eq_ignore_ascii_case(column) && (falls == key_falls) != turned
            })
    };
    !wanted.is_empty() && (matches(false) || matches(true))
}
