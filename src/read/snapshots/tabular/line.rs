//! SQLite's `line` mode: `  name = value`, names right-aligned, records set apart by an empty line.

use super::lines::{Line, Lines};
use super::rows::{Rows, empty_or_worded_nulls, nothing};
use super::{ResultSet, ShapeMeta, TextShape};

/// Records are not longer than this many lines before their names are known.
const NAMES_MAX: usize = 2048;

/// Records of names and values.
pub struct NameValueLines;

impl TextShape for NameValueLines {
    fn meta(&self) -> &'static ShapeMeta {
        &ShapeMeta {
            name: "line",
            title: "records of names and values: line of sqlite3",
            words: &[" = "],
            sample: "   id = 1\n name = a\n\n   id = 2\n name = b\n",
        }
    }

    fn find(&self, text: &str) -> Option<usize> {
        let mut lines = Lines::from(text, 0);
        while let Some(line) = lines.next() {
            // Names are right-aligned, at least one of them behind blanks; settings are not.
            let Some(place) = sign(line.text) else { continue };
            if lines.peek().is_some_and(|below| begins(text, line, below, place)) {
                return Some(line.start);
            }
        }
        None
    }

    fn read(&self, text: &str) -> ResultSet {
        let first = Lines::from(text, 0).next();
        let Some(place) = first.and_then(|line| sign(line.text)) else { return nothing(1) };
        let columns = columns(text, 0, place);
        let mut rows = Rows::new(text, self.meta().name, columns.clone());
        let mut end = 0;
        let (mut start, mut values) = (0, Vec::<String>::new());
        let mut lines = Lines::from(text, 0);
        while let Some(line) = lines.next() {
            let turn = columns.get(values.len());
            let named = field(line.text, place)
                .filter(|(name, _)| turn.is_some_and(|turn| &**turn == *name));
            let is_whole = values.len() == columns.len();
            if let Some((_, value)) = named {
                values.push(value.to_owned());
            } else if is_whole && line.is_blank() {
                rows.push(start, cells(&mut values));
                let next = lines.peek();
                let goes_on = next.and_then(|next| field(next.text, place));
                if goes_on
                    .is_none_or(|(name, _)| columns.first().is_none_or(|first| &**first != name))
                {
                    end = line.next;
                    break;
                }
                start = line.next;
            } else if is_whole && begins_another(text, line, &lines) {
                break;
            } else if let Some(value) = values.last_mut() {
                value.push('\n');
                value.push_str(line.text);
            } else {
                break;
            }
            end = line.next;
        }
        if !values.is_empty() {
            rows.push(start, cells(&mut values));
        }
        let mut set = rows.finish(end);
        empty_or_worded_nulls(&mut set);
        set
    }
}

/// Whether a record begins with two lines whose signs stand at a place.
fn begins(text: &str, line: Line<'_>, below: Line<'_>, place: usize) -> bool {
    let Some(((first, _), (second, _))) = field(line.text, place).zip(field(below.text, place))
    else {
        return false;
    };
    first != second && has_longest(text, line, place)
}

/// Whether a line behind a whole record begins one of another table: nothing stands between them.
fn begins_another(text: &str, line: Line<'_>, lines: &Lines<'_>) -> bool {
    let below = sign(line.text).zip(lines.peek());
    below.is_some_and(|(place, below)| begins(text, line, below, place))
}

/// Names take at least so many places.
const SHORT: usize = 5;

fn cells(values: &mut Vec<String>) -> Vec<Option<Box<str>>> {
    values.drain(..).map(|value| Some(value.into())).collect()
}

/// Where the sign stands in the first line of a record.
fn sign(line: &str) -> Option<usize> {
    let place = line.find(" = ").or_else(|| line.strip_suffix(" =").map(str::len))?;
    (SHORT..=128).contains(&place).then_some(place)
}

/// The name and the value of a line that begins a value.
fn field(line: &str, place: usize) -> Option<(&str, &str)> {
    let (name, value) = (line.get(..place)?, line.get(place..)?.strip_prefix(" =")?);
    let value = if value.is_empty() { value } else { value.strip_prefix(' ')? };
    let name = name.trim_start_matches(' ');
    let is_name = name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_alphanumeric() || "_$.()*".contains(c));
    is_name.then_some((name, value))
}

/// The names of the first record: up to an empty line behind which they begin again, or to the end.
fn columns(text: &str, at: usize, place: usize) -> Vec<Box<str>> {
    let mut names: Vec<Box<str>> = Vec::new();
    let mut known = std::collections::BTreeSet::new();
    for line in Lines::from(text, at).take(NAMES_MAX) {
        let Some((name, _)) = field(line.text, place) else { continue };
        if names.first().is_some_and(|first| &**first == name) {
            break;
        }
        if known.insert(name) {
            names.push(name.into());
        }
    }
    names
}

/// Whether the longest name of the record that begins with a line has no blanks before it, and gives
/// others theirs.
fn has_longest(text: &str, line: Line<'_>, place: usize) -> bool {
    let record = Lines::from(text, line.start).take(64).take_while(|line| !line.is_blank());
    let names = record.filter_map(|line| field(line.text, place)).map(|(name, _)| name.len());
    let (shortest, longest) = names
        .fold((usize::MAX, 0), |(shortest, longest), size| (size.min(shortest), size.max(longest)));
    (shortest < longest && longest == place) || (longest <= place && place == SHORT)
}
