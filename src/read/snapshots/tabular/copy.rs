//! Blocks of `COPY name (columns) FROM stdin;` up to `\.`: pg_gather, and scripts that write the same.
//! Dumps of databases hold such blocks, too; those are left out by the caller.

use super::escapes::unescaped;
use super::lines::{Line, LineNumbers, Lines};
use super::rows::{Rows, nothing};
use super::{ResultSet, ShapeMeta, TextShape};

/// Blocks of rows for COPY.
pub struct CopyBlock;

impl TextShape for CopyBlock {
    fn meta(&self) -> &'static ShapeMeta {
        &ShapeMeta {
            name: "copy-block",
            title: "COPY … FROM stdin blocks: pg_gather",
            words: &["COPY "],
            sample: "COPY pg_t (id, name) FROM stdin;\n1\ta\n\\.\n",
        }
    }

    fn find(&self, text: &str) -> Option<usize> {
        Lines::from(text, 0).find(|line| columns(line).is_some()).map(|line| line.start)
    }

    fn read(&self, text: &str) -> ResultSet {
        let mut lines = Lines::from(text, 0);
        let head = lines.next().and_then(|line| Some((line, columns(&line)?)));
        let Some((head, columns)) = head else { return nothing(1) };
        let mut rows = Rows::new(text, self.meta().name, columns);
        rows.set_title(head.text.trim_end().trim_end_matches(';'));
        let mut end = head.next;
        for line in lines {
            if line.text == "\\." {
                end = line.next;
                break;
            }
            // A block whose end is missing ends where the next one begins.
            if columns_begin(line.text) {
                break;
            }
            rows.push(line.start, cells(line.text));
            end = line.next;
        }
        rows.finish(end)
    }
}

/// All blocks of a text, in their order; what stands between them is passed over.
pub fn blocks(text: &str) -> Vec<ResultSet> {
    let mut blocks = Vec::new();
    let mut numbers = LineNumbers::new(text);
    let mut behind = 0;
    while let Some(rest) = text.get(behind..).filter(|rest| !rest.is_empty()) {
        let Some(begins) = CopyBlock.find(rest) else { break };
        let start = behind + begins;
        let mut set = CopyBlock.read(text.get(start..).unwrap_or_default());
        let before = numbers.of(start).saturating_sub(1);
        set.rows.iter_mut().for_each(|row| row.line += before);
        set.first_dropped = set.first_dropped.map(|line| line + before);
        (set.start, set.end) = (start, start + set.end.max(1));
        behind = set.end;
        blocks.push(set);
    }
    blocks
}

/// The cells of a line as COPY writes it.
pub fn cells(line: &str) -> Vec<Option<Box<str>>> {
    let cell = |cell: &str| (cell != "\\N").then(|| unescaped(cell).into());
    line.split('\t').map(cell).collect()
}

fn columns_begin(line: &str) -> bool {
    line.starts_with("COPY ") && line.trim_end().ends_with("FROM stdin;")
}

/// The columns that a line names before rows; empty if it names none.
fn columns(line: &Line<'_>) -> Option<Vec<Box<str>>> {
    if !columns_begin(line.text) {
        return None;
    }
    let Some((_, list)) = line.text.split_once('(') else { return Some(Vec::new()) };
    let (list, _) = list.rsplit_once(')')?;
    Some(
        list.split(',')
            .map(|name| name.trim().trim_matches('"').replace("\"\"", "\"").into())
            .collect(),
    )
}
