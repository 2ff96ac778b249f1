//! Guesses a format from heads that look alike.
//!
//! In: the tokens of heads with the same looks, so that their columns stand below each other. Out: the
//! texts of the `log_line_prefix` settings they may have come from. Which one is right is decided by
//! laying them over all heads (`infer`).

use super::fields::{is_backend_type, is_command_tag, without_port};
use super::grammar::Escape;
use super::tokens::{Kind, Token};

/// The order in which people write user, database and application without naming them.
const WORD_ORDERS: [&str; 2] = ["uda", "aud"];

/// The parts of a group's heads that stand at the same place.
struct Column<'a> {
    kind: Kind,
    values: Vec<&'a [u8]>,
}

impl Column<'_> {
    fn all(&self, test: impl Fn(&[u8]) -> bool) -> bool {
        self.values.iter().all(|value| test(value))
    }

    fn is_literal(&self, text: &[u8]) -> bool {
        self.kind == Kind::Literal && self.all(|value| value == text)
    }

    fn constant(&self) -> Option<String> {
        let first = self.values.first()?;
        let text = String::from_utf8(first.to_vec()).ok()?;
        self.all(|value| value == *first).then(|| text.replace('%', "%%"))
    }
}

/// What a column became.
enum Part {
    Literal(String),
    Escape(char),
    /// A word whose meaning depends on what else the prefix holds.
    Open,
}

/// What heads have to share to be one group: the kinds of their tokens and the separators.
pub(super) fn looks(tokens: &[Token<'_>]) -> Vec<u8> {
    let mut key = Vec::new();
    for token in tokens {
        // Control characters cannot stand in a head's separators.
        match token.kind {
            Kind::Literal => key.extend_from_slice(token.text),
            Kind::Keyed(_) => key.push(1),
            Kind::Stamp { fraction, iso } => key.extend([2, u8::from(fraction), u8::from(iso)]),
            Kind::Epoch => key.push(3),
            Kind::Session => key.push(4),
            Kind::VirtualXid => key.push(5),
            Kind::State => key.push(6),
            Kind::Number => key.push(7),
            Kind::Address => key.push(8),
            Kind::Word => key.push(11),
        }
    }
    key
}

/// Joins words with a blank between them into one: an application name may hold blanks. What follows
/// `@` is a database and stays alone.
pub(super) fn join_words<'a>(head: &'a [u8], tokens: &[Token<'a>]) -> Vec<Token<'a>> {
    let mut joined: Vec<Token<'a>> = Vec::with_capacity(tokens.len());
    let mut pos = 0;
    for token in tokens {
        let end = pos + token.text.len();
        if let [.., before, run, blank] = joined.as_slice() {
            let words = run.kind == Kind::Word && token.kind == Kind::Word;
            if words && blank.text == b" " && before.text != b"@" {
                let from = pos - 1 - run.text.len();
                let text = head.get(from..end).unwrap_or_default();
                joined.truncate(joined.len() - 2);
                joined.push(Token { kind: Kind::Word, text });
                pos = end;
                continue;
            }
        }
        joined.push(*token);
        pos = end;
    }
    joined
}

/// The settings that heads with the same looks may have come from: as they stand, and with `%q`.
pub(super) fn guesses(heads: &[Vec<Token<'_>>]) -> Vec<String> {
    let Some(first) = heads.first() else {
        return Vec::new();
    };
    let columns: Vec<Column<'_>> = first
        .iter()
        .enumerate()
        .map(|(at, token)| Column {
            kind: token.kind,
            values: heads.iter().filter_map(|head| Some(head.get(at)?.text)).collect(),
        })
        .collect();
    let mut texts = Vec::new();
    for order in WORD_ORDERS {
        let guess = Guess { columns: &columns, used: String::new(), order };
        if let Some(parts) = guess.parts() {
            texts.push(parts.iter().map(part_text).collect());
            texts.extend(with_stop(&parts));
        }
    }
    texts
}

fn part_text(part: &Part) -> String {
    match part {
        Part::Literal(text) => text.clone(),
        Part::Escape(letter) => format!("%{letter}"),
        Part::Open => String::new(),
    }
}

/// The setting with `%q` before the first value that only sessions have, behind the last blank.
fn with_stop(parts: &[Part]) -> Option<String> {
    let session = |part: &Part| matches!(part, Part::Escape('u' | 'd' | 'a' | 'r' | 'h' | 'i'));
    let first = parts.iter().position(session).filter(|first| *first > 0)?;
    let (before, after) = parts.split_at(first);
    let mut text: String = before.iter().map(part_text).collect();
    let trailing = before.last().map(part_text).unwrap_or_default();
    let at = text.len() - trailing.rfind(' ').map_or(0, |blank| trailing.len() - blank - 1);
    text.insert_str(at, "%q");
    text.extend(after.iter().map(part_text));
    Some(text)
}

/// The guess in the making.
struct Guess<'c, 'a> {
    columns: &'c [Column<'a>],
    /// Letters given so far.
    used: String,
    /// Letters of words that nothing else explains, in the order they are given.
    order: &'static str,
}

impl Guess<'_, '_> {
    fn parts(mut self) -> Option<Vec<Part>> {
        let mut parts = Vec::with_capacity(self.columns.len());
        for (at, column) in self.columns.iter().enumerate() {
            let part = match column.kind {
                Kind::Literal => Part::Literal(column.constant()?),
                Kind::Stamp { fraction, iso } => self.stamp(at, fraction, iso),
                Kind::Epoch => Part::Escape('n'),
                Kind::Session => Part::Escape('c'),
                Kind::VirtualXid => Part::Escape('v'),
                Kind::State => Part::Escape('e'),
                Kind::Number => self.number(at),
                Kind::Address => Part::Escape(host_letter(column)),
                Kind::Keyed(Escape::RemoteHost) => Part::Escape(host_letter(column)),
                Kind::Keyed(escape) => Part::Escape(escape.letter()),
                Kind::Word => self.word(at),
            };
            if let Part::Escape(letter) = part {
                self.used.push(letter);
            }
            parts.push(part);
        }
        self.settle_open(&mut parts)?;
        Some(parts)
    }

    /// Gives letters to words that nothing else explains. Where there are more of them than letters,
    /// those that never change are text.
    fn settle_open(&self, parts: &mut [Part]) -> Option<()> {
        let mut free = Vec::from_iter(self.order.chars().filter(|c| !self.used.contains(*c)));
        let mut open = parts.iter().filter(|part| matches!(part, Part::Open)).count();
        for (at, (part, column)) in parts.iter_mut().zip(self.columns).enumerate() {
            if !matches!(part, Part::Open) {
                continue;
            }
            let text = self.is_text(at);
            *part = match column.constant() {
                Some(constant) if text || open > free.len() => Part::Literal(constant),
                _ if text || free.is_empty() => return None,
                _ => Part::Escape(free.remove(0)),
            };
            open -= 1;
        }
        Some(())
    }

    /// Whether a word is more likely text of the setting than a value: the program that syslog names
    /// (`postgres[`), a name before `=` and its value if that never changes, or a title before
    /// everything else.
    fn is_text(&self, at: usize) -> bool {
        let near = |at: Option<usize>| at.and_then(|at| self.columns.get(at));
        let next = near(Some(at + 1)).filter(|column| column.kind == Kind::Literal);
        let before = near(at.checked_sub(1)).filter(|column| column.kind == Kind::Literal);
        let fixed = near(Some(at))
            .is_some_and(|column| column.values.len() > 2 && column.constant().is_some());
        let stamp = |column: &Column<'_>| matches!(column.kind, Kind::Stamp { .. } | Kind::Epoch);
        let titles = self.columns.iter().position(stamp).is_some_and(|stamp| at < stamp);
        next.is_some_and(|next| next.all(|text| matches!(text.first(), Some(b'[' | b'='))))
            || (fixed && before.is_some_and(|before| before.all(|text| text.ends_with(b"="))))
            || (fixed && titles)
    }

    /// The first stamp is the record's; a second one the start of the session, unless the first is
    /// of another form, which a log shipper put before the line.
    fn stamp(&self, at: usize, fraction: bool, iso: bool) -> Part {
        let shipped = |column: &Column<'_>| matches!(column.kind, Kind::Stamp { iso: true, .. });
        let own = |column: &&Column<'_>| matches!(column.kind, Kind::Stamp { iso: false, .. });
        let before = self.columns.get(..at).unwrap_or_default();
        let timed = before.iter().any(|column| own(&column) || column.kind == Kind::Epoch);
        let letter = match (timed && !iso && !before.iter().any(shipped), fraction) {
            (true, _) => 's',
            (false, true) => 'm',
            (false, false) => 't',
        };
        Part::Escape(letter)
    }

    fn number(&self, at: usize) -> Part {
        let column = self.columns.get(at);
        let Some(column) = column else {
            return Part::Open;
        };
        let second = |back: usize| at.checked_sub(back).and_then(|at| self.columns.get(at));
        let next = |ahead: usize| self.columns.get(at + ahead);
        // `[247-1]`: the 1 is text, the number before it the line number, unless it is all there is.
        let after_dash = second(1).is_some_and(|column| column.is_literal(b"-"))
            && second(2).is_some_and(|column| column.kind == Kind::Number);
        if after_dash {
            return match column.constant() {
                Some(text) if self.used.ends_with('l') => Part::Literal(text),
                _ => Part::Escape('l'),
            };
        }
        let before_dash = next(1).is_some_and(|column| column.is_literal(b"-"))
            && next(2).is_some_and(|column| column.kind == Kind::Number);
        let before_one = before_dash && next(2).is_some_and(|column| column.all(|v| v == b"1"));
        let later = self.columns.get(at + 3..).unwrap_or_default();
        let pid_elsewhere =
            self.used.contains('p') || later.iter().any(|column| column.kind == Kind::Number);
        if before_one && pid_elsewhere {
            return Part::Escape('l');
        }
        let zero = column.all(|value| value == b"0");
        if !self.used.contains('p') && !zero && self.may_be_pid(at) {
            return Part::Escape('p');
        }
        let wide = column.values.iter().any(|value| value.len() > 10);
        let letter = if wide { 'Q' } else { 'x' };
        Part::Escape(if zero || wide || self.used.contains('l') {
            letter
        } else {
            self.counter(at)
        })
    }

    /// A process id stands in brackets, unless no number does (a date of syslog may come first).
    fn may_be_pid(&self, at: usize) -> bool {
        let bracketed = |at: usize| {
            let before = at.checked_sub(1).and_then(|at| self.columns.get(at));
            before.is_some_and(|column| column.all(|v| v.ends_with(b"[") || v.ends_with(b"(")))
        };
        let number =
            |at: &usize| self.columns.get(*at).is_some_and(|column| column.kind == Kind::Number);
        bracketed(at) || !(at + 1..self.columns.len()).any(|at| number(&at) && bracketed(at))
    }

    /// A number beside the process id: the line number if it grows within each process.
    fn counter(&self, at: usize) -> char {
        let holds_pid =
            |column: &&Column<'_>| matches!(column.kind, Kind::Keyed(Escape::Pid) | Kind::Number);
        let (Some(pids), Some(numbers)) =
            (self.columns.iter().find(holds_pid), self.columns.get(at))
        else {
            return 'x';
        };
        let value = |text: &&[u8]| std::str::from_utf8(text).ok()?.parse::<u64>().ok();
        let mut pairs: Vec<(&[u8], usize, Option<u64>)> = pids
            .values
            .iter()
            .zip(&numbers.values)
            .enumerate()
            .map(|(row, (pid, number))| (*pid, row, value(number)))
            .collect();
        pairs.sort_unstable();
        let of_one_pid =
            |pair: &&[(&[u8], usize, Option<u64>)]| matches!(pair, [(a, ..), (b, ..)] if a == b);
        let mut steps = pairs.windows(2).filter(of_one_pid).peekable();
        let grows = steps.peek().is_some()
            && steps.all(|pair| matches!(pair, [(_, _, a), (_, _, b)] if a < b));
        if grows { 'l' } else { 'x' }
    }

    fn word(&self, at: usize) -> Part {
        let Some(column) = self.columns.get(at) else {
            return Part::Open;
        };
        let at_sign = |at: Option<usize>| {
            at.and_then(|at| self.columns.get(at)).is_some_and(|column| column.is_literal(b"@"))
        };
        if at_sign(Some(at + 1)) && !self.used.contains('u') {
            return Part::Escape('u');
        }
        if at_sign(at.checked_sub(1)) && self.used.ends_with('u') {
            return Part::Escape('d');
        }
        if column.all(is_backend_type) {
            return Part::Escape('b');
        }
        if column.all(is_command_tag) {
            return Part::Escape('i');
        }
        Part::Open
    }
}

fn host_letter(column: &Column<'_>) -> char {
    if column.values.iter().any(|value| without_port(value) != *value) { 'r' } else { 'h' }
}
