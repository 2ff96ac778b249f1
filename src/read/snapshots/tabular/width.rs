//! How many places of a terminal a letter takes, by the rules that different clients have: only with
//! the right one do the bars of a line stand below those of its header.

/// A client's way to count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Measure {
    /// As terminals do: wide letters and pictures two, marks upon letters none (psql).
    Cells,
    /// Wide letters two, all others one (the MySQL client, whose tables end at U+FFFF).
    WideLetters,
    /// Each letter one (SQLite).
    Letters,
    /// Each byte one (clients that know no character set).
    Bytes,
}

/// All of them, in the order to try.
pub const MEASURES: [Measure; 4] =
    [Measure::Cells, Measure::WideLetters, Measure::Letters, Measure::Bytes];

impl Measure {
    /// The places that a letter takes.
    pub fn of(self, letter: char) -> usize {
        match self {
            _ if letter.is_ascii() => 1,
            Measure::Cells if is_mark(letter) => 0,
            Measure::Cells if is_wide(letter) || is_picture(letter) => 2,
            Measure::WideLetters if is_wide(letter) => 2,
            Measure::Bytes => letter.len_utf8(),
            _ => 1,
        }
    }
}

/// The measures that can differ for a text.
pub fn measures_for(text: &str) -> &'static [Measure] {
    if text.is_ascii() { &[Measure::Letters] } else { &MEASURES }
}

/// The places that a text takes in a terminal.
pub fn cells(text: &str) -> usize {
    text.chars().map(|letter| Measure::Cells.of(letter)).sum()
}

fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{20d0}'..='\u{20ff}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

fn is_wide(letter: char) -> bool {
    matches!(letter, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{303e}' | '\u{3041}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}')
}

fn is_picture(letter: char) -> bool {
    matches!(letter, '\u{1f300}'..='\u{1f64f}' | '\u{1f900}'..='\u{1f9ff}' | '\u{20000}'..='\u{3fffd}')
}
