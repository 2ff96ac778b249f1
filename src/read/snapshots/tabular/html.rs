//! HTML tables of clients: `mysql -H`, psql's `html` format, SQLite's `html` mode. Whole pages are
//! reports that people read, not output of clients.

use super::lines::{Lines, work};
use super::rows::{Rows, empty_or_worded_nulls, nothing, worded_nulls};
use super::{ResultSet, ShapeMeta, TextShape};
use crate::read::plans::tree::xml::unescaped;
use memchr::memmem;

/// Where a page says that it is one; in bytes.
const PAGE_HEAD: usize = 4096;

/// Results as HTML.
pub struct Html;

impl TextShape for Html {
    fn meta(&self) -> &'static ShapeMeta {
        &ShapeMeta {
            name: "html",
            title: "an HTML table: mysql -H, html of psql and sqlite3",
            words: &["<TH>", "<th "],
            sample: "<TR><TH>id</TH>\n<TH>name</TH>\n</TR>\n<TR><TD>1</TD>\n<TD>a</TD>\n</TR>\n",
        }
    }

    fn find(&self, text: &str) -> Option<usize> {
        // Pages say what they are at their beginning.
        let head = text.as_bytes().get(..text.len().min(PAGE_HEAD)).unwrap_or_default();
        let tags = ["<html", "<HTML", "<body"];
        let is_page = tags.iter().any(|tag| memmem::find(head, tag.as_bytes()).is_some());
        let begins = |line: &str| {
            line.starts_with("<TABLE") || line.starts_with("<table") || line.starts_with("<TR><TH>")
        };
        let mut lines = Lines::from(text, 0).filter(|_| !is_page);
        lines.find(|line| begins(line.text)).map(|line| line.start)
    }

    fn read(&self, text: &str) -> ResultSet {
        let is_mysql = text.starts_with("<TABLE BORDER=1>");
        let mut tags = Tags { text, at: 0 };
        let mut rows: Option<Rows<'_>> = None;
        let mut row: Option<OpenRow> = None;
        let mut cell_start = None;
        let (mut end, mut is_open) = (0, false);
        for tag in tags.by_ref() {
            // Without a frame around the whole, the table ends where something else stands.
            if !is_open
                && row.is_none()
                && tag.start > end
                && rows.is_some()
                && !is_blank(text, end, tag.start)
            {
                break;
            }
            match tag.name.to_ascii_lowercase().as_str() {
                "table" if rows.is_some() => break,
                "table" => is_open = true,
                "/table" => {
                    end = tag.end;
                    break;
                }
                "tr" => row = Some((tag.start, false, Vec::new())),
                "th" | "td" => {
                    if let Some((_, is_header, _)) = &mut row {
                        *is_header |= tag.name.eq_ignore_ascii_case("th");
                    }
                    cell_start = Some(tag.end);
                }
                "/th" | "/td" => {
                    let from = cell_start.take().unwrap_or(tag.start);
                    if let Some((_, _, cells)) = &mut row {
                        cells.push(Some(cell(text.get(from..tag.start).unwrap_or_default())));
                    }
                }
                "/tr" => {
                    let Some((start, is_header, cells)) = row.take() else { continue };
                    // Names below rows are those of another table.
                    if is_header && rows.is_some() {
                        break;
                    }
                    end = tag.end;
                    match &mut rows {
                        Some(rows) => rows.push(start, cells),
                        None if is_header => {
                            let names = cells.into_iter().flatten().collect();
                            rows = Some(Rows::new(text, self.meta().name, names));
                        }
                        None => break,
                    }
                }
                _ => {}
            }
        }
        let end = if is_open && end == 0 { tags.at } else { end };
        let Some(rows) = rows else { return nothing(end.max(tags.at)) };
        let mut set = rows.finish(end);
        match is_mysql {
            true => worded_nulls(&mut set),
            false => empty_or_worded_nulls(&mut set),
        }
        set
    }
}

fn is_blank(text: &str, from: usize, to: usize) -> bool {
    text.get(from..to).is_some_and(|between| between.trim().is_empty())
}

/// What a cell says: psql writes a blank that cannot be broken where there is nothing.
fn cell(inside: &str) -> Box<str> {
    let text = inside.replace("<br />\r\n", "\n").replace("<br />\n", "\n").replace("<br />", "\n");
    let text = text.strip_prefix("&nbsp;").map_or(text.as_str(), str::trim_start);
    unescaped(text).into()
}

/// A row that is not closed: where it begins, whether it is a header, and its cells.
type OpenRow = (usize, bool, Vec<Option<Box<str>>>);

struct Tag<'t> {
    name: &'t str,
    start: usize,
    end: usize,
}

/// Walks over tags.
struct Tags<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Iterator for Tags<'t> {
    type Item = Tag<'t>;

    fn next(&mut self) -> Option<Tag<'t>> {
        let rest = self.text.get(self.at..)?;
        let open = memchr::memchr(b'<', rest.as_bytes())?;
        let close = memchr::memchr(b'>', rest.as_bytes().get(open..)?)?;
        let (start, end) = (self.at + open, self.at + open + close + 1);
        let inside = self.text.get(start + 1..end - 1)?;
        let size = inside.find(|c: char| c.is_ascii_whitespace()).unwrap_or(inside.len());
        work::count(end - self.at);
        self.at = end;
        Some(Tag { name: inside.get(..size)?, start, end })
    }
}
