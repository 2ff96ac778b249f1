//! The sections of an output, and its lines without the statements that it quotes.

use crate::read::logs::mysql::error_log::quoted::Quoted;
use memchr::memchr;

/// What a section is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Topic {
    /// Waits of threads for each other.
    Semaphores,
    /// The latest deadlock.
    Deadlock,
    /// Open transactions, and what waits to be purged.
    Transactions,
    /// Reads and writes, and those that wait.
    FileIo,
    /// The change buffer and the adaptive hash index.
    ChangeBuffer,
    /// The redo log.
    Log,
    /// All buffer pools together.
    BufferPool,
    /// Rows, and threads inside.
    Rows,
    /// Any other: each buffer pool alone, the latest broken foreign key (whose rows are data).
    Other,
}

/// Titles in every generation.
const TITLES: [(&[u8], Topic); 12] = [
    (b"SEMAPHORES", Topic::Semaphores),
    (b"LATEST DETECTED DEADLOCK", Topic::Deadlock),
    (b"LATEST FOREIGN KEY ERROR", Topic::Other),
    (b"TRANSACTIONS", Topic::Transactions),
    (b"FILE I/O", Topic::FileIo),
    (b"INSERT BUFFER AND ADAPTIVE HASH INDEX", Topic::ChangeBuffer),
    (b"INSERT BUFFER", Topic::ChangeBuffer),
    (b"LOG", Topic::Log),
    (b"BUFFER POOL AND MEMORY", Topic::BufferPool),
    (b"INDIVIDUAL BUFFER POOL INFO", Topic::Other),
    (b"ROW OPERATIONS", Topic::Rows),
    (b"BACKGROUND THREAD", Topic::Other),
];

/// A section.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Section<'t> {
    /// What it is about.
    pub topic: Topic,
    /// Its lines, without the title.
    pub body: &'t [u8],
    /// The first of these in the output, from 0.
    pub line: u32,
}

/// The sections of an output, in their order.
pub fn sections(text: &[u8]) -> Vec<Section<'_>> {
    let mut sections: Vec<Section<'_>> = Vec::new();
    let mut open: Option<(Topic, usize, u32)> = None;
    let (mut is_under_rule, mut above) = (false, 0);
    let mut lines = Lines::new(text).peekable();
    while let Some(line) = lines.next() {
        let topic = TITLES.iter().find(|(title, _)| *title == line.text).map(|(_, topic)| *topic);
        let is_title = is_under_rule
            && (topic.is_some() || is_capital(line.text))
            && lines.peek().is_some_and(|next| is_rule(next.text));
        if is_title {
            close(open.take(), text, above, &mut sections);
            if let Some(rule) = lines.next() {
                open = Some((topic.unwrap_or(Topic::Other), rule.behind, rule.number + 1));
            }
            is_under_rule = false;
            continue;
        }
        is_under_rule = is_rule(line.text);
        above = line.start;
    }
    close(open, text, text.len(), &mut sections);
    sections
}

fn close<'t>(
    open: Option<(Topic, usize, u32)>,
    text: &'t [u8],
    end: usize,
    sections: &mut Vec<Section<'t>>,
) {
    if let Some((topic, start, line)) = open {
        sections.push(Section { topic, body: text.get(start..end).unwrap_or_default(), line });
    }
}

fn is_rule(line: &[u8]) -> bool {
    line.len() >= 3 && line.iter().all(|b| *b == b'-')
}

/// Whether a line is all capitals, as titles are: of sections that other versions have.
fn is_capital(line: &[u8]) -> bool {
    line.first().is_some_and(u8::is_ascii_uppercase) && !line.iter().any(u8::is_ascii_lowercase)
}

/// A line of an output that stands in nothing quoted.
#[derive(Clone, Copy, Debug)]
pub struct Line<'t> {
    /// Without blanks at the end.
    pub text: &'t [u8],
    /// Where it begins.
    pub start: usize,
    /// Where the next one begins.
    pub behind: usize,
    /// Its number, from 0.
    pub number: u32,
}

/// Lines, without those that stand inside a literal of a quoted statement.
pub struct Lines<'t> {
    text: &'t [u8],
    at: usize,
    number: u32,
    quoted: Option<Quoted>,
}

impl<'t> Lines<'t> {
    /// Those of a text that begins with a line.
    pub fn new(text: &'t [u8]) -> Self {
        Lines { text, at: 0, number: 0, quoted: None }
    }
}

impl<'t> Iterator for Lines<'t> {
    type Item = Line<'t>;

    fn next(&mut self) -> Option<Line<'t>> {
        loop {
            let (start, number) = (self.at, self.number);
            let rest = self.text.get(start..).filter(|rest| !rest.is_empty())?;
            let size = memchr(b'\n', rest).unwrap_or(rest.len());
            let text = rest.get(..size)?.trim_ascii_end();
            self.at = start + size + 1;
            self.number = number.saturating_add(1);
            if self.quoted.as_mut().is_some_and(|quoted| quoted.covers(self.text, start)) {
                continue;
            }
            self.quoted = Quoted::description(text, start).or(self.quoted);
            return Some(Line { text, start, behind: self.at, number });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_told_from_statements_that_quote_them() {
        let text = "x\n---\nLOG\n---\nLog flushed up to 5\n------------\nTRANSACTIONS\n------------\nMySQL thread id 4, OS thread handle 1, query id 2 localhost app updating\nselect '\n---\nLOG\n---\nLog sequence number 7', 1\n--------\nNEW THING\n--------\nb\n---\n";
        let told: Vec<_> = sections(text.as_bytes())
            .into_iter()
            .map(|s| (s.topic, s.line, String::from_utf8_lossy(s.body).lines().count()))
            .collect();
        let expected = [(Topic::Log, 4, 1), (Topic::Transactions, 8, 6), (Topic::Other, 17, 2)];
        assert_eq!(told, expected);
    }
}
